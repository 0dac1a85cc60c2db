//! When each echo of a round is due. Pure: instants are counted from the start of the round.

use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

use super::flights::EchoPlace;

/// How a round looks at its targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoundPlan {
    /// Echoes to each target.
    pub echoes: u16,
    /// Time between two echoes to one target.
    pub spacing: Duration,
    /// How long the reply to an echo is waited for, from when it was sent.
    pub timeout: Duration,
    /// The first echoes to the targets are spread evenly over this time; zero sends them as fast as bursts allow.
    pub spread: Duration,
}

/// The echoes of a round in the order in which they are due.
#[derive(Debug)]
pub(super) struct Schedule {
    plan: RoundPlan,
    targets: u32,
    /// For each echo number the next target that gets it: for one number, targets are due in their order. A heap of a
    /// few entries replaces a sorted list of all.
    next: BinaryHeap<Reverse<(Duration, u16, u32)>>,
}

impl Schedule {
    pub(super) fn new(plan: RoundPlan, targets: u32) -> Self {
        let mut schedule = Self { plan, targets, next: BinaryHeap::with_capacity(plan.echoes.into()) };
        for echo in 0..plan.echoes {
            schedule.put(EchoPlace { target: 0, echo });
        }
        schedule
    }

    /// When the next echo is due; none when all have been taken.
    pub(super) fn next_due(&self) -> Option<Duration> {
        self.next.peek().map(|Reverse((due, _, _))| *due)
    }

    /// Takes the next echo that is due so long after the start.
    pub(super) fn take_due(&mut self, elapsed: Duration) -> Option<EchoPlace> {
        if self.next_due()? > elapsed {
            return None;
        }
        let Reverse((_, echo, target)) = self.next.pop()?;
        self.put(EchoPlace { target: target + 1, echo });
        Some(EchoPlace { target, echo })
    }

    fn put(&mut self, place: EchoPlace) {
        if place.target < self.targets {
            let start = share(self.plan.spread, place.target, self.targets);
            let due = start.saturating_add(self.plan.spacing.saturating_mul(place.echo.into()));
            self.next.push(Reverse((due, place.echo, place.target)));
        }
    }
}

/// `part` / `whole` of a length.
fn share(length: Duration, part: u32, whole: u32) -> Duration {
    let nanos = length.as_nanos() * u128::from(part) / u128::from(whole.max(1));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn plan(echoes: u16, spacing: Duration, spread: Duration) -> RoundPlan {
        RoundPlan { echoes, spacing, timeout: 1000 * MS, spread }
    }

    /// All echoes with the times they are due.
    fn all(plan: RoundPlan, targets: u32) -> Vec<(Duration, EchoPlace)> {
        let mut schedule = Schedule::new(plan, targets);
        std::iter::from_fn(|| schedule.next_due().zip(schedule.take_due(Duration::MAX))).collect()
    }

    #[test]
    fn targets_are_spread_and_their_echoes_are_spaced() {
        let due: Vec<_> = all(plan(2, 10 * MS, 8 * MS), 4)
            .into_iter()
            .map(|(due, place)| (due.as_millis(), place.target, place.echo))
            .collect();
        let expected = [(0, 0, 0), (2, 1, 0), (4, 2, 0), (6, 3, 0), (10, 0, 1), (12, 1, 1), (14, 2, 1), (16, 3, 1)];
        assert_eq!(due, expected);
    }

    #[test]
    fn nothing_is_taken_before_it_is_due() {
        let mut schedule = Schedule::new(plan(2, 10 * MS, Duration::ZERO), 1);
        assert_eq!(schedule.take_due(Duration::ZERO), Some(EchoPlace { target: 0, echo: 0 }));
        assert_eq!(schedule.take_due(9 * MS), None);
        assert_eq!(schedule.next_due(), Some(10 * MS));
        assert_eq!(schedule.take_due(10 * MS), Some(EchoPlace { target: 0, echo: 1 }));
        assert_eq!(schedule.next_due(), None);
        assert_eq!(schedule.take_due(Duration::MAX), None);
    }

    #[test]
    fn no_targets_or_no_echoes_are_nothing_to_do() {
        assert_eq!(all(plan(5, MS, MS), 0), []);
        assert_eq!(all(plan(0, MS, MS), 5), []);
    }

    proptest! {
        #[test]
        fn every_echo_is_due_once_and_in_order(echoes in 0_u16..8, targets in 0_u32..50, spacing in 0_u32..40, spread in 0_u32..90) {
            let due = all(plan(echoes, spacing * MS, spread * MS), targets);
            prop_assert!(due.is_sorted_by_key(|(due, _)| *due));
            let mut places: Vec<_> = due.into_iter().map(|(_, place)| place).collect();
            places.sort_unstable();
            let expected: Vec<_> =
                (0..targets).flat_map(|target| (0..echoes).map(move |echo| EchoPlace { target, echo })).collect();
            prop_assert_eq!(places, expected);
        }
    }
}
