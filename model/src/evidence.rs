//! Everything an answer rests on, fetched once by daemon or CLI and handed to `gaps` as plain values.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    Ack, BlindReason, Cause, CloseUp, Contradiction, CoverageFigure, CoverageGap, EchoStats, Event, IfReading,
    Inventory, LinkId, LinkState, Millis, NotificationItem, Observed, Outage, Planned, Span, Tick, Usual, UtcMs,
    Window, Worse, config::ChannelKind,
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
    /// What is worse, while it is degraded.
    pub worse: Option<Worse>,
    /// What is usual for it, when that was learned.
    pub usual: Option<Usual>,
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
    /// Datagrams at the SNMP sockets that were no answer, since the daemon started.
    #[serde(default)]
    pub refused_answers: u64,
    /// Devices that did not answer the last SNMP poll.
    pub snmp_silent: u64,
    /// Devices that SNMP asks.
    pub snmp_devices: u64,
    /// The configuration that a reload refused, with the first reason.
    pub reload_refused: Option<String>,
    /// When the daemon started.
    pub started: UtcMs,
    /// Version of the daemon; null of one that did not tell yet.
    #[serde(default)]
    pub version: Option<String>,
    /// The demo with its example province.
    pub demo: bool,
    /// What came of the traps that devices sent; all zero where nobody listens for them.
    #[serde(default)]
    pub traps: TrapCounts,
}

/// SNMP notifications since the daemon started: `received` = acted + ignored + limited + refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrapCounts {
    /// Datagrams that reached us, whatever became of them.
    pub received: u64,
    /// Taken as a hint: the device was polled and the next tick hastened.
    pub acted: u64,
    /// Genuine, and of a kind that tells us nothing.
    pub ignored: u64,
    /// Genuine, and more than we act on.
    pub limited: u64,
    /// Not believed, by reason.
    pub refused: TrapRefusals,
    /// The newest tick that found more of them limited or refused than the tick before.
    pub refused_at: Option<UtcMs>,
}

/// Notifications that were not believed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrapRefusals {
    /// Their source address is no device of the inventory.
    pub unknown_source: u64,
    /// Wrong community or user, or a lower security level than the credential has.
    pub credential: u64,
    /// Not to be read, or not authentic.
    pub unreadable: u64,
}

impl TrapRefusals {
    /// All of them.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.unknown_source + self.credential + self.unreadable
    }
}

impl TrapCounts {
    /// Nobody sent anything.
    pub const NONE: Self = Self {
        received: 0,
        acted: 0,
        ignored: 0,
        limited: 0,
        refused: TrapRefusals { unknown_source: 0, credential: 0, unreadable: 0 },
        refused_at: None,
    };
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
            refused_answers: 0,
            snmp_silent: 0,
            snmp_devices: 0,
            reload_refused: None,
            started,
            version: None,
            demo: false,
            traps: TrapCounts::NONE,
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
    /// Ticks whose samples were given up since the daemon started, because the disk refused for too long; their states
    /// are not lost.
    #[serde(default)]
    pub refused_ticks: u64,
    /// Ticks that wait in memory for the disk.
    #[serde(default)]
    pub waiting_ticks: u64,
    /// Whether old samples go before their time, because the store or its disk is full.
    #[serde(default)]
    pub short: bool,
    /// Damaged stores that were set aside in the data folder, by file name, until somebody removes them.
    #[serde(default)]
    pub set_aside: Vec<String>,
}

/// The account of a replica.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InfluxHealth {
    /// Its name.
    #[serde(default = "crate::config::unnamed")]
    pub name: String,
    /// Ticks in the store that InfluxDB has not acknowledged.
    pub queued_ticks: u64,
    /// The oldest of them.
    pub oldest: Option<UtcMs>,
    /// Lines acknowledged since the daemon started.
    pub sent_lines: u64,
    /// Lines that InfluxDB refused for good.
    pub rejected_lines: u64,
    /// Samples that the store had to remove before InfluxDB had them, ever.
    #[serde(default)]
    pub removed_samples: u64,
    /// Why nothing moves; none while it does.
    pub fault: Option<String>,
}

