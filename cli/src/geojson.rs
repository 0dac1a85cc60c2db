//! `--geojson`: gaps and contradictions as a `FeatureCollection` of RFC 7946 for map programs: WGS 84 without a `crs`
//! member, outer rings counter-clockwise and holes clockwise. The properties of a feature are the fields of the item in
//! `--json`; what the answer says beside its items (schema, time, source, remarks) stands beside the features as members
//! of its own, which section 6.1 of the RFC allows.

use serde::Serialize;
use serde_json::{Map, Value, json};

use phusong_model::{
    ContradictionPlace, LonLat,
    answer::{Answer, Body, ContradictionItem, GapItem},
};

#[derive(Serialize)]
struct Collection {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    answer: Map<String, Value>,
    features: Vec<Feature>,
}

#[derive(Serialize)]
struct Feature {
    #[serde(rename = "type")]
    kind: &'static str,
    id: Option<String>,
    geometry: Option<Value>,
    properties: Map<String, Value>,
}

/// The answer as one line of GeoJSON. An answer about anything but gaps and contradictions has no features.
pub fn document(answer: &Answer) -> serde_json::Result<String> {
    let features = match &answer.body {
        Body::Gaps { items, .. } => items.iter().map(gap).collect::<Result<_, _>>()?,
        Body::Contradictions { items } => items.iter().map(contradiction).collect::<Result<_, _>>()?,
        Body::Status(_)
        | Body::Links { .. }
        | Body::Outages { .. }
        | Body::Coverage { .. }
        | Body::Commune(_)
        | Body::Link(_)
        | Body::Indicators { .. }
        | Body::Maintenance { .. }
        | Body::Weak(_)
        | Body::Notify { .. }
        | Body::Outage(_)
        | Body::Top { .. }
        | Body::Availability { .. }
        | Body::Sitrep(_)
        | Body::Ready(_)
        | Body::Tree(_)
        | Body::Path(_) => Vec::new(),
    };
    let mut answer = members(answer)?;
    answer.remove("items");
    serde_json::to_string(&Collection { kind: "FeatureCollection", answer, features })
}

/// A gap with its polygons; a link and a settlement with patchy signal as their point, as far as it is known.
fn gap(item: &GapItem) -> serde_json::Result<Feature> {
    let mut properties = members(item)?;
    properties.remove("polygon");
    let geometry = match &item.polygon {
        Some(polygons) => {
            let polygons: Vec<Vec<Vec<[f64; 2]>>> = polygons.iter().map(|polygon| by_right_hand(polygon)).collect();
            Some(json!({"type": "MultiPolygon", "coordinates": polygons}))
        }
        None => item.place.at.map(point),
    };
    let id = item.gap.clone().or_else(|| item.link.as_ref().map(ToString::to_string));
    Ok(Feature { kind: "Feature", id, geometry, properties })
}

/// A contradiction with its hexagon, or with the point of its settlement.
fn contradiction(item: &ContradictionItem) -> serde_json::Result<Feature> {
    let mut properties = members(item)?;
    if let Some(Value::Object(place)) = properties.get_mut("place") {
        place.remove("boundary");
    }
    let geometry = match &item.contradiction.place {
        ContradictionPlace::Hexagon { boundary, .. } => {
            json!({"type": "Polygon", "coordinates": by_right_hand(std::slice::from_ref(boundary))})
        }
        ContradictionPlace::Settlement { at, .. } => point(*at),
    };
    Ok(Feature { kind: "Feature", id: Some(item.contradiction.id.clone()), geometry: Some(geometry), properties })
}

/// The members of what is an object in JSON.
fn members(document: &impl Serialize) -> serde_json::Result<Map<String, Value>> {
    Ok(match serde_json::to_value(document)? {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    })
}

fn point(at: LonLat) -> Value {
    json!({"type": "Point", "coordinates": [at.lon, at.lat]})
}

/// The rings of a polygon as RFC 7946, section 3.1.6, wants them: the first counter-clockwise, the others clockwise.
fn by_right_hand(rings: &[Vec<[f64; 2]>]) -> Vec<Vec<[f64; 2]>> {
    let turned = |(index, ring): (usize, &Vec<[f64; 2]>)| {
        let mut ring = ring.clone();
        if (twice_area(&ring) > 0.0) != (index == 0) {
            ring.reverse();
        }
        ring
    };
    rings.iter().enumerate().map(turned).collect()
}

/// Twice the area of a closed ring in square degrees, positive when it runs counter-clockwise. Taken from its first
/// corner, so that small rings far from 0° keep their digits.
fn twice_area(ring: &[[f64; 2]]) -> f64 {
    let Some([west, south]) = ring.first() else { return 0.0 };
    let sides = ring.iter().zip(ring.iter().skip(1));
    sides.map(|([x1, y1], [x2, y2])| (x1 - west) * (y2 - south) - (x2 - west) * (y1 - south)).sum()
}
