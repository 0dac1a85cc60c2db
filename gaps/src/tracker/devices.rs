//! What devices said of themselves and of what hangs on them, as far as it bears on a cause.

use std::collections::{BTreeMap, HashMap};

use phusong_model::{
    Clue, Dbm, DeviceId, IfReading, IfStatus, Inventory, Link, LinkState, Metres, Millis, SensorReading, SensorValue,
    Sign, SiteId, UtcMs,
};

use crate::{DeviceAnswer, DeviceLook, SnmpLook};

/// `sysUpTime` counts hundredths of a second in 32 bits and begins anew after 497 days: that is no restart (RFC 3418).
const UPTIME_WRAP: Millis = Millis(42_949_672_960);

/// Clocks of devices drift, and a poll takes its time: a start this close to the outage's is before it.
const UPTIME_SLACK: Millis = Millis(5_000);

/// Light below this is none: no receiver of an access network works there, and a dark one shows -40 dBm or nothing.
const NO_LIGHT: Dbm = Dbm(-40.0);

/// A loss of light that is more than weather and temperature make, in dB.
const FADED_DB: f64 = 2.0;

/// What was said so long before an outage still bears on it: five polls of what is asked every fifth minute.
const BEARS: Millis = Millis(25 * 60_000);

/// The usual light of an interface follows a new one by this part at each poll: a day of polls a minute apart.
const USUAL_WEIGHT: f64 = 1.0 / 1440.0;

/// What one device said last.
#[derive(Debug, Clone, Default)]
struct Device {
    /// Polls without answer since the last one that was answered.
    silent: u16,
    /// When it last answered, and its uptime then, when it told it.
    answered: Option<(UtcMs, Option<Millis>)>,
    /// The answer before that: the device may have restarted between them.
    before: Option<(UtcMs, Option<Millis>)>,
    /// When it first told its uptime.
    known: Option<UtcMs>,
    /// When an answer last told that it had restarted since the one before.
    restarted: Option<UtcMs>,
    sensors: HashMap<(String, Option<String>), (UtcMs, SensorReading)>,
    interfaces: HashMap<String, Interface>,
}

#[derive(Debug, Clone)]
struct Interface {
    at: UtcMs,
    oper: IfStatus,
    admin: IfStatus,
    rx: Option<Dbm>,
    /// What it usually receives, learned while it was up.
    usual: Option<f64>,
    /// What it received when it was last up.
    last_lit: Option<f64>,
}

/// All devices.
#[derive(Debug, Clone, Default)]
pub(super) struct Devices {
    devices: HashMap<DeviceId, Device>,
    sites: BTreeMap<SiteId, Vec<DeviceId>>,
}

/// The two ends of a link as the inventory names them.
#[derive(Debug, Clone, Default)]
pub(super) struct Ends {
    /// The device whose interface the link is, and the interface.
    near: Option<(DeviceId, String)>,
    /// Devices at its other end: those of its site, and the one that answers at its address.
    far: Vec<DeviceId>,
}

impl Ends {
    pub(super) fn of(link: &Link, inventory: &Inventory) -> Self {
        let at_end = |device: &&phusong_model::Device| {
            Some(device.address) == link.address || (device.site.is_some() && device.site == link.site)
        };
        let far: Vec<DeviceId> = inventory.devices.iter().filter(at_end).map(|device| device.id.clone()).collect();
        let near = link.interface.clone().filter(|(device, _)| !far.contains(device));
        Self { near, far }
    }

    pub(super) const fn near(&self) -> Option<&(DeviceId, String)> {
        self.near.as_ref()
    }
}

impl Devices {
    /// Takes a new inventory; what devices said stays.
    pub(super) fn relink(&mut self, inventory: &Inventory) {
        let mut before = std::mem::take(&mut self.devices);
        self.sites.clear();
        for device in &inventory.devices {
            self.devices.insert(device.id.clone(), before.remove(&device.id).unwrap_or_default());
            if let Some(site) = &device.site {
                self.sites.entry(site.clone()).or_default().push(device.id.clone());
            }
        }
    }

    pub(super) fn take(&mut self, look: &DeviceLook, at: UtcMs) {
        let Some(device) = self.devices.get_mut(&look.device) else { return };
        match look.answer {
            DeviceAnswer::Silent => device.silent = device.silent.saturating_add(1),
            DeviceAnswer::Answered { uptime } => {
                device.silent = 0;
                device.answered(at, uptime);
            }
        }
        for reading in &look.readings {
            device.interface(reading, at);
        }
        for sensor in &look.sensors {
            device.sensors.insert((sensor.sensor.clone(), sensor.row.clone()), (at, sensor.clone()));
        }
    }

