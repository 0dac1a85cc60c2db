//! SNMP notifications as hints: something may have happened at a device, look now. Never a verdict.
//!
//! Anybody can send a trap, and over v2c anybody who has seen the community can forge one. So a hint costs at most a
//! poll and an early round, is limited per source and altogether, and says nothing of the state of a link. Decoding,
//! authentication and acknowledgement are the library's; this module decides who is believed, what is a hint, and keeps
//! the books.
//!
//! What is weaker than one may think: the source address of a datagram proves nothing, it only saves work; the library
//! answers v3 discovery and failures before it is known whether the sender is a device; and the first authentic v3 trap
//! of an engine after a start fixes that engine's clock, so that one recorded earlier passes once (RFC 3414, 3.2 7b).

mod counts;
mod engine;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod gate;
mod hint;
mod limit;
mod listener;
mod unreadable;

#[cfg(test)]
mod tests;

pub use counts::Counters;
pub use engine::{Engine, EngineError};
pub use hint::{TrapHint, TrapKind};
pub use listener::{Listener, ListenerError};
