//! Shapes in, figures out: commune boundaries and coverage layers are read and checked, laid over one another, and
//! come back as coverage figures and coverage gaps.
//!
//! Everything rests on one fixed grid of 10⁻¹² degree, on which overlays are exact to a ten-millionth of a metre; areas
//! are those of the WGS 84 ellipsoid. The same input gives the same bytes, whatever the order of files, features,
//! rings or points. Nothing here knows of links, time series or sockets.
//!
//! ```
//! use phusong_geodata::Geodata;
//! use phusong_model::{Inventory, UtcMs, config::GeodataConfig};
//!
//! let (config, inventory) = (GeodataConfig::default(), Inventory::default());
//! let geodata = Geodata::read(&config, &inventory)?;
//! let coverage = geodata.coverage(&inventory, &[], UtcMs(0));
//! assert!(coverage.figures.is_empty(), "no communes, no layers, no figures");
//! # Ok::<(), phusong_model::Faults>(())
//! ```

#[cfg(feature = "fuzzing")]
pub mod fuzzing;

mod area;
mod cut;
mod flaws;
mod grid;
mod interior;
mod overlay;
mod settled;
mod tiles;

mod crs;
mod written;

mod raster;
mod read;
mod tables;

mod borders;
mod boundaries;
mod layers;
mod levels;
mod measured;
mod placed;
mod points;
mod population;
mod repair;
mod voronoi;

mod fingerprint;
mod geodata;
mod kept;
mod keyed;
mod locate;

mod best;
mod cache;
mod coverage;
mod covered;
mod gaps;
mod grades;
mod identity;
mod ladder;
mod left;
mod nearest;
mod patchy;
mod rule;
mod sound;

#[cfg(test)]
mod province;

pub use coverage::{Coverage, CoverageStep, Dropped};
pub use geodata::Geodata;
pub use kept::GeodataCache;
pub use locate::Communes;
pub use points::EstimatedCell;
pub use raster::{
    Raster, RasterGrid, SignalAreas, SignalClass, SignalThresholds, ZoneError, ZoneShares, ZoneSum, Zones,
};
pub use read::{Bundle, MAX_FILE_BYTES, bundle};
