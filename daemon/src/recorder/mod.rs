//! The recorder: the one thread that writes the store. Everything that is to be kept reaches it through one bounded
//! queue, and every order is answered, so that the one who gave it knows whether the disk took it. Ticks go through a
//! waiting room of their own: they are never refused, and nobody waits long for a disk that does not answer.

mod desk;
mod saving;
mod search;
mod waiting;

use std::{sync::Arc, thread, time::Duration};

use phusong_model::{
    Ack, Contradiction, CoverageFigure, CoverageGap, Inventory, MaintenanceId, Planned, StoreHealth, UtcMs, chain,
    config::StoreConfig,
};
use phusong_store::{
    Commit, Delivered, GivenBack, NewAck, NewCoverage, NewImport, NewWork, Retention, SetAside, Standing, Store,
    StoreError, ToForce,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{MissedTickBehavior, interval, timeout},
};

use crate::influx::SinkOrder;
use desk::Desk;
pub(crate) use saving::Saving;
use search::Search;
pub(crate) use waiting::WaitingRoom;

/// Orders that may wait. A tick gives one, each sink one at a time, a reload two: a longer queue means that the disk has
/// stopped, and then the senders wait rather than memory grows.
const QUEUE: usize = 16;

/// How often the store is looked at between ticks: a fault is shown within five seconds.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// How long a tick waits to be on disk before the probing goes on without it.
const TICK_PATIENCE: Duration = Duration::from_millis(500);

/// How long an order of somebody who has to go on waits.
const ORDER_PATIENCE: Duration = Duration::from_secs(3);

/// The answer to an order: done, or why the store refused it.
type Done<T> = oneshot::Sender<Result<T, RecordError>>;

/// What the recorder can be asked to write.
pub(crate) enum Order {
    /// The ticks that wait.
    Commit(oneshot::Sender<()>),
    /// Nothing: to see how the store is.
    Look,
    /// Somebody who read the store found it damaged.
    Damaged(String),
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
    /// Versions of datasets that are kept and put in force.
    Import(Vec<NewImport>, Vec<ToForce>, UtcMs, Done<()>),
    /// What the last recompute of coverage was made from.
    CoverageHash(Done<Option<String>>),
    /// A recompute of coverage.
    Coverage(Box<CoverageRun>, Done<()>),
    /// A step of giving room back to the disk.
    GiveBack(Done<GivenBack>),
    /// What a sink has to keep, by its name.
    Sink(Arc<str>, SinkOrder, oneshot::Sender<Result<(), String>>),
}

/// A recompute of coverage.
pub(crate) struct CoverageRun {
    pub(crate) figures: Vec<CoverageFigure>,
    pub(crate) gaps: Vec<CoverageGap>,
    pub(crate) contradictions: Vec<Contradiction>,
    pub(crate) at: UtcMs,
    pub(crate) input_hash: String,
    /// The versions of datasets that it was computed from.
    pub(crate) imports: Vec<i64>,
}

impl CoverageRun {
    fn as_new(&self) -> NewCoverage<'_> {
        let Self { figures, gaps, contradictions, at, input_hash, imports } = self;
        NewCoverage { figures, gaps, contradictions, at: *at, input_hash, imports }
    }
}

/// A handle to the recorder's queue.
#[derive(Clone)]
pub(crate) struct Recorder {
    orders: mpsc::Sender<Order>,
    room: Arc<WaitingRoom>,
}

/// A handle that does not keep the recorder alive: for those who may outlast it, as connections of askers do.
#[derive(Clone)]
pub(crate) struct WeakRecorder {
    orders: mpsc::WeakSender<Order>,
    room: Arc<WaitingRoom>,
}

impl WeakRecorder {
    /// Ticks that wait, and how the store is.
    pub(crate) fn room(&self) -> &WaitingRoom {
        &self.room
    }

