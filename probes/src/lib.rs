//! Packets in, samples out: the ICMP echo engine, the SNMP poller, and the probes of TCP, HTTP and DNS services. They look and report; what a link is worth, and
//! whether it is down, is decided elsewhere.

#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod icmp;
pub mod ping;
pub mod service;
pub mod snmp;
pub mod trap;
