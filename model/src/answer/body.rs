//! The bodies of answers, one per topic; the tag is the schema's name and version.

use serde::{Deserialize, Serialize};

use super::{
    AvailabilityItem, ContradictionItem, CoverageItem, EventItem, GapItem, GapRank, IndicatorItem, LightItem, LinkItem,
    LooksItem, MaintenanceItem, OutageBody, OutageItem, PathBody, ReadyBody, SettlementItem, SiteItem, SitrepBody,
    StripItem, TopItem, TreeBody, WeakBody,
};
use crate::{
    Carrier, ChannelHealth, Commune, Contact, Health, IfReading, LinkKind, LinkState, NotificationItem, Observed, UtcMs,
};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "schema")]
pub enum Body {
    /// How everything is.
    #[serde(rename = "phusong.status/1")]
    Status(Box<StatusBody>),
    /// Every link.
    #[serde(rename = "phusong.links/1")]
    Links {
        /// In the order of the inventory.
        items: Vec<LinkItem>,
    },
    /// Outages of the window.
    #[serde(rename = "phusong.outages/1")]
    Outages {
        /// Open ones first, then by start, newest first.
        items: Vec<OutageItem>,
        /// What belongs together of them, in the same order.
        #[serde(default)]
        events: Vec<EventItem>,
        /// How many links were asked about.
        #[serde(default)]
        links: u64,
        /// How many of them cannot be looked at now, all when nobody looks; 0 of a window that is over.
        #[serde(default)]
        blind: u64,
    },
    /// Gaps of links and coverage.
    #[serde(rename = "phusong.gaps/1")]
    Gaps {
        /// By rank.
        items: Vec<GapItem>,
        /// Links that could not be looked at: neither gaps nor fine.
        blind: Vec<LinkItem>,
        /// By what the gaps are ranked.
        #[serde(default)]
        ranked_by: GapRank,
    },
    /// Coverage figures.
    #[serde(rename = "phusong.coverage/1")]
    Coverage {
        /// By commune, operator and technology.
        items: Vec<CoverageItem>,
        /// The same for all communes asked for together.
        totals: Vec<CoverageItem>,
    },
    /// Contradictions between layers and measurements.
    #[serde(rename = "phusong.contradictions/1")]
    Contradictions {
        /// By commune, place, operator, technology and source.
        items: Vec<ContradictionItem>,
    },
    /// All about one commune.
    #[serde(rename = "phusong.commune/1")]
    Commune(Box<CommuneBody>),
    /// All about one link.
    #[serde(rename = "phusong.link/1")]
    Link(Box<LinkBody>),
    /// The headline claims.
    #[serde(rename = "phusong.indicators/1")]
    Indicators {
        /// In the order of [`crate::Indicator::ALL`].
        items: Vec<IndicatorItem>,
    },
    /// Announced work.
    #[serde(rename = "phusong.maintenance/1")]
    Maintenance {
        /// Under way first, then what is ahead, then what is over.
        items: Vec<MaintenanceItem>,
    },
    /// Communes whose ways to the centre share something.
    #[serde(rename = "phusong.weak/1")]
    Weak(Box<WeakBody>),
    /// What people were told.
    #[serde(rename = "phusong.notify/1")]
    Notify {
        /// The ways by which they are told.
        channels: Vec<ChannelHealth>,
        /// The messages of the window, the newest first; of many, the newest 200.
        items: Vec<NotificationItem>,
    },
    /// Accounts of time.
    #[serde(rename = "phusong.availability/1")]
    Availability {
        /// In the order of the inventory.
        items: Vec<AvailabilityItem>,
        /// The same for the links asked about together.
        totals: Vec<AvailabilityItem>,
    },
    /// All about one outage.
    #[serde(rename = "phusong.outage/1")]
    Outage(Box<OutageBody>),
    /// How links were looked at.
    #[serde(rename = "phusong.top/1")]
    Top {
        /// Those that most was waited for in vain first, then the slowest.
        items: Vec<TopItem>,
        /// Until when looks are counted: the newest minutes are not added up yet. Null when nothing was.
        counted_until: Option<UtcMs>,
    },
    /// The situation report.
    #[serde(rename = "phusong.sitrep/1")]
    Sitrep(Box<SitrepBody>),
    /// Whether a group can meet.
    #[serde(rename = "phusong.ready/1")]
    Ready(Box<ReadyBody>),
    /// What hangs on what.
    #[serde(rename = "phusong.tree/1")]
    Tree(Box<TreeBody>),
    /// The ways from a link to the centre.
    #[serde(rename = "phusong.path/1")]
    Path(Box<PathBody>),
}

