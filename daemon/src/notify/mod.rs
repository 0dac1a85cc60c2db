//! How what `gaps` tells reaches people: a channel each has its queue and its courier, so that one that hangs holds up no
//! other. Every message is in the store before it goes, unless that refuses to write, and marked there when it has arrived:
//! after a restart what is not marked goes again, so that a message arrives twice rather than never.

mod courier;
mod queue;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use phusong_checks::Channel;
use phusong_gaps::{Listener, NotifyRules};
use phusong_model::{
    Inventory, Millis,
    config::{Config, Seconds},
};

pub(crate) use courier::Couriers;

/// The channels in force, and what a test of them says.
#[derive(Clone)]
pub(crate) struct Channels {
    pub(crate) all: Vec<Arc<Channel>>,
    pub(crate) inventory: Arc<Inventory>,
}

/// When what is told, as configured.
pub(crate) fn rules(config: &Config) -> NotifyRules {
    let millis = |time: &Seconds| Millis(i64::try_from(time.0.as_millis()).unwrap_or(i64::MAX));
    let listeners =
        config.notify.channel.iter().map(|channel| Listener { channel: channel.name.clone(), on: channel.on.clone() });
    NotifyRules {
        after: millis(&config.notify.after),
        escalate: config.notify.escalate.iter().map(millis).collect(),
        vantage: config.vantage.clone(),
        listeners: listeners.collect(),
    }
}

/// No code that holds a lock here can panic half way; what another one left is whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
