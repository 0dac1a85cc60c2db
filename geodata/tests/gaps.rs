//! Gaps over time, and what officers are told of each.
#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite")]

use std::{fs, path::Path};

use phusong_geodata::Geodata;
use phusong_model::{
    Commune, CoverageGap, CoverageSource, Grade, GridPower, Inventory, LonLat, PeopleBase, PowerCounts, Settlement,
    Site, SiteKind, Technology, UtcMs,
    config::{GeodataConfig, LayerConfig},
};

/// West, south, east and north in hundredths of a degree from 105° E, 22° N.
type Box4 = [f64; 4];

fn feature(properties: &str, [w, s, e, n]: Box4) -> String {
    let at = |x: f64, y: f64| format!("[{:.12},{:.12}]", 105.0 + x / 100.0, 22.0 + y / 100.0);
    let ring = [at(w, s), at(e, s), at(e, n), at(w, n), at(w, s)].join(",");
    format!(
        r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#
    )
}

fn write(path: &Path, features: &[String]) {
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    fs::write(path, text).expect("file");
}

fn village(id: &str, x: f64, y: f64, people: u64, power: GridPower) -> Settlement {
    Settlement {
        id: id.parse().expect("id"),
        name: id.to_owned(),
        commune: "00001".parse().expect("code"),
        at: LonLat { lon: 105.0 + x / 100.0, lat: 22.0 + y / 100.0 },
        people: Some(people),
        households: Some(people / 4),
        power,
        clusters: Vec::new(),
    }
}

fn inventory(settlements: Vec<Settlement>) -> Inventory {
    let commune = Commune::new("00001".parse().expect("code"), "Nà Hang".to_owned());
    Inventory { communes: vec![commune], settlements, ..Inventory::default() }
}

const FULL: &str = r#"{"operator":"viettel","technology":"4G"}"#;
const MARGINAL: &str = r#"{"operator":"viettel","technology":"4G","class":"marginal"}"#;

/// The gaps of at least 4G in a commune of 10 by 10 where there is signal in these boxes.
fn gaps(signal: &[Box4], inventory: &Inventory, previous: &[CoverageGap], at: i64) -> Vec<CoverageGap> {
    let areas: Vec<String> = signal.iter().map(|area| feature(FULL, *area)).collect();
    under(&areas, inventory, previous, at)
}

/// The same where signal is full in the first box and marginal in the others.
fn with_marginal(
    full: Box4,
    marginal: &[Box4],
    inventory: &Inventory,
    previous: &[CoverageGap],
    at: i64,
) -> Vec<CoverageGap> {
    let weak = marginal.iter().map(|area| feature(MARGINAL, *area));
    let areas: Vec<String> = std::iter::once(feature(FULL, full)).chain(weak).collect();
    under(&areas, inventory, previous, at)
}

