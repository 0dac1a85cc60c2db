//! From a file to its features.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::Path,
};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::geometry;
use crate::{
    grid::RawPolygon,
    read::{
        Budget, Report,
        limits::{MAX_FEATURES, MAX_FILE_BYTES, too_deep},
    },
};

/// The command that brings any file to what is read here.
const CONVERT: &str = "convert it: ogr2ogr -f GeoJSON -t_srs EPSG:4326 out.geojson IN";
/// What is accepted where a file names its reference system.
const WGS84_NAMES: [&str; 6] = [
    "urn:ogc:def:crs:OGC:1.3:CRS84",
    "urn:ogc:def:crs:OGC::CRS84",
    "OGC:CRS84",
    "EPSG:4326",
    "urn:ogc:def:crs:EPSG::4326",
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
];

/// What the features of a kind of file say of themselves.
pub(crate) trait Properties: DeserializeOwned {
    /// What to do when they do not say it rightly.
    const HINT: &'static str;
}

/// The text of one file.
#[derive(Debug)]
pub(crate) struct Source(Vec<u8>);

/// One feature: what it says of itself, and its polygons.
#[derive(Debug)]
pub(crate) struct Feature<P> {
    /// Position in the file, from 1.
    pub(crate) number: usize,
    /// Where it starts.
    pub(crate) line: Option<u64>,
    /// Its properties.
    pub(crate) properties: P,
    /// Shell and holes of each polygon; rings have at least three points and an area.
    pub(crate) polygons: Vec<RawPolygon>,
}

impl<P> Feature<P> {
    /// The same feature, when its properties have been read.
    pub(crate) fn without_properties(self) -> Feature<()> {
        Feature { number: self.number, line: self.line, properties: (), polygons: self.polygons }
    }
}

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

impl Source {
    /// Reads a file whole, if it is not too large.
    pub(crate) fn read(path: &Path, report: &mut Report) -> Option<Self> {
        match read_limited(path) {
            Ok(Some(bytes)) => Some(Self(bytes)),
            Ok(None) => {
                let message = format!("larger than {} MiB", MAX_FILE_BYTES >> 20);
                report.fault(None, message, "simplify it (10 m is fine enough) or split it by operator");
                None
            }
            Err(error) => {
                report.fault(None, format!("cannot be read: {error}"), "check the path and that phusong may read it");
                None
            }
        }
    }

    /// The bytes as they are on disk.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// All sound features; what is wrong with the others is in the report.
    pub(crate) fn features<P: Properties>(&self, budget: &Budget, report: &mut Report) -> Vec<Feature<P>> {
        let Some(text) = self.text(report) else { return Vec::new() };
        let collection: Collection<'_> = match serde_json::from_str(text) {
            Ok(collection) => collection,
            Err(error) => {
                let hint = "export it again as GeoJSON; numbers are plain decimals, never NaN or a decimal comma";
                report.fault(line_of(&error), format!("not readable as GeoJSON: {}", reason(&error)), hint);
                return Vec::new();
            }
        };
        if !is_wgs84(collection.crs, report) {
            return Vec::new();
        }
        let (Some("FeatureCollection"), Some(features)) = (collection.kind.as_deref(), collection.features) else {
            report.fault(None, "not a GeoJSON FeatureCollection", CONVERT);
            return Vec::new();
        };
        let read = |(index, raw): (usize, &RawValue)| {
            let line = text.get(..offset(text, raw)).map(|before| 1 + newlines(before));
            feature(index + 1, line, raw, budget).map_err(|(message, hint)| report.fault(line, message, hint)).ok()
        };
        features.into_iter().enumerate().filter_map(read).collect()
    }

    fn text(&self, report: &mut Report) -> Option<&str> {
        // A byte order mark is what some editors put in front; JSON has none.
        let bytes = self.0.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.0);
        let Ok(text) = std::str::from_utf8(bytes) else {
            report.fault(None, "not UTF-8 text", "save it as UTF-8; a shapefile or GeoPackage must be converted first");
            return None;
        };
        if let Some(at) = too_deep(text) {
            let line = text.get(..at).map(|before| 1 + newlines(before));
            report.fault(line, "nested too deeply for GeoJSON", "a feature collection of polygons needs eight levels");
            return None;
        }
        Some(text)
    }
}

fn read_limited(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // The file may grow while it is read.
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= MAX_FILE_BYTES).then_some(bytes))
}

/// Message and hint of a fault.
type Wrong = (String, String);

fn feature<P: Properties>(
    number: usize,
    line: Option<u64>,
    raw: &RawValue,
    budget: &Budget,
) -> Result<Feature<P>, Wrong> {
    let wrong = |message: String, hint: &str| (format!("feature {number}: {message}"), hint.to_owned());
    let parsed: RawFeature<'_> = serde_json::from_str(raw.get())
        .map_err(|e| wrong(reason(&e), "a feature has a type, properties and a geometry"))?;
    if parsed.kind.as_deref() != Some("Feature") {
        return Err(wrong("its type is not Feature".to_owned(), CONVERT));
    }
    let properties = parsed.properties.map_or("{}", RawValue::get);
    let properties =
        serde_json::from_str(properties).map_err(|e| wrong(format!("properties: {}", reason(&e)), P::HINT))?;
    let geometry = parsed.geometry.ok_or_else(|| {
        wrong("no geometry".to_owned(), "remove the feature; an empty area is a MultiPolygon with coordinates []")
    })?;
    let coordinates = geometry.coordinates.map_or("null", RawValue::get);
    let polygons = geometry::polygons(geometry.kind.as_deref(), coordinates, budget)
        .map_err(|(message, hint)| wrong(message, &hint))?;
    Ok(Feature { number, line, properties, polygons })
}

/// Whether the file is in WGS 84: RFC 7946 knows no other, but older exports name theirs.
fn is_wgs84(crs: Option<&RawValue>, report: &mut Report) -> bool {
    let Some(crs) = crs.filter(|raw| raw.get() != "null") else { return true };
    let name = serde_json::from_str::<NamedCrs>(crs.get()).map(|crs| crs.properties.name);
    match name {
        Ok(name) if WGS84_NAMES.iter().any(|known| known.eq_ignore_ascii_case(&name)) => true,
        Ok(name) => {
            let shown: String = name.chars().take(80).collect();
            report.fault(None, format!("its coordinate system is {shown:?}, not WGS 84"), CONVERT);
            false
        }
        Err(_) => {
            report.fault(None, "its member \"crs\" is not understood", CONVERT);
            false
        }
    }
}

/// The text of a JSON error without its position, which is relative to the piece that was parsed.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

fn line_of(error: &serde_json::Error) -> Option<u64> {
    u64::try_from(error.line()).ok().filter(|line| *line > 0)
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
