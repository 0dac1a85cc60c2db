//! The daemon, by HTTP/1.1 over its Unix socket.

use std::{
    convert::Infallible,
    fmt::Write,
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use http_body_util::{BodyExt, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1,
    header,
};
use hyper_util::rt::TokioIo;
use nix::unistd::{Gid, Group};
use phusong_model::{
    answer::{Answer, AskError, Query},
    command::OrderError,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;
use tokio::{
    net::UnixStream,
    time::{Instant, timeout, timeout_at},
};

use super::upload::Upload;

/// How long a daemon is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until the head of its answer: connecting, its place in the queue, its work.
    pub head: Duration,
    /// Until the last byte.
    pub whole: Duration,
}

/// A daemon that says nothing for two seconds hangs or has too much to do, and at three in the morning nobody waits for
/// it. One that has begun to answer may be sending the coverage of a country, so it gets longer.
pub const LIMITS: Limits = Limits { head: Duration::from_secs(2), whole: Duration::from_secs(10) };

/// Between two tries to enter the queue of a daemon whose queue is full; the kernel refuses instead of letting us wait.
const QUEUE_RETRY: Duration = Duration::from_millis(50);

/// Largest answer that is read. Coverage of 3,321 communes by 5 operators and 4 technologies is about 40 MB.
const BODY_MAX: usize = 256 << 20;

/// Why the daemon gave no answer. Each leads to the store.
#[derive(Debug, Error)]
pub enum DaemonFault {
    /// Nobody made the socket, or a clean stop removed it.
    #[error("there is no socket {}", .socket.display())]
    Absent {
        /// Where it was looked for.
        socket: PathBuf,
    },
    /// The socket is left over from a daemon that was killed.
    #[error("nobody listens at {}", .socket.display())]
    Refused {
        /// The socket.
        socket: PathBuf,
    },
    /// The socket is not ours to use.
    #[error("no permission for {}", .socket.display())]
    Denied {
        /// The socket.
        socket: PathBuf,
        /// The group whose members may ask; none when it has no name or is root's.
        group: Option<String>,
    },
    /// Somebody listens and stays silent.
    #[error("it is busy or hangs: no answer at {} within {limit:?}", .socket.display())]
    Silent {
        /// The socket.
        socket: PathBuf,
        /// How long it was waited for.
        limit: Duration,
    },
    /// The answer began and did not end.
    #[error("it is busy or hangs: its answer at {} did not end within {limit:?}", .socket.display())]
    Unfinished {
        /// The socket.
        socket: PathBuf,
        /// How long it was waited for.
        limit: Duration,
    },
    /// The connection was lost before the answer was whole, or before it began.
    #[error("the connection at {} broke off before the answer was whole", .socket.display())]
    BrokenOff {
        /// The socket.
        socket: PathBuf,
        /// Why.
        source: hyper::Error,
    },
    /// Our own side could not ask.
    #[error("asking at {}", .socket.display())]
    Connect {
        /// The socket.
        socket: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What came is not HTTP.
    #[error("what answers at {} does not speak HTTP", .socket.display())]
    Http {
        /// The socket.
        socket: PathBuf,
        /// Why.
        source: hyper::Error,
    },
    /// It says that it cannot answer now, and why: its disk fails, or too many ask for the same.
    #[error("it cannot do it now: {reason}")]
    Unable {
        /// The socket.
        socket: PathBuf,
        /// Its reason, in English.
        reason: String,
    },
    /// What came is no answer of ours.
    #[error("what answers at {} is not phusongd of this version: {what}", .socket.display())]
    Foreign {
        /// The socket.
        socket: PathBuf,
        /// What is wrong with it.
        what: String,
    },
}

/// Why the daemon does not answer the question as it was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// A reason that this program knows.
    Known(AskError),
    /// Why an order is not carried out.
    Order(OrderError),
    /// A reason of a newer daemon, in its own words.
    Other {
        /// The reason's id, such as `bad-since`.
        error: String,
        /// What the daemon says about it.
        reason: Option<String>,
    },
}

/// Asks the daemon and waits at most as long as `limits` say. The inner error is an answer too: the question cannot be
/// answered as it was put.
pub fn ask(socket: &Path, query: &Query, limits: Limits) -> Result<Result<Answer, Refusal>, DaemonFault> {
    runtime(socket)?.block_on(exchange(socket, Method::GET, &path(query), Bytes::new().into(), limits))
}

/// Gives the daemon an order with a document. The inner error is an answer too: it is not carried out.
pub fn order<T: DeserializeOwned>(
    socket: &Path,
    path: &str,
    document: &impl Serialize,
    limits: Limits,
) -> Result<Result<T, Refusal>, DaemonFault> {
    let foreign =
        |error: serde_json::Error| DaemonFault::Foreign { socket: socket.to_owned(), what: error.to_string() };
    let body = Bytes::from(serde_json::to_vec(document).map_err(foreign)?);
    runtime(socket)?.block_on(exchange(socket, Method::POST, path, body.into(), limits))
}

/// Gives the daemon an order whose body is written already. `meanwhile` runs until it is carried out.
pub fn order_bytes<T: DeserializeOwned>(
    socket: &Path,
    path: &str,
    body: Upload,
    limits: Limits,
    meanwhile: impl Future<Output = Infallible>,
) -> Result<Result<T, Refusal>, DaemonFault> {
    runtime(socket)?.block_on(async {
        tokio::select! {
            answer = exchange(socket, Method::POST, path, body, limits) => answer,
            never = meanwhile => match never {},
        }
    })
}

/// Asks the daemon again and again how far it is, and tells every word of it that comes.
pub async fn follow<T: DeserializeOwned>(
    socket: &Path,
    path: &str,
    beat: Duration,
    mut tell: impl FnMut(T),
) -> Infallible {
    loop {
        tokio::time::sleep(beat).await;
        // How far it is can be asked again; what becomes of the order is told by that.
        if let Ok(Ok(word)) = exchange(socket, Method::GET, path, Bytes::new().into(), LIMITS).await {
            tell(word);
        }
    }
}

/// Has the daemon do something, while `beside` runs on the same thread; gives what became of both.
pub fn together<T: DeserializeOwned, B>(
    socket: &Path,
    path: &str,
    limits: Limits,
    beside: impl Future<Output = B>,
) -> Result<Result<(T, B), Refusal>, DaemonFault> {
    let (answer, beside) = runtime(socket)?.block_on(async {
        tokio::join!(exchange::<T>(socket, Method::POST, path, Bytes::new().into(), limits), beside)
    });
    Ok(answer?.map(|answer| (answer, beside)))
}

fn runtime(socket: &Path) -> Result<tokio::runtime::Runtime, DaemonFault> {
    let connect = |source| DaemonFault::Connect { socket: socket.to_owned(), source };
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(connect)
}

async fn exchange<T: DeserializeOwned>(
    socket: &Path,
    method: Method,
    path: &str,
    body: Upload,
    limits: Limits,
) -> Result<Result<T, Refusal>, DaemonFault> {
    let whole = Instant::now() + limits.whole;
    let silent = |_| DaemonFault::Silent { socket: socket.to_owned(), limit: limits.head };
    let response = timeout(limits.head, send(socket, method, path, body)).await.map_err(silent)??;
    let unfinished = |_| DaemonFault::Unfinished { socket: socket.to_owned(), limit: limits.whole };
    timeout_at(whole, receive(socket, response)).await.map_err(unfinished)?
}

/// Asks, and waits for the head of the answer.
async fn send(socket: &Path, method: Method, path: &str, body: Upload) -> Result<Response<Incoming>, DaemonFault> {
    let http = |source: hyper::Error| {
        let socket = socket.to_owned();
        if source.is_parse() { DaemonFault::Http { socket, source } } else { DaemonFault::BrokenOff { socket, source } }
    };
    let stream = connect(socket).await.map_err(|source| connect_fault(socket, source))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(http)?;
    // Errors of the connection reach us through the response; the task ends with the runtime.
    tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "phusongd")
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .map_err(|error| DaemonFault::Foreign { socket: socket.to_owned(), what: error.to_string() })?;
    sender.send_request(request).await.map_err(http)
}

