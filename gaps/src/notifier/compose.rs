//! A message about an event, from what is known of it and of its links.

use std::collections::BTreeMap;

use phusong_model::{CommuneCode, Inventory, Link, LinkId, Millis, Notification, NotifiedLink, Turn, UtcMs};

use super::heard::Summary;

/// Links that a message lists: what a person may read, and a message that every receiver takes. How many there are stands
/// beside it.
const LINKS: usize = 200;

pub(super) fn compose(
    event: &Summary<'_>,
    turn: Turn,
    at: UtcMs,
    vantage: &str,
    inventory: &Inventory,
) -> Notification {
    let verdict = event.verdict();
    let by = event.by().cloned();
    let links = links(event, by.as_ref().and_then(|by| by.link()), inventory);
    let communes: BTreeMap<&CommuneCode, &str> =
        links.iter().filter_map(|(link, _)| Some((link.commune.as_ref()?, name(link, inventory)?))).collect();
    let mut people = communes.keys().filter_map(|code| inventory.people(code)).peekable();
    let people = people.peek().is_some().then(|| people.sum());
    let down = links.iter().filter(|(_, down)| *down).count();
    Notification {
        schema: Notification::SCHEMA.to_owned(),
        id: format!("{vantage}.{}.{}.{}", event.id.0, turn.id(), at.0),
        turn,
        vantage: vantage.to_owned(),
        province: inventory.province.clone(),
        example: inventory.example,
        event: event.id,
        at,
        start: event.start,
        end: event.end,
        duration_ms: event.end.unwrap_or(at).since(event.start).max(Millis(0)),
        cause: verdict.cause.clone(),
        confidence: verdict.confidence,
        cause_before: None,
        evidence: verdict.evidence.clone(),
        by,
        together: event.known.and_then(|known| known.together.clone()),
        flapping: event.flapping,
        step: 0,
        joined: None,
        links_total: links.len() as u64,
        links_down: down as u64,
        links: links.iter().take(LINKS).map(|(link, down)| notified(link, *down, inventory)).collect(),
        communes: communes.values().map(|name| (*name).to_owned()).collect(),
        people,
        ack: None,
    }
}

/// Each link once with whether it is down, what carries the others first, then by start. Of links that have left the
/// inventory nothing is known any more.
fn links<'a>(event: &Summary<'_>, carrier: Option<&LinkId>, inventory: &'a Inventory) -> Vec<(&'a Link, bool)> {
    let mut parts: BTreeMap<&LinkId, (UtcMs, bool)> = BTreeMap::new();
    for part in &event.parts {
        let (start, down) = parts.entry(&part.link).or_insert((part.start, false));
        *start = (*start).min(part.start);
        *down |= part.end.is_none();
    }
    let known = inventory.links.iter().filter_map(|link| Some((link, *parts.get(&link.id)?)));
    let mut ordered: Vec<(&Link, (UtcMs, bool))> = known.collect();
    ordered.sort_by_key(|(link, (start, _))| (Some(&link.id) != carrier, *start));
    ordered.into_iter().map(|(link, (_, down))| (link, down)).collect()
}

fn name<'a>(link: &Link, inventory: &'a Inventory) -> Option<&'a str> {
    inventory.commune(link.commune.as_ref()?).map(|commune| commune.name.as_str())
}

fn notified(link: &Link, down: bool, inventory: &Inventory) -> NotifiedLink {
    NotifiedLink {
        link: link.id.clone(),
        name: link.name.clone(),
        kind: link.kind,
        commune: link.commune.clone(),
        commune_name: name(link, inventory).map(str::to_owned),
        operator: link.operator.clone(),
        contact: link.contact.clone(),
        down,
    }
}
