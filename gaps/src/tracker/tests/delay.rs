//! How soon a link that fails hard is decided to be down, whenever in a period it fails.

use std::time::Duration;

use phusong_model::{
    BlindReason, Change, LinkId, Micros, Millis, Tick, UtcMs,
    config::{IcmpConfig, RuleConfig, Seconds},
};

use super::{
    scenario::BEGIN,
    script::{id, inventory, link},
};
use crate::{EchoSeen, IcmpLook, Known, Look, SNMP_STALE_AFTER, Tracker};

/// Rounds before the failure. The link is decided by then, and has filled what the rule looks back at.
const ROUNDS_BEFORE: i64 = 8;

/// From one beginning of the failure to the next that is tried.
const STEP: usize = 10;

/// What the link was like before it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    Up,
    /// Two of five echoes of each round were lost.
    Degraded,
    /// The ticks up to the last one were blind.
    Blind,
}

const fn millis(length: Duration) -> i64 {
    length.as_millis() as i64
}

/// A prober with one link, whose echoes go out `lag` after those of the first link of a round.
struct Prober<'a> {
    icmp: &'a IcmpConfig,
    tracker: Tracker,
    lag: i64,
    fails: UtcMs,
    before: Before,
    at: UtcMs,
}

impl Prober<'_> {
    fn echoes(&self, first: i64, count: u16, spacing: Seconds) -> impl Iterator<Item = EchoSeen> {
        (0..i64::from(count)).map(move |echo| {
            let after = Millis(first + self.lag + echo * millis(spacing.0));
            let lost = self.at.plus(after) >= self.fails || (self.before == Before::Degraded && echo < 2);
            EchoSeen { after, rtt: (!lost).then_some(Micros(5_000)) }
        })
    }

    /// As `daemon/src/tick` does it: a round, and at once another one where that leaves a doubt.
    fn round(&self, link: &LinkId) -> IcmpLook {
        let icmp = self.icmp;
        let mut echoes: Vec<EchoSeen> = self.echoes(0, icmp.echoes, icmp.spacing).collect();
        if self.tracker.wants_reprobe(link, &echoes) {
            let round = icmp.spacing.0 * u32::from(icmp.echoes) + icmp.timeout.0;
            echoes.extend(self.echoes(millis(round), icmp.reprobe, icmp.reprobe_spacing));
        }
        IcmpLook::Echoes(echoes)
    }

    /// Whether an outage is known after the next tick.
    fn tick(&mut self, blind: Option<BlindReason>) -> bool {
        let link = id("a");
        let icmp = Some(blind.map_or_else(|| self.round(&link), IcmpLook::Blind));
        let tick = Tick { at: self.at, period: Millis(millis(self.icmp.period.0)), slip: Millis(0), blind };
        let changes = self.tracker.tick(&tick, &[Look { link, icmp, snmp: None }], &[]);
        self.at = self.at.plus(tick.period);
        changes.iter().any(|change| matches!(change, Change::OutageOpens { .. }))
    }
}

/// From the failure to the end of the tick that finds it, in milliseconds. A tick is over when its re-probe has timed out.
fn delay(icmp: &IcmpConfig, before: Before, lag: i64, phase: i64) -> i64 {
    let rule = RuleConfig::default();
    let links = inventory(&[link("a", &[])], &[]);
    let (mut tracker, _) = Tracker::resume(&rule, &links, Known::default(), BEGIN);
    tracker.set_rule(&rule, SNMP_STALE_AFTER, true);
    let period = millis(icmp.period.0);
    let fails = BEGIN.plus(Millis(ROUNDS_BEFORE * period + phase));
    let mut prober = Prober { icmp, tracker, lag, fails, before, at: BEGIN };
    for number in 0..ROUNDS_BEFORE {
        let blind = before == Before::Blind && number > 1;
        assert!(!prober.tick(blind.then_some(BlindReason::Anchors)), "nothing has failed yet");
    }
    for _ in 0..4 {
        let began = prober.at;
        if prober.tick(None) {
            return began.plus(Millis(millis(icmp.tick_length()))).since(fails).0;
        }
    }
    panic!("{before:?}, {phase} ms into a period: not found")
}

/// The delays of failures at every phase of a period, in order.
fn delays(icmp: &IcmpConfig) -> Vec<i64> {
    assert!(icmp.tick_length() <= icmp.period.0, "a period that the configuration takes");
    let last = millis(icmp.spacing.0) - 1;
    let mut delays = Vec::new();
    for before in [Before::Up, Before::Degraded, Before::Blind] {
        for lag in [0, last] {
            let phases = (1..=millis(icmp.period.0)).step_by(STEP);
            delays.extend(phases.map(|phase| delay(icmp, before, lag, phase)));
        }
    }
    delays.sort_unstable();
    delays
}

#[test]
fn at_the_default_period_a_hard_outage_is_decided_within_fifteen_seconds() {
    let delays = delays(&IcmpConfig::default());
    assert!(delays.len() >= 6_000);
    let longest = delays.last().copied().expect("delays");
    assert!(longest <= 15_000, "{longest} ms");
    // Whoever fails right before a round is found by it, so the re-probe did decide.
    let shortest = delays.first().copied().expect("delays");
    assert!((2_500..4_500).contains(&shortest), "{shortest} ms");
}

#[test]
fn at_a_period_of_a_second_a_hard_outage_is_decided_within_two() {
    // As close together as a round with its re-probe must be to fit into a second.
    let icmp = IcmpConfig {
        period: Seconds::millis(1_000),
        spacing: Seconds::millis(50),
        timeout: Seconds::millis(250),
        reprobe_spacing: Seconds::millis(50),
        ..IcmpConfig::default()
    };
    let delays = delays(&icmp);
    let p95 = delays[delays.len() * 95 / 100];
    assert!(p95 <= 2_000, "{p95} ms");
}
