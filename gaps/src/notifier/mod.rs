//! Which turns of which events are told to people, and when: that one began, that nobody takes notice, that its cause
//! became known, that it is over. One message for an event, however many links it has. Pure: changes and the time go in,
//! messages come out; where they are sent is the daemon's affair.

mod compose;
mod heard;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use phusong_model::{
    Ack, Cause, Change, EventId, Inventory, LinkId, Millis, Notification, Telling, Tick, Told, Turn, UtcMs,
};

use crate::Known;
use compose::compose;
use heard::{Heard, Summary};

/// How long after an event was told to be over its cause may still be told: as long as far ends are waited for.
const REVISED: Millis = Millis::from_secs(35 * 60);

/// When what is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotifyRules {
    /// How long an event must last before it is told, and be over before that is told.
    pub after: Millis,
    /// How long after it was told it is escalated, step by step, unless somebody takes notice.
    pub escalate: Vec<Millis>,
    /// Name of this prober.
    pub vantage: String,
    /// Who is told; when nobody is, nothing counts as told.
    pub listeners: Vec<Listener>,
}

/// Who is told which turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Name of the channel.
    pub channel: String,
    /// Which turns.
    pub on: Vec<Turn>,
}

/// Hears every change, and says what is to be told.
#[derive(Debug, Clone)]
pub struct Notifier {
    rules: NotifyRules,
    heard: Heard,
    told: BTreeMap<EventId, Told>,
    acks: BTreeMap<EventId, Ack>,
}

impl Notifier {
    /// Goes on after a restart with what was told before.
    #[must_use]
    pub fn resume(rules: NotifyRules, known: Known<'_>, told: Vec<Told>, acks: &[Ack]) -> Self {
        Self {
            rules,
            heard: Heard::of(known.outages, known.events),
            told: told.into_iter().map(|told| (told.event, told)).collect(),
            acks: acks.iter().map(|ack| (ack.event, ack.clone())).collect(),
        }
    }

    /// Replaces the rules. With other channels what is open now may be told for the first time.
    pub fn set_rules(&mut self, rules: NotifyRules) {
        self.rules = rules;
    }

    /// Somebody has taken telling: the event is not escalated any more.
    pub fn acknowledge(&mut self, ack: Ack) {
        self.acks.insert(ack.event, ack);
    }

    /// Hears what a tick changed, and says what is to be told at it. `announced` says which links are under announced work
    /// now: an event of such links alone is not told until the work is over.
    pub fn tick(
        &mut self,
        tick: &Tick,
        changes: &[Change],
        announced: impl Fn(&LinkId) -> bool,
        inventory: &Inventory,
    ) -> Vec<Telling> {
        self.heard.take(changes, tick.at);
        let mut tellings: Vec<Telling> = Vec::new();
        if !self.rules.listeners.is_empty() {
            let tell = |event: Summary<'_>| Some(self.tell(&event, self.turn(&event, tick)?, tick.at, inventory));
            tellings.extend(self.heard.events(&announced).into_iter().filter_map(tell));
        }
        let told = tellings.iter().filter_map(|telling| Some((telling.event, telling.told.clone()?)));
        self.told.extend(told);
        tellings.extend(self.joined(tick.at, inventory));
        tellings.extend(self.forget(tick));
        tellings
    }

    /// What is to be told of an event now.
    fn turn(&self, event: &Summary<'_>, tick: &Tick) -> Option<Turn> {
        let now = tick.at;
        let lasts = event.end.is_none();
        let calm = if event.flapping { crate::flapping_memory(tick.period) } else { self.rules.after };
        let is_calm = !lasts && now.since(event.quiet_since) >= calm;
        match self.told.get(&event.id) {
            // What flaps is told although each of its outages is short. What was told to be over may begin again.
            None | Some(Told { closed: Some(_), .. }) if lasts || (event.flapping && !is_calm) => {
                let is_due = event.flapping || now.since(event.decided) >= self.rules.after;
                (is_due && !event.announced).then_some(Turn::Opened)
            }
            None => None,
            // The cause of what is over but not told to be so is told with its end.
            Some(told) if is_news(event, told) && (lasts || told.closed.is_some()) => Some(Turn::Cause),
            Some(Told { closed: Some(_), .. }) => None,
            Some(_) if is_calm => Some(Turn::Closed),
            Some(told) => self.escalates(event, told, now).then_some(Turn::Escalated),
        }
    }

