//! Many points to communes, and what it took: one line of JSON. `benches/peers.py` runs it beside `geopandas.sjoin`.
//!
//! `cargo run --release -p phusong-geodata --example points -- --communes FILE --points FILE [--found FILE] [--runs N]`
//!
//! Points are pairs of 64-bit floating-point numbers, longitude first, in the byte order of x86. What is found is written
//! as a line for each point: its commune, or nothing. Of several runs the median counts.

#![allow(clippy::print_stdout, reason = "a program for benches: stdout is its answer")]

mod common;

use std::{error::Error, fs, path::PathBuf};

use common::cpu_seconds;
use phusong_geodata::Geodata;
use phusong_model::{Dataset, DatasetKind, ImportOptions, LonLat, config::GeodataConfig};
use serde_json::json;

#[derive(Default)]
struct Arguments {
    communes: PathBuf,
    points: PathBuf,
    found: Option<PathBuf>,
    runs: usize,
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut arguments = Arguments { runs: 1, ..Arguments::default() };
    let mut words = std::env::args().skip(1);
    while let Some(name) = words.next() {
        let value = words.next().ok_or_else(|| format!("{name} has no value"))?;
        match name.as_str() {
            "--communes" => arguments.communes = value.into(),
            "--points" => arguments.points = value.into(),
            "--found" => arguments.found = Some(value.into()),
            "--runs" => arguments.runs = value.parse()?,
            unknown => return Err(format!("{unknown} is not known").into()),
        }
    }
    Ok(arguments)
}

fn points(path: &PathBuf) -> Result<Vec<LonLat>, Box<dyn Error>> {
    let bytes = fs::read(path)?;
    let (pairs, rest) = bytes.as_chunks::<16>();
    if !rest.is_empty() {
        return Err("points are pairs of numbers of eight bytes".into());
    }
    let number = |bytes: Option<&[u8; 8]>| bytes.map_or(f64::NAN, |bytes| f64::from_le_bytes(*bytes));
    Ok(pairs.iter().map(|pair| LonLat { lon: number(pair.first_chunk()), lat: number(pair.last_chunk()) }).collect())
}

/// What a step takes, and what it gives.
fn timed<T>(step: impl FnOnce() -> T) -> Result<(T, f64), Box<dyn Error>> {
    let start = cpu_seconds()?;
    let value = step();
    Ok((value, cpu_seconds()? - start))
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments()?;
    let inventory = common::inventory(&arguments.communes)?;
    let kind = DatasetKind::Boundaries;
    let dataset = Dataset {
        kind,
        name: kind.id().to_owned(),
        path: arguments.communes.clone(),
        shown: arguments.communes,
        options: ImportOptions::default(),
    };
    let datasets = [dataset];
    let config = GeodataConfig::default();
    let (geodata, read_s) = timed(|| Geodata::of(&datasets, &config, &inventory))?;
    let geodata = geodata?;
    let new = datasets.each_ref().map(Dataset::dataset_name);
    let (examined, examine_s) = timed(|| Geodata::examine(&datasets, &new, &config, &inventory))?;
    let examined = examined?;
    let borders = new.first().and_then(|name| examined.log(name)).map_or(0, |log| log.borders.len());
    let points = points(&arguments.points)?;
    let (mut sound, mut located) = (Vec::new(), Vec::new());
    let mut found = Vec::new();
    for _ in 0..arguments.runs.max(1) {
        let (communes, sound_s) = timed(|| geodata.communes())?;
        let (codes, locate_s) = timed(|| communes.locate(&points))?;
        found = codes.into_iter().map(|code| code.map(ToString::to_string).unwrap_or_default()).collect();
        sound.push(sound_s);
        located.push(locate_s);
    }
    if let Some(path) = arguments.found {
        fs::write(path, found.join("\n"))?;
    }
    let line = json!({
        "communes": inventory.communes.len(),
        "points": points.len(),
        "inside": found.iter().filter(|code| !code.is_empty()).count(),
        "sound_s": median(sound),
        "locate_s": median(located),
        "read_s": read_s,
        "examine_s": examine_s - read_s,
        "borders": borders,
    });
    println!("{line}");
    Ok(())
}
