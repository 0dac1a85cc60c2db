//! A round: a few attempts at one service, spread over time, each with its own deadline.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use futures_util::future::join_all;
use phusong_model::{BlindReason, Host, HttpService, Micros, Service};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until, timeout},
};
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::{Certificate, Failure, Trust, connect::connect, dns, http, resolve::Resolver};
use crate::icmp::Echo;

/// Attempts under way at once, each with a socket: a quarter of what a process may have open where nobody raised the
/// limit (1024). At two seconds each, the longest that a dead one holds its place by default, 128 services a second.
const ATTEMPTS_AT_ONCE: usize = 256;

/// A service and where it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTarget {
    /// What is asked.
    pub service: Service,
    /// The address that is used instead of looking the name up. An address in the URL itself goes before it.
    pub pinned: Option<IpAddr>,
}

/// How a round looks at a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServicePlan {
    /// Attempts.
    pub attempts: u16,
    /// Time between two attempts; an attempt waits no longer than this for its turn among all that are under way.
    pub spacing: Duration,
    /// How long one attempt may take.
    pub timeout: Duration,
}

/// What a round gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceReport {
    /// One entry per attempt in the order they were made.
    pub attempts: Vec<Echo>,
    /// The status of the last HTTP answer, expected or not.
    pub status: Option<u16>,
    /// The certificate that was shown last.
    pub certificate: Option<Certificate>,
}

/// What one attempt saw beside being answered.
#[derive(Debug, Default)]
struct Seen {
    status: Option<u16>,
    chain: Vec<CertificateDer<'static>>,
}

/// Asks services. A clone shares the limits of the one it was made from.
#[derive(Debug, Clone)]
pub struct ServiceProber {
    trust: Trust,
    resolver: Resolver,
    slots: Arc<Semaphore>,
}

impl ServiceProber {
    /// A prober that judges certificates by `trust`.
    #[must_use]
    pub fn new(trust: Trust) -> Self {
        Self { trust, resolver: Resolver::new(), slots: Arc::new(Semaphore::new(ATTEMPTS_AT_ONCE)) }
    }

    /// The same limits with another trust.
    #[must_use]
    pub fn with_trust(&self, trust: Trust) -> Self {
        Self { trust, ..self.clone() }
    }

    /// Where a service is asked; a name is looked up within `within`.
    ///
    /// # Errors
    /// When our resolver does not tell. It is our resolver: whoever has an answer in store may still reach the service.
    pub async fn find(&self, target: &ServiceTarget, within: Duration) -> Result<Vec<SocketAddr>, BlindReason> {
        let endpoint = target.service.endpoint();
        let port = endpoint.port;
        match (&endpoint.host, target.pinned) {
            (Host::Address(address), _) => Ok(vec![SocketAddr::new(*address, port)]),
            (Host::Name(_), Some(pinned)) => Ok(vec![SocketAddr::new(pinned, port)]),
            (Host::Name(name), None) => self.resolver.find(name, port, within).await.ok_or(BlindReason::Resolver),
        }
    }

    /// Makes the attempts of a round, at each of the addresses in turn.
    pub async fn round(&self, service: &Service, addresses: &[SocketAddr], plan: &ServicePlan) -> ServiceReport {
        let start = Instant::now();
        let attempts =
            addresses.iter().cycle().take(plan.attempts.into()).zip(0_u32..).map(|(address, number)| async move {
                sleep_until(start + plan.spacing.saturating_mul(number)).await;
                self.attempt(service, *address, plan).await
            });
        let (attempts, seen): (Vec<Echo>, Vec<Seen>) = join_all(attempts).await.into_iter().unzip();
        let chain = seen.iter().rev().map(|seen| seen.chain.as_slice()).find(|chain| !chain.is_empty());
        ServiceReport {
            attempts,
            status: seen.iter().rev().find_map(|seen| seen.status),
            certificate: chain.and_then(|chain| self.trust.judge(chain, &service.endpoint().host)),
        }
    }

    async fn attempt(&self, service: &Service, address: SocketAddr, plan: &ServicePlan) -> (Echo, Seen) {
        let mut seen = Seen::default();
        let Ok(Ok(_slot)) = timeout(plan.spacing, self.slots.acquire()).await else {
            return (Echo::NotSent(BlindReason::SendError), seen);
        };
        let start = Instant::now();
        let answer = timeout(plan.timeout, self.ask(service, address, &mut seen)).await;
        let echo = match answer {
            Ok(Ok(())) => Echo::Reply(micros(start.elapsed())),
            Ok(Err(Failure::Lost)) | Err(_) => Echo::Lost,
            Ok(Err(Failure::Blind(reason))) => Echo::NotSent(reason),
        };
        (echo, seen)
    }

    async fn ask(&self, service: &Service, address: SocketAddr, seen: &mut Seen) -> Result<(), Failure> {
        match service {
            Service::Tcp(_) => connect(address).await.map(drop),
            Service::Http(http) => self.ask_for_page(http, address, seen).await,
            Service::Dns(dns) => dns::ask(address, dns).await,
        }
    }

    async fn ask_for_page(&self, page: &HttpService, address: SocketAddr, seen: &mut Seen) -> Result<(), Failure> {
        let stream = connect(address).await?;
        let status = if page.tls {
            let stream = self.trust.greet(stream, &page.endpoint.host).await?;
            // Kept as it came; it is judged after the answer, so that our arithmetic is no delay of theirs.
            let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
            seen.chain = shown.iter().map(|certificate| certificate.clone().into_owned()).collect();
            http::status(stream, page).await?
        } else {
            http::status(stream, page).await?
        };
        seen.status = Some(status);
        if page.expects(status) { Ok(()) } else { Err(Failure::Lost) }
    }
}

/// Never 0, as the round trip of an echo never is.
fn micros(length: Duration) -> Micros {
    Micros(u32::try_from(length.as_micros()).unwrap_or(u32::MAX).max(1))
}
