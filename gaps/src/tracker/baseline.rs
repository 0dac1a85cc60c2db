//! What is usual for a link, learned from itself: how long a round trip takes, and how much gets lost. A link is worse than
//! usual by these figures and not by numbers that somebody wrote down for all: 40 ms are nothing for a satellite and four
//! times too much for a fibre of ten kilometres.
//!
//! Round trips are kept as a histogram of the medians of rounds. A round trip is *slow* above
//!
//! > median + max(3 × (90th percentile − median), median / 2, 5 ms)
//!
//! Quantiles do not move for what happens in one round of ten, so a burst teaches nothing wrong.
//!
//! Loss is learned from windows of as many echoes as the rule looks back at, and of those only whether nothing was lost:
//! that share is (1 − p)ⁿ, and bursts, which lose many echoes in few windows, count as little as they should. From the
//! upper end of what this p may be, the binomial distribution gives the count that chance reaches in less than one window
//! of 100,000:
//!
//! | usual loss | degraded from, of 20 echoes | by chance, a window |
//! |---|---|---|
//! | 0.1 % | 3 | 1 · 10⁻⁶ |
//! | 0.5 % | 4 | 3 · 10⁻⁶ |
//! | 1 % | 5 | 1.5 · 10⁻⁶ |
//! | 5 % and more | 8 | 3 · 10⁻⁶ at 5 % |
//!
//! Only rounds of a link that is up are learned from. What has been worse for a whole day is the usual by now: a path that
//! was laid anew, and longer. Then everything is forgotten and learned again.

use phusong_model::{Micros, Millis, Usual};

/// Bins of the histogram, a quarter octave each: from 64 µs to 16 s.
const BINS: usize = 72;
const FIRST_BIN: f64 = 64.0;
const BINS_PER_OCTAVE: f64 = 4.0;

/// Rounds that must be learned before a round trip can be slow: at the default period, five minutes.
const ROUNDS_LEAST: u32 = 30;

/// The counts are halved here: what was learned fades, the last days count most.
const ROUNDS_MOST: u32 = 32_768;

/// How often the limit is looked up in the histogram: once in so many rounds learned.
const LIMIT_EVERY: u32 = 16;

/// A round trip is not slow because of less than this, which nobody notices.
const SLOWER_LEAST: Micros = Micros(5_000);

/// Windows of echoes that must be learned before they say what is usual, and at which their counts are halved.
const WINDOWS_LEAST: u32 = 200;
const WINDOWS_MOST: u32 = 8_192;

/// Standard errors between what was seen of clean windows and what is held for possible.
const DOUBT: f64 = 2.0;

/// How seldom chance alone may make a window look degraded.
const BY_CHANCE: f64 = 1e-5;

/// Parts of a window's echoes, in percent: what is less is no loss worth a word, and what is more is never usual.
const LOST_LEAST: u32 = 15;
const LOST_MOST: u32 = 40;

/// Most weight that is given to what a store remembers: a few hours of rounds then say something else.
const REMEMBERED: u32 = 1_024;

/// How long a link must be worse before that is the usual.
pub(super) const GETS_USUAL: Millis = Millis::from_secs(24 * 3600);

/// What was learned of one link.
#[derive(Debug, Clone)]
pub(super) struct Baseline {
    /// Medians of rounds by bin.
    rtts: [u16; BINS],
    /// All of them.
    rounds: u32,
    /// Above it a round trip is slow.
    slow_above: Option<Micros>,
    /// Windows of echoes, and those of them that lost nothing.
    windows: u32,
    clean: u32,
    /// Echoes of the window that is not full yet, and whether any of them was lost.
    filling: (u32, bool),
}

impl Default for Baseline {
    fn default() -> Self {
        Self { rtts: [0; BINS], rounds: 0, slow_above: None, windows: 0, clean: 0, filling: (0, false) }
    }
}

impl Baseline {
    /// Goes on with what was known before a restart; `window` is how many echoes the rule looks back at.
    pub(super) fn remembered(usual: &Usual, window: u16) -> Self {
        let mut baseline = Self::default();
        let rounds = usual.rounds.min(REMEMBERED);
        // As many above the 90th percentile as it takes that both quantiles come out again.
        let high = rounds / 5;
        baseline.add(usual.rtt, rounds - high);
        baseline.add(usual.rtt_high, high);
        if let Some(loss) = usual.loss {
            baseline.windows = WINDOWS_LEAST.max(rounds / 4);
            let clean = (1.0 - loss.clamp(0.0, 1.0)).powi(i32::from(window));
            baseline.clean = (f64::from(baseline.windows) * clean).round() as u32;
        }
        baseline.find_limit();
        baseline
    }

