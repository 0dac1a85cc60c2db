//! Rasters: people for each cell, signal levels, terrain.
//!
//! A GeoTIFF is read under limits that hold before memory is taken.

mod cells;
mod directory;
mod fault;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod geotiff;
mod keys;
mod layout;
mod limits;
mod unpack;

pub use cells::RasterGrid;
pub use geotiff::Raster;
