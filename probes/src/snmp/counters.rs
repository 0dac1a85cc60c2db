//! From counters to rates. Pure: two readings and our own clock in, figures out.
//!
//! A Counter64 never wraps in practice (at 100 Gbit/s after 46 years), so one that falls was reset. A Counter32 may wrap.
//! Time between two readings is the device's own `sysUpTime`, because our packets may have waited on the way.

use std::time::Duration;

/// Where `sysUpTime` wraps, in hundredths of a second: 497.1 days.
const UPTIME_WRAP: u64 = 1 << 32;
/// How far the device's clock and ours may differ over one step before it is no plain step: agents update `sysUpTime`
/// late, and answers wait in queues.
const CLOCK_SLACK: Duration = Duration::from_secs(30);
/// Bits on the wire of the shortest Ethernet frame with preamble and gap: no interface counts packets faster.
const SHORTEST_FRAME_BITS: f64 = 672.0;
/// How much more than the nominal speed is believed.
const SPEED_MARGIN: f64 = 1.05;

/// How `sysUpTime` moved between two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UptimeStep {
    /// It went on by so many hundredths of a second.
    Advanced(u32),
    /// It did not move with our clock: the device, or its agent, started again.
    Restarted,
}

/// Judges two values of `sysUpTime` that were read `elapsed` apart.
pub(super) fn uptime_step(before: u32, after: u32, elapsed: Duration) -> UptimeStep {
    // The distance on the circle: a plain step and a wrap look alike, a restart does not fit our own clock.
    let ticks = (u64::from(after) + UPTIME_WRAP - u64::from(before)) % UPTIME_WRAP;
    let device = Duration::from_millis(ticks * 10);
    let slack = CLOCK_SLACK + elapsed / 10;
    match u32::try_from(ticks) {
        Ok(ticks) if device.abs_diff(elapsed) <= slack => UptimeStep::Advanced(ticks),
        Ok(_) | Err(_) => UptimeStep::Restarted,
    }
}

/// A counter of octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Octets {
    /// Counter64.
    Wide(u64),
    /// Counter32, which at 1 Gbit/s wraps after 34 s.
    Narrow(u32),
}

/// The counters of one interface at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// `sysUpTime` of the same answer.
    pub(super) uptime: Option<u32>,
    /// `ifCounterDiscontinuityTime`.
    pub(super) discontinuity: Option<u32>,
    /// `ifHighSpeed` × 10⁶, or `ifSpeed`.
    pub(super) speed_bps: Option<u64>,
    /// `ifHCInOctets` and `ifHCOutOctets`, or `ifInOctets` and `ifOutOctets`.
    pub(super) octets: [Option<Octets>; 2],
    /// `ifInErrors`, `ifOutErrors`, `ifInDiscards`, `ifOutDiscards`.
    pub(super) packets: [Option<u32>; 4],
}

/// What happened between two readings; none where there is no baseline.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Traffic {
    /// Bits per second in and out.
    pub(super) bps: [Option<f64>; 2],
    /// Errors in and out, discards in and out.
    pub(super) packets: [Option<u64>; 4],
}

impl Counters {
    /// What happened since `before`, read `elapsed` earlier by our own clock.
    pub(super) fn since(&self, before: &Self, elapsed: Duration) -> Traffic {
        let (Some(old), Some(new)) = (before.uptime, self.uptime) else { return Traffic::default() };
        let UptimeStep::Advanced(ticks @ 1..) = uptime_step(old, new, elapsed) else { return Traffic::default() };
        if before.discontinuity != self.discontinuity {
            return Traffic::default();
        }
        let seconds = f64::from(ticks) / 100.0;
        let most_packets = self.speed_bps.map(|speed| speed as f64 * SPEED_MARGIN * seconds / SHORTEST_FRAME_BITS);
        let most_octets = self.speed_bps.map(|speed| speed as f64 * SPEED_MARGIN * seconds / 8.0);
        let bits = |(before, after): (Option<Octets>, Option<Octets>)| {
            Some(octets_between(before?, after?, most_octets)? as f64 * 8.0 / seconds)
        };
        let [in_octets, out_octets] = zip(before.octets, self.octets);
        Traffic {
            bps: [bits(in_octets), bits(out_octets)],
            packets: zip(before.packets, self.packets).map(|(b, a)| packets_between(b?, a?, most_packets)),
        }
    }
}

/// A 64-bit counter only falls when it is reset. One of 32 bits tells nothing where the wire is so fast that it may have
/// wrapped more than once, or where nobody knows how fast the wire is.
fn octets_between(before: Octets, after: Octets, most: Option<f64>) -> Option<u64> {
    match (before, after) {
        (Octets::Wide(before), Octets::Wide(after)) => after.checked_sub(before),
        (Octets::Narrow(before), Octets::Narrow(after)) => {
            let delta = after.wrapping_sub(before);
            let told = most.is_some_and(|most| most < f64::from(u32::MAX) && f64::from(delta) <= most);
            told.then_some(u64::from(delta))
        }
        (Octets::Wide(_), Octets::Narrow(_)) | (Octets::Narrow(_), Octets::Wide(_)) => None,
    }
}

/// A fall is a wrap only when so many packets could have passed; a cleared counter looks like billions of errors.
fn packets_between(before: u32, after: u32, most: Option<f64>) -> Option<u64> {
    let delta = after.wrapping_sub(before);
    let wrapped = after < before;
    (!wrapped || most.is_some_and(|most| f64::from(delta) <= most)).then_some(u64::from(delta))
}

