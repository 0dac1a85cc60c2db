//! A survey along the edges of a layer, with contradictions planted in it: these are found, and no others.

use std::collections::{BTreeMap, BTreeSet};

use h3o::{LatLng, Resolution};
use phusong_model::{Contradiction, ContradictionPlace, CoverageSource, Signal};

use super::world::{Test, World, gpx};

/// The layer: full west of the first edge, marginal up to the second, nothing beyond.
const EDGES: [f64; 2] = [105.1, 105.15];
/// Nearer to an edge than this, in degrees of longitude, a test speaks for neither side: 50 m.
const UNSURE: f64 = 50.0 / 103_200.0;
const DAY: i64 = 86_400;

fn hexagon(lon: f64, lat: f64) -> String {
    LatLng::new(lat, lon).expect("a place").to_cell(Resolution::Nine).to_string()
}

fn claimed(lon: f64) -> Signal {
    if lon < EDGES[0] {
        Signal::Full
    } else if lon < EDGES[1] {
        Signal::Marginal
    } else {
        Signal::None
    }
}

fn is_sure(lon: f64) -> bool {
    EDGES.iter().all(|edge| (lon - edge).abs() > UNSURE)
}

const fn level(signal: Signal) -> Option<f64> {
    match signal {
        Signal::Full => Some(-95.0),
        Signal::Marginal => Some(-110.0),
        Signal::None => Some(-121.0),
    }
}

/// A test every hundred metres or so, each as the layer says. Those too near to an edge say the contrary.
fn survey() -> Vec<Test> {
    let mut tests = Vec::new();
    for row in 0..60 {
        for column in 0..200 {
            let (lon, lat) = (105.0002 + 0.001 * f64::from(column), 22.0003 + 0.001 * f64::from(row));
            let (lon, lat) = ((lon * 1e6).round() / 1e6, (lat * 1e6).round() / 1e6);
            let wrong = if claimed(lon) == Signal::None { Signal::Full } else { Signal::None };
            let said = if is_sure(lon) { claimed(lon) } else { wrong };
            let ago_s = i64::from(row * 200 + column) + DAY;
            tests.push(Test { lon, lat, ago_s, dbm: level(said), accuracy_m: 5.0 });
        }
    }
    tests
}

/// What is altered in a hexagon, given by a place in it.
struct Plant {
    at: (f64, f64),
    alter: fn(&mut Test),
    /// What the layer says there, and what is found, when that is a contradiction.
    found: Option<(Signal, Signal)>,
}

const fn weak(test: &mut Test) {
    test.dbm = level(Signal::Marginal);
}

const fn strong(test: &mut Test) {
    test.dbm = Some(-80.0);
}

const fn none(test: &mut Test) {
    test.dbm = level(Signal::None);
}

const fn no_network(test: &mut Test) {
    test.dbm = None;
}

const fn none_long_ago(test: &mut Test) {
    test.dbm = None;
    test.ago_s += 900 * DAY;
}

const fn none_somewhere(test: &mut Test) {
    test.dbm = None;
    test.accuracy_m = 80.0;
}

/// Only on the western side of the first edge.
const fn none_in_the_west(test: &mut Test) {
    if test.lon < EDGES[0] {
        test.dbm = level(Signal::None);
    }
}

fn plants() -> Vec<Plant> {
    use Signal::{Full, Marginal, None as Nothing};
    let plant = |lon, lat, alter, found| Plant { at: (lon, lat), alter, found };
    vec![
        plant(105.02, 22.02, weak, Some((Full, Marginal))),
        plant(105.03, 22.04, no_network, Some((Full, Nothing))),
        plant(105.06, 22.03, none, Some((Full, Nothing))),
        plant(105.12, 22.02, none, Some((Marginal, Nothing))),
        plant(105.17, 22.02, strong, Some((Nothing, Full))),
        plant(105.18, 22.04, weak, Some((Nothing, Marginal))),
        plant(105.1, 22.031, none_in_the_west, Some((Full, Nothing))),
        // More than was claimed, but something was.
        plant(105.13, 22.04, strong, None),
        plant(105.04, 22.01, none_long_ago, None),
        plant(105.05, 22.01, none_somewhere, None),
    ]
}

/// What is to be found: hexagon and claim to class, number of tests.
type Expected = BTreeMap<(String, Signal), (Signal, u64)>;

