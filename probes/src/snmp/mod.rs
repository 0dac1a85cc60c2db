//! SNMP: what a device says of its interfaces.
//!
//! All devices share one socket ([`Transport`]) and one set of [`Credentials`]; each has its own [`DevicePoller`], which
//! asks by known index and walks only to learn where an interface is. What a device says is hostile: its texts are made
//! printable, its numbers may be absent, its walks are bounded, and nothing that was not asked for is believed.

mod credential;
mod poller;
mod report;
mod transport;

mod batch;
mod community;
mod counters;
mod exchange;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod mapping;
mod message;
mod objects;
mod oids;
mod peer;
mod profile;
mod reading;
mod refusal;
mod search;
mod sensors;
mod socket;
mod text;
mod values;
mod walk;
mod walk_file;

#[cfg(test)]
pub(crate) mod tests;

pub use credential::Credentials;
pub(crate) use credential::Inbound;
pub use poller::{DevicePoller, Timing};
pub use profile::{NoReading, Profile, Profiles, Trial, TrialReading, TrialRow};
pub use report::{Answer, DeviceReport, SystemFacts};
pub use socket::Foreign;
pub use transport::{Transport, TransportError};
pub use walk_file::Walk;
