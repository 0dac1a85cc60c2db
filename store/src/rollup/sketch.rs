//! Round-trip times in little room, so that those of sixty minutes make those of an hour.
//!
//! A histogram with buckets that grow with what they hold: 64 of one microsecond, then 32 for each doubling. A percentile
//! is known to one part in 64 (1.6 %), whatever was merged in which order; `HdrHistogram` does the same, with a head of
//! forty bytes that most minutes do not fill. On disk: for each bucket that is not empty the distance from the one
//! before and the count, as base-128 numbers (LEB128), some twenty bytes for a minute.

use std::collections::BTreeMap;

use phusong_model::Micros;

/// Below this every microsecond has a bucket of its own.
const EXACT: u32 = 64;
/// Bits of a doubling that tell its buckets apart: 32 buckets.
const FINE: u32 = 5;
/// Most bytes of a base-128 number of 32 bits.
const NUMBER_MOST: u32 = 5;

/// Counts of round-trip times by size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RttSketch {
    counts: BTreeMap<u32, u32>,
}

impl RttSketch {
    /// Adds one round-trip time.
    pub fn add(&mut self, rtt: Micros) {
        let count = self.counts.entry(bucket(rtt.0)).or_default();
        *count = count.saturating_add(1);
    }

    /// Adds all that another one has seen.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.counts {
            let sum = self.counts.entry(*bucket).or_default();
            *sum = sum.saturating_add(*count);
        }
    }

    /// How many round-trip times were added.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.values().map(|count| u64::from(*count)).sum()
    }

    /// The round-trip time at a percentile, by nearest rank, to one part in 64; none when nothing was added.
    #[must_use]
    pub fn percentile(&self, percent: u8) -> Option<Micros> {
        let rank = (self.count() * u64::from(percent.min(100))).div_ceil(100).max(1);
        let mut seen = 0;
        let of_rank = self.counts.iter().find(|(_, count)| {
            seen += u64::from(**count);
            seen >= rank
        });
        of_rank.map(|(bucket, _)| Micros(middle(*bucket)))
    }

    /// As it is kept on disk.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.counts.len() * 3);
        let mut before = 0;
        for (bucket, count) in &self.counts {
            push(&mut bytes, bucket - before);
            push(&mut bytes, *count);
            before = *bucket;
        }
        bytes
    }

    /// From disk; none when these bytes are not of a sketch.
    pub(crate) fn decode(mut bytes: &[u8]) -> Option<Self> {
        let mut counts = BTreeMap::new();
        let mut bucket = 0_u32;
        while !bytes.is_empty() {
            bucket = bucket.checked_add(take(&mut bytes)?)?;
            if bucket > self::bucket(u32::MAX) || counts.insert(bucket, take(&mut bytes)?).is_some() {
                return None;
            }
        }
        Some(Self { counts })
    }
}

/// The bucket of a number of microseconds.
fn bucket(micros: u32) -> u32 {
    if micros < EXACT {
        return micros;
    }
    let doubling = micros.ilog2();
    let within = (micros >> (doubling - FINE)) & ((1 << FINE) - 1);
    EXACT + ((doubling - EXACT.ilog2()) << FINE) + within
}

/// The number in the middle of a bucket.
fn middle(bucket: u32) -> u32 {
    if bucket < EXACT {
        return bucket;
    }
    let (doubling, within) = ((bucket - EXACT) >> FINE, (bucket - EXACT) & ((1 << FINE) - 1));
    let width = 1_u32 << (doubling + EXACT.ilog2() - FINE);
    let low = ((1 << FINE) + within).saturating_mul(width);
    low.saturating_add((width - 1) / 2)
}

fn push(bytes: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        bytes.push((number as u8 & 0x7f) | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u32> {
    let mut number = 0_u64;
    for place in 0..NUMBER_MOST {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << (place * 7);
        if byte & 0x80 == 0 {
            return number.try_into().ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(rtts: &[u32]) -> RttSketch {
        let mut sketch = RttSketch::default();
        rtts.iter().for_each(|rtt| sketch.add(Micros(*rtt)));
        sketch
    }

    /// Round-trip times of all sizes alike.
    fn rtts() -> impl Strategy<Value = Vec<u32>> {
        prop::collection::vec((any::<u32>(), 0_u32..32).prop_map(|(rtt, small)| rtt >> small), 1..200)
    }

    proptest! {
        #[test]
        fn a_percentile_is_true_to_one_part_in_64(rtts in rtts(), percent in 0_u8..=100) {
            let mut sorted = rtts.clone();
            sorted.sort_unstable();
            let rank = (sorted.len() * usize::from(percent)).div_ceil(100).max(1);
            let (truth, told) = (f64::from(sorted[rank - 1]), of(&rtts).percentile(percent));
            let told = f64::from(told.expect("not empty").0);
            prop_assert!((told - truth).abs() <= truth / 64.0, "{told} for {truth}");
        }

        #[test]
        fn merged_is_as_if_added_one_by_one_and_comes_back_from_disk(a in rtts(), b in rtts()) {
            let mut merged = of(&a);
            merged.merge(&of(&b));
            prop_assert_eq!(&merged, &of(&[a, b].concat()));
            prop_assert_eq!(RttSketch::decode(&merged.encode()), Some(merged));
        }

        #[test]
        fn no_bytes_stop_the_program(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Some(sketch) = RttSketch::decode(&bytes) {
                let _ = sketch.percentile(50);
            }
        }
    }

    #[test]
    fn the_ends_of_all_sizes_are_kept() {
        for rtt in [0, 1, 63, 64, 65, 1_000_000, u32::MAX] {
            let told = of(&[rtt]).percentile(50).expect("one").0;
            assert!(told.abs_diff(rtt) <= rtt / 64, "{told} for {rtt}");
        }
        assert_eq!(RttSketch::default().percentile(50), None);
        assert!(of(&[1_000, 1_010, 1_500, 2_000, 9_000, 20_000]).encode().len() <= 18);
    }
}
