//! Damaged, lost and replaced files: the store comes back with what can be saved, and nothing is deleted.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test suite"
)]

mod support;

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use phusong_model::{Cause, Evidence, LinkState, Millis, OutageId, UtcMs, Window};
use phusong_store::{Reader, Reading, SetAside, Standing, Store, StoreError, Unstored, set_aside_files};
use rusqlite::Connection;
use support::{NOON, advance, beat, commit, inventory, opens, reject, turns, until};

const LINKS: [&str; 40] = [
    "l00", "l01", "l02", "l03", "l04", "l05", "l06", "l07", "l08", "l09", "l10", "l11", "l12", "l13", "l14", "l15",
    "l16", "l17", "l18", "l19", "l20", "l21", "l22", "l23", "l24", "l25", "l26", "l27", "l28", "l29", "l30", "l31",
    "l32", "l33", "l34", "l35", "l36", "l37", "l38", "l39",
];

/// Ticks in the store that is damaged.
const TICKS: i64 = 200;
/// Bytes of a page.
const PAGE: u64 = 4096;

fn database(folder: &Path) -> PathBuf {
    folder.join("phusong.db")
}

/// A closed store with ticks, changes, an outage and an open span of each link.
fn filled(folder: &Path) {
    let mut store = Store::open(folder).expect("store");
    store.set_inventory(&inventory(&LINKS), NOON).expect("inventory");
    store.add_sink("influx").expect("sink");
    for tick in 1..=TICKS {
        let link = LINKS[(tick % 40) as usize];
        let mut changes =
            vec![turns(link, if tick % 3 == 0 { LinkState::Degraded } else { LinkState::Up }, beat(tick))];
        if tick == 100 {
            changes.extend([
                turns("l01", LinkState::Down, beat(100)),
                opens(1, "l01", beat(100), beat(100), Cause::Power),
            ]);
        }
        store.commit(&commit(tick, &LINKS, changes)).expect("tick");
    }
    advance(&mut store, "influx", TICKS);
}

/// What a sound store has after whatever happened to it.
fn must_be_sound(folder: &Path) {
    let connection = Connection::open(database(folder)).expect("database");
    let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("check");
    assert_eq!(check, "ok");
    let astray = connection.prepare("PRAGMA foreign_key_check").and_then(|mut check| check.exists([]));
    assert_eq!(astray, Ok(false));
}

/// The store goes on, and sinks get what comes.
fn must_go_on(folder: &Path, store: &mut Store) {
    store.set_inventory(&inventory(&LINKS), beat(TICKS + 1)).expect("inventory");
    store.add_sink("influx").expect("sink");
    let changes = vec![turns("l05", LinkState::Down, beat(TICKS + 2))];
    let seq = store.commit(&commit(TICKS + 2, &LINKS, changes)).expect("a tick");
    let reader = Reader::open(folder).expect("reader");
    let cursor = reader.sink_cursor("influx").expect("cursor");
    assert!(cursor < seq, "the new tick is after the cursor");
    let last = reader.ticks_after(cursor, usize::MAX).expect("ticks").pop().expect("the new tick");
    assert_eq!((last.seq, last.samples.len(), last.tick.at), (seq, LINKS.len(), beat(TICKS + 2)));
    let evidence = reader.evidence(beat(TICKS + 2), until(beat(TICKS + 3))).expect("evidence");
    assert_eq!(evidence.links.len(), LINKS.len());
    assert_eq!(evidence.links[5].state, LinkState::Down);
}

fn salvaged(folder: &Path) -> (Store, SetAside) {
    let (store, aside) =
        Store::open_or_salvage(folder, beat(TICKS + 1), &mut |_| true).expect("no damage keeps it from opening");
    (store, aside.expect("it was set aside"))
}

fn rows(aside: &SetAside, table: &str) -> u64 {
    aside.saved.iter().find(|saved| saved.table == table).map_or(0, |saved| saved.rows)
}

#[test]
fn what_is_sound_is_opened_as_it_is() {
    let folder = tempfile::tempdir().expect("folder");
    filled(folder.path());
    let (mut store, aside) = Store::open_or_salvage(folder.path(), beat(0), &mut |_| true).expect("store");
    assert_eq!(aside, None);
    assert_eq!(set_aside_files(folder.path()).expect("folder"), Vec::<PathBuf>::new());
    must_go_on(folder.path(), &mut store);
}

