//! Applies changes as the store does, and refuses those that do not fit together.

use std::collections::BTreeMap;

use phusong_model::{Change, LinkId, LinkNow, LinkState, Millis, Outage, OutageId, Span, Transition, UtcMs};

#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) spans: BTreeMap<LinkId, Vec<Span>>,
    pub(super) outages: Vec<Outage>,
}

impl Ledger {
    pub(super) fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::State(transition) => self.enter(transition),
                Change::OutageOpens { link, start, decided, cause } => {
                    assert!(self.open(&link).is_none(), "{link} has two open outages");
                    assert!(start <= decided);
                    let id = OutageId(self.outages.len() as i64);
                    self.outages.push(Outage { id, link, start, end: None, decided, cause, blind: Millis(0) });
                }
                Change::OutageCause { link, cause } => {
                    let outage = self.open(&link).expect("an open outage");
                    assert_ne!(outage.cause, cause, "{link} changes to the same cause");
                    outage.cause = cause.clone();
                    let span = self.spans.get_mut(&link).and_then(|spans| spans.last_mut()).expect("a span");
                    assert!(matches!(span.state, LinkState::Down | LinkState::Maintenance));
                    span.cause = (span.state == LinkState::Down).then_some(cause);
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
                    if self.open(&link).is_some() {
                        self.end(&link, at);
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
            assert!(last.state != to.state || last.blind != to.blind, "{to:?} repeats {last:?}");
        }
        spans.truncate(spans.partition_point(|span| span.from < to.from));
        if let Some(last) = spans.last_mut() {
            last.to = Some(to.from);
        }
        assert_eq!(to.blind.is_some(), to.state == LinkState::Blind);
        assert_eq!(to.cause.is_some(), to.state == LinkState::Down);
        let Transition { link, state, from, cause, blind } = to;
        spans.push(Span { link, state, from, to: None, cause, blind });
    }

    fn open(&mut self, link: &LinkId) -> Option<&mut Outage> {
        self.outages.iter_mut().find(|outage| outage.link == *link && outage.end.is_none())
    }

    fn end(&mut self, link: &LinkId, end: UtcMs) {
        let outage = self.open(link).expect("an open outage");
        assert!(end > outage.start, "{outage:?} ends at {end}");
        outage.end = Some(end);
    }

    /// What a restart finds.
    pub(super) fn known(&self) -> Vec<LinkNow> {
        let last = self.spans.values().filter_map(|spans| Some((spans.first()?, spans.last()?)));
        last.map(|(first, last)| LinkNow {
            link: last.link.clone(),
            state: last.state,
            since: last.from,
            cause: last.cause.clone(),
            blind: last.blind,
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
