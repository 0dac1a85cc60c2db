//! What is in a store: how much of each kind, from when to when, and what lies beside it.
//!
//! Samples and readings are counted by their ids, which have no holes; only spans and outages, of which there are few,
//! are counted one by one.

use std::path::{Path, PathBuf};

use phusong_model::UtcMs;
use rusqlite::Connection;

use crate::{
    Backlog, Failure,
    columns::{collect, first},
    files,
    salvage::set_aside_files,
    schema, sinks,
};

/// How many rows a table has, and the times that they span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Rows.
    pub rows: u64,
    /// The first instant; none without rows.
    pub first: Option<UtcMs>,
    /// The last instant.
    pub last: Option<UtcMs>,
}

/// A sink with its cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkState {
    /// Its name.
    pub name: String,
    /// The last tick that it has delivered.
    pub cursor: i64,
    /// What it has still to deliver.
    pub backlog: Backlog,
}

/// A file that was set aside because it was damaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsideFile {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
}

/// A store as it was at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The database file.
    pub path: PathBuf,
    /// Version of its layout.
    pub version: i64,
    /// Bytes of the database file.
    pub database_bytes: u64,
    /// Bytes of the log beside it; the newest ticks may be only there.
    pub log_bytes: u64,
    /// Bytes of a page.
    pub page_bytes: u64,
    /// Pages of the database.
    pub pages: u64,
    /// Pages of these that hold nothing.
    pub free_pages: u64,
    /// Beats of the scheduler.
    pub ticks: Extent,
    /// What probes measured.
    pub samples: Extent,
    /// What SNMP said of interfaces.
    pub readings: Extent,
    /// States of links; the last instant is the last change.
    pub spans: Extent,
    /// Outages by their starts.
    pub outages: Extent,
    /// The sinks by name.
    pub sinks: Vec<SinkState>,
    /// Damaged files that a start has set aside.
    pub set_aside: Vec<AsideFile>,
}

/// Looks at everything; the files are those of the moment, the tables those of the transaction.
pub(crate) fn inspect(transaction: &Connection, path: PathBuf) -> Result<Inspection, Failure> {
    let number = |sql: &str| -> Result<u64, Failure> {
        Ok(first(transaction, sql, [], |row| row.number())?.unwrap_or_default())
    };
    Ok(Inspection {
        version: schema::version(transaction)?,
        database_bytes: bytes(&path),
        log_bytes: bytes(&files::log_of(&path)),
        page_bytes: number("PRAGMA page_size")?,
        pages: number("PRAGMA page_count")?,
        free_pages: number("PRAGMA freelist_count")?,
        ticks: ticks(transaction)?,
        samples: by_ids(transaction, "sample")?,
        readings: by_ids(transaction, "reading")?,
        spans: extent(transaction, SPANS)?,
        outages: extent(transaction, OUTAGES)?,
        sinks: all_sinks(transaction)?,
        set_aside: set_aside(&path),
        path,
    })
}

/// Their numbers have no holes.
pub(crate) const TICKS: &str = "SELECT coalesce((SELECT max(seq) FROM tick) - (SELECT min(seq) FROM tick) + 1, 0),
       (SELECT at FROM tick WHERE seq = (SELECT min(seq) FROM tick)),
       (SELECT at FROM tick WHERE seq = (SELECT max(seq) FROM tick))";

/// All spans are counted, by the smaller of their two indexes; the first of each link and the last are looked up.
const SPANS: &str = "SELECT (SELECT count(*) FROM span),
       (SELECT min((SELECT from_at FROM span WHERE span.link = link.key ORDER BY from_at LIMIT 1)) FROM link),
       (SELECT max((SELECT from_at FROM span WHERE span.link = link.key ORDER BY from_at DESC LIMIT 1)) FROM link)";

/// Outages are numbered as they are decided, which is very nearly as they begin.
const OUTAGES: &str = "SELECT (SELECT count(*) FROM outage),
       (SELECT start_at FROM outage ORDER BY id LIMIT 1), (SELECT start_at FROM outage ORDER BY id DESC LIMIT 1)";

/// A file that is not there has none.
fn bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

fn extent(transaction: &Connection, sql: &str) -> Result<Extent, Failure> {
    let extent = first(transaction, sql, [], |row| {
        Ok(Extent { rows: row.number()?, first: row.maybe_at()?, last: row.maybe_at()? })
    })?;
    Ok(extent.unwrap_or_default())
}

fn ticks(transaction: &Connection) -> Result<Extent, Failure> {
    extent(transaction, TICKS)
}

/// The least and the greatest id of a table of which each tick has a range.
pub(crate) fn ids_sql(table: &str) -> String {
    format!("SELECT (SELECT min(id) FROM {table}), (SELECT max(id) FROM {table})")
}

fn by_ids(transaction: &Connection, table: &str) -> Result<Extent, Failure> {
    let ids = first(transaction, &ids_sql(table), [], |row| {
        let (least, greatest): (Option<i64>, Option<i64>) = (row.value()?, row.value()?);
        Ok(least.zip(greatest))
    })?;
    let Some((least, greatest)) = ids.flatten() else { return Ok(Extent::default()) };
    Ok(Extent {
        rows: u64::try_from(greatest - least + 1).unwrap_or_default(),
        first: tick_of(transaction, table, least)?,
        last: tick_of(transaction, table, greatest)?,
    })
}

/// The first tick from a number on, with the end of its range of ids.
pub(crate) fn range_end_sql(table: &str) -> String {
    format!("SELECT at, {table}_hi FROM tick WHERE seq >= ?1 ORDER BY seq LIMIT 1")
}

/// When the row of an id was written. The ranges of the ticks grow with their numbers, so it is looked for by halves.
fn tick_of(transaction: &Connection, table: &str, id: i64) -> Result<Option<UtcMs>, Failure> {
    let bounds = "SELECT (SELECT min(seq) FROM tick), (SELECT max(seq) FROM tick)";
    let bounds = first(transaction, bounds, [], |row| {
        let (low, high): (Option<i64>, Option<i64>) = (row.value()?, row.value()?);
        Ok(low.zip(high))
    })?;
    let Some((mut low, mut high)) = bounds.flatten() else { return Ok(None) };
    let sql = range_end_sql(table);
    let tick = |seq: i64| first(transaction, &sql, [seq], |row| Ok((row.at()?, row.value::<i64>()?)));
    // The wanted tick is the first whose range ends after the id.
    while low < high {
        let middle = low + (high - low) / 2;
        match tick(middle)? {
            Some((_, end)) if end <= id => low = middle + 1,
            Some(_) | None => high = middle,
        }
    }
    Ok(tick(low)?.filter(|(_, end)| *end > id).map(|(at, _)| at))
}

fn all_sinks(transaction: &Connection) -> Result<Vec<SinkState>, Failure> {
    let names = collect(transaction, "SELECT name, seq FROM sink ORDER BY name", [], |row| {
        Ok((row.value::<String>()?, row.value::<i64>()?))
    })?;
    let state = |(name, cursor): (String, i64)| {
        let backlog = sinks::backlog(transaction, &name)?;
        Ok(SinkState { name, cursor, backlog })
    };
    names.into_iter().map(state).collect()
}

/// By name, which tells when. A folder that cannot be listed shows none.
fn set_aside(database: &Path) -> Vec<AsideFile> {
    let found = database.parent().and_then(|folder| set_aside_files(folder).ok()).unwrap_or_default();
    found.into_iter().map(|path| AsideFile { bytes: bytes(&path), path }).collect()
}