#[test]
fn a_file_of_anything_is_set_aside_and_a_new_store_begins() {
    for content in [&b"not a database, by no means"[..], &[0; 8192], &[0xff; 100_000], b"SQLite format 3\0"] {
        let folder = tempfile::tempdir().expect("folder");
        fs::write(database(folder.path()), content).expect("file");
        let (mut store, aside) = salvaged(folder.path());
        assert_eq!(fs::read(&aside.file).expect("set aside"), content, "it is all there");
        assert_eq!(set_aside_files(folder.path()).expect("folder"), std::slice::from_ref(&aside.file));
        assert_eq!(aside.rows(), 0);
        must_go_on(folder.path(), &mut store);
        must_be_sound(folder.path());
    }
}

#[test]
fn another_programs_database_is_left_alone() {
    let folder = tempfile::tempdir().expect("folder");
    let theirs = Connection::open(database(folder.path())).expect("database");
    theirs.execute_batch("CREATE TABLE tracks (name)").expect("table");
    drop(theirs);
    let before = fs::read(database(folder.path())).expect("file");
    let refused = Store::open_or_salvage(folder.path(), beat(0), &mut |_| true).expect_err("not ours");
    assert!(matches!(refused, StoreError::Foreign { .. }), "{refused}");
    assert_eq!(fs::read(database(folder.path())).expect("file"), before);
}

#[test]
fn a_file_cut_short_gives_what_is_left_of_it() {
    let whole = tempfile::tempdir().expect("folder");
    filled(whole.path());
    let length = fs::metadata(database(whole.path())).expect("file").len();
    for tenths in 1..10 {
        let folder = tempfile::tempdir().expect("folder");
        fs::copy(database(whole.path()), database(folder.path())).expect("copy");
        let cut = OpenOptions::new().write(true).open(database(folder.path())).expect("file");
        // In the middle of a page.
        cut.set_len(length * tenths / 10 + 1234).expect("cut");
        let (mut store, aside) = salvaged(folder.path());
        println!("{tenths} tenths: {} samples, {} rows", rows(&aside, "sample"), aside.rows());
        // The roots of the tables lie in the first third of so small a file.
        assert!(tenths < 5 || rows(&aside, "sample") > (tenths - 4) * 1_000, "{aside:?}");
        must_go_on(folder.path(), &mut store);
        must_be_sound(folder.path());
    }
}

#[test]
fn one_page_of_rubbish_costs_what_was_on_it() {
    let whole = tempfile::tempdir().expect("folder");
    filled(whole.path());
    let pages = fs::metadata(database(whole.path())).expect("file").len() / PAGE;
    let (mut saved, mut noticed) = (0, 0);
    // The head of the file is another matter: without it nobody knows where the tables begin.
    for page in 1..pages {
        let folder = tempfile::tempdir().expect("folder");
        fs::copy(database(whole.path()), database(folder.path())).expect("copy");
        let file = OpenOptions::new().write(true).open(database(folder.path())).expect("file");
        file.write_all_at(&[0xa5; PAGE as usize], page * PAGE).expect("rubbish");
        let (mut store, aside) =
            Store::open_or_salvage(folder.path(), beat(TICKS + 1), &mut |_| true).expect("it opens");
        // Rubbish in the middle of a large table is met later; then it is set aside as well.
        let aside = match aside {
            Some(aside) => aside,
            None => {
                noticed += 1;
                drop(store);
                // A start reads this much, and salvages when it cannot.
                let read = Reader::open(folder.path())
                    .and_then(|reader| reader.evidence(beat(TICKS + 1), Window::new(beat(TICKS), beat(TICKS + 1))));
                let met = read.err();
                assert!(met.as_ref().is_none_or(StoreError::is_unreadable), "page {page}: {met:?}");
                let again =
                    Store::salvage_now(folder.path(), beat(TICKS + 1), "found later", &mut |_| true).expect("salvaged");
                store = again.0;
                again.1
            }
        };
        saved += rows(&aside, "sample");
        let samples = rows(&aside, "sample");
        assert!(samples == 0 || samples >= 8_000 - 300, "page {page}: {samples} samples, {aside:?}");
        must_go_on(folder.path(), &mut store);
        must_be_sound(folder.path());
    }
    println!("{pages} pages, {noticed} not noticed at the start, {} samples saved on average", saved / (pages - 1));
    assert!(saved / (pages - 1) > 7_500, "of 8000: {}", saved / (pages - 1));
}

