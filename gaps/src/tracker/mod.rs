//! The state of every link, tick by tick: evidence goes in, changes of spans, outages and events come out.

mod baseline;
mod calendar;
mod cases;
mod cause;
mod devices;
mod echoes;
mod events;
mod flapping;
mod investigation;
mod maintenance;
mod snmp;
mod upstream;
mod verdict;
mod watch;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use phusong_model::{
    BlindReason, Carrier, Cause, Change, Event, Inventory, LinkId, LinkNow, LinkState, Millis, Outage, OutageId,
    Planned, Tick, Transition, UtcMs, Worse, config::RuleConfig,
};

use crate::{DeviceLook, EchoSeen, Look};
use calendar::Calendar;
pub(crate) use flapping::memory as flapping_memory;
use investigation::Investigation;
use maintenance::{INSTANT, Masks, Shown};
use watch::{OutageStep, Step, Watch};

/// How old the last poll of a device may be and still count, when nobody says otherwise: two and a half default periods
/// of SNMP, so that one lost poll does not make a link blind.
pub const SNMP_STALE_AFTER: Millis = Millis(150_000);

/// Labels of ticks are whole seconds, so two of them may seem a second further apart than they are.
const LABEL_JITTER: Millis = Millis(1_000);

/// How often what is usual for a link is told.
const USUAL_TOLD: Millis = Millis::from_secs(3600);

#[derive(Debug, Clone)]
struct Rules {
    rule: RuleConfig,
    snmp_stale_after: Millis,
    /// Our own uplink is watched: what is lost while it answers was not lost by us.
    anchored: bool,
}

/// What a restart finds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The links as they were last.
    pub links: &'a [LinkNow],
    /// Outages that are open, and those that ended lately.
    pub outages: &'a [Outage],
    /// What is known of their events.
    pub events: &'a [Event],
    /// Work that was planned by command and is not over.
    pub planned: &'a [Planned],
    /// The newest number of an outage.
    pub last_outage: Option<OutageId>,
    /// The last tick.
    pub last_tick: Option<Tick>,
}

/// A link as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Current<'a> {
    /// Which link.
    pub link: &'a LinkId,
    /// Its state.
    pub state: LinkState,
    /// Since when.
    pub since: UtcMs,
    /// Why, while an outage is open.
    pub cause: Option<&'a Cause>,
    /// Why we could not look, while it is blind.
    pub blind: Option<BlindReason>,
    /// What is worse, while it is degraded.
    pub worse: Option<Worse>,
}

/// Decides the state of every link from what each tick saw.
///
/// *Down*, when `down_lost` of the last `down_of` echoes were lost, the newest among them; it began with the first round
/// of that loss and ends with the first good round once `up_received` of the last `up_of` echoes came back. An interface
/// that its device reports down is down whatever the echoes say. Where ICMP could not look, fresh SNMP alone decides;
/// where neither could, the link is *blind*, and an open outage neither ends nor grows. Undecided time belongs to the
/// last decided state.
///
/// While a window of announced work holds, the spans of its link say *maintenance*, and what was decided is
/// told from the window's end on. Outages are not touched by it: one that begins before, inside or ends after it is one.
///
/// The changes of a link come in the order in which they apply. A transition may begin where the open span began, right
/// after a restart or a reload, or before it, when maintenance lies between: it takes the place of all spans from there.
#[derive(Debug, Clone)]
pub struct Tracker {
    rules: Rules,
    watches: Vec<Watch>,
    index: HashMap<LinkId, usize>,
    investigation: Investigation,
    calendar: Calendar,
    masks: Masks,
    /// The last tick, or the start when there was none since.
    last_at: UtcMs,
    /// Until when the last tick vouches; none before the first.
    vouched: Option<UtcMs>,
}

