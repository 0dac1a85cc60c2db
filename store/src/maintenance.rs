//! Work that was planned by command.

use phusong_model::{MaintenanceId, Planned, Scope, UtcMs, Window};
use rusqlite::{Connection, params};

use crate::{
    Failure,
    columns::{Columns, collect, first},
    document, schema,
};

/// Work that has no number yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWork {
    /// Whose links.
    pub scope: Scope,
    /// When; never empty.
    pub window: Window,
    /// What is done.
    pub why: String,
    /// Who plans it.
    pub author: String,
    /// When it was planned.
    pub added: UtcMs,
}

/// Keeps it and gives it its number.
pub(crate) fn plan(transaction: &Connection, work: &NewWork) -> Result<Planned, Failure> {
    let id = transaction
        .prepare_cached(
            "INSERT INTO maintenance (scope, from_at, to_at, why, author, added_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             RETURNING id",
        )?
        .query_row(
            params![
                document::write("scope", &work.scope)?,
                work.window.from.0,
                work.window.to.0,
                work.why,
                work.author,
                work.added.0
            ],
            |row| row.get(0),
        )?;
    let NewWork { scope, window, why, author, added } = work.clone();
    Ok(Planned { id: MaintenanceId(id), scope, window, why, author, added, ended: None })
}

/// Ends work that is not over at `at`, or cancels it; none when there is no such work. Work that was over stays as it was.
pub(crate) fn end(transaction: &Connection, id: MaintenanceId, at: UtcMs) -> Result<Option<Planned>, Failure> {
    transaction
        .prepare_cached("UPDATE maintenance SET ended_at = ?2 WHERE id = ?1 AND ended_at IS NULL AND to_at > ?2")?
        .execute((id.0, at.0))?;
    first(transaction, ONE, [id.0], read)
}

pub(crate) const ONE: &str =
    "SELECT id, scope, from_at, to_at, why, author, added_at, ended_at FROM maintenance WHERE id = ?1";

pub(crate) const LATER: &str = "SELECT id, scope, from_at, to_at, why, author, added_at, ended_at FROM maintenance
     WHERE to_at > ?1 ORDER BY to_at, id";

/// The work that was not over at an instant, by number.
pub(crate) fn later_than(connection: &Connection, at: UtcMs) -> Result<Vec<Planned>, Failure> {
    if schema::version(connection)? < schema::WITH_ORDERS {
        return Ok(Vec::new());
    }
    let mut planned = collect(connection, LATER, [at.0], read)?;
    planned.sort_by_key(|work| work.id);
    Ok(planned)
}

fn read(row: &mut Columns<'_>) -> Result<Planned, Failure> {
    Ok(Planned {
        id: MaintenanceId(row.value()?),
        scope: document::read("scope", &row.value::<String>()?)?,
        window: Window::new(row.at()?, row.at()?),
        why: row.value()?,
        author: row.value()?,
        added: row.at()?,
        ended: row.maybe_at()?,
    })
}
