//! The couriers: a task for each channel, which waits for messages, for quiet hours to end and for servers to come back.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use phusong_checks::{Channel, Outcome};
use phusong_model::{ChannelHealth, EventId, Notification, Telling, UtcMs};
use phusong_store::{Delivered, Undelivered};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
    time::Instant,
};

use super::{
    locked,
    queue::{Next, Pace, Queue, WAITING_MOST},
};
use crate::{
    patience::{jitter, pause},
    recorder::Recorder,
    tick::wall,
};

/// How often a receiver that forgets is told again of what is open.
const AGAIN: Duration = Duration::from_secs(300);

/// How often a store that refused the marks of deliveries is asked again; and how long a wait for the wall clock is at
/// most, which may be set meanwhile.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// How long a stop waits for deliveries under way.
const LAST_PATIENCE: Duration = Duration::from_secs(3);

/// All couriers.
pub(crate) struct Couriers {
    desks: BTreeMap<String, Arc<Desk>>,
    open: Arc<Mutex<Open>>,
    recorder: Recorder,
    stop: watch::Receiver<bool>,
    tasks: JoinSet<()>,
}

/// The last message of each event that is not told to be over, for receivers that forget.
type Open = BTreeMap<EventId, Notification>;

/// What a courier shares with those who hand messages over.
struct Desk {
    state: Mutex<State>,
    news: Notify,
}

struct State {
    channel: Arc<Channel>,
    queue: Queue,
    /// Ends of deliveries that the store does not have yet.
    marks: Vec<Delivered>,
    health: ChannelHealth,
    /// The channel is another one now: what was waited out for the old one is not for this one.
    renewed: bool,
    /// The channel is gone.
    closed: bool,
}

impl Couriers {
    /// Starts the couriers with what was still on its way. What goes by a channel that is no more is given up.
    pub(crate) fn start(
        channels: &[Arc<Channel>],
        recorder: Recorder,
        (undelivered, open): (Vec<Undelivered>, Vec<Notification>),
        stop: watch::Receiver<bool>,
    ) -> Self {
        let open = open.into_iter().map(|message| (message.event, message)).collect();
        let open = Arc::new(Mutex::new(open));
        let mut couriers = Self { desks: BTreeMap::new(), open, recorder, stop, tasks: JoinSet::new() };
        couriers.apply(channels);
        let mut homeless = Vec::new();
        for Undelivered { channel, notification } in undelivered {
            match couriers.desks.get(&channel) {
                Some(desk) => desk.take(notification),
                None => homeless.push(mark(&channel, &notification, Some(REMOVED.to_owned()))),
            }
        }
        couriers.give_up(homeless);
        couriers
    }

    /// Puts other channels in force. What waits for one that stays by name waits on, and goes its new way.
    pub(crate) fn apply(&mut self, channels: &[Arc<Channel>]) {
        while self.tasks.try_join_next().is_some() {}
        let mut before = std::mem::take(&mut self.desks);
        for channel in channels {
            let name = channel.config.name.clone();
            let desk = match before.remove(&name) {
                Some(desk) => {
                    desk.state().put(channel.clone());
                    desk.news.notify_one();
                    desk
                }
                None => self.open(channel.clone()),
            };
            self.desks.insert(name, desk);
        }
        let homeless = before.into_values().flat_map(|desk| desk.close()).collect();
        self.give_up(homeless);
    }

    fn open(&mut self, channel: Arc<Channel>) -> Arc<Desk> {
        let desk = Arc::new(Desk::new(channel));
        self.tasks.spawn(run(desk.clone(), self.open.clone(), self.recorder.clone(), self.stop.clone()));
        desk
    }

    /// Hands over what is told.
    pub(crate) fn hand_over(&mut self, tellings: &[Telling]) {
        for telling in tellings {
            self.keep_open(telling);
            let Some(message) = &telling.notification else { continue };
            let desks = telling.channels.iter().filter_map(|channel| self.desks.get(channel));
            desks.for_each(|desk| desk.take(message.clone()));
        }
    }

    /// Forgets an event as soon as it is over, whether or not anybody is told: nothing may tell of it as open again.
    fn keep_open(&self, telling: &Telling) {
        let mut open = locked(&self.open);
        match (&telling.told, &telling.notification) {
            (Some(told), Some(message)) if told.closed.is_none() => drop(open.insert(telling.event, message.clone())),
            (Some(told), None) if told.closed.is_none() => {}
            _ => drop(open.remove(&telling.event)),
        }
    }

