//! Outages: stored intervals, open ones included.

use serde::{Deserialize, Serialize};

use crate::{LinkId, Millis, UtcMs};

/// The number of an outage in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutageId(pub i64);

/// What is known of the cause. `Unknown` is a valid answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "cause")]
pub enum Cause {
    /// Nothing tells.
    Unknown,
    /// A link that carries this one is down.
    Upstream {
        /// The nearest such link.
        link: LinkId,
    },
    /// The device answers and says that the interface is down.
    Interface,
}

impl Cause {
    /// The id that JSON, CSV and InfluxDB use.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Upstream { .. } => "upstream",
            Self::Interface => "interface",
        }
    }
}

/// A stretch in which a link was down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// Number in the store.
    pub id: OutageId,
    /// Which link.
    pub link: LinkId,
    /// From the first lost round.
    pub start: UtcMs,
    /// Until the first good round; `None` while open.
    pub end: Option<UtcMs>,
    /// When it was decided that the link is down.
    pub decided: UtcMs,
    /// What is known of the cause; a change does not split the outage.
    pub cause: Cause,
    /// Time inside in which we could not look.
    pub blind: Millis,
}

impl Outage {
    /// How long it has lasted at `now`.
    #[must_use]
    pub fn length(&self, now: UtcMs) -> Millis {
        self.end.unwrap_or(now).since(self.start)
    }
}
