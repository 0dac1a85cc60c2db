//! Which links are worked on, and when: what the inventory announces, once or again and again, and what was planned by
//! command. Windows are looked up some days ahead, since work may repeat for ever.

use std::collections::HashMap;

use phusong_model::{
    Clue, Edge, Inventory, LinkId, MAINTENANCE_LONGEST, Maintenance, Millis, Planned, Sign, UtcMs, Window,
};

use super::maintenance::Announced;

/// How far ahead windows are looked up, and how long before the end of that they are looked up again.
const AHEAD: Millis = Millis::from_secs(3 * 24 * 3600);
const AGAIN: Millis = Millis::from_secs(2 * 24 * 3600);

/// Everything that was announced, with the links it is about.
#[derive(Debug, Clone, Default)]
pub(super) struct Calendar {
    entries: Vec<(Maintenance, Vec<LinkId>)>,
    /// Windows that begin before this are known to the masks.
    known_until: Option<UtcMs>,
}

impl Calendar {
    pub(super) fn of(inventory: &Inventory, planned: &[Planned]) -> Self {
        let planned = planned.iter().filter_map(Planned::maintenance);
        let entries = inventory.maintenance.iter().cloned().chain(planned).map(|work| {
            let links = inventory.links.iter().filter(|link| work.scope.touches(link));
            let links = links.map(|link| link.id.clone()).collect();
            (work, links)
        });
        Self { entries: entries.collect(), known_until: None }
    }

    /// The windows of each link around an instant, as far ahead as need be.
    pub(super) fn windows(&mut self, now: UtcMs) -> Announced {
        let around = Window::new(now.minus(MAINTENANCE_LONGEST), now.plus(AHEAD));
        self.known_until = Some(around.to);
        let mut windows: HashMap<LinkId, Vec<Window>> = HashMap::new();
        for (work, links) in &self.entries {
            let times = work.windows(around);
            for link in links {
                windows.entry(link.clone()).or_default().extend(&times);
            }
        }
        Announced::of(windows)
    }

    /// Whether it is time to look up more windows. Only work that repeats, or that is far ahead, has any.
    pub(super) fn is_short(&self, now: UtcMs) -> bool {
        !self.entries.is_empty() && self.known_until.is_none_or(|until| until.since(now) < AGAIN)
    }

    /// The work that was announced for when something began.
    pub(super) fn clues(&self, link: &LinkId, began: Edge) -> Vec<Clue> {
        let around = Window::new(began.at.minus(began.error), began.at.plus(began.error).plus(Millis(1)));
        let of_link = self.entries.iter().filter(|(_, links)| links.contains(link));
        let clues = of_link.flat_map(|(work, _)| {
            let clue = |window: Window| Clue { at: window.from, sign: Sign::Announced { why: work.why.clone() } };
            work.windows(around).into_iter().map(clue)
        });
        clues.collect()
    }
}
