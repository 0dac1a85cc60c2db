//! Figures and gaps of small invented provinces, as the daemon computes them.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{fs, path::Path};

use phusong_geodata::{Coverage, Geodata, GeodataCache};
use phusong_model::{
    Commune, CoverageFigure, CoverageGap, CoverageSource, DwellingCluster, GridPower, Inventory, LonLat, OperatorScope,
    Settlement, SettlementCounts, Share, Technology, UtcMs,
    config::{GeodataConfig, LayerConfig, MinGap},
};
use proptest::prelude::*;
use tempfile::TempDir;

/// A commune around 105° E, 22° N, in hundredths of a degree from there.
struct Square(&'static str, f64, f64, f64, f64);

/// A coverage area: properties as JSON, and a rectangle in hundredths of a degree.
struct Area(String, [f64; 4]);

fn rectangle(&[west, south, east, north]: &[f64; 4]) -> String {
    let (x, y) = (|v: f64| 105.0 + v / 100.0, |v: f64| 22.0 + v / 100.0);
    let (w, s, e, n) = (x(west), y(south), x(east), y(north));
    format!("[[[{w},{s}],[{e},{s}],[{e},{n}],[{w},{n}],[{w},{s}]]]")
}

fn collection<'a>(features: impl Iterator<Item = (String, &'a [f64; 4])>) -> String {
    let features: Vec<String> = features
        .map(|(properties, bounds)| {
            let coordinates = rectangle(bounds);
            let geometry = format!(r#"{{"type":"Polygon","coordinates":{coordinates}}}"#);
            format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
        })
        .collect();
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",\n"))
}

