//! Plain http, through the `influxdb2` crate.
//!
//! The crate carries our bytes and nothing more: its own encoder lets a device inject points, and its queries panic on
//! a null and on a cut connection. The gzip header is a default header, so this client can only write.

use std::time::Duration;

use influxdb2::{Client, ClientBuilder, RequestError, api::write::TimestampPrecision};
use phusong_checks::deepest;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};

use crate::influx::{InfluxSettings, reply::Reply, transport::TransportError};

/// Limit for the TCP handshake; a host that is there answers in far less, also across the country.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection to one bucket.
pub(in crate::influx) struct Plain {
    client: Client,
    org: String,
    bucket: String,
}

impl Plain {
    /// A client for the settings. No request is made.
    pub(super) fn new(settings: &InfluxSettings) -> Result<Self, TransportError> {
        // The crate panics on a URL that it cannot read, and drops a path: look first.
        check_url(&settings.url)?;
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
        let client = ClientBuilder::with_builder(http, &settings.url, &settings.org, settings.token.expose())
            .build()
            .map_err(|source| TransportError::Client { url: settings.url.clone(), source })?;
        Ok(Self { client, org: settings.org.clone(), bucket: settings.bucket.clone() })
    }

    /// Writes lines that are packed.
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
