//! The rows below the titles.

use std::{collections::BTreeMap, sync::Arc};

use phusong_model::{ColumnMapping, nfc};

use super::{
    cells::{Cells, Line, Spot, place},
    columns::{Form, Header},
};
use crate::read::{Place, Report, shown};

/// What a row of sums is called, in lower case.
const SUMS: [&str; 14] = [
    "cộng",
    "tổng",
    "tổng cộng",
    "tổng số",
    "toàn tỉnh",
    "cộng xã",
    "cong",
    "tong cong",
    "tong so",
    "toan tinh",
    "cong xa",
    "total",
    "cộng toàn tỉnh",
    "tổng toàn tỉnh",
];
/// What spreadsheets show in place of a value that cannot be computed.
const ERRORS: [&str; 8] = ["#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#DATA!"];

/// What is known of all rows of a table.
#[derive(Debug)]
pub(super) struct Head {
    /// The name of the sheet, in a workbook.
    sheet: Option<Arc<str>>,
    /// By our name.
    columns: BTreeMap<&'static str, Found>,
    /// By our name of a column: the file's words, folded by NFC and lower case, and what they mean.
    values: BTreeMap<&'static str, BTreeMap<String, String>>,
}

/// A column that is there.
#[derive(Debug)]
pub(super) struct Found {
    /// In the file, from 0.
    pub(super) column: usize,
    /// Among those that are kept of each row.
    pub(super) index: usize,
    /// Its title as the file has it; empty where it has none.
    pub(super) title: String,
}

/// A table with all of its rows.
#[derive(Debug)]
pub(crate) struct Table {
    pub(super) head: Head,
    pub(super) lines: Vec<Line>,
}

/// One row of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'t> {
    pub(super) head: &'t Head,
    pub(super) line: &'t Line,
}

/// Judges the rows below the titles, in their order.
pub(super) struct Below<'t> {
    head: &'t Head,
    is_titled: bool,
    is_first: bool,
}

impl Head {
    pub(super) fn new(
        sheet: Option<Arc<str>>,
        columns: BTreeMap<&'static str, Found>,
        form: &Form,
        mapping: &ColumnMapping,
    ) -> Self {
        let words = |words: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            words.iter().map(|(word, meaning)| (lower(word), meaning.clone())).collect()
        };
        let values = mapping.values.iter().filter_map(|(name, these)| Some((form.own(name)?, words(these))));
        let values = values.collect();
        Self { sheet, columns, values }
    }

    /// Of a table whose titles were found.
    pub(super) fn of(
        sheet: Option<Arc<str>>,
        header: &Header,
        titles: Option<&Cells>,
        form: &Form,
        mapping: &ColumnMapping,
    ) -> Self {
        let found = |(index, (name, column)): (usize, (&&'static str, &usize))| {
            let title = titles.map_or("", |titles| titles.get(*column)).to_owned();
            (*name, Found { column: *column, index, title })
        };
        Self::new(sheet, header.columns.iter().enumerate().map(found).collect(), form, mapping)
    }

    /// A row with the cells of known columns only.
    pub(super) fn kept(&self, line: &Line) -> Line {
        // In the order of their names, which is that of their indices.
        Line::new(line.number, line.cells.only(self.columns.values().map(|found| found.column)))
    }

    pub(super) fn place(&self, number: u64, column: Option<usize>) -> Place {
        place(self.sheet.as_ref(), number, column)
    }
}

impl<'t> Below<'t> {
    pub(super) fn new(head: &'t Head, is_titled: bool) -> Self {
        Self { head, is_titled, is_first: true }
    }

    /// Whether a row says something: titles that are repeated, the numbers of columns below them, and sums do not.
    pub(super) fn is_row(&mut self, line: &Line, report: &mut Report) -> bool {
        let is_first = std::mem::take(&mut self.is_first);
        if !self.is_titled {
            return true;
        }
        if let Some(word) = sum(line) {
            let place = self.head.place(line.number, None);
            report.log().note(format!("{place}: left out, for it is a sum: {}", shown(word)));
            return false;
        }
        let repeats = |found: &Found| is_title(line.cells.get(found.column), &found.title);
        !(self.head.columns.values().all(repeats) || (is_first && numbers_columns(line)))
    }
}

