//! The worst night on record, in the shape of September 2024 in Lào Cai: 938 fibre routes and 1,221 stations over twelve
//! hours. The mains fail district by district, batteries run out in an order of their own, 117 routes are cut in between,
//! and our own uplink fails twice.

use std::collections::{HashMap, HashSet};

use phusong_model::{
    Cause, Commune, Device, Inventory, Link, LinkId, LinkKind, Micros, Millis, ProfileGrade, SensorReading, SensorUnit,
    SensorValue, Site, SiteKind, SnmpAccess, Window,
};

use super::{
    scenario::{BEGIN, instant},
    script::{id, link},
    world::{Beat, Eyes, World},
};
use crate::{DeviceAnswer, DeviceLook, account};

const ROUTES: usize = 938;
const TRUNKS: usize = 60;
const STATIONS: usize = 1_221;
const CUT: usize = 117;
const DISTRICTS: usize = 9;
const HOURS: i64 = 12;
const PERIOD: i64 = 60;

/// When nobody here could look.
const BLIND: [(i64, i64); 2] = [(9_000, 10_200), (27_000, 28_800)];

/// Xorshift, so that the night is the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides) as i64
    }
}

/// A stretch of seconds.
type Stretch = (i64, i64);

struct Night {
    /// The trunk that carries a route, and the route that carries a station.
    trunk_of: Vec<usize>,
    route_of: Vec<usize>,
    /// When a route is cut.
    cuts: HashMap<usize, Stretch>,
    /// When the mains of a district are off.
    mains: Vec<Stretch>,
    /// How long the battery of a station lasts.
    battery: Vec<i64>,
}

impl Night {
    fn from_seed(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut cuts = HashMap::new();
        while cuts.len() < CUT {
            let from = 1_800 + dice.roll(25_000);
            // Crews reach some within the hour and others not before evening.
            cuts.insert(dice.roll(ROUTES as u64) as usize, (from, from + 2_400 + dice.roll(12_000)));
        }
        let mains = (0..DISTRICTS as i64).map(|district| {
            let from = 1_200 + district * 2_100 + dice.roll(900);
            (from, from + 16_000 + dice.roll(8_000))
        });
        let mains: Vec<Stretch> = mains.collect();
        Self {
            trunk_of: (0..ROUTES)
                .map(|route| if route < TRUNKS { route } else { dice.roll(TRUNKS as u64) as usize })
                .collect(),
            route_of: (0..STATIONS).map(|_| dice.roll(ROUTES as u64) as usize).collect(),
            cuts,
            mains,
            battery: (0..STATIONS).map(|_| 3_600 + dice.roll(20_000)).collect(),
        }
    }

    const fn district(station: usize) -> usize {
        station % DISTRICTS
    }

    /// When a station has no power: from the end of its battery to the return of the mains.
    fn dead(&self, station: usize) -> Option<Stretch> {
        let (off, on) = self.mains[Self::district(station)];
        let from = off + self.battery[station];
        (from < on).then_some((from, on))
    }

    fn is_cut(&self, route: usize, second: f64) -> bool {
        let within =
            |route: usize| self.cuts.get(&route).is_some_and(|(from, to)| (*from as f64..*to as f64).contains(&second));
        within(route) || within(self.trunk_of[route])
    }

    fn loses(&self, link: &LinkId, second: f64) -> bool {
        let (kind, number) = link.as_str().split_at(1);
        let number: usize = number.parse().expect("a number");
        if kind == "r" {
            return self.is_cut(number, second);
        }
        let dead = self.dead(number).is_some_and(|(from, to)| (from as f64..to as f64).contains(&second));
        dead || self.is_cut(self.route_of[number], second)
    }

