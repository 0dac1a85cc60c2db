//! Drive tests as a table of text: CSV, with a comma, a semicolon or a tab between its fields, and columns that the
//! mapping file names, or whose titles say what they are.

use csv::{ReaderBuilder, StringRecord};
use phusong_model::ColumnMapping;

use super::{
    record::{Asked, Field, Left, Record, Sample, Samples},
    words::plain,
};
use crate::read::{Budget, MAX_FEATURES, Place, Report, Wrong, shown, utf8, wrong};

/// Longest field; more is a quote that was never closed.
const MAX_FIELD_BYTES: usize = 4096;
/// Most columns: the widest logs of drive-test programs have some 300.
const MAX_COLUMNS: usize = 2048;
/// What a broken table is answered with.
const HINT: &str = "save it as CSV in UTF-8, with one row of titles";
/// Our names of columns, for those who map others.
const NAMES: &str = "time, lon, lat, signal_dbm, rsrp, ss_rsrp, rscp, rxlev, operator, technology, accuracy_m, cell";

/// Adds all sound tests of a table; what is wrong with the others is in the report.
pub(super) fn read(
    bytes: &[u8],
    mapping: &ColumnMapping,
    asked: &Asked,
    budget: &Budget,
    report: &mut Report,
    samples: &mut Samples,
) {
    let mut left = Left::default();
    if let Err((place, wrong)) = rows(bytes, mapping, asked, budget, report, samples, &mut left) {
        report.wrong(&place, wrong);
    }
    left.tell(report);
}

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Lon,
    Lat,
    Of(Field),
}

impl Column {
    /// By our name, or by a title that says as much.
    fn of_name(name: &str) -> Option<Self> {
        Some(match plain(name).as_str() {
            "lon" | "long" | "lng" | "longitude" | "kinhdo" | "x" => Self::Lon,
            "lat" | "latitude" | "vido" | "y" => Self::Lat,
            "time" | "timestamp" | "datetime" | "thoigian" => Self::Of(Field::Time),
            "nhamang" => Self::Of(Field::Operator),
            "congnghe" => Self::Of(Field::Technology),
            _ => return Field::of_name(name).map(Self::Of),
        })
    }
}

/// A column: where it is, what it is, and under which name the mapping has the meanings of its words.
struct Found {
    index: usize,
    column: Column,
    name: String,
}

fn rows(
    bytes: &[u8],
    mapping: &ColumnMapping,
    asked: &Asked,
    budget: &Budget,
    report: &mut Report,
    samples: &mut Samples,
    left: &mut Left,
) -> Result<(), (Place, Wrong)> {
    let text = utf8(bytes).map_err(|wrong| (Place::File, wrong))?;
    let delimiter = delimiter(text);
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut columns: Option<Vec<Found>> = None;
    let (mut number, mut tests) = (0_u64, 0_usize);
    loop {
        let line = Place::Line(reader.position().line());
        match reader.read_record(&mut record) {
            Ok(true) => number += 1,
            Ok(false) => break,
            Err(error) => return Err((line, (format!("not readable as CSV: {error}"), HINT.to_owned()))),
        }
        // Blank lines come before a record and are not counted with it.
        let line = record.position().map_or(line, |position| Place::Line(position.line()));
        judge(&record).map_err(|wrong| (line.clone(), wrong))?;
        let Some(columns) = &columns else {
            if mapping.header.is_none_or(|header| header == number) {
                columns = Some(header(&record, mapping).map_err(|wrong| (line, wrong))?);
            }
            continue;
        };
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        tests += 1;
        if tests > MAX_FEATURES || !budget.take_all(1) {
            let message = format!("more than {MAX_FEATURES} rows, or more points in all files than are read");
            return Err((line, (message, "split the file by day, and leave out the oldest".to_owned())));
        }
        report.log().read += 1;
        let sample = test(&record, columns, mapping, delimiter).and_then(|test| asked.sample(&test, &line, left));
        match sample {
            Ok(sample) => {
                report.log().used += u64::from(sample.is_some());
                samples.extend::<Option<Sample>>(sample);
            }
            Err(wrong) => report.wrong(&line, wrong),
        }
    }
    if columns.is_none() {
        let (message, hint) = match mapping.header {
            Some(header) => {
                (format!("no row {header}, where the titles are said to be"), "correct header in the mapping")
            }
            None => ("an empty table".to_owned(), HINT),
        };
        return Err((Place::File, (message, hint.to_owned())));
    }
    Ok(())
}

