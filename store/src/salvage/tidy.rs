//! What came over is made to hang together, and what did not come over is counted for the sinks that had not got it.

use rusqlite::{Connection, OptionalExtension};

use super::{GoOn, Reading, rows::tables};

/// Drops what refers to something that did not come over.
pub(super) fn tidy(new: &Connection, go_on: GoOn<'_>) -> rusqlite::Result<()> {
    for table in tables(new)? {
        drop_orphans(new, &table)?;
        // What is in the new store must hang together, however long it took: only told, not asked.
        go_on(Reading::Happened);
    }
    // While samples are there whose ticks are not: they count too.
    count_lost(new)?;
    // Samples without their tick say nothing, and their ids are given to new ones.
    for table in ["sample", "reading"] {
        new.execute(&format!("DELETE FROM {table} WHERE id >= {}", next_id(table)), [])?;
    }
    // The newest sample of a link is its own, or none.
    for (column, table) in [("icmp", "sample"), ("reading", "reading")] {
        new.execute(
            &format!(
                "UPDATE link_now SET {column} = NULL WHERE {column} IS NOT NULL AND NOT EXISTS
                   (SELECT 1 FROM {table} WHERE {table}.id = link_now.{column} AND {table}.link = link_now.link)"
            ),
            [],
        )?;
    }
    // Runs before the last one have no gaps any more, and as the last one would say that there are none.
    new.execute("DELETE FROM coverage_run WHERE (SELECT gaps FROM coverage_run ORDER BY id DESC LIMIT 1) IS NULL", [])?;
    // Ticks are numbered on from what is left, and a sink must not take the new ones for old.
    new.execute("UPDATE sink SET seq = min(seq, (SELECT coalesce(max(seq), 0) FROM tick))", [])?;
    new.execute("UPDATE sink SET rejected = (SELECT count(*) FROM rejected WHERE rejected.sink = sink.name)", [])?;
    Ok(())
}

/// The id that the next row of a table gets which ticks have a range of: where the newest tick ends.
fn next_id(table: &str) -> String {
    format!("coalesce((SELECT {table}_hi FROM tick ORDER BY seq DESC LIMIT 1), 1)")
}

/// Counts what did not come over and was not delivered: it is lost to the sinks too.
fn count_lost(new: &Connection) -> rusqlite::Result<()> {
    // Ids have no holes, so all that there were are known by the last one. Behind the ticks they are counted: one that
    // only looks like an id must not count for all below it.
    let next = next_id("sample");
    let end: i64 =
        new.query_row(&format!("SELECT {next} + count(*) FROM sample WHERE id >= {next}"), [], |row| row.get(0))?;
    let sinks: Vec<(String, i64, i64)> = new
        .prepare("SELECT name, seq, removed_samples FROM sink")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (name, cursor, removed) in sinks {
        let Some(begin) = undelivered_from(new, cursor)? else { continue };
        let found: i64 = new.query_row(
            "SELECT coalesce(sum((SELECT count(*) FROM sample WHERE id >= sample_lo AND id < sample_hi)), 0)
             FROM tick WHERE seq > ?1",
            [cursor],
            |row| row.get(0),
        )?;
        let lost = end.saturating_sub(begin).saturating_sub(found).max(0);
        let removed = removed.saturating_add(lost);
        new.execute("UPDATE sink SET removed_samples = ?2 WHERE name = ?1", (name, removed))?;
    }
    Ok(())
}

/// The first id of a sample that a sink had not delivered, by the ticks that came over: where the one at its cursor ends,
/// or the one after it begins. Where both are lost it is reckoned from the nearest, as if the lost ones had had as many
/// samples as that. None without any tick: nothing tells then what was delivered.
fn undelivered_from(new: &Connection, cursor: i64) -> rusqlite::Result<Option<i64>> {
    if cursor <= 0 {
        // Ids begin at 1, and retention moves the cursors past what it removes.
        return Ok(Some(1));
    }
    let nearest = |sql: &str| {
        let range = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        new.query_row(sql, [cursor], range).optional()
    };
    let before: Option<(i64, i64, i64)> =
        nearest("SELECT seq, sample_lo, sample_hi FROM tick WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1")?;
    let after: Option<(i64, i64, i64)> =
        nearest("SELECT seq, sample_lo, sample_hi FROM tick WHERE seq > ?1 ORDER BY seq LIMIT 1")?;
    let size = |low: i64, high: i64| high.saturating_sub(low).max(0);
    let from = |(seq, low, high): (i64, i64, i64)| {
        high.saturating_add(cursor.saturating_sub(seq).saturating_mul(size(low, high)))
    };
    Ok(match (before, after) {
        (Some((seq, _, high)), _) if seq == cursor => Some(high),
        (_, Some((seq, low, _))) if seq == cursor.saturating_add(1) => Some(low),
        // No further than the next one that is known.
        (Some(before), Some((_, low, _))) => Some(from(before).min(low)),
        (Some(before), None) => Some(from(before)),
        (None, Some((seq, low, high))) => {
            let lost = seq.saturating_sub(cursor).saturating_sub(1);
            Some(low.saturating_sub(lost.saturating_mul(size(low, high))).max(1))
        }
        (None, None) => None,
    })
}

/// Drops rows that refer to something that is not there.
fn drop_orphans(new: &Connection, table: &str) -> rusqlite::Result<()> {
    let mut keys = new.prepare("SELECT \"from\", \"table\" FROM pragma_foreign_key_list(?1)")?;
    let keys: Vec<(String, String)> =
        keys.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (column, parent) in keys {
        // All of them refer to the number of the row.
        new.execute(
            &format!("DELETE FROM {table} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT rowid FROM {parent})"),
            [],
        )?;
    }
    Ok(())
}
