//! The InfluxDB replicas: what the store has, sent on by cursor. Each replica has a sink of its own, with its own cursor,
//! task and account, so that one that is away holds up no other.
//!
//! The store is the only queue. A tick is read from it, written as lines, and acknowledged by moving the cursor once
//! InfluxDB has said 204 for all of it; so a daemon that is killed goes on where it was, and an InfluxDB that is away
//! for three days costs no memory.
//!
//! | answer | what happens |
//! |---|---|
//! | 204 | delivered; the cursor moves when the tick is whole |
//! | 400, 422 | halve until a single line is refused; that line goes to the rejected lines of the store, as long as it keeps more |
//! | 413 | halve |
//! | 401, 403, 404, redirects, 200, a 400 that is not about lines | hold everything, say what to mend |
//! | 408, 429, 5xx, no answer | wait 2 to 60 s, or as long as `Retry-After` asks within these, send again |
//! | a certificate that is not trusted | send nothing, say what to mend |
//!
//! **Two lanes.** A backlog drains oldest first, which after three days takes minutes. Before each request of it the ticks
//! that were committed meanwhile are sent ahead, so that the moment is there within a request's time; they are sent again
//! when the cursor comes to them. That costs at most the live rate once more, and the cursor knows nothing of it.
//!
//! Reading order: [`tag`], [`line`], [`series`], [`chunk`] make lines; [`reply`] and [`delivery`] decide; [`source`],
//! [`transport`] and [`sink`] do. By order of people, [`retry`] sends rejected lines again and [`verify`] counts on both
//! sides.

mod chunk;
mod delivery;
mod line;
mod reply;
mod retry;
mod series;
mod sink;
mod source;
mod start;
mod tag;
mod transport;
mod verify;

use std::{path::PathBuf, time::Duration};

use phusong_model::{InfluxHealth, config::Secret};
use phusong_store::{Farewell, Rejection};
use tokio::sync::{mpsc, oneshot, watch};

pub use reply::Reply;
pub use sink::Sink;
pub(crate) use start::{Replicas, start};
pub use transport::TransportError;

/// Where a replica is.
#[derive(Debug, Clone)]
pub struct InfluxSettings {
    /// Its name: that of its cursor over ticks, and of its rejected lines.
    pub name: String,
    /// `http://` or `https://` with a host, perhaps a port, perhaps a path.
    pub url: String,
    /// Organisation.
    pub org: String,
    /// Bucket.
    pub bucket: String,
    /// Token with the right to write to the bucket.
    pub token: Secret,
    /// Certificates in PEM that are trusted beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// Time limit of one request.
    pub timeout: Duration,
    /// Name of this prober; tag `vantage`.
    pub vantage: String,
}

/// What the sink asks the one writer of the store to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkOrder {
    /// InfluxDB has everything up to this tick: move the sink's cursor.
    Advance {
        /// Number of the tick in the store.
        seq: i64,
        /// Whose number it is: see `Store::numbering`.
        numbering: i64,
    },
    /// Lines that InfluxDB refuses for good.
    Reject(Vec<Rejection>),
    /// Rejected lines, by tick and text, that need not be kept any longer.
    Forget(Vec<(i64, String)>, Farewell),
    /// The store cannot be read, for this reason, and that will not pass.
    Damaged(String),
}

/// An order with the way back: whether the store took it, else why not.
pub type SinkRequest = (SinkOrder, oneshot::Sender<Result<(), String>>);

/// What connects the sink to the rest of the daemon.
#[derive(Debug)]
pub struct Wires {
    /// To the writer of the store. The sink has one order under way at a time.
    pub orders: mpsc::Sender<SinkRequest>,
    /// The sink's account, for whoever shows it.
    pub health: watch::Sender<Option<InfluxHealth>>,
    /// The number of the newest tick in the store; a change wakes the sink.
    pub committed: watch::Receiver<i64>,
    /// `true` stops the sink at once; what is under way will be sent again after the start.
    pub stop: watch::Receiver<bool>,
}
