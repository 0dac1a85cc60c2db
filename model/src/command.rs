//! What people order by command, as CLI and daemon exchange it, and why an order is refused.

mod import;
mod influx;

pub use import::{DATASET_NAME_MAX, Force, ForceAnswer, ForceOrder, ImportAnswer, ImportOrder, ImportProgress};
pub use influx::{Difference, Retried, RetryAnswer, RetryOrder, Verified, VerifyAnswer, VerifyOrder};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Ack, Fault, MAINTENANCE_LONGEST, MaintenanceId, Millis, NOTE_MAX, OutageId, Planned, TICKET_MAX, UtcMs, WHY_MAX,
    config::ChannelKind,
};

/// Work to be announced. Exactly one of `link`, `commune` and `group` says whose, as people name it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanOrder {
    /// A link: id, address or name.
    pub link: Option<String>,
    /// A commune: code or name.
    pub commune: Option<String>,
    /// A group.
    pub group: Option<String>,
    /// From when; what has passed already is not rewritten.
    pub from: Option<UtcMs>,
    /// Until when.
    pub to: Option<UtcMs>,
    /// What is done.
    pub why: String,
}

/// What came of an order about announced work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanAnswer {
    /// Name and version of the document.
    pub schema: String,
    /// The work as it stands now.
    #[serde(flatten)]
    pub planned: Planned,
    /// How many links it is about.
    pub links: u64,
}

impl PlanAnswer {
    /// Name and version of the document. Within a version fields are only added.
    pub const SCHEMA: &'static str = "phusong.planned/1";
}

/// An outage to be acknowledged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AckOrder {
    /// What is said.
    pub note: Option<String>,
    /// The number under which it is kept elsewhere.
    pub ticket: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AckAnswer {
    /// Name and version of the document.
    pub schema: String,
    /// What was kept.
    #[serde(flatten)]
    pub ack: Ack,
}

impl AckAnswer {
    /// Name and version of the document. Within a version fields are only added.
    pub const SCHEMA: &'static str = "phusong.ack/1";
}

/// How far the store has given room back to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compacted {
    /// There is none left in it.
    All,
    /// The order may be given again.
    Part,
    /// This store can only be compacted while no daemon runs.
    OnlyStopped,
}

/// What came of a compaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompactAnswer {
    /// Name and version of the document.
    pub schema: String,
    /// How far it came.
    pub compacted: Compacted,
}

impl CompactAnswer {
    /// Name and version of the document. Within a version fields are only added.
    pub const SCHEMA: &'static str = "phusong.store-compact/1";

    /// The document.
    #[must_use]
    pub fn of(compacted: Compacted) -> Self {
        Self { schema: Self::SCHEMA.to_owned(), compacted }
    }
}

/// Messages that tell of nothing, to try whether they arrive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotifyTestOrder {
    /// By which channel; by all when none is named.
    pub channel: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotifyTestAnswer {
    /// Name and version of the document.
    pub schema: String,
    /// The channels that were tried.
    pub channels: Vec<TriedChannel>,
}

impl NotifyTestAnswer {
    /// Name and version of the document. Within a version fields are only added.
    pub const SCHEMA: &'static str = "phusong.notify-test/1";
}

/// A channel that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriedChannel {
    /// Its name.
    pub channel: String,
    /// What it is.
    pub kind: ChannelKind,
    /// Whether its receiver took the message.
    pub delivered: bool,
    /// What went wrong: all of it, or for some receivers of a mail.
    pub fault: Option<String>,
    /// How long it took.
    pub took_ms: Millis,
}

/// Why an order is not carried out. Exit code 2, but for an order that could not be stored.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "error")]
pub enum OrderError {
    /// It does not say whose links, or says it twice.
    #[error("say whose links: one of link, commune and group")]
    NoScope,
    /// It does not say from when or until when.
    #[error("say from when until when")]
    NoWindow,
    /// The window is empty.
    #[error("the work ends at {to}, which is not after its begin at {from}")]
    Backwards {
        /// Begin.
        from: UtcMs,
        /// End.
        to: UtcMs,
    },
    /// The window has passed.
    #[error("the work ended at {to}, which has passed: what was accounted is not rewritten")]
    Over {
        /// End.
        to: UtcMs,
    },
    /// The window is too long.
    #[error("the work takes longer than {} days", MAINTENANCE_LONGEST.0 / 86_400_000)]
    TooLong,
    /// No reason is given, or an essay.
    #[error("say why, in 1 to {WHY_MAX} characters")]
    NoReason,
    /// There is no such work.
    #[error("no announced work has number {}", .id.0)]
    UnknownWork {
        /// What was asked.
        id: MaintenanceId,
    },
    /// The work is over.
    #[error("announced work {} is over", .id.0)]
    WorkIsOver {
        /// What was asked.
        id: MaintenanceId,
    },
    /// There is no such outage.
    #[error("no outage has number {}", .id.0)]
    UnknownOutage {
        /// What was asked.
        id: OutageId,
    },
    /// The note or the ticket is too long.
    #[error("a note has at most {NOTE_MAX} characters, a ticket {TICKET_MAX}")]
    TooLongNote,
    /// So much work is announced that one more does not help anybody.
    #[error("{most} windows of work are announced already")]
    TooMuch {
        /// The most.
        most: usize,
    },
    /// The configuration names nobody who is told.
    #[error("no channel is configured")]
    NoChannels,
    /// There is no such channel.
    #[error("no channel is called {channel:?}")]
    UnknownChannel {
        /// What was asked.
        channel: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The configuration names no replica.
    #[error("no InfluxDB is configured")]
    NoReplicas,
    /// There is no such replica.
    #[error("no replica is called {replica:?}")]
    UnknownReplica {
        /// What was asked.
        replica: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The files have faults.
    #[error("{} faults listed: nothing was imported", .faults.len())]
    Faulty {
        /// All of them.
        faults: Vec<Fault>,
    },
    /// A dataset has no usable name.
    #[error("a dataset has a name of 1 to {DATASET_NAME_MAX} characters")]
    DatasetName,
    /// There is no such dataset.
    #[error("no dataset is called {dataset:?}")]
    UnknownDataset {
        /// What was asked.
        dataset: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// There is no such version.
    #[error("no such version")]
    UnknownImport {
        /// Of which dataset; none when one of any was asked for.
        dataset: Option<String>,
        /// Those that there are.
        known: Vec<i64>,
    },
    /// There is no version that could be put back.
    #[error("{dataset} has no version before this one")]
    NothingBefore {
        /// Of which dataset.
        dataset: String,
    },
    /// The store refused.
    #[error("not stored: {reason}")]
    NotStored {
        /// Why.
        reason: String,
    },
}
