//! A daemon with its clocks, whom everything may happen to: what `phusongd` asks of the tracker, in the same order and
//! at the same instants (`daemon/src/run.rs`, `daemon/src/schedule.rs`).

use phusong_model::{
    BlindReason, Change, Commune, Every, Evidence, Health, IcmpMode, Inventory, Link, LinkKind, Maintenance,
    MaintenanceId, Micros, Millis, Planned, ProberHealth, Repeat, Scope, Site, SiteKind, Span, StoreHealth, Tick,
    Usual, UtcMs, Window, config::RuleConfig,
};

use super::history::{Event, Show, Work};
use crate::{
    EchoSeen, IcmpLook, Known, Look, SNMP_STALE_AFTER, Tracker,
    tracker::tests::{ledger::Ledger, scenario::BEGIN, script::link},
};

const DAY: Millis = Millis::from_secs(24 * 3600);

/// Name, kind, commune, groups, what carries it.
type Row = (&'static str, LinkKind, Option<&'static str>, &'static [&'static str], &'static [&'static str]);

/// Two communes, two feeders one behind the other, and a group that meets over links of both communes.
const ROWS: [Row; 7] = [
    ("core", LinkKind::Feeder, None, &[], &[]),
    ("feed", LinkKind::Feeder, None, &["backbone"], &["core"]),
    ("fibre-1", LinkKind::Fibre, Some("00001"), &["meeting"], &["feed"]),
    ("broadband-1", LinkKind::Broadband, Some("00001"), &[], &[]),
    ("backhaul-1", LinkKind::Backhaul, Some("00001"), &["backbone"], &["feed", "core"]),
    ("fibre-2", LinkKind::Fibre, Some("00002"), &["meeting"], &["feed"]),
    ("broadband-2", LinkKind::Broadband, Some("00002"), &["meeting"], &["core"]),
];

pub(super) const LINKS: usize = ROWS.len();

fn links() -> Vec<Link> {
    let of = |(name, kind, commune, groups, upstream): &Row| Link {
        kind: *kind,
        commune: commune.map(|code| code.parse().expect("code")),
        site: commune.map(|code| format!("bts-{code}").parse().expect("site")),
        groups: groups.iter().map(|group| group.parse().expect("group")).collect(),
        ..link(name, upstream)
    };
    ROWS.iter().map(of).collect()
}

fn commune(code: &str) -> Commune {
    Commune::new(code.parse().expect("code"), code.to_owned())
}

fn site(id: &str, backhaul: &[&str]) -> Site {
    Site {
        id: id.parse().expect("site"),
        kind: SiteKind::Bts,
        name: id.to_owned(),
        commune: None,
        operator: None,
        at: None,
        backhaul: backhaul.iter().map(|link| link.parse().expect("link")).collect(),
        reported: None,
    }
}

/// The next instant.
const fn after(at: UtcMs) -> UtcMs {
    at.plus(Millis(1))
}

pub(super) struct Daemon {
    tracker: Tracker,
    ledger: Ledger,
    /// Every change in the order in which it was told.
    pub(super) told: Vec<Change>,
    /// Spans of links from before they left, which the store keeps.
    before: Vec<Span>,
    here: [bool; LINKS],
    maintenance: Vec<Maintenance>,
    planned: Vec<Planned>,
    period: Millis,
    /// Milliseconds since the beginning, which no setting of the clock touches.
    monotonic: i64,
    /// What the wall clock is ahead.
    ahead: i64,
    /// When the next tick should start, by the monotonic clock.
    due: i64,
    last_start: Option<i64>,
    last: Option<Tick>,
    /// Everything before this instant was told, by a tick, an order or a start.
    told_until: UtcMs,
    pub(super) announcements: Vec<Announcement>,
}

