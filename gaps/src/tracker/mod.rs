//! The state of every link, tick by tick: evidence goes in, changes of spans and outages come out.

mod echoes;
mod maintenance;
mod snmp;
mod upstream;
mod verdict;
mod watch;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use phusong_model::{
    BlindReason, Cause, Change, Inventory, Link, LinkId, LinkNow, LinkState, Millis, Outage, Tick, Transition, UtcMs,
    config::RuleConfig,
};

use crate::Look;
use maintenance::{Announced, INSTANT, Masks, Shown};
use upstream::{Path, Topology};
use watch::{OutageStep, Step, Watch};

/// How old the last poll of a device may be and still count, when nobody says otherwise: two and a half default periods
/// of SNMP, so that one lost poll does not make a link blind.
pub const SNMP_STALE_AFTER: Millis = Millis(150_000);

/// Ticks in a row that must refute the known cause of an outage before it is unknown again. Links behind a cut feeder
/// come back a round or two after it, and their outage was the feeder's.
const REFUTED_TICKS: u8 = 3;

/// Labels of ticks are whole seconds, so two of them may seem a second further apart than they are.
const LABEL_JITTER: Millis = Millis(1_000);

#[derive(Debug, Clone)]
struct Rules {
    rule: RuleConfig,
    snmp_stale_after: Millis,
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
}

/// Decides the state of every link from what each tick saw.
///
/// *Down*, when `down_lost` of the last `down_of` echoes were lost, the newest among them; it began with the first round
/// of that loss and ends with the first good round once `up_received` of the last `up_of` echoes came back. An interface
/// that its device reports down is down whatever the echoes say. Where ICMP could not look, fresh SNMP alone decides;
/// where neither could, the link is *blind*, and an open outage neither ends nor grows. Undecided time belongs to the
/// last decided state.
///
/// While a maintenance window of the inventory holds, the spans of its link say *maintenance*, and what was decided is
/// told from the window's end on. Outages are not touched by it: one that begins before, inside or ends after it is one.
///
/// The changes of a link come in the order in which they apply. A transition may begin where the open span began, right
/// after a restart or a reload, or before it, when maintenance lies between: it takes the place of all spans from there.
#[derive(Debug, Clone)]
pub struct Tracker {
    rules: Rules,
    watches: Vec<Watch>,
    index: HashMap<LinkId, usize>,
    topology: Topology,
    masks: Masks,
    last_at: UtcMs,
    /// Until when the last tick vouches; none before the first.
    vouched: Option<UtcMs>,
}

impl Tracker {
    /// Goes on after a restart at `now`. Links of `known` are blind from the end of the last tick until they are decided
    /// again, links that are new are blind from now on, and those that are gone leave. `open` are the open outages.
    #[must_use]
    pub fn resume(
        rule: &RuleConfig,
        inventory: &Inventory,
        known: &[LinkNow],
        open: &[Outage],
        last_tick: Option<Tick>,
        now: UtcMs,
    ) -> (Self, Vec<Change>) {
        // The last tick vouches for its period, but not for time to come.
        let unwatched = last_tick.map_or(now, |tick| tick.at.plus(tick.period).min(now));
        let outages: HashMap<&LinkId, &Outage> =
            open.iter().filter(|outage| outage.end.is_none()).map(|outage| (&outage.link, outage)).collect();
        let before: HashMap<&LinkId, &LinkNow> = known.iter().map(|entry| (&entry.link, entry)).collect();
        let mut tracker = Self {
            rules: Rules { rule: rule.clone(), snmp_stale_after: SNMP_STALE_AFTER },
            watches: Vec::new(),
            index: HashMap::new(),
            topology: Topology::default(),
            masks: Masks::default(),
            last_at: now,
            vouched: None,
        };
        let announced = Announced::by_link(&inventory.maintenance);
        let mut decided = Vec::new();
        for link in &inventory.links {
            let windows = announced.of(&link.id);
            match before.get(&link.id) {
                Some(entry) => {
                    let unwatched = tracker.masks.resume(entry, windows, last_tick, unwatched);
                    let mut watch = Watch::known(link, entry, outages.get(&link.id).copied());
                    let step = watch.was_not_watched(unwatched);
                    decided.extend(step.map(|step| Change::State(transition(&watch, step.from))));
                    tracker.watches.push(watch);
                }
                None => {
                    tracker.masks.enter(&link.id, windows, now);
                    decided.push(tracker.enters(link, now));
                }
            }
        }
        tracker.order(&inventory.links);
        let gone = known.iter().filter(|entry| !tracker.index.contains_key(&entry.link));
        decided.extend(gone.map(|entry| Change::Leaves { link: entry.link.clone(), at: unwatched.max(entry.since) }));
        let mut changes = tracker.masks.cover(decided);
        changes.extend(tracker.turn_windows(now.plus(INSTANT)));
        (tracker, changes)
    }

