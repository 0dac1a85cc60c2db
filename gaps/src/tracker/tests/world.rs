//! A daemon in a world that a scenario tells: turns what gets lost and what devices say into looks, tick by tick.

use std::collections::BTreeMap;

use phusong_model::{
    BlindReason, EventId, Inventory, LinkId, Micros, Millis, Notification, Tick, Told, Turn, UtcMs, config::RuleConfig,
};
use serde::Deserialize;

use super::ledger::Ledger;
use crate::{
    DeviceAnswer, DeviceLook, EchoSeen, IcmpLook, Known, Listener, Look, Notifier, NotifyRules, SnmpLook, Tracker,
};

/// From one echo to the next.
const SPACING: Millis = Millis(200);

/// When the echoes of a re-probe begin after the instant of the tick: after the time-out of the last of the round.
const AGAIN: Millis = Millis(1_800);

/// How we look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Eyes {
    Open,
    /// All anchors are lost.
    Anchors,
    /// The tick came too late.
    Late,
    /// Our kernel refuses to send.
    SendError,
    /// The machine sleeps: no tick.
    Asleep,
    /// The daemon is not running.
    Stopped,
}

/// The round-trip time of an echo to a link, sent so many seconds after the beginning; none when it gets lost. The last is
/// its dice.
type Answers<'a> = &'a dyn Fn(&LinkId, f64, u64) -> Option<Micros>;

/// One tick.
pub(super) struct Beat<'a> {
    pub(super) at: UtcMs,
    /// Seconds after the beginning.
    pub(super) second: f64,
    pub(super) eyes: Eyes,
    pub(super) polled: Vec<DeviceLook>,
    pub(super) answers: Answers<'a>,
}

pub(super) struct World {
    tracker: Tracker,
    pub(super) ledger: Ledger,
    inventory: Inventory,
    period: Millis,
    anchored: bool,
    last: Option<Tick>,
    running: bool,
    dice: u64,
    notifier: Notifier,
    /// What a restart finds of what was told.
    told: BTreeMap<EventId, Told>,
    pub(super) messages: Vec<Notification>,
}

/// Half a minute before something is told, a quarter of an hour before it is told again.
fn notify_rules() -> NotifyRules {
    let everything = Listener { channel: "all".to_owned(), on: Turn::OF_EVENTS.to_vec() };
    let escalate = vec![Millis::from_secs(900), Millis::from_secs(3600)];
    NotifyRules { after: Millis::from_secs(30), escalate, vantage: "test".to_owned(), listeners: vec![everything] }
}

impl World {
    pub(super) fn start(inventory: Inventory, period: Millis, anchored: bool) -> Self {
        let begin = super::scenario::BEGIN;
        let (tracker, changes) = Tracker::resume(&RuleConfig::default(), &inventory, Known::default(), begin);
        let (mut ledger, last) = (Ledger::default(), None);
        ledger.apply(changes);
        let notifier = Notifier::resume(notify_rules(), Known::default(), Vec::new(), &[]);
        let (told, messages) = (BTreeMap::new(), Vec::new());
        let (running, dice) = (true, 20_261_124);
        let mut world =
            Self { tracker, ledger, inventory, period, anchored, last, running, dice, notifier, told, messages };
        world.set_rule();
        world
    }

    fn set_rule(&mut self) {
        self.tracker.set_rule(&RuleConfig::default(), crate::SNMP_STALE_AFTER, self.anchored);
    }

    pub(super) fn until(&self) -> UtcMs {
        self.last.map_or(super::scenario::BEGIN, |tick| tick.at.plus(tick.period))
    }

    /// How much a daemon holds in memory and its store keeps of what was told: characters of it written out, in figures of
    /// one width.
    pub(super) fn held(&self) -> usize {
        let held = format!("{:?}{:?}{:?}", self.tracker, self.notifier, self.told);
        held.chars().filter(|char| !char.is_ascii_digit()).count()
    }

