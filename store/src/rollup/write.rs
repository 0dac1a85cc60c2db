//! Which buckets are due, and how they are made.

use std::collections::BTreeMap;

use phusong_model::{LinkState, Micros, Millis, StateTimes, UtcMs, Window};
use rusqlite::{Connection, params};

use super::{Level, PROBES, SUM, Sum, sum};
use crate::{
    Failure,
    columns::{collect, first},
};

/// How long after its end a minute is written: by then links that went silent in it are decided, also those that only
/// SNMP watches, once a minute, and their spans are what they stay.
pub(super) const SETTLED: Millis = Millis::from_secs(5 * 60);

/// Most minutes that one tick writes. Usually it is one; after an update or a long stop there are many, and the ticks
/// must go on.
const MINUTES_AT_ONCE: usize = 3;

/// A link by its key, and the code of a probe.
type Who = (i64, i64);

/// Up to when the buckets of each level are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) minutes: UtcMs,
    pub(crate) hours: UtcMs,
    pub(crate) days: UtcMs,
}

/// Up to when buckets are written; none before the first tick.
pub(crate) fn done(connection: &Connection) -> Result<Option<Done>, Failure> {
    first(connection, "SELECT minutes_to, hours_to, days_to FROM rolled", [], |row| {
        Ok(Done { minutes: row.at()?, hours: row.at()?, days: row.at()? })
    })
}

/// Writes the buckets that are due after the tick at `newest`.
pub(crate) fn roll(transaction: &Connection, newest: UtcMs) -> Result<(), Failure> {
    let Some(before) = done(transaction)?.or(begin(transaction)?) else { return Ok(()) };
    let mut done = before;
    let settled = Level::Minute.start_of(newest.minus(SETTLED));
    for _ in 0..MINUTES_AT_ONCE {
        let Some(start) = first_unrolled(transaction, done.minutes)?.filter(|start| *start < settled) else { break };
        done.minutes = start.plus(Level::Minute.length());
        put(transaction, Level::Minute, start, &minute(transaction, Window::new(start, done.minutes))?)?;
    }
    // Minutes without a tick have no bucket.
    if first_unrolled(transaction, done.minutes)?.is_none_or(|next| next >= settled) {
        done.minutes = done.minutes.max(settled);
    }
    if done.hours.plus(Level::Hour.length()) <= done.minutes {
        put(transaction, Level::Hour, done.hours, &merged(transaction, Level::Hour, done.hours, &hour_sql())?)?;
        done.hours = done.hours.plus(Level::Hour.length());
    }
    if done.days.plus(Level::Day.length()) <= done.hours {
        put(transaction, Level::Day, done.days, &merged(transaction, Level::Day, done.days, &day_sql())?)?;
        done.days = done.days.plus(Level::Day.length());
    }
    if done != before {
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO rolled (one, minutes_to, hours_to, days_to) VALUES (1, ?1, ?2, ?3)",
            )?
            .execute((done.minutes.0, done.hours.0, done.days.0))?;
    }
    Ok(())
}

/// Where the first tick begins the first bucket of each level.
fn begin(transaction: &Connection) -> Result<Option<Done>, Failure> {
    let oldest = first(transaction, "SELECT at FROM tick ORDER BY seq LIMIT 1", [], |row| row.at())?;
    let starts = |at| Done {
        minutes: Level::Minute.start_of(at),
        hours: Level::Hour.start_of(at),
        days: Level::Day.start_of(at),
    };
    Ok(oldest.map(starts))
}

/// When the first minute from `from` on begins that has a tick.
fn first_unrolled(transaction: &Connection, from: UtcMs) -> Result<Option<UtcMs>, Failure> {
    let sql = "SELECT at FROM tick WHERE at >= ?1 ORDER BY at LIMIT 1";
    Ok(first(transaction, sql, [from.0], |row| row.at())?.map(|at| Level::Minute.start_of(at)))
}

/// The samples of the ticks of a minute, which are neighbours in the table.
pub(crate) const LOOKS: &str = "SELECT sample.link, sample.probe, sample.sent, sample.lost, sample.rtt_min_us,
       sample.rtt_median_us, sample.rtt_max_us
     FROM tick CROSS JOIN sample ON sample.id >= tick.sample_lo AND sample.id < tick.sample_hi
     WHERE tick.at >= ?1 AND tick.at < ?2";

