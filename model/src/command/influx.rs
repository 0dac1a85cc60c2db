//! Orders about the replicas in InfluxDB, and what came of them.

use serde::{Deserialize, Serialize};

use crate::{UtcMs, Window};

/// The lines that a replica refused are to be sent again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetryOrder {
    /// Which replica; all when none is named.
    pub replica: Option<String>,
    /// Lines that are refused again, and points that no line can hold, are given up.
    #[serde(default)]
    pub discard: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryAnswer {
    /// Name and version of the document.
    pub schema: String,
    /// The replicas that were tried.
    pub replicas: Vec<Retried>,
}

impl RetryAnswer {
    /// Name and version of the document. Within a version fields are only added.
    pub const SCHEMA: &'static str = "phusong.influx-retry/1";
}

/// Rejected lines that were sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retried {
    /// The replica.
    pub replica: String,
    /// Lines that InfluxDB has taken now.
    pub taken: u64,
    /// Lines that it refuses still.
    pub refused: u64,
    /// Points that no line can hold; they are never sent.
    pub unwritable: u64,
    /// Of the last two, how many were given up by order.
    #[serde(default)]
    pub discarded: u64,
    /// Why not all were tried.
    pub fault: Option<String>,
}

/// A replica is to be compared with the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyOrder {
    /// Which replica; all when none is named.
    pub replica: Option<String>,
    /// From the hour of this instant; 24 hours before the end when none is given.
    pub since: Option<UtcMs>,
    /// Until then, and no further than the replica has got.
    pub until: Option<UtcMs>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyAnswer {
    /// Name and version of the document.
    pub schema: String,
    /// The replicas that were compared.
    pub replicas: Vec<Verified>,
}

impl VerifyAnswer {
    /// Name and version of the document. Within a version fields are only added.
    pub const SCHEMA: &'static str = "phusong.influx-verify/1";
}

/// A replica beside the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// The replica.
    pub replica: String,
    /// What was compared: whole hours, the last one as far as the replica has got.
    pub window: Window,
    /// Measured samples of it in the store.
    pub stored: u64,
    /// Points of it in InfluxDB.
    pub found: u64,
    /// Series and hours that differ.
    pub differing: u64,
    /// The first of them.
    pub differences: Vec<Difference>,
    /// Why not all was compared.
    pub fault: Option<String>,
}

/// A series in an hour of which the store has more or fewer samples than InfluxDB has points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Difference {
    /// Begin of the hour.
    pub hour: UtcMs,
    /// The link.
    pub link: String,
    /// How it was looked at.
    pub probe: String,
    /// Measured samples in the store.
    pub stored: u64,
    /// Points in InfluxDB.
    pub found: u64,
}
