//! The way to `/api/v2/write`, through the `influxdb2` crate.
//!
//! The crate carries our bytes and nothing more: its own encoder lets a device inject points, and its queries panic on
//! a null and on a cut connection. The gzip header is a default header, so this client can only write.

use std::{io::Read as _, time::Duration};

use flate2::{Compression, read::GzEncoder};
use influxdb2::{Client, ClientBuilder, RequestError, api::write::TimestampPrecision};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use thiserror::Error;

use super::{InfluxSettings, reply::Reply};
use crate::http::deepest;

/// Limit for the TCP handshake; a host that is there answers in far less, also across the country.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Why no request can be made at all.
#[derive(Debug, Error)]
pub enum TransportError {
    /// Not `http://host:port`: anything more would be lost on the way, or needs what this transport does not have.
    #[error("[influx] url {url:?} is not of the form http://host:port")]
    Url {
        /// What was configured.
        url: String,
    },
    /// The token would not fit into a header.
    #[error("the InfluxDB token has characters that no HTTP header can carry")]
    Token,
    /// The HTTP client could not be made.
    #[error("cannot set up the HTTP client for {url}")]
    Client {
        /// For which address.
        url: String,
        /// Why.
        source: influxdb2::BuildError,
    },
}

/// A connection to one bucket.
pub(super) struct Transport {
    client: Client,
    org: String,
    bucket: String,
}

impl Transport {
    /// A client for the settings. No request is made.
    pub(super) fn new(settings: &InfluxSettings) -> Result<Self, TransportError> {
        // The crate panics on a URL that it cannot read, and drops a path: look first.
        check_url(&settings.url)?;
        let token = settings.token.expose();
        if HeaderValue::from_str(token).is_err() {
            return Err(TransportError::Token);
        }
        let headers = HeaderMap::from_iter([
            (CONTENT_ENCODING, HeaderValue::from_static("gzip")),
            (CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        ]);
        let http = reqwest::Client::builder()
            .timeout(settings.timeout)
            .connect_timeout(CONNECT_TIMEOUT)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .default_headers(headers);
        let client = ClientBuilder::with_builder(http, &settings.url, &settings.org, token)
            .build()
            .map_err(|source| TransportError::Client { url: settings.url.clone(), source })?;
        Ok(Self { client, org: settings.org.clone(), bucket: settings.bucket.clone() })
    }

    /// Writes lines that [`gzip`] has packed.
    pub(super) async fn write(&self, packed: Vec<u8>) -> Reply {
        let written = self
            .client
            .write_line_protocol_with_precision(&self.org, &self.bucket, packed, TimestampPrecision::Seconds)
            .await;
        match written {
            Ok(()) => Reply::Delivered,
            Err(RequestError::Http { status, text }) => Reply::of(status.as_u16(), &text),
            Err(RequestError::ReqwestProcessing { source }) => Reply::Unreachable { what: describe(&source) },
            Err(error @ (RequestError::Serializing { .. } | RequestError::Deserializing { .. })) => {
                Reply::Unreachable { what: error.to_string() }
            }
        }
    }
}

fn check_url(url: &str) -> Result<(), TransportError> {
    let parsed = reqwest::Url::parse(url).ok().filter(|parsed| {
        parsed.scheme() == "http"
            && parsed.has_host()
            && matches!(parsed.path(), "" | "/")
            && parsed.query().is_none()
            && parsed.fragment().is_none()
            && parsed.username().is_empty()
            && parsed.password().is_none()
    });
    parsed.map(|_| ()).ok_or_else(|| TransportError::Url { url: url.to_owned() })
}

/// A transport error in words for the one who has to mend it.
fn describe(error: &reqwest::Error) -> String {
    match (error.is_timeout(), error.is_connect()) {
        (true, true) => format!("no connection within {} s", CONNECT_TIMEOUT.as_secs()),
        (true, false) => "no answer within [influx] timeout".to_owned(),
        (false, _) => deepest(error),
    }
}

/// Packs lines with gzip level 1: a tenth of the bytes, and faster than sending them plain. Takes some milliseconds for
/// a full batch, so it belongs on a blocking thread.
pub(super) fn gzip(lines: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(lines.len() / 8);
    // Reading from memory and writing to memory cannot fail.
    let _ = GzEncoder::new(lines, Compression::fast()).read_to_end(&mut packed);
    packed
}

#[cfg(test)]
mod tests {
    use super::check_url;

    #[test]
    fn only_plain_addresses_are_taken() {
        for good in ["http://127.0.0.1:8086", "http://influx.example:8086/", "http://[::1]:8086"] {
            assert!(check_url(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "influx:8086",
            "https://influx.example",
            "http://influx.example/prefix",
            "http://influx.example/?x=1",
            "http://user:word@influx.example",
            "file:///etc/passwd",
            "http://",
            "http://[::1",
        ] {
            assert!(check_url(bad).is_err(), "{bad}");
        }
    }
}
