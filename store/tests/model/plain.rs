//! The store as plain values: what each link was painted with, and everything else in lists.

use std::collections::{BTreeMap, BTreeSet};

use phusong_model::{
    BlindReason, Cause, Change, EchoStats, Event, EventId, IfReading, Inventory, LinkId, LinkNow, LinkState, Millis,
    Outage, Outcome, Probe, Span, Transition, Usual, UtcMs, Window, Worse,
};
use phusong_store::{Commit, StateChange, StoredTick};

/// What a link says of itself from some instant on; nothing while it is out of the inventory.
type Paint = Option<(LinkState, Option<Cause>, Why)>;

/// Why it is blind, and what is worse while it is degraded.
type Why = (Option<BlindReason>, Option<Worse>);

const UNDECIDED: Paint = Some((LinkState::Blind, None, (Some(BlindReason::NotYetProbed), None)));

#[derive(Debug, Clone, Default)]
struct History {
    entered: Option<UtcMs>,
    left: Option<UtcMs>,
    entries: BTreeSet<UtcMs>,
    painted: BTreeMap<UtcMs, Paint>,
    icmp: Option<EchoStats>,
    /// The stats are those of its service.
    served: bool,
    interface: Option<IfReading>,
    usual: Option<Usual>,
}

impl History {
    fn is_in(&self) -> bool {
        self.entered.is_some() && self.left.is_none()
    }

    fn enter(&mut self, at: UtcMs) {
        let at = self.left.map_or(at, |left| left.max(at));
        (self.entered, self.left) = (Some(at), None);
        self.entries.insert(at);
        self.painted.insert(at, UNDECIDED);
    }

    fn paint(&mut self, from: UtcMs, paint: Paint) {
        let from = self.entered.map_or(from, |entered| entered.max(from));
        self.painted.split_off(&from);
        self.painted.insert(from, paint);
        // Neighbours that say the same are one, but each entry is a new beginning.
        let mut before: Option<Paint> = None;
        self.painted.retain(|at, paint| {
            let kept = self.entries.contains(at) || before.as_ref() != Some(paint);
            before = Some(paint.clone());
            kept
        });
    }

    fn open(&self) -> Option<(UtcMs, &Paint)> {
        self.painted.last_key_value().map(|(at, paint)| (*at, paint)).filter(|(_, paint)| paint.is_some())
    }

    fn spans(&self, link: &LinkId) -> Vec<Span> {
        let ends = self.painted.keys().skip(1).map(|at| Some(*at)).chain([None]);
        let stretches = self.painted.iter().zip(ends);
        stretches
            .filter_map(|((from, paint), to)| {
                let (state, cause, (blind, worse)) = paint.clone()?;
                Some(Span { link: link.clone(), state, from: *from, to, cause, blind, worse })
            })
            .collect()
    }
}

#[derive(Debug, Clone, Default)]
pub struct Model {
    pub inventory: Inventory,
    links: BTreeMap<LinkId, History>,
    outages: Vec<Outage>,
    events: BTreeMap<EventId, Event>,
    pub ticks: Vec<StoredTick>,
}

impl Model {
    fn link(&mut self, link: &LinkId) -> &mut History {
        self.links.entry(link.clone()).or_default()
    }

    fn open_outage(&mut self, link: &LinkId) -> Option<&mut Outage> {
        self.outages.iter_mut().find(|outage| outage.link == *link && outage.end.is_none())
    }

    fn leave(&mut self, link: &LinkId, at: UtcMs) {
        let history = self.link(link);
        if !history.is_in() {
            return;
        }
        let at = history.entered.map_or(at, |entered| entered.max(at));
        history.paint(at, None);
        (history.left, history.icmp, history.served, history.interface) = (Some(at), None, false, None);
        history.usual = None;
        if let Some(outage) = self.open_outage(link) {
            (outage.end, outage.end_error) = (Some(at.max(outage.start)), Millis(0));
        }
    }

    pub fn set_inventory(&mut self, inventory: &Inventory, at: UtcMs) {
        let gone: Vec<LinkId> = self.links.keys().filter(|link| inventory.link(link).is_none()).cloned().collect();
        for link in gone {
            self.leave(&link, at);
        }
        for link in &inventory.links {
            let history = self.link(&link.id);
            if !history.is_in() {
                history.enter(at);
            }
            // No link of these inventories has a service.
            if std::mem::take(&mut history.served) {
                history.icmp = None;
            }
        }
        self.inventory = inventory.clone();
    }

