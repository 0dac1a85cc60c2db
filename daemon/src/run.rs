//! Ordered start and stop. Start: configuration, lock, store, sockets, questions, "ready", then probing: nothing waits
//! for a network. Stop: the tick under way is written, then the sink, the questions, the recorder.

use std::{
    path::Path,
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use phusong_checks::Checked;
use phusong_gaps::{Known, Notifier, Tracker};
use phusong_model::{
    Evidence, Inventory, Millis, Notification, OutageId, Tick, Told, UtcMs, Window, chain, config::Config,
    glossary::Lang,
};
use phusong_probes::{icmp::Prober, service::ServiceProber};
use phusong_store::{DataLock, Reader, SetAside, Standing, Store, StoreError, Undelivered, Unstored};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{mpsc, watch},
    task::JoinSet,
};

use crate::{
    api::Api,
    coverage::Kept,
    demo::{Demo, Running},
    imports::{IMPORTS, ImportRequest, with_imports},
    influx, listen,
    notify::{self, Channels, Couriers},
    orders::ORDERS,
    polls::{Polls, REPORTS, SnmpThread},
    prober::ProberThread,
    recorder::{Beginning, Recorder, Saving},
    reload::Reloader,
    systemd,
    tick::{Resumed, TickLoop, Wiring, wall},
    traps,
};

/// How long a stop waits for each part before it goes on without it, and says so.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// How often a thread that is to end is looked at.
const STOP_STEP: Duration = Duration::from_millis(10);

/// Runs the daemon until SIGTERM or SIGINT.
pub(crate) async fn run(path: &Path, demo: Option<Demo>) -> anyhow::Result<()> {
    let Checked { config, inventory, credentials, trust, profiles, channels } = read(path)?;
    let _lock = DataLock::take(&config.store.folder)?;
    let inventory = Arc::new(with_imports(inventory, &config.store.folder));
    let (stop, stopping) = watch::channel(false);
    let (health, health_seen) = watch::channel(None);
    let (committed, commits) = watch::channel(0);
    let (recorder, recorder_thread, before) = open_recorder(&config, &inventory, committed)?;
    let (refused_reload, refused_seen) = watch::channel(None);
    let (reload_sender, reloads) = mpsc::channel(1);
    let (import_sender, import_requests) = mpsc::channel(IMPORTS);
    let mut tasks = JoinSet::new();

    let (prober, prober_thread) = open_prober()?.unzip();
    let demo_running = start_demo(demo, prober.clone()).await?;
    let (reports_sender, reports) = mpsc::channel(REPORTS);
    let (orders_sender, orders) = mpsc::channel(ORDERS);
    let (asking, snmp_thread) = SnmpThread::start()?;
    let senders = (reports_sender, orders_sender.clone());
    let polls = Polls::start(asking, senders, &inventory, &config.snmp, (&credentials, &profiles));
    let (traps, trap_thread) = traps::start(&config, polls.senders(), &stopping)?;

    let (trusted, trust_seen) = watch::channel(trust.clone());
    let (told, told_seen) = watch::channel(Channels { all: channels.clone(), inventory: inventory.clone() });
    let replicas = influx::Replicas::of(&config, &recorder)?;
    let kept = Kept::default();
    let api = Api::new(&config, health_seen, (trust_seen, told_seen), orders_sender, recorder.downgrade());
    let deceived = demo_running.is_some().then(|| prober.as_ref().map(ProberThread::losses)).flatten();
    let api = api.with(replicas.clone(), import_sender, kept.far(), deceived);
    listen::start(&mut tasks, &config.api, api, &stopping).await?;

    let wiring = Wiring {
        prober,
        services: ServiceProber::new(trust),
        recorder: recorder.clone(),
        couriers: Couriers::start(&channels, recorder.clone(), before.messages, stopping.clone()),
        polls,
        reports,
        orders,
        traps,
        reloads,
        refused_reload: refused_seen,
        influx: influx::start(&mut tasks, &replicas, &recorder, &commits, &stopping)?,
        health,
        demo: demo_running.is_some(),
    };
    tasks.spawn(recorder.clone().keep_looking(stopping.clone()));
    // Before the word "ready", which may bring a reload at once.
    let signals = Signals::catch().context("signals cannot be caught")?;
    announce(&config, demo_running.is_some());
    let tick_task = tokio::spawn(tick_loop(&config, &inventory, before.known, wiring).run(stopping.clone()));
    let reloader = Reloader {
        path: path.to_owned(),
        started_with: config,
        recorder,
        reloads: reload_sender,
        trusted,
        told,
        refused: refused_reload,
        geodata: kept,
    };
    signals.serve(reloader, import_requests).await;

    systemd::stopping();
    tracing::info!("stopping");
    stop.send_replace(true);
    stopped(tick_task, tasks).await;
    drop(demo_running);
    let threads = [("traps", trap_thread), ("snmp", Some(snmp_thread)), ("prober", prober_thread)];
    threads.into_iter().chain([("recorder", Some(recorder_thread))]).for_each(|(part, thread)| join(part, thread));
    Ok(())
}