    /// What the supply and the router of a station answer at this second, if anything gets through.
    fn polled(&self, station: usize, second: i64) -> [DeviceLook; 2] {
        let name = |kind: &str| format!("{kind}{station}").parse().expect("device id");
        let reachable = !self.loses(&id(&format!("s{station}")), second as f64);
        let started = self.dead(station).filter(|(_, on)| second >= *on).map_or(-1_000_000, |(_, on)| on);
        let (off, on) = self.mains[Self::district(station)];
        let on_battery = (off..on).contains(&second);
        let state = |sensor: &str, state: &str| SensorReading {
            sensor: sensor.to_owned(),
            row: None,
            value: SensorValue::State { code: 0, name: Some(state.to_owned()) },
            grade: ProfileGrade::Documented,
        };
        let left = (off + self.battery[station] - second).max(0) as f64 / 60.0;
        let sensors = vec![
            state("output-source", if on_battery { "battery" } else { "normal" }),
            state("battery-status", if on_battery && left < 10.0 { "low" } else { "normal" }),
            SensorReading {
                value: SensorValue::Number { value: left.min(600.0), unit: SensorUnit::Minute },
                ..state("minutes-remaining", "")
            },
        ];
        let look = |kind, sensors| DeviceLook {
            device: name(kind),
            answer: if reachable {
                DeviceAnswer::Answered { uptime: Some(Millis((second - started) * 1000)) }
            } else {
                DeviceAnswer::Silent
            },
            readings: Vec::new(),
            sensors: if reachable { sensors } else { Vec::new() },
        };
        [look("u", sensors), look("q", Vec::new())]
    }

    /// The hub router at the end of a route, which has a large battery.
    fn hub(&self, route: usize, second: i64) -> DeviceLook {
        let reachable = !self.is_cut(route, second as f64);
        let uptime = Some(Millis((second + 5_000_000) * 1000));
        DeviceLook {
            device: format!("h{route}").parse().expect("device id"),
            answer: if reachable { DeviceAnswer::Answered { uptime } } else { DeviceAnswer::Silent },
            readings: Vec::new(),
            sensors: Vec::new(),
        }
    }

    fn inventory(&self) -> Inventory {
        let mut inventory = Inventory::default();
        for district in 0..DISTRICTS {
            inventory.communes.push(Commune {
                district: Some(format!("huyện {district}")),
                ..Commune::new(format!("{:05}", district + 1).parse().expect("code"), format!("xã {district}"))
            });
        }
        for route in 0..ROUTES {
            let upstream = (route >= TRUNKS).then(|| format!("r{}", self.trunk_of[route]));
            let upstream: Vec<&str> = upstream.iter().map(String::as_str).collect();
            add(&mut inventory, &format!("hub{route}"), &[format!("h{route}")]);
            let site = format!("hub{route}").parse().ok();
            inventory.links.push(Link { kind: LinkKind::Feeder, site, ..link(&format!("r{route}"), &upstream) });
        }
        for station in 0..STATIONS {
            add(&mut inventory, &format!("bts{station}"), &[format!("u{station}"), format!("q{station}")]);
            let upstream = format!("r{}", self.route_of[station]);
            let operators = ["viettel", "vnpt", "mobifone"];
            inventory.links.push(Link {
                kind: LinkKind::Backhaul,
                site: format!("bts{station}").parse().ok(),
                commune: format!("{:05}", Self::district(station) + 1).parse().ok(),
                operator: operators[station % 3].parse().ok(),
                ..link(&format!("s{station}"), &[&upstream])
            });
        }
        inventory
    }

    /// Whether a verdict is right. Where both happened in one outage, the crew is needed for either.
    fn is_right(&self, link: &LinkId, from: i64, to: i64, cause: &Cause) -> bool {
        let (kind, number) = link.as_str().split_at(1);
        let number: usize = number.parse().expect("a number");
        let meets = |stretch: Stretch| stretch.0 <= to + PERIOD && from <= stretch.1 + PERIOD;
        let route = if kind == "r" { number } else { self.route_of[number] };
        let trunk = self.trunk_of[route];
        let own = self.cuts.get(&route).is_some_and(|cut| meets(*cut));
        let above = trunk != route && self.cuts.get(&trunk).is_some_and(|cut| meets(*cut));
        let dead = kind == "s" && self.dead(number).is_some_and(meets);
        match cause {
            Cause::Fibre => kind == "r" && own,
            Cause::Power => dead,
            Cause::Upstream { .. } => {
                if kind == "r" {
                    above
                } else {
                    own || above
                }
            }
            Cause::Unknown | Cause::Equipment | Cause::Prober | Cause::Maintenance => false,
        }
    }
}