    /// The model after the change; nothing when it does not fit.
    fn apply(&mut self, change: &Change) -> Option<Option<LinkId>> {
        match change {
            Change::State(Transition { link, state, from, cause, blind, worse }) => {
                let history = self.link(link);
                if !history.is_in() {
                    history.enter(*from);
                }
                history.paint(*from, Some((*state, cause.clone(), (*blind, *worse))));
                Some(Some(link.clone()))
            }
            Change::OutageOpens { id, link, start, decided, verdict } => {
                let history = self.link(link);
                if !history.is_in() {
                    history.enter(start.at);
                }
                let from = history.entered.map_or(start.at, |entered| entered.max(start.at));
                self.open(Outage {
                    id: *id,
                    link: link.clone(),
                    start: from,
                    start_error: start.error,
                    end: None,
                    end_error: Millis(0),
                    decided: *decided,
                    verdict: verdict.clone(),
                    blind: Millis(0),
                    event: (*id).into(),
                })?;
                Some(Some(link.clone()))
            }
            Change::OutageVerdict { id, link, verdict, .. } => {
                let outage = self.outages.iter_mut().find(|outage| outage.id == *id && outage.link == *link)?;
                outage.verdict = verdict.clone();
                if outage.end.is_some() {
                    return Some(None);
                }
                let history = self.link(link);
                if let Some((from, Some((LinkState::Down, _, why)))) = history.open() {
                    let paint = Some((LinkState::Down, Some(verdict.cause.clone()), *why));
                    history.paint(from, paint);
                }
                Some(Some(link.clone()))
            }
            Change::OutageJoins { id, event, .. } => {
                self.outages.iter_mut().find(|outage| outage.id == *id)?.event = *event;
                Some(None)
            }
            Change::Event(event) => {
                self.events.insert(event.id, event.clone());
                Some(None)
            }
            Change::Usual { link, usual } => {
                self.link(link).usual = Some(*usual);
                Some(None)
            }
            Change::OutageBlind { link, length } => {
                self.change_outage(link, |outage| outage.blind = outage.blind + *length)?;
                Some(None)
            }
            Change::OutageEnds { link, end } => {
                self.change_outage(link, |outage| {
                    (outage.end, outage.end_error) = (Some(end.at.max(outage.start)), end.error);
                })?;
                Some(Some(link.clone()))
            }
            Change::Leaves { link, at } => {
                self.leave(link, *at);
                Some(None)
            }
        }
    }

    fn open(&mut self, outage: Outage) -> Option<()> {
        if self.open_outage(&outage.link).is_some() || self.outages.iter().any(|known| known.id == outage.id) {
            return None;
        }
        self.outages.push(outage);
        Some(())
    }

    fn change_outage(&mut self, link: &LinkId, change: impl FnOnce(&mut Outage)) -> Option<()> {
        let is_in = self.link(link).is_in();
        match self.open_outage(link) {
            Some(outage) => change(outage),
            None if is_in => return None,
            None => {}
        }
        Some(())
    }

    /// The model after the commit; nothing when the store must refuse it.
    pub fn commit(&self, commit: &Commit) -> Option<Self> {
        let mut next = self.clone();
        if self.ticks.last().is_some_and(|last| last.tick.at >= commit.tick.at) {
            return None;
        }
        for sample in &commit.samples {
            let Outcome::Measured(stats) = sample.outcome else { continue };
            let link = next.link(&sample.link);
            match sample.probe {
                Probe::Snmp => {}
                Probe::Icmp if link.served => {}
                Probe::Icmp => link.icmp = Some(stats),
                Probe::Tcp | Probe::Http | Probe::Dns => {
                    (link.icmp, link.served) = (Some(stats), true);
                }
            }
        }
        for reading in &commit.readings {
            if let Some(link) = &reading.link {
                next.link(link).interface = Some(reading.clone());
            }
        }
        let mut touched: Vec<LinkId> = Vec::new();
        for change in &commit.changes {
            touched.extend(next.apply(change)?);
        }
        touched.sort();
        touched.dedup();
        let states = touched.iter().filter_map(|link| next.state(link)).collect();
        let (samples, readings) = (commit.samples.clone(), commit.readings.clone());
        let seq = next.ticks.len() as i64 + 1;
        next.ticks.push(StoredTick { seq, tick: commit.tick, samples, readings, states, coverage: Vec::new() });
        Some(next)
    }

    fn state(&self, link: &LinkId) -> Option<StateChange> {
        let (since, paint) = self.links.get(link)?.open()?;
        let (state, cause, (blind, worse)) = paint.clone()?;
        let open = self.outages.iter().find(|outage| outage.link == *link && outage.end.is_none());
        let outage = open.map(|outage| outage.id);
        Some(StateChange { link: link.clone(), state, since, cause, blind, worse, outage })
    }

    pub fn links_now(&self, now: UtcMs) -> Vec<LinkNow> {
        let known = |link: &LinkId| {
            let history = self.links.get(link)?;
            let StateChange { state, since, cause, blind, worse, .. } = self.state(link)?;
            let (icmp, interface, usual) = (history.icmp, history.interface.clone(), history.usual);
            let (link, entered) = (link.clone(), history.entered?);
            Some(LinkNow { link, state, since, cause, blind, worse, usual, icmp, interface, entered })
        };
        // In the inventory, but a change said that it left.
        let unknown = |link: &LinkId| LinkNow {
            link: link.clone(),
            state: LinkState::Blind,
            since: now,
            cause: None,
            blind: Some(BlindReason::NotYetProbed),
            worse: None,
            usual: None,
            icmp: None,
            interface: None,
            entered: now,
        };
        let links = self.inventory.links.iter();
        links.map(|link| known(&link.id).unwrap_or_else(|| unknown(&link.id))).collect()
    }

    /// While the daemon is taken to be alive: the silence has its own stories in `history.rs`.
    pub fn spans(&self, window: Window) -> Vec<Span> {
        let all = self.links.iter().flat_map(|(link, history)| history.spans(link));
        all.filter(|span| span.from < window.to && span.to.is_none_or(|to| to > window.from)).collect()
    }

    pub fn outages(&self, window: Window) -> Vec<Outage> {
        let touches = |outage: &&Outage| outage.start < window.to && outage.end.is_none_or(|end| end > window.from);
        let mut found: Vec<Outage> = self.outages.iter().filter(touches).cloned().collect();
        found.sort_by_key(|outage| (outage.start, outage.id));
        found
    }

    /// What is known of the events of those outages.
    pub fn events(&self, window: Window) -> Vec<Event> {
        let ids: BTreeSet<EventId> = self.outages(window).iter().map(|outage| outage.event).collect();
        ids.iter().filter_map(|id| self.events.get(id)).cloned().collect()
    }
}