fn planted() -> (Vec<Test>, Expected) {
    let mut tests = survey();
    let mut expected = Expected::new();
    for Plant { at: (lon, lat), alter, found } in plants() {
        let index = hexagon(lon, lat);
        let mut count = 0;
        for test in tests.iter_mut().filter(|test| hexagon(test.lon, test.lat) == index) {
            alter(test);
            let speaks = found.is_some_and(|(said, _)| claimed(test.lon) == said) && is_sure(test.lon);
            count += u64::from(speaks);
        }
        if let Some((said, class)) = found {
            assert!(count >= 5, "{lon} {lat}: only {count} tests");
            assert!(expected.insert((index, said), (class, count)).is_none(), "two plants in one hexagon");
        }
    }
    // Four tests are no evidence: all others of this hexagon were never made.
    let thin = hexagon(105.07, 22.05);
    let mut left = 4;
    tests.retain_mut(|test| {
        if hexagon(test.lon, test.lat) != thin {
            return true;
        }
        test.dbm = None;
        left -= 1;
        left >= 0
    });
    (tests, expected)
}

fn world() -> World {
    let mut world = World::new(&[("00001", [105.0, 22.0, 105.1, 22.06]), ("00002", [105.1, 22.0, 105.19, 22.06])]);
    let areas = [("full", [104.9, 21.9, EDGES[0], 22.2]), ("marginal", [EDGES[0], 21.9, EDGES[1], 22.2])];
    world.layer(CoverageSource::Declared, Some("2026-01-01"), &areas);
    world
}

fn index(contradiction: &Contradiction) -> String {
    match &contradiction.place {
        ContradictionPlace::Hexagon { index, .. } => index.clone(),
        ContradictionPlace::Settlement { settlement, .. } => settlement.to_string(),
    }
}