    fn escalates(&self, event: &Summary<'_>, told: &Told, now: UtcMs) -> bool {
        let next = usize::try_from(told.escalated).ok().and_then(|step| self.rules.escalate.get(step));
        let is_due = next.is_some_and(|next| now.since(told.opened) >= *next);
        is_due && event.end.is_none() && !event.announced && !self.acks.contains_key(&event.id)
    }

    fn tell(&self, event: &Summary<'_>, turn: Turn, at: UtcMs, inventory: &Inventory) -> Telling {
        let known = self.told.get(&event.id);
        let (cause, by) = (event.cause().clone(), event.by().cloned());
        let fresh = Told { event: event.id, opened: at, cause, by, escalated: 0, closed: None };
        let before = known.unwrap_or(&fresh);
        let so_far =
            Told { opened: before.opened, escalated: before.escalated, closed: before.closed, ..fresh.clone() };
        let told = match turn {
            Turn::Opened | Turn::Test => fresh.clone(),
            Turn::Escalated => Told { escalated: before.escalated + 1, ..so_far },
            Turn::Cause => so_far,
            Turn::Closed => Told { closed: Some(at), ..so_far },
        };
        let mut notification = compose(event, turn, at, &self.rules.vantage, inventory);
        notification.step = if turn == Turn::Escalated { told.escalated } else { 0 };
        notification.cause_before = (turn == Turn::Cause).then(|| before.cause.clone());
        notification.ack = self.acks.get(&event.id).cloned();
        self.telling(event.id, Some(told), Some(notification))
    }

    /// A message goes to those who listen to its turn, and is none when nobody does.
    fn telling(&self, event: EventId, told: Option<Told>, notification: Option<Notification>) -> Telling {
        let turn = notification.as_ref().map(|notification| notification.turn);
        let hears = |listener: &&Listener| turn.is_some_and(|turn| listener.on.contains(&turn));
        let channels: Vec<String> =
            self.rules.listeners.iter().filter(hears).map(|listener| listener.channel.clone()).collect();
        Telling { event, told, notification: notification.filter(|_| !channels.is_empty()), channels }
    }

    /// Events that were told and turned out to be parts of others: their outages hang together with others by now.
    fn joined(&mut self, at: UtcMs, inventory: &Inventory) -> Vec<Telling> {
        let gone: Vec<EventId> =
            self.told.keys().filter(|event| self.heard.moved(**event).is_some()).copied().collect();
        let mut tellings = Vec::new();
        for event in gone {
            let Some(told) = self.told.remove(&event) else { continue };
            let notification = self.heard.moved(event).filter(|_| told.closed.is_none());
            let notification = notification.and_then(|into| {
                let summary = self.heard.one(into)?;
                let closed = compose(&summary, Turn::Closed, at, &self.rules.vantage, inventory);
                let id = format!("{}.{}.closed.{}", self.rules.vantage, event.0, at.0);
                Some(Notification { id, event, joined: Some(into), ..closed })
            });
            tellings.push(self.telling(event, None, notification));
        }
        tellings
    }

    /// Events that are over and of which nothing new will be told.
    fn forget(&mut self, tick: &Tick) -> Vec<Telling> {
        let horizon = tick.at.minus(REVISED.max(crate::flapping_memory(tick.period)));
        self.heard.forget(horizon);
        let gone = self.told.iter().filter(|(event, _)| !self.heard.knows(**event)).map(|(event, _)| *event);
        let gone: Vec<EventId> = gone.collect();
        self.acks.retain(|event, _| self.heard.knows(*event));
        for event in &gone {
            self.told.remove(event);
        }
        gone.into_iter().map(|event| self.telling(event, None, None)).collect()
    }
}

/// Whether what is known of the cause now is worth a message: that nothing is known any more is not.
fn is_news(event: &Summary<'_>, told: &Told) -> bool {
    let is_other = *event.cause() != told.cause && *event.cause() != Cause::Unknown;
    is_other || event.by().is_some_and(|by| told.by.as_ref() != Some(by))
}