fn add(inventory: &mut Inventory, site: &str, devices: &[String]) {
    inventory.sites.push(Site {
        id: site.parse().expect("site id"),
        kind: SiteKind::Hub,
        name: site.to_owned(),
        commune: None,
        operator: None,
        at: None,
        backhaul: Vec::new(),
        reported: None,
    });
    for device in devices {
        let number = inventory.devices.len() as u32;
        inventory.devices.push(Device {
            id: device.parse().expect("device id"),
            name: device.clone(),
            site: site.parse().ok(),
            address: std::net::Ipv4Addr::from_bits(0x7f20_0000 + number).into(),
            snmp: SnmpAccess { port: 161, credential: "x".to_owned(), profile: None },
        });
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "the figures of the night are worth reading")]
fn a_storm_is_told_apart_into_power_fibre_and_ourselves() {
    let night = Night::from_seed(20_240_910);
    let mut world = World::start(night.inventory(), Millis(PERIOD * 1000), true);
    for second in (0..HOURS * 3600).step_by(PERIOD as usize) {
        let is_blind = BLIND.iter().any(|(from, to)| (*from..*to).contains(&second));
        let stations = (0..STATIONS).filter(|station| second / PERIOD % 5 == *station as i64 % 5);
        let mut polled: Vec<DeviceLook> = stations.flat_map(|station| night.polled(station, second)).collect();
        let hubs = (0..ROUTES).filter(|route| second / PERIOD % 5 == *route as i64 % 5);
        polled.extend(hubs.map(|route| night.hub(route, second)));
        world.tick(&Beat {
            at: instant(second as f64),
            second: second as f64,
            eyes: if is_blind { Eyes::Anchors } else { Eyes::Open },
            polled,
            answers: &|link, at, _| (!night.loses(link, at)).then_some(Micros(5_000)),
        });
    }

    let ledger = &world.ledger;
    let seconds = |at: phusong_model::UtcMs| at.since(BEGIN).0 / 1000;
    let (mut right, mut wrong_fibre, mut causes) = (0, 0, HashMap::<&str, usize>::new());
    for outage in &ledger.outages {
        let (from, to) = (seconds(outage.start), outage.end.map_or(HOURS * 3600, seconds));
        let is_right = night.is_right(&outage.link, from, to, &outage.verdict.cause);
        right += usize::from(is_right);
        wrong_fibre += usize::from(!is_right && outage.verdict.cause == Cause::Fibre);
        *causes.entry(outage.verdict.cause.id()).or_default() += 1;
    }
    let events: HashSet<_> = ledger.outages.iter().map(|outage| outage.event).collect();
    let share = right as f64 / ledger.outages.len() as f64;
    println!(
        "{} outages in {} events, {causes:?}: {share:.4} right, {wrong_fibre} wrong fibre",
        ledger.outages.len(),
        events.len()
    );
    assert!(share >= 0.95, "{share}");
    assert_eq!(wrong_fibre, 0);
    let begun_blind = ledger
        .outages
        .iter()
        .filter(|outage| BLIND.iter().any(|(from, to)| (from + PERIOD..*to).contains(&seconds(outage.start))));
    assert_eq!(begun_blind.count(), 0, "nothing begins while we are blind");
    for outage in ledger.outages.iter().filter(|outage| outage.verdict.cause.carrier().is_some()) {
        let known = ledger.events.iter().find(|event| event.id == outage.event);
        assert!(known.is_some_and(|event| event.by.is_some()), "{outage:?} stands alone");
    }

    let window = Window::new(BEGIN, world.until());
    for (link, spans) in &ledger.spans {
        let times = account(spans, BEGIN, window);
        assert_eq!(times.total(), window.length(), "{link}");
        let blind: i64 = BLIND.iter().map(|(from, to)| (to - from) * 1000).sum();
        assert!(times.blind.0 >= blind, "{link}: {times:?}");
    }
}
