//! GeoPackage, OGC 12-128r18: a SQLite database, and so the work of a stranger's hands.
//!
//! It is opened read-only and as a file that nobody changes, its schema is not trusted, lengths are limited, and only
//! stored columns of plain tables are read: views, generated columns and triggers would run what the file says. All
//! tables of features are read, as a GeoJSON file would hold them side by side.

use std::{fs, path::Path, sync::Arc};

use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, Row, config::DbConfig, limits::Limit, types::ValueRef,
};

use super::{
    Feature, Place, Properties, Report, Shape, Terms,
    frame::Frame,
    limits::MAX_FEATURES,
    report::{Wrong, shown, wrong},
    source::Take,
    terms::Stated,
    value::{self, Value, is_meant},
    wkb::{self, Bytes},
};
use crate::crs::{Crs, UnknownCrs};

/// Most tables of features: a package of a province has one for each layer.
const MAX_TABLES: usize = 256;
/// Most columns of a table; a layer has a dozen.
const MAX_COLUMNS: i32 = 256;
/// Longest value: a shape of the four million vertices that SQLite then holds beside our own.
const MAX_VALUE_BYTES: i32 = 64 * 1024 * 1024;
/// Longest statement, those of the schema included.
const MAX_SQL_BYTES: i32 = 1024 * 1024;
/// Steps of SQLite between two calls to the counter.
const STEPS_A_CALL: i32 = 10_000;
/// Most steps on one file, some seconds of them: 500,000 rows of 100 columns. Steps and not seconds, so that a file is
/// not sound on one day and at fault on another.
const MAX_STEPS: i32 = 100_000_000;
/// Longest text of a property that is looked at.
const MAX_TEXT_BYTES: usize = 1024 * 1024;

/// The numbers of the two systems that are none, in degrees and in metres (section 1.1.2.1.2 of the standard).
const UNDEFINED: [i64; 2] = [0, -1];
/// What a table without a system is answered with.
const HINT_SYSTEM: &str = "say which it is: crs EPSG:9211, or whichever zone the file has";
/// What a table in a system that is not known is answered with.
const HINT_KNOWN: &str = "convert it: ogr2ogr -f GPKG -t_srs EPSG:4326 out.gpkg IN";
/// What a database that is no GeoPackage is answered with.
const HINT: &str = "export it again: ogr2ogr -f GPKG out.gpkg IN";

/// One table of features.
struct Table {
    name: Arc<str>,
    geometry: String,
    crs: Crs,
}

/// Gives away all sound features of all tables; what is wrong with the others is in the report.
pub(super) fn features<P: Properties>(path: &Path, terms: &Terms<'_>, report: &mut Report, take: &mut Take<'_, P>) {
    let mut count = 0;
    let tables = beside(path).and_then(|()| {
        let connection = open(path).map_err(|error| of_sqlite(&error))?;
        let tables = tables(&connection, terms)?;
        Ok((connection, tables))
    });
    match tables {
        Err(wrong) => report.wrong(&Place::File, wrong),
        Ok((connection, tables)) => {
            for table in tables {
                read_table(&connection, &table, &mut count, terms, report, take);
            }
        }
    }
}

/// A log beside the database holds changes that a look at the database alone does not see.
fn beside(path: &Path) -> Result<(), Wrong> {
    for ending in ["-wal", "-journal"] {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(ending);
        if fs::metadata(path.with_file_name(&name)).is_ok_and(|metadata| metadata.len() > 0) {
            let message = format!("{} beside it is not empty: some program has it open", name.to_string_lossy());
            return wrong(message, "close the program that edits it, or export a copy");
        }
    }
    Ok(())
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(immutable(path), flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    let limits = [
        (Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, MAX_SQL_BYTES),
        (Limit::SQLITE_LIMIT_COLUMN, MAX_COLUMNS),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 50),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 10),
        (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ];
    for (limit, value) in limits {
        connection.set_limit(limit, value)?;
    }
    let mut calls = 0;
    let too_many = move || {
        calls += 1;
        calls > MAX_STEPS / STEPS_A_CALL
    };
    connection.progress_handler(STEPS_A_CALL, Some(too_many))?;
    // The pages of a file are read as they are, and a cell that lies about its length is found.
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    Ok(connection)
}

