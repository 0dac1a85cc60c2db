//! Services of links, asked within the tick beside the round of pings, so that what shut our eyes in the tick shut them
//! for both.

use std::net::SocketAddr;

use phusong_gaps::{IcmpLook, Tracker};
use phusong_model::{
    BlindReason, Link, LinkId, Millis, Observation, Outcome, Sample, Seen, Subject, UtcMs, config::ServiceConfig,
};
use phusong_probes::{
    icmp::Echo,
    service::{ServicePlan, ServiceProber, ServiceReport, ServiceTarget, Trust},
};
use tokio::task::JoinSet;

use crate::looks::{Beat, icmp_look, icmp_sample};

/// All services of the inventory, and when they are due.
pub(crate) struct Services {
    prober: ServiceProber,
    config: ServiceConfig,
    asked: Vec<(LinkId, ServiceTarget)>,
    /// The tick of the last round that we could see with.
    last: Option<UtcMs>,
}

/// What a tick has to say of one link's service.
pub(crate) struct ServiceLook {
    pub(crate) link: LinkId,
    pub(crate) look: IcmpLook,
    /// None when it was not due.
    pub(crate) sample: Option<Sample>,
    pub(crate) observations: Vec<Observation>,
}

/// A round under way: for each service its place, where it was asked, and what came of it.
pub(crate) type UnderWay = JoinSet<(usize, Attempted)>;

/// A service after its attempts, or why it could not be asked.
pub(crate) type Attempted = Result<Asked, BlindReason>;

/// A service after its attempts.
pub(crate) struct Asked {
    addresses: Vec<SocketAddr>,
    pub(crate) report: ServiceReport,
}

/// The service of a link, when it has one.
pub(crate) fn target(link: &Link) -> Option<ServiceTarget> {
    Some(ServiceTarget { service: link.service.clone()?, pinned: link.address })
}

/// Finds the service, and makes the attempts of a round.
pub(crate) async fn attempt(prober: &ServiceProber, target: &ServiceTarget, plan: &ServicePlan) -> Attempted {
    let addresses = prober.find(target, plan.timeout).await?;
    let report = prober.round(&target.service, &addresses, plan).await;
    Ok(Asked { addresses, report })
}

/// What a round saw beside being answered.
pub(crate) fn seen(report: &ServiceReport) -> impl Iterator<Item = Seen> {
    let status = report.status.map(Seen::HttpStatus);
    let certificate = report
        .certificate
        .as_ref()
        .map(|shown| Seen::Certificate { not_after: shown.not_after, trusted: shown.trusted });
    status.into_iter().chain(certificate)
}

impl Services {
    pub(crate) fn new(prober: ServiceProber, config: &ServiceConfig, links: &[Link]) -> Self {
        let asked = links.iter().filter_map(|link| Some((link.id.clone(), target(link)?))).collect();
        Self { prober, config: config.clone(), asked, last: None }
    }

    /// Takes another configuration and inventory; everything is due at once.
    pub(crate) fn reload(&mut self, trust: Trust, config: &ServiceConfig, links: &[Link]) {
        *self = Self::new(self.prober.with_trust(trust), config, links);
    }

    /// Whether the link is judged by its service, and its pings are kept for people only.
    pub(crate) fn decides(&self, link: &LinkId) -> bool {
        self.asked.iter().any(|(asked, _)| asked == link)
    }

    /// Begins the round of the tick when one is due. Services start spread over one spacing, so that a round is no burst.
    pub(crate) fn begin(&mut self, at: UtcMs, tick_period: Millis) -> Option<UnderWay> {
        if self.asked.is_empty() || !self.is_due(at, tick_period) {
            return None;
        }
        self.last = Some(at);
        let mut under_way = JoinSet::new();
        for (place, (_, target)) in self.asked.iter().enumerate() {
            let (prober, target, plan) = (self.prober.clone(), target.clone(), self.plan());
            let offset = plan.spacing.mul_f64(place as f64 / self.asked.len() as f64);
            under_way.spawn(async move {
                tokio::time::sleep(offset).await;
                (place, attempt(&prober, &target, &plan).await)
            });
        }
        Some(under_way)
    }

    /// Half a tick of slack: labels are whole seconds, and a round must not wait a whole tick for a part of one.
    fn is_due(&self, at: UtcMs, tick_period: Millis) -> bool {
        let period = i64::try_from(self.config.period.0.as_millis()).unwrap_or(i64::MAX);
        self.last.is_none_or(|last| at.since(last).0.saturating_add(tick_period.0 / 2) >= period)
    }

