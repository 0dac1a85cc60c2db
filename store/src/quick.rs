//! A look at whether a store is sound that ends in time, however large the store is. SQLite reads table after table: what
//! happened first, then what was measured, which is nearly all of the file, as far as the time allows.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode};

use crate::{Failure, StoreError, check::is_damage, columns::collect, connection, files, schema};

/// Steps of SQLite between two looks at the clock: some ten microseconds of work.
const STEPS: i32 = 10_000;

/// Faults of a table that are asked for: the first one decides.
const MOST: u32 = 10;

/// Of how little use the rest would be: these tables come last, because they are large.
const LARGE: [&str; 5] = ["rollup_day", "rollup_hour", "reading", "rollup_minute", "sample"];

/// What a quick look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuickLook {
    /// Version of the layout.
    pub version: i64,
    /// The newest version that this program knows.
    pub newest: i64,
    /// Tables of the store.
    pub tables: usize,
    /// Tables that were read from end to end.
    pub read: usize,
    /// What SQLite found, in its own words.
    pub findings: Vec<String>,
}

/// Looks at the store of a data folder for `limit` at most, beside any daemon.
///
/// # Errors
/// As [`crate::Reader::open`], and when SQLite refuses for another reason than damage, which is a finding.
pub fn quick_look(folder: &Path, limit: Duration) -> Result<QuickLook, StoreError> {
    let mut connection = connection::reader(folder)?;
    look(&mut connection, limit).map_err(|failure| failure.at(&files::database(folder), "look at the store"))
}

fn look(connection: &mut Connection, limit: Duration) -> Result<QuickLook, Failure> {
    let version = schema::version(connection)?;
    let mut found = QuickLook { version, newest: schema::NEWEST, tables: 0, read: 0, findings: Vec::new() };
    let until = Instant::now() + limit;
    connection.progress_handler(STEPS, Some(move || Instant::now() >= until))?;
    let tables = match tables(connection) {
        Ok(tables) => tables,
        Err(Failure::Sql(error)) if is_damage(&error) => {
            found.findings.push(error.to_string());
            return Ok(found);
        }
        Err(failure) => return Err(failure),
    };
    found.tables = tables.len();
    for table in tables {
        match check(connection, &table) {
            Ok(findings) => {
                found.read += 1;
                found.findings.extend(findings);
            }
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => break,
            Err(error) if is_damage(&error) => found.findings.push(error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// The large ones last.
fn tables(connection: &Connection) -> Result<Vec<String>, Failure> {
    let sql =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name";
    let mut tables: Vec<String> = collect(connection, sql, [], |row| row.value())?;
    tables.sort_by_key(|table| LARGE.iter().position(|large| large == table).map_or(0, |place| place + 1));
    Ok(tables)
}

fn check(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    // Of a table alone SQLite takes a name or the number of findings, and the name is one of ours.
    let mut statement = connection.prepare(&format!("PRAGMA quick_check(\"{table}\")"))?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    let words = rows.take(MOST as usize).collect::<rusqlite::Result<Vec<String>>>()?;
    Ok(words.into_iter().filter(|words| words != "ok").collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[test]
    fn a_sound_store_is_read_whole_and_a_look_without_time_reads_nothing() {
        let folder = tempfile::tempdir().expect("folder");
        drop(Store::open(folder.path()).expect("store"));
        let found = quick_look(folder.path(), Duration::from_secs(20)).expect("a look");
        assert_eq!((found.version, found.newest), (schema::NEWEST, schema::NEWEST));
        assert!(found.tables > 20 && found.read == found.tables, "{found:?}");
        assert_eq!(found.findings, Vec::<String>::new());
    }

    #[test]
    fn measurements_come_last() {
        let folder = tempfile::tempdir().expect("folder");
        drop(Store::open(folder.path()).expect("store"));
        let connection = connection::reader(folder.path()).expect("connection");
        let tables = tables(&connection).expect("tables");
        assert!(tables.ends_with(&LARGE.map(str::to_owned)), "{tables:?}");
    }

    #[test]
    fn a_look_ends_in_time_on_a_table_that_takes_longer() {
        let folder = tempfile::tempdir().expect("folder");
        drop(Store::open(folder.path()).expect("store"));
        let database = files::database(folder.path());
        let writer = Connection::open(&database).expect("database");
        writer
            .execute_batch(
                "PRAGMA foreign_keys = 0; PRAGMA synchronous = OFF;
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000)
                 INSERT INTO sample (id, link, probe, blind) SELECT i, 1, 0, 1 FROM n;",
            )
            .expect("many samples");
        let begun = Instant::now();
        let found = quick_look(folder.path(), Duration::from_millis(30)).expect("a look");
        assert!(found.read < found.tables && found.findings.is_empty(), "{found:?}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    }
}
