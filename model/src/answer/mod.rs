//! Questions and answers: what CLI, page and scripts get, versioned. An answer says where it comes from, how old it is
//! and how long we were blind. Within a version fields are only added.

mod availability;
mod body;
mod contradictions;
mod items;
mod look;
mod maintenance;
mod outage;
mod probe;
mod query;
mod rank;
mod ready;
mod sitrep;
mod topology;
mod weak;

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use availability::{AvailabilityItem, Counted, Whose};
pub use body::{Body, CommuneBody, KindCounts, LinkBody, StateCounts, StatusBody};
pub use contradictions::ContradictionItem;
pub use items::{CoverageItem, EventItem, GapItem, IndicatorItem, LinkItem, OutageItem, SettlementItem, SiteItem};
pub use look::{LightItem, LightReading, LooksItem, StripItem, TopItem};
pub use maintenance::{MaintenanceItem, WorkState};
pub use outage::{AffectedItem, Happening, Moment, OutageBody, TriedItem, VerdictItem};
pub use probe::{ProbeAnswer, ProbedEcho, ProbedLink, ProbedService, probed_stats};
pub use query::{AccountBy, Query, Topic};
pub use rank::{GapRank, RankBy};
pub use ready::{Fitness, FitnessCounts, MEETING_LENGTH, ReadyBody, ReadyItem, ReadyReason};
pub use sitrep::{
    OperatorsLeft, SitrepBody, SitrepCause, SitrepChange, SitrepClass, SitrepCommune, SitrepCommunes, SitrepEvent,
    SitrepOf, SitrepPart, SitrepPeople, SitrepRow, StationReports,
};
pub use topology::{NodeItem, NodeKind, PathBody, PathWay, TreeBody, TreeNode, WayState};
pub use weak::{WeakBody, WeakItem};

use crate::{CommuneCode, GroupId, LinkId, Millis, Operator, OutageId, StorePart, UtcMs, Window};

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The running daemon.
    Daemon,
    /// The store, read by the CLI itself.
    Store,
}

/// What a script may need to know of an answer beside its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    /// Something is down, degraded or uncovered.
    Findings,
    /// The newest tick is older than it should be.
    Stale,
    /// Part of what was asked could not be judged: blind links, a refused store, a missing daemon.
    Partial,
}

/// A remark that goes with an answer. People get it in their language through the glossary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "notice")]
pub enum Notice {
    /// The data is an example.
    Example,
    /// Boundaries were approximated from label points.
    ApproximateBoundaries,
    /// The daemon does not answer; the store was read instead.
    DaemonAway {
        /// What was tried and what came of it.
        reason: String,
    },
    /// No right to send ICMP; SNMP alone decides.
    NoIcmp,
    /// The store refuses the newest ticks; the answer is made of what was committed before and of what waits in memory.
    NotStored {
        /// Why the disk refuses.
        reason: String,
        /// Ticks that wait for it.
        waiting_ticks: u64,
        /// Older ticks whose samples were given up; what they decided was not.
        given_up_ticks: u64,
    },
    /// The disk refused for so long that samples were given up; what their ticks decided was not.
    GivenUp {
        /// Of so many ticks, since the daemon started.
        ticks: u64,
    },
    /// A damaged store was set aside; what could be read of it is in the new one.
    SetAside {
        /// Its file in the data folder.
        file: String,
    },
    /// The store or its disk is full: old samples go before their time.
    StoreShort,
    /// The store is damaged: the answer is made of what can still be read.
    LeftUnread {
        /// What cannot be read.
        parts: Vec<StorePart>,
    },
    /// Another program has locked the store: a copy of its files was read.
    ReadFromCopy,
    /// InfluxDB does not take what is sent; the answer is complete without it.
    InfluxAway {
        /// Name of the replica.
        replica: String,
        /// Why.
        reason: String,
    },
    /// Samples that the store had to remove before this replica had them.
    RemovedUndelivered {
        /// Name of the replica.
        replica: String,
        /// How many, ever.
        samples: u64,
    },
    /// A channel does not deliver what people are to be told.
    NotTold {
        /// Name of the channel.
        channel: String,
        /// Why.
        reason: String,
    },
    /// A reload was refused; the configuration before it is in force.
    ReloadRefused {
        /// The first reason.
        reason: String,
    },
    /// No coverage layer was given.
    NoCoverage,
    /// Only the first items are in the answer, as was asked for.
    LeftOut {
        /// How many are in it.
        shown: u64,
        /// How many there are.
        total: u64,
    },
    /// The certificate of a link's service ends soon, or has ended.
    CertificateEnds {
        /// Which link.
        link: LinkId,
        /// When it ends.
        not_after: UtcMs,
    },
    /// Nobody who is trusted vouches for the certificate of a link's service.
    CertificateUntrusted {
        /// Which link.
        link: LinkId,
    },
    /// Traps were refused or too many in the last minutes; probing goes on as ever.
    TrapsRefused {
        /// Not believed since the daemon started.
        refused: u64,
        /// More than are acted on, since the daemon started.
        limited: u64,
    },
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The items, with the schema's name as `schema`.
    #[serde(flatten)]
    pub body: Body,
    /// When the answer was made.
    pub generated: UtcMs,
    /// Who made it.
    pub source: Source,
    /// Age of the newest tick in milliseconds; null when nothing was ever probed.
    pub data_age_ms: Option<Millis>,
    /// The window that `--since` asked for.
    pub window: Window,
    /// Share of link-time in the window in which we could not look.
    pub blind_share: f64,
    /// All conditions that apply.
    pub conditions: Vec<Condition>,
    /// Remarks.
    pub notices: Vec<Notice>,
}

