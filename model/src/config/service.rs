//! `[service]`.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use super::Seconds;

/// `[service]`: how the services of links are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceConfig {
    /// Time from one round of a service to the next. A round begins with a tick, so a period that is no multiple of
    /// `[icmp] period` is as good as the next longer one.
    pub period: Seconds,
    /// Attempts of a round, and of the re-probe after a round without any success; 1 to 20.
    pub attempts: u16,
    /// Time between two attempts at one service.
    pub spacing: Seconds,
    /// How long one attempt may take, from the first packet to the answer.
    pub timeout: Seconds,
    /// Certificates, in PEM, that are trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
}

impl Default for ServiceConfig {
    /// Each attempt costs a platform a connection and often a TLS handshake: five in half a minute are one visitor more.
    /// Five and five again fill the default `[rule]`, so that a dead service is down after its first round, as a dead
    /// line is. Two seconds are enough for the three round trips of TCP, TLS and the request over a
    /// satellite (0.6 s each).
    fn default() -> Self {
        Self {
            period: Seconds::millis(30_000),
            attempts: 5,
            spacing: Seconds::millis(200),
            timeout: Seconds::millis(2_000),
            ca_file: None,
        }
    }
}

impl ServiceConfig {
    /// The longest that a round takes: names are looked up before it, for as long as an attempt may take.
    #[must_use]
    pub fn round_length(&self) -> Duration {
        self.timeout.0.saturating_add(self.reprobe_length())
    }

    /// The longest that the re-probe takes, which knows the addresses already. Services start up to one spacing apart, and
    /// an attempt waits up to one more for its turn.
    #[must_use]
    pub fn reprobe_length(&self) -> Duration {
        self.spacing.0.saturating_mul(u32::from(self.attempts) + 1).saturating_add(self.timeout.0)
    }
}