    /// Silence that we made ourselves says nothing of devices.
    pub(super) fn forget_silence(&mut self) {
        self.devices.values_mut().for_each(|device| device.silent = 0);
    }

    /// Whether a device answers: up, down after so many unanswered polls, or not known.
    pub(super) fn state(&self, id: &DeviceId, lost: u16) -> Option<LinkState> {
        let device = self.devices.get(id)?;
        match (device.silent, device.answered) {
            (0, Some(_)) => Some(LinkState::Up),
            (silent, _) if silent >= lost => Some(LinkState::Down),
            (_, _) => Some(LinkState::Blind),
        }
    }

    /// When a device last answered.
    pub(super) fn last_answer(&self, id: &DeviceId) -> Option<UtcMs> {
        self.devices.get(id)?.answered.map(|(at, _)| at)
    }

    /// The devices of a site.
    pub(super) fn at_site(&self, site: &SiteId) -> impl Iterator<Item = &DeviceId> {
        self.sites.get(site).into_iter().flatten()
    }

    /// What the OLT says of the ONT that a link is: as its interface would.
    pub(super) fn ont(&self, near: &(DeviceId, String), at: UtcMs) -> Option<SnmpLook> {
        let device = self.devices.get(&near.0)?;
        let state = |sensor: &str| {
            let (seen, reading) = device.sensors.get(&(sensor.to_owned(), Some(near.1.clone())))?;
            let SensorValue::State { name, .. } = &reading.value else { return None };
            name.as_deref().filter(|_| *seen == at)
        };
        let status = match (state("ont-phase"), state("ont-run-status")) {
            (Some("working"), _) | (None, Some("up")) => IfStatus::Up,
            (Some("logging" | "sync-mib"), _) => IfStatus::Testing,
            (Some("los" | "dying-gasp" | "auth-failed" | "offline"), _) | (None, Some("down")) => IfStatus::Down,
            (Some(_), _) | (None, Some(_)) => IfStatus::Unknown,
            (None, None) => return None,
        };
        Some(SnmpLook::Interface(status))
    }

    /// What the near and the far end say of an outage that began at `start`.
    pub(super) fn clues(&self, ends: &Ends, start: UtcMs) -> Vec<Clue> {
        let mut clues = Vec::new();
        if let Some((id, ifname)) = &ends.near
            && let Some(device) = self.devices.get(id)
        {
            device.near_end(id, ifname, start, &mut clues);
            device.of_ont(id, ifname, start, &mut clues);
        }
        for id in &ends.far {
            if let Some(device) = self.devices.get(id) {
                device.supply(id, start, &mut clues);
            }
        }
        clues
    }

    /// What the far end tells of an outage from `start` to `end` once it answers again.
    pub(super) fn came_back(&self, ends: &Ends, start: UtcMs, end: UtcMs) -> Vec<Clue> {
        let told = ends.far.iter().filter_map(|id| {
            let device = self.devices.get(id).filter(|device| !device.is_supply())?;
            let (at, uptime) = device.answered.filter(|(at, _)| *at >= end)?;
            let uptime = device.unwrapped(at, uptime?);
            let restarted = device.restarted_after(start, at.minus(uptime))?;
            let device = id.clone();
            let sign = if restarted { Sign::Restarted { device, uptime } } else { Sign::StayedUp { device, uptime } };
            Some(Clue { at, sign })
        });
        told.collect()
    }
}

/// How far an uptime may be from what is expected after so long.
const fn slack(elapsed: Millis) -> u64 {
    UPTIME_SLACK.0.unsigned_abs() + elapsed.0.unsigned_abs() / 100
}

impl Device {
    fn answered(&mut self, at: UtcMs, uptime: Option<Millis>) {
        self.before = self.answered.replace((at, uptime));
        if let (Some((then, Some(uptime_then))), Some(now)) = (self.before, uptime) {
            let elapsed = at.since(then);
            let went_on = uptime_then + elapsed;
            let is_less = |uptime: Millis| (went_on.0 - uptime.0) > 0 && went_on.0.abs_diff(uptime.0) > slack(elapsed);
            if is_less(now) && went_on.0.abs_diff((now + UPTIME_WRAP).0) > slack(elapsed) {
                self.restarted = Some(at);
            }
        }
        if uptime.is_some() {
            self.known.get_or_insert(at);
        }
    }

