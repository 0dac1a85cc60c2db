//! GeoJSON, RFC 7946, and the member `crs` that older exports name their system in.

mod document;
mod geometry;

pub(super) use document::features;
