//! Files that are sound in themselves and lie in the wrong place.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{fs, path::PathBuf};

use phusong_geodata::Geodata;
use phusong_model::{
    Commune, CoverageSource, Dataset, DatasetKind, DatasetName, ImportOptions, Inventory, LonLat, config::GeodataConfig,
};
use tempfile::TempDir;

/// Two communes side by side, a tenth of a degree wide, with label points in their middle.
fn inventory() -> Inventory {
    let commune = |code: &str, lon: f64| Commune {
        label: Some(LonLat { lon, lat: 22.05 }),
        ..Commune::new(code.parse().expect("code"), String::new())
    };
    Inventory { communes: vec![commune("00001", 105.05), commune("00002", 105.15)], ..Inventory::default() }
}

fn square(properties: &str, west: f64, south: f64) -> String {
    let (east, north) = (west + 0.1, south + 0.1);
    let ring = format!("[[[{west},{south}],[{east},{south}],[{east},{north}],[{west},{north}],[{west},{south}]]]");
    format!(
        "{{\"type\":\"Feature\",\"properties\":{{{properties}}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":{ring}}}}}"
    )
}

fn commune(code: &str, west: f64) -> String {
    square(&format!("\"code\":\"{code}\""), west, 22.0)
}

fn area(west: f64, south: f64) -> String {
    square("\"operator\":\"viettel\",\"technology\":\"4G\"", west, south)
}

/// What is wrong with files that are imported together.
fn faults(files: &[(DatasetKind, &[String])]) -> Vec<String> {
    let folder = TempDir::new().expect("folder");
    let datasets: Vec<Dataset> = files
        .iter()
        .map(|(kind, features)| {
            let path = folder.path().join(kind.id());
            fs::write(&path, format!("{{\"type\":\"FeatureCollection\",\"features\":[{}]}}", features.join(",")))
                .expect("file");
            let options = ImportOptions { source: Some(CoverageSource::Declared), ..ImportOptions::default() };
            Dataset { kind: *kind, name: kind.id().to_owned(), shown: PathBuf::from(kind.id()), path, options }
        })
        .collect();
    let new: Vec<DatasetName> = datasets.iter().map(Dataset::dataset_name).collect();
    match Geodata::examine(&datasets, &new, &GeodataConfig::default(), &inventory()) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.0.into_iter().map(|fault| format!("{}: {}", fault.message, fault.hint)).collect(),
    }
}

fn boundaries(features: &[String]) -> Vec<String> {
    faults(&[(DatasetKind::Boundaries, features)])
}

fn assert_told(faults: &[String], told: &[&[&str]]) {
    assert_eq!(faults.len(), told.len(), "{faults:#?}");
    for (fault, words) in faults.iter().zip(told) {
        assert!(words.iter().all(|word| fault.contains(word)), "{fault}: {words:?}");
    }
}

#[test]
fn boundaries_lie_around_the_label_points_of_their_communes() {
    assert_told(&boundaries(&[commune("00001", 105.0), commune("00002", 105.1)]), &[]);
    // Half a kilometre beside is a label put down by hand.
    assert_told(&boundaries(&[commune("00001", 105.055), commune("00002", 105.155)]), &[]);
    let exchanged = boundaries(&[commune("00002", 105.0), commune("00001", 105.1)]);
    let words: &[&[&str]] = &[
        &["label point of commune 00001 lies in the polygon of 00002, 5.1 km outside", "codes of the two"],
        &["label point of commune 00002 lies in the polygon of 00001, 5.1 km outside", "communes.csv"],
    ];
    assert_told(&exchanged, words);
    let shifted = boundaries(&[commune("00001", 106.0), commune("00002", 106.1)]);
    let words: &[&[&str]] = &[
        &["label point of commune 00001 lies in no polygon, 97.6 km outside", "coordinate system"],
        &["label point of commune 00002 lies in no polygon", "WGS 84"],
    ];
    assert_told(&shifted, words);
}

#[test]
fn a_polygon_written_twice_is_not_two_communes() {
    let twice = boundaries(&[commune("00001", 105.0), commune("00002", 105.0)]);
    let words: &[&[&str]] = &[
        &["label point of commune 00002 lies in no polygon"],
        &["communes 00001 and 00002 have", "in common", "written twice"],
    ];
    assert_told(&twice, words);
}

#[test]
fn a_layer_has_areas_and_lies_over_the_province() {
    let both = [commune("00001", 105.0), commune("00002", 105.1)];
    let layer = |areas: &[String]| faults(&[(DatasetKind::Boundaries, &both), (DatasetKind::Layer, areas)]);
    assert_told(&layer(&[area(105.15, 22.05)]), &[]);
    assert_told(&layer(&[area(105.15, 22.05), area(108.0, 12.0)]), &[]);
    assert_told(&layer(&[area(108.0, 12.0)]), &[&["none of its areas lies over a commune"]]);
    assert_told(&layer(&[]), &[&["a layer without an area", "each a feature"]]);
}

/// Points at random: their edges cross one another some seventeen million times, which no overlay lives through.
#[test]
fn a_tangle_is_refused_before_anything_is_laid_over_it() {
    let mut random = 1_u64;
    let mut next = || {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as f64 / f64::from(u32::MAX) * 0.2
    };
    let points: Vec<String> = (0..10_000).map(|_| format!("[{},{}]", 105.0 + next(), 22.0 + next())).collect();
    let ring = format!("[[{},{}]]", points.join(","), points[0]);
    let tangle = |properties: &str| {
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{{properties}}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":{ring}}}}}"
        )
    };
    let words: &[&[&str]] = &[&["feature", "edges cross or meet one another more than 100000 times", "makevalid"]];
    let boundary = [tangle("\"code\":\"00001\""), commune("00002", 105.1)];
    assert_told(&boundaries(&boundary), words);
    let both = [commune("00001", 105.0), commune("00002", 105.1)];
    let layer = [tangle("\"operator\":\"viettel\",\"technology\":\"4G\"")];
    assert_told(&faults(&[(DatasetKind::Boundaries, &both), (DatasetKind::Layer, &layer)]), words);
}
