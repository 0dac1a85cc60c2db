//! Outages: stored intervals, open ones included, and the events that they are parts of.

use serde::{Deserialize, Serialize};

use crate::{Carrier, CommuneCode, LinkId, LinkKind, Millis, Operator, UtcMs, Verdict};

/// The number of an outage in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutageId(pub i64);

/// The number of an event: that of its first outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub i64);

impl From<OutageId> for EventId {
    fn from(outage: OutageId) -> Self {
        Self(outage.0)
    }
}

/// When something happened, as well as it can be told from looks that lie apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// The likeliest instant: midway between the last look before and the first look after. Where nobody looked for
    /// longer, the end of that time which we can vouch for.
    pub at: UtcMs,
    /// The true instant lies no further from it than this.
    pub error: Millis,
}

impl Edge {
    /// An instant that is known.
    #[must_use]
    pub const fn sharp(at: UtcMs) -> Self {
        Self { at, error: Millis(0) }
    }

    /// Somewhere between two looks.
    #[must_use]
    pub fn between(before: UtcMs, after: UtcMs) -> Self {
        let error = Millis(after.since(before).0.max(0).div_euclid(2) + after.since(before).0.max(0).rem_euclid(2));
        Self { at: after.minus(error), error }
    }
}

/// A stretch in which a link was down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outage {
    /// Number in the store.
    pub id: OutageId,
    /// Which link.
    pub link: LinkId,
    /// From when.
    pub start: UtcMs,
    /// The true start lies no further from `start` than this.
    pub start_error: Millis,
    /// Until when; `None` while open.
    pub end: Option<UtcMs>,
    /// The true end lies no further from `end` than this.
    pub end_error: Millis,
    /// When it was decided that the link is down.
    pub decided: UtcMs,
    /// What is known of the cause; a change does not split the outage.
    pub verdict: Verdict,
    /// Time inside in which we could not look.
    pub blind: Millis,
    /// The event that it is a part of.
    pub event: EventId,
}

impl Outage {
    /// How long it has lasted at `now`.
    #[must_use]
    pub fn length(&self, now: UtcMs) -> Millis {
        self.end.unwrap_or(now).since(self.start)
    }
}

/// Somebody has taken notice of an outage: he works on it, and nobody needs to be called again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// Which outage.
    pub outage: OutageId,
    /// The event that it was a part of then: all of that is known to him.
    pub event: EventId,
    /// When.
    pub at: UtcMs,
    /// Who: a user of this machine.
    pub author: String,
    /// What he says.
    pub note: Option<String>,
    /// The number under which the operator or the office keeps it.
    pub ticket: Option<String>,
}

impl Ack {
    /// Whether it is about an outage.
    #[must_use]
    pub fn is_about(&self, outage: &Outage) -> bool {
        self.outage == outage.id || self.event == outage.event
    }
}

/// The longest note in characters.
pub const NOTE_MAX: usize = 500;

/// The longest ticket in characters.
pub const TICKET_MAX: usize = 64;

/// What makes several outages one event, besides their number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its number.
    pub id: EventId,
    /// What carries all of them and is down.
    pub by: Option<Carrier>,
    /// Without a known carrier: what they have in common. Then they are *probably* one event.
    pub together: Option<Together>,
    /// The link goes down and up again and again.
    pub flapping: bool,
}

impl Event {
    /// One outage, and nothing else is known.
    #[must_use]
    pub const fn single(id: EventId) -> Self {
        Self { id, by: None, together: None, flapping: false }
    }
}

/// What links that fell silent together have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "in", content = "which")]
pub enum Together {
    /// A site.
    Site(crate::SiteId),
    /// A commune.
    Commune(CommuneCode),
    /// A former district.
    District(String),
    /// An operator.
    Operator(Operator),
    /// A kind of link.
    Kind(LinkKind),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_reaches_both_looks_and_no_further() {
        let even = Edge::between(UtcMs(1_000), UtcMs(2_000));
        assert_eq!((even.at, even.error), (UtcMs(1_500), Millis(500)));
        let odd = Edge::between(UtcMs(0), UtcMs(5));
        assert_eq!((odd.at, odd.error), (UtcMs(2), Millis(3)));
        assert_eq!(Edge::between(UtcMs(9), UtcMs(5)), Edge { at: UtcMs(5), error: Millis(0) });
    }
}