#[test]
fn files_removed_under_a_running_store_are_written_anew_from_what_is_open() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    filled(&data);
    let mut store = Store::open(&data).expect("store");
    store.commit(&commit(TICKS + 1, &LINKS, Vec::new())).expect("in the log only");
    assert!(!store.is_lost());
    for removed in ["phusong.db", "phusong.db-wal", ""] {
        match removed {
            "" => fs::remove_dir_all(&data).expect("the folder"),
            name => fs::remove_file(data.join(name)).expect(name),
        }
        assert!(store.is_lost(), "{removed}");
        store.restore(beat(TICKS + 2)).expect("restored");
        assert!(!store.is_lost());
        let reader = Reader::open(&data).expect("reader");
        assert_eq!(reader.ticks_after(0, usize::MAX).expect("ticks").len() as i64, TICKS + 1);
    }
    must_go_on(&data, &mut store);
    must_be_sound(&data);
}

#[test]
fn a_file_put_in_its_place_is_set_aside() {
    let folder = tempfile::tempdir().expect("folder");
    filled(folder.path());
    let mut store = Store::open(folder.path()).expect("store");
    fs::rename(database(folder.path()), folder.path().join("taken-away")).expect("moved");
    fs::write(database(folder.path()), "theirs").expect("another file");
    assert!(store.is_lost());
    store.restore(beat(TICKS + 1)).expect("restored");
    let aside = set_aside_files(folder.path()).expect("folder");
    assert_eq!(fs::read(&aside[0]).expect("file"), b"theirs");
    must_go_on(folder.path(), &mut store);
}

#[test]
fn damage_met_while_running_is_told_from_a_full_disk() {
    let folder = tempfile::tempdir().expect("folder");
    filled(folder.path());
    let mut store = Store::open(folder.path()).expect("store");
    let file = OpenOptions::new().write(true).open(database(folder.path())).expect("file");
    let pages = file.metadata().expect("file").len() / PAGE;
    for page in 1..pages {
        file.write_all_at(&[0xa5; PAGE as usize], page * PAGE).expect("rubbish");
    }
    // A cache may have let it go on for a while.
    let damage = (TICKS + 1..TICKS + 500).find_map(|tick| store.commit(&commit(tick, &LINKS, Vec::new())).err());
    assert!(damage.as_ref().is_some_and(StoreError::is_damage), "{damage:?}");
    drop(store);
    let (mut store, _) = Store::salvage_now(folder.path(), beat(TICKS + 1), "damage", &mut |_| true).expect("salvaged");
    must_go_on(folder.path(), &mut store);
}

#[test]
fn what_stands_can_be_said_again_to_a_new_store_and_without_one() {
    let folder = tempfile::tempdir().expect("folder");
    filled(folder.path());
    let (now, window) = (beat(TICKS + 1), until(beat(TICKS + 1)));
    let before = Reader::open(folder.path()).and_then(|reader| reader.evidence(now, window)).expect("evidence");
    let mut standing = Standing::of(&before);
    standing.apply(&turns("l07", LinkState::Blind, beat(TICKS)));

    let new = tempfile::tempdir().expect("folder");
    let mut store = Store::open(new.path()).expect("store");
    store.set_inventory(&inventory(&LINKS), NOON).expect("inventory");
    for _ in 0..2 {
        store.restate(&standing).expect("said again");
        let after = Reader::open(new.path()).and_then(|reader| reader.evidence(now, window)).expect("evidence");
        let states = |evidence: &Evidence| -> Vec<(LinkState, UtcMs)> {
            evidence.links.iter().map(|link| (link.state, link.since)).collect()
        };
        let mut expected = states(&before);
        expected[7] = (LinkState::Blind, beat(TICKS));
        assert_eq!(states(&after), expected);
        assert_eq!(after.outages, before.outages);

        let unstored = Unstored {
            inventory: Arc::new(inventory(&LINKS)),
            standing: standing.changes(),
            commits: vec![Arc::new(commit(TICKS + 1, &LINKS, vec![turns("l07", LinkState::Up, beat(TICKS + 1))]))],
        };
        let alone = unstored.alone(beat(TICKS + 1), window);
        expected[7] = (LinkState::Up, beat(TICKS + 1));
        assert_eq!(states(&alone), expected);
        assert_eq!((alone.outages.len(), alone.age), (1, Some(Millis(0))));
        assert!(alone.links.iter().all(|link| link.icmp.is_some()), "the newest samples are shown");
    }
}

