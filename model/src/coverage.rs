//! Mobile coverage as figures and as gaps.

use serde::{Deserialize, Serialize};

use crate::{
    BestOperators, CommuneCode, GridPower, LonLat, Operator, OperatorScope, SettlementId, Share, SiteId, UtcMs,
};

/// Radio technology by generation. A layer of one generation serves those below it: "at least 3G" holds 4G and 5G.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Technology {
    /// GSM.
    #[serde(rename = "2G")]
    G2,
    /// UMTS.
    #[serde(rename = "3G")]
    G3,
    /// LTE.
    #[serde(rename = "4G")]
    G4,
    /// NR.
    #[serde(rename = "5G")]
    G5,
}

impl Technology {
    /// All of them, oldest first.
    pub const ALL: [Self; 4] = [Self::G2, Self::G3, Self::G4, Self::G5];

    /// `2G` to `5G`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::G2 => "2G",
            Self::G3 => "3G",
            Self::G4 => "4G",
            Self::G5 => "5G",
        }
    }

    /// Reads a generation (`4G`) or a radio name (`LTE`), in any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_uppercase().as_str() {
            "2G" | "GSM" => Some(Self::G2),
            "3G" | "UMTS" | "WCDMA" => Some(Self::G3),
            "4G" | "LTE" => Some(Self::G4),
            "5G" | "NR" => Some(Self::G5),
            _ => None,
        }
    }
}

/// How a coverage layer came to be. The three are never mixed silently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoverageSource {
    /// The operator says so.
    Declared,
    /// A propagation model says so.
    Modelled,
    /// Someone went there and measured.
    Measured,
}

impl CoverageSource {
    /// The id that files, JSON and InfluxDB use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Declared => "declared",
            Self::Modelled => "modelled",
            Self::Measured => "measured",
        }
    }
}

/// The signal of one settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// *Trắng sóng*: no signal at the centre.
    None,
    /// *Lõm sóng*: only marginal signal at the centre.
    Patchy,
    /// Signal at the centre.
    Full,
}

impl Grade {
    /// The id that JSON and CSV use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patchy => "patchy",
            Self::Full => "full",
        }
    }
}

/// By what settlements were judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleMark {
    /// Its name, as its file says.
    pub name: String,
    /// A hash over all that it says, as 12 hexadecimal digits.
    pub hash: String,
    /// Nobody gave a rule: this is our own assumption.
    pub assumed: bool,
    /// A settlement with a smaller share of its households served is patchy.
    pub patchy_households: f64,
    /// A point is served when so many operators serve it.
    pub operators: u8,
    /// The oldest technology that counts as signal.
    pub floor: Technology,
    /// Since which day, `YYYY-MM-DD`; always, when none.
    pub floor_since: Option<String>,
}

impl RuleMark {
    /// The oldest technology that counts as signal on a day, written `YYYY-MM-DD`.
    #[must_use]
    pub fn floor_on(&self, day: &str) -> Technology {
        // Dates are written so that the smaller text is the older date.
        let counts = self.floor_since.as_deref().is_none_or(|since| since <= day);
        if counts { self.floor } else { Technology::G2 }
    }
}

/// What the people of a figure were counted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PeopleBase {
    /// By settlement: all people of one with signal.
    #[default]
    Settlements,
    /// By a raster of people: those who live where there is signal.
    Raster,
}

impl PeopleBase {
    /// The id that JSON and CSV use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Settlements => "settlements",
            Self::Raster => "raster",
        }
    }
}

/// Settlements by grade. Those without a usable position, and those that lie where nobody knows of signal, are `unknown`,
/// in no other count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettlementCounts {
    /// All settlements of the unit.
    pub total: u64,
    /// Without signal.
    pub none: u64,
    /// With patchy signal.
    pub patchy: u64,
    /// With signal at the centre.
    pub full: u64,
    /// Not to be judged.
    pub unknown: u64,
    /// Those of [`Self::full`] of which nobody knows whether they are patchy: there is signal at the centre, and where
    /// else people live is not known. Figures that were stored before have none.
    #[serde(default)]
    pub patchiness_unknown: u64,
}

