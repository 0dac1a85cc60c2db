//! `[influx]`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Seconds, SecretRef};

/// `[influx]`, or one of several `[[influx]]`: where a replica is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfluxConfig {
    /// Its name, under which the store remembers how far it is.
    #[serde(default = "unnamed")]
    pub name: String,
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

impl InfluxConfig {
    /// What a replica without a name is called.
    pub const UNNAMED: &str = "influx";
}

/// What a replica without a name is called, for the account of a program that knew no names too.
pub(crate) fn unnamed() -> String {
    InfluxConfig::UNNAMED.to_owned()
}

const fn default_timeout() -> Seconds {
    Seconds::millis(10_000)
}
