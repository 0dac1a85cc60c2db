//! How SQLite opens the database: one connection that writes, many that read.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, Error, ErrorCode, FileControl, OpenFlags, config::DbConfig};

use crate::{
    StoreError, files,
    schema::{self, Found},
};

/// How long one connection waits for another. Only recovery after a crash and a checkpoint hold a lock, and both take
/// milliseconds: whoever waits this long has found a fault.
const BUSY: Duration = Duration::from_secs(5);

/// How long somebody waits who has another way: as long as for a daemon that does not answer.
const HURRY: Duration = Duration::from_secs(2);

/// Statements kept prepared; the crate has fewer.
const STATEMENTS: usize = 64;

/// `SQLITE_READONLY_DIRECTORY`: the log must be made, but this user may not write into the folder.
const READONLY_DIRECTORY: i32 = 1544;

/// Opens the database to write, makes and migrates it as needed. A newer or foreign file is not touched.
pub(crate) fn writer(folder: &Path) -> Result<Connection, StoreError> {
    let path = files::database(folder);
    files::make_folder(folder).map_err(|source| StoreError::File { path: folder.to_owned(), source })?;
    files::open_or_make(&path).map_err(|source| StoreError::File { path: path.clone(), source })?;
    // Looked at through a connection that cannot write: already the change to WAL mode would touch the file.
    let (found, looked) = open_to_read(&path, BUSY).map_err(|error| opening(&path, error))?;
    let version = match found {
        Found::Nothing => 0,
        Found::Version(version) => known(&path, version)?,
        Found::Foreign => return Err(StoreError::Foreign { path }),
    };
    drop(looked);
    let mut connection = open_to_write(&path).map_err(|error| opening(&path, error))?;
    schema::migrate(&mut connection, version).map_err(|(version, source)| StoreError::Migrate {
        path: path.clone(),
        version,
        source,
    })?;
    // Makes the log, should it not be there: from here on all files of the store are known.
    schema::version(&connection).map_err(|error| opening(&path, error))?;
    Ok(connection)
}

/// Opens the database to read, as any user who may read the files.
pub(crate) fn reader(folder: &Path) -> Result<Connection, StoreError> {
    reader_within(folder, BUSY)
}

/// The same for somebody who has another way when the database is locked.
pub(crate) fn reader_in_a_hurry(folder: &Path) -> Result<Connection, StoreError> {
    reader_within(folder, HURRY)
}

fn reader_within(folder: &Path, patience: Duration) -> Result<Connection, StoreError> {
    let path = files::readable(folder)?;
    let (found, connection) = match open_to_read(&path, patience) {
        Err(error) if wants_a_log(&error) && !files::log_of(&path).exists() => open_unchanging(&path),
        other => other,
    }
    .map_err(|error| opening(&path, error))?;
    match found {
        Found::Nothing => Err(StoreError::Empty { path }),
        Found::Version(version) => known(&path, version).map(|_| connection),
        Found::Foreign => Err(StoreError::Foreign { path }),
    }
}

fn open(path: &Path, access: OpenFlags, patience: Duration) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    keep_log(&connection)?;
    connection.busy_timeout(patience)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn open_to_read(path: &Path, patience: Duration) -> rusqlite::Result<(Found, Connection)> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY, patience)?;
    // A reader leaves every file as it was.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok((schema::found(&connection)?, connection))
}

fn open_to_write(path: &Path) -> rusqlite::Result<Connection> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE, BUSY)?;
    // Takes effect in a new file only: then room that is free can be given back to the disk in small steps.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // With the log kept, this leaves an empty one behind a clean close.
    connection.pragma_update(None, "journal_size_limit", 0)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// The last one to close removes the log unless told not to, and without a log another user of the group, who may not
/// make one, cannot open the database. So every connection says it, also the owner's that only reads.
fn keep_log(connection: &Connection) -> rusqlite::Result<()> {
    let mut on = 1;
    connection.file_control(Some("main"), FileControl::PersistWal(&mut on))
}

/// The log is gone (somebody else's tool closed the database) and we may not make one. Without a log the database file
/// is complete and nobody writes, so it may be read as it lies. Never while a log exists: its ticks would be missing.
fn open_unchanging(path: &Path) -> rusqlite::Result<(Found, Connection)> {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => uri.push(char::from(*byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    let access = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = open(Path::new(&uri), access, BUSY)?;
    Ok((schema::found(&connection)?, connection))
}

fn wants_a_log(error: &Error) -> bool {
    let code = error.sqlite_error().map(|inner| (inner.code, inner.extended_code));
    matches!(code, Some((ErrorCode::CannotOpen, _) | (_, READONLY_DIRECTORY)))
}

fn known(path: &Path, found: i64) -> Result<i64, StoreError> {
    if found > schema::NEWEST {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: schema::NEWEST });
    }
    Ok(found)
}

fn opening(path: &Path, source: Error) -> StoreError {
    let path = path.to_owned();
    if source.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
        return StoreError::NotADatabase { path };
    }
    StoreError::Open { path, source }
}