fn area(operator: &str, technology: &str, more: &str, bounds: [f64; 4]) -> Area {
    Area(format!(r#"{{"operator":"{operator}","technology":"{technology}"{more}}}"#), bounds)
}

fn village(id: &str, commune: &str, x: f64, y: f64, people: Option<u64>) -> Settlement {
    Settlement {
        id: id.parse().expect("id"),
        name: id.to_owned(),
        commune: commune.parse().expect("code"),
        at: LonLat { lon: 105.0 + x / 100.0, lat: 22.0 + y / 100.0 },
        people,
        households: None,
        power: GridPower::Unknown,
        clusters: Vec::new(),
    }
}

/// Communes side by side with what is written to files for them.
struct World {
    folder: TempDir,
    config: GeodataConfig,
    inventory: Inventory,
}

impl World {
    fn new(communes: &[Square], settlements: Vec<Settlement>) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let boundaries: Vec<(String, [f64; 4])> =
            communes.iter().map(|c| (format!(r#"{{"code":"{}"}}"#, c.0), [c.1, c.2, c.3, c.4])).collect();
        let path = folder.path().join("communes.geojson");
        fs::write(&path, collection(boundaries.iter().map(|(p, b)| (p.clone(), b)))).expect("boundaries");
        let inventory = Inventory {
            communes: communes
                .iter()
                .map(|Square(code, w, s, e, n)| Commune {
                    label: Some(LonLat { lon: 105.0 + (w + e) / 200.0, lat: 22.0 + (s + n) / 200.0 }),
                    ..Commune::new(code.parse().expect("code"), (*code).to_owned())
                })
                .collect(),
            settlements,
            ..Inventory::default()
        };
        Self {
            folder,
            config: GeodataConfig { communes: Some(path), layer: Vec::new(), ..GeodataConfig::default() },
            inventory,
        }
    }

    fn one() -> Self {
        Self::new(&[Square("00001", 0.0, 0.0, 10.0, 10.0)], Vec::new())
    }

    fn layer(mut self, source: CoverageSource, areas: &[Area]) -> Self {
        let file = self.folder.path().join(format!("layer-{}.geojson", self.config.layer.len()));
        write_layer(&file, areas);
        self.config.layer.push(LayerConfig::new(file, source));
        self
    }

    fn read(&self) -> Geodata {
        Geodata::read(&self.config, &self.inventory).unwrap_or_else(|faults| panic!("{faults}"))
    }

    fn coverage(&self) -> Coverage {
        self.read().coverage(&self.inventory, &[], UtcMs(0))
    }
}

fn write_layer(file: &Path, areas: &[Area]) {
    fs::write(file, collection(areas.iter().map(|Area(properties, bounds)| (properties.clone(), bounds))))
        .expect("layer");
}

fn figure<'a>(coverage: &'a Coverage, scope: &str, technology: Technology) -> &'a CoverageFigure {
    let wanted = |f: &&CoverageFigure| f.operator.id() == scope && f.technology == technology;
    coverage.figures.iter().find(wanted).unwrap_or_else(|| panic!("no figure for {scope} {technology:?}"))
}

fn percent(share: Share) -> f64 {
    (share.ratio().expect("a denominator") * 1e6).round() / 1e4
}

const DECLARED: CoverageSource = CoverageSource::Declared;

#[test]
fn settlements_people_and_area_each_have_their_own_base() {
    let world = World::new(
        &[Square("00001", 0.0, 0.0, 10.0, 10.0)],
        vec![
            village("full", "00001", 2.0, 5.0, Some(100)),
            village("patchy", "00001", 6.0, 5.0, Some(30)),
            village("none", "00001", 9.0, 5.0, Some(7)),
            village("uncounted", "00001", 9.5, 5.0, None),
            village("nowhere", "00001", f64::NAN, 5.0, Some(11)),
        ],
    )
    .layer(
        DECLARED,
        &[
            area("viettel", "4G", "", [0.0, 0.0, 5.0, 10.0]),
            area("viettel", "4G", r#","class":"marginal""#, [4.0, 0.0, 8.0, 10.0]),
        ],
    );
    let coverage = world.coverage();
    let figure = figure(&coverage, "viettel", Technology::G4);
    assert_eq!(
        figure.settlements,
        SettlementCounts { total: 5, none: 2, patchy: 1, full: 1, unknown: 1, patchiness_unknown: 1 }
    );
    assert_eq!(figure.people, Share { numerator: 130.0, denominator: 137.0, unknown: 11.0 });
    assert_eq!(percent(figure.area_km2), 80.0);
    assert!(!figure.approximate && !figure.example);
}

fn cluster(x: f64, y: f64, households: u64) -> DwellingCluster {
    DwellingCluster { at: LonLat { lon: 105.0 + x / 100.0, lat: 22.0 + y / 100.0 }, households: Some(households) }
}

#[test]
fn clusters_of_dwellings_tell_patchy_settlements_from_full_ones() {
    let with = |id: &str, x: f64, households, clusters: &[DwellingCluster]| Settlement {
        households,
        clusters: clusters.to_vec(),
        ..village(id, "00001", x, 5.0, Some(1))
    };
    let mut world = World::new(
        &[Square("00001", 0.0, 0.0, 10.0, 10.0)],
        vec![
            with("full", 2.0, Some(100), &[cluster(3.0, 5.0, 20), cluster(9.0, 5.0, 5)]),
            with("patchy", 2.0, Some(100), &[cluster(3.0, 5.0, 20), cluster(9.0, 5.0, 6)]),
            // Without signal at its centre, where one household of a hundred lives.
            with("served", 9.0, Some(100), &[cluster(3.0, 5.0, 99)]),
            with("none", 9.0, Some(100), &[cluster(9.0, 6.0, 20)]),
            with("alone", 2.0, Some(100), &[]),
        ],
    )
    .layer(DECLARED, &[area("viettel", "4G", "", [0.0, 0.0, 5.0, 10.0])]);
    let counts = |world: &World| figure(&world.coverage(), "any", Technology::G4).settlements;
    let (total, unknown) = (5, 0);
    let expected = SettlementCounts { total, none: 1, patchy: 1, full: 3, unknown, patchiness_unknown: 1 };
    assert_eq!(counts(&world), expected);
    let before = world.read().input_hash().to_owned();
    // An officer's rule asks for two operators.
    let rules = world.folder.path().join("rules.toml");
    fs::write(&rules, "name = \"12/QD\"\noperators = 2\n").expect("rules");
    world.config.rules = Some(rules.clone());
    let expected = SettlementCounts { total, none: 1, patchy: 4, full: 0, unknown, patchiness_unknown: 0 };
    assert_eq!(counts(&world), expected);
    let coverage = world.coverage();
    let mark = figure(&coverage, "any", Technology::G4).rule.clone().expect("a rule");
    assert_eq!((mark.name.as_str(), mark.assumed, mark.operators), ("12/QD", false, 2));
    assert_eq!(figure(&coverage, "viettel", Technology::G4).settlements.full, 3, "one operator alone is asked for");
    assert_ne!(world.read().input_hash(), before, "the rule is part of the fingerprint");
    fs::write(&rules, "operators = 0\n").expect("rules");
    let faults = Geodata::read(&world.config, &world.inventory).expect_err("faults").to_string();
    assert!(faults.contains("no name") && faults.contains("rules.toml:1"), "{faults}");
}

#[test]
fn at_least_3g_holds_4g_and_any_operator_holds_each() {
    let world = World::one().layer(
        DECLARED,
        &[
            area("viettel", "4G", "", [0.0, 0.0, 4.0, 10.0]),
            area("viettel", "3G", "", [2.0, 0.0, 5.0, 10.0]),
            area("vinaphone", "LTE", "", [8.0, 0.0, 10.0, 10.0]),
        ],
    );
    let coverage = world.coverage();
    let covered = |scope, technology| percent(figure(&coverage, scope, technology).area_km2);
    assert_eq!(covered("viettel", Technology::G4), 40.0);
    assert_eq!(covered("viettel", Technology::G3), 50.0);
    assert_eq!(covered("viettel", Technology::G2), 50.0);
    assert_eq!(covered("vinaphone", Technology::G3), 20.0);
    assert_eq!(covered("any", Technology::G4), 60.0);
    assert_eq!(covered("any", Technology::G3), 70.0);
    assert!(coverage.figures.iter().all(|f| f.technology != Technology::G5), "no layer, no figure");
}

#[test]
fn declared_and_measured_are_never_mixed() {
    let world = World::one()
        .layer(DECLARED, &[area("viettel", "4G", "", [0.0, 0.0, 10.0, 10.0])])
        .layer(CoverageSource::Measured, &[area("viettel", "4G", "", [0.0, 0.0, 3.0, 10.0])]);
    let coverage = world.coverage();
    let of = |source| coverage.figures.iter().find(|f| f.source == source).map(|f| percent(f.area_km2));
    assert_eq!(of(DECLARED), Some(100.0));
    assert_eq!(of(CoverageSource::Measured), Some(30.0));
    assert!(coverage.gaps.iter().all(|gap| gap.source == CoverageSource::Measured));
}

#[test]
fn figures_carry_the_oldest_date_and_say_when_a_layer_is_an_example() {
    let world = World::one().layer(
        DECLARED,
        &[
            area("viettel", "4G", r#","valid_on":"2025-07-01""#, [0.0, 0.0, 5.0, 5.0]),
            area("viettel", "4G", r#","valid_on":"2024-12-31""#, [5.0, 0.0, 9.0, 5.0]),
            area("vinaphone", "4G", r#","example":true"#, [0.0, 0.0, 1.0, 1.0]),
        ],
    );
    let coverage = world.coverage();
    let of = |scope| {
        (figure(&coverage, scope, Technology::G4).valid_on.as_deref(), figure(&coverage, scope, Technology::G4).example)
    };
    assert_eq!(of("viettel"), (Some("2024-12-31"), false));
    assert_eq!(of("vinaphone"), (None, true));
    assert_eq!(of("any"), (Some("2024-12-31"), true));
}

#[test]
fn overlapping_areas_count_once_and_a_hole_under_another_area_is_covered() {
    let mut world = World::one();
    let file = world.folder.path().join("holes.geojson");
    let polygon = |rings: &[[f64; 4]]| {
        let rings: Vec<String> = rings.iter().map(rectangle).map(|r| r[1..r.len() - 1].to_owned()).collect();
        format!("[{}]", rings.join(","))
    };
    let with_hole = polygon(&[[0.0, 0.0, 8.0, 10.0], [2.0, 2.0, 6.0, 6.0]]);
    let over = polygon(&[[2.0, 2.0, 6.0, 4.0]]);
    // What of a hole sticks out of its shell takes nothing away and adds nothing.
    let odd = polygon(&[[0.0, 0.0, 2.0, 2.0], [1.0, 1.0, 9.0, 9.0]]);
    fs::write(
        &file,
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":null,
            "geometry":{{"type":"MultiPolygon","coordinates":[{with_hole},{over},{odd}]}}}}]}}"#
        ),
    )
    .expect("layer");
    world.config.layer.push(LayerConfig {
        operator: Some("viettel".parse().expect("operator")),
        technology: Some(Technology::G4),
        ..LayerConfig::new(file, DECLARED)
    });
    // 80 of the shell, less 16 of the hole, plus 8 that the second area covers of it.
    assert_eq!(percent(figure(&world.coverage(), "viettel", Technology::G4).area_km2), 72.0);
}

