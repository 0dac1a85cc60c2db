//! What is found in a data folder, and that nothing foreign is touched.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite")]

mod support;

use std::{collections::BTreeMap, os::unix::fs::PermissionsExt, path::Path};

use phusong_model::{
    CoverageFigure, CoverageGap, CoverageSource, Grade, LonLat, OperatorScope, PeopleBase, PowerCounts,
    SettlementCounts, Share, Technology, UtcMs, Window,
};
use phusong_store::{Backlog, Farewell, NewCoverage, Reader, Rejection, Store, StoreError};
use rusqlite::Connection;
use support::{advance, beat, commit, inventory, reject};

/// Every file of a folder except the shared memory of readers.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path());
    let name = |path: &Path| path.file_name().expect("name").to_string_lossy().into_owned();
    let lasting = entries.filter(|path| !name(path).ends_with("-shm"));
    lasting.map(|path| (name(&path), std::fs::read(&path).expect("file"))).collect()
}

#[test]
fn a_store_comes_back_as_it_was_left() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let mut store = Store::open(&data).expect("store");
    assert_eq!(store.set_inventory(&inventory(&["a"]), beat(0)).expect("inventory"), 1);
    store.commit(&commit(1, &["a"], Vec::new())).expect("tick");
    drop(store);
    for name in ["phusong.db", "phusong.db-wal", "phusong.db-shm"] {
        let mode = std::fs::metadata(data.join(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o640, "{name} stays, readable for the group");
    }
    assert_eq!(std::fs::metadata(data.join("phusong.db-wal")).expect("log").len(), 0, "a clean close empties the log");
    let mut store = Store::open(&data).expect("store again");
    assert_eq!(store.set_inventory(&inventory(&["a"]), beat(2)).expect("the same"), 1);
    assert_eq!(store.set_inventory(&inventory(&["a", "b"]), beat(2)).expect("another"), 2);
    assert_eq!(store.commit(&commit(2, &["a"], Vec::new())).expect("tick"), 2);
    assert!(store.bytes().expect("size") > 4096);
    let reader = Reader::open(&data).expect("reader");
    assert_eq!(reader.inventory().expect("inventory"), Some(inventory(&["a", "b"])));
    assert_eq!(reader.evidence(beat(2), support::until(beat(2))).expect("evidence").links[0].entered, beat(0));
}

#[test]
fn a_newer_store_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().expect("folder");
    drop(Store::open(folder.path()).expect("store"));
    let newer = Connection::open(folder.path().join("phusong.db")).expect("database");
    newer.pragma_update(None, "user_version", 9).expect("version");
    drop(newer);
    let before = contents(folder.path());
    let refused = Store::open(folder.path()).expect_err("newer");
    assert!(matches!(refused, StoreError::Newer { found: 9, known: 7, .. }), "{refused}");
    assert!(refused.to_string().contains("version 9") && refused.to_string().contains("up to 7"), "{refused}");
    assert!(matches!(Reader::open(folder.path()), Err(StoreError::Newer { found: 9, .. })));
    let after = contents(folder.path());
    assert_eq!(before["phusong.db"], after["phusong.db"]);
    assert!(after.get("phusong.db-wal").is_none_or(Vec::is_empty));
}

#[test]
fn what_is_not_a_store_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("phusong.db");
    assert!(matches!(Reader::open(folder.path()), Err(StoreError::NotFound { .. })));
    assert!(matches!(Reader::open(&folder.path().join("nowhere")), Err(StoreError::NotFound { .. })));
    std::fs::write(&path, "").expect("empty file");
    assert!(matches!(Reader::open(folder.path()), Err(StoreError::Empty { .. })));
    Connection::open(&path).and_then(|c| c.execute_batch("CREATE TABLE theirs (a)")).expect("their database");
    let before = contents(folder.path());
    assert!(matches!(Store::open(folder.path()), Err(StoreError::Foreign { .. })));
    assert!(matches!(Reader::open(folder.path()), Err(StoreError::Foreign { .. })));
    assert_eq!(contents(folder.path()), before);
    std::fs::write(&path, "province,commune\n".repeat(500)).expect("their table");
    assert!(matches!(Store::open(folder.path()), Err(StoreError::NotADatabase { .. })));
    assert!(matches!(Reader::open(folder.path()), Err(StoreError::NotADatabase { .. })));
}

