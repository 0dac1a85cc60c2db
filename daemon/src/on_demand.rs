//! Looks on demand: echoes to a few links at once and questions to their services, by sockets and a thread of their own, so
//! that no tick waits for them.

use std::{net::IpAddr, time::Duration};

use phusong_model::{
    BlindReason, IcmpMode, Link, LinkNow, UtcMs,
    answer::{ProbeAnswer, ProbedEcho, ProbedLink, ProbedService},
};
use phusong_probes::{
    icmp::{Echo, Prober, ReplyLoss, RoundPlan, RoundReport},
    service::{ServicePlan, ServiceProber, ServiceTarget, Trust},
};
use tokio::{
    sync::{Mutex, Semaphore, watch},
    task::JoinSet,
};

use crate::{prober::ProberThread, services};

/// Links that one question looks at. A commune has about ten; whoever wants more asks for the links of all communes,
/// which a tick has just looked at.
pub(crate) const MOST_LINKS: usize = 64;

/// Questions that are looked at or wait for it; each takes some seconds of the one thread.
const AT_ONCE: usize = 4;

/// What is sent to each link: enough to tell loss from a dead link. Whoever asks waits for it, and a satellite hop with a
/// queue before it answers within the time-out.
const PLAN: RoundPlan = RoundPlan {
    echoes: 5,
    spacing: Duration::from_millis(200),
    timeout: Duration::from_secs(2),
    spread: Duration::from_millis(200),
};

/// Why a question was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotNow {
    /// Too many others are looked at.
    Busy,
    /// The thread that looks has stopped.
    Stopped,
}

/// What a service is asked: fewer times than a host, because each is work for it, and longer, because people wait as long
/// for a page.
const SERVICE_PLAN: ServicePlan =
    ServicePlan { attempts: 3, spacing: Duration::from_millis(500), timeout: Duration::from_secs(5) };

/// What looks on demand. Its sockets for ICMP are opened by the first question.
pub(crate) struct OnDemand {
    turns: Semaphore,
    prober: Mutex<Option<ProberThread>>,
    trust: watch::Receiver<Trust>,
    /// What the demo's script drops.
    losses: Option<watch::Receiver<Vec<ReplyLoss>>>,
}

impl OnDemand {
    pub(crate) fn new(trust: watch::Receiver<Trust>) -> Self {
        Self { turns: Semaphore::new(AT_ONCE), prober: Mutex::new(None), trust, losses: None }
    }

    /// The same, that sees no more than the demo's script lets the ticks see.
    pub(crate) fn deceived(&self, losses: Option<watch::Receiver<Vec<ReplyLoss>>>) -> Self {
        Self { losses, ..Self::new(self.trust.clone()) }
    }

    /// Looks at the links, at most [`MOST_LINKS`] of them.
    pub(crate) async fn look(&self, now: UtcMs, mut links: Vec<(Link, LinkNow)>) -> Result<ProbeAnswer, NotNow> {
        let _turn = self.turns.try_acquire().map_err(|_| NotNow::Busy)?;
        let left_out = links.len().saturating_sub(MOST_LINKS);
        links.truncate(MOST_LINKS);
        let mut items: Vec<ProbedLink> = links.iter().map(|(link, now)| unprobed(link, now)).collect();
        let targets: Vec<Option<ServiceTarget>> = links.iter().map(|(link, _)| services::target(link)).collect();
        let (icmp, asked) = tokio::join!(self.ping(&mut items), self.ask(&targets));
        for ((item, target), asked) in items.iter_mut().zip(targets).zip(asked) {
            item.service = target.map(|target| told_of(&target, asked));
        }
        Ok(ProbeAnswer { generated: now, icmp: icmp?, items, left_out })
    }

    /// Pings all links that have an address.
    async fn ping(&self, links: &mut [ProbedLink]) -> Result<IcmpMode, NotNow> {
        let addresses: Vec<IpAddr> = links.iter().filter_map(|link| link.address).collect();
        let Some(prober) = self.prober().await else {
            for link in links.iter_mut().filter(|link| link.address.is_some()) {
                let reason = BlindReason::NoPermission;
                link.echoes = vec![ProbedEcho::NotSent { reason }; usize::from(PLAN.echoes)];
            }
            return Ok(IcmpMode::None);
        };
        if let Some(losses) = self.losses.as_ref().map(|losses| losses.borrow().clone()) {
            prober.filter_replies(losses).await.map_err(|_| NotNow::Stopped)?;
        }
        let report = prober.round(addresses, PLAN).await.ok_or(NotNow::Stopped)?;
        fill(links, &report);
        Ok(prober.mode())
    }

    /// None without the right to ping; the next question tries again.
    async fn prober(&self) -> Option<ProberThread> {
        let mut slot = self.prober.lock().await;
        if slot.is_none() {
            let opened = Prober::open().map_err(anyhow::Error::from);
            // The thread ends by itself when the last handle to it is gone.
            match opened.and_then(|prober| Ok(ProberThread::start(prober)?.0)) {
                Ok(prober) => *slot = Some(prober),
                Err(error) => tracing::warn!(error = %format!("{error:#}"), "no look on demand by ICMP"),
            }
        }
        slot.clone()
    }

