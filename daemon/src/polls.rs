//! SNMP: one task per device, so that a slow device delays nobody. Reports go to the tick loop through one queue. A
//! device that asks to be looked at is polled out of turn by its own task, so never twice at once.

use std::{
    collections::HashMap,
    convert::Infallible,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    net::IpAddr,
    pin::pin,
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::Context as _;
use phusong_model::{Device, DeviceId, Inventory, LinkId, UtcMs, config::SnmpConfig};
use phusong_probes::snmp::{Credentials, DevicePoller, DeviceReport, Profile, Profiles, Timing, Transport};
use tokio::{
    runtime::{Builder, Handle},
    sync::{Notify, mpsc, oneshot, watch},
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

use crate::orders::Order;

/// Reports that may wait for the next tick. A full queue delays polls rather than growing: the tick loop empties it
/// every period, and polls are rarer than ticks.
pub(crate) const REPORTS: usize = 4096;

/// First polls are spread over at most this long, so that a start tells something soon and still is no burst.
const FIRST_POLLS: Duration = Duration::from_secs(5);

/// How long a tick waits for the poll of a device that asked to be looked at: most answer within milliseconds, and one that
/// does not must not hold up the echoes.
const HINTED_PATIENCE: Duration = Duration::from_secs(1);

/// Who may send traps, and with what. Replaced as a whole by a reload.
#[derive(Default)]
pub(crate) struct Senders {
    nudges: HashMap<IpAddr, Vec<Arc<Notify>>>,
    pub(crate) credentials: Option<Credentials>,
}

impl Senders {
    /// Whether a device has this address.
    pub(crate) fn know(&self, address: IpAddr) -> bool {
        self.nudges.contains_key(&address)
    }

    /// Has the devices at this address polled out of turn. One that waits for that already is polled once.
    pub(crate) fn nudge(&self, address: IpAddr) {
        self.nudges.get(&address).into_iter().flatten().for_each(|nudge| nudge.notify_one());
    }
}

/// What a poller was started with; one that would be started the same is left alone by a reload.
#[derive(PartialEq)]
struct Plan {
    device: Device,
    interfaces: Vec<(String, Option<LinkId>)>,
    config: SnmpConfig,
    profile: Option<Arc<Profile>>,
}

/// The thread on which all devices are asked. One has time for a hundred thousand requests a second, and tasks that share
/// a thread wake each other without the kernel: spread over two threads, a request costs a tenth more.
pub(crate) struct SnmpThread {
    runtime: Handle,
    transport: Transport,
    /// The thread ends when this is gone.
    _alive: oneshot::Sender<Infallible>,
}

impl SnmpThread {
    /// Opens the sockets and starts the thread.
    pub(crate) fn start() -> anyhow::Result<(Self, thread::JoinHandle<()>)> {
        let runtime = Builder::new_current_thread().enable_all().build().context("no runtime for SNMP")?;
        let handle = runtime.handle().clone();
        let transport = {
            let _inside = handle.enter();
            Transport::bind().context("no UDP socket for SNMP")?
        };
        let (alive, gone) = oneshot::channel();
        let until_gone = move || {
            let _ = runtime.block_on(gone);
        };
        let thread = thread::Builder::new().name("snmp".to_owned()).spawn(until_gone);
        Ok((Self { runtime: handle, transport, _alive: alive }, thread.context("the thread for SNMP cannot start")?))
    }
}

/// All pollers. Dropping it stops them.
pub(crate) struct Polls {
    thread: SnmpThread,
    reports: mpsc::Sender<DeviceReport>,
    orders: mpsc::Sender<Order>,
    senders: watch::Sender<Arc<Senders>>,
    running: HashMap<DeviceId, Running>,
}

struct Running {
    plan: Plan,
    task: JoinHandle<()>,
    nudge: Arc<Notify>,
}

impl Polls {
    /// Starts asking all devices. Reports go to the first of `out`, hints to the second.
    pub(crate) fn start(
        thread: SnmpThread,
        out: (mpsc::Sender<DeviceReport>, mpsc::Sender<Order>),
        inventory: &Inventory,
        config: &SnmpConfig,
        means: (&Credentials, &Profiles),
    ) -> Self {
        let (reports, orders) = out;
        let running = HashMap::new();
        let mut polls = Self { thread, reports, orders, senders: watch::Sender::default(), running };
        polls.apply(inventory, config, means);
        polls
    }

    /// Who may send traps, now and after each reload.
    pub(crate) fn senders(&self) -> watch::Receiver<Arc<Senders>> {
        self.senders.subscribe()
    }

    /// Starts what is new, stops what is gone, and leaves alone what is as it was.
    pub(crate) fn apply(&mut self, inventory: &Inventory, config: &SnmpConfig, means: (&Credentials, &Profiles)) {
        let (credentials, profiles) = means;
        let mut before = std::mem::take(&mut self.running);
        for device in &inventory.devices {
            let plan = Plan {
                device: device.clone(),
                interfaces: interfaces(inventory, device),
                config: config.clone(),
                profile: device.snmp.profile.as_ref().and_then(|name| profiles.get(name).cloned()),
            };
            let running = match before.remove(&device.id) {
                Some(old) if old.plan == plan => old,
                other => {
                    if let Some(old) = other {
                        old.task.abort();
                    }
                    self.ask(plan, credentials)
                }
            };
            self.running.insert(device.id.clone(), running);
        }
        before.into_values().for_each(|old| old.task.abort());
        let mut senders = Senders { credentials: Some(credentials.clone()), ..Senders::default() };
        for running in self.running.values() {
            let address = running.plan.device.address.to_canonical();
            senders.nudges.entry(address).or_default().push(Arc::clone(&running.nudge));
        }
        self.senders.send_replace(Arc::new(senders));
    }

    /// Datagrams that were no answer, since the daemon started.
    pub(crate) fn refused_answers(&self) -> u64 {
        self.thread.transport.foreign().total()
    }

    /// How many devices are asked.
    pub(crate) fn devices(&self) -> usize {
        self.running.len()
    }

    fn ask(&self, plan: Plan, credentials: &Credentials) -> Running {
        let timing = Timing { timeout: plan.config.timeout.0, retries: plan.config.retries };
        let poller =
            DevicePoller::new(&self.thread.transport, &plan.device, plan.interfaces.clone(), credentials, timing)
                .with_profile(plan.profile.clone());
        let period = plan.config.period.0;
        let first = Instant::now() + offset(&plan.device.id, period.min(FIRST_POLLS));
        let nudge = Arc::new(Notify::new());
        let turn = Turn { poller, reports: self.reports.clone(), orders: self.orders.clone() };
        let task = self.thread.runtime.spawn(turn.run(first, period, Arc::clone(&nudge)));
        Running { plan, task, nudge }
    }
}

/// The work of one device's task.
struct Turn {
    poller: DevicePoller,
    reports: mpsc::Sender<DeviceReport>,
    orders: mpsc::Sender<Order>,
}

/// Nobody takes reports any more: the daemon is stopping.
struct Stopping;

impl Turn {
    async fn run(mut self, first: Instant, period: Duration, nudge: Arc<Notify>) {
        let mut due = interval_at(first, period);
        // A device that answered late is asked again a period later, not twice at once.
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let polled = tokio::select! {
                _ = due.tick() => self.poll().await,
                () = nudge.notified() => {
                    due.reset();
                    self.poll_hinted().await
                }
            };
            if polled.is_err() {
                return;
            }
        }
    }

    async fn poll(&mut self) -> Result<(), Stopping> {
        let report = self.poller.poll(now()).await;
        self.reports.send(report).await.map_err(|_| Stopping)
    }

    /// Polls, and has the next tick hastened when the report is there for it, or when it lets wait for itself.
    async fn poll_hinted(&mut self) -> Result<(), Stopping> {
        let Self { poller, reports, orders } = self;
        let hasten = || {
            // A full queue of orders holds one to hasten already.
            let _ = orders.try_send(Order::Hasten);
        };
        let mut poll = pin!(poller.poll(now()));
        if let Ok(report) = timeout(HINTED_PATIENCE, poll.as_mut()).await {
            reports.send(report).await.map_err(|_| Stopping)?;
            hasten();
            return Ok(());
        }
        hasten();
        reports.send(poll.await).await.map_err(|_| Stopping)
    }
}

fn now() -> UtcMs {
    UtcMs::from(jiff::Timestamp::now())
}

impl Drop for Polls {
    fn drop(&mut self) {
        self.running.values().for_each(|running| running.task.abort());
    }
}

fn interfaces(inventory: &Inventory, device: &Device) -> Vec<(String, Option<LinkId>)> {
    inventory
        .links
        .iter()
        .filter_map(|link| {
            let (at, ifname) = link.interface.as_ref()?;
            (*at == device.id).then(|| (ifname.clone(), Some(link.id.clone())))
        })
        .collect()
}

/// The same device polls at the same place of the period after every restart.
fn offset(device: &DeviceId, within: Duration) -> Duration {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(device.as_str());
    within.mul_f64((hash % 1000) as f64 / 1000.0)
}