/// All work that is announced, in force from an instant on.
pub(super) struct Announcement {
    pub(super) from: UtcMs,
    /// From here on it may be in force already: the last tick before a stop vouches for a period, and an order came after
    /// it, but the daemon did not see windows begin or end any more.
    pub(super) maybe_from: UtcMs,
    pub(super) work: Vec<Maintenance>,
}

impl Daemon {
    pub(super) fn start(period: Millis) -> Self {
        let mut daemon = Self {
            tracker: Tracker::resume(&RuleConfig::default(), &Inventory::default(), Known::default(), BEGIN).0,
            ledger: Ledger::default(),
            told: Vec::new(),
            before: Vec::new(),
            here: [true; LINKS],
            maintenance: Vec::new(),
            planned: Vec::new(),
            period,
            monotonic: 0,
            ahead: 0,
            due: 0,
            last_start: None,
            last: None,
            told_until: BEGIN,
            announcements: Vec::new(),
        };
        daemon.resume();
        // With a usual that is known, slow replies are noticed after four rounds and not after forty.
        let usual = Usual { rtt: Micros(5_000), rtt_high: Micros(6_000), loss: Some(0.001), rounds: 1_000 };
        daemon.apply(links().into_iter().map(|link| Change::Usual { link: link.id, usual }).collect());
        daemon.resume();
        daemon
    }

    pub(super) fn meets(&mut self, event: &Event) {
        match event {
            Event::Rounds { shows, times } => (0..*times).for_each(|_| self.tick(shows, None)),
            Event::Blind { times } => (0..*times).for_each(|_| self.tick(&[], Some(BlindReason::Anchors))),
            Event::Held { length } => self.passes(*length),
            Event::Stopped { length, toggled } => {
                self.passes(*length);
                toggled.iter().for_each(|link| self.here[*link] = !self.here[*link]);
                self.resume();
            }
            Event::ClockSet { by } => self.set_clock(*by),
            Event::Reload { toggled, work } => {
                self.catch_up();
                toggled.iter().for_each(|link| self.here[*link] = !self.here[*link]);
                self.maintenance = work.iter().map(|work| announced(work, self.wall())).collect();
                let at = self.after_last_tick();
                self.announce(at, at);
                let changes = self.tracker.reload(&self.inventory(), &self.planned, at);
                self.apply(changes);
            }
            Event::Plan(work) => self.plan(work),
            Event::EndWork => self.end_work(),
        }
        // Nothing comes at the very instant of another.
        self.monotonic += 7;
    }

    /// A tick that is due comes before an order.
    fn catch_up(&mut self) {
        while self.due <= self.monotonic {
            self.tick(&[], None);
        }
    }

    /// Set back, the clock does not get before what was ordered since the last tick: the tick after it would be labelled
    /// before the order.
    fn set_clock(&mut self, by: Millis) {
        self.catch_up();
        if by.0 > 0 || self.last.is_some_and(|tick| self.told_until <= after(tick.at)) {
            self.ahead += by.0;
        }
    }

    fn passes(&mut self, length: Millis) {
        self.monotonic += length.0;
    }

    /// The wall clock.
    pub(super) fn wall(&self) -> UtcMs {
        BEGIN.plus(Millis(self.monotonic + self.ahead))
    }

    /// When an order is carried out.
    fn after_last_tick(&self) -> UtcMs {
        self.last.map_or(self.wall(), |tick| self.wall().max(tick.at))
    }

    pub(super) fn inventory(&self) -> Inventory {
        let links = links().into_iter().zip(self.here).filter(|(_, here)| *here).map(|(link, _)| link);
        Inventory {
            communes: vec![commune("00001"), commune("00002")],
            sites: vec![site("ring", &["fibre-1", "fibre-2"]), site("bts-00001", &[]), site("bts-00002", &[])],
            links: links.collect(),
            maintenance: self.maintenance.clone(),
            ..Inventory::default()
        }
    }

