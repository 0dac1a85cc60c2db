//! The outages that changes tell of, by the events that they are parts of.

use std::collections::{BTreeMap, BTreeSet};

use phusong_model::{Carrier, Cause, Change, Event, EventId, LinkId, Outage, OutageId, UtcMs, Verdict};

/// An outage as changes tell of it.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) link: LinkId,
    pub(super) start: UtcMs,
    decided: UtcMs,
    pub(super) end: Option<UtcMs>,
    /// The tick that brought its end.
    ended: Option<UtcMs>,
    pub(super) verdict: Verdict,
    event: EventId,
}

/// An event as it is now.
#[derive(Debug)]
pub(super) struct Summary<'a> {
    pub(super) id: EventId,
    pub(super) known: Option<&'a Event>,
    pub(super) parts: Vec<&'a Part>,
    pub(super) start: UtcMs,
    /// None while any part of it lasts.
    pub(super) end: Option<UtcMs>,
    /// When the first part that lasts, or the last one, was decided.
    pub(super) decided: UtcMs,
    /// The tick since which no part of it lasts.
    pub(super) quiet_since: UtcMs,
    pub(super) flapping: bool,
    /// All links that are down are under announced work.
    pub(super) announced: bool,
    verdict: &'a Verdict,
}

impl Summary<'_> {
    pub(super) fn cause(&self) -> &Cause {
        &self.verdict.cause
    }

    pub(super) fn by(&self) -> Option<&Carrier> {
        self.known.and_then(|known| known.by.as_ref())
    }

    pub(super) const fn verdict(&self) -> &Verdict {
        self.verdict
    }
}

/// Everything that is open or lately over.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard {
    parts: BTreeMap<OutageId, Part>,
    events: BTreeMap<EventId, Event>,
    by_event: BTreeMap<EventId, BTreeSet<OutageId>>,
    /// Where the outages of an event went that has none any more.
    moved: BTreeMap<EventId, EventId>,
}

impl Heard {
    pub(super) fn of(outages: &[Outage], events: &[Event]) -> Self {
        let mut heard = Self::default();
        for outage in outages {
            let part = Part {
                link: outage.link.clone(),
                start: outage.start,
                decided: outage.decided,
                end: outage.end,
                ended: outage.end,
                verdict: outage.verdict.clone(),
                event: outage.event,
            };
            heard.insert(outage.id, part);
        }
        heard.events = events.iter().map(|event| (event.id, event.clone())).collect();
        heard
    }

    fn insert(&mut self, id: OutageId, part: Part) {
        self.by_event.entry(part.event).or_default().insert(id);
        self.parts.insert(id, part);
    }

    pub(super) fn take(&mut self, changes: &[Change], at: UtcMs) {
        for change in changes {
            match change {
                Change::OutageOpens { id, link, start, decided, verdict } => {
                    let (link, verdict, event) = (link.clone(), verdict.clone(), EventId::from(*id));
                    let (start, decided) = (start.at, *decided);
                    self.insert(*id, Part { link, start, decided, end: None, ended: None, verdict, event });
                }
                Change::OutageVerdict { id, verdict, .. } => {
                    if let Some(part) = self.parts.get_mut(id) {
                        part.verdict = verdict.clone();
                    }
                }
                Change::OutageJoins { id, event, .. } => self.joins(*id, *event),
                Change::OutageEnds { link, end } => self.ends(link, end.at, at),
                Change::Leaves { link, at: left } => self.ends(link, *left, at),
                Change::Event(event) => {
                    self.events.insert(event.id, event.clone());
                }
                Change::State(_) | Change::OutageBlind { .. } | Change::Usual { .. } => {}
            }
        }
    }

    fn ends(&mut self, link: &LinkId, end: UtcMs, at: UtcMs) {
        let open = self.parts.values_mut().filter(|part| part.link == *link && part.end.is_none());
        open.for_each(|part| (part.end, part.ended) = (Some(end), Some(at)));
    }

    fn joins(&mut self, id: OutageId, event: EventId) {
        let Some(part) = self.parts.get_mut(&id) else { return };
        let before = std::mem::replace(&mut part.event, event);
        if let Some(ids) = self.by_event.get_mut(&before) {
            ids.remove(&id);
            if ids.is_empty() {
                self.by_event.remove(&before);
                self.moved.insert(before, event);
            }
        }
        self.by_event.entry(event).or_default().insert(id);
        self.moved.remove(&event);
    }

    /// The event that all outages of this one went to.
    pub(super) fn moved(&self, event: EventId) -> Option<EventId> {
        self.moved.get(&event).copied()
    }

    pub(super) fn knows(&self, event: EventId) -> bool {
        self.by_event.contains_key(&event)
    }

    pub(super) fn events<'a>(&'a self, announced: &impl Fn(&LinkId) -> bool) -> Vec<Summary<'a>> {
        let ids = self.by_event.keys();
        let summaries = ids.filter_map(|id| {
            let summary = self.one(*id)?;
            let mut down = summary.parts.iter().filter(|part| part.end.is_none()).peekable();
            let announced = down.peek().is_some() && down.all(|part| announced(&part.link));
            Some(Summary { announced, ..summary })
        });
        summaries.collect()
    }

    pub(super) fn one(&self, id: EventId) -> Option<Summary<'_>> {
        let parts: Vec<&Part> = self.by_event.get(&id)?.iter().filter_map(|id| self.parts.get(id)).collect();
        let lasts = parts.iter().any(|part| part.end.is_none());
        let lasting = parts.iter().filter(|part| part.end.is_none() == lasts);
        // The event's cause is that of what the others hang on.
        let top = parts.iter().find(|part| part.verdict.cause.carrier().is_none()).or(parts.first())?;
        let known = self.events.get(&id);
        Some(Summary {
            id,
            known,
            start: parts.iter().map(|part| part.start).min()?,
            end: parts.iter().filter_map(|part| part.end).max().filter(|_| !lasts),
            decided: lasting.map(|part| part.decided).min()?,
            quiet_since: parts.iter().filter_map(|part| part.ended).max().unwrap_or(UtcMs::MIN),
            flapping: known.is_some_and(|event| event.flapping),
            announced: false,
            verdict: &top.verdict,
            parts,
        })
    }

    /// Forgets outages that ended before the horizon, unless others of their event do not.
    pub(super) fn forget(&mut self, horizon: UtcMs) {
        let Self { parts, events, by_event, moved } = self;
        let is_over = |id: &OutageId| parts.get(id).is_none_or(|part| part.ended.is_some_and(|ended| ended < horizon));
        let gone: Vec<EventId> =
            by_event.iter().filter(|(_, ids)| ids.iter().all(is_over)).map(|(event, _)| *event).collect();
        for event in gone {
            for id in by_event.remove(&event).unwrap_or_default() {
                parts.remove(&id);
            }
        }
        events.retain(|event, _| by_event.contains_key(event));
        moved.retain(|_, into| by_event.contains_key(into));
    }
}
