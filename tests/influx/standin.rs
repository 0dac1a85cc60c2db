//! A stand-in for InfluxDB that does what it is told, and remembers every point it has acknowledged or stored. What
//! nobody has told it to do it does as InfluxDB would: [`Database`].

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::{self, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
    time::{Duration, Instant},
};

use nix::sys::socket::{setsockopt, sockopt};

use crate::{
    database::{Database, Said, unpacked},
    http::{Request, read_request},
};

/// What the stand-in does with a request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Stores nothing and answers this status and body.
    Status(u16, &'static str),
    /// Stores nothing and answers this status with so many seconds to wait.
    RetryAfter(u16, u32),
    /// Stores everything, but says this where InfluxDB says 204.
    StoreAndSay(u16, &'static str),
    /// Stores everything and cuts the connection before answering.
    StoreAndCut,
    /// Stores everything and answers 204 byte by byte.
    Drip,
    /// Reads the request, then cuts the connection.
    Cut,
    /// Begins the head of a 204, then resets the connection. Nothing is stored.
    ResetInHead,
    /// Cuts the connection and listens to nobody for a while: connections are refused.
    Refuse(Duration),
    /// Says nothing more on this connection.
    Hang,
    /// 413 for more than so many lines, this time and ever after.
    LimitLines(usize),
}

/// What goes back to the client.
enum Reaction {
    Answer { said: Said, after: Option<u32> },
    Drip,
    Reset,
    Cut,
}

impl Reaction {
    fn status(status: u16, body: &str) -> Self {
        Self::Answer { said: Said { status, kind: None, body: body.to_owned() }, after: None }
    }
}

/// Between two bytes of an answer that drips.
const DRIP: Duration = Duration::from_millis(40);

/// A request that was seen.
#[derive(Debug, Clone)]
pub struct Seen {
    /// When it came.
    pub at: Instant,
    /// The request line.
    pub line: String,
    /// The token header.
    pub authorization: String,
    /// How many lines its body had.
    pub lines: usize,
    /// What was answered; 0 for no answer.
    pub status: u16,
}

#[derive(Default)]
struct State {
    script: VecDeque<Answer>,
    /// What it does with every request, until it is mended.
    always: Option<Answer>,
    limit: Option<usize>,
    database: Database,
    /// How long it thinks about each request.
    delay: Duration,
    /// Until when it listens to nobody.
    deaf_until: Option<Instant>,
    seen: Vec<Seen>,
}

/// The stand-in; it lives as long as the test program.
#[derive(Clone)]
pub struct StandIn {
    /// Where it listens.
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl StandIn {
    /// Starts it; after the script it stores everything and answers 204.
    pub fn start(script: impl IntoIterator<Item = Answer>) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").expect("bind"), script)
    }

    /// The same on a port that is there already.
    pub fn on(listener: TcpListener, script: impl IntoIterator<Item = Answer>) -> Self {
        let address = listener.local_addr().expect("address");
        let state = Arc::new(Mutex::new(State { script: script.into_iter().collect(), ..State::default() }));
        let stand_in = Self { address, state };
        let serving = stand_in.clone();
        thread::spawn(move || serving.listen(listener));
        stand_in
    }

    fn listen(&self, mut listener: TcpListener) {
        loop {
            let Ok((stream, _)) = listener.accept() else { continue };
            let deaf_until = self.state().deaf_until.take();
            let Some(until) = deaf_until else {
                let serving = self.clone();
                thread::spawn(move || serving.serve(stream));
                continue;
            };
            drop((stream, listener));
            thread::sleep(until.saturating_duration_since(Instant::now()));
            listener = TcpListener::bind(self.address).expect("the port is still ours");
        }
    }

    /// How long it thinks about each request from now on.
    pub fn delay(&self, delay: Duration) {
        self.state().delay = delay;
    }

    /// When the first sample of each time was stored, by the time in seconds.
    pub fn arrived(&self) -> BTreeMap<String, Instant> {
        self.state().database.arrived.clone()
    }

    /// What it does with the next requests.
    pub fn next(&self, answers: impl IntoIterator<Item = Answer>) {
        self.state().script.extend(answers);
    }

    /// From now on it does this with every request; `None` mends it.
    pub fn always(&self, answer: Option<Answer>) {
        self.state().always = answer;
    }

    /// Refuses the line with this beginning and this end for ever.
    pub fn refuse_line(&self, beginning: &str, end: &str) {
        self.state().database.bad = Some((beginning.to_owned(), end.to_owned()));
    }

    /// Every point that is stored: series and time to fields.
    pub fn points(&self) -> BTreeMap<String, String> {
        self.state().database.points.clone()
    }

    /// The same, which are then forgotten with the requests.
    pub fn take(&self) -> (BTreeMap<String, String>, Vec<Seen>) {
        let mut state = self.state();
        (std::mem::take(&mut state.database.points), std::mem::take(&mut state.seen))
    }

    /// All that is stored, in a form that the real server's answers can be brought into.
    pub fn facts(&self) -> BTreeSet<String> {
        self.state().database.facts()
    }

    /// Changes what it is: its version, bucket, tokens and limit.
    pub fn be(&self, change: impl FnOnce(&mut Database)) {
        change(&mut self.state().database);
    }

    /// Every request so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.state().seen.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Ok(Some(request)) = read_request(&mut reader) {
            let reaction = self.react(&request);
            let stream = reader.get_mut();
            let written = match reaction {
                Reaction::Answer { said: Said { status, kind, body }, after } => {
                    let after = after.map(|after| format!("Retry-After: {after}\r\n")).unwrap_or_default();
                    let kind = kind.map(|kind| format!("Content-Type: {kind}\r\n")).unwrap_or_default();
                    // A 204 has no body, and says nothing of its length.
                    let length =
                        if status == 204 { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
                    stream.write_all(format!("HTTP/1.1 {status} X\r\n{after}{kind}{length}\r\n{body}").as_bytes())
                }
                Reaction::Drip => "HTTP/1.1 204 X\r\n\r\n".bytes().try_for_each(|byte| {
                    thread::sleep(DRIP);
                    stream.write_all(&[byte])
                }),
                Reaction::Reset => {
                    let begun = stream.write_all(b"HTTP/1.1 204 X\r\nDate: ");
                    let at_once = nix::libc::linger { l_onoff: 1, l_linger: 0 };
                    setsockopt(stream, sockopt::Linger, &at_once).expect("an option of every socket");
                    begun.and(Err(io::ErrorKind::ConnectionReset.into()))
                }
                Reaction::Cut => return,
            };
            // As InfluxDB does: only HTTP/1.1 keeps a connection.
            if written.is_err() || request.line.ends_with("HTTP/1.0") {
                return;
            }
        }
    }

    /// What to do with a request. A hang ends when the client has gone.
    fn react(&self, request: &Request) -> Reaction {
        // A body that cannot be unpacked has no lines; the database says so.
        let lines =
            unpacked(request).map_or(0, |body| body.split(|byte| *byte == b'\n').filter(|l| !l.is_empty()).count());
        let (number, delay) = {
            let mut state = self.state();
            state.seen.push(Seen {
                at: Instant::now(),
                line: request.line.clone(),
                authorization: request.header("authorization").unwrap_or_default().to_owned(),
                lines,
                status: 0,
            });
            (state.seen.len() - 1, state.delay)
        };
        thread::sleep(delay);
        let reaction = self.decide(request, lines);
        let status = match &reaction {
            Reaction::Answer { said, .. } => said.status,
            Reaction::Drip => 204,
            Reaction::Reset | Reaction::Cut => 0,
        };
        if let Some(seen) = self.state().seen.get_mut(number) {
            seen.status = status;
        }
        reaction
    }

    fn decide(&self, request: &Request, lines: usize) -> Reaction {
        let mut state = self.state();
        let told = state.script.pop_front().or_else(|| state.always.clone());
        match told {
            Some(Answer::LimitLines(limit)) => state.limit = Some(limit),
            Some(Answer::Status(status, body)) => return Reaction::status(status, body),
            Some(Answer::RetryAfter(status, seconds)) => {
                let said = Said { status, kind: None, body: String::new() };
                return Reaction::Answer { said, after: Some(seconds) };
            }
            Some(Answer::Cut) => return Reaction::Cut,
            Some(Answer::ResetInHead) => return Reaction::Reset,
            Some(Answer::Refuse(length)) => {
                state.deaf_until = Some(Instant::now() + length);
                drop(state);
                // Wakes the one who listens.
                let _ = TcpStream::connect(self.address);
                return Reaction::Cut;
            }
            Some(Answer::Hang) => {
                drop(state);
                // Longer than any client of the tests waits; the thread ends with the program.
                thread::park_timeout(Duration::from_secs(30));
                return Reaction::Cut;
            }
            Some(Answer::StoreAndSay(..) | Answer::StoreAndCut | Answer::Drip) | None => {}
        }
        if state.limit.is_some_and(|limit| lines > limit) {
            return Reaction::status(413, "");
        }
        let said = state.database.write(request);
        match told {
            Some(Answer::StoreAndCut) => Reaction::Cut,
            Some(Answer::StoreAndSay(status, body)) => Reaction::status(status, body),
            Some(Answer::Drip) => Reaction::Drip,
            _ => Reaction::Answer { said, after: None },
        }
    }
}
