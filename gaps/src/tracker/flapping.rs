//! Whether a link goes down and up again and again: the weighted share of changes over the last twenty slots of time, newer
//! slots weighing more, as Icinga counts it over checks (checkable-flapping.cpp). Slots and not rounds, because a link that
//! fails every few minutes is as much one trouble as one that fails every few seconds.

use phusong_model::{Millis, UtcMs};

const SLOTS: i64 = 20;

/// A slot is three rounds long: an outage and its end take two of them.
const ROUNDS: i64 = 3;

/// The shortest slot.
const SLOT_LEAST: Millis = Millis(5_000);

/// The weights of the oldest and of the newest slot; their mean is 1.
const OLDEST: f64 = 0.8;
const NEWEST: f64 = 1.2;

/// A link begins to flap above the first and stops below the second, in parts of all slots.
const HIGH: f64 = 0.30;
const LOW: f64 = 0.25;

/// How long the changes of a link are looked back at.
pub(crate) fn memory(period: Millis) -> Millis {
    Millis(slot(period).0.saturating_mul(SLOTS))
}

fn slot(period: Millis) -> Millis {
    Millis(period.0.saturating_mul(ROUNDS)).max(SLOT_LEAST)
}

/// Whether these changes, in any order, are those of a link that flaps at `now`; `before` says whether it did so far.
pub(super) fn flaps(changes: impl Iterator<Item = UtcMs>, now: UtcMs, period: Millis, before: bool) -> bool {
    let slot = slot(period);
    let mut changed = [false; SLOTS as usize];
    for at in changes {
        let age = now.since(at).0.max(0) / slot.0;
        if let Some(slot) = usize::try_from(age).ok().and_then(|age| changed.get_mut(age)) {
            *slot = true;
        }
    }
    let step = (NEWEST - OLDEST) / (SLOTS - 1) as f64;
    let weights = (0..).map(|age: i32| NEWEST - step * f64::from(age));
    let share: f64 = changed.iter().zip(weights).filter(|(changed, _)| **changed).map(|(_, weight)| weight).sum();
    share / SLOTS as f64 > if before { LOW } else { HIGH }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Millis = Millis(10_000);

    /// Changes at these many seconds ago.
    fn flaps_after(seconds: &[i64], before: bool) -> bool {
        let now = UtcMs(10_000_000);
        flaps(seconds.iter().map(|ago| now.minus(Millis(ago * 1000))), now, PERIOD, before)
    }

    #[test]
    fn a_few_outages_do_not_flap_and_one_every_minute_does() {
        assert!(!flaps_after(&[10, 70], false));
        assert!(!flaps_after(&[10, 70, 200, 260], false));
        assert!(flaps_after(&[10, 70, 130, 190, 250, 310], false));
        assert!(flaps_after(&[10, 70, 130, 190, 250], true), "it takes more to begin than to go on");
        assert!(!flaps_after(&[10, 70, 130, 190, 250], false));
        assert!(!flaps_after(&[500, 520, 540, 560], true), "and it ends when the changes grow old");
    }

    #[test]
    fn many_changes_in_one_slot_are_one() {
        assert!(!flaps_after(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], false));
    }
}