/// The address of a file that nobody changes: SQLite takes no lock and looks for no log beside it.
fn immutable(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => uri.push(char::from(*byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

fn tables(connection: &Connection, terms: &Terms<'_>) -> Result<Vec<Table>, Wrong> {
    for name in ["gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"] {
        if !is_plain(connection, name)? {
            return wrong(format!("a SQLite database without a table {name}, so no GeoPackage"), HINT);
        }
    }
    let query = "SELECT c.table_name, g.column_name, g.srs_id, s.organization, s.organization_coordsys_id, s.definition \
                 FROM gpkg_contents c JOIN gpkg_geometry_columns g ON g.table_name = c.table_name \
                 LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id \
                 WHERE c.data_type = 'features' ORDER BY c.table_name";
    let mut statement = connection.prepare(query).map_err(|error| of_sqlite(&error))?;
    let mut rows = statement.query([]).map_err(|error| of_sqlite(&error))?;
    let mut tables = Vec::new();
    while let Some(row) = rows.next().map_err(|error| of_sqlite(&error))? {
        if tables.len() == MAX_TABLES {
            return wrong(format!("more than {MAX_TABLES} tables of features"), "leave only those that are meant");
        }
        tables.push(table(row, terms)?);
    }
    if tables.is_empty() {
        return wrong("a GeoPackage without a table of features", HINT);
    }
    Ok(tables)
}

fn table(row: &Row<'_>, terms: &Terms<'_>) -> Result<Table, Wrong> {
    let text = |index| row.get::<_, String>(index).map_err(|error| of_sqlite(&error));
    let (name, geometry) = (text(0)?, text(1)?);
    let in_table = |(message, hint): Wrong| (format!("table {}: {message}", shown(&name)), hint);
    let stated = || {
        let number: i64 = row.get(2).map_err(|error| of_sqlite(&error))?;
        let organization = text(3).unwrap_or_default();
        let code = row.get::<_, u32>(4).ok().filter(|_| organization.eq_ignore_ascii_case("EPSG"));
        let known = match (code, text(5)) {
            (Some(code), _) => Crs::of_epsg(code),
            (None, Ok(definition)) if !UNDEFINED.contains(&number) => Crs::of_wkt(&definition),
            (None, Ok(_) | Err(_)) => {
                let message = format!("its coordinate system {number} is not described");
                return Ok(Stated::Nothing((message, HINT_SYSTEM.to_owned())));
            }
        };
        let strange = |unknown: UnknownCrs| Stated::Strange((unknown.to_string(), HINT_KNOWN.to_owned()));
        Ok(known.map_or_else(strange, Stated::Named))
    };
    let crs = stated().and_then(|stated| terms.system(stated)).map_err(in_table)?;
    Ok(Table { name: name.into(), geometry, crs })
}

fn read_table<P: Properties>(
    connection: &Connection,
    table: &Table,
    count: &mut usize,
    terms: &Terms<'_>,
    report: &mut Report,
    take: &mut Take<'_, P>,
) {
    let frame = Frame::new(table.crs, terms);
    let in_table = |(message, hint): Wrong| (format!("table {}: {message}", shown(&table.name)), hint);
    let mut read = || -> Result<(), Wrong> {
        let columns = columns(connection, table)?;
        let list: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
        let query = format!("SELECT _rowid_, {} FROM {} ORDER BY _rowid_", list.join(", "), quoted(&table.name));
        let mut statement = connection.prepare(&query).map_err(|error| of_sqlite(&error))?;
        let mut rows = statement.query([]).map_err(|error| of_sqlite(&error))?;
        while let Some(row) = rows.next().map_err(|error| of_sqlite(&error))? {
            if *count == MAX_FEATURES {
                return wrong(format!("more than {MAX_FEATURES} features"), "split it by operator");
            }
            *count += 1;
            let fid = row.get(0).map_err(|error| of_sqlite(&error))?;
            let place = Place::Row { table: Arc::clone(&table.name), fid };
            match feature(row, &columns, table, place.clone(), &frame) {
                Ok(feature) => take(feature, report),
                Err(wrong) => report.wrong(&place, wrong),
            }
        }
        Ok(())
    };
    if let Err(wrong) = read() {
        report.wrong(&Place::File, in_table(wrong));
    }
}

/// Whether this is a table of stored rows.
fn is_plain(connection: &Connection, name: &str) -> Result<bool, Wrong> {
    let query =
        "SELECT type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' FROM sqlite_schema WHERE lower(name) = lower(?1)";
    connection
        .query_row(query, [name], |row| row.get(0))
        .optional()
        .map_or_else(|error| Err(of_sqlite(&error)), |plain| Ok(plain.unwrap_or(false)))
}

/// The stored columns of a table: the list leaves generated ones out.
fn columns(connection: &Connection, table: &Table) -> Result<Vec<String>, Wrong> {
    if !is_plain(connection, &table.name)? {
        return wrong(
            "there is no such table, though it is listed",
            "views are not read: export their features as a table",
        );
    }
    let read = || -> rusqlite::Result<Vec<String>> {
        let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?;
        statement.query_map([&table.name], |row| row.get(0))?.collect()
    };
    read().map_err(|error| of_sqlite(&error))
}

fn feature<P: Properties>(
    row: &Row<'_>,
    columns: &[String],
    table: &Table,
    place: Place,
    frame: &Frame<'_>,
) -> Result<Feature<P>, Wrong> {
    let mut values = Vec::new();
    let mut found = None;
    for (index, column) in columns.iter().enumerate() {
        // The first column is the number of the row.
        let value = row.get_ref(index + 1).map_err(|error| of_sqlite(&error))?;
        if column.eq_ignore_ascii_case(&table.geometry) {
            found = Some(value);
        } else if is_meant::<P>(column) {
            values.push((column.clone(), property(value)?));
        }
    }
    let properties = value::properties(values)?;
    let shape = frame.shape(|| match found {
        Some(ValueRef::Blob(blob)) => geometry(blob, frame),
        Some(ValueRef::Null) => wrong("no geometry", "remove the row; an empty area is an empty MULTIPOLYGON"),
        Some(_) => wrong("its geometry is no blob", HINT),
        None => wrong(format!("no column {:?}, though it is listed", shown(&table.geometry)), HINT),
    })?;
    Ok(Feature { place, properties, shape, left_out: frame.left_out(), crs: frame.crs() })
}

fn property(value: ValueRef<'_>) -> Result<Value, Wrong> {
    match value {
        // No property that is asked for is a blob.
        ValueRef::Null | ValueRef::Blob(_) => Ok(Value::Null),
        ValueRef::Integer(value) => Ok(Value::Integer(value)),
        ValueRef::Real(value) => Ok(Value::Real(value)),
        ValueRef::Text(bytes) if bytes.len() > MAX_TEXT_BYTES => wrong("a text of more than 1 MiB", HINT),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Value::text(text)),
            Err(_) => wrong("a text that is not UTF-8", HINT),
        },
    }
}

/// The shape in a blob: `GP`, version, flags, system, envelope, then well-known binary (section 2.1.3 of the standard).
pub(super) fn geometry(blob: &[u8], frame: &Frame<'_>) -> Result<Shape, Wrong> {
    const HEADER: usize = 8;
    let (Some(b"GP"), Some(version), Some(flags)) = (blob.get(..2), blob.get(2), blob.get(3)) else {
        return wrong("its geometry does not start with GP, as those of a GeoPackage do", HINT);
    };
    if *version != 0 {
        return wrong(format!("its geometry is of version {}", u32::from(*version) + 1), HINT);
    }
    if flags & 0b0010_0000 != 0 {
        return wrong("its geometry is of a kind of an extension", HINT);
    }
    let envelope = match (flags >> 1) & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        other => return wrong(format!("its geometry has an envelope of kind {other}"), HINT),
    };
    let mut bytes = Bytes::new(blob, flags & 1 == 1);
    bytes.skip(HEADER + envelope)?;
    wkb::shape(bytes.rest(), frame)
}

/// A name as SQL writes it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn of_sqlite(error: &rusqlite::Error) -> Wrong {
    let (message, hint) = match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => ("it takes too long to read".to_owned(), "split it by operator"),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => ("a damaged database".to_owned(), HINT),
        Some(ErrorCode::TooBig) => {
            (format!("a value of more than {} MiB", MAX_VALUE_BYTES >> 20), "split the feature, or simplify it")
        }
        _ => (format!("not readable as a GeoPackage: {error}"), HINT),
    };
    (message, hint.to_owned())
}
