//! The obvious way to account: a cell for every millisecond of every link, painted over and over as changes are told.

use std::collections::BTreeMap;

use phusong_model::{Change, LinkId, LinkState, Millis, StateTimes, UtcMs, Window};

/// What a link was in this millisecond; none outside of the inventory.
type Cell = Option<LinkState>;

pub(super) struct Cells {
    from: UtcMs,
    rows: BTreeMap<LinkId, Vec<Cell>>,
}

impl Cells {
    /// Cells of a stretch of time. What is told lasts until something else is told.
    pub(super) fn paint(told: &[Change], stretch: Window) -> Self {
        let mut cells = Self { from: stretch.from, rows: BTreeMap::new() };
        let count = stretch.length().0 as usize;
        for change in told {
            match change {
                Change::State(to) => {
                    let first = cells.place(to.from).expect("within the stretch");
                    let row = cells.rows.entry(to.link.clone()).or_insert_with(|| vec![None; count]);
                    if row.last().is_none_or(Option::is_none) {
                        // It enters: what it was before it left the last time is no part of its account.
                        row.fill(None);
                    } else {
                        assert!(row[first].is_some(), "{to:?} begins before its link entered");
                    }
                    row[first..].fill(Some(to.state));
                }
                Change::Leaves { link, at } => {
                    let first = cells.place(*at).expect("within the stretch");
                    cells.rows.get_mut(link).expect("a known link")[first..].fill(None);
                }
                Change::OutageOpens { .. }
                | Change::OutageVerdict { .. }
                | Change::OutageBlind { .. }
                | Change::OutageEnds { .. }
                | Change::OutageJoins { .. }
                | Change::Event(_)
                | Change::Usual { .. } => {}
            }
        }
        cells.rows.retain(|_, row| row.last().is_some_and(Option::is_some));
        cells
    }

    fn place(&self, at: UtcMs) -> Option<usize> {
        usize::try_from(at.since(self.from).0).ok()
    }

    /// From `until` on nothing is known of the links that are there.
    pub(super) fn forget_after(&mut self, until: UtcMs) {
        let first = self.place(until).unwrap_or(0);
        for row in self.rows.values_mut() {
            row.iter_mut().skip(first).flatten().for_each(|state| *state = LinkState::Blind);
        }
    }

    pub(super) fn links(&self) -> impl Iterator<Item = &LinkId> {
        self.rows.keys()
    }

    /// The one row that tells of several links, cell by cell; none when none of them is there.
    pub(super) fn together(&self, links: &[&str], joined: fn(&[LinkState]) -> LinkState) -> Option<Vec<Cell>> {
        let rows: Vec<&Vec<Cell>> = links.iter().filter_map(|link| self.rows.get(&link.parse().ok()?)).collect();
        let cells = rows.first()?.len();
        let mut states: Vec<LinkState> = Vec::new();
        let cell = |at: usize| {
            states.clear();
            states.extend(rows.iter().filter_map(|row| row[at]));
            (!states.is_empty()).then(|| joined(&states))
        };
        Some((0..cells).map(cell).collect())
    }

    pub(super) fn of(&self, link: &LinkId) -> &[Cell] {
        &self.rows[link]
    }

    /// Counts the cells of a window.
    pub(super) fn count(&self, row: &[Cell], window: Window) -> StateTimes {
        let [from, to] = [window.from, window.to].map(|at| self.place(at).unwrap_or(0).min(row.len()));
        let mut times = StateTimes::default();
        row[from..to].iter().flatten().for_each(|state| times.add(*state, Millis(1)));
        times
    }
}

/// Any of them is enough: it works while one works, and is down only while every one is.
pub(super) fn any_of(states: &[LinkState]) -> LinkState {
    let has = |state| states.contains(&state);
    if has(LinkState::Up) {
        LinkState::Up
    } else if has(LinkState::Degraded) {
        LinkState::Degraded
    } else if states.iter().all(|state| *state == LinkState::Down) {
        LinkState::Down
    } else if has(LinkState::Blind) {
        LinkState::Blind
    } else {
        LinkState::Maintenance
    }
}

/// All of them are needed: it works while every one works, and is down while one is.
pub(super) fn all_of(states: &[LinkState]) -> LinkState {
    let has = |state| states.contains(&state);
    if states.iter().all(|state| *state == LinkState::Up) {
        LinkState::Up
    } else if states.iter().all(|state| state.works()) {
        LinkState::Degraded
    } else if has(LinkState::Down) {
        LinkState::Down
    } else if has(LinkState::Blind) {
        LinkState::Blind
    } else {
        LinkState::Maintenance
    }
}
