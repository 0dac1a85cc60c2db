//! Workbooks, `.xlsx` (ECMA-376): one sheet of one.
//!
//! The archive is weighed before anything of it is read, and cells are taken one by one: a sheet that says it has a
//! million rows of sixteen thousand columns costs what is written in it.

use std::{collections::BTreeMap, io::Cursor, sync::Arc};

use calamine::{DataRef, Dimensions, ExcelDateTime, Reader, Xlsx, XlsxError};

use super::{
    cells::{Cells, Line, place},
    entries::Entry,
    limits::{MAX_CELL_BYTES, MAX_CELLS, MAX_COLUMNS, MAX_MERGED, MAX_ROWS, MAX_TEXT_BYTES},
};
use crate::read::{Place, Wrong, holds_entry, shown, weigh_archive, wrong};

/// The entry that makes an archive a workbook.
const WORKBOOK: &[u8] = b"xl/workbook.xml";
/// What a broken workbook is answered with.
pub(super) const HINT: &str = "save it again as .xlsx, or as CSV in UTF-8";

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;
/// Cells with content by row from 0.
type Grid = BTreeMap<u32, Sparse>;

/// The cells of a row that have content, in whatever order they come; strings of their own would take thrice the memory.
#[derive(Debug, Default)]
struct Sparse {
    text: String,
    /// Column from 0, and where its text begins and ends.
    spans: Vec<(u16, u32, u32)>,
}

/// Whether an archive is a workbook.
pub(super) fn is_workbook(bytes: &[u8]) -> bool {
    holds_entry(bytes, WORKBOOK)
}

/// The sheet with a name, or the first one without: what it is called, and its rows that are not blank.
pub(super) fn read(bytes: &[u8], wanted: Option<&str>) -> Result<(Arc<str>, Rows), (Place, Wrong)> {
    let of_file = |wrong| (Place::File, wrong);
    weigh(bytes).map_err(of_file)?;
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| of_file(damaged(&error)))?;
    let name = named(&book.sheet_names(), wanted).map_err(of_file)?;
    let mut grid = grid(&mut book, &name)?;
    let merged = book.merge_cells_by_sheet_name(&name).map_err(|error| of_file(damaged(&error)))?;
    spread(&merged, &mut grid).map_err(of_file)?;
    let sheet: Arc<str> = Arc::from(shown(&name));
    Ok((Arc::clone(&sheet), Rows { sheet, grid }))
}

/// Whether a workbook is within all limits, and says nothing of itself that its reader should not believe.
fn weigh(bytes: &[u8]) -> Result<(), Wrong> {
    let mut open: Option<Entry> = None;
    let weighed = weigh_archive(bytes, |name, piece| match piece {
        Some(piece) => open.get_or_insert_with(|| Entry::new(name)).look(piece),
        None => open.take().map_or(Ok(()), Entry::finish),
    });
    // Nobody unpacks a workbook, which is what is said of other archives.
    weighed.map_err(|(message, _)| (message, HINT.to_owned()))
}

/// The rows of a sheet from the top; each is forgotten when the next one comes.
pub(super) struct Rows {
    sheet: Arc<str>,
    grid: Grid,
}

impl Iterator for Rows {
    type Item = Result<Line, (Place, Wrong)>;

    fn next(&mut self) -> Option<Self::Item> {
        let (row, sparse) = self.grid.pop_first()?;
        let number = u64::from(row) + 1;
        let cells = sparse.cells().map_err(|wrong| (place(Some(&self.sheet), number, None), wrong));
        Some(cells.map(|cells| Line::new(number, cells)))
    }
}

impl Sparse {
    fn get(&self, column: u16) -> Option<&str> {
        let (_, from, to) = self.spans.iter().rev().find(|(own, ..)| *own == column)?;
        self.text.get(*from as usize..*to as usize)
    }

    fn set(&mut self, column: u16, text: &str) {
        let length = |text: &str| u32::try_from(text.len()).unwrap_or(u32::MAX);
        let from = length(&self.text);
        self.text.push_str(text);
        self.spans.push((column, from, length(&self.text)));
    }

