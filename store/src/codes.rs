//! The integers that stand for enums in the tables. They are part of the layout: none is ever used for something else.

use phusong_model::{BlindReason, Carrier, Cause, Confidence, Probe, Worse};

/// Code of a cause upstream; what carries the link is in the column beside it.
const CAUSE_UPSTREAM: i64 = 1;

/// The integer of a cause.
pub(crate) const fn cause(cause: &Cause) -> i64 {
    match cause {
        Cause::Unknown => 0,
        Cause::Upstream { .. } => CAUSE_UPSTREAM,
        Cause::Fibre => 3,
        Cause::Power => 4,
        Cause::Equipment => 5,
        Cause::Prober => 6,
        Cause::Maintenance => 7,
    }
}

/// The cause behind the integer, with what carries the link. Code 2 stood for an interface that is down, which versions 1
/// and 2 of the layout took for a cause; it is a clue and says no more than that the cause is unknown.
pub(crate) fn cause_of(code: i64, carrier: Option<Carrier>) -> Option<Cause> {
    match (code, carrier) {
        (0 | 2, None) => Some(Cause::Unknown),
        (CAUSE_UPSTREAM, Some(carrier)) => Some(Cause::Upstream { carrier }),
        (3, None) => Some(Cause::Fibre),
        (4, None) => Some(Cause::Power),
        (5, None) => Some(Cause::Equipment),
        (6, None) => Some(Cause::Prober),
        (7, None) => Some(Cause::Maintenance),
        _ => None,
    }
}

/// Whether [`cause_of`] knows the integer, with or without something that carries the link.
pub(crate) const fn is_cause(code: i64, carried: bool) -> bool {
    matches!((code, carried), (CAUSE_UPSTREAM, true) | (0 | 2..=7, false))
}

/// The integer of a confidence.
pub(crate) const fn confidence(confidence: Confidence) -> i64 {
    match confidence {
        Confidence::Low => 0,
        Confidence::Medium => 1,
        Confidence::High => 2,
    }
}

/// The confidence behind the integer.
pub(crate) const fn confidence_of(code: i64) -> Option<Confidence> {
    match code {
        0 => Some(Confidence::Low),
        1 => Some(Confidence::Medium),
        2 => Some(Confidence::High),
        _ => None,
    }
}

/// The integer of what is worse about a degraded link.
pub(crate) const fn worse(worse: Worse) -> i64 {
    match worse {
        Worse::Loss => 1,
        Worse::Delay => 2,
    }
}

/// What is worse behind the integer.
pub(crate) const fn worse_of(code: i64) -> Option<Worse> {
    match code {
        1 => Some(Worse::Loss),
        2 => Some(Worse::Delay),
        _ => None,
    }
}

/// Every code of a probe.
pub(crate) const PROBES: std::ops::Range<i64> = 0..5;

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
        for code in [0, 1, 3, 4, 5, 6, 7] {
            let carrier = (code == CAUSE_UPSTREAM).then(|| "site/pop".parse().expect("a carrier"));
            assert_eq!(cause_of(code, carrier).as_ref().map(cause), Some(code));
        }
        for (code, carried) in (-1..10).flat_map(|code| [(code, false), (code, true)]) {
            let carrier = carried.then(|| "site/pop".parse().expect("a carrier"));
            assert_eq!(is_cause(code, carried), cause_of(code, carrier).is_some(), "{code} {carried}");
        }
        for code in 0..=2 {
            assert_eq!(confidence_of(code).map(confidence), Some(code));
        }
        assert_eq!((cause_of(2, None), cause_of(1, None), cause_of(8, None)), (Some(Cause::Unknown), None, None));
        assert_eq!((blind_of(9), probe_of(PROBES.end), blind_of(-1)), (None, None, None));
        assert!(PROBES.eq((0..100).filter(|code| probe_of(*code).is_some())));
    }
}
