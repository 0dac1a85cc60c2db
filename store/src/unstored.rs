//! Ticks that the disk does not take yet, laid over what is on disk: while it refuses, answers are made of both, and say
//! that they are not stored. What is said here about spans and outages is what [`crate::Store::commit`] makes of the same
//! changes; a test of random actions compares the two.
//!
//! What probes saw besides answers, and messages, are not laid over: they wait for the disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use phusong_model::{
    BlindReason, Change, Edge, Event, EventId, Evidence, Inventory, LinkId, LinkNow, LinkState, Outage, OutageId,
    Outcome, Probe, Sample, Span, Tick, Transition, UtcMs, Verdict, Window,
};

use crate::Commit;

/// What a store would have, were it there.
#[derive(Debug, Clone, Default)]
pub struct Unstored {
    /// The inventory in force.
    pub inventory: Arc<Inventory>,
    /// What stands since before the ticks that wait: for when nothing can be read.
    pub standing: Vec<Change>,
    /// The ticks that wait, oldest first.
    pub commits: Vec<Arc<Commit>>,
}

impl Unstored {
    /// The newest tick that waits.
    pub(crate) fn newest(&self) -> Option<Tick> {
        self.commits.last().map(|commit| commit.tick)
    }

    /// Lays the ticks after the newest one on disk over the evidence.
    pub(crate) fn lay_over(&self, evidence: &mut Evidence, stored: Option<UtcMs>) {
        let later = |commit: &&Arc<Commit>| stored.is_none_or(|stored| commit.tick.at > stored);
        for commit in self.commits.iter().filter(later) {
            Overlay(evidence).commit(commit);
        }
    }

    /// The evidence when nothing can be read from disk at all.
    #[must_use]
    pub fn alone(&self, now: UtcMs, window: Window) -> Evidence {
        let window = Window::new(window.from, window.to.min(now));
        let mut evidence = Evidence {
            now,
            window,
            inventory: (*self.inventory).clone(),
            links: self.inventory.links.iter().map(|link| undecided(&link.id, UtcMs::MIN)).collect(),
            spans: Vec::new(),
            outages: Vec::new(),
            events: Vec::new(),
            acks: Vec::new(),
            planned: Vec::new(),
            notifications: Vec::new(),
            figures: Vec::new(),
            coverage_gaps: Vec::new(),
            contradictions: Vec::new(),
            observations: Vec::new(),
            health: None,
            age: self.newest().map(|tick| now.since(tick.at)),
            close_up: None,
            left_out: Vec::new(),
        };
        for change in &self.standing {
            Overlay(&mut evidence).change(change);
        }
        self.lay_over(&mut evidence, None);
        evidence
    }
}

/// A link of which nothing is known.
pub(crate) fn undecided(link: &LinkId, since: UtcMs) -> LinkNow {
    LinkNow {
        link: link.clone(),
        state: LinkState::Blind,
        since,
        cause: None,
        blind: Some(BlindReason::NotYetProbed),
        worse: None,
        usual: None,
        icmp: None,
        interface: None,
        entered: since,
    }
}

struct Overlay<'e>(&'e mut Evidence);

