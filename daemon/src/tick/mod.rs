//! The tick loop: at every tick look at all links, let `gaps` decide, let the recorder write, feed the watchdog.

mod gather;
mod orders;

use std::{collections::HashSet, mem, sync::Arc, time::Instant};

use gather::Gathered;
use phusong_checks::Channel;
use phusong_gaps::{Notifier, Tracker};
use phusong_model::{
    Carrier, Change, DeviceId, Health, IcmpMode, InfluxHealth, Inventory, LinkId, Millis, Planned, ProberHealth,
    StoreHealth, Telling, Tick, UtcMs, config::Config,
};
use phusong_probes::{
    service::{ServiceProber, Trust},
    snmp::{Credentials, DeviceReport, Profiles},
    trap,
};
use phusong_store::Commit;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    looks::{self, Targets},
    notify::{self, Couriers},
    orders::Order,
    polls::Polls,
    prober::ProberThread,
    recorder::Recorder,
    schedule::Schedule,
    services::Services,
    systemd, traps,
};

/// A checked configuration that is to replace the one in force.
pub(crate) struct Reload {
    pub(crate) config: Config,
    pub(crate) inventory: Arc<Inventory>,
    pub(crate) credentials: Credentials,
    pub(crate) profiles: Profiles,
    pub(crate) trust: Trust,
    pub(crate) channels: Vec<Arc<Channel>>,
    pub(crate) done: oneshot::Sender<()>,
}

/// What the loop goes on with after a start.
pub(crate) struct Resumed {
    pub(crate) tracker: Tracker,
    pub(crate) notifier: Notifier,
    /// What the start itself changed.
    pub(crate) changes: Vec<Change>,
    pub(crate) planned: Vec<Planned>,
    pub(crate) last_tick: Option<Tick>,
}

/// Everything the loop needs from outside.
pub(crate) struct Wiring {
    pub(crate) prober: Option<ProberThread>,
    pub(crate) services: ServiceProber,
    pub(crate) recorder: Recorder,
    pub(crate) couriers: Couriers,
    pub(crate) polls: Polls,
    pub(crate) reports: mpsc::Receiver<DeviceReport>,
    pub(crate) orders: mpsc::Receiver<Order>,
    pub(crate) traps: Arc<trap::Counters>,
    pub(crate) reloads: mpsc::Receiver<Reload>,
    pub(crate) refused_reload: watch::Receiver<Option<String>>,
    pub(crate) influx: Vec<watch::Receiver<Option<InfluxHealth>>>,
    pub(crate) health: watch::Sender<Option<Health>>,
    pub(crate) demo: bool,
}

/// The loop and its state; it is the only owner of the tracker and the notifier.
pub(crate) struct TickLoop {
    config: Config,
    inventory: Arc<Inventory>,
    targets: Targets,
    services: Services,
    tracker: Tracker,
    notifier: Notifier,
    schedule: Schedule,
    wiring: Wiring,
    /// Work that was announced by command and is not long over.
    planned: Vec<Planned>,
    /// What changed since the last tick ended.
    fresh: Vec<Change>,
    silent: HashSet<DeviceId>,
    prober: ProberHealth,
}

impl TickLoop {
    pub(crate) fn new(config: Config, inventory: Arc<Inventory>, resumed: Resumed, wiring: Wiring) -> Self {
        let Resumed { mut tracker, notifier, changes: fresh, planned, last_tick } = resumed;
        tracker.set_rule(&config.rule, snmp_stale_after(&config), !config.icmp.anchors.is_empty());
        let mode = wiring.prober.as_ref().map_or(IcmpMode::None, ProberThread::mode);
        let version = Some(env!("CARGO_PKG_VERSION").to_owned());
        Self {
            targets: Targets::new(&config.icmp.anchors, &inventory.links),
            services: Services::new(wiring.services.clone(), &config.service, &inventory.links),
            schedule: Schedule::new(config.icmp.period.0, Instant::now(), wall(), last_tick.map(|t| t.at)),
            config,
            inventory,
            tracker,
            notifier,
            planned,
            fresh,
            silent: HashSet::new(),
            prober: ProberHealth { last_tick, version, demo: wiring.demo, ..ProberHealth::at_start(mode, wall()) },
            wiring,
        }
    }

