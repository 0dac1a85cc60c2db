//! One file of the inventory: its columns, its rows, and what is known of it afterwards.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    decode::text_of,
    records::{Broken, Record, Records},
    row::Row,
};
use crate::{Fault, findings::Findings, hostile::is_hostile, suggest};

/// Rows of one file. All settlements of the country are about 90,000.
const ROWS_MAX: usize = 250_000;

/// The longest field in bytes: a title of a document, or very many upstream links.
const FIELD_MAX: usize = 4096;

/// A column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// The header must have it.
    pub needed: bool,
}

/// A column that the header must have.
pub(super) const fn needed(name: &'static str) -> Column {
    Column { name, needed: true }
}

/// A column that may be left out.
pub(super) const fn optional(name: &'static str) -> Column {
    Column { name, needed: false }
}

/// What a file of the inventory looks like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    /// Its name in the folder.
    pub name: &'static str,
    /// What a row is, in the plural.
    pub rows: &'static str,
    /// The inventory is nothing without it.
    pub needed: bool,
    /// Its columns.
    pub columns: &'static [Column],
}

/// A value with the line it was read from.
#[derive(Debug)]
pub(super) struct Entry<T> {
    /// Where its record starts, from 1.
    pub line: u64,
    /// What was read.
    pub value: T,
}

/// A file as it was read.
#[derive(Debug)]
pub(super) struct Sheet<T, Id> {
    file: PathBuf,
    header: Vec<Option<&'static str>>,
    /// All rows that could be read, in the order of the file.
    pub entries: Vec<Entry<T>>,
    /// Every id with its line, of faulty rows too, so that a row is not missed twice.
    pub ids: BTreeMap<Id, u64>,
    /// No row was lost: an id that is not here is nowhere.
    pub complete: bool,
}

impl<T, Id: Ord> Sheet<T, Id> {
    /// Reads a file of the folder; `read_row` makes a value of a row, and its faults go to `findings`.
    pub fn read(
        form: Form,
        folder: &Path,
        findings: &mut Findings,
        mut read_row: impl FnMut(&mut Row<'_>, &mut BTreeMap<Id, u64>) -> Option<T>,
    ) -> Self {
        let file = folder.join(form.name);
        let mut sheet = Self { file, header: Vec::new(), entries: Vec::new(), ids: BTreeMap::new(), complete: true };
        if !form.needed && sheet.file.symlink_metadata().is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound) {
            return sheet;
        }
        let text = match text_of(&sheet.file) {
            Ok(text) => text,
            Err(fault) => {
                findings.push(fault);
                sheet.complete = false;
                return sheet;
            }
        };
        let mut records = Records::new(&text);
        sheet.complete = sheet.read_header(form, records.next(), findings);
        if !sheet.complete {
            return sheet;
        }
        let mut rows = 0;
        for record in records {
            rows += 1;
            if rows > ROWS_MAX {
                let hint = "split the province, or remove rows that are not needed";
                findings.push(Fault::of_file(&sheet.file, format!("there are more than {ROWS_MAX} rows"), hint));
                sheet.complete = false;
                break;
            }
            let Some(record) = sheet.whole(record, findings) else {
                sheet.complete = false;
                continue;
            };
            let mut row = Row::new(&sheet.file, &sheet.header, &record, findings);
            if let Some(value) = read_row(&mut row, &mut sheet.ids) {
                sheet.entries.push(Entry { line: record.line, value });
            }
        }
        if rows == 0 && form.needed {
            let names: Vec<_> = form.columns.iter().map(|column| column.name).collect();
            let hint = format!("add a row for each, with the columns {}", names.join(","));
            findings.push(Fault::of_file(&sheet.file, format!("no {} yet", form.rows), hint));
        }
        sheet
    }

