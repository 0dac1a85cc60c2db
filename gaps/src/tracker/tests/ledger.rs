//! Applies changes as the store does, and refuses those that do not fit together.

use std::collections::BTreeMap;

use phusong_model::{
    Change, Edge, Event, LinkId, LinkNow, LinkState, Millis, Outage, OutageId, Span, Transition, Usual, UtcMs,
};

use crate::Known;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) spans: BTreeMap<LinkId, Vec<Span>>,
    pub(super) outages: Vec<Outage>,
    pub(super) events: Vec<Event>,
    /// What is usual for links, as last told.
    usual: BTreeMap<LinkId, Usual>,
    /// The cause that was told as the outage opened.
    first: BTreeMap<OutageId, &'static str>,
}

impl Ledger {
    pub(super) fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::State(transition) => self.enter(transition),
                Change::OutageOpens { id, link, start, decided, verdict } => {
                    assert!(self.open(&link).is_none(), "{link} has two open outages");
                    assert!(start.at <= decided);
                    assert!(self.outages.iter().all(|outage| outage.id < id), "{id:?} is no new number");
                    self.first.insert(id, verdict.cause.id());
                    self.outages.push(Outage {
                        id,
                        link,
                        start: start.at,
                        start_error: start.error,
                        end: None,
                        end_error: Millis(0),
                        decided,
                        verdict,
                        blind: Millis(0),
                        event: id.into(),
                    });
                }
                Change::OutageVerdict { id, link, verdict, .. } => {
                    let outage = self.outages.iter_mut().find(|outage| outage.id == id).expect("an outage");
                    assert_eq!(outage.link, link);
                    assert_ne!(outage.verdict, verdict, "{link} changes to the same verdict");
                    let (cause, is_open) = (verdict.cause.clone(), outage.end.is_none());
                    outage.verdict = verdict;
                    let span = self.spans.get_mut(&link).and_then(|spans| spans.last_mut()).expect("a span");
                    if is_open && span.state == LinkState::Down {
                        span.cause = Some(cause);
                    }
                }
                Change::OutageJoins { id, event, .. } => {
                    let outage = self.outages.iter_mut().find(|outage| outage.id == id).expect("an outage");
                    assert_ne!(outage.event, event);
                    outage.event = event;
                }
                Change::Event(event) => {
                    self.events.retain(|known| known.id != event.id);
                    self.events.push(event);
                }
                Change::Usual { link, usual } => {
                    self.usual.insert(link, usual);
                }
                Change::OutageBlind { link, length } => {
                    assert!(length > Millis(0));
                    let outage = self.open(&link).expect("an open outage");
                    outage.blind = outage.blind + length;
                }
                Change::OutageEnds { link, end } => self.end(&link, end),
                Change::Leaves { link, at } => {
                    let mut spans = self.spans.remove(&link).expect("a known link");
                    assert!(spans.pop().is_some_and(|span| span.from <= at));
                    if let Some(outage) = self.open(&link) {
                        // A link may leave at the very tick that found it down.
                        assert!(at >= outage.start, "{outage:?} ends at {at}");
                        outage.end = Some(at);
                    }
                }
            }
        }
    }

    fn enter(&mut self, to: Transition) {
        let spans = self.spans.entry(to.link.clone()).or_default();
        if let Some(last) = spans.last() {
            let covered = spans.iter().rev().take_while(|span| span.from > to.from);
            let mut covered = covered.map(|span| span.state == LinkState::Maintenance).peekable();
            assert!(covered.peek().is_none() || covered.any(|is| is), "{to:?} begins before {last:?}");
            let same = (last.state, last.blind, last.worse) == (to.state, to.blind, to.worse);
            assert!(!same, "{to:?} repeats {last:?}");
        }
        spans.truncate(spans.partition_point(|span| span.from < to.from));
        if let Some(last) = spans.last_mut() {
            last.to = Some(to.from);
        }
        assert_eq!(to.blind.is_some(), to.state == LinkState::Blind);
        assert_eq!(to.cause.is_some(), to.state == LinkState::Down);
        assert_eq!(to.worse.is_some(), to.state == LinkState::Degraded);
        let Transition { link, state, from, cause, blind, worse } = to;
        spans.push(Span { link, state, from, to: None, cause, blind, worse });
    }

    fn open(&mut self, link: &LinkId) -> Option<&mut Outage> {
        self.outages.iter_mut().find(|outage| outage.link == *link && outage.end.is_none())
    }

    fn end(&mut self, link: &LinkId, end: Edge) {
        let outage = self.open(link).expect("an open outage");
        assert!(end.at > outage.start, "{outage:?} ends at {end:?}");
        (outage.end, outage.end_error) = (Some(end.at), end.error);
    }

    /// What was held for the cause at first.
    pub(super) fn first_cause(&self, outage: OutageId) -> &'static str {
        self.first.get(&outage).copied().expect("an outage")
    }

    /// What a restart finds.
    pub(super) fn found<'a>(&'a self, links: &'a [LinkNow]) -> Known<'a> {
        let last_outage = self.outages.last().map(|outage| outage.id);
        Known { links, outages: &self.outages, events: &self.events, planned: &[], last_outage, last_tick: None }
    }

    /// The links that a restart finds.
    pub(super) fn known(&self) -> Vec<LinkNow> {
        let last = self.spans.values().filter_map(|spans| Some((spans.first()?, spans.last()?)));
        last.map(|(first, last)| LinkNow {
            link: last.link.clone(),
            state: last.state,
            since: last.from,
            cause: last.cause.clone(),
            blind: last.blind,
            worse: last.worse,
            usual: self.usual.get(&last.link).copied(),
            icmp: None,
            interface: None,
            entered: first.from,
        })
        .collect()
    }

    pub(super) fn state_at(&self, link: &LinkId, at: UtcMs) -> Option<LinkState> {
        let covers = |span: &&Span| span.from <= at && span.to.is_none_or(|to| at < to);
        self.spans.get(link)?.iter().find(covers).map(|span| span.state)
    }
}
