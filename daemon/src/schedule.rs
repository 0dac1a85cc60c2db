//! When ticks are due. Durations come from the monotonic clock; the wall clock only gives labels.

use std::time::{Duration, Instant};

use phusong_model::{Millis, UtcMs};

/// The order of ticks. Labels grow strictly, whatever the wall clock does: after a step back they go on from the last
/// one at the pace of the monotonic clock until the wall clock has caught up.
#[derive(Debug)]
pub(crate) struct Schedule {
    period: Duration,
    next: Instant,
    last_label: Option<UtcMs>,
}

impl Schedule {
    /// A schedule whose first tick is due at the next whole second, so that labels tell when looking began, and
    /// labelled after `last_label`, the newest tick in the store.
    pub(crate) fn new(period: Duration, now: Instant, wall: UtcMs, last_label: Option<UtcMs>) -> Self {
        let to_whole_second = u64::try_from((-wall.0).rem_euclid(1000)).unwrap_or_default();
        Self { period, next: now + Duration::from_millis(to_whole_second), last_label }
    }

    /// When the next tick should start. Whole periods that were missed are skipped, not made up for: their time is blind.
    pub(crate) fn next(&mut self, now: Instant) -> Instant {
        while self.next + self.period <= now {
            self.next += self.period;
        }
        let start = self.next;
        self.next += self.period;
        start
    }

    /// The label of a tick that starts now, so long after it was due: a whole second, later than every label before. It is
    /// asked for on waking, since a machine may have slept or its clock been set while the tick was waited for.
    pub(crate) fn label(&mut self, wall: UtcMs, slip: Duration) -> UtcMs {
        let late = Millis(i64::try_from(slip.as_millis()).unwrap_or(i64::MAX));
        let by_wall = nearest_second(wall.minus(late));
        let label = match self.last_label {
            // The clock stepped back: keep the pace of the monotonic clock.
            Some(last) if by_wall <= last => last.plus(self.period_millis()),
            _ => by_wall,
        };
        self.last_label = Some(label);
        label
    }

    /// Time from one tick to the next.
    pub(crate) fn period_millis(&self) -> Millis {
        Millis(i64::try_from(self.period.as_millis()).unwrap_or(i64::MAX))
    }

    /// Takes another period while the tick at `start` is waited for; when it starts now. A shorter period does not wait
    /// for the end of a longer one.
    pub(crate) fn set_period(&mut self, period: Duration, now: Instant, start: Instant) -> Instant {
        let start = start.min(now + period);
        self.period = period;
        self.next = start + period;
        start
    }
}

/// Ticks start on whole seconds, give or take what the two clocks are apart: rounding down would make every other
/// label a second too early.
fn nearest_second(at: UtcMs) -> UtcMs {
    UtcMs((at.0 + 500).div_euclid(1000) * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_secs(10);

    #[test]
    fn the_first_tick_starts_on_a_whole_second_and_the_others_a_period_apart() {
        let now = Instant::now();
        let mut schedule = Schedule::new(PERIOD, now, UtcMs(1_000_900), None);
        let whole = now + Duration::from_millis(100);
        assert_eq!(schedule.next(now), whole);
        assert_eq!(schedule.label(UtcMs(1_001_001), Duration::from_millis(1)), UtcMs(1_001_000));
        assert_eq!(schedule.next(whole + Duration::from_millis(4200)), whole + PERIOD);
        assert_eq!(schedule.label(UtcMs(1_011_000), Duration::ZERO), UtcMs(1_011_000));
    }

    #[test]
    fn clocks_that_are_a_little_apart_and_ticks_that_are_late_make_no_other_labels() {
        let mut schedule = Schedule::new(PERIOD, Instant::now(), UtcMs(1_000_000), None);
        let wall = [1_000_000, 1_009_999, 1_020_003, 1_033_000].map(UtcMs);
        let slip = [0, 0, 2, 3_000].map(Duration::from_millis);
        let labels: Vec<UtcMs> = wall.into_iter().zip(slip).map(|(wall, slip)| schedule.label(wall, slip)).collect();
        assert_eq!(labels, [1_000_000, 1_010_000, 1_020_000, 1_030_000].map(UtcMs));
    }

    #[test]
    fn missed_periods_are_skipped() {
        let now = Instant::now();
        let mut schedule = Schedule::new(PERIOD, now, UtcMs(0), None);
        schedule.next(now);
        assert_eq!(schedule.next(now + Duration::from_secs(47)), now + Duration::from_secs(40));
    }

    #[test]
    fn a_shorter_period_does_not_wait_for_the_end_of_a_longer_one() {
        let now = Instant::now();
        let mut schedule = Schedule::new(PERIOD * 360, now, UtcMs(0), None);
        schedule.next(now);
        let waited_for = schedule.next(now);
        assert_eq!(schedule.set_period(PERIOD, now, waited_for), now + PERIOD);
        assert_eq!(schedule.next(now + PERIOD), now + PERIOD * 2);
    }

    #[test]
    fn a_clock_that_steps_back_never_repeats_a_label() {
        let mut schedule = Schedule::new(PERIOD, Instant::now(), UtcMs(0), Some(UtcMs(3_600_000)));
        let labels: Vec<UtcMs> = (0..4).map(|i| schedule.label(UtcMs(i * 10_000), Duration::ZERO)).collect();
        assert_eq!(labels, [3_610_000, 3_620_000, 3_630_000, 3_640_000].map(UtcMs));
    }

    #[test]
    fn a_restart_within_the_second_takes_a_new_label() {
        let second = Duration::from_secs(1);
        let mut schedule = Schedule::new(second, Instant::now(), UtcMs(5_000), Some(UtcMs(5_000)));
        assert_eq!(schedule.label(UtcMs(5_000), Duration::ZERO), UtcMs(6_000));
    }
}
