//! What waits for one channel, and which of it goes next. Pure: the time is passed in.

use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use phusong_model::{EventId, Notification, Turn, UtcMs, config::Quiet};

/// Messages that may wait for a channel. More than these are more events than anybody reads; the oldest are given up.
pub(super) const WAITING_MOST: usize = 10_000;

/// How long a message is tried, by a clock that nobody sets: after a day it is history, and the list of outages tells it
/// better.
const TRIED: Duration = Duration::from_secs(86_400);

/// When messages may go, and how many together.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    pub(super) quiet: Option<Quiet>,
    /// Turns that do not wait in quiet hours.
    pub(super) passes: Vec<Turn>,
    /// The most that go in one delivery.
    pub(super) together: usize,
}

/// What is to be done now.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    /// Nothing waits.
    Nothing,
    /// What waits has to wait until then.
    Quiet(UtcMs),
    /// Send these.
    Send(Vec<Notification>),
}

/// Messages in the order in which they were told.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Waiting>,
    /// Names of those that did not arrive together: they are tried again as they were.
    failed: BTreeSet<String>,
    /// How many are to be sent alone, because one among them is refused.
    alone: usize,
}

#[derive(Debug)]
struct Waiting {
    since: Instant,
    message: Notification,
}

impl Queue {
    /// Takes a message; gives those that no longer have room.
    pub(super) fn push(&mut self, message: Notification, since: Instant) -> Vec<Notification> {
        self.waiting.push_back(Waiting { since, message });
        let excess = self.waiting.len().saturating_sub(WAITING_MOST);
        self.waiting.drain(..excess).map(|waiting| waiting.message).collect()
    }

    /// What goes next. In quiet hours a message that does not wait takes along what else waits of its event, so that none
    /// is told out of order.
    pub(super) fn next(&self, pace: &Pace, now: UtcMs) -> Next {
        if self.waiting.is_empty() {
            return Next::Nothing;
        }
        if let Some(until) = self.held_until(pace, now) {
            return Next::Quiet(until);
        }
        let most = if self.alone > 0 { 1 } else { pace.together };
        let is_quiet = pace.quiet.and_then(|quiet| quiet.until(now)).is_some();
        let passing: BTreeSet<EventId> = self.passing(pace).map(|message| message.event).collect();
        let goes = |message: &&Notification| {
            (!is_quiet || passing.contains(&message.event))
                && (self.failed.is_empty() || is_quiet || self.failed.contains(&message.id))
        };
        Next::Send(self.messages().filter(goes).take(most).cloned().collect())
    }

    /// Until when everything that waits has to wait because it is quiet.
    pub(super) fn held_until(&self, pace: &Pace, now: UtcMs) -> Option<UtcMs> {
        let until = pace.quiet.and_then(|quiet| quiet.until(now))?;
        (!self.waiting.is_empty() && self.passing(pace).next().is_none()).then_some(until)
    }

    /// What does not wait in quiet hours.
    fn passing(&self, pace: &Pace) -> impl Iterator<Item = &Notification> {
        self.messages().filter(|message| pace.passes.contains(&message.turn))
    }

    fn messages(&self) -> impl Iterator<Item = &Notification> {
        self.waiting.iter().map(|waiting| &waiting.message)
    }

    /// Forgets what was delivered.
    pub(super) fn delivered(&mut self, sent: &[Notification]) {
        self.remove(sent);
        self.alone = self.alone.saturating_sub(1);
    }

    /// What was sent did not arrive: it goes again as it was, so that a receiver who got it all the same knows it. Gives
    /// what was tried for too long.
    pub(super) fn failed(&mut self, sent: &[Notification], now: Instant) -> Vec<Notification> {
        let is_old = |waiting: &Waiting| now.duration_since(waiting.since) >= TRIED;
        let old: Vec<Notification> =
            self.waiting.iter().filter(|waiting| is_old(waiting)).map(|waiting| waiting.message.clone()).collect();
        self.waiting.retain(|waiting| !is_old(waiting));
        self.failed = sent.iter().filter(|sent| !old.contains(sent)).map(|sent| sent.id.clone()).collect();
        old
    }

    /// What was sent is refused for good: gives the message that is to be given up, or sends those of the batch one by
    /// one to find it.
    pub(super) fn refused(&mut self, sent: &[Notification]) -> Option<Notification> {
        match sent {
            [single] => {
                self.remove(sent);
                self.alone = self.alone.saturating_sub(1);
                Some(single.clone())
            }
            several => {
                self.failed.clear();
                self.alone = several.len();
                None
            }
        }
    }

    /// Whether the one that is refused is being looked for.
    pub(super) const fn is_searching(&self) -> bool {
        self.alone > 0
    }