async fn connect(socket: &Path) -> io::Result<UnixStream> {
    loop {
        match UnixStream::connect(socket).await {
            Err(full) if full.kind() == io::ErrorKind::WouldBlock => tokio::time::sleep(QUEUE_RETRY).await,
            outcome => return outcome,
        }
    }
}

/// Reads the rest of the answer and understands it.
async fn receive<T: DeserializeOwned>(
    socket: &Path,
    response: Response<Incoming>,
) -> Result<Result<T, Refusal>, DaemonFault> {
    let foreign = |what: String| DaemonFault::Foreign { socket: socket.to_owned(), what };
    let unable = |reason: String| DaemonFault::Unable { socket: socket.to_owned(), reason };
    let status = response.status();
    let body = Limited::new(response.into_body(), BODY_MAX).collect().await;
    let body = body.map_err(|error| match error.downcast::<hyper::Error>() {
        Ok(source) => DaemonFault::BrokenOff { socket: socket.to_owned(), source: *source },
        Err(too_long) => foreign(too_long.to_string()),
    })?;
    understand(status, &body.to_bytes()).map_err(|no_answer| match no_answer {
        NoAnswer::Foreign(what) => foreign(what),
        NoAnswer::Unable(reason) => unable(reason),
    })
}

fn connect_fault(socket: &Path, source: io::Error) -> DaemonFault {
    let (kind, socket) = (source.kind(), socket.to_owned());
    if kind == io::ErrorKind::NotFound {
        DaemonFault::Absent { socket }
    } else if kind == io::ErrorKind::ConnectionRefused {
        DaemonFault::Refused { socket }
    } else if kind == io::ErrorKind::PermissionDenied {
        DaemonFault::Denied { group: group_of(&socket), socket }
    } else {
        DaemonFault::Connect { socket, source }
    }
}

