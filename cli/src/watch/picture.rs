//! What was told last: links, outages and events, and who told it.

use std::cmp::Reverse;

use phusong_model::{
    Millis, UtcMs,
    answer::{Answer, Body, Condition, EventItem, LinkItem, Notice, OutageItem, StateCounts},
};

/// Who told it, and what is in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The daemon.
    Daemon,
    /// The store, since the daemon is away.
    Store {
        /// What became of it; not yet safe to print.
        reason: String,
        /// What to do about that.
        remedy: String,
    },
    /// Nobody any more; what was told before is still there.
    Nobody {
        /// Why.
        reason: String,
    },
}

/// What is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The province.
    pub province: String,
    /// Every link that was asked about.
    pub links: Vec<LinkItem>,
    /// Outages of the window, open ones first.
    pub outages: Vec<OutageItem>,
    /// Events: those that are on, by people affected, then those that are over, the last to end first.
    pub events: Vec<EventItem>,
    /// Who told it.
    pub heard: Heard,
    /// When the answer was made.
    pub generated: UtcMs,
    /// How old its data was then; nothing when nothing was ever probed.
    pub age: Option<Millis>,
    /// The newest data is older than it should be.
    pub stale: bool,
    /// Remarks.
    pub notices: Vec<Notice>,
}

impl Picture {
    /// The picture that three answers make: status, links, outages. Nothing when they are about something else.
    pub fn of(answers: Vec<Answer>, heard: Heard) -> Option<Self> {
        let [status, links, outages] = <[Answer; 3]>::try_from(answers).ok()?;
        let (Body::Status(about), Body::Links { items: links }, Body::Outages { items, mut events, .. }) =
            (status.body, links.body, outages.body)
        else {
            return None;
        };
        events.sort_by_cached_key(urgency);
        Some(Self {
            province: about.province,
            links,
            outages: items,
            events,
            heard,
            generated: status.generated,
            age: status.data_age_ms,
            stale: status.conditions.contains(&Condition::Stale),
            notices: status.notices,
        })
    }

    /// How old the newest data is at `now`.
    pub fn age_at(&self, now: UtcMs) -> Option<Millis> {
        self.age.map(|age| age + Millis(now.since(self.generated).0.max(0)))
    }

    /// All links by state.
    pub fn counts(&self) -> StateCounts {
        let mut counts = StateCounts::default();
        self.links.iter().for_each(|link| counts.add(link.state));
        counts
    }
}

/// What comes first on the screen: what is on, by people behind it, where it is not known how many before where there are
/// none; then what was over last. The number settles the rest, so that rows do not change places.
fn urgency(event: &EventItem) -> (bool, u8, Reverse<i64>, i64) {
    match (event.end, event.people) {
        (Some(end), _) => (true, 0, Reverse(end.0), event.event.0),
        (None, Some(0)) => (false, 2, Reverse(event.start.0), event.event.0),
        (None, Some(people)) => (false, 0, Reverse(i64::try_from(people).unwrap_or(i64::MAX)), event.event.0),
        (None, None) => (false, 1, Reverse(event.start.0), event.event.0),
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::EventId;

    use super::*;
    use crate::tests::{now, samples};

    fn answers(events: Vec<EventItem>) -> Vec<Answer> {
        vec![
            samples::answer(Body::Status(Box::new(samples::status()))),
            samples::answer(Body::Links { items: samples::links() }),
            samples::answer(Body::Outages { items: samples::outages(), events, links: 124, blind: 0 }),
        ]
    }

    #[test]
    fn what_hits_most_people_stands_first_and_what_is_over_last() {
        let [feeder, over] = <[EventItem; 2]>::try_from(samples::events()).expect("two events");
        let of = |number: i64, people: Option<u64>, base: &EventItem| EventItem {
            event: EventId(number),
            people,
            ..base.clone()
        };
        let events = vec![
            over.clone(),
            of(10, Some(0), &feeder),
            of(11, None, &feeder),
            of(12, Some(99), &feeder),
            of(13, Some(70_000), &feeder),
        ];
        let picture = Picture::of(answers(events), Heard::Daemon).expect("the three answers");
        let order: Vec<i64> = picture.events.iter().map(|event| event.event.0).collect();
        assert_eq!(order, [13, 12, 11, 10, over.event.0]);
    }

    #[test]
    fn data_grows_older_while_nobody_answers() {
        let picture = Picture::of(answers(Vec::new()), Heard::Daemon).expect("the three answers");
        assert_eq!(picture.age_at(now()), Some(Millis(4_200)));
        assert_eq!(picture.age_at(now().plus(Millis::from_secs(60))), Some(Millis(64_200)));
        assert_eq!(picture.age_at(now().minus(Millis::from_secs(60))), Some(Millis(4_200)), "a clock that went back");
        let mut others = answers(Vec::new());
        others.reverse();
        assert_eq!(Picture::of(others, Heard::Daemon), None);
    }
}
