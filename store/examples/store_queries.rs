//! How long the questions of people take on a large store; prints one JSON line.
//!
//! ```text
//! cargo run --release -p phusong-store --example store_queries -- --folder /var/tmp/year
//! ```
//!
//! The store is made by the first run, which takes some minutes, and kept: a year of 2,000 links that each fail three times
//! a week for five minutes to two hours, decided at hourly ticks, and samples each 60 s of the last day (`--days-raw`).
//! It ends when it was made, so that the programs can be asked about it too (`benches/store.sh`).
//!
//! *Cold* is a new connection after the kernel was told to drop the pages of the file; with `--drop-caches yes`, as root, all
//! of the kernel's caches. *Warm* is a new connection with the pages still there. Medians of three and of five.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    path::Path,
    process::ExitCode,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use common::{Chance, Failed, Options, bytes, commit, id, inventory, per_mille, rounded, sample};
use phusong_model::{Cause, Change, Edge, LinkId, LinkState, Millis, OutageId, Transition, UtcMs, Verdict, Window};
use phusong_store::{DataLock, Of, Reader, Store, StoreError};
use rustix::fs::{Advice, fadvise};
use serde_json::{Value, json};

const USAGE: &str = "store_queries --folder DIR [--links 2000] [--days 365] [--days-raw 1] [--drop-caches yes]";

const HOUR: Millis = Millis::from_secs(3600);
const MINUTE: Millis = Millis::from_secs(60);

/// Outages of a link in a week.
const WEEKLY: u64 = 3;

