//! What is removed, so that neither the store nor its disk overflows.
//!
//! Everything goes oldest first and a little at a time: each call removes a few ticks with their samples, some minutes of
//! rollups and the old hours of some links. By age, and before their time while the store is larger than it may be or
//! the disk has less left than it should: then samples first, minutes when no samples are left, then hours. Nothing goes
//! before the rollup above it is made, and days, states, outages and what people wrote never go.
//!
//! SQLite gives the room of what was removed to what comes: the file does not shrink by this, it stops growing.

use std::path::Path;

use phusong_model::{Millis, UtcMs};
use rusqlite::{Connection, OptionalExtension};
use rustix::fs::StatVfsMountFlags;

use crate::{
    Failure, codes,
    rollup::{self, Level},
};

/// Ticks that a call removes at least before it stops, so that what came in one tick never outweighs what goes.
const TICKS_AT_ONCE: i64 = 4;

/// Samples that a call removes before it stops, unless the newest ticks bring more.
const SAMPLES_AT_ONCE: i64 = 10_000;

/// Ticks that a call removes at most, however few samples they have.
const TICKS_MOST: i64 = 1_000;

/// Minutes of rollups that a call removes.
const MINUTES_AT_ONCE: i64 = 4;

/// Links whose old hours a call removes: those of a province in two minutes.
const LINKS_AT_ONCE: i64 = 100;

/// With so much room inside the file nothing has to go for the disk's sake: what comes has a place.
const ROOM: u64 = 16 << 20;

/// `PRAGMA auto_vacuum` of a file that gives back in steps.
const INCREMENTAL: i64 = 2;

/// What the store may keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// How long samples, readings and ticks are kept.
    pub samples: Millis,
    /// How long minutes are kept.
    pub minutes: Millis,
    /// How long hours are kept.
    pub hours: Millis,
    /// Bytes that the store does not outgrow.
    pub size: u64,
    /// Bytes of the disk that are left to others, though never more than a tenth of it.
    pub free: u64,
}

/// What a call removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    /// Ticks, with their samples and readings.
    pub ticks: u64,
    /// Rows of rollups.
    pub rollups: u64,
    /// By sink that did not have them yet: samples.
    pub undelivered: Vec<(String, u64)>,
    /// Whether anything went before its time.
    pub early: bool,
    /// Whether more should go and nothing is left that may.
    pub exhausted: bool,
}

/// How full the file and its disk are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Bytes of the database that hold something.
    pub used: u64,
    /// Bytes of the database that wait to be used again.
    pub vacant: u64,
    /// Bytes that the disk has left for this user.
    pub disk_free: u64,
    /// Bytes that the disk has.
    pub disk_size: u64,
    /// Whether the disk takes no writes.
    pub read_only: bool,
}

impl Room {
    pub(crate) fn of(connection: &Connection, folder: &Path) -> Result<Self, Failure> {
        let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
        let (pages, vacant, page) =
            (number("PRAGMA page_count")?, number("PRAGMA freelist_count")?, number("PRAGMA page_size")?);
        // A disk that does not tell is not the store's to worry about.
        let disk = rustix::fs::statvfs(folder).ok();
        let blocks = |count: u64| disk.as_ref().map_or(u64::MAX, |disk| count.saturating_mul(disk.f_frsize));
        Ok(Self {
            used: pages.saturating_sub(vacant) * page,
            vacant: vacant * page,
            disk_free: blocks(disk.as_ref().map_or(u64::MAX, |disk| disk.f_bavail)),
            disk_size: blocks(disk.as_ref().map_or(u64::MAX, |disk| disk.f_blocks)),
            read_only: disk.as_ref().is_some_and(|disk| disk.f_flag.contains(StatVfsMountFlags::RDONLY)),
        })
    }

    /// Whether something must go before its time.
    fn presses(self, rules: &Retention) -> bool {
        let short = self.disk_free < rules.free.min(self.disk_size / 10) && self.vacant < ROOM;
        self.used > rules.size || short
    }
}