    /// Replaces the rule, and how old the last poll of a device may be and still count; two and a half periods of SNMP
    /// let one poll get lost.
    pub fn set_rule(&mut self, rule: &RuleConfig, snmp_stale_after: Millis) {
        self.rules = Rules { rule: rule.clone(), snmp_stale_after };
    }

    /// Whether a few more echoes at once would decide: the round lost everything and the link is not down yet, or it is
    /// down and some replies came back, but too few. `echoes` is the round in the order it was sent, before the tick.
    #[must_use]
    pub fn wants_reprobe(&self, link: &LinkId, echoes: &[bool]) -> bool {
        let watch = self.index.get(link).and_then(|index| self.watches.get(*index));
        watch.is_some_and(|watch| watch.wants_reprobe(self.last_at, echoes, &self.rules))
    }

    /// Takes what a tick saw, at most one look per link, and returns what it changed. Ticks come in the order of their
    /// times. A link without a look has no new evidence: it goes blind unless SNMP still counts.
    pub fn tick(&mut self, tick: &Tick, looks: &[Look]) -> Vec<Change> {
        let mut changes = self.turn_windows(tick.at.plus(INSTANT));
        let decided = self.decide(tick, looks);
        changes.extend(self.masks.cover(decided));
        changes
    }

    fn decide(&mut self, tick: &Tick, looks: &[Look]) -> Vec<Change> {
        let mut changes = self.silence_before(tick);
        self.last_at = tick.at;
        let mut by_watch: Vec<Option<&Look>> = vec![None; self.watches.len()];
        for look in looks {
            if let Some(slot) = self.index.get(&look.link).and_then(|index| by_watch.get_mut(*index)) {
                *slot = Some(look);
            }
        }
        let rules = &self.rules;
        let steps: Vec<Option<Step>> =
            self.watches.iter_mut().zip(by_watch).map(|(watch, look)| watch.look(tick, look, rules)).collect();
        let causes = self.causes(tick.at);
        for ((watch, step), cause) in self.watches.iter_mut().zip(steps).zip(causes) {
            let revised = revise(watch, cause);
            if let Some(step) = step {
                report(watch, step, tick.at, &mut changes);
            }
            let opens = step.is_some_and(|step| step.outage == OutageStep::Opens);
            if let Some(cause) = watch.cause.clone().filter(|_| revised && !opens) {
                changes.push(Change::OutageCause { link: watch.link.clone(), cause });
            }
        }
        changes
    }

    /// Takes a new inventory: links that are new enter, those that are gone leave, and a link whose address or
    /// interface changed keeps its state while its old evidence is forgotten. Maintenance windows count from now on, and
    /// those that are gone end.
    pub fn reload(&mut self, inventory: &Inventory, at: UtcMs) -> Vec<Change> {
        let mut changes = self.turn_windows(at);
        changes.extend(self.relink(&inventory.links, at));
        let since = self.watches.iter().map(|watch| (watch.link.clone(), watch.since));
        self.masks.announce(&Announced::by_link(&inventory.maintenance), since, at);
        changes.extend(self.turn_windows(at.plus(INSTANT)));
        changes
    }

    fn relink(&mut self, links: &[Link], at: UtcMs) -> Vec<Change> {
        let mut before: HashMap<LinkId, Watch> =
            self.watches.drain(..).map(|watch| (watch.link.clone(), watch)).collect();
        let mut changes = Vec::new();
        for link in links {
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
        self.order(links);
        changes
    }

    /// Every link as it is now, in the order of the inventory.
    pub fn states(&self) -> impl Iterator<Item = Current<'_>> {
        self.watches.iter().map(|watch| {
            let (state, since, blind) = match self.masks.shown(&watch.link, watch.since) {
                Shown::Maintenance { since } => (LinkState::Maintenance, since, None),
                Shown::Underneath { since } => (watch.state, since, watch.blind),
            };
            Current { link: &watch.link, state, since, cause: watch.cause.as_ref(), blind }
        })
    }

