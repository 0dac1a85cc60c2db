//! How long a damaged store is read before the daemon goes on with what is saved, and what systemd hears meanwhile.
//!
//! A start waits for it, since probing goes on from what stands: without it every link would begin undecided. So both
//! is done: the reading ends in time, and until then systemd hears that it goes on. A start that `TimeoutStartSec=`
//! killed would begin the same salvage anew, for ever. While the daemon runs, probing goes on and ticks gather in memory:
//! it can be read for longer.

use std::time::{Duration, Instant};

use phusong_store::Reading;

use crate::systemd;

/// How long a damaged store is read. Each part has its own time: one that a bad disk holds up leaves the others
/// theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limits {
    /// For what happened.
    happened: Duration,
    /// For hours of rollups, as a part of the next.
    hours: Duration,
    /// For all measurements, counted from the first of them. Of each kind the oldest are left out.
    measured: Duration,
}

/// A start. A sound disk gives years of what happened in a whole country, and seven million rows of measurements in half a
/// minute (measured unoptimised, on a busy machine): a province is probed again within a minute. On a disk that takes its
/// time for each page, probing with what was saved by then is worth more than the rest.
const AT_START: Limits =
    Limits { happened: Duration::from_secs(120), hours: Duration::from_secs(15), measured: Duration::from_secs(30) };

/// A running daemon. Together a quarter of the hour of a province's samples that may wait in memory; nothing can be ordered
/// meanwhile, and a stop does not wait: the next start begins anew with the same file.
const BESIDE_PROBING: Limits =
    Limits { happened: Duration::from_secs(600), hours: Duration::from_secs(150), measured: Duration::from_secs(300) };

/// How often systemd hears that the start goes on.
const WORD_EVERY: Duration = Duration::from_secs(1);

/// A salvage under way.
pub(crate) struct Saving {
    /// When the first of it was read, and the first of what was measured.
    begun: Option<Instant>,
    measured: Option<Instant>,
    during: During,
}

/// Who waits for it.
enum During {
    /// systemd, which heard of it then.
    Start { told: Option<Instant> },
    /// Nobody.
    Run,
}

impl Saving {
    /// One that a start waits for.
    pub(crate) fn at_start() -> Self {
        Self { begun: None, measured: None, during: During::Start { told: None } }
    }

    /// One beside the probing.
    pub(super) fn while_running() -> Self {
        Self { begun: None, measured: None, during: During::Run }
    }

    /// Something was read; whether to read on.
    pub(crate) fn goes_on(&mut self, reading: Reading) -> bool {
        if let During::Start { told } = &mut self.during
            && told.is_none_or(|told| told.elapsed() >= WORD_EVERY)
        {
            *told = Some(Instant::now());
            systemd::still_starting("saving what can be read of a damaged store");
        }
        let limits = match self.during {
            During::Start { .. } => AT_START,
            During::Run => BESIDE_PROBING,
        };
        limits.leave(reading, self.elapsed(reading))
    }

    /// How long that part has been read for.
    fn elapsed(&mut self, reading: Reading) -> Duration {
        let since = match reading {
            Reading::Happened => &mut self.begun,
            Reading::Hours | Reading::Measured => &mut self.measured,
        };
        since.get_or_insert_with(Instant::now).elapsed()
    }
}

impl Limits {
    /// Whether they leave more time.
    fn leave(self, reading: Reading, elapsed: Duration) -> bool {
        elapsed
            < match reading {
                Reading::Happened => self.happened,
                Reading::Hours => self.hours,
                Reading::Measured => self.measured,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_its_time_and_none_for_ever() {
        let reads = |limits: Limits, seconds| {
            let elapsed = Duration::from_secs(seconds);
            [Reading::Happened, Reading::Hours, Reading::Measured].map(|reading| limits.leave(reading, elapsed))
        };
        assert_eq!([0, 14].map(|seconds| reads(AT_START, seconds)), [[true; 3]; 2]);
        assert_eq!([15, 29].map(|seconds| reads(AT_START, seconds)), [[true, false, true]; 2]);
        assert_eq!([30, 119].map(|seconds| reads(AT_START, seconds)), [[true, false, false]; 2]);
        assert_eq!(reads(AT_START, 120), [false; 3]);
        assert_eq!(
            [149, 299, 599, 600].map(|seconds| reads(BESIDE_PROBING, seconds)),
            [[true; 3], [true, false, true], [true, false, false], [false; 3]]
        );
    }

    #[test]
    fn what_happened_takes_nothing_of_the_time_for_measurements() {
        let long_ago = Instant::now().checked_sub(Duration::from_secs(119)).expect("the machine runs for longer");
        let mut saving = Saving { begun: Some(long_ago), ..Saving::at_start() };
        assert!([Reading::Happened, Reading::Hours, Reading::Measured].iter().all(|reading| saving.goes_on(*reading)));
        let mut saving = Saving { measured: Some(long_ago), ..Saving::at_start() };
        assert!(!saving.goes_on(Reading::Hours) && !saving.goes_on(Reading::Measured));
        assert!(Saving { measured: Some(long_ago), ..Saving::while_running() }.goes_on(Reading::Hours));
    }
}
