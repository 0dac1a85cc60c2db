//! Looking: one round of everything that has an address, with the polls and services that ended meanwhile.

use std::{
    collections::{HashMap, HashSet},
    time::Instant,
};

use phusong_gaps::{DeviceLook, IcmpLook, SnmpLook};
use phusong_model::{BlindReason, Carrier, IfReading, Link, LinkId, Observation, Sample, Seen, Subject, UtcMs};
use phusong_probes::{
    icmp::{Counters, Echo, RoundPlan},
    snmp::Answer,
};

use super::{TickLoop, millis};
use crate::{
    looks::{self, Beat, RoundEchoes},
    prober::ProberThread,
    services::UnderWay,
};

/// What a tick has gathered.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) icmp: HashMap<LinkId, IcmpLook>,
    pub(super) snmp: HashMap<LinkId, SnmpLook>,
    pub(super) devices: Vec<DeviceLook>,
    pub(super) samples: Vec<Sample>,
    pub(super) readings: Vec<IfReading>,
    pub(super) observations: Vec<Observation>,
    pub(super) blind: Option<BlindReason>,
}

impl TickLoop {
    /// Looks at everything that has an address.
    pub(super) async fn gather(&mut self, at: UtcMs, began: Instant, slip: std::time::Duration) -> Gathered {
        if slip > self.config.icmp.late.0 {
            self.prober.late_ticks += 1;
            return self.all_blind(BlindReason::LateTick);
        }
        let Some(prober) = self.wiring.prober.clone() else {
            return self.each_blind(BlindReason::NoPermission);
        };
        let addresses = self.targets.addresses().to_vec();
        let beat = Beat { first: millis(slip), spacing: millis(self.config.icmp.spacing.0) };
        let Some(report) = prober.round(addresses, self.round_plan()).await else {
            return self.each_blind(BlindReason::SendError);
        };
        self.count(&report.counters);
        let mut round = RoundEchoes::new(&self.targets, &report, beat);
        if !round.anchors_lost() {
            self.reprobe(&prober, &mut round, began).await;
        }
        if round.anchors_lost() {
            return self.all_blind(BlindReason::Anchors);
        }
        let mut gathered = Gathered::default();
        for (link, echoes) in &round.links {
            let look = looks::icmp_look(echoes, &round.sent);
            gathered.samples.push(looks::icmp_sample(link, &look));
            gathered.icmp.insert(link.clone(), look);
        }
        let told = |(link, error)| Observation { subject: Subject::Link(link), at, seen: Seen::IcmpError(error) };
        gathered.observations.extend(round.errors.into_iter().map(told));
        gathered
    }

    /// The places of links in doubt, and of the links that carry them.
    fn with_carriers(&self, mut doubtful: Vec<usize>, links: &[(LinkId, Vec<Echo>)]) -> Vec<usize> {
        let of = |place: &usize| links.get(*place).map(|(link, _)| link);
        let carriers: HashSet<&LinkId> = doubtful
            .iter()
            .filter_map(of)
            .flat_map(|link| self.tracker.carriers(link))
            .filter_map(Carrier::link)
            .collect();
        if carriers.is_empty() {
            return doubtful;
        }
        let known: HashSet<usize> = doubtful.iter().copied().collect();
        let more =
            links.iter().enumerate().filter(|(place, (link, _))| carriers.contains(link) && !known.contains(place));
        doubtful.extend(more.map(|(place, _)| place));
        doubtful
    }

    /// Asks again, at once, where the round has left a doubt, and of what carries those links: what feeds them is known as
    /// soon as they are. `began` is the instant of the tick.
    async fn reprobe(&mut self, prober: &ProberThread, round: &mut RoundEchoes, began: Instant) {
        let doubtful: Vec<usize> = (0..)
            .zip(&round.links)
            .filter(|(_, (link, _))| !self.services.decides(link))
            .filter(|(_, (link, echoes))| match looks::icmp_look(echoes, &round.sent) {
                IcmpLook::Echoes(came_back) => self.tracker.wants_reprobe(link, &came_back),
                IcmpLook::Blind(_) | IcmpLook::NotDue => false,
            })
            .map(|(place, _)| place)
            .collect();
        if doubtful.is_empty() {
            return;
        }
        let doubtful = self.with_carriers(doubtful, &round.links);
        let beat = Beat { first: millis(began.elapsed()), spacing: millis(self.config.icmp.reprobe_spacing.0) };
        if let Some(report) = prober.round(self.targets.again(&doubtful), self.reprobe_plan()).await {
            self.count(&report.counters);
            round.join(&doubtful, &report, beat);
        }
    }

