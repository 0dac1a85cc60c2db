//! Evidence in, answers out: what state each link is in and since when, how long it was in it, what carries the fault,
//! and what to tell whoever asks. Pure functions over values: time is passed in, nothing is read or sent.

mod look;
mod tracker;

pub use look::{IcmpLook, Look, SnmpLook};
pub use tracker::{Current, SNMP_STALE_AFTER, Tracker};