#[test]
fn gaps_are_places_and_not_specks() {
    let settled = vec![village("lone", "00001", 9.995, 9.995, Some(5))];
    let world = World::new(&[Square("00001", 0.0, 0.0, 10.0, 10.0)], settled).layer(
        DECLARED,
        &[
            // A strip of a metre along the east, 11 km long; a hole of a hectare in the north-east corner, where a village is.
            area("viettel", "4G", "", [0.0, 0.0, 9.999, 9.99]),
            area("viettel", "4G", "", [0.0, 9.99, 9.99, 10.0]),
            area("viettel", "4G", "", [9.99, 9.99, 9.999, 9.9905]),
        ],
    );
    let coverage = world.coverage();
    let of_4g: Vec<_> = coverage.gaps.iter().filter(|gap| gap.technology == Technology::G4).collect();
    assert_eq!(of_4g.len(), 1);
    assert_eq!(of_4g[0].settlements, ["lone".parse().expect("id")]);
    let without = World { inventory: Inventory { settlements: Vec::new(), ..world.inventory.clone() }, ..world };
    let coverage = without.coverage();
    assert!(coverage.gaps.is_empty());
    assert!(coverage.dropped.slivers >= 2);
}

#[test]
fn places_below_the_configured_size_are_counted_and_not_shown() {
    // A hole of 206 m by 221 m, which is 4.6 ha.
    let around = [[0.0, 0.0, 10.0, 5.0], [0.0, 5.2, 10.0, 10.0], [0.0, 5.0, 5.0, 5.2], [5.2, 5.0, 10.0, 5.2]];
    let mut world = World::one().layer(DECLARED, &around.map(|bounds| area("viettel", "3G", "", bounds)));
    let (of_default, hash) = (world.coverage(), world.read().input_hash().to_owned());
    assert_eq!((of_default.gaps.len(), of_default.dropped.small), (0, 1), "the default is five hectares");
    world.config.min_gap_ha = 4.try_into().expect("in range");
    let of_four = world.coverage();
    assert_eq!((of_four.gaps.len(), of_four.dropped.small), (1, 0));
    assert_eq!(of_four.figures, of_default.figures);
    assert_ne!(world.read().input_hash(), hash, "gaps are made anew");
    assert!(MinGap::try_from(10_000).is_ok() && MinGap::try_from(10_001).is_err());
}

