//! Everything an answer rests on, fetched once by daemon or CLI and handed to `gaps` as plain values.

use serde::{Deserialize, Serialize};

use crate::{
    BlindReason, Cause, CoverageFigure, CoverageGap, EchoStats, IfReading, Inventory, LinkId, LinkState, Millis,
    Observed, Outage, Span, Tick, UtcMs, Window,
};

/// A link as it was at the last tick.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkNow {
    /// Which link.
    pub link: LinkId,
    /// Its state.
    pub state: LinkState,
    /// Since when.
    pub since: UtcMs,
    /// Why it is down.
    pub cause: Option<Cause>,
    /// Why we could not look.
    pub blind: Option<BlindReason>,
    /// ICMP of the last tick that had any; of a link with a service, the attempts at it.
    pub icmp: Option<EchoStats>,
    /// The last SNMP reading of its interface.
    pub interface: Option<IfReading>,
    /// When it entered the inventory.
    pub entered: UtcMs,
}

/// What kind of ICMP socket the machine allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IcmpMode {
    /// `SOCK_RAW`: root or CAP_NET_RAW.
    Raw,
    /// `SOCK_DGRAM`: the group is in `net.ipv4.ping_group_range`.
    Datagram,
    /// Neither: SNMP alone decides.
    None,
}

/// How well we see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProberHealth {
    /// The last committed tick.
    pub last_tick: Option<Tick>,
    /// The ICMP socket in use.
    pub icmp: IcmpMode,
    /// Late ticks since the daemon started.
    pub late_ticks: u64,
    /// Replies that were not ours to count, since the daemon started.
    pub refused_replies: u64,
    /// Replies that our own kernel dropped, since the daemon started.
    pub receive_drops: u64,
    /// Devices that did not answer the last SNMP poll.
    pub snmp_silent: u64,
    /// Devices that SNMP asks.
    pub snmp_devices: u64,
    /// The configuration that a reload refused, with the first reason.
    pub reload_refused: Option<String>,
    /// When the daemon started.
    pub started: UtcMs,
    /// The demo with its example province.
    pub demo: bool,
}

impl ProberHealth {
    /// A prober that has just started and has seen nothing yet.
    #[must_use]
    pub const fn at_start(icmp: IcmpMode, started: UtcMs) -> Self {
        Self {
            last_tick: None,
            icmp,
            late_ticks: 0,
            refused_replies: 0,
            receive_drops: 0,
            snmp_silent: 0,
            snmp_devices: 0,
            reload_refused: None,
            started,
            demo: false,
        }
    }
}

/// The store's own account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreHealth {
    /// Size of database and log in bytes.
    pub bytes: u64,
    /// The last commit that the disk refused, and why; cleared by the next good one.
    pub refused: Option<String>,
    /// Ticks that the disk refused since the daemon started: their samples are lost, their states are not.
    #[serde(default)]
    pub refused_ticks: u64,
}

/// The replica's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InfluxHealth {
    /// Ticks in the store that InfluxDB has not acknowledged.
    pub queued_ticks: u64,
    /// The oldest of them.
    pub oldest: Option<UtcMs>,
    /// Lines acknowledged since the daemon started.
    pub sent_lines: u64,
    /// Lines that InfluxDB refused for good.
    pub rejected_lines: u64,
    /// Why nothing moves; none while it does.
    pub fault: Option<String>,
}

/// Health of the parts, as the daemon last wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// The prober.
    pub prober: ProberHealth,
    /// The store.
    pub store: StoreHealth,
    /// InfluxDB; none when it is not configured.
    pub influx: Option<InfluxHealth>,
}

/// Everything an answer rests on.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// When it was read.
    pub now: UtcMs,
    /// The window that was asked for; it ends at `now` at the latest.
    pub window: Window,
    /// The inventory of that time.
    pub inventory: Inventory,
    /// One entry per link of the inventory, in its order.
    pub links: Vec<LinkNow>,
    /// All spans that touch the window, by link and start.
    pub spans: Vec<Span>,
    /// All outages that touch the window, by start.
    pub outages: Vec<Outage>,
    /// Coverage figures of the last recompute.
    pub figures: Vec<CoverageFigure>,
    /// Coverage gaps of the last recompute.
    pub coverage_gaps: Vec<CoverageGap>,
    /// What probes see besides answers, at the newest tick; by subject and kind.
    pub observations: Vec<Observed>,
    /// Health of the parts; none when the daemon never wrote any.
    pub health: Option<Health>,
    /// How old the newest tick is; none when there is none.
    pub age: Option<Millis>,
}