/// A question that cannot be answered as it was put. Exit code 2.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "error")]
pub enum AskError {
    /// No commune of that name.
    #[error("no commune {asked:?}")]
    UnknownCommune {
        /// What was asked.
        asked: String,
        /// Close ones.
        suggestions: Vec<Candidate>,
    },
    /// More than one commune of that name.
    #[error("{asked:?} fits several communes")]
    AmbiguousCommune {
        /// What was asked.
        asked: String,
        /// All that fit.
        candidates: Vec<Candidate>,
    },
    /// `commune` was asked without saying which.
    #[error("which commune?")]
    NoCommune,
    /// No link of that name.
    #[error("no link {asked:?}")]
    UnknownLink {
        /// What was asked.
        asked: String,
        /// Close ones.
        suggestions: Vec<LinkCandidate>,
    },
    /// More than one link of that name.
    #[error("{asked:?} fits several links")]
    AmbiguousLink {
        /// What was asked.
        asked: String,
        /// The first that fit.
        candidates: Vec<LinkCandidate>,
    },
    /// `link` was asked without saying which.
    #[error("which link?")]
    NoLink,
    /// No link is in a group of that name.
    #[error("no group {asked:?}")]
    UnknownGroup {
        /// What was asked.
        asked: String,
        /// All groups.
        groups: Vec<GroupId>,
    },
    /// No former district of that name.
    #[error("no former district {asked:?}")]
    UnknownDistrict {
        /// What was asked.
        asked: String,
        /// Close ones; all of them when none is close.
        districts: Vec<String>,
    },
    /// Nothing in the inventory is run by that operator.
    #[error("no operator {asked:?}")]
    UnknownOperator {
        /// What was asked.
        asked: String,
        /// All operators of the inventory.
        operators: Vec<Operator>,
    },
    /// No outage of that number.
    #[error("no outage {outage}", outage = .outage.0)]
    UnknownOutage {
        /// What was asked.
        outage: OutageId,
        /// The newest number there is.
        newest: Option<OutageId>,
    },
    /// `outage` was asked without saying which.
    #[error("which outage?")]
    NoOutage,
    /// `ready` was asked without saying of which group.
    #[error("which group?")]
    NoGroup {
        /// All groups.
        groups: Vec<GroupId>,
    },
    /// Gaps are not ranked by that.
    #[error("gaps are not ranked by {asked:?}")]
    UnknownRank {
        /// What was asked.
        asked: String,
        /// By what they are.
        ranks: Vec<GapRank>,
    },
    /// No such topic.
    #[error("nothing of that name can be asked")]
    UnknownTopic,
}

/// A commune that may have been meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Code.
    pub code: CommuneCode,
    /// Name.
    pub name: String,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.code)
    }
}

/// A link that may have been meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkCandidate {
    /// Id.
    pub link: LinkId,
    /// Name.
    pub name: String,
}

impl fmt::Display for LinkCandidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name == self.link.as_str() {
            write!(f, "{}", self.link)
        } else {
            write!(f, "{} ({})", self.link, self.name)
        }
    }
}
