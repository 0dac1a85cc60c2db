//! Whether a store is sound: SQLite's own checks, and what this crate promises of its tables, as SQL.
//!
//! Everything is read from end to end, row by row and in the order in which it lies, so that a large store needs no more
//! memory than a small one. Retention may take the oldest ticks, samples and spans; nothing here counts on the first.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, types::Value};

use crate::{Failure, layers::layer_is_whole, schema};

/// A promise that a store keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// SQLite finds its file sound.
    Structure,
    /// What a row refers to is there.
    Reference,
    /// The numbers of ticks have no hole.
    TickNumbers,
    /// The times of ticks grow.
    TickTimes,
    /// The samples of the ticks follow one another.
    TickSamples,
    /// The readings of the ticks follow one another.
    TickReadings,
    /// Every sample belongs to a tick and none is missing.
    Samples,
    /// As [`Rule::Samples`].
    Readings,
    /// While a link is in, its spans follow one another.
    SpanHole,
    /// No link is in two states.
    SpanOverlap,
    /// A link that is in has one open span; one that is not has none.
    OpenSpan,
    /// A link has one open outage at most.
    OpenOutage,
    /// An open outage lies in the time in which its link is in.
    OutageTime,
    /// The file of an imported version is there, and is what it was.
    LayerFile,
}

impl Rule {
    /// All of them, in the order they are checked.
    pub const ALL: [Self; 14] = [
        Self::Structure,
        Self::Reference,
        Self::TickNumbers,
        Self::TickTimes,
        Self::TickSamples,
        Self::TickReadings,
        Self::Samples,
        Self::Readings,
        Self::SpanHole,
        Self::SpanOverlap,
        Self::OpenSpan,
        Self::OpenOutage,
        Self::OutageTime,
        Self::LayerFile,
    ];

    /// The name that programs get.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Reference => "reference",
            Self::TickNumbers => "tick-numbers",
            Self::TickTimes => "tick-times",
            Self::TickSamples => "tick-samples",
            Self::TickReadings => "tick-readings",
            Self::Samples => "samples",
            Self::Readings => "readings",
            Self::SpanHole => "span-hole",
            Self::SpanOverlap => "span-overlap",
            Self::OpenSpan => "open-span",
            Self::OpenOutage => "open-outage",
            Self::OutageTime => "outage-time",
            Self::LayerFile => "layer-file",
        }
    }

    /// A query that has a row for each place where the promise is broken, of columns that tell which; of files, for each
    /// that is to be looked at.
    const fn sql(self) -> &'static str {
        match self {
            Self::Structure => "PRAGMA integrity_check(1000)",
            Self::Reference => "PRAGMA foreign_key_check",
            Self::TickNumbers => TICK_NUMBERS,
            Self::TickTimes => TICK_TIMES,
            Self::TickSamples => TICK_SAMPLES,
            Self::TickReadings => TICK_READINGS,
            Self::Samples => SAMPLES,
            Self::Readings => READINGS,
            Self::SpanHole => SPAN_HOLE,
            Self::SpanOverlap => SPAN_OVERLAP,
            Self::OpenSpan => OPEN_SPAN,
            Self::OpenOutage => OPEN_OUTAGE,
            Self::OutageTime => OUTAGE_TIME,
            Self::LayerFile => LAYER_FILE,
        }
    }
}

/// A place where a promise is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which promise.
    pub rule: Rule,
    /// Where: columns with their values, or SQLite's own words.
    pub place: String,
}

const TICK_NUMBERS: &str = "SELECT seq AS tick, before AS tick_before
  FROM (SELECT seq, lag(seq) OVER (ORDER BY seq) AS before FROM tick) WHERE seq <> before + 1";

const TICK_TIMES: &str = "SELECT seq AS tick, at, before AS at_before
  FROM (SELECT seq, at, lag(at) OVER (ORDER BY seq) AS before FROM tick) WHERE at <= before";

const TICK_SAMPLES: &str = "SELECT seq AS tick, sample_lo AS begins, sample_hi AS ends, before AS ends_before
  FROM (SELECT seq, sample_lo, sample_hi, lag(sample_hi) OVER (ORDER BY seq) AS before FROM tick)
  WHERE sample_lo <> before OR sample_hi < sample_lo";

const TICK_READINGS: &str = "SELECT seq AS tick, reading_lo AS begins, reading_hi AS ends, before AS ends_before
  FROM (SELECT seq, reading_lo, reading_hi, lag(reading_hi) OVER (ORDER BY seq) AS before FROM tick)
  WHERE reading_lo <> before OR reading_hi < reading_lo";

/// The newest tick ends where the samples end, and between the least and the greatest id none is missing.
const SAMPLES: &str = "SELECT rows, greatest - least + 1 AS expected, greatest, ends
  FROM (SELECT count(*) AS rows, min(id) AS least, max(id) AS greatest FROM sample),
       (SELECT max(sample_hi) - 1 AS ends FROM tick)
  WHERE rows > 0 AND (rows <> greatest - least + 1 OR greatest IS NOT ends)";

const READINGS: &str = "SELECT rows, greatest - least + 1 AS expected, greatest, ends
  FROM (SELECT count(*) AS rows, min(id) AS least, max(id) AS greatest FROM reading),
       (SELECT max(reading_hi) - 1 AS ends FROM tick)
  WHERE rows > 0 AND (rows <> greatest - least + 1 OR greatest IS NOT ends)";

