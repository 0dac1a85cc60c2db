//! GPX files, good and bad.

use phusong_model::{DatasetKind, DatasetName, Fault, ImportLog};

use super::world::World;

fn document(points: &str) -> String {
    format!("<?xml version=\"1.0\"?>\n<gpx version=\"1.1\"><trk><trkseg>\n{points}\n</trkseg></trk></gpx>\n")
}

/// A point with a position, a time, and these extensions.
fn point(extensions: &str) -> String {
    at("105.2", "22.1", "2026-01-12T01:30:00Z", extensions)
}

fn at(lon: &str, lat: &str, time: &str, extensions: &str) -> String {
    format!("<trkpt lat=\"{lat}\" lon=\"{lon}\"><time>{time}</time><extensions>{extensions}</extensions></trkpt>")
}

fn world(text: impl AsRef<[u8]>) -> World {
    let mut world = World::new(&[("00001", [105.0, 22.0, 105.1, 22.06])]);
    world.drive("drive.gpx", text);
    world
}

fn faults(text: impl AsRef<[u8]>) -> Vec<Fault> {
    world(text).read().err().unwrap_or_default()
}

fn log(text: &str) -> ImportLog {
    let geodata = world(text).read().unwrap_or_else(|faults| panic!("{faults:?}"));
    let name = DatasetName { kind: DatasetKind::Measurements, name: "drive.gpx".to_owned() };
    geodata.log(&name).cloned().expect("a log")
}

#[test]
fn what_devices_write_is_read() {
    let kinds = [
        "<rsrp>-97</rsrp>",
        "<g:RSRP xmlns:g=\"urn:g\">-97.5 dBm</g:RSRP><g:NetworkTech xmlns:g=\"urn:g\">LTE</g:NetworkTech>",
        "<level>-97</level><operator>45204</operator><networkmode>LTE_CA</networkmode><cellid>12</cellid>",
        "<a><b><RxLevel>-80</RxLevel><tech>GSM</tech></b></a>",
        "<rscp>-101</rscp><tech>HSPA+</tech><operatorname>VN VINAPHONE</operatorname>",
        "<ss-rsrp>-102</ss-rsrp><rsrp>-90</rsrp><tech>NR</tech>",
        "<rsrp><![CDATA[-97]]></rsrp>",
        "<rsrp>&#45;97</rsrp>",
        "<rsrp>No service</rsrp>",
        "<rsrp/><dbm>-97</dbm>",
    ];
    let text = document(&kinds.map(point).join("\n"));
    let log = log(&text);
    assert_eq!((log.read, log.used, log.notes.len()), (10, 10, 0), "{log:?}");
}

#[test]
fn what_is_no_test_is_left_aside_and_counted() {
    let points = [
        point("<rsrp>-97</rsrp>"),
        point("<rsrp></rsrp>"),
        point(""),
        point("<rsrp>2147483647</rsrp>"),
        point("<rsrp>-97</rsrp><accuracy>50.1</accuracy>"),
        point("<rsrp>-97</rsrp><accuracy>50</accuracy>"),
        "<trkpt lat=\"91\" lon=\"0\"/>".to_owned(),
    ];
    let log = log(&document(&points.join("\n")));
    assert_eq!((log.read, log.used), (7, 2));
    let said = log.notes.join("; ");
    assert!(said.contains("1 tests left out") && said.contains("4 points left out"), "{said}");
}

