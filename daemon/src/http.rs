//! Posts to addresses from the configuration, and to no others: no redirect is followed, no proxy asked, and an answer is
//! read up to a limit.

use std::{error::Error, path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{HeaderMap, Request, StatusCode, Uri, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use phusong_model::printable;
use phusong_probes::service::{TrustError, roots};
use thiserror::Error;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::rustls::{self, ClientConfig, crypto::ring};

/// Limit for the handshakes; a host that is there answers in far less, also across the country.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The most of an answer that is read, in bytes; it is wanted for a word about a refusal only.
const ANSWER_MOST: usize = 64 << 10;

/// Characters of an answer that are repeated.
const WORDS_MOST: usize = 200;

/// Why no request can be made at all.
#[derive(Debug, Error)]
pub(crate) enum SetupError {
    /// The certificates.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// TLS.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
}

/// What came back.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The beginning of the body; none when it could not be read to its end or limit.
    body: Option<Bytes>,
}

impl Reply {
    /// The status, and what the server says beyond it, on one line.
    pub(crate) fn words(&self) -> String {
        let body = self.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let words: Vec<&str> = body.split_whitespace().collect();
        let words: String = words.join(" ").chars().take(WORDS_MOST).collect();
        let words = printable(&words);
        if words.is_empty() { self.status.to_string() } else { format!("{}: {words}", self.status) }
    }
}

/// A client.
pub(crate) struct Http {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    timeout: Duration,
}

impl Http {
    /// A client that trusts the certificates of the system and those of `ca_file`. No request is made.
    pub(crate) fn new(ca_file: Option<&Path>, timeout: Duration) -> Result<Self, SetupError> {
        let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots(ca_file)?)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        // Posts are minutes apart: a connection that is kept is one that the other side has closed.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Ok(Self { client, timeout })
    }

    /// Posts JSON; what went wrong is said in words for the one who has to mend it.
    pub(crate) async fn post_json(&self, url: &Uri, headers: &HeaderMap, body: Vec<u8>) -> Result<Reply, String> {
        let mut request = Request::post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("phusong/", env!("CARGO_PKG_VERSION")))
            .body(Full::from(body))
            .map_err(|error| error.to_string())?;
        request.headers_mut().extend(headers.clone());
        let until = Instant::now() + self.timeout;
        let (head, body) = match timeout_at(until, self.client.request(request)).await {
            Ok(answer) => answer.map_err(|error| deepest(&error))?.into_parts(),
            Err(_) => return Err(format!("no answer within {} s", self.timeout.as_secs_f64())),
        };
        // The status is the answer; a body that does not come is only a word less.
        let body = timeout_at(until, Limited::new(body, ANSWER_MOST).collect()).await.ok().and_then(Result::ok);
        Ok(Reply { status: head.status, headers: head.headers, body: body.map(|body| body.to_bytes()) })
    }
}

/// What is at the bottom of an error: "connection refused" rather than "client error".
pub(crate) fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}
