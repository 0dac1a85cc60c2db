//! From signs to a verdict on the cause. The rules, weightiest first; what comes later never overrules what comes before:
//!
//! | signs | verdict |
//! |---|---|
//! | announced work | maintenance |
//! | everything that is looked at fell silent at once | prober |
//! | what carries the link is down | upstream |
//! | dying gasp | power: a power cut takes the light away too, a cut fibre lets nobody gasp |
//! | the far end had been up all the time | fibre: it had power; surer when the near end missed its light |
//! | mains off, or a battery that was nearly empty when the link fell silent | power |
//! | a port that somebody shut, an ONT that does not register | equipment |
//! | the far end restarted, though its site had power | equipment |
//! | the far end restarted | power |
//! | several ONTs of a port lost their light together, others not; or no light, and the site has power; or no light after less and less of it | fibre |
//! | links of several operators in one place | power, weakly: a grid that failed, or a storm |
//!
//! No light alone is no verdict: it is the fibre or the far end's power. `Unknown` is a valid answer, and a wrong *fibre*
//! the worst one.

use phusong_model::{Cause, Clue, Confidence, Millis, Sign, UtcMs, Verdict};

/// A battery is held for the cause when the link fell silent after at least this part of what it had left, in percent:
/// what a UPS predicts is off by a third either way, and a fibre can be cut while a battery is full.
const RUN_DOWN_PERCENT: i64 = 60;

/// ONTs of a port that must be dark for their common fibre to be held for the cause; two neighbours may share a transformer.
const PORT_DARK_LEAST: u32 = 3;

/// The verdict on an outage that began at `start`, from all that was seen of it.
pub(super) fn judge(start: UtcMs, mut clues: Vec<Clue>) -> Verdict {
    let (cause, confidence) = decide(start, &clues);
    clues.sort_by_key(|clue| (weight(&clue.sign), clue.at));
    Verdict { cause, confidence, evidence: clues }
}

fn decide(start: UtcMs, clues: &[Clue]) -> (Cause, Confidence) {
    use Confidence::{High, Low, Medium};
    let has = |wanted: fn(&Sign) -> bool| clues.iter().any(|clue| wanted(&clue.sign));
    let carrier = clues.iter().find_map(|clue| {
        let Sign::CarrierDown { carrier } = &clue.sign else { return None };
        Some(carrier.clone())
    });
    let no_light = has(|sign| matches!(sign, Sign::NoLight { .. }));
    let dark_end = no_light || has(|sign| matches!(sign, Sign::InterfaceDown { .. }));
    let powered = has(|sign| matches!(sign, Sign::MainsOn { .. } | Sign::SiteAnswers { .. }));
    let restarted = has(|sign| matches!(sign, Sign::Restarted { .. }));
    if has(|sign| matches!(sign, Sign::Announced { .. })) {
        (Cause::Maintenance, High)
    } else if has(|sign| matches!(sign, Sign::EverythingLost { .. })) {
        (Cause::Prober, Medium)
    } else if let Some(carrier) = carrier {
        (Cause::Upstream { carrier }, High)
    } else if has(|sign| matches!(sign, Sign::DyingGasp { .. })) {
        (Cause::Power, High)
    } else if has(|sign| matches!(sign, Sign::StayedUp { .. })) && !restarted {
        (
            Cause::Fibre,
            if no_light {
                High
            } else if dark_end {
                Medium
            } else {
                Low
            },
        )
    } else if has(|sign| matches!(sign, Sign::MainsOff { .. })) || clues.iter().any(|clue| ran_down(clue, start)) {
        (Cause::Power, High)
    } else if has(|sign| matches!(sign, Sign::InterfaceShut { .. })) {
        (Cause::Equipment, High)
    } else if has(|sign| matches!(sign, Sign::NotRegistered { .. })) || (restarted && powered) {
        (Cause::Equipment, Medium)
    } else if restarted {
        (Cause::Power, Medium)
    } else if has(|sign| matches!(sign, Sign::PortDark { dark, .. } if *dark >= PORT_DARK_LEAST))
        || (no_light && powered)
    {
        (Cause::Fibre, High)
    } else if no_light && has(|sign| matches!(sign, Sign::LightFaded { .. })) {
        (Cause::Fibre, Medium)
    } else if has(|sign| matches!(sign, Sign::DarkTogether { .. })) {
        (Cause::Power, Low)
    } else {
        (Cause::Unknown, Low)
    }
}

/// Whether the battery was empty, or as good as, when the link fell silent. A UPS that does not say what it has left
/// says at least that the mains are gone, but not when it ends.
fn ran_down(clue: &Clue, start: UtcMs) -> bool {
    let Sign::OnBattery { left, low, .. } = &clue.sign else { return false };
    let used = start.since(clue.at).max(Millis(0));
    let was_used = |left: &Millis| used.0.saturating_mul(100) >= left.0.saturating_mul(RUN_DOWN_PERCENT);
    *low || left.as_ref().is_some_and(was_used)
}