fn figure(numerator: f64) -> CoverageFigure {
    CoverageFigure {
        commune: "02221".parse().expect("code"),
        operator: OperatorScope::Any,
        technology: Technology::G4,
        source: CoverageSource::Declared,
        settlements: SettlementCounts { total: 4, none: 1, patchy: 1, full: 1, unknown: 1, patchiness_unknown: 0 },
        people: Share { numerator, denominator: 900.0, unknown: 12.0 },
        area_km2: Share { numerator: 0.1 + 0.2, denominator: 101.7, unknown: 0.0 },
        approximate: true,
        example: true,
        valid_on: Some("2026-06-30".to_owned()),
        rule: None,
        people_base: PeopleBase::Settlements,
        people_scaled: false,
        best: None,
    }
}

fn gap(id: &str) -> CoverageGap {
    CoverageGap {
        id: id.to_owned(),
        grade: Grade::None,
        commune: "02221".parse().expect("code"),
        operator: OperatorScope::One("viettel".parse().expect("operator")),
        technology: Technology::G3,
        source: CoverageSource::Modelled,
        area_km2: 1.0 / 3.0,
        at: LonLat { lon: 105.1, lat: 22.3 },
        polygon: vec![vec![vec![[105.0, 22.0], [105.000_000_000_000_01, 22.0], [105.1, 22.4], [105.0, 22.0]]]],
        settlements: vec!["thon-1".parse().expect("settlement")],
        approximate: false,
        example: true,
        first_seen: beat(0),
        last_seen: None,
        people: None,
        people_base: PeopleBase::Settlements,
        households: None,
        power: PowerCounts::default(),
        nearest: Vec::new(),
    }
}

fn put(
    store: &mut Store,
    figure: CoverageFigure,
    gap: Option<CoverageGap>,
    at: UtcMs,
    input_hash: &str,
) -> Result<i64, StoreError> {
    let (figures, gaps) = (vec![figure], Vec::from_iter(gap));
    store.put_coverage(NewCoverage {
        figures: &figures,
        gaps: &gaps,
        contradictions: &[],
        at,
        input_hash,
        imports: &[],
    })
}

#[test]
fn coverage_is_delivered_once_and_its_gaps_are_those_of_the_last_run() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    assert_eq!(store.last_coverage_hash().expect("hash"), None);
    put(&mut store, figure(700.0), Some(gap("old")), beat(0), "one").expect("first run");
    store.commit(&commit(1, &["a"], Vec::new())).expect("tick");
    store.commit(&commit(2, &["a"], Vec::new())).expect("tick");
    // The sink is done with everything when the next run comes.
    advance(&mut store, "influx", 2);
    put(&mut store, figure(700.5), Some(gap("new")), beat(2), "two").expect("second run");
    let refused = put(&mut store, figure(f64::NAN), None, beat(2), "three").expect_err("not a number");
    assert!(matches!(refused, StoreError::Unstorable { .. }), "{refused}");
    assert_eq!(store.last_coverage_hash().expect("hash").as_deref(), Some("two"));
    store.commit(&commit(3, &["a"], Vec::new())).expect("tick");

    let reader = Reader::open(folder.path()).expect("reader");
    let evidence = reader.evidence(beat(3), Window::new(beat(0), beat(3))).expect("evidence");
    assert_eq!((evidence.figures, evidence.coverage_gaps), (vec![figure(700.5)], vec![gap("new")]));
    let past = reader.evidence(beat(3), Window::new(beat(0), beat(1))).expect("evidence");
    assert_eq!((past.figures, past.coverage_gaps), (vec![figure(700.0)], Vec::new()), "those of a past day");
    let cursor = reader.sink_cursor("influx").expect("cursor");
    let rest = reader.ticks_after(cursor, 10).expect("ticks");
    assert_eq!(rest.iter().map(|tick| tick.seq).collect::<Vec<_>>(), [3]);
    assert_eq!(
        rest[0].coverage.iter().map(|run| (run.at, &run.figures)).collect::<Vec<_>>(),
        [(beat(2), &vec![figure(700.5)])]
    );
    assert_eq!(reader.ticks_after(0, 1).expect("ticks")[0].coverage.len(), 1);
}