#[test]
fn a_store_that_was_saved_counts_its_rejected_lines_and_takes_no_number_for_one_of_before() {
    let folder = tempfile::tempdir().expect("folder");
    filled(folder.path());
    let mut store = Store::open(folder.path()).expect("store");
    for seq in 1..=3 {
        reject(&mut store, "influx", seq, "a line", 422, "no");
    }
    let before = store.numbering().expect("numbering");
    drop(store);
    let (mut store, aside) =
        Store::salvage_now(folder.path(), beat(TICKS + 1), "a test says so", &mut |_| true).expect("a new store");
    assert_eq!(rows(&aside, "rejected"), 3);
    assert_eq!(store.backlog("influx").expect("backlog").rejected_lines, 3);
    assert_ne!(store.numbering().expect("numbering"), before);
    let seq = store.commit(&commit(TICKS + 2, &LINKS, Vec::new())).expect("a tick");
    store.advance_sink("influx", seq, before).expect("an answer of before");
    assert!(store.sink_cursor("influx").expect("cursor") < seq);
    advance(&mut store, "influx", seq);
    assert_eq!(store.sink_cursor("influx").expect("cursor"), seq);
}

#[test]
fn a_salvage_that_is_stopped_has_what_happened_and_the_newest_measurements() {
    let folder = tempfile::tempdir().expect("folder");
    filled(folder.path());
    // The second half of the samples lies far behind the first.
    let apart = "UPDATE sample SET id = id + 1000000 WHERE id > 4000;
         UPDATE tick SET sample_lo = sample_lo + 1000000, sample_hi = sample_hi + 1000000 WHERE sample_lo > 4000;";
    Connection::open(database(folder.path())).and_then(|raw| raw.execute_batch(apart)).expect("apart");
    let mut measured = 0;
    let mut stop = |reading| {
        measured += u32::from(reading == Reading::Measured);
        measured < 10
    };
    let salvaged = Store::salvage_now(folder.path(), beat(TICKS + 1), "as found", &mut stop);
    let (mut store, aside) = salvaged.expect("salvaged");
    assert_eq!(aside.stopped.as_deref(), Some("it took too long"));
    assert_eq!(["link", "outage", "tick", "sample"].map(|table| rows(&aside, table)), [40, 1, TICKS as u64, 4_000]);
    let last = Reader::open(folder.path()).and_then(|reader| reader.ticks_after(TICKS - 100, 1)).expect("ticks");
    assert_eq!(last[0].samples.len(), LINKS.len(), "the newest were saved");
    let cut: Vec<&str> = aside.saved.iter().filter(|saved| !saved.whole).map(|saved| saved.table.as_str()).collect();
    assert_eq!(cut, ["sample", "reading", "rollup_minute"], "hours come before them");
    must_go_on(folder.path(), &mut store);
    must_be_sound(folder.path());
}

/// Hours of rollups of each link.
const HOURS: i64 = 1_500;

/// Writes hours of rollups of all links, by ICMP.
fn with_hours(folder: &Path) {
    let hours = format!(
        "WITH RECURSIVE hour (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM hour WHERE number < {HOURS})
         INSERT INTO rollup_hour SELECT number * 3600000, key, 0, 1, 0, 1, 0, 1, 1, x'', 3600000, 0, 0, 0, 0
         FROM link, hour"
    );
    Connection::open(database(folder)).and_then(|raw| raw.execute_batch(&hours)).expect("hours");
}

/// How many hours each link has, and the newest.
fn hours_of_links(folder: &Path) -> Vec<(i64, i64)> {
    let raw = Connection::open(database(folder)).expect("database");
    let sql = "SELECT count(*), max(at) / 3600000 FROM rollup_hour GROUP BY link ORDER BY link";
    let mut statement = raw.prepare(sql).expect("query");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.collect::<Result<_, _>>().expect("hours")
}

