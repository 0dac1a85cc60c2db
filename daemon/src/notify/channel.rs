//! The ways by which messages go, opened from the configuration: secrets are read and addresses judged before anything
//! is to be told.

use std::{path::Path, sync::Arc};

use phusong_model::{
    Fault, Faults, Inventory, Notification, UtcMs,
    config::{ChannelConfig, ChannelKind, Config},
    glossary::Lang,
};

use super::{alertmanager::Alertmanager, command::CommandLine, email::Email, webhook::Webhook};

/// The most messages of one delivery.
const TOGETHER_MOST: usize = 100;

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was taken; with what is to be said of it although it was.
    Delivered(Option<String>),
    /// Not now.
    Again(String),
    /// These messages will never be taken.
    Never(String),
}

/// A channel that can be used.
pub(crate) struct Channel {
    pub(crate) config: ChannelConfig,
    way: Way,
}

enum Way {
    Webhook(Webhook),
    Email(Box<Email>),
    Alertmanager(Alertmanager),
    Command(CommandLine),
}

/// The channels in force, and what a test of them says.
#[derive(Clone)]
pub(crate) struct Channels {
    pub(crate) all: Vec<Arc<Channel>>,
    pub(crate) inventory: Arc<Inventory>,
}

/// What a channel needs to know of the configuration around it.
pub(super) struct Around<'a> {
    /// The configuration's file, for faults.
    pub(super) file: &'a Path,
    pub(super) vantage: &'a str,
    pub(super) lang: Lang,
    pub(super) channel: &'a ChannelConfig,
}

impl Around<'_> {
    /// A fault of the channel.
    pub(super) fn fault(&self, message: impl std::fmt::Display, hint: impl Into<String>) -> Fault {
        let message = format!("channel \"{}\" of [notify]: {message}", self.channel.name);
        Fault::of_file(self.file, message, hint)
    }
}

impl Channel {
    /// Opens all channels of a configuration; all faults at once.
    pub(crate) fn open_all(file: &Path, config: &Config) -> Result<Vec<Arc<Self>>, Faults> {
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
    pub(crate) async fn deliver(&self, messages: &[Notification], now: UtcMs) -> Outcome {
        match &self.way {
            Way::Webhook(webhook) => webhook.deliver(messages, now).await,
            Way::Email(email) => email.deliver(messages, now).await,
            Way::Alertmanager(alertmanager) => alertmanager.deliver(messages, now).await,
            Way::Command(command) => command.deliver(messages).await,
        }
    }

    /// Whether its receiver forgets, so that it has to be told again of what is open.
    pub(super) const fn forgets(&self) -> bool {
        match self.way {
            Way::Alertmanager(_) => true,
            Way::Webhook(_) | Way::Email(_) | Way::Command(_) => false,
        }
    }

    /// How many messages go in one delivery.
    pub(super) const fn together(&self) -> usize {
        match self.way {
            Way::Command(_) => 1,
            Way::Webhook(_) | Way::Email(_) | Way::Alertmanager(_) => TOGETHER_MOST,
        }
    }
}
