//! The ways by which messages go, opened from the configuration: secrets are read and addresses judged before anything
//! is to be told.

mod alertmanager;
mod command;
mod email;
mod post;
mod webhook;

use std::{path::Path, sync::Arc};

use phusong_model::{
    Fault, Faults, Notification, UtcMs,
    config::{ChannelConfig, ChannelKind, Config},
    glossary::Lang,
};

use sha2::{Digest as _, Sha256};

use alertmanager::Alertmanager;
use command::CommandLine;
use email::Email;
use webhook::Webhook;

/// The most messages of one delivery.
const TOGETHER_MOST: usize = 100;

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken; with what is to be said of it although it was.
    Delivered(Option<String>),
    /// Not now.
    Again(String),
    /// These messages will never be taken.
    Never(String),
}

/// A channel that can be used.
pub struct Channel {
    /// What the configuration says of it.
    pub config: ChannelConfig,
    way: Way,
}

enum Way {
    Webhook(Webhook),
    Email(Box<Email>),
    Alertmanager(Alertmanager),
    Command(CommandLine),
}

/// What a channel needs to know of the configuration around it.
struct Around<'a> {
    /// The configuration's file, for faults.
    file: &'a Path,
    vantage: &'a str,
    lang: Lang,
    channel: &'a ChannelConfig,
}

impl Around<'_> {
    /// A fault of the channel.
    fn fault(&self, message: impl std::fmt::Display, hint: impl Into<String>) -> Fault {
        let message = format!("channel \"{}\" of [notify]: {message}", self.channel.name);
        Fault::of_file(self.file, message, hint)
    }
}

impl Channel {
    /// Opens all channels of a configuration; all faults at once.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub fn open_all(file: &Path, config: &Config) -> Result<Vec<Arc<Self>>, Faults> {
        let (vantage, lang) = (config.vantage.as_str(), config.notify.language);
        let mut faults = Vec::new();
        let mut opened = Vec::new();
        for channel in &config.notify.channel {
            match Self::open(&Around { file, vantage, lang, channel }) {
                Ok(channel) => opened.push(Arc::new(channel)),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(opened) } else { Err(Faults(faults)) }
    }

    fn open(around: &Around<'_>) -> Result<Self, Fault> {
        let way = match around.channel.kind {
            ChannelKind::Webhook => Way::Webhook(Webhook::open(around)?),
            ChannelKind::Email => Way::Email(Box::new(Email::open(around)?)),
            ChannelKind::Alertmanager => Way::Alertmanager(Alertmanager::open(around)?),
            ChannelKind::Command => Way::Command(CommandLine::open(around)?),
        };
        Ok(Self { config: around.channel.clone(), way })
    }

    /// Tries to deliver.
    pub async fn deliver(&self, messages: &[Notification], now: UtcMs) -> Outcome {
        match &self.way {
            Way::Webhook(webhook) => webhook.deliver(messages, now).await,
            Way::Email(email) => email.deliver(messages, now).await,
            Way::Alertmanager(alertmanager) => alertmanager.deliver(messages, now).await,
            Way::Command(command) => command.deliver(messages).await,
        }
    }

    /// Whether its receiver forgets, so that it has to be told again of what is open.
    #[must_use]
    pub const fn forgets(&self) -> bool {
        match self.way {
            Way::Alertmanager(_) => true,
            Way::Webhook(_) | Way::Email(_) | Way::Command(_) => false,
        }
    }

    /// How many messages go in one delivery.
    #[must_use]
    pub const fn together(&self) -> usize {
        match self.way {
            Way::Command(_) => 1,
            Way::Webhook(_) | Way::Email(_) | Way::Alertmanager(_) => TOGETHER_MOST,
        }
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
