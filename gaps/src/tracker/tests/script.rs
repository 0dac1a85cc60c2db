//! Scripts: what a link shows, a letter per tick.
//!
//! | letter | ICMP | SNMP |
//! |---|---|---|
//! | `+` `-` | every echo came back; none did, nor of the re-probe | |
//! | `~` | none came back, but the re-probe's did | |
//! | `2` `3` | so many of five came back, of the re-probe too | |
//! | `u` `d` | every echo came back | interface up, down |
//! | `=` `x` | none came back | interface up, down |
//! | `U` `D` `N` `T` | not pinged | interface up, down, no answer, testing |
//! | `e` | send error | interface up |
//! | `E` | send error | no answer |
//! | `p` `P` | no permission | nothing; interface up |
//! | `_` | its service is not due in this tick | |
//! | `.` | nothing | nothing |
//! | `A` | the whole tick is blind: anchors | no answer |
//! | `s` | the machine is asleep: no tick | |
//! | `!` | the daemon is not running | |

use phusong_model::{
    BlindReason, Carrier, Contact, IfStatus, Inventory, Link, LinkId, LinkKind, LinkState, Maintenance, Micros, Millis,
    Tick, UtcMs, config::RuleConfig,
};

use super::ledger::Ledger;
use crate::{EchoSeen, IcmpLook, Known, Look, SnmpLook, Tracker};

pub(super) const PERIOD: Millis = Millis(10_000);

/// Scripts poll once a tick, so two and a half of those.
const STALE_AFTER: Millis = Millis(25_000);

pub(super) fn id(text: &str) -> LinkId {
    text.parse().expect("id")
}

pub(super) fn link(name: &str, upstream: &[&str]) -> Link {
    Link {
        id: id(name),
        kind: LinkKind::Fibre,
        name: name.to_owned(),
        commune: None,
        site: None,
        address: Some(std::net::Ipv4Addr::LOCALHOST.into()),
        service: None,
        interface: None,
        rx_limit: None,
        upstream: upstream.iter().map(|name| Carrier::Link(id(name))).collect(),
        operator: None,
        groups: Vec::new(),
        contact: Contact::default(),
    }
}

pub(super) fn inventory(links: &[Link], maintenance: &[Maintenance]) -> Inventory {
    Inventory { links: links.to_vec(), maintenance: maintenance.to_vec(), ..Inventory::default() }
}

/// The instant of a tick.
pub(super) fn at(tick: usize) -> UtcMs {
    UtcMs(1_000_000).plus(Millis(PERIOD.0 * tick as i64))
}

pub(super) fn tick(number: usize, blind: Option<BlindReason>) -> Tick {
    Tick { at: at(number), period: PERIOD, slip: Millis(0), blind }
}

/// A daemon with its ledger.
pub(super) struct Run {
    pub(super) tracker: Tracker,
    pub(super) ledger: Ledger,
    inventory: Inventory,
    last: Option<Tick>,
    running: bool,
}

impl Run {
    /// Links enter five seconds before the first tick.
    pub(super) fn start(links: &[Link]) -> Self {
        Self::announced(links, &[])
    }

    /// The same, with maintenance.
    pub(super) fn announced(links: &[Link], maintenance: &[Maintenance]) -> Self {
        let entered = at(0).minus(Millis(5_000));
        let inventory = inventory(links, maintenance);
        let (tracker, changes) = Tracker::resume(&RuleConfig::default(), &inventory, Known::default(), entered);
        let mut ledger = Ledger::default();
        ledger.apply(changes);
        let mut run = Self { tracker, ledger, inventory, last: None, running: true };
        run.tracker.set_rule(&RuleConfig::default(), STALE_AFTER, true);
        run
    }

    pub(super) fn reload(&mut self, links: &[Link], at: UtcMs) {
        self.announce(links, &self.inventory.maintenance.clone(), at);
    }

    pub(super) fn announce(&mut self, links: &[Link], maintenance: &[Maintenance], at: UtcMs) {
        self.inventory = inventory(links, maintenance);
        let changes = self.tracker.reload(&self.inventory, &[], at);
        self.ledger.apply(changes);
    }

    /// Another inventory, of which the daemon learns when it comes back.
    pub(super) fn announce_while_stopped(&mut self, maintenance: &[Maintenance]) {
        assert!(!self.running);
        self.inventory.maintenance = maintenance.to_vec();
    }

    /// A tick in which each link of the inventory shows its letter.
    pub(super) fn step(&mut self, number: usize, letters: &[char]) {
        assert_eq!(letters.len(), self.inventory.links.len());
        if letters.contains(&'!') {
            self.running = false;
            return;
        }
        if letters.contains(&'s') {
            return;
        }
        if !self.running {
            self.restart(number);
        }
        let tick = tick(number, letters.contains(&'A').then_some(BlindReason::Anchors));
        let shown = self.inventory.links.iter().zip(letters);
        let looks: Vec<Look> = shown.map(|(link, letter)| look(&self.tracker, &link.id, *letter)).collect();
        let changes = self.tracker.tick(&tick, &looks, &[]);
        self.ledger.apply(changes);
        self.last = Some(tick);
        self.agree();
    }

