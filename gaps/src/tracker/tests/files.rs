//! Scenario files (`gaps/scenarios/*.toml`): a topology, what goes wrong when, and the events, causes and accounts that
//! must come of it. Times are seconds after the beginning; `gaps/scenarios/README.md` describes the form.

use std::{collections::BTreeMap, fs, path::Path};

use phusong_model::{
    Commune, CommuneKind, Device, IfReading, IfStatus, Inventory, Link, LinkId, Maintenance, Millis, ProfileGrade,
    SensorReading, SensorUnit, SensorValue, Site, SiteKind, SnmpAccess, StateTimes, UtcMs, Window,
};
use serde::Deserialize;

use super::{
    ledger::Ledger,
    script::{id, link},
    world::{Beat, Eyes, World},
};
use crate::{DeviceAnswer, DeviceLook, account};

/// When a scenario begins, on the wall clock.
pub(super) const BEGIN: UtcMs = UtcMs(1_795_000_000_000);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    what: String,
    #[serde(default = "ten")]
    period: i64,
    length: i64,
    /// Our own uplink is not watched.
    #[serde(default)]
    no_anchors: bool,
    #[serde(default)]
    commune: Vec<CommuneRow>,
    #[serde(default)]
    site: Vec<SiteRow>,
    #[serde(default)]
    device: Vec<DeviceRow>,
    link: Vec<LinkRow>,
    #[serde(default)]
    maintenance: Vec<MaintenanceRow>,
    #[serde(default)]
    lost: Vec<Lost>,
    #[serde(default)]
    says: Vec<Says>,
    #[serde(default)]
    prober: Vec<Prober>,
    #[serde(default)]
    clock: Vec<Clock>,
    #[serde(default)]
    reload: Vec<Reload>,
    #[serde(default)]
    event: Vec<ExpectedEvent>,
    #[serde(default)]
    outages: Option<usize>,
    #[serde(default)]
    account: Vec<ExpectedAccount>,
}

