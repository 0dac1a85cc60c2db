//! A network between poller and agent that loses and changes what it is told to.

use std::net::SocketAddr;

use tokio::net::UdpSocket;

/// Type of a PDU by its tag (RFC 3416, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pdu {
    Get,
    GetNext,
    GetBulk,
    Other,
}

/// What an SNMPv1 or v2c message with community `public` asks.
pub(super) fn pdu(message: &[u8]) -> Pdu {
    let community = b"public";
    let tag = message.windows(community.len() + 1).find_map(|window| window.strip_prefix(community)?.first().copied());
    match tag {
        Some(0xa0) => Pdu::Get,
        Some(0xa1) => Pdu::GetNext,
        Some(0xa5) => Pdu::GetBulk,
        Some(_) | None => Pdu::Other,
    }
}

/// Hands those requests on to the agent that pass, and changes the answers.
pub(super) async fn relay(
    agent: SocketAddr,
    mut passes: impl FnMut(&[u8]) -> bool + Send + 'static,
    mut changes: impl FnMut(&mut Vec<u8>) + Send + 'static,
) -> SocketAddr {
    let outside = UdpSocket::bind("127.0.0.1:0").await.expect("socket");
    let inside = UdpSocket::bind("127.0.0.1:0").await.expect("socket");
    inside.connect(agent).await.expect("connect");
    let address = outside.local_addr().expect("address");
    tokio::spawn(async move {
        let mut buffer = vec![0; 65_536];
        loop {
            let (length, asker) = outside.recv_from(&mut buffer).await.expect("request");
            if !passes(&buffer[..length]) {
                continue;
            }
            inside.send(&buffer[..length]).await.expect("hand on");
            let length = inside.recv(&mut buffer).await.expect("answer");
            let mut answer = buffer[..length].to_vec();
            changes(&mut answer);
            outside.send_to(&answer, asker).await.expect("hand back");
        }
    });
    address
}
