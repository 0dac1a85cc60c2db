//! The answer to "look now": what one look on demand gave, beside the state that the ticks decided.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    BlindReason, EchoStats, IcmpError, IcmpMode, IfReading, LinkId, LinkState, Micros, RttSummary, Seen, UtcMs,
};

/// What became of one echo, or of one attempt at a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "echo")]
pub enum ProbedEcho {
    /// The reply came in time.
    Reply {
        /// How long it took.
        rtt_us: Micros,
    },
    /// It was sent and nothing came back in time.
    Lost,
    /// It was not sent: we could not look.
    NotSent {
        /// Why.
        reason: BlindReason,
    },
}

/// One link, looked at on demand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProbedLink {
    /// Which.
    pub link: LinkId,
    /// What people call it.
    pub name: String,
    /// The address that was pinged; none for a link that only SNMP or a service can tell of.
    pub address: Option<IpAddr>,
    /// The state that the ticks decided.
    pub state: LinkState,
    /// Since when it is in it.
    pub since: UtcMs,
    /// Each echo, in the order they were sent.
    pub echoes: Vec<ProbedEcho>,
    /// ICMP errors about these echoes.
    pub errors: Vec<IcmpError>,
    /// What its service gave, when it has one: then that decides, and not the echoes.
    pub service: Option<ProbedService>,
    /// The last SNMP reading of its interface.
    pub interface: Option<IfReading>,
}

/// The service of a link, asked on demand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProbedService {
    /// What was asked, as the inventory names it.
    pub service: String,
    /// Each attempt, in the order they were made.
    pub attempts: Vec<ProbedEcho>,
    /// What else was seen: the status of an HTTP answer, the certificate.
    pub seen: Vec<Seen>,
}

/// The account of these echoes. Those that were not sent are in none of its counts.
#[must_use]
pub fn probed_stats(echoes: &[ProbedEcho]) -> EchoStats {
    let count = |wanted: fn(&ProbedEcho) -> bool| {
        u16::try_from(echoes.iter().filter(|echo| wanted(echo)).count()).unwrap_or(u16::MAX)
    };
    let rtts: Vec<Micros> = echoes
        .iter()
        .filter_map(|echo| match echo {
            ProbedEcho::Reply { rtt_us } => Some(*rtt_us),
            ProbedEcho::Lost | ProbedEcho::NotSent { .. } => None,
        })
        .collect();
    EchoStats {
        sent: count(|echo| !matches!(echo, ProbedEcho::NotSent { .. })),
        lost: count(|echo| matches!(echo, ProbedEcho::Lost)),
        rtt: RttSummary::of(&rtts),
    }
}

/// What a look on demand gave. Evidence for whoever asked; it is not kept and decides nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProbeAnswer {
    /// When it was asked.
    pub generated: UtcMs,
    /// The kind of ICMP socket.
    pub icmp: IcmpMode,
    /// One entry per link, in the order of the inventory.
    pub items: Vec<ProbedLink>,
    /// Links that fitted the question too and were not looked at, because one question looks at so many at most.
    pub left_out: usize,
}