/// Bad files with what the fault must say and where it is.
fn bad() -> Vec<(&'static str, Vec<u8>, Option<u64>, &'static str)> {
    let one = |extensions: &str| document(&point(extensions)).into_bytes();
    let placed =
        |lon: &str, lat: &str| document(&at(lon, lat, "2026-01-12T01:30:00Z", "<rsrp>-97</rsrp>")).into_bytes();
    let timed = |time: &str| document(&at("105.2", "22.1", time, "<rsrp>-97</rsrp>")).into_bytes();
    let bomb = "<!DOCTYPE gpx [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><gpx>&b;</gpx>";
    let outside = "<!DOCTYPE gpx SYSTEM \"file:///etc/passwd\"><gpx/>";
    let deep = format!("<gpx>{}{}</gpx>", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let utf16: Vec<u8> = "<gpx/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let long = format!("<rsrp>{}</rsrp>", "9".repeat(100_000));
    vec![
        ("empty", Vec::new(), None, "an empty table"),
        ("entity bomb", bomb.into(), Some(1), "a document type"),
        ("entity of a file", outside.into(), Some(1), "a document type"),
        ("unknown entity", one("<rsrp>&minus;97</rsrp>"), Some(3), "entity &minus;"),
        ("deep", deep.into(), Some(1), "nested more than 32 deep"),
        ("cut off", b"<gpx>\n<trk>".to_vec(), Some(2), "cut off: <trk>"),
        ("not closed", b"<gpx>\n<trk></gpx>".to_vec(), Some(2), "not readable as XML"),
        ("of something else", b"<kml/>".to_vec(), Some(1), "XML of <kml>"),
        ("utf-16", utf16, None, "UTF-16"),
        ("not utf-8", b"<gpx>\n<trk>\xff</trk></gpx>".to_vec(), None, "first on line 2"),
        ("no point", b"<gpx><rte><rtept lat=\"22\" lon=\"105\"/></rte></gpx>".to_vec(), None, "no track point"),
        ("no signal at all", one("<hr>97</hr>"), None, "no point has a signal level"),
        ("a point in a point", one("<wpt/>"), Some(3), "a point in a point"),
        ("no position", b"<gpx><wpt><rsrp>-97</rsrp></wpt></gpx>".to_vec(), Some(1), "without a position"),
        ("not a number", placed("NaN", "22.1"), Some(3), "lon \"NaN\""),
        ("infinite", placed("105.2", "inf"), Some(3), "lat \"inf\""),
        ("decimal comma", placed("105,2", "22,1"), Some(3), "\"22,1\""),
        ("swapped axes", placed("22.1", "105.2"), Some(3), "not in Viet Nam"),
        ("elsewhere", placed("2.35", "48.85"), Some(3), "not in Viet Nam"),
        ("off the globe", placed("1052", "221"), Some(3), "not in Viet Nam"),
        (
            "no time",
            b"<gpx><wpt lat=\"22\" lon=\"105\"><rsrp>-97</rsrp></wpt></gpx>".to_vec(),
            Some(1),
            "without a time",
        ),
        ("no date", timed("yesterday"), Some(3), "\"yesterday\" is not a time"),
        ("the 30th of February", timed("2026-02-30T00:00:00Z"), Some(3), "is not a time"),
        ("a future time", timed("2027-01-01T00:00:00Z"), Some(3), "later than the file"),
        ("a local time as UTC", timed("2026-06-01T04:00:00Z"), Some(3), "later than the file"),
        ("a clock that was lost", timed("1980-01-06T00:00:00Z"), Some(3), "before any test"),
        ("a positive level", one("<rsrp>97</rsrp>"), Some(3), "97 dBm is no level of 4G"),
        ("a level of WLAN", one("<rsrp>-31</rsrp>"), Some(3), "-31 dBm is no level of 4G"),
        ("below every level", one("<rsrp>-157</rsrp>"), Some(3), "-157 dBm is no level of 4G"),
        ("below every level of 2G", one("<rxlev>-114</rxlev><tech>2G</tech>"), Some(3), "no level of 2G"),
        ("above every level of 3G", one("<rscp>-24</rscp><tech>3G</tech>"), Some(3), "no level of 3G"),
        ("above every level of 5G", one("<rsrp>-30.5</rsrp><tech>5G</tech>"), Some(3), "no level of 5G"),
        ("a level in letters", one("<rsrp>weak</rsrp>"), Some(3), "\"weak\" is not a level"),
        ("a level that is not a number", one("<rsrp>NaN</rsrp>"), Some(3), "\"NaN\" is not a level"),
        ("an unknown technology", one("<rsrp>-97</rsrp><tech>WiMAX</tech>"), Some(3), "\"WiMAX\" is not known"),
        ("an unknown operator", one("<rsrp>-97</rsrp><operator>a/b</operator>"), Some(3), "\"a/b\" is not known"),
        ("a wrong accuracy", one("<rsrp>-97</rsrp><accuracy>-1</accuracy>"), Some(3), "\"-1\" is no length"),
        ("a huge value", one(&long), Some(3), "a value of more than 1024 bytes"),
    ]
}

#[test]
fn bad_files_are_refused_with_place_and_remedy() {
    let bad = bad();
    assert!(bad.len() >= 30);
    for (name, bytes, line, message) in bad {
        let faults = faults(bytes);
        let [fault] = faults.as_slice() else { panic!("{name}: {faults:?}") };
        assert!(fault.message.contains(message), "{name}: {fault}");
        assert_eq!(fault.line, line, "{name}: {fault}");
        assert_eq!(fault.file.to_str(), Some("drive.gpx"), "{name}");
        assert!(!fault.hint.is_empty() && fault.to_string().len() < 1000, "{name}: {fault}");
    }
}

#[test]
fn swapped_axes_and_local_times_are_told_from_others() {
    let hint = |lon: &str, lat: &str, time: &str| {
        let faults = faults(document(&at(lon, lat, time, "<rsrp>-97</rsrp>")));
        faults.first().map(|fault| fault.hint.clone()).expect("a fault")
    };
    assert!(hint("22.1", "105.2", "2026-01-12T01:30:00Z").contains("the wrong way round"));
    assert!(!hint("2.35", "48.85", "2026-01-12T01:30:00Z").contains("the wrong way round"));
    assert!(hint("105.2", "22.1", "2026-06-01T04:00:00Z").contains("seven hours"));
}

#[test]
fn one_bad_point_refuses_the_file_and_each_is_named() {
    let points =
        [point("<rsrp>-97</rsrp>"), point("<rsrp>1</rsrp>"), point("<rsrp>-97</rsrp>"), point("<rsrp>2</rsrp>")];
    let faults = faults(document(&points.join("\n")));
    let places: Vec<_> = faults.iter().map(|fault| (fault.line, fault.message.split(':').next())).collect();
    assert_eq!(places, [(Some(4), Some("point 2")), (Some(6), Some("point 4"))]);
    let many = vec![point("<rsrp>1</rsrp>"); 5000];
    let faults = world(document(&many.join("\n"))).read().err().unwrap_or_default();
    assert_eq!(faults.len(), 21);
    assert!(faults[20].message.contains("and 4980 more"), "{}", faults[20]);
}
