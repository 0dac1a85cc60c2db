//! How many hints are acted on. Pure: the time is passed in.

use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

/// Hints of one device that are acted on at once: down and up of a link, a start, a mains failure.
const SOURCE_BURST: u32 = 4;

/// After them one in so long. A card with 48 ports sends 48 traps, and a flapping port one a second; each would be a poll.
const SOURCE_EVERY: Duration = Duration::from_secs(15);

/// Hints of all devices that are acted on at once: a cut feeder makes both ends of some dozen links speak.
const ALL_BURST: u32 = 64;

/// After them one in so long: eight polls a second are what a hundred communes need in a minute anyway.
const ALL_EVERY: Duration = Duration::from_millis(125);

/// Sources remembered: the devices of the design limit, 3,321 communes with ten each. Sources that are no device do not
/// come here.
const SOURCES_MOST: usize = 33_210;

/// A bucket of `burst` tokens that gains one `every` so long, as the time at which it is full again (GCRA).
#[derive(Debug, Clone, Copy)]
struct Bucket {
    full_at: Instant,
}

impl Bucket {
    fn take(&mut self, now: Instant, burst: u32, every: Duration) -> bool {
        let admitted = self.full_at <= now + every * burst.saturating_sub(1);
        if admitted {
            self.full_at = self.full_at.max(now) + every;
        }
        admitted
    }
}

/// All buckets.
#[derive(Debug)]
pub(super) struct Limits {
    all: Bucket,
    sources: HashMap<IpAddr, Bucket>,
}

impl Limits {
    pub(super) fn new(now: Instant) -> Self {
        Self { all: Bucket { full_at: now }, sources: HashMap::new() }
    }

    /// Whether a hint of `source` is acted on. One that its own device's share refuses takes nothing of the others'.
    pub(super) fn admit(&mut self, source: IpAddr, now: Instant) -> bool {
        if self.sources.len() >= SOURCES_MOST && !self.sources.contains_key(&source) {
            // Full buckets are the same as none.
            self.sources.retain(|_, bucket| bucket.full_at > now);
            if self.sources.len() >= SOURCES_MOST {
                return false;
            }
        }
        let bucket = self.sources.entry(source).or_insert(Bucket { full_at: now });
        bucket.take(now, SOURCE_BURST, SOURCE_EVERY) && self.all.take(now, ALL_BURST, ALL_EVERY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(number: u32) -> IpAddr {
        IpAddr::from((0x0a00_0000 + number).to_be_bytes())
    }

    #[test]
    fn a_device_has_a_few_at_once_and_then_one_in_a_while() {
        let start = Instant::now();
        let mut limits = Limits::new(start);
        let mut taken = 0;
        // Ten minutes of a port that flaps ten times a second.
        for step in 0..6_000 {
            taken += u32::from(limits.admit(source(1), start + Duration::from_millis(100) * step));
        }
        assert_eq!(taken, SOURCE_BURST + 600 / 15 - 1);
        assert!(limits.admit(source(2), start + Duration::from_secs(600)), "another device has its own");
    }

    #[test]
    fn all_devices_together_have_a_limit_and_the_table_too() {
        let now = Instant::now();
        let mut limits = Limits::new(now);
        let taken = (0..100_000).filter(|number| limits.admit(source(*number), now)).count();
        assert_eq!(taken, ALL_BURST as usize);
        assert_eq!(limits.sources.len(), SOURCES_MOST);
        let later = now + SOURCE_EVERY;
        assert!(limits.admit(source(200_000), later), "those that have been quiet are forgotten");
        assert_eq!(limits.sources.len(), 1);
    }

    #[test]
    fn what_one_device_may_not_takes_nothing_of_the_others() {
        let now = Instant::now();
        let mut limits = Limits::new(now);
        for _ in 0..10_000 {
            limits.admit(source(1), now);
        }
        let others = (2..1_000).filter(|number| limits.admit(source(*number), now)).count();
        assert_eq!(others, (ALL_BURST - SOURCE_BURST) as usize);
    }
}
