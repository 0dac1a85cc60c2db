//! Lists that are points of maps: the same rows, with their places in the file and their position from the geometry.

use phusong_model::{ColumnMapping, DatasetKind, Fault, GridPower, ImportOptions, Technology};

use crate::{
    maps::{Points, WGS84_PRJ, pack},
    world::{accepting, read, settlements, told},
};

/// Three settlements, one of them a cluster of the first.
fn villages() -> Points {
    let row = |texts: [&'static str; 7], at| (texts.to_vec(), Some(at));
    Points {
        // What a shapefile leaves of commune_code, and names that other formats have in full.
        names: vec!["ten_thon", "ma_thon", "commune_co", "so_ho", "dan_so", "dien_luoi", "cum"],
        rows: vec![
            row(["Nà Khá", "s1", "02221", "61", "3.199", "có", ""], [105.34808, 22.62924]),
            row(["", "s1", "", "7", "", "", "Khu trên"], [105.35, 22.63]),
            row(["Thôn 1", "", "02548", "", "250", "không", ""], [105.5, 22.6]),
        ],
    }
}

fn crs(code: &str) -> ImportOptions {
    ImportOptions { crs: Some(code.to_owned()), ..ImportOptions::default() }
}

fn faults(kind: DatasetKind, bytes: &[u8], options: &ImportOptions) -> Vec<Fault> {
    read(kind, bytes, options).err().unwrap_or_default()
}

/// The one fault of a list.
fn fault(kind: DatasetKind, bytes: &[u8], options: &ImportOptions) -> String {
    let faults = faults(kind, bytes, options);
    let [fault] = faults.as_slice() else { panic!("{faults:#?}") };
    format!("{} / {}", fault.message, fault.hint)
}

#[test]
fn points_of_every_format_are_the_same_settlements() {
    let points = villages();
    let kml = points.kml();
    for (format, bytes) in [
        ("GeoJSON", points.geojson()),
        ("GeoPackage", points.geopackage(4326)),
        ("Shapefile", points.shapefile(Some(WGS84_PRJ))),
        ("KML", kml.clone()),
        ("KMZ", pack(&[("doc.kml", &kml)])),
    ] {
        let (settlements, log) = settlements(&bytes, &ImportOptions::default());
        let expected = ["s1 02221 105.3481 22.6292", "02548-thon1 02548 105.5000 22.6000"];
        assert_eq!(told(&settlements), expected, "{format}");
        let counts: Vec<_> = settlements.iter().map(|s| (s.households, s.people, s.power)).collect();
        assert_eq!(counts, [(Some(61), Some(3199), GridPower::Yes), (None, Some(250), GridPower::No)], "{format}");
        let clusters: Vec<_> = settlements[0].clusters.iter().map(|c| (c.at.lon, c.households)).collect();
        assert_eq!(clusters, [(105.35, Some(7))], "{format}");
        assert_eq!((log.read, log.used, log.guesses.len()), (3, 3, 0), "{format}");
    }
}

#[test]
fn values_are_taken_as_they_would_be_typed() {
    let text = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","id":7,"properties":{"Tên thôn (bản)":"Nà Khá","MÃ XÃ":2221,"Dân số":3199.0,"co_dien":true,
            "số hộ":null,"X":1,"Y":2,"kinh độ":"?","ghi chú":["a",{"b":[1]}],"khác":{"a":{"b":1}}},
         "geometry":{"type":"MultiPoint","coordinates":[[105.34808,22.62924,5]]}}]}"#;
    let (settlements, log) = settlements(text, &accepting());
    assert_eq!(told(&settlements), ["02221-nakha 02221 105.3481 22.6292"]);
    let village = &settlements[0];
    assert_eq!((village.people, village.households, village.power), (Some(3199), None, GridPower::Yes));
    // The code lost its zero, as in a spreadsheet.
    assert_eq!((log.guesses.len(), log.guesses[0].place.as_str()), (1, "feature 1"));
}