    /// The account of each channel.
    pub(crate) fn health(&self) -> Vec<ChannelHealth> {
        self.desks.values().map(|desk| desk.state().health(wall())).collect()
    }

    /// Waits a little for deliveries under way; what does not arrive by then goes again after the next start.
    pub(crate) async fn finish(mut self) {
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST_PATIENCE, all).await.is_err() {
            tracing::warn!("deliveries are broken off; they are made again after the next start");
            self.tasks.shutdown().await;
        }
    }

    fn give_up(&mut self, marks: Vec<Delivered>) {
        if marks.is_empty() {
            return;
        }
        tracing::warn!(messages = marks.len(), "given up: their channel was removed from the configuration");
        let recorder = self.recorder.clone();
        self.tasks.spawn(async move {
            // Marks that are not kept are set again at the next start.
            if let Err(error) = recorder.deliver(marks).await {
                tracing::warn!(%error, "that messages were given up is not stored");
            }
        });
    }
}

/// Why a message is given up whose channel is not in the configuration any more.
const REMOVED: &str = "the channel was removed";

impl Desk {
    fn new(channel: Arc<Channel>) -> Self {
        let health = ChannelHealth {
            channel: channel.config.name.clone(),
            kind: channel.config.kind,
            waiting: 0,
            oldest: None,
            quiet_until: None,
            delivered: 0,
            given_up: 0,
            last: None,
            fault: None,
        };
        let state =
            State { channel, queue: Queue::default(), marks: Vec::new(), health, renewed: false, closed: false };
        Self { state: Mutex::new(state), news: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    fn take(&self, message: Notification) {
        let mut state = self.state();
        let lost = state.queue.push(message, Instant::now().into_std());
        let reason = format!("more than {WAITING_MOST} messages waited");
        state.give_up(&lost, &reason, wall());
        self.news.notify_one();
    }

    /// Closes the desk; gives what is given up by it.
    fn close(&self) -> Vec<Delivered> {
        let mut state = self.state();
        state.closed = true;
        let left = state.queue.clear();
        self.news.notify_one();
        left.iter().map(|message| mark(&state.health.channel, message, Some(REMOVED.to_owned()))).collect()
    }
}

impl State {
    fn put(&mut self, channel: Arc<Channel>) {
        self.health.kind = channel.config.kind;
        // What held it up may have been what was mended.
        self.health.fault = None;
        self.renewed = true;
        self.channel = channel;
    }

    /// The time to the next delivery when the last one went well: none while messages of a refused batch, or those that a
    /// command gets one by one, follow each other.
    fn every(&self) -> Duration {
        let goes_on = self.queue.is_searching() || (self.channel.together() == 1 && self.queue.len() > 0);
        if goes_on { Duration::ZERO } else { self.channel.config.every.0 }
    }

    fn pace(&self) -> Pace {
        let config = &self.channel.config;
        Pace { quiet: config.quiet, passes: config.quiet_passes.clone(), together: self.channel.together() }
    }

    fn health(&self, now: UtcMs) -> ChannelHealth {
        ChannelHealth {
            waiting: self.queue.len() as u64,
            oldest: self.queue.oldest(),
            quiet_until: self.queue.held_until(&self.pace(), now),
            ..self.health.clone()
        }
    }

    /// Keeps the accounts after an attempt; whether it went well.
    fn settle(&mut self, sent: &[Notification], outcome: Outcome, now: UtcMs) -> bool {
        match outcome {
            Outcome::Delivered(remark) => {
                if let Some(remark) = &remark {
                    tracing::error!(channel = %self.health.channel, what = %remark, "some were not told");
                } else if self.health.fault.is_some() {
                    tracing::info!(channel = %self.health.channel, "messages arrive again");
                }
                self.queue.delivered(sent);
                self.health.delivered += sent.len() as u64;
                self.health.last = Some(now);
                self.health.fault = remark;
                let marks = sent.iter().map(|message| mark(&self.health.channel, message, None));
                self.marks.extend(marks);
                true
            }
            Outcome::Never(what) => {
                if let Some(given_up) = self.queue.refused(sent) {
                    self.give_up(&[given_up], &what, now);
                }
                self.health.fault = Some(what);
                true
            }
            Outcome::Again(what) => {
                if self.health.fault.is_none() {
                    tracing::error!(channel = %self.health.channel, %what, "messages do not arrive; they wait");
                }
                let expired = self.queue.failed(sent, Instant::now().into_std());
                self.give_up(&expired, &what, now);
                self.health.fault = Some(what);
                false
            }
        }
    }

    /// Open events were told again, or were not.
    fn told_again(&mut self, fault: Option<String>) {
        if let (Some(what), None) = (&fault, &self.health.fault) {
            tracing::error!(channel = %self.health.channel, %what, "open events are not told again");
        }
        self.health.fault = fault;
    }

    fn give_up(&mut self, messages: &[Notification], reason: &str, now: UtcMs) {
        for message in messages {
            tracing::error!(channel = %self.health.channel, id = %message.id, reason, "a message is given up");
            let mark = mark(&self.health.channel, message, Some(reason.to_owned()));
            self.marks.push(Delivered { at: now, ..mark });
        }
        self.health.given_up += messages.len() as u64;
    }
}

fn mark(channel: &str, message: &Notification, given_up: Option<String>) -> Delivered {
    Delivered { notification: message.id.clone(), channel: channel.to_owned(), at: wall(), given_up }
}

/// What a courier does next.
enum Step {
    Send(Arc<Channel>, Vec<Notification>),
    /// Tells again of what is open.
    Again(Arc<Channel>),
    Wait(Duration),
    Stop,
}

/// When a courier may do what.
struct Times {
    /// No delivery before.
    next: Instant,
    /// When open events are told again.
    again: Instant,
    failures: u32,
}

impl Times {
    fn step(&self, state: &State) -> Step {
        let now = Instant::now();
        let until_next = self.next.saturating_duration_since(now);
        if state.closed && state.marks.is_empty() {
            return Step::Stop;
        }
        if !until_next.is_zero() {
            return Step::Wait(until_next.min(LOOK_AGAIN));
        }
        match state.queue.next(&state.pace(), wall()) {
            Next::Send(batch) => Step::Send(state.channel.clone(), batch),
            Next::Nothing if state.channel.forgets() && self.again <= now => Step::Again(state.channel.clone()),
            Next::Nothing | Next::Quiet(_) => Step::Wait(LOOK_AGAIN),
        }
    }

    fn new() -> Self {
        Self { next: Instant::now(), again: Instant::now(), failures: 0 }
    }

    /// After an attempt.
    fn attempted(&mut self, went_well: bool, every: Duration) {
        self.failures = if went_well { 0 } else { self.failures.saturating_add(1) };
        let wait = if went_well { every } else { pause(self.failures, jitter()).max(every) };
        self.next = Instant::now() + wait;
    }
}

async fn run(desk: Arc<Desk>, open: Arc<Mutex<Open>>, recorder: Recorder, mut stop: watch::Receiver<bool>) {
    let mut times = Times::new();
    loop {
        write_marks(&desk, &recorder).await;
        if *stop.borrow() {
            return;
        }
        if std::mem::take(&mut desk.state().renewed) {
            times = Times::new();
        }
        let step = times.step(&desk.state());
        match step {
            Step::Stop => return,
            Step::Wait(wait) => tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = desk.news.notified() => {}
                _ = stop.wait_for(|stop| *stop) => {}
            },
            Step::Send(channel, batch) => {
                let outcome = channel.deliver(&batch, wall()).await;
                let went_well = desk.state().settle(&batch, outcome, wall());
                times.attempted(went_well, desk.state().every());
            }
            Step::Again(channel) => {
                let open: Vec<Notification> = locked(&open).values().cloned().collect();
                let told = if open.is_empty() { None } else { Some(channel.deliver(&open, wall()).await) };
                times.again = Instant::now() + AGAIN;
                let Some(told) = told else { continue };
                let fault = match told {
                    Outcome::Delivered(remark) => remark,
                    Outcome::Again(what) | Outcome::Never(what) => Some(what),
                };
                let went_well = fault.is_none();
                desk.state().told_again(fault);
                times.attempted(went_well, channel.config.every.0);
                if !went_well {
                    times.again = Instant::now();
                }
            }
        }
    }
}

/// Has the store keep which messages arrived. One that refuses is asked again with the next ones.
async fn write_marks(desk: &Desk, recorder: &Recorder) {
    let marks = desk.state().marks.clone();
    if marks.is_empty() {
        return;
    }
    let written = marks.len();
    match recorder.deliver(marks).await {
        Ok(()) => drop(desk.state().marks.drain(..written)),
        Err(error) => tracing::warn!(%error, "that messages arrived is not stored; asked again later"),
    }
}
