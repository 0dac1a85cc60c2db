//! The integers that stand for enums in the tables. They are part of the layout: none is ever used for something else.

use phusong_model::{BlindReason, Probe};

/// Code of an unknown cause; see [`crate::columns`].
pub(crate) const CAUSE_UNKNOWN: i64 = 0;
/// Code of a cause upstream; the link is in the column beside it.
pub(crate) const CAUSE_UPSTREAM: i64 = 1;
/// Code of an interface that is down.
pub(crate) const CAUSE_INTERFACE: i64 = 2;

/// The integer of a probe.
pub(crate) const fn probe(probe: Probe) -> i64 {
    match probe {
        Probe::Icmp => 0,
        Probe::Snmp => 1,
        Probe::Tcp => 2,
        Probe::Http => 3,
        Probe::Dns => 4,
    }
}

/// The probe behind the integer.
pub(crate) const fn probe_of(code: i64) -> Option<Probe> {
    match code {
        0 => Some(Probe::Icmp),
        1 => Some(Probe::Snmp),
        2 => Some(Probe::Tcp),
        3 => Some(Probe::Http),
        4 => Some(Probe::Dns),
        _ => None,
    }
}

/// The integer of a reason.
pub(crate) const fn blind(reason: BlindReason) -> i64 {
    match reason {
        BlindReason::NotRunning => 0,
        BlindReason::NoPermission => 1,
        BlindReason::SendError => 2,
        BlindReason::ReceiveDrops => 3,
        BlindReason::LateTick => 4,
        BlindReason::Anchors => 5,
        BlindReason::NotYetProbed => 6,
        BlindReason::NoEvidence => 7,
        BlindReason::Resolver => 8,
    }
}

/// The reason behind the integer.
pub(crate) const fn blind_of(code: i64) -> Option<BlindReason> {
    match code {
        0 => Some(BlindReason::NotRunning),
        1 => Some(BlindReason::NoPermission),
        2 => Some(BlindReason::SendError),
        3 => Some(BlindReason::ReceiveDrops),
        4 => Some(BlindReason::LateTick),
        5 => Some(BlindReason::Anchors),
        6 => Some(BlindReason::NotYetProbed),
        7 => Some(BlindReason::NoEvidence),
        8 => Some(BlindReason::Resolver),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_means_one_thing() {
        for code in 0..=8 {
            assert_eq!(blind_of(code).map(blind), Some(code));
        }
        for code in 0..=4 {
            assert_eq!(probe_of(code).map(probe), Some(code));
        }
        assert_eq!((blind_of(9), probe_of(5), blind_of(-1)), (None, None, None));
    }
}
