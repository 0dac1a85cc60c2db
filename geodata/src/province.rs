//! The real boundaries of the 124 communes under the 16 synthetic operator layers.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use geo::{Contains, GeodesicArea, Intersects};
use phusong_model::{
    Commune, CommuneCode, CoverageFigure, CoverageGap, CoverageSource, Grade, GridPower, Inventory, LonLat,
    OperatorScope, Settlement, Share, Technology, UtcMs,
    config::{GeodataConfig, LayerConfig},
};

use crate::{
    Coverage, Geodata,
    boundaries::Boundary,
    coverage::GAP_TECHNOLOGIES,
    grid::{Bounds, RawPolygon, Ring, degrees, to_grid},
    layers::LayerKey,
    overlay::Region,
    settled::SortedPoints,
};

/// Where the data is; `None`, said aloud, where a user's clone has none.
pub(crate) fn data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/tuyen-quang");
    let folder = env::var_os("PHUSONG_TEST_DATA").map_or(beside, PathBuf::from);
    if folder.join("communes.geojson").is_file() {
        return Some(folder);
    }
    assert!(env::var_os("CI").is_none(), "test data not found: {}", folder.display());
    println!("skipped: test data not found");
    None
}

pub(crate) fn inventory(folder: &Path) -> Inventory {
    let villages = fs::read_to_string(folder.join("villages_synthetic.csv")).expect("villages");
    let settlements: Vec<Settlement> = villages
        .lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            Settlement {
                id: fields[0].parse().expect("id"),
                name: fields[1].to_owned(),
                commune: fields[2].parse().expect("commune"),
                at: LonLat { lon: fields[3].parse().expect("lon"), lat: fields[4].parse().expect("lat") },
                people: fields[5].parse().ok(),
                households: fields[6].parse().ok(),
                power: GridPower::Unknown,
                clusters: Vec::new(),
            }
        })
        .collect();
    let mut labels: BTreeMap<_, LonLat> = BTreeMap::new();
    for settlement in &settlements {
        labels.entry(settlement.commune.clone()).or_insert(settlement.at);
    }
    let commune = |(code, label)| Commune { label: Some(label), ..Commune::new(code, String::new()) };
    Inventory { communes: labels.into_iter().map(commune).collect(), settlements, ..Inventory::default() }
}

fn layer(folder: &Path) -> LayerConfig {
    LayerConfig::new(folder.join("coverage_synthetic.geojson"), CoverageSource::Declared)
}

/// The province, read and computed once for all tests.
struct Province {
    folder: PathBuf,
    inventory: Inventory,
    geodata: Geodata,
    coverage: Coverage,
}

fn province() -> Option<&'static Province> {
    static PROVINCE: OnceLock<Option<Province>> = OnceLock::new();
    PROVINCE
        .get_or_init(|| {
            let folder = data()?;
            let inventory = inventory(&folder);
            let boundaries = Some(folder.join("communes.geojson"));
            let config =
                GeodataConfig { communes: boundaries, layer: vec![layer(&folder)], ..GeodataConfig::default() };
            let geodata = Geodata::read(&config, &inventory).unwrap_or_else(|faults| panic!("{faults}"));
            let coverage = geodata.coverage(&inventory, &[], UtcMs(0));
            Some(Province { folder, inventory, geodata, coverage })
        })
        .as_ref()
}

fn any_at_least(coverage: &Coverage, technology: Technology) -> Vec<&CoverageFigure> {
    let wanted = |f: &&CoverageFigure| f.operator == OperatorScope::Any && f.technology == technology;
    coverage.figures.iter().filter(wanted).collect()
}

fn polygons_of(boundaries: &[Boundary]) -> Vec<RawPolygon> {
    boundaries.iter().flat_map(|boundary| boundary.polygons.clone()).collect()
}

#[test]
fn the_communes_add_up_to_their_union() {
    let Some(province) = province() else { return };
    let figures = any_at_least(&province.coverage, Technology::G2);
    assert_eq!(figures.len(), 124);
    let sum: f64 = figures.iter().map(|f| f.area_km2.denominator).sum();
    let union = Region::of_polygons(&polygons_of(&province.geodata.boundaries)).area_m2() / 1e6;
    assert!((sum - union).abs() < 1e-6, "{sum} km² against {union} km²");
    assert!((sum - 13_795.23).abs() < 0.01, "{sum} km²");
}

