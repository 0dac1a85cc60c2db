//! One request over HTTP/1.1, of whose answer only the head is read.

use std::pin::pin;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::{Request, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use phusong_model::HttpService;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Failure;

/// The longest head of an answer in bytes. Servers and proxies send at most 8 to 16 KiB of it; a server that goes on for
/// ever is one that does not work.
pub(super) const HEAD_MAX: usize = 32 * 1024;

/// Header lines of an answer; the usual limit of servers.
const HEADERS_MAX: usize = 100;

/// Who asks, for the platform's log.
const AGENT: &str = concat!("phusong/", env!("CARGO_PKG_VERSION"));

/// The status of the answer.
///
/// GET and not HEAD: many platforms answer HEAD with 405 or not at all. The body that follows is never read, the
/// connection ends instead. A redirect is an answer: where it leads is another service.
pub(super) async fn status(stream: impl AsyncRead + AsyncWrite + Unpin, http: &HttpService) -> Result<u16, Failure> {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD_MAX).max_headers(HEADERS_MAX);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|_| Failure::Lost)?;
    let request = Request::get(&http.path)
        .header(header::HOST, http.authority())
        .header(header::USER_AGENT, AGENT)
        .header(header::ACCEPT, "*/*")
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        // The inventory takes no URL that is none.
        .map_err(|_| super::OURS)?;
    let (mut answer, connection) = (pin!(sender.send_request(request)), pin!(connection));
    let answer = tokio::select! {
        biased;
        answer = &mut answer => answer,
        // The connection has ended; if an answer had come before, it is there now.
        _ = connection => answer.await,
    };
    answer.map(|answer| answer.status().as_u16()).map_err(|_| Failure::Lost)
}