    pub(super) fn last_tick(&self) -> Option<UtcMs> {
        self.last.map(|tick| tick.at)
    }

    /// The daemon comes back three seconds before its first tick.
    fn restart(&mut self, number: usize) {
        let now = at(number).minus(Millis(3_000));
        let links = self.ledger.known();
        let rule = RuleConfig::default();
        let known = Known { last_tick: self.last, ..self.ledger.found(&links) };
        let (tracker, changes) = Tracker::resume(&rule, &self.inventory, known, now);
        self.tracker = tracker;
        self.tracker.set_rule(&rule, STALE_AFTER, true);
        self.ledger.apply(changes);
        self.running = true;
    }

    /// The tracker says of every link what its changes say.
    fn agree(&self) {
        for current in self.tracker.states() {
            let spans = self.ledger.spans.get(current.link).expect("spans");
            let last = spans.last().expect("a span");
            assert_eq!((current.state, current.since, current.blind), (last.state, last.from, last.blind));
            if current.state == LinkState::Down {
                assert_eq!(current.cause, last.cause.as_ref());
            }
        }
    }
}

fn letter(state: LinkState) -> char {
    match state {
        LinkState::Up => 'U',
        LinkState::Degraded => 'G',
        LinkState::Down => 'D',
        LinkState::Blind => 'B',
        LinkState::Maintenance => 'M',
    }
}

pub(super) fn play(run: &mut Run, scripts: &[&str]) {
    let scripts: Vec<Vec<char>> = scripts.iter().map(|script| script.chars().collect()).collect();
    let ticks = scripts.first().map_or(0, Vec::len);
    for number in 0..ticks {
        run.step(number, &scripts.iter().map(|script| script[number]).collect::<Vec<_>>());
    }
}

/// The states at the instants of the ticks.
pub(super) fn states(run: &Run, name: &str, ticks: usize) -> String {
    (0..ticks).map(|number| run.ledger.state_at(&id(name), at(number)).map_or('?', letter)).collect()
}

/// First tick, first tick after (0 while open), blind ticks inside, cause. An edge lies between two ticks.
pub(super) fn outages(run: &Run, name: &str) -> Vec<(usize, usize, i64, String)> {
    let number = |instant: UtcMs| (instant.since(at(0)).0 as u64).div_ceil(PERIOD.0 as u64) as usize;
    let of_link = run.ledger.outages.iter().filter(|outage| outage.link == id(name));
    of_link
        .map(|o| (number(o.start), o.end.map_or(0, number), o.blind.0 / PERIOD.0, o.verdict.cause.id().to_owned()))
        .collect()
}

/// Echoes that were all sent at the instant of their tick.
pub(super) fn seen(came_back: &[bool]) -> Vec<EchoSeen> {
    let rtt = |came_back: bool| came_back.then_some(Micros(5_000));
    came_back.iter().map(|came_back| EchoSeen { after: Millis(0), rtt: rtt(*came_back) }).collect()
}

fn look(tracker: &Tracker, link: &LinkId, letter: char) -> Look {
    let probe = |round: [bool; 5], reprobe: [bool; 5]| {
        let mut echoes = seen(&round);
        if tracker.wants_reprobe(link, &echoes) {
            echoes.extend(seen(&reprobe));
        }
        Some(IcmpLook::Echoes(echoes))
    };
    let (all, none) = ([true; 5], [false; 5]);
    let some = |count: usize| {
        let round: [bool; 5] = std::array::from_fn(|echo| echo < count);
        probe(round, round)
    };
    let blind = |reason| Some(IcmpLook::Blind(reason));
    let interface = |status| Some(SnmpLook::Interface(status));
    let (icmp, snmp) = match letter {
        '+' => (probe(all, all), None),
        '-' => (probe(none, none), None),
        '~' => (probe(none, all), None),
        '2' => (some(2), None),
        '3' => (some(3), None),
        'u' => (probe(all, all), interface(IfStatus::Up)),
        'd' => (probe(all, all), interface(IfStatus::LowerLayerDown)),
        '=' => (probe(none, none), interface(IfStatus::Up)),
        'x' => (probe(none, none), interface(IfStatus::LowerLayerDown)),
        'U' => (None, interface(IfStatus::Up)),
        'D' => (None, interface(IfStatus::Down)),
        'T' => (None, interface(IfStatus::Testing)),
        'N' => (None, Some(SnmpLook::Unanswered)),
        'e' => (blind(BlindReason::SendError), interface(IfStatus::Up)),
        'E' => (blind(BlindReason::SendError), Some(SnmpLook::Unanswered)),
        'p' => (blind(BlindReason::NoPermission), None),
        'P' => (blind(BlindReason::NoPermission), interface(IfStatus::Up)),
        'A' => (blind(BlindReason::Anchors), Some(SnmpLook::Unanswered)),
        '_' => (Some(IcmpLook::NotDue), None),
        '.' => (None, None),
        other => panic!("no such letter: {other}"),
    };
    Look { link: link.clone(), icmp, snmp }
}