/// Removes what is due, inside one transaction. `swept` is the link whose hours were looked at last.
pub(crate) fn retain(
    transaction: &Connection,
    rules: &Retention,
    room: Room,
    swept: &mut i64,
) -> Result<Removed, Failure> {
    let mut removed = Removed::default();
    let newest = transaction
        .prepare_cached("SELECT at FROM tick ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let (Some(newest), Some(made)) = (newest.map(UtcMs), rollup::done(transaction)?) else { return Ok(removed) };
    let mut presses = room.presses(rules);
    let limit = |presses, kept, made: UtcMs| if presses { made } else { newest.minus(kept).min(made) };

    let samples_left = remove_ticks(transaction, limit(presses, rules.samples, made.minutes), &mut removed)?;
    removed.early = presses && removed.ticks > 0;
    presses &= !samples_left;
    let (minutes, minutes_left) = remove_minutes(transaction, limit(presses, rules.minutes, made.hours))?;
    removed.early |= presses && minutes > 0;
    presses &= !minutes_left;
    let hours = remove_hours(transaction, limit(presses, rules.hours, made.days), swept)?;
    removed.early |= presses && hours > 0;
    removed.rollups = minutes + hours;
    removed.exhausted = presses && !removed.early;
    Ok(removed)
}

/// The oldest ticks before an instant, with how many samples they have.
pub(crate) const OLDEST: &str = "SELECT seq, sample_hi - sample_lo, sample_hi, reading_hi FROM tick
     WHERE seq < (SELECT max(seq) FROM tick) AND at < ?1 ORDER BY seq LIMIT ?2";

/// Whether there are more that may go.
fn remove_ticks(transaction: &Connection, before: UtcMs, removed: &mut Removed) -> Result<bool, Failure> {
    let newest: i64 = transaction
        .prepare_cached("SELECT sample_hi - sample_lo FROM tick ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| row.get(0))?;
    let enough = SAMPLES_AT_ONCE.max(newest * TICKS_AT_ONCE);
    let (mut upto, mut samples) = (None, 0);
    let mut oldest = transaction.prepare_cached(OLDEST)?;
    let mut rows = oldest.query((before.0, TICKS_MOST))?;
    while let Some(row) = rows.next()? {
        samples += row.get::<_, i64>(1)?;
        removed.ticks += 1;
        upto = Some((row.get::<_, i64>(0)?, row.get::<_, i64>(2)?, row.get::<_, i64>(3)?));
        if samples >= enough {
            break;
        }
    }
    let Some((seq, sample_hi, reading_hi)) = upto else { return Ok(false) };
    removed.undelivered = pass_cursors(transaction, seq)?;
    for (sql, limit) in [
        ("DELETE FROM state_change WHERE tick <= ?1", seq),
        ("DELETE FROM sample WHERE id < ?1", sample_hi),
        ("DELETE FROM reading WHERE id < ?1", reading_hi),
        ("DELETE FROM tick WHERE seq <= ?1", seq),
    ] {
        transaction.prepare_cached(sql)?.execute([limit])?;
    }
    Ok(transaction.prepare_cached(OLDEST)?.exists((before.0, 1))?)
}

/// Sinks that have not delivered up to `seq` go on after it, and what they lose is counted.
fn pass_cursors(transaction: &Connection, seq: i64) -> Result<Vec<(String, u64)>, Failure> {
    let mut late = transaction.prepare_cached(
        "UPDATE sink SET seq = ?1,
           removed_ticks = removed_ticks + (SELECT count(*) FROM tick WHERE tick.seq > sink.seq AND tick.seq <= ?1),
           removed_samples = removed_samples + (SELECT coalesce(sum(sample_hi - sample_lo), 0) FROM tick
             WHERE tick.seq > sink.seq AND tick.seq <= ?1)
         WHERE seq < ?1
         RETURNING name, removed_samples",
    )?;
    let rows = late.query_map([seq], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many rows went, and whether there are more that may.
fn remove_minutes(transaction: &Connection, before: UtcMs) -> Result<(u64, bool), Failure> {
    let oldest: Option<i64> = transaction
        .prepare_cached("SELECT at FROM rollup_minute WHERE at < ?1 ORDER BY at LIMIT 1")?
        .query_row([before.0], |row| row.get(0))
        .optional()?;
    let Some(oldest) = oldest else { return Ok((0, false)) };
    let upto = before.min(UtcMs(oldest).plus(Millis(Level::Minute.length().0 * MINUTES_AT_ONCE)));
    let gone = transaction.prepare_cached("DELETE FROM rollup_minute WHERE at < ?1")?.execute([upto.0])?;
    Ok((gone as u64, upto < before))
}

pub(crate) const OLD_HOURS: &str = "DELETE FROM rollup_hour WHERE link = ?1 AND probe = ?2 AND at < ?3";

/// Hours lie by link: some links each time, then the others, then the first ones again.
fn remove_hours(transaction: &Connection, before: UtcMs, swept: &mut i64) -> Result<u64, Failure> {
    let mut gone = 0;
    let mut links = transaction.prepare_cached("SELECT key FROM link WHERE key > ?1 ORDER BY key LIMIT ?2")?;
    let keys: Vec<i64> = links.query_map((*swept, LINKS_AT_ONCE), |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut delete = transaction.prepare_cached(OLD_HOURS)?;
    for key in &keys {
        for probe in codes::PROBES {
            gone += delete.execute((key, probe, before.0))? as u64;
        }
    }
    *swept = if (keys.len() as i64) < LINKS_AT_ONCE { 0 } else { keys.last().copied().unwrap_or(0) };
    Ok(gone)
}

/// How far giving back has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenBack {
    /// The disk has everything.
    All,
    /// There is more to give.
    Part,
    /// This file gives nothing back in steps: it was made before version 5, and [`crate::Store::rebuild`] changes that.
    Never,
}

/// Gives room inside the file back to the disk, at most so many pages.
pub(crate) fn give_back(connection: &Connection, pages: u32) -> Result<GivenBack, Failure> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    if number("PRAGMA auto_vacuum")? != INCREMENTAL {
        return Ok(GivenBack::Never);
    }
    let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    if number("PRAGMA freelist_count")? > 0 {
        return Ok(GivenBack::Part);
    }
    // The disk has it when the log has been written back; a reader may hold that up, which harms nobody.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(GivenBack::All)
}

/// Writes the file anew without room in it, so that it can give back in steps from then on.
pub(crate) fn rebuild(connection: &Connection) -> Result<(), Failure> {
    connection.pragma_update(None, "auto_vacuum", INCREMENTAL)?;
    connection.execute_batch("VACUUM")?;
    Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}