    /// The uptime at the last answer with the 497 days that its counter forgot, if it has gone on from the answer before.
    fn unwrapped(&self, at: UtcMs, uptime: Millis) -> Millis {
        let Some((then, Some(uptime_then))) = self.before else { return uptime };
        let elapsed = at.since(then);
        let wrapped = uptime + UPTIME_WRAP;
        if (uptime_then + elapsed).0.abs_diff(wrapped.0) <= slack(elapsed) { wrapped } else { uptime }
    }

    /// Whether it restarted in an outage that began at `start`, having booted at `booted`. A boot that is as near to the
    /// start as clocks are apart may be what began the outage, or be before it: then the answers before tell, and where
    /// there are none nothing does.
    fn restarted_after(&self, start: UtcMs, booted: UtcMs) -> Option<bool> {
        if booted > start.plus(UPTIME_SLACK) {
            Some(true)
        } else if booted < start.minus(UPTIME_SLACK) {
            Some(false)
        } else if self.restarted.is_some_and(|seen| seen > start) {
            Some(true)
        } else {
            self.known.filter(|known| *known <= start).map(|_| false)
        }
    }

    fn interface(&mut self, reading: &IfReading, at: UtcMs) {
        let before = self.interfaces.get(&reading.ifname);
        let lit = reading.rx.map(|rx| rx.0).filter(|rx| reading.oper == IfStatus::Up && *rx > NO_LIGHT.0);
        let usual = match (before.and_then(|before| before.usual), lit) {
            (Some(usual), Some(lit)) => Some(usual + (lit - usual) * USUAL_WEIGHT),
            (usual, lit) => usual.or(lit),
        };
        let last_lit = lit.or_else(|| before.and_then(|before| before.last_lit));
        let (oper, admin, rx) = (reading.oper, reading.admin, reading.rx);
        self.interfaces.insert(reading.ifname.clone(), Interface { at, oper, admin, rx, usual, last_lit });
    }

    fn near_end(&self, id: &DeviceId, ifname: &str, start: UtcMs, clues: &mut Vec<Clue>) {
        let Some(interface) = self.interfaces.get(ifname).filter(|interface| interface.at >= start) else { return };
        let at = interface.at;
        if interface.admin == IfStatus::Down {
            clues.push(Clue { at, sign: Sign::InterfaceShut { device: id.clone() } });
            return;
        }
        if matches!(interface.oper, IfStatus::Down | IfStatus::LowerLayerDown | IfStatus::NotPresent) {
            clues.push(Clue { at, sign: Sign::InterfaceDown { device: id.clone() } });
            if interface.rx.is_some_and(|rx| rx.0 <= NO_LIGHT.0) {
                clues.push(Clue { at, sign: Sign::NoLight { device: id.clone(), rx: interface.rx } });
            }
        }
        if let (Some(usual), Some(last)) = (interface.usual, interface.last_lit)
            && usual - last >= FADED_DB
        {
            clues.push(Clue { at, sign: Sign::LightFaded { device: id.clone(), db: usual - last } });
        }
    }

    /// A state that a sensor told since `since`.
    fn state_of(&self, sensor: &str, row: Option<&str>, since: UtcMs) -> Option<(UtcMs, &str)> {
        let (at, reading) = self.sensors.get(&(sensor.to_owned(), row.map(str::to_owned)))?;
        match &reading.value {
            SensorValue::State { name: Some(name), .. } if *at >= since => Some((*at, name)),
            SensorValue::State { .. } | SensorValue::Number { .. } => None,
        }
    }

    /// A UPS or a rectifier lives on its own battery: that it stayed up says nothing of the power of others.
    fn is_supply(&self) -> bool {
        let supply = |(sensor, _): &(String, Option<String>)| {
            matches!(sensor.as_str(), "mains" | "output-source" | "battery-status")
        };
        self.sensors.keys().any(supply)
    }

    fn number_of(&self, sensor: &str, row: Option<&str>) -> Option<f64> {
        let (_, reading) = self.sensors.get(&(sensor.to_owned(), row.map(str::to_owned)))?;
        match reading.value {
            SensorValue::Number { value, .. } => Some(value),
            SensorValue::State { .. } => None,
        }
    }

