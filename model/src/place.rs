//! Where people live and where equipment stands.

use serde::{Deserialize, Serialize};

use crate::{CommuneCode, LinkId, LonLat, Operator, SettlementId, SiteId, UtcMs};

/// The two kinds of commune-level unit since 1 July 2025.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommuneKind {
    /// *Xã*.
    Commune,
    /// *Phường*.
    Ward,
}

/// A commune-level unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Commune {
    /// Five digits, as the statistics office gives them.
    pub code: CommuneCode,
    /// Name without its kind, in NFC, as `Nà Hang`.
    pub name: String,
    /// *Xã* or *phường*.
    pub kind: CommuneKind,
    /// Area as published, in km²; percentages use the polygon's own area instead.
    pub area_km2: Option<f64>,
    /// A point inside the unit for a label; not its seat.
    pub label: Option<LonLat>,
    /// People, as counted by whoever filled in the inventory.
    pub population: Option<u64>,
    /// Other names it is found under: former communes and districts.
    pub aliases: Vec<String>,
    /// The district that it belonged to before July 2025, in NFC. Inventories that were stored before the column existed
    /// have none.
    #[serde(default)]
    pub district: Option<String>,
}

impl Commune {
    /// A *xã* of which nothing more is known.
    #[must_use]
    pub fn new(code: CommuneCode, name: impl Into<String>) -> Self {
        Self {
            code,
            name: name.into(),
            kind: CommuneKind::Commune,
            area_km2: None,
            label: None,
            population: None,
            aliases: Vec::new(),
            district: None,
        }
    }
}

/// Whether a settlement has power from the grid; it decides who pays for a mast.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GridPower {
    /// Grid power is there.
    Yes,
    /// No grid power.
    No,
    /// Nobody wrote it down.
    #[default]
    Unknown,
}

/// A settlement: *thôn, bản, tổ dân phố*.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settlement {
    /// Unique in the inventory.
    pub id: SettlementId,
    /// Name in NFC.
    pub name: String,
    /// The commune it belongs to.
    pub commune: CommuneCode,
    /// Its centre: culture house or main cluster of dwellings.
    pub at: LonLat,
    /// People, when known.
    pub people: Option<u64>,
    /// Households, when known.
    pub households: Option<u64>,
    /// Power from the grid.
    pub power: GridPower,
    /// Its clusters of dwellings besides the centre, when somebody listed them. Inventories that were stored before have
    /// none.
    #[serde(default)]
    pub clusters: Vec<DwellingCluster>,
}

/// Dwellings of a settlement that stand together, apart from its centre or around it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DwellingCluster {
    /// Its middle.
    pub at: LonLat,
    /// Households, when known.
    pub households: Option<u64>,
}

/// What a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SiteKind {
    /// An office of the authorities.
    Office,
    /// An aggregation point of the network.
    Hub,
    /// A base station.
    Bts,
}

impl SiteKind {
    /// The id that files, JSON and CSV use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Hub => "hub",
            Self::Bts => "bts",
        }
    }
}

/// What an operator reported of a site, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reported {
    /// Whether it was reported working.
    pub up: bool,
    /// When the report was made.
    pub at: UtcMs,
}

/// An office, a hub or a base station.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Unique in the inventory.
    pub id: SiteId,
    /// What it is.
    pub kind: SiteKind,
    /// Name in NFC.
    pub name: String,
    /// The commune it stands in, when it stands in one.
    pub commune: Option<CommuneCode>,
    /// Who runs it.
    pub operator: Option<Operator>,
    /// Where it stands.
    pub at: Option<LonLat>,
    /// The links that carry its traffic; its state comes from them.
    pub backhaul: Vec<LinkId>,
    /// The operator's own report; used where there is no backhaul link. Never guessed.
    pub reported: Option<Reported>,
}

/// The three headline claims of a province.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Indicator {
    /// Communes with working fibre to the centre.
    CommunesFibre,
    /// Communes with working broadband.
    CommunesBroadband,
    /// Settlements with mobile signal.
    MobileSettlements,
    /// People with mobile signal.
    MobilePeople,
    /// Area with mobile signal.
    MobileArea,
}

impl Indicator {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 5] =
        [Self::CommunesFibre, Self::CommunesBroadband, Self::MobileSettlements, Self::MobilePeople, Self::MobileArea];

    /// The id that `declared.csv` and JSON use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::CommunesFibre => "communes-fibre",
            Self::CommunesBroadband => "communes-broadband",
            Self::MobileSettlements => "mobile-settlements",
            Self::MobilePeople => "mobile-people",
            Self::MobileArea => "mobile-area",
        }
    }
}

/// A figure that the province has declared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Declared {
    /// Which claim.
    pub indicator: Indicator,
    /// The declared value in percent.
    pub value_percent: f64,
    /// What was counted, when the document says so.
    pub numerator: Option<f64>,
    /// Out of how many, when the document says so.
    pub denominator: Option<f64>,
    /// What is counted: communes, settlements, people, area.
    pub base: String,
    /// Date of the document, `YYYY-MM-DD`.
    pub date: String,
    /// Number and title of the document.
    pub document: String,
}