fn main() -> ExitCode {
    match run() {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("store_queries: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<Value, Failed> {
    let options = Options::read(USAGE, &["folder", "links", "days", "days-raw", "drop-caches"])?;
    let folder = options.folder()?;
    let (links, days) = (options.number("links", 2000)?, options.number("days", 365)?);
    let raw = options.number("days-raw", 1)?.min(days);
    let start = Instant::now();
    if !folder.join("phusong.db").exists() {
        build(&folder, links, days, raw)?;
    }
    let built = start.elapsed().as_secs_f64();
    let caches = options.is_set("drop-caches");
    let last = Reader::open(&folder)?.last_tick()?.ok_or("the store has no tick")?;
    let now = last.at.plus(last.period);
    let mut questions = Vec::new();
    for (name, ask) in questions_of(now) {
        let ask = |warm: bool| -> Result<(f64, usize), Failed> {
            if !warm {
                forget(&folder, caches)?;
            }
            let start = Instant::now();
            let rows = ask(&Reader::open(&folder)?)?;
            Ok((start.elapsed().as_secs_f64() * 1000.0, rows))
        };
        let cold = (0..3).map(|_| ask(false)).collect::<Result<Vec<_>, _>>()?;
        let warm = (0..5).map(|_| ask(true)).collect::<Result<Vec<_>, _>>()?;
        let median = |times: &[(f64, usize)]| {
            let mut times: Vec<f64> = times.iter().map(|(time, _)| *time).collect();
            rounded(per_mille(&mut times, 500))
        };
        let rows = cold.first().map(|(_, rows)| *rows);
        questions.push(json!({"question": name, "rows": rows, "cold_ms": median(&cold), "warm_ms": median(&warm)}));
    }
    Ok(json!({
        "links": links,
        "days": days,
        "days_raw": raw,
        "built_s": rounded(built),
        "bytes": bytes(&folder),
        "questions": questions,
    }))
}

type Ask = Box<dyn Fn(&Reader) -> Result<usize, StoreError>>;

/// What is asked, each with how many rows the answer rests on.
fn questions_of(now: UtcMs) -> Vec<(&'static str, Ask)> {
    let back = move |length: Millis| Window::new(now.minus(length), now);
    let days = |days: i64| Millis(24 * HOUR.0 * days);
    let evidence = move |length: Millis| -> Ask {
        Box::new(move |reader: &Reader| {
            let evidence = reader.evidence(now, back(length))?;
            Ok(evidence.links.len() + evidence.spans.len() + evidence.outages.len())
        })
    };
    let outages = move |length: Millis| -> Ask {
        Box::new(move |reader: &Reader| {
            let mut rows = 0;
            reader.each_outage(back(length), &Of::Everything, &mut |_| {
                rows += 1;
                Ok::<(), StoreError>(())
            })?;
            Ok(rows)
        })
    };
    vec![
        ("last state of all links", evidence(Millis(0))),
        ("what gaps and status rest on, 24 h", evidence(days(1))),
        ("outages of 1 h", outages(HOUR)),
        ("outages of 30 d", outages(days(30))),
        ("outages of a year", outages(days(365))),
        ("one link, its spans of a year", Box::new(move |reader: &Reader| one_links_spans(reader, back(days(365))))),
        ("one link, its samples of a day", Box::new(move |reader: &Reader| one_links_samples(reader, back(days(1))))),
        ("ten worst links of 30 d", Box::new(move |reader: &Reader| worst(reader, back(days(30))))),
        ("what availability rests on, 30 d", evidence(days(30))),
        ("what availability rests on, a year", evidence(days(365))),
    ]
}

fn some_link() -> Result<LinkId, StoreError> {
    id(7).map_err(|error| StoreError::Damaged { path: "".into(), what: error.to_string() })
}

fn one_links_spans(reader: &Reader, window: Window) -> Result<usize, StoreError> {
    let mut rows = 0;
    reader.each_span(window, &Of::Links(BTreeSet::from([some_link()?])), &mut |_| {
        rows += 1;
        Ok::<(), StoreError>(())
    })?;
    Ok(rows)
}

fn one_links_samples(reader: &Reader, window: Window) -> Result<usize, StoreError> {
    Ok(reader.samples(&some_link()?, window)?.len())
}

/// The links that were down longest.
fn worst(reader: &Reader, window: Window) -> Result<usize, StoreError> {
    let mut down: BTreeMap<LinkId, i64> = BTreeMap::new();
    reader.each_outage(window, &Of::Everything, &mut |outage| {
        let length = outage.end.unwrap_or(window.to).min(window.to).since(outage.start.max(window.from));
        *down.entry(outage.link).or_default() += length.0;
        Ok::<(), StoreError>(())
    })?;
    let mut ranked: Vec<_> = down.into_iter().map(|(link, length)| (-length, link)).collect();
    ranked.sort();
    Ok(ranked.len().min(10))
}

/// Lets the kernel forget the file; what is not on disk yet it would keep.
fn forget(folder: &Path, caches: bool) -> Result<(), Failed> {
    for name in ["phusong.db", "phusong.db-wal"] {
        if let Ok(file) = File::open(folder.join(name)) {
            file.sync_all()?;
            fadvise(&file, 0, None, Advice::DontNeed)?;
        }
    }
    if caches {
        std::fs::write("/proc/sys/vm/drop_caches", "3")?;
    }
    Ok(())
}

/// A link's next change: when, and whether it comes back.
struct Next {
    at: UtcMs,
    back: bool,
}

fn build(folder: &Path, links: i64, days: i64, raw: i64) -> Result<(), Failed> {
    let _lock = DataLock::take(folder)?;
    let mut store = Store::open(folder)?;
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs().cast_signed();
    let end = UtcMs((seconds - seconds % 3600) * 1000);
    let day = Millis(24 * HOUR.0);
    let (start, raw_from) = (end.minus(Millis(day.0 * days)), end.minus(Millis(day.0 * raw)));
    let inventory = inventory(links)?;
    store.set_inventory(&inventory, start)?;
    let mut chance = Chance(11);
    let pause = |chance: &mut Chance| Millis(MINUTE.0 * (30 + chance.below(2 * 7 * 24 * 60 / WEEKLY).cast_signed()));
    let mut nexts: Vec<Next> =
        inventory.links.iter().map(|_| Next { at: start.plus(pause(&mut chance)), back: false }).collect();
    let mut changes: Vec<Change> = inventory.links.iter().map(|link| state(&link.id, LinkState::Up, start)).collect();
    let (mut at, mut outages) = (start, 0);
    while at < end {
        let period = if at < raw_from { HOUR } else { MINUTE };
        at = at.plus(period);
        for (link, next) in inventory.links.iter().zip(&mut nexts) {
            if next.at > at {
                continue;
            }
            if next.back {
                changes.push(Change::OutageEnds { link: link.id.clone(), end: Edge::sharp(next.at) });
                changes.push(state(&link.id, LinkState::Up, next.at));
                next.at = next.at.plus(pause(&mut chance));
            } else {
                outages += 1;
                changes.push(state(&link.id, LinkState::Down, next.at));
                changes.push(Change::OutageOpens {
                    id: OutageId(outages),
                    link: link.id.clone(),
                    start: Edge::sharp(next.at),
                    decided: at,
                    verdict: Verdict::unknown(),
                });
                next.at = next.at.plus(Millis(MINUTE.0 * (5 + chance.below(115).cast_signed())));
            }
            next.back = !next.back;
        }
        let samples = if at > raw_from {
            inventory.links.iter().map(|link| sample(&link.id, &mut chance)).collect()
        } else {
            Vec::new()
        };
        store.commit(&commit(at, period, samples, std::mem::take(&mut changes)))?;
    }
    Ok(())
}

fn state(link: &LinkId, state: LinkState, from: UtcMs) -> Change {
    let cause = (state == LinkState::Down).then_some(Cause::Unknown);
    Change::State(Transition { link: link.clone(), state, from, cause, blind: None, worse: None })
}