impl Tracker {
    /// Goes on after a restart at `now`. Known links are blind from the end of the last tick until they are decided again,
    /// links that are new are blind from now on, and those that are gone leave.
    #[must_use]
    pub fn resume(rule: &RuleConfig, inventory: &Inventory, known: Known<'_>, now: UtcMs) -> (Self, Vec<Change>) {
        // The last tick vouches for its period, but not for time to come.
        let unwatched = known.last_tick.map_or(now, |tick| tick.at.plus(tick.period).min(now));
        let open = known.outages.iter().filter(|outage| outage.end.is_none());
        let outages: HashMap<&LinkId, &Outage> = open.map(|outage| (&outage.link, outage)).collect();
        let before: HashMap<&LinkId, &LinkNow> = known.links.iter().map(|entry| (&entry.link, entry)).collect();
        let mut tracker = Self {
            rules: Rules { rule: rule.clone(), snmp_stale_after: SNMP_STALE_AFTER, anchored: false },
            watches: Vec::new(),
            index: HashMap::new(),
            investigation: Investigation::resume(inventory, known),
            calendar: Calendar::of(inventory, known.planned),
            masks: Masks::default(),
            last_at: now,
            vouched: None,
        };
        let announced = tracker.calendar.windows(now);
        let mut decided = Vec::new();
        for link in &inventory.links {
            let windows = announced.windows(&link.id);
            match before.get(&link.id) {
                Some(entry) => {
                    let unwatched = tracker.masks.resume(entry, windows, known.last_tick, unwatched);
                    let mut watch = Watch::known(link, entry, outages.get(&link.id).copied(), rule);
                    let step = watch.was_not_watched(unwatched);
                    decided.extend(step.map(|step| Change::State(tracker.transition(&watch, step.from.at))));
                    tracker.watches.push(watch);
                }
                None => {
                    tracker.masks.enter(&link.id, windows, now);
                    decided.push(tracker.enters(link, now));
                }
            }
        }
        tracker.order();
        let gone = known.links.iter().filter(|entry| !tracker.index.contains_key(&entry.link));
        decided.extend(gone.map(|entry| Change::Leaves { link: entry.link.clone(), at: unwatched.max(entry.since) }));
        tracker.investigation.leave(&decided);
        let mut changes = tracker.masks.cover(decided);
        changes.extend(tracker.turn_windows(now.plus(INSTANT)));
        (tracker, changes)
    }

    /// Replaces the rule, and how old the last poll of a device may be and still count; two and a half periods of SNMP
    /// let one poll get lost. `anchored` when our own uplink is watched.
    pub fn set_rule(&mut self, rule: &RuleConfig, snmp_stale_after: Millis, anchored: bool) {
        self.rules = Rules { rule: rule.clone(), snmp_stale_after, anchored };
    }

    /// Whether a few more echoes at once would decide: the round lost everything and the link is not down yet, or it is
    /// down and some replies came back, but too few. `echoes` is the round in the order it was sent, before the tick.
    #[must_use]
    pub fn wants_reprobe(&self, link: &LinkId, echoes: &[EchoSeen]) -> bool {
        let watch = self.index.get(link).and_then(|index| self.watches.get(*index));
        watch.is_some_and(|watch| watch.wants_reprobe(self.last_at, echoes, &self.rules))
    }

    /// What carries a link directly: to be looked at again, at once, when the link is in doubt.
    pub fn carriers(&self, link: &LinkId) -> impl Iterator<Item = &Carrier> {
        self.index.get(link).into_iter().flat_map(|index| self.investigation.carriers(*index))
    }

    /// Takes what a tick saw, at most one look per link, and returns what it changed. Ticks come in the order of their
    /// times. A link without a look has no new evidence: it goes blind unless SNMP still counts.
    pub fn tick(&mut self, tick: &Tick, looks: &[Look], devices: &[DeviceLook]) -> Vec<Change> {
        let mut changes = self.turn_windows(tick.at.plus(INSTANT));
        if self.calendar.is_short(tick.at) {
            self.announce(tick.at);
        }
        let mut decided = self.decide(tick, looks, devices);
        decided.extend(self.investigation.regroup(&decided, tick));
        changes.extend(self.masks.cover(decided));
        changes
    }

