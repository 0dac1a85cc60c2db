//! What the configuration's values must fulfil, alone and together. Nothing here looks at a file.

use std::{collections::BTreeMap, net::IpAddr, path::Path, time::Duration};

use super::{ByteSize, Config, IcmpConfig, RuleConfig, Seconds, ServiceConfig, StoreConfig, source::Source};
use crate::{LinkId, findings::Findings, hostile::is_hostile, network::refused_address};

/// The longest period: an outage that is seen an hour late helps nobody.
const PERIOD_MAX: Duration = Duration::from_secs(3600);

/// The longest period of services: what their servers showed counts as present for three of them.
const SERVICE_PERIOD_MAX: Duration = Duration::from_secs(300);

/// Echoes of one round; more would load a slow rural line for a figure that does not get better.
const ECHOES_MAX: u16 = 20;

/// The shortest time between echoes to one address, and the shortest time-out: routers limit answers to faster ones.
const SPACING_MIN: Duration = Duration::from_millis(10);

/// Echoes that a rule can look back on; the tracker keeps so many for each link.
const RULE_WINDOW_MAX: u16 = 40;

/// Repeats of an SNMP request.
const RETRIES_MAX: u8 = 5;

/// Anchors that are pinged with every round.
const ANCHORS_MAX: usize = 16;

/// The longest path of a Unix socket that the kernel takes, in bytes (`sun_path` with its closing zero).
const SOCKET_PATH_MAX: usize = 107;

/// The shortest time that anything is kept: an hour is made of its minutes when it is over.
const KEEP_MIN: Duration = Duration::from_secs(86_400);

/// The longest time: a hundred years.
const KEEP_MAX: Duration = Duration::from_secs(36_525 * 86_400);

/// The smallest store: an hour of a province, and room for its links and states.
const STORE_SIZE_MIN: ByteSize = ByteSize::mebibytes(64);

/// Names in the configuration, in bytes.
pub(super) const NAME_MAX: usize = 200;

/// Where faults of values are collected with their places.
pub(super) struct Judge<'a, 't> {
    pub source: &'a Source<'t>,
    pub findings: &'a mut Findings,
}

impl Judge<'_, '_> {
    /// Reports the value at a dotted path.
    pub fn refuse(&mut self, path: &str, message: &str, hint: impl Into<String>) {
        if let Some(fault) = self.source.fault_at(path, message, hint) {
            self.findings.push(fault);
        }
    }

    /// Reports the value at a dotted path unless `fine`.
    pub fn require(&mut self, fine: bool, path: &str, message: &str, hint: &str) {
        if !fine {
            self.refuse(path, message, hint);
        }
    }

    /// Refuses a name that is empty, too long or not printable.
    pub fn name(&mut self, path: &str, name: &str) {
        let fine = !name.trim().is_empty() && name.len() <= NAME_MAX && !name.chars().any(is_hostile);
        let message = format!("this must be a text of 1 to {NAME_MAX} bytes without control characters");
        self.require(fine, path, &message, "write the name as people read it");
    }

    /// Refuses a length of time outside a range.
    pub fn time(&mut self, path: &str, value: Seconds, range: (Duration, Duration)) -> bool {
        let fine = (range.0..=range.1).contains(&value.0);
        if !fine {
            let (from, to) = (String::from(Seconds(range.0)), String::from(Seconds(range.1)));
            self.refuse(path, "this length of time is out of range", format!("choose {from} to {to}"));
        }
        fine
    }

    /// Refuses a period that is not whole seconds from one second to one hour.
    pub fn period(&mut self, path: &str, value: Seconds) -> bool {
        let fine = self.time(path, value, (Duration::from_secs(1), PERIOD_MAX));
        if fine && value.0.subsec_nanos() != 0 {
            self.refuse(path, "a period is whole seconds", "choose 1s, 2s, 5s, 10s, 30s, 1m …");
        }
        fine
    }

    fn count(&mut self, path: &str, value: u16, range: (u16, u16)) -> bool {
        let fine = (range.0..=range.1).contains(&value);
        if !fine {
            let message = format!("{value} is out of range");
            self.refuse(path, &message, format!("choose {} to {}", range.0, range.1));
        }
        fine
    }
}

