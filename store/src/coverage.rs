//! Coverage as it was computed: figures of all runs, gaps of the last one.

use phusong_model::{CoverageFigure, CoverageGap, UtcMs};
use rusqlite::Connection;

use crate::{
    Failure,
    columns::{collect, first},
    document,
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

/// Writes a run. The gaps of earlier runs are dropped: nothing asks for old polygons, which are by far the largest
/// things in the store, and a gap carries itself when it was first seen.
pub(crate) fn put(
    transaction: &Connection,
    figures: &[CoverageFigure],
    gaps: &[CoverageGap],
    at: UtcMs,
    input_hash: &str,
) -> Result<i64, Failure> {
    transaction.execute("UPDATE coverage_run SET gaps = NULL WHERE gaps IS NOT NULL", [])?;
    // The tick to come: a sink that has delivered the newest tick has not seen this run.
    transaction.execute(
        "INSERT INTO coverage_run (seq, at, input_hash, figures, gaps)
         VALUES ((SELECT coalesce(max(seq), 0) + 1 FROM tick), ?1, ?2, ?3, ?4)",
        (
            at.0,
            input_hash,
            document::write("coverage figures", &figures.to_vec())?,
            document::write("coverage gaps", &gaps.to_vec())?,
        ),
    )?;
    Ok(transaction.last_insert_rowid())
}

/// What the last run was computed from.
pub(crate) fn last_hash(connection: &Connection) -> Result<Option<String>, Failure> {
    first(connection, "SELECT input_hash FROM coverage_run ORDER BY id DESC LIMIT 1", [], |row| row.value())
}

/// Figures and gaps of the last run; empty before the first.
pub(crate) fn last(connection: &Connection) -> Result<(Vec<CoverageFigure>, Vec<CoverageGap>), Failure> {
    let sql = "SELECT figures, gaps FROM coverage_run ORDER BY id DESC LIMIT 1";
    let run: Option<(String, Option<String>)> = first(connection, sql, [], |row| Ok((row.value()?, row.value()?)))?;
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