impl Table {
    /// All rows that say something.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.lines.iter().map(|line| Row { head: &self.head, line })
    }
}

impl<'t> Row<'t> {
    /// What is written in a column, or what the mapping file says that it means; none where nothing is.
    pub(crate) fn text(&self, name: &str) -> Option<&'t str> {
        let text = self.line.cells.get(self.head.columns.get(name)?.index);
        let words = self.head.values.get(name);
        let meaning = words.filter(|_| !text.is_empty()).and_then(|words| words.get(&lower(text)));
        Some(meaning.map_or(text, String::as_str)).filter(|text| !text.is_empty())
    }

    /// Where a feature is; none for a row of a table.
    pub(crate) fn spot(&self) -> Option<&'t Spot> {
        self.line.spot.as_deref()
    }

    /// Where the row is.
    pub(crate) fn place(&self) -> Place {
        self.spot().map_or_else(|| self.head.place(self.line.number, None), |spot| spot.place.clone())
    }

    /// Where a cell of it is; the row, when there is no such column.
    pub(crate) fn cell(&self, name: &str) -> Place {
        let column = self.head.columns.get(name).map(|found| found.column);
        self.spot().map_or_else(|| self.head.place(self.line.number, column), |spot| spot.place.clone())
    }

    /// Adds a fault of a cell, which says the title of its column; our name where it has none.
    pub(crate) fn fault(&self, name: &str, message: &str, hint: impl Into<String>, report: &mut Report) {
        let title = self.head.columns.get(name).map(|found| found.title.as_str()).filter(|title| !title.is_empty());
        let message = format!("\"{}\": {message}", shown(title.unwrap_or(name)));
        report.fault(&self.cell(name), message, hint);
    }

    /// Whether no cell holds what could not be computed; the first that does is a fault.
    pub(crate) fn is_computed(&self, report: &mut Report) -> bool {
        let text = |found: &Found| self.line.cells.get(found.index);
        let broken = self.head.columns.iter().find(|(_, found)| ERRORS.contains(&text(found)));
        if let Some((name, found)) = broken {
            let message = format!("{} stands in place of a value", text(found));
            self.fault(name, &message, "correct the formula, or write the value itself", report);
        }
        broken.is_none()
    }
}

fn lower(text: &str) -> String {
    nfc(text).to_lowercase()
}

/// Whether a cell repeats the title of its column.
fn is_title(cell: &str, title: &str) -> bool {
    // Most cells are numbers or nothing, and need no closer look.
    let is_number = |text: &str| text.is_empty() || text.starts_with(|first: char| first.is_ascii_digit());
    is_number(cell) == is_number(title) && lower(cell) == lower(title)
}

/// The word that makes a row one of sums: its first text, which may stand after a number.
fn sum(line: &Line) -> Option<&str> {
    let mut texts = line.cells.iter().filter(|cell| cell.chars().any(char::is_alphabetic));
    // Most rows need no closer look.
    let first = texts.next().filter(|first| first.starts_with(['c', 'C', 't', 'T']))?;
    let word = lower(first.trim_end_matches([':', ' ']));
    let is_sum = SUMS.contains(&word.as_str())
        || ["tổng cộng", "tong cong ", "cộng xã ", "cộng phường "].iter().any(|sum| word.starts_with(sum));
    is_sum.then_some(first)
}

/// Whether a row numbers the columns, as `(1) (2) (3)` below the titles.
fn numbers_columns(line: &Line) -> bool {
    let cells = line.cells.iter().filter(|cell| !cell.is_empty());
    let numbers: Vec<Option<u32>> = cells.map(|cell| cell.trim_matches(['(', ')', '[', ']']).parse().ok()).collect();
    let follows = |pair: &[Option<u32>]| matches!(pair, [Some(a), Some(b)] if *b == a + 1);
    numbers.len() > 2 && numbers.windows(2).all(follows)
}
