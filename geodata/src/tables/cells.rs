//! Rows of text, kept small: a table has hundreds of thousands.

use std::sync::Arc;

use super::limits::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_ROWS, MAX_TEXT_BYTES};
use crate::read::{Place, Wrong, shown, wrong};

/// The cells of a row, one behind the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    text: String,
    ends: Vec<u32>,
}

/// A row and its number in the file, from 1: a line of text, or a row of a sheet.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) cells: Cells,
}

/// All rows with content.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Its name, in a workbook.
    pub(super) name: Option<Arc<str>>,
    pub(super) lines: Vec<Line>,
    bytes: usize,
}

impl Cells {
    /// Adds a cell on the right. Empty ones beyond the last column that may have content are left away.
    pub(super) fn push(&mut self, cell: &str) -> Result<(), Wrong> {
        let cell = cell.trim();
        if cell.len() > MAX_CELL_BYTES {
            let message = format!("a cell of more than {MAX_CELL_BYTES} bytes, beginning {:?}", shown(cell));
            return wrong(message, "shorten it, or close the quote that it begins with");
        }
        if self.ends.len() >= MAX_COLUMNS {
            return if cell.is_empty() {
                Ok(())
            } else {
                wrong(format!("more than {MAX_COLUMNS} columns"), "remove the columns that are not needed")
            };
        }
        self.text.push_str(cell);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        Ok(())
    }

    /// A cell by its column, from 0; empty where there is none.
    pub(super) fn get(&self, column: usize) -> &str {
        let end = |column: usize| self.ends.get(column).map(|end| *end as usize);
        let start = column.checked_sub(1).map_or(Some(0), end);
        start.zip(end(column)).and_then(|(start, end)| self.text.get(start..end)).unwrap_or_default()
    }

    /// All of them, from the left.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).map(|column| self.get(column))
    }

    /// Whether nothing is written.
    pub(super) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }
}

impl Sheet {
    /// An empty one of a workbook.
    pub(super) fn named(name: Arc<str>) -> Self {
        Self { name: Some(name), ..Self::default() }
    }

    /// Adds a row below; blank ones are skipped.
    pub(super) fn push(&mut self, number: u64, cells: Cells) -> Result<(), Wrong> {
        if cells.is_blank() {
            return Ok(());
        }
        self.bytes += cells.text.len();
        if self.lines.len() >= MAX_ROWS {
            return wrong(
                format!("more than {MAX_ROWS} rows"),
                "split the table, or remove the rows that are not needed",
            );
        }
        if self.bytes > MAX_TEXT_BYTES {
            return wrong(
                format!("more than {} MiB of text", MAX_TEXT_BYTES >> 20),
                "remove the columns that are not needed",
            );
        }
        self.lines.push(Line { number, cells });
        Ok(())
    }

    /// Where a row is, or a cell of it.
    pub(super) fn place(&self, number: u64, column: Option<usize>) -> Place {
        place(self.name.as_ref(), number, column)
    }
}

/// Where a row of a sheet is, or a cell of it.
pub(super) fn place(sheet: Option<&Arc<str>>, number: u64, column: Option<usize>) -> Place {
    match sheet {
        None => Place::Line(number),
        Some(sheet) => Place::Cell { sheet: sheet.clone(), column: column.map(letters), row: number },
    }
}

/// The letters of a column from 0: A, B, ... Z, AA.
fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default()));
        rest = (rest - 1) / 26;
    }
    letters.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters_as_in_spreadsheets() {
        assert_eq!([0, 1, 25, 26, 701, 702].map(letters), ["A", "B", "Z", "AA", "ZZ", "AAA"]);
    }

    #[test]
    fn empty_columns_cost_nothing_and_full_ones_are_limited() {
        let mut cells = Cells::default();
        for cell in ["a", "", " b "].into_iter().chain(std::iter::repeat_n("", 20_000)) {
            cells.push(cell).expect("a cell");
        }
        assert_eq!((cells.get(0), cells.get(1), cells.get(2), cells.get(9999)), ("a", "", "b", ""));
        assert_eq!(cells.iter().count(), MAX_COLUMNS);
        assert!(cells.push("c").is_err());
    }
}