fn minute(transaction: &Connection, window: Window) -> Result<BTreeMap<Who, Sum>, Failure> {
    let mut sums: BTreeMap<Who, Sum> = BTreeMap::new();
    collect(transaction, LOOKS, (window.from.0, window.to.0), |row| {
        let who = (row.value()?, row.value()?);
        let (sent, lost): (Option<i64>, Option<i64>) = (row.value()?, row.value()?);
        let echoes = sent.zip(lost).map(|(sent, lost)| (sent.unsigned_abs(), lost.unsigned_abs()));
        let (min, median, max) = (row.micros()?, row.micros()?, row.micros()?);
        let rtt = min.zip(median).zip(max).map(|((min, median), max)| (min, median, max));
        sums.entry(who).or_default().take(echoes, rtt);
        Ok(())
    })?;
    let times = times(transaction, window)?;
    for ((link, _), sum) in &mut sums {
        sum.times = times.get(link).copied().unwrap_or_default();
    }
    Ok(sums)
}

/// The spans that touch a window.
pub(crate) const SPANS: &str = "SELECT link, state, from_at, to_at FROM span WHERE to_at > ?1 AND from_at < ?2
     UNION ALL SELECT link, state, from_at, NULL FROM span INDEXED BY span_now_open WHERE to_at IS NULL AND from_at < ?2";

fn times(transaction: &Connection, window: Window) -> Result<BTreeMap<i64, StateTimes>, Failure> {
    let mut times: BTreeMap<i64, StateTimes> = BTreeMap::new();
    collect(transaction, SPANS, (window.from.0, window.to.0), |row| {
        let (link, code): (i64, i64) = (row.value()?, row.value()?);
        // As a state that no version writes: it is not counted, and ticks go on.
        let Some(state) = LinkState::from_code(code) else { return Ok(()) };
        let span = Window::new(row.at()?, row.maybe_at()?.unwrap_or(window.to)).intersect(window);
        times.entry(link).or_default().add(state, span.length());
        Ok(())
    })?;
    Ok(times)
}

pub(crate) fn hour_sql() -> String {
    format!(
        "SELECT rollup.link, rollup.probe, {SUM} FROM rollup_minute rollup WHERE rollup.at >= ?1 AND rollup.at < ?2"
    )
}

/// The hours of a day lie apart, one link after the other.
pub(crate) fn day_sql() -> String {
    format!(
        "WITH {PROBES}
         SELECT rollup.link, rollup.probe, {SUM} FROM link CROSS JOIN probe CROSS JOIN rollup_hour rollup
         ON rollup.link = link.key AND rollup.probe = probe.code AND rollup.at >= ?1 AND rollup.at < ?2"
    )
}

/// The sums of the finer buckets that a query finds in one bucket of a level.
fn merged(
    transaction: &Connection,
    level: Level,
    start: UtcMs,
    finer_sql: &str,
) -> Result<BTreeMap<Who, Sum>, Failure> {
    let mut sums: BTreeMap<Who, Sum> = BTreeMap::new();
    collect(transaction, finer_sql, (start.0, start.plus(level.length()).0), |row| {
        let who = (row.value()?, row.value()?);
        sums.entry(who).or_default().merge(&sum(row)?);
        Ok(())
    })?;
    Ok(sums)
}

fn put(transaction: &Connection, level: Level, at: UtcMs, sums: &BTreeMap<Who, Sum>) -> Result<(), Failure> {
    // A hand-made store may have gone on from a copy; a bucket that is there stays as it was.
    let mut insert = transaction.prepare_cached(&format!(
        "INSERT INTO {} (at, link, probe, measured, blind, sent, lost, rtt_min_us, rtt_max_us, rtt, up_ms, degraded_ms,
           down_ms, blind_ms, maintenance_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT DO NOTHING",
        level.table()
    ))?;
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    for ((link, probe), sum) in sums {
        let extreme = |pick: fn((Micros, Micros)) -> Micros| sum.extremes.map(|extremes| pick(extremes).0);
        insert.execute(params![
            at.0,
            link,
            probe,
            number(sum.measured),
            number(sum.blind),
            number(sum.sent),
            number(sum.lost),
            extreme(|extremes| extremes.0),
            extreme(|extremes| extremes.1),
            sum.rtt.encode(),
            sum.times.up.0,
            sum.times.degraded.0,
            sum.times.down.0,
            sum.times.blind.0,
            sum.times.maintenance.0,
        ])?;
    }
    Ok(())
}
