//! The full coverage report from files, and what it took: one line of JSON. `benches/peers.py` runs it beside GEOS.
//!
//! `cargo run --release -p phusong-geodata --example coverage_load -- --communes FILE [--settlements FILE]
//! [--figures FILE] [--changed FILE] --layers FILE...`
//!
//! Settlements are a CSV file with `id,name,commune_code,lon,lat,population` first; figures are written as JSON. With
//! `--changed` the last layer is then exchanged for that file, and what the change costs is measured too, beside the full
//! computation again.

#![allow(clippy::print_stdout, reason = "a program for benches: stdout is its answer")]

mod common;

use std::{error::Error, fs, path::PathBuf, time::Instant};

use common::cpu_seconds;
use phusong_geodata::{Coverage, CoverageStep, Geodata, GeodataCache};
use phusong_model::{
    CoverageSource, GridPower, Inventory, LonLat, OperatorScope, Settlement, UtcMs,
    config::{GeodataConfig, LayerConfig},
};
use serde_json::{Map, Value, json};

/// How often a change is measured.
const ROUNDS: usize = 9;

#[derive(Default)]
struct Arguments {
    communes: PathBuf,
    settlements: Option<PathBuf>,
    figures: Option<PathBuf>,
    changed: Option<PathBuf>,
    layers: Vec<PathBuf>,
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut arguments = Arguments::default();
    let mut words = std::env::args().skip(1);
    while let Some(name) = words.next() {
        let mut value = || words.next().map(PathBuf::from).ok_or_else(|| format!("{name} has no value"));
        match name.as_str() {
            "--communes" => arguments.communes = value()?,
            "--settlements" => arguments.settlements = Some(value()?),
            "--figures" => arguments.figures = Some(value()?),
            "--changed" => arguments.changed = Some(value()?),
            "--layers" => arguments.layers = words.by_ref().map(PathBuf::from).collect(),
            unknown => return Err(format!("{unknown} is not known").into()),
        }
    }
    if arguments.communes.as_os_str().is_empty() {
        return Err("--communes FILE is missing".into());
    }
    Ok(arguments)
}

/// An inventory with the communes that a boundary file has, and the settlements of a list.
fn inventory(arguments: &Arguments) -> Result<Inventory, Box<dyn Error>> {
    let list = arguments.settlements.as_ref().map(fs::read_to_string).transpose()?.unwrap_or_default();
    let settlements = list.lines().skip(1).map(settlement).collect::<Result<_, _>>()?;
    Ok(Inventory { settlements, ..common::inventory(&arguments.communes)? })
}

fn settlement(line: &str) -> Result<Settlement, Box<dyn Error>> {
    let fields: Vec<&str> = line.split(',').collect();
    let [id, name, commune, lon, lat, people, ..] = fields.as_slice() else {
        return Err(format!("not a settlement: {line}").into());
    };
    Ok(Settlement {
        id: id.parse()?,
        name: (*name).to_owned(),
        commune: commune.parse()?,
        at: LonLat { lon: lon.parse()?, lat: lat.parse()? },
        people: people.parse().ok(),
        households: None,
        power: GridPower::Unknown,
        clusters: Vec::new(),
    })
}

/// What a step took.
struct Clock {
    cpu_s: f64,
    wall: Instant,
    steps: Map<String, Value>,
}

impl Clock {
    fn start() -> nix::Result<Self> {
        Ok(Self { cpu_s: cpu_seconds()?, wall: Instant::now(), steps: Map::new() })
    }

    fn finished(&mut self, step: &str) {
        let cpu_s = cpu_seconds().unwrap_or(f64::NAN);
        let took = json!({ "cpu_s": cpu_s - self.cpu_s, "wall_s": self.wall.elapsed().as_secs_f64() });
        self.steps.insert(step.to_owned(), took);
        (self.cpu_s, self.wall) = (cpu_s, Instant::now());
    }
}

/// Peak memory. Not that of getrusage, which starts with the peak of the program that started this one.
fn peak_mb() -> Result<f64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(peak.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
}

/// What is timed.
fn step_name(step: CoverageStep) -> Option<&'static str> {
    match step {
        CoverageStep::Prepare => Some("prepare"),
        CoverageStep::Grades => Some("grades"),
        CoverageStep::Commune { .. } => None,
        CoverageStep::Overlay => Some("overlay"),
        CoverageStep::Gaps => Some("gaps"),
    }
}

