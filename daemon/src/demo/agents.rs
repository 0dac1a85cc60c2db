//! SNMP agents of the example province: one per router, each on its own loopback address, all in this process.
//!
//! An agent serves the system group, the interface tables and the optical power as a Juniper router has it
//! (JUNIPER-DOM-MIB). Its traffic follows a curve over time, so counters grow and powers drift as on a real device.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use snmp::{
    Agent, AgentShutdownPolicy, BoxFuture, GetNextResult, GetResult, HandlerResult, MibHandler, Oid, RequestContext,
    VarBind,
};
use tokio::{sync::watch, task::JoinSet, time::Instant};

use super::router::{Object, Router};

/// How long a silent agent holds a request. Longer than any poller waits, so that the answer comes to nobody; short
/// enough that held requests do not pile up.
const SILENCE: Duration = Duration::from_secs(30);
/// Requests that one agent works on or holds at once; more wait in its socket and are then lost, as on a small router.
const REQUESTS: usize = 16;

/// What one agent is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AgentPlan {
    /// Where it answers.
    pub(crate) address: SocketAddr,
    /// The community it answers to.
    pub(crate) community: String,
    /// `sysName`.
    pub(crate) name: String,
    /// `ifName` of its interfaces; the first has an optical module.
    pub(crate) interfaces: Vec<String>,
}

/// What an agent is to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mood {
    /// Whether it answers at all.
    pub(crate) answers: bool,
    /// Whether it has power; it starts anew when that comes back.
    pub(crate) powered: bool,
    /// Interfaces whose cable has lost its signal.
    pub(crate) down: Vec<String>,
}

/// The agents; dropping them stops them.
pub(crate) struct DemoAgents {
    routers: HashMap<SocketAddr, Arc<Shown>>,
    /// Holds the tasks, so that they end with it.
    _tasks: JoinSet<()>,
}

impl DemoAgents {
    /// Starts all agents.
    ///
    /// # Errors
    /// When one of the addresses is taken.
    pub(crate) async fn start(plans: Vec<AgentPlan>) -> anyhow::Result<Self> {
        let mut tasks = JoinSet::new();
        let mut routers = HashMap::with_capacity(plans.len());
        let started = Instant::now();
        for plan in plans {
            let shown = Arc::new(Shown {
                router: Mutex::new(Router::new(&plan.name, &plan.interfaces, seed(plan.address))),
                started,
                answers: watch::Sender::new(true),
            });
            let agent = Agent::builder()
                .bind(plan.address.to_string())
                .community(plan.community)
                .allow_all_access()
                .without_builtin_handlers()
                // A demo agent gets a few requests a minute; the library would ask for 4 MiB.
                .recv_buffer_size(None)
                .max_concurrent_requests(Some(REQUESTS))
                .shutdown_policy(AgentShutdownPolicy::AbortCancellationSafeRetrievalsAfter(Duration::ZERO))
                .handler(snmp::oid!(1, 3, 6, 1), Arc::new(Served(Arc::clone(&shown))))
                .build()
                .await
                .with_context(|| format!("cannot start the agent on {}", plan.address))?;
            routers.insert(plan.address, shown);
            tasks.spawn(async move {
                if let Err(error) = agent.run().await {
                    tracing::error!(%error, "a demo agent stopped");
                }
            });
        }
        Ok(Self { routers, _tasks: tasks })
    }

    /// Changes what an agent shows; an address without agent is ignored.
    pub(crate) fn set(&self, address: SocketAddr, mood: Mood) {
        let Mood { answers, powered, down } = mood;
        if let Some(shown) = self.routers.get(&address) {
            shown.router().set_power(shown.elapsed(), powered);
            shown.router().set_down(shown.elapsed(), &down);
            // Wakes requests that are held.
            shown.answers.send_replace(answers);
        }
    }
}

/// Every router has its own traffic, the same after every start.
fn seed(address: SocketAddr) -> u64 {
    match address {
        SocketAddr::V4(v4) => u64::from(u32::from(*v4.ip())),
        SocketAddr::V6(v6) => v6.ip().to_bits() as u64,
    }
}

/// What script and agent share.
struct Shown {
    router: Mutex<Router>,
    started: Instant,
    answers: watch::Sender<bool>,
}

impl Shown {
    /// A panic elsewhere leaves figures that are at worst old.
    fn router(&self) -> MutexGuard<'_, Router> {
        self.router.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// While the agent is to be silent, holds a request until it is not any more or nobody waits for the answer.
    async fn hold(&self, request: &RequestContext) {
        let mut answers = self.answers.subscribe();
        let speaks = answers.wait_for(|answers| *answers);
        // The sender lives in `self`, and a late answer is no worse than none: both ends of the wait are fine.
        let _ = tokio::time::timeout_at(request.received_at() + SILENCE, speaks).await;
    }
}