/// The separator that the first line has most of. A table of one column has none of them and lacks the others anyway.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    // Of equals the last one wins, and that is the comma.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

fn judge(record: &StringRecord) -> Result<(), Wrong> {
    if record.len() > MAX_COLUMNS {
        return wrong(format!("more than {MAX_COLUMNS} columns"), HINT);
    }
    match record.iter().find(|field| field.len() > MAX_FIELD_BYTES) {
        Some(_) => {
            wrong(format!("a field of more than {MAX_FIELD_BYTES} bytes"), "close the quote that it begins with")
        }
        None => Ok(()),
    }
}

/// The columns of a row of titles. What the mapping names comes first; a title counts only once.
fn header(titles: &StringRecord, mapping: &ColumnMapping) -> Result<Vec<Found>, Wrong> {
    let mut found = Vec::new();
    for (name, title) in &mapping.columns {
        let Some(column) = Column::of_name(name) else {
            return wrong(
                format!("the mapping names {:?}, which is no column of ours", shown(name)),
                format!("ours are {NAMES}"),
            );
        };
        let Some(index) = titles.iter().position(|one| plain(one) == plain(title) && !plain(title).is_empty()) else {
            let there: Vec<&str> = titles.iter().map(str::trim).collect();
            return wrong(
                format!("no column {:?}", shown(title)),
                format!("the titles are {}", shown(&there.join(", "))),
            );
        };
        found.push(Found { index, column, name: name.clone() });
    }
    for (index, title) in titles.iter().enumerate() {
        if let Some(column) = Column::of_name(title)
            && found.iter().all(|one| one.index != index && one.column != column)
        {
            found.push(Found { index, column, name: title.trim().to_owned() });
        }
    }
    let has = |wanted: fn(Column) -> bool| found.iter().any(|one| wanted(one.column));
    let missing = [
        (has(|column| column == Column::Lon), "lon"),
        (has(|column| column == Column::Lat), "lat"),
        (has(|column| column == Column::Of(Field::Time)), "time"),
        (has(|column| matches!(column, Column::Of(Field::Level(_)))), "signal_dbm"),
    ];
    match missing.iter().find(|(is_there, _)| !is_there) {
        Some((_, name)) => wrong(
            format!("no column {name}"),
            format!("say in a mapping file which title means {name}, and header = ROW when titles come later"),
        ),
        None => Ok(found),
    }
}

/// A row as a test.
fn test(row: &StringRecord, columns: &[Found], mapping: &ColumnMapping, delimiter: u8) -> Result<Record, Wrong> {
    let mut test = Record::default();
    for Found { index, column, name } in columns {
        let Some(text) = row.get(*index).map(str::trim).filter(|text| !text.is_empty()) else { continue };
        let text = meaning(mapping, name, text);
        match column {
            Column::Lon => test.position[0] = Some(coordinate(text, delimiter)?),
            Column::Lat => test.position[1] = Some(coordinate(text, delimiter)?),
            Column::Of(field) => test.set(*field, text.to_owned()),
        }
    }
    Ok(test)
}

/// What the mapping says that a word means; else the word itself.
fn meaning<'a>(mapping: &'a ColumnMapping, name: &str, text: &'a str) -> &'a str {
    let words = mapping.values.iter().find(|(column, _)| plain(column) == plain(name)).map(|(_, words)| words);
    words.and_then(|words| words.get(text)).map_or(text, String::as_str)
}

fn coordinate(text: &str, delimiter: u8) -> Result<f64, Wrong> {
    // Where commas do not separate fields they are decimal ones.
    let decimal = if delimiter == b',' { text.to_owned() } else { text.replace(',', ".") };
    match decimal.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => wrong(format!("coordinate {:?} is no number", shown(text)), "degrees such as 105.2, or metres with a crs"),
    }
}