    /// What to remember; none while too little was learned.
    pub(super) fn usual(&self, window: u16) -> Option<Usual> {
        if self.rounds < ROUNDS_LEAST {
            return None;
        }
        let loss = (self.windows >= WINDOWS_LEAST)
            .then(|| 1.0 - (f64::from(self.clean) / f64::from(self.windows)).powf(1.0 / f64::from(window.max(1))));
        Some(Usual { rtt: self.quantile(0.5)?, rtt_high: self.quantile(0.9)?, loss, rounds: self.rounds })
    }

    /// Learns from a round: its median round trip, when anything came back, and what of it was lost.
    pub(super) fn learn(&mut self, median: Option<Micros>, sent: u32, lost: u32, window: u16) {
        if let Some(median) = median {
            self.add(median, 1);
            if self.rounds >= ROUNDS_MOST {
                self.rtts.iter_mut().for_each(|count| *count /= 2);
                self.rounds = self.rtts.iter().map(|count| u32::from(*count)).sum();
            }
            if self.rounds.is_multiple_of(LIMIT_EVERY) || self.slow_above.is_none() {
                self.find_limit();
            }
        }
        let (filled, any_lost) = self.filling;
        self.filling = (filled + sent, any_lost || lost > 0);
        if self.filling.0 >= u32::from(window) {
            self.windows += 1;
            self.clean += u32::from(!self.filling.1);
            self.filling = (0, false);
        }
        if self.windows >= WINDOWS_MOST {
            (self.windows, self.clean) = (self.windows / 2, self.clean / 2);
        }
    }

    /// A round trip above this is slow; none while too little was learned.
    pub(super) const fn slow_above(&self) -> Option<Micros> {
        self.slow_above
    }

    /// So many lost echoes of a window are worse than usual; none while too little was learned.
    pub(super) fn degraded_lost(&self, window: u16) -> Option<u32> {
        if self.windows < WINDOWS_LEAST {
            return None;
        }
        let (window, windows) = (u32::from(window), f64::from(self.windows));
        // The lower end of the Wilson interval of the share of clean windows.
        let (seen, doubt) = (f64::from(self.clean) / windows, DOUBT * DOUBT);
        let middle = seen + doubt / (2.0 * windows);
        let spread = DOUBT * (seen * (1.0 - seen) / windows + doubt / (4.0 * windows * windows)).sqrt();
        let clean = ((middle - spread) / (1.0 + doubt / windows)).clamp(0.0, 1.0);
        let lost = least_by_chance(window, 1.0 - clean.powf(1.0 / f64::from(window)));
        let part = |percent: u32| (window * percent).div_ceil(100).max(1);
        Some(lost.clamp(part(LOST_LEAST), part(LOST_MOST)))
    }

    fn add(&mut self, rtt: Micros, rounds: u32) {
        if let Some(count) = self.rtts.get_mut(bin(rtt)) {
            let added = u16::try_from(rounds).unwrap_or(u16::MAX);
            *count = count.saturating_add(added);
            self.rounds += u32::from(added);
        }
    }

    fn find_limit(&mut self) {
        let quantiles = (self.rounds >= ROUNDS_LEAST).then(|| self.quantile(0.5).zip(self.quantile(0.9))).flatten();
        self.slow_above = quantiles.map(|(median, high)| {
            let spread = Micros(high.0.saturating_sub(median.0).saturating_mul(3));
            Micros(median.0.saturating_add(spread.max(Micros(median.0 / 2)).max(SLOWER_LEAST).0))
        });
    }

    /// Interpolated within its bin.
    fn quantile(&self, share: f64) -> Option<Micros> {
        let wanted = f64::from(self.rounds) * share;
        let mut below = 0.0;
        for (bin, count) in self.rtts.iter().enumerate() {
            let inside = f64::from(*count);
            if inside > 0.0 && below + inside >= wanted {
                let part = (wanted - below) / inside;
                let octaves = (bin as f64 + part) / BINS_PER_OCTAVE;
                return Some(Micros((FIRST_BIN * octaves.exp2()).round() as u32));
            }
            below += inside;
        }
        None
    }
}

fn bin(rtt: Micros) -> usize {
    let octaves = (f64::from(rtt.0.max(1)) / FIRST_BIN).log2();
    ((octaves * BINS_PER_OCTAVE).max(0.0) as usize).min(BINS - 1)
}

