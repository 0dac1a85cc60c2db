//! The daemon's sink, run as the daemon runs it: with the one writer of the store at the other end of its orders.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use phusong_daemon::influx::{InfluxSettings, Sink, SinkOrder, SinkRequest, Wires};
use phusong_model::{
    InfluxHealth,
    config::{InfluxConfig, SecretRef},
};
use tokio::sync::{mpsc, watch};

use crate::{fill::Filled, server::wait_at_most};

/// What a replica without a name is called.
pub const SINK: &str = InfluxConfig::UNNAMED;

/// Settings of the tests: a bucket whose name needs escaping nowhere, and a short time limit.
pub fn settings(url: String, token_folder: &std::path::Path) -> InfluxSettings {
    let file = token_folder.join("token");
    std::fs::write(&file, "a-token\n").expect("token");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("mode");
    InfluxSettings {
        name: SINK.to_owned(),
        url,
        org: "tuyen-quang".to_owned(),
        bucket: crate::server::BUCKET.to_owned(),
        token: SecretRef(file).read().expect("token"),
        ca_file: None,
        timeout: Duration::from_secs(3),
        vantage: "test".to_owned(),
    }
}

/// Watches an order before the store executes it; an `Err` makes the store refuse it.
pub type Watch = Box<dyn FnMut(&SinkOrder) -> Result<(), String> + Send>;

/// Who commits ticks.
pub struct Ticker {
    filled: Arc<Mutex<Filled>>,
    committed: watch::Sender<i64>,
}

impl Ticker {
    /// Commits one more tick and wakes the sink.
    pub fn tick(&self) -> i64 {
        let seq = self.filled.lock().unwrap_or_else(PoisonError::into_inner).tick();
        self.committed.send_replace(seq);
        seq
    }
}

/// A running sink with its writer.
pub struct RunningSink {
    filled: Arc<Mutex<Filled>>,
    orders: Arc<Mutex<Vec<SinkOrder>>>,
    committed: watch::Sender<i64>,
    health: watch::Receiver<Option<InfluxHealth>>,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
    writer: Option<JoinHandle<()>>,
}

impl RunningSink {
    /// Starts it on the store in `folder`. The writer asks `watch` about each order before it executes it.
    pub fn start(settings: InfluxSettings, folder: PathBuf, filled: Filled, newest: i64, watch: Watch) -> Self {
        Self::start_driven(settings, folder, (filled, newest, watch), |sink, _| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
            runtime.block_on(sink.run());
        })
    }

    /// The same with a thread that runs the sink as it likes, and may commit ticks itself.
    pub fn start_driven(
        settings: InfluxSettings,
        folder: PathBuf,
        (filled, newest, watch): (Filled, i64, Watch),
        drive: impl FnOnce(Sink, Ticker) + Send + 'static,
    ) -> Self {
        let (order_sender, orders_received) = mpsc::channel(1);
        let (health_sender, health) = watch::channel(None);
        let (committed, committed_seen) = watch::channel(newest);
        let (stop, stopping) = watch::channel(false);
        let wires = Wires { orders: order_sender, health: health_sender, committed: committed_seen, stop: stopping };
        let filled = Arc::new(Mutex::new(filled));
        let orders = Arc::new(Mutex::new(Vec::new()));
        let writer = {
            let (filled, orders) = (filled.clone(), orders.clone());
            thread::spawn(move || write_orders(orders_received, &filled, &orders, watch))
        };
        let sink = Sink::new(settings, folder, wires).expect("settings");
        let ticker = Ticker { filled: filled.clone(), committed: committed.clone() };
        let task = thread::spawn(move || drive(sink, ticker));
        Self { filled, orders, committed, health, stop, task: Some(task), writer: Some(writer) }
    }

    /// The store and what was put into it.
    pub fn filled(&self) -> MutexGuard<'_, Filled> {
        self.filled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits one more tick and wakes the sink.
    pub fn tick(&self) -> i64 {
        Ticker { filled: self.filled.clone(), committed: self.committed.clone() }.tick()
    }

    /// The orders that were executed.
    pub fn orders(&self) -> Vec<SinkOrder> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The lines that were rejected, with status and message.
    pub fn rejected(&self) -> Vec<(String, u16, String)> {
        let rejected = |order| match order {
            SinkOrder::Reject(lines) => lines,
            SinkOrder::Advance { .. } | SinkOrder::Forget(..) | SinkOrder::Damaged(_) => Vec::new(),
        };
        let lines = self.orders().into_iter().flat_map(rejected);
        lines.map(|line| (line.line, line.status, line.message)).collect()
    }

    /// The account of the moment.
    pub fn health(&self) -> Option<InfluxHealth> {
        self.health.borrow().clone()
    }

    /// What stands in the way at the moment.
    pub fn fault(&self) -> String {
        self.health().and_then(|health| health.fault).unwrap_or_default()
    }

    /// The cursor in the store.
    pub fn cursor(&self) -> i64 {
        self.filled().store.sink_cursor(SINK).expect("cursor")
    }

    /// Waits until the cursor has reached the newest tick.
    pub fn wait_for_cursor(&self, seq: i64) {
        wait_at_most(Duration::from_secs(90), &format!("cursor at {seq}, fault {:?}", self.fault()), &mut || {
            self.cursor() >= seq
        });
    }

    /// Stops it as the daemon does, and hands the store back.
    pub fn stop(mut self) -> Filled {
        self.stop.send_replace(true);
        for thread in [self.task.take(), self.writer.take()].into_iter().flatten() {
            thread.join().expect("no panic");
        }
        Arc::into_inner(self.filled).expect("the last handle").into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_orders(
    mut received: mpsc::Receiver<SinkRequest>,
    filled: &Mutex<Filled>,
    orders: &Mutex<Vec<SinkOrder>>,
    mut watch: Watch,
) {
    while let Some((order, done)) = received.blocking_recv() {
        let outcome = watch(&order).and_then(|()| {
            let store = &mut filled.lock().unwrap_or_else(PoisonError::into_inner).store;
            match &order {
                SinkOrder::Advance { seq, numbering } => store.advance_sink(SINK, *seq, *numbering),
                SinkOrder::Reject(lines) => store.reject(SINK, lines),
                SinkOrder::Forget(lines, why) => store.forget_rejected(SINK, lines, *why),
                SinkOrder::Damaged(_) => Ok(()),
            }
            .map_err(|error| format!("the store cannot note what InfluxDB has: {error}"))
        });
        if outcome.is_ok() {
            orders.lock().unwrap_or_else(PoisonError::into_inner).push(order);
        }
        let _ = done.send(outcome);
    }
}