#[test]
fn a_sink_moves_forward_only_and_counts_each_rejected_line_once() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    let empty = Backlog { queued_ticks: 0, oldest: None, rejected_lines: 0, given_up_lines: 0, removed_samples: 0 };
    assert_eq!(store.backlog("influx").expect("backlog"), empty);
    for number in 1..=5 {
        store.commit(&commit(number, &["a"], Vec::new())).expect("tick");
    }
    advance(&mut store, "influx", 3);
    advance(&mut store, "influx", 2);
    assert_eq!(store.sink_cursor("influx").expect("cursor"), 3);
    for _ in 0..2 {
        reject(&mut store, "influx", 4, "link_probe bad=", 400, "unable to parse");
    }
    reject(&mut store, "influx", 5, "link_probe bad=", 400, "unable to parse");
    reject(&mut store, "other", 4, "link_probe bad=", 422, "no");
    let expected =
        Backlog { queued_ticks: 2, oldest: Some(beat(4)), rejected_lines: 2, given_up_lines: 0, removed_samples: 0 };
    assert_eq!(store.backlog("influx").expect("backlog"), expected);
    let reader = Reader::open(folder.path()).expect("reader");
    assert_eq!(reader.backlog("influx").expect("backlog"), expected);
    assert_eq!(reader.backlog("other").expect("backlog").queued_ticks, 5, "each sink has its own cursor");
}

#[test]
fn rejected_lines_are_paged_reworded_and_removed_and_samples_are_counted_up_to_a_tick() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    for number in 1..=3 {
        store.commit(&commit(number, &["a", "b"], Vec::new())).expect("tick");
    }
    for (seq, line) in [(2, "y"), (1, "x"), (2, "x"), (9, "gone")] {
        reject(&mut store, "influx", seq, line, 400, "no");
    }
    reject(&mut store, "influx", 2, "x", 422, "still no");
    let reader = Reader::open(folder.path()).expect("reader");
    let mut after = (i64::MIN, String::new());
    let mut all = Vec::new();
    loop {
        let page = reader.rejected("influx", (after.0, &after.1), 3).expect("page");
        let Some(last) = page.last() else { break };
        after = (last.seq, last.line.clone());
        all.extend(page.into_iter().map(|rejected| (rejected.seq, rejected.line, rejected.status, rejected.at)));
    }
    let of = |seq: i64, line: &str, status, at| (seq, line.to_owned(), status, at);
    let expected = [
        of(1, "x", 400, Some(beat(1))),
        of(2, "x", 422, Some(beat(2))),
        of(2, "y", 400, Some(beat(2))),
        of(9, "gone", 400, None),
    ];
    assert_eq!(all, expected);
    store.forget_rejected("influx", &[(2, "x".to_owned())], Farewell::Taken).expect("accept");
    store.forget_rejected("influx", &[(2, "x".to_owned())], Farewell::Taken).expect("it is gone already");
    assert_eq!(reader.backlog("influx").expect("backlog").rejected_lines, 3);

    let counted = |window, upto| {
        let counts = reader.measured(window, upto).expect("counts");
        counts.into_iter().map(|(link, _, count)| (link.to_string(), count)).collect::<Vec<_>>()
    };
    let both = |count| vec![("a".to_owned(), count), ("b".to_owned(), count)];
    assert_eq!(counted(Window::new(beat(0), beat(9)), 3), both(3));
    assert_eq!(counted(Window::new(beat(2), beat(9)), 2), both(1));
    assert_eq!(counted(Window::new(beat(4), beat(9)), 3), []);
    assert_eq!((reader.tick_time(2).expect("time"), reader.tick_time(9).expect("time")), (Some(beat(2)), None));
}

