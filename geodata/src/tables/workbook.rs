//! Workbooks, `.xlsx` (ECMA-376): one sheet of one.
//!
//! The archive is weighed before anything of it is read, and cells are taken one by one: a sheet that says it has a
//! million rows of sixteen thousand columns costs what is written in it.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    io::Cursor,
    sync::Arc,
};

use calamine::{DataRef, Dimensions, Reader, Xlsx, XlsxError};

use super::{
    cells::{Cells, Sheet, place},
    limits::{MAX_CELL_BYTES, MAX_CELLS, MAX_COLUMNS, MAX_MERGED, MAX_ROWS, MAX_TEXT_BYTES},
};
use crate::read::{Place, Wrong, holds_entry, shown, weigh_archive, wrong};

/// The entry that makes an archive a workbook.
const WORKBOOK: &[u8] = b"xl/workbook.xml";
/// What a broken workbook is answered with.
const HINT: &str = "save it again as .xlsx, or as CSV in UTF-8";

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;
/// Cells with content by row and column from 0.
type Grid = BTreeMap<u32, BTreeMap<usize, String>>;

/// Whether an archive is a workbook.
pub(super) fn is_workbook(bytes: &[u8]) -> bool {
    holds_entry(bytes, WORKBOOK)
}

/// The rows of the sheet with a name; of the first one without.
pub(super) fn read(bytes: &[u8], wanted: Option<&str>) -> Result<Sheet, (Place, Wrong)> {
    let of_file = |wrong| (Place::File, wrong);
    weigh_archive(bytes).map_err(|(message, _)| of_file((message, HINT.to_owned())))?;
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| of_file(damaged(&error)))?;
    let name = named(&book.sheet_names(), wanted).map_err(of_file)?;
    let mut grid = grid(&mut book, &name)?;
    let merged = book.merge_cells_by_sheet_name(&name).map_err(|error| of_file(damaged(&error)))?;
    spread(&merged, &mut grid).map_err(of_file)?;
    let mut sheet = Sheet::named(Arc::from(shown(&name)));
    for (row, columns) in grid {
        let (number, mut cells) = (u64::from(row) + 1, Cells::default());
        let width = columns.keys().next_back().map_or(0, |last| last + 1);
        let text = |column| columns.get(&column).map_or("", String::as_str);
        let pushed = (0..width).try_for_each(|column| cells.push(text(column)));
        let pushed = pushed.and_then(|()| sheet.push(number, cells));
        pushed.map_err(|wrong| (sheet.place(number, None), wrong))?;
    }
    Ok(sheet)
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
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        let at = |message: String, hint: &str| {
            Err((place(Some(&sheet), u64::from(row) + 1, Some(column)), (message, hint.to_owned())))
        };
        let text = text(cell.get_value());
        if text.trim().is_empty() {
            continue;
        }
        if text.len() > MAX_CELL_BYTES {
            return at(format!("more than {MAX_CELL_BYTES} bytes in one cell"), "shorten the text");
        }
        if column >= MAX_COLUMNS {
            return at(format!("more than {MAX_COLUMNS} columns"), "remove the columns that are not needed");
        }
        (cells, bytes) = (cells + 1, bytes + text.len());
        if cells > MAX_CELLS || bytes > MAX_TEXT_BYTES {
            let message = format!("more than {MAX_CELLS} cells, or {} MiB of text", MAX_TEXT_BYTES >> 20);
            return at(message, "remove the columns that are not needed, or split the sheet");
        }
        grid.entry(row).or_default().insert(column, text);
        if grid.len() > MAX_ROWS {
            return at(format!("more than {MAX_ROWS} rows"), "split the sheet");
        }
    }
}

/// A value as it would be typed. A day is a number here: no column that is read has days.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => value.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(value) => value.as_f64().to_string(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
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
        let Ok(column) = usize::try_from(column) else { continue };
        let Some(value) = grid.get(&first).and_then(|row| row.get(&column)).cloned() else { continue };
        if last <= first {
            continue;
        }
        for (_, row) in grid.range_mut(first + 1..=last) {
            filled += 1 + value.len() / size_of::<String>();
            if filled > MAX_CELLS {
                return too_much();
            }
            if let Entry::Vacant(slot) = row.entry(column) {
                slot.insert(value.clone());
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