/// Totals that show whether two runs computed the same.
fn totals(coverage: &Coverage) -> Value {
    let any = |operator: &OperatorScope| *operator == OperatorScope::Any;
    let covered = coverage.figures.iter().filter(|f| any(&f.operator)).map(|f| f.area_km2.numerator);
    json!({
        "figures": coverage.figures.len(),
        "covered_km2": covered.sum::<f64>(),
        "gaps": coverage.gaps.len(),
        "gaps_km2": coverage.gaps.iter().map(|gap| gap.area_km2).sum::<f64>(),
        "gap_points": coverage.gaps.iter().flat_map(|gap| gap.polygon.iter().flatten()).map(Vec::len).sum::<usize>(),
        "slivers": coverage.dropped.slivers,
        "small": coverage.dropped.small,
    })
}

fn layer(file: PathBuf) -> LayerConfig {
    LayerConfig::new(file, CoverageSource::Declared)
}

/// Exchanges the last layer for another file: what that costs beside what was computed before, what the full computation
/// costs, and whether both answers are the same.
fn change(config: &GeodataConfig, inventory: &Inventory, changed: PathBuf) -> Result<Value, Box<dyn Error>> {
    let mut cache = GeodataCache::default();
    let before = cache.examine(&config.datasets()?, &[], config, inventory)?;
    let _ = cache.coverage(&before, inventory, &[], UtcMs(0));
    let mut config = config.clone();
    config.layer.pop();
    config.layer.push(layer(changed));
    let mut clock = Clock::start()?;
    let after = cache.examine(&config.datasets()?, &[], &config, inventory)?;
    clock.finished("read");
    let again = cache.coverage(&after, inventory, &[], UtcMs(0));
    clock.finished("compute");
    let (files, communes) = cache.taken_over();
    // Back and forth: a single change takes less time than what a busy machine adds to it.
    let (mut changes, mut runs) = (Vec::new(), Vec::new());
    for geodata in [&before, &after].into_iter().cycle().take(2 * ROUNDS) {
        let start = cpu_seconds()?;
        let _ = cache.coverage(geodata, inventory, &[], UtcMs(0));
        changes.push(cpu_seconds()? - start);
    }
    let mut full = Coverage::default();
    for _ in 0..ROUNDS {
        let start = cpu_seconds()?;
        full = after.coverage(inventory, &[], UtcMs(0));
        runs.push(cpu_seconds()? - start);
    }
    Ok(json!({
        "steps": clock.steps,
        "median_cpu_s": median(changes),
        "full_median_cpu_s": median(runs),
        "files_taken_over": files,
        "computed": communes,
        "same_bytes": answer(&again)? == answer(&full)?,
    }))
}

fn median(mut seconds: Vec<f64>) -> Option<f64> {
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied()
}

fn answer(coverage: &Coverage) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&json!({ "figures": coverage.figures, "gaps": coverage.gaps }))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments()?;
    let inventory = inventory(&arguments)?;
    let config = GeodataConfig {
        communes: Some(arguments.communes),
        layer: arguments.layers.into_iter().map(layer).collect(),
        ..GeodataConfig::default()
    };
    let start = (cpu_seconds()?, Instant::now());
    let mut clock = Clock::start()?;
    let geodata = Geodata::read(&config, &inventory)?;
    clock.finished("read");
    let coverage = geodata.coverage_watched(&inventory, &[], UtcMs(0), &mut |step| {
        step_name(step).into_iter().for_each(|name| clock.finished(name));
    });
    let mut line = json!({
        "cpu_s": cpu_seconds()? - start.0,
        "wall_s": start.1.elapsed().as_secs_f64(),
        "steps": clock.steps,
        "peak_mb": peak_mb()?,
        "totals": totals(&coverage),
    });
    if let Some(path) = arguments.figures {
        fs::write(path, answer(&coverage)?)?;
    }
    if let (Some(changed), Some(fields)) = (arguments.changed, line.as_object_mut()) {
        fields.insert("changed".to_owned(), change(&config, &inventory, changed)?);
    }
    println!("{line}");
    Ok(())
}