    /// Asks all services at once, by a prober that shares no limit with that of the ticks. One entry per target, in order;
    /// one that panicked is one that could not look.
    async fn ask(&self, targets: &[Option<ServiceTarget>]) -> Vec<services::Attempted> {
        let prober = ServiceProber::new(self.trust.borrow().clone());
        let mut asked: Vec<_> = targets.iter().map(|_| Err(BlindReason::SendError)).collect();
        let mut under_way = JoinSet::new();
        for (place, target) in targets.iter().enumerate() {
            let (prober, Some(target)) = (prober.clone(), target.clone()) else { continue };
            under_way.spawn(async move { (place, services::attempt(&prober, &target, &SERVICE_PLAN).await) });
        }
        while let Some(ended) = under_way.join_next().await {
            match ended {
                Ok((place, attempted)) => {
                    if let Some(slot) = asked.get_mut(place) {
                        *slot = attempted;
                    }
                }
                Err(error) => tracing::error!(%error, "a probe of a service ended by a panic"),
            }
        }
        asked
    }
}

fn unprobed(link: &Link, now: &LinkNow) -> ProbedLink {
    ProbedLink {
        link: link.id.clone(),
        name: link.name.clone(),
        address: link.address,
        state: now.state,
        since: now.since,
        echoes: Vec::new(),
        errors: Vec::new(),
        service: None,
        interface: now.interface.clone(),
    }
}

fn told_of(target: &ServiceTarget, attempted: services::Attempted) -> ProbedService {
    let service = target.service.to_string();
    match attempted {
        Ok(asked) => {
            let attempts = asked.report.attempts.iter().copied().map(told).collect();
            ProbedService { service, attempts, seen: services::seen(&asked.report).collect() }
        }
        Err(reason) => {
            let attempts = vec![ProbedEcho::NotSent { reason }; usize::from(SERVICE_PLAN.attempts)];
            ProbedService { service, attempts, seen: Vec::new() }
        }
    }
}

/// Puts each target's echoes and errors to its link; only links with an address were asked.
fn fill(links: &mut [ProbedLink], report: &RoundReport) {
    for (target, link) in links.iter_mut().filter(|link| link.address.is_some()).enumerate() {
        link.echoes = report.targets.of(target).iter().copied().map(told).collect();
        link.errors = report.errors.iter().filter(|told| told.target == target).map(|told| told.error).collect();
    }
}

const fn told(echo: Echo) -> ProbedEcho {
    match echo {
        Echo::Reply(rtt_us) => ProbedEcho::Reply { rtt_us },
        Echo::Lost => ProbedEcho::Lost,
        Echo::NotSent(reason) => ProbedEcho::NotSent { reason },
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::{IcmpError, IcmpErrorKind, LinkState, Micros};
    use phusong_probes::icmp::{Counters, EchoError, Echoes};

    use super::*;

    fn link(id: &str, address: Option<&str>) -> ProbedLink {
        ProbedLink {
            link: id.parse().expect("id"),
            name: id.to_owned(),
            address: address.map(|text| text.parse().expect("address")),
            state: LinkState::Up,
            since: UtcMs(0),
            echoes: Vec::new(),
            errors: Vec::new(),
            service: None,
            interface: None,
        }
    }

    #[test]
    fn what_came_back_stands_beside_the_link_it_is_about() {
        let mut links = [link("by-snmp", None), link("alive", Some("127.0.0.1")), link("dead", Some("127.0.0.2"))];
        let mut targets = Echoes::all(2, 1, Echo::Lost);
        targets.set(0, 0, Echo::Reply(Micros(900)));
        let error = IcmpError { kind: IcmpErrorKind::Unreachable, code: 1, router: [10, 0, 0, 1].into() };
        let errors = vec![EchoError { target: 1, error, echoes: 1, confirmed: true }];
        fill(&mut links, &RoundReport { targets, errors, ..report() });
        assert_eq!(links[0].echoes, []);
        assert_eq!(links[1].echoes, [ProbedEcho::Reply { rtt_us: Micros(900) }]);
        assert_eq!((links[2].echoes.as_slice(), links[2].errors.as_slice()), (&[ProbedEcho::Lost][..], &[error][..]));
    }

    fn report() -> RoundReport {
        RoundReport { targets: Echoes::all(0, 0, Echo::Lost), errors: Vec::new(), counters: Counters::default() }
    }

    #[tokio::test]
    async fn a_crowd_of_askers_is_told_to_come_back() {
        let trust = watch::channel(Trust::load(None).expect("trust")).1;
        let on_demand = OnDemand::new(trust);
        let _all = on_demand.turns.acquire_many(AT_ONCE as u32).await.expect("turns");
        assert_eq!(on_demand.look(UtcMs(0), Vec::new()).await, Err(NotNow::Busy));
    }
}