#[test]
fn planted_contradictions_are_found_and_no_others() {
    let (tests, expected) = planted();
    let mut world = world();
    world.drive("drive.gpx", gpx(&tests));
    let found = world.coverage().contradictions;
    let summed: Expected =
        found.iter().map(|c| ((index(c), c.claimed), (c.measured.class, c.measured.count))).collect();
    assert_eq!(summed, expected);
    assert_eq!(found.len(), expected.len());
    let ids: BTreeSet<&str> = found.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids.len(), found.len(), "ids are unique");
    for contradiction in &found {
        assert_eq!(contradiction.operator.as_str(), "viettel");
        assert_eq!(
            (contradiction.source, contradiction.valid_on.as_deref()),
            (CoverageSource::Declared, Some("2026-01-01"))
        );
        assert_eq!(contradiction.tests.len() as u64 + contradiction.untold, contradiction.measured.count);
        let ContradictionPlace::Hexagon { boundary, .. } = &contradiction.place else { panic!("{contradiction:?}") };
        assert_eq!((boundary.len(), boundary[0]), (7, boundary[6]));
        for test in &contradiction.tests {
            assert_eq!(hexagon(test.position.lon, test.position.lat), index(contradiction));
            assert!(test.place.starts_with("point ") && test.dataset == "drive.gpx", "{test:?}");
        }
        let west = boundary[0][0] < EDGES[0] - 0.005;
        let east = boundary[0][0] > EDGES[0] + 0.005;
        match contradiction.commune.as_ref().map(|code| code.as_str()) {
            Some("00001") => assert!(!east),
            Some("00002") => assert!(!west),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_numbers_behind_a_contradiction_are_those_of_its_tests() {
    let mut world = world();
    // Around one place, at ten levels; two of them without network.
    let levels = [Some(-90.0), None, Some(-118.0), Some(-117.0), Some(-116.0), Some(-119.0), None, Some(-110.0)];
    let test = |(step, dbm): (i64, Option<f64>)| Test {
        lon: 105.02 + 0.0001 * step as f64,
        lat: 22.02,
        ago_s: 1000 - step,
        dbm,
        accuracy_m: 49.9,
    };
    let tests: Vec<Test> = (0..).zip(levels).map(test).collect();
    world.drive("few.gpx", gpx(&tests));
    let found = world.coverage().contradictions;
    let [only] = found.as_slice() else { panic!("{found:?}") };
    let measured = &only.measured;
    assert_eq!((measured.class, measured.median_dbm), (Signal::None, Some(-118.0)));
    assert_eq!((measured.count, measured.without_network, measured.none, measured.below_full), (8, 2, 6, 7));
    assert_eq!((measured.p10_dbm, measured.p90_dbm), (None, Some(-90.0)));
    assert_eq!(measured.last.since(measured.first).0, 7000);
    let told: Vec<Option<f64>> = only.tests.iter().map(|test| test.dbm).collect();
    assert_eq!(told, levels, "by time");
}

#[test]
fn many_tests_are_counted_and_few_listed() {
    let mut world = world();
    let test = |step: i64| Test { lon: 105.02, lat: 22.02, ago_s: 1000 - step, dbm: None, accuracy_m: 3.0 };
    world.drive("standing.gpx", gpx(&(0..100).map(test).collect::<Vec<_>>()));
    let found = world.coverage().contradictions;
    assert_eq!((found.len(), found[0].tests.len(), found[0].untold, found[0].measured.count), (1, 20, 80, 100));
    assert_eq!((found[0].tests[0].at, found[0].tests[19].at), (found[0].measured.first, found[0].measured.last));
}

#[test]
fn a_settlement_is_judged_by_the_tests_around_it() {
    let mut world = world();
    // Two tests in each of three hexagons, which are too few for a hexagon; all are within 300 m of the centre.
    let corner = LatLng::new(22.02, 105.02).expect("a place").to_cell(Resolution::Nine).boundary()[0];
    let (lon, lat) = (corner.lng(), corner.lat());
    let around = (0..6).map(|step| {
        let angle = f64::from(step) * std::f64::consts::TAU / 6.0 + 0.3;
        (lon + 0.0012 * angle.cos(), lat + 0.0012 * angle.sin())
    });
    let mut tests: Vec<Test> = (1..)
        .zip(around)
        .map(|(step, (lon, lat))| Test { lon, lat, ago_s: step, dbm: None, accuracy_m: 3.0 })
        .collect();
    let hexagons: BTreeSet<String> = tests.iter().map(|test| hexagon(test.lon, test.lat)).collect();
    assert_eq!(hexagons.len(), 3);
    // 400 m away there is signal, of which the settlement has nothing.
    tests.extend((0..20).map(|step| Test {
        lon: lon + 0.0039,
        lat,
        ago_s: 100 + step,
        dbm: Some(-80.0),
        accuracy_m: 3.0,
    }));
    world.settle("thon-1", "00001", lon, lat);
    // A village at the edge: all its tests are beyond it, where nobody claims anything.
    world.settle("thon-2", "00002", EDGES[1] - 0.001, 22.02);
    tests.extend((0..20).map(|step| Test {
        lon: EDGES[1] + 0.001,
        lat: 22.02,
        ago_s: 200 + step,
        dbm: None,
        accuracy_m: 3.0,
    }));
    world.drive("villages.gpx", gpx(&tests));
    let found = world.coverage().contradictions;
    let [only] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((index(only).as_str(), only.claimed, only.measured.class), ("thon-1", Signal::Full, Signal::None));
    assert_eq!((only.measured.count, only.measured.median_dbm), (6, None));
    assert_eq!(only.commune.as_ref().map(|code| code.as_str()), Some("00001"));
}

#[test]
fn the_order_of_files_shows_nowhere() {
    let (tests, _) = planted();
    let (one, other) = tests.split_at(tests.len() / 3);
    let text = |names: [&str; 3]| {
        let mut world = world();
        for name in names {
            match name {
                "one.gpx" => world.drive(name, gpx(one)),
                // The same drive again, handed in by somebody else.
                "two.gpx" | "two-again.gpx" => world.drive(name, gpx(other)),
                _ => panic!("{name}"),
            }
        }
        serde_json::to_string(&world.coverage().contradictions).expect("JSON")
    };
    let first = text(["one.gpx", "two.gpx", "two-again.gpx"]);
    assert!(first == text(["two-again.gpx", "two.gpx", "one.gpx"]), "the order of files shows");
    assert!(first.contains("point ") && !first.contains("\"two.gpx\""), "a drive handed in twice counts once");
}

#[test]
fn a_layer_is_judged_by_tests_of_its_time() {
    let ago = |days: i64, valid_on: Option<&str>| {
        let mut world = World::new(&[("00001", [105.0, 22.0, 105.1, 22.06])]);
        world.layer(CoverageSource::Modelled, valid_on, &[("full", [104.9, 21.9, 105.2, 22.2])]);
        let test = |step| Test { lon: 105.02, lat: 22.02, ago_s: days * DAY + step, dbm: None, accuracy_m: 3.0 };
        world.drive("drive.gpx", gpx(&(0..5).map(test).collect::<Vec<_>>()));
        world.coverage().contradictions.len()
    };
    assert_eq!([ago(700, None), ago(731, None)], [1, 0]);
    // 1 June 2025 is a year before.
    assert_eq!([ago(1000, Some("2025-06-01")), ago(1100, Some("2025-06-01"))], [1, 0]);
}

#[test]
fn layers_of_others_and_measured_ones_contradict_nothing() {
    let mut world = World::new(&[("00001", [105.0, 22.0, 105.1, 22.06])]);
    world.layer(CoverageSource::Measured, None, &[("full", [104.9, 21.9, 105.2, 22.2])]);
    let test = |step| Test { lon: 105.02, lat: 22.02, ago_s: step, dbm: None, accuracy_m: 3.0 };
    world.drive("drive.gpx", gpx(&(0..5).map(test).collect::<Vec<_>>()));
    assert!(world.coverage().contradictions.is_empty());
}
