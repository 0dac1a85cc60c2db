//! SNMPv3: every level that is offered. What a wrong password looks like is asked of a real agent, in `tests/snmpd.rs`.

use std::convert::Infallible;

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