#[test]
fn a_mapping_file_names_properties_and_words() {
    let points = Points {
        names: vec!["noi", "Thuộc về", "điện"],
        rows: vec![(vec!["Nà Khá", "Nà Hang", "x"], Some([105.35, 22.63]))],
    };
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let mapping = ColumnMapping {
        columns: pairs(&[("name", "Nơi"), ("commune", "thuoc ve")]),
        values: [("power".to_owned(), pairs(&[("X", "yes")]))].into(),
        ..ColumnMapping::default()
    };
    let with = |mapping| ImportOptions { columns: Some(mapping), ..ImportOptions::default() };
    let (settlements, _) = settlements(points.geopackage(4326), &with(mapping.clone()));
    assert_eq!(
        (told(&settlements)[0].as_str(), settlements[0].power),
        ("02221-nakha 02221 105.3500 22.6300", GridPower::Yes)
    );
    for (mapping, expected) in [
        (ColumnMapping { header: Some(2), ..mapping.clone() }, "features have theirs with them / leave out header"),
        (ColumnMapping { sheet: Some("thôn".to_owned()), ..mapping.clone() }, "features have theirs with them"),
        (
            ColumnMapping { columns: pairs(&[("name", "Chỗ")]), ..mapping.clone() },
            "no column \"Chỗ\", which the mapping",
        ),
        (ColumnMapping { columns: pairs(&[("height", "noi")]), ..mapping }, "\"height\", which is no column of ours"),
    ] {
        let told = fault(DatasetKind::Settlements, &points.geojson(), &with(mapping));
        assert!(told.contains(expected), "{told}");
    }
}

/// One settlement of Tân Quang at a place.
fn one(at: [f64; 2]) -> Points {
    Points { names: vec!["name", "commune"], rows: vec![(vec!["Thôn 1", "Tân Quang"], Some(at))] }
}

