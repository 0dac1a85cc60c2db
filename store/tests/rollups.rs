//! Minutes, hours and days, against sums made here from what was committed.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite")]

mod support;

use std::{collections::BTreeMap, path::Path};

use phusong_model::{
    BlindReason, Change, EchoStats, LinkState, Micros, Millis, Outcome, Probe, RttSummary, Sample, StateTimes, UtcMs,
    Window,
};
use phusong_store::{Commit, Level, Reader, Rollup, RttSketch, Store, Sum};
use support::{NOON, PERIOD, beat, commit, id, inventory, turns};

const LINKS: [&str; 2] = ["a", "b"];

/// Ticks of a little more than a day, by number: half a minute apart, and none in the third hour.
fn ticks() -> impl Iterator<Item = i64> {
    (0..9_000).step_by(3).filter(|number| !(720..1080).contains(number))
}

/// A number that looks like chance and is the same each time.
fn dice(link: usize, tick: i64, of: u32) -> u32 {
    let mixed = (tick as u32).wrapping_mul(2_654_435_761) ^ (link as u32 + 1).wrapping_mul(40_503);
    (mixed ^ (mixed >> 13)).wrapping_mul(1_274_126_177) % of
}

fn outcome(link: usize, tick: i64) -> Outcome {
    match dice(link, tick, 20) {
        0 => Outcome::Blind(BlindReason::SendError),
        1 => Outcome::Measured(EchoStats { sent: 5, lost: 5, rtt: None }),
        lost => {
            let rtts = [3, 4, 5].map(|part| Micros(dice(link, tick + part, 90_000)));
            let stats =
                EchoStats { sent: 5, lost: u16::try_from(lost % 3).expect("small"), rtt: RttSummary::of(&rtts) };
            Outcome::Measured(stats)
        }
    }
}

/// What happens to the links at a tick; the states of `b` change every quarter of an hour.
fn changes(tick: i64) -> Vec<Change> {
    let state = [LinkState::Up, LinkState::Degraded, LinkState::Down, LinkState::Maintenance];
    match tick {
        0 => vec![turns("a", LinkState::Up, beat(0))],
        _ if tick % 90 == 0 => vec![turns("b", state[(tick / 90 % 4) as usize], beat(tick).minus(Millis(15_000)))],
        _ => Vec::new(),
    }
}

fn committed(tick: i64) -> Commit {
    let sample = |(number, link): (usize, &&str)| {
        let outcome = outcome(number, tick);
        let tcp = Sample { link: id(link), probe: Probe::Tcp, outcome };
        let icmp = Sample { link: id(link), probe: Probe::Icmp, outcome };
        if *link == "b" { vec![icmp, tcp] } else { vec![icmp] }
    };
    Commit { samples: LINKS.iter().enumerate().flat_map(sample).collect(), ..commit(tick, &[], changes(tick)) }
}

fn fill(folder: &Path, reopen: bool) {
    let mut store = Store::open(folder).expect("store");
    store.set_inventory(&inventory(&LINKS), NOON).expect("inventory");
    for (count, tick) in ticks().enumerate() {
        store.commit(&committed(tick)).expect("tick");
        if reopen && count % 501 == 500 {
            drop(store);
            store = Store::open(folder).expect("store");
        }
    }
}

