//! Layers that do not know everything, rasters of signal levels among them, and what several operators cover.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[allow(dead_code, reason = "the tests of rasters need more of it")]
mod tiffs;
mod told;

use std::{fs, path::PathBuf, time::Instant};

use phusong_geodata::{Coverage, Geodata, GeodataCache};
use phusong_model::{
    BestOperators, Commune, CoverageFigure, CoverageSource, Faults, Grade, GridPower, Inventory, LonLat, Settlement,
    SettlementCounts, Share, Technology, UtcMs,
    config::{GeodataConfig, LayerConfig, SignalLevels},
};
use tempfile::TempDir;
use tiffs::*;

const MODELLED: CoverageSource = CoverageSource::Modelled;
/// What stands for no value.
const NONE: f32 = -9999.0;
/// Longest that four layers of the same raster may take to be computed.
const MOST_SECONDS: f64 = 20.0;

/// Two communes of 10 × 10 hundredths of a degree, side by side from 105° E, 22° N.
struct World {
    folder: TempDir,
    config: GeodataConfig,
    inventory: Inventory,
}

fn ring([west, south, east, north]: [f64; 4]) -> String {
    let (x, y) = (|v: f64| 105.0 + v / 100.0, |v: f64| 22.0 + v / 100.0);
    let (w, s, e, n) = (x(west), y(south), x(east), y(north));
    format!("[[{w},{s}],[{w},{n}],[{e},{n}],[{e},{s}],[{w},{s}]]")
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let feature = |code: &str, bounds| {
            let ring = ring(bounds);
            let geometry = format!(r#"{{"type":"Polygon","coordinates":[{ring}]}}"#);
            format!(r#"{{"type":"Feature","properties":{{"code":"{code}"}},"geometry":{geometry}}}"#)
        };
        let features = [feature("00001", [0.0, 0.0, 10.0, 10.0]), feature("00002", [10.0, 0.0, 20.0, 10.0])].join(",");
        let path = folder.path().join("communes.geojson");
        fs::write(&path, format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#)).expect("boundaries");
        let commune = |code: &str| Commune::new(code.parse().expect("code"), code.to_owned());
        let inventory = Inventory { communes: vec![commune("00001"), commune("00002")], ..Inventory::default() };
        Self { folder, config: GeodataConfig { communes: Some(path), ..GeodataConfig::default() }, inventory }
    }

    fn village(mut self, id: &str, commune: &str, x: f64, y: f64, people: u64) -> Self {
        self.inventory.settlements.push(Settlement {
            id: id.parse().expect("id"),
            name: id.to_owned(),
            commune: commune.parse().expect("code"),
            at: LonLat { lon: 105.0 + x / 100.0, lat: 22.0 + y / 100.0 },
            people: Some(people),
            households: None,
            power: GridPower::Unknown,
            clusters: Vec::new(),
        });
        self
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.folder.path().join(format!("layer-{}.{ending}", self.config.layer.len()))
    }

    fn layer(mut self, operator: &str, file: PathBuf) -> Self {
        self.config.layer.push(LayerConfig {
            operator: Some(operator.parse().expect("operator")),
            technology: Some(Technology::G4),
            ..LayerConfig::new(file, MODELLED)
        });
        self
    }

    /// Polygons, which speak of the whole world.
    fn polygons(self, operator: &str, bounds: &[[f64; 4]]) -> Self {
        let rings: Vec<String> = bounds.iter().map(|bounds| format!("[{}]", ring(*bounds))).collect();
        let geometry = format!(r#"{{"type":"MultiPolygon","coordinates":[{}]}}"#, rings.join(","));
        let file = self.file("geojson");
        let feature = format!(r#"{{"type":"Feature","properties":{{}},"geometry":{geometry}}}"#);
        fs::write(&file, format!(r#"{{"type":"FeatureCollection","features":[{feature}]}}"#)).expect("layer");
        self.layer(operator, file)
    }

    /// A raster of levels over both communes, so many cells to a hundredth of a degree, from column and row.
    fn raster(self, operator: &str, cells: u16, level: impl Fn(u16, u16) -> f32) -> Self {
        let file = self.file("tif");
        fs::write(&file, raster(cells, level).bytes()).expect("layer");
        self.layer(operator, file)
    }

    fn read(&self) -> Result<Geodata, Faults> {
        told::told(Geodata::read(&self.config, &self.inventory).map_err(|faults| faults.0)).map_err(Faults)
    }

    fn coverage(&self) -> Coverage {
        self.read().unwrap_or_else(|faults| panic!("{faults}")).coverage(&self.inventory, &[], UtcMs(0))
    }
}

fn raster(cells: u16, level: impl Fn(u16, u16) -> f32) -> Tiff {
    let (width, height) = (20 * cells, 10 * cells);
    let places = (0..height).flat_map(|row| (0..width).map(move |column| (column, row)));
    let values: Vec<u8> = places.flat_map(|(column, row)| level(column, row).to_le_bytes()).collect();
    let step = 0.01 / f64::from(cells);
    Tiff { chunks: vec![values], ..Tiff::sound() }
        .with(WIDTH, Field::Short(vec![width]))
        .with(LENGTH, Field::Short(vec![height]))
        .with(ROWS_PER_STRIP, Field::Short(vec![height]))
        .with(SCALE, Field::Double(vec![step, step, 0.0]))
        .with(TIE, Field::Double(vec![0.0, 0.0, 0.0, 105.0, 22.1, 0.0]))
}

/// Full signal in the first five columns, marginal in one, none in two, and two without a value; then full again.
fn stripes(column: u16, _row: u16) -> f32 {
    match column {
        0..5 => -90.0,
        5 => -110.0,
        6 | 7 => -130.0,
        8 | 9 => NONE,
        _ => -95.0,
    }
}

fn figure<'a>(coverage: &'a Coverage, commune: &str, scope: &str) -> &'a CoverageFigure {
    let wanted = |f: &&CoverageFigure| {
        f.commune.as_str() == commune && f.operator.id() == scope && f.technology == Technology::G4
    };
    coverage.figures.iter().find(wanted).unwrap_or_else(|| panic!("no figure of {commune} for {scope}"))
}

/// Covered, without signal and unknown, in percent of the commune to four digits.
fn parts(figure: &CoverageFigure) -> [f64; 3] {
    let Share { numerator, denominator, unknown } = figure.area_km2;
    let whole = denominator + unknown;
    [numerator, denominator - numerator, unknown].map(|part| (part / whole * 1e6).round() / 1e4)
}

#[test]
fn a_raster_covers_where_its_levels_do_and_says_nothing_where_it_has_no_value() {
    let world = World::new()
        .village("full", "00001", 1.0, 5.0, 1)
        .village("patchy", "00001", 5.5, 5.0, 10)
        .village("none", "00001", 6.5, 5.0, 100)
        .village("nobody", "00001", 8.5, 5.0, 1000)
        .raster("a", 1, stripes);
    let coverage = world.coverage();
    let one = figure(&coverage, "00001", "a");
    assert_eq!(parts(one), [60.0, 20.0, 20.0]);
    assert_eq!(
        one.settlements,
        SettlementCounts { total: 4, none: 1, patchy: 1, full: 1, unknown: 1, patchiness_unknown: 1 }
    );
    assert_eq!(one.people, Share { numerator: 11.0, denominator: 111.0, unknown: 1000.0 });
    assert_eq!(parts(figure(&coverage, "00002", "a")), [100.0, 0.0, 0.0]);
    let (patchy, gaps): (Vec<_>, Vec<_>) =
        coverage.gaps.iter().filter(|gap| gap.technology == Technology::G4).partition(|gap| gap.grade == Grade::Patchy);
    assert_eq!((patchy.len(), gaps.len()), (1, 1), "what is unknown is no gap");
    assert_eq!(patchy[0].settlements, ["patchy".parse().expect("id")]);
    assert_eq!(gaps[0].settlements, ["none".parse().expect("id")]);
    let Share { numerator, denominator, .. } = one.area_km2;
    assert!((gaps[0].area_km2 - (denominator - numerator)).abs() < 1e-9);
}

#[test]
fn rasters_and_polygons_together_add_up() {
    let world = World::new()
        .village("both", "00001", 1.0, 1.0, 1)
        .village("one", "00001", 5.5, 5.0, 10)
        .village("neither", "00001", 6.5, 5.0, 100)
        .village("maybe", "00001", 8.5, 5.0, 1000)
        .village("surely", "00001", 8.5, 1.5, 10_000)
        .raster("a", 1, stripes)
        .polygons("b", &[[0.0, 0.0, 20.0, 2.0]])
        .polygons("c", &[[0.0, 0.0, 10.0, 1.0]]);
    let coverage = world.coverage();
    // The raster leaves 20 % unknown and 20 % without signal; b covers 20 % and c 10 % of all of it.
    for (scope, expected) in [
        ("any", [68.0, 16.0, 16.0]),
        ("a", [60.0, 20.0, 20.0]),
        ("b", [20.0, 80.0, 0.0]),
        ("c", [10.0, 90.0, 0.0]),
        ("best", [60.0, 20.0, 20.0]),
        // Where a does not say, b and c are two of three, and where only b is there it hangs on a.
        ("atleast2", [16.0, 82.0, 2.0]),
        ("all", [6.0, 92.0, 2.0]),
    ] {
        // A row of cells is a little narrower the farther north it lies.
        let found = parts(figure(&coverage, "00001", scope));
        let close = found.iter().zip(expected).all(|(found, expected): (&f64, f64)| (found - expected).abs() < 0.02);
        assert!(close, "{scope}: {found:?}, not {expected:?}");
    }
    let counts = |scope| {
        let SettlementCounts { none, patchy, full, unknown, .. } = figure(&coverage, "00001", scope).settlements;
        [none, patchy, full, unknown]
    };
    assert_eq!(counts("any"), [1, 1, 2, 1]);
    assert_eq!(counts("a"), [1, 1, 1, 2]);
    assert_eq!(counts("atleast2"), [3, 0, 1, 1]);
    let best = figure(&coverage, "00001", "best");
    let operator = |id: &str| id.parse().expect("operator");
    // Of equally many settlements b has more with full signal, and the most people.
    let expected = BestOperators { settlements: operator("b"), people: operator("b"), area: operator("a") };
    assert_eq!(best.best, Some(expected));
    assert_eq!(best.people, figure(&coverage, "00001", "b").people);
    let whole: Vec<f64> = coverage.figures.iter().map(|f| f.area_km2.denominator + f.area_km2.unknown).collect();
    for (figure, whole_km2) in coverage.figures.iter().zip(whole) {
        let first = coverage.figures.iter().find(|first| first.commune == figure.commune).expect("a figure");
        let error = whole_km2 / (first.area_km2.denominator + first.area_km2.unknown) - 1.0;
        assert!(error.abs() < 1e-12, "{}: {error:e}", figure.operator.id());
        assert!(figure.area_km2.numerator <= figure.area_km2.denominator);
    }
}

#[test]
fn the_order_of_files_and_what_was_computed_before_change_no_byte() {
    let world = || World::new().raster("a", 1, stripes).polygons("b", &[[0.0, 0.0, 20.0, 2.0], [3.0, 1.0, 4.0, 9.0]]);
    let (one, mut other) = (world(), world());
    other.config.layer.reverse();
    let (first, second) = (one.coverage(), other.coverage());
    assert_eq!(first, second);
    let mut cache = GeodataCache::default();
    let mut again = |world: &World| {
        let datasets = world.config.datasets().unwrap_or_else(|faults| panic!("{faults}"));
        let geodata = cache.examine(&datasets, &[], &world.config, &world.inventory);
        let geodata = geodata.unwrap_or_else(|faults| panic!("{faults}"));
        let coverage = cache.coverage(&geodata, &world.inventory, &[], UtcMs(0));
        (coverage, cache.taken_over().1)
    };
    assert_eq!(again(&one), (first.clone(), 2));
    assert_eq!(again(&other), (first, 0));
    // Only in the first commune something is not known any more; its signal is the same.
    let less = World::new()
        .raster("a", 1, |column, row| if column == 7 { NONE } else { stripes(column, row) })
        .polygons("b", &[[0.0, 0.0, 20.0, 2.0], [3.0, 1.0, 4.0, 9.0]]);
    let expected = less.coverage();
    assert_eq!(again(&less).0, expected);
}

#[test]
fn four_layers_of_the_same_raster_are_joined_in_seconds() {
    // Noise: nearly every cell has a border, and all four layers have the same.
    let noise = |column: u16, row: u16| {
        let mixed = (u32::from(column) * 7919 + u32::from(row) * 104_729) % 1009;
        -60.0 - f32::from(u16::try_from(mixed % 90).expect("small"))
    };
    let operators = ["a", "b", "c", "d"];
    let world = operators.iter().fold(World::new(), |world, operator| world.raster(operator, 10, noise));
    let geodata = world.read().unwrap_or_else(|faults| panic!("{faults}"));
    let started = Instant::now();
    let coverage = geodata.coverage(&world.inventory, &[], UtcMs(0));
    let seconds = started.elapsed().as_secs_f64();
    assert!(seconds < MOST_SECONDS, "{seconds} s");
    let alone = parts(figure(&coverage, "00001", "a"));
    assert!(alone[0] > 30.0 && alone[1] > 10.0, "{alone:?}");
    for scope in ["any", "best", "all", "atleast2", "atleast3", "b", "c", "d"] {
        assert_eq!(parts(figure(&coverage, "00001", scope)), alone, "{scope}");
    }
}

#[test]
fn thresholds_are_those_of_the_configuration_and_count_as_input() {
    let mut world = World::new().raster("a", 1, stripes);
    let usual = world.read().expect("sound").input_hash().to_owned();
    world.config.signal.lte = SignalLevels { full_dbm: -92, marginal_dbm: -92 };
    let strict = world.read().expect("sound");
    assert_ne!(strict.input_hash(), usual);
    let coverage = strict.coverage(&world.inventory, &[], UtcMs(0));
    assert_eq!(parts(figure(&coverage, "00001", "a")), [50.0, 30.0, 20.0]);
    assert_eq!(parts(figure(&coverage, "00002", "a")), [0.0, 100.0, 0.0]);
}

#[test]
fn what_a_raster_does_not_say_somebody_must() {
    let mut world = World::new().raster("a", 1, stripes);
    world.config.layer[0].operator = None;
    world.config.layer[0].technology = None;
    let faults = world.read().expect_err("faults").0;
    let messages: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
    assert_eq!(messages, ["no operator: a raster cannot say it", "no technology: a raster cannot say it"]);
    assert!(faults[0].file.ends_with("layer-0.tif") && faults[0].hint.contains("operator = \"viettel\""));

    let mut world = World::new().raster("any", 1, stripes);
    let faults = world.read().expect_err("faults").0;
    assert_eq!(faults[0].message, "operator any: figures of several operators have this name");
    world.config.layer[0].operator = Some("a".parse().expect("operator"));
    assert!(world.read().is_ok());

    // Without GeoKeys the place is not known, unless somebody says it.
    let file = world.config.layer[0].file.clone();
    fs::write(file, raster(1, stripes).without(GEO_KEYS).bytes()).expect("layer");
    assert!(world.read().expect_err("a fault").0[0].message.contains("not a GeoTIFF"));
    world.config.layer[0].crs = Some("EPSG:4326".to_owned());
    assert_eq!(parts(figure(&world.coverage(), "00001", "a")), [60.0, 20.0, 20.0]);
    world.config.layer[0].crs = Some("EPSG:32648".to_owned());
    assert!(world.read().expect_err("a fault").0[0].message.contains("EPSG:32648"));
}
