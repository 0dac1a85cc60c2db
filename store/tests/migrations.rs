//! Stores of every version that was ever written: a program reads them as they are, and brings them to its own.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite")]

mod support;

use std::{collections::BTreeMap, path::Path};

use phusong_model::{
    Carrier, Cause, Change, Confidence, Edge, EventId, Evidence, LinkState, Micros, Millis, OutageId, Outcome, Scope,
    Seen, Tick, Usual, UtcMs, Window,
};
use phusong_store::{NewAck, NewWork, Reader, Store, StoreError, StoredTick};
use rusqlite::{Connection, types::Value};
use support::{beat, commit, id, turns, until};

/// The layout of each version and what its program wrote, as they were. Never edited: such stores are out there.
const VERSIONS: [(&str, &str); 6] = [
    (include_str!("fixtures/version-1.sql"), include_str!("fixtures/rows-1.sql")),
    (include_str!("fixtures/version-2.sql"), include_str!("fixtures/rows-2.sql")),
    (include_str!("fixtures/version-3.sql"), include_str!("fixtures/rows-3.sql")),
    (include_str!("fixtures/version-4.sql"), include_str!("fixtures/rows-4.sql")),
    (include_str!("fixtures/version-5.sql"), include_str!("fixtures/rows-5.sql")),
    (include_str!("fixtures/version-6.sql"), include_str!("fixtures/rows-6.sql")),
];

const NEWEST: i64 = 7;

/// When somebody asks: before two periods have passed since the last tick.
fn now() -> UtcMs {
    beat(3)
}

fn open(folder: &Path) -> Connection {
    Connection::open(folder.join("phusong.db")).expect("database")
}

/// A store as the program of a version left it.
fn leave(folder: &Path, version: i64) {
    let connection = open(folder);
    connection.pragma_update(None, "journal_mode", "WAL").expect("WAL");
    for (layout, rows) in VERSIONS.iter().take(usize::try_from(version).expect("a version")) {
        connection.execute_batch(layout).expect("layout");
        connection.execute_batch(rows).expect("rows");
    }
    connection.pragma_update(None, "application_id", 0x7068_7573).expect("mark");
    connection.pragma_update(None, "user_version", version).expect("version");
}

fn version(connection: &Connection) -> i64 {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("version")
}

/// A row by the names of its columns.
type Row = BTreeMap<String, Value>;

/// Every row of every table.
fn rows(connection: &Connection) -> BTreeMap<String, Vec<Row>> {
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").expect("tables");
    let names: Vec<String> =
        tables.query_map([], |row| row.get(0)).expect("names").collect::<Result<_, _>>().expect("names");
    let of = |name: &String| {
        let mut statement = connection.prepare(&format!("SELECT * FROM {name}")).expect("table");
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let read = |row: &rusqlite::Row<'_>| {
            columns.iter().enumerate().map(|(at, column)| Ok((column.clone(), row.get(at)?))).collect()
        };
        statement.query_map([], read).expect("rows").collect::<Result<Vec<Row>, _>>().expect("rows")
    };
    names.iter().map(|name| (name.clone(), of(name))).collect()
}

/// What the migration made of these rows, in their own columns.
fn same_columns(before: &BTreeMap<String, Vec<Row>>, after: &Connection) -> BTreeMap<String, Vec<Row>> {
    let mut after = rows(after);
    after.retain(|table, _| before.contains_key(table));
    for (table, rows) in &mut after {
        let columns = before[table].first();
        for row in rows {
            row.retain(|column, _| columns.is_some_and(|columns| columns.contains_key(column)));
        }
    }
    after
}

/// Tables and indexes without the comments in them.
fn layout(connection: &Connection) -> Vec<String> {
    let sql = "SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY type, name";
    let mut statement = connection.prepare(sql).expect("layout");
    let texts = statement.query_map([], |row| row.get::<_, String>(0)).expect("layout");
    let plain = |text: String| {
        let words = text.lines().map(|line| line.split("--").next().unwrap_or_default());
        words.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
    };
    texts.map(|text| plain(text.expect("text"))).collect()
}