/// The account of a channel by which people are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelHealth {
    /// Its name.
    pub channel: String,
    /// What it is.
    pub kind: ChannelKind,
    /// Messages that wait.
    pub waiting: u64,
    /// The oldest of them.
    pub oldest: Option<UtcMs>,
    /// Until when messages wait because it is quiet.
    pub quiet_until: Option<UtcMs>,
    /// Messages delivered since the daemon started.
    pub delivered: u64,
    /// Messages given up since then.
    pub given_up: u64,
    /// When it delivered last.
    pub last: Option<UtcMs>,
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
    /// The replicas in InfluxDB, in the order of the configuration.
    #[serde(default, deserialize_with = "replicas")]
    pub influx: Vec<InfluxHealth>,
    /// The channels by which people are told.
    #[serde(default)]
    pub notify: Vec<ChannelHealth>,
}

/// A list; or what an older program wrote, which knew one replica or none.
fn replicas<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<InfluxHealth>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        List(Vec<InfluxHealth>),
        One(InfluxHealth),
    }
    Ok(match Option::deserialize(deserializer)? {
        None => Vec::new(),
        Some(Written::List(list)) => list,
        Some(Written::One(one)) => vec![one],
    })
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
    /// What is known of the events of these outages, beyond their number; by number.
    pub events: Vec<Event>,
    /// Who has taken notice of these outages, oldest first.
    pub acks: Vec<Ack>,
    /// Work that was planned by command and touches the window or is still ahead; by number.
    pub planned: Vec<Planned>,
    /// What people were told in the window; the newest first, not all of many.
    pub notifications: Vec<NotificationItem>,
    /// Coverage figures of the last recompute.
    pub figures: Vec<CoverageFigure>,
    /// Coverage gaps of the last recompute.
    pub coverage_gaps: Vec<CoverageGap>,
    /// Contradictions of the last recompute.
    pub contradictions: Vec<Contradiction>,
    /// What probes see besides answers, at the newest tick; by subject and kind.
    pub observations: Vec<Observed>,
    /// Health of the parts; none when the daemon never wrote any.
    pub health: Option<Health>,
    /// How old the newest tick is; none when there is none.
    pub age: Option<Millis>,
    /// What was read beyond this, when the question needs it.
    pub close_up: Option<CloseUp>,
    /// What a damaged store does not give any more, so that it is missing here.
    pub left_out: Vec<StorePart>,
}

/// A part of the store that can be damaged by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorePart {
    /// When the daemon looked.
    Ticks,
    /// The states of links.
    States,
    /// Outages and what belongs together of them.
    Outages,
    /// Who took notice of outages.
    Acks,
    /// Work that was announced by command.
    Maintenance,
    /// What people were told.
    Notifications,
    /// Figures and gaps of coverage.
    Coverage,
    /// What probes saw besides answers.
    Observations,
    /// The account of the parts.
    Health,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_older_programs_are_read() {
        let prober = ProberHealth::at_start(IcmpMode::Raw, UtcMs(0));
        let one = InfluxHealth {
            name: "influx".to_owned(),
            queued_ticks: 7,
            oldest: None,
            sent_lines: 1,
            rejected_lines: 0,
            removed_samples: 0,
            fault: None,
        };
        let health = Health { prober, store: StoreHealth::default(), influx: vec![one], notify: Vec::new() };
        let mut written = serde_json::to_value(&health).expect("JSON");
        assert_eq!(serde_json::from_value::<Health>(written.clone()).expect("as it is now"), health);
        let mut account = written["influx"][0].take();
        account.as_object_mut().expect("an account").remove("name");
        written["influx"] = account;
        assert_eq!(serde_json::from_value::<Health>(written.clone()).expect("one without a name"), health);
        written["influx"] = serde_json::Value::Null;
        assert_eq!(serde_json::from_value::<Health>(written).expect("none").influx, []);
    }
}
