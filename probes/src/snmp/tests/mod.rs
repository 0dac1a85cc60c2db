//! The poller against agents in this process.

mod agent;
mod first_version;
mod hostile;
mod moves;
mod optics;
mod relay;
mod secured;
mod sensors;
mod walks;

use std::{
    fs::Permissions,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use phusong_model::{
    IfReading, IfStatus, SnmpAccess, UtcMs,
    config::{CredentialConfig, SecretRef, SnmpConfig, SnmpVersion},
};
use snmp::Value;

use self::{
    agent::{Table, device},
    relay::{Pdu, pdu, relay},
};
use super::{
    Answer, Credentials, DevicePoller, DeviceReport, Profile, Profiles, SystemFacts, Timing, Transport,
    oids::{self, Column},
};

const NOW: UtcMs = UtcMs(1_795_422_319_000);
/// Loopback answers in microseconds; this only has to outlast a busy machine.
const PATIENT: Timing = Timing { timeout: Duration::from_secs(5), retries: 0 };
/// For agents that do not answer.
const HASTY: Timing = Timing { timeout: Duration::from_millis(50), retries: 1 };

/// A secret that only its owner can read.
pub(crate) fn secret(folder: &Path, name: &str, text: &str) -> SecretRef {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("secret");
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("mode");
    SecretRef(path)
}

fn credentials(community: &str) -> Credentials {
    credentials_of(SnmpVersion::V2c, community)
}

fn credentials_of(version: SnmpVersion, community: &str) -> Credentials {
    let folder = tempfile::tempdir().expect("folder");
    let credential = CredentialConfig {
        name: "test".to_owned(),
        version,
        community: Some(secret(folder.path(), "community", community)),
        user: None,
        auth: None,
        auth_password: None,
        privacy: None,
        priv_password: None,
    };
    Credentials::resolve(&SnmpConfig { credential: vec![credential], ..SnmpConfig::default() }).expect("credentials")
}

async fn poller(address: SocketAddr, names: &[&str], profile: Option<&str>, timing: Timing) -> DevicePoller {
    let transport = Transport::bind().expect("transport");
    let interfaces =
        names.iter().map(|name| ((*name).to_owned(), Some(format!("link-{}", name.len()).parse().expect("id"))));
    DevicePoller::new(&transport, &device(address, profile), interfaces.collect(), &credentials("public"), timing)
}

fn answered(report: DeviceReport) -> (SystemFacts, Vec<IfReading>, Vec<String>) {
    match report.answer {
        Answer::Answered { system, readings, missing } => (system, readings, missing),
        other @ (Answer::Silent | Answer::Refused(_) | Answer::NotSent(_)) => panic!("{other:?}"),
    }
}

fn four_interfaces() -> Arc<Table> {
    let table = Arc::new(Table::default());
    table.system(500_000);
    for (index, name) in [(1, "lo"), (11, "ge-1"), (12, "ge-2"), (13, "ge-3"), (14, "ge-4")] {
        table.interface(index, name, 1_000_000);
    }
    table
}

#[tokio::test]
async fn four_interfaces_cost_two_requests_a_poll_and_give_rates_by_the_devices_clock() {
    let table = four_interfaces();
    table.put(Column::OperStatus.of(13), Value::Integer(7));
    let names = ["ge-1", "ge-2", "ge-3", "ge-4"];
    let mut poller = poller(table.serve().await, &names, None, PATIENT).await;

    let first = poller.poll(NOW).await;
    assert!(first.rtt.is_some() && first.lost == 0);
    let (system, readings, missing) = answered(first);
    assert_eq!((system.uptime, system.name.as_deref()), (Some(phusong_model::Millis(5_000_000)), Some("router")));
    assert_eq!(system.descr.as_deref(), Some("test agent"));
    assert_eq!(readings.iter().map(|r| r.ifname.as_str()).collect::<Vec<_>>(), names);
    assert_eq!(readings[2].oper, IfStatus::LowerLayerDown);
    assert_eq!((readings[0].admin, readings[0].speed_bps), (IfStatus::Up, Some(1_000_000_000)));
    assert!(readings.iter().all(|r| r.in_bps.is_none() && r.in_err.is_none()), "no baseline yet");
    assert!(missing.is_empty());

    table.put(oids::sys_uptime(), Value::TimeTicks(501_000));
    table.put(Column::HcInOctets.of(12), Value::Counter64(1_000_000 + 12_500_000));
    table.put(Column::InErrors.of(12), Value::Counter32(9));
    table.remove(&Column::HcOutOctets.of(12));
    let second = poller.poll(NOW).await;
    assert_eq!((second.sent, second.lost), (2, 0));
    let (_, readings, _) = answered(second);
    // 12.5 MB in the 10 s that passed on the device.
    assert_eq!((readings[1].in_bps, readings[1].in_err), (Some(10_000_000.0), Some(9)));
    assert_eq!(readings[1].out_bps, None, "a counter that is not there is not 0");
    assert_eq!((readings[0].in_bps, readings[0].out_disc), (Some(0.0), Some(0)));
}

#[tokio::test]
async fn a_silent_device_costs_one_request_with_its_repetitions() {
    let table = four_interfaces();
    let mut poller = poller(table.serve().await, &["ge-1", "ge-2", "ge-3"], None, HASTY).await;
    answered(poller.poll(NOW).await);
    table.fall_silent();
    let report = poller.poll(NOW).await;
    assert_eq!(report.answer, Answer::Silent);
    assert_eq!((report.sent, report.lost, report.rtt), (2, 2, None));
}

#[tokio::test]
async fn an_agent_with_small_messages_is_asked_in_smaller_pieces() {
    let table = four_interfaces();
    let address = table.serve_as(|agent| agent.max_message_size(484)).await;
    let mut poller = poller(address, &["ge-1", "ge-4"], None, PATIENT).await;
    let report = poller.poll(NOW).await;
    assert_eq!(report.lost, 0);
    let (_, readings, _) = answered(report);
    assert_eq!(readings.len(), 2);
    assert!(readings.iter().all(|r| r.oper == IfStatus::Up && r.speed_bps.is_some()));
}

#[tokio::test]
async fn the_wrong_community_is_silence_and_a_missing_credential_is_ours() {
    let address = four_interfaces().serve().await;
    let transport = Transport::bind().expect("transport");
    let mut wrong = DevicePoller::new(&transport, &device(address, None), Vec::new(), &credentials("private"), HASTY);
    assert_eq!(wrong.poll(NOW).await.answer, Answer::Silent);

    let mut unnamed = device(address, None);
    unnamed.snmp = SnmpAccess { credential: "other".to_owned(), ..unnamed.snmp };
    let mut poller = DevicePoller::new(&transport, &unnamed, Vec::new(), &credentials("public"), HASTY);
    let report = poller.poll(NOW).await;
    assert_eq!(report.answer, Answer::NotSent("there is no SNMP credential \"other\"".to_owned()));
    assert_eq!((report.sent, report.lost), (0, 0));
}

#[tokio::test]
async fn a_network_that_cannot_be_reached_is_ours_too() {
    // Our own kernel refuses: a broadcast address without SO_BROADCAST.
    let address = SocketAddr::from(([255, 255, 255, 255], 161));
    let mut poller = poller(address, &["ge-1"], None, HASTY).await;
    let report = poller.poll(NOW).await;
    assert!(matches!(report.answer, Answer::NotSent(_)), "{report:?}");
    assert_eq!((report.sent, report.lost), (0, 0));
}

#[tokio::test]
async fn an_answer_to_a_repeated_request_has_no_round_trip_time() {
    let requests = AtomicU32::new(0);
    // The second request of the second poll is the repetition of its first.
    let passes = move |_: &[u8]| requests.fetch_add(1, Ordering::Relaxed) != 3;
    let address = relay(four_interfaces().serve().await, passes, |_| {}).await;
    let timing = Timing { timeout: Duration::from_millis(600), retries: 1 };
    let mut poller = poller(address, &["ge-1"], None, timing).await;
    assert!(poller.poll(NOW).await.rtt.is_some(), "three requests, each answered");
    let report = poller.poll(NOW).await;
    assert_eq!((report.sent, report.lost, report.rtt), (2, 1, None));
    assert!(poller.poll(NOW).await.rtt.is_some());
}

#[tokio::test]
async fn an_ipv4_address_in_ipv6_clothes_is_asked_over_ipv4() {
    let SocketAddr::V4(address) = four_interfaces().serve().await else { panic!("an IPv4 agent") };
    let clothed = SocketAddr::from((address.ip().to_ipv6_mapped(), address.port()));
    let mut poller = poller(clothed, &["ge-1"], None, PATIENT).await;
    assert_eq!(answered(poller.poll(NOW).await).1.len(), 1);
}

#[tokio::test]
async fn devices_with_ipv6_addresses_are_asked_over_ipv6() {
    if std::net::UdpSocket::bind("[::1]:0").is_err() {
        println!("skipped: this machine has no IPv6 loopback");
        return;
    }
    let address = four_interfaces().serve_as(|agent| agent.bind("[::1]:0")).await;
    let mut poller = poller(address, &["ge-1"], None, PATIENT).await;
    assert_eq!(answered(poller.poll(NOW).await).1.len(), 1);
}
