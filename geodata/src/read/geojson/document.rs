//! From the text of a file to its features.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::geometry;
use crate::{
    crs::Crs,
    read::{
        Feature, Place, Properties, Report, Terms,
        frame::Frame,
        limits::{MAX_FEATURES, too_deep},
        report::Wrong,
        source::Take,
        terms::Stated,
        text::utf8,
    },
};

/// The command that brings any file to what is read here.
const CONVERT: &str = "convert it: ogr2ogr -f GeoJSON -t_srs EPSG:4326 out.geojson IN";

#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    crs: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "some_features")]
    features: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct RawFeature<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    properties: Option<&'a RawValue>,
    #[serde(borrow)]
    geometry: Option<RawGeometry<'a>>,
}

#[derive(Deserialize)]
struct RawGeometry<'a> {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    coordinates: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct NamedCrs {
    properties: CrsName,
}

#[derive(Deserialize)]
struct CrsName {
    name: String,
}

/// Gives away all sound features; what is wrong with the others is in the report.
pub(in crate::read) fn features<P: Properties>(
    bytes: &[u8],
    terms: &Terms<'_>,
    report: &mut Report,
    take: &mut Take<'_, P>,
) {
    let Some(text) = checked_text(bytes, report) else { return };
    let collection: Collection<'_> = match serde_json::from_str(text) {
        Ok(collection) => collection,
        Err(error) => {
            let hint = "export it again as GeoJSON; numbers are plain decimals, never NaN or a decimal comma";
            report.fault(&line_of(&error), format!("not readable as GeoJSON: {}", reason(&error)), hint);
            return;
        }
    };
    let crs = match terms.system(system(collection.crs)) {
        Ok(crs) => crs,
        Err(wrong) => return report.wrong(&Place::File, wrong),
    };
    let (Some("FeatureCollection"), Some(features)) = (collection.kind.as_deref(), collection.features) else {
        report.fault(&Place::File, "not a GeoJSON FeatureCollection", CONVERT);
        return;
    };
    let frame = Frame::new(crs, terms);
    // From feature to feature: counting from the start each time takes minutes for a large file.
    let (mut counted, mut line) = (0, 1);
    for (index, raw) in features.into_iter().enumerate() {
        let start = offset(text, raw);
        line += text.get(counted..start).map_or(0, newlines);
        counted = counted.max(start);
        let line = Some(line);
        let place = Place::Feature { number: index + 1, line };
        match feature(place.clone(), raw, &frame) {
            Ok(feature) => take(feature, report),
            Err(wrong) => report.wrong(&place, wrong),
        }
    }
}

fn checked_text<'a>(bytes: &'a [u8], report: &mut Report) -> Option<&'a str> {
    let text = utf8(bytes).map_err(|wrong| report.wrong(&Place::File, wrong)).ok()?;
    if let Some(at) = too_deep(text) {
        let line = text.get(..at).map_or(Place::File, |before| Place::Line(1 + newlines(before)));
        report.fault(&line, "nested too deeply for GeoJSON", "a feature collection of polygons needs eight levels");
        return None;
    }
    Some(text)
}

fn feature<P: Properties>(place: Place, raw: &RawValue, frame: &Frame<'_>) -> Result<Feature<P>, Wrong> {
    let wrong = |message: String, hint: &str| (message, hint.to_owned());
    let parsed: RawFeature<'_> = serde_json::from_str(raw.get())
        .map_err(|e| wrong(reason(&e), "a feature has a type, properties and a geometry"))?;
    if parsed.kind.as_deref() != Some("Feature") {
        return Err(wrong("its type is not Feature".to_owned(), CONVERT));
    }
    let properties = parsed.properties.map_or("{}", RawValue::get);
    let properties =
        serde_json::from_str(properties).map_err(|e| wrong(format!("properties: {}", reason(&e)), P::HINT))?;
    let shape = frame.shape(|| {
        let geometry = parsed.geometry.ok_or_else(|| {
            wrong("no geometry".to_owned(), "remove the feature; an empty area is a MultiPolygon with coordinates []")
        })?;
        let coordinates = geometry.coordinates.map_or("null", RawValue::get);
        geometry::shape(geometry.kind.as_deref(), coordinates, frame)
    })?;
    Ok(Feature { place, properties, shape, left_out: frame.left_out(), crs: frame.crs() })
}

/// The system of the file: RFC 7946 knows only WGS 84, but older exports name theirs.
fn system(crs: Option<&RawValue>) -> Stated {
    let Some(crs) = crs.filter(|raw| raw.get() != "null") else {
        return Stated::Standard("GeoJSON without a member crs");
    };
    let named = serde_json::from_str::<NamedCrs>(crs.get());
    let named = named.map_err(|_| "its member \"crs\" is not understood".to_owned());
    let known = named.and_then(|named| Crs::of_name(&named.properties.name).map_err(|unknown| unknown.to_string()));
    known.map_or_else(|message| Stated::Strange((message, CONVERT.to_owned())), Stated::Named)
}

/// The text of a JSON error without its position, which is relative to the piece that was parsed.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

fn line_of(error: &serde_json::Error) -> Place {
    u64::try_from(error.line()).ok().filter(|line| *line > 0).map_or(Place::File, Place::Line)
}

/// Where in the text the raw value starts: it borrows from it.
fn offset(text: &str, raw: &RawValue) -> usize {
    (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

fn newlines(text: &str) -> u64 {
    text.bytes().filter(|byte| *byte == b'\n').count() as u64
}

/// `features` up to [`MAX_FEATURES`], none of them parsed yet.
fn some_features<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<&'de RawValue>>, D::Error> {
    struct Features;

    impl<'de> Visitor<'de> for Features {
        type Value = Vec<&'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of features")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut features = Vec::new();
            while let Some(feature) = list.next_element()? {
                if features.len() == MAX_FEATURES {
                    return Err(A::Error::custom(format_args!("more than {MAX_FEATURES} features")));
                }
                features.push(feature);
            }
            Ok(features)
        }
    }

    deserializer.deserialize_seq(Features).map(Some)
}
