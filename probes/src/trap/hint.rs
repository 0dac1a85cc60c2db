//! From a notification to a hint. Pure.

use std::net::IpAddr;

use snmp::{Notification, Oid, Value, oid};

/// What a device says has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrapKind {
    /// An interface went down (RFC 2863).
    LinkDown,
    /// An interface came up.
    LinkUp,
    /// The device started, and its configuration may be another (RFC 3418).
    ColdStart,
    /// The device started with the configuration it had.
    WarmStart,
    /// The UPS lost its mains; sent again every minute while it lasts (RFC 1628).
    OnBattery,
}

/// A device asks to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrapHint {
    /// Where the datagram came from. What an SNMPv1 trap says of its agent's address is not believed.
    pub source: IpAddr,
    /// What it says.
    pub kind: TrapKind,
    /// The interface it says it of, where it names one.
    pub if_index: Option<u32>,
}

/// The hint in a notification; none when it is of a kind that tells us nothing.
pub(super) fn of(source: IpAddr, notification: &Notification) -> Option<TrapHint> {
    let kind = kind(&notification.trap_oid().ok()?)?;
    let if_index = notification.varbinds().iter().find_map(|bound| if_index(&bound.oid, &bound.value));
    Some(TrapHint { source, kind, if_index })
}

fn kind(trap: &Oid) -> Option<TrapKind> {
    // snmpTraps (RFC 3418). The generic traps of SNMPv1 have the same numbers (RFC 3584, 3.1).
    const SNMP_TRAPS: [u32; 9] = [1, 3, 6, 1, 6, 3, 1, 1, 5];
    const UPS_TRAPS: [u32; 9] = [1, 3, 6, 1, 2, 1, 33, 2, 1];
    // The same sent as SNMPv1 by a UPS, or turned into v2 by a proxy, has a zero before its number (RFC 3584, 3.1).
    const UPS_TRAPS_V1: [u32; 10] = [1, 3, 6, 1, 2, 1, 33, 2, 0, 1];
    let arcs = trap.arcs();
    if arcs == UPS_TRAPS || arcs == UPS_TRAPS_V1 {
        return Some(TrapKind::OnBattery);
    }
    match arcs.strip_prefix(&SNMP_TRAPS)? {
        [1] => Some(TrapKind::ColdStart),
        [2] => Some(TrapKind::WarmStart),
        [3] => Some(TrapKind::LinkDown),
        [4] => Some(TrapKind::LinkUp),
        _ => None,
    }
}

/// The value of `ifIndex`: an `InterfaceIndex` is above zero. Some devices leave the instance out of its name.
fn if_index(name: &Oid, value: &Value) -> Option<u32> {
    name.starts_with(&oid!(1, 3, 6, 1, 2, 1, 2, 2, 1, 1)).then(|| value.as_u32()).flatten().filter(|index| *index > 0)
}
