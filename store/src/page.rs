//! The store read from one end of a window to the other, some thousand rows at a time: however long the window is, no
//! more than that is in memory, and no transaction lasts long enough to keep the writer's log from being taken up.
//!
//! Samples and readings are found by the ranges of the ticks. What is read is what was written: open spans and outages
//! have no end, also when no daemon runs.

use std::collections::BTreeSet;

use phusong_model::{IfReading, LinkId, Outage, Sample, Span, UtcMs, Window};
use rusqlite::Connection;

use crate::{
    Failure,
    columns::{ECHO, READING, collect, first},
    document, evidence, schema,
};

/// Rows of a page; a tick is never divided, and a national one has more than this.
const PAGE_ROWS: i64 = 20_000;

/// Ticks of a page at most: of few links, each has few rows.
const PAGE_TICKS: i64 = 2_000;

/// Outages of a page: each may carry some kilobytes of evidence.
const PAGE_OUTAGES: usize = 500;

/// Whose rows are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// All.
    Everything,
    /// Only those of these links.
    Links(BTreeSet<LinkId>),
}

/// A row with the time of its tick.
pub type Timed<T> = (UtcMs, T);

/// The numbers that the store gives the links, as JSON for `json_each`; none for everything.
pub(crate) fn keys(connection: &Connection, of: &Of) -> Result<Option<String>, Failure> {
    let Of::Links(links) = of else { return Ok(None) };
    let ids: Vec<String> = links.iter().map(LinkId::to_string).collect();
    let keys: Vec<i64> = collect(connection, KEYS, [document::write("link", &ids)?], |row| row.value())?;
    document::write("link", &keys).map(Some)
}

pub(crate) const KEYS: &str = "SELECT key FROM link WHERE id IN (SELECT value FROM json_each(?1))";

/// The ticks of a window, as a half-open range of their numbers.
pub(crate) fn ticks(connection: &Connection, window: Window) -> Result<(i64, i64), Failure> {
    let at_or_after = |at: UtcMs| first(connection, TICK_FROM, [at.0], |row| row.value::<i64>());
    let end = first(connection, "SELECT coalesce(max(seq), 0) + 1 FROM tick", [], |row| row.value())?.unwrap_or(1);
    Ok((at_or_after(window.from)?.unwrap_or(end), at_or_after(window.to)?.unwrap_or(end)))
}

pub(crate) const TICK_FROM: &str = "SELECT seq FROM tick WHERE at >= ?1 ORDER BY at LIMIT 1";

/// The first tick of the next page: so many that their rows are a page, and one at least.
pub(crate) fn page_end(connection: &Connection, table: &str, ticks: (i64, i64)) -> Result<i64, Failure> {
    let (from, to) = ticks;
    let sql = sizes_sql(table);
    let (mut end, mut rows) = (from, 0);
    for (seq, size) in collect(connection, &sql, (from, to.min(from + PAGE_TICKS)), |row| {
        Ok((row.value::<i64>()?, row.value::<i64>()?))
    })? {
        rows += size;
        if end > from && rows > PAGE_ROWS {
            return Ok(end);
        }
        end = seq + 1;
    }
    // A window whose oldest ticks were just removed still ends.
    Ok(if end == from { to.min(from + PAGE_TICKS) } else { end })
}

pub(crate) fn sizes_sql(table: &str) -> String {
    format!("SELECT seq, {table}_hi - {table}_lo FROM tick WHERE seq >= ?1 AND seq < ?2 ORDER BY seq")
}

/// The `+` keeps SQLite from making an index over all samples for this one question.
pub(crate) fn samples_sql() -> String {
    format!(
        "SELECT tick.at, link.id, sample.probe, sample.blind, {ECHO}
         FROM tick CROSS JOIN sample ON sample.id >= tick.sample_lo AND sample.id < tick.sample_hi
         JOIN link ON link.key = sample.link
         WHERE tick.seq >= ?1 AND tick.seq < ?2
           AND (?3 IS NULL OR +sample.link IN (SELECT value FROM json_each(?3)))
         ORDER BY tick.seq, sample.id"
    )
}

/// The samples of a page.
pub(crate) fn samples(
    connection: &Connection,
    ticks: (i64, i64),
    keys: Option<&str>,
) -> Result<Vec<Timed<Sample>>, Failure> {
    collect(connection, &samples_sql(), (ticks.0, ticks.1, keys), |row| Ok((row.at()?, row.sample()?)))
}

