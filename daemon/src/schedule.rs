//! When ticks are due. Durations come from the monotonic clock; the wall clock only gives labels.

use std::time::{Duration, Instant};

use phusong_model::{Millis, UtcMs};

/// A tick that is due: when to start it, and the label it carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    /// When it should start.
    pub(crate) start: Instant,
    /// Its time in samples and series: a whole second, later than every tick before it.
    pub(crate) label: UtcMs,
}

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

    /// The next tick. When whole periods were missed they are skipped, not made up for: their time is blind.
    pub(crate) fn next(&mut self, now: Instant, wall: UtcMs) -> Due {
        while self.next + self.period <= now {
            self.next += self.period;
        }
        let start = self.next;
        let wait = Millis(i64::try_from(start.saturating_duration_since(now).as_millis()).unwrap_or(i64::MAX));
        let by_wall = nearest_second(wall.plus(wait));
        let after_last = self.last_label.map(|last| last.plus(Millis::from_secs(1)));
        let label = after_last.map_or(by_wall, |least| {
            if by_wall >= least {
                by_wall
            } else {
                // The clock stepped back: keep the pace of the monotonic clock.
                least.max(self.last_label.unwrap_or(least).plus(self.period_millis()))
            }
        });
        self.next += self.period;
        self.last_label = Some(label);
        Due { start, label }
    }

    /// Time from one tick to the next.
    pub(crate) fn period_millis(&self) -> Millis {
        Millis(i64::try_from(self.period.as_millis()).unwrap_or(i64::MAX))
    }

    /// Takes another period from the next tick on.
    pub(crate) fn set_period(&mut self, period: Duration) {
        self.period = period;
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
    fn labels_are_whole_seconds_a_period_apart() {
        let start = Instant::now();
        let mut schedule = Schedule::new(PERIOD, start, UtcMs(1_000_900), None);
        let whole = start + Duration::from_millis(100);
        let first = schedule.next(start, UtcMs(1_000_900));
        let second = schedule.next(start + Duration::from_millis(4200), UtcMs(1_005_100));
        assert_eq!((first.start, first.label), (whole, UtcMs(1_001_000)));
        assert_eq!((second.start, second.label), (whole + PERIOD, UtcMs(1_011_000)));
    }

    #[test]
    fn clocks_that_are_a_little_apart_make_no_other_labels() {
        let start = Instant::now();
        let mut schedule = Schedule::new(PERIOD, start, UtcMs(1_000_000), None);
        let labels: Vec<UtcMs> = (0..4)
            .map(|i| {
                schedule.next(start + PERIOD * i, UtcMs(1_000_000 + i64::from(i) * 10_000 - i64::from(i % 2))).label
            })
            .collect();
        assert_eq!(labels, [1_000_000, 1_010_000, 1_020_000, 1_030_000].map(UtcMs));
    }

    #[test]
    fn missed_periods_are_skipped() {
        let start = Instant::now();
        let mut schedule = Schedule::new(PERIOD, start, UtcMs(0), None);
        schedule.next(start, UtcMs(0));
        let late = schedule.next(start + Duration::from_secs(47), UtcMs(47_000));
        assert_eq!((late.start, late.label), (start + Duration::from_secs(40), UtcMs(47_000)));
    }

    #[test]
    fn a_clock_that_steps_back_never_repeats_a_label() {
        let start = Instant::now();
        let mut schedule = Schedule::new(PERIOD, start, UtcMs(0), Some(UtcMs(3_600_000)));
        let labels: Vec<UtcMs> =
            (0..4).map(|i| schedule.next(start + PERIOD * i, UtcMs(i64::from(i) * 10_000)).label).collect();
        assert_eq!(labels, [3_610_000, 3_620_000, 3_630_000, 3_640_000].map(UtcMs));
    }

    #[test]
    fn a_restart_within_the_second_waits_for_a_new_label() {
        let start = Instant::now();
        let mut schedule = Schedule::new(Duration::from_secs(1), start, UtcMs(5_000), Some(UtcMs(5_000)));
        assert_eq!(schedule.next(start, UtcMs(5_000)).label, UtcMs(6_000));
    }
}