#[test]
fn hours_are_saved_before_samples_and_a_stop_leaves_out_the_oldest_of_every_link() {
    let folder = tempfile::tempdir().expect("folder");
    filled(folder.path());
    with_hours(folder.path());
    let copy = tempfile::tempdir().expect("folder");
    fs::copy(database(folder.path()), database(copy.path())).expect("copy");
    let (store, aside) =
        Store::salvage_now(folder.path(), beat(TICKS + 1), "as found", &mut |reading| reading != Reading::Measured)
            .expect("salvaged");
    drop(store);
    assert_eq!((rows(&aside, "sample"), rows(&aside, "rollup_hour")), (0, 60_000));
    assert_eq!(hours_of_links(folder.path()), [(HOURS, HOURS); 40]);

    // Two looks at each link and probe, and some more.
    let mut words = 0;
    let mut stop = |reading| {
        words += u32::from(reading == Reading::Hours);
        reading != Reading::Hours || words < 240
    };
    let (mut store, aside) = Store::salvage_now(copy.path(), beat(TICKS + 1), "as found", &mut stop).expect("salvaged");
    let hours = hours_of_links(copy.path());
    assert_eq!(hours.len(), LINKS.len());
    assert!(hours.iter().all(|(count, newest)| (700..HOURS).contains(count) && *newest == HOURS), "{hours:?}");
    assert_eq!(rows(&aside, "sample"), 8_000, "what comes after them has its own time");
    must_go_on(copy.path(), &mut store);
    must_be_sound(copy.path());
}

#[test]
fn an_unreadable_page_of_hours_costs_what_was_on_it() {
    let folder = tempfile::tempdir().expect("folder");
    filled(folder.path());
    with_hours(folder.path());
    // The newest pages of the file hold nothing but hours.
    let page = fs::metadata(database(folder.path())).expect("file").len() / PAGE - 100;
    let file = OpenOptions::new().write(true).open(database(folder.path())).expect("file");
    file.write_all_at(&[0xa5; PAGE as usize], page * PAGE).expect("rubbish");
    let (mut store, aside) =
        Store::salvage_now(folder.path(), beat(TICKS + 1), "as found", &mut |_| true).expect("salvaged");
    let saved = rows(&aside, "rollup_hour");
    assert!((59_700..60_000).contains(&saved), "{saved} of 60000 hours");
    must_go_on(folder.path(), &mut store);
    must_be_sound(folder.path());
}

#[test]
fn samples_that_a_salvage_loses_are_counted_for_a_sink_that_had_not_got_them() {
    // Ticks that were delivered, what is damaged before the salvage, and how many samples the sink has lost.
    let per_tick = LINKS.len() as u64;
    let cases = [
        (TICKS, "", 0),
        (150, "", 0),
        // The rows of the ticks are gone and their samples are not; or both, or only these.
        (150, "DELETE FROM state_change WHERE tick > 160; DELETE FROM tick WHERE seq > 160", 40 * per_tick),
        (150, "DELETE FROM state_change WHERE tick > 120; DELETE FROM tick WHERE seq > 120", 50 * per_tick),
        (150, "DELETE FROM sample WHERE id > 7200; DELETE FROM tick WHERE seq BETWEEN 171 AND 175", 25 * per_tick),
        (150, "DELETE FROM sample WHERE id <= 6400", 10 * per_tick),
        // What was delivered is lost to nobody.
        (150, "DELETE FROM sample WHERE id <= 6000; DELETE FROM tick WHERE seq <= 150", 0),
        (150, "DELETE FROM tick WHERE seq BETWEEN 100 AND 155", 5 * per_tick),
        // Retention has removed what lies at the cursor, and the next ticks are lost.
        (
            0,
            "DELETE FROM tick WHERE seq <= 150; DELETE FROM sample WHERE id <= 4000; UPDATE sink SET seq = 100",
            50 * per_tick,
        ),
        (0, "DELETE FROM tick WHERE seq <= 150; DELETE FROM sample WHERE id <= 6000; UPDATE sink SET seq = 150", 0),
        // Nothing was delivered.
        (0, "DELETE FROM tick WHERE seq <= 20", 20 * per_tick),
        (TICKS, "DELETE FROM tick WHERE seq > 190", 0),
    ];
    for (delivered, damage, lost) in cases {
        let folder = tempfile::tempdir().expect("folder");
        filled(folder.path());
        let raw = Connection::open(database(folder.path())).expect("database");
        let damage = format!("UPDATE sink SET seq = {delivered}; {damage}");
        raw.execute_batch(&format!("PRAGMA foreign_keys = OFF; {damage}")).expect("damage");
        drop(raw);
        let (mut store, _) =
            Store::salvage_now(folder.path(), beat(TICKS + 1), "as found", &mut |_| true).expect("salvaged");
        assert_eq!(store.backlog("influx").expect("backlog").removed_samples, lost, "{damage}");
        must_go_on(folder.path(), &mut store);
        must_be_sound(folder.path());
    }
}

