//! `[influx]`.

use serde::{Deserialize, Serialize};

use super::{Seconds, SecretRef};

/// `[influx]`: where the replica is. Plain http without a path, for now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfluxConfig {
    /// `http://host:port`.
    pub url: String,
    /// Organisation.
    pub org: String,
    /// Bucket.
    pub bucket: String,
    /// Where the token is.
    pub token_file: SecretRef,
    /// Time limit of one request.
    #[serde(default = "default_timeout")]
    pub timeout: Seconds,
}

const fn default_timeout() -> Seconds {
    Seconds::millis(10_000)
}
