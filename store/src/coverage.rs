//! Coverage as it was computed: figures of all runs, gaps of the last one.

use phusong_model::{Contradiction, CoverageFigure, CoverageGap, UtcMs};
use rusqlite::Connection;

use crate::{
    Failure,
    columns::{Columns, collect, first},
    document, schema,
};

/// The figures of one recompute.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverageRun {
    /// Number in the store, growing.
    pub run: i64,
    /// When it was computed.
    pub at: UtcMs,
    /// Its figures.
    pub figures: Vec<CoverageFigure>,
}

/// A recompute that has no number yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NewCoverage<'a> {
    /// Figures of all communes.
    pub figures: &'a [CoverageFigure],
    /// Places without signal.
    pub gaps: &'a [CoverageGap],
    /// Where tests contradict what is declared or modelled.
    pub contradictions: &'a [Contradiction],
    /// When it was computed.
    pub at: UtcMs,
    /// What it was computed from, as one hash.
    pub input_hash: &'a str,
    /// The versions of datasets that it was computed from.
    pub imports: &'a [i64],
}

/// Writes a run. The gaps of earlier runs are dropped: nothing asks for old polygons, which are by far the largest
/// things in the store, and a gap carries itself when it was first seen.
pub(crate) fn put(transaction: &Connection, new: NewCoverage<'_>) -> Result<i64, Failure> {
    transaction.execute("UPDATE coverage_run SET gaps = NULL, contradictions = NULL WHERE gaps IS NOT NULL", [])?;
    // The tick to come: a sink that has delivered the newest tick has not seen this run.
    transaction.execute(
        "INSERT INTO coverage_run (seq, at, input_hash, figures, gaps, imports, contradictions)
         VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM tick), ?1, ?2, ?3, ?4, ?5, ?6)",
        (
            new.at.0,
            new.input_hash,
            document::write("coverage figures", &new.figures.to_vec())?,
            document::write("coverage gaps", &new.gaps.to_vec())?,
            document::write("imports", &new.imports.to_vec())?,
            document::write("contradictions", &new.contradictions.to_vec())?,
        ),
    )?;
    Ok(transaction.last_insert_rowid())
}

/// What the last run was computed from.
pub(crate) fn last_hash(connection: &Connection) -> Result<Option<String>, Failure> {
    first(connection, "SELECT input_hash FROM coverage_run ORDER BY id DESC LIMIT 1", [], |row| row.value())
}

/// Where tests contradicted layers when the last run of all was computed.
pub(crate) fn contradictions(connection: &Connection) -> Result<Vec<Contradiction>, Failure> {
    if schema::version(connection)? < schema::WITH_IMPORTS {
        return Ok(Vec::new());
    }
    let text: Option<Option<String>> = first(connection, CONTRADICTIONS, [], |row| row.value())?;
    let found = text.flatten().map(|text| document::read("contradictions", &text)).transpose()?;
    Ok(found.unwrap_or_default())
}

const CONTRADICTIONS: &str = "SELECT contradictions FROM coverage_run ORDER BY id DESC LIMIT 1";

/// The run that somebody looks at: the last one, or the last one of a past day.
pub(crate) const LAST: &str = "SELECT figures, gaps FROM coverage_run ORDER BY id DESC LIMIT 1";
pub(crate) const LAST_BY: &str =
    "SELECT figures, gaps FROM coverage_run WHERE at <= ?1 ORDER BY at DESC, id DESC LIMIT 1";

/// Figures and gaps of the last run, or of the last one by an instant; empty before the first. Only the last run of all
/// has its gaps.
pub(crate) fn last(
    connection: &Connection,
    by: Option<UtcMs>,
) -> Result<(Vec<CoverageFigure>, Vec<CoverageGap>), Failure> {
    let read = |row: &mut Columns<'_>| Ok((row.value()?, row.value()?));
    let run: Option<(String, Option<String>)> = match by {
        None => first(connection, LAST, [], read)?,
        Some(by) => first(connection, LAST_BY, [by.0], read)?,
    };
    let Some((figures, gaps)) = run else { return Ok((Vec::new(), Vec::new())) };
    let gaps = gaps.map(|gaps| document::read("coverage gaps", &gaps)).transpose()?;
    Ok((document::read("coverage figures", &figures)?, gaps.unwrap_or_default()))
}

/// The runs that are delivered with a tick.
pub(crate) fn with_tick(connection: &Connection, seq: i64) -> Result<Vec<CoverageRun>, Failure> {
    let sql = "SELECT id, at, figures FROM coverage_run WHERE seq = ?1 ORDER BY id";
    collect(connection, sql, [seq], |row| {
        let (run, at, figures): (_, _, String) = (row.value()?, row.at()?, row.value()?);
        Ok(CoverageRun { run, at, figures: document::read("coverage figures", &figures)? })
    })
}
