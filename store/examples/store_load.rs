//! Fills a store as fast as it goes, one commit a tick as the daemon does it, and prints one JSON line.
//!
//! ```text
//! cargo run --release -p phusong-store --example store_load -- --links 1240 --period 30 --span 1d --folder /var/tmp/load
//! ```
//!
//! The folder must have no store yet. The times count the commits alone, flush included; making up the samples is not in
//! them.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

mod common;

use std::{process::ExitCode, time::Instant};

use common::{Chance, Failed, Options, bytes, commit, inventory, per_mille, rounded, sample};
use phusong_model::{Millis, UtcMs};
use phusong_store::{DataLock, Store};

const USAGE: &str = "store_load --folder DIR [--links 1240] [--period 30] [--span 1d]";

/// The first tick.
const START: UtcMs = UtcMs(1_795_435_200_000);

fn main() -> ExitCode {
    match run() {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("store_load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<serde_json::Value, Failed> {
    let options = Options::read(USAGE, &["folder", "links", "period", "span"])?;
    let (folder, links) = (options.folder()?, options.number("links", 1240)?);
    let period = Millis::from_secs(options.number("period", 30)?);
    let ticks = options.length("span", Millis::from_secs(86_400))?.0 / period.0;
    if folder.join("phusong.db").exists() {
        return Err("the folder has a store already".into());
    }
    let _lock = DataLock::take(&folder)?;
    let mut store = Store::open(&folder)?;
    let inventory = inventory(links)?;
    store.set_inventory(&inventory, START)?;
    let mut chance = Chance(7);
    let mut took = Vec::new();
    for number in 1..=ticks {
        let at = START.plus(Millis(number * period.0));
        let samples = inventory.links.iter().map(|link| sample(&link.id, &mut chance)).collect();
        let commit = commit(at, period, samples, Vec::new());
        let start = Instant::now();
        store.commit(&commit)?;
        took.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    let samples = links * ticks;
    let seconds = took.iter().sum::<f64>() / 1000.0;
    drop(store);
    let bytes = bytes(&folder);
    Ok(serde_json::json!({
        "links": links,
        "ticks": ticks,
        "samples": samples,
        "commit_s": rounded(seconds),
        "samples_per_s": (samples as f64 / seconds).round(),
        "commit_p50_ms": rounded(per_mille(&mut took, 500)),
        "commit_p99_ms": rounded(per_mille(&mut took, 990)),
        "commit_max_ms": rounded(per_mille(&mut took, 1000)),
        "bytes": bytes,
        "bytes_per_sample": rounded(bytes as f64 / samples as f64),
    }))
}
