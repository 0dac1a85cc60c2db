//! The recorder: the one thread that writes the store. Everything that is to be kept reaches it through one bounded
//! queue, and every order is answered, so that the one who gave it knows whether the disk took it.

use std::{sync::Arc, thread};

use phusong_model::{Ack, Change, CoverageFigure, CoverageGap, Inventory, LinkId, MaintenanceId, Planned, UtcMs};
use phusong_store::{Commit, Delivered, NewAck, NewWork, Store, StoreError};
use tokio::sync::{mpsc, oneshot};

use crate::influx::SinkOrder;

/// Orders that may wait. A tick gives one, the sink one at a time, a reload two: a longer queue means that the disk has
/// stopped, and then the senders wait rather than memory grows.
const QUEUE: usize = 16;

/// The answer to an order: done, or why the store refused it.
type Done<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the recorder can be asked to write.
pub(crate) enum Order {
    /// A tick.
    Commit(Box<Commit>, Done<Committed>),
    /// The inventory in force from an instant on.
    Inventory(Arc<Inventory>, UtcMs, Done<()>),
    /// Work that was announced by command.
    Plan(NewWork, Done<Planned>),
    /// The end of such work.
    EndWork(MaintenanceId, UtcMs, Done<Option<Planned>>),
    /// Notice that somebody took of an outage.
    Acknowledge(NewAck, Done<Option<Ack>>),
    /// Ends of the ways of messages.
    Deliver(Vec<Delivered>, Done<()>),
    /// What the last recompute of coverage was made from.
    CoverageHash(Done<Option<String>>),
    /// A recompute of coverage.
    Coverage(Box<CoverageRun>, Done<()>),
    /// What the InfluxDB sink has to keep.
    Sink(SinkOrder, oneshot::Sender<Result<(), String>>),
}

/// A tick that is on disk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Committed {
    /// Its number in the store.
    pub(crate) seq: i64,
    /// Size of the store in bytes.
    pub(crate) bytes: u64,
}

/// A recompute of coverage.
pub(crate) struct CoverageRun {
    pub(crate) figures: Vec<CoverageFigure>,
    pub(crate) gaps: Vec<CoverageGap>,
    pub(crate) at: UtcMs,
    pub(crate) input_hash: String,
}

/// A handle to the recorder's queue.
#[derive(Clone)]
pub(crate) struct Recorder(mpsc::Sender<Order>);

/// The recorder is gone: the daemon is stopping.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    /// The store refused.
    #[error("the store refused the write")]
    Refused(#[from] StoreError),
    /// The recorder's thread has ended.
    #[error("the recorder has stopped")]
    Gone,
}

impl Recorder {
    /// Starts the thread. It ends when all handles are gone; joining it afterwards closes the store.
    pub(crate) fn start(mut store: Store) -> std::io::Result<(Self, thread::JoinHandle<()>)> {
        let (sender, mut orders) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new().name("recorder".to_owned()).spawn(move || {
            while let Some(order) = orders.blocking_recv() {
                execute(&mut store, order);
            }
        })?;
        Ok((Self(sender), thread))
    }

    /// Writes a tick.
    pub(crate) async fn commit(&self, commit: Commit) -> Result<Committed, RecordError> {
        self.ask(|done| Order::Commit(Box::new(commit), done)).await
    }

    /// Puts an inventory in force.
    pub(crate) async fn inventory(&self, inventory: Arc<Inventory>, at: UtcMs) -> Result<(), RecordError> {
        self.ask(|done| Order::Inventory(inventory, at, done)).await
    }

    /// Keeps work that was announced by command.
    pub(crate) async fn plan(&self, work: NewWork) -> Result<Planned, RecordError> {
        self.ask(|done| Order::Plan(work, done)).await
    }

    /// Ends such work, or cancels it.
    pub(crate) async fn end_work(&self, id: MaintenanceId, at: UtcMs) -> Result<Option<Planned>, RecordError> {
        self.ask(|done| Order::EndWork(id, at, done)).await
    }

    /// Keeps that somebody took notice of an outage.
    pub(crate) async fn acknowledge(&self, ack: NewAck) -> Result<Option<Ack>, RecordError> {
        self.ask(|done| Order::Acknowledge(ack, done)).await
    }

    /// Keeps that messages have arrived, or were given up.
    pub(crate) async fn deliver(&self, delivered: Vec<Delivered>) -> Result<(), RecordError> {
        self.ask(|done| Order::Deliver(delivered, done)).await
    }

    /// What the last recompute of coverage was made from.
    pub(crate) async fn coverage_hash(&self) -> Result<Option<String>, RecordError> {
        self.ask(Order::CoverageHash).await
    }

    /// Writes a recompute of coverage.
    pub(crate) async fn coverage(&self, run: CoverageRun) -> Result<(), RecordError> {
        self.ask(|done| Order::Coverage(Box::new(run), done)).await
    }

    /// Passes on an order of the InfluxDB sink.
    pub(crate) async fn sink(&self, order: SinkOrder, done: oneshot::Sender<Result<(), String>>) {
        // A sink whose order is dropped asks again after the restart; the cursor has not moved.
        let _ = self.0.send(Order::Sink(order, done)).await;
    }

    async fn ask<T>(&self, order: impl FnOnce(Done<T>) -> Order) -> Result<T, RecordError> {
        let (done, answer) = oneshot::channel();
        self.0.send(order(done)).await.map_err(|_| RecordError::Gone)?;
        Ok(answer.await.map_err(|_| RecordError::Gone)??)
    }
}

