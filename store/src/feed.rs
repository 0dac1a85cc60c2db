//! Ticks in their order, for sinks.

use phusong_model::{
    BlindReason, Cause, IfReading, LinkId, LinkState, OutageId, Probe, Sample, Tick, UtcMs, Window, Worse,
};
use rusqlite::Connection;

use crate::{
    CoverageRun, Failure,
    columns::{ECHO, READING, TICK, collect, first},
    coverage, schema,
};

/// A link whose state, cause or outage changed in a tick, as it was after that tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChange {
    /// Which link.
    pub link: LinkId,
    /// Its state.
    pub state: LinkState,
    /// Since when, which may be before the tick.
    pub since: UtcMs,
    /// Why it is down.
    pub cause: Option<Cause>,
    /// Why we could not look.
    pub blind: Option<BlindReason>,
    /// What is worse, while it is degraded.
    pub worse: Option<Worse>,
    /// Its open outage.
    pub outage: Option<OutageId>,
}

/// A tick as it was committed.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTick {
    /// Its number: grows by one from tick to tick.
    pub seq: i64,
    /// The tick.
    pub tick: Tick,
    /// Its samples, in the order they were committed.
    pub samples: Vec<Sample>,
    /// Its readings, in the order they were committed.
    pub readings: Vec<IfReading>,
    /// Links that changed in it, by link as the store numbers them.
    pub states: Vec<StateChange>,
    /// Coverage computed since the tick before.
    pub coverage: Vec<CoverageRun>,
}

/// A row of `tick`, with the ids of the rows that belong to it.
struct TickRow {
    seq: i64,
    tick: Tick,
    samples: (i64, i64),
    readings: (i64, i64),
}

/// The ticks after `seq`, oldest first, at most `limit`.
pub(crate) fn after(connection: &Connection, seq: i64, limit: usize) -> Result<Vec<StoredTick>, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = collect(connection, &ticks_sql(), (seq, limit), |row| {
        Ok(TickRow {
            seq: row.value()?,
            tick: row.tick()?,
            samples: (row.value()?, row.value()?),
            readings: (row.value()?, row.value()?),
        })
    })?;
    rows.into_iter()
        .map(|row| {
            Ok(StoredTick {
                seq: row.seq,
                tick: row.tick,
                samples: samples(connection, row.samples)?,
                readings: readings(connection, row.readings)?,
                states: states(connection, row.seq)?,
                coverage: coverage::with_tick(connection, row.seq)?,
            })
        })
        .collect()
}

pub(crate) fn ticks_sql() -> String {
    format!(
        "SELECT seq, {TICK}, sample_lo, sample_hi, reading_lo, reading_hi FROM tick WHERE seq > ?1 ORDER BY seq LIMIT ?2"
    )
}

fn samples(connection: &Connection, range: (i64, i64)) -> Result<Vec<Sample>, Failure> {
    collect(connection, &samples_sql(), range, |row| row.sample())
}

pub(crate) fn samples_sql() -> String {
    format!(
        "SELECT link.id, sample.probe, sample.blind, {ECHO} FROM sample JOIN link ON link.key = sample.link
         WHERE sample.id >= ?1 AND sample.id < ?2 ORDER BY sample.id"
    )
}

fn readings(connection: &Connection, range: (i64, i64)) -> Result<Vec<IfReading>, Failure> {
    Ok(collect(connection, &readings_sql(), range, |row| row.reading())?.into_iter().flatten().collect())
}

pub(crate) fn readings_sql() -> String {
    format!(
        "SELECT {READING} FROM reading JOIN interface ON interface.key = reading.interface
         LEFT JOIN link reading_link ON reading_link.key = reading.link
         WHERE reading.id >= ?1 AND reading.id < ?2 ORDER BY reading.id"
    )
}

/// What changed in a tick.
pub(crate) fn states_sql(version: i64) -> String {
    // A reader may be newer than the daemon, which alone migrates.
    let worse = if version < schema::WITH_USUAL { "NULL" } else { "change.worse" };
    format!(
        "SELECT link.id, change.state, change.since, change.cause, cause_link.id, change.blind, {worse}, change.outage
         FROM state_change change JOIN link ON link.key = change.link
         LEFT JOIN link cause_link ON cause_link.key = change.cause_link
         WHERE change.tick = ?1 ORDER BY change.link"
    )
}

fn states(connection: &Connection, seq: i64) -> Result<Vec<StateChange>, Failure> {
    collect(connection, &states_sql(schema::version(connection)?), [seq], |row| {
        Ok(StateChange {
            link: row.id()?,
            state: row.state()?,
            since: row.at()?,
            cause: row.cause()?,
            blind: row.blind()?,
            worse: row.worse()?,
            outage: row.value::<Option<i64>>()?.map(OutageId),
        })
    })
}

/// Measured samples of each link and probe in a window, up to a tick.
pub(crate) const MEASURED: &str = "SELECT link.id, sample.probe, count(*)
     FROM tick CROSS JOIN sample ON sample.id >= tick.sample_lo AND sample.id < tick.sample_hi
     JOIN link ON link.key = sample.link
     WHERE tick.at >= ?1 AND tick.at < ?2 AND tick.seq <= ?3 AND sample.blind IS NULL
     GROUP BY sample.link, sample.probe";

/// How many samples of each link and probe were measured in a window, up to a tick.
pub(crate) fn measured(
    connection: &Connection,
    window: Window,
    upto: i64,
) -> Result<Vec<(LinkId, Probe, u64)>, Failure> {
    collect(connection, MEASURED, (window.from.0, window.to.0, upto), |row| {
        Ok((row.id()?, row.probe()?, row.number()?))
    })
}

/// The time of a tick by its number.
pub(crate) fn time_of(connection: &Connection, seq: i64) -> Result<Option<UtcMs>, Failure> {
    first(connection, "SELECT at FROM tick WHERE seq = ?1", [seq], |row| row.at())
}

/// One link's samples: the ticks of the window give the ranges of ids that can hold them. The `+` keeps SQLite from
/// making an index over all samples for this one question.
pub(crate) const OF_LINK: &str =
    "SELECT tick.at, ?1, sample.probe, sample.blind, sample.sent, sample.lost, sample.rtt_min_us,
       sample.rtt_median_us, sample.rtt_p95_us, sample.rtt_max_us, sample.jitter_us
     FROM tick CROSS JOIN sample ON sample.id >= tick.sample_lo AND sample.id < tick.sample_hi
     WHERE tick.at >= ?2 AND tick.at < ?3 AND +sample.link = (SELECT key FROM link WHERE id = ?1)
     ORDER BY tick.at";

/// The samples of one link in a window, oldest first.
pub(crate) fn of_link(connection: &Connection, link: &LinkId, window: Window) -> Result<Vec<(UtcMs, Sample)>, Failure> {
    collect(connection, OF_LINK, (link.as_str(), window.from.0, window.to.0), |row| Ok((row.at()?, row.sample()?)))
}