/// The gaps of at least 4G in a commune of 10 by 10 under a layer of these features.
fn under(areas: &[String], inventory: &Inventory, previous: &[CoverageGap], at: i64) -> Vec<CoverageGap> {
    let folder = tempfile::tempdir().expect("folder");
    let (communes, layer) = (folder.path().join("communes.geojson"), folder.path().join("layer.geojson"));
    write(&communes, &[feature(r#"{"code":"00001"}"#, [0.0, 0.0, 10.0, 10.0])]);
    write(&layer, areas);
    let config = GeodataConfig {
        communes: Some(communes),
        layer: vec![LayerConfig::new(layer, CoverageSource::Declared)],
        ..GeodataConfig::default()
    };
    let geodata = Geodata::read(&config, inventory).unwrap_or_else(|faults| panic!("{faults}"));
    let all = geodata.coverage(inventory, previous, UtcMs(at)).gaps;
    all.into_iter().filter(|gap| gap.technology == Technology::G4).collect()
}

#[test]
fn a_settlement_with_patchy_signal_is_a_gap_of_its_own_that_keeps_its_id() {
    let mut inventory = inventory(vec![
        village("strong", 1.0, 1.0, 500, GridPower::Yes),
        village("weak-b", 8.0, 2.0, 60, GridPower::No),
        village("weak-a", 7.0, 1.0, 40, GridPower::Yes),
        village("without", 9.0, 9.0, 8, GridPower::Unknown),
    ]);
    let compute = |inventory: &Inventory, previous: &[CoverageGap], at| {
        with_marginal([0.0, 0.0, 5.0, 8.0], &[[5.0, 0.0, 10.0, 8.0]], inventory, previous, at)
    };
    let first = compute(&inventory, &[], 1000);
    let told = |gap: &CoverageGap| (gap.grade, gap.settlements.iter().map(ToString::to_string).collect::<Vec<_>>());
    let expected = [(Grade::None, "without"), (Grade::Patchy, "weak-a"), (Grade::Patchy, "weak-b")];
    let expected = expected.map(|(grade, name)| (grade, vec![name.to_owned()]));
    assert_eq!(first.iter().map(told).collect::<Vec<_>>(), expected);
    let patchy = &first[2];
    assert_eq!((patchy.people, patchy.people_base, patchy.households), (Some(60), PeopleBase::Settlements, Some(15)));
    assert_eq!((patchy.power, patchy.area_km2), (PowerCounts { yes: 0, no: 1, unknown: 0 }, 0.0));
    assert_eq!((patchy.at, patchy.polygon.len()), (inventory.settlements[1].at, 0));

    // It stays the same when its centre moves and others come and go, in whatever order they are.
    inventory.settlements[1].at.lon += 0.01;
    inventory.settlements.remove(2);
    inventory.settlements.reverse();
    let again = compute(&inventory, &first, 2000);
    let patchy_again = again.iter().find(|gap| gap.grade == Grade::Patchy).expect("a patchy one");
    assert_eq!((&patchy_again.id, patchy_again.first_seen), (&patchy.id, UtcMs(1000)));
    assert_eq!((patchy_again.last_seen, again.len()), (Some(UtcMs(2000)), 2));

    // Where all signal fails, it is another gap, seen for the first time; so is what is patchy again after that.
    let dark = with_marginal([0.0, 0.0, 5.0, 8.0], &[], &inventory, &again, 3000);
    let now = dark.iter().find(|gap| gap.settlements.iter().any(|id| id.as_str() == "weak-b")).expect("a gap");
    assert!(now.grade == Grade::None && now.id != patchy.id);
    let back = compute(&inventory, &dark, 4000);
    let patchy_back = back.iter().find(|gap| gap.grade == Grade::Patchy).expect("a patchy one");
    assert_eq!((&patchy_back.id, patchy_back.first_seen), (&patchy.id, UtcMs(4000)));
}

/// A strip of signal from north to south that parts the commune, its western edge at `x`.
fn strip(x: f64) -> Box4 {
    [x, 0.0, x + 2.0, 10.0]
}

#[test]
fn an_id_stays_when_the_footprint_moves_and_its_digits_change() {
    let inventory = inventory(Vec::new());
    let first = gaps(&[strip(5.0)], &inventory, &[], 1000);
    assert_eq!(first.len(), 2);
    for x in [5.0, 5.000_000_001, 4.0, 6.5] {
        let mut previous = first.clone();
        for _ in 0..2 {
            let moved = gaps(&[strip(x)], &inventory, &previous, 2000);
            // West is the one whose inner point is west; its size may be the smaller or the larger one.
            let west = |gaps: &[CoverageGap]| {
                let west = gaps.iter().min_by(|a, b| a.at.lon.total_cmp(&b.at.lon));
                west.map(|gap| (gap.id.clone(), gap.first_seen)).expect("two gaps")
            };
            assert_eq!(west(&moved), west(&first), "{x}");
            assert!(moved.iter().all(|gap| gap.first_seen == UtcMs(1000) && gap.last_seen == Some(UtcMs(2000))));
            previous.reverse();
        }
    }
}

#[test]
fn the_largest_piece_keeps_the_id_and_what_grows_together_has_one() {
    let inventory = inventory(Vec::new());
    let whole = gaps(&[[0.0, 0.0, 10.0, 1.0]], &inventory, &[], 1000);
    let split = gaps(&[[0.0, 0.0, 10.0, 1.0], strip(6.0)], &inventory, &whole, 2000);
    let told = |gaps: &[CoverageGap]| gaps.iter().map(|gap| (gap.id.clone(), gap.first_seen.0)).collect::<Vec<_>>();
    assert_eq!((whole.len(), split.len()), (1, 2));
    assert_eq!(told(&split)[0], (whole[0].id.clone(), 1000), "the western piece is three times as large");
    assert!(split[1].id != whole[0].id && split[1].first_seen == UtcMs(2000));
    let merged = gaps(&[[0.0, 0.0, 10.0, 1.0]], &inventory, &split, 3000);
    assert_eq!(told(&merged), told(&whole));
    // What comes where nothing of the old was is new, even in the cell that gave the old its id.
    let mut elsewhere = whole.clone();
    elsewhere[0].polygon = vec![vec![vec![[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 1.0]]]];
    let new = gaps(&[[0.0, 0.0, 10.0, 1.0]], &inventory, &elsewhere, 4000);
    assert!(new[0].id != whole[0].id && new[0].first_seen == UtcMs(4000));
}

#[test]
fn the_same_settlements_make_the_same_gap_wherever_its_ground_was() {
    let inventory = inventory(vec![village("a", 9.0, 9.0, 40, GridPower::No)]);
    let mut before = gaps(&[[0.0, 0.0, 10.0, 8.0]], &inventory, &[], 1000);
    before[0].polygon = Vec::new();
    let after = gaps(&[[0.0, 0.0, 10.0, 8.5]], &inventory, &before, 2000);
    assert_eq!((after[0].id.as_str(), after[0].first_seen), (before[0].id.as_str(), UtcMs(1000)));
}

#[test]
fn a_gap_says_who_lives_there_and_which_sites_are_near() {
    let mut inventory = inventory(vec![
        village("a", 9.0, 9.0, 40, GridPower::No),
        village("b", 9.5, 9.0, 60, GridPower::Yes),
        village("c", 9.5, 9.5, 8, GridPower::Unknown),
        village("with-signal", 1.0, 1.0, 500, GridPower::Yes),
    ]);
    let site = |id: &str, operator: &str, x: f64| Site {
        id: id.parse().expect("id"),
        kind: SiteKind::Bts,
        name: id.to_owned(),
        commune: None,
        operator: Some(operator.parse().expect("operator")),
        at: Some(LonLat { lon: 105.0 + x / 100.0, lat: 22.05 }),
        backhaul: Vec::new(),
        reported: None,
    };
    inventory.sites = vec![site("n", "vnpt", 1.0), site("v", "viettel", 5.0), site("v-far", "viettel", 90.0)];
    let [gap] = gaps(&[[0.0, 0.0, 10.0, 8.0]], &inventory, &[], 1000).try_into().expect("one gap");
    assert_eq!((gap.people, gap.people_base, gap.households), (Some(108), PeopleBase::Settlements, Some(27)));
    assert_eq!(gap.power, PowerCounts { yes: 1, no: 1, unknown: 1 });
    let sites: Vec<&str> = gap.nearest.iter().map(|near| near.site.as_str()).collect();
    assert_eq!(sites, ["v", "n"]);
    assert!(gap.nearest[0].distance_m < gap.nearest[1].distance_m);
    assert!(gap.nearest.iter().all(|near| (90.0..270.0).contains(&near.azimuth_deg)), "both are in the south");
    // A stored gap of an older program has none of it and is read all the same.
    let mut stored = serde_json::to_value(&gap).expect("JSON");
    for key in ["grade", "last_seen", "people", "people_base", "households", "power", "nearest"] {
        assert!(stored.as_object_mut().is_some_and(|gap| gap.remove(key).is_some()), "{key}");
    }
    let older: CoverageGap = serde_json::from_value(stored).expect("an older gap");
    assert_eq!((older.id, older.grade, older.last_seen, older.people), (gap.id, Grade::None, None, None));

    inventory.settlements.reverse();
    inventory.sites.reverse();
    let turned = gaps(&[[0.0, 0.0, 10.0, 8.0]], &inventory, &[], 1000);
    assert_eq!(serde_json::to_string(&turned[0].nearest).ok(), serde_json::to_string(&gap.nearest).ok());
    assert_eq!((turned[0].people, &turned[0].settlements), (gap.people, &gap.settlements));
}
