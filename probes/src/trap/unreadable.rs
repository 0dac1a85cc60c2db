//! Datagrams that the library drops before anybody is asked: broken ones and those that are not authentic. It tells of
//! them only in its log, a line each, which a flood would turn into gigabytes. So its words are heard here, counted and
//! go no further.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tracing::{
    Dispatch, Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use super::counts::Counters;

/// Where the library speaks of notifications.
const TARGET: &str = "async_snmp::notification";

/// Failures of the user-based security model as the library names them (RFC 3414, 3.2), and what they mean to us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// A part of finding each other: a sender asks for our engine id, or for our time after a restart.
    Usual { also_dropped: bool },
    /// No such user, wrong key, a level that the user does not have.
    Credential { also_dropped: bool },
}

impl Failure {
    fn named(name: &str) -> Self {
        match name {
            "UnknownEngineIds" => Self::Usual { also_dropped: false },
            "NotInTimeWindows" => Self::Usual { also_dropped: true },
            "WrongDigests" | "DecryptionErrors" => Self::Credential { also_dropped: true },
            // UnknownUserNames, UnsupportedSecLevels.
            _ => Self::Credential { also_dropped: false },
        }
    }
}

/// Listens while the library works on datagrams; nothing that is said then reaches the program's log.
pub(super) fn ear(counters: Arc<Counters>) -> Dispatch {
    Dispatch::new(Ear { counters, told: AtomicBool::new(false) })
}

struct Ear {
    counters: Arc<Counters>,
    /// The reason was told, and one more line on the same datagram follows.
    told: AtomicBool,
}

impl Subscriber for Ear {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() == Level::WARN && metadata.target() == TARGET
    }

    fn event(&self, event: &Event<'_>) {
        let mut words = Words::default();
        event.record(&mut words);
        match words.failure.as_deref().map(Failure::named) {
            Some(Failure::Usual { also_dropped }) => self.told.store(also_dropped, Ordering::Relaxed),
            Some(Failure::Credential { also_dropped }) => {
                self.counters.credential.add();
                self.told.store(also_dropped, Ordering::Relaxed);
            }
            None if words.of_datagram && !self.told.swap(false, Ordering::Relaxed) => self.counters.unreadable.add(),
            None => {}
        }
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Words {
    of_datagram: bool,
    failure: Option<String>,
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        match field.name() {
            "snmp.source" => self.of_datagram = true,
            "snmp.failure" => self.failure = Some(format!("{value:?}")),
            _ => {}
        }
    }
}
