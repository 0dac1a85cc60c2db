//! What `info` and `check` say of a store: sound ones, and ones that somebody broke by hand.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite")]

mod support;

use std::{collections::BTreeSet, path::Path};

use phusong_model::{Cause, Change, Edge, LinkState, UtcMs};
use phusong_store::{Extent, Finding, Reader, Rule, Store};
use rusqlite::Connection;
use support::{NOON, advance, beat, commit, fails, inventory, opens, turns};

const LINKS: [&str; 3] = ["a", "b", "c"];

/// Four ticks; `a` fails in the second and is back in the fourth, `b` fails in the third.
fn write(folder: &Path) -> Store {
    let mut store = Store::open(folder).expect("store");
    store.set_inventory(&inventory(&LINKS), NOON).expect("inventory");
    let back = Change::OutageEnds { link: support::id("a"), end: Edge::sharp(beat(4)) };
    let changes = [
        LINKS.map(|link| turns(link, LinkState::Up, NOON)).to_vec(),
        fails("a", beat(2), beat(2)).to_vec(),
        vec![turns("b", LinkState::Down, beat(3)), opens(2, "b", beat(3), beat(3), Cause::Unknown)],
        vec![turns("a", LinkState::Up, beat(4)), back],
    ];
    for (number, changes) in (1..).zip(changes) {
        store.commit(&commit(number, &LINKS, changes)).expect("tick");
    }
    store
}

fn findings(folder: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let count = Reader::open(folder).and_then(|reader| reader.check(&mut |finding| findings.push(finding)));
    assert_eq!(count.expect("checked"), findings.len() as u64);
    findings
}

#[test]
fn rows_and_times_are_those_that_were_written() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = write(folder.path());
    advance(&mut store, "influx", 3);
    std::fs::write(folder.path().join("phusong.db.damaged-20261123T070000Z"), "12345").expect("set aside");
    let info = Reader::open(folder.path()).and_then(|reader| reader.inspect()).expect("inspection");
    let extent = |rows, first: UtcMs, last: UtcMs| Extent { rows, first: Some(first), last: Some(last) };
    assert_eq!(info.ticks, extent(4, beat(1), beat(4)));
    assert_eq!(info.samples, extent(12, beat(1), beat(4)));
    assert_eq!(info.readings, Extent::default());
    assert_eq!(info.spans, extent(6, NOON, beat(4)));
    assert_eq!(info.outages, extent(2, beat(2), beat(3)));
    let sink = &info.sinks[0];
    assert_eq!((sink.name.as_str(), sink.cursor, sink.backlog.queued_ticks), ("influx", 3, 1));
    assert_eq!(sink.backlog.oldest, Some(beat(4)));
    assert_eq!(info.set_aside.iter().map(|file| file.bytes).collect::<Vec<_>>(), [5]);
    assert!(info.database_bytes + info.log_bytes > 0 && info.pages > 10 && info.page_bytes == 4096);
}

#[test]
fn an_empty_store_is_sound_and_says_that_it_is_empty() {
    let folder = tempfile::tempdir().expect("folder");
    drop(Store::open(folder.path()).expect("store"));
    let info = Reader::open(folder.path()).and_then(|reader| reader.inspect()).expect("inspection");
    assert_eq!([info.ticks, info.samples, info.readings, info.spans, info.outages], [Extent::default(); 5]);
    assert_eq!(findings(folder.path()), []);
}

/// Each statement breaks one promise; SQLite is told to let it.
const BREAKS: [(&str, &[Rule]); 15] = [
    ("DELETE FROM sample WHERE id = 5", &[Rule::Samples]),
    ("DELETE FROM sample WHERE id = 12", &[Rule::Samples]),
    ("UPDATE sample SET link = 99 WHERE id = 5", &[Rule::Reference]),
    ("DELETE FROM tick WHERE seq = 2", &[Rule::Reference, Rule::TickNumbers, Rule::TickSamples]),
    ("UPDATE tick SET at = at - 15000 WHERE seq = 3", &[Rule::TickTimes]),
    ("UPDATE tick SET sample_lo = sample_lo - 1 WHERE seq = 3", &[Rule::TickSamples]),
    ("UPDATE tick SET reading_lo = 7, reading_hi = 7 WHERE seq = 4", &[Rule::TickReadings]),
    ("DELETE FROM span WHERE to_at IS NOT NULL AND state = 0", &[Rule::SpanHole]),
    (
        "DELETE FROM span WHERE link = 3; INSERT INTO span (link, from_at, state) VALUES (3, 1795435205000, 2)",
        &[Rule::SpanHole],
    ),
    ("UPDATE span SET to_at = to_at + 1 WHERE to_at IS NOT NULL AND state = 0", &[Rule::SpanOverlap]),
    ("DELETE FROM span WHERE link = 3", &[Rule::OpenSpan]),
    (
        "DROP INDEX outage_open; INSERT INTO outage (link, start_at, decided_at, cause, blind_ms) \
      SELECT link, start_at, decided_at, cause, 0 FROM outage WHERE end_at IS NULL",
        &[Rule::OpenOutage],
    ),
    ("UPDATE outage SET start_at = start_at - 60000 WHERE id = 2", &[Rule::OutageTime]),
    ("UPDATE link SET left_at = 1795435210000 WHERE key = 2", &[Rule::OpenSpan, Rule::OutageTime]),
    (
        "INSERT INTO import (kind, dataset, hash, file, bytes, at, author, options, log, content) \
      VALUES ('layer', 'a', '00', 'a.csv', 1, 0, 'an', '{}', '{}', '{}')",
        &[Rule::LayerFile],
    ),
];

#[test]
fn every_broken_promise_is_found_and_nothing_else() {
    for (statement, rules) in BREAKS {
        let folder = tempfile::tempdir().expect("folder");
        drop(write(folder.path()));
        assert_eq!(findings(folder.path()), [], "sound before");
        let connection = Connection::open(folder.path().join("phusong.db")).expect("database");
        connection.pragma_update(None, "foreign_keys", false).expect("pragma");
        connection.execute_batch(statement).expect(statement);
        drop(connection);
        let broken: Vec<Rule> = Rule::ALL
            .into_iter()
            .filter(|rule| findings(folder.path()).iter().any(|finding| finding.rule == *rule))
            .collect();
        assert_eq!(broken, rules, "{statement}: {:?}", findings(folder.path()));
    }
    let known: BTreeSet<&str> = BREAKS.iter().flat_map(|(_, rules)| rules.iter()).map(|rule| rule.id()).collect();
    let unbroken: Vec<Rule> = Rule::ALL.into_iter().filter(|rule| !known.contains(rule.id())).collect();
    assert_eq!(unbroken, [Rule::Structure, Rule::Readings], "those are broken below, or are as the samples");
}

#[test]
fn bytes_that_are_not_sqlites_are_a_finding_and_no_failure() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = write(folder.path());
    let many: Vec<String> = (0..500).map(|number| format!("link-{number}")).collect();
    let links: Vec<&str> = many.iter().map(String::as_str).collect();
    for number in 5..10 {
        store.commit(&commit(number, &links, Vec::new())).expect("tick");
    }
    drop(store);
    let path = folder.path().join("phusong.db");
    let mut bytes = std::fs::read(&path).expect("database");
    let middle = bytes.len() - 3 * 4096;
    bytes[middle..middle + 8192].fill(0xa5);
    std::fs::write(&path, bytes).expect("damaged");
    let found = findings(folder.path());
    assert!(found.iter().any(|finding| finding.rule == Rule::Structure), "{found:?}");
}
