//! `--geojson`, read back by the reader of our own imports, and `--rank`.

use phusong_geodata::Geodata;
use phusong_model::{
    Commune, CoverageGap, CoverageSource, Inventory, LonLat, Technology, UtcMs,
    answer::{Answer, Body, GapItem, GapRank},
    config::{GeodataConfig, LayerConfig},
};
use serde_json::{Value, json};

use super::{
    Site, contradiction_samples,
    daemon::{Behaviour, Daemon},
    samples,
};

/// A commune of a tenth of a degree.
fn inventory() -> Inventory {
    let commune = Commune::new("00001".parse().expect("code"), "Nà Hang".to_owned());
    Inventory { communes: vec![commune], ..Inventory::default() }
}

/// West, south, east and north in hundredths of a degree from 105° E, 22° N, as a feature.
fn square(properties: &Value, [w, s, e, n]: [f64; 4]) -> Value {
    let at = |x: f64, y: f64| json!([105.0 + x / 100.0, 22.0 + y / 100.0]);
    let ring = [at(w, s), at(e, s), at(e, n), at(w, n), at(w, s)];
    json!({"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}})
}

/// The gaps of at least 4G, and the area with signal in km², under a layer of 4G.
fn computed(site: &Site, layer: &str) -> (Vec<CoverageGap>, f64) {
    let (communes, file) = (site.path("communes.geojson"), site.path("layer.geojson"));
    let boundary = square(&json!({"code": "00001"}), [0.0, 0.0, 10.0, 10.0]);
    let boundaries = json!({"type": "FeatureCollection", "features": [boundary]}).to_string();
    std::fs::write(&communes, boundaries).expect("a file");
    std::fs::write(&file, layer).expect("a file");
    let operator = "viettel".parse().ok();
    let layer = LayerConfig { operator, ..LayerConfig::new(file, CoverageSource::Declared) };
    let config = GeodataConfig { communes: Some(communes), layer: vec![layer], ..GeodataConfig::default() };
    let inventory = inventory();
    let geodata = Geodata::read(&config, &inventory).unwrap_or_else(|faults| panic!("{faults}"));
    let coverage = geodata.coverage(&inventory, &[], UtcMs(1000));
    let figures = coverage.figures.iter().filter(|figure| figure.technology == Technology::G4);
    let with_signal = figures.map(|figure| figure.area_km2.numerator).next().expect("a figure");
    let gaps = coverage.gaps.into_iter().filter(|gap| gap.technology == Technology::G4);
    (gaps.collect(), with_signal)
}

/// What the program writes for an answer, and what it asked the daemon.
fn geojson(site: &Site, answer: &Answer, arguments: &[&str]) -> (String, String) {
    let daemon = Daemon::start(&site.socket(), Behaviour::json(200, answer));
    let outcome = site.phusong(arguments);
    let question = daemon.question();
    assert_eq!((outcome.code, outcome.err.as_str()), (0, ""));
    (outcome.out, question)
}

fn area_km2(gaps: &[CoverageGap]) -> f64 {
    gaps.iter().map(|gap| gap.area_km2).sum()
}

#[test]
fn polygons_of_gaps_come_back_from_geojson_as_they_were() {
    let site = Site::new();
    // Signal in the middle and in a corner: the gap has a hole and a notch, and a strip parts off a second one.
    let areas = [[3.0, 3.0, 5.0, 6.0], [7.0, 0.0, 8.0, 10.0], [0.0, 0.0, 1.0, 1.5]];
    let signal = areas.map(|area| square(&json!({"technology": "4G"}), area));
    let (gaps, with_signal) = computed(&site, &json!({"type": "FeatureCollection", "features": signal}).to_string());
    assert_eq!(gaps.len(), 2);
    let items = gaps.iter().map(|gap| GapItem {
        gap: Some(gap.id.clone()),
        operator: None,
        technology: Some(gap.technology),
        area_km2: Some(gap.area_km2),
        polygon: Some(gap.polygon.clone()),
        ..samples::gaps().remove(1)
    });
    let body = Body::Gaps { items: items.collect(), blind: Vec::new(), ranked_by: GapRank::Score };
    let (text, question) = geojson(&site, &samples::answer(body), &["gaps", "--geojson"]);
    assert!(question.contains("shapes=true"), "{question}");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&document["type"], document.get("crs")), (&json!("FeatureCollection"), None));
    for feature in document["features"].as_array().expect("features") {
        assert_eq!(feature["geometry"]["type"], "MultiPolygon");
        assert_eq!(feature["properties"].get("polygon"), None);
        for ring in feature["geometry"]["coordinates"].as_array().into_iter().flatten().flat_map(Value::as_array) {
            let outward: Vec<bool> = ring.iter().map(runs_counter_clockwise).collect();
            assert!(outward.iter().enumerate().all(|(i, counter)| *counter == (i == 0)), "{outward:?}");
        }
    }
    // As a layer of signal they cover what was a gap, and leave what was covered.
    let (left, covered) = computed(&site, &text);
    assert!((covered / area_km2(&gaps) - 1.0).abs() < 1e-9, "{covered} of {}", area_km2(&gaps));
    assert!((area_km2(&left) / with_signal - 1.0).abs() < 1e-9, "{} of {with_signal}", area_km2(&left));
    assert_eq!(left.len(), areas.len());
}