#[test]
fn metres_are_read_in_the_system_of_the_file_or_in_the_one_that_is_said() {
    let points = one([417_483.759, 2_450_382.337]);
    for (bytes, options) in [
        (points.geopackage(9209), ImportOptions::default()),
        (points.geopackage(9209), crs("EPSG:9209")),
        (points.geopackage(0), crs("9209")),
        (points.geopackage(-1), crs("EPSG:9209")),
        (points.shapefile(None), crs("VN-2000 / TM-3 105-30")),
    ] {
        let (settlements, log) = settlements(&bytes, &options);
        assert_eq!(told(&settlements), ["00691-thon1 00691 104.7019 22.1490"], "{options:?}");
        assert!(log.guesses.is_empty());
    }
    for (bytes, options, expected) in [
        (points.geopackage(9209), crs("EPSG:9211"), "in EPSG:9209 (VN-2000 / TM-3 105-30), but crs says EPSG:9211"),
        (
            points.geopackage(-1),
            ImportOptions::default(),
            "system -1 is not described / say which it is: crs EPSG:9211",
        ),
        (points.geopackage(3857), crs("EPSG:9209"), "\"EPSG:3857\" is not known"),
        (points.shapefile(None), ImportOptions::default(), "no .prj beside it"),
        (points.shapefile(None), crs("EPSG:1"), "\"EPSG:1\" is not known"),
        (points.shapefile(Some(WGS84_PRJ)), crs("EPSG:9209"), "in EPSG:4326 (WGS 84), but crs says EPSG:9209"),
        (
            points.geojson(),
            crs("EPSG:9209"),
            "GeoJSON without a member crs is always in EPSG:4326 (WGS 84), but crs says",
        ),
        (points.kml(), crs("EPSG:9209"), "KML is always in EPSG:4326 (WGS 84), but crs says EPSG:9209"),
        (
            points.kml(),
            crs("EPSG:9209"),
            "leave out crs; where the file is wrong, correct it: ogr2ogr -f GPKG -a_srs EPSG:9209",
        ),
    ] {
        let told = fault(DatasetKind::Settlements, &bytes, &options);
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn one_mistake_that_explains_a_position_is_proposed_and_taken_when_it_may_be() {
    for (bytes, place, reason) in [
        (one([22.15, 104.7]).geojson(), "feature 1", "swapped"),
        (one([22.15, 104.7]).kml(), "placemark 1", "swapped"),
        (one([417_483.759, 2_450_382.337]).geopackage(9211), "table thôn, row 1", "other-zone"),
        (one([2_450_382.337, 417_483.759]).geopackage(9209), "table thôn, row 1", "swapped"),
        (one([417_483.759, 2_450_382.337]).shapefile(Some(WGS84_PRJ)), "record 1", "metres-for-degrees"),
    ] {
        let told = fault(DatasetKind::Settlements, &bytes, &ImportOptions::default());
        assert!(told.contains(&format!("{place}: \"geometry\": 00691-thon1: ")) && told.contains(reason), "{told}");
        assert!(told.contains("--accept-guesses takes it"), "{told}");
        let (settlements, log) = settlements(&bytes, &accepting());
        assert_eq!(settlements[0].commune.as_str(), "00691");
        assert_eq!((log.guesses.len(), log.guesses[0].place.as_str()), (1, place));
    }
}

/// A feature with a geometry.
fn feature(properties: &str, geometry: &str) -> String {
    format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[\n{{\"type\":\"Feature\",\"properties\":{{{properties}}},\"geometry\":\
         {geometry}}}]}}"
    )
}

#[test]
fn a_wrong_feature_is_named_with_its_place_and_what_to_do() {
    let named = r#""name":"A","commune":"02221""#;
    let point = r#"{"type":"Point","coordinates":[105.35,22.63]}"#;
    let geometry = |kind: &str, coordinates: &str| format!(r#"{{"type":"{kind}","coordinates":{coordinates}}}"#);
    let square = "[[[105.3,22.6],[105.4,22.6],[105.4,22.7],[105.3,22.6]]]";
    for (properties, geometry, expected) in [
        (named, geometry("Polygon", square), "its geometry is an area, not a point / give the culture house"),
        (named, geometry("LineString", "[[105.3,22.6],[105.4,22.6]]"), "its geometry is a line, not a point"),
        (named, geometry("MultiPoint", "[[105.3,22.6],[105.4,22.6]]"), "its geometry is 2 points, not one"),
        (named, geometry("MultiPoint", "[]"), "no geometry"),
        (named, geometry("GeometryCollection", "[]"), "\"GeometryCollection\", which is not read"),
        (named, "null".to_owned(), "no geometry / "),
        (named, geometry("Point", "[105.35]"), "coordinates: invalid length 1"),
        (named, geometry("Point", "[105.5,22.6]"), "\"geometry\": 02221-a: 105.5 / 22.6 is in 02548 Bình Ca"),
        (named, geometry("Point", "[1e300,22.6]"), "\"geometry\": 02221-a: "),
        (r#""name":"","commune":"02221""#, point.to_owned(), "\"name\": no name"),
        (r#""name":"A","commune":"Nơi nào""#, point.to_owned(), "\"Nơi nào\" is no commune"),
        (r#""name":"A","commune":"02221","dan_so":"nhiều""#, point.to_owned(), "\"dan_so\": \"nhiều\" is no count"),
    ] {
        let faults =
            faults(DatasetKind::Settlements, feature(properties, &geometry).as_bytes(), &ImportOptions::default());
        let [fault] = faults.as_slice() else { panic!("{properties} {geometry}: {faults:#?}") };
        assert_eq!(fault.line, Some(2), "{fault}");
        let told = format!("{} / {}", fault.message, fault.hint);
        assert!(told.starts_with("feature 1: ") && told.contains(expected) && !fault.hint.is_empty(), "{told}");
    }
}

#[test]
fn a_map_that_is_no_list_is_told_as_a_whole() {
    let empty = "{\"type\":\"FeatureCollection\",\"features\":[]}".as_bytes().to_vec();
    let unnamed = feature(r#""noi":"A","xa":"02221""#, r#"{"type":"Point","coordinates":[105.35,22.63]}"#);
    let many: Vec<String> = (0..3000).map(|number| format!("\"p{number}\":1")).collect();
    let many = feature(&many.join(","), r#"{"type":"Point","coordinates":[105.35,22.63]}"#);
    for (bytes, expected) in [
        (empty, "no features / export the places"),
        (unnamed.into_bytes(), "no column name among the titles: noi, xa / write a mapping file"),
        (many.into_bytes(), "feature 1: more than 2048 names of properties"),
        (b"<html><table></table></html>".to_vec(), "XML of <html>, not KML"),
        (b"II*\0\x08\0\0\0".to_vec(), "this is a GeoTIFF / GeoJSON, GeoPackage"),
        (pack(&[("readme.txt", b"a")]), "an archive without a .shp or .kml"),
    ] {
        let faults = faults(DatasetKind::Settlements, &bytes, &ImportOptions::default());
        let told = format!("{} / {}", faults[0].message, faults[0].hint);
        assert!(told.contains(expected), "{faults:#?}");
    }
}

#[test]
fn sites_and_cells_are_points_too() {
    let sites = Points {
        names: vec!["ma_tram", "nha_mang", "xa"],
        rows: vec![
            (vec!["TQ001", "Viettel", "Nà Hang"], Some([105.35, 22.63])),
            (vec!["TQ002", "", "Bình Ca"], Some([105.5, 22.6])),
        ],
    };
    let options = ImportOptions { operator: Some("vinaphone".parse().expect("id")), ..ImportOptions::default() };
    let (geodata, log) = read(DatasetKind::Sites, sites.geopackage(4326), &options).expect("sites");
    let sites = geodata.content().sites.as_deref().expect("sites");
    let told: Vec<String> =
        sites.iter().map(|s| format!("{} {}", s.id, s.operator.as_ref().map_or("", |o| o.as_str()))).collect();
    assert_eq!(told, ["TQ001 viettel", "TQ002 vinaphone"]);
    assert_eq!((log.read, log.used), (2, 2));
    let cells = Points {
        names: vec!["radio", "mcc", "net", "area", "cell"],
        rows: vec![(vec!["LTE", "452", "4", "1", "10"], Some([417_483.759, 2_450_382.337]))],
    };
    let (geodata, _) = read(DatasetKind::Cells, cells.geopackage(9209), &ImportOptions::default()).expect("cells");
    let told: Vec<_> = geodata.cells().iter().map(|c| (c.technology, c.cell, format!("{:.4}", c.at.lon))).collect();
    assert_eq!(told, [(Technology::G4, 10, "104.7019".to_owned())]);
    let lost = fault(DatasetKind::Cells, &cells.geopackage(4326), &ImportOptions::default());
    assert!(
        lost.contains("row 1: \"geometry\": 417483.759 / 2450382.337 is not where EPSG:4326 (WGS 84) is used"),
        "{lost}"
    );
}

#[test]
fn totals_of_people_come_from_features_of_any_shape_and_of_none() {
    let totals = |bytes: &[u8], options: &ImportOptions| -> Vec<String> {
        let (geodata, _) = read(DatasetKind::Totals, bytes, options).unwrap_or_else(|faults| panic!("{faults:#?}"));
        geodata.content().totals.iter().flatten().map(|(code, people)| format!("{code} {people}")).collect()
    };
    let points = Points {
        names: vec!["Tên xã", "Mã xã", "Dân số"],
        rows: vec![(vec!["Nà Hang", "02221", "12.345"], None), (vec!["Bình Ca", "02548", "999"], Some([105.5, 22.6]))],
    };
    let short = Points { names: vec!["ten_xa", "ma_xa", "dan_so"], ..points.clone() };
    // Nobody asks for a position, so nobody asks for its system either.
    for bytes in [points.geojson(), points.geopackage(-1), points.geopackage(3857), short.shapefile(None), short.kml()]
    {
        assert_eq!(totals(&bytes, &ImportOptions::default()), ["02221 12345", "02548 999"]);
    }
    assert_eq!(totals(&short.kml(), &crs("EPSG:9211")), ["02221 12345", "02548 999"]);
    let bow = r#"{"type":"Polygon","coordinates":[[[105,22],[105,22]]]}"#;
    let area = feature(r#""code":1,"maxa":"02221","danso":7"#, bow);
    assert_eq!(totals(area.as_bytes(), &ImportOptions::default()), ["02221 7"]);
    let placemark = "<kml><Placemark><name>Nà Hang</name><ExtendedData><Data name=\"xa\"><value>02221</value></Data>\
                     <Data name=\"people\"><value>8</value></Data></ExtendedData><Polygon><outerBoundaryIs><LinearRing>\
                     <coordinates>x,y</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>";
    assert_eq!(totals(placemark.as_bytes(), &ImportOptions::default()), ["02221 8"]);
}
