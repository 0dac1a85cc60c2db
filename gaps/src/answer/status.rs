//! How everything is.

use phusong_model::{
    Millis, UtcMs,
    answer::{EventItem, StatusBody},
};

use super::{coverage, events, links, outages, rank::Affected, view::View};

/// How far back what happened is news: who comes to the screen asks what is new since the last look.
const NEWS: Millis = Millis::from_secs(3600);

/// Most events that are shown as the worst: what fits on a screen beside everything else.
const WORST: usize = 5;

/// Most events that are told as news; a night of storms has hundreds, which `outages` lists.
const RECENT: usize = 20;

pub(super) fn body(view: &View<'_>) -> StatusBody {
    let inventory = &view.evidence.inventory;
    let events = events::items(view);
    let news = view.evidence.window.to.minus(NEWS);
    let recent = recent(&events, news);
    StatusBody {
        province: inventory.province.clone(),
        communes: inventory.communes.iter().filter(|commune| view.asks_about(Some(&commune.code))).count() as u64,
        kinds: links::kinds(view),
        open_outages: outages::open(view) as u64,
        worst: outages::worst(view),
        worst_events: worst(&events),
        open_events: events.iter().filter(|event| event.end.is_none()).count() as u64,
        recent_events: recent.len() as u64,
        recent_begun: recent.iter().filter(|event| event.start > news).count() as u64,
        recent_ended: recent.iter().filter(|event| event.end.is_some()).count() as u64,
        recent: recent.into_iter().take(RECENT).cloned().collect(),
        unseen_links: links::unseen(view),
        ended_outages: outages::ended(view) as u64,
        mobile: coverage::headline(view),
        health: view.evidence.health.clone(),
    }
}

/// The open events that most people feel, then the oldest; unknown numbers of people before none.
fn worst(events: &[EventItem]) -> Vec<EventItem> {
    let mut open: Vec<&EventItem> = events.iter().filter(|event| event.end.is_none()).collect();
    open.sort_by_key(|event| (Affected::by(event.people), event.start, event.event));
    open.into_iter().take(WORST).cloned().collect()
}

/// What began or ended since then, the last change first.
fn recent(events: &[EventItem], since: UtcMs) -> Vec<&EventItem> {
    let changed = |event: &EventItem| event.end.unwrap_or(event.start);
    let mut recent: Vec<&EventItem> = events.iter().filter(|event| changed(event) > since).collect();
    recent.sort_by_key(|event| (std::cmp::Reverse(changed(event)), event.event));
    recent
}
