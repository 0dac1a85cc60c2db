//! The situation report. Everything that is counted stands once in one list, and every table is counted from that list:
//! so the totals cannot contradict each other.

mod causes;
mod communes;
mod instants;
mod people;
mod stations;

use std::{cmp::Reverse, collections::BTreeMap};

use phusong_model::{
    Cause, CommuneCode, LinkKind, LinkState, Operator,
    answer::{SitrepBody, SitrepCause, SitrepOf, SitrepPart, SitrepRow},
};

use super::view::View;
use causes::Root;
use instants::Instants;
use stations::Station;

/// Causes that are told also when nothing is down for them: what is asked for by those above.
const USUAL: [Cause; 4] = [Cause::Fibre, Cause::Power, Cause::Equipment, Cause::Unknown];

/// Causes that are told when something is down for them.
const RARE: [Cause; 2] = [Cause::Prober, Cause::Maintenance];

/// A route or a station as it is counted.
#[derive(Debug)]
struct Thing<'a> {
    kind: Option<LinkKind>,
    operator: Option<&'a Operator>,
    district: Option<&'a str>,
    state: LinkState,
    before: Option<LinkState>,
    was_down: bool,
    root: Root,
}

/// By what a table is cut.
type Cut = fn(&Thing<'_>) -> SitrepOf;

pub(super) fn body(view: &View<'_>) -> SitrepBody {
    let instants = Instants::of(view);
    let stations = stations::of(&instants);
    let asked: Vec<&Station<'_>> = stations.iter().filter(|station| station.is_asked(view)).collect();
    let counted: Vec<Thing<'_>> = asked.iter().map(|station| station.thing(&instants)).collect();
    SitrepBody {
        province: view.evidence.inventory.province.clone(),
        at: instants.at,
        before: instants.before,
        old: instants.old,
        routes: part(&routes(&instants), &[by_kind, by_operator]),
        stations: part(&counted, &[by_operator, by_district]),
        reports: stations::reports(asked.iter().copied()),
        communes: communes::of(view, &stations),
        people: people::of(&instants),
    }
}

/// Fibre links and feeders: what is cut when a route is. Broadband, endpoints and platforms are services over them.
fn routes<'a>(instants: &Instants<'_, 'a>) -> Vec<Thing<'a>> {
    let is_route = |kind: LinkKind| match kind {
        LinkKind::Fibre | LinkKind::Feeder => true,
        LinkKind::Broadband | LinkKind::VideoConference | LinkKind::Platform | LinkKind::Backhaul => false,
    };
    let routes = instants.view.seen.iter().filter(|seen| is_route(seen.link.kind));
    let thing = routes.map(|seen| Thing {
        kind: Some(seen.link.kind),
        operator: seen.link.operator.as_ref(),
        district: district(instants.view, seen.link.commune.as_ref()),
        state: instants.state(&seen.link.id),
        before: instants.before(&seen.link.id),
        was_down: instants.was_down([&seen.link.id]),
        root: causes::root(instants, &seen.link.id),
    });
    thing.collect()
}

fn district<'a>(view: &View<'a>, commune: Option<&CommuneCode>) -> Option<&'a str> {
    view.evidence.inventory.commune(commune?)?.district.as_deref()
}

fn by_kind(thing: &Thing<'_>) -> SitrepOf {
    thing.kind.map_or(SitrepOf::All, |kind| SitrepOf::Kind { kind })
}

fn by_operator(thing: &Thing<'_>) -> SitrepOf {
    SitrepOf::Operator { operator: thing.operator.cloned() }
}

fn by_district(thing: &Thing<'_>) -> SitrepOf {
    SitrepOf::District { district: thing.district.map(str::to_owned) }
}

fn part(things: &[Thing<'_>], cuts: &[Cut]) -> SitrepPart {
    let mut all = SitrepRow::empty(SitrepOf::All);
    things.iter().for_each(|thing| count(&mut all, thing));
    SitrepPart { all, rows: cuts.iter().flat_map(|cut| table(things, *cut)).collect(), causes: by_cause(things) }
}

fn count(row: &mut SitrepRow, thing: &Thing<'_>) {
    row.add(thing.state, thing.before, thing.was_down);
}

/// A row for whatever the things have in common: each thing is counted in exactly one.
fn table(things: &[Thing<'_>], cut: Cut) -> Vec<SitrepRow> {
    let mut rows: BTreeMap<SitrepOf, SitrepRow> = BTreeMap::new();
    for thing in things {
        let of = cut(thing);
        count(rows.entry(of.clone()).or_insert_with(|| SitrepRow::empty(of)), thing);
    }
    let mut rows: Vec<SitrepRow> = rows.into_values().collect();
    rows.sort_by_key(place);
    rows
}

/// What has most that is down first, what is not known last; kinds keep their order, and equals that of their names.
fn place(row: &SitrepRow) -> (bool, Reverse<u64>, Reverse<u64>) {
    let by_weight = |unknown: bool| (unknown, Reverse(row.counts.down), Reverse(row.total));
    match &row.of {
        SitrepOf::All | SitrepOf::Kind { .. } => (false, Reverse(0), Reverse(0)),
        SitrepOf::Operator { operator } => by_weight(operator.is_none()),
        SitrepOf::District { district } => by_weight(district.is_none()),
    }
}

fn by_cause(things: &[Thing<'_>]) -> Vec<SitrepCause> {
    let of = |cause: &Cause| {
        let down = || things.iter().filter(|thing| thing.state == LinkState::Down && thing.root.is(cause));
        SitrepCause {
            cause: cause.id().to_owned(),
            down: down().count() as u64,
            behind: down().filter(|thing| thing.root.behind).count() as u64,
        }
    };
    let rare = RARE.iter().map(of).filter(|cause| cause.down > 0);
    USUAL.iter().map(of).chain(rare).collect()
}
