//! Files as people export them, read under limits: each feature is judged on its own, and every fault of a file is
//! reported with its place, as far as the format has places.
//!
//! Whatever the format, the same features come out: properties read into the caller's type, shapes in WGS 84 on the
//! grid. Nothing is repaired that could hide a mistake; what an overlay settles anyway (direction of rings, rings that
//! touch themselves) is taken as it is.

#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;

mod feature;
mod limits;
mod place;
mod report;
mod source;
mod terms;

mod frame;
mod holes;
mod text;
mod value;
mod wkb;
mod xml;

mod archive;
mod bundle;
mod geojson;
mod geopackage;
mod kml;
mod shapefile;

pub(crate) use archive::{holds_entry, weigh_archive};
pub use bundle::{Bundle, bundle};
pub(crate) use feature::{Area, Feature, LeftOut, Properties, Shape};
pub use limits::MAX_FILE_BYTES;
pub(crate) use limits::{Budget, MAX_NESTING, MAX_ROWS};
pub(crate) use place::Place;
pub(crate) use report::{Look, Report, Wrong, shown, wrong};
pub(crate) use source::{Bytes, Source, file_digest, is_binary, is_geopackage, is_tiff, open_file};
pub(crate) use terms::{Terms, said_crs};
pub(crate) use text::utf8;
pub(crate) use value::DBF_NAME_LETTERS;
pub(crate) use xml::{Step, is_xml, walk};