    /// Runs until `stop` says so; the tick under way is finished and written first, then deliveries under way.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        systemd::watchdog_for(self.config.icmp.period.0);
        while let Some(start) = self.wait(&mut stop).await {
            self.tick(start).await;
        }
        self.wiring.couriers.finish().await;
    }

    /// Waits for the next tick and serves those who come meanwhile; gives when it starts, or nothing when it is time to
    /// stop.
    async fn wait(&mut self, stop: &mut watch::Receiver<bool>) -> Option<Instant> {
        let mut start = self.schedule.next(Instant::now());
        loop {
            let order = tokio::select! {
                () = tokio::time::sleep_until(start.into()) => return Some(start),
                Some(reload) = self.wiring.reloads.recv() => {
                    start = self.reload(reload, start);
                    continue;
                }
                Some(order) = self.wiring.orders.recv() => order,
                _ = stop.wait_for(|stop| *stop) => return None,
            };
            start = self.obey(order, start).await;
        }
    }

    /// Carries out an order while the tick at `start` is waited for; when it starts now. One who no longer waits for the
    /// answer does not need it.
    async fn obey(&mut self, order: Order, start: Instant) -> Instant {
        match order {
            Order::Hasten => return self.schedule.hasten(Instant::now(), start, self.config.icmp.tick_length()),
            Order::Plan(work, done) => drop(done.send(self.plan(work).await)),
            Order::Acknowledge(ack, done) => drop(done.send(self.acknowledge(ack).await)),
            Order::EndWork(id, done) => drop(done.send(self.end_work(id).await)),
        }
        start
    }

    async fn tick(&mut self, start: Instant) {
        let slip = start.elapsed();
        let label = self.schedule.label(start, wall(), slip);
        let services = self.services.begin(label, self.schedule.period_millis());
        let mut gathered = self.gather(label, start, slip).await;
        self.gather_services(services, label, &mut gathered).await;
        self.gather_reports(label, &mut gathered);
        let tick = Tick { at: label, period: self.schedule.period_millis(), slip: millis(slip), blind: gathered.blind };
        let (icmp, snmp) = (mem::take(&mut gathered.icmp), mem::take(&mut gathered.snmp));
        let looks = looks::assemble(&self.inventory.links, icmp, snmp);
        let changes = self.tracker.tick(&tick, &looks, &gathered.devices);
        self.look_closer(&changes);
        self.fresh.extend(changes);
        let announced = |link: &LinkId| self.tracker.is_announced(link);
        let told = self.notifier.tick(&tick, &self.fresh, announced, &self.inventory);
        self.prober.last_tick = Some(tick);
        self.prober.traps = traps::account(self.wiring.traps.read(), self.prober.traps, label);
        self.commit(tick, gathered, told.clone()).await;
        // A disk that refuses does not keep people from being told.
        self.wiring.couriers.hand_over(&told);
        let health = self.health();
        systemd::tick_ended(&status_line(&health, self.inventory.links.len()));
        self.wiring.health.send_replace(Some(health));
    }

    /// What an outage hangs on is asked at once and not at its turn: the device whose interface the link is, and devices
    /// that carry it.
    fn look_closer(&self, changes: &[Change]) {
        let senders = self.wiring.polls.senders();
        let opened = changes.iter().filter_map(|change| match change {
            Change::OutageOpens { link, .. } => Some(link),
            Change::State(_)
            | Change::OutageVerdict { .. }
            | Change::OutageBlind { .. }
            | Change::OutageEnds { .. }
            | Change::OutageJoins { .. }
            | Change::Event(_)
            | Change::Usual { .. }
            | Change::Leaves { .. } => None,
        });
        for link in opened {
            let near = self.inventory.link(link).and_then(|link| link.interface.as_ref()).map(|(device, _)| device);
            let carriers = self.tracker.carriers(link).filter_map(|carrier| match carrier {
                Carrier::Device(device) => Some(device),
                Carrier::Link(_) | Carrier::Site(_) => None,
            });
            for device in near.into_iter().chain(carriers).filter_map(|id| self.inventory.device(id)) {
                senders.borrow().nudge(device.address);
            }
        }
    }

    async fn commit(&mut self, tick: Tick, gathered: Gathered, tellings: Vec<Telling>) {
        let mut health = self.health();
        // Whoever can read this tick sees that it was stored.
        health.store = StoreHealth { refused: None, waiting_ticks: 0, ..health.store };
        let Gathered { samples, readings, observations, .. } = gathered;
        let changes = mem::take(&mut self.fresh);
        let commit = Commit { tick, samples, readings, changes, observations, tellings, health };
        self.wiring.recorder.commit(commit).await;
    }

    /// Puts another configuration in force while the tick at `start` is waited for; when it starts now.
    fn reload(&mut self, reload: Reload, start: Instant) -> Instant {
        let at = self.after_last_tick();
        let anchored = !reload.config.icmp.anchors.is_empty();
        self.tracker.set_rule(&reload.config.rule, snmp_stale_after(&reload.config), anchored);
        self.notifier.set_rules(notify::rules(&reload.config));
        self.wiring.couriers.apply(&reload.channels);
        self.fresh.extend(self.tracker.reload(&reload.inventory, &self.planned, at));
        self.wiring.polls.apply(&reload.inventory, &reload.config.snmp, (&reload.credentials, &reload.profiles));
        self.targets = Targets::new(&reload.config.icmp.anchors, &reload.inventory.links);
        self.services.reload(reload.trust, &reload.config.service, &reload.inventory.links);
        let start = self.schedule.set_period(reload.config.icmp.period.0, Instant::now(), start);
        self.silent.retain(|device| reload.inventory.device(device).is_some());
        self.config = reload.config;
        self.inventory = reload.inventory;
        systemd::watchdog_for(self.config.icmp.period.0);
        // The one who asked may have stopped waiting.
        let _ = reload.done.send(());
        start
    }

    fn health(&self) -> Health {
        Health {
            prober: ProberHealth {
                snmp_silent: self.silent.len() as u64,
                snmp_devices: self.wiring.polls.devices() as u64,
                refused_answers: self.wiring.polls.refused_answers(),
                reload_refused: self.wiring.refused_reload.borrow().clone(),
                ..self.prober.clone()
            },
            store: self.wiring.recorder.health(),
            influx: self.wiring.influx.iter().filter_map(|account| account.borrow().clone()).collect(),
            notify: self.wiring.couriers.health(),
        }
    }
}

/// How old SNMP evidence may be and still tell something: two and a half polls, so that one may get lost.
fn snmp_stale_after(config: &Config) -> Millis {
    Millis(i64::try_from(config.snmp.period.0.as_millis() * 5 / 2).unwrap_or(i64::MAX))
}

fn millis(length: std::time::Duration) -> Millis {
    Millis(i64::try_from(length.as_millis()).unwrap_or(i64::MAX))
}

/// The wall clock, for labels only.
pub(crate) fn wall() -> UtcMs {
    jiff::Timestamp::now().into()
}

fn status_line(health: &Health, links: usize) -> String {
    let stored = if health.store.refused.is_some() { "not stored" } else { "stored" };
    let blind = health.prober.last_tick.and_then(|tick| tick.blind).map_or("", |_| ", blind");
    format!("{links} links probed, {stored}{blind}")
}