impl Overlay<'_> {
    fn commit(&mut self, commit: &Commit) {
        commit.samples.iter().for_each(|sample| self.sample(sample));
        for reading in &commit.readings {
            if let Some(link) = reading.link.as_ref().and_then(|link| self.link(link)) {
                link.interface = Some(reading.clone());
            }
        }
        commit.changes.iter().for_each(|change| self.change(change));
        let window = self.0.window;
        self.0.spans.retain(|span| span.from < window.to && span.to.is_none_or(|to| to > window.from));
        self.0.outages.retain(|outage| outage.start < window.to && outage.end.is_none_or(|end| end > window.from));
        self.0.outages.sort_by_key(|outage| (outage.start, outage.id));
    }

    fn link(&mut self, id: &LinkId) -> Option<&mut LinkNow> {
        self.0.links.iter_mut().find(|link| link.link == *id)
    }

    /// A link with a service is shown by it, and no longer by its pings.
    fn sample(&mut self, sample: &Sample) {
        let Outcome::Measured(stats) = sample.outcome else { return };
        let served = self.0.inventory.link(&sample.link).is_some_and(|link| link.service.is_some());
        let shows = match sample.probe {
            Probe::Tcp | Probe::Http | Probe::Dns => true,
            Probe::Icmp => !served,
            Probe::Snmp => false,
        };
        if let Some(link) = self.link(&sample.link).filter(|_| shows) {
            link.icmp = Some(stats);
        }
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::State(transition) => self.state(transition),
            Change::OutageOpens { id, link, start, decided, verdict } => {
                self.outage_opens(*id, link, *start, *decided, verdict);
            }
            Change::OutageVerdict { id, link, verdict, .. } => self.outage_verdict(*id, link, verdict),
            Change::OutageBlind { link, length } => {
                if let Some(outage) = self.open_outage(link) {
                    outage.blind = outage.blind + *length;
                }
            }
            Change::OutageEnds { link, end } => self.outage_ends(link, *end),
            Change::OutageJoins { id, event, .. } => {
                if let Some(outage) = self.0.outages.iter_mut().find(|outage| outage.id == *id) {
                    outage.event = *event;
                }
            }
            Change::Event(event) => self.event(event),
            Change::Usual { link, usual } => {
                if let Some(link) = self.link(link) {
                    link.usual = Some(*usual);
                }
            }
            Change::Leaves { link, at } => self.leaves(link, *at),
        }
    }

    fn state(&mut self, to: &Transition) {
        let Some(entered) = self.link(&to.link).map(|link| link.entered) else { return };
        let from = to.from.max(entered);
        self.cut(&to.link, from);
        let span = Span {
            link: to.link.clone(),
            state: to.state,
            from,
            to: None,
            cause: to.cause.clone(),
            blind: to.blind,
            worse: to.worse,
        };
        self.push(span, entered);
    }

    /// Removes what the spans of a link say from an instant on.
    fn cut(&mut self, link: &LinkId, at: UtcMs) {
        self.0.spans.retain(|span| span.link != *link || span.from < at);
        if let Some(last) = self.0.spans.iter_mut().rfind(|span| span.link == *link)
            && last.to.is_none_or(|to| to > at)
        {
            last.to = Some(at);
        }
    }

    /// Adds the open span of a link; it and the one before are one when they say the same.
    fn push(&mut self, span: Span, entered: UtcMs) {
        let place = self.0.spans.partition_point(|other| other.link <= span.link);
        let mut span = span;
        let before = place.checked_sub(1).and_then(|before| self.0.spans.get(before));
        let joins = before.is_some_and(|before| {
            before.link == span.link
                && before.to == Some(span.from)
                && before.from >= entered
                && says_the_same(before, &span)
        });
        match place.checked_sub(1).filter(|_| joins) {
            Some(before) => span.from = self.0.spans.remove(before).from,
            None => {
                // The span before it may have begun before the window, and be known only by the link.
                if let Some(link) = self.link(&span.link)
                    && link.since < span.from
                    && link.since >= entered
                    && (link.state, &link.cause, link.blind, link.worse)
                        == (span.state, &span.cause, span.blind, span.worse)
                {
                    span.from = link.since;
                }
            }
        }
        if let Some(link) = self.link(&span.link) {
            (link.state, link.since, link.cause) = (span.state, span.from, span.cause.clone());
            (link.blind, link.worse) = (span.blind, span.worse);
        }
        let place = self.0.spans.partition_point(|other| other.link <= span.link);
        self.0.spans.insert(place, span);
    }

    fn open_outage(&mut self, link: &LinkId) -> Option<&mut Outage> {
        self.0.outages.iter_mut().find(|outage| outage.link == *link && outage.end.is_none())
    }

    fn outage_opens(&mut self, id: OutageId, link: &LinkId, start: Edge, decided: UtcMs, verdict: &Verdict) {
        let Some(entered) = self.link(link).map(|link| link.entered) else { return };
        if self.open_outage(link).is_some() || self.0.outages.iter().any(|outage| outage.id == id) {
            return;
        }
        self.0.outages.push(Outage {
            id,
            link: link.clone(),
            start: start.at.max(entered),
            start_error: start.error,
            end: None,
            end_error: phusong_model::Millis(0),
            decided,
            verdict: verdict.clone(),
            blind: phusong_model::Millis(0),
            event: EventId(id.0),
        });
    }

    /// While it is open, the open `down` span takes the cause too.
    fn outage_verdict(&mut self, id: OutageId, link: &LinkId, verdict: &Verdict) {
        let Some(outage) = self.0.outages.iter_mut().find(|outage| outage.id == id) else { return };
        outage.verdict = verdict.clone();
        let is_open = outage.end.is_none();
        let open_span = |span: &Span| span.link == *link && span.to.is_none() && span.state == LinkState::Down;
        if let Some(place) = self.0.spans.iter().position(|span| is_open && open_span(span)) {
            let mut span = self.0.spans.remove(place);
            span.cause = Some(verdict.cause.clone());
            let entered = self.link(link).map_or(span.from, |link| link.entered);
            self.push(span, entered);
        }
    }

    fn outage_ends(&mut self, link: &LinkId, end: Edge) {
        if let Some(outage) = self.open_outage(link) {
            (outage.end, outage.end_error) = (Some(end.at.max(outage.start)), end.error);
        }
    }

    fn event(&mut self, event: &Event) {
        match self.0.events.iter_mut().find(|known| known.id == event.id) {
            Some(known) => *known = event.clone(),
            None => {
                self.0.events.push(event.clone());
                self.0.events.sort_by_key(|event| event.id);
            }
        }
    }

    fn leaves(&mut self, link: &LinkId, at: UtcMs) {
        self.cut(link, at);
        self.outage_ends(link, Edge::sharp(at));
        let now = self.0.now;
        if let Some(known) = self.link(link) {
            *known = undecided(link, now);
        }
    }
}