    /// The fault of a column of a line.
    pub fn fault(&self, line: u64, column: &str, message: &str, hint: &str) -> Fault {
        let fault = Fault::of_file(&self.file, message, hint).at_line(line);
        match position(&self.header, column) {
            Some(index) => fault.at_column(index as u64 + 1),
            None => fault,
        }
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Takes the names of the columns from the first record; false when rows cannot be read with them.
    fn read_header(&mut self, form: Form, record: Option<Result<Record<'_>, Broken>>, findings: &mut Findings) -> bool {
        let names = form.columns.iter().map(|column| column.name);
        let expected = names.clone().collect::<Vec<_>>().join(",");
        let hint = format!("the first row names the columns: {expected}");
        let Some(record) = record else {
            findings.push(Fault::of_file(&self.file, "there is no header", hint));
            return false;
        };
        let Some(record) = self.whole(record, findings) else { return false };
        let given: Vec<String> = record.fields.iter().map(|field| field.trim().to_lowercase()).collect();
        self.header = given.iter().map(|name| names.clone().find(|known| known == name)).collect();
        if self.header.iter().all(Option::is_none) {
            findings.push(Fault::of_file(&self.file, "the first row is not a header", hint).at_line(record.line));
            return false;
        }
        for (index, name) in given.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let at = |message: String, hint: &str| {
                Fault::of_file(&self.file, message, hint).at_line(record.line).at_column(index as u64 + 1)
            };
            if !names.clone().any(|known| known == name) {
                findings.push(at(format!("unknown column \"{name}\""), &suggest::hint(name, names.clone())));
            } else if given.iter().position(|other| other == name) != Some(index) {
                findings.push(at(format!("column \"{name}\" stands here twice"), "remove one of them"));
            }
        }
        let missing =
            form.columns.iter().filter(|column| column.needed && position(&self.header, column.name).is_none());
        let missing: Vec<_> = missing.map(|column| column.name).collect();
        for name in &missing {
            let message = format!("column \"{name}\" is missing");
            findings.push(Fault::of_file(&self.file, message, &hint).at_line(record.line));
        }
        missing.is_empty()
    }

    /// The record when every field of it can be read as text.
    fn whole<'t>(&self, record: Result<Record<'t>, Broken>, findings: &mut Findings) -> Option<Record<'t>> {
        let (line, index, message, hint) = match record {
            Err(Broken::OpenQuote(line)) => (
                line,
                None,
                "a quote is opened here and never closed".into(),
                "close it, or write \" as \"\" inside quotes",
            ),
            Err(Broken::AfterQuote(line)) => (
                line,
                None,
                "text follows a closing quote".into(),
                "put the whole field into quotes, and write \" inside as \"\"",
            ),
            Ok(record) => match self.unreadable(&record) {
                None => return Some(record),
                Some((index, message, hint)) => (record.line, index, message, hint),
            },
        };
        let fault = Fault::of_file(&self.file, message, hint).at_line(line);
        findings.push(match index {
            Some(index) => fault.at_column(index as u64 + 1),
            None => fault,
        });
        None
    }

    /// The first field that is not readable text, or that has no column.
    fn unreadable(&self, record: &Record<'_>) -> Option<(Option<usize>, String, &'static str)> {
        for (index, field) in record.fields.iter().enumerate() {
            if field.len() > FIELD_MAX {
                let message = format!("a field has {} bytes, at most {FIELD_MAX} are read", field.len());
                return Some((Some(index), message, "shorten it"));
            }
            if let Some(c) = field.chars().find(|c| is_hostile(*c) && !matches!(c, '\n' | '\r' | '\t')) {
                let message = format!("an invisible character stands in a field: {}", c.escape_unicode());
                return Some((Some(index), message, "type the field anew instead of copying it"));
            }
        }
        if self.header.is_empty() {
            return None;
        }
        let beyond = |(index, field): &(usize, &Cow<'_, str>)| *index >= self.header.len() && !field.trim().is_empty();
        let extra = record.fields.iter().enumerate().find(beyond).map(|(index, _)| index);
        (record.cut || extra.is_some()).then(|| {
            let message = format!("the row has more fields than the header's {}", self.header.len());
            (extra, message, "put a field that holds the separator into quotes")
        })
    }
}

/// The place of a column in the header, from 0.
pub(super) fn position(header: &[Option<&'static str>], column: &str) -> Option<usize> {
    header.iter().position(|name| *name == Some(column))
}