/// The least count that chance reaches in less than [`BY_CHANCE`] of windows, when each of `window` echoes is lost with
/// probability `loss`.
fn least_by_chance(window: u32, loss: f64) -> u32 {
    let mut exactly = (1.0 - loss).powi(i32::try_from(window).unwrap_or(i32::MAX));
    let mut at_least = 1.0;
    for lost in 0..window {
        if at_least < BY_CHANCE {
            return lost;
        }
        at_least -= exactly;
        exactly *= f64::from(window - lost) / f64::from(lost + 1) * loss / (1.0 - loss);
    }
    window
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: u16 = 20;

    /// Rounds of five echoes with these medians in turn, in milliseconds.
    fn learned(medians: &[u32], rounds: usize) -> Baseline {
        let mut baseline = Baseline::default();
        for median in medians.iter().cycle().take(rounds) {
            baseline.learn(Some(Micros(median * 1000)), 5, 0, WINDOW);
        }
        baseline
    }

    fn near(a: Micros, b: u32) -> bool {
        f64::from(a.0.abs_diff(b)) <= f64::from(b) * 0.1
    }

    #[test]
    fn a_fast_link_is_slow_sooner_than_one_that_is_used_to_it() {
        assert!(learned(&[1], 29).slow_above().is_none());
        let limit = |medians: &[u32]| learned(medians, 3_000).slow_above().expect("a limit");
        assert!(near(limit(&[1]), 6_000), "{:?}", limit(&[1]));
        assert!(near(limit(&[20]), 30_000), "{:?}", limit(&[20]));
        assert!(near(limit(&[600]), 900_000), "{:?}", limit(&[600]));
        // Every fifth round takes thrice as long: three times the spread above the median.
        assert!(near(limit(&[20, 20, 20, 20, 60]), 140_000), "{:?}", limit(&[20, 20, 20, 20, 60]));
    }

    #[test]
    fn a_burst_teaches_nothing_wrong() {
        let mut baseline = learned(&[20], 1_000);
        let before = baseline.slow_above().expect("a limit");
        for _ in 0..50 {
            baseline.learn(Some(Micros(900_000)), 5, 5, WINDOW);
        }
        assert!(baseline.slow_above().is_some_and(|limit| near(limit, before.0)), "{:?}", baseline.slow_above());
        assert!(baseline.degraded_lost(WINDOW).is_some_and(|lost| lost <= 6), "{:?}", baseline.degraded_lost(WINDOW));
    }

    #[test]
    fn what_is_lost_by_chance_is_as_the_table_says() {
        for (loss, least) in [(0.001, 3), (0.005, 4), (0.01, 5), (0.05, 8)] {
            assert_eq!(least_by_chance(20, loss), least, "{loss}");
        }
    }

    /// Windows that lose echoes at random with this probability in thousandths.
    fn lossy(per_mille: u64, windows: u32) -> Option<u32> {
        let mut baseline = Baseline::default();
        let mut dice = 20_261_128_u64;
        for _ in 0..windows * 4 {
            let mut roll = || {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (dice >> 33) % 1000 < per_mille
            };
            let lost = (0..5).filter(|_| roll()).count() as u32;
            baseline.learn(Some(Micros(5_000)), 5, lost, WINDOW);
        }
        baseline.degraded_lost(WINDOW)
    }

    #[test]
    fn a_clean_link_is_degraded_sooner_than_one_that_always_loses_a_little() {
        assert_eq!(lossy(0, 199), None);
        assert_eq!(lossy(0, 4_000), Some(3));
        assert_eq!(lossy(10, 4_000), Some(5));
        assert_eq!(lossy(50, 4_000), Some(8));
        assert_eq!(lossy(200, 4_000), Some(8), "what is more is never usual");
    }

    #[test]
    fn a_restart_remembers() {
        let baseline = learned(&[20, 20, 20, 20, 60], 5_000);
        let usual = baseline.usual(WINDOW).expect("learned");
        let again = Baseline::remembered(&usual, WINDOW);
        let (before, after) = (baseline.slow_above().expect("a limit"), again.slow_above().expect("a limit"));
        assert!(near(after, before.0), "{after:?} and {before:?}");
        assert_eq!(again.degraded_lost(WINDOW), baseline.degraded_lost(WINDOW));
        assert!(near(again.usual(WINDOW).expect("learned").rtt_high, usual.rtt_high.0));
    }
}