/// Coverage of one commune by one operator or several, at least one technology.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoverageFigure {
    /// The commune.
    pub commune: CommuneCode,
    /// Whose coverage.
    pub operator: OperatorScope,
    /// At least this technology.
    pub technology: Technology,
    /// How the layers came to be.
    pub source: CoverageSource,
    /// Settlements by grade.
    pub settlements: SettlementCounts,
    /// People with signal, out of those of whom it is known; [`Self::people_base`] says how they were counted. By settlement
    /// these are all people of settlements with signal (patchy included), out of those whose number is known.
    pub people: Share,
    /// Geodesic area in km²: with signal, of the land of which it is known, and the land of which it is not. The last two
    /// together are the commune; the first from the second is what has no signal.
    pub area_km2: Share,
    /// Boundaries were approximated from label points.
    pub approximate: bool,
    /// The layer is example data and says nothing about the world.
    pub example: bool,
    /// Date of the oldest layer used, as its file says.
    pub valid_on: Option<String>,
    /// By what settlements were judged; figures that were stored before do not say.
    #[serde(default)]
    pub rule: Option<RuleMark>,
    /// What people were counted by.
    #[serde(default)]
    pub people_base: PeopleBase,
    /// People were rescaled so that those of the commune add up to its known total.
    #[serde(default)]
    pub people_scaled: bool,
    /// For the best operator: which that is. Figures that were stored before have none.
    #[serde(default)]
    pub best: Option<BestOperators>,
}

/// A place without signal, or a settlement with patchy signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoverageGap {
    /// 12 hexadecimal digits that stay with the place while it grows, shrinks or moves by less than half, and with a
    /// settlement as long as its signal is patchy.
    pub id: String,
    /// Without signal, or patchy; gaps that were stored before are without.
    #[serde(default = "without_signal")]
    pub grade: Grade,
    /// Its commune.
    pub commune: CommuneCode,
    /// Whose coverage is missing.
    pub operator: OperatorScope,
    /// At least this technology is missing.
    pub technology: Technology,
    /// How the layers came to be.
    pub source: CoverageSource,
    /// Geodesic area in km²; 0 where signal is patchy, since nobody knows on how much ground.
    pub area_km2: f64,
    /// A point inside it, or the centre of the settlement.
    pub at: LonLat,
    /// Outer rings and holes as a GeoJSON MultiPolygon's coordinates, WGS 84; none where signal is patchy.
    pub polygon: Vec<Vec<Vec<[f64; 2]>>>,
    /// Settlements inside, in order of their ids.
    pub settlements: Vec<SettlementId>,
    /// Boundaries were approximated from label points.
    pub approximate: bool,
    /// The layer is example data and says nothing about the world.
    pub example: bool,
    /// When this gap was first computed.
    pub first_seen: UtcMs,
    /// When it was last computed; gaps that were stored before do not say.
    #[serde(default)]
    pub last_seen: Option<UtcMs>,
    /// People who live there, as far as known.
    #[serde(default)]
    pub people: Option<u64>,
    /// What they were counted by.
    #[serde(default)]
    pub people_base: PeopleBase,
    /// Households of its settlements, as far as known.
    #[serde(default)]
    pub households: Option<u64>,
    /// Its settlements by power from the grid.
    #[serde(default)]
    pub power: PowerCounts,
    /// The nearest base station of each operator, seen from [`Self::at`], the nearest first.
    #[serde(default)]
    pub nearest: Vec<NearestSite>,
}

const fn without_signal() -> Grade {
    Grade::None
}

/// Settlements by power from the grid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PowerCounts {
    /// Those with it.
    pub yes: u64,
    /// Those without.
    pub no: u64,
    /// Those of which nobody wrote it down.
    pub unknown: u64,
}

impl PowerCounts {
    /// Counts one settlement more.
    pub fn add(&mut self, power: GridPower) {
        match power {
            GridPower::Yes => self.yes += 1,
            GridPower::No => self.no += 1,
            GridPower::Unknown => self.unknown += 1,
        }
    }
}

/// The base station of an operator that is nearest to a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NearestSite {
    /// Who runs it.
    pub operator: Operator,
    /// Which it is.
    pub site: SiteId,
    /// Length of the geodesic to it on WGS 84, in metres.
    pub distance_m: f64,
    /// The direction in which that geodesic begins, in degrees clockwise from true north: 0 up to 360.
    pub azimuth_deg: f64,
}
