//! Files as they go wrong: each is refused with what is wrong, where, and what to do.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod told;

use std::{fs, path::PathBuf};

use phusong_geodata::Geodata;
use phusong_model::{
    Commune, CoverageSource, Fault, Inventory,
    config::{GeodataConfig, LayerConfig},
};
use tempfile::TempDir;

const SQUARE: &str = "[[[105,22],[106,22],[106,23],[105,22]]]";

fn inventory() -> Inventory {
    let commune = |code: &str| Commune::new(code.parse().expect("code"), String::new());
    Inventory { communes: vec![commune("00001")], ..Inventory::default() }
}

fn file(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("file");
    path
}

/// A collection with one sound feature in front, so that faults are of feature 2.
fn second(feature: &str) -> String {
    let first = feature_of(r#"{"code":"00001","operator":"viettel","radio":"LTE"}"#, "Polygon", SQUARE);
    format!("{{\"type\":\"FeatureCollection\",\n\"features\":[{first},\n{feature}]}}")
}

fn feature_of(properties: &str, kind: &str, coordinates: &str) -> String {
    let geometry = format!(r#"{{"type":"{kind}","coordinates":{coordinates}}}"#);
    format!(r#"{{"type":"Feature","properties":{properties},"geometry":{geometry}}}"#)
}

fn layer_faults(text: impl AsRef<[u8]>) -> Vec<Fault> {
    let folder = tempfile::tempdir().expect("folder");
    let boundary = second(&feature_of(r#"{"code":"00002"}"#, "Polygon", SQUARE));
    let config = GeodataConfig {
        communes: Some(file(&folder, "communes.geojson", boundary)),
        layer: vec![LayerConfig::new(file(&folder, "layer.geojson", text), CoverageSource::Declared)],
        ..GeodataConfig::default()
    };
    told::told(Geodata::read(&config, &inventory()).map_err(|faults| faults.0)).err().unwrap_or_default()
}

fn boundary_faults(text: &str) -> Vec<Fault> {
    let folder = tempfile::tempdir().expect("folder");
    let config = GeodataConfig {
        communes: Some(file(&folder, "communes.geojson", text)),
        layer: Vec::new(),
        ..GeodataConfig::default()
    };
    told::told(Geodata::read(&config, &inventory()).map_err(|faults| faults.0)).err().unwrap_or_default()
}

/// The one fault, with what it must say; a hint is always there.
fn assert_fault(faults: &[Fault], line: Option<u64>, message: &str, hint: &str) {
    let [fault] = faults else { panic!("expected one fault about {message:?}, not {faults:?}") };
    assert!(fault.message.contains(message), "{fault}");
    assert!(fault.hint.contains(hint), "{fault}");
    assert!(!fault.hint.is_empty());
    assert_eq!(fault.line, line, "{fault}");
}

#[test]
fn wrong_geometry_names_the_feature_the_polygon_and_the_ring() {
    let ring = |positions: &str| format!("[[{positions}]]");
    let cases = [
        (
            "[[[22.1,105.2],[22.2,105.2],[22.2,105.3],[22.1,105.2]]]",
            "feature 2: polygon 1, ring 1: position [22.1, 105.2]",
            "swapped",
        ),
        (
            "[[[417483.7,2450382.3],[417583.7,2450382.3],[417483.7,2450482.3],[417483.7,2450382.3]]]",
            "feature 2: polygon 1, ring 1: position [417483.7, 2450382.3]",
            "VN-2000",
        ),
        ("[[[105,22],[106,22]]]", "ring 1: 2 positions", "draw it again"),
        ("[[]]", "ring 1: 0 positions", "draw it again"),
        ("[]", "polygon 1 has no ring", "[longitude, latitude]"),
        ("[[[105,22],[106,22],[106,23],[105,23]]]", "not closed", "repeat the first position"),
        ("[[[105,22],[106,22],[105,22],[105,22]]]", "encloses no area", "repair"),
        ("[[[105,22],[105,22],[105,22],[105,22]]]", "encloses no area", "repair"),
        ("[[[-179,22],[179,22],[179,23],[-179,22]]]", "more than 180 degrees", "antimeridian"),
        ("[[[105],[106,22],[106,23],[105,22]]]", "coordinates: invalid length 1", "[longitude, latitude]"),
        ("[[[105,\"22\"],[106,22],[106,23],[105,22]]]", "coordinates: invalid type: string", "[longitude, latitude]"),
        ("[[[105,null],[106,22],[106,23],[105,22]]]", "coordinates: invalid type: null", "[longitude, latitude]"),
        ("[105,22]", "coordinates: invalid type", "[longitude, latitude]"),
        ("[[[[105,22],[106,22],[106,23],[105,22]]]]", "coordinates: invalid type", "[longitude, latitude]"),
        ("{}", "coordinates: invalid type: map", "[longitude, latitude]"),
        ("null", "coordinates: invalid type: null", "[longitude, latitude]"),
        ("[[[1e999,22],[106,22],[106,23],[105,22]]]", "number out of range", "[longitude, latitude]"),
        (&ring("[105,22,1],[106,22,1],[106,91,1],[105,22,1]"), "position [106, 91]", "latitude -90 to 90"),
        (&format!("{},[[[105.1,22.1]]]]", &SQUARE[..SQUARE.len() - 1]), "coordinates: invalid type", ""),
        (&format!("{},[[105.1,22.1]]]", &SQUARE[..SQUARE.len() - 1]), "polygon 1, ring 2: 1 positions", ""),
    ];
    for (coordinates, message, hint) in cases {
        let text = second(&feature_of(r#"{"operator":"viettel","radio":"LTE"}"#, "Polygon", coordinates));
        assert_fault(&layer_faults(text), Some(3), message, hint);
    }
}

#[test]
fn only_areas_are_taken() {
    let cases = [
        feature_of("{}", "Point", "[105,22]"),
        feature_of("{}", "MultiPoint", "[[105,22],[106,22]]"),
        feature_of("{}", "LineString", "[[105,22],[106,22]]"),
        r#"{"type":"Feature","properties":{},"geometry":{"type":"GeometryCollection","geometries":[{"type":"GeometryCollection","geometries":[]}]}}"#.to_owned(),
    ];
    for feature in cases {
        assert_fault(&layer_faults(second(&feature)), Some(3), "feature 2: its geometry is ", "MultiPolygon");
    }
    let without = r#"{"type":"Feature","properties":{"operator":"viettel","radio":"LTE"},"geometry":null}"#;
    assert_fault(&layer_faults(second(without)), Some(3), "feature 2: no geometry", "remove the feature");
    let untyped = r#"{"type":"Feature","properties":{},"geometry":{"coordinates":[]}}"#;
    assert_fault(&layer_faults(second(untyped)), Some(3), "no type", "MultiPolygon");
    assert_fault(&layer_faults(second(r#"{"type":"Polygon"}"#)), Some(3), "not Feature", "ogr2ogr");
    assert_fault(&layer_faults(second("[1,2]")), Some(3), "feature 2: invalid", "a feature has");
}

#[test]
fn an_empty_layer_covers_nothing_and_is_no_fault() {
    let empty = feature_of(r#"{"operator":"viettel","radio":"LTE"}"#, "MultiPolygon", "[]");
    assert_eq!(layer_faults(second(&empty)), []);
}

#[test]
fn wrong_properties_name_the_property() {
    let cases = [
        (r#"{"radio":"LTE"}"#, "feature 2: no operator", "property operator"),
        (r#"{"operator":"viettel"}"#, "feature 2: no technology", "property technology"),
        (r#"{"operator":"viettel","radio":"6G"}"#, "technology \"6G\" is not known", "2G to 5G"),
        (r#"{"operator":"Vietnam Mobile","radio":"LTE"}"#, "operator: ' ' cannot be part of an id", "operator"),
        (r#"{"operator":4,"radio":"LTE"}"#, "invalid type: integer `4`", "are texts"),
        (r#"{"operator":"viettel","radio":"LTE","class":"good"}"#, "unknown variant `good`", "full or marginal"),
        (r#"{"operator":"viettel","radio":"LTE","valid_on":"1/7/2025"}"#, "\"1/7/2025\" is not a date", "YYYY-MM-DD"),
        (r#"{"operator":"a","operator":"b","radio":"LTE"}"#, "duplicate field `operator`", "texts"),
        ("[]", "feature 2: no operator", ""),
    ];
    for (properties, message, hint) in cases {
        let faults = layer_faults(second(&feature_of(properties, "Polygon", SQUARE)));
        if properties != "[]" {
            assert_fault(&faults, Some(3), message, hint);
        } else {
            assert_eq!(faults.len(), 1, "{faults:?}");
        }
    }
}

#[test]
fn what_is_not_geojson_is_said_to_be_so() {
    let nested = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, "[".repeat(100_000));
    let deep = second(&feature_of(r#"{"operator":"viettel","radio":"LTE"}"#, "Polygon", &"[".repeat(40)));
    let cases: Vec<(Vec<u8>, Option<u64>, &str, &str)> = vec![
        (b"".to_vec(), Some(1), "not readable as GeoJSON", "export it again"),
        (b"PK\x03\x04\xff\xfe".to_vec(), None, "not readable as an archive", "pack it again"),
        (b"{\n\"x\": \"\xff\"}".to_vec(), None, "not UTF-8 text, first on line 2", "save it as UTF-8"),
        ("\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect(), None, "not UTF-8", "UTF-8"),
        (b"{\"type\":\"FeatureCollection\",\n\"features\":[".to_vec(), Some(2), "EOF", "export"),
        (b"{\"type\":\"FeatureCollection\",\n\"features\":[NaN]}".to_vec(), Some(2), "expected value", "never NaN"),
        (b"{\"type\":\"FeatureCollection\",\"features\":[1,5,[22,3]".to_vec(), Some(1), "EOF", "decimal comma"),
        (b"{\"type\":\"Feature\"}".to_vec(), None, "not a GeoJSON FeatureCollection", "ogr2ogr"),
        (b"{\"type\":\"FeatureCollection\"}".to_vec(), None, "not a GeoJSON FeatureCollection", "ogr2ogr"),
        (b"[]".to_vec(), None, "", ""),
        (b"{\"type\":\"FeatureCollection\",\"features\":{}}".to_vec(), Some(1), "a list of features", "export"),
        (nested.into_bytes(), Some(1), "nested too deeply", "eight levels"),
        (deep.into_bytes(), Some(3), "nested too deeply", "eight levels"),
    ];
    for (text, line, message, hint) in cases {
        let faults = layer_faults(&text);
        if message.is_empty() {
            assert_eq!(faults.len(), 1, "{faults:?}");
        } else {
            assert_fault(&faults, line, message, hint);
        }
    }
}

#[test]
fn a_file_may_name_its_system() {
    let with = |crs: &str, square: &str| {
        let feature = feature_of(r#"{"operator":"viettel","radio":"LTE"}"#, "Polygon", square);
        format!(r#"{{"type":"FeatureCollection","crs":{crs},"features":[{feature}]}}"#)
    };
    let named =
        |name: &str, square: &str| with(&format!(r#"{{"type":"name","properties":{{"name":"{name}"}}}}"#), square);
    for good in ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"] {
        assert_eq!(layer_faults(named(good, SQUARE)), [], "{good}");
    }
    assert_eq!(layer_faults(with("null", SQUARE)), []);
    let metres = "[[[500000,2440000],[510000,2440000],[510000,2450000],[500000,2440000]]]";
    for good in ["urn:ogc:def:crs:EPSG::3405", "EPSG:9211"] {
        assert_eq!(layer_faults(named(good, metres)), [], "{good}");
    }
    let swapped = "[[[2440000,500000],[2440000,510000],[2450000,510000],[2440000,500000]]]";
    let message = "position [2440000, 500000] is not where VN-2000";
    assert_fault(&layer_faults(named("EPSG:3405", swapped)), Some(1), message, "swapped: easting comes first");
    assert_fault(&layer_faults(named("EPSG:3405", SQUARE)), Some(1), "[105, 22] is not where", "seem to be degrees");
    for bad in ["urn:ogc:def:crs:EPSG::3857", "EPSG:1", "WGS 72"] {
        assert_fault(&layer_faults(named(bad, SQUARE)), None, "is not known; known are EPSG:4326", "-t_srs EPSG:4326");
    }
    assert_fault(&layer_faults(with(r#"{"type":"link"}"#, SQUARE)), None, "\"crs\" is not understood", "ogr2ogr");
}

#[test]
fn a_hole_outside_of_its_shell_is_a_fault() {
    let hole = |lon: f64| format!("[[{lon},22.1],[{},22.1],[{lon},22.2],[{lon},22.1]]", lon + 0.1);
    let with = |hole: String| {
        let rings = format!("{},{hole}]", &SQUARE[..SQUARE.len() - 1]);
        layer_faults(second(&feature_of(r#"{"operator":"viettel","radio":"LTE"}"#, "Polygon", &rings)))
    };
    assert_eq!(with(hole(105.5)), []);
    assert_fault(&with(hole(107.0)), Some(3), "feature 2: polygon 1: its hole 1 lies outside", "polygon of its own");
}

#[test]
fn boundaries_are_one_per_commune() {
    let commune = |properties: &str| feature_of(properties, "Polygon", SQUARE);
    assert_fault(
        &boundary_faults(&second(&commune(r#"{"code":"00001"}"#))),
        Some(3),
        "feature 2: commune 00001 was already feature 1",
        "MultiPolygon",
    );
    assert_fault(&boundary_faults(&second(&commune("{}"))), Some(3), "feature 2: no property code", "00691");
    assert_fault(&boundary_faults(&second(&commune(r#"{"code":691}"#))), Some(3), "invalid type: integer", "as text");
    assert_fault(&boundary_faults(&second(&commune(r#"{"code":"691"}"#))), Some(3), "five digits", "as text");
    let empty = feature_of(r#"{"code":"00002"}"#, "MultiPolygon", "[]");
    assert_fault(&boundary_faults(&second(&empty)), Some(3), "the boundary is empty", "at least one polygon");
    let other = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, commune(r#"{"code":"00002"}"#));
    assert_fault(&boundary_faults(&other), None, "no boundary for 1 of 1 communes: 00001", "approximated");
}

#[test]
fn every_fault_of_every_file_is_reported_at_once() {
    let folder = tempfile::tempdir().expect("folder");
    let bad = feature_of(r#"{"operator":"viettel"}"#, "Polygon", SQUARE);
    let many = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, vec![bad.as_str(); 30].join(","));
    let layer = |file| LayerConfig::new(file, CoverageSource::Declared);
    let config = GeodataConfig {
        communes: Some(folder.path().join("absent.geojson")),
        layer: vec![layer(file(&folder, "many.geojson", many)), layer(folder.path().to_owned())],
        ..GeodataConfig::default()
    };
    let faults = Geodata::read(&config, &inventory()).expect_err("faults").0;
    let of = |name: &str| faults.iter().filter(|fault| fault.file.ends_with(name)).count();
    assert_eq!((of("absent.geojson"), of("many.geojson")), (1, 21));
    assert!(faults.iter().any(|fault| fault.message == "and 10 more"));
    assert!(faults.iter().any(|fault| fault.message.contains("not a regular file")));
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let folder = tempfile::tempdir().expect("folder");
    let path = file(&folder, "large.geojson", "");
    // Sparse: it takes no room on the disk.
    fs::File::options().write(true).open(&path).and_then(|f| f.set_len(300 << 20)).expect("size");
    let config = GeodataConfig { communes: Some(path), layer: Vec::new(), ..GeodataConfig::default() };
    let faults = Geodata::read(&config, &inventory()).expect_err("fault").0;
    assert_fault(&faults, None, "larger than 256 MiB", "split it");
}

#[test]
fn a_byte_order_mark_and_unknown_members_are_no_fault() {
    let text = second(&feature_of(r#"{"operator":"Viettel","radio":"nr","mnc":4}"#, "Polygon", SQUARE));
    let text = format!("\u{feff}{}", text.replacen('{', r#"{"name":"x","bbox":[1,2,3,4],"#, 1));
    assert_eq!(layer_faults(text), []);
}
