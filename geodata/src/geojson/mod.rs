//! GeoJSON as people export it, read under limits: each feature is judged on its own, and every fault of a file is
//! reported with the feature, and the line where that is known.
//!
//! Only WGS 84 is taken. Nothing is repaired that could hide a mistake; what an overlay settles anyway (direction of
//! rings, rings that touch themselves) is taken as it is.

mod document;
mod geometry;
mod limits;
mod report;

pub(crate) use document::{Feature, Properties, Source};
pub(crate) use limits::Budget;
pub(crate) use report::Report;