/// Between two stays in the inventory there may be a hole; of the last stay it is known when it began. Its first span may
/// be gone when the first tick is.
const SPAN_HOLE: &str = "SELECT link.id AS link, span.before AS ended, span.from_at AS begins
  FROM (SELECT link, from_at, lag(to_at) OVER (PARTITION BY link ORDER BY from_at) AS before FROM span) span
  JOIN link ON link.key = span.link
  WHERE span.before < span.from_at AND span.from_at > link.entered_at
  UNION ALL
  SELECT id, entered_at, begins
  FROM (SELECT id, entered_at, (SELECT min(from_at) FROM span WHERE link = key AND from_at >= entered_at) AS begins
        FROM link WHERE entered_at IS NOT NULL AND left_at IS NULL)
  WHERE begins > entered_at AND EXISTS (SELECT 1 FROM tick WHERE seq = 1)";

/// An open span that is not the last overlaps all that follow.
const SPAN_OVERLAP: &str = "SELECT link.id AS link, span.before_to AS ended, span.from_at AS begins
  FROM (SELECT link, from_at, lag(from_at) OVER earlier AS before_from, lag(to_at) OVER earlier AS before_to FROM span
        WINDOW earlier AS (PARTITION BY link ORDER BY from_at)) span
  JOIN link ON link.key = span.link
  WHERE span.before_from IS NOT NULL AND (span.before_to IS NULL OR span.before_to > span.from_at)";

const OPEN_SPAN: &str = "SELECT link.id AS link, link.entered_at AS entered, link.left_at AS \"left\", open
  FROM (SELECT key, (SELECT count(*) FROM span WHERE span.link = key AND +span.to_at IS NULL) AS open FROM link) counted
  JOIN link USING (key) WHERE open <> (entered_at IS NOT NULL AND left_at IS NULL)";

/// Not by the index that makes two of them impossible: the index may be what is wrong.
const OPEN_OUTAGE: &str = "SELECT link.id AS link, count(*) AS open
  FROM outage NOT INDEXED JOIN link ON link.key = outage.link WHERE +outage.end_at IS NULL
  GROUP BY outage.link HAVING count(*) > 1";

/// Only of open ones: one that is over may outlast the stay of its link, when the clock was set back before the link left.
const OUTAGE_TIME: &str = "SELECT outage.id AS outage, link.id AS link, start_at AS start, entered_at AS entered,
    left_at AS \"left\"
  FROM outage JOIN link ON link.key = outage.link
  WHERE end_at IS NULL AND (left_at IS NOT NULL OR entered_at IS NULL OR start_at < entered_at)";

const LAYER_FILE: &str = "SELECT hash, min(id) AS import, file FROM import GROUP BY hash ORDER BY 2";

/// Checks every rule and tells each finding as it is found; how many there were. `progress` hears rules done and in all.
pub(crate) fn check(
    transaction: &Connection,
    folder: &Path,
    tell: &mut dyn FnMut(Finding),
    progress: &mut dyn FnMut(u64, u64),
) -> Result<u64, Failure> {
    let mut findings = 0;
    let with_imports = schema::version(transaction)? >= schema::WITH_IMPORTS;
    let rules = || Rule::ALL.into_iter().filter(|rule| *rule != Rule::LayerFile || with_imports);
    let all = rules().count() as u64;
    for (done, rule) in (0..).zip(rules()) {
        progress(done, all);
        let mut tell = |place: String| {
            findings += 1;
            tell(Finding { rule, place });
        };
        match broken(transaction, folder, rule, &mut tell) {
            Ok(()) => {}
            // What SQLite stumbles over is what was looked for.
            Err(error) if is_damage(&error) => tell(error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(findings)
}

fn broken(transaction: &Connection, folder: &Path, rule: Rule, tell: &mut dyn FnMut(String)) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare(rule.sql())?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let place = match rule {
            Rule::Structure => match row.get::<_, String>(0)? {
                sound if sound == "ok" => continue,
                words => words,
            },
            Rule::LayerFile if layer_is_whole(folder, &row.get::<_, String>(0)?) => continue,
            Rule::LayerFile
            | Rule::Reference
            | Rule::TickNumbers
            | Rule::TickTimes
            | Rule::TickSamples
            | Rule::TickReadings
            | Rule::Samples
            | Rule::Readings
            | Rule::SpanHole
            | Rule::SpanOverlap
            | Rule::OpenSpan
            | Rule::OpenOutage
            | Rule::OutageTime => {
                let pairs = names.iter().enumerate().map(|(column, name)| {
                    let value = row.get::<_, Value>(column)?;
                    Ok(format!("{name} {}", text(value)))
                });
                pairs.collect::<rusqlite::Result<Vec<_>>>()?.join(", ")
            }
        };
        tell(place);
    }
    Ok(())
}

fn text(value: Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}

/// Whether SQLite stumbled over the file itself.
pub(crate) fn is_damage(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(code) => matches!(code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase),
        // A value of a type that its column cannot have.
        None => matches!(
            error,
            rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::Utf8Error(..)
        ),
    }
}
