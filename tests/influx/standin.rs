//! A stand-in for InfluxDB that does what it is told, and remembers every point it has acknowledged or stored.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
    time::Instant,
};

use flate2::read::GzDecoder;

use crate::http::{Request, read_request};

/// A body that begins so goes into the head.
const RETRY_AFTER: &str = "Retry-After: ";

/// What the stand-in does with a request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Stores nothing and answers this status and body.
    Status(u16, &'static str),
    /// Stores nothing and answers this status with so many seconds to wait.
    RetryAfter(u16, u32),
    /// Stores everything, but says 200 where InfluxDB says 204.
    StoreAndSay200,
    /// Stores everything and cuts the connection before answering.
    StoreAndCut,
    /// Reads the request, then cuts the connection.
    Cut,
    /// Says nothing more on this connection.
    Hang,
    /// 413 for more than so many lines, this time and ever after.
    LimitLines(usize),
}

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
    limit: Option<usize>,
    /// Beginning and end of a line that is refused with 422; nothing of its batch is stored then, as in InfluxDB 3.
    bad: Option<(String, String)>,
    points: BTreeMap<String, String>,
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
        let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
        let address = listener.local_addr().expect("address");
        let state = Arc::new(Mutex::new(State { script: script.into_iter().collect(), ..State::default() }));
        let stand_in = Self { address, state };
        let serving = stand_in.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                thread::spawn(move || serving.serve(stream));
            }
        });
        stand_in
    }

    /// Refuses the line with this beginning and this end for ever.
    pub fn refuse_line(&self, beginning: &str, end: &str) {
        self.state().bad = Some((beginning.to_owned(), end.to_owned()));
    }

    /// Every point that is stored: series and time to fields.
    pub fn points(&self) -> BTreeMap<String, String> {
        self.state().points.clone()
    }

    /// The same, which are then forgotten with the requests.
    pub fn take(&self) -> (BTreeMap<String, String>, Vec<Seen>) {
        let mut state = self.state();
        (std::mem::take(&mut state.points), std::mem::take(&mut state.seen))
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
            match self.answer(&request) {
                Some((status, body)) => {
                    let (after, body) = match body.strip_prefix(RETRY_AFTER) {
                        Some(_) => (format!("{body}\r\n"), ""),
                        None => (String::new(), body.as_str()),
                    };
                    let length = body.len();
                    let head = format!("HTTP/1.1 {status} X\r\n{after}Content-Length: {length}\r\n\r\n{body}");
                    if reader.get_mut().write_all(head.as_bytes()).is_err() {
                        return;
                    }
                }
                None => return,
            }
        }
    }

    /// The status and body to answer, or `None` to end the connection. A hang ends when the client has gone.
    fn answer(&self, request: &Request) -> Option<(u16, String)> {
        let mut text = String::new();
        GzDecoder::new(request.body.as_slice()).read_to_string(&mut text).expect("gzip of UTF-8");
        let lines: Vec<&str> = text.lines().collect();
        let number = {
            let seen = &mut self.state().seen;
            seen.push(Seen {
                at: Instant::now(),
                line: request.line.clone(),
                authorization: request.header("authorization").unwrap_or_default().to_owned(),
                lines: lines.len(),
                status: 0,
            });
            seen.len() - 1
        };
        let answer = self.decide(&lines);
        if let Some((status, _)) = &answer {
            self.state().seen[number].status = *status;
        }
        answer
    }

    fn decide(&self, lines: &[&str]) -> Option<(u16, String)> {
        let mut state = self.state();
        let told = state.script.pop_front();
        if let Some(Answer::LimitLines(limit)) = told {
            state.limit = Some(limit);
        }
        match told {
            Some(Answer::Status(status, body)) => return Some((status, body.to_owned())),
            Some(Answer::RetryAfter(status, seconds)) => return Some((status, format!("{RETRY_AFTER}{seconds}"))),
            Some(Answer::Cut) => return None,
            Some(Answer::Hang) => {
                drop(state);
                // Longer than any client of the tests waits; the thread ends with the program.
                thread::park_timeout(std::time::Duration::from_secs(30));
                return None;
            }
            Some(Answer::StoreAndSay200 | Answer::StoreAndCut | Answer::LimitLines(_)) | None => {}
        }
        if state.limit.is_some_and(|limit| lines.len() > limit) {
            return Some((413, String::new()));
        }
        let bad = |line: &&str| state.bad.as_ref().is_some_and(|(a, b)| line.starts_with(a) && line.ends_with(b));
        if lines.iter().any(bad) {
            let message = "failure writing points to database: partial write: field type conflict dropped=1";
            return Some((422, format!(r#"{{"code":"unprocessable entity","message":"{message}"}}"#)));
        }
        for line in lines {
            let (series, rest) = line.split_once(' ').expect("fields");
            let (fields, time) = rest.rsplit_once(' ').expect("time");
            let fields = state.points.entry(format!("{series} {time}")).or_default().clone() + "," + fields;
            state.points.insert(format!("{series} {time}"), merged(&fields));
        }
        match told {
            Some(Answer::StoreAndCut) => None,
            Some(Answer::StoreAndSay200) => Some((200, "stored".to_owned())),
            _ => Some((204, String::new())),
        }
    }
}

/// Fields of the same point, each once, the last value of it: as InfluxDB merges them.
fn merged(fields: &str) -> String {
    let each: BTreeMap<&str, &str> = fields.split(',').filter_map(|field| field.split_once('=')).collect();
    each.into_iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}
