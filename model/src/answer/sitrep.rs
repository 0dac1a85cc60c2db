//! The situation report, *báo cáo nhanh*: what a department tells upwards every hour of a storm night.
//!
//! Totals cannot contradict each other: every route and every station is counted once in each table, from one list, so that
//! in each row up + degraded + down + blind + maintenance = total, the rows of a table add up to all, and causes add up to
//! what is down. `docs/sitrep.md` says what is counted how.

use serde::{Deserialize, Serialize};

use super::StateCounts;
use crate::{Carrier, CommuneCode, EventId, LinkKind, LinkState, Operator, UtcMs};

/// The situation report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SitrepBody {
    /// Name of the province.
    pub province: String,
    /// The hour of the report: every state is that of this instant.
    pub at: UtcMs,
    /// The hour of the report before, which this one is compared with.
    pub before: UtcMs,
    /// Nobody has looked since `at`, which therefore lies before the hour that was asked for.
    pub old: bool,
    /// Routes: fibre links and feeders.
    pub routes: SitrepPart,
    /// Base stations.
    pub stations: SitrepPart,
    /// What the states of stations rest on.
    pub reports: StationReports,
    /// Communes by what is left of their operators.
    pub communes: SitrepCommunes,
    /// People behind what is down.
    pub people: SitrepPeople,
}

/// Routes or stations, counted several ways.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SitrepPart {
    /// All of them.
    pub all: SitrepRow,
    /// Tables: the rows of each `by` add up to `all`.
    pub rows: Vec<SitrepRow>,
    /// What is down by its cause: adds up to `all.down`.
    pub causes: Vec<SitrepCause>,
}

/// What the things of a row have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "by")]
pub enum SitrepOf {
    /// Nothing: it is the row of all.
    All,
    /// The kind of route.
    Kind {
        /// Which.
        kind: LinkKind,
    },
    /// Who runs it.
    Operator {
        /// Who; null for what no operator is known of.
        operator: Option<Operator>,
    },
    /// The district that its commune belonged to before July 2025.
    District {
        /// Which; null where that is not known.
        district: Option<String>,
    },
}

/// Things by state now, and what became of them since the report before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SitrepRow {
    /// What they have in common.
    #[serde(flatten)]
    pub of: SitrepOf,
    /// How many there are.
    pub total: u64,
    /// How many are in which state.
    #[serde(flatten)]
    pub counts: StateCounts,
    /// Since the report before.
    #[serde(flatten)]
    pub change: SitrepChange,
}

/// What became of things since the report before: `down_before` = `still_down` + `restored` + `out_of_sight`, and what is
/// down now = `still_down` + `newly_down` + `found_down`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SitrepChange {
    /// Was there then and could be seen: what can be compared at all.
    #[serde(default)]
    pub compared: u64,
    /// Down then.
    pub down_before: u64,
    /// Down then and now.
    pub still_down: u64,
    /// Down then, and works now.
    pub restored: u64,
    /// Down then, and blind or in maintenance now.
    pub out_of_sight: u64,
    /// Worked then, and is down now.
    pub newly_down: u64,
    /// Was blind, in maintenance or not there then, and is down now.
    pub found_down: u64,
    /// Works then and now, and was down in between.
    pub passed: u64,
}

impl SitrepRow {
    /// A row in which nothing was counted yet.
    #[must_use]
    pub fn empty(of: SitrepOf) -> Self {
        Self { of, total: 0, counts: StateCounts::default(), change: SitrepChange::default() }
    }

    /// Counts one thing with its state now and at the report before, when it was there, and whether it was down in between.
    pub fn add(&mut self, now: LinkState, before: Option<LinkState>, was_down: bool) {
        self.total += 1;
        self.counts.add(now);
        let change = &mut self.change;
        let (is_down, then_down) = (now == LinkState::Down, before == Some(LinkState::Down));
        change.compared += u64::from(before.is_some_and(|before| before != LinkState::Blind));
        change.down_before += u64::from(then_down);
        match (then_down, is_down) {
            (true, true) => change.still_down += 1,
            (true, false) if now.works() => change.restored += 1,
            (true, false) => change.out_of_sight += 1,
            (false, true) if before.is_some_and(LinkState::works) => change.newly_down += 1,
            (false, true) => change.found_down += 1,
            (false, false) => {
                let worked = before.is_some_and(LinkState::works) && now.works();
                change.passed += u64::from(worked && was_down);
            }
        }
    }
}