/// The group of the socket, or of its folder when we may not even look into that.
fn group_of(socket: &Path) -> Option<String> {
    let owner = fs::metadata(socket).or_else(|error| socket.parent().map_or(Err(error), fs::metadata)).ok()?;
    let group = Group::from_gid(Gid::from_raw(owner.gid())).ok()??;
    (owner.gid() != 0).then_some(group.name)
}

/// What came is no answer.
#[derive(Debug, PartialEq, Eq)]
enum NoAnswer {
    /// It is not ours.
    Foreign(String),
    /// It is the daemon's word why there is none.
    Unable(String),
}

fn understand<T: DeserializeOwned>(status: StatusCode, body: &[u8]) -> Result<Result<T, Refusal>, NoAnswer> {
    match status {
        StatusCode::OK => serde_json::from_slice(body).map(Ok).map_err(|error| NoAnswer::Foreign(error.to_string())),
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND => {
            refusal(body).map(Err).map_err(|error| NoAnswer::Foreign(format!("{status}: {error}")))
        }
        // An order that the store refuses is an answer; a question that it does not answer leads to the store itself.
        other => match refusal(body) {
            Ok(refusal @ Refusal::Order(OrderError::NotStored { .. })) => Ok(Err(refusal)),
            Ok(Refusal::Other { reason: Some(reason), .. }) => Err(NoAnswer::Unable(reason)),
            Ok(_) | Err(_) => Err(NoAnswer::Foreign(format!("status {other}"))),
        },
    }
}

/// Whatever names its error in JSON is the daemon's own word, even when this program is older than the word.
fn refusal(body: &[u8]) -> Result<Refusal, serde_json::Error> {
    #[derive(Deserialize)]
    struct Other {
        error: String,
        reason: Option<String>,
    }
    let known = || serde_json::from_slice(body).map(Refusal::Known);
    let order = || serde_json::from_slice(body).map(Refusal::Order);
    let other = || serde_json::from_slice(body).map(|Other { error, reason }| Refusal::Other { error, reason });
    known().or_else(|_no_question| order()).or_else(|_no_order| other())
}

/// `/api/v1/{topic}`, with what narrows the question as parameters.
fn path(query: &Query) -> String {
    let mut path = format!("/api/v1/{}", query.topic.id());
    for (i, (key, value)) in query.parameters().into_iter().enumerate() {
        path.push(if i == 0 { '?' } else { '&' });
        path.push_str(&key);
        path.push('=');
        percent_encode(&mut path, &value);
    }
    path
}

/// `/api/v1/probe?link=…` or `?commune=…`.
pub fn probe_path(key: &str, name: &str) -> String {
    let mut path = format!("/api/v1/probe?{key}=");
    percent_encode(&mut path, name);
    path
}

/// RFC 3986: everything but unreserved characters, byte by byte of UTF-8.
fn percent_encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::answer::{GapRank, Topic};

    use super::*;

    #[test]
    fn questions_become_paths() {
        let mut query = Query::about(Topic::Gaps);
        assert_eq!(path(&query), "/api/v1/gaps");
        query.commune = Some("Nà Hang&x=1".to_owned());
        assert_eq!(path(&query), "/api/v1/gaps?commune=N%C3%A0%20Hang%26x%3D1");
        let ranked = Query { rank: Some(GapRank::Area), shapes: true, ..Query::about(Topic::Gaps) };
        assert_eq!(path(&ranked), "/api/v1/gaps?rank=area&shapes=true");
        query.since = "2026-11-23T03:00:00Z".parse().ok();
        assert_eq!(path(&query), "/api/v1/gaps?commune=N%C3%A0%20Hang%26x%3D1&since=2026-11-23T03%3A00%3A00.000Z");
    }

    #[test]
    fn a_404_of_someone_else_is_not_our_answer() {
        assert!(understand::<Answer>(StatusCode::NOT_FOUND, b"<html>").is_err());
        assert!(understand::<Answer>(StatusCode::OK, b"{}").is_err());
        assert!(understand::<Answer>(StatusCode::INTERNAL_SERVER_ERROR, b"{}").is_err());
        let unknown = br#"{"error":"unknown-commune","asked":"x","suggestions":[]}"#;
        assert!(matches!(
            understand::<Answer>(StatusCode::NOT_FOUND, unknown),
            Ok(Err(Refusal::Known(AskError::UnknownCommune { .. })))
        ));
    }

    #[test]
    fn a_word_of_a_newer_daemon_is_a_word_of_the_daemon() {
        let other = |error: &str, reason: Option<&str>| {
            Ok(Err(Refusal::Other { error: error.to_owned(), reason: reason.map(str::to_owned) }))
        };
        let bad = br#"{"error":"too-long-ago","reason":"the store begins in May","since":"1970"}"#;
        assert_eq!(
            understand::<Answer>(StatusCode::BAD_REQUEST, bad),
            other("too-long-ago", Some("the store begins in May"))
        );
        assert_eq!(understand::<Answer>(StatusCode::NOT_FOUND, br#"{"error":"gone"}"#), other("gone", None));
        assert!(understand::<Answer>(StatusCode::BAD_REQUEST, br#"{"message":"nginx"}"#).is_err());
    }
}
