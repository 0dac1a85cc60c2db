//! How what `gaps` tells reaches people: a channel each has its queue and its courier, so that one that hangs holds up no
//! other. Every message is in the store before it goes, unless that refuses to write, and marked there when it has arrived:
//! after a restart what is not marked goes again, so that a message arrives twice rather than never.

mod alertmanager;
mod channel;
mod command;
mod courier;
mod email;
mod post;
mod queue;
mod webhook;

use std::sync::{Mutex, MutexGuard, PoisonError};

use phusong_gaps::{Listener, NotifyRules};
use phusong_model::{
    Millis, Notification,
    config::{Config, Seconds},
};
use sha2::{Digest as _, Sha256};

pub(crate) use channel::{Channel, Channels, Outcome};
pub(crate) use courier::Couriers;

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

/// The name of a delivery: the same messages have the same name, however often they are sent.
fn batch_name(messages: &[Notification]) -> String {
    hashed(messages.iter().map(|message| message.id.as_str()))
}

/// Twenty hexadecimal digits for any text.
fn hashed<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text);
        hash.update([0]);
    }
    hash.finalize().iter().take(10).map(|byte| format!("{byte:02x}")).collect()
}

/// No code that holds a lock here can panic half way; what another one left is whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
