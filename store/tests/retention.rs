//! What is removed, what stays, and that the store does not outgrow its limits.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite")]

mod support;

use std::path::Path;

use phusong_model::{Cause, Change, Edge, LinkState, Millis, UtcMs, Window};
use phusong_store::{GivenBack, Level, Reader, Removed, Retention, Store};
use rusqlite::Connection;
use support::{NOON, advance, beat, commit, id, inventory, opens, turns, until};

const HOUR: Millis = Millis::from_secs(3600);
const DAY: Millis = Millis::from_secs(86_400);

/// Everything is kept.
const ALL: Retention = Retention {
    samples: Millis(i64::MAX),
    minutes: Millis(i64::MAX),
    hours: Millis(i64::MAX),
    size: u64::MAX,
    free: 0,
};

fn count(folder: &Path, table: &str) -> i64 {
    let connection = Connection::open(folder.join("phusong.db")).expect("database");
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("count")
}

/// Ticks of a day: one every twenty minutes.
const PER_DAY: i64 = 72;
/// Beats from one to the next.
const APART: i64 = 120;

/// A store with two links and some days of ticks.
fn days(folder: &Path, days: i64) -> Store {
    let mut store = Store::open(folder).expect("store");
    store.set_inventory(&inventory(&["a", "b"]), NOON).expect("inventory");
    store.add_sink("influx").expect("sink");
    for tick in 0..days * PER_DAY {
        let changes = match tick {
            1 => {
                vec![turns("a", LinkState::Down, beat(APART)), opens(1, "a", beat(APART), beat(APART), Cause::Unknown)]
            }
            12 => {
                let end = Edge::sharp(beat(1400));
                vec![turns("a", LinkState::Up, end.at), Change::OutageEnds { link: id("a"), end }]
            }
            _ => Vec::new(),
        };
        store.commit(&commit(tick * APART, &["a", "b"], changes)).expect("tick");
    }
    store
}

/// Calls until nothing goes any more.
fn retain(store: &mut Store, rules: &Retention) -> Vec<Removed> {
    let mut all = Vec::new();
    loop {
        let removed = store.retain(rules).expect("retained");
        let nothing = removed.ticks + removed.rollups == 0;
        all.push(removed);
        if nothing {
            return all;
        }
    }
}

#[test]
fn what_is_old_goes_level_by_level_and_states_and_outages_stay() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = days(folder.path(), 6);
    let tables = ["tick", "sample", "rollup_minute", "rollup_hour", "rollup_day", "span", "outage", "state_change"];
    let counts = || tables.map(|table| count(folder.path(), table));
    let before = counts();
    assert_eq!(before[..2], [6 * PER_DAY, 12 * PER_DAY]);
    assert_eq!(before[4..7], [2 * 6, 4, 1], "{before:?}");
    retain(&mut store, &ALL);
    assert_eq!(counts(), before, "nothing has to go");

    let rules = Retention { samples: DAY, minutes: Millis(2 * DAY.0), hours: Millis(3 * DAY.0), ..ALL };
    let removed = retain(&mut store, &rules);
    assert_eq!(removed.iter().map(|removed| removed.ticks).sum::<u64>(), (5 * PER_DAY - 1) as u64);
    assert!(removed.iter().all(|removed| !removed.early && !removed.exhausted));
    // The newest tick is twenty minutes before the end of the last day.
    assert_eq!(counts(), [PER_DAY + 1, 2 * PER_DAY + 2, 4 * PER_DAY, 2 * (3 * 24 - 1), 12, 4, 1, 0], "from {before:?}");
    let reader = Reader::open(folder.path()).expect("reader");
    let newest = beat((6 * PER_DAY - 1) * APART);
    let first = |level: Level| reader.rollups(level, &id("b"), until(newest)).expect("rollups")[0].at;
    assert_eq!(reader.samples(&id("a"), until(newest)).expect("samples")[0].0, newest.minus(DAY));
    assert_eq!(first(Level::Minute), newest.minus(Millis(2 * DAY.0)));
    assert_eq!(first(Level::Hour), NOON.plus(Millis(3 * DAY.0)));
    assert_eq!(first(Level::Day), Level::Day.start_of(NOON));
    let evidence = reader.evidence(newest, Window::new(NOON, newest)).expect("evidence");
    assert_eq!((evidence.spans.len(), evidence.outages.len(), evidence.links[0].state), (4, 1, LinkState::Up));
}