/// The area as GeographicLib has it, each edge cut into so many geodesics, each ring by its size.
fn geographiclib_m2(polygon: &RawPolygon, cuts: u32) -> f64 {
    let ring_m2 = |ring: &Ring| {
        let points: Vec<[f64; 2]> = ring.iter().map(|p| [degrees(p.x), degrees(p.y)]).collect();
        let along = points.iter().zip(points.iter().cycle().skip(1)).flat_map(|(a, b)| {
            let at = |i| f64::from(i) / f64::from(cuts);
            (0..cuts).map(move |i| (a[0] + (b[0] - a[0]) * at(i), a[1] + (b[1] - a[1]) * at(i)))
        });
        geo::Polygon::new(along.collect(), vec![]).geodesic_area_signed().abs()
    };
    let (shell, holes) = polygon.split_first().expect("a shell");
    ring_m2(shell) - holes.iter().map(ring_m2).sum::<f64>()
}

fn assert_areas_agree(province: &Province, every: usize, cuts: u32, tolerance: f64) {
    let figures = any_at_least(&province.coverage, Technology::G2);
    for (boundary, figure) in province.geodata.boundaries.iter().zip(figures).step_by(every) {
        assert_eq!(boundary.code, figure.commune);
        let reference: f64 = boundary.polygons.iter().map(|p| geographiclib_m2(p, cuts)).sum::<f64>() / 1e6;
        let error = (figure.area_km2.denominator / reference - 1.0).abs();
        assert!(error < tolerance, "{}: {error:e}", boundary.code);
    }
}

#[test]
fn areas_agree_with_geographiclib() {
    let Some(province) = province() else { return };
    // An edge as one geodesic is not quite the same edge; cut in forty it is.
    assert_areas_agree(province, 1, 1, 1e-6);
    assert_areas_agree(province, 12, 40, 1e-9);
}

#[test]
fn covered_and_gap_add_up_to_the_commune() {
    let Some(province) = province() else { return };
    // The other way round: the union of the whole province, uncut, taken from each commune.
    let layers = province.geodata.layers.iter().filter(|(key, _)| key.technology >= Technology::G4);
    let signal = Region::union(layers.map(|(_, layer)| Region::of_polygons(&layer.full)).collect());
    let rings: Vec<(Bounds, &Ring)> = signal.rings().filter_map(|ring| Some((Bounds::around(ring)?, ring))).collect();
    for (boundary, figure) in province.geodata.boundaries.iter().zip(any_at_least(&province.coverage, Technology::G4)) {
        let land = boundary.region();
        let bounds = land.bounds().expect("bounds");
        let near: Vec<Ring> = rings.iter().filter(|(b, _)| b.meets(&bounds)).map(|(_, ring)| (*ring).clone()).collect();
        let gap_km2 = land.difference(&near).area_m2() / 1e6;
        let Share { numerator, denominator, unknown } = figure.area_km2;
        let error = (numerator + gap_km2 + unknown - denominator) / denominator;
        assert!(error.abs() < 1e-9, "{}: {error:e}", boundary.code);
    }
}

#[test]
fn every_scope_has_a_figure_and_newer_technologies_cover_less() {
    let Some(province) = province() else { return };
    // 124 communes; any, best, all, at least two and three, and four operators; four technologies.
    assert_eq!(province.coverage.figures.len(), 124 * 9 * 4);
    for pair in province.coverage.figures.windows(2) {
        let [newer, older] = pair else { continue };
        if newer.commune == older.commune && newer.operator == older.operator {
            assert!(newer.technology > older.technology);
            assert!(newer.area_km2.numerator <= older.area_km2.numerator * (1.0 + 1e-12));
            assert!(newer.settlements.none >= older.settlements.none);
        }
    }
}

#[test]
fn settlements_have_the_signal_that_a_slow_look_finds() {
    let Some(province) = province() else { return };
    let keys: Vec<_> = province.geodata.layers.iter().filter(|(key, _)| key.technology == Technology::G5).collect();
    let shapes: Vec<geo::Polygon<f64>> =
        keys.iter().flat_map(|(_, layer)| &layer.full).map(|area| reference(area)).collect();
    let mut without: BTreeMap<&CommuneCode, u64> = BTreeMap::new();
    for settlement in &province.inventory.settlements {
        let at = geo::Point::new(settlement.at.lon, settlement.at.lat);
        *without.entry(&settlement.commune).or_default() +=
            u64::from(!shapes.iter().any(|shape| shape.intersects(&at)));
    }
    for figure in any_at_least(&province.coverage, Technology::G5) {
        assert_eq!(figure.settlements.none, without[&figure.commune], "{}", figure.commune);
    }
}

fn reference(polygon: &RawPolygon) -> geo::Polygon<f64> {
    let ring = |ring: &Ring| ring.iter().map(|p| (degrees(p.x), degrees(p.y))).collect();
    geo::Polygon::new(ring(&polygon[0]), polygon.iter().skip(1).map(ring).collect())
}

