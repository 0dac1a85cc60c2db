//! Files as people export them, read under limits: each feature is judged on its own, and every fault of a file is
//! reported with the feature, and the line where that is known.
//!
//! Nothing is repaired that could hide a mistake; what an overlay settles anyway (direction of rings, rings that touch
//! themselves) is taken as it is.

mod geojson;
mod limits;
mod report;

pub(crate) use geojson::{Feature, Properties, Source};
pub(crate) use limits::Budget;
pub(crate) use report::Report;
