//! Devices that are hard to walk, and those that want to be walked all the time.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::*;

/// Counts the requests of one type.
fn counting(pdu_wanted: Pdu, count: &Arc<AtomicU32>) -> impl FnMut(&[u8]) -> bool + Send + 'static {
    let count = Arc::clone(count);
    move |request| {
        if pdu(request) == pdu_wanted {
            count.fetch_add(1, Ordering::Relaxed);
        }
        true
    }
}

#[tokio::test]
async fn an_agent_that_never_answers_getbulk_is_walked_by_getnext_and_that_is_remembered() {
    let table = four_interfaces();
    let bulks = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&bulks);
    let passes = move |request: &[u8]| {
        let bulk = pdu(request) == Pdu::GetBulk;
        seen.fetch_add(u32::from(bulk), Ordering::Relaxed);
        !bulk
    };
    let address = relay(table.serve().await, passes, |_| {}).await;
    let mut poller = poller(address, &["ge-3"], None, HASTY).await;
    let (_, readings, missing) = answered(poller.poll(NOW).await);
    assert_eq!((readings.len(), missing.len()), (1, 0));
    let tried = bulks.swap(0, Ordering::Relaxed);
    assert_eq!(tried, 4, "two steps, each asked once and once again");

    table.interface(16, "ge-3", 0);
    table.remove(&Column::Name.of(13));
    let (_, readings, _) = answered(poller.poll(NOW).await);
    assert_eq!((readings.len(), bulks.load(Ordering::Relaxed)), (1, 0), "found again without GETBULK");
}

#[tokio::test]
async fn large_answers_that_are_lost_on_the_way_are_asked_for_in_smaller_pieces() {
    let table = four_interfaces();
    (100..140).for_each(|index| table.interface(index, "an interface with a long name and no end", 0));
    let address = relay(
        table.serve().await,
        |_| true,
        |answer| {
            if answer.len() > 1200 {
                answer.clear();
            }
        },
    );
    let mut poller = poller(address.await, &["nowhere"], None, HASTY).await;
    let report = poller.poll(NOW).await;
    assert!(report.lost > 0, "the large ones are lost");
    assert_eq!(answered(report).2, ["nowhere"]);
    let again = poller.poll(NOW).await;
    assert_eq!(again.sent, 1, "the walk came to its end, so nothing is looked for again");
}

#[tokio::test]
async fn a_device_that_counts_its_changes_up_is_not_searched_at_every_poll() {
    let table = four_interfaces();
    let bulks = Arc::new(AtomicU32::new(0));
    let address = relay(table.serve().await, counting(Pdu::GetBulk, &bulks), |_| {}).await;
    let mut poller = poller(address, &["ge-3"], None, PATIENT).await;
    for change in 0..30 {
        table.put(oids::if_table_last_change(), Value::TimeTicks(change));
        let (_, readings, _) = answered(poller.poll(NOW).await);
        assert_eq!(readings.len(), 1, "it is asked by what is known meanwhile");
    }
    assert_eq!(bulks.load(Ordering::Relaxed), 5, "polls 0, 1, 3, 7 and 15");

    // What moves while no search may be made is not believed, and found by the next.
    table.clear_interfaces();
    table.interface(13, "other", 0);
    table.interface(20, "ge-3", 0);
    let (_, readings, missing) = answered(poller.poll(NOW).await);
    assert_eq!((readings.len(), missing.len()), (0, 1));
    let mut polls = 0;
    while answered(poller.poll(NOW).await).1.is_empty() {
        polls += 1;
        assert!(polls < 20, "never found again");
    }
}

#[tokio::test]
async fn values_of_another_type_are_no_readings() {
    let table = four_interfaces();
    let mut poller = poller(table.serve().await, &["ge-1"], None, PATIENT).await;
    answered(poller.poll(NOW).await);
    table.system(501_000);
    table.put(Column::HcInOctets.of(11), Value::TimeTicks(9_000_000));
    table.put(Column::HcOutOctets.of(11), Value::Counter32(9_000_000));
    table.put(Column::InErrors.of(11), Value::Gauge32(7));
    table.put(Column::HighSpeed.of(11), Value::Integer(10_000));
    table.put(Column::OperStatus.of(11), Value::Gauge32(2));
    let report = poller.poll(NOW).await;
    assert_eq!(report.mistyped, 5);
    let (_, readings, _) = answered(report);
    let reading = &readings[0];
    assert_eq!((reading.in_bps, reading.out_bps, reading.in_err), (None, None, None));
    assert_eq!((reading.speed_bps, reading.oper, reading.admin), (None, IfStatus::Unknown, IfStatus::Up));

    table.put(oids::sys_uptime(), Value::Counter32(502_000));
    let (system, readings, _) = answered(poller.poll(NOW).await);
    assert_eq!((system.uptime, readings[0].out_disc), (None, None), "a counter is no clock");
}

#[tokio::test]
async fn an_answer_of_which_the_rest_is_lost_tells_of_no_interface_in_part() {
    let table = four_interfaces();
    let small = table.serve_as(|agent| agent.max_message_size(484)).await;
    // The last piece of a request that had to be cut is lost, from the second poll on.
    let losing = Arc::new(AtomicBool::new(false));
    let lose = Arc::clone(&losing);
    let last = Column::Discontinuity.of(12).to_ber().expect("an OID");
    let passes = move |request: &[u8]| {
        let has_last = request.windows(last.len()).any(|window| window == last);
        // The whole request holds it too; the agent says tooBig to that one.
        !(lose.load(Ordering::Relaxed) && has_last && request.len() < 300)
    };
    let address = relay(small, passes, |_| {}).await;
    let mut poller = poller(address, &["ge-1", "ge-2"], None, HASTY).await;
    assert_eq!(answered(poller.poll(NOW).await).1.len(), 2);
    losing.store(true, Ordering::Relaxed);
    table.put(oids::sys_uptime(), Value::TimeTicks(500_100));
    let (system, readings, missing) = answered(poller.poll(NOW).await);
    assert_eq!(system.uptime, Some(phusong_model::Millis(5_001_000)), "what came stands");
    // The first piece holds all of ge-1 but its last object.
    assert_eq!((readings.len(), missing.len()), (0, 0), "a row in part is neither a reading nor missing");
}