#[test]
fn every_settlement_without_full_signal_is_in_one_gap() {
    let Some(province) = province() else { return };
    for (technology, grade) in GAP_TECHNOLOGIES.iter().flat_map(|t| [(*t, Grade::None), (*t, Grade::Patchy)]) {
        let gaps = province.coverage.gaps.iter().filter(|gap| (gap.technology, gap.grade) == (technology, grade));
        let mut listed: Vec<_> = gaps.flat_map(|gap| &gap.settlements).collect();
        let count = listed.len() as u64;
        listed.sort();
        listed.dedup();
        assert_eq!(listed.len() as u64, count, "a settlement is in two gaps");
        let figures = any_at_least(&province.coverage, technology);
        let counts = figures.iter().map(|figure| figure.settlements);
        let counted: u64 = counts.map(|c| if grade == Grade::Patchy { c.patchy } else { c.none }).sum();
        assert_eq!(count, counted, "{technology:?} {grade:?}");
    }
}

#[test]
fn gaps_hold_their_point_and_are_no_slivers() {
    let Some(province) = province() else { return };
    let gaps = &province.coverage.gaps;
    assert!(gaps.len() > 100 && province.coverage.dropped.slivers > 0);
    let mut ids: Vec<_> = gaps.iter().map(|gap| gap.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), gaps.len(), "ids are unique");
    for gap in gaps.iter().filter(|gap| gap.grade == Grade::None) {
        let rings = gap.polygon[0].iter().map(|ring| ring.iter().map(|[x, y]| (*x, *y)).collect());
        let mut rings: Vec<geo::LineString<f64>> = rings.collect();
        let polygon = geo::Polygon::new(rings.remove(0), rings);
        assert!(polygon.contains(&geo::Point::new(gap.at.lon, gap.at.lat)), "{}", gap.id);
        assert!(gap.area_km2 >= 0.05 || !gap.settlements.is_empty(), "{}", gap.id);
    }
}

/// How a file may differ from another that says the same.
#[derive(Clone, Copy, PartialEq)]
enum Written {
    AsItIs,
    Backwards,
}

/// A layer file with some of the province's areas.
fn layer_file(path: PathBuf, areas: &[(&LayerKey, &RawPolygon)], written: Written) -> LayerConfig {
    let mut features: Vec<String> = areas
        .iter()
        .map(|(key, polygon)| {
            let rings: Vec<Vec<[f64; 2]>> = polygon.iter().map(|ring| positions(ring, written)).collect();
            let (operator, technology) = (key.operator.as_str(), key.technology.id());
            serde_json::json!({
                "type": "Feature",
                "properties": { "operator": operator, "technology": technology },
                "geometry": { "type": "Polygon", "coordinates": rings },
            })
            .to_string()
        })
        .collect();
    if written == Written::Backwards {
        features.reverse();
    }
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    fs::write(&path, text).expect("layer file");
    LayerConfig::new(path, CoverageSource::Declared)
}

fn positions(ring: &Ring, written: Written) -> Vec<[f64; 2]> {
    let mut positions: Vec<[f64; 2]> = ring.iter().map(|p| [degrees(p.x), degrees(p.y)]).collect();
    if written == Written::Backwards {
        positions.reverse();
        let third = positions.len() / 3;
        positions.rotate_left(third);
    }
    positions.push(positions[0]);
    positions
}

#[test]
fn order_and_direction_change_no_byte_and_gaps_keep_their_first_sight() {
    let Some(province) = province() else { return };
    let folder = tempfile::tempdir().expect("folder");
    let newest = province.geodata.layers.iter().filter(|(key, _)| key.technology == Technology::G5);
    let areas: Vec<_> = newest.flat_map(|(key, layer)| layer.full.iter().map(move |area| (key, &**area))).collect();
    let (first, second) = areas.split_at(areas.len() / 3);
    let compute = |layer: Vec<LayerConfig>, previous: &[CoverageGap], at: UtcMs| {
        let config = GeodataConfig {
            communes: Some(province.folder.join("communes.geojson")),
            layer,
            ..GeodataConfig::default()
        };
        let geodata = Geodata::read(&config, &province.inventory).unwrap_or_else(|faults| panic!("{faults}"));
        geodata.coverage(&province.inventory, previous, at)
    };
    let whole = compute(vec![layer_file(folder.path().join("a"), &areas, Written::AsItIs)], &[], UtcMs(1000));
    let parts = vec![
        layer_file(folder.path().join("b"), second, Written::Backwards),
        layer_file(folder.path().join("c"), first, Written::Backwards),
    ];
    let mut again = compute(parts, &whole.gaps, UtcMs(2000));
    assert!(!whole.gaps.is_empty());
    assert!(again.gaps.iter().all(|gap| gap.last_seen == Some(UtcMs(2000))));
    for (gap, first) in again.gaps.iter_mut().zip(&whole.gaps) {
        gap.last_seen = first.last_seen;
    }
    let text = |coverage: &Coverage| serde_json::to_string(&(&coverage.figures, &coverage.gaps)).expect("text");
    // Not assert_eq: a difference would print megabytes.
    assert!(text(&whole) == text(&again), "the order of the input shows");
    assert!(again.gaps.iter().all(|gap| gap.first_seen == UtcMs(1000)));
}

