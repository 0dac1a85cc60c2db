//! Round-trip times from the kernel's wall-clock stamp, kept honest by monotonic time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use phusong_model::Micros;

/// How far wall clock and monotonic clock may drift apart while an echo is under way before the wall clock counts as
/// stepped. Slewing makes 0.5 ms a second; more than this is worse than the tick that the monotonic bound costs.
const STEP_TOLERANCE: Duration = Duration::from_millis(1);

/// Nanoseconds of wall-clock time since 1970, as the kernel stamps packets. 64 bits last until 2262.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WallNanos(pub(super) i64);

impl WallNanos {
    /// How long after `earlier` this is; negative when it is before.
    fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Both clocks, read together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) monotonic: Instant,
    pub(super) wall: WallNanos,
}

impl Reading {
    /// Reads both clocks.
    pub(super) fn now() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, nanos);
        Self { monotonic: Instant::now(), wall: WallNanos(wall) }
    }
}

/// Time from `sent` (read just before sending) to the kernel's stamp of the reply. Monotonic time between `sent` and
/// `drained` (read just after receiving) bounds it from above, and takes its place when there is no stamp or the wall
/// clock was stepped meanwhile. Never zero.
pub(super) fn round_trip(sent: Reading, stamp: Option<WallNanos>, drained: Reading) -> Duration {
    let bound = drained.monotonic.saturating_duration_since(sent.monotonic);
    let stepped = drained.wall.since(sent.wall).abs_diff(nanos(bound)) > STEP_TOLERANCE.as_nanos() as u64;
    let by_stamp = stamp
        .filter(|_| !stepped)
        .and_then(|stamp| u64::try_from(stamp.since(sent.wall)).ok())
        .map(Duration::from_nanos)
        .filter(|rtt| !rtt.is_zero() && *rtt <= bound + STEP_TOLERANCE);
    by_stamp.unwrap_or(bound).max(Duration::from_micros(1))
}

/// The length in whole microseconds, at least one.
pub(super) fn micros(length: Duration) -> Micros {
    Micros(u32::try_from(length.as_micros()).unwrap_or(u32::MAX).max(1))
}

fn nanos(length: Duration) -> i64 {
    i64::try_from(length.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// A reading so long after `from`, with the wall clock stepped by so many nanoseconds.
    fn later(from: Reading, length: Duration, step: i64) -> Reading {
        Reading { monotonic: from.monotonic + length, wall: WallNanos(from.wall.0 + nanos(length) + step) }
    }

    #[test]
    fn the_stamp_decides_while_the_wall_clock_runs_true() {
        let sent = Reading::now();
        let stamp = later(sent, 20 * MS, 0).wall;
        assert_eq!(round_trip(sent, Some(stamp), later(sent, 22 * MS, 0)), 20 * MS);
    }

    #[test]
    fn without_a_stamp_the_monotonic_bound_decides() {
        let sent = Reading::now();
        assert_eq!(round_trip(sent, None, later(sent, 22 * MS, 0)), 22 * MS);
    }

    #[test]
    fn a_stepped_wall_clock_is_not_believed() {
        let sent = Reading::now();
        for step in [-3_600_000_000_000, -5_000_000, 5_000_000, 3_600_000_000_000, i64::MIN / 4] {
            let stamp = later(sent, 20 * MS, step).wall;
            assert_eq!(round_trip(sent, Some(stamp), later(sent, 22 * MS, step)), 22 * MS, "step {step}");
        }
    }

    #[test]
    fn a_stamp_outside_the_flight_is_not_believed() {
        let sent = Reading::now();
        let drained = later(sent, 22 * MS, 0);
        for stamp in [0, sent.wall.0 - 1, sent.wall.0, drained.wall.0 + 5_000_000, i64::MAX, i64::MIN] {
            assert_eq!(round_trip(sent, Some(WallNanos(stamp)), drained), 22 * MS, "stamp {stamp}");
        }
    }

    #[test]
    fn no_round_trip_is_zero() {
        let sent = Reading::now();
        assert_eq!(micros(round_trip(sent, Some(sent.wall), sent)), Micros(1));
        assert_eq!(micros(Duration::from_nanos(300)), Micros(1));
        assert_eq!(micros(Duration::MAX), Micros(u32::MAX));
    }
}
