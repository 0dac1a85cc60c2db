//! What happens beside the screen, each in a thread of its own: keys, signals, answers, orders. None of them waits for the
//! screen, and the screen waits for none of them: they tell it through one queue.

use std::{
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use phusong_model::{LinkId, OutageId, UtcMs, answer::Answer, command::AckOrder, glossary::Lang};
use ratatui::crossterm::event;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{
    keys::{self, Key},
    picture::Picture,
    source::Source,
};
use crate::{
    ack,
    failure::{Failure, NO_ANSWER},
    paint::Paint,
    show::View,
    site::Site,
};

/// While the daemon is away nothing new comes into its store but what people write, and reading a year's store is work.
const STORE_PAUSE: Duration = Duration::from_secs(30);

/// How long somebody who leaves waits for what is under way.
const LEAVING: Duration = Duration::from_secs(2);

/// Width for sentences that are broken into lines elsewhere.
const ONE_LINE: usize = usize::MAX;

/// What the screen hears of.
#[derive(Debug)]
pub enum Happening {
    /// A key.
    Key(Key),
    /// The terminal has so many columns and lines now.
    Resized(u16, u16),
    /// An answer to everything.
    Told(Box<Picture>),
    /// Neither daemon nor store answers, or they refuse the question.
    Nothing(String),
    /// An answer about a link.
    OfLink(LinkId, Result<Box<Answer>, String>),
    /// What became of an acknowledgement.
    Acknowledged(OutageId, Result<String, String>),
    /// The program is asked to end, with this exit code.
    End(u8),
    /// Something failed that cannot fail.
    Broken(String),
}

/// What the thread that asks is asked to do.
#[derive(Debug)]
pub enum Request {
    /// From now on this link too.
    Follow(Option<LinkId>),
    /// Everything, at once.
    Now,
}

/// The time.
pub fn now() -> UtcMs {
    jiff::Timestamp::now().into()
}

/// Starts to read keys and sizes.
pub fn read_keys(tell: Sender<Happening>) {
    thread::spawn(move || {
        loop {
            let happening = match event::read() {
                Ok(event) => keys::happening(event),
                // Without keys nobody could end it.
                Err(error) => Some(Happening::Broken(error.to_string())),
            };
            let is_last = matches!(happening, Some(Happening::Broken(_)));
            if happening.is_some_and(|happening| tell.send(happening).is_err()) || is_last {
                return;
            }
        }
    });
}

/// Starts to wait for signals that end a program; from here on they end it with its terminal in order.
pub fn await_signals(tell: Sender<Happening>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let entered = runtime.enter();
    let [terminate, hangup, interrupt] =
        [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()].map(signal);
    let (terminate, hangup, interrupt) = (terminate?, hangup?, interrupt?);
    drop(entered);
    thread::spawn(move || {
        let ended = runtime.block_on(first_of(terminate, hangup, interrupt));
        // When the screen is gone already, that is what was asked for.
        let _gone = tell.send(Happening::End(ended));
    });
    Ok(())
}

/// The exit code that shells give a program which the signal ends.
async fn first_of(mut terminate: Signal, mut hangup: Signal, mut interrupt: Signal) -> u8 {
    let of = |kind: SignalKind| 128 + u8::try_from(kind.as_raw_value()).unwrap_or(0);
    tokio::select! {
        _ = terminate.recv() => of(SignalKind::terminate()),
        _ = hangup.recv() => of(SignalKind::hangup()),
        _ = interrupt.recv() => of(SignalKind::interrupt()),
    }
}

/// Starts to ask, every `interval` and whenever it is requested; one question at a time.
pub fn ask(source: Source, interval: Duration, tell: Sender<Happening>) -> (Sender<Request>, Ended) {
    let (request, requests) = channel();
    let (ended, ends) = channel();
    thread::spawn(move || {
        let _told_when_dropped: Sender<()> = ended;
        let mut asker = Asker { source, tell, follow: None, store_read: None };
        asker.run(interval, &requests);
    });
    (request, Ended(ends))
}

/// That the one who asks has ended.
pub struct Ended(Receiver<()>);

impl Ended {
    /// Waits for it, within reason: a copy of a locked store that is being read is taken away by whoever made it.
    pub fn wait(&self) {
        let _ended_or_not = self.0.recv_timeout(LEAVING);
    }
}

/// The one who asks.
struct Asker {
    source: Source,
    tell: Sender<Happening>,
    follow: Option<LinkId>,
    store_read: Option<Instant>,
}

impl Asker {
    /// Asks until nobody hears it any more.
    fn run(&mut self, interval: Duration, requests: &Receiver<Request>) {
        let mut next = Instant::now() + interval;
        loop {
            let mut all = false;
            match requests.recv_timeout(next.saturating_duration_since(Instant::now())) {
                // Of what gathered while a daemon hung only the last link is on the screen.
                Ok(first) => {
                    for request in std::iter::once(first).chain(requests.try_iter()) {
                        match request {
                            Request::Follow(link) => self.follow = link,
                            Request::Now => (all, self.store_read) = (true, None),
                        }
                    }
                }
                Err(RecvTimeoutError::Timeout) => all = true,
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let heard = if all { self.everything() } else { self.about_link() };
            if all {
                next = Instant::now() + interval;
            }
            if !heard {
                return;
            }
        }
    }

    /// Whether somebody hears it.
    fn say(&self, happening: Happening) -> bool {
        self.tell.send(happening).is_ok()
    }

    fn everything(&mut self) -> bool {
        let fault = match self.source.daemon(now()) {
            Ok(Ok(picture)) => {
                self.store_read = None;
                return self.say(Happening::Told(Box::new(picture))) && self.about_link();
            }
            Ok(Err(refusal)) => {
                return self.say_nothing(&Failure::Question { refusal, conditions: Vec::new() });
            }
            Err(fault) => fault,
        };
        if self.store_read.is_some_and(|read| read.elapsed() < STORE_PAUSE) {
            return true;
        }
        self.store_read = Some(Instant::now());
        match self.source.store(now(), fault, self.follow.as_ref()) {
            Ok((picture, of_link)) => {
                let told = self.say(Happening::Told(Box::new(picture)));
                told && self.follow.iter().zip(of_link).all(|(link, answer)| self.say_of_link(link, answer))
            }
            Err(failure) => self.say_nothing(&failure),
        }
    }

    /// Nobody tells anything, and of a link that was opened nothing either.
    fn say_nothing(&self, failure: &Failure) -> bool {
        let words = failure.words(self.source.lang);
        let of_link = |link: &LinkId| self.say(Happening::OfLink(link.clone(), Err(words.clone())));
        self.follow.iter().all(of_link) && self.say(Happening::Nothing(words))
    }

    fn about_link(&self) -> bool {
        self.follow.iter().all(|link| self.say_of_link(link, self.source.link(link, now())))
    }

    fn say_of_link(&self, link: &LinkId, answer: Result<Answer, Failure>) -> bool {
        let answer = answer.map(Box::new).map_err(|failure| failure.words(self.source.lang));
        self.say(Happening::OfLink(link.clone(), answer))
    }
}

/// Starts to give an order; what becomes of it is told.
pub fn acknowledge(site: Site, outage: OutageId, note: Option<String>, lang: Lang, tell: Sender<Happening>) {
    thread::spawn(move || {
        let at = now();
        let given = ack::give_notice(&site, outage, &AckOrder { note, ticket: None }, at);
        let view = View { lang, width: ONE_LINE, paint: Paint::Plain, now: at };
        let outcome = given.map(|given| ack::told(&given.ack, &view).join(" "));
        // Who has left the screen does not wait for it either.
        let _gone = tell.send(Happening::Acknowledged(outage, outcome.map_err(|failure| failure.words(lang))));
    });
}

/// The exit code of a screen whose parts failed.
pub const BROKEN: u8 = NO_ANSWER;
