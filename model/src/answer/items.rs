//! The rows of answers. Units stand in the field's name; what is not known is null, never 0.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::RankBy;
use crate::{
    Ack, BestOperators, BlindReason, Carrier, Clue, CommuneCode, Confidence, Contact, CoverageSource, Declared,
    EventId, GapKind, GapPlace, Grade, GridPower, IfStatus, Indicator, LinkId, LinkKind, LinkState, Millis,
    NearestSite, Operator, OperatorScope, OutageId, PeopleBase, PowerCounts, RuleMark, SettlementCounts, SettlementId,
    Share, SiteId, SiteKind, Technology, Together, UtcMs, Worse,
};

/// A link now, and over the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkItem {
    /// Id.
    pub link: LinkId,
    /// Name.
    pub name: String,
    /// What it is for.
    pub kind: LinkKind,
    /// Code of its commune.
    pub commune: Option<CommuneCode>,
    /// Name of its commune.
    pub commune_name: Option<String>,
    /// Who runs it.
    pub operator: Option<Operator>,
    /// What decides: the service, else the address that is pinged, or `device/ifname` when SNMP alone does.
    pub target: String,
    /// The address that is pinged, whether that decides or not.
    #[serde(default)]
    pub address: Option<IpAddr>,
    /// State now.
    pub state: LinkState,
    /// Since when.
    pub since: UtcMs,
    /// Id of the cause while it is down.
    pub cause: Option<String>,
    /// What carries it and is the cause, when that is: the id of a link, `device/ID` or `site/ID`.
    pub carrier: Option<Carrier>,
    /// Why it could not be looked at.
    pub blind: Option<BlindReason>,
    /// What is worse than usual while it is degraded.
    #[serde(default)]
    pub worse: Option<Worse>,
    /// Echoes sent in the last tick.
    pub sent: Option<u16>,
    /// Echoes lost in the last tick.
    pub lost: Option<u16>,
    /// Shortest round trip of the last tick in ms.
    pub rtt_min_ms: Option<f64>,
    /// Median round trip of the last tick in ms.
    pub rtt_median_ms: Option<f64>,
    /// 95th percentile of the round trips of the last tick in ms.
    pub rtt_p95_ms: Option<f64>,
    /// Longest round trip of the last tick in ms.
    pub rtt_max_ms: Option<f64>,
    /// Jitter of the last tick in ms.
    pub jitter_ms: Option<f64>,
    /// The median round trip that is usual for it in ms; null until that is learned.
    #[serde(default)]
    pub usual_rtt_ms: Option<f64>,
    /// The share of echoes that usually get lost, between 0 and 1; null until that is learned.
    #[serde(default)]
    pub usual_loss: Option<f64>,
    /// `ifOperStatus`.
    pub oper: Option<IfStatus>,
    /// Received bits per second.
    pub in_bps: Option<f64>,
    /// Sent bits per second.
    pub out_bps: Option<f64>,
    /// `ifHighSpeed` × 10⁶.
    pub speed_bps: Option<u64>,
    /// Received optical power in dBm.
    pub rx_dbm: Option<f64>,
    /// Availability over the window, between 0 and 1.
    pub availability: Option<f64>,
    /// Share of the window in which we could not look.
    pub blind_share: f64,
}

/// An outage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutageItem {
    /// Number.
    pub outage: OutageId,
    /// The event that it is a part of.
    pub event: EventId,
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
    /// The address that is pinged, or `device/ifname`.
    pub target: String,
    /// From when: midway between the last reply and the first loss.
    pub start: UtcMs,
    /// The true start lies no further from `start` than this.
    pub start_error_ms: Millis,
    /// Until when; null while open.
    pub end: Option<UtcMs>,
    /// The true end lies no further from `end` than this.
    pub end_error_ms: Millis,
    /// How long, up to now while open.
    pub duration_ms: Millis,
    /// Id of the cause.
    pub cause: String,
    /// What carries it and is the cause, when that is: the id of a link, `device/ID` or `site/ID`.
    pub carrier: Option<Carrier>,
    /// How sure the cause is.
    pub confidence: Confidence,
    /// What it rests on, the weightiest first.
    pub evidence: Vec<Clue>,
    /// Share of the outage in which we could not look.
    pub blind_share: f64,
    /// Who has taken notice of it, or of another outage of its event, last.
    #[serde(default)]
    pub ack: Option<Ack>,
    /// People of the commune, when known.
    pub people: Option<u64>,
    /// Whom to call.
    pub contact: Contact,
}

/// Outages that are one event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventItem {
    /// Number: that of its first outage.
    pub event: EventId,
    /// What carries all of them and is down, when that is known.
    pub by: Option<Carrier>,
    /// Without a known carrier: what the links have in common. Then they are *probably* one event.
    pub together: Option<Together>,
    /// The link goes down and up again and again.
    pub flapping: bool,
    /// The first start.
    pub start: UtcMs,
    /// The last end; null while any of it is open.
    pub end: Option<UtcMs>,
    /// How long, up to now while open.
    pub duration_ms: Millis,
    /// Id of the cause, of what the others hang on.
    pub cause: String,
    /// How sure the cause is.
    pub confidence: Confidence,
    /// Its outages, by number.
    pub outages: Vec<OutageId>,
    /// Its links, each once, what carries the others first.
    pub links: Vec<LinkId>,
    /// How many of these links are still down.
    pub open: u64,
    /// Names of the communes, each once.
    pub communes: Vec<String>,
    /// People of these communes, as far as known.
    pub people: Option<u64>,
}