#[test]
fn a_gap_keeps_its_id_and_when_it_was_first_seen() {
    let half = || World::one().layer(DECLARED, &[area("viettel", "4G", "", [0.0, 0.0, 5.0, 10.0])]);
    let world = half();
    let first = world.read().coverage(&world.inventory, &[], UtcMs(1000));
    let again = half().read().coverage(&world.inventory, &first.gaps, UtcMs(2000));
    assert_eq!(first.figures, again.figures);
    assert!(again.gaps.iter().all(|gap| gap.last_seen == Some(UtcMs(2000))));
    let as_before = |gap: &CoverageGap| CoverageGap { last_seen: Some(UtcMs(1000)), ..gap.clone() };
    assert_eq!(again.gaps.iter().map(as_before).collect::<Vec<_>>(), first.gaps);
    assert_eq!(again.gaps.len(), 2, "at least 3G and at least 4G");
    assert!(again.gaps.iter().all(|gap| gap.first_seen == UtcMs(1000) && gap.id.len() == 12));
    assert_ne!(again.gaps[0].id, again.gaps[1].id);
    let moved = World::one().layer(DECLARED, &[area("viettel", "4G", "", [5.0, 0.0, 10.0, 10.0])]);
    let moved = moved.read().coverage(&moved.inventory, &first.gaps, UtcMs(3000));
    assert!(moved.gaps.iter().all(|gap| gap.first_seen == UtcMs(3000)));
}

