//! What one look at a link gave.

use serde::{Deserialize, Serialize};

use crate::{Dbm, DeviceId, LinkId, Micros, Millis, UtcMs};

/// How a link was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Probe {
    /// ICMP echo (RFC 792, RFC 4443).
    Icmp,
    /// An SNMP request to the device of the link.
    Snmp,
    /// A TCP connection to the service of the link.
    Tcp,
    /// An HTTP request to the service of the link, with TLS or without.
    Http,
    /// A question to the name server that the link leads to.
    Dns,
}

impl Probe {
    /// The id that the store's readers, JSON and InfluxDB use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Icmp => "icmp",
            Self::Snmp => "snmp",
            Self::Tcp => "tcp",
            Self::Http => "http",
            Self::Dns => "dns",
        }
    }
}

/// Why we could not look. Never a reason to call a link down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlindReason {
    /// The daemon was not running.
    NotRunning,
    /// No right to send ICMP, and the link has no SNMP.
    NoPermission,
    /// Our own kernel refused to send.
    SendError,
    /// Our own receive queue overflowed.
    ReceiveDrops,
    /// The tick came too late to be believed.
    LateTick,
    /// All self-check anchors were lost: it is our own uplink.
    Anchors,
    /// The link is new and has not been decided yet.
    NotYetProbed,
    /// Our own resolver does not tell where the service is.
    Resolver,
    /// SNMP alone could tell, and tells nothing: the device does not know the interface, or its poll is overdue.
    NoEvidence,
}

/// Round-trip times of the replies of one tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RttSummary {
    /// Shortest.
    pub min: Micros,
    /// Median (lower of the two middle ones).
    pub median: Micros,
    /// 95th percentile, nearest rank.
    pub p95: Micros,
    /// Longest.
    pub max: Micros,
    /// Mean of the absolute differences of consecutive round-trip times (after RFC 3550's notion).
    pub jitter: Micros,
}

impl RttSummary {
    /// Summary of the round-trip times in the order they were sent; `None` when nothing came back.
    #[must_use]
    pub fn of(in_order: &[Micros]) -> Option<Self> {
        let mut sorted = in_order.to_vec();
        sorted.sort_unstable();
        let nearest_rank =
            |percent: usize| sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1)).copied();
        let steps = in_order.iter().zip(in_order.iter().skip(1)).map(|(a, b)| u64::from(a.0.abs_diff(b.0)));
        let jitter = steps.sum::<u64>().checked_div(in_order.len().saturating_sub(1) as u64).unwrap_or(0);
        Some(Self {
            min: *sorted.first()?,
            median: nearest_rank(50)?,
            p95: nearest_rank(95)?,
            max: *sorted.last()?,
            jitter: Micros(u32::try_from(jitter).unwrap_or(u32::MAX)),
        })
    }
}

/// Echoes (or SNMP requests) of one link in one tick, re-probes included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EchoStats {
    /// How many were sent.
    pub sent: u16,
    /// How many were not answered in time. `lost <= sent`.
    pub lost: u16,
    /// Round-trip times; none when nothing came back.
    pub rtt: Option<RttSummary>,
}

/// What a look gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// We looked; this is what came back.
    Measured(EchoStats),
    /// We could not look.
    Blind(BlindReason),
}

/// One row per link, probe and tick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The link that was looked at.
    pub link: LinkId,
    /// How.
    pub probe: Probe,
    /// What it gave.
    pub outcome: Outcome,
}

/// A beat of the scheduler; its time is the time of every sample of it. Its presence proves that the daemon was alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// When it was due, on a whole second.
    pub at: UtcMs,
    /// How long until the next one.
    pub period: Millis,
    /// How late it really started.
    pub slip: Millis,
    /// Set when no link could be looked at.
    pub blind: Option<BlindReason>,
}

/// `ifAdminStatus` and `ifOperStatus` (RFC 2863).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IfStatus {
    /// up(1).
    Up,
    /// down(2).
    Down,
    /// testing(3).
    Testing,
    /// unknown(4), and whatever is not in the RFC.
    Unknown,
    /// dormant(5).
    Dormant,
    /// notPresent(6).
    NotPresent,
    /// lowerLayerDown(7).
    LowerLayerDown,
}

impl IfStatus {
    /// The status behind the MIB's number.
    #[must_use]
    pub const fn from_mib(value: i64) -> Self {
        match value {
            1 => Self::Up,
            2 => Self::Down,
            3 => Self::Testing,
            5 => Self::Dormant,
            6 => Self::NotPresent,
            7 => Self::LowerLayerDown,
            _ => Self::Unknown,
        }
    }

    /// The MIB's number.
    #[must_use]
    pub const fn mib(self) -> i64 {
        match self {
            Self::Up => 1,
            Self::Down => 2,
            Self::Testing => 3,
            Self::Unknown => 4,
            Self::Dormant => 5,
            Self::NotPresent => 6,
            Self::LowerLayerDown => 7,
        }
    }
}

/// What SNMP said of one interface. Rates and deltas are against the reading before; none without a baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IfReading {
    /// The device that was asked.
    pub device: DeviceId,
    /// The interface, by `ifName` of the inventory.
    pub ifname: String,
    /// The link that ends there.
    pub link: Option<LinkId>,
    /// When the answer came.
    pub at: UtcMs,
    /// `ifOperStatus`.
    pub oper: IfStatus,
    /// `ifAdminStatus`.
    pub admin: IfStatus,
    /// `ifHighSpeed` × 10⁶.
    pub speed_bps: Option<u64>,
    /// Received bits per second.
    pub in_bps: Option<f64>,
    /// Sent bits per second.
    pub out_bps: Option<f64>,
    /// `ifInErrors` since the reading before.
    pub in_err: Option<u64>,
    /// `ifOutErrors` since the reading before.
    pub out_err: Option<u64>,
    /// `ifInDiscards` since the reading before.
    pub in_disc: Option<u64>,
    /// `ifOutDiscards` since the reading before.
    pub out_disc: Option<u64>,
    /// Received optical power, where a profile knows it.
    pub rx: Option<Dbm>,
    /// Sent optical power, where a profile knows it.
    pub tx: Option<Dbm>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_of_five_round_trips() {
        let rtts = [30, 10, 50, 20, 40].map(Micros);
        let s = RttSummary::of(&rtts);
        assert_eq!(
            s,
            Some(RttSummary {
                min: Micros(10),
                median: Micros(30),
                p95: Micros(50),
                max: Micros(50),
                jitter: Micros(27)
            })
        );
        assert_eq!(RttSummary::of(&[]), None);
        assert_eq!(RttSummary::of(&[Micros(7)]).map(|s| s.jitter), Some(Micros(0)));
    }

    #[test]
    fn interface_status_is_the_mibs() {
        for value in 1..=7 {
            assert_eq!(IfStatus::from_mib(value).mib(), value);
        }
        assert_eq!(IfStatus::from_mib(99), IfStatus::Unknown);
    }
}
