//! Every crash point of a trace of 200 ticks: what lies on disk when the power goes in the middle of a commit, or in the
//! middle of writing the log back, is opened again.
//!
//! A commit appends frames to the log and flushes it; now and then the pages of the log are written back into the
//! database, and the log begins anew over its old bytes. A crash leaves some of the new bytes and the old ones behind them.
//! Until the last frame of a commit is whole the tick is not there, and from then on it is: the loss is at most the tick
//! that was not acknowledged yet.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test suite"
)]

mod support;

use std::{fs, path::Path};

use phusong_model::{Cause, Change, Edge, LinkState};
use phusong_store::{Reader, Store};
use rusqlite::Connection;
use support::{NOON, beat, commit, id, inventory, opens, turns};

const TICKS: i64 = 200;
const LINKS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

/// Sizes in SQLite's log (its file format, section 4): its head, and a frame with the head of its own.
const HEAD: usize = 32;
const FRAME: usize = 24 + 4096;

/// The two files at a moment.
#[derive(Clone)]
struct Image {
    database: Vec<u8>,
    log: Vec<u8>,
}

impl Image {
    fn of(folder: &Path) -> Self {
        let read = |name: &str| fs::read(folder.join(name)).expect(name);
        Self { database: read("phusong.db"), log: read("phusong.db-wal") }
    }

    fn write(&self, folder: &Path) {
        fs::write(folder.join("phusong.db"), &self.database).expect("database");
        fs::write(folder.join("phusong.db-wal"), &self.log).expect("log");
        // A crash takes shared memory with it.
        let _ = fs::remove_file(folder.join("phusong.db-shm"));
    }
}

/// The beginning of the new bytes over the old ones.
fn over(old: &[u8], new: &[u8], cut: usize) -> Vec<u8> {
    let mut bytes = new[..cut.min(new.len())].to_vec();
    bytes.extend(old.get(bytes.len()..).unwrap_or_default());
    bytes
}

/// Where the log differs first and last: the bytes that a commit wrote.
fn written(old: &[u8], new: &[u8]) -> (usize, usize) {
    let first = old.iter().zip(new).position(|(a, b)| a != b).unwrap_or(old.len().min(new.len()));
    let tail = old.len() == new.len();
    let last = if tail { new.iter().zip(old).rposition(|(a, b)| a != b).map_or(first, |at| at + 1) } else { new.len() };
    (first, last)
}

/// Changes enough that every kind of table is written.
fn changes(tick: i64) -> Vec<Change> {
    let link = LINKS[(tick % 12) as usize];
    match tick % 10 {
        3 => vec![turns(link, LinkState::Down, beat(tick)), opens(tick, link, beat(tick), beat(tick), Cause::Power)],
        4 => {
            let before = LINKS[((tick - 1) % 12) as usize];
            let end = Edge::sharp(beat(tick));
            vec![turns(before, LinkState::Up, beat(tick)), Change::OutageEnds { link: id(before), end }]
        }
        _ => vec![turns(link, LinkState::Degraded, beat(tick))],
    }
}

/// Opens an image as a start does; the number of the newest tick in it.
fn newest(folder: &Path) -> i64 {
    let (store, aside) = Store::open_or_salvage(folder, NOON, &mut |_| true).expect("it opens");
    assert_eq!(aside, None, "a crash is no damage");
    drop(store);
    let connection = Connection::open(folder.join("phusong.db")).expect("database");
    connection.query_row("SELECT coalesce(max(seq), 0) FROM tick", [], |row| row.get(0)).expect("ticks")
}

fn must_be_whole(folder: &Path, ticks: i64) {
    let connection = Connection::open(folder.join("phusong.db")).expect("database");
    let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("check");
    assert_eq!(check, "ok");
    let found = Reader::open(folder).and_then(|reader| reader.ticks_after(0, usize::MAX)).expect("ticks");
    assert_eq!(found.len() as i64, ticks);
    for (number, tick) in (1..).zip(&found) {
        assert_eq!((tick.seq, tick.tick.at, tick.samples.len()), (number, beat(number), LINKS.len()));
    }
}

#[test]
fn no_crash_point_loses_a_tick_that_was_acknowledged() {
    let (live, crashed) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
    let mut store = Store::open(live.path()).expect("store");
    store.set_inventory(&inventory(&LINKS), NOON).expect("inventory");
    let mut before = Image::of(live.path());
    let (mut points, mut lost, mut written_back) = (0, 0, 0);
    for tick in 1..=TICKS {
        store.commit(&commit(tick, &LINKS, changes(tick))).expect("tick");
        let after = Image::of(live.path());
        let (first, last) = written(&before.log, &after.log);
        // Every boundary of a frame, then the middle of the last frame, then all of it.
        let frames = (last - HEAD).div_ceil(FRAME);
        let from = first.saturating_sub(HEAD) / FRAME;
        let cuts = (from..=frames).map(|frame| HEAD + frame * FRAME).chain([last.saturating_sub(FRAME / 2)]);
        for cut in cuts {
            let image = Image { database: before.database.clone(), log: over(&before.log, &after.log, cut) };
            image.write(crashed.path());
            let found = newest(crashed.path());
            let whole = cut >= last;
            assert!(found == tick - 1 || found == tick, "tick {tick}, cut at {cut}: {found}");
            assert!(!whole || found == tick, "tick {tick} was acknowledged");
            if points % 50 == 0 {
                must_be_whole(crashed.path(), found);
            }
            lost += tick - found;
            points += 1;
        }
        if before.database != after.database {
            // The log was written back: from any page on the old ones may still be there.
            written_back += 1;
            for page in 0..=after.database.len() / 4096 {
                let database = over(&before.database, &after.database, page * 4096);
                Image { database, log: after.log.clone() }.write(crashed.path());
                assert_eq!(newest(crashed.path()), tick, "page {page}");
                points += 1;
            }
            must_be_whole(crashed.path(), tick);
        }
        before = after;
    }
    println!("{points} crash points, {written_back} times written back; {lost} of them before the tick was whole");
    assert!(written_back > 0 && points > 1_000, "{points} points, {written_back} times written back");
}