fn zip<T: Copy, const N: usize>(a: [T; N], b: [T; N]) -> [(T, T); N] {
    let mut pairs = a.map(|value| (value, value));
    for (pair, value) in pairs.iter_mut().zip(b) {
        pair.1 = value;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(uptime: u32, octets: u64, errors: u32) -> Counters {
        Counters {
            uptime: Some(uptime),
            discontinuity: Some(0),
            speed_bps: Some(1_000_000_000),
            octets: [Some(Octets::Wide(octets)), Some(Octets::Wide(octets / 2))],
            packets: [Some(errors), None, Some(0), Some(0)],
        }
    }

    #[test]
    fn rates_use_the_devices_own_time() {
        // 59 s by the device, 60 s by us: the answer waited.
        let traffic = at(15_900, 1_000_000 + 59 * 125_000, 7).since(&at(10_000, 1_000_000, 4), MINUTE);
        assert_eq!(traffic.bps[0], Some(1_000_000.0));
        assert_eq!(traffic.packets, [Some(3), None, Some(0), Some(0)]);
    }

    #[test]
    fn a_falling_64_bit_counter_is_a_reset_and_no_spike() {
        let traffic = at(16_000, 10, 5).since(&at(10_000, u64::MAX - 5, 5), MINUTE);
        assert_eq!(traffic.bps[0], None);
        assert_eq!(traffic.packets[0], Some(0));
    }

    #[test]
    fn octets_of_32_bits_tell_only_what_the_wire_can_have_carried() {
        let narrow = |uptime: u32, octets: u32, speed_bps: Option<u64>| Counters {
            octets: [Some(Octets::Narrow(octets)), None],
            speed_bps,
            ..at(uptime, 0, 0)
        };
        let rate =
            |before: u32, after: u32, speed| narrow(16_000, after, speed).since(&narrow(10_000, before, speed), MINUTE);
        let fast_ethernet = Some(100_000_000);
        // 75 MB in a minute, across the wrap.
        assert_eq!(rate(u32::MAX - 9_999_999, 65_000_000, fast_ethernet).bps[0], Some(10_000_000.0));
        assert_eq!(rate(1_000_000_000, 0, fast_ethernet).bps[0], None, "a reset, no 3 GB in a minute");
        assert_eq!(rate(0, 75_000_000, Some(1_000_000_000)).bps[0], None, "it may have wrapped twice");
        assert_eq!(rate(0, 75_000_000, None).bps[0], None);
        let wide = at(16_000, 75_000_000, 0).since(&narrow(10_000, 0, fast_ethernet), MINUTE);
        assert_eq!(wide.bps[0], None, "two counters are no difference");
    }

    #[test]
    fn a_32_bit_counter_wraps_only_as_far_as_the_wire_allows() {
        let before = at(10_000, 0, u32::MAX - 9);
        assert_eq!(at(16_000, 0, 90).since(&before, MINUTE).packets[0], Some(100));
        // Cleared from 3,000,000,000: that would be 1.3 billion errors in a minute on gigabit Ethernet.
        assert_eq!(at(16_000, 0, 0).since(&at(10_000, 0, 3_000_000_000), MINUTE).packets[0], None);
        let mut unknown_speed = at(16_000, 0, 90);
        unknown_speed.speed_bps = None;
        assert_eq!(unknown_speed.since(&before, MINUTE).packets[0], None);
    }

    #[test]
    fn restart_discontinuity_and_missing_uptime_give_a_new_baseline() {
        let before = at(9_000_000, 5, 5);
        assert_eq!(at(1_000, 500, 6).since(&before, MINUTE), Traffic::default());
        let mut cleared = at(9_006_000, 500, 6);
        cleared.discontinuity = Some(9_003_000);
        assert_eq!(cleared.since(&before, MINUTE), Traffic::default());
        let mut mute = at(9_006_000, 500, 6);
        mute.uptime = None;
        assert_eq!(mute.since(&before, MINUTE), Traffic::default());
        // The same moment twice is no division by zero.
        assert_eq!(at(9_000_000, 500, 6).since(&before, Duration::ZERO), Traffic::default());
    }

    #[test]
    fn uptime_wraps_after_497_days_and_a_restart_is_seen_even_when_it_rose() {
        assert_eq!(uptime_step(u32::MAX - 2_999, 3_000, MINUTE), UptimeStep::Advanced(6_000));
        assert_eq!(uptime_step(u32::MAX - 2_999, 3_000, 10 * MINUTE), UptimeStep::Restarted);
        assert_eq!(uptime_step(500_000, 900, MINUTE), UptimeStep::Restarted);
        // Up for 100 s, silent for an hour, and now up for 300 s.
        assert_eq!(uptime_step(10_000, 30_000, 60 * MINUTE), UptimeStep::Restarted);
        assert_eq!(uptime_step(10_000, 16_010, MINUTE), UptimeStep::Advanced(6_010));
    }

    #[test]
    fn no_value_is_never_zero() {
        let mut before = at(10_000, 7, 7);
        before.octets[0] = None;
        let traffic = at(16_000, 7, 7).since(&before, MINUTE);
        assert_eq!(traffic.bps, [None, Some(0.0)]);
    }
}