/// What is down for one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SitrepCause {
    /// Id of the cause; *behind something* is counted as the cause of that.
    pub cause: String,
    /// How many are down for it.
    pub down: u64,
    /// How many of these are behind something else that is.
    pub behind: u64,
}

/// What the states of stations rest on. The counts add up to all stations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationReports {
    /// Stations whose backhaul links are looked at.
    pub by_backhaul: u64,
    /// Stations without such a link, of which the operator reported lately.
    pub by_report: u64,
    /// Those that were reported working too long ago: counted as blind.
    pub old_up: u64,
    /// Those that were reported down too long ago: counted as blind.
    pub old_down: u64,
    /// Those of which nobody ever said anything: counted as blind.
    pub never: u64,
    /// The oldest report of those that count.
    pub oldest_counted: Option<UtcMs>,
}

/// What is left of the operators of a commune.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperatorsLeft {
    /// None: all stations of all operators are down.
    None,
    /// Two or more operators are out and another works.
    WithoutTwo,
    /// One operator is out and another works.
    WithoutOne,
    /// An operator of it could not be seen.
    Blind,
    /// An operator is out for announced work only.
    Maintenance,
    /// All operators work, each by one station at least.
    All,
    /// No station of a known operator is in the inventory.
    NoStation,
}

impl OperatorsLeft {
    /// All of them, the gravest first.
    pub const ALL: [Self; 7] =
        [Self::None, Self::WithoutTwo, Self::WithoutOne, Self::Blind, Self::Maintenance, Self::All, Self::NoStation];

    /// The id that JSON and CSV use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::WithoutTwo => "without-two",
            Self::WithoutOne => "without-one",
            Self::Blind => "blind",
            Self::Maintenance => "maintenance",
            Self::All => "all",
            Self::NoStation => "no-station",
        }
    }
}

/// Communes by what is left of their operators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SitrepCommunes {
    /// How many communes were asked about.
    pub total: u64,
    /// Each of [`OperatorsLeft::ALL`]: adds up to `total`.
    pub classes: Vec<SitrepClass>,
    /// Of those without one or two operators: how many have exactly one left.
    pub one_left: u64,
    /// Communes of all classes but `all` and `no-station`, by class and then most people first.
    pub items: Vec<SitrepCommune>,
}

/// How many communes have so much left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SitrepClass {
    /// What is left.
    pub left: OperatorsLeft,
    /// How many communes.
    pub communes: u64,
    /// Their people, as far as known.
    pub people: Option<u64>,
}

/// A commune in which not all operators are known to work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SitrepCommune {
    /// Code.
    pub commune: CommuneCode,
    /// Name.
    pub commune_name: String,
    /// The district that it belonged to before July 2025, when known.
    pub district: Option<String>,
    /// People, when known.
    pub people: Option<u64>,
    /// What is left.
    pub left: OperatorsLeft,
    /// Operators with stations in it.
    pub operators: Vec<Operator>,
    /// Those whose stations are all down.
    pub lost: Vec<Operator>,
    /// Exactly one operator works and all others are out.
    pub one_left: bool,
}

/// People behind what is down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SitrepPeople {
    /// People of communes in which any link is down, each commune once; null when there are such communes and of none of
    /// them it is known.
    pub people: Option<u64>,
    /// How many communes these are.
    pub communes: u64,
    /// Of how many of these nobody knows the number of people.
    pub communes_unknown: u64,
    /// Open events, those with most people first and those that add no commune last. `people_added` and `communes_added` add
    /// up to the totals.
    pub events: Vec<SitrepEvent>,
}

/// An event that is not over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SitrepEvent {
    /// Its number.
    pub event: EventId,
    /// What carries all of it and is down, when that is known.
    pub by: Option<Carrier>,
    /// Id of the cause of what the others hang on.
    pub cause: String,
    /// Its first start.
    pub start: UtcMs,
    /// How many of its links are down.
    pub links: u64,
    /// Names of the communes of these, each once.
    pub communes: Vec<String>,
    /// How many of them no event before this one in the list has.
    pub communes_added: u64,
    /// People of its communes, as far as known.
    pub people: Option<u64>,
    /// People of the communes that no event before this one in the list has.
    pub people_added: u64,
}