#[test]
fn a_gap_is_cut_at_the_border_and_a_village_beyond_it_is_not_lost() {
    let communes = [Square("00001", 0.0, 0.0, 5.0, 10.0), Square("00002", 5.0, 0.0, 10.0, 10.0)];
    // One on the border, one that lies in the neighbour.
    let settled = vec![village("border", "00002", 5.0, 5.0, None), village("astray", "00001", 6.0, 5.0, None)];
    let world = World::new(&communes, settled).layer(DECLARED, &[area("viettel", "4G", "", [0.0, 0.0, 10.0, 1.0])]);
    let coverage = world.coverage();
    let of_4g = coverage.gaps.iter().filter(|gap| gap.technology == Technology::G4);
    let lists: Vec<(String, Vec<String>)> =
        of_4g.map(|gap| (gap.commune.to_string(), gap.settlements.iter().map(ToString::to_string).collect())).collect();
    let expected = [("00001", vec![]), ("00002", vec!["astray", "border"])];
    assert_eq!(
        lists,
        expected.map(|(c, s): (_, Vec<&str>)| (c.to_owned(), s.into_iter().map(str::to_owned).collect()))
    );
}

#[test]
fn without_boundaries_everything_is_approximate() {
    let mut world = World::new(
        &[Square("00001", 0.0, 0.0, 10.0, 10.0), Square("00002", 10.0, 0.0, 20.0, 10.0)],
        vec![village("v", "00001", 1.0, 5.0, Some(9))],
    )
    .layer(DECLARED, &[area("viettel", "4G", "", [10.0, -50.0, 60.0, 60.0])]);
    world.config.communes = None;
    let coverage = world.coverage();
    assert!(coverage.figures.iter().all(|f| f.approximate) && coverage.gaps.iter().all(|gap| gap.approximate));
    let covered: Vec<f64> = coverage
        .figures
        .iter()
        .filter(|f| f.operator == OperatorScope::Any && f.technology == Technology::G4)
        .map(|f| percent(f.area_km2))
        .collect();
    assert_eq!(covered, [0.0, 100.0], "the border lies half way between the label points");
}

#[test]
fn a_commune_without_any_place_is_a_fault() {
    let mut world = World::new(&[Square("00001", 0.0, 0.0, 1.0, 1.0), Square("00002", 1.0, 0.0, 2.0, 1.0)], Vec::new());
    world.config.communes = None;
    world.inventory.communes[1].label = None;
    assert!(world.coverage().figures.is_empty(), "without layers nobody is asked for places");
    let mut world = world.layer(DECLARED, &[area("viettel", "4G", "", [0.0, 0.0, 1.0, 1.0])]);
    let faults = Geodata::read(&world.config, &world.inventory).expect_err("no label point");
    assert!(faults.to_string().contains("commune 00002 has neither a boundary nor a label point"), "{faults}");
    world.inventory.communes[1].label = world.inventory.communes[0].label;
    let faults = Geodata::read(&world.config, &world.inventory).expect_err("same label point");
    assert!(faults.to_string().contains("label point of another commune"), "{faults}");
}

#[test]
fn the_hash_changes_with_what_counts_and_with_nothing_else() {
    let mut world = World::new(
        &[Square("00001", 0.0, 0.0, 10.0, 10.0)],
        vec![village("a", "00001", 1.0, 1.0, Some(1)), village("b", "00001", 2.0, 2.0, None)],
    )
    .layer(DECLARED, &[area("viettel", "4G", "", [0.0, 0.0, 5.0, 10.0])])
    .layer(DECLARED, &[area("vnpt", "4G", "", [0.0, 0.0, 5.0, 10.0])]);
    let hash = world.read().input_hash().to_owned();
    assert_eq!(hash.len(), 64);
    world.config.layer.reverse();
    world.inventory.settlements.reverse();
    world.inventory.settlements[0].name = "another name".to_owned();
    assert_eq!(world.read().input_hash(), hash);
    world.inventory.settlements[0].people = Some(3);
    assert_ne!(world.read().input_hash(), hash);
    world.inventory.settlements[0].people = None;
    assert_eq!(world.read().input_hash(), hash);
    world.config.layer[0].source = CoverageSource::Modelled;
    assert_ne!(world.read().input_hash(), hash);
}