pub(crate) fn readings_sql() -> String {
    format!(
        "SELECT tick.at, {READING}
         FROM tick CROSS JOIN reading ON reading.id >= tick.reading_lo AND reading.id < tick.reading_hi
         JOIN interface ON interface.key = reading.interface
         LEFT JOIN link reading_link ON reading_link.key = reading.link
         WHERE tick.seq >= ?1 AND tick.seq < ?2
           AND (?3 IS NULL OR +reading.link IN (SELECT value FROM json_each(?3)))
         ORDER BY tick.seq, reading.id"
    )
}

/// The readings of a page.
pub(crate) fn readings(
    connection: &Connection,
    ticks: (i64, i64),
    keys: Option<&str>,
) -> Result<Vec<Timed<IfReading>>, Failure> {
    let rows = collect(connection, &readings_sql(), (ticks.0, ticks.1, keys), |row| {
        let at = row.at()?;
        Ok(row.reading()?.map(|reading| (at, reading)))
    })?;
    Ok(rows.into_iter().flatten().collect())
}

/// The links that ever were, by id, of those that are wanted.
pub(crate) fn links(connection: &Connection, of: &Of) -> Result<Vec<(i64, LinkId)>, Failure> {
    let links = collect(connection, "SELECT key, id FROM link ORDER BY id", [], |row| {
        // What carries links is in the dictionary too, by names that no link has.
        Ok((row.value::<i64>()?, row.value::<String>()?.parse::<LinkId>().ok()))
    })?;
    let wanted = |id: &LinkId| match of {
        Of::Everything => true,
        Of::Links(wanted) => wanted.contains(id),
    };
    Ok(links.into_iter().filter_map(|(key, id)| Some((key, id?))).filter(|(_, id)| wanted(id)).collect())
}

/// The spans of one link that touch the window, from the one in which it begins.
pub(crate) fn spans_sql(version: i64) -> String {
    // A reader may be newer than the daemon, which alone migrates.
    let worse = if version < schema::WITH_USUAL { "NULL" } else { "span.worse" };
    format!(
        "SELECT span.state, span.from_at, span.to_at, span.cause, cause_link.id, span.blind, {worse}
         FROM span LEFT JOIN link cause_link ON cause_link.key = span.cause_link
         WHERE span.link = ?1 AND span.from_at < ?3 AND (span.to_at IS NULL OR span.to_at > ?2)
           AND span.from_at >= coalesce((SELECT max(from_at) FROM span WHERE link = ?1 AND from_at <= ?2), ?2)
         ORDER BY span.from_at"
    )
}

/// The spans of one link.
pub(crate) fn spans(
    connection: &Connection,
    (key, link): &(i64, LinkId),
    window: Window,
) -> Result<Vec<Span>, Failure> {
    let sql = spans_sql(schema::version(connection)?);
    collect(connection, &sql, (key, window.from.0, window.to.0), |row| {
        Ok(Span {
            link: link.clone(),
            state: row.state()?,
            from: row.at()?,
            to: row.maybe_at()?,
            cause: row.cause()?,
            blind: row.blind()?,
            worse: row.worse()?,
        })
    })
}

/// The numbers of the outages that touch the window: eight bytes each.
pub(crate) const OUTAGES: &str = "SELECT id FROM outage WHERE end_at > ?1 AND start_at < ?2
     UNION ALL SELECT id FROM outage WHERE end_at IS NULL AND start_at < ?2";

/// The numbers of the outages that touch the window, a page each, in their order.
pub(crate) fn outage_pages(connection: &Connection, window: Window) -> Result<Vec<Vec<i64>>, Failure> {
    let mut ids: Vec<i64> = collect(connection, OUTAGES, (window.from.0, window.to.0), |row| row.value())?;
    ids.sort_unstable();
    Ok(ids.chunks(PAGE_OUTAGES).map(<[i64]>::to_vec).collect())
}

/// The outages of a page.
pub(crate) fn outages(connection: &Connection, ids: &[i64], keys: Option<&str>) -> Result<Vec<Outage>, Failure> {
    let sql = format!(
        "{} WHERE outage.id IN (SELECT value FROM json_each(?1))
           AND (?2 IS NULL OR outage.link IN (SELECT value FROM json_each(?2))) ORDER BY outage.id",
        evidence::outage_sql(schema::version(connection)?)
    );
    let ids = document::write("outage", &ids.to_vec())?;
    collect(connection, &sql, (ids, keys), |row| row.outage())
}
