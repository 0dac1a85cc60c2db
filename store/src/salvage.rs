//! What is done about a damaged store: it is set aside, never deleted, and what can still be read of it goes into a new
//! one, so that no damage keeps the daemon from starting.
//!
//! Tables are read row by row along their own tree. Where a page cannot be read, the reading goes on behind it. Of
//! samples and readings only the newest go over, so that the start does not wait for gigabytes; the others stay in the
//! file that was set aside. Rows that refer to what is lost are dropped with it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use phusong_model::{Millis, UtcMs};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, config::DbConfig, params_from_iter, types::Value};

use crate::{Store, StoreError, connection, files, reserve};

/// The newest samples, and readings, that go over: some seconds of work, and hours of a province.
const NEWEST_ROWS: i64 = 5_000_000;

/// The farthest that a reading looks for rows behind an unreadable page, in keys: more than any table has.
const FARTHEST: i64 = 1 << 40;

/// Unreadable places of one table after which no more is read of it: it is hardly there, and the start must go on.
const GAPS_MOST: u32 = 1_000;

/// Tables of measurements.
const LARGE: [&str; 4] = ["reading", "sample", "rollup_minute", "rollup_hour"];

/// The table that tells numbers of ticks from those of another store.
const NUMBERING: &str = "numbering";

/// Where a new store is made beside the damaged one.
const BUILDING: &str = "salvaging";

/// Minutes of rollups that go over: their hours are there, and there are as many as samples.
const MINUTES: Millis = Millis::from_secs(86_400);

/// How every file of SQLite begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// A damaged store that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Where it lies now.
    pub file: PathBuf,
    /// Why.
    pub reason: String,
    /// What went into the new store, by table.
    pub saved: Vec<Saved>,
    /// Why the saving broke off before its end, as on a full disk.
    pub stopped: Option<String>,
}

