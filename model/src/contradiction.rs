//! Where what somebody met on the way contradicts what a layer says.

use serde::{Deserialize, Serialize};

use crate::{CommuneCode, CoverageSource, LonLat, Operator, SettlementId, Technology, UtcMs};

/// How good a signal is said or found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signal {
    /// Too weak, or none.
    None,
    /// There, but weak.
    Marginal,
    /// As good as full coverage needs.
    Full,
}

impl Signal {
    /// All of them, the worst first.
    pub const ALL: [Self; 3] = [Self::None, Self::Marginal, Self::Full];

    /// The id that files and JSON use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Marginal => "marginal",
            Self::Full => "full",
        }
    }
}

/// What a contradiction is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum ContradictionPlace {
    /// A cell of H3, resolution 9: about 0.1 km².
    Hexagon {
        /// Its index as 15 hexadecimal digits.
        index: String,
        /// Its corners as a ring of WGS 84 longitudes and latitudes, the first repeated at the end.
        boundary: Vec<[f64; 2]>,
    },
    /// The centre of a settlement.
    Settlement {
        /// Which.
        settlement: SettlementId,
        /// Its centre.
        at: LonLat,
        /// Tests so many metres around it count.
        within_m: u32,
    },
}

/// One look at the signal, as a file of measurements has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignalTest {
    /// Name of the dataset.
    pub dataset: String,
    /// Where in its file: line, row or point.
    pub place: String,
    /// When.
    pub at: UtcMs,
    /// Where.
    pub position: LonLat,
    /// Level in dBm: RSRP of 4G and 5G, RSCP of 3G, RxLev of 2G; none where the device found no network at all.
    pub dbm: Option<f64>,
    /// The cell that was heard, as the device names it.
    pub cell: Option<String>,
}

/// What the tests of a place say together. Where the device found no network there is no level; such tests are below
/// every level, and so are the quantiles that fall among them: these are null.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredSignal {
    /// The class of the median.
    pub class: Signal,
    /// How many tests.
    pub count: u64,
    /// How many of them found no network at all.
    pub without_network: u64,
    /// How many are too weak to count as signal.
    pub none: u64,
    /// How many are weaker than full signal, those too weak included.
    pub below_full: u64,
    /// Median in dBm, the lower one of two.
    pub median_dbm: Option<f64>,
    /// A tenth of the tests is not above it, in dBm.
    pub p10_dbm: Option<f64>,
    /// Nine tenths of the tests are not above it, in dBm.
    pub p90_dbm: Option<f64>,
    /// When the first was made.
    pub first: UtcMs,
    /// When the last was made.
    pub last: UtcMs,
}

/// Most tests that a contradiction lists; the others are counted. A page of a letter to the operator has room for them.
pub const CONTRADICTION_TESTS_MAX: usize = 20;

/// A place where a layer says something else than tests found. A finding, to be asked about: neither the layer nor
/// what was measured is altered by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contradiction {
    /// Stable while place, operator, technology and both claims stay: a hash over them.
    pub id: String,
    /// Where.
    pub place: ContradictionPlace,
    /// Its commune; none where it lies in no commune of the boundaries.
    pub commune: Option<CommuneCode>,
    /// Whose signal.
    pub operator: Operator,
    /// Of which generation.
    pub technology: Technology,
    /// Which sort of layer is contradicted: declared or modelled.
    pub source: CoverageSource,
    /// What the layer says.
    pub claimed: Signal,
    /// The date of the layer, `YYYY-MM-DD`, as its file says.
    pub valid_on: Option<String>,
    /// What was found.
    pub measured: MeasuredSignal,
    /// The tests behind it: the first and the last ones when there are more than [`CONTRADICTION_TESTS_MAX`], by time.
    pub tests: Vec<SignalTest>,
    /// Tests that are not listed.
    pub untold: u64,
    /// Boundaries were approximated from label points.
    pub approximate: bool,
    /// Layer or inventory are example data and say nothing about the world.
    pub example: bool,
}

impl Contradiction {
    /// Whether less signal was found than the layer says; else more was.
    #[must_use]
    pub fn is_overclaimed(&self) -> bool {
        self.measured.class < self.claimed
    }
}