#[test]
fn what_a_sink_did_not_have_yet_is_counted() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = days(folder.path(), 2);
    store.add_sink("ministry").expect("sink");
    advance(&mut store, "ministry", 50);
    let rules = Retention { samples: DAY, ..ALL };
    let removed = retain(&mut store, &rules);
    let last = removed.iter().rev().find(|removed| removed.ticks > 0).expect("something went");
    assert_eq!(
        last.undelivered,
        [("influx".to_owned(), (PER_DAY - 1) as u64 * 2), ("ministry".to_owned(), (PER_DAY - 51) as u64 * 2)]
    );
    let (influx, ministry) = (store.backlog("influx").expect("count"), store.backlog("ministry").expect("count"));
    assert_eq!(
        (influx.removed_samples, ministry.removed_samples),
        ((PER_DAY - 1) as u64 * 2, (PER_DAY - 51) as u64 * 2)
    );
    assert_eq!(
        (influx.queued_ticks, influx.oldest),
        (PER_DAY as u64 + 1, Some(beat((PER_DAY - 1) * APART))),
        "it goes on with what is left"
    );
    let again = store.retain(&rules).expect("retained");
    assert_eq!((again.ticks, again.undelivered), (0, Vec::new()));
    advance(&mut store, "influx", 2 * PER_DAY);
    assert_eq!(store.backlog("influx").expect("count").removed_samples, (PER_DAY - 1) as u64 * 2, "it stays counted");
}

#[test]
fn nothing_goes_before_it_is_rolled_up() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = days(folder.path(), 1);
    let pressed = Retention { size: 1, ..ALL };
    let removed = retain(&mut store, &pressed);
    assert!(removed[0].early && removed[0].ticks > 0);
    assert!(removed.last().is_some_and(|last| last.exhausted), "and then nothing more may go");
    let newest = beat((PER_DAY - 1) * APART);
    let reader = Reader::open(folder.path()).expect("reader");
    let samples = reader.samples(&id("a"), until(newest)).expect("samples");
    assert_eq!(samples, [], "the minutes of all but the newest tick are made");
    let minutes = reader.rollups(Level::Minute, &id("a"), until(newest)).expect("minutes");
    assert!(minutes.iter().all(|minute| minute.at >= Level::Hour.start_of(newest.minus(HOUR))), "{minutes:?}");
    let hours = reader.rollups(Level::Hour, &id("a"), until(newest)).expect("hours");
    assert!(hours.iter().all(|hour| hour.at >= Level::Day.start_of(newest)), "the day before is made");
    let days = reader.rollups(Level::Day, &id("a"), until(newest)).expect("days");
    assert_eq!(days[0].sum.measured, PER_DAY as u64 / 2, "half a day of ticks");
}

#[test]
fn the_store_does_not_outgrow_its_size() {
    const SIZE: u64 = 1 << 20;
    let folder = tempfile::tempdir().expect("folder");
    let many: Vec<String> = (0..100).map(|number| format!("link-{number}")).collect();
    let links: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut store = Store::open(folder.path()).expect("store");
    let rules = Retention { size: SIZE, ..ALL };
    let (mut largest, mut early) = (0, 0);
    for tick in 0..700 {
        store.commit(&commit(tick * 6, &links, Vec::new())).expect("tick");
        early += u64::from(store.retain(&rules).expect("retained").early);
        if tick > 100 {
            largest = largest.max(store.room().expect("room").used);
        }
    }
    // A tick of 100 links and its minute take 8 kB: it is noticed with the next one.
    assert!(early > 10 && largest < SIZE + (64 << 10), "{early} times, {largest} bytes");
    let reader = Reader::open(folder.path()).expect("reader");
    let newest = beat(699 * 6);
    assert_eq!(
        reader.samples(&id("link-7"), until(beat(700 * 6))).expect("samples").last().expect("a sample").0,
        newest
    );
    assert!(!reader.rollups(Level::Hour, &id("link-7"), until(newest)).expect("hours").is_empty());

    let before = store.room().expect("room");
    assert!(before.vacant > 0, "{before:?}");
    while store.give_back(10).expect("given back") == GivenBack::Part {}
    drop(store);
    let after = Store::open(folder.path()).and_then(|store| store.room()).expect("room");
    assert!(after.vacant == 0 && after.used <= before.used, "{before:?} {after:?}");
    let file = std::fs::metadata(folder.path().join("phusong.db")).expect("file").len();
    assert_eq!(file, after.used, "the disk has the rest");
}

#[test]
fn numbers_are_not_used_twice_when_all_samples_are_gone() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    store.commit(&commit(0, &["a"], Vec::new())).expect("tick");
    for tick in 1..200 {
        store.commit(&commit(tick, &[], Vec::new())).expect("tick");
    }
    retain(&mut store, &Retention { samples: Millis(0), ..ALL });
    assert_eq!(count(folder.path(), "sample"), 0);
    store.commit(&commit(200, &["a"], Vec::new())).expect("tick");
    let ids = Connection::open(folder.path().join("phusong.db")).expect("database");
    assert_eq!(ids.query_row("SELECT id FROM sample", [], |row| row.get::<_, i64>(0)).expect("the sample"), 2);
    let newest = Reader::open(folder.path()).and_then(|r| r.evidence(beat(200), Window::new(UtcMs::MIN, beat(200))));
    assert!(newest.is_ok());
}
