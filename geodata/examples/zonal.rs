//! People per commune from a population raster, and what it took: one line of JSON. `benches/peers.py` runs it beside
//! exactextract.
//!
//! `cargo run --release -p phusong-geodata --example zonal -- --communes FILE --population FILE [--runs N]`

#![allow(clippy::print_stdout, reason = "a program for benches: stdout is its answer")]

mod common;

use std::{collections::BTreeMap, error::Error, path::PathBuf};

use common::cpu_seconds;
use phusong_geodata::{Geodata, Raster, ZoneShares, ZoneSum, Zones};
use phusong_model::config::GeodataConfig;
use serde_json::json;

struct Arguments {
    communes: PathBuf,
    population: PathBuf,
    runs: usize,
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut given: BTreeMap<String, String> = BTreeMap::new();
    let mut words = std::env::args().skip(1);
    while let Some(name) = words.next() {
        let value = words.next().ok_or_else(|| format!("{name} has no value"))?;
        given.insert(name, value);
    }
    let mut take = |name: &str| given.remove(name);
    let arguments = Arguments {
        communes: take("--communes").ok_or("--communes FILE is missing")?.into(),
        population: take("--population").ok_or("--population FILE is missing")?.into(),
        runs: take("--runs").map_or(Ok(5), |runs| runs.parse())?,
    };
    match given.keys().next() {
        Some(unknown) => Err(format!("{unknown} is not known").into()),
        None => Ok(arguments),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments()?;
    let inventory = common::inventory(&arguments.communes)?;
    let config = GeodataConfig { communes: Some(arguments.communes), layer: Vec::new(), ..GeodataConfig::default() };
    let start = cpu_seconds()?;
    let geodata = Geodata::read(&config, &inventory)?;
    let read_s = cpu_seconds()? - start;
    let mut times: Vec<[f64; 4]> = Vec::new();
    let mut sums: Vec<ZoneSum> = Vec::new();
    for _ in 0..arguments.runs.max(1) {
        let start = cpu_seconds()?;
        let raster = Raster::read(&arguments.population).map_err(|fault| fault.to_string())?;
        let decoded = cpu_seconds()?;
        let zones = Zones::of(&geodata);
        let settled = cpu_seconds()?;
        let shares = ZoneShares::new(&zones, raster.grid())?;
        let shared = cpu_seconds()?;
        sums = shares.sums(&raster)?;
        let summed = cpu_seconds()?;
        times.push([decoded - start, settled - decoded, shared - settled, summed - shared]);
    }
    let median = |stage: usize| {
        let mut of: Vec<f64> = times.iter().filter_map(|run| run.get(stage).copied()).collect();
        of.sort_by(f64::total_cmp);
        of.get(of.len() / 2).copied()
    };
    let communes: BTreeMap<&str, f64> = sums.iter().map(|zone| (zone.commune.as_str(), zone.sum)).collect();
    let total: f64 = sums.iter().map(|zone| zone.sum).sum();
    let line = json!({
        "runs": times.len(), "boundaries_s": read_s, "decode_s": median(0), "regions_s": median(1),
        "shares_s": median(2), "sums_s": median(3), "total": total, "communes": communes,
    });
    println!("{line}");
    Ok(())
}
