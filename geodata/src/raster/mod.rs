//! Rasters: people for each cell, signal levels, terrain.
//!
//! A GeoTIFF is read under limits that hold before memory is taken. Its values are summed over communes with the exact
//! share of each cell that lies inside, and signal levels become areas that go the way of declared ones.

mod cells;
mod classes;
mod directory;
mod fault;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod geotiff;
mod keys;
mod layout;
mod limits;
mod outlines;
mod sweep;
mod unpack;
mod zones;

pub use cells::RasterGrid;
pub use classes::{SignalAreas, SignalClass, SignalThresholds};
pub use geotiff::Raster;
pub(crate) use sweep::weigh;
pub use zones::{ZoneError, ZoneShares, ZoneSum, Zones};