/// Decimals of a file that was read.
#[derive(Clone, Copy, PartialEq)]
enum Decimals {
    AsRead,
    /// Those of the GeoJSON file, a tenth of a metre.
    Six,
}

/// Covered km² of each figure by the 5G layers of a file; they tell formats apart, and all sixteen take a minute.
fn covered_5g(province: &Province, file: &str, decimals: Decimals) -> Vec<(String, Share)> {
    let layer = LayerConfig { file: province.folder.join(file), ..layer(&province.folder) };
    let config = GeodataConfig {
        communes: Some(province.folder.join("communes.geojson")),
        layer: vec![layer],
        ..GeodataConfig::default()
    };
    let mut geodata = Geodata::read(&config, &province.inventory).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(geodata.layers.len(), 16, "{file}");
    geodata.layers.retain(|key, _| key.technology == Technology::G5);
    if decimals == Decimals::Six {
        for area in geodata.layers.values_mut().flat_map(|layer| &mut layer.full) {
            let mut polygon = RawPolygon::clone(area);
            for point in polygon.iter_mut().flatten() {
                let six = |degrees: f64| (degrees * 1e6).round() / 1e6;
                *point = to_grid(six(degrees(point.x)), six(degrees(point.y))).expect("on the globe");
            }
            *area = polygon.into();
        }
    }
    let figures = geodata.coverage(&province.inventory, &[], UtcMs(0)).figures;
    let named = |f: CoverageFigure| (format!("{} {:?} {:?}", f.commune, f.operator, f.technology), f.area_km2);
    figures.into_iter().map(named).collect()
}

/// How far figures are apart, at most, as a share of the area of their commune.
fn apart(some: &[(String, Share)], others: &[(String, Share)]) -> f64 {
    assert_eq!(some.len(), others.len());
    let pairs = some.iter().zip(others).map(|((name, a), (other, b))| {
        assert_eq!(name, other);
        ((a.numerator - b.numerator) / b.denominator).abs()
    });
    pairs.fold(0.0, f64::max)
}

#[test]
fn three_formats_and_two_systems_give_the_same_figures() {
    let Some(province) = province() else { return };
    let geojson = covered_5g(province, "coverage_synthetic.geojson", Decimals::AsRead);
    let package = covered_5g(province, "coverage_synthetic.gpkg", Decimals::AsRead);
    let shapefile = covered_5g(province, "coverage_synthetic_shp/coverage_vn2000_utm48.shp", Decimals::AsRead);
    assert!(apart(&shapefile, &package) < 1e-12, "the same metres of VN-2000");
    // The GeoJSON file has six decimals, which alone move small communes by some square metres in a million.
    let rounded = covered_5g(province, "coverage_synthetic.gpkg", Decimals::Six);
    assert!(apart(&rounded, &geojson) < 1e-6, "{:e}", apart(&rounded, &geojson));
    assert!(apart(&package, &geojson) < 1e-5, "{:e}", apart(&package, &geojson));
    let sum = |figures: &[(String, Share)]| figures.iter().map(|(_, share)| share.numerator).sum::<f64>();
    let error = sum(&package) / sum(&geojson) - 1.0;
    assert!(error.abs() < 1e-6, "{error:e}");
}

#[test]
fn cells_around_label_points_share_out_the_province() {
    let Some(province) = province() else { return };
    let config = GeodataConfig { communes: None, layer: vec![layer(&province.folder)], ..GeodataConfig::default() };
    let geodata = Geodata::read(&config, &province.inventory).unwrap_or_else(|faults| panic!("{faults}"));
    assert!(geodata.is_approximate());
    assert_eq!(geodata.boundaries.len(), 124);
    let cells: Vec<Region> = geodata.boundaries.iter().map(|b| b.region()).collect();
    let sum: f64 = cells.iter().map(Region::area_m2).sum();
    let union = Region::union(cells.clone()).area_m2();
    assert!((sum - union).abs() < 1.0, "{sum} against {union} m²");
    for (cell, commune) in cells.iter().zip(&province.inventory.communes) {
        let label = commune.label.and_then(|at| to_grid(at.lon, at.lat));
        assert_eq!(SortedPoints::new([label]).inside(cell.rings()), [true], "{}", commune.code);
    }
}
