//! Row by row from a damaged database into a new one, for as long as the one who waits lets it go on.

use phusong_model::Millis;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params_from_iter, types::Value};

use super::{
    GoOn, Reading, Saved,
    tidy::tidy,
    values::{Row, Sieve},
};
use crate::codes;

/// The newest samples, and readings, that go over: some seconds of work, and hours of a province.
const NEWEST_ROWS: i64 = 5_000_000;

/// Minutes of rollups that go over: what is older is in the hours, which are read before them, and minutes are as many as
/// samples.
const MINUTES: Millis = Millis::from_secs(86_400);

/// Measurements go over from the newest ones back, in stretches of so many rows, or of so much time: when the reading is
/// stopped it is the oldest that are left out. A stretch is a part of a second.
const STRETCH_ROWS: i64 = 100_000;
/// As [`STRETCH_ROWS`], of minutes of rollups.
const STRETCH_MINUTES: Millis = Millis::from_secs(3600);

/// As [`STRETCH_ROWS`], of the hours of one link and probe: a month.
const STRETCH_HOURS: u32 = 720;

/// Rows between two words to the one who waits: some milliseconds.
const ROWS_AT_ONCE: u32 = 1_000;

/// The farthest that a reading looks for rows behind an unreadable page, in keys: more than any table has.
const FARTHEST: i64 = 1 << 40;

/// Unreadable places of one table after which no more is read of it: it is hardly there, and the start must go on.
const GAPS_MOST: u32 = 1_000;

/// Hours of rollups.
const HOURS: &str = "rollup_hour";

/// Tables of measurements, in the order in which they are read: hours are the fewest and are kept the longest.
const LARGE: [&str; 4] = [HOURS, "sample", "reading", "rollup_minute"];

/// The table that tells numbers of ticks from those of another store.
const NUMBERING: &str = "numbering";

/// Copies what can be read; whether it came to the end, and was not stopped before.
pub(super) fn copy(
    old: &Connection,
    new: &Connection,
    saved: &mut Vec<Saved>,
    go_on: GoOn<'_>,
) -> rusqlite::Result<bool> {
    new.pragma_update(None, "foreign_keys", false)?;
    let copied = copy_tables(old, new, saved, go_on);
    // Whatever came over must hang together.
    let tidied = tidy(new, go_on);
    new.pragma_update(None, "foreign_keys", true)?;
    let to_the_end = copied?;
    tidied.map(|()| to_the_end)
}

fn copy_tables(old: &Connection, new: &Connection, saved: &mut Vec<Saved>, go_on: GoOn<'_>) -> rusqlite::Result<bool> {
    // What happened comes before what was measured, should the disk be full or the time be up.
    let mut stopped = false;
    // The new store has its own numbering.
    for table in by_weight(new)?.into_iter().filter(|table| table != NUMBERING) {
        let transaction = new.unchecked_transaction()?;
        let copied = copy_table(old, &transaction, &table, go_on)?;
        transaction.commit()?;
        if let Some((copied, stopped_in_it)) = copied {
            saved.push(copied);
            stopped |= stopped_in_it;
        }
    }
    Ok(!stopped)
}

/// All tables, those of measurements last.
pub(super) fn by_weight(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut tables = tables(connection)?;
    // All others come before them.
    tables.sort_by_key(|table| LARGE.iter().position(|large| large == table));
    Ok(tables)
}

pub(super) fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

/// How a table can be read from one row to the next.
pub(super) struct Shape {
    pub(super) columns: Vec<String>,
    /// What its tree is ordered by first.
    pub(super) lead: String,
    /// Whether that is an integer, so that one can go on behind a page that cannot be read.
    counted: bool,
}

