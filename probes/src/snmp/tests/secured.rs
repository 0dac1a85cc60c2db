//! SNMPv3: every level that is offered. What a wrong password looks like is asked of a real agent, in `tests/snmpd.rs`.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicUsize, Ordering},
};

use phusong_model::config::{AuthProtocol, PrivProtocol};
use snmp::AuthoritativeEngine;

use super::*;

pub(super) const PASSWORD: &str = "phu-song-phu-song";

pub(super) fn user(
    folder: &std::path::Path,
    password: &str,
    auth: Option<AuthProtocol>,
    privacy: Option<PrivProtocol>,
) -> Credentials {
    let password = secret(folder, "password", password);
    let credential = CredentialConfig {
        name: "test".to_owned(),
        version: SnmpVersion::V3,
        community: None,
        user: Some("reader".to_owned()),
        auth,
        auth_password: auth.map(|_| password.clone()),
        privacy,
        priv_password: privacy.map(|_| password),
    };
    Credentials::resolve(&SnmpConfig { credential: vec![credential], ..SnmpConfig::default() }).expect("credentials")
}

async fn agent(auth: Option<snmp::AuthProtocol>, privacy: Option<snmp::PrivProtocol>) -> SocketAddr {
    let engine = AuthoritativeEngine::install(b"\x80\x00\x1f\x88\x04phusong".to_vec(), |_| Ok::<(), Infallible>(()));
    let engine = engine.expect("engine");
    four_interfaces()
        .serve_as(|agent| {
            let agent = agent.authoritative_engine(engine).usm_user("reader", |user| match (auth, privacy) {
                (Some(auth), Some(privacy)) => user.auth_priv(auth, PASSWORD, privacy, PASSWORD),
                (Some(auth), None) => user.auth(auth, PASSWORD),
                (None, _) => Ok(user),
            });
            agent.expect("user")
        })
        .await
}

#[tokio::test]
async fn every_level_reads_the_interfaces() {
    let folder = tempfile::tempdir().expect("folder");
    let transport = Transport::bind().expect("transport");
    let levels = [
        ((None, None), (None, None)),
        ((Some(AuthProtocol::Sha1), None), (Some(snmp::AuthProtocol::Sha1), None)),
        (
            (Some(AuthProtocol::Sha1), Some(PrivProtocol::Aes128)),
            (Some(snmp::AuthProtocol::Sha1), Some(snmp::PrivProtocol::Aes128)),
        ),
        (
            (Some(AuthProtocol::Sha512), Some(PrivProtocol::Aes256)),
            (Some(snmp::AuthProtocol::Sha512), Some(snmp::PrivProtocol::Aes256Blumenthal)),
        ),
    ];
    for ((auth, privacy), theirs) in levels {
        let address = agent(theirs.0, theirs.1).await;
        let credentials = user(folder.path(), PASSWORD, auth, privacy);
        let interfaces = vec![("ge-1".to_owned(), None)];
        let mut poller = DevicePoller::new(&transport, &device(address, None), interfaces, &credentials, PATIENT);
        let (_, readings, missing) = answered(poller.poll(NOW).await);
        assert_eq!((readings.len(), missing.len()), (1, 0), "{auth:?} {privacy:?}");
    }
}

#[tokio::test]
async fn an_encrypted_answer_that_was_changed_on_the_way_is_not_believed() {
    let folder = tempfile::tempdir().expect("folder");
    let agent = agent(Some(snmp::AuthProtocol::Sha256), Some(snmp::PrivProtocol::Aes128)).await;
    let credentials = user(folder.path(), PASSWORD, Some(AuthProtocol::Sha256), Some(PrivProtocol::Aes128));
    let from_end = Arc::new(AtomicUsize::new(0));
    let place = Arc::clone(&from_end);
    // The bytes from the end on are ciphertext, more than 200 of them; 0 changes nothing.
    let change = move |answer: &mut Vec<u8>| {
        let at = answer.len() - place.load(Ordering::Relaxed);
        if let Some(byte) = answer.get_mut(at) {
            *byte ^= 0x10;
        }
    };
    let address = relay(agent, |_| true, change).await;
    let transport = Transport::bind().expect("transport");
    let interfaces = vec![("ge-1".to_owned(), None)];
    let mut poller = DevicePoller::new(&transport, &device(address, None), interfaces, &credentials, HASTY);
    assert_eq!(answered(poller.poll(NOW).await).1.len(), 1);
    for changed in [1, 20, 100, 200] {
        from_end.store(changed, Ordering::Relaxed);
        let report = poller.poll(NOW).await;
        assert!(matches!(&report.answer, Answer::Refused(why) if why.contains("cannot be used")), "{report:?}");
        from_end.store(0, Ordering::Relaxed);
        assert_eq!(answered(poller.poll(NOW).await).1.len(), 1, "unchanged it is read again");
    }
    assert!(transport.foreign().unusable >= 8, "each answer and that to its repetition: {:?}", transport.foreign());
}
