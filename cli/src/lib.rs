//! The program `phusong`: questions and answers in Vietnamese and English. It asks the daemon over its Unix socket; when
//! the daemon is away it reads the store itself, and says which of the two it did. stdout is data, stderr is words.
//!
//! Exit codes: 0 fine, 1 findings with `--check`, 2 usage, configuration or name, 3 stale or partial, 4 no answer.

mod arguments;
mod environment;
mod narrow;
mod questions;
mod since;
mod site;
mod when;

mod ask;
mod failure;
mod remedy;
mod report;

mod ack;
mod check;
mod doctor;
mod import;
mod influx;
mod maintenance;
mod nagios;
mod notify;
mod order;
mod ping;
mod probe;
mod profile;
mod store;
mod verify;
mod watch;

mod completions;
mod help;
mod man;

mod arrange;
mod geojson;
mod paint;
mod progress;
mod sheet;
mod show;
mod table;

mod program;
#[cfg(test)]
mod tests;

pub use environment::{Environment, Screen};
pub use program::{main, run};
