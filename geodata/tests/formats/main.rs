//! Every format says the same with the same areas, and each goes wrong in its own ways: a clear error with its place
//! and what to do, in bounded time and memory.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod archives;
mod geopackage;
mod kml;
mod shapefiles;
mod systems;
#[allow(dead_code, reason = "no suite makes every TIFF")]
#[path = "../tiffs/mod.rs"]
mod tiffs;
#[path = "../told/mod.rs"]
mod told;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use phusong_geodata::{Coverage, Geodata};
use phusong_model::{
    Commune, CoverageSource, Fault, Inventory, Technology, UtcMs,
    config::{GeodataConfig, LayerConfig},
};
use serde_json::json;
use tempfile::TempDir;

/// Longest time that a bad file may take. None here takes a tenth of it on an idle machine.
const MAX_TIME: Duration = Duration::from_secs(5);
/// Most memory that a bad file may take beside what the process has.
const MAX_MEMORY_KIB: u64 = 256 * 1024;

/// Files are read one after the other, so that memory is that of one file.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Shell and holes, closed.
type Polygon = Vec<Vec<[f64; 2]>>;

/// One layer: who, which generation, and where.
struct Area {
    operator: &'static str,
    radio: &'static str,
    polygons: Vec<Polygon>,
}

/// A closed square around a place, counter-clockwise as GeoJSON wants shells.
fn square(lon: f64, lat: f64, half: f64) -> Vec<[f64; 2]> {
    let (w, s, e, n) = (lon - half, lat - half, lon + half, lat + half);
    vec![[w, s], [e, s], [e, n], [w, n], [w, s]]
}

fn backwards(mut ring: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    ring.reverse();
    ring
}

/// What every format is given: a square with two holes and an island in one, and two squares in one shape.
fn areas() -> Vec<Area> {
    let hole = |lon, lat, half| backwards(square(lon, lat, half));
    let holed = vec![square(105.5, 22.5, 0.25), hole(105.4, 22.5, 0.0625), hole(105.625, 22.5, 0.03125)];
    let island = vec![square(105.4, 22.5, 0.03125)];
    vec![
        Area { operator: "Viettel", radio: "LTE", polygons: vec![holed, island] },
        Area {
            operator: "MobiFone",
            radio: "NR",
            polygons: vec![vec![square(105.25, 22.25, 0.125)], vec![square(105.75, 22.75, 0.125)]],
        },
    ]
}

fn write(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("file");
    path
}

/// The areas as GeoJSON, which every other format is held against.
fn geojson(folder: &TempDir, areas: &[Area]) -> PathBuf {
    let features: Vec<_> = areas
        .iter()
        .map(|area| {
            json!({
                "type": "Feature",
                "properties": { "operator": area.operator, "radio": area.radio },
                "geometry": { "type": "MultiPolygon", "coordinates": area.polygons },
            })
        })
        .collect();
    let text = json!({ "type": "FeatureCollection", "features": features });
    write(folder, "reference.geojson", text.to_string())
}

fn inventory() -> Inventory {
    let commune = Commune::new("00001".parse().expect("code"), String::new());
    Inventory { communes: vec![commune], ..Inventory::default() }
}

/// A file as a layer. A raster cannot say whose signal it shows; others do.
fn layer(file: &Path) -> LayerConfig {
    let (operator, technology) = ("viettel".parse().ok(), Some(Technology::G4));
    LayerConfig { operator, technology, ..LayerConfig::new(file.to_owned(), CoverageSource::Declared) }
}

/// The coverage of one commune, a degree wide, by one layer file; or what is wrong with the file.
fn read(file: &Path) -> Result<Coverage, Vec<Fault>> {
    read_layer(LayerConfig::new(file.to_owned(), CoverageSource::Declared))
}

fn read_layer(layer: LayerConfig) -> Result<Coverage, Vec<Fault>> {
    let file = layer.file.clone();
    let folder = tempfile::tempdir().expect("folder");
    let commune = json!({
        "type": "FeatureCollection",
        "features": [{
            "type": "Feature",
            "properties": { "code": "00001" },
            "geometry": { "type": "Polygon", "coordinates": [square(105.5, 22.5, 0.5)] },
        }],
    });
    let config = GeodataConfig {
        communes: Some(write(&folder, "commune.geojson", commune.to_string())),
        layer: vec![layer],
        ..GeodataConfig::default()
    };
    let geodata = {
        let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        // Five sets the peak back to what is there now: proc_pid_clear_refs(5).
        fs::write("/proc/self/clear_refs", "5").expect("own peak");
        let (start, before) = (Instant::now(), memory_kib("VmRSS:"));
        let geodata = told::told(Geodata::read(&config, &inventory()).map_err(|faults| faults.0));
        assert!(start.elapsed() < MAX_TIME, "{} took {:?}", file.display(), start.elapsed());
        let taken = memory_kib("VmHWM:").saturating_sub(before);
        assert!(taken <= MAX_MEMORY_KIB, "{} took {} MiB", file.display(), taken / 1024);
        geodata
    };
    let coverage = geodata?.coverage(&inventory(), &[], UtcMs(0));
    assert!(!coverage.figures.is_empty());
    Ok(coverage)
}

/// The figures and gaps of a sound file, as text.
fn figures(layer: &Path) -> String {
    told(&read(layer).unwrap_or_else(|faults| panic!("{faults:?}")))
}

fn told(coverage: &Coverage) -> String {
    serde_json::to_string(&(&coverage.figures, &coverage.gaps)).expect("text")
}

/// A file must say to the byte what the same areas in GeoJSON say.
fn assert_same(layer: &Path, areas: &[Area]) {
    let folder = tempfile::tempdir().expect("folder");
    assert_eq!(figures(layer), figures(&geojson(&folder, areas)));
}

/// The one fault of a bad file, with what it and its hint must say.
fn assert_fault(layer: &Path, message: &str, hint: &str) {
    let faults = read(layer).map(|_| ()).expect_err(message);
    let [fault] = faults.as_slice() else { panic!("expected one fault about {message:?}, not {faults:?}") };
    assert!(fault.message.contains(message), "{message:?} is not in {fault}");
    assert!(!fault.hint.is_empty() && fault.hint.contains(hint), "{hint:?} is not in the hint of {fault}");
    assert_eq!(fault.file, layer, "{fault}");
}

/// A figure of this process.
fn memory_kib(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("status");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a figure");
    line.trim().trim_end_matches(" kB").parse().expect("KiB")
}