/// By the shoelace formula, from the ring as it was written.
fn runs_counter_clockwise(ring: &Value) -> bool {
    let corners: Vec<[f64; 2]> = serde_json::from_value(ring.clone()).expect("a ring");
    assert_eq!(corners.first(), corners.last());
    let sides = corners.windows(2);
    let from = corners[0];
    sides
        .map(|side| (side[0][0] - from[0]) * (side[1][1] - from[1]) - (side[1][0] - from[0]) * (side[0][1] - from[1]))
        .sum::<f64>()
        > 0.0
}

#[test]
fn what_is_a_point_is_a_point_and_what_has_no_place_has_no_geometry() {
    let site = Site::new();
    let mut items = samples::gaps();
    items[2].place.at = Some(LonLat { lon: 105.25, lat: 22.5 });
    let answer = samples::answer(Body::Gaps { items, blind: Vec::new(), ranked_by: GapRank::Score });
    let (text, _) = geojson(&site, &answer, &["gaps", "--geojson"]);
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let features = document["features"].as_array().expect("features");
    assert_eq!((&features[0]["id"], &features[0]["geometry"]), (&json!("fibre-02221"), &Value::Null));
    assert_eq!(features[2]["geometry"], json!({"type": "Point", "coordinates": [105.25, 22.5]}));
    assert_eq!(features[2]["properties"]["grade"], "patchy");
    assert_eq!(features[2]["properties"]["rank_by"]["grade_weight"], 0.4);
    // What the answer rests on stands beside the features.
    assert_eq!((&document["schema"], &document["source"]), (&json!("phusong.gaps/1"), &json!("daemon")));
    assert_eq!(document["notices"].as_array().map(Vec::len), Some(2));
}

#[test]
fn contradictions_are_hexagons_and_points() {
    let site = Site::new();
    let answer = samples::answer(Body::Contradictions { items: contradiction_samples::contradictions() });
    let (text, _) = geojson(&site, &answer, &["coverage", "--contradictions", "--geojson"]);
    assert!(!text.contains('\u{1b}'), "a terminal obeys nothing of it");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let features = document["features"].as_array().expect("features");
    let [hexagon, settlement] =
        ["5d6a0c1e9b42", "0b7714aa52cd"].map(|id| features.iter().find(|one| one["id"] == id).expect("a feature"));
    assert_eq!(hexagon["geometry"]["type"], "Polygon");
    assert_eq!(hexagon["geometry"]["coordinates"][0].as_array().map(Vec::len), Some(3));
    assert_eq!(hexagon["properties"]["place"], json!({"kind": "hexagon", "index": "894158aa6afffff"}));
    assert_eq!(settlement["geometry"], json!({"type": "Point", "coordinates": [105.0312, 22.9127]}));
    let alone = site.phusong(&["coverage", "--geojson"]);
    assert!(alone.code == 2 && alone.err.contains("--contradictions"), "{}", alone.err);
}

#[test]
fn one_format_at_a_time() {
    let site = Site::new();
    for other in ["--json", "--csv"] {
        let outcome = site.phusong(&["gaps", "--geojson", other]);
        assert!(outcome.code == 2 && outcome.err.contains("cannot be used with"), "{}", outcome.err);
    }
}

#[test]
fn an_unknown_rank_is_answered_with_those_there_are() {
    let site = Site::new();
    let english = site.phusong(&["gaps", "--rank", "cost"]);
    assert_eq!((english.code, english.out.as_str()), (2, ""));
    let vietnamese = site.phusong(&["gaps", "--rank", "cost", "--lang", "vi"]);
    assert_eq!(vietnamese.code, 2);
    insta::assert_snapshot!(format!("{}{}", english.err, vietnamese.err), @r#"
    error: gaps are not ranked by "cost"
      one of: score, people, households, settlements, area, persistence
    lỗi: không có cách xếp hạng nào là "cost"
      chọn một: score, people, households, settlements, area, persistence
    "#);
    let report: Value = serde_json::from_str(&site.phusong(&["gaps", "--rank", "cost", "--json"]).out).expect("JSON");
    assert_eq!((&report["error"], &report["suggestions"][0]), (&json!("unknown-rank"), &json!("score")));
    let blind = Body::Gaps { items: samples::gaps(), blind: Vec::new(), ranked_by: GapRank::Households };
    let daemon = Daemon::start(&site.socket(), Behaviour::json(200, &samples::answer(blind)));
    assert_eq!(site.phusong(&["gaps", "--rank", "Households"]).code, 0);
    assert!(daemon.question().contains("rank=households"));
}
