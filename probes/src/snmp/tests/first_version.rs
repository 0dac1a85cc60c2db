//! SNMPv1, which has no 64-bit counters and names only one absent object at a time.

use super::*;

async fn poller_v1(address: SocketAddr, names: &[&str]) -> DevicePoller {
    let transport = Transport::bind().expect("transport");
    let interfaces = names.iter().map(|name| ((*name).to_owned(), None)).collect();
    let credentials = credentials_of(SnmpVersion::V1, "public");
    DevicePoller::new(&transport, &device(address, None), interfaces, &credentials, PATIENT)
}

/// Two interfaces of fast Ethernet on a device so old that only the names of its ifXTable are there.
fn old_device() -> Arc<Table> {
    let table = four_interfaces();
    for index in [1, 11, 12, 13, 14] {
        for column in [Column::HcInOctets, Column::HcOutOctets, Column::HighSpeed, Column::Discontinuity] {
            table.remove(&column.of(index));
        }
        table.put(Column::Speed.of(index), Value::Gauge32(100_000_000));
        table.put(Column::InOctets.of(index), Value::Counter32(u32::MAX - 999_999));
        table.put(Column::OutOctets.of(index), Value::Counter32(5_000_000));
    }
    table.remove(&oids::if_table_last_change());
    table
}

#[tokio::test]
async fn an_old_device_is_read_with_its_narrow_counters_and_one_request_a_poll() {
    let table = old_device();
    let mut poller = poller_v1(table.serve().await, &["ge-1", "ge-2"]).await;
    let first = poller.poll(NOW).await;
    assert_eq!(first.lost, 0);
    let (system, readings, missing) = answered(first);
    assert_eq!((system.name.as_deref(), readings.len(), missing.len()), (Some("router"), 2, 0));
    assert_eq!((readings[0].oper, readings[0].speed_bps), (IfStatus::Up, Some(100_000_000)));

    table.put(oids::sys_uptime(), Value::TimeTicks(501_000));
    table.put(Column::InOctets.of(11), Value::Counter32(11_500_000));
    table.put(Column::OutOctets.of(11), Value::Counter32(4_000_000));
    table.put(Column::OperStatus.of(12), Value::Integer(2));
    let second = poller.poll(NOW).await;
    assert_eq!(second.sent, 1, "what is not there is known and not asked for again");
    let (_, readings, _) = answered(second);
    assert_eq!(readings[0].in_bps, Some(10_000_000.0), "12.5 MB in 10 s across the wrap");
    assert_eq!(readings[0].out_bps, None, "a counter that fell by a million was reset");
    assert_eq!(readings[1].oper, IfStatus::Down);
}

#[tokio::test]
async fn an_object_that_goes_does_not_take_the_others_with_it() {
    let table = old_device();
    let mut poller = poller_v1(table.serve().await, &["ge-1", "ge-5"]).await;
    assert_eq!(answered(poller.poll(NOW).await).2, ["ge-5"], "the walk by GETNEXT came to its end");
    table.remove(&Column::InErrors.of(11));
    table.put(oids::sys_uptime(), Value::TimeTicks(501_000));
    let report = poller.poll(NOW).await;
    assert_eq!((report.sent, report.lost), (2, 0));
    let (_, readings, _) = answered(report);
    assert_eq!((readings[0].oper, readings[0].in_err, readings[0].out_err), (IfStatus::Up, None, Some(0)));
}