    pub(super) fn reload(&mut self, inventory: Inventory, at: UtcMs) {
        if self.running {
            self.ledger.apply(self.tracker.reload(&inventory, &[], at));
        }
        self.inventory = inventory;
    }

    pub(super) fn tick(&mut self, beat: &Beat<'_>) {
        match beat.eyes {
            Eyes::Stopped => {
                self.running = false;
                return;
            }
            Eyes::Asleep => return,
            Eyes::Open | Eyes::Anchors | Eyes::Late | Eyes::SendError => {}
        }
        if !self.running {
            self.restart(beat.at.minus(Millis(2_000)));
        }
        let blind = match beat.eyes {
            Eyes::Anchors => Some(BlindReason::Anchors),
            Eyes::Late => Some(BlindReason::LateTick),
            Eyes::Open | Eyes::SendError | Eyes::Asleep | Eyes::Stopped => None,
        };
        let tick = Tick { at: beat.at, period: self.period, slip: Millis(0), blind };
        let links: Vec<LinkId> = self.inventory.links.iter().map(|link| link.id.clone()).collect();
        let looks: Vec<Look> = links.iter().map(|link| self.look(link, beat, blind)).collect();
        let devices = if blind.is_some() { &[][..] } else { beat.polled.as_slice() };
        let changes = self.tracker.tick(&tick, &looks, devices);
        let announced = |link: &LinkId| self.tracker.is_announced(link);
        for telling in self.notifier.tick(&tick, &changes, announced, &self.inventory) {
            match telling.told {
                Some(told) => self.told.insert(telling.event, told),
                None => self.told.remove(&telling.event),
            };
            self.messages.extend(telling.notification);
        }
        self.ledger.apply(changes);
        self.last = Some(tick);
    }

    fn restart(&mut self, now: UtcMs) {
        let links = self.ledger.known();
        let known = Known { last_tick: self.last, ..self.ledger.found(&links) };
        self.notifier = Notifier::resume(notify_rules(), known, self.told.values().cloned().collect(), &[]);
        let (tracker, changes) = Tracker::resume(&RuleConfig::default(), &self.inventory, known, now);
        self.tracker = tracker;
        self.set_rule();
        self.ledger.apply(changes);
        self.running = true;
    }

    fn look(&mut self, link: &LinkId, beat: &Beat<'_>, blind: Option<BlindReason>) -> Look {
        let (pinged, interface) = {
            let row = self.inventory.link(link).expect("a link");
            (row.address.is_some(), row.interface.clone())
        };
        let snmp = interface.and_then(|(device, name)| {
            let polled = beat.polled.iter().find(|look| look.device == device)?;
            match polled.answer {
                DeviceAnswer::Silent => Some(SnmpLook::Unanswered),
                DeviceAnswer::Answered { .. } => {
                    let reading = polled.readings.iter().find(|reading| reading.ifname == name)?;
                    Some(SnmpLook::Interface(reading.oper))
                }
            }
        });
        let icmp = match (pinged, blind, beat.eyes) {
            (false, _, _) => None,
            (true, Some(reason), _) => Some(IcmpLook::Blind(reason)),
            (true, None, Eyes::SendError) => Some(IcmpLook::Blind(BlindReason::SendError)),
            (true, None, _) => {
                let mut echoes = self.echoes(link, beat, Millis(0));
                if self.tracker.wants_reprobe(link, &echoes) {
                    echoes.extend(self.echoes(link, beat, AGAIN));
                }
                Some(IcmpLook::Echoes(echoes))
            }
        };
        Look { link: link.clone(), icmp, snmp: snmp.filter(|_| blind.is_none()) }
    }

    fn echoes(&mut self, link: &LinkId, beat: &Beat<'_>, first: Millis) -> Vec<EchoSeen> {
        (0..5)
            .map(|echo| {
                let after = first + Millis(SPACING.0 * echo);
                // Knuth's MMIX generator: the same dice at every run.
                self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                EchoSeen { after, rtt: (beat.answers)(link, beat.second + after.as_secs_f64(), self.dice >> 33) }
            })
            .collect()
    }
}