    /// A reader found damage.
    pub(crate) fn damaged(&self, reason: String) {
        // With a full queue the next reader will say so.
        if let Some(orders) = self.orders.upgrade() {
            let _ = orders.try_send(Order::Damaged(reason));
        }
    }

    /// Gives a little room back to the disk.
    pub(crate) async fn give_back(&self) -> Result<GivenBack, RecordError> {
        self.recorder()?.ask(Order::GiveBack).await
    }

    /// Has an order of a sink carried out.
    pub(crate) async fn sink(&self, name: &Arc<str>, order: SinkOrder) -> Result<(), String> {
        let recorder = self.recorder().map_err(|gone| gone.to_string())?;
        let (done, answer) = oneshot::channel();
        recorder.sink(name.clone(), order, done).await;
        answer.await.map_err(|_| RecordError::Gone.to_string())?
    }

    fn recorder(&self) -> Result<Recorder, RecordError> {
        let orders = self.orders.upgrade().ok_or(RecordError::Gone)?;
        Ok(Recorder { orders, room: self.room.clone() })
    }
}

/// Why something is not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordError {
    /// The store refused.
    #[error("the store refused the write")]
    Refused(#[from] StoreError),
    /// There is no store that could be opened.
    #[error("the store cannot be used: {0}")]
    Away(String),
    /// The recorder's thread has ended: the daemon is stopping.
    #[error("the recorder has stopped")]
    Gone,
}

/// What the recorder begins with.
pub(crate) struct Beginning {
    /// The store, or why there is none.
    pub(crate) store: Result<(Store, Option<SetAside>), StoreError>,
    pub(crate) inventory: Arc<Inventory>,
    /// What stands by the store.
    pub(crate) standing: Standing,
    /// Sinks whose losses count.
    pub(crate) sinks: Vec<String>,
    /// Moves with every tick that is on disk.
    pub(crate) committed: watch::Sender<i64>,
}

impl Recorder {
    /// Starts the thread. It ends when all handles are gone; joining it afterwards closes the store.
    pub(crate) fn start(config: &StoreConfig, beginning: Beginning) -> std::io::Result<(Self, thread::JoinHandle<()>)> {
        let Beginning { store, inventory, standing, sinks, committed } = beginning;
        let refused = store.as_ref().err().map(|error| chain(error));
        let store = store.ok().map(|(store, aside)| {
            aside.iter().for_each(desk::tell_of);
            store
        });
        let health = StoreHealth { refused, ..StoreHealth::default() };
        let room = Arc::new(WaitingRoom::new(inventory, standing, health));
        let (folder, rules) = (config.folder.clone(), rules(config));
        let mut desk = Desk {
            folder,
            rules,
            sinks,
            room: room.clone(),
            committed,
            store,
            told: false,
            renewed: None,
            search: Search::default(),
        };
        let (orders, mut given) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new().name("recorder".to_owned()).spawn(move || {
            while let Some(order) = given.blocking_recv() {
                desk.execute(order);
            }
            // What waits has this one chance more.
            desk.execute(Order::Look);
        })?;
        Ok((Self { orders, room }, thread))
    }

    /// A recorder that writes nothing.
    #[cfg(test)]
    pub(crate) fn without_thread() -> Self {
        let room = WaitingRoom::new(Arc::default(), Standing::default(), StoreHealth::default());
        Self { orders: mpsc::channel(1).0, room: Arc::new(room) }
    }

    /// Looks at the store again and again, until the daemon stops.
    pub(crate) async fn keep_looking(self, mut stop: watch::Receiver<bool>) {
        let mut every = interval(LOOK_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = every.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            // A full queue will be looked at soon enough.
            let _ = self.orders.try_send(Order::Look);
        }
    }

    /// Has a tick written. It may still wait when this returns, for a disk that refuses or does not answer.
    pub(crate) async fn commit(&self, commit: Commit) {
        self.room.push(commit);
        let (done, answer) = oneshot::channel();
        // The next tick or look takes it along.
        if self.orders.try_send(Order::Commit(done)).is_ok() {
            let _ = timeout(TICK_PATIENCE, answer).await;
        }
    }

