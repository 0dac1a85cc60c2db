//! What a scenario file says; `gaps/scenarios/README.md` describes it.

use std::collections::BTreeMap;

use phusong_model::{Every, Scope};
use serde::Deserialize;

use crate::tracker::tests::world::Eyes;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    pub(super) what: String,
    #[serde(default = "ten")]
    pub(super) period: i64,
    pub(super) length: i64,
    /// Our own uplink is not watched.
    #[serde(default)]
    pub(super) no_anchors: bool,
    #[serde(default)]
    pub(super) commune: Vec<CommuneRow>,
    #[serde(default)]
    pub(super) site: Vec<SiteRow>,
    #[serde(default)]
    pub(super) device: Vec<DeviceRow>,
    pub(super) link: Vec<LinkRow>,
    #[serde(default)]
    pub(super) maintenance: Vec<MaintenanceRow>,
    #[serde(default)]
    pub(super) lost: Vec<Lost>,
    #[serde(default)]
    pub(super) slow: Vec<Slow>,
    #[serde(default)]
    pub(super) says: Vec<Says>,
    #[serde(default)]
    pub(super) prober: Vec<Prober>,
    #[serde(default)]
    pub(super) clock: Vec<Clock>,
    #[serde(default)]
    pub(super) reload: Vec<Reload>,
    #[serde(default)]
    pub(super) event: Vec<ExpectedEvent>,
    #[serde(default)]
    pub(super) degraded: Vec<ExpectedDegraded>,
    #[serde(default)]
    pub(super) told: Option<Vec<ExpectedTold>>,
    #[serde(default)]
    pub(super) outages: Option<usize>,
    #[serde(default)]
    pub(super) account: Vec<ExpectedAccount>,
}

const fn five() -> f64 {
    5.0
}

const fn ten() -> i64 {
    10
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommuneRow {
    pub(super) code: String,
    #[serde(default)]
    pub(super) district: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SiteRow {
    pub(super) id: String,
    #[serde(default)]
    pub(super) backhaul: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceRow {
    pub(super) id: String,
    #[serde(default)]
    pub(super) site: Option<String>,
    /// When it started, before and within the scenario.
    #[serde(default = "long_ago")]
    pub(super) started: Vec<i64>,
}

fn long_ago() -> Vec<i64> {
    vec![-1_000_000]
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkRow {
    pub(super) id: String,
    #[serde(default)]
    pub(super) commune: Option<String>,
    #[serde(default)]
    pub(super) site: Option<String>,
    #[serde(default)]
    pub(super) operator: Option<String>,
    #[serde(default)]
    pub(super) interface: Option<(String, String)>,
    #[serde(default)]
    pub(super) upstream: Vec<String>,
    #[serde(default)]
    pub(super) groups: Vec<String>,
    /// Only SNMP looks at it.
    #[serde(default)]
    pub(super) not_pinged: bool,
    /// Its round trip in milliseconds, give or take a tenth.
    #[serde(default = "five")]
    pub(super) rtt: f64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct MaintenanceRow {
    #[serde(flatten)]
    pub(super) scope: Scope,
    /// How often it comes again.
    #[serde(default)]
    pub(super) every: Option<Every>,
    pub(super) from: i64,
    pub(super) to: i64,
    #[serde(default = "work")]
    pub(super) why: String,
}

fn work() -> String {
    "splicing".to_owned()
}

/// Echoes sent in this time to these links do not come back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lost {
    pub(super) links: Vec<String>,
    pub(super) from: f64,
    pub(super) to: f64,
    /// The part of them, in percent.
    #[serde(default = "all")]
    pub(super) percent: u64,
    /// Again and again: so many seconds from one beginning to the next.
    #[serde(default)]
    pub(super) every: Option<f64>,
    #[serde(default = "one")]
    pub(super) times: usize,
}

const fn all() -> u64 {
    100
}

const fn one() -> usize {
    1
}

/// Echoes sent in this time to these links take longer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Slow {
    pub(super) links: Vec<String>,
    pub(super) from: f64,
    pub(super) to: f64,
    /// By so many milliseconds at its end.
    pub(super) by: f64,
    /// By so many at its beginning; as many as at its end when it does not say.
    #[serde(default)]
    pub(super) growing_from: Option<f64>,
    /// The part of them, in percent.
    #[serde(default = "all")]
    pub(super) percent: u64,
}

/// What a device says in this time when it is asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Says {
    pub(super) device: String,
    pub(super) from: i64,
    pub(super) to: i64,
    #[serde(default)]
    pub(super) silent: bool,
    /// `sensor` or `sensor@row`; a text is a state, a number a value.
    #[serde(default)]
    pub(super) sensors: BTreeMap<String, toml::Value>,
    #[serde(default)]
    pub(super) interface: Option<String>,
    #[serde(default)]
    pub(super) oper: Option<String>,
    #[serde(default)]
    pub(super) admin: Option<String>,
    #[serde(default)]
    pub(super) rx: Option<f64>,
}

/// What is wrong with ourselves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prober {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) eyes: Eyes,
}

/// The wall clock is set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Clock {
    pub(super) at: i64,
    pub(super) by: i64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reload {
    pub(super) at: i64,
    #[serde(default)]
    pub(super) without: Vec<String>,
    #[serde(default)]
    pub(super) upstream: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedEvent {
    pub(super) links: Vec<String>,
    pub(super) cause: String,
    #[serde(default)]
    pub(super) by: Option<String>,
    #[serde(default)]
    pub(super) together: Option<String>,
    #[serde(default)]
    pub(super) flapping: bool,
    pub(super) start: f64,
    #[serde(default)]
    pub(super) end: Option<f64>,
    /// A verdict that was reached before and revised.
    #[serde(default)]
    pub(super) first: Option<String>,
    /// Signs that must be among the evidence.
    #[serde(default)]
    pub(super) evidence: Vec<String>,
}

/// A message that must have been told, in the order of all of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedTold {
    pub(super) at: f64,
    pub(super) turn: String,
    pub(super) cause: String,
    /// How many links it is about.
    pub(super) links: u64,
    #[serde(default)]
    pub(super) step: u32,
    /// It was found to be a part of another event.
    #[serde(default)]
    pub(super) joined: bool,
}

/// A stretch in which a link must have been degraded. One that no file expects is a failure when the file expects any.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedDegraded {
    pub(super) link: String,
    pub(super) worse: String,
    pub(super) start: f64,
    #[serde(default)]
    pub(super) end: Option<f64>,
    /// How far from `start` and `end` it may be, in seconds; half a period when it does not say.
    #[serde(default)]
    pub(super) within: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectedAccount {
    pub(super) link: String,
    #[serde(default)]
    pub(super) up: f64,
    #[serde(default)]
    pub(super) degraded: f64,
    #[serde(default)]
    pub(super) down: f64,
    #[serde(default)]
    pub(super) blind: f64,
    #[serde(default)]
    pub(super) maintenance: f64,
    /// How far each may be off, in seconds; a period when it does not say.
    #[serde(default)]
    pub(super) within: Option<f64>,
}
