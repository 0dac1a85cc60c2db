//! `phusongd`: tasks and wiring. The schedule asks the prober and the SNMP pollers to look, hands what they saw to
//! `gaps`, hands what `gaps` decided to the store, and answers questions from the store. How a verdict is reached is not
//! known here.

mod args;
mod program;
mod words;

mod listen;
mod reload;
mod run;
mod systemd;

mod coverage;
mod imports;
mod looks;
mod notify;
mod on_demand;
mod orders;
mod patience;
mod polls;
mod prober;
mod recorder;
mod schedule;
mod services;
mod tick;
mod traps;

mod api;
mod demo;
pub mod influx;

pub use program::main;
