//! What belongs together of the outages of the window.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use phusong_model::{Event, EventId, Link, LinkId, Millis, Outage, answer::EventItem};

use super::{outages, view::View};

/// Open ones first, then the newest, as outages are.
pub(super) fn items(view: &View<'_>) -> Vec<EventItem> {
    let known: BTreeMap<EventId, &Event> = view.evidence.events.iter().map(|event| (event.id, event)).collect();
    let mut parts: BTreeMap<EventId, Vec<(&Outage, &Link)>> = BTreeMap::new();
    for (outage, link) in outages::asked(view) {
        parts.entry(outage.event).or_default().push((outage, link));
    }
    let mut items: Vec<EventItem> =
        parts.into_iter().filter_map(|(id, parts)| item(view, id, known.get(&id).copied(), &parts)).collect();
    items.sort_by_key(|event| (event.end.is_some(), Reverse(event.start), event.event));
    items
}

fn item(view: &View<'_>, id: EventId, known: Option<&Event>, parts: &[(&Outage, &Link)]) -> Option<EventItem> {
    let by = known.and_then(|event| event.by.clone());
    let outages = || parts.iter().map(|(outage, _)| *outage);
    // The event's cause is that of what the others hang on; where that was not looked at, the carrier itself is all
    // that is known.
    let top = outages().find(|outage| outage.verdict.cause.carrier().is_none());
    let verdict = &top.or_else(|| outages().next())?.verdict;
    let start = outages().map(|outage| outage.start).min()?;
    let is_open = outages().any(|outage| outage.end.is_none());
    let end = outages().filter_map(|outage| outage.end).max().filter(|_| !is_open);
    let links: Vec<LinkId> = links(parts, by.as_ref().and_then(|by| by.link()));
    let communes: BTreeSet<_> = parts.iter().filter_map(|(_, link)| link.commune.as_ref()).collect();
    let people = view.people_in(communes.iter().copied());
    let open: BTreeSet<&LinkId> = outages().filter(|outage| outage.end.is_none()).map(|outage| &outage.link).collect();
    Some(EventItem {
        event: id,
        together: known.and_then(|event| event.together.clone()),
        flapping: known.is_some_and(|event| event.flapping),
        start,
        end,
        duration_ms: end.unwrap_or(view.evidence.now).since(start).max(Millis(0)),
        cause: verdict.cause.id().to_owned(),
        confidence: verdict.confidence,
        outages: outages().map(|outage| outage.id).collect(),
        open: open.len() as u64,
        links,
        communes: communes.into_iter().filter_map(|code| view.commune_name(Some(code))).collect(),
        people,
        by,
    })
}

/// Each link once, what carries the others first, then by start.
fn links(parts: &[(&Outage, &Link)], carrier: Option<&LinkId>) -> Vec<LinkId> {
    let mut ordered: Vec<&Outage> = parts.iter().map(|(outage, _)| *outage).collect();
    ordered.sort_by_key(|outage| (Some(&outage.link) != carrier, outage.start, outage.id));
    let mut met = BTreeSet::new();
    ordered.into_iter().map(|outage| &outage.link).filter(|link| met.insert(*link)).cloned().collect()
}