/// Everything that is asked of a store.
fn asked(folder: &Path) -> Result<Evidence, StoreError> {
    let reader = Reader::open(folder)?;
    reader.verdicts(OutageId(1))?;
    reader.ticks_after(0, usize::MAX)?;
    reader.inventory()?;
    reader.undelivered()?;
    reader.open_notifications()?;
    reader.last_outage()?;
    reader.evidence(beat(TICKS), until(beat(TICKS)))
}

#[test]
fn a_value_that_no_version_writes_costs_itself_or_its_row_and_is_never_up() {
    let whole = tempfile::tempdir().expect("folder");
    filled(whole.path());
    let before = asked(whole.path()).expect("sound");
    assert!(!Store::is_damaged(whole.path(), &|| true));
    assert_eq!(before.links[6].state, LinkState::Up);
    let cases = [
        ("outage", "UPDATE outage SET evidence = '[{\"at\":'"),
        ("outage", "UPDATE outage SET cause = 99, confidence = -1"),
        ("verdict", "UPDATE verdict SET evidence = CAST(x'ff' AS TEXT)"),
        ("verdict", "UPDATE verdict SET cause = 1, cause_link = NULL"),
        ("span", "UPDATE span SET state = 77 WHERE to_at IS NULL AND link = (SELECT key FROM link WHERE id = 'l06')"),
        ("sample", "UPDATE sample SET probe = 9 WHERE id = 7990"),
        ("sample", "UPDATE sample SET rtt_max_us = -1 WHERE id = 8"),
        ("tick", "UPDATE tick SET blind = 70 WHERE seq = 3"),
        ("state_change", "UPDATE state_change SET state = -5 WHERE tick = 9"),
        ("health", "UPDATE health SET health = '{'"),
        ("inventory", "UPDATE inventory SET inventory = 'null'"),
        ("link", "UPDATE link SET id = 'no id' WHERE id = 'l39'"),
        ("maintenance", "INSERT INTO maintenance VALUES (1, '?', 0, 9999999999999, '', '', 0, NULL)"),
        ("observation", "INSERT INTO observation VALUES ('link l01', 'ttl', 0, 9999999999999, 'x')"),
        ("coverage_run", "INSERT INTO coverage_run VALUES (1, 1, 0, '', '[]', '[', NULL, NULL)"),
        ("coverage_run", "INSERT INTO coverage_run VALUES (1, 1, 0, '', '[]', '[]', NULL, '[')"),
        ("told", "INSERT INTO told VALUES (1, '')"),
    ];
    for (table, odd) in cases {
        let folder = tempfile::tempdir().expect("folder");
        fs::copy(database(whole.path()), database(folder.path())).expect("copy");
        Connection::open(database(folder.path())).and_then(|raw| raw.execute_batch(odd)).expect(odd);
        let refused = asked(folder.path()).err();
        assert!(refused.as_ref().is_some_and(StoreError::is_unreadable), "{odd}: {refused:?}");
        assert!(Store::is_damaged(folder.path(), &|| true), "{odd}");
        let salvaged = Store::salvage_now(folder.path(), beat(TICKS), "an odd value", &mut |_| true);
        let (mut store, aside) = salvaged.expect("salvaged");
        let found: Vec<&str> =
            aside.saved.iter().filter(|saved| saved.odd > 0).map(|saved| saved.table.as_str()).collect();
        assert_eq!(found, [table], "{odd}");
        assert!(!Store::is_damaged(folder.path(), &|| true), "{odd}");
        let after = asked(folder.path()).unwrap_or_else(|error| panic!("{odd}: {error}"));
        assert_eq!(after.outages.len(), 1, "{odd}: an outage is not lost with its evidence");
        let up = |evidence: &Evidence| evidence.links.iter().filter(|link| link.state == LinkState::Up).count();
        assert!(up(&after) <= up(&before), "{odd}");
        if table == "span" {
            assert_eq!(after.links[6].state, LinkState::Blind, "what is not known is not up");
        }
        must_go_on(folder.path(), &mut store);
        must_be_sound(folder.path());
    }
}
