//! People behind what is down, by event, without counting a commune twice.

use std::collections::{BTreeMap, BTreeSet};

use phusong_model::{
    CommuneCode, Event, EventId, Link, LinkId, LinkState, Outage,
    answer::{SitrepEvent, SitrepPeople},
};

use super::{
    super::{outages, rank::Affected},
    causes,
    instants::Instants,
};

/// An event with its links that are down.
struct Open<'a> {
    id: EventId,
    parts: Vec<(&'a Outage, &'a Link)>,
    communes: BTreeSet<&'a CommuneCode>,
    people: Option<u64>,
}

pub(super) fn of(instants: &Instants<'_, '_>) -> SitrepPeople {
    let view = instants.view;
    let mut open: BTreeMap<EventId, Vec<(&Outage, &Link)>> = BTreeMap::new();
    for (outage, link) in outages::asked(view).filter(|(outage, _)| is_open(instants, outage)) {
        open.entry(outage.event).or_default().push((outage, link));
    }
    let mut open: Vec<Open<'_>> = open
        .into_iter()
        .map(|(id, parts)| {
            let communes: BTreeSet<&CommuneCode> = parts.iter().filter_map(|(_, link)| link.commune.as_ref()).collect();
            let people = view.people_in(communes.iter().copied());
            Open { id, parts, communes, people }
        })
        .collect();
    open.sort_by_key(|event| (Affected::by(event.people), event.id));
    let known: BTreeMap<EventId, &Event> = view.evidence.events.iter().map(|event| (event.id, event)).collect();
    let mut met: BTreeSet<&CommuneCode> = BTreeSet::new();
    let mut events: Vec<SitrepEvent> = Vec::new();
    for event in &open {
        let added: Vec<&CommuneCode> = event.communes.iter().filter(|code| met.insert(code)).copied().collect();
        events.push(item(instants, event, known.get(&event.id).copied(), &added));
    }
    // What adds nothing is told all the same, and last. Stable: what is added is counted in this order.
    events.sort_by_key(|event| event.communes_added == 0);
    let unknown = met.iter().filter(|code| view.people(code).is_none()).count();
    SitrepPeople {
        people: (met.is_empty() || unknown < met.len()).then(|| events.iter().map(|event| event.people_added).sum()),
        communes: met.len() as u64,
        communes_unknown: unknown as u64,
        events,
    }
}

/// The link is down at the hour of the report, by this outage.
fn is_open(instants: &Instants<'_, '_>, outage: &Outage) -> bool {
    let lasts = outage.start <= instants.at && outage.end.is_none_or(|end| end > instants.at);
    lasts && instants.state(&outage.link) == LinkState::Down
}

fn item(instants: &Instants<'_, '_>, event: &Open<'_>, known: Option<&Event>, added: &[&CommuneCode]) -> SitrepEvent {
    let view = instants.view;
    let outages = || event.parts.iter().map(|(outage, _)| *outage);
    let top = outages().find(|outage| outage.verdict.cause.carrier().is_none()).or_else(|| outages().next());
    let links: BTreeSet<&LinkId> = outages().map(|outage| &outage.link).collect();
    SitrepEvent {
        event: event.id,
        by: known.and_then(|event| event.by.clone()),
        cause: top.map_or(causes::Root::UNKNOWN, |outage| causes::root(instants, &outage.link)).id().to_owned(),
        start: outages().map(|outage| outage.start).min().unwrap_or(instants.at),
        links: links.len() as u64,
        communes: event.communes.iter().filter_map(|code| view.commune_name(Some(code))).collect(),
        communes_added: added.len() as u64,
        people: event.people,
        people_added: added.iter().filter_map(|code| view.people(code)).sum(),
    }
}
