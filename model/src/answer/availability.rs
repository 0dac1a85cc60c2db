//! Accounts of time: up + degraded + down + blind + maintenance = the window, to the millisecond.

use serde::{Deserialize, Serialize};

use crate::{CommuneCode, GroupId, LinkId, LinkKind, SiteId, StateTimes};

/// Whose time it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "whose")]
pub enum Whose {
    /// One link.
    Link {
        /// Which.
        link: LinkId,
    },
    /// A site, by the links of its backhaul.
    Site {
        /// Which.
        site: SiteId,
    },
    /// A commune, by its fibre and broadband.
    Commune {
        /// Which.
        commune: CommuneCode,
    },
    /// The links of a group.
    Group {
        /// Which.
        group: GroupId,
    },
    /// The links of a kind.
    Kind {
        /// Which.
        kind: LinkKind,
    },
    /// All links that were asked about.
    Everything,
}

/// How the times of several links become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counted {
    /// There is one link.
    One,
    /// The whole works while any of its links does.
    Any,
    /// The whole works while all of its links do.
    All,
    /// The times of all links are added up: an hour of ten links is ten hours.
    Added,
}

impl Counted {
    /// The id that JSON and CSV use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Any => "any",
            Self::All => "all",
            Self::Added => "added",
        }
    }
}

/// How long something was in each state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AvailabilityItem {
    /// Whose time.
    #[serde(flatten)]
    pub whose: Whose,
    /// Its name.
    pub name: String,
    /// How the times of its links became one.
    pub counted: Counted,
    /// How many links there are.
    pub links: u64,
    /// Times in milliseconds: they add up to the part of the window in which it was in the inventory.
    pub times_ms: StateTimes,
    /// (up + degraded) / (up + degraded + down), between 0 and 1: of the time that was looked at. Null when nobody looked.
    pub availability: Option<f64>,
    /// 1 − down / window, between 0 and 1: as QCVN 34:2022/BTTTT, 2.2.1, has it filed, D = (1 − Tf/Tr); what was blind or
    /// announced is no failure there. Null for an empty window.
    pub availability_filed: Option<f64>,
    /// Share of the window in which we could not look.
    pub blind_share: f64,
    /// Outages that touch the window.
    pub outages: u64,
}
