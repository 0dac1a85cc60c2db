//! Rasters: people for each cell, signal levels, terrain.
//!
//! A GeoTIFF is read under limits that hold before memory is taken. Its values are summed over communes with the exact
//! share of each cell that lies inside.

mod cells;
mod directory;
mod fault;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod geotiff;
mod keys;
mod layout;
mod limits;
mod sweep;
mod unpack;
mod zones;

pub use cells::RasterGrid;
pub use geotiff::Raster;
pub use zones::{ZoneError, ZoneShares, ZoneSum, Zones};