    /// A start: with all that the store holds.
    fn resume(&mut self) {
        let wall = self.wall();
        let now = self.last.filter(|tick| tick.at > wall).map_or(wall, |tick| tick.at.plus(Millis(1)));
        let unwatched = self.vouched().map_or(now, |vouched| vouched.min(now));
        self.announce(self.last.map_or(UtcMs::MIN, |tick| tick.at), unwatched);
        let links = self.ledger.known();
        let known = Known { last_tick: self.last, planned: &self.planned, ..self.ledger.found(&links) };
        let (tracker, changes) = Tracker::resume(&RuleConfig::default(), &self.inventory(), known, now);
        self.tracker = tracker;
        self.tracker.set_rule(&RuleConfig::default(), SNMP_STALE_AFTER, true);
        self.apply(changes);
        self.due = self.monotonic + (-wall.0).rem_euclid(1000);
        self.told_until = self.told_until.max(after(now));
        self.last_start = None;
    }

    fn tick(&mut self, shows: &[Show], blind: Option<BlindReason>) {
        let start = self.due;
        self.monotonic = self.monotonic.max(start);
        let slip = Millis(self.monotonic - start);
        let at = self.label(start, slip);
        let late = (slip.0 > self.period.0 / 2).then_some(BlindReason::LateTick);
        let tick = Tick { at, period: self.period, slip, blind: blind.or(late) };
        let links = links().into_iter().zip(self.here).enumerate().filter(|(_, (_, here))| *here);
        let looks: Vec<Look> = links.map(|(place, (link, _))| self.look(&link, shows.get(place), &tick)).collect();
        let changes = self.tracker.tick(&tick, &looks, &[]);
        self.apply(changes);
        self.last = Some(tick);
        self.told_until = self.told_until.max(after(at));
        self.last_start = Some(start);
        self.passes(Millis(self.period.0 / 3));
        // Periods that were missed are not made up for.
        self.due += self.period.0;
        while self.due + self.period.0 <= self.monotonic {
            self.due += self.period.0;
        }
    }

    /// Labels are whole seconds and grow, whatever the wall clock does.
    fn label(&self, start: i64, slip: Millis) -> UtcMs {
        let whole = |at: i64| (at + 500).div_euclid(1000) * 1000;
        let by_wall = UtcMs(whole(self.wall().minus(slip).0));
        match self.last {
            Some(last) if by_wall <= last.at => {
                last.at.plus(self.last_start.map_or(self.period, |before| Millis(whole(start - before).max(1000))))
            }
            Some(_) | None => by_wall,
        }
    }

    fn look(&self, link: &Link, show: Option<&Show>, tick: &Tick) -> Look {
        let round = |first: Millis, rtts: [Option<Micros>; 5]| {
            let spacing = self.period.0 / 50;
            (0..).zip(rtts).map(move |(echo, rtt)| EchoSeen { after: first + Millis(spacing * echo), rtt })
        };
        let icmp = match (tick.blind, show) {
            (Some(reason), _) => Some(IcmpLook::Blind(reason)),
            (None, Some(Show::Refused)) => Some(IcmpLook::Blind(BlindReason::SendError)),
            (None, Some(Show::Nothing) | None) => None,
            (None, Some(Show::Echoes(rtts))) => {
                let mut echoes: Vec<EchoSeen> = round(tick.slip, *rtts).collect();
                if self.tracker.wants_reprobe(&link.id, &echoes) {
                    echoes.extend(round(tick.slip + Millis(self.period.0 * 9 / 50), *rtts));
                }
                Some(IcmpLook::Echoes(echoes))
            }
        };
        Look { link: link.id.clone(), icmp, snmp: None }
    }

    fn announce(&mut self, maybe_from: UtcMs, from: UtcMs) {
        let planned = self.planned.iter().filter_map(Planned::maintenance);
        let work = self.maintenance.iter().cloned().chain(planned).collect();
        // What was told stays told.
        self.announcements.push(Announcement { from: from.max(self.told_until), maybe_from, work });
        self.told_until = self.told_until.max(after(from));
    }

