//! A store filled by the test, with figures that can be checked afterwards.

use std::{collections::BTreeMap, path::Path};

use phusong_model::{
    BlindReason, Cause, Change, Contact, CoverageFigure, CoverageSource, Dbm, DeviceId, EchoStats, Health, IcmpMode,
    IfReading, IfStatus, Inventory, Link, LinkId, LinkKind, LinkState, Micros, Millis, OperatorScope, Outcome,
    PeopleBase, Probe, ProberHealth, RttSummary, Sample, SettlementCounts, Share, StoreHealth, Technology, Tick,
    Transition, UtcMs, Worse,
};
use phusong_store::{Commit, NewCoverage, Store};

/// Time between ticks.
pub const PERIOD: Millis = Millis::from_secs(10);
/// The first tick: within the hour, so that only what the test asks for is repeated hourly.
pub const START: UtcMs = UtcMs(1_795_420_810_000);

/// So many links; the odd ones have an interface too.
pub fn inventory(links: usize) -> Inventory {
    let link = |number: usize| {
        let id: LinkId = format!("fibre-{number:05}").parse().expect("id");
        let device: DeviceId = format!("ce-{number:05}").parse().expect("id");
        Link {
            name: id.to_string(),
            id,
            kind: LinkKind::Fibre,
            commune: Some(format!("{number:05}").parse().expect("code")),
            site: None,
            address: None,
            service: None,
            interface: (number % 2 == 1).then(|| (device, "ether 1/0,up=link".to_owned())),
            rx_limit: None,
            upstream: Vec::new(),
            operator: None,
            groups: Vec::new(),
            contact: Contact::default(),
        }
    };
    Inventory { links: (1..=links).map(link).collect(), ..Inventory::default() }
}

/// What a link gave at a tick: mostly an answer, sometimes silence, sometimes blindness. A pure function of both.
fn outcome(link: usize, tick: usize) -> Outcome {
    if (link + tick) % 41 == 7 {
        return Outcome::Blind(BlindReason::SendError);
    }
    if (link * 7 + tick) % 29 == 3 {
        return Outcome::Measured(EchoStats { sent: 5, lost: 5, rtt: None });
    }
    let rtts: Vec<Micros> = (0..4_usize)
        .map(|echo| Micros(u32::try_from(1000 + (link * 131 + tick * 17 + echo * 7919) % 50_000).unwrap_or(1000)))
        .collect();
    Outcome::Measured(EchoStats { sent: 5, lost: 1, rtt: RttSummary::of(&rtts) })
}

fn reading(link: &Link, number: usize, tick: usize, at: UtcMs) -> Option<IfReading> {
    let (device, ifname) = link.interface.clone()?;
    Some(IfReading {
        device,
        ifname,
        link: Some(link.id.clone()),
        at,
        oper: if tick % 13 == 5 { IfStatus::Down } else { IfStatus::Up },
        admin: IfStatus::Up,
        speed_bps: Some(1_000_000_000),
        in_bps: (tick > 0).then_some(number as f64 * 1e6 + tick as f64 / 8.0),
        out_bps: (tick > 0).then_some(3.0),
        in_err: (tick > 0).then_some(tick as u64),
        out_err: None,
        in_disc: Some(u64::MAX),
        out_disc: None,
        rx: Some(Dbm(-18.5)),
        tx: Some(Dbm(2.25)),
    })
}

/// The time of a tick, counted from 0.
pub fn time_of(tick: usize) -> UtcMs {
    START.plus(Millis(PERIOD.0 * i64::try_from(tick).expect("few ticks")))
}

/// The points that InfluxDB must have of a tick.
pub fn expected(links: usize, tick: usize) -> Vec<(String, String)> {
    let point = |link: usize| {
        let Outcome::Measured(echoes) = outcome(link, tick) else { return None };
        Some(point(&format!("vantage=test,commune={link:05},link=fibre-{link:05},kind=fibre"), &echoes, time_of(tick)))
    };
    (1..=links).filter_map(point).collect()
}

/// What a sample must be in InfluxDB: series and time in seconds; fields in the order of their names. Written anew here,
/// so that it shares nothing with the encoder but the design.
pub fn point(tags: &str, echoes: &EchoStats, at: UtcMs) -> (String, String) {
    let series = format!("link_probe,{tags},probe=icmp {}", at.0 / 1000);
    let (sent, lost, up) = (echoes.sent, echoes.lost, echoes.lost < echoes.sent);
    let ms = |length: Micros| f64::from(length.0) / 1000.0;
    let fields = match echoes.rtt {
        Some(rtt) => format!(
            "jitter={:?},lost={lost}i,rtt_max={:?},rtt_median={:?},rtt_min={:?},rtt_p95={:?},sent={sent}i,up={up}",
            ms(rtt.jitter),
            ms(rtt.max),
            ms(rtt.median),
            ms(rtt.min),
            ms(rtt.p95),
        ),
        None => format!("lost={lost}i,sent={sent}i,up={up}"),
    };
    (series, fields)
}

