//! What samples come to, by minute, hour and day of UTC: kept when the samples are gone.
//!
//! A bucket is written once, by the tick that comes [`SETTLED`] after its end, in that tick's transaction: so a crash
//! neither loses one nor writes it twice, and what was decided about it meanwhile is in it. Minutes are made of samples
//! and spans, hours of minutes, days of hours.
//!
//! Minutes are clustered by time, hours and days by link: a minute of all links is written every minute and must cost one
//! page after the other, while hours are few and asked for by link.

mod level;
mod sketch;
mod write;

use phusong_model::{LinkId, Micros, Probe, StateTimes, UtcMs, Window};
use rusqlite::Connection;

pub use level::Level;
pub use sketch::RttSketch;
#[cfg(test)]
pub(crate) use write::{LOOKS, SPANS, day_sql, hour_sql};
pub(crate) use write::{done, roll};

use crate::{
    Failure, codes,
    columns::{Columns, collect},
    schema,
};

/// What one probe of one link came to in one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollup {
    /// When the bucket begins; its length is that of the level.
    pub at: UtcMs,
    /// How the link was looked at.
    pub probe: Probe,
    /// What came of it.
    pub sum: Sum,
}

/// What looks came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    /// Looks that told something.
    pub measured: u64,
    /// Looks that could not look.
    pub blind: u64,
    /// Echoes or requests that were sent.
    pub sent: u64,
    /// How many of them were lost.
    pub lost: u64,
    /// The shortest and the longest round-trip time; none when nothing came back.
    pub extremes: Option<(Micros, Micros)>,
    /// The medians of the looks.
    pub rtt: RttSketch,
    /// How long the link was in each state: the same for all its probes, and less than the bucket where it was not in the
    /// inventory all the time.
    pub times: StateTimes,
}

impl Sum {
    /// Takes in a later bucket of the same link and probe.
    pub(crate) fn merge(&mut self, later: &Self) {
        self.measured += later.measured;
        self.blind += later.blind;
        self.sent += later.sent;
        self.lost += later.lost;
        if let Some((min, max)) = later.extremes {
            self.stretch(min, max);
        }
        self.rtt.merge(&later.rtt);
        self.times = self.times + later.times;
    }

    /// Takes in one look: what was sent and lost of it, none when it could not look; and the shortest, median and longest
    /// round-trip time, none when nothing came back.
    pub(crate) fn take(&mut self, echoes: Option<(u64, u64)>, rtt: Option<(Micros, Micros, Micros)>) {
        match echoes {
            None => self.blind += 1,
            Some((sent, lost)) => {
                self.measured += 1;
                self.sent += sent;
                self.lost += lost;
            }
        }
        if let Some((min, median, max)) = rtt {
            self.stretch(min, max);
            self.rtt.add(median);
        }
    }

    fn stretch(&mut self, min: Micros, max: Micros) {
        self.extremes = Some(self.extremes.map_or((min, max), |known| (known.0.min(min), known.1.max(max))));
    }
}

/// All probes, for keys in which they stand in the middle.
const PROBES: &str = "probe(code) AS (VALUES (0), (1), (2), (3), (4))";

/// Columns as [`sum`] reads them.
pub(crate) const SUM: &str = "rollup.measured, rollup.blind, rollup.sent, rollup.lost, rollup.rtt_min_us, \
     rollup.rtt_max_us, rollup.rtt, rollup.up_ms, rollup.degraded_ms, rollup.down_ms, rollup.blind_ms, \
     rollup.maintenance_ms";

fn sum(row: &mut Columns<'_>) -> Result<Sum, Failure> {
    let (measured, blind, sent, lost) = (row.number()?, row.number()?, row.number()?, row.number()?);
    let extremes = row.micros()?.zip(row.micros()?);
    // SQLite has no check sums: a sketch with a flipped bit must not keep the ticks of ever after from being written.
    let rtt = RttSketch::decode(&row.value::<Vec<u8>>()?).unwrap_or_default();
    let [up, degraded, down, blind_time, maintenance] =
        [row.millis()?, row.millis()?, row.millis()?, row.millis()?, row.millis()?];
    let times = StateTimes { up, degraded, down, blind: blind_time, maintenance };
    Ok(Sum { measured, blind, sent, lost, extremes, rtt, times })
}

/// The buckets of one link that begin in a window, oldest first.
pub(crate) fn of_link(
    connection: &Connection,
    level: Level,
    link: &LinkId,
    window: Window,
) -> Result<Vec<Rollup>, Failure> {
    // A reader may be newer than the daemon, which alone migrates.
    if schema::version(connection)? < schema::WITH_ROLLUPS {
        return Ok(Vec::new());
    }
    collect(connection, &of_link_sql(level), (link.as_str(), window.from.0, window.to.0), |row| {
        let (at, code) = (row.at()?, row.value()?);
        let probe = codes::probe_of(code).ok_or_else(|| Failure::Damaged(format!("{code} is no probe")))?;
        Ok(Rollup { at, probe, sum: sum(row)? })
    })
}

/// The buckets of all links that begin in a window.
pub(crate) fn of_everything(
    connection: &Connection,
    level: Level,
    window: Window,
) -> Result<Vec<(LinkId, Rollup)>, Failure> {
    collect(connection, &of_everything_sql(level), (window.from.0, window.to.0), |row| {
        let (link, at, code) = (row.id()?, row.at()?, row.value()?);
        let probe = codes::probe_of(code).ok_or_else(|| Failure::Damaged(format!("{code} is no probe")))?;
        Ok((link, Rollup { at, probe, sum: sum(row)? }))
    })
}

/// Minutes are a range of their table; hours and days are looked up for each link and probe.
pub(crate) fn of_everything_sql(level: Level) -> String {
    let table = level.table();
    let (probes, from) = match level {
        Level::Minute => (String::new(), "rollup_minute rollup JOIN link ON link.key = rollup.link WHERE".to_owned()),
        Level::Hour | Level::Day => (
            format!("WITH {PROBES} "),
            format!(
                "link CROSS JOIN probe CROSS JOIN {table} rollup ON rollup.link = link.key AND rollup.probe = probe.code AND"
            ),
        ),
    };
    format!("{probes}SELECT link.id, rollup.at, rollup.probe, {SUM} FROM {from} rollup.at >= ?1 AND rollup.at < ?2")
}

/// The buckets of a link that begin in a window.
pub(crate) fn of_link_sql(level: Level) -> String {
    // Minutes lie by time: each one from the oldest on is looked up by its key. Hours and days of a link lie together.
    let (buckets, which) = match level {
        Level::Minute => (
            "oldest(at) AS (SELECT max(at, ?2) FROM rollup_minute WHERE at >= 0 ORDER BY at LIMIT 1),
             bucket(at) AS (SELECT (at + 59999) / 60000 * 60000 FROM oldest WHERE at < ?3
               UNION ALL SELECT at + 60000 FROM bucket WHERE at + 60000 < ?3),",
            "bucket CROSS JOIN rollup_minute rollup ON rollup.at = bucket.at",
        ),
        Level::Hour => ("", "rollup_hour rollup ON rollup.at >= ?2 AND rollup.at < ?3"),
        Level::Day => ("", "rollup_day rollup ON rollup.at >= ?2 AND rollup.at < ?3"),
    };
    format!(
        "WITH RECURSIVE {buckets} {PROBES}
         SELECT rollup.at, rollup.probe, {SUM} FROM link CROSS JOIN probe CROSS JOIN {which}
           AND rollup.link = link.key AND rollup.probe = probe.code
         WHERE link.id = ?1 ORDER BY rollup.at, rollup.probe"
    )
}
