//! How links were looked at: a link over time, and all links beside each other.

use serde::{Deserialize, Serialize};

use crate::{CommuneCode, LinkId, LinkKind, LinkState, Operator, Probe, UtcMs};

/// A stretch of time, and the worst state that a link was in during it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripItem {
    /// From when.
    pub from: UtcMs,
    /// Until when.
    pub to: UtcMs,
    /// The worst state; null where the link was not in the inventory.
    pub state: Option<LinkState>,
}

/// What looks at a link came to in a stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LooksItem {
    /// From when.
    pub from: UtcMs,
    /// Until when.
    pub to: UtcMs,
    /// Looks that could not look.
    pub blind: u64,
    /// Echoes or requests that were sent.
    pub sent: u64,
    /// How many of them were not answered in time.
    pub lost: u64,
    /// The median round trip in ms; null when nothing came back.
    pub rtt_median_ms: Option<f64>,
    /// The longest round trip in ms; null when nothing came back.
    pub rtt_max_ms: Option<f64>,
}

/// The light that a link's interface receives, and how long it will do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LightItem {
    /// The newest reading in dBm.
    pub rx_dbm: f64,
    /// When it was taken.
    pub at: UtcMs,
    /// What the receiver needs in dBm.
    pub limit_dbm: f64,
    /// Nobody wrote the limit down: it is that of a GPON ONT of class B+ (ITU-T G.984.2).
    pub limit_assumed: bool,
    /// How far the newest reading lies above the limit in dB; negative below it.
    pub margin_db: f64,
    /// How much light changes in a day, in dB; null while too few days are known.
    pub change_db_per_day: Option<f64>,
    /// In how many days light reaches the limit if it goes on like that; null when it does not fall.
    pub days_to_limit: Option<f64>,
    /// Readings of the last thirty days, oldest first.
    pub readings: Vec<LightReading>,
}

/// One reading of light.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LightReading {
    /// When.
    pub at: UtcMs,
    /// Received optical power in dBm.
    pub rx_dbm: f64,
}

/// How a link was looked at by one probe over the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TopItem {
    /// The link.
    pub link: LinkId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub kind: LinkKind,
    /// Code of its commune.
    pub commune: Option<CommuneCode>,
    /// Name of its commune.
    pub commune_name: Option<String>,
    /// Who runs it.
    pub operator: Option<Operator>,
    /// How it was looked at.
    pub probe: Probe,
    /// What was asked: an address, a service, or `device/ifname`.
    pub target: String,
    /// State now.
    pub state: LinkState,
    /// Looks that told something.
    pub looks: u64,
    /// Looks that could not look.
    pub blind: u64,
    /// Echoes or requests that were sent, repeated ones included.
    pub sent: u64,
    /// How many of them were not answered in time.
    pub lost: u64,
    /// Of those that were sent; null when nothing was.
    pub lost_ratio: Option<f64>,
    /// The median round trip in ms.
    pub rtt_median_ms: Option<f64>,
    /// The 95th percentile of the looks' medians in ms.
    pub rtt_p95_ms: Option<f64>,
    /// The longest round trip in ms.
    pub rtt_max_ms: Option<f64>,
}
