//! Rows of a window, read page by page: the same that are read at once.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite")]

mod support;

use std::collections::BTreeSet;

use phusong_model::{Cause, Change, Edge, IfReading, IfStatus, LinkState, Outage, Sample, Span, UtcMs, Window};
use phusong_store::{Of, Reader, Store, StoreError, Timed};
use support::{NOON, beat, commit, id, inventory, opens, turns};

/// More than a page of samples and more than a page of ticks.
const TICKS: i64 = 2_300;

fn reading(link: &str, at: UtcMs) -> IfReading {
    IfReading {
        device: "ce-1".parse().expect("id"),
        ifname: "ether1".to_owned(),
        link: Some(id(link)),
        at,
        oper: IfStatus::Up,
        admin: IfStatus::Up,
        speed_bps: None,
        in_bps: Some(1.5),
        out_bps: None,
        in_err: None,
        out_err: None,
        in_disc: None,
        out_disc: None,
        rx: None,
        tx: None,
    }
}

/// Forty links, with more ticks than fit on a page; `link-7` is down at every even hundredth tick.
fn write(folder: &std::path::Path) {
    let names: Vec<String> = (0..40).map(|number| format!("link-{number}")).collect();
    let links: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut store = Store::open(folder).expect("store");
    store.set_inventory(&inventory(&links), NOON).expect("inventory");
    for number in 1..=TICKS {
        let changes = match number % 200 {
            0 => vec![
                turns("link-7", LinkState::Down, beat(number)),
                opens(number / 200, "link-7", beat(number), beat(number), Cause::Unknown),
            ],
            100 if number > 200 => vec![
                turns("link-7", LinkState::Up, beat(number)),
                Change::OutageEnds { link: id("link-7"), end: Edge::sharp(beat(number)) },
            ],
            _ => Vec::new(),
        };
        let mut commit = commit(number, &links, changes);
        if number % 6 == 0 {
            commit.readings = vec![reading("link-1", beat(number)), reading("link-2", beat(number))];
        }
        store.commit(&commit).expect("tick");
    }
}

fn all<T>(each: impl FnOnce(&mut dyn FnMut(T) -> Result<(), StoreError>) -> Result<(), StoreError>) -> Vec<T> {
    let mut rows = Vec::new();
    each(&mut |row| {
        rows.push(row);
        Ok(())
    })
    .expect("rows");
    rows
}

#[test]
fn pages_give_what_was_written_once_each_and_in_order() {
    let folder = tempfile::tempdir().expect("folder");
    write(folder.path());
    let reader = Reader::open(folder.path()).expect("reader");
    let ever = Window::new(UtcMs::MIN, UtcMs(i64::MAX));
    let part = Window::new(beat(700), beat(1_900));
    let ticks = reader.ticks_after(0, usize::MAX).expect("ticks");
    let one = Of::Links(BTreeSet::from([id("link-7"), id("never-heard-of")]));
    let evidence = reader.evidence(beat(TICKS + 1), Window::new(UtcMs::MIN, beat(TICKS + 1))).expect("evidence");
    for window in [ever, part, Window::new(beat(5), beat(5)), Window::new(beat(TICKS + 1), beat(TICKS + 9))] {
        let within = |at: UtcMs| window.from <= at && at < window.to;
        let ticks: Vec<_> = ticks.iter().filter(|stored| within(stored.tick.at)).collect();
        let samples: Vec<Timed<Sample>> = all(|take| reader.each_sample(window, &Of::Everything, take));
        let expected: Vec<Timed<Sample>> =
            ticks.iter().flat_map(|s| s.samples.iter().map(|sample| (s.tick.at, sample.clone()))).collect();
        assert!(samples == expected, "{} samples instead of {}", samples.len(), expected.len());
        let samples: Vec<Timed<Sample>> = all(|take| reader.each_sample(window, &one, take));
        assert_eq!(samples, reader.samples(&id("link-7"), window).expect("samples"));

        let readings: Vec<Timed<IfReading>> = all(|take| reader.each_reading(window, &Of::Everything, take));
        let expected: Vec<Timed<IfReading>> =
            ticks.iter().flat_map(|s| s.readings.iter().map(|reading| (s.tick.at, reading.clone()))).collect();
        assert_eq!(readings, expected);

        let touches = |from: UtcMs, to: Option<UtcMs>| from < window.to && to.is_none_or(|to| to > window.from);
        let spans: Vec<Span> = all(|take| reader.each_span(window, &Of::Everything, take));
        let expected: Vec<Span> = evidence.spans.iter().filter(|span| touches(span.from, span.to)).cloned().collect();
        assert!(spans == expected, "{} spans instead of {}", spans.len(), expected.len());
        let outages: Vec<Outage> = all(|take| reader.each_outage(window, &one, take));
        let expected: Vec<Outage> =
            evidence.outages.iter().filter(|outage| touches(outage.start, outage.end)).cloned().collect();
        assert_eq!(outages, expected);
    }
    let nobody = Of::Links(BTreeSet::new());
    assert_eq!(all(|take| reader.each_outage(ever, &nobody, take)), []);
    assert_eq!(all(|take| reader.each_sample(ever, &nobody, take)), []);
}

#[test]
fn whoever_has_enough_stops_the_reading() {
    let folder = tempfile::tempdir().expect("folder");
    write(folder.path());
    let reader = Reader::open(folder.path()).expect("reader");
    let mut taken = 0;
    let enough = StoreError::Empty { path: "enough".into() };
    let mut enough = Some(enough);
    let stopped = reader.each_sample(Window::new(UtcMs::MIN, UtcMs(i64::MAX)), &Of::Everything, &mut |_| {
        taken += 1;
        if taken == 10 { Err(enough.take().expect("once")) } else { Ok(()) }
    });
    assert!(matches!(stopped, Err(StoreError::Empty { .. })));
    assert_eq!(taken, 10);
}