/// What was saved of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Its name.
    pub table: String,
    /// Rows that are in the new store.
    pub rows: u64,
    /// Whether no page of it was unreadable.
    pub whole: bool,
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
    pub fn open_or_salvage(folder: &Path, now: UtcMs) -> Result<(Self, Option<SetAside>), StoreError> {
        let open = || Self::open(folder).and_then(|store| store.examine().map(|()| store));
        let opened = match open() {
            // Already the index of the log needs room.
            Err(error) if error.is_refusal() && reserve::release(&reserve::path(folder)).unwrap_or(false) => open(),
            opened => opened,
        };
        match opened {
            Err(error) if error.is_damage() => {
                Self::salvage_now(folder, now, &reason(&error)).map(|(store, aside)| (store, Some(aside)))
            }
            opened => opened.map(|store| (store, None)),
        }
    }

    /// Whether any page of the store of a folder is damaged, as somebody sees it who opens it now: what the writer has in
    /// its cache may be sound all the same. Reads all of it.
    #[must_use]
    pub fn is_damaged(folder: &Path) -> bool {
        match connection::reader(folder) {
            Err(error) => error.is_damage(),
            Ok(reader) => {
                let check = reader.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
                check.map_or_else(
                    |error| error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt),
                    |said| said != "ok",
                )
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
    pub fn salvage_now(folder: &Path, now: UtcMs, reason: &str) -> Result<(Self, SetAside), StoreError> {
        let path = files::database(folder);
        let building = folder.join(BUILDING);
        let file = |path: &Path, source| StoreError::File { path: path.to_owned(), source };
        // A start that was stopped in the middle begins again: the damaged file is in its place until the new one is whole.
        remove_folder(&building).map_err(|source| file(&building, source))?;
        let new = Self::open(&building)?;
        let mut saved = Vec::new();
        let copied = open(&path).and_then(|old| copy(&old, new.connection(), &mut saved));
        let stopped = copied.err().map(|error| error.to_string());
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

fn copy(old: &Connection, new: &Connection, saved: &mut Vec<Saved>) -> rusqlite::Result<()> {
    new.pragma_update(None, "foreign_keys", false)?;
    let copied = copy_tables(old, new, saved);
    // Whatever came over must hang together.
    let tidied = tidy(new);
    new.pragma_update(None, "foreign_keys", true)?;
    copied.and(tidied)
}

fn copy_tables(old: &Connection, new: &Connection, saved: &mut Vec<Saved>) -> rusqlite::Result<()> {
    // What happened comes before what was measured, should the disk be full.
    let mut tables = tables(new)?;
    // The new store has its own.
    tables.retain(|table| table != NUMBERING);
    let (large, small): (Vec<_>, Vec<_>) = tables.into_iter().partition(|table| LARGE.contains(&table.as_str()));
    for table in small.into_iter().chain(large) {
        let transaction = new.unchecked_transaction()?;
        let copied = copy_table(old, &transaction, &table)?;
        transaction.commit()?;
        saved.extend(copied);
    }
    Ok(())
}

/// Drops what refers to something that did not come over.
fn tidy(new: &Connection) -> rusqlite::Result<()> {
    for table in tables(new)? {
        drop_orphans(new, &table)?;
    }
    // Samples without their tick say nothing, and their ids are given to new ones.
    new.execute("DELETE FROM sample WHERE id >= (SELECT coalesce(max(sample_hi), 0) FROM tick)", [])?;
    new.execute("DELETE FROM reading WHERE id >= (SELECT coalesce(max(reading_hi), 0) FROM tick)", [])?;
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
    // What did not come over and was not delivered is lost to the sinks too.
    new.execute(
        "UPDATE sink SET removed_samples = removed_samples + max(0,
           (SELECT coalesce(sum(sample_hi - sample_lo), 0) FROM tick WHERE tick.seq > sink.seq)
           - (SELECT count(*) FROM sample WHERE id >= (SELECT min(sample_lo) FROM tick WHERE tick.seq > sink.seq)))",
        [],
    )?;
    // Ticks are numbered on from what is left, and a sink must not take the new ones for old.
    new.execute("UPDATE sink SET seq = min(seq, (SELECT coalesce(max(seq), 0) FROM tick))", [])?;
    new.execute("UPDATE sink SET rejected = (SELECT count(*) FROM rejected WHERE rejected.sink = sink.name)", [])?;
    Ok(())
}

fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

/// How a table can be read from one row to the next.
struct Shape {
    columns: Vec<String>,
    /// What its tree is ordered by first.
    lead: String,
    /// Whether that is an integer, so that one can go on behind a page that cannot be read.
    counted: bool,
}

impl Shape {
    fn of(connection: &Connection, table: &str) -> rusqlite::Result<Self> {
        let mut shape = Self { columns: Vec::new(), lead: "rowid".to_owned(), counted: true };
        let without_rowid: bool =
            connection.query_row("SELECT wr FROM pragma_table_list WHERE name = ?1", [table], |row| row.get(0))?;
        let mut info = connection.prepare("SELECT name, type, pk FROM pragma_table_info(?1)")?;
        let mut rows = info.query([table])?;
        while let Some(row) = rows.next()? {
            let (name, kind, place): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if without_rowid && place == 1 {
                shape.lead.clone_from(&name);
                shape.counted = kind == "INTEGER";
            }
            shape.columns.push(name);
        }
        Ok(shape)
    }
}

/// Copies what can be read of a table; nothing when the old store has no such table.
fn copy_table(old: &Connection, new: &Connection, table: &str) -> rusqlite::Result<Option<Saved>> {
    let Ok(before) = Shape::of(old, table) else { return Ok(None) };
    let shape = Shape::of(new, table)?;
    let columns: Vec<String> = shape.columns.into_iter().filter(|column| before.columns.contains(column)).collect();
    let marks: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
    let columns = columns.join(", ");
    let insert = format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({})", marks.join(", "));
    let mut copy = Copy { old, insert: new.prepare(&insert)?, rows: 0, whole: true };
    let lead = &shape.lead;
    let rows = format!("SELECT {lead}, {columns} FROM {table}");
    if shape.counted {
        let first = match table {
            "sample" | "reading" => {
                last_key(old, table, lead).map_or(i64::MIN, |last| last.saturating_sub(NEWEST_ROWS))
            }
            "rollup_minute" => last_key(old, table, lead).map_or(i64::MIN, |last| last.saturating_sub(MINUTES.0)),
            _ => i64::MIN,
        };
        let next = format!("SELECT {lead} FROM {table} WHERE {lead} > ?1 ORDER BY {lead} LIMIT 1");
        copy.read_numbered(&format!("{rows} WHERE {lead} > ?1 ORDER BY {lead}"), &next, first)?;
    } else {
        copy.read_both_ends(&format!("{rows} ORDER BY {lead}"), &format!("{rows} ORDER BY {lead} DESC"))?;
    }
    Ok(Some(Saved { table: table.to_owned(), rows: copy.rows, whole: copy.whole }))
}

fn last_key(old: &Connection, table: &str, lead: &str) -> Option<i64> {
    old.query_row(&format!("SELECT {lead} FROM {table} ORDER BY {lead} DESC LIMIT 1"), [], |row| row.get(0)).ok()
}

/// A table on its way over.
struct Copy<'c> {
    old: &'c Connection,
    insert: rusqlite::Statement<'c>,
    rows: u64,
    whole: bool,
}

/// How far a reading came.
enum Came {
    ToTheEnd,
    /// An unreadable page, after a row with this key.
    To(i64),
}

impl Copy<'_> {
    /// Reads on behind every page that cannot be read.
    fn read_numbered(&mut self, forth: &str, next: &str, first: i64) -> rusqlite::Result<()> {
        let mut from = first;
        for _ in 0..GAPS_MOST {
            let Came::To(last) = self.read(forth, &[from])? else { return Ok(()) };
            self.whole = false;
            // Where not one row could be read, the key may be readable and the rest of the row not: pass it over.
            let last = if last > from { last } else { from.saturating_add(1) };
            let Some(behind) = self.behind(next, last) else { return Ok(()) };
            from = behind.max(last);
        }
        Ok(())
    }

    /// The nearest key found behind an unreadable page that follows `last`, less one. Looked for in growing steps, then
    /// between the last two.
    fn behind(&self, next: &str, last: i64) -> Option<i64> {
        let at = |key: i64| self.old.query_row(next, [key], |row| row.get::<_, i64>(0)).optional();
        let mut step = 1;
        // No row at all behind it: the end of the table was reached from the other side.
        let mut found = loop {
            match at(last.saturating_add(step)) {
                Ok(found) => break found?,
                Err(_) if step < FARTHEST => step *= 2,
                Err(_) => return None,
            }
        };
        let (mut bad, mut good) = (last.saturating_add(step / 2), last.saturating_add(step));
        while good - bad > 1 {
            let middle = bad + (good - bad) / 2;
            match at(middle) {
                Ok(Some(nearer)) => (good, found) = (middle, nearer),
                Ok(None) | Err(_) => bad = middle,
            }
        }
        Some(found.saturating_sub(1))
    }

    fn read_both_ends(&mut self, forth: &str, back: &str) -> rusqlite::Result<()> {
        if let Came::To(_) = self.read(forth, &[])? {
            self.whole = false;
            self.read(back, &[])?;
        }
        Ok(())
    }

    /// Copies rows until the end or an unreadable page. What the new store has already, or cannot have, is passed over.
    fn read(&mut self, sql: &str, from: &[i64]) -> rusqlite::Result<Came> {
        let mut last = from.first().copied().unwrap_or(i64::MIN);
        let Ok(mut statement) = self.old.prepare(sql) else { return Ok(Came::ToTheEnd) };
        let width = statement.column_count();
        let mut rows = statement.query(params_from_iter(from))?;
        loop {
            match rows.next() {
                Ok(Some(row)) => {
                    // A tree with a broken branch leads anywhere, also back. A lead that is no number is not compared.
                    match row.get(0) {
                        Ok(key) if key < last => return Ok(Came::To(last)),
                        Ok(key) => last = key,
                        Err(_) => {}
                    }
                    let values = (1..width).map(|column| row.get::<_, Value>(column)).collect::<Result<Vec<_>, _>>();
                    let Ok(values) = values else { continue };
                    match self.insert.execute(params_from_iter(values)) {
                        Ok(inserted) => self.rows += inserted as u64,
                        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(None) => return Ok(Came::ToTheEnd),
                Err(_) => return Ok(Came::To(last)),
            }
        }
    }
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