    pub(super) const fn told_until(&self) -> UtcMs {
        self.told_until
    }

    fn plan(&mut self, work: &Work) {
        self.catch_up();
        let at = self.after_last_tick();
        let Maintenance { scope, window, why, .. } = announced(work, self.wall());
        let window = Window::new(window.from.max(self.wall()), window.to);
        if !window.is_empty() {
            let id = MaintenanceId(1 + self.planned.iter().map(|work| work.id.0).max().unwrap_or(0));
            self.planned.push(Planned { id, scope, window, why, author: "x".to_owned(), added: at, ended: None });
            self.announce(at, at);
            let changes = self.tracker.plan(&self.inventory(), &self.planned, at);
            self.apply(changes);
        }
    }

    fn end_work(&mut self) {
        self.catch_up();
        let at = self.after_last_tick();
        let under_way = self.planned.iter_mut().rfind(|work| work.ended.is_none() && work.window.to > at);
        if let Some(work) = under_way {
            work.ended = Some(at);
            self.announce(at, at);
            let changes = self.tracker.plan(&self.inventory(), &self.planned, at);
            self.apply(changes);
        }
    }

    /// Writes changes down; what a link was before it left is kept too.
    fn apply(&mut self, changes: Vec<Change>) {
        self.told.extend(changes.iter().cloned());
        for change in changes {
            if let Change::Leaves { link, at } = &change {
                let mut spans = self.ledger.spans.get(link).cloned().unwrap_or_default();
                spans.iter_mut().filter(|span| span.to.is_none()).for_each(|span| span.to = Some(*at));
                self.before.extend(spans);
            }
            self.ledger.apply(vec![change]);
        }
    }

    /// What the store would hold of a window for somebody who asks at `now`.
    pub(super) fn evidence(&self, window: Window, now: UtcMs) -> Evidence {
        let mut spans: Vec<Span> = self.before.iter().chain(self.ledger.spans.values().flatten()).cloned().collect();
        spans.retain(|span| span.from < window.to && span.to.is_none_or(|to| to > window.from));
        spans.sort_by(|a, b| (&a.link, a.from).cmp(&(&b.link, b.from)));
        let prober = ProberHealth { last_tick: self.last, ..ProberHealth::at_start(IcmpMode::Raw, BEGIN) };
        Evidence {
            now,
            window,
            inventory: self.inventory(),
            links: self.ledger.known(),
            spans,
            outages: self.ledger.outages.clone(),
            events: self.ledger.events.clone(),
            acks: Vec::new(),
            planned: self.planned.clone(),
            notifications: Vec::new(),
            figures: Vec::new(),
            coverage_gaps: Vec::new(),
            contradictions: Vec::new(),
            observations: Vec::new(),
            health: Some(Health { prober, store: StoreHealth::default(), influx: Vec::new(), notify: Vec::new() }),
            age: self.last.map(|tick| now.since(tick.at)),
            close_up: None,
            left_out: Vec::new(),
        }
    }

    /// Until when the last tick vouches; none before the first.
    pub(super) fn vouched(&self) -> Option<UtcMs> {
        self.last.map(|tick| tick.at.plus(tick.period))
    }
}

fn announced(work: &Work, now: UtcMs) -> Maintenance {
    let scope = match work.scope {
        0 => Scope::Commune("00001".parse().expect("code")),
        1 => Scope::Commune("00002".parse().expect("code")),
        2 => Scope::Group("meeting".parse().expect("group")),
        3 => Scope::Group("backbone".parse().expect("group")),
        link => Scope::Link(ROWS[link % LINKS].0.parse().expect("link")),
    };
    let from = now.plus(work.after).minus(Millis(DAY.0 * work.days_ago.unwrap_or(0)));
    let repeat = work.days_ago.map(|_| Repeat { every: Every::Day, until: None });
    Maintenance { scope, window: Window::new(from, from.plus(work.length)), repeat, why: "splicing".to_owned() }
}
