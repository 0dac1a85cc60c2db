//! `[influx]`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Seconds, SecretRef};

/// `[influx]`: where the replica is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfluxConfig {
    /// `http://` or `https://` with a host, a port where it is not the usual one, and the path beneath which InfluxDB
    /// answers where that is not the root.
    pub url: String,
    /// Organisation.
    pub org: String,
    /// Bucket.
    pub bucket: String,
    /// Where the token is.
    pub token_file: SecretRef,
    /// Certificates in PEM that are trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Time limit of one request.
    #[serde(default = "default_timeout")]
    pub timeout: Seconds,
}

const fn default_timeout() -> Seconds {
    Seconds::millis(10_000)
}