    fn decide(&mut self, tick: &Tick, looks: &[Look], devices: &[DeviceLook]) -> Vec<Change> {
        let mut changes = self.silence_before(tick);
        self.last_at = tick.at;
        let mut by_watch: Vec<Option<&Look>> = vec![None; self.watches.len()];
        for look in looks {
            if let Some(slot) = self.index.get(&look.link).and_then(|index| by_watch.get_mut(*index)) {
                *slot = Some(look);
            }
        }
        self.investigation.listen(devices, tick);
        let (rules, investigation) = (&self.rules, &self.investigation);
        let everything = (!rules.anchored).then(|| investigation::lost_at_once(&self.watches, &by_watch)).flatten();
        let steps: Vec<Option<Step>> = self
            .watches
            .iter_mut()
            .zip(by_watch)
            .enumerate()
            .map(|(index, (watch, look))| {
                let ont = investigation.ont(index, tick.at);
                watch.look(tick, look, ont, rules)
            })
            .collect();
        for (watch, step) in self.watches.iter().zip(&steps) {
            match step.map(|step| step.outage) {
                Some(OutageStep::Opens(start)) => {
                    let announced = self.calendar.clues(&watch.link, start);
                    self.investigation.opens(&watch.link, start, announced, everything, tick);
                }
                Some(OutageStep::Ends(end)) => self.investigation.ends(&watch.link, end.at),
                Some(OutageStep::Untouched | OutageStep::GoesOn(_)) | None => {}
            }
        }
        let revised = self.investigation.judge(&self.watches, tick, &self.rules);
        for (watch, step) in self.watches.iter().zip(steps) {
            if let Some(step) = step {
                self.report(watch, step, tick.at, &mut changes);
            }
        }
        changes.extend(revised);
        changes.extend(self.tell_usual(tick));
        changes
    }

    /// What has become usual for links. Each is told once an hour, so that a restart remembers, and not all at once.
    fn tell_usual(&mut self, tick: &Tick) -> Vec<Change> {
        let rule = &self.rules.rule;
        let due = |place: i64| {
            let shifted = tick.at.0.saturating_add(place.saturating_mul(1000));
            shifted.rem_euclid(USUAL_TOLD.0) < tick.period.0
        };
        let tell = |(place, watch): (i64, &mut Watch)| {
            let usual = due(place).then(|| watch.tell_usual(rule)).flatten()?;
            Some(Change::Usual { link: watch.link.clone(), usual })
        };
        (0..).zip(&mut self.watches).filter_map(tell).collect()
    }

    /// Takes a new inventory: links that are new enter, those that are gone leave, and a link whose address or
    /// interface changed keeps its state while its old evidence is forgotten. Maintenance windows count from now on, and
    /// those that are gone end. Nothing is rewritten that a start or a tick after `at` has told.
    pub fn reload(&mut self, inventory: &Inventory, planned: &[Planned], at: UtcMs) -> Vec<Change> {
        let at = at.max(self.last_at);
        let mut changes = self.turn_windows(at);
        changes.extend(self.relink(inventory, at));
        changes.extend(self.plan(inventory, planned, at));
        changes
    }

    /// Takes the work that is planned now. Its windows count from now on, and those that are gone end. Nothing is
    /// rewritten that a start or a tick after `at` has told.
    pub fn plan(&mut self, inventory: &Inventory, planned: &[Planned], at: UtcMs) -> Vec<Change> {
        let at = at.max(self.last_at);
        let mut changes = self.turn_windows(at);
        self.calendar = Calendar::of(inventory, planned);
        self.announce(at);
        changes.extend(self.turn_windows(at.plus(INSTANT)));
        changes
    }

    fn announce(&mut self, at: UtcMs) {
        let windows = self.calendar.windows(at);
        let since = self.watches.iter().map(|watch| (watch.link.clone(), watch.since));
        self.masks.announce(&windows, since, at);
    }