    /// Attempts that are slow put off the ones after them, so these times are the earliest.
    fn beat(&self) -> Beat {
        let spacing = i64::try_from(self.config.spacing.0.as_millis()).unwrap_or(i64::MAX);
        Beat { first: Millis(0), spacing: Millis(spacing) }
    }

    fn leaves_a_doubt(&self, tracker: &Tracker, link: &LinkId, attempts: &[Echo]) -> bool {
        let sent: Vec<Millis> = self.beat().times(attempts.len()).collect();
        match icmp_look(attempts, &sent) {
            IcmpLook::Echoes(answered) => tracker.wants_reprobe(link, &answered),
            IcmpLook::Blind(_) | IcmpLook::NotDue => false,
        }
    }

    fn plan(&self) -> ServicePlan {
        let ServiceConfig { attempts, spacing, timeout, .. } = &self.config;
        ServicePlan { attempts: *attempts, spacing: spacing.0, timeout: timeout.0 }
    }

    /// Ends the round of the tick: asks again where it has left a doubt, and says what was seen of every service. When the
    /// whole tick is blind nothing of it counts, and the next tick asks again.
    pub(crate) async fn end(
        &mut self,
        under_way: Option<UnderWay>,
        at: UtcMs,
        tracker: &Tracker,
        blind: Option<BlindReason>,
    ) -> Vec<ServiceLook> {
        if let Some(reason) = blind {
            // Dropping the round stops it.
            self.last = None;
            return self.asked.iter().map(|(link, target)| blind_look(link, target, reason)).collect();
        }
        let Some(under_way) = under_way else {
            let not_due = |(link, _): &(LinkId, ServiceTarget)| ServiceLook {
                link: link.clone(),
                look: IcmpLook::NotDue,
                sample: None,
                observations: Vec::new(),
            };
            return self.asked.iter().map(not_due).collect();
        };
        let mut asked = self.gather(under_way).await;
        self.reprobe(&mut asked, tracker).await;
        let looks = self.asked.iter().zip(asked).map(|((link, target), asked)| match asked {
            Ok(asked) => look(link, target, &asked.report, at, self.beat()),
            Err(reason) => blind_look(link, target, reason),
        });
        looks.collect()
    }

    /// One entry per service, in their order. A task that panicked is one that could not look.
    async fn gather(&self, mut under_way: UnderWay) -> Vec<Attempted> {
        let mut all: Vec<_> = self.asked.iter().map(|_| Err(BlindReason::SendError)).collect();
        while let Some(ended) = under_way.join_next().await {
            match ended {
                Ok((place, asked)) => {
                    if let Some(slot) = all.get_mut(place) {
                        *slot = asked;
                    }
                }
                Err(error) => tracing::error!(%error, "a probe of a service ended by a panic"),
            }
        }
        all
    }

    async fn reprobe(&self, all: &mut [Attempted], tracker: &Tracker) {
        let mut again = JoinSet::new();
        for (place, ((link, target), asked)) in self.asked.iter().zip(all.iter()).enumerate() {
            let Ok(asked) = asked else { continue };
            if !self.leaves_a_doubt(tracker, link, &asked.report.attempts) {
                continue;
            }
            let (prober, plan) = (self.prober.clone(), self.plan());
            let (service, addresses) = (target.service.clone(), asked.addresses.clone());
            again.spawn(async move { (place, prober.round(&service, &addresses, &plan).await) });
        }
        while let Some(ended) = again.join_next().await {
            let Ok((place, report)) = ended else { continue };
            if let Some(Ok(before)) = all.get_mut(place) {
                before.report.attempts.extend(report.attempts);
                before.report.status = report.status.or(before.report.status);
                before.report.certificate = report.certificate.or(before.report.certificate);
            }
        }
    }
}

fn look(link: &LinkId, target: &ServiceTarget, report: &ServiceReport, at: UtcMs, beat: Beat) -> ServiceLook {
    let sent: Vec<Millis> = beat.times(report.attempts.len()).collect();
    let look = icmp_look(&report.attempts, &sent);
    let sample = Sample { probe: target.service.probe(), ..icmp_sample(link, &look) };
    let observed = |seen| Observation { subject: Subject::Link(link.clone()), at, seen };
    let observations = seen(report).map(observed).collect();
    ServiceLook { link: link.clone(), look, sample: Some(sample), observations }
}

fn blind_look(link: &LinkId, target: &ServiceTarget, reason: BlindReason) -> ServiceLook {
    let sample = Sample { link: link.clone(), probe: target.service.probe(), outcome: Outcome::Blind(reason) };
    ServiceLook { link: link.clone(), look: IcmpLook::Blind(reason), sample: Some(sample), observations: Vec::new() }
}
