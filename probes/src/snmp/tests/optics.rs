//! Each vendor profile against an agent that serves values as the vendor's documented table has them.

use snmp::Oid;

use super::*;

async fn powers(table: Arc<Table>, name: &str, profile: &str) -> (Option<f64>, Option<f64>) {
    let mut poller = poller(table.serve().await, &[name], Some(profile), PATIENT).await;
    let (_, readings, _) = answered(poller.poll(NOW).await);
    let rounded = |power: Option<phusong_model::Dbm>| power.map(|p| (p.0 * 100.0).round() / 100.0);
    (rounded(readings[0].rx), rounded(readings[0].tx))
}

fn oid(text: &str) -> Oid {
    Oid::parse(text).expect("oid")
}

#[tokio::test]
async fn juniper_is_indexed_by_if_index() {
    let table = four_interfaces();
    table.put(oid("1.3.6.1.4.1.2636.3.60.1.1.1.1.5.12"), Value::Integer(-2150));
    table.put(oid("1.3.6.1.4.1.2636.3.60.1.1.1.1.7.12"), Value::Integer(-244));
    table.put(oid("1.3.6.1.4.1.2636.3.60.1.1.1.1.5.11"), Value::Integer(-100));
    assert_eq!(powers(table, "ge-2", "juniper").await, (Some(-21.5), Some(-2.44)));
}

#[tokio::test]
async fn mikrotik_is_joined_by_name() {
    let table = four_interfaces();
    table.text(oid("1.3.6.1.4.1.14988.1.1.19.1.1.2.1"), "ge-1");
    table.text(oid("1.3.6.1.4.1.14988.1.1.19.1.1.2.2"), "ge-3");
    table.put(oid("1.3.6.1.4.1.14988.1.1.19.1.1.10.2"), Value::Integer(-7_340));
    table.put(oid("1.3.6.1.4.1.14988.1.1.19.1.1.9.2"), Value::Integer(-5_610));
    assert_eq!(powers(table, "ge-3", "mikrotik").await, (Some(-7.34), Some(-5.61)));
}

#[tokio::test]
async fn huawei_is_joined_by_the_name_of_the_port_and_has_two_units() {
    let (name, bias, rx, tx) = (
        "1.3.6.1.2.1.47.1.1.1.1.7.16850078",
        "1.3.6.1.4.1.2011.5.25.31.1.1.3.1.7.16850078",
        "1.3.6.1.4.1.2011.5.25.31.1.1.3.1.8.16850078",
        "1.3.6.1.4.1.2011.5.25.31.1.1.3.1.9.16850078",
    );
    let table = four_interfaces();
    table.text(oid(name), "ge-2");
    table.put(oid(bias), Value::Integer(11_000));
    table.put(oid(rx), Value::Integer(-1865));
    table.put(oid(tx), Value::Integer(263));
    assert_eq!(powers(Arc::clone(&table), "ge-2", "huawei-vrp").await, (Some(-18.65), Some(-5.8)));
    table.put(oid(bias), Value::Integer(0));
    assert_eq!(powers(table, "ge-2", "huawei-vrp").await, (None, None), "a dark module tells nothing");
}

#[tokio::test]
async fn a_device_without_optics_is_read_all_the_same() {
    for profile in ["juniper", "mikrotik", "huawei-vrp"] {
        assert_eq!(powers(four_interfaces(), "ge-1", profile).await, (None, None), "{profile}");
    }
}