/// The sums of one link and probe from what was committed and what the spans say in the end.
fn expected(level: Level, link: &str, probe: Probe, upto: UtcMs, reader: &Reader) -> Vec<Rollup> {
    let number = LINKS.iter().position(|known| *known == link).expect("a link");
    let evidence = reader.evidence(beat(9_000), Window::new(NOON, beat(9_000))).expect("evidence");
    let mut sums: BTreeMap<UtcMs, Sum> = BTreeMap::new();
    for tick in ticks().filter(|tick| beat(*tick) < upto) {
        let sum = sums.entry(level.start_of(beat(tick))).or_default();
        let Outcome::Measured(stats) = outcome(number, tick) else {
            sum.blind += 1;
            continue;
        };
        sum.measured += 1;
        (sum.sent, sum.lost) = (sum.sent + u64::from(stats.sent), sum.lost + u64::from(stats.lost));
        if let Some(rtt) = stats.rtt {
            let known = sum.extremes.unwrap_or((rtt.min, rtt.max));
            sum.extremes = Some((known.0.min(rtt.min), known.1.max(rtt.max)));
            sum.rtt.add(rtt.median);
        }
    }
    // Hours and days hold the minutes that have a tick.
    let minutes: Vec<UtcMs> = ticks().map(|tick| Level::Minute.start_of(beat(tick))).collect();
    for (at, sum) in &mut sums {
        let mut mine: Vec<UtcMs> = minutes.iter().copied().filter(|m| level.start_of(*m) == *at).collect();
        mine.dedup();
        for minute in mine {
            let minute = Window::new(minute, minute.plus(Level::Minute.length()));
            for span in evidence.spans.iter().filter(|span| span.link == id(link)) {
                sum.times.add(span.state, span.within(minute).length());
            }
        }
    }
    sums.into_iter().map(|(at, sum)| Rollup { at, probe, sum }).collect()
}

#[test]
fn every_bucket_is_the_sum_of_its_samples_and_spans() {
    let folder = tempfile::tempdir().expect("folder");
    fill(folder.path(), false);
    let reader = Reader::open(folder.path()).expect("reader");
    let newest = beat(ticks().last().expect("ticks"));
    for level in Level::ALL {
        // Whole buckets that ended five minutes before the newest tick.
        let upto = level.start_of(newest.minus(Millis::from_secs(300)));
        for (link, probe) in [("a", Probe::Icmp), ("b", Probe::Icmp), ("b", Probe::Tcp)] {
            let found = reader.rollups(level, &id(link), Window::new(NOON.minus(Millis(86_400_000)), newest));
            let found: Vec<Rollup> = found.expect("rollups").into_iter().filter(|r| r.probe == probe).collect();
            let expected = expected(level, link, probe, upto, &reader);
            assert!(!expected.is_empty(), "{level:?}");
            assert_eq!(found.len(), expected.len(), "{level:?} {link}");
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found, expected, "{level:?} {link}");
            }
        }
    }
    let minutes = reader.rollups(Level::Minute, &id("a"), Window::new(beat(100), beat(112))).expect("minutes");
    let begin: Vec<UtcMs> = minutes.iter().map(|minute| minute.at).collect();
    assert_eq!(begin, [beat(102), beat(108)], "the buckets that begin inside");
}

#[test]
fn restarts_change_no_bucket() {
    let (at_once, with_restarts) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    fill(at_once.path(), false);
    fill(with_restarts.path(), true);
    for level in Level::ALL {
        let rollups = |folder: &Path| {
            let window = Window::new(UtcMs::MIN.plus(NOON.since(UtcMs::MIN)).minus(PERIOD), beat(9_000));
            let reader = Reader::open(folder).expect("reader");
            LINKS.map(|link| reader.rollups(level, &id(link), window).expect("rollups"))
        };
        assert_eq!(rollups(at_once.path()), rollups(with_restarts.path()));
    }
}

#[test]
fn an_hour_knows_the_percentiles_of_its_minutes() {
    let folder = tempfile::tempdir().expect("folder");
    fill(folder.path(), false);
    let hours = Reader::open(folder.path()).and_then(|r| r.rollups(Level::Hour, &id("a"), support::until(beat(360))));
    let hour = &hours.expect("hours")[0].sum;
    let mut medians: Vec<u32> = (0..360)
        .step_by(3)
        .filter_map(|tick| match outcome(0, tick) {
            Outcome::Measured(EchoStats { rtt: Some(rtt), .. }) => Some(rtt.median.0),
            Outcome::Measured(_) | Outcome::Blind(_) => None,
        })
        .collect();
    medians.sort_unstable();
    let truth = medians[(medians.len() * 95).div_ceil(100) - 1];
    let told = hour.rtt.percentile(95).expect("replies").0;
    assert!(told.abs_diff(truth) <= truth / 64, "{told} for {truth}");
    assert_eq!(hour.rtt.count(), medians.len() as u64);
    assert_eq!(hour.times, StateTimes { up: Millis::from_secs(3600), ..StateTimes::default() });
    assert_eq!(RttSketch::default().count(), 0);
}