/// Judges everything that can be judged without looking at files.
pub(super) fn judge(config: &Config, judge: &mut Judge<'_, '_>) {
    if let Err(error) = config.vantage.parse::<LinkId>() {
        judge.refuse("vantage", &error.to_string(), "this becomes a tag of every series: choose a short id");
    }
    judge.name("inventory.province", &config.inventory.province);
    path(judge, "inventory.folder", &config.inventory.folder);
    store(judge, &config.store);
    icmp(judge, &config.icmp);
    rule(judge, &config.rule);
    service(judge, &config.service);
    snmp(judge, config);
    traps(judge, config);
    api(judge, config);
    super::references::judge(config, judge);
}

fn path(judge: &mut Judge<'_, '_>, key: &str, path: &Path) {
    judge.require(!path.as_os_str().is_empty(), key, "this path is empty", "name a folder");
}

/// Each level stays at least as long as the finer one, from which it is made, and long enough to be made.
fn store(judge: &mut Judge<'_, '_>, store: &StoreConfig) {
    path(judge, "store.folder", &store.folder);
    let levels = [
        ("store.keep_samples", store.keep_samples, KEEP_MIN),
        ("store.keep_minutes", store.keep_minutes, store.keep_samples.0),
        ("store.keep_hours", store.keep_hours, store.keep_minutes.0),
    ];
    for (key, kept, at_least) in levels {
        judge.time(key, kept, (at_least.clamp(KEEP_MIN, KEEP_MAX), KEEP_MAX));
    }
    let hint = format!("choose {} or more", String::from(STORE_SIZE_MIN));
    judge.require(store.size >= STORE_SIZE_MIN, "store.size", "this size is too small", &hint);
}

fn icmp(judge: &mut Judge<'_, '_>, icmp: &IcmpConfig) {
    let limits = (SPACING_MIN, PERIOD_MAX);
    // All are judged before they are added up, so that the sum cannot overflow.
    let fine = [
        judge.period("icmp.period", icmp.period),
        judge.count("icmp.echoes", icmp.echoes, (1, ECHOES_MAX)),
        judge.time("icmp.spacing", icmp.spacing, limits),
        judge.time("icmp.timeout", icmp.timeout, limits),
        judge.count("icmp.reprobe", icmp.reprobe, (1, ECHOES_MAX)),
        judge.time("icmp.reprobe_spacing", icmp.reprobe_spacing, limits),
        judge.time("icmp.late", icmp.late, limits),
    ];
    if fine.iter().all(|fine| *fine) && icmp.tick_length() > icmp.period.0 {
        let message =
            format!("a round with its re-probe takes {} s, longer than the period", icmp.tick_length().as_secs_f64());
        judge.refuse("icmp.period", &message, "lengthen period, or shorten timeout, spacing or the number of echoes");
    }
    anchors(judge, &icmp.anchors);
}

impl IcmpConfig {
    /// The longest time from the first echo of a round to the end of its re-probe. Links start up to one spacing apart,
    /// so that a round is no burst.
    #[must_use]
    pub fn tick_length(&self) -> Duration {
        let stretch =
            |echoes: u16, spacing: Seconds| spacing.0.saturating_mul(u32::from(echoes)).saturating_add(self.timeout.0);
        stretch(self.echoes, self.spacing).saturating_add(stretch(self.reprobe, self.reprobe_spacing))
    }
}

fn anchors(judge: &mut Judge<'_, '_>, anchors: &[IpAddr]) {
    let mut first: BTreeMap<IpAddr, usize> = BTreeMap::new();
    for (index, address) in anchors.iter().enumerate().take(ANCHORS_MAX) {
        let path = format!("icmp.anchors.{index}");
        if let Some(reason) = refused_address(*address) {
            judge.refuse(&path, &format!("{address} {reason}"), "give the address of the gateway or another router");
        }
        if first.insert(*address, index).is_some() {
            judge.refuse(&path, &format!("{address} stands here twice"), "remove one of them");
        }
    }
    let message = format!("{} anchors are too many", anchors.len());
    judge.require(anchors.len() <= ANCHORS_MAX, "icmp.anchors", &message, "keep the nearest 16 or fewer");
}

