//! Orders: the daemon carries them out; when none runs, this program does, with the lock of the data folder and as the
//! user who owns it.

use std::{convert::Infallible, path::Path, time::Duration};

use hyper::body::Bytes;
use phusong_gaps::Refused;
use phusong_model::{Evidence, UtcMs, Window};
use phusong_store::{DataLock, Reader, Store, StoreError, user_name};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    ask::{
        daemon::{self, DaemonFault, Limits, Refusal},
        upload::Upload,
    },
    failure::{Failure, Locked},
    site::Site,
};

/// An order waits for the tick under way, which takes some seconds, and for the disk.
const LIMITS: Limits = Limits { head: Duration::from_secs(30), whole: Duration::from_secs(35) };

/// Why an order is not carried out by this program itself.
pub enum Alone {
    /// It cannot be.
    Refused(Refused),
    /// The store says no.
    Store(StoreError),
}

impl From<Refused> for Alone {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<StoreError> for Alone {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What this program has to carry out an order by itself.
pub struct Desk {
    /// The store, open for writing.
    pub store: Store,
    /// What is known now.
    pub evidence: Evidence,
    /// Who orders.
    pub author: String,
}

/// Has the daemon carry out an order, or carries it out when no daemon runs.
pub fn give<T: DeserializeOwned>(
    site: &Site,
    path: &str,
    document: &impl Serialize,
    now: UtcMs,
    alone: impl FnOnce(&mut Desk) -> Result<T, Alone>,
) -> Result<T, Failure> {
    // Our own documents can be written.
    let body = Bytes::from(serde_json::to_vec(document).unwrap_or_default());
    give_bytes(site, path, body.into(), LIMITS, std::future::pending(), now, alone)
}

/// The same with a body that is no document, and for an order that takes longer: `meanwhile` runs as long as the daemon
/// does.
pub fn give_bytes<T: DeserializeOwned>(
    site: &Site,
    path: &str,
    body: Upload,
    limits: Limits,
    meanwhile: impl Future<Output = Infallible>,
    now: UtcMs,
    alone: impl FnOnce(&mut Desk) -> Result<T, Alone>,
) -> Result<T, Failure> {
    let fault = match daemon::order_bytes(&site.socket, path, body, limits, meanwhile) {
        Ok(answer) => return answer.map_err(|refusal| Failure::Question { refusal, conditions: Vec::new() }),
        // One that hangs still holds the store.
        Err(fault @ (DaemonFault::Absent { .. } | DaemonFault::Refused { .. })) => fault,
        Err(fault) => return Err(unanswered(site, path, fault)),
    };
    let lock = DataLock::take_as_owner(site.folder());
    let starter = site.starter.clone();
    let _lock = lock.map_err(|lock| Failure::Locked(Box::new(Locked { lock, daemon: fault, starter })))?;
    let mut desk = desk(site.folder(), now).map_err(Failure::Store)?;
    alone(&mut desk).map_err(|error| match error {
        Alone::Refused(Refused::Asked(error)) => question(Refusal::Known(error)),
        Alone::Refused(Refused::Order(error)) => question(Refusal::Order(error)),
        Alone::Store(error) => Failure::Store(error),
    })
}

/// The daemon gave no answer: whether it heard of the order decides what is to be done about that.
fn unanswered(site: &Site, path: &str, fault: DaemonFault) -> Failure {
    let starter = site.starter.clone();
    match fault {
        DaemonFault::Silent { .. } | DaemonFault::Unfinished { .. } | DaemonFault::BrokenOff { .. } => {
            Failure::Unanswered { fault, starter, shown_by: shown_by(path) }
        }
        DaemonFault::Absent { .. }
        | DaemonFault::Refused { .. }
        | DaemonFault::Denied { .. }
        | DaemonFault::Connect { .. }
        | DaemonFault::Http { .. }
        | DaemonFault::Unable { .. }
        | DaemonFault::Foreign { .. } => Failure::NoDaemon { fault, starter },
    }
}

/// The command that shows what orders at that path do.
fn shown_by(path: &str) -> &'static str {
    let topics =
        [("maintenance", "phusong maintenance"), ("imports", "phusong import list"), ("store", "phusong store info")];
    let of = |topic: &str| path.split('/').any(|part| part == topic);
    topics.into_iter().find(|(topic, _)| of(topic)).map_or("phusong outages", |(_, command)| command)
}

const fn question(refusal: Refusal) -> Failure {
    Failure::Question { refusal, conditions: Vec::new() }
}

fn desk(folder: &Path, now: UtcMs) -> Result<Desk, StoreError> {
    // A folder in which no daemon has run has no inventory to order about, and gets no store.
    drop(Reader::open(folder)?);
    let store = Store::open(folder)?;
    let evidence = Reader::open(folder)?.evidence(now, Window::new(now, now))?;
    Ok(Desk { store, evidence, author: user_name(nix::unistd::geteuid().as_raw()) })
}