fn says_the_same(a: &Span, b: &Span) -> bool {
    (a.state, &a.cause, a.blind, a.worse) == (b.state, &b.cause, b.blind, b.worse)
}

/// What stands after all changes so far, so that it can be said once more to a store that lost it.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    states: BTreeMap<LinkId, Transition>,
    outages: BTreeMap<LinkId, (OutageId, Edge, UtcMs, Verdict, EventId)>,
}

impl Standing {
    /// What stands by this evidence.
    #[must_use]
    pub fn of(evidence: &Evidence) -> Self {
        let mut standing = Self::default();
        for now in &evidence.links {
            let transition = Transition {
                link: now.link.clone(),
                state: now.state,
                from: now.since,
                cause: now.cause.clone(),
                blind: now.blind,
                worse: now.worse,
            };
            standing.states.insert(now.link.clone(), transition);
        }
        for outage in evidence.outages.iter().filter(|outage| outage.end.is_none()) {
            let start = Edge { at: outage.start, error: outage.start_error };
            let known = (outage.id, start, outage.decided, outage.verdict.clone(), outage.event);
            standing.outages.insert(outage.link.clone(), known);
        }
        standing
    }

    /// Takes in a change.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::State(transition) => drop(self.states.insert(transition.link.clone(), transition.clone())),
            Change::OutageOpens { id, link, start, decided, verdict } => {
                self.outages.insert(link.clone(), (*id, *start, *decided, verdict.clone(), EventId(id.0)));
            }
            Change::OutageVerdict { id, link, verdict, .. } => {
                if let Some(known) = self.outages.get_mut(link).filter(|known| known.0 == *id) {
                    known.3 = verdict.clone();
                }
            }
            Change::OutageJoins { id, link, event } => {
                if let Some(known) = self.outages.get_mut(link).filter(|known| known.0 == *id) {
                    known.4 = *event;
                }
            }
            Change::OutageEnds { link, .. } => drop(self.outages.remove(link)),
            Change::Leaves { link, .. } => {
                self.states.remove(link);
                self.outages.remove(link);
            }
            Change::OutageBlind { .. } | Change::Event(_) | Change::Usual { .. } => {}
        }
    }

    /// Each link with the start of its state and the number of its open outage.
    pub(crate) fn links(&self) -> impl Iterator<Item = (&LinkId, UtcMs, Option<OutageId>)> {
        self.states.iter().map(|(link, state)| (link, state.from, self.outages.get(link).map(|known| known.0)))
    }

    /// All of it as changes, by link: states first, then open outages with their events.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        let states = self.states.values().cloned().map(Change::State);
        let outages = self.outages.iter().flat_map(|(link, (id, start, decided, verdict, event))| {
            let opens = Change::OutageOpens {
                id: *id,
                link: link.clone(),
                start: *start,
                decided: *decided,
                verdict: verdict.clone(),
            };
            [opens, Change::OutageJoins { id: *id, link: link.clone(), event: *event }]
        });
        states.chain(outages).collect()
    }
}
