//! The small sections: `[inventory]`, `[geodata]`, `[store]`, `[api]`, `[traps]`.

use std::{net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{ByteSize, Seconds, SignalConfig};
use crate::{CoverageSource, DatasetKind, Operator, Technology};

/// `[inventory]`: where the CSV files are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InventoryConfig {
    /// Name of the province, as answers show it.
    pub province: String,
    /// The folder with `communes.csv` and the others.
    pub folder: PathBuf,
    /// Marks everything as example data.
    pub example: bool,
}

impl Default for InventoryConfig {
    fn default() -> Self {
        Self { province: "Tuyên Quang".to_owned(), folder: PathBuf::from("inventory"), example: false }
    }
}

/// `[geodata]`: boundaries, coverage layers, and what else figures rest on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GeodataConfig {
    /// A file with a polygon per commune, property `code`. Without it boundaries are approximated.
    pub communes: Option<PathBuf>,
    /// A file that says by what a settlement is without signal, patchy or full. Without it our own assumption holds.
    pub rules: Option<PathBuf>,
    /// From which level on a raster of signal levels counts as covered.
    pub signal: SignalConfig,
    /// Coverage layers.
    pub layer: Vec<LayerConfig>,
    /// Settlements, sites, cells, population and measurements.
    pub dataset: Vec<DatasetConfig>,
    /// Measurements made so many days before the date of a layer, or earlier, do not speak against it.
    pub measured_age_days: MeasuredAge,
    /// Places without signal that are smaller are gaps only when a settlement lies in them.
    pub min_gap_ha: MinGap,
}

/// How large a place without signal has to be, when nobody lives there, to be shown: hectares between 0 and 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct MinGap(u32);

impl MinGap {
    /// Five hectares: raster layers leave thousands of pixels of shadow that nobody lives in.
    pub const DEFAULT: Self = Self(5);
    /// 100 km², most of a commune: beyond it nothing without settlements would ever be shown.
    const MAX: u32 = 10_000;

    /// The hectares.
    #[must_use]
    pub const fn hectares(self) -> u32 {
        self.0
    }
}

impl Default for MinGap {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<u32> for MinGap {
    type Error = String;
    fn try_from(hectares: u32) -> Result<Self, String> {
        let fits = hectares <= Self::MAX;
        fits.then_some(Self(hectares)).ok_or_else(|| format!("{hectares} hectares: give 0 to {}", Self::MAX))
    }
}

impl From<MinGap> for u32 {
    fn from(min: MinGap) -> Self {
        min.0
    }
}

/// How old measurements may be, in days, between 1 and 3,660.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct MeasuredAge(u32);

impl MeasuredAge {
    /// Two years. Provinces have their sites built by yearly plans and tests are driven once in a plan, so that two years
    /// leave the last drive in force until the next one; what is older was measured in another network.
    pub const DEFAULT: Self = Self(730);
    /// Ten years, in which a whole generation comes and goes.
    const MAX: u32 = 3_660;

    /// The days.
    #[must_use]
    pub const fn days(self) -> u32 {
        self.0
    }
}

impl Default for MeasuredAge {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<u32> for MeasuredAge {
    type Error = String;
    fn try_from(days: u32) -> Result<Self, String> {
        let is_age = (1..=Self::MAX).contains(&days);
        is_age.then_some(Self(days)).ok_or_else(|| format!("{days} days: give 1 to {}", Self::MAX))
    }
}

impl From<MeasuredAge> for u32 {
    fn from(age: MeasuredAge) -> Self {
        age.0
    }
}

/// `[[geodata.layer]]`: a file of covered areas, or a raster of signal levels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerConfig {
    /// The file. Its features may carry `operator`, `radio` or `technology`, `class` and `valid_on`; a raster carries none
    /// of them and needs the first two here.
    pub file: PathBuf,
    /// How the layer came to be.
    pub source: CoverageSource,
    /// Operator of features that do not say.
    pub operator: Option<Operator>,
    /// Technology of features that do not say.
    pub technology: Option<Technology>,
    /// Coordinate system of a file that does not say.
    pub crs: Option<String>,
    /// The day that features speak of which do not say.
    pub valid_on: Option<String>,
}

/// `[[geodata.dataset]]`: a file of points, people or measurements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetConfig {
    /// What it holds; boundaries and layers have keys of their own.
    pub kind: DatasetKind,
    /// The file.
    pub file: PathBuf,
    /// A file that says which columns mean what.
    pub columns: Option<PathBuf>,
    /// Operator of rows that do not say.
    pub operator: Option<Operator>,
    /// Technology of rows that do not say.
    pub technology: Option<Technology>,
    /// Coordinate system of a file that does not say.
    pub crs: Option<String>,
    /// The day that it speaks of, where the file does not say.
    pub valid_on: Option<String>,
    /// Take corrected coordinates where the reason is likely.
    #[serde(default)]
    pub accept_guesses: bool,
}

impl LayerConfig {
    /// A file whose features say everything else.
    #[must_use]
    pub const fn new(file: PathBuf, source: CoverageSource) -> Self {
        Self { file, source, operator: None, technology: None, crs: None, valid_on: None }
    }
}

/// `[store]`: where everything is kept, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreConfig {
    /// The data folder; the daemon holds its lock.
    pub folder: PathBuf,
    /// How long every single look is kept.
    pub keep_samples: Seconds,
    /// How long is kept what the looks of a minute came to.
    pub keep_minutes: Seconds,
    /// The same of an hour. Days, states and outages are kept for ever.
    pub keep_hours: Seconds,
    /// The size that the store does not outgrow.
    pub size: ByteSize,
    /// Space on the disk that is left to others, though never more than a tenth of the disk.
    pub keep_free: ByteSize,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            folder: PathBuf::from("/var/lib/phusong"),
            keep_samples: Seconds::days(30),
            keep_minutes: Seconds::days(90),
            keep_hours: Seconds::days(1_095),
            size: ByteSize::mebibytes(20 << 10),
            keep_free: ByteSize::mebibytes(1 << 10),
        }
    }
}

/// `[api]`: where questions are answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApiConfig {
    /// The Unix socket that the CLI asks.
    pub socket: PathBuf,
    /// The page; a loopback address, or absent for none.
    pub listen: Option<SocketAddr>,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            socket: PathBuf::from("/run/phusong/phusong.sock"),
            listen: Some(SocketAddr::from(([127, 0, 0, 1], 8640))),
        }
    }
}

/// `[traps]`: whether devices may hasten the next look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrapsConfig {
    /// Where SNMP traps and informs are taken; absent means nowhere.
    pub listen: Option<SocketAddr>,
}
