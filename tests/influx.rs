//! The replica against a real InfluxDB behind nginx, and against a stand-in that fails in every way the design names.
//!
//! What is asked each time: is every sample of the store in InfluxDB exactly once, with the same figures, did the cursor
//! never pass a sample that InfluxDB did not have, and was nothing rejected that was not bad?

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a test stops where something is missing, and says what it skips"
)]

mod support;

#[path = "support/tls.rs"]
mod tls;

#[path = "influx/asked.rs"]
mod asked;
#[path = "influx/database.rs"]
mod database;
#[path = "influx/fill.rs"]
mod fill;
#[path = "influx/http.rs"]
mod http;
#[path = "influx/lines.rs"]
mod lines;
#[path = "influx/server.rs"]
mod server;
#[path = "influx/sink.rs"]
mod sink;
#[path = "influx/standin.rs"]
mod standin;

#[path = "influx/agrees.rs"]
mod agrees;
#[path = "influx/agrees_sink.rs"]
mod agrees_sink;
#[path = "influx/clock.rs"]
mod clock;
#[path = "influx/daemon.rs"]
mod daemon;
#[path = "influx/dashboard.rs"]
mod dashboard;
#[path = "influx/days.rs"]
mod days;
#[path = "influx/failures.rs"]
mod failures;
#[path = "influx/faults.rs"]
mod faults;
#[path = "influx/lanes.rs"]
mod lanes;
#[path = "influx/real.rs"]
mod real;
#[path = "influx/secure.rs"]
mod secure;
#[path = "influx/verify.rs"]
mod verify;