fn rule(judge: &mut Judge<'_, '_>, rule: &RuleConfig) {
    for (part, part_key, whole, whole_key) in [
        (rule.down_lost, "down_lost", rule.down_of, "down_of"),
        (rule.up_received, "up_received", rule.up_of, "up_of"),
        (rule.degraded_lost, "degraded_lost", rule.degraded_of, "degraded_of"),
    ] {
        let fine = [
            judge.count(&format!("rule.{part_key}"), part, (1, RULE_WINDOW_MAX)),
            judge.count(&format!("rule.{whole_key}"), whole, (1, RULE_WINDOW_MAX)),
        ];
        if fine == [true, true] && part > whole {
            let message = format!("{part} of {whole} can never happen");
            judge.refuse(&format!("rule.{part_key}"), &message, format!("{part_key} is at most {whole_key}"));
        }
    }
    judge.count("rule.snmp_lost", rule.snmp_lost, (1, RULE_WINDOW_MAX));
}

fn service(judge: &mut Judge<'_, '_>, service: &ServiceConfig) {
    let limits = (SPACING_MIN, PERIOD_MAX);
    judge.time("service.period", service.period, (Duration::from_secs(1), SERVICE_PERIOD_MAX));
    judge.count("service.attempts", service.attempts, (1, ECHOES_MAX));
    judge.time("service.spacing", service.spacing, limits);
    judge.time("service.timeout", service.timeout, limits);
    let empty = service.ca_file.as_ref().is_some_and(|file| file.as_os_str().is_empty());
    judge.require(!empty, "service.ca_file", "this path is empty", "name a file of certificates in PEM");
}

fn snmp(judge: &mut Judge<'_, '_>, config: &Config) {
    let snmp = &config.snmp;
    let empty = snmp.profiles.as_ref().is_some_and(|folder| folder.as_os_str().is_empty());
    judge.require(!empty, "snmp.profiles", "this path is empty", "name a folder of profiles, or remove the key");
    let fine = [
        judge.period("snmp.period", snmp.period),
        judge.time("snmp.timeout", snmp.timeout, (SPACING_MIN, PERIOD_MAX)),
        snmp.retries <= RETRIES_MAX,
    ];
    judge.require(fine[2], "snmp.retries", "too many repeats", "choose 0 to 5");
    let waiting = snmp.timeout.0.saturating_mul(u32::from(snmp.retries) + 1);
    if fine == [true; 3] && waiting > snmp.period.0 {
        let message = format!("a silent device is waited for {} s, longer than the period", waiting.as_secs_f64());
        judge.refuse("snmp.period", &message, "lengthen period, or shorten timeout or retries");
    }
}

fn traps(judge: &mut Judge<'_, '_>, config: &Config) {
    let Some(listen) = config.traps.listen else { return };
    let hint = "name the port that devices send to, as in: listen = \"0.0.0.0:1162\"";
    judge.require(listen.port() != 0, "traps.listen", "port 0 is no port that a device can send to", hint);
    let hint = "add a [[snmp.credential]] with the community or user of the traps, or remove this key";
    let known = !config.snmp.credential.is_empty();
    judge.require(known, "traps.listen", "without a credential every trap would be refused", hint);
}

fn api(judge: &mut Judge<'_, '_>, config: &Config) {
    path(judge, "api.socket", &config.api.socket);
    let length = config.api.socket.as_os_str().len();
    let message = format!("a socket's path has at most {SOCKET_PATH_MAX} bytes, this one has {length}");
    judge.require(length <= SOCKET_PATH_MAX, "api.socket", &message, "choose a shorter path");
    if let Some(listen) = config.api.listen.filter(|listen| !listen.ip().is_loopback()) {
        let message = format!("{listen} can be reached from the network, and the page asks nobody for a password");
        let hint = "listen on 127.0.0.1 or [::1]; to look from elsewhere use an SSH tunnel: \
                    ssh -L 8640:127.0.0.1:8640 HOST";
        judge.refuse("api.listen", &message, hint);
    }
}
