//! The listener on loopback, with the library's own client as the device.

use std::{
    net::{IpAddr, SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};

use phusong_model::{
    TrapCounts, TrapRefusals,
    config::{AuthProtocol, CredentialConfig, PrivProtocol, SnmpConfig, SnmpVersion},
};
use snmp::{
    Auth, Client, GenericTrap, NotificationPdu, Oid, Retry, TrapV1Notification, UsmConfig, Value, VarBind, Version,
    message::CommunityMessage, oid,
};

use super::{Counters, Engine, Listener, TrapHint, TrapKind};
use crate::snmp::{Credentials, tests::secret};

const PASSWORD: &str = "phu-song-phu-song";
const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
/// Loopback is quick; this only has to outlast a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is asked of an inform that nobody will answer.
const HASTY: Duration = Duration::from_millis(100);

fn credentials() -> (Credentials, Engine) {
    let folder = tempfile::tempdir().expect("folder");
    let blank = CredentialConfig {
        name: "community".to_owned(),
        version: SnmpVersion::V2c,
        community: Some(secret(folder.path(), "community", "public")),
        user: None,
        auth: None,
        auth_password: None,
        privacy: None,
        priv_password: None,
    };
    let user = CredentialConfig {
        name: "user".to_owned(),
        version: SnmpVersion::V3,
        community: None,
        user: Some("sender".to_owned()),
        auth: Some(AuthProtocol::Sha256),
        auth_password: Some(secret(folder.path(), "auth", PASSWORD)),
        privacy: Some(PrivProtocol::Aes128),
        priv_password: Some(secret(folder.path(), "priv", PASSWORD)),
    };
    let config = SnmpConfig { credential: vec![blank, user], ..SnmpConfig::default() };
    let engine = Engine::start(&folder.path().join("snmp-engine.toml")).expect("engine");
    (Credentials::resolve(&config).expect("credentials"), engine)
}

async fn listener(known: bool) -> Listener {
    listener_on(SocketAddr::from((HERE, 0)), move |source| known && source == HERE).await
}

async fn listener_on(address: SocketAddr, known: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Listener {
    let (credentials, engine) = credentials();
    let known = Arc::new(known);
    Listener::bind(address, &credentials, Some(&engine), known, Arc::new(Counters::default())).await.expect("listener")
}

fn sender(auth: impl Into<Auth>, to: SocketAddr, patience: Duration) -> impl Future<Output = Client> {
    let builder = Client::builder(to.to_string(), auth).request_timeout(patience).retry(Retry::none());
    async move { builder.connect().await.expect("client") }
}

fn user(password: &str) -> UsmConfig {
    UsmConfig::new("sender")
        .auth_priv(snmp::AuthProtocol::Sha256, password, snmp::PrivProtocol::Aes128, password)
        .expect("user")
}

fn link_down() -> Oid {
    oid!(1, 3, 6, 1, 6, 3, 1, 1, 5, 3)
}

fn index(value: i32) -> Vec<VarBind> {
    vec![VarBind::new(oid!(1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 17), Value::Integer(value))]
}

async fn next(listener: &mut Listener) -> TrapHint {
    tokio::time::timeout(PATIENCE, listener.next()).await.expect("in time").expect("a hint")
}

/// Takes what comes until the books hold so many datagrams; none of them may be a hint.
async fn until(listener: &mut Listener, received: u64) -> TrapCounts {
    let counters = Arc::clone(&listener.counters);
    let enough = async {
        while counters.read().received < received {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        hint = listener.next() => panic!("{hint:?}"),
        waited = tokio::time::timeout(PATIENCE, enough) => waited.unwrap_or_else(|_| panic!("{:?}", counters.read())),
    }
    counters.read()
}

#[tokio::test]
async fn every_kind_over_v2c_is_a_hint_and_what_is_none_is_ignored() {
    let mut listener = listener(true).await;
    let device = sender(Auth::v2c("public"), listener.address(), PATIENCE).await;
    let ups = oid!(1, 3, 6, 1, 2, 1, 33, 2, 1);
    for (trap, varbinds, kind, if_index) in [
        (link_down(), index(17), TrapKind::LinkDown, Some(17)),
        (oid!(1, 3, 6, 1, 6, 3, 1, 1, 5, 4), index(-1), TrapKind::LinkUp, None),
        (oid!(1, 3, 6, 1, 6, 3, 1, 1, 5, 1), Vec::new(), TrapKind::ColdStart, None),
        (ups, Vec::new(), TrapKind::OnBattery, None),
    ] {
        device.send_trap(&trap, 1, varbinds).await.expect("sent");
        assert_eq!(next(&mut listener).await, TrapHint { source: HERE, kind, if_index });
    }
    for other in [
        oid!(1, 3, 6, 1, 6, 3, 1, 1, 5, 5),
        oid!(1, 3, 6, 1, 6, 3, 1, 1, 5, 3, 0),
        oid!(1, 3, 6, 1, 2, 1, 33, 2, 3),
        oid!(1, 3),
    ] {
        device.send_trap(&other, 1, index(1)).await.expect("sent");
    }
    let counts = until(&mut listener, 8).await;
    assert_eq!((counts.acted, counts.ignored), (4, 4), "{counts:?}");
}

#[tokio::test]
async fn generic_traps_of_v1_are_hints_whatever_agent_they_name() {
    let mut listener = listener(true).await;
    let device = sender(Auth::v1("public"), listener.address(), PATIENCE).await;
    let (ups, other) = (oid!(1, 3, 6, 1, 2, 1, 33, 2), oid!(1, 3, 6, 1, 4, 1, 9));
    for (enterprise, generic, specific, kind) in [
        (other.clone(), GenericTrap::LinkDown, 0, TrapKind::LinkDown),
        (other, GenericTrap::WarmStart, 0, TrapKind::WarmStart),
        (ups, GenericTrap::EnterpriseSpecific, 1, TrapKind::OnBattery),
    ] {
        let trap = TrapV1Notification::new(enterprise, [192, 0, 2, 1], generic, specific, 1, index(3)).expect("trap");
        device.send_v1_trap(trap).await.expect("sent");
        assert_eq!(next(&mut listener).await, TrapHint { source: HERE, kind, if_index: Some(3) });
    }
}

#[tokio::test]
async fn informs_are_acknowledged_over_v2c_and_v3_even_when_they_are_too_many() {
    let mut listener = listener(true).await;
    let to = listener.address();
    let sent = tokio::spawn(async move {
        for auth in [Auth::v2c("public"), user(PASSWORD).into()] {
            let device = sender(auth, to, PATIENCE).await;
            for _ in 0..10 {
                device.send_inform(&link_down(), 1, index(17)).await.expect("acknowledged");
            }
        }
    });
    for _ in 0..4 {
        assert_eq!(next(&mut listener).await.kind, TrapKind::LinkDown);
    }
    let counts = until(&mut listener, 20).await;
    sent.await.expect("all informs");
    assert_eq!((counts.acted, counts.limited), (4, 16), "{counts:?}");
    assert_eq!(counts.refused, TrapRefusals::default(), "asking for the engine id is no offence");
}

#[tokio::test]
async fn a_wrong_credential_is_refused_not_acknowledged_and_counted() {
    let mut listener = listener(true).await;
    let to = listener.address();
    let weaker = UsmConfig::new("sender").auth(snmp::AuthProtocol::Sha256, PASSWORD).expect("user");
    let wrong: [Auth; 5] = [
        Auth::v2c("private"),
        user("phu-song-phu-sony").into(),
        weaker.into(),
        UsmConfig::new("sender").into(),
        UsmConfig::new("nobody").into(),
    ];
    let senders = wrong.map(|auth| {
        tokio::spawn(
            async move { sender(auth, to, HASTY).await.send_inform(&link_down(), 1, index(17)).await.is_err() },
        )
    });
    let counts = until(&mut listener, 5).await;
    for sender in senders {
        let unanswered = tokio::select! {
            hint = listener.next() => panic!("{hint:?}"),
            unanswered = sender => unanswered.expect("sender"),
        };
        assert!(unanswered, "{counts:?}");
    }
    assert_eq!(counts.refused, TrapRefusals { credential: 5, ..TrapRefusals::default() });
}

#[tokio::test]
async fn who_is_no_device_is_refused_before_anything_else() {
    let mut listener = listener(false).await;
    for community in ["public", "private"] {
        let device = sender(Auth::v2c(community), listener.address(), PATIENCE).await;
        device.send_trap(&link_down(), 1, index(17)).await.expect("sent");
    }
    let counts = until(&mut listener, 2).await;
    assert_eq!(counts.refused, TrapRefusals { unknown_source: 2, ..TrapRefusals::default() });
}

#[tokio::test]
async fn broken_datagrams_are_counted_and_the_next_good_one_is_heard() {
    let mut listener = listener(true).await;
    let socket = UdpSocket::bind("127.0.0.1:0").expect("socket");
    let trap = NotificationPdu::trap_v2(Version::V2c, 1, 1, &link_down(), index(1)).expect("trap");
    let mut timeless = CommunityMessage::v2c("public", trap).expect("message").encode().expect("bytes").to_vec();
    // The uptime, first of all values, becomes an INTEGER.
    let ticks = timeless.iter().position(|octet| *octet == 0x43).expect("TimeTicks");
    timeless[ticks] = 2;
    let broken: [&[u8]; 7] =
        [b"", b"0", b"\x30\x84\xff\xff\xff\xff", b"\x30\x03\x02\x01\x07", &[0xff; 1400], &timeless, &timeless[..20]];
    for datagram in broken {
        socket.send_to(datagram, listener.address()).expect("sent");
    }
    let counts = until(&mut listener, broken.len() as u64).await;
    assert_eq!(counts.refused.unreadable, broken.len() as u64, "{counts:?}");
    let device = sender(Auth::v2c("public"), listener.address(), PATIENCE).await;
    device.send_trap(&link_down(), 1, index(17)).await.expect("sent");
    assert_eq!(next(&mut listener).await.if_index, Some(17));
}

#[tokio::test]
async fn a_device_is_known_by_its_own_address_over_ipv6_and_through_a_socket_of_both_families() {
    if UdpSocket::bind("[::1]:0").is_err() {
        println!("skipped: this machine has no IPv6 loopback");
        return;
    }
    let v6 = IpAddr::V6(std::net::Ipv6Addr::LOCALHOST);
    for (bound, to) in [("[::1]:0", v6), ("[::]:0", v6), ("[::]:0", HERE)] {
        let mut listener = listener_on(bound.parse().expect("address"), move |source| source == to).await;
        let to = SocketAddr::new(to, listener.address().port());
        let device = sender(Auth::v2c("public"), to, PATIENCE).await;
        device.send_trap(&link_down(), 1, index(17)).await.expect("sent");
        let hint = TrapHint { source: to.ip(), kind: TrapKind::LinkDown, if_index: Some(17) };
        assert_eq!(next(&mut listener).await, hint, "{bound}");

        let informed = tokio::spawn(async move {
            sender(user(PASSWORD), to, PATIENCE).await.send_inform(&link_down(), 1, index(18)).await
        });
        assert_eq!(next(&mut listener).await.if_index, Some(18), "{bound}");
        while !informed.is_finished() {
            // The acknowledgement is sent while the listener is asked.
            let _ = tokio::time::timeout(Duration::from_millis(5), listener.next()).await;
        }
        informed.await.expect("sender").expect("acknowledged");
        assert_eq!(listener.counts().refused, TrapRefusals::default(), "{bound}");
    }
}

#[tokio::test]
async fn who_is_no_device_is_refused_over_ipv6_too() {
    if UdpSocket::bind("[::1]:0").is_err() {
        println!("skipped: this machine has no IPv6 loopback");
        return;
    }
    // The device is known by its IPv4 address, and what looks like it over IPv6 is another.
    let mut listener = listener_on("[::]:0".parse().expect("address"), |source| source == HERE).await;
    let to = SocketAddr::new(IpAddr::V6(std::net::Ipv6Addr::LOCALHOST), listener.address().port());
    sender(Auth::v2c("public"), to, PATIENCE).await.send_trap(&link_down(), 1, index(17)).await.expect("sent");
    let counts = until(&mut listener, 1).await;
    assert_eq!(counts.refused, TrapRefusals { unknown_source: 1, ..TrapRefusals::default() });
}