    /// Whether the OLT has said since `start` that this ONT is dark.
    fn ont_is_dark(&self, row: &str, start: UtcMs) -> Option<(UtcMs, bool)> {
        let phase = self.state_of("ont-phase", Some(row), start).map(|(at, phase)| (at, phase != "working"));
        phase.or_else(|| self.state_of("ont-run-status", Some(row), start).map(|(at, state)| (at, state == "down")))
    }

    fn of_ont(&self, id: &DeviceId, row: &str, start: UtcMs, clues: &mut Vec<Clue>) {
        let Some((at, true)) = self.ont_is_dark(row, start) else { return };
        let phase = self.state_of("ont-phase", Some(row), start).map(|(_, phase)| phase);
        let last = self.state_of("ont-last-down-cause", Some(row), start).map(|(_, cause)| cause);
        let device = id.clone();
        match (phase, last) {
            (Some("dying-gasp"), _) | (_, Some("dying-gasp")) => {
                clues.push(Clue { at, sign: Sign::DyingGasp { device } });
            }
            (Some("auth-failed"), _) => clues.push(Clue { at, sign: Sign::NotRegistered { device } }),
            (Some("los"), _) | (_, Some("los" | "lof")) => {
                clues.push(Clue { at, sign: Sign::NoLight { device, rx: None } });
                self.port(id, row, start, at, clues);
            }
            (Some(_) | None, _) => {}
        }
    }

    /// What the other ONTs of the same PON port show: they hang on the same fibre up to the break.
    fn port(&self, id: &DeviceId, row: &str, start: UtcMs, at: UtcMs, clues: &mut Vec<Clue>) {
        let Some((port, _)) = row.rsplit_once('.') else { return };
        let rows = self.sensors.keys().filter_map(|(sensor, row)| {
            let row = row.as_deref()?;
            (matches!(sensor.as_str(), "ont-phase" | "ont-run-status") && row.rsplit_once('.')?.0 == port)
                .then_some(row)
        });
        let (mut dark, mut lit): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for row in rows {
            let gasped =
                self.state_of("ont-last-down-cause", Some(row), start).is_some_and(|(_, why)| why == "dying-gasp");
            match self.ont_is_dark(row, start) {
                Some((_, true)) if !gasped => dark.push(row),
                Some((_, false)) => lit.push(row),
                Some((_, true)) | None => {}
            }
        }
        if dark.len() < 2 {
            return;
        }
        let count = |rows: &[&str]| u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let sign = Sign::PortDark { device: id.clone(), dark: count(&dark), lit: count(&lit) };
        clues.push(Clue { at, sign });
        let metres = |rows: &[&str]| -> Vec<f64> {
            rows.iter()
                .filter_map(|row| self.number_of("ont-distance", Some(row)).filter(|metres| *metres > 0.0))
                .collect()
        };
        let (works, lost) = (metres(&lit), metres(&dark));
        let from = works.iter().copied().fold(0.0, f64::max);
        let to = lost.iter().copied().fold(f64::INFINITY, f64::min);
        // Where a working ONT is farther than a dark one, the break is in a branch and distances do not tell where.
        if to.is_finite() && from < to {
            clues.push(Clue { at, sign: Sign::Break { device: id.clone(), from: Metres(from), to: Metres(to) } });
        }
    }

    /// What the site's supply said last before the outage, or says in it.
    fn supply(&self, id: &DeviceId, start: UtcMs, clues: &mut Vec<Clue>) {
        let since = start.minus(BEARS);
        let device = || id.clone();
        if let Some((at, state)) = self.state_of("mains", None, since) {
            let sign = if state == "offline" {
                Sign::MainsOff { device: device() }
            } else {
                Sign::MainsOn { device: device() }
            };
            // Mains that were on before say nothing of what happened then.
            if state == "offline" || at >= start {
                clues.push(Clue { at, sign });
            }
        }
        let source = self.state_of("output-source", None, since);
        let status = self.state_of("battery-status", None, since).map(|(_, status)| status);
        match source {
            Some((at, "battery")) => {
                let left = self.number_of("minutes-remaining", None).map(|minutes| Millis((minutes * 60_000.0) as i64));
                let low = matches!(status, Some("low" | "depleted"));
                clues.push(Clue { at, sign: Sign::OnBattery { device: device(), left, low } });
            }
            Some((at, "normal")) if at >= start => clues.push(Clue { at, sign: Sign::MainsOn { device: device() } }),
            Some(_) | None => {}
        }
    }
}