#[test]
fn a_national_file_is_read_for_the_communes_that_are_asked() {
    let mut world = World::new(&[Square("00001", 0.0, 0.0, 1.0, 1.0), Square("99999", 5.0, 5.0, 6.0, 6.0)], Vec::new());
    world.inventory.communes.truncate(1);
    assert_eq!(world.read().ignored_units(), 1);
}

/// Rectangles on half a hundredth of a degree.
fn rectangles() -> impl Strategy<Value = Vec<[f64; 4]>> {
    let rectangle = (0_u8..24, 0_u8..24, 1_u8..12, 1_u8..12).prop_map(|(x, y, w, h)| {
        let half = |v: u8| f64::from(v) / 2.0 - 1.0;
        [half(x), half(y), half(x + w), half(y + h)]
    });
    prop::collection::vec(rectangle, 1..14)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn another_area_never_lowers_a_figure_and_sums_hold(shapes in rectangles()) {
        let settled: Vec<Settlement> =
            (0..9).map(|i| village(&format!("v{i}"), "00001", 1.5 + f64::from(i), 2.0 + f64::from(i) / 2.0, Some(1))).collect();
        let world = || World::new(&[Square("00001", 0.0, 0.0, 10.0, 10.0)], settled.clone());
        let areas: Vec<Area> = shapes.iter().map(|bounds| area("viettel", "4G", "", *bounds)).collect();
        let (fewer, all) = (&areas[..areas.len() - 1], areas.as_slice());
        let (fewer, all) = (world().layer(DECLARED, fewer).coverage(), world().layer(DECLARED, all).coverage());
        let after = figure(&all, "any", Technology::G4);
        if areas.len() > 1 {
            let before = figure(&fewer, "any", Technology::G4);
            prop_assert!(after.area_km2.numerator >= before.area_km2.numerator * (1.0 - 1e-12));
            prop_assert!(after.settlements.none <= before.settlements.none);
        }
        // Half-degree cells are far larger than a sliver, so that all that is not covered is in a gap or was dropped as
        // small; count cells as the slow and obvious way.
        let cells = (0..400).filter(|i| {
            let (x, y) = (f64::from(i % 20) / 2.0 + 0.25, f64::from(i / 20) / 2.0 + 0.25);
            shapes.iter().any(|[w, s, e, n]| (*w..*e).contains(&x) && (*s..*n).contains(&y))
        });
        // A cell in the south is larger than one in the north, by less than a part in a thousand.
        let expected = cells.count() as f64 / 400.0;
        prop_assert!((after.area_km2.ratio().unwrap_or_default() - expected).abs() < 1e-3);
        let gap: f64 = all.gaps.iter().filter(|gap| gap.technology == Technology::G4).map(|gap| gap.area_km2).sum();
        let total = after.area_km2.numerator + gap;
        prop_assert!((total / after.area_km2.denominator - 1.0).abs() < 1e-9, "{} {:?}", gap, after.area_km2);
    }

    #[test]
    fn the_order_of_areas_changes_nothing(shapes in rectangles(), turn in 0_usize..14) {
        let areas = |shapes: &[[f64; 4]]| -> Vec<Area> {
            let operator = |b: &[f64; 4]| if b[0] < 4.0 { "viettel" } else { "vnpt" };
            shapes.iter().map(|bounds| area(operator(bounds), "4G", "", *bounds)).collect()
        };
        let mut turned = shapes.clone();
        turned.reverse();
        turned.rotate_left(turn % shapes.len());
        let (a, b) = (World::one().layer(DECLARED, &areas(&shapes)), World::one().layer(DECLARED, &areas(&turned)));
        prop_assert_eq!(a.coverage(), b.coverage());
    }
}