#[test]
fn what_is_said_of_another_stores_ticks_moves_no_cursor() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    for number in 1..=3 {
        store.commit(&commit(number, &["a"], Vec::new())).expect("tick");
    }
    let numbering = store.numbering().expect("numbering");
    assert_eq!(Reader::open(folder.path()).and_then(|reader| reader.numbering()).expect("numbering"), numbering);
    store.advance_sink("influx", 2, numbering.wrapping_add(1)).expect("not of this store");
    assert_eq!(store.sink_cursor("influx").expect("cursor"), 0);
    advance(&mut store, "influx", 2);
    drop(store);
    let store = Store::open(folder.path()).expect("store");
    assert_eq!((store.numbering().expect("numbering"), store.sink_cursor("influx").expect("cursor")), (numbering, 2));
    let other = tempfile::tempdir().expect("folder");
    assert_ne!(Store::open(other.path()).and_then(|store| store.numbering()).expect("numbering"), numbering);
}

#[test]
fn a_sink_that_refuses_everything_is_stopped_before_its_lines_fill_the_disk() {
    let folder = tempfile::tempdir().expect("folder");
    let mut store = Store::open(folder.path()).expect("store");
    let rejections = |from: u32, to: u32| -> Vec<Rejection> {
        let of = |number| Rejection { seq: 1, line: format!("{number}"), status: 422, message: "no".to_owned() };
        (from..to).map(of).collect()
    };
    let kept = |store: &Store| store.backlog("influx").expect("backlog").rejected_lines;
    store.reject("influx", &rejections(0, 99_999)).expect("kept");
    let refused = store.reject("influx", &rejections(99_999, 100_001)).expect_err("two are one too many");
    assert!(matches!(&refused, StoreError::RejectedFull { sink } if sink == "influx"), "{refused}");
    assert!(!refused.is_refusal() && !refused.is_damage() && !refused.is_unreadable(), "the store is sound");
    assert!(refused.to_string().starts_with("100000 rejected lines of influx are kept, and no more will be: "));
    assert_eq!(kept(&store), 99_999, "all or none");
    store.reject("influx", &rejections(99_999, 100_000)).expect("there is room for one");
    store.reject("influx", &rejections(0, 5_000)).expect("what is kept may be refused again");
    store.reject("other", &rejections(0, 1)).expect("each sink has its own room");
    assert!(store.reject("influx", &rejections(200_000, 200_001)).is_err());
    let taken: Vec<_> = (0..1_000).map(|number: u32| (1, number.to_string())).collect();
    store.forget_rejected("influx", &taken, Farewell::Taken).expect("InfluxDB has taken them");
    store.forget_rejected("influx", &taken, Farewell::Taken).expect("once more is nothing");
    assert_eq!(kept(&store), 99_000);
    let given_up: Vec<_> = (1_000..1_500).map(|number: u32| (1, number.to_string())).collect();
    for _ in 0..2 {
        store.forget_rejected("influx", &given_up, Farewell::GivenUp).expect("somebody says so");
    }
    let backlog = store.backlog("influx").expect("backlog");
    assert_eq!((backlog.rejected_lines, backlog.given_up_lines), (98_500, 500), "each is counted once");
    store.reject("influx", &rejections(200_000, 201_000)).expect("there is room again");
}
