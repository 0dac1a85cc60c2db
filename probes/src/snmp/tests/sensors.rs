//! Sensors of a profile, as the poller reads them from an agent.

use phusong_model::{ProfileGrade, SensorReading, SensorUnit, SensorValue};
use snmp::Oid;

use super::{super::Walk, *};

fn oid(text: &str) -> Oid {
    Oid::parse(text).expect("oid")
}

/// The values of a recorded walk beside four interfaces.
fn replaying(walk: &str) -> Arc<Table> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("walks").join(walk);
    let text = std::fs::read_to_string(&path).expect("a walk");
    let table = four_interfaces();
    for (object, value) in Walk::parse(&text, &path).expect("a walk").objects() {
        table.put(object.clone(), value.clone());
    }
    table
}

/// All sensors of so many polls, and the requests of the last poll.
async fn sensors(table: &Arc<Table>, names: &[&str], profile: &str, polls: usize) -> (Vec<SensorReading>, u16) {
    let mut poller = poller(table.serve().await, names, Some(profile), PATIENT).await;
    let (mut all, mut sent) = (Vec::new(), 0);
    for _ in 0..polls {
        let report = poller.poll(NOW).await;
        sent = report.sent;
        all.extend(report.sensors.iter().cloned());
        answered(report);
    }
    (all, sent)
}

fn state<'a>(all: &'a [SensorReading], sensor: &str) -> Option<&'a SensorReading> {
    all.iter().find(|reading| reading.sensor == sensor)
}

#[tokio::test]
async fn a_ups_tells_that_it_is_on_battery() {
    let (all, sent) = sensors(&replaying("ups-mib.walk"), &["ge-1", "ge-2"], "ups-mib", 2).await;
    assert!(sent <= 3, "{sent} requests");
    let source = state(&all, "output-source").expect("a state");
    assert_eq!(source.value, SensorValue::State { code: 5, name: Some("battery".to_owned()) });
    assert_eq!((source.row.as_deref(), source.grade), (None, ProfileGrade::Documented));
    let voltage = all.iter().find(|reading| reading.row.as_deref() == Some("2")).expect("the second phase");
    assert_eq!(voltage.value, SensorValue::Number { value: 231.0, unit: SensorUnit::Volt });
    assert!(state(&all, "charge-remaining").is_none(), "101 % is not believed");
}

#[tokio::test]
async fn many_sensors_are_asked_in_turn_and_cost_one_request_a_poll() {
    let table = replaying("entity-sensor.walk");
    for row in 100..160 {
        for (column, value) in [(1, 8), (2, 9), (3, 0), (4, row), (5, 1)] {
            table.put(oid(&format!("1.3.6.1.2.1.99.1.1.1.{column}.{row}")), Value::Integer(value));
        }
    }
    // 66 rows of five objects, six rows a request.
    let (all, sent) = sensors(&table, &["ge-1", "ge-2"], "entity-sensor", 11).await;
    assert_eq!(sent, 2, "one for the interfaces and one for sensors");
    let rows: std::collections::BTreeSet<_> = all.iter().filter_map(|reading| reading.row.clone()).collect();
    assert_eq!((rows.len(), all.len()), (63, 63), "every row that is to be believed, once");
    assert!(rows.contains("Board temperature"));
}

#[tokio::test]
async fn of_an_olt_only_the_onts_of_the_inventory_are_asked() {
    let (all, _) = sensors(&replaying("huawei-olt.walk"), &["4194304000.2"], "huawei-olt", 2).await;
    let onts: std::collections::BTreeSet<_> =
        all.iter().filter(|reading| reading.sensor.starts_with("ont-")).map(|reading| reading.row.as_deref()).collect();
    assert_eq!(onts.into_iter().collect::<Vec<_>>(), [Some("4194304000.2")]);
    let cause = state(&all, "ont-last-down-cause").expect("a cause");
    assert_eq!(cause.value, SensorValue::State { code: 13, name: Some("dying-gasp".to_owned()) });
    assert_eq!(cause.grade, ProfileGrade::Community);
}

#[tokio::test]
async fn a_device_without_its_sensors_is_read_all_the_same() {
    for profile in Profiles::shipped().iter().map(Profile::name) {
        let (all, sent) = sensors(&four_interfaces(), &["ge-1"], profile, 2).await;
        assert_eq!(all, [], "{profile}");
        assert!(sent <= 2, "{profile}: {sent} requests");
    }
}
