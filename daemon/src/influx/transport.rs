//! The way to `/api/v2/write`. Plain http to the root of a server goes through the `influxdb2` crate ([`plain`]); https,
//! an authority of one's own and a path go through our own client ([`own`]), since that crate drops a path and its TLS
//! is of 2021.

mod own;
mod plain;

use std::io::Read as _;

use flate2::{Compression, read::GzEncoder};
use hyper::header::HeaderValue;
use own::Own;
use phusong_checks::SetupError;
use plain::Plain;
use thiserror::Error;

use super::{InfluxSettings, reply::Reply};

/// Why no request can be made at all.
#[derive(Debug, Error)]
pub enum TransportError {
    /// Not an address that is asked.
    #[error("[influx] url {url:?} is not the address of a server")]
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
    /// Certificates or TLS.
    #[error("cannot set up https for {url}: {what}")]
    Https {
        /// For which address.
        url: String,
        /// Why.
        what: String,
    },
}

/// A connection to one bucket.
pub(super) enum Transport {
    Plain(Plain),
    Own(Box<Own>),
}

impl Transport {
    /// A client for the settings. No request is made.
    pub(super) fn new(settings: &InfluxSettings) -> Result<Self, TransportError> {
        if HeaderValue::from_str(settings.token.expose()).is_err() {
            return Err(TransportError::Token);
        }
        if is_plain(&settings.url) { Plain::new(settings).map(Self::Plain) } else { Own::new(settings).map(Self::own) }
    }

    fn own(own: Own) -> Self {
        Self::Own(Box::new(own))
    }

    /// Writes lines that [`gzip`] has packed.
    pub(super) async fn write(&self, packed: Vec<u8>) -> Reply {
        match self {
            Self::Plain(plain) => plain.write(packed).await,
            Self::Own(own) => own.write(packed).await,
        }
    }
}

impl TransportError {
    fn https(settings: &InfluxSettings, error: SetupError) -> Self {
        Self::Https { url: settings.url.clone(), what: format!("{:#}", anyhow::Error::from(error)) }
    }
}

/// Whether this is plain http to the root of a server.
fn is_plain(url: &str) -> bool {
    url.strip_prefix("http://").is_some_and(|rest| rest.split_once('/').is_none_or(|(_, path)| path.is_empty()))
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
    use super::is_plain;

    #[test]
    fn only_plain_http_to_the_root_goes_through_the_crate() {
        for plain in ["http://127.0.0.1:8086", "http://influx.example:8086/", "http://[::1]:8086"] {
            assert!(is_plain(plain), "{plain}");
        }
        for own in ["https://influx", "https://influx/prefix", "http://influx/prefix", "http://influx/prefix/", ""] {
            assert!(!is_plain(own), "{own}");
        }
    }
}
