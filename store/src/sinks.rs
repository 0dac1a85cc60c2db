//! How far each sink has delivered, and what it refused.

use phusong_model::UtcMs;
use rusqlite::Connection;

use crate::{
    Failure,
    columns::{collect, first},
    schema,
};

/// What a sink has still to deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Ticks after the cursor.
    pub queued_ticks: u64,
    /// The oldest of them.
    pub oldest: Option<UtcMs>,
    /// Lines refused for good, ever.
    pub rejected_lines: u64,
    /// Samples that retention removed before they were delivered, ever.
    pub removed_samples: u64,
}

/// The last tick that a sink has delivered; 0 before the first.
pub(crate) fn cursor(connection: &Connection, sink: &str) -> Result<i64, Failure> {
    let seq = first(connection, "SELECT seq FROM sink WHERE name = ?1", [sink], |row| row.value())?;
    Ok(seq.unwrap_or(0))
}

/// Makes a sink known from now on, so that what retention removes before it is delivered counts. One that is new gets
/// everything that is there.
pub(crate) fn add(transaction: &Connection, sink: &str) -> Result<(), Failure> {
    transaction.execute(
        "INSERT INTO sink (name, seq) VALUES (?1, (SELECT coalesce(min(seq), 1) - 1 FROM tick)) ON CONFLICT DO NOTHING",
        [sink],
    )?;
    Ok(())
}

/// Moves the cursor; it never goes back, and never beyond the newest tick: a store that was saved from a damaged one may
/// have lost the ticks that a sink has just delivered, and gives their numbers to new ones.
pub(crate) fn advance(transaction: &Connection, sink: &str, seq: i64) -> Result<(), Failure> {
    transaction
        .prepare_cached(
            "INSERT INTO sink (name, seq) VALUES (?1, min(?2, (SELECT coalesce(max(seq), 0) FROM tick)))
             ON CONFLICT (name) DO UPDATE SET seq = max(seq, excluded.seq)",
        )?
        .execute((sink, seq))?;
    Ok(())
}

/// A line that a sink refused for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Number of the tick it belongs to.
    pub seq: i64,
    /// Time of that tick; none when the tick is gone.
    pub at: Option<UtcMs>,
    /// The line, or the point that no line can hold.
    pub line: String,
    /// HTTP status; 0 when it was never sent.
    pub status: u16,
    /// Why.
    pub message: String,
}

/// Lines of a sink after one of them, by tick.
pub(crate) const REJECTED: &str =
    "SELECT rejected.seq, tick.at, rejected.line, rejected.status, rejected.message
     FROM rejected LEFT JOIN tick ON tick.seq = rejected.seq
     WHERE rejected.sink = ?1 AND (rejected.seq, rejected.line) > (?2, ?3) ORDER BY rejected.seq, rejected.line LIMIT ?4";

/// The lines that a sink refused, by tick, after the one given; at most `limit`.
pub(crate) fn rejected(
    connection: &Connection,
    sink: &str,
    after: (i64, &str),
    limit: usize,
) -> Result<Vec<Rejected>, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    collect(connection, REJECTED, (sink, after.0, after.1, limit), |row| {
        Ok(Rejected {
            seq: row.value()?,
            at: row.maybe_at()?,
            line: row.value()?,
            status: row.number()?,
            message: row.value()?,
        })
    })
}

/// Removes a line that the sink has taken after all.
pub(crate) fn accept(transaction: &Connection, sink: &str, seq: i64, line: &str) -> Result<(), Failure> {
    transaction
        .prepare_cached("DELETE FROM rejected WHERE sink = ?1 AND seq = ?2 AND line = ?3")?
        .execute((sink, seq, line))?;
    Ok(())
}

/// Keeps a line that a sink refused for good. The same line of the same tick counts once, however often it was tried;
/// what was said last stays.
pub(crate) fn reject(
    transaction: &Connection,
    sink: &str,
    seq: i64,
    line: &str,
    status: u16,
    message: &str,
) -> Result<(), Failure> {
    transaction
        .prepare_cached(
            "INSERT INTO rejected (sink, seq, line, status, message) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET status = ?4, message = ?5",
        )?
        .execute((sink, seq, line, status, message))?;
    Ok(())
}

const REMOVED: &str = "SELECT removed_samples FROM sink WHERE name = ?1";

/// Counts what is queued. The numbers of ticks have no holes, so counting them is subtracting.
pub(crate) fn backlog(connection: &Connection, sink: &str) -> Result<Backlog, Failure> {
    let cursor = cursor(connection, sink)?;
    let newest = first(connection, "SELECT coalesce(max(seq), 0) FROM tick", [], |row| row.number::<i64>())?;
    let oldest =
        first(connection, "SELECT at FROM tick WHERE seq > ?1 ORDER BY seq LIMIT 1", [cursor], |row| row.at())?;
    let rejected = first(connection, "SELECT count(*) FROM rejected WHERE sink = ?1", [sink], |row| row.number())?;
    let removed = match schema::version(connection)? {
        schema::WITH_ROLLUPS.. => first(connection, REMOVED, [sink], |row| row.number())?,
        _ => None,
    };
    Ok(Backlog {
        queued_ticks: u64::try_from(newest.unwrap_or(0) - cursor).unwrap_or(0),
        oldest,
        rejected_lines: rejected.unwrap_or(0),
        removed_samples: removed.unwrap_or(0),
    })
}
