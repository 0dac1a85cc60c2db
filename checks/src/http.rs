//! Requests to addresses from the configuration, and to no others: no redirect is followed, no proxy asked, and an answer
//! is read up to a limit.

use std::{error::Error, fmt::Write as _, io, path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    HeaderMap, Method, Request, StatusCode, Uri,
    header::{self, HeaderValue},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use phusong_model::printable;
use phusong_probes::service::{TrustError, roots};
use thiserror::Error;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::rustls::{self, CertificateError, ClientConfig, crypto::ring};

/// Limit for the handshakes; a host that is there answers in far less, also across the country.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The most of an answer that is read, in bytes; it is wanted for a word about a refusal only.
const ANSWER_MOST: usize = 64 << 10;

/// How long a connection that is kept may be idle: shorter than the 75 s after which nginx closes it, which would make
/// the next request meet a closed one.
const IDLE_LONGEST: Duration = Duration::from_secs(60);

/// Characters of an answer that are repeated.
const WORDS_MOST: usize = 200;

/// Why no request can be made at all.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The certificates.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// TLS.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum Unanswered {
    /// The time was up.
    #[error("no answer within {} s", .0.as_secs_f64())]
    TimeOut(Duration),
    /// Who answers cannot show to be the one who was asked.
    #[error("{}", certificate_words(.0))]
    Certificate(CertificateError),
    /// Anything else, in words for the one who has to mend it.
    #[error("{0}")]
    Other(String),
}

fn certificate_words(error: &CertificateError) -> String {
    let text = rustls::Error::InvalidCertificate(error.clone()).to_string();
    text.strip_prefix("invalid peer certificate: ").unwrap_or(&text).to_owned()
}

/// What came back.
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The beginning of the body; none when it could not be read to its end or limit.
    body: Option<Bytes>,
}

impl Reply {
    /// The beginning of the body as text; empty when it could not be read.
    #[must_use]
    pub fn text(&self) -> String {
        self.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default().into_owned()
    }

    /// The status, and what the server says beyond it, on one line.
    #[must_use]
    pub fn words(&self) -> String {
        let body = self.text();
        let words: Vec<&str> = body.split_whitespace().collect();
        let words: String = words.join(" ").chars().take(WORDS_MOST).collect();
        let words = printable(&words);
        if words.is_empty() { self.status.to_string() } else { format!("{}: {words}", self.status) }
    }
}

/// A client.
pub struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    timeout: Duration,
}

impl Http {
    /// A client that trusts the certificates of the system and those of `ca_file`. No request is made.
    ///
    /// # Errors
    /// When the certificates cannot be used.
    pub fn new(ca_file: Option<&Path>, timeout: Duration) -> Result<Self, SetupError> {
        // Posts are minutes apart: a connection that is kept is one that the other side has closed.
        Self::with_kept(ca_file, timeout, 0)
    }

    /// The same for requests that follow each other: a connection is kept.
    ///
    /// # Errors
    /// When the certificates cannot be used.
    pub fn keeping(ca_file: Option<&Path>, timeout: Duration) -> Result<Self, SetupError> {
        Self::with_kept(ca_file, timeout, 1)
    }

    fn with_kept(ca_file: Option<&Path>, timeout: Duration, kept: usize) -> Result<Self, SetupError> {
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots(ca_file)?)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_LONGEST)
            .pool_max_idle_per_host(kept)
            .build(connector);
        Ok(Self { client, timeout })
    }

    /// Posts JSON; what went wrong is said in words for the one who has to mend it.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn post_json(&self, url: &Uri, headers: &HeaderMap, body: Vec<u8>) -> Result<Reply, String> {
        let mut headers = headers.clone();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.post(url, &headers, body).await.map_err(|error| error.to_string())
    }

    /// Posts a body that the headers describe.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn post(&self, url: &Uri, headers: &HeaderMap, body: Vec<u8>) -> Result<Reply, Unanswered> {
        self.send((Method::POST, url), headers, body, ANSWER_MOST).await
    }

    /// Asks for what is at an address, of which at most so many bytes are read.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn get(&self, url: &Uri, headers: &HeaderMap, most: usize) -> Result<Reply, Unanswered> {
        self.send((Method::GET, url), headers, Vec::new(), most).await
    }

    async fn send(
        &self,
        (method, url): (Method, &Uri),
        headers: &HeaderMap,
        body: Vec<u8>,
        most: usize,
    ) -> Result<Reply, Unanswered> {
        let mut request = Request::builder()
            .method(method)
            .uri(url)
            .header(header::USER_AGENT, concat!("phusong/", env!("CARGO_PKG_VERSION")))
            .body(Full::from(body))
            .map_err(|error| Unanswered::Other(error.to_string()))?;
        request.headers_mut().extend(headers.clone());
        let until = Instant::now() + self.timeout;
        let (head, body) = match timeout_at(until, self.client.request(request)).await {
            Ok(answer) => answer.map_err(|error| unanswered(&error))?.into_parts(),
            Err(_) => return Err(Unanswered::TimeOut(self.timeout)),
        };
        // The status is the answer; a body that does not come is only a word less.
        let body = timeout_at(until, Limited::new(body, most).collect()).await.ok().and_then(Result::ok);
        Ok(Reply { status: head.status, headers: head.headers, body: body.map(|body| body.to_bytes()) })
    }
}

/// A text as part of a query: everything but letters, digits and `-._~` percent-encoded.
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn unanswered(error: &(dyn Error + 'static)) -> Unanswered {
    let mut inside = Some(error);
    while let Some(error) = inside {
        if let Some(rustls::Error::InvalidCertificate(why)) = error.downcast_ref() {
            return Unanswered::Certificate(why.clone());
        }
        // An `io::Error` names the source of what it wraps, and not what it wraps.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        inside = wrapped.map(|wrapped| wrapped as &(dyn Error + 'static)).or_else(|| error.source());
    }
    Unanswered::Other(deepest(error))
}

/// What is at the bottom of an error: "connection refused" rather than "client error".
#[must_use]
pub fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_query_cannot_hold_is_encoded() {
        assert_eq!(encoded("a-Z.0_~"), "a-Z.0_~");
        assert_eq!(encoded("Tuyên Quang&x=1"), "Tuy%C3%AAn%20Quang%26x%3D1");
    }
}
