//! What people were told of events, and what is still on its way to them.

use phusong_model::{Delivery, EventId, Notification, NotificationItem, Telling, Told, UtcMs, Window};
use rusqlite::{Connection, params};

use crate::{
    Failure,
    columns::{Columns, collect},
    document, schema,
};

/// How many messages an answer has at most: the newest ones.
const NEWEST: i64 = 200;

/// The end of a message's way by one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Name of the message.
    pub notification: String,
    /// Name of the channel.
    pub channel: String,
    /// When.
    pub at: UtcMs,
    /// Why it was given up; none when it was delivered.
    pub given_up: Option<String>,
}

/// A message that waits for its delivery by one channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Undelivered {
    /// Name of the channel.
    pub channel: String,
    /// The message.
    pub notification: Notification,
}

/// Keeps what is told, and the messages of it until they are delivered.
pub(crate) fn tell(transaction: &Connection, telling: &Telling) -> Result<(), Failure> {
    match &telling.told {
        Some(told) => transaction
            .prepare_cached("INSERT OR REPLACE INTO told (event, told) VALUES (?1, ?2)")?
            .execute(params![telling.event.0, document::write("told", told)?])?,
        None => transaction.prepare_cached("DELETE FROM told WHERE event = ?1")?.execute([telling.event.0])?,
    };
    let Some(message) = &telling.notification else { return Ok(()) };
    transaction
        .prepare_cached(
            "INSERT INTO notification (id, at, event, turn, cause, links, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            message.id,
            message.at.0,
            message.event.0,
            document::write("turn", &message.turn)?,
            message.cause.id(),
            i64::try_from(message.links_total).unwrap_or(i64::MAX),
            document::write("notification", message)?
        ])?;
    for channel in &telling.channels {
        // One that was delivered while the store refused to write is there already, and stays delivered.
        transaction
            .prepare_cached("INSERT INTO delivery (notification, channel) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute((&message.id, channel))?;
    }
    Ok(())
}

/// Keeps that a message has arrived, or was given up.
pub(crate) fn deliver(transaction: &Connection, delivered: &[Delivered]) -> Result<(), Failure> {
    for Delivered { notification, channel, at, given_up } in delivered {
        transaction
            .prepare_cached(
                "INSERT INTO delivery (notification, channel, done_at, given_up) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET done_at = ?3, given_up = ?4",
            )?
            .execute(params![notification, channel, at.0, given_up])?;
    }
    Ok(())
}

/// What was told of events that are not forgotten yet.
pub(crate) fn told(connection: &Connection) -> Result<Vec<Told>, Failure> {
    if schema::version(connection)? < schema::WITH_ORDERS {
        return Ok(Vec::new());
    }
    collect(connection, "SELECT told FROM told ORDER BY event", [], |row| {
        document::read("told", &row.value::<String>()?)
    })
}

pub(crate) const UNDELIVERED: &str = "SELECT delivery.channel, notification.body
     FROM delivery CROSS JOIN notification ON notification.id = delivery.notification
     WHERE delivery.done_at IS NULL ORDER BY notification.key";

/// What is still to be delivered, oldest first.
pub(crate) fn undelivered(connection: &Connection) -> Result<Vec<Undelivered>, Failure> {
    if schema::version(connection)? < schema::WITH_ORDERS {
        return Ok(Vec::new());
    }
    collect(connection, UNDELIVERED, [], |row| Ok(Undelivered { channel: row.value()?, notification: body(row)? }))
}

pub(crate) const LAST_OF: &str = "SELECT body FROM notification WHERE event = ?1 ORDER BY key DESC LIMIT 1";

/// The last message of each event that was told and not told to be over.
pub(crate) fn open(connection: &Connection) -> Result<Vec<Notification>, Failure> {
    let open = told(connection)?.into_iter().filter(|told| told.closed.is_none());
    let last = open.map(|told| collect(connection, LAST_OF, [told.event.0], body));
    Ok(last.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

pub(crate) const WITHIN: &str = "SELECT id, at, event, turn, cause, links FROM notification
     WHERE at >= ?1 AND at < ?2 ORDER BY at DESC, key DESC LIMIT ?3";

pub(crate) const DELIVERIES: &str =
    "SELECT channel, done_at, given_up FROM delivery WHERE notification = ?1 ORDER BY channel";

/// The newest messages of a window, newest first.
pub(crate) fn within(connection: &Connection, window: Window) -> Result<Vec<NotificationItem>, Failure> {
    if schema::version(connection)? < schema::WITH_ORDERS {
        return Ok(Vec::new());
    }
    let mut items = collect(connection, WITHIN, (window.from.0, window.to.0, NEWEST), |row| {
        Ok(NotificationItem {
            id: row.value()?,
            at: row.at()?,
            event: EventId(row.value()?),
            turn: document::read("turn", &row.value::<String>()?)?,
            cause: row.value()?,
            links: row.number()?,
            deliveries: Vec::new(),
        })
    })?;
    for item in &mut items {
        item.deliveries = collect(connection, DELIVERIES, [&item.id], |row| {
            Ok(Delivery { channel: row.value()?, done: row.maybe_at()?, given_up: row.value()? })
        })?;
    }
    Ok(items)
}

fn body(row: &mut Columns<'_>) -> Result<Notification, Failure> {
    document::read("notification", &row.value::<String>()?)
}
