//! Announced work: a layer over what the tracker decides. Evidence is taken and outages open and end as ever; only the
//! spans say *maintenance* while a window of the link holds. When it ends, they say again what lies underneath.

use std::collections::HashMap;

use phusong_model::{Change, LinkId, LinkNow, LinkState, Millis, Tick, Transition, UtcMs, Window};

/// From one instant to the next.
pub(super) const INSTANT: Millis = Millis(1);

/// The masks of the links that have windows.
#[derive(Debug, Clone, Default)]
pub(super) struct Masks(HashMap<LinkId, Mask>);

impl Masks {
    /// A link comes back after a restart that left it unwatched from `unwatched` on. Returns from when on nothing is
    /// known of it: what lay under maintenance is not stored, so that is the end of a window which ended in the time the
    /// last tick still vouches for.
    pub(super) fn resume(
        &mut self,
        entry: &LinkNow,
        windows: &[Window],
        last: Option<Tick>,
        unwatched: UtcMs,
    ) -> UtcMs {
        let until = unwatched.max(entry.since);
        let before = (entry.state == LinkState::Maintenance).then(|| {
            let saw = last.map_or(until, |tick| tick.at);
            let ended = windows.iter().map(|window| window.to).find(|end| saw < *end && *end < until);
            Window::new(entry.since, ended.unwrap_or(until))
        });
        let from = before.map_or(until, |window| window.to);
        self.mask(&entry.link, Mask { windows: before.into_iter().collect(), told: from }, windows);
        from
    }

    /// A link is new.
    pub(super) fn enter(&mut self, link: &LinkId, windows: &[Window], at: UtcMs) {
        self.mask(link, Mask { windows: Vec::new(), told: at }, windows);
    }

    /// The windows of every link were announced anew. They count from now on: what is told stays told.
    pub(super) fn announce(&mut self, windows: &Announced, links: impl Iterator<Item = (LinkId, UtcMs)>, at: UtcMs) {
        let mut before = std::mem::take(&mut self.0);
        for (link, since) in links {
            let mut mask = before.remove(&link).unwrap_or_else(|| Mask { windows: Vec::new(), told: at });
            mask.told = mask.told.max(at);
            // No change reaches back behind the state that lies underneath.
            mask.windows.retain(|window| window.to > since);
            self.mask(&link, mask, windows.windows(&link));
        }
    }

    /// Tells which windows began or ended before `until`, over what lies underneath since the last decision.
    pub(super) fn turn(&mut self, link: &LinkId, until: UtcMs, under: impl FnOnce() -> Transition) -> Vec<Change> {
        let Some(mask) = self.0.get_mut(link) else { return Vec::new() };
        let from = mask.told;
        mask.told = from.max(until);
        mask.edges(from, &under())
    }

    /// What the account says of changes that were decided underneath, up to what was told before.
    pub(super) fn cover(&self, decided: Vec<Change>) -> Vec<Change> {
        if self.0.is_empty() {
            return decided;
        }
        let cover = |change| match change {
            Change::State(to) => match self.0.get(&to.link) {
                Some(mask) => mask.cover(to),
                None => vec![Change::State(to)],
            },
            Change::OutageOpens { .. }
            | Change::OutageVerdict { .. }
            | Change::OutageJoins { .. }
            | Change::Event(_)
            | Change::Usual { .. }
            | Change::OutageBlind { .. }
            | Change::OutageEnds { .. }
            | Change::Leaves { .. } => vec![change],
        };
        decided.into_iter().flat_map(cover).collect()
    }

    /// Since when the account says maintenance, or, outside of windows, what lies underneath since `since`.
    pub(super) fn shown(&self, link: &LinkId, since: UtcMs) -> Shown {
        let Some(mask) = self.0.get(link) else { return Shown::Underneath { since } };
        let now = mask.told.minus(INSTANT);
        match mask.holding(now) {
            Some(window) => Shown::Maintenance { since: window.from },
            None => {
                let ended = mask.windows.iter().map(|window| window.to).filter(|end| *end <= now).max();
                Shown::Underneath { since: ended.map_or(since, |end| end.max(since)) }
            }
        }
    }

    fn mask(&mut self, link: &LinkId, mut mask: Mask, announced: &[Window]) {
        let told = Window::new(UtcMs::MIN, mask.told);
        let ahead = Window::new(mask.told, UtcMs(i64::MAX));
        let before = mask.windows.iter().map(|window| window.intersect(told));
        mask.windows = union(before.chain(announced.iter().map(|window| window.intersect(ahead))).collect());
        if !mask.windows.is_empty() {
            self.0.insert(link.clone(), mask);
        }
    }
}

/// What the account says of a link now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// A window holds.
    Maintenance { since: UtcMs },
    /// What was decided.
    Underneath { since: UtcMs },
}

/// The windows of one link that are in force.
#[derive(Debug, Clone)]
struct Mask {
    /// By time; they neither overlap nor touch.
    windows: Vec<Window>,
    /// Every begin and end before this instant was told.
    told: UtcMs,
}

impl Mask {
    fn holding(&self, at: UtcMs) -> Option<Window> {
        self.windows.iter().copied().find(|window| window.from <= at && at < window.to)
    }

    /// A transition cuts off all that was told from its start on, so windows after it are told again.
    fn cover(&self, to: Transition) -> Vec<Change> {
        let hidden = self.holding(to.from).is_some_and(|window| window.from < self.told);
        let again = self.edges(to.from.plus(INSTANT), &to);
        (!hidden).then_some(Change::State(to)).into_iter().chain(again).collect()
    }

    /// Begins and ends of windows from `from` up to what is told. An end at which the state underneath begins anyway is
    /// none.
    fn edges(&self, from: UtcMs, under: &Transition) -> Vec<Change> {
        let told = |at: &UtcMs| from <= *at && *at < self.told;
        let mut edges = Vec::new();
        for window in &self.windows {
            let begin = Some(window.from).filter(told);
            edges.extend(begin.map(|from| Transition {
                link: under.link.clone(),
                state: LinkState::Maintenance,
                from,
                cause: None,
                blind: None,
                worse: None,
            }));
            let end = Some(window.to).filter(told).filter(|end| *end > under.from);
            edges.extend(end.map(|from| Transition { from, ..under.clone() }));
        }
        edges.into_iter().map(Change::State).collect()
    }
}

/// The announced windows of every link, by time, without overlaps.
#[derive(Debug, Clone, Default)]
pub(super) struct Announced(HashMap<LinkId, Vec<Window>>);

impl Announced {
    pub(super) fn of(windows: HashMap<LinkId, Vec<Window>>) -> Self {
        Self(windows.into_iter().map(|(link, windows)| (link, union(windows))).collect())
    }

    pub(super) fn windows(&self, link: &LinkId) -> &[Window] {
        self.0.get(link).map_or(&[], Vec::as_slice)
    }
}

/// The time that any of the windows holds; those that overlap or touch become one.
fn union(mut windows: Vec<Window>) -> Vec<Window> {
    windows.retain(|window| !window.is_empty());
    windows.sort_unstable_by_key(|window| window.from);
    let mut union: Vec<Window> = Vec::with_capacity(windows.len());
    for window in windows {
        match union.last_mut() {
            Some(last) if window.from <= last.to => last.to = last.to.max(window.to),
            Some(_) | None => union.push(window),
        }
    }
    union
}