    /// Removes everything.
    pub(super) fn clear(&mut self) -> Vec<Notification> {
        self.alone = 0;
        self.failed.clear();
        self.waiting.drain(..).map(|waiting| waiting.message).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// When the oldest was told.
    pub(super) fn oldest(&self) -> Option<UtcMs> {
        self.messages().next().map(|message| message.at)
    }

    fn remove(&mut self, sent: &[Notification]) {
        self.failed.clear();
        self.waiting.retain(|waiting| sent.iter().all(|sent| sent.id != waiting.message.id));
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::Inventory;

    use super::*;

    const NOON: UtcMs = UtcMs(1_795_755_600_000); // 2026-11-27 12:00 in Viet Nam
    const DAY: Pace = Pace { quiet: None, passes: Vec::new(), together: 3 };

    fn message(event: i64, turn: Turn, at: UtcMs) -> Notification {
        let id = format!("{event}.{}", turn.id());
        Notification { id, event: EventId(event), turn, ..Notification::test("v", &Inventory::default(), at) }
    }

    fn queue(messages: impl IntoIterator<Item = Notification>) -> Queue {
        let mut queue = Queue::default();
        messages.into_iter().for_each(|message| assert_eq!(queue.push(message, Instant::now()), []));
        queue
    }

    fn ids(next: &Next) -> Vec<&str> {
        let Next::Send(batch) = next else { return Vec::new() };
        batch.iter().map(|message| message.id.as_str()).collect()
    }

    #[test]
    fn what_gathers_goes_together_in_its_order() {
        let mut queue = queue((1..=4).map(|event| message(event, Turn::Opened, NOON)));
        let next = queue.next(&DAY, NOON);
        assert_eq!(ids(&next), ["1.opened", "2.opened", "3.opened"]);
        let Next::Send(sent) = next else { panic!() };
        queue.delivered(&sent);
        assert_eq!(ids(&queue.next(&DAY, NOON)), ["4.opened"]);
    }

    #[test]
    fn quiet_hours_hold_all_but_what_passes_and_what_it_needs() {
        let night = UtcMs(NOON.0 + 11 * 3_600_000);
        let pace = Pace { quiet: "22:00-06:00".parse().ok(), passes: vec![Turn::Escalated], ..DAY };
        let mut queue = queue([message(1, Turn::Opened, night), message(2, Turn::Opened, night)]);
        assert_eq!(queue.next(&pace, night), Next::Quiet(UtcMs(NOON.0 + 18 * 3_600_000)));
        queue.push(message(2, Turn::Escalated, night), Instant::now());
        assert_eq!(ids(&queue.next(&pace, night)), ["2.opened", "2.escalated"]);
        assert_eq!(ids(&queue.next(&pace, UtcMs(NOON.0 + 18 * 3_600_000))), ["1.opened", "2.opened", "2.escalated"]);
    }

    #[test]
    fn one_that_is_refused_is_found_and_does_not_hold_up_the_others() {
        let mut queue = queue((1..=4).map(|event| message(event, Turn::Opened, NOON)));
        let mut taken = Vec::new();
        let mut given_up = Vec::new();
        while let Next::Send(sent) = queue.next(&DAY, NOON) {
            if sent.iter().any(|message| message.event == EventId(2)) {
                given_up.extend(queue.refused(&sent).map(|message| message.id));
            } else {
                queue.delivered(&sent);
                taken.push(sent.len());
            }
        }
        assert_eq!(given_up, ["2.opened"]);
        assert_eq!(taken, [1, 1, 1], "those of the refused batch alone, the one after it too");
        assert_eq!(queue.alone, 0);
    }

    #[test]
    fn what_did_not_arrive_goes_again_as_it_was() {
        let mut queue = queue([message(1, Turn::Opened, NOON)]);
        let Next::Send(sent) = queue.next(&DAY, NOON) else { panic!() };
        assert_eq!(queue.failed(&sent, Instant::now()), []);
        queue.push(message(2, Turn::Opened, NOON), Instant::now());
        assert_eq!(ids(&queue.next(&DAY, NOON)), ["1.opened"]);
        queue.delivered(&sent);
        assert_eq!(ids(&queue.next(&DAY, NOON)), ["2.opened"]);
    }

    #[test]
    fn what_is_too_old_or_too_much_is_given_up() {
        let (now, mut queue) = (Instant::now(), Queue::default());
        queue.push(message(1, Turn::Opened, NOON), now);
        queue.push(message(2, Turn::Opened, NOON), now + Duration::from_secs(1));
        let Next::Send(sent) = queue.next(&DAY, NOON) else { panic!() };
        let expired: Vec<String> = queue.failed(&sent, now + TRIED).into_iter().map(|message| message.id).collect();
        assert_eq!((expired, ids(&queue.next(&DAY, NOON))), (vec!["1.opened".to_owned()], vec!["2.opened"]));
        for event in 3..WAITING_MOST as i64 + 2 {
            assert_eq!(queue.push(message(event, Turn::Opened, NOON), now), []);
        }
        let lost: Vec<String> = queue.push(message(0, Turn::Opened, NOON), now).into_iter().map(|m| m.id).collect();
        assert_eq!((lost, queue.len()), (vec!["2.opened".to_owned()], WAITING_MOST));
    }
}