    /// Our eyes were shut: no evidence of this tick counts, whatever its kind.
    fn all_blind(&self, reason: BlindReason) -> Gathered {
        Gathered { blind: Some(reason), ..self.each_blind(reason) }
    }

    /// ICMP could not look; SNMP may still tell.
    fn each_blind(&self, reason: BlindReason) -> Gathered {
        let mut gathered = Gathered::default();
        for link in self.inventory.links.iter().filter(|link| link.address.is_some()) {
            let look = IcmpLook::Blind(reason);
            gathered.samples.push(looks::icmp_sample(&link.id, &look));
            gathered.icmp.insert(link.id.clone(), look);
        }
        gathered
    }

    /// Takes what the services said: it stands where the pings of their links would.
    pub(super) async fn gather_services(&mut self, under_way: Option<UnderWay>, at: UtcMs, gathered: &mut Gathered) {
        for seen in self.services.end(under_way, at, &self.tracker, gathered.blind).await {
            gathered.icmp.insert(seen.link, seen.look);
            gathered.samples.extend(seen.sample);
            gathered.observations.extend(seen.observations);
        }
    }

    /// Takes the polls that have ended since the tick before.
    pub(super) fn gather_reports(&mut self, at: UtcMs, gathered: &mut Gathered) {
        let mut polled = HashSet::new();
        while let Ok(report) = self.wiring.reports.try_recv() {
            let links: Vec<&Link> = self
                .inventory
                .links
                .iter()
                .filter(|link| link.interface.as_ref().is_some_and(|(device, _)| *device == report.device))
                .collect();
            for (link, look, sample) in looks::snmp_looks(&report, &links) {
                // A tick has one row per link and probe: a second poll within it is not counted.
                if polled.insert(link.clone()) {
                    gathered.samples.push(sample);
                }
                if let (Some(look), None) = (look, gathered.blind) {
                    gathered.snmp.insert(link, look);
                }
            }
            if gathered.blind.is_none() {
                gathered.devices.extend(looks::device_look(&report));
            }
            let device = Subject::Device(report.device.clone());
            gathered.observations.extend(report.sensors.into_iter().map(|reading| Observation {
                subject: device.clone(),
                at,
                seen: Seen::Sensor(reading),
            }));
            match report.answer {
                Answer::Answered { readings, .. } => {
                    self.silent.remove(&report.device);
                    gathered.readings.extend(readings);
                }
                Answer::Silent => {
                    self.silent.insert(report.device);
                }
                Answer::NotSent(reason) => tracing::warn!(device = %report.device, %reason, "SNMP could not ask"),
                Answer::Refused(reason) => {
                    if self.silent.insert(report.device.clone()) {
                        tracing::warn!(device = %report.device, reason = %phusong_model::printable(&reason), "device refuses SNMP");
                    }
                }
            }
        }
    }

    fn count(&mut self, counters: &Counters) {
        self.prober.refused_replies += counters.refused();
        self.prober.receive_drops += counters.receive_drops;
    }

    fn round_plan(&self) -> RoundPlan {
        let icmp = &self.config.icmp;
        RoundPlan { echoes: icmp.echoes, spacing: icmp.spacing.0, timeout: icmp.timeout.0, spread: icmp.spacing.0 }
    }

    fn reprobe_plan(&self) -> RoundPlan {
        let icmp = &self.config.icmp;
        let spacing = icmp.reprobe_spacing.0;
        RoundPlan { echoes: icmp.reprobe, spacing, timeout: icmp.timeout.0, spread: spacing }
    }
}
