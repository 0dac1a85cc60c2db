//! How long a damaged store is read before the daemon goes on with what is saved, and what systemd hears meanwhile.
//!
//! A start waits for it, since probing goes on from what stands: without it every link would begin undecided. So both
//! is done: the reading ends in time, and until then systemd hears that it goes on. A start that `TimeoutStartSec=`
//! killed would begin the same salvage anew, for ever. While the daemon runs nobody waits: ticks gather in memory.

use std::time::{Duration, Instant};

use phusong_store::Reading;

use crate::systemd;

/// So long measurements are read, counted from the beginning: a sound disk gives seven million rows in this time
/// (measured unoptimised, on a busy machine), and a province is probed again within a minute. The oldest are left out.
const MEASURED_LONGEST: Duration = Duration::from_secs(30);

/// So long what happened is read: years of a whole country on a sound disk. On one that takes its time for each page,
/// probing with what was saved by then is worth more than the rest.
const HAPPENED_LONGEST: Duration = Duration::from_secs(120);

/// How often systemd hears that the start goes on.
const WORD_EVERY: Duration = Duration::from_secs(1);

/// A salvage under way.
pub(crate) struct Saving {
    /// When the first of it was read.
    begun: Option<Instant>,
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
        Self { begun: None, during: During::Start { told: None } }
    }

    /// One beside the probing.
    pub(super) fn while_running() -> Self {
        Self { begun: None, during: During::Run }
    }

    /// Something was read; whether to read on.
    pub(crate) fn goes_on(&mut self, reading: Reading) -> bool {
        if let During::Start { told } = &mut self.during
            && told.is_none_or(|told| told.elapsed() >= WORD_EVERY)
        {
            *told = Some(Instant::now());
            systemd::still_starting("saving what can be read of a damaged store");
        }
        within(reading, self.begun.get_or_insert_with(Instant::now).elapsed())
    }
}

fn within(reading: Reading, elapsed: Duration) -> bool {
    elapsed
        < match reading {
            Reading::Happened => HAPPENED_LONGEST,
            Reading::Measured => MEASURED_LONGEST,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_read_longer_than_what_was_measured_and_neither_for_ever() {
        let reads = |seconds| {
            let elapsed = Duration::from_secs(seconds);
            (within(Reading::Happened, elapsed), within(Reading::Measured, elapsed))
        };
        assert_eq!([reads(0), reads(29)], [(true, true); 2]);
        assert_eq!([reads(30), reads(119)], [(true, false); 2]);
        assert_eq!(reads(120), (false, false));
    }
}
