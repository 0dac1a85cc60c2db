//! The rows below the titles.

use std::collections::BTreeMap;

use phusong_model::{ColumnMapping, nfc};

use super::{
    cells::{Cells, Line, Sheet},
    columns::{Header, Titles},
};
use crate::read::{Place, Report, Wrong, shown};

/// What a row of sums is called, in lower case.
const SUMS: [&str; 9] =
    ["cộng", "tổng", "tổng cộng", "tổng số", "cong", "tong cong", "tong so", "total", "cộng toàn tỉnh"];
/// What spreadsheets show in place of a value that cannot be computed.
const ERRORS: [&str; 8] = ["#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#DATA!"];

/// A table whose columns are known.
#[derive(Debug)]
pub(crate) struct Table {
    sheet: Sheet,
    titles: Cells,
    columns: BTreeMap<&'static str, usize>,
    /// By our name of a column: the file's words, folded by NFC and lower case, and what they mean.
    values: BTreeMap<String, BTreeMap<String, String>>,
    /// Where the rows begin.
    first: usize,
}

/// One of its rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'t> {
    table: &'t Table,
    line: &'t Line,
}

impl Table {
    pub(super) fn of(
        sheet: Sheet,
        titles: &Titles<'_>,
        mapping: &ColumnMapping,
        report: &mut Report,
    ) -> Result<Self, (Place, Wrong)> {
        let Header { index, columns } = titles.header(&sheet, mapping)?;
        let own = index.and_then(|index| sheet.lines.get(index)).map(|line| line.cells.clone()).unwrap_or_default();
        let words = |words: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            words.iter().map(|(word, meaning)| (lower(word), meaning.clone())).collect()
        };
        let values = mapping.values.iter().map(|(name, these)| (name.clone(), words(these))).collect();
        let first = index.map_or(0, |index| index + 1);
        let mut table = Self { sheet, titles: own, columns, values, first };
        table.leave_out(report);
        Ok(table)
    }

    /// Removes titles that are repeated, the numbers of columns below them, and sums.
    fn leave_out(&mut self, report: &mut Report) {
        let Self { sheet, titles, columns, first, .. } = self;
        let repeats = |line: &Line| {
            titles.iter().count() > 0
                && columns.values().all(|column| lower(line.cells.get(*column)) == lower(titles.get(*column)))
        };
        let mut index = 0;
        let (name, start) = (sheet.name.clone(), *first);
        sheet.lines.retain(|line| {
            index += 1;
            if index <= start || titles.iter().count() == 0 {
                return true;
            }
            if let Some(word) = sum(line) {
                let place = super::cells::place(name.as_ref(), line.number, None);
                report.log().note(format!("{place}: left out, for it is a sum: {}", shown(word)));
                return false;
            }
            !(repeats(line) || (index == start + 1 && numbers_columns(line)))
        });
    }

    /// All rows that say something.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.sheet.lines.iter().skip(self.first).map(|line| Row { table: self, line })
    }

    /// The title of a column as the file has it; our name where it has none.
    pub(crate) fn title<'t>(&'t self, name: &'t str) -> &'t str {
        let title = self.columns.get(name).map(|column| self.titles.get(*column)).filter(|title| !title.is_empty());
        title.unwrap_or(name)
    }
}

impl<'t> Row<'t> {
    /// What is written in a column, or what the mapping file says that it means; none where nothing is.
    pub(crate) fn text(&self, name: &str) -> Option<&'t str> {
        let text = self.line.cells.get(*self.table.columns.get(name)?);
        let meaning = self.table.values.get(name).and_then(|words| words.get(&lower(text)));
        Some(meaning.map_or(text, String::as_str)).filter(|text| !text.is_empty())
    }

    /// Where the row is.
    pub(crate) fn place(&self) -> Place {
        self.table.sheet.place(self.line.number, None)
    }

    /// Where a cell of it is; the row, when there is no such column.
    pub(crate) fn cell(&self, name: &str) -> Place {
        self.table.sheet.place(self.line.number, self.table.columns.get(name).copied())
    }

    /// Adds a fault of a cell, which says the title of its column.
    pub(crate) fn fault(&self, name: &str, message: &str, hint: impl Into<String>, report: &mut Report) {
        let message = format!("\"{}\": {message}", shown(self.table.title(name)));
        report.fault(&self.cell(name), message, hint);
    }

    /// Whether no cell holds what could not be computed; the first that does is a fault.
    pub(crate) fn is_computed(&self, report: &mut Report) -> bool {
        let broken = self.table.columns.iter().find(|(_, column)| ERRORS.contains(&self.line.cells.get(**column)));
        if let Some((name, column)) = broken {
            let message = format!("{} stands in place of a value", self.line.cells.get(*column));
            self.fault(name, &message, "correct the formula, or write the value itself", report);
        }
        broken.is_none()
    }
}

fn lower(text: &str) -> String {
    nfc(text).to_lowercase()
}

/// The word that makes a row one of sums: its first text, which may stand after a number.
fn sum(line: &Line) -> Option<&str> {
    let mut texts = line.cells.iter().filter(|cell| cell.chars().any(char::is_alphabetic));
    let first = texts.next()?;
    let word = lower(first.trim_end_matches([':', ' ']));
    let is_sum = SUMS.contains(&word.as_str()) || word.starts_with("tổng cộng") || word.starts_with("tong cong ");
    is_sum.then_some(first)
}

/// Whether a row numbers the columns, as `(1) (2) (3)` below the titles.
fn numbers_columns(line: &Line) -> bool {
    let cells = line.cells.iter().filter(|cell| !cell.is_empty());
    let numbers: Vec<Option<u32>> = cells.map(|cell| cell.trim_matches(['(', ')', '[', ']']).parse().ok()).collect();
    let follows = |pair: &[Option<u32>]| matches!(pair, [Some(a), Some(b)] if *b == a + 1);
    numbers.len() > 2 && numbers.windows(2).all(follows)
}