impl Shape {
    pub(super) fn of(connection: &Connection, table: &str) -> rusqlite::Result<Self> {
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

/// Copies what can be read of a table, and says whether it was stopped; nothing when the old store has no such table.
fn copy_table(
    old: &Connection,
    new: &Connection,
    table: &str,
    go_on: GoOn<'_>,
) -> rusqlite::Result<Option<(Saved, bool)>> {
    let Ok(before) = Shape::of(old, table) else { return Ok(None) };
    let shape = Shape::of(new, table)?;
    let columns: Vec<String> = shape.columns.into_iter().filter(|column| before.columns.contains(column)).collect();
    let sieve = Sieve::of(table, &columns);
    let marks: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
    let columns = columns.join(", ");
    let insert = format!("INSERT OR IGNORE INTO {table} ({columns}) VALUES ({})", marks.join(", "));
    let reading = match table {
        HOURS => Reading::Hours,
        _ if LARGE.contains(&table) => Reading::Measured,
        _ => Reading::Happened,
    };
    let insert = new.prepare(&insert)?;
    let mut copy = Copy { old, insert, sieve, reading, go_on, rows: 0, odd: 0, gaps: 0, stopped: false };
    let lead = &shape.lead;
    let rows = format!("SELECT {lead}, {columns} FROM {table}");
    if table == HOURS {
        copy.read_hours(&columns, &links(new)?)?;
    } else if shape.counted {
        let numbered = Numbered {
            forth: format!("{rows} WHERE {lead} > ?1 AND {lead} <= ?2 ORDER BY {lead}"),
            next: format!("SELECT {lead} FROM {table} WHERE {lead} > ?1 ORDER BY {lead} LIMIT 1"),
        };
        let last = last_key(old, table, lead);
        match table {
            "sample" | "reading" => copy.read_back(&numbered, last, NEWEST_ROWS, STRETCH_ROWS)?,
            "rollup_minute" => copy.read_back(&numbered, last, MINUTES.0, STRETCH_MINUTES.0)?,
            _ => copy.read_numbered(&numbered, i64::MIN, i64::MAX)?,
        }
    } else {
        copy.read_both_ends(&format!("{rows} ORDER BY {lead}"), &format!("{rows} ORDER BY {lead} DESC"))?;
    }
    let whole = copy.gaps == 0 && !copy.stopped;
    Ok(Some((Saved { table: table.to_owned(), rows: copy.rows, whole, odd: copy.odd }, copy.stopped)))
}

/// The links that came over, all of them before the first measurement: hours of any other would refer to nothing.
fn links(new: &Connection) -> rusqlite::Result<Vec<i64>> {
    new.prepare("SELECT key FROM link ORDER BY key")?.query_map([], |row| row.get(0))?.collect()
}

fn last_key(old: &Connection, table: &str, lead: &str) -> Option<i64> {
    old.query_row(&format!("SELECT {lead} FROM {table} ORDER BY {lead} DESC LIMIT 1"), [], |row| row.get(0)).ok()
}

/// How a table with a number in front is asked.
struct Numbered {
    /// The rows after one key, up to another.
    forth: String,
    /// The first key after one.
    next: String,
}

/// A table on its way over.
struct Copy<'c> {
    old: &'c Connection,
    insert: rusqlite::Statement<'c>,
    sieve: Sieve,
    reading: Reading,
    go_on: GoOn<'c>,
    rows: u64,
    /// Rows with a value that no version writes.
    odd: u64,
    /// Unreadable places that were met.
    gaps: u32,
    /// Whether the one who waits has had enough.
    stopped: bool,
}

/// How far a reading came.
enum Came {
    /// To the end of what was asked for, which is a row with this key.
    ToTheEnd(i64),
    /// An unreadable page, after a row with this key.
    To(i64),
}

impl Copy<'_> {
    /// Reads the keys up to the last one, the newest stretch first, as far back as `reach`.
    fn read_back(&mut self, asked: &Numbered, last: Option<i64>, reach: i64, stretch: i64) -> rusqlite::Result<()> {
        let Some(last) = last else { return self.read_numbered(asked, i64::MIN, i64::MAX) };
        let first = last.saturating_sub(reach);
        let (mut from, mut to) = (last.saturating_sub(stretch), i64::MAX);
        while to > first && !self.stopped {
            self.read_numbered(asked, from.max(first), to)?;
            (from, to) = (from.saturating_sub(stretch), from);
        }
        Ok(())
    }

    /// Reads the keys after one, up to another, and on behind every page that cannot be read.
    fn read_numbered(&mut self, asked: &Numbered, after: i64, to: i64) -> rusqlite::Result<()> {
        let mut from = after;
        while self.gaps < GAPS_MOST && from < to {
            let Came::To(last) = self.read(&asked.forth, &[from, to], from)? else { return Ok(()) };
            self.gaps += 1;
            // Where not one row could be read, the key may be readable and the rest of the row not: pass it over.
            let last = if last > from { last } else { from.saturating_add(1) };
            let Some(behind) = self.behind(&asked.next, last) else { return Ok(()) };
            from = behind.max(last);
        }
        Ok(())
    }

    /// Tells the one who waits that something was read; whether to read on.
    fn goes_on(&mut self) -> bool {
        self.stopped |= !(self.go_on)(self.reading);
        !self.stopped
    }

