//! Outages of the window.

use std::cmp::Reverse;

use phusong_model::{Link, LinkState, Millis, Outage, answer::OutageItem};

use super::{
    rank::Affected,
    view::{View, target},
};

/// Most outages that the status shows: what fits on a screen beside everything else.
const WORST: usize = 5;

/// Open ones first, then the newest. Outages of links that have left the inventory are not shown: nothing is known of
/// those any more but their id.
pub(super) fn items(view: &View<'_>) -> Vec<OutageItem> {
    let mut outages: Vec<(&Outage, &Link)> = asked(view).collect();
    outages.sort_by_key(|(outage, _)| (outage.end.is_some(), Reverse(outage.start), outage.id));
    outages.into_iter().map(|(outage, link)| item(view, outage, link)).collect()
}

/// The open outages that most people depend on, then the oldest; unknown numbers of people before none. One that announced
/// work has overtaken is nobody's worst.
pub(super) fn worst(view: &View<'_>) -> Vec<OutageItem> {
    let is_worked_on = |link: &Link| view.state(&link.id) == Some(LinkState::Maintenance);
    let open = asked(view).filter(|(outage, link)| outage.end.is_none() && !is_worked_on(link));
    let mut open: Vec<(&Outage, &Link)> = open.collect();
    open.sort_by_cached_key(|(outage, link)| (Affected::by(view.people_behind(link)), outage.start, outage.id));
    open.into_iter().take(WORST).map(|(outage, link)| item(view, outage, link)).collect()
}

pub(super) fn open(view: &View<'_>) -> usize {
    asked(view).filter(|(outage, _)| outage.end.is_none()).count()
}

/// How many ended in the window.
pub(super) fn ended(view: &View<'_>) -> usize {
    let window = view.evidence.window;
    let ended = |outage: &Outage| outage.end.is_some_and(|end| end > window.from && end <= window.to);
    asked(view).filter(|(outage, _)| ended(outage)).count()
}

pub(super) fn asked<'a>(view: &View<'a>) -> impl Iterator<Item = (&'a Outage, &'a Link)> {
    let known = view.evidence.outages.iter().filter_map(|outage| view.link(&outage.link).map(|link| (outage, link)));
    known.filter(|(_, link)| view.asks_about_link(link))
}

pub(super) fn item(view: &View<'_>, outage: &Outage, link: &Link) -> OutageItem {
    let length = outage.length(view.evidence.now).max(Millis(0));
    let blind = outage.blind + blind_now(view, outage);
    OutageItem {
        outage: outage.id,
        event: outage.event,
        link: link.id.clone(),
        name: link.name.clone(),
        kind: link.kind,
        commune: link.commune.clone(),
        commune_name: view.commune_name(link.commune.as_ref()),
        operator: link.operator.clone(),
        target: target(link),
        start: outage.start,
        start_error_ms: outage.start_error,
        end: outage.end,
        end_error_ms: outage.end_error,
        duration_ms: length,
        cause: outage.verdict.cause.id().to_owned(),
        carrier: outage.verdict.cause.carrier().cloned(),
        confidence: outage.verdict.confidence,
        evidence: outage.verdict.evidence.clone(),
        blind_share: if length.0 > 0 { (blind.0 as f64 / length.0 as f64).min(1.0) } else { 0.0 },
        ack: view.evidence.acks.iter().rev().find(|ack| ack.is_about(outage)).cloned(),
        people: view.people_of(outage, link),
        contact: link.contact.clone(),
    }
}

/// The part of an open outage that is blind now and that the tracker has not counted yet, because the outage may turn
/// out to have ended where it began.
fn blind_now(view: &View<'_>, outage: &Outage) -> Millis {
    if outage.end.is_some() {
        return Millis(0);
    }
    let blind_since = view.now(&outage.link).filter(|now| now.state == LinkState::Blind).map(|now| now.since);
    let from = blind_since.unwrap_or(view.evidence.now).min(view.watched_until()).max(outage.start);
    view.evidence.now.since(from).max(Millis(0))
}