/// A gap of either kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GapItem {
    /// From 1.
    pub rank: u64,
    /// Link or coverage.
    pub kind: GapKind,
    /// Where.
    pub place: GapPlace,
    /// The link that is down.
    pub link: Option<LinkId>,
    /// What that link is for.
    pub link_kind: Option<LinkKind>,
    /// Id of the coverage gap.
    pub gap: Option<String>,
    /// The link's operator, or whose coverage is missing.
    pub operator: Option<OperatorScope>,
    /// At least this technology is missing.
    pub technology: Option<Technology>,
    /// How the coverage layers came to be.
    pub source: Option<CoverageSource>,
    /// Area without signal in km²; null for links and where signal is patchy.
    pub area_km2: Option<f64>,
    /// People affected, when known.
    pub people: Option<u64>,
    /// Households affected, when known.
    pub households: Option<u64>,
    /// Settlements without signal, or the one whose signal is patchy.
    pub settlements: Vec<SettlementItem>,
    /// Since when: start of the outage, or first computed.
    pub since: UtcMs,
    /// Id of the cause of a link's outage.
    pub cause: Option<String>,
    /// What carries it and is the cause, when that is: the id of a link, `device/ID` or `site/ID`.
    pub carrier: Option<Carrier>,
    /// Boundaries were approximated from label points.
    pub approximate: bool,
    /// The layer is example data.
    pub example: bool,
    /// Without signal, or with patchy signal; null for links.
    #[serde(default)]
    pub grade: Option<Grade>,
    /// What the people of a coverage gap were counted by; null for links, behind which are all people of their communes.
    #[serde(default)]
    pub people_base: Option<PeopleBase>,
    /// The settlements by power from the grid; null for links.
    #[serde(default)]
    pub power: Option<PowerCounts>,
    /// The nearest base station of each operator, the nearest first; none for links.
    #[serde(default)]
    pub nearest: Vec<NearestSite>,
    /// When it was last computed; null for links, and for gaps that were stored before.
    #[serde(default)]
    pub last_seen: Option<UtcMs>,
    /// What its rank rests on.
    #[serde(default)]
    pub rank_by: RankBy,
    /// Its outer rings and holes as a GeoJSON MultiPolygon's coordinates, WGS 84; absent unless shapes are asked for, and
    /// where a gap is a point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polygon: Option<Vec<Vec<Vec<[f64; 2]>>>>,
}

/// A settlement in a gap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SettlementItem {
    /// Id.
    pub settlement: SettlementId,
    /// Name.
    pub name: String,
    /// People, when known.
    pub people: Option<u64>,
    /// Households, when known.
    pub households: Option<u64>,
    /// Power from the grid.
    pub power: GridPower,
}

/// Coverage of a commune, or of all communes asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CoverageItem {
    /// Code; null in totals.
    pub commune: Option<CommuneCode>,
    /// Name; null in totals.
    pub commune_name: Option<String>,
    /// Whose coverage.
    pub operator: OperatorScope,
    /// At least this technology.
    pub technology: Technology,
    /// How the layers came to be.
    pub source: CoverageSource,
    /// Settlements by grade.
    pub settlements: SettlementCounts,
    /// People with signal, of those whose number is known.
    pub people: Share,
    /// Area with signal in km², of the geodesic area of which it is known.
    pub area_km2: Share,
    /// Boundaries were approximated from label points.
    pub approximate: bool,
    /// The layer is example data.
    pub example: bool,
    /// Date of the oldest layer used.
    pub valid_on: Option<String>,
    /// By what settlements were judged; null for figures that were stored before.
    #[serde(default)]
    pub rule: Option<RuleMark>,
    /// What people were counted by.
    #[serde(default)]
    pub people_base: PeopleBase,
    /// People were rescaled to the known totals of their communes.
    #[serde(default)]
    pub people_scaled: bool,
    /// For the best operator: which that is.
    #[serde(default)]
    pub best: Option<BestOperators>,
}

/// A headline claim, declared beside measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndicatorItem {
    /// Which.
    pub indicator: Indicator,
    /// What the instrument finds now. Blind links and those in maintenance are only in `unknown`.
    pub measured: Share,
    /// The strict reading of mobile settlements: patchy ones do not count.
    pub strict: Option<Share>,
    /// What is counted.
    pub base: String,
    /// Mean availability of the links behind it over the window; null for coverage.
    pub availability: Option<f64>,
    /// Share of that window in which we could not look.
    pub blind_share: Option<f64>,
    /// How the layers behind a coverage figure came to be.
    pub source: Option<CoverageSource>,
    /// At least this technology, for coverage.
    pub technology: Option<Technology>,
    /// What was declared, newest first.
    pub declared: Vec<Declared>,
    /// Boundaries were approximated from label points.
    pub approximate: bool,
    /// The data is an example.
    pub example: bool,
    /// Date of the oldest layer used, for coverage.
    #[serde(default)]
    pub valid_on: Option<String>,
    /// By what settlements were judged, for coverage.
    #[serde(default)]
    pub rule: Option<RuleMark>,
    /// Of the settlements that count in [`Self::strict`] those that may be patchy; null for other indicators.
    #[serde(default)]
    pub patchiness_unknown: Option<u64>,
    /// What people were counted by; null for other indicators.
    #[serde(default)]
    pub people_base: Option<PeopleBase>,
    /// People were rescaled to the known totals of their communes.
    #[serde(default)]
    pub people_scaled: bool,
}

/// A site and what is known of its state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SiteItem {
    /// Id.
    pub site: SiteId,
    /// Name.
    pub name: String,
    /// What it is.
    pub kind: SiteKind,
    /// Who runs it.
    pub operator: Option<Operator>,
    /// From its backhaul links, else from the operator's report; null when neither is there.
    pub state: Option<LinkState>,
    /// When the operator reported it, if the state rests on that.
    pub reported_at: Option<UtcMs>,
}
