//! Rows of text, kept small: a table has hundreds of thousands.

use std::sync::Arc;

use super::limits::{MAX_CELL_BYTES, MAX_COLUMNS};
use crate::{
    crs::Crs,
    read::{Place, Wrong, shown, wrong},
};

/// The cells of a row, one behind the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    text: String,
    ends: Vec<u32>,
}

/// A row and its number in the file, from 1: a line of text, a row of a sheet, or a feature.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) cells: Cells,
    /// Where a feature is, in the file and on the ground.
    pub(super) spot: Option<Box<Spot>>,
}

/// Where a feature is.
#[derive(Debug)]
pub(crate) struct Spot {
    /// In the file.
    pub(crate) place: Place,
    /// On the ground, as the file writes it: easting or longitude, then northing or latitude. None where nobody asks.
    pub(crate) at: Option<[f64; 2]>,
    /// The system of these.
    pub(crate) crs: Crs,
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
        self.put(cell);
        Ok(())
    }

    fn put(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
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

    /// Those of some columns, in the order of these.
    pub(super) fn only(&self, columns: impl Iterator<Item = usize>) -> Self {
        let mut some = Self::default();
        columns.for_each(|column| some.put(self.get(column)));
        some
    }

    /// Whether nothing is written.
    pub(super) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }

    /// Bytes of all texts.
    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }
}

impl Line {
    /// A row of a text or a sheet.
    pub(super) fn new(number: u64, cells: Cells) -> Self {
        Self { number, cells, spot: None }
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
        assert_eq!(cells.only([2, 9999, 0].into_iter()).iter().collect::<Vec<_>>(), ["b", "", "a"]);
    }
}