    /// Windows that began or ended before `until`.
    fn turn_windows(&mut self, until: UtcMs) -> Vec<Change> {
        let masks = &mut self.masks;
        let turn = |watch: &Watch| masks.turn(&watch.link, until, || transition(watch, watch.since));
        self.watches.iter().flat_map(turn).collect()
    }

    /// The machine slept, the clock jumped or ticks were skipped: nobody looked between the end of the last tick and
    /// this one.
    fn silence_before(&mut self, tick: &Tick) -> Vec<Change> {
        let until = self.vouched.replace(tick.at.plus(tick.period));
        let Some(from) = until.filter(|until| tick.at.since(*until).0 > tick.period.0 / 2 + LABEL_JITTER.0) else {
            return Vec::new();
        };
        let silent = |watch: &mut Watch| {
            let step = watch.was_not_watched(from)?;
            Some(Change::State(transition(watch, step.from)))
        };
        self.watches.iter_mut().filter_map(silent).collect()
    }

    fn enters(&mut self, link: &Link, at: UtcMs) -> Change {
        let watch = Watch::enters(link, at);
        let change = Change::State(transition(&watch, at));
        self.watches.push(watch);
        change
    }

    fn order(&mut self, links: &[Link]) {
        self.index = self.watches.iter().enumerate().map(|(index, watch)| (watch.link.clone(), index)).collect();
        self.topology = Topology::of(links, &self.index);
    }

    /// What the tick knows of the cause, link by link.
    fn causes(&self, at: UtcMs) -> Vec<Known> {
        if !self.watches.iter().any(|watch| watch.state == LinkState::Down) {
            return vec![Known::Nothing; self.watches.len()];
        }
        let paths = self.topology.paths(|index| self.watches.get(index).map(|watch| watch.state));
        let known = |(watch, path): (&Watch, Path)| self.known(watch, path, at);
        self.watches.iter().zip(paths).map(known).collect()
    }

    /// A carrier that is down goes before the link's own interface: a port goes down with what feeds it, and the crew
    /// has to go to the carrier.
    fn known(&self, watch: &Watch, path: Path, at: UtcMs) -> Known {
        if watch.state != LinkState::Down {
            return Known::Nothing;
        }
        let carrier = match path {
            Path::Cut { nearest, .. } => self.watches.get(nearest).map(|carrier| carrier.link.clone()),
            Path::Open | Path::Unclear => None,
        };
        let interface = watch.interface_is_down(at, &self.rules);
        match (carrier, interface, &watch.cause) {
            (Some(link), _, _) => Known::Cause(Cause::Upstream { link }),
            (None, Some(true), _) => Known::Cause(Cause::Interface),
            (None, _, Some(Cause::Upstream { .. })) if path == Path::Open => Known::Refuted,
            (None, Some(false), Some(Cause::Interface)) => Known::Refuted,
            (None, _, _) => Known::Nothing,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    /// This is the cause.
    Cause(Cause),
    /// The cause that was known cannot be it any more.
    Refuted,
    /// Nothing new.
    Nothing,
}

/// Whether the cause of the link's outage changed.
fn revise(watch: &mut Watch, known: Known) -> bool {
    if watch.state != LinkState::Down {
        return false;
    }
    let cause = match known {
        Known::Cause(cause) => {
            watch.refuted = 0;
            Some(cause)
        }
        Known::Refuted => {
            watch.refuted = watch.refuted.saturating_add(1);
            (watch.refuted >= REFUTED_TICKS).then_some(Cause::Unknown)
        }
        Known::Nothing => None,
    };
    let cause = cause.or_else(|| watch.cause.clone()).or(Some(Cause::Unknown));
    let revised = watch.cause != cause;
    watch.cause = cause;
    revised
}

fn transition(watch: &Watch, from: UtcMs) -> Transition {
    Transition {
        link: watch.link.clone(),
        state: watch.state,
        from,
        cause: watch.cause.clone().filter(|_| watch.state == LinkState::Down),
        blind: watch.blind,
    }
}

fn report(watch: &Watch, step: Step, decided: UtcMs, changes: &mut Vec<Change>) {
    let link = watch.link.clone();
    changes.push(Change::State(transition(watch, step.from)));
    match step.outage {
        OutageStep::Untouched => {}
        OutageStep::Opens => {
            let cause = watch.cause.clone().unwrap_or(Cause::Unknown);
            changes.push(Change::OutageOpens { link, start: step.from, decided, cause });
        }
        OutageStep::GoesOn(length) => changes.push(Change::OutageBlind { link, length }),
        OutageStep::Ends(end) => changes.push(Change::OutageEnds { link, end }),
    }
}
