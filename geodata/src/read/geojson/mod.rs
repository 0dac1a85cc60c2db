//! GeoJSON, RFC 7946. Only WGS 84 is taken.

mod document;
mod geometry;

pub(crate) use document::{Feature, Properties, Source};
