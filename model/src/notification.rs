//! What people and programs outside are told of events: one message per event and turn of it, not per link.

use serde::{Deserialize, Serialize};

use crate::{
    Ack, Carrier, Cause, Clue, CommuneCode, Confidence, Contact, EventId, Inventory, LinkId, LinkKind, Millis,
    Operator, Together, UtcMs,
};

/// Which turn of an event is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Turn {
    /// It began.
    Opened,
    /// It goes on, and nobody has taken notice.
    Escalated,
    /// Another cause is held for it now, or what carries all its links was found.
    Cause,
    /// It is over, or it was found to be a part of another event.
    Closed,
    /// Nothing happened: somebody tries whether messages arrive.
    Test,
}

impl Turn {
    /// Those that an event can take.
    pub const OF_EVENTS: [Self; 4] = [Self::Opened, Self::Escalated, Self::Cause, Self::Closed];

    /// The id that the configuration, JSON and scripts use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Escalated => "escalated",
            Self::Cause => "cause",
            Self::Closed => "closed",
            Self::Test => "test",
        }
    }
}

/// A link as a message names it. All text is from the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotifiedLink {
    /// Id.
    pub link: LinkId,
    /// Name.
    pub name: String,
    /// What it is for.
    pub kind: LinkKind,
    /// Code of its commune.
    pub commune: Option<CommuneCode>,
    /// Name of its commune.
    pub commune_name: Option<String>,
    /// Who runs it.
    pub operator: Option<Operator>,
    /// Whom to call.
    pub contact: Contact,
    /// Whether it is down still.
    pub down: bool,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    /// Name and version of the document.
    pub schema: String,
    /// Its own name: a receiver that gets it twice knows by this.
    pub id: String,
    /// Which turn is told.
    pub turn: Turn,
    /// Name of the prober.
    pub vantage: String,
    /// Name of the province.
    pub province: String,
    /// The data is an example.
    pub example: bool,
    /// The event; every message of one event has its number.
    pub event: EventId,
    /// When it was decided to tell it.
    pub at: UtcMs,
    /// From when the event lasts.
    pub start: UtcMs,
    /// Until when; null while any link of it is down.
    pub end: Option<UtcMs>,
    /// How long, up to `at` while it lasts.
    pub duration_ms: Millis,
    /// The cause.
    #[serde(flatten)]
    pub cause: Cause,
    /// How sure it is.
    pub confidence: Confidence,
    /// What was held for the cause before, when that is told.
    pub cause_before: Option<Cause>,
    /// What it rests on, the weightiest first.
    pub evidence: Vec<Clue>,
    /// What carries all links of it and is down.
    pub by: Option<Carrier>,
    /// Without a known carrier: what the links have in common. Then they are *probably* one event.
    pub together: Option<Together>,
    /// The link goes down and up again and again.
    pub flapping: bool,
    /// For `escalated`, which time, from 1.
    pub step: u32,
    /// For `closed`, the event that it was found to be a part of.
    pub joined: Option<EventId>,
    /// Its links, what carries the others first; the first ones of many.
    pub links: Vec<NotifiedLink>,
    /// How many links there are.
    pub links_total: u64,
    /// How many of them are down still.
    pub links_down: u64,
    /// Names of the communes, each once.
    pub communes: Vec<String>,
    /// People of these communes, as far as known.
    pub people: Option<u64>,
    /// Who has taken notice, last.
    pub ack: Option<Ack>,
}

impl Notification {
    /// Name and version of the document. Within a version fields are only added.
    pub const SCHEMA: &'static str = "phusong.notification/1";

    /// One that tells of nothing: somebody tries whether messages arrive.
    #[must_use]
    pub fn test(vantage: &str, inventory: &Inventory, at: UtcMs) -> Self {
        Self {
            schema: Self::SCHEMA.to_owned(),
            id: format!("{vantage}.{}.{}", Turn::Test.id(), at.0),
            turn: Turn::Test,
            vantage: vantage.to_owned(),
            province: inventory.province.clone(),
            example: inventory.example,
            event: EventId(0),
            at,
            start: at,
            end: None,
            duration_ms: Millis(0),
            cause: Cause::Unknown,
            confidence: Confidence::Low,
            cause_before: None,
            evidence: Vec::new(),
            by: None,
            together: None,
            flapping: false,
            step: 0,
            joined: None,
            links: Vec::new(),
            links_total: 0,
            links_down: 0,
            communes: Vec::new(),
            people: None,
            ack: None,
        }
    }
}

/// What was told of an event so far: kept over restarts, so that nothing is told twice or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Of which event.
    pub event: EventId,
    /// When it was told that it began.
    pub opened: UtcMs,
    /// The cause that was told last.
    pub cause: Cause,
    /// What was told to carry all links of it.
    pub by: Option<Carrier>,
    /// How many times it was escalated.
    pub escalated: u32,
    /// When it was told that it is over.
    pub closed: Option<UtcMs>,
}

/// What a tick tells of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Telling {
    /// Of which event.
    pub event: EventId,
    /// What has been told of it now; none when the event is to be forgotten.
    pub told: Option<Told>,
    /// The message, when anybody is to get one.
    pub notification: Option<Notification>,
    /// Names of the channels by which it goes.
    pub channels: Vec<String>,
}

/// A message that was, or is to be, delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationItem {
    /// Its name.
    pub id: String,
    /// When it was decided to tell it.
    pub at: UtcMs,
    /// The event.
    pub event: EventId,
    /// Which turn.
    pub turn: Turn,
    /// The id of the cause that it tells.
    pub cause: String,
    /// How many links it is about.
    pub links: u64,
    /// By which channels it goes.
    pub deliveries: Vec<Delivery>,
}

/// The way of a message by one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Name of the channel.
    pub channel: String,
    /// When it was delivered or given up; null while it waits.
    pub done: Option<UtcMs>,
    /// Why it was given up; null when it was delivered.
    pub given_up: Option<String>,
}
