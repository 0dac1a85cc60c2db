//! The ICMP echo engine: one socket per address family, paced bursts, kernel receive time stamps.
//!
//! One thread sends and receives. Every echo has its own deadline, so a dead target never delays another, and carries
//! an unpredictable token, so nobody off the path can answer for a target. A reply counts only when source, type, code,
//! checksum, identifier, sequence and token match and it came in time; whatever else arrives is counted by its reason.
//! What our own kernel refused to send is [`Echo::NotSent`], never a loss.
//!
//! ```no_run
//! use std::{net::IpAddr, time::Duration};
//! use phusong_probes::icmp::{Echo, Prober, RoundPlan};
//!
//! let mut prober = Prober::open()?;
//! let plan = RoundPlan {
//!     echoes: 5,
//!     spacing: Duration::from_millis(200),
//!     timeout: Duration::from_secs(1),
//!     spread: Duration::from_millis(200),
//! };
//! let report = prober.round(&[IpAddr::from([127, 0, 0, 1])], &plan);
//! assert!(report.targets.of(0).iter().all(|echo| matches!(echo, Echo::Reply(_))));
//! # Ok::<(), phusong_probes::icmp::OpenError>(())
//! ```

mod clock;
mod counters;
mod drop_watch;
mod drops;
mod echoes;
mod error;
mod error_queue;
mod evidence;
mod filter;
mod flights;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod inbox;
mod judge;
mod packet;
mod prober;
mod quoted;
mod round;
mod schedule;
mod shares;
mod socket;
mod token;

#[cfg(test)]
mod network_tests;

pub use counters::Counters;
pub use echoes::{Echo, Echoes};
pub use error::OpenError;
pub use evidence::EchoError;
pub use filter::ReplyLoss;
pub use packet::Family;
pub use prober::Prober;
pub use round::RoundReport;
pub use schedule::RoundPlan;
