//! TCP, HTTP and DNS: whether a platform gives its users what they come for.
//!
//! A round makes a few attempts at each service, each with its own deadline, so that a silent service delays nobody. An
//! attempt is told in the words of an echo: answered after so long, lost, or not sent because *we* could not look. What
//! is timed:
//!
//! | service | from | to |
//! |---|---|---|
//! | TCP | the first packet of the handshake | the connection is there |
//! | HTTP | the same | the head of the answer, TLS handshake included |
//! | DNS | the question is handed to the kernel | the answer, a repeat over TCP included |
//!
//! Looking up the name of the service is not timed: it is our resolver's work, not the platform's.
//!
//! What a server sends is bounded before it is read: the head of an answer by [`HEAD_MAX`](http::HEAD_MAX), a TLS handshake
//! by `rustls` (64 KiB a message), a DNS answer by its protocol; bodies are not read.

mod connect;
mod dns;
mod http;
mod resolve;
mod round;
mod tls;

#[cfg(test)]
mod tests;

pub use round::{ServicePlan, ServiceProber, ServiceReport, ServiceTarget};
pub use tls::{Certificate, Trust, TrustError, roots};

use phusong_model::BlindReason;

/// Why an attempt has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// The service did not give what was asked for.
    Lost,
    /// We could not ask.
    Blind(BlindReason),
}

/// What our own kernel refuses says nothing of the service.
const OURS: Failure = Failure::Blind(BlindReason::SendError);