    /// The nearest key found behind an unreadable page that follows `last`, less one. Looked for in growing steps, then
    /// between the last two. A bad disk takes its time for each.
    fn behind(&mut self, next: &str, last: i64) -> Option<i64> {
        let old = self.old;
        let at = |key: i64| old.query_row(next, [key], |row| row.get::<_, i64>(0)).optional();
        let mut step = 1;
        // No row at all behind it: the end of the table was reached from the other side.
        let mut found = loop {
            if !self.goes_on() {
                return None;
            }
            match at(last.saturating_add(step)) {
                Ok(found) => break found?,
                Err(_) if step < FARTHEST => step *= 2,
                Err(_) => return None,
            }
        };
        let (mut bad, mut good) = (last.saturating_add(step / 2), last.saturating_add(step));
        while good - bad > 1 && self.goes_on() {
            let middle = bad + (good - bad) / 2;
            match at(middle) {
                Ok(Some(nearer)) => (good, found) = (middle, nearer),
                Ok(None) | Err(_) => bad = middle,
            }
        }
        Some(found.saturating_sub(1))
    }

    /// Reads the hours of rollups, which lie by link and probe: the newest of all of them first, so that a stop leaves out
    /// what is oldest, and not the links that come last.
    fn read_hours(&mut self, columns: &str, links: &[i64]) -> rusqlite::Result<()> {
        let of = format!("{columns} FROM {HOURS} WHERE link = ?1 AND probe = ?2 AND at < ?3 ORDER BY at");
        let forth = format!("SELECT at, {of}");
        // What is in front grows from row to row.
        let back = format!("SELECT -at, {of} DESC LIMIT {STRETCH_HOURS}");
        let probes = |link: &i64| {
            codes::PROBES.map({
                let link = *link;
                move |probe| (link, probe, i64::MAX)
            })
        };
        let mut left: Vec<(i64, i64, i64)> = links.iter().flat_map(probes).collect();
        while !left.is_empty() {
            let mut more = Vec::new();
            for (link, probe, before) in left {
                if self.stopped || self.gaps >= GAPS_MOST {
                    return Ok(());
                }
                let after = before.saturating_neg();
                match self.read(&back, &[link, probe, before], after)? {
                    Came::ToTheEnd(last) if last > after => more.push((link, probe, last.saturating_neg())),
                    Came::ToTheEnd(_) => {}
                    // What lies behind the unreadable page is read from the other end.
                    Came::To(last) => {
                        self.gaps += 1;
                        self.read(&forth, &[link, probe, last.saturating_neg()], i64::MIN)?;
                    }
                }
            }
            left = more;
        }
        Ok(())
    }

    fn read_both_ends(&mut self, forth: &str, back: &str) -> rusqlite::Result<()> {
        if let Came::To(_) = self.read(forth, &[], i64::MIN)? {
            self.gaps += 1;
            self.read(back, &[], i64::MIN)?;
        }
        Ok(())
    }

    /// Copies rows until the end or an unreadable page; the first key must not be before `after`. What the new store has
    /// already, or cannot have, is passed over.
    fn read(&mut self, sql: &str, asked: &[i64], after: i64) -> rusqlite::Result<Came> {
        let mut last = after;
        let old = self.old;
        let Ok(mut statement) = old.prepare_cached(sql) else { return Ok(Came::ToTheEnd(last)) };
        let width = statement.column_count();
        let mut rows = statement.query(params_from_iter(asked))?;
        let mut until_word = 0;
        loop {
            if until_word == 0 {
                if !self.goes_on() {
                    return Ok(Came::ToTheEnd(last));
                }
                until_word = ROWS_AT_ONCE;
            }
            until_word -= 1;
            match rows.next() {
                Ok(Some(row)) => {
                    // A tree with a broken branch leads anywhere, also back. A lead that is no number is not compared.
                    match row.get(0) {
                        Ok(key) if key < last => return Ok(Came::To(last)),
                        Ok(key) => last = key,
                        Err(_) => {}
                    }
                    let values = (1..width).map(|column| row.get::<_, Value>(column)).collect::<Result<Vec<_>, _>>();
                    match values {
                        Ok(values) => self.insert(values)?,
                        // Text that is not UTF-8.
                        Err(_) => self.odd += 1,
                    }
                }
                Ok(None) => return Ok(Came::ToTheEnd(last)),
                Err(_) => return Ok(Came::To(last)),
            }
        }
    }

    fn insert(&mut self, mut values: Vec<Value>) -> rusqlite::Result<()> {
        let row = self.sieve.sift(&mut values);
        self.odd += u64::from(row != Row::Sound);
        if row == Row::Hopeless {
            return Ok(());
        }
        match self.insert.execute(params_from_iter(values)) {
            Ok(inserted) => self.rows += inserted as u64,
            // A value of a type that its column cannot have.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                self.odd += u64::from(row == Row::Sound);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