    fn cells(&self) -> Result<Cells, Wrong> {
        let width = self.spans.iter().map(|(column, ..)| column + 1).max().unwrap_or_default();
        let mut cells = Cells::default();
        (0..width).try_for_each(|column| cells.push(self.get(column).unwrap_or_default()))?;
        Ok(cells)
    }
}

fn named(sheets: &[String], wanted: Option<&str>) -> Result<String, Wrong> {
    let found = match wanted {
        Some(wanted) => sheets.iter().find(|sheet| phusong_model::fold(sheet) == phusong_model::fold(wanted)),
        None => sheets.first(),
    };
    match (found, wanted) {
        (Some(found), _) => Ok(found.clone()),
        (None, Some(wanted)) => wrong(
            format!("no sheet {:?}", shown(wanted)),
            format!("the sheets are {}; correct sheet in the mapping file", shown(&sheets.join(", "))),
        ),
        (None, None) => wrong("a workbook without a sheet", HINT),
    }
}

fn grid(book: &mut Book<'_>, name: &str) -> Result<Grid, (Place, Wrong)> {
    let sheet: Arc<str> = Arc::from(shown(name));
    let mut reader = book.worksheet_cells_reader(name).map_err(|error| (Place::File, damaged(&error)))?;
    let mut grid = Grid::new();
    let (mut cells, mut bytes) = (0_usize, 0_usize);
    loop {
        let next = reader.next_cell().map_err(|error| (Place::File, damaged(&error)))?;
        let Some(cell) = next else { return Ok(grid) };
        let (row, column) = cell.get_position();
        let at = |message: String, hint: &str| {
            let column = usize::try_from(column).ok();
            Err((place(Some(&sheet), u64::from(row) + 1, column), (message, hint.to_owned())))
        };
        let text = text(cell.get_value());
        if text.trim().is_empty() {
            continue;
        }
        if text.len() > MAX_CELL_BYTES {
            return at(format!("more than {MAX_CELL_BYTES} bytes in one cell"), "shorten the text");
        }
        let Some(own) = u16::try_from(column).ok().filter(|column| usize::from(*column) < MAX_COLUMNS) else {
            return at(format!("more than {MAX_COLUMNS} columns"), "remove the columns that are not needed");
        };
        (cells, bytes) = (cells + 1, bytes + text.len());
        if cells > MAX_CELLS || bytes > MAX_TEXT_BYTES {
            let message = format!("more than {MAX_CELLS} cells, or {} MiB of text", MAX_TEXT_BYTES >> 20);
            return at(message, "remove the columns that are not needed, or split the sheet");
        }
        grid.entry(row).or_default().set(own, &text);
        if grid.len() > MAX_ROWS {
            return at(format!("more than {MAX_ROWS} rows"), "split the sheet");
        }
    }
}

/// A value as it would be typed; a day and time as `2026-01-12T08:30:00`, whatever the sheet shows of it.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => value.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(value) if value.is_datetime() => moment(value),
        DataRef::DateTime(value) => value.as_f64().to_string(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

fn moment(value: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
    let fraction = if milli == 0 { String::new() } else { format!(".{milli:03}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}")
}

/// The value of a merged region counts for each of its rows that has anything in it, in the first column of the region.
fn spread(merged: &[Dimensions], grid: &mut Grid) -> Result<(), Wrong> {
    let too_much = || wrong("more merged cells than are read", "unmerge them, and repeat the value in each row");
    if merged.len() > MAX_MERGED {
        return too_much();
    }
    let mut filled = 0_usize;
    for region in merged {
        let ((first, column), (last, _)) = (region.start, region.end);
        let Ok(column) = u16::try_from(column) else { continue };
        let Some(value) = grid.get(&first).and_then(|row| row.get(column)).map(str::to_owned) else { continue };
        if last <= first {
            continue;
        }
        for (_, row) in grid.range_mut(first + 1..=last) {
            filled += 1 + value.len() / size_of::<String>();
            if filled > MAX_CELLS {
                return too_much();
            }
            if row.get(column).is_none() {
                row.set(column, &value);
            }
        }
    }
    Ok(())
}

fn damaged(error: &XlsxError) -> Wrong {
    if matches!(error, XlsxError::Password) {
        return ("it is protected by a password".to_owned(), "save it without one".to_owned());
    }
    (format!("not readable as a workbook: {error}"), HINT.to_owned())
}