/// What a computation that takes over from the time before gives, and how many communes it computed.
fn again(world: &World, cache: &mut GeodataCache) -> (Coverage, usize) {
    let datasets = world.config.datasets().unwrap_or_else(|faults| panic!("{faults}"));
    let geodata = cache.examine(&datasets, &[], &world.config, &world.inventory);
    let geodata = geodata.unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(geodata.input_hash(), world.read().input_hash());
    let coverage = cache.coverage(&geodata, &world.inventory, &[], UtcMs(0));
    (coverage, cache.taken_over().1)
}

#[test]
fn a_change_computes_the_communes_it_touches_and_gives_what_a_full_run_gives() {
    let communes = [
        Square("00001", 0.0, 0.0, 10.0, 10.0),
        Square("00002", 10.0, 0.0, 20.0, 10.0),
        Square("00003", 20.0, 0.0, 30.0, 10.0),
        Square("00004", 30.0, 0.0, 40.0, 10.0),
    ];
    let villages = vec![village("v1", "00001", 9.0, 9.0, Some(10)), village("v2", "00004", 35.0, 5.0, Some(20))];
    let west = || area("a", "4G", "", [1.0, 1.0, 8.0, 8.0]);
    let east = || area("a", "4G", "", [31.0, 1.0, 39.0, 4.0]);
    let middle = |to: f64| area("a", "4G", "", [12.0, 1.0, to, 9.0]);
    let world = World::new(&communes, villages).layer(CoverageSource::Declared, &[west(), middle(18.0), east()]);
    let file = world.config.layer[0].file.clone();
    let mut cache = GeodataCache::default();
    let mut step = |areas: &[Area], computed: usize| {
        write_layer(&file, areas);
        let (coverage, count) = again(&world, &mut cache);
        assert_eq!(coverage, world.coverage());
        assert_eq!(count, computed);
        coverage
    };
    let first = step(&[west(), middle(18.0), east()], 4);
    assert_eq!(step(&[east(), west(), middle(18.0)], 0), first, "another order is no change");
    let wider = step(&[west(), middle(25.0), east()], 2);
    assert_ne!(wider, first);
    assert_eq!(step(&[west(), middle(18.0), east()], 2), first, "a change taken back");
    step(&[west(), east()], 1);
    // Two operators make other ladders: all is computed.
    step(&[west(), east(), area("b", "5G", "", [1.0, 1.0, 2.0, 2.0])], 4);
}

#[test]
fn a_file_that_did_not_change_is_taken_over_unless_something_else_is_said_of_it() {
    let west = || area("a", "4G", r#","valid_on":"2025-07-01""#, [1.0, 1.0, 5.0, 8.0]);
    let east = |to: f64| area("a", "4G", "", [6.0, 1.0, to, 4.0]);
    let mut world = World::one().layer(DECLARED, &[west()]).layer(DECLARED, &[east(8.0)]);
    let mut cache = GeodataCache::default();
    let mut step = |world: &World, files: usize| {
        let (coverage, _) = again(world, &mut cache);
        assert_eq!(coverage, world.coverage());
        assert_eq!(cache.taken_over().0, files);
        coverage
    };
    let first = step(&world, 0);
    assert_eq!(step(&world, 2), first);
    write_layer(&world.config.layer[1].file, &[east(9.0)]);
    assert_ne!(step(&world, 1), first);
    // A file that is at fault changes nothing of what is kept.
    let sound = fs::read(&world.config.layer[1].file).expect("layer");
    fs::write(&world.config.layer[1].file, "{").expect("layer");
    let datasets = world.config.datasets().unwrap_or_else(|faults| panic!("{faults}"));
    assert!(cache.examine(&datasets, &[], &world.config, &world.inventory).is_err());
    fs::write(&world.config.layer[1].file, sound).expect("layer");
    let mut step = |world: &World, files: usize| {
        let (coverage, _) = again(world, &mut cache);
        assert_eq!(coverage, world.coverage());
        assert_eq!(cache.taken_over().0, files);
    };
    step(&world, 2);
    world.config.layer[0].source = CoverageSource::Modelled;
    step(&world, 1);
    world.config.layer.pop();
    step(&world, 1);
}
