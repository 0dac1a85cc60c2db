//! The oracle is InfluxData's own parser: what it reads must be what we wrote.

use influxdb_line_protocol::{FieldValue, ParsedLine, parse_lines};
use phusong_model::{Contact, DeviceId, Link, LinkId, LinkKind, Probe, UtcMs};
use proptest::prelude::*;

use super::{Point, Unwritable, Value};
use crate::influx::tag::{InterfaceName, Tag};

const MEASUREMENT: &str = "if_stat";

fn link_with_interface(name: &str) -> Link {
    let id: LinkId = "fibre-02221".parse().expect("id");
    let device: DeviceId = "ce-02221".parse().expect("id");
    Link {
        id,
        kind: LinkKind::Fibre,
        name: String::new(),
        commune: None,
        site: None,
        address: None,
        service: None,
        interface: Some((device, name.to_owned())),
        rx_limit: None,
        upstream: Vec::new(),
        operator: None,
        groups: Vec::new(),
        contact: Contact::default(),
    }
}

fn text_of(point: &Point<'_>) -> Result<String, Unwritable> {
    let mut out = String::new();
    point.write(&mut out).map(|()| out)
}

fn only_line(text: &str) -> ParsedLine<'_> {
    let mut lines: Vec<_> = parse_lines(text).collect();
    assert_eq!(lines.len(), 1, "one point, one line: {text:?}");
    lines.remove(0).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn same(read: &FieldValue<'_>, written: Value<'_>) -> bool {
    match (read, written) {
        (FieldValue::I64(a), Value::Int(b)) => *a == b,
        (FieldValue::F64(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (FieldValue::Boolean(a), Value::Bool(b)) => *a == b,
        (FieldValue::String(a), Value::Text(b)) => a.as_str() == b,
        _ => false,
    }
}

/// Text made of what hurts: separators, quotes, backslashes, controls, overrides, and ordinary letters between them.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(",".to_owned()),
        Just("=".to_owned()),
        Just(" ".to_owned()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("\t".to_owned()),
        Just("\0".to_owned()),
        Just("\u{202e}".to_owned()),
        Just("#".to_owned()),
        Just("v=1 1\nevil v=1".to_owned()),
        "[a-z0-9/.:à-ỹ-]{1,5}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn finite() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("finite", |x| x.is_finite())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn what_the_parser_reads_is_what_was_written(
        vantage in hostile(), interface in hostile(), word in hostile(),
        number in any::<i64>(), measure in finite(), flag in any::<bool>(), seconds in -10_000_000_000_i64..10_000_000_000,
    ) {
        let link = link_with_interface(&interface);
        let point = Point {
            measurement: MEASUREMENT,
            tags: vec![Tag::Vantage(&vantage), Tag::Interface(InterfaceName::of(&link).expect("interface"))],
            fields: vec![
                ("word", Value::Text(&word)),
                ("number", Value::Int(number)),
                ("measure", Value::Float(measure)),
                ("flag", Value::Bool(flag)),
            ],
            at: UtcMs(seconds * 1000),
        };
        let bad_tag = |value: &str| value.is_empty() || value.chars().any(|c| c.is_control() || c == '\\');
        let refused = bad_tag(&vantage) || bad_tag(&interface) || word.chars().any(char::is_control);
        match text_of(&point) {
            Err(_) => prop_assert!(refused, "refused without a reason"),
            Ok(text) => {
                prop_assert!(!refused, "written though it cannot be: {text:?}");
                let line = only_line(&text);
                prop_assert_eq!(line.series.measurement.as_str(), MEASUREMENT);
                prop_assert_eq!(line.tag_value("vantage").map(|v| v.as_str()), Some(vantage.as_str()));
                prop_assert_eq!(line.tag_value("ifname").map(|v| v.as_str()), Some(interface.as_str()));
                prop_assert_eq!(line.series.tag_set.as_ref().map(|set| set.len()), Some(2));
                prop_assert_eq!(line.field_set.len(), point.fields.len());
                for (key, value) in &point.fields {
                    let read = line.field_value(key);
                    prop_assert!(read.is_some_and(|read| same(read, *value)), "{key}: {read:?} in {text:?}");
                }
                prop_assert_eq!(line.timestamp, Some(seconds));
            }
        }
    }

    #[test]
    fn a_line_has_one_newline_and_it_is_the_last_byte(vantage in hostile(), word in hostile()) {
        let point = Point {
            measurement: MEASUREMENT,
            tags: vec![Tag::Vantage(&vantage)],
            fields: vec![("word", Value::Text(&word))],
            at: UtcMs(0),
        };
        if let Ok(text) = text_of(&point) {
            prop_assert_eq!(text.find('\n'), Some(text.len() - 1));
        }
    }
}

fn probe_point<'a>(link: &'a LinkId, fields: Vec<(&'static str, Value<'a>)>) -> Point<'a> {
    Point {
        measurement: "link_probe",
        tags: vec![Tag::Link(link), Tag::Kind(LinkKind::Fibre), Tag::Probe(Probe::Icmp)],
        fields,
        at: UtcMs(1_795_422_310_999),
    }
}

#[test]
fn types_have_one_spelling_each() {
    let link: LinkId = "fibre-02221".parse().expect("id");
    let fields = vec![
        ("sent", Value::Int(5)),
        ("rtt_min", Value::Float(3.0)),
        ("tiny", Value::Float(1e-7)),
        ("up", Value::Bool(true)),
        ("cause", Value::Text(r#"a"b\"#)),
    ];
    assert_eq!(
        text_of(&probe_point(&link, fields)).as_deref(),
        Ok(
            "link_probe,link=fibre-02221,kind=fibre,probe=icmp sent=5i,rtt_min=3.0,tiny=1e-7,up=true,cause=\"a\\\"b\\\\\" 1795422310\n"
        ),
    );
}

#[test]
fn a_number_that_has_no_spelling_is_left_out() {
    let link: LinkId = "l".parse().expect("id");
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let fields = vec![("rtt_min", Value::Float(bad)), ("sent", Value::Int(1))];
        let text = text_of(&probe_point(&link, fields)).expect("line");
        assert_eq!(text, "link_probe,link=l,kind=fibre,probe=icmp sent=1i 1795422310\n");
        let alone = probe_point(&link, vec![("rtt_min", Value::Float(bad))]);
        assert_eq!(text_of(&alone), Err(Unwritable::NoField { measurement: "link_probe" }));
    }
}

#[test]
fn a_refused_point_leaves_the_text_as_it_was() {
    let mut out = "before\n".to_owned();
    let point = Point {
        measurement: MEASUREMENT,
        tags: vec![Tag::Vantage("evil\nlink_probe v=1")],
        fields: vec![("v", Value::Int(1))],
        at: UtcMs(0),
    };
    let refused = Unwritable::TagCharacter { measurement: MEASUREMENT, key: "vantage", character: '\n' };
    assert_eq!(point.write(&mut out), Err(refused));
    assert_eq!(out, "before\n");
}
