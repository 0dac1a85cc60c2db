//! `[icmp]` and `[rule]`.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Seconds;

/// `[icmp]`: how links are pinged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IcmpConfig {
    /// Time from one round of a link to the next; whole seconds, 1 s to 1 h.
    pub period: Seconds,
    /// Echoes a round, 1 to 20.
    pub echoes: u16,
    /// Time between two echoes to one link.
    pub spacing: Seconds,
    /// How long a reply is waited for.
    pub timeout: Seconds,
    /// Echoes of the quick re-probe after a round without any reply, 1 to 20.
    pub reprobe: u16,
    /// Time between two echoes of the re-probe.
    pub reprobe_spacing: Seconds,
    /// Addresses that only our own failure makes unreachable together: gateway, upstream routers.
    pub anchors: Vec<IpAddr>,
    /// A tick that starts later than this is blind.
    pub late: Seconds,
}

impl Default for IcmpConfig {
    fn default() -> Self {
        Self {
            period: Seconds::millis(10_000),
            echoes: 5,
            spacing: Seconds::millis(200),
            timeout: Seconds::millis(1000),
            reprobe: 5,
            reprobe_spacing: Seconds::millis(100),
            anchors: Vec::new(),
            late: Seconds::millis(5_000),
        }
    }
}

/// `[rule]`: k of n echoes decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RuleConfig {
    /// Down when so many …
    pub down_lost: u16,
    /// … of the last so many echoes were lost. At 1 % random loss 10 of 10 is one false outage in 10²⁰ rounds, at 30 %
    /// one in 170,000.
    pub down_of: u16,
    /// Not down any more when so many …
    pub up_received: u16,
    /// … of the last so many echoes came back.
    pub up_of: u16,
    /// Degraded when so many …
    pub degraded_lost: u16,
    /// … of the last so many echoes were lost.
    pub degraded_of: u16,
    /// SNMP requests in a row without answer after which a link that only SNMP watches is down.
    pub snmp_lost: u16,
}

impl Default for RuleConfig {
    fn default() -> Self {
        Self { down_lost: 10, down_of: 10, up_received: 3, up_of: 5, degraded_lost: 5, degraded_of: 20, snmp_lost: 3 }
    }
}
