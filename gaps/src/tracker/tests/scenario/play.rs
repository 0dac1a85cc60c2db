//! A scenario file becomes an inventory, and what links and devices show second by second.

use std::collections::BTreeMap;

use phusong_model::{
    Commune, Device, IfReading, IfStatus, Inventory, Link, LinkId, Maintenance, Micros, Millis, ProfileGrade, Repeat,
    SensorReading, SensorUnit, SensorValue, Site, SiteKind, SnmpAccess, UtcMs, Window,
};

use super::form::{CommuneRow, DeviceRow, LinkRow, MaintenanceRow, Says, Scenario, SiteRow};
use crate::{
    DeviceAnswer, DeviceLook,
    tracker::tests::{
        script::{id, link},
        world::{Beat, Eyes, World},
    },
};

/// When a scenario begins, on the wall clock.
pub(in crate::tracker::tests) const BEGIN: UtcMs = UtcMs(1_795_000_000_000);

pub(in crate::tracker::tests) fn instant(seconds: f64) -> UtcMs {
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

    /// The round-trip time of an echo that was sent at this second to this link.
    fn answers(&self, link: &LinkId, second: f64, chance: u64) -> Option<Micros> {
        if self.loses(link, second, chance) {
            return None;
        }
        let usual = self.link.iter().find(|row| row.id == link.as_str()).map_or(0.0, |row| row.rtt);
        let jitter = usual * ((chance / 100 % 200) as f64 / 1000.0 - 0.1);
        let slow = self.slow.iter().filter(|slow| {
            let hit = slow.links.iter().any(|name| name == link.as_str()) && (slow.from..slow.to).contains(&second);
            hit && chance / 7 % 100 < slow.percent
        });
        let more = slow.map(|slow| {
            let first = slow.growing_from.unwrap_or(slow.by);
            first + (slow.by - first) * (second - slow.from) / (slow.to - slow.from)
        });
        let millis = usual + jitter + more.sum::<f64>();
        Some(Micros((millis * 1000.0) as u32))
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
    pub(super) fn play(&self) -> World {
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
                answers: &|link, at, chance| self.answers(link, at, chance),
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
            groups: self.groups.iter().map(|group| group.parse().expect("a group")).collect(),
            upstream: names.iter().map(|name| name.parse().expect("a carrier")).collect(),
            ..link(&self.id, &[])
        }
    }
}

fn commune(row: &CommuneRow) -> Commune {
    Commune { district: row.district.clone(), ..Commune::new(row.code.parse().expect("code"), row.code.clone()) }
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
    let repeat = row.every.map(|every| Repeat { every, until: None });
    Maintenance { scope: row.scope.clone(), window, repeat, why: row.why.clone() }
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