fn evidence(reader: &Reader) -> Evidence {
    reader.evidence(now(), until(now())).expect("evidence")
}

/// All that a reader tells of the past.
struct Told {
    evidence: Evidence,
    ticks: Vec<StoredTick>,
    /// All of it, and the rest, written out.
    all: String,
}

fn told(reader: &Reader) -> Told {
    let (evidence, ticks) = (evidence(reader), reader.ticks_after(0, 10).expect("ticks"));
    let rest = (
        reader.last_outage().expect("outages"),
        [1, 2].map(|outage| reader.verdicts(OutageId(outage)).expect("verdicts")),
        reader.samples(&id("a"), until(now())).expect("samples"),
        reader.inventory_version(now()).expect("version"),
        reader.sink_cursor("influx").expect("cursor"),
        reader.backlog("influx").expect("backlog"),
        reader.told().expect("what was told"),
        reader.open_notifications().expect("messages"),
        reader.undelivered().expect("messages"),
    );
    let all = format!("{evidence:#?}\n{ticks:#?}\n{rest:#?}");
    Told { evidence, ticks, all }
}

/// What was written into the store, by version.
fn compare(version: i64, Told { evidence, ticks, .. }: &Told) {
    let links: Vec<_> =
        evidence.links.iter().map(|now| (now.link.as_str(), now.state, now.since, now.entered)).collect();
    let entered = beat(-360);
    let expected = [("feeder", LinkState::Up, beat(-190), entered), ("a", LinkState::Blind, beat(2), entered)];
    assert_eq!(links, expected);
    let last = (evidence.links[1].icmp.map(|echo| (echo.sent, echo.lost)), evidence.links[1].interface.as_ref());
    assert_eq!((last.0, last.1.and_then(|reading| reading.speed_bps)), (Some((10, 10)), Some(u64::MAX)));
    assert_eq!(evidence.spans.len(), 8);
    assert!(evidence.spans.iter().any(|span| span.state == LinkState::Degraded && span.worse.is_none()));
    let behind = Cause::Upstream { carrier: Carrier::Link(id("feeder")) };
    let outages: Vec<_> = evidence.outages.iter().map(|o| (o.id.0, o.link.as_str(), o.end, &o.verdict.cause)).collect();
    assert_eq!(outages, [(1, "feeder", Some(beat(-190)), &Cause::Unknown), (2, "a", None, &behind)]);
    assert_eq!(evidence.health.as_ref().and_then(|health| health.prober.last_tick).map(|tick| tick.at), Some(beat(2)));
    assert_eq!((evidence.figures.len(), evidence.coverage_gaps.len()), (1, 1));
    assert_eq!(evidence.inventory.links[1].upstream, [Carrier::Link(id("feeder"))]);
    assert_eq!(evidence.inventory.maintenance[0].scope, Scope::Link(id("a")));

    assert_eq!(ticks.iter().map(|tick| tick.samples.len()).collect::<Vec<_>>(), [3, 1]);
    assert_eq!(ticks.iter().map(|tick| tick.readings.len()).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(ticks.iter().map(|tick| tick.coverage.len()).collect::<Vec<_>>(), [1, 1]);
    let states: Vec<_> = ticks.iter().flat_map(|tick| &tick.states).map(|to| (to.state, to.outage)).collect();
    assert_eq!(states, [(LinkState::Down, Some(OutageId(2))), (LinkState::Blind, Some(OutageId(2)))]);

    let seen = evidence.observations.iter().filter(|seen| matches!(seen.seen, Seen::IcmpError(_) | Seen::Sensor(_)));
    assert_eq!(seen.count(), if version >= 2 { 2 } else { 0 });
    let open = &evidence.outages[1];
    let judged = (open.start_error, open.verdict.confidence, open.verdict.evidence.len(), open.event);
    if version >= 3 {
        assert_eq!(judged, (Millis(2_500), Confidence::Medium, 1, EventId(1)));
        assert_eq!(evidence.events[0].by, Some("site/pop".parse().expect("a carrier")));
    } else {
        assert_eq!((judged, evidence.events.len()), ((Millis(0), Confidence::Low, 0, EventId(2)), 0));
    }
}

#[test]
fn a_store_of_any_version_is_read_as_it_is() {
    for old in 1..NEWEST {
        let folder = tempfile::tempdir().expect("folder");
        leave(folder.path(), old);
        let before = rows(&open(folder.path()));
        let reader = Reader::open(folder.path()).expect("reader");
        compare(old, &told(&reader));
        // The daemon that wrote it goes on, and does not know of us.
        let writer = open(folder.path());
        assert_eq!((version(&writer), rows(&writer)), (old, before), "a reader changes nothing");
        writer.execute_batch("INSERT INTO tick VALUES (3, 1795435230000, 10000, 0, NULL, 5, 5, 2, 2)").expect("a tick");
        assert_eq!(evidence(&reader).age, Some(Millis(0)), "what comes is seen");
        assert_eq!(version(&writer), old);
    }
}

#[test]
fn a_store_of_any_version_comes_to_the_newest_with_all_that_is_in_it() {
    let new = tempfile::tempdir().expect("folder");
    drop(Store::open(new.path()).expect("a new store"));
    for old in 1..NEWEST {
        let folder = tempfile::tempdir().expect("folder");
        leave(folder.path(), old);
        let before = rows(&open(folder.path()));
        assert!(before.values().all(|rows| !rows.is_empty()), "each table has a row: {before:?}");
        let reader = Reader::open(folder.path()).expect("a reader from before");
        let read_before = told(&reader).all;

        let store = Store::open(folder.path()).expect("migrated");
        let connection = open(folder.path());
        assert_eq!(version(&connection), NEWEST);
        assert_eq!(same_columns(&before, &connection), before, "from version {old}");
        assert_eq!(layout(&connection), layout(&open(new.path())), "from version {old}");
        let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("check");
        let astray = connection.prepare("PRAGMA foreign_key_check").and_then(|mut check| check.exists([]));
        assert_eq!((check.as_str(), astray), ("ok", Ok(false)));
        // Both the reader that was open all the time and a new one.
        assert_eq!(told(&reader).all, read_before, "from version {old}");
        assert_eq!(told(&Reader::open(folder.path()).expect("reader")).all, read_before, "from version {old}");
        drop(store);
        drop(Store::open(folder.path()).expect("opened once more"));
        assert_eq!(same_columns(&before, &connection), before, "nothing is migrated twice");
    }
}

#[test]
fn a_store_that_was_migrated_goes_on() {
    for old in 1..NEWEST {
        let folder = tempfile::tempdir().expect("folder");
        leave(folder.path(), old);
        let mut store = Store::open(folder.path()).expect("migrated");
        // Version 4 has one of each.
        let orders = if old >= 4 { 2 } else { 1 };
        let usual = Usual { rtt: Micros(5_000), rtt_high: Micros(9_000), loss: None, rounds: 40 };
        let changes = vec![
            turns("a", LinkState::Up, beat(3)),
            Change::OutageEnds { link: id("a"), end: Edge::sharp(beat(2)) },
            Change::Usual { link: id("a"), usual },
        ];
        assert_eq!(store.commit(&commit(3, &["feeder", "a"], changes)).expect("a tick"), 3);
        let ack = NewAck {
            outage: OutageId(2),
            at: beat(3),
            author: "an".to_owned(),
            note: Some("đã gọi".to_owned()),
            ticket: None,
        };
        assert!(store.acknowledge(&ack).expect("kept").is_some());
        let work = NewWork {
            scope: Scope::Link(id("a")),
            window: Window::new(beat(4), beat(9)),
            why: "splicing".to_owned(),
            author: "an".to_owned(),
            added: beat(3),
        };
        store.plan(&work).expect("kept");

        let reader = Reader::open(folder.path()).expect("reader");
        let evidence = evidence(&reader);
        let link = &evidence.links[1];
        assert_eq!(
            (link.state, link.since, link.usual, link.entered),
            (LinkState::Up, beat(3), Some(usual), beat(-360))
        );
        assert_eq!(evidence.outages[1].end, Some(beat(2)));
        assert_eq!((evidence.acks.len(), evidence.planned.len()), (orders, orders));
        let ticks = reader.ticks_after(2, 10).expect("ticks");
        assert_eq!(ticks.iter().map(|tick| (tick.seq, tick.samples.len())).collect::<Vec<_>>(), [(3, 2)]);
        let measured = |tick: &StoredTick| tick.samples.iter().all(|s| matches!(s.outcome, Outcome::Measured(_)));
        assert!(ticks.iter().all(measured));
        assert_eq!(ticks[0].tick, Tick { at: beat(3), ..support::tick(3) });
    }
}

#[test]
fn a_migration_that_fails_leaves_the_store_as_it_was() {
    let folder = tempfile::tempdir().expect("folder");
    leave(folder.path(), 2);
    let connection = open(folder.path());
    // Somebody has put a table of his own there, and the statements before it succeed.
    connection.execute_batch("CREATE TABLE event (theirs)").expect("their table");
    let before = (layout(&connection), rows(&connection));
    let failed = Store::open(folder.path()).expect_err("no way to version 3");
    assert!(matches!(failed, StoreError::Migrate { version: 3, .. }), "{failed}");
    assert_eq!(version(&connection), 2);
    assert_eq!((layout(&connection), rows(&connection)), before);
}

#[test]
fn a_store_of_the_next_version_is_refused_while_its_daemon_runs() {
    let folder = tempfile::tempdir().expect("folder");
    drop(Store::open(folder.path()).expect("store"));
    let newer = open(folder.path());
    newer.pragma_update(None, "user_version", NEWEST + 1).expect("version");
    newer.execute_batch("CREATE TABLE unheard_of (a)").expect("a table");
    let files = ["phusong.db", "phusong.db-wal"].map(|name| folder.path().join(name));
    let bytes = || files.clone().map(|file| std::fs::read(file).expect("file"));
    let before = bytes();
    assert!(!before[1].is_empty(), "what it wrote last is in its log only");
    for refused in [Store::open(folder.path()).map(drop), Reader::open(folder.path()).map(drop)] {
        let refused = refused.expect_err("newer");
        assert!(matches!(refused, StoreError::Newer { found: 8, known: NEWEST, .. }), "{refused}");
        assert!(refused.to_string().contains("version 8") && refused.to_string().contains("up to 7"), "{refused}");
    }
    assert!(bytes() == before, "not a byte is changed");
}

#[test]
fn nothing_that_any_version_wrote_is_taken_for_damage() {
    for version in 1..NEWEST {
        let folder = tempfile::tempdir().expect("folder");
        leave(folder.path(), version);
        drop(Store::open(folder.path()).expect("migrated"));
        let before = rows(&open(folder.path()));
        assert!(!Store::is_damaged(folder.path(), &|| true), "version {version}");
        let salvaged = Store::salvage_now(folder.path(), now(), "as found", &mut |_| true);
        let (store, aside) = salvaged.expect("salvaged");
        drop(store);
        assert!(aside.saved.iter().all(|saved| saved.whole && saved.odd == 0), "version {version}: {aside:?}");
        let after = rows(&open(folder.path()));
        let differ: Vec<&String> = before.keys().filter(|table| before[*table] != after[*table]).collect();
        assert_eq!(differ, ["numbering"], "version {version}: a new store numbers its ticks anew");
    }
}
