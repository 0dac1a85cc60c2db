//! What is done about a damaged store: it is set aside, never deleted, and what can still be read of it goes into a new
//! one, so that no damage keeps the daemon from starting.
//!
//! Tables are read row by row along their own tree. Where a page cannot be read, the reading goes on behind it. Of
//! samples and readings only the newest go over, so that the start does not wait for gigabytes; the others stay in the
//! file that was set aside. Who waits can stop the reading, as on a disk that takes a second for each page. Rows that
//! refer to what is lost are dropped with it. A value that no version writes does not go over either: see `values.rs`.

mod rows;
mod tidy;
mod values;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use phusong_model::UtcMs;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, config::DbConfig};

use crate::{Store, StoreError, connection, files, reserve};
use rows::{Shape, by_weight, copy, tables};

/// Where a new store is made beside the damaged one.
const BUILDING: &str = "salvaging";

/// How every file of SQLite begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What of a damaged store is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// What happened: links, spans, outages, messages, ticks. It comes first.
    Happened,
    /// Hours of rollups, the newest first. They come next.
    Hours,
    /// What else was measured: samples, readings, minutes of rollups, the newest first.
    Measured,
}

/// Asked again and again, some times a second on a sound disk, whether a salvage is to read on. What is not read stays
/// in the file that was set aside.
pub type GoOn<'g> = &'g mut dyn FnMut(Reading) -> bool;

/// A damaged store that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Where it lies now.
    pub file: PathBuf,
    /// Why.
    pub reason: String,
    /// What went into the new store, by table.
    pub saved: Vec<Saved>,
    /// Why the saving broke off before its end, as on a full disk or because it took too long.
    pub stopped: Option<String>,
}

/// What was saved of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Its name.
    pub table: String,
    /// Rows that are in the new store.
    pub rows: u64,
    /// Whether all of it that was to be saved was read: no page was unreadable, and nobody stopped it.
    pub whole: bool,
    /// Rows with a value that no version writes: left out, or saved without it.
    pub odd: u64,
}

impl SetAside {
    /// Rows that are in the new store, of all tables.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.saved.iter().map(|saved| saved.rows).sum()
    }
}

impl Store {
    /// Opens the store of a folder; one that is damaged is set aside first, and what can be read of it is in the store
    /// that comes back. The caller holds the folder's lock.
    ///
    /// # Errors
    /// As [`Store::open`], except for damage: a newer store and another program's database are still refused.
    pub fn open_or_salvage(folder: &Path, now: UtcMs, go_on: GoOn<'_>) -> Result<(Self, Option<SetAside>), StoreError> {
        let open = || Self::open(folder).and_then(|store| store.examine().map(|()| store));
        let opened = match open() {
            // Already the index of the log needs room.
            Err(error) if error.is_refusal() && reserve::release(&reserve::path(folder)).unwrap_or(false) => open(),
            opened => opened,
        };
        match opened {
            Err(error) if error.is_damage() => {
                Self::salvage_now(folder, now, &reason(&error), go_on).map(|(store, aside)| (store, Some(aside)))
            }
            opened => opened.map(|store| (store, None)),
        }
    }