struct Served(Arc<Shown>);

impl MibHandler for Served {
    fn get<'a>(&'a self, request: &'a RequestContext, oid: &'a Oid) -> BoxFuture<'a, HandlerResult<GetResult>> {
        Box::pin(async move {
            self.0.hold(request).await;
            let value = Object::at(oid).and_then(|object| self.0.router().value(object, self.0.elapsed()));
            Ok(value.map_or(GetResult::NoSuchInstance, GetResult::Value))
        })
    }

    fn get_next<'a>(
        &'a self,
        request: &'a RequestContext,
        oid: &'a Oid,
    ) -> BoxFuture<'a, HandlerResult<GetNextResult>> {
        Box::pin(async move {
            self.0.hold(request).await;
            let next = self.0.router().next(oid, self.0.elapsed());
            Ok(next.map_or(GetNextResult::EndOfMibView, |(oid, value)| GetNextResult::Value(VarBind::new(oid, value))))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::Permissions, net::Ipv4Addr, os::unix::fs::PermissionsExt};

    use phusong_model::{
        Device, IfStatus, SnmpAccess, UtcMs,
        config::{CredentialConfig, SecretRef, SnmpConfig, SnmpVersion},
    };
    use phusong_probes::snmp::{Answer, Credentials, DevicePoller, Timing, Transport};

    use super::*;

    const TIMING: Timing = Timing { timeout: Duration::from_millis(200), retries: 0 };

    fn plan(address: SocketAddr) -> AgentPlan {
        AgentPlan {
            address,
            community: "example".to_owned(),
            name: "router Nà Hang".to_owned(),
            interfaces: vec!["ge-0/0/0".to_owned(), "ge-0/0/1".to_owned()],
        }
    }

    fn free_address(host: u8) -> SocketAddr {
        let any = SocketAddr::from((Ipv4Addr::new(127, 88, 0, host), 0));
        std::net::UdpSocket::bind(any).and_then(|socket| socket.local_addr()).expect("address")
    }

    async fn poller(address: SocketAddr) -> DevicePoller {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("community");
        std::fs::write(&path, "example").expect("secret");
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("mode");
        let credential = CredentialConfig {
            name: "demo".to_owned(),
            version: SnmpVersion::V2c,
            community: Some(SecretRef(path)),
            user: None,
            auth: None,
            auth_password: None,
            privacy: None,
            priv_password: None,
        };
        let config = SnmpConfig { credential: vec![credential], ..SnmpConfig::default() };
        let device = Device {
            id: "router-1".parse().expect("id"),
            name: "router".to_owned(),
            site: None,
            address: address.ip(),
            snmp: SnmpAccess {
                port: address.port(),
                credential: "demo".to_owned(),
                profile: Some("juniper".to_owned()),
            },
        };
        let interfaces = vec![("ge-0/0/0".to_owned(), None), ("ge-0/0/1".to_owned(), None)];
        let transport = Transport::bind().expect("transport");
        DevicePoller::new(&transport, &device, interfaces, &Credentials::resolve(&config).expect("credentials"), TIMING)
    }

    #[tokio::test]
    async fn an_agent_shows_its_mood_to_the_real_poller() {
        let address = free_address(1);
        let agents = DemoAgents::start(vec![plan(address)]).await.expect("agents");
        let mut poller = poller(address).await;
        let now = UtcMs(0);

        agents.set(address, Mood { answers: true, powered: true, down: vec!["ge-0/0/1".to_owned()] });
        let Answer::Answered { system, readings, missing } = poller.poll(now).await.answer else { panic!("no answer") };
        assert_eq!((system.name.as_deref(), missing.len()), (Some("router Nà Hang"), 0));
        assert_eq!(readings.iter().map(|r| r.oper).collect::<Vec<_>>(), [IfStatus::Up, IfStatus::Down]);
        assert!(readings[0].rx.is_some_and(|rx| (-30.0..0.0).contains(&rx.0)), "{readings:?}");
        assert_eq!(readings[1].rx, None);

        agents.set(address, Mood { answers: false, powered: true, down: Vec::new() });
        assert_eq!(poller.poll(now).await.answer, Answer::Silent);
        agents.set(address, Mood { answers: true, powered: true, down: Vec::new() });
        assert!(matches!(poller.poll(now).await.answer, Answer::Answered { .. }));
    }

    #[tokio::test]
    async fn a_taken_address_is_named() {
        let address = free_address(2);
        let _taken = std::net::UdpSocket::bind(address).expect("socket");
        let Err(error) = DemoAgents::start(vec![plan(address)]).await else { panic!("started twice") };
        assert!(format!("{error:#}").contains(&address.to_string()), "{error:#}");
    }
}