async fn start_demo(demo: Option<Demo>, prober: Option<ProberThread>) -> anyhow::Result<Option<Running>> {
    match demo {
        Some(demo) => demo.start(prober).await.map(Some),
        None => Ok(None),
    }
}

/// Waits for the tick under way to be written, then for everything that answers and sends.
async fn stopped(tick_task: tokio::task::JoinHandle<()>, mut tasks: JoinSet<()>) {
    in_time("tick loop", tick_task).await;
    in_time("tasks", async { while tasks.join_next().await.is_some() {} }).await;
    tasks.abort_all();
}

fn read(path: &Path) -> anyhow::Result<Checked> {
    let checked = phusong_checks::read(path)?;
    log_remarks(&checked);
    Ok(checked)
}

/// What is no fault and still worth a word, for the log of a daemon that starts or reloads.
pub(crate) fn log_remarks(checked: &Checked) {
    checked.remarks().iter().for_each(|remark| tracing::warn!("{}", remark.words(Lang::En)));
}

/// What was before the start, as far as a store tells it.
#[derive(Default)]
struct Before {
    known: Option<KnownBefore>,
    /// Messages under way, and those of events that are not over.
    messages: (Vec<Undelivered>, Vec<Notification>),
}

/// What probing goes on from.
struct KnownBefore {
    now: UtcMs,
    evidence: Evidence,
    told: Vec<Told>,
    last_outage: Option<OutageId>,
    last_tick: Option<Tick>,
}

/// Opens the store and starts the thread that writes it. A damaged store is set aside; a disk that takes nothing keeps
/// nobody from probing, and is tried again.
fn open_recorder(
    config: &Config,
    inventory: &Arc<Inventory>,
    committed: watch::Sender<i64>,
) -> anyhow::Result<(Recorder, JoinHandle<()>, Before)> {
    let folder = &config.store.folder;
    let sinks = config.influx.iter().map(|influx| influx.name.clone()).collect::<Vec<_>>();
    let begin = |(mut store, aside): (Store, Option<SetAside>)| {
        store.set_inventory(inventory, wall())?;
        sinks.iter().try_for_each(|sink| store.add_sink(sink))?;
        Ok((store, aside))
    };
    // A start reads what a running daemon may never meet.
    let read = |opened| Ok((opened, read_before(folder)?));
    let mut saving = Saving::at_start();
    let mut opened =
        Store::open_or_salvage(folder, wall(), &mut |read| saving.goes_on(read)).and_then(begin).and_then(read);
    if let Err(error) = &opened
        && error.is_unreadable()
    {
        // With its own time: had the first salvage used it up, this one would save nothing.
        let mut saving = Saving::at_start();
        let salvaged = Store::salvage_now(folder, wall(), &chain(error), &mut |read| saving.goes_on(read));
        let salvaged = salvaged.map(|(store, aside)| (store, Some(aside))).and_then(begin);
        // What was saved may still hold what no program can read.
        opened = salvaged.map(|store| (store, read_before(folder).unwrap_or_else(|error| nothing_before(&error))));
    }
    let (store, before) = match opened {
        Ok((store, before)) => (Ok(store), before),
        Err(error) if error.is_refusal() => {
            tracing::error!(error = %chain(&error), "the store cannot be opened; probing goes on from memory");
            // A full disk can still be read.
            (Err(error), read_before(folder).unwrap_or_default())
        }
        Err(error) => return Err(error.into()),
    };
    let standing = before.known.as_ref().map(|known| Standing::of(&known.evidence)).unwrap_or_default();
    let beginning = Beginning { store, inventory: inventory.clone(), standing, sinks, committed };
    let (recorder, thread) = Recorder::start(&config.store, beginning).context("the recorder's thread cannot start")?;
    Ok((recorder, thread, before))
}

fn nothing_before(error: &StoreError) -> Before {
    tracing::error!(error = %chain(error), "what was before the start cannot be read; probing goes on without it");
    Before::default()
}

