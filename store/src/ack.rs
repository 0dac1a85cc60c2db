//! Who has taken notice of outages.

use std::collections::{BTreeMap, BTreeSet};

use phusong_model::{Ack, EventId, Outage, OutageId, UtcMs};
use rusqlite::{Connection, params};

use crate::{
    Failure,
    columns::{Columns, collect, first},
    document, schema,
};

/// Notice of an outage that has not been kept yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAck {
    /// Which outage.
    pub outage: OutageId,
    /// When.
    pub at: UtcMs,
    /// Who.
    pub author: String,
    /// What he says.
    pub note: Option<String>,
    /// The number under which it is kept elsewhere.
    pub ticket: Option<String>,
}

/// Keeps it, with the event that the outage is a part of now; none when there is no such outage.
pub(crate) fn keep(transaction: &Connection, new: &NewAck) -> Result<Option<Ack>, Failure> {
    let kept = "INSERT INTO ack (outage, event, at, author, note, ticket)
         SELECT id, event, ?2, ?3, ?4, ?5 FROM outage WHERE id = ?1
         RETURNING outage, event, at, author, note, ticket";
    let params = params![new.outage.0, new.at.0, new.author, new.note, new.ticket];
    first(transaction, kept, params, read)
}

/// Those about outages, and about events, of a list; one statement for all, since a year has hundreds of thousands.
pub(crate) const ABOUT: [&str; 2] = [
    "SELECT ack.outage, ack.event, ack.at, ack.author, ack.note, ack.ticket, ack.id
     FROM json_each(?1) asked CROSS JOIN ack ON ack.outage = asked.value",
    "SELECT ack.outage, ack.event, ack.at, ack.author, ack.note, ack.ticket, ack.id
     FROM json_each(?1) asked CROSS JOIN ack ON ack.event = asked.value",
];

/// Those about these outages, oldest first.
pub(crate) fn about(connection: &Connection, outages: &[Outage]) -> Result<Vec<Ack>, Failure> {
    if schema::version(connection)? < schema::WITH_ORDERS {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = outages.iter().map(|outage| outage.id.0).collect();
    let events: BTreeSet<i64> = outages.iter().map(|outage| outage.event.0).collect();
    let asked = [document::write("outage", &ids)?, document::write("event", &events)?];
    let mut acks: BTreeMap<i64, Ack> = BTreeMap::new();
    for (sql, asked) in ABOUT.into_iter().zip(asked) {
        let found = collect(connection, sql, [asked], |row| {
            let ack = read(row)?;
            Ok((row.value()?, ack))
        })?;
        acks.extend(found);
    }
    Ok(acks.into_values().collect())
}

fn read(row: &mut Columns<'_>) -> Result<Ack, Failure> {
    Ok(Ack {
        outage: OutageId(row.value()?),
        event: EventId(row.value()?),
        at: row.at()?,
        author: row.value()?,
        note: row.value()?,
        ticket: row.value()?,
    })
}