    fn relink(&mut self, inventory: &Inventory, at: UtcMs) -> Vec<Change> {
        let mut before: HashMap<LinkId, Watch> =
            self.watches.drain(..).map(|watch| (watch.link.clone(), watch)).collect();
        self.investigation.relink(inventory);
        let mut changes = Vec::new();
        for link in &inventory.links {
            match before.remove(&link.id) {
                Some(mut watch) => {
                    watch.relink(link);
                    self.watches.push(watch);
                }
                None => changes.push(self.enters(link, at)),
            }
        }
        let mut gone: Vec<Watch> = before.into_values().collect();
        gone.sort_unstable_by(|a, b| a.link.cmp(&b.link));
        changes.extend(gone.into_iter().map(|watch| Change::Leaves { link: watch.link, at: at.max(watch.since) }));
        self.investigation.leave(&changes);
        self.order();
        changes
    }

    /// Whether a link is under announced work at the last tick.
    #[must_use]
    pub fn is_announced(&self, link: &LinkId) -> bool {
        matches!(self.masks.shown(link, UtcMs::MIN), Shown::Maintenance { .. })
    }

    /// Every link as it is now, in the order of the inventory.
    pub fn states(&self) -> impl Iterator<Item = Current<'_>> {
        self.watches.iter().map(|watch| {
            let (state, since, blind, worse) = match self.masks.shown(&watch.link, watch.since) {
                Shown::Maintenance { since } => (LinkState::Maintenance, since, None, None),
                Shown::Underneath { since } => (watch.state, since, watch.blind, watch.worse),
            };
            let cause = self.investigation.case(&watch.link).map(|case| &case.verdict.cause);
            Current { link: &watch.link, state, since, cause, blind, worse }
        })
    }

    /// Windows that began or ended before `until`.
    fn turn_windows(&mut self, until: UtcMs) -> Vec<Change> {
        let Self { masks, watches, investigation, .. } = self;
        let turn = |watch: &Watch| masks.turn(&watch.link, until, || transition(watch, watch.since, investigation));
        watches.iter().flat_map(turn).collect()
    }

    /// The machine slept, the clock jumped or ticks were skipped: nobody looked between the end of the last tick and
    /// this one.
    fn silence_before(&mut self, tick: &Tick) -> Vec<Change> {
        let until = self.vouched.replace(tick.at.plus(tick.period));
        let Some(from) = until.filter(|until| tick.at.since(*until).0 > tick.period.0 / 2 + LABEL_JITTER.0) else {
            return Vec::new();
        };
        let investigation = &self.investigation;
        let silent = |watch: &mut Watch| {
            let step = watch.was_not_watched(from)?;
            Some(Change::State(transition(watch, step.from.at, investigation)))
        };
        self.watches.iter_mut().filter_map(silent).collect()
    }

    fn enters(&mut self, link: &phusong_model::Link, at: UtcMs) -> Change {
        let watch = Watch::enters(link, at);
        let change = Change::State(self.transition(&watch, at));
        self.watches.push(watch);
        change
    }

    fn order(&mut self) {
        self.index = self.watches.iter().enumerate().map(|(index, watch)| (watch.link.clone(), index)).collect();
    }

    fn transition(&self, watch: &Watch, from: UtcMs) -> Transition {
        transition(watch, from, &self.investigation)
    }

    fn report(&self, watch: &Watch, step: Step, decided: UtcMs, changes: &mut Vec<Change>) {
        let link = watch.link.clone();
        changes.push(Change::State(self.transition(watch, step.from.at)));
        match step.outage {
            OutageStep::Untouched => {}
            OutageStep::Opens(start) => {
                let opened = self.investigation.case(&link).map(|case| (case.id, case.verdict.clone()));
                let opens = |(id, verdict)| Change::OutageOpens { id, link, start, decided, verdict };
                changes.extend(opened.map(opens));
            }
            OutageStep::GoesOn(length) => changes.push(Change::OutageBlind { link, length }),
            OutageStep::Ends(end) => changes.push(Change::OutageEnds { link, end }),
        }
    }
}

fn transition(watch: &Watch, from: UtcMs, investigation: &Investigation) -> Transition {
    let cause = investigation.case(&watch.link).map_or(Cause::Unknown, |case| case.verdict.cause.clone());
    Transition {
        link: watch.link.clone(),
        state: watch.state,
        from,
        cause: (watch.state == LinkState::Down).then_some(cause),
        blind: watch.blind,
        worse: watch.worse,
    }
}