    /// How the store is, at this moment.
    pub(crate) fn health(&self) -> StoreHealth {
        self.room.health()
    }

    /// A handle that does not keep it alive.
    pub(crate) fn downgrade(&self) -> WeakRecorder {
        WeakRecorder { orders: self.orders.downgrade(), room: self.room.clone() }
    }

    /// Puts an inventory in force.
    pub(crate) async fn inventory(&self, inventory: Arc<Inventory>, at: UtcMs) -> Result<(), RecordError> {
        self.ask(|done| Order::Inventory(inventory, at, done)).await
    }

    /// Keeps work that was announced by command.
    pub(crate) async fn plan(&self, work: NewWork) -> Result<Planned, RecordError> {
        self.ask_soon(|done| Order::Plan(work, done)).await
    }

    /// Ends such work, or cancels it.
    pub(crate) async fn end_work(&self, id: MaintenanceId, at: UtcMs) -> Result<Option<Planned>, RecordError> {
        self.ask_soon(|done| Order::EndWork(id, at, done)).await
    }

    /// Keeps that somebody took notice of an outage.
    pub(crate) async fn acknowledge(&self, ack: NewAck) -> Result<Option<Ack>, RecordError> {
        self.ask_soon(|done| Order::Acknowledge(ack, done)).await
    }

    /// Keeps that messages have arrived, or were given up.
    pub(crate) async fn deliver(&self, delivered: Vec<Delivered>) -> Result<(), RecordError> {
        self.ask_soon(|done| Order::Deliver(delivered, done)).await
    }

    /// What the last recompute of coverage was made from.
    pub(crate) async fn coverage_hash(&self) -> Result<Option<String>, RecordError> {
        self.ask(Order::CoverageHash).await
    }

    /// Keeps versions of datasets and puts them in force, and puts others in force.
    pub(crate) async fn import(&self, new: Vec<NewImport>, force: Vec<ToForce>, at: UtcMs) -> Result<(), RecordError> {
        self.ask(|done| Order::Import(new, force, at, done)).await
    }

    /// Writes a recompute of coverage.
    pub(crate) async fn coverage(&self, run: CoverageRun) -> Result<(), RecordError> {
        self.ask(|done| Order::Coverage(Box::new(run), done)).await
    }

    /// Passes on an order of a sink.
    pub(crate) async fn sink(&self, name: Arc<str>, order: SinkOrder, done: oneshot::Sender<Result<(), String>>) {
        // A sink whose order is dropped asks again after the restart; the cursor has not moved.
        let _ = self.orders.send(Order::Sink(name, order, done)).await;
    }

    /// For those who must not wait for a disk that does not answer: the tick loop, and couriers with more to tell. What
    /// they asked for may still be done later.
    async fn ask_soon<T>(&self, order: impl FnOnce(Done<T>) -> Order) -> Result<T, RecordError> {
        match timeout(ORDER_PATIENCE, self.ask(order)).await {
            Ok(answer) => answer,
            Err(_) => Err(RecordError::Away("the disk does not answer".to_owned())),
        }
    }

    async fn ask<T>(&self, order: impl FnOnce(Done<T>) -> Order) -> Result<T, RecordError> {
        let (done, answer) = oneshot::channel();
        self.orders.send(order(done)).await.map_err(|_| RecordError::Gone)?;
        answer.await.map_err(|_| RecordError::Gone)?
    }
}

