//! Lists of places as officers keep them, in tables or on maps: settlements, sites, cells, and the people of communes.
//!
//! All of a list is taken or nothing: a row that is wrong is a fault with its place, and no list is short of it silently.

mod cells;
mod ground;
mod numbers;
mod settlements;
mod sites;
mod totals;

pub use cells::EstimatedCell;
pub(crate) use cells::read as cells;
pub(crate) use ground::Ground;
pub(crate) use settlements::read as settlements;
pub(crate) use sites::read as sites;
pub(crate) use totals::read as totals;

use phusong_model::{ColumnMapping, Dataset};

use crate::{
    read::{Budget, Bytes, Place, Report, Source, Terms, is_geopackage},
    tables::{self, Attributes, Features, Form, Table},
};

/// Titles of the code and of the name of a commune.
const COMMUNE_CODE: &[&str] =
    &["communecode", "wardcode", "maxa", "maxaphuong", "madvhc", "madonvihanhchinh", "macapxa", "maphuong"];
const COMMUNE: &[&str] = &[
    "commune",
    "ward",
    "communename",
    "xa",
    "xaphuong",
    "tenxa",
    "tenxaphuong",
    "phuongxa",
    "donvihanhchinh",
    "donvihanhchinhcapxa",
    "tendonvihanhchinh",
    "dvhc",
    "tendvhc",
    "xaphuongthitran",
    "donvi",
    "diaban",
];
/// Titles of coordinates whose axis is certain, of those that surveyors and everybody else use for different axes, and
/// of both in one cell.
const LON: &[&str] =
    &["lon", "long", "lng", "longitude", "kinhdo", "kinhdodong", "easting", "kinhdowgs84", "kinhdox", "kinhdoy"];
const LAT: &[&str] = &["lat", "latitude", "vido", "vidobac", "northing", "vidowgs84", "vidoy", "vidox"];
const X: &[&str] = &["x", "toadox", "xm"];
const Y: &[&str] = &["y", "toadoy", "ym"];
const POSITION: &[&str] = &[
    "position",
    "toado",
    "toadogps",
    "vitri",
    "coordinates",
    "coordinate",
    "latlon",
    "latlong",
    "lonlat",
    "gps",
    "kinhdovido",
    "vidokinhdo",
];
/// What a list of places must have of a position.
const PLACED: &[&str] = &["lon", "position", "x"];
/// The same of a commune.
const OF_COMMUNE: &[&str] = &["commune", "commune_code"];

/// Reads a dataset that is a list: a table, or the features of a map. The hash over its bytes comes with it.
fn table(dataset: &Dataset, form: &Form, budget: &Budget, report: &mut Report) -> Option<(Table, String)> {
    let none = ColumnMapping::default();
    let mapping = dataset.options.columns.as_ref().unwrap_or(&none);
    let bytes = if is_geopackage(&dataset.path) { None } else { Some(Bytes::read(&dataset.path, report)?) };
    if let Some(bytes) = bytes.as_ref().filter(|bytes| tables::is_table(&bytes.content)) {
        return Some((tables::read(&bytes.content, form, mapping, report)?, bytes.digest.clone()));
    }
    let terms = Terms::new(budget, &dataset.options, report)?;
    let terms = if form.placed.is_empty() { terms.without_shapes() } else { terms };
    let source = match bytes {
        Some(bytes) => Source::of_bytes(&dataset.path, bytes, report)?,
        None => Source::read(&dataset.path, report)?,
    };
    let rows = Features::new(form, mapping).map_err(|wrong| report.wrong(&Place::File, wrong));
    let mut rows = rows.ok()?;
    source.features::<Attributes>(&terms, report, &mut |feature, report| rows.push(&feature, report));
    Some((rows.finish(report)?, source.digest().to_owned()))
}