/// Numbers of links by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateCounts {
    /// Up.
    pub up: u64,
    /// Degraded.
    pub degraded: u64,
    /// Down.
    pub down: u64,
    /// Could not be looked at.
    pub blind: u64,
    /// In announced maintenance.
    pub maintenance: u64,
}

impl StateCounts {
    /// Counts one more link.
    pub fn add(&mut self, state: LinkState) {
        let slot = match state {
            LinkState::Up => &mut self.up,
            LinkState::Degraded => &mut self.degraded,
            LinkState::Down => &mut self.down,
            LinkState::Blind => &mut self.blind,
            LinkState::Maintenance => &mut self.maintenance,
        };
        *slot += 1;
    }

    /// All links together.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.up + self.degraded + self.down + self.blind + self.maintenance
    }
}

/// Links of one kind by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindCounts {
    /// The kind.
    pub kind: LinkKind,
    /// How many are in which state.
    pub counts: StateCounts,
}

/// How everything is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatusBody {
    /// Name of the province.
    pub province: String,
    /// How many communes.
    pub communes: u64,
    /// By kind, only kinds that the inventory has.
    pub kinds: Vec<KindCounts>,
    /// How many outages are open.
    pub open_outages: u64,
    /// The worst of them, most people first, at most five.
    pub worst: Vec<OutageItem>,
    /// The worst open events, most people first, at most five. What belongs together is one of them.
    #[serde(default)]
    pub worst_events: Vec<EventItem>,
    /// How many events are open.
    #[serde(default)]
    pub open_events: u64,
    /// What began or ended in the last hour of the window, as events, the newest first.
    #[serde(default)]
    pub recent: Vec<EventItem>,
    /// How many events began or ended in that hour; `recent` has the newest of them.
    #[serde(default)]
    pub recent_events: u64,
    /// How many of them began in it.
    #[serde(default)]
    pub recent_begun: u64,
    /// How many of them ended in it.
    #[serde(default)]
    pub recent_ended: u64,
    /// How many links cannot be looked at now: all when nobody looks.
    #[serde(default)]
    pub unseen_links: u64,
    /// Outages that ended in the window.
    pub ended_outages: u64,
    /// The headline of mobile coverage, when layers were given.
    pub mobile: Option<CoverageItem>,
    /// Health of the parts.
    pub health: Option<Health>,
}

/// All about one commune.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommuneBody {
    /// The commune itself.
    pub commune: Commune,
    /// People, when known.
    pub people: Option<u64>,
    /// Its links.
    pub links: Vec<LinkItem>,
    /// Its outages in the window.
    pub outages: Vec<OutageItem>,
    /// Its coverage.
    pub coverage: Vec<CoverageItem>,
    /// Its gaps, by rank.
    pub gaps: Vec<GapItem>,
    /// Its sites.
    pub sites: Vec<SiteItem>,
    /// Its settlements that lie in a coverage gap.
    pub settlements: Vec<SettlementItem>,
}

/// All about one link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkBody {
    /// As it is now, and over the window.
    pub link: LinkItem,
    /// People who depend on it, when known.
    pub people: Option<u64>,
    /// What carries it: ids of links, `device/ID`, `site/ID`.
    pub upstream: Vec<Carrier>,
    /// Whom to call.
    pub contact: Contact,
    /// The last reading of its interface.
    pub interface: Option<IfReading>,
    /// Its outages in the window.
    pub outages: Vec<OutageItem>,
    /// What probes saw of it, and of the device at its end, besides answers.
    pub observations: Vec<Observed>,
    /// Its states over the window, in stretches of one length.
    #[serde(default)]
    pub strip: Vec<StripItem>,
    /// How it was looked at over the window, in the same stretches, by the probe that decides.
    #[serde(default)]
    pub looks: Vec<LooksItem>,
    /// The light that its interface receives; null where none is measured.
    #[serde(default)]
    pub light: Option<LightItem>,
}
