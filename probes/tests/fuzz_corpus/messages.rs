//! The seeds of the SNMP targets: answers and notifications of each kind.

use snmp::{
    ErrorIndex, GenericTrap, NotificationPdu, Oid, OutboundErrorStatus, ResponsePdu, TrapV1Notification, Value,
    VarBind, Version, message::CommunityMessage, oid,
};

use crate::seeds::Seed;

const LINK_DOWN: [u32; 10] = [1, 3, 6, 1, 6, 3, 1, 1, 5, 3];

fn message(pdu: impl Into<snmp::Pdu>) -> Vec<u8> {
    CommunityMessage::v2c("public", pdu).expect("a message").encode().expect("bytes").to_vec()
}

fn bound(column: &[u32], value: Value) -> VarBind {
    VarBind::new(Oid::from_slice(&[column, &[11]].concat()), value)
}

/// The answer to a request for the interface of `probes/src/snmp/fuzzing.rs`.
fn reading() -> Vec<VarBind> {
    let entry = [1, 3, 6, 1, 2, 1, 2, 2, 1];
    let entry_x = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1];
    let mut all = vec![
        VarBind::new(oid!(1, 3, 6, 1, 2, 1, 1, 3, 0), Value::TimeTicks(500_000)),
        VarBind::new(oid!(1, 3, 6, 1, 2, 1, 1, 5, 0), Value::OctetString("router\x1b[2J".into())),
        bound(&[&entry_x[..], &[1]].concat(), Value::OctetString("ge-1".into())),
        bound(&[&entry_x[..], &[6]].concat(), Value::Counter64(10_000_000)),
        bound(&[&entry_x[..], &[10]].concat(), Value::Counter64(u64::MAX)),
        bound(&[&entry_x[..], &[15]].concat(), Value::Gauge32(1000)),
        bound(&[&entry_x[..], &[19]].concat(), Value::TimeTicks(0)),
    ];
    all.extend([7, 8].map(|column| bound(&[&entry[..], &[column]].concat(), Value::Integer(1))));
    all.extend([13, 14, 19, 20].map(|column| bound(&[&entry[..], &[column]].concat(), Value::Counter32(7))));
    all
}

/// Optics and sensors of several vendors in one answer.
fn vendors() -> Vec<VarBind> {
    vec![
        bound(&[1, 3, 6, 1, 4, 1, 14988, 1, 1, 19, 1, 1, 10], Value::Integer(-7212)),
        bound(&[1, 3, 6, 1, 4, 1, 2636, 3, 60, 1, 1, 1, 1, 5], Value::Integer(-4000)),
        bound(&[1, 3, 6, 1, 4, 1, 2011, 5, 25, 31, 1, 1, 3, 1, 8], Value::Integer(120)),
        bound(&[1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 1], Value::Integer(8)),
        bound(&[1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 2], Value::Integer(17)),
        bound(&[1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 3], Value::Integer(-8)),
        bound(&[1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 4], Value::Integer(i32::MAX)),
        bound(&[1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 5], Value::Integer(1)),
        VarBind::new(oid!(1, 3, 6, 1, 2, 1, 33, 1, 2, 1, 0), Value::Integer(2)),
        VarBind::new(oid!(1, 3, 6, 1, 2, 1, 33, 1, 2, 4, 0), Value::Integer(100)),
    ]
}

fn answer(bindings: Vec<VarBind>) -> Vec<u8> {
    let pdu = ResponsePdu::new(Version::V2c, 7, OutboundErrorStatus::NoError, None, bindings);
    message(pdu.expect("an answer"))
}

pub fn answers() -> Vec<Seed> {
    let exceptions = reading().into_iter().map(|bound| VarBind::new(bound.oid, Value::NoSuchInstance)).collect();
    let swapped = reading().into_iter().zip(reading().into_iter().rev());
    let mistyped = swapped.map(|(bound, other)| VarBind::new(bound.oid, other.value)).collect();
    let refused = ResponsePdu::new(
        Version::V2c,
        7,
        OutboundErrorStatus::GenErr,
        ErrorIndex::new(1, 1).ok(),
        vec![reading().remove(0)],
    );
    [
        ("reading", answer(reading())),
        ("twice", answer([reading(), reading()].concat())),
        ("vendors", answer(vendors())),
        ("exceptions", answer(exceptions)),
        ("mistyped", answer(mistyped)),
        ("nothing", answer(Vec::new())),
        ("genErr", message(refused.expect("an error"))),
    ]
    .map(|(name, bytes)| ("snmp_answer", name, bytes))
    .into()
}

fn trap(trap: &Oid, bindings: Vec<VarBind>) -> Vec<u8> {
    message(NotificationPdu::trap_v2(Version::V2c, 7, 500_000, trap, bindings).expect("a trap"))
}

fn trap_v1(enterprise: Oid, generic: GenericTrap, specific: i32) -> Vec<u8> {
    let index = vec![bound(&[1, 3, 6, 1, 2, 1, 2, 2, 1, 1], Value::Integer(11))];
    let trap = TrapV1Notification::new(enterprise, [192, 0, 2, 1], generic, specific, 500_000, index).expect("a trap");
    CommunityMessage::v1_trap("public", trap).expect("a message").encode().expect("bytes").to_vec()
}

pub fn traps() -> Vec<Seed> {
    let index = |value| vec![bound(&[1, 3, 6, 1, 2, 1, 2, 2, 1, 1], Value::Integer(value))];
    let ups = oid!(1, 3, 6, 1, 2, 1, 33, 2);
    let link_down = Oid::from_slice(&LINK_DOWN);
    let engine = "engine_id = \"80001f8804aabbccdd\"\nboots = 3\n";
    [
        ("link-down", trap(&link_down, index(17))),
        ("no-interface", trap(&link_down, index(0))),
        ("negative-interface", trap(&link_down, index(-1))),
        ("on-battery", trap(&ups.child(1), Vec::new())),
        ("no-hint", trap(&oid!(1, 3), Vec::new())),
        ("v1-link-up", trap_v1(oid!(1, 3, 6, 1, 4, 1, 9), GenericTrap::LinkUp, 0)),
        ("v1-on-battery", trap_v1(ups, GenericTrap::EnterpriseSpecific, 1)),
        ("engine", engine.as_bytes().to_vec()),
        ("engine-at-its-end", engine.replace('3', "2147483647").into_bytes()),
    ]
    .map(|(name, bytes)| ("trap", name, bytes))
    .into()
}
