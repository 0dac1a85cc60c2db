//! How long to wait for what is out there and does not answer.

use std::{
    hash::{BuildHasher as _, RandomState},
    time::{Duration, Instant},
};

/// First wait after a failure.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// Longest wait: what comes back is noticed within a minute.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long to wait after so many failures in a row: doubling, with jitter so that many daemons that lost the same
/// server do not come back in the same second.
pub(crate) fn pause(failures: u32, jitter: f64) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(LONGEST_PAUSE);
    doubled.mul_f64(0.75 + 0.25 * jitter.clamp(0.0, 1.0)).max(FIRST_PAUSE)
}

/// Between 0 and 1, from the random keys that the standard library draws for its hash maps.
pub(crate) fn jitter() -> f64 {
    f64::from(RandomState::new().hash_one(Instant::now()) as u32) / f64::from(u32::MAX)
}
