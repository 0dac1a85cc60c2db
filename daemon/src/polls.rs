//! SNMP: one task per device, so that a slow device delays nobody. Reports go to the tick loop through one queue.

use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    time::Duration,
};

use phusong_model::{Device, DeviceId, Inventory, LinkId, UtcMs, config::SnmpConfig};
use phusong_probes::snmp::{Credentials, DevicePoller, DeviceReport, Timing, Transport};
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval_at},
};

/// Reports that may wait for the next tick. A full queue delays polls rather than growing: the tick loop empties it
/// every period, and polls are rarer than ticks.
pub(crate) const REPORTS: usize = 4096;

/// First polls are spread over at most this long, so that a start tells something soon and still is no burst.
const FIRST_POLLS: Duration = Duration::from_secs(5);

/// What a poller was started with; one that would be started the same is left alone by a reload.
#[derive(PartialEq)]
struct Plan {
    device: Device,
    interfaces: Vec<(String, Option<LinkId>)>,
    config: SnmpConfig,
}

/// All pollers. Dropping it stops them.
pub(crate) struct Polls {
    transport: Transport,
    reports: mpsc::Sender<DeviceReport>,
    running: HashMap<DeviceId, (Plan, JoinHandle<()>)>,
}

impl Polls {
    pub(crate) fn new(transport: Transport, reports: mpsc::Sender<DeviceReport>) -> Self {
        Self { transport, reports, running: HashMap::new() }
    }

    /// Starts what is new, stops what is gone, and leaves alone what is as it was.
    pub(crate) fn apply(&mut self, inventory: &Inventory, config: &SnmpConfig, credentials: &Credentials) {
        let mut before = std::mem::take(&mut self.running);
        for device in &inventory.devices {
            let plan =
                Plan { device: device.clone(), interfaces: interfaces(inventory, device), config: config.clone() };
            let task = match before.remove(&device.id) {
                Some((old, task)) if old == plan => task,
                other => {
                    if let Some((_, task)) = other {
                        task.abort();
                    }
                    self.start(&plan, credentials)
                }
            };
            self.running.insert(device.id.clone(), (plan, task));
        }
        before.into_values().for_each(|(_, task)| task.abort());
    }

    /// How many devices are asked.
    pub(crate) fn devices(&self) -> usize {
        self.running.len()
    }

    fn start(&self, plan: &Plan, credentials: &Credentials) -> JoinHandle<()> {
        let timing = Timing { timeout: plan.config.timeout.0, retries: plan.config.retries };
        let mut poller = DevicePoller::new(&self.transport, &plan.device, plan.interfaces.clone(), credentials, timing);
        let period = plan.config.period.0;
        let first = Instant::now() + offset(&plan.device.id, period.min(FIRST_POLLS));
        let reports = self.reports.clone();
        tokio::spawn(async move {
            let mut due = interval_at(first, period);
            // A device that answered late is asked again a period later, not twice at once.
            due.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                due.tick().await;
                let report = poller.poll(UtcMs::from(jiff::Timestamp::now())).await;
                if reports.send(report).await.is_err() {
                    return;
                }
            }
        })
    }
}

impl Drop for Polls {
    fn drop(&mut self) {
        self.running.values().for_each(|(_, task)| task.abort());
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
