//! The daemon, by HTTP/1.1 over its Unix socket.

use std::{
    fmt::Write,
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::Duration,
};

use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, StatusCode, body::Bytes, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use nix::unistd::{Gid, Group};
use phusong_model::answer::{Answer, AskError, Query};
use thiserror::Error;
use tokio::net::UnixStream;

/// For the whole exchange: a daemon that needs longer hangs, and at three in the morning nobody waits for it.
pub const LIMIT: Duration = Duration::from_secs(2);

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
    /// The daemon took the question and stayed silent.
    #[error("no answer at {} within {limit:?}", .socket.display())]
    Silent {
        /// The socket.
        socket: PathBuf,
        /// How long it was waited for.
        limit: Duration,
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
    /// What came is no answer of ours.
    #[error("what answers at {} is not phusongd of this version: {what}", .socket.display())]
    Foreign {
        /// The socket.
        socket: PathBuf,
        /// What is wrong with it.
        what: String,
    },
}

/// Asks the daemon and waits at most `limit` for the whole exchange. The inner error is an answer too: the question cannot be answered as it was put.
pub fn ask(socket: &Path, query: &Query, limit: Duration) -> Result<Result<Answer, AskError>, DaemonFault> {
    let connect = |source| DaemonFault::Connect { socket: socket.to_owned(), source };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(connect)?;
    runtime.block_on(async {
        match tokio::time::timeout(limit, exchange(socket, query)).await {
            Ok(outcome) => outcome,
            Err(_elapsed) => Err(DaemonFault::Silent { socket: socket.to_owned(), limit }),
        }
    })
}

async fn exchange(socket: &Path, query: &Query) -> Result<Result<Answer, AskError>, DaemonFault> {
    let http = |source| DaemonFault::Http { socket: socket.to_owned(), source };
    let foreign = |what: String| DaemonFault::Foreign { socket: socket.to_owned(), what };

    let stream = UnixStream::connect(socket).await.map_err(|source| connect_fault(socket, source))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(http)?;
    // Errors of the connection reach us through the response; the task ends with the runtime.
    tokio::spawn(connection);
    let request = Request::get(path(query))
        .header(header::HOST, "phusongd")
        .header(header::ACCEPT, "application/json")
        .body(Empty::<Bytes>::new())
        .map_err(|error| foreign(error.to_string()))?;
    let response = sender.send_request(request).await.map_err(http)?;
    let status = response.status();
    let body = Limited::new(response.into_body(), BODY_MAX).collect().await.map_err(|e| foreign(e.to_string()))?;
    understand(status, &body.to_bytes()).map_err(foreign)
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

fn understand(status: StatusCode, body: &[u8]) -> Result<Result<Answer, AskError>, String> {
    match status {
        StatusCode::OK => serde_json::from_slice(body).map(Ok).map_err(|error| error.to_string()),
        StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND => {
            serde_json::from_slice(body).map(Err).map_err(|error| format!("{status}: {error}"))
        }
        other => Err(format!("status {other}")),
    }
}

/// `/api/v1/{topic}?since=…&commune=…`.
fn path(query: &Query) -> String {
    let since = query.since.map(|at| ("since", at.to_string()));
    let commune = query.commune.clone().map(|name| ("commune", name));
    let mut path = format!("/api/v1/{}", query.topic.id());
    for (i, (key, value)) in since.into_iter().chain(commune).enumerate() {
        path.push(if i == 0 { '?' } else { '&' });
        path.push_str(key);
        path.push('=');
        percent_encode(&mut path, &value);
    }
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
    use phusong_model::answer::Topic;

    use super::*;

    #[test]
    fn questions_become_paths() {
        let mut query = Query { topic: Topic::Gaps, since: None, commune: None };
        assert_eq!(path(&query), "/api/v1/gaps");
        query.commune = Some("Nà Hang&x=1".to_owned());
        assert_eq!(path(&query), "/api/v1/gaps?commune=N%C3%A0%20Hang%26x%3D1");
        query.since = "2026-11-23T03:00:00Z".parse().ok();
        assert_eq!(path(&query), "/api/v1/gaps?since=2026-11-23T03%3A00%3A00.000Z&commune=N%C3%A0%20Hang%26x%3D1");
    }

    #[test]
    fn a_404_of_someone_else_is_not_our_answer() {
        assert!(understand(StatusCode::NOT_FOUND, b"<html>").is_err());
        assert!(understand(StatusCode::OK, b"{}").is_err());
        assert!(understand(StatusCode::INTERNAL_SERVER_ERROR, b"{}").is_err());
        let unknown = br#"{"error":"unknown-commune","asked":"x","suggestions":[]}"#;
        assert!(matches!(understand(StatusCode::NOT_FOUND, unknown), Ok(Err(AskError::UnknownCommune { .. }))));
    }
}