/// The order in which signs are told.
const fn weight(sign: &Sign) -> u8 {
    match sign {
        Sign::Announced { .. } => 0,
        Sign::EverythingLost { .. } => 1,
        Sign::CarrierDown { .. } => 2,
        Sign::DyingGasp { .. } => 3,
        Sign::StayedUp { .. } => 4,
        Sign::Restarted { .. } => 5,
        Sign::MainsOff { .. } => 6,
        Sign::OnBattery { .. } => 7,
        Sign::InterfaceShut { .. } => 8,
        Sign::NotRegistered { .. } => 9,
        Sign::PortDark { .. } => 10,
        Sign::Break { .. } => 11,
        Sign::NoLight { .. } => 12,
        Sign::LightFaded { .. } => 13,
        Sign::InterfaceDown { .. } => 14,
        Sign::MainsOn { .. } => 15,
        Sign::SiteAnswers { .. } => 16,
        Sign::DarkTogether { .. } => 17,
    }
}

/// Whether a sign says the same as another of the same outage, whatever its figures: it is told once, as first seen.
pub(super) fn repeats(a: &Sign, b: &Sign) -> bool {
    match (a, b) {
        // A battery that is low says more than one that is not.
        (Sign::OnBattery { device: a, low: a_low, .. }, Sign::OnBattery { device: b, low: b_low, .. }) => {
            a == b && a_low == b_low
        }
        (Sign::Restarted { device: a, .. }, Sign::Restarted { device: b, .. })
        | (Sign::StayedUp { device: a, .. }, Sign::StayedUp { device: b, .. }) => a == b,
        _ => weight(a) == weight(b),
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::Carrier;

    use super::*;

    const START: UtcMs = UtcMs(1_000_000);

    fn device() -> phusong_model::DeviceId {
        "d".parse().expect("id")
    }

    fn clue(sign: Sign) -> Clue {
        Clue { at: START, sign }
    }

    fn carrier() -> Carrier {
        "feeder".parse().expect("id")
    }

    fn cause(signs: &[Sign]) -> (&'static str, Confidence) {
        let mut backwards: Vec<Clue> = signs.iter().cloned().map(clue).collect();
        let verdict = judge(START, backwards.clone());
        backwards.reverse();
        assert_eq!(judge(START, backwards).cause, verdict.cause, "the order of clues decides nothing");
        (verdict.cause.id(), verdict.confidence)
    }

    #[test]
    fn a_dying_gasp_outranks_the_light_that_is_gone_with_the_power() {
        let (gasp, dark) = (Sign::DyingGasp { device: device() }, Sign::NoLight { device: device(), rx: None });
        let port = Sign::PortDark { device: device(), dark: 9, lit: 1 };
        assert_eq!(cause(&[dark.clone(), gasp, port.clone()]), ("power", Confidence::High));
        assert_eq!(cause(&[dark, port]), ("fibre", Confidence::High));
    }

    #[test]
    fn no_light_alone_is_no_verdict() {
        let dark = Sign::NoLight { device: device(), rx: None };
        assert_eq!(cause(std::slice::from_ref(&dark)).0, "unknown");
        assert_eq!(cause(&[dark.clone(), Sign::InterfaceDown { device: device() }]).0, "unknown");
        assert_eq!(
            cause(&[dark.clone(), Sign::LightFaded { device: device(), db: 4.0 }]),
            ("fibre", Confidence::Medium)
        );
        assert_eq!(cause(&[dark, Sign::MainsOn { device: device() }]), ("fibre", Confidence::High));
    }

    #[test]
    fn a_battery_counts_when_it_was_used_up() {
        let battery = |left: i64, before: i64, low| Clue {
            at: START.minus(Millis(before * 60_000)),
            sign: Sign::OnBattery { device: device(), left: Some(Millis(left * 60_000)), low },
        };
        let cause = |clue| judge(START, vec![clue]).cause;
        assert_eq!(cause(battery(60, 50, false)), Cause::Power);
        assert_eq!(cause(battery(240, 5, false)), Cause::Unknown, "a fibre can be cut while a battery is full");
        assert_eq!(cause(battery(240, 5, true)), Cause::Power);
    }

    #[test]
    fn what_came_back_tells_the_rest() {
        let restarted = Sign::Restarted { device: device(), uptime: Millis(60_000) };
        let stayed = Sign::StayedUp { device: device(), uptime: Millis(9_000_000) };
        assert_eq!(cause(std::slice::from_ref(&restarted)), ("power", Confidence::Medium));
        assert_eq!(cause(&[restarted, Sign::SiteAnswers { carrier: carrier() }]), ("equipment", Confidence::Medium));
        assert_eq!(cause(std::slice::from_ref(&stayed)), ("fibre", Confidence::Low));
        assert_eq!(cause(&[stayed, Sign::NoLight { device: device(), rx: None }]), ("fibre", Confidence::High));
    }

    #[test]
    fn our_own_loss_is_never_a_fibre() {
        let lost = Sign::EverythingLost { links: 40 };
        let dark = Sign::PortDark { device: device(), dark: 9, lit: 1 };
        assert_eq!(cause(&[lost, dark, Sign::StayedUp { device: device(), uptime: Millis(1) }]).0, "prober");
    }

    #[test]
    fn the_weightiest_sign_is_told_first() {
        let signs = [Sign::NoLight { device: device(), rx: None }, Sign::CarrierDown { carrier: carrier() }];
        let verdict = judge(START, signs.into_iter().map(clue).collect());
        assert_eq!(verdict.cause, Cause::Upstream { carrier: carrier() });
        assert!(matches!(verdict.evidence.first().map(|clue| &clue.sign), Some(Sign::CarrierDown { .. })));
    }
}
