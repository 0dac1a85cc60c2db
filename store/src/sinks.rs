//! How far each sink has delivered, and what it refused.
//!
//! # Numbers of ticks
//! A store that was saved from a damaged one may have lost its newest ticks, and gives their numbers to new ones. What a
//! sink says of a tick is therefore said with the [`numbering`] of the store it was read from; of another store's ticks it
//! says nothing.

use phusong_model::UtcMs;
use rusqlite::Connection;

use crate::{
    Failure,
    columns::{collect, first},
    schema,
};

/// Most lines that are kept as rejected for one sink, some 25 MB of them. A field whose type conflicts has the server refuse
/// every line: the sink then waits for somebody to mend that, as for anything else that stops it.
pub(crate) const REJECTED_MOST: u64 = 100_000;

/// What a sink has still to deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Ticks after the cursor.
    pub queued_ticks: u64,
    /// The oldest of them.
    pub oldest: Option<UtcMs>,
    /// Lines refused for good that are kept.
    pub rejected_lines: u64,
    /// Rejected lines that somebody gave up, ever.
    pub given_up_lines: u64,
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
        "INSERT INTO sink (name, seq, rejected)
         VALUES (?1, (SELECT coalesce(min(seq), 1) - 1 FROM tick), (SELECT count(*) FROM rejected WHERE sink = ?1))
         ON CONFLICT DO NOTHING",
        [sink],
    )?;
    Ok(())
}

/// What tells the numbers of this store's ticks from those of any other; 0 before stores had one.
pub(crate) fn numbering(connection: &Connection) -> Result<i64, Failure> {
    match schema::version(connection)? {
        schema::WITH_NUMBERING.. => {
            let number = first(connection, "SELECT number FROM numbering", [], |row| row.value())?;
            number.ok_or_else(|| Failure::Damaged("no numbering".to_owned()))
        }
        _ => Ok(0),
    }
}

/// Moves the cursor, unless the tick is one of another numbering; it never goes back.
pub(crate) fn advance(transaction: &Connection, sink: &str, seq: i64, of: i64) -> Result<(), Failure> {
    if numbering(transaction)? != of {
        return Ok(());
    }
    transaction
        .prepare_cached(
            "INSERT INTO sink (name, seq) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET seq = max(seq, excluded.seq)",
        )?
        .execute((sink, seq))?;
    Ok(())
}

/// A line that a sink refuses for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Number of the tick it belongs to.
    pub seq: i64,
    /// The line, or the point that no line can hold.
    pub line: String,
    /// HTTP status; 0 when it was never sent.
    pub status: u16,
    /// Why.
    pub message: String,
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

/// The last rejected line of a sink, by tick.
pub(crate) const LAST_REJECTED: &str =
    "SELECT seq, line FROM rejected WHERE sink = ?1 ORDER BY seq DESC, line DESC LIMIT 1";

/// The last line that a sink refused, by tick and text.
pub(crate) fn last_rejected(connection: &Connection, sink: &str) -> Result<Option<(i64, String)>, Failure> {
    first(connection, LAST_REJECTED, [sink], |row| Ok((row.value()?, row.value()?)))
}

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

/// Why a rejected line is not kept any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Farewell {
    /// The sink has taken it after all.
    Taken,
    /// Somebody gave it up.
    GivenUp,
}

/// Forgets rejected lines, given by tick and text. Those that are given up are counted.
pub(crate) fn forget(
    transaction: &Connection,
    sink: &str,
    lines: &[(i64, String)],
    why: Farewell,
) -> Result<(), Failure> {
    let mut delete = transaction.prepare_cached("DELETE FROM rejected WHERE sink = ?1 AND seq = ?2 AND line = ?3")?;
    let mut gone = 0_u32;
    for (seq, line) in lines {
        gone += u32::from(delete.execute((sink, seq, line))? > 0);
    }
    let given_up = match why {
        Farewell::Taken => 0,
        Farewell::GivenUp => gone,
    };
    transaction.execute(
        "UPDATE sink SET rejected = max(0, rejected - ?2), given_up = given_up + ?3 WHERE name = ?1",
        (sink, gone, given_up),
    )?;
    Ok(())
}

/// Keeps lines that a sink refused for good, all or none. The same line of the same tick counts once, however often it was
/// tried; what was said last stays.
pub(crate) fn reject(transaction: &Connection, sink: &str, lines: &[Rejection]) -> Result<(), Failure> {
    add(transaction, sink)?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO rejected (sink, seq, line, status, message) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
    )?;
    let mut reword = transaction
        .prepare_cached("UPDATE rejected SET status = ?4, message = ?5 WHERE sink = ?1 AND seq = ?2 AND line = ?3")?;
    let mut new = 0_u32;
    for Rejection { seq, line, status, message } in lines {
        let row = (sink, seq, line, status, message);
        if insert.execute(row)? > 0 {
            new += 1;
        } else {
            reword.execute(row)?;
        }
    }
    let count = "UPDATE sink SET rejected = rejected + ?2 WHERE name = ?1 RETURNING rejected";
    let kept: u64 = first(transaction, count, (sink, new), |row| row.number())?.unwrap_or_default();
    if new > 0 && kept > REJECTED_MOST {
        return Err(Failure::RejectedFull { sink: sink.to_owned() });
    }
    Ok(())
}

const GIVEN_UP: &str = "SELECT given_up FROM sink WHERE name = ?1";

const REMOVED: &str = "SELECT removed_samples FROM sink WHERE name = ?1";

/// How many lines of a sink are rejected. A store of before is read once, by a CLI that is newer than its daemon.
pub(crate) const fn rejected_sql(version: i64) -> &'static str {
    match version {
        schema::WITH_NUMBERING.. => "SELECT rejected FROM sink WHERE name = ?1",
        _ => "SELECT count(*) FROM rejected WHERE sink = ?1",
    }
}

/// Counts what is queued. The numbers of ticks have no holes, so counting them is subtracting.
pub(crate) fn backlog(connection: &Connection, sink: &str) -> Result<Backlog, Failure> {
    let cursor = cursor(connection, sink)?;
    let newest = first(connection, "SELECT coalesce(max(seq), 0) FROM tick", [], |row| row.number::<i64>())?;
    let oldest =
        first(connection, "SELECT at FROM tick WHERE seq > ?1 ORDER BY seq LIMIT 1", [cursor], |row| row.at())?;
    let version = schema::version(connection)?;
    let rejected = first(connection, rejected_sql(version), [sink], |row| row.number())?;
    let removed = match version {
        schema::WITH_ROLLUPS.. => first(connection, REMOVED, [sink], |row| row.number())?,
        _ => None,
    };
    let given_up = match version {
        schema::WITH_NUMBERING.. => first(connection, GIVEN_UP, [sink], |row| row.number())?,
        _ => None,
    };
    Ok(Backlog {
        queued_ticks: u64::try_from(newest.unwrap_or(0) - cursor).unwrap_or(0),
        oldest,
        rejected_lines: rejected.unwrap_or(0),
        given_up_lines: given_up.unwrap_or(0),
        removed_samples: removed.unwrap_or(0),
    })
}
