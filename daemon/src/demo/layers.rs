//! Example settlements and operator coverage, the same at every start. They describe no real village, mast or signal.

use std::{fmt::Write as _, hash::BuildHasher as _, hash::BuildHasherDefault, hash::DefaultHasher};

use phusong_model::LonLat;
use serde_json::{Value, json};

use super::province::{DemoCommune, Province};

/// Example settlements a commune.
const SETTLEMENTS: u64 = 6;

/// Metres of a degree of latitude, near enough for an invented village.
const METRES_A_DEGREE: f64 = 111_000.0;

/// Corners of an example footprint.
const CORNERS: u32 = 48;

/// Operators of the example, with the share of communes in which each has a station.
const OPERATORS: [(&str, u64); 3] = [("viettel", 88), ("vinaphone", 80), ("mobifone", 70)];

/// Communes in a hundred where no operator has a station, so that the example has places without signal.
const REMOTE: u64 = 9;

/// Technologies of the example and how far a station of each reaches, in metres.
const REACH: [(&str, f64); 2] = [("3G", 6_500.0), ("4G", 5_000.0)];

/// How much further a marginal signal reaches.
const MARGINAL: f64 = 1.2;

/// A number between 0 and 99 that depends on nothing but its inputs.
fn chance(what: &str, code: &str, n: u64) -> u64 {
    // The keys of this hasher are constant, unlike those of a HashMap.
    BuildHasherDefault::<DefaultHasher>::default().hash_one((what, code, n)) % 100
}

fn moved(from: LonLat, metres: f64, degrees: f64) -> LonLat {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let lat = from.lat + metres * cos / METRES_A_DEGREE;
    LonLat { lon: from.lon + metres * sin / (METRES_A_DEGREE * from.lat.to_radians().cos()), lat }
}

/// `settlements.csv` of the example.
pub(super) fn settlements(province: &Province) -> String {
    let mut out = "id,name,commune,lon,lat,people,households,power\n".to_owned();
    for c in &province.communes {
        let room = distance_to_nearest(c, province) * 0.45;
        for n in 1..=SETTLEMENTS {
            let reach = room * (20 + 8 * chance("far", &c.code, n) / 10) as f64 / 100.0;
            let at = moved(c.label, reach, 3.6 * chance("turn", &c.code, n) as f64);
            let people = 120 + 11 * chance("people", &c.code, n);
            let power = match chance("power", &c.code, n) {
                0..6 => "no",
                6..12 => "unknown",
                _ => "yes",
            };
            // Writing to a `String` cannot fail.
            let _ = writeln!(
                out,
                "{code}-{n},Thôn ví dụ {n},{code},{lon:.5},{lat:.5},{people},{households},{power}",
                code = c.code,
                lon = at.lon,
                lat = at.lat,
                households = people / 4,
            );
        }
    }
    out
}

/// Metres to the nearest other label point: half of it stays inside the approximated boundary.
fn distance_to_nearest(c: &DemoCommune, province: &Province) -> f64 {
    let metres = |other: &DemoCommune| {
        let east = (other.label.lon - c.label.lon) * c.label.lat.to_radians().cos();
        east.hypot(other.label.lat - c.label.lat) * METRES_A_DEGREE
    };
    province.communes.iter().filter(|other| other.code != c.code).map(metres).fold(f64::INFINITY, f64::min)
}

/// A GeoJSON coverage layer with a footprint per station, technology and class.
pub(super) fn coverage(province: &Province) -> String {
    let stations = OPERATORS.iter().flat_map(|(operator, share)| {
        let served = province.communes.iter().filter(|c| chance("remote", &c.code, 0) >= REMOTE);
        served.filter(move |c| chance(operator, &c.code, 0) < *share).map(move |c| (*operator, c))
    });
    let features: Vec<Value> = stations
        .flat_map(|(operator, c)| {
            REACH.iter().flat_map(move |(technology, reach)| {
                let reach = reach * (70 + chance(operator, &c.code, 1) * 6 / 10) as f64 / 100.0;
                [("full", reach), ("marginal", reach * MARGINAL)]
                    .map(|(class, metres)| footprint(operator, technology, class, c.label, metres))
            })
        })
        .collect();
    json!({ "type": "FeatureCollection", "name": "phusong example, not real coverage", "features": features })
        .to_string()
}

fn footprint(operator: &str, technology: &str, class: &str, centre: LonLat, metres: f64) -> Value {
    let ring: Vec<[f64; 2]> = (0..=CORNERS)
        .map(|corner| {
            // Counter-clockwise, and closed by the first corner exactly.
            let at = moved(centre, metres, -360.0 / f64::from(CORNERS) * f64::from(corner % CORNERS));
            [(at.lon * 1e6).round() / 1e6, (at.lat * 1e6).round() / 1e6]
        })
        .collect();
    json!({
        "type": "Feature",
        "properties": { "operator": operator, "technology": technology, "class": class, "valid_on": "2026-01-12" },
        "geometry": { "type": "Polygon", "coordinates": [ring] },
    })
}