    /// Whether any page of the store of a folder is damaged, or holds a value that no version writes, as somebody sees it
    /// who opens it now: what the writer has in its cache may be sound all the same. Reads all of it, table by table, which
    /// takes minutes in a large store; asked at each table, and often while it looks at rows, whether to go on. What was
    /// not looked at is not said to be damaged.
    #[must_use]
    pub fn is_damaged(folder: &Path, go_on: &dyn Fn() -> bool) -> bool {
        let damaged = |error: rusqlite::Error| error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt);
        match connection::reader(folder) {
            Err(error) => error.is_damage(),
            Ok(reader) => {
                broken_table(&reader, go_on).map_or_else(damaged, |broken| broken.is_some())
                    || values::odd_table(&reader, go_on).map_or_else(damaged, |odd| odd.is_some())
            }
        }
    }

    /// Whether the file begins as a database does: an overwritten one would be found by the next who opens it, and until
    /// then the writer would go on in good faith.
    #[must_use]
    pub fn has_its_head(&self) -> bool {
        let mut head = [0; MAGIC.len()];
        let read = fs::File::open(self.path()).and_then(|mut file| io::Read::read_exact(&mut file, &mut head));
        // One that cannot be read now is another matter.
        read.is_err() || head == *MAGIC
    }

    /// Sets the store of a folder aside, which was found to be damaged and is not open any more, and saves what can be
    /// read of it.
    ///
    /// # Errors
    /// When the file cannot be renamed or no new one can be made.
    pub fn salvage_now(
        folder: &Path,
        now: UtcMs,
        reason: &str,
        go_on: GoOn<'_>,
    ) -> Result<(Self, SetAside), StoreError> {
        let path = files::database(folder);
        let building = folder.join(BUILDING);
        let file = |path: &Path, source| StoreError::File { path: path.to_owned(), source };
        // A start that was stopped in the middle begins again: the damaged file is in its place until the new one is whole.
        remove_folder(&building).map_err(|source| file(&building, source))?;
        let new = Self::open(&building)?;
        let mut saved = Vec::new();
        let copied = open(&path).and_then(|old| copy(&old, new.connection(), &mut saved, go_on));
        let stopped = match copied {
            Ok(true) => None,
            Ok(false) => Some("it took too long".to_owned()),
            Err(error) => Some(error.to_string()),
        };
        drop(new);
        let aside = files::set_aside(&path, now).map_err(|source| file(&path, source))?;
        for (from, to) in [
            (files::log_of(&files::database(&building)), files::log_of(&path)),
            (files::database(&building), path.clone()),
        ] {
            if from.exists() {
                fs::rename(&from, &to).map_err(|source| file(&to, source))?;
            }
        }
        remove_folder(&building).map_err(|source| file(&building, source))?;
        let store = Self::open(folder)?;
        Ok((store, SetAside { file: aside, reason: reason.to_owned(), saved, stopped }))
    }

    /// Reads what every start needs, and the first and last leaf of each table. A whole check takes minutes in a large
    /// store; damage elsewhere shows when it is met.
    fn examine(&self) -> Result<(), StoreError> {
        let look = || {
            for table in tables(self.connection())? {
                for order in ["ASC", "DESC"] {
                    let lead = Shape::of(self.connection(), &table)?.lead;
                    let sql = format!("SELECT * FROM {table} ORDER BY {lead} {order} LIMIT 1");
                    self.connection().prepare(&sql)?.query_row([], |_| Ok(())).optional()?;
                }
            }
            self.connection().query_row("SELECT count(*) FROM span WHERE to_at IS NULL", [], |_| Ok(()))
        };
        look().map_err(|error| crate::Failure::from(error).at(self.path(), "look at the store"))
    }
}

/// The first table found that SQLite finds damaged, or the list of them.
fn broken_table(reader: &Connection, go_on: &dyn Fn() -> bool) -> rusqlite::Result<Option<String>> {
    for table in std::iter::once("sqlite_schema".to_owned()).chain(by_weight(reader)?) {
        if !go_on() {
            break;
        }
        let said: String = reader.query_row(&format!("PRAGMA quick_check({table})"), [], |row| row.get(0))?;
        if said != "ok" {
            return Ok(Some(table));
        }
    }
    Ok(None)
}

fn reason(error: &StoreError) -> String {
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    format!("{error}{source}")
}

fn open(file: &Path) -> rusqlite::Result<Connection> {
    let old = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Else a file that was cut short is refused as a whole. Nothing is written through this connection.
    old.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)?;
    // Finds a broken row before it is taken for a good one.
    old.pragma_update(None, "cell_size_check", true)?;
    Ok(old)
}

fn remove_folder(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Files that were set aside in a data folder, oldest first.
///
/// # Errors
/// When the folder cannot be read.
pub fn set_aside_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if files::is_set_aside(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
