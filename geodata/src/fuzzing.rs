//! The decoders of outside bytes, each as a function that takes any bytes and asserts what must hold of them.
//!
//! How one is added and what it must do is said in `probes/src/fuzzing.rs`; those of this crate are replayed by
//! `geodata/tests/fuzz_corpus`.

pub use crate::{
    measured::fuzzing::{gpx, measurements_csv},
    raster::fuzzing::geotiff,
    read::fuzzing::{gpkg_blob, kml},
    tables::fuzzing::list,
};

/// A decoder: any bytes in, a panic if one of its promises does not hold.
pub type Target = fn(&[u8]);

/// Every target, by the name of its program and its corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("geotiff", geotiff),
    ("gpkg_blob", gpkg_blob),
    ("gpx", gpx),
    ("kml", kml),
    ("list", list),
    ("measurements_csv", measurements_csv),
];