/// What the configuration lets the store keep.
fn rules(config: &StoreConfig) -> Retention {
    let millis = |length: Duration| phusong_model::Millis(i64::try_from(length.as_millis()).unwrap_or(i64::MAX));
    Retention {
        samples: millis(config.keep_samples.0),
        minutes: millis(config.keep_minutes.0),
        hours: millis(config.keep_hours.0),
        size: config.size.0,
        free: config.keep_free.0,
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::{
        Change, Confidence, Edge, Health, IcmpMode, Link, LinkId, LinkKind, LinkState, Millis, Outage, OutageId,
        ProberHealth, StoreHealth, Tick, Transition, Verdict, Window,
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
            rx_limit: None,
            upstream: Vec::new(),
            operator: None,
            groups: Vec::new(),
            contact: phusong_model::Contact::default(),
        }
    }

    pub(super) fn turns(name: &str, state: LinkState, from: UtcMs) -> Change {
        Change::State(Transition {
            link: name.parse().expect("id"),
            state,
            from,
            cause: None,
            blind: None,
            worse: None,
        })
    }

    pub(super) fn commit(at: UtcMs, changes: Vec<Change>) -> Commit {
        let prober = ProberHealth::at_start(IcmpMode::None, at);
        let health = Health { prober, store: StoreHealth::default(), influx: Vec::new(), notify: Vec::new() };
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

    /// Has a tick recorded in a store that is open, and gives the outages in it then.
    fn outages_after(folder: &std::path::Path, store: Store, inventory: Inventory, commit: Commit) -> Vec<Outage> {
        let beginning = Beginning {
            store: Ok((store, None)),
            inventory: Arc::new(inventory),
            standing: Standing::default(),
            sinks: Vec::new(),
            committed: watch::Sender::new(0),
        };
        let config = StoreConfig { folder: folder.to_owned(), ..StoreConfig::default() };
        let (recorder, thread) = Recorder::start(&config, beginning).expect("a thread");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
        runtime.block_on(recorder.commit(commit));
        assert_eq!(recorder.health().waiting_ticks, 0);
        drop(recorder);
        thread.join().expect("no panic");
        let evidence = Reader::open(folder)
            .and_then(|r| r.evidence(UtcMs(21_000), Window::new(UtcMs(0), UtcMs(21_000))))
            .expect("evidence");
        evidence.outages
    }

    fn links(names: &[&str]) -> Inventory {
        Inventory { links: names.iter().map(|n| link(n)).collect(), ..Inventory::default() }
    }

    fn opens(number: i64, name: &str, start: UtcMs) -> Change {
        Change::OutageOpens {
            id: OutageId(number),
            link: name.parse().expect("id"),
            start: Edge::sharp(start),
            decided: start,
            verdict: Verdict::unknown(),
        }
    }

    #[test]
    fn only_the_changes_that_contradict_the_store_are_given_up() {
        let folder = tempfile::tempdir().expect("folder");
        let mut store = Store::open(folder.path()).expect("store");
        store.set_inventory(&links(&["a"]), UtcMs(0)).expect("inventory");
        let (at, a): (_, LinkId) = (UtcMs(20_000), "a".parse().expect("id"));
        let verdict = Verdict { confidence: Confidence::High, ..Verdict::unknown() };
        let verdict_on =
            |number| Change::OutageVerdict { id: OutageId(number), link: a.clone(), at, verdict: verdict.clone() };
        let changes = vec![
            // Nothing is open, no outage has that number, and then one is open already.
            Change::OutageEnds { link: a.clone(), end: Edge::sharp(at) },
            verdict_on(99),
            turns("a", LinkState::Down, at),
            opens(2, "a", at),
            opens(3, "a", at),
            verdict_on(2),
        ];
        let outages = outages_after(folder.path(), store, links(&["a"]), commit(at, changes));
        let seen: Vec<_> = outages.iter().map(|o| (o.id, o.start, o.end, o.verdict.confidence)).collect();
        assert_eq!(seen, [(OutageId(2), at, None, Confidence::High)]);
    }

    #[test]
    fn a_link_that_left_during_the_tick_takes_no_other_links_outage_with_it() {
        let folder = tempfile::tempdir().expect("folder");
        let mut store = Store::open(folder.path()).expect("store");
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
        let outages = outages_after(folder.path(), store, links(&["stays"]), commit(at, changes));
        let outages: Vec<_> = outages.iter().map(|o| (o.link.as_str(), o.start, o.end)).collect();
        assert_eq!(outages, [("leaves", UtcMs(10_000), Some(UtcMs(15_000))), ("stays", at, None)]);
    }

    /// A recorder on the store of a folder, which holds one link.
    fn started(folder: &std::path::Path) -> (Recorder, thread::JoinHandle<()>) {
        let mut store = Store::open(folder).expect("store");
        store.set_inventory(&links(&["a"]), UtcMs(0)).expect("inventory");
        let beginning = Beginning {
            store: Ok((store, None)),
            inventory: Arc::new(links(&["a"])),
            standing: Standing::default(),
            sinks: Vec::new(),
            committed: watch::Sender::new(0),
        };
        let config = StoreConfig { folder: folder.to_owned(), ..StoreConfig::default() };
        Recorder::start(&config, beginning).expect("a thread")
    }

    fn newest(folder: &std::path::Path) -> Option<UtcMs> {
        Reader::open(folder).and_then(|reader| reader.last_tick()).expect("a sound store").map(|tick| tick.at)
    }

    #[test]
    fn ticks_are_written_while_all_of_the_store_is_looked_at_and_a_stop_does_not_wait_for_it() {
        let folder = tempfile::tempdir().expect("folder");
        let (recorder, thread) = started(folder.path());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
        // Whoever opens this waits until somebody writes into it, which nobody does: a look that never ends.
        let file = folder.path().join("phusong.db");
        std::fs::rename(&file, folder.path().join("moved")).expect("moved");
        assert!(std::process::Command::new("mkfifo").arg(&file).status().expect("mkfifo").success());
        recorder.downgrade().damaged("a test says so".to_owned());
        runtime.block_on(async {
            recorder.commit(commit(UtcMs(10_000), Vec::new())).await;
            wait_until(|| recorder.health().waiting_ticks == 0).await;
        });
        assert_eq!((recorder.health().refused, newest(folder.path())), (None, Some(UtcMs(10_000))));
        drop(recorder);
        runtime.block_on(wait_until(|| thread.is_finished()));
        thread.join().expect("no panic");
    }

    #[test]
    fn a_value_that_nobody_can_read_is_found_beside_the_writing() {
        let folder = tempfile::tempdir().expect("folder");
        let (recorder, thread) = started(folder.path());
        drop(recorder);
        thread.join().expect("no panic");
        let file = folder.path().join("phusong.db");
        let mut bytes = std::fs::read(&file).expect("file");
        let word = b"\"links\":[";
        let place = bytes.windows(word.len()).rposition(|window| window == word).expect("the inventory");
        bytes[place] = b'?';
        std::fs::write(&file, bytes).expect("file");
        let beginning = Beginning {
            store: Store::open(folder.path()).map(|store| (store, None)),
            inventory: Arc::new(links(&["a"])),
            standing: Standing::default(),
            sinks: Vec::new(),
            committed: watch::Sender::new(0),
        };
        let config = StoreConfig { folder: folder.path().to_owned(), ..StoreConfig::default() };
        let (recorder, thread) = Recorder::start(&config, beginning).expect("a thread");
        recorder.downgrade().damaged("a test says so".to_owned());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
        runtime.block_on(async {
            wait_until(|| {
                let _ = recorder.orders.try_send(Order::Look);
                !recorder.health().set_aside.is_empty()
            })
            .await;
            recorder.commit(commit(UtcMs(10_000), Vec::new())).await;
        });
        drop(recorder);
        thread.join().expect("no panic");
        assert_eq!(newest(folder.path()), Some(UtcMs(10_000)));
        assert!(Reader::open(folder.path()).and_then(|reader| reader.inventory()).expect("sound").is_some());
    }

    /// Waits for another thread.
    async fn wait_until(mut happened: impl FnMut() -> bool) {
        let long = Duration::from_secs(60);
        let wait = async {
            while !happened() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(long, wait).await.expect("it happens in time");
    }
}
