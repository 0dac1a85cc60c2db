//! When ticks are due. Durations come from the monotonic clock; the wall clock only gives labels.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use phusong_model::{Millis, UtcMs};

/// The shortest time from one tick to one that was hastened: a round of the default settings takes two seconds, and what
/// began a moment ago is not seen better by asking twice.
const HASTENED_GAP: Duration = Duration::from_secs(2);

/// Ticks that may be hastened within [`HASTENED_WINDOW`]. Anybody who can forge a trap can ask for them: at the default
/// period this is four rounds beside six, at a longer one still fewer than a default prober sends.
const HASTENED_MOST: usize = 4;

/// See [`HASTENED_MOST`].
const HASTENED_WINDOW: Duration = Duration::from_secs(60);

/// The order of ticks. Labels grow strictly, whatever the wall clock does: after a step back they go on from the last
/// one at the pace of the monotonic clock until the wall clock has caught up.
#[derive(Debug)]
pub(crate) struct Schedule {
    period: Duration,
    next: Instant,
    last_start: Option<Instant>,
    last_label: Option<UtcMs>,
    /// When the last ticks were hastened, oldest first; at most [`HASTENED_MOST`].
    hastened: VecDeque<Instant>,
}

impl Schedule {
    /// A schedule whose first tick is due at the next whole second, so that labels tell when looking began, and
    /// labelled after `last_label`, the newest tick in the store.
    pub(crate) fn new(period: Duration, now: Instant, wall: UtcMs, last_label: Option<UtcMs>) -> Self {
        let to_whole_second = u64::try_from((-wall.0).rem_euclid(1000)).unwrap_or_default();
        let next = now + Duration::from_millis(to_whole_second);
        Self { period, next, last_start: None, last_label, hastened: VecDeque::new() }
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

    /// The label of the tick that was due at `start` and starts now, so long after it: a whole second, later than every
    /// label before. It is asked for on waking, since a machine may have slept or its clock been set while the tick was
    /// waited for.
    pub(crate) fn label(&mut self, start: Instant, wall: UtcMs, slip: Duration) -> UtcMs {
        let late = Millis(i64::try_from(slip.as_millis()).unwrap_or(i64::MAX));
        let by_wall = nearest_second(wall.minus(late));
        let label = match self.last_label {
            // The clock stepped back: keep the pace of the monotonic clock.
            Some(last) if by_wall <= last => last.plus(self.since_last(start)),
            _ => by_wall,
        };
        self.last_start = Some(start);
        self.last_label = Some(label);
        label
    }

    /// Whole seconds from the start of the last tick to `start`, at least one; a period when there was no tick yet.
    fn since_last(&self, start: Instant) -> Millis {
        let Some(last) = self.last_start else { return self.period_millis() };
        let millis = i64::try_from(start.saturating_duration_since(last).as_millis()).unwrap_or(i64::MAX);
        Millis(nearest_second(UtcMs(millis)).0.max(1000))
    }

    /// Lets the tick that is waited for, due at `start`, begin sooner, because something may have happened; when it
    /// starts now. A tick takes `busy`, and the next ones follow a period after this one. Ticks stay on whole seconds,
    /// and so far apart and so few that nobody outside can make a burden of them.
    pub(crate) fn hasten(&mut self, now: Instant, start: Instant, busy: Duration) -> Instant {
        let gap = HASTENED_GAP.max(busy);
        let earliest = self.last_start.map_or(now, |last| now.max(last + gap));
        let sooner = Duration::from_secs(start.saturating_duration_since(earliest).as_secs());
        while self.hastened.front().is_some_and(|first| now.duration_since(*first) >= HASTENED_WINDOW) {
            self.hastened.pop_front();
        }
        match start.checked_sub(sooner) {
            Some(early) if !sooner.is_zero() && self.hastened.len() < HASTENED_MOST => {
                self.hastened.push_back(now);
                self.next = early + self.period;
                early
            }
            Some(_) | None => start,
        }
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
        assert_eq!(schedule.label(whole, UtcMs(1_001_001), Duration::from_millis(1)), UtcMs(1_001_000));
        assert_eq!(schedule.next(whole + Duration::from_millis(4200)), whole + PERIOD);
        assert_eq!(schedule.label(whole + PERIOD, UtcMs(1_011_000), Duration::ZERO), UtcMs(1_011_000));
    }

    #[test]
    fn clocks_that_are_a_little_apart_and_ticks_that_are_late_make_no_other_labels() {
        let now = Instant::now();
        let mut schedule = Schedule::new(PERIOD, now, UtcMs(1_000_000), None);
        let wall = [1_000_000, 1_009_999, 1_020_003, 1_033_000].map(UtcMs);
        let slip = [0, 0, 2, 3_000].map(Duration::from_millis);
        let start = (0..).map(|tick| now + PERIOD * tick);
        let ticks = start.zip(wall).zip(slip);
        let labels: Vec<UtcMs> = ticks.map(|((start, wall), slip)| schedule.label(start, wall, slip)).collect();
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
        let now = Instant::now();
        let mut schedule = Schedule::new(PERIOD, now, UtcMs(0), Some(UtcMs(3_600_000)));
        let mut label =
            |tick: u32| schedule.label(now + PERIOD * tick, UtcMs(i64::from(tick) * 10_000), Duration::ZERO);
        let labels: Vec<UtcMs> = (0..4).map(&mut label).collect();
        assert_eq!(labels, [3_610_000, 3_620_000, 3_630_000, 3_640_000].map(UtcMs));
    }

    #[test]
    fn a_restart_within_the_second_takes_a_new_label() {
        let second = Duration::from_secs(1);
        let now = Instant::now();
        let mut schedule = Schedule::new(second, now, UtcMs(5_000), Some(UtcMs(5_000)));
        assert_eq!(schedule.label(now, UtcMs(5_000), Duration::ZERO), UtcMs(6_000));
    }

    const LONG: Duration = Duration::from_secs(30);
    const BUSY: Duration = Duration::from_millis(3_500);

    /// A schedule of [`LONG`] periods whose first tick began at `now`, and when the second is due.
    fn waiting(now: Instant) -> (Schedule, Instant) {
        let mut schedule = Schedule::new(LONG, now, UtcMs(0), None);
        let first = schedule.next(now);
        schedule.label(first, UtcMs(0), Duration::ZERO);
        let second = schedule.next(now);
        (schedule, second)
    }

    #[test]
    fn a_hastened_tick_starts_on_the_next_whole_second_and_the_others_a_period_after_it() {
        let now = Instant::now();
        let (mut schedule, second) = waiting(now);
        let trap = now + Duration::from_millis(12_300);
        let early = schedule.hasten(trap, second, BUSY);
        assert_eq!(early, now + Duration::from_secs(13));
        assert_eq!(schedule.label(early, UtcMs(13_000), Duration::ZERO), UtcMs(13_000));
        assert_eq!(schedule.next(early + BUSY), early + LONG);
        assert_eq!(schedule.period_millis(), Millis(30_000));
    }

    #[test]
    fn a_hastened_tick_keeps_its_distance_and_none_is_put_off() {
        let now = Instant::now();
        let (mut schedule, second) = waiting(now);
        let early = schedule.hasten(now + Duration::from_millis(10), second, BUSY);
        assert_eq!(early, now + Duration::from_secs(4), "a round must be over, and ticks start on whole seconds");
        assert_eq!(schedule.hasten(now + Duration::from_millis(20), early, BUSY), early, "it is hastened already");

        let mut short = Schedule::new(BUSY, now, UtcMs(0), None);
        let first = short.next(now);
        short.label(first, UtcMs(0), Duration::ZERO);
        let due = short.next(now);
        assert_eq!(short.hasten(now, due, BUSY), due, "a round that fills its period cannot begin sooner");
        assert_eq!(schedule.hasten(early + BUSY, early, BUSY), early, "what is overdue starts when it was due");
    }

    #[test]
    fn so_many_ticks_a_minute_are_hastened_and_no_more() {
        let now = Instant::now();
        let (mut schedule, mut due) = waiting(now);
        let mut starts = Vec::new();
        let mut clock = now;
        // Somebody asks ten times a second for two minutes.
        while clock < now + Duration::from_secs(120) {
            due = schedule.hasten(clock, due, BUSY);
            if due <= clock {
                starts.push(due);
                schedule.label(due, UtcMs(0), Duration::ZERO);
                due = schedule.next(clock);
            }
            clock += Duration::from_millis(100);
        }
        // Four a minute, and a regular one or two when there are none left.
        assert!((8..=12).contains(&starts.len()), "{starts:?}");
        assert!(starts.windows(2).all(|two| two[1] - two[0] >= BUSY), "{starts:?}");
        assert!(starts.windows(2).all(|two| two[1] - two[0] <= LONG), "{starts:?}");
    }

    #[test]
    fn labels_keep_the_pace_of_hastened_ticks_when_the_clock_stepped_back() {
        let now = Instant::now();
        let (mut schedule, second) = waiting(now);
        schedule.label(now, UtcMs(3_600_000), Duration::ZERO);
        let early = schedule.hasten(now + Duration::from_millis(12_300), second, BUSY);
        assert_eq!(schedule.label(early, UtcMs(13_000), Duration::ZERO), UtcMs(3_613_000));
    }
}