const fn ten() -> i64 {
    10
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommuneRow {
    code: String,
    #[serde(default)]
    district: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteRow {
    id: String,
    #[serde(default)]
    backhaul: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceRow {
    id: String,
    #[serde(default)]
    site: Option<String>,
    /// When it started, before and within the scenario.
    #[serde(default = "long_ago")]
    started: Vec<i64>,
}

fn long_ago() -> Vec<i64> {
    vec![-1_000_000]
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkRow {
    id: String,
    #[serde(default)]
    commune: Option<String>,
    #[serde(default)]
    site: Option<String>,
    #[serde(default)]
    operator: Option<String>,
    #[serde(default)]
    interface: Option<(String, String)>,
    #[serde(default)]
    upstream: Vec<String>,
    /// Only SNMP looks at it.
    #[serde(default)]
    not_pinged: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct MaintenanceRow {
    link: String,
    from: i64,
    to: i64,
    #[serde(default = "work")]
    why: String,
}

fn work() -> String {
    "splicing".to_owned()
}

/// Echoes sent in this time to these links do not come back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lost {
    links: Vec<String>,
    from: f64,
    to: f64,
    /// The part of them, in percent.
    #[serde(default = "all")]
    percent: u64,
    /// Again and again: so many seconds from one beginning to the next.
    #[serde(default)]
    every: Option<f64>,
    #[serde(default = "one")]
    times: usize,
}

const fn all() -> u64 {
    100
}

const fn one() -> usize {
    1
}

/// What a device says in this time when it is asked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Says {
    device: String,
    from: i64,
    to: i64,
    #[serde(default)]
    silent: bool,
    /// `sensor` or `sensor@row`; a text is a state, a number a value.
    #[serde(default)]
    sensors: BTreeMap<String, toml::Value>,
    #[serde(default)]
    interface: Option<String>,
    #[serde(default)]
    oper: Option<String>,
    #[serde(default)]
    admin: Option<String>,
    #[serde(default)]
    rx: Option<f64>,
}

/// What is wrong with ourselves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Prober {
    from: i64,
    to: i64,
    eyes: Eyes,
}

/// The wall clock is set.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    at: i64,
    by: i64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reload {
    at: i64,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    upstream: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedEvent {
    links: Vec<String>,
    cause: String,
    #[serde(default)]
    by: Option<String>,
    #[serde(default)]
    together: Option<String>,
    #[serde(default)]
    flapping: bool,
    start: f64,
    #[serde(default)]
    end: Option<f64>,
    /// A verdict that was reached before and revised.
    #[serde(default)]
    first: Option<String>,
    /// Signs that must be among the evidence.
    #[serde(default)]
    evidence: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedAccount {
    link: String,
    #[serde(default)]
    up: f64,
    #[serde(default)]
    degraded: f64,
    #[serde(default)]
    down: f64,
    #[serde(default)]
    blind: f64,
    #[serde(default)]
    maintenance: f64,
}

pub(super) fn instant(seconds: f64) -> UtcMs {
    BEGIN.plus(Millis((seconds * 1000.0) as i64))
}

fn status(text: Option<&str>) -> IfStatus {
    match text {
        None | Some("up") => IfStatus::Up,
        Some("down") => IfStatus::Down,
        Some(other) => panic!("no such status: {other}"),
    }
}

impl Scenario {
    fn inventory(&self, without: &[String], upstream: &BTreeMap<String, Vec<String>>) -> Inventory {
        let links = self.link.iter().filter(|row| !without.contains(&row.id));
        Inventory {
            communes: self.commune.iter().map(commune).collect(),
            sites: self.site.iter().map(site).collect(),
            devices: (1..).zip(&self.device).map(|(number, row)| device(row, number)).collect(),
            links: links.map(|row| row.link(upstream.get(&row.id).unwrap_or(&row.upstream))).collect(),
            maintenance: self.maintenance.iter().map(announced).collect(),
            ..Inventory::default()
        }
    }

    /// Whether an echo that was sent at this second to this link is lost.
    fn loses(&self, link: &LinkId, second: f64, chance: u64) -> bool {
        self.lost.iter().filter(|lost| lost.links.iter().any(|name| name == link.as_str())).any(|lost| {
            let every = lost.every.unwrap_or(0.0);
            let hit = (0..lost.times).any(|time| {
                let shift = every * time as f64;
                (lost.from + shift..lost.to + shift).contains(&second)
            });
            hit && chance % 100 < lost.percent
        })
    }

    /// What devices say when they are asked at this second.
    fn polled(&self, second: i64) -> Vec<DeviceLook> {
        self.device.iter().map(|row| self.poll(row, second)).collect()
    }

    fn poll(&self, row: &DeviceRow, second: i64) -> DeviceLook {
        let id = row.id.parse().expect("device id");
        let said: Vec<&Says> =
            self.says.iter().filter(|says| says.device == row.id && (says.from..says.to).contains(&second)).collect();
        if said.iter().any(|says| says.silent) {
            return DeviceLook { device: id, answer: DeviceAnswer::Silent, readings: Vec::new(), sensors: Vec::new() };
        }
        let started = row.started.iter().filter(|at| **at <= second).max().copied().unwrap_or(second);
        let uptime = Some(Millis((second - started) * 1000));
        let interfaces = self.link.iter().filter_map(|row| row.interface.as_ref()).filter(|(near, _)| *near == row.id);
        let readings = interfaces.filter(|(_, name)| !name.contains('.')).map(|(_, name)| {
            let says = said.iter().find(|says| says.interface.as_deref() == Some(name));
            reading(&row.id, name, says.copied())
        });
        let sensors = said.iter().flat_map(|says| &says.sensors).map(|(name, value)| sensor(name, value));
        DeviceLook {
            device: id,
            answer: DeviceAnswer::Answered { uptime },
            readings: readings.collect(),
            sensors: sensors.collect(),
        }
    }

    fn eyes(&self, second: i64) -> Eyes {
        let prober = self.prober.iter().find(|prober| (prober.from..prober.to).contains(&second));
        prober.map_or(Eyes::Open, |prober| prober.eyes)
    }

    /// Plays the scenario and gives what the store would hold.
    fn play(&self) -> World {
        let inventory = self.inventory(&[], &BTreeMap::new());
        let mut world = World::start(inventory, Millis(self.period * 1000), !self.no_anchors);
        let mut shift = 0;
        for second in (0..self.length).step_by(usize::try_from(self.period).expect("a period")) {
            for reload in self.reload.iter().filter(|reload| (second - self.period..second).contains(&reload.at)) {
                world.reload(self.inventory(&reload.without, &reload.upstream), instant(reload.at as f64));
            }
            // The scheduler keeps the pace of the monotonic clock when the wall clock is set back.
            shift += self
                .clock
                .iter()
                .filter(|clock| (second - self.period..second).contains(&clock.at) && clock.by > 0)
                .map(|clock| clock.by)
                .sum::<i64>();
            let is_polled = second % 60 < self.period;
            world.tick(&Beat {
                at: instant((second + shift) as f64),
                second: second as f64,
                eyes: self.eyes(second),
                polled: if is_polled { self.polled(second) } else { Vec::new() },
                loses: &|link, at, chance| self.loses(link, at, chance),
            });
        }
        world
    }
}

impl LinkRow {
    fn link(&self, upstream: &[String]) -> Link {
        let names: Vec<&str> = upstream.iter().map(String::as_str).collect();
        Link {
            commune: self.commune.as_ref().map(|code| code.parse().expect("code")),
            site: self.site.as_ref().map(|site| site.parse().expect("site id")),
            operator: self.operator.as_ref().map(|operator| operator.parse().expect("operator")),
            interface: self.interface.as_ref().map(|(device, name)| (device.parse().expect("device id"), name.clone())),
            address: (!self.not_pinged).then_some(std::net::Ipv4Addr::LOCALHOST.into()),
            upstream: names.iter().map(|name| name.parse().expect("a carrier")).collect(),
            ..link(&self.id, &[])
        }
    }
}

fn commune(row: &CommuneRow) -> Commune {
    Commune {
        code: row.code.parse().expect("code"),
        name: row.code.clone(),
        kind: CommuneKind::Commune,
        area_km2: None,
        label: None,
        population: None,
        aliases: Vec::new(),
        district: row.district.clone(),
    }
}

fn site(row: &SiteRow) -> Site {
    Site {
        id: row.id.parse().expect("site id"),
        kind: SiteKind::Hub,
        name: row.id.clone(),
        commune: None,
        operator: None,
        at: None,
        backhaul: row.backhaul.iter().map(|name| id(name)).collect(),
        reported: None,
    }
}

fn device(row: &DeviceRow, number: u8) -> Device {
    Device {
        id: row.id.parse().expect("device id"),
        name: row.id.clone(),
        site: row.site.as_ref().map(|site| site.parse().expect("site id")),
        address: [127, 9, 9, number].into(),
        snmp: SnmpAccess { port: 161, credential: "x".to_owned(), profile: None },
    }
}

fn announced(row: &MaintenanceRow) -> Maintenance {
    let window = Window::new(instant(row.from as f64), instant(row.to as f64));
    Maintenance { link: id(&row.link), window, why: row.why.clone() }
}

fn reading(device: &str, name: &str, says: Option<&Says>) -> IfReading {
    IfReading {
        device: device.parse().expect("device id"),
        ifname: name.to_owned(),
        link: None,
        at: BEGIN,
        oper: status(says.and_then(|says| says.oper.as_deref())),
        admin: status(says.and_then(|says| says.admin.as_deref())),
        speed_bps: None,
        in_bps: None,
        out_bps: None,
        in_err: None,
        out_err: None,
        in_disc: None,
        out_disc: None,
        rx: says.and_then(|says| says.rx).map(phusong_model::Dbm),
        tx: None,
    }
}

fn sensor(name: &str, value: &toml::Value) -> SensorReading {
    let (sensor, row) = name.split_once('@').map_or((name, None), |(sensor, row)| (sensor, Some(row.to_owned())));
    let number = |value| SensorValue::Number { value, unit: SensorUnit::Count };
    let value = match value {
        toml::Value::String(state) => SensorValue::State { code: 0, name: Some(state.clone()) },
        toml::Value::Integer(value) => number(*value as f64),
        toml::Value::Float(value) => number(*value),
        toml::Value::Boolean(_) | toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => {
            panic!("no sensor says {value}")
        }
    };
    SensorReading { sensor: sensor.to_owned(), row, value, grade: ProfileGrade::Documented }
}

/// An event as a person would tell it.
#[derive(Debug)]
struct Told {
    links: Vec<String>,
    cause: String,
    by: Option<String>,
    together: Option<String>,
    flapping: bool,
    start: UtcMs,
    end: Option<UtcMs>,
    first: String,
    signs: Vec<String>,
}

fn told(ledger: &Ledger) -> Vec<Told> {
    let mut by_event: BTreeMap<_, Vec<&phusong_model::Outage>> = BTreeMap::new();
    for outage in &ledger.outages {
        by_event.entry(outage.event).or_default().push(outage);
    }
    let event = |(number, outages): (phusong_model::EventId, Vec<&phusong_model::Outage>)| {
        let known = ledger.events.iter().find(|event| event.id == number);
        let mut links: Vec<String> = outages.iter().map(|outage| outage.link.to_string()).collect();
        links.sort();
        links.dedup();
        let top = outages.iter().find(|outage| outage.verdict.cause.carrier().is_none()).or(outages.first());
        let top = top.expect("an outage");
        let open = outages.iter().any(|outage| outage.end.is_none());
        let sign = |clue: &phusong_model::Clue| {
            let json = serde_json::to_value(&clue.sign).expect("json");
            json["sign"].as_str().expect("a sign").to_owned()
        };
        let common = known.and_then(|event| event.together.as_ref()).map(|common| {
            let json = serde_json::to_value(common).expect("json");
            format!("{} {}", json["in"].as_str().expect("in"), json["which"].as_str().expect("which"))
        });
        Told {
            links,
            cause: top.verdict.cause.id().to_owned(),
            by: known.and_then(|event| event.by.as_ref()).map(ToString::to_string),
            together: common,
            flapping: known.is_some_and(|event| event.flapping),
            start: outages.iter().map(|outage| outage.start).min().expect("a start"),
            end: outages.iter().filter_map(|outage| outage.end).max().filter(|_| !open),
            first: ledger.first_cause(top.id).to_owned(),
            signs: top.verdict.evidence.iter().map(sign).collect(),
        }
    };
    by_event.into_iter().map(event).collect()
}

fn check_events(scenario: &Scenario, ledger: &Ledger) {
    let mut found = told(ledger);
    let what = &scenario.what;
    for expected in &scenario.event {
        let mut links = expected.links.clone();
        links.sort();
        let near = |event: &Told| {
            event.links == links && (event.start.since(instant(expected.start)).0).abs() <= scenario.period * 500
        };
        let place = found.iter().position(near);
        let event = place.map(|place| found.remove(place));
        let event =
            event.unwrap_or_else(|| panic!("{what}: no event of {links:?} at {} in {found:#?}", expected.start));
        assert_eq!(event.cause, expected.cause, "{what}: {event:#?}");
        assert_eq!(event.by, expected.by, "{what}: {event:#?}");
        assert_eq!(event.together, expected.together, "{what}: {event:#?}");
        assert_eq!(event.flapping, expected.flapping, "{what}: {event:#?}");
        match (event.end, expected.end) {
            (Some(end), Some(expected)) => {
                assert!(
                    end.since(instant(expected)).0.abs() <= scenario.period * 500,
                    "{what}: ends at {expected}, not {end}"
                );
            }
            (end, expected) => assert_eq!(end.is_some(), expected.is_some(), "{what}: {event:#?}"),
        }
        if let Some(first) = &expected.first {
            assert_eq!(&event.first, first, "{what}: {event:#?}");
        }
        for sign in &expected.evidence {
            assert!(event.signs.contains(sign), "{what}: no {sign} in {:?}", event.signs);
        }
    }
    assert!(found.is_empty(), "{what}: nobody expected {found:#?}");
    if let Some(outages) = scenario.outages {
        assert_eq!(ledger.outages.len(), outages, "{what}");
    }
}

/// Longer windows are not asked second by second.
const ORACLE_LONGEST: Millis = Millis::from_secs(2 * 24 * 3600);

/// Times of a link by asking of every second which span covers it.
fn second_by_second(ledger: &Ledger, link: &LinkId, window: Window) -> StateTimes {
    let mut times = StateTimes::default();
    for at in (window.from.0..window.to.0).step_by(1000) {
        let state = ledger.state_at(link, UtcMs(at)).unwrap_or(phusong_model::LinkState::Blind);
        times.add(state, Millis(1000));
    }
    times
}

fn check_accounts(scenario: &Scenario, world: &World) {
    let window = Window::new(BEGIN, world.until());
    for (link, spans) in &world.ledger.spans {
        let times = account(spans, BEGIN, window);
        assert_eq!(times.total(), window.length(), "{}: {link}", scenario.what);
        if window.length() > ORACLE_LONGEST {
            continue;
        }
        let oracle = second_by_second(&world.ledger, link, window);
        // A second belongs to the state of its beginning, so each span may differ by one.
        let allowed = spans.len() as i64 * 1000;
        for (a, b) in [
            (times.up, oracle.up),
            (times.down, oracle.down),
            (times.blind, oracle.blind),
            (times.maintenance, oracle.maintenance),
            (times.degraded, oracle.degraded),
        ] {
            assert!((a.0 - b.0).abs() <= allowed, "{}: {link}: {times:?} and {oracle:?}", scenario.what);
        }
    }
    for expected in &scenario.account {
        let spans = &world.ledger.spans[&id(&expected.link)];
        let times = account(spans, BEGIN, window);
        let near = |found: Millis, seconds: f64| (found.0 as f64 / 1000.0 - seconds).abs() <= scenario.period as f64;
        let fits = near(times.up, expected.up)
            && near(times.degraded, expected.degraded)
            && near(times.down, expected.down)
            && near(times.blind, expected.blind)
            && near(times.maintenance, expected.maintenance);
        assert!(fits, "{}: {expected:?} but {times:?}\n{spans:#?}", scenario.what);
    }
}

#[test]
fn every_scenario_comes_out_as_its_file_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("scenarios")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut wrong = Vec::new();
    for path in &files {
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let text = fs::read_to_string(path).expect("a scenario");
        let scenario: Scenario = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let played = std::panic::catch_unwind(|| {
            let world = scenario.play();
            check_events(&scenario, &world.ledger);
            check_accounts(&scenario, &world);
        });
        if played.is_err() {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "of {} scenarios these came out otherwise: {wrong:?}", files.len());
    assert!(files.len() >= 40, "{} scenarios", files.len());
}
