//! Interfaces that move, vanish and come back, and devices that start again.

use super::*;

#[tokio::test]
async fn an_interface_that_moved_is_found_again_and_has_no_rate_across_the_move() {
    let table = four_interfaces();
    let mut poller = poller(table.serve().await, &["ge-2"], None, PATIENT).await;
    answered(poller.poll(NOW).await);

    table.clear_interfaces();
    table.system(500_500);
    table.interface(12, "ge-9", 7_000_000);
    table.interface(77, "ge-2", 2_000_000);
    table.put(Column::OperStatus.of(77), Value::Integer(2));
    let (_, readings, missing) = answered(poller.poll(NOW).await);
    assert_eq!((readings.len(), missing.len()), (1, 0));
    assert_eq!((readings[0].oper, readings[0].in_bps), (IfStatus::Down, None));

    table.put(oids::sys_uptime(), Value::TimeTicks(501_500));
    let (_, readings, _) = answered(poller.poll(NOW).await);
    assert_eq!(readings[0].in_bps, Some(0.0), "from the new place there is a baseline again");
}

#[tokio::test]
async fn a_restart_with_the_same_names_gives_no_rate() {
    let table = four_interfaces();
    let mut poller = poller(table.serve().await, &["ge-1"], None, PATIENT).await;
    answered(poller.poll(NOW).await);
    table.system(300);
    table.interface(11, "ge-1", 50_000_000);
    let (_, readings, _) = answered(poller.poll(NOW).await);
    assert_eq!((readings.len(), readings[0].in_bps, readings[0].in_err), (1, None, None));
}

#[tokio::test]
async fn an_interface_that_is_not_there_is_missing_until_the_table_changes() {
    let table = four_interfaces();
    let mut poller = poller(table.serve().await, &["ge-1", "ge-5"], None, PATIENT).await;
    let (_, readings, missing) = answered(poller.poll(NOW).await);
    assert_eq!((readings.len(), missing.as_slice()), (1, ["ge-5".to_owned()].as_slice()));
    let second = poller.poll(NOW).await;
    assert_eq!(second.sent, 1, "no walk while nothing changed");

    table.interface(15, "ge-5", 0);
    table.put(oids::if_table_last_change(), Value::TimeTicks(500_100));
    let (_, readings, missing) = answered(poller.poll(NOW).await);
    assert_eq!((readings.len(), missing.len()), (2, 0));
}

#[tokio::test]
async fn an_agent_without_change_time_is_searched_again_now_and_then() {
    let table = four_interfaces();
    table.remove(&oids::if_table_last_change());
    let mut poller = poller(table.serve().await, &["ge-5"], None, PATIENT).await;
    assert_eq!(answered(poller.poll(NOW).await).2, ["ge-5"]);
    table.interface(15, "ge-5", 0);
    let mut polls = 1;
    while answered(poller.poll(NOW).await).1.is_empty() {
        polls += 1;
        assert!(polls < 20, "never looked again");
    }
    assert!(polls >= 9, "looked after {polls} polls already");
}

#[tokio::test]
async fn a_name_may_be_an_alias_or_a_description() {
    let table = four_interfaces();
    table.text(Column::Alias.of(12), "uplink Nà Hang");
    table.text(Column::Descr.of(13), "GigabitEthernet0/3");
    let names = ["uplink Nà Hang", "GigabitEthernet0/3", "ge-1"];
    let mut poller = poller(table.serve().await, &names, None, PATIENT).await;
    let (_, readings, missing) = answered(poller.poll(NOW).await);
    assert_eq!((readings.len(), missing.len()), (3, 0));
    // Found by the alias: when the alias goes, so does the interface, though ifName stays.
    table.text(Column::Alias.of(12), "other");
    let (_, readings, missing) = answered(poller.poll(NOW).await);
    assert_eq!((readings.len(), missing.as_slice()), (2, ["uplink Nà Hang".to_owned()].as_slice()));
}

#[tokio::test]
async fn a_large_table_is_read_no_further_than_needed() {
    let table = four_interfaces();
    for index in 100..1100 {
        table.interface(index, "filler", 0);
    }
    let mut poller = poller(table.serve().await, &["ge-4"], None, PATIENT).await;
    let report = poller.poll(NOW).await;
    assert_eq!(report.sent, 3, "system group, one piece of the walk, the interface");
    assert_eq!(answered(report).1.len(), 1);
}