/// Coverage of the commune of a link.
fn figure(link: &Link) -> CoverageFigure {
    CoverageFigure {
        commune: link.commune.clone().expect("a commune"),
        operator: OperatorScope::Any,
        technology: Technology::G3,
        source: CoverageSource::Modelled,
        settlements: SettlementCounts { total: 10, none: 1, patchy: 2, full: 6, unknown: 1, patchiness_unknown: 0 },
        people: Share { numerator: 800.0, denominator: 900.0, unknown: 100.0 },
        area_km2: Share { numerator: 50.0, denominator: 70.0, unknown: 0.0 },
        approximate: false,
        example: true,
        valid_on: None,
        rule: None,
        people_base: PeopleBase::Settlements,
        people_scaled: false,
        best: None,
    }
}

/// What a daemon says of itself; of no interest here.
fn health() -> Health {
    let prober = ProberHealth::at_start(IcmpMode::Raw, START);
    Health { prober, store: StoreHealth::default(), influx: Vec::new(), notify: Vec::new() }
}

/// A store with an inventory, filled tick by tick.
pub struct Filled {
    inventory: Inventory,
    /// The store, for whoever executes the sink's orders.
    pub store: Store,
    /// How many ticks were committed.
    pub ticks: usize,
    /// How many interface readings there are.
    pub readings: usize,
    /// Changes that go with the next tick.
    changes: Vec<Change>,
}

impl Filled {
    /// A new store with so many links and no tick.
    pub fn new(folder: &Path, links: usize) -> Self {
        let inventory = inventory(links);
        let mut store = Store::open(folder).expect("store");
        store.set_inventory(&inventory, START).expect("inventory");
        Self { inventory, store, ticks: 0, readings: 0, changes: Vec::new() }
    }

    /// With the next tick each link comes into a state, one after the other into each of the five.
    pub fn turn_states(&mut self) {
        let states = [LinkState::Down, LinkState::Degraded, LinkState::Up, LinkState::Blind, LinkState::Maintenance];
        let turn = |(link, state): (&Link, LinkState)| {
            let down = state == LinkState::Down;
            Change::State(Transition {
                link: link.id.clone(),
                state,
                from: START,
                cause: down.then_some(Cause::Fibre),
                blind: (state == LinkState::Blind).then_some(BlindReason::SendError),
                worse: (state == LinkState::Degraded).then_some(Worse::Delay),
            })
        };
        self.changes.extend(self.inventory.links.iter().zip(states.into_iter().cycle()).map(turn));
    }

    /// Coverage of the communes of the first three links, by any operator.
    pub fn cover(&mut self) {
        let figures: Vec<CoverageFigure> = self.inventory.links.iter().take(3).map(figure).collect();
        let run = NewCoverage {
            figures: &figures,
            gaps: &[],
            contradictions: &[],
            at: START,
            input_hash: "test",
            imports: &[],
        };
        self.store.put_coverage(run).expect("coverage");
    }

    /// Commits one more tick; its number in the store.
    pub fn tick(&mut self) -> i64 {
        let number = self.ticks;
        self.ticks += 1;
        let at = time_of(number);
        let links = || (1..).zip(&self.inventory.links);
        let sample = |(link, known): (usize, &Link)| Sample {
            link: known.id.clone(),
            probe: Probe::Icmp,
            outcome: outcome(link, number),
        };
        let readings: Vec<IfReading> = links().filter_map(|(link, known)| reading(known, link, number, at)).collect();
        self.readings += readings.len();
        let tick = Tick { at, period: PERIOD, slip: Millis(3), blind: None };
        let samples = links().map(sample).collect();
        self.store
            .commit(&Commit {
                tick,
                samples,
                readings,
                changes: std::mem::take(&mut self.changes),
                observations: Vec::new(),
                tellings: Vec::new(),
                health: health(),
            })
            .expect("commit")
    }

    /// All points that InfluxDB must have by now.
    pub fn expected(&self) -> BTreeMap<String, String> {
        (0..self.ticks).flat_map(|tick| expected(self.inventory.links.len(), tick)).collect()
    }
}
