//! `[geodata.signal]`: from which level on a raster of signal levels counts as covered.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::rules::Judge;
use crate::Technology;

/// Levels that an instrument or a model can give, in dBm.
const LEVELS_DBM: RangeInclusive<i16> = -200..=-20;

/// `[geodata.signal]`: the levels of each radio technology.
///
/// The defaults are levels outdoors. Those of Ofcom (Connected Nations, methodology) are −105 dBm for 4G, −100 dBm
/// for 3G, and −100 and −110 dBm for 5G; 4G from −115 dBm on is usual practice, and 2G from −94 dBm on is an
/// assumption of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignalConfig {
    /// 2G: `RxLev`.
    pub gsm: SignalLevels,
    /// 3G: RSCP.
    pub wcdma: SignalLevels,
    /// 4G: RSRP.
    pub lte: SignalLevels,
    /// 5G: SS-RSRP.
    pub nr: SignalLevels,
}

/// From which level on there is signal, in dBm. The level itself belongs to the better class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalLevels {
    /// Full signal from here on.
    pub full_dbm: i16,
    /// Marginal signal from here on; the same level when nothing is marginal.
    pub marginal_dbm: i16,
}

impl Default for SignalConfig {
    fn default() -> Self {
        let levels = |full_dbm, marginal_dbm| SignalLevels { full_dbm, marginal_dbm };
        Self { gsm: levels(-94, -94), wcdma: levels(-100, -100), lte: levels(-105, -115), nr: levels(-100, -110) }
    }
}

impl SignalConfig {
    /// The levels of a technology.
    #[must_use]
    pub const fn of(&self, technology: Technology) -> SignalLevels {
        match technology {
            Technology::G2 => self.gsm,
            Technology::G3 => self.wcdma,
            Technology::G4 => self.lte,
            Technology::G5 => self.nr,
        }
    }
}

/// Judges the levels of all technologies.
pub(super) fn judge(config: &SignalConfig, judge: &mut Judge<'_, '_>) {
    let SignalConfig { gsm, wcdma, lte, nr } = config;
    for (name, levels) in [("gsm", gsm), ("wcdma", wcdma), ("lte", lte), ("nr", nr)] {
        let path = format!("geodata.signal.{name}");
        for (key, level) in [("full_dbm", levels.full_dbm), ("marginal_dbm", levels.marginal_dbm)] {
            let hint = format!("choose {} to {} dBm", LEVELS_DBM.start(), LEVELS_DBM.end());
            judge.require(LEVELS_DBM.contains(&level), &format!("{path}.{key}"), "this is no level of signal", &hint);
        }
        let message = "marginal signal would be stronger than full signal";
        let hint = "give marginal_dbm the lower level, or the same when nothing is marginal";
        judge.require(levels.marginal_dbm <= levels.full_dbm, &format!("{path}.marginal_dbm"), message, hint);
    }
}