/// One who no longer waits for the answer does not need it: the send results are of no interest.
fn execute(store: &mut Store, order: Order) {
    match order {
        Order::Commit(mut commit, done) => {
            let committed = write_tick(store, &mut commit).and_then(|seq| Ok(Committed { seq, bytes: store.bytes()? }));
            let _ = done.send(committed);
        }
        Order::Inventory(inventory, at, done) => {
            let _ = done.send(store.set_inventory(&inventory, at).map(|_| ()));
        }
        Order::Plan(work, done) => {
            let _ = done.send(store.plan(&work));
        }
        Order::EndWork(id, at, done) => {
            let _ = done.send(store.end_work(id, at));
        }
        Order::Acknowledge(ack, done) => {
            let _ = done.send(store.acknowledge(&ack));
        }
        Order::Deliver(delivered, done) => {
            let _ = done.send(store.deliver(&delivered));
        }
        Order::CoverageHash(done) => {
            let _ = done.send(store.last_coverage_hash());
        }
        Order::Coverage(run, done) => {
            let written = store.put_coverage(&run.figures, &run.gaps, run.at, &run.input_hash);
            let _ = done.send(written.map(|_| ()));
        }
        Order::Sink(order, done) => {
            let _ = done.send(sink(store, &order).map_err(|error| error.to_string()));
        }
    }
}

/// Writes a tick. What contradicts the store about one link's outage is given up and said: the states of that link, the
/// other links and the samples must not be lost with it. It happens when a reload lets a link leave while a tick looks.
fn write_tick(store: &mut Store, commit: &mut Commit) -> Result<i64, StoreError> {
    loop {
        match store.commit(commit) {
            Err(StoreError::Contradiction { link, what }) if give_up_outage(&mut commit.changes, &link) => {
                tracing::error!(%link, what, "changes of an outage are given up");
            }
            done => return done,
        }
    }
}

/// Removes what is said of a link's outages; whether there was anything.
fn give_up_outage(changes: &mut Vec<Change>, of: &LinkId) -> bool {
    let before = changes.len();
    changes.retain(|change| match change {
        Change::State(_) | Change::Event(_) | Change::Usual { .. } | Change::Leaves { .. } => true,
        Change::OutageOpens { link, .. }
        | Change::OutageVerdict { link, .. }
        | Change::OutageJoins { link, .. }
        | Change::OutageBlind { link, .. }
        | Change::OutageEnds { link, .. } => link != of,
    });
    changes.len() < before
}

fn sink(store: &mut Store, order: &SinkOrder) -> Result<(), StoreError> {
    use crate::influx::SINK;
    match order {
        SinkOrder::Advance { seq } => store.advance_sink(SINK, *seq),
        SinkOrder::Reject { seq, line, status, message } => store.reject(SINK, *seq, line, *status, message),
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::{
        Edge, Health, IcmpMode, Link, LinkKind, LinkState, Millis, OutageId, ProberHealth, StoreHealth, Tick,
        Transition, Verdict, Window,
    };
    use phusong_store::Reader;

    use super::*;

    fn link(name: &str) -> Link {
        Link {
            id: name.parse().expect("id"),
            kind: LinkKind::Fibre,
            name: name.to_owned(),
            commune: None,
            site: None,
            address: None,
            service: None,
            interface: None,
            upstream: Vec::new(),
            operator: None,
            groups: Vec::new(),
            contact: phusong_model::Contact::default(),
        }
    }

    fn turns(name: &str, state: LinkState, from: UtcMs) -> Change {
        Change::State(Transition {
            link: name.parse().expect("id"),
            state,
            from,
            cause: None,
            blind: None,
            worse: None,
        })
    }

    fn commit(at: UtcMs, changes: Vec<Change>) -> Commit {
        let prober = ProberHealth::at_start(IcmpMode::None, at);
        let health = Health { prober, store: StoreHealth::default(), influx: None, notify: Vec::new() };
        let tick = Tick { at, period: Millis(10_000), slip: Millis(0), blind: None };
        Commit {
            tick,
            samples: Vec::new(),
            readings: Vec::new(),
            changes,
            observations: Vec::new(),
            tellings: Vec::new(),
            health,
        }
    }

    #[test]
    fn a_link_that_left_during_the_tick_takes_no_other_links_outage_with_it() {
        let folder = tempfile::tempdir().expect("folder");
        let mut store = Store::open(folder.path()).expect("store");
        let links =
            |names: &[&str]| Inventory { links: names.iter().map(|n| link(n)).collect(), ..Inventory::default() };
        let opens = |number, name: &str, start| Change::OutageOpens {
            id: OutageId(number),
            link: name.parse().expect("id"),
            start: Edge::sharp(start),
            decided: start,
            verdict: Verdict::unknown(),
        };
        store.set_inventory(&links(&["stays", "leaves"]), UtcMs(0)).expect("inventory");
        let fails = vec![turns("leaves", LinkState::Down, UtcMs(10_000)), opens(1, "leaves", UtcMs(10_000))];
        store.commit(&commit(UtcMs(10_000), fails)).expect("first tick");
        store.set_inventory(&links(&["stays"]), UtcMs(15_000)).expect("a reload");
        let at = UtcMs(20_000);
        let changes = vec![
            turns("leaves", LinkState::Up, at),
            Change::OutageEnds { link: "leaves".parse().expect("id"), end: Edge::sharp(at) },
            turns("stays", LinkState::Down, at),
            opens(2, "stays", at),
        ];
        write_tick(&mut store, &mut commit(at, changes)).expect("the tick is kept");
        let evidence = Reader::open(folder.path())
            .and_then(|r| r.evidence(UtcMs(21_000), Window::new(UtcMs(0), UtcMs(21_000))))
            .expect("evidence");
        let outages: Vec<_> = evidence.outages.iter().map(|o| (o.link.as_str(), o.start, o.end)).collect();
        assert_eq!(outages, [("leaves", UtcMs(10_000), Some(UtcMs(15_000))), ("stays", at, None)]);
    }
}
