//! The way of a notification over SNMPv1 and v2c, from bytes to a hint, and the file of the engine. Over v3 the library
//! alone works on bytes that nobody has vouched for.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use snmp::{
    DecodeConfig, Notification, Value,
    message::{CommunityMessage, CommunityPdu},
};

use super::{engine, hint};

const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A hint is of its source and names no interface 0; the file of an engine gives an engine or none.
pub fn trap(data: &[u8]) {
    if let Some(hint) = notification(data).and_then(|notification| hint::of(SOURCE, &notification)) {
        assert_eq!(hint.source, SOURCE);
        assert_ne!(hint.if_index, Some(0));
    }
    engine::parse(&String::from_utf8_lossy(data));
}

/// As the library's receiver makes it of a message; its own function is private.
fn notification(data: &[u8]) -> Option<Notification> {
    let decoded = CommunityMessage::decode(Bytes::copy_from_slice(data), DecodeConfig::default()).ok()?;
    let (_, community, pdu) = decoded.value.into_parts();
    let decode_anomalies = decoded.anomalies;
    match pdu {
        CommunityPdu::TrapV1(trap) => Some(Notification::TrapV1 { community, trap, decode_anomalies }),
        CommunityPdu::Standard(pdu) => match pdu.varbinds() {
            [uptime, trap, varbinds @ ..] => {
                let (Value::TimeTicks(uptime), Value::ObjectIdentifier(trap_oid)) = (&uptime.value, &trap.value) else {
                    return None;
                };
                Some(Notification::TrapV2c {
                    community,
                    uptime: *uptime,
                    trap_oid: trap_oid.clone(),
                    varbinds: varbinds.to_vec(),
                    request_id: 0,
                    decode_anomalies,
                })
            }
            _ => None,
        },
    }
}
