//! Announced work: what is on, what is ahead, what was.

use phusong_model::{
    Maintenance, Millis, Planned, Scope, UtcMs, Window,
    answer::{MaintenanceItem, WorkState},
};

use super::view::View;

/// How far ahead the next time of work that repeats is looked for: no month is longer.
const AHEAD: Millis = Millis::from_secs(62 * 86_400);

/// Under way first, then what is ahead, the next first, then what is over, the last first. Work that was over before the
/// window is not told.
pub(super) fn items(view: &View<'_>) -> Vec<MaintenanceItem> {
    let announced = view.evidence.inventory.maintenance.iter().map(|work| of_inventory(view, work));
    let planned = view.evidence.planned.iter().map(|work| of_command(view, work));
    let mut items: Vec<MaintenanceItem> = announced.chain(planned).filter(|item| is_asked(view, item)).collect();
    items.sort_by_key(|item| match item.state {
        WorkState::On => (0, item.window.to.0, item.id),
        WorkState::Ahead => (1, item.window.from.0, item.id),
        WorkState::Over => (2, item.window.to.0.saturating_neg(), item.id),
    });
    items
}

fn is_asked(view: &View<'_>, item: &MaintenanceItem) -> bool {
    let recent = item.state != WorkState::Over || item.window.to > view.evidence.window.from;
    let everything = !view.is_narrowed();
    recent && (everything || view.seen.iter().any(|seen| item.scope.touches(seen.link)))
}

fn of_inventory(view: &View<'_>, work: &Maintenance) -> MaintenanceItem {
    let now = view.evidence.now;
    let around = work.windows(Window::new(view.evidence.window.from, now.plus(AHEAD)));
    let next = around.iter().find(|window| now < window.to).or(around.last());
    MaintenanceItem {
        id: None,
        name: name(view, &work.scope),
        links: links(view, &work.scope),
        scope: work.scope.clone(),
        window: next.copied().unwrap_or(work.window),
        repeat: work.repeat,
        state: state(next.copied().unwrap_or(work.window), now),
        why: work.why.clone(),
        author: None,
        added: None,
        ended: None,
    }
}

fn of_command(view: &View<'_>, planned: &Planned) -> MaintenanceItem {
    let now = view.evidence.now;
    let in_force = planned.maintenance().map(|work| work.window);
    MaintenanceItem {
        id: Some(planned.id),
        name: name(view, &planned.scope),
        links: links(view, &planned.scope),
        scope: planned.scope.clone(),
        window: in_force.unwrap_or(planned.window),
        repeat: None,
        state: in_force.map_or(WorkState::Over, |window| state(window, now)),
        why: planned.why.clone(),
        author: Some(planned.author.clone()),
        added: Some(planned.added),
        ended: planned.ended,
    }
}

fn state(window: Window, now: UtcMs) -> WorkState {
    if now < window.from {
        WorkState::Ahead
    } else if now < window.to {
        WorkState::On
    } else {
        WorkState::Over
    }
}

fn name(view: &View<'_>, scope: &Scope) -> String {
    match scope {
        Scope::Link(link) => view.link(link).map_or_else(|| link.to_string(), |link| link.name.clone()),
        Scope::Commune(code) => view.commune_name(Some(code)).unwrap_or_else(|| code.to_string()),
        Scope::Group(group) => group.to_string(),
    }
}

fn links(view: &View<'_>, scope: &Scope) -> u64 {
    view.evidence.inventory.links.iter().filter(|link| scope.touches(link)).count() as u64
}