/// Read through a reader, as everyone else: what it shows is what was committed.
fn read_before(folder: &Path) -> Result<Before, StoreError> {
    let reader = Reader::open(folder)?;
    let last_tick = reader.last_tick()?;
    // Where the clock stands before the newest tick, as on a machine whose clock is not set yet, labels go on from that
    // tick, so time does too: what was seen stays as it was seen.
    let ahead = last_tick.map(|tick| tick.at).filter(|at| *at > wall());
    let now = ahead.map_or_else(wall, |at| at.plus(Millis(1)));
    // What ended shortly before we stopped may not be told yet, however long ago that is.
    let watched = last_tick.map_or(now, |tick| tick.at);
    let evidence = reader.evidence(now, Window::new(watched.minus(LOOK_BACK), now))?;
    let (told, last_outage) = (reader.told()?, reader.last_outage()?);
    let known = KnownBefore { now, evidence, told, last_outage, last_tick };
    Ok(Before { known: Some(known), messages: (reader.undelivered()?, reader.open_notifications()?) })
}

/// The prober's thread, or `None` when the machine does not let us ping; then SNMP alone decides.
fn open_prober() -> anyhow::Result<Option<(ProberThread, JoinHandle<()>)>> {
    match Prober::open() {
        Ok(prober) => {
            tracing::info!(socket = ?prober.mode(), "probing by ICMP");
            ProberThread::start(prober).map(Some).context("the prober's thread cannot start")
        }
        Err(error) => {
            let reason = format!("{:#}", anyhow::Error::from(error));
            tracing::warn!(%reason, "no right to send ICMP: SNMP alone decides, links without SNMP are blind");
            tracing::warn!("remedy: {}", ICMP_REMEDY);
            Ok(None)
        }
    }
}

/// What gives a program the right to ping, any one of the three.
pub(crate) const ICMP_REMEDY: &str =
    "run as root, or `setcap cap_net_raw+ep phusongd`, or `sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"`";

/// Outages that ended so lately may still belong to an event that goes on, and their far ends may still tell why.
const LOOK_BACK: Millis = Millis::from_secs(3600);

fn tick_loop(config: &Config, inventory: &Arc<Inventory>, before: Option<KnownBefore>, wiring: Wiring) -> TickLoop {
    let none = || {
        let now = wall();
        let evidence = Unstored::default().alone(now, Window::new(now, now));
        // Numbers that no store has by now: it may come back with outages in it.
        let last_outage = Some(OutageId(now.0 / 1000));
        KnownBefore { now, evidence, told: Vec::new(), last_outage, last_tick: None }
    };
    let KnownBefore { now, evidence, told, last_outage, last_tick } = before.unwrap_or_else(none);
    let known = Known {
        links: &evidence.links,
        outages: &evidence.outages,
        events: &evidence.events,
        planned: &evidence.planned,
        last_outage,
        last_tick,
    };
    let (tracker, changes) = Tracker::resume(&config.rule, inventory, known, now);
    let notifier = Notifier::resume(notify::rules(config), known, told, &evidence.acks);
    let resumed = Resumed { tracker, notifier, changes, planned: evidence.planned, last_tick };
    TickLoop::new(config.clone(), inventory.clone(), resumed, wiring)
}

fn announce(config: &Config, demo: bool) {
    systemd::ready("probing");
    tracing::info!(socket = %config.api.socket.display(), page = ?config.api.listen, data = %config.store.folder.display(), demo, "answering");
}

/// What the daemon is told from outside.
struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From here on a signal waits until it is served, and none ends the program by itself.
    fn catch() -> std::io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Computes coverage, then serves SIGHUP and orders about datasets, one after the other, until SIGTERM or SIGINT. A
    /// stop does not wait for what is under way, which may itself wait a period for the next tick: what it had written is
    /// in force after the next start.
    async fn serve(mut self, reloader: Reloader, mut imports: mpsc::Receiver<ImportRequest>) {
        let mut hangup = self.hangup;
        let work = async {
            reloader.begin().await;
            loop {
                tokio::select! {
                    _ = hangup.recv() => reloader.reload().await,
                    Some(request) = imports.recv() => reloader.import(request).await,
                }
            }
        };
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            () = work => {}
        }
    }
}

async fn in_time<T>(part: &str, task: impl Future<Output = T>) {
    if tokio::time::timeout(STOP_PATIENCE, task).await.is_err() {
        tracing::warn!(part, "did not stop in time");
    }
}

/// The threads end when the last handle to them is gone, which the tasks before them held. One that a disk holds up is
/// not waited for.
fn join(part: &str, thread: Option<JoinHandle<()>>) {
    let Some(thread) = thread else { return };
    let begun = Instant::now();
    while !thread.is_finished() {
        if begun.elapsed() > STOP_PATIENCE {
            return tracing::warn!(part, "did not stop in time");
        }
        std::thread::sleep(STOP_STEP);
    }
    if thread.join().is_err() {
        tracing::error!(part, "ended by a panic");
    }
}
