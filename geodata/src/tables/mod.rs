//! Tables as officers send them: CSV in whatever letters and separators, and workbooks.
//!
//! The row of titles is searched for, since a list begins with the name of the office; titles are known in Vietnamese,
//! with and without tone marks, and in English, and a mapping file names those that are not. What comes out is text, row
//! by row, each with its place in the file. Nothing here knows what the rows are about. Of each row only the known columns
//! are kept, and of tables that are read row by row nothing. Features of maps become rows of the same kind.

#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;

mod cells;
mod columns;
mod entries;
mod features;
mod limits;
mod records;
mod rows;
mod text;
mod workbook;

pub(crate) use cells::Spot;
pub(crate) use columns::{Column, Form};
pub(crate) use features::{Attributes, Features};
pub(crate) use rows::{Row, Table};

use std::sync::Arc;

use cells::Line;
use columns::Titles;
use limits::{HEADER_WITHIN, MAX_ROWS, MAX_TEXT_BYTES};
use phusong_model::ColumnMapping;
use rows::{Below, Head};

use crate::read::{Place, Report, Wrong, is_binary, wrong};

/// First bytes of a workbook, which is a zip archive.
const ZIP: &[u8] = b"PK";

/// First bytes of a compound file (MS-CFB 2.2): an `.xls`, or what Excel encrypts an `.xlsx` into.
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0";

/// What is done with each row, in its order; what is wrong with more than the row ends the reading.
type Take<'t> = dyn FnMut(&Head, Line, &mut Report) -> Result<(), Wrong> + 't;

/// Reads a table; what is wrong with it as a whole is in the report.
pub(crate) fn read(bytes: &[u8], form: &Form, mapping: &ColumnMapping, report: &mut Report) -> Option<Table> {
    let (mut lines, mut weight) = (Vec::new(), 0);
    let mut keep = |_: &Head, line: Line, _: &mut Report| {
        weigh(&line, &mut weight)?;
        lines.push(line);
        Ok(())
    };
    let head = stream(bytes, form, mapping, report, &mut keep);
    let head = head.map_err(|(place, wrong)| report.wrong(&place, wrong)).ok()?;
    Some(Table { head, lines })
}

/// Reads a table row by row, none of which is kept; what is wrong with it as a whole is in the report.
pub(crate) fn each(
    bytes: &[u8],
    form: &Form,
    mapping: &ColumnMapping,
    report: &mut Report,
    mut take: impl FnMut(&Row<'_>, &mut Report) -> Result<(), Wrong>,
) {
    let mut give = |head: &Head, line: Line, report: &mut Report| take(&Row { head, line: &line }, report);
    if let Err((place, wrong)) = stream(bytes, form, mapping, report, &mut give) {
        report.wrong(&place, wrong);
    }
}

/// Counts the bytes of a row that is kept.
fn weigh(line: &Line, weight: &mut usize) -> Result<(), Wrong> {
    *weight += line.cells.bytes();
    if *weight <= MAX_TEXT_BYTES {
        return Ok(());
    }
    wrong(format!("more than {} MiB of text", MAX_TEXT_BYTES >> 20), "split the table")
}

fn stream(
    bytes: &[u8],
    form: &Form,
    mapping: &ColumnMapping,
    report: &mut Report,
    take: &mut Take<'_>,
) -> Result<Head, (Place, Wrong)> {
    let titles = Titles::new(form, mapping);
    titles.check_mapping().map_err(|wrong| (Place::File, wrong))?;
    if bytes.starts_with(ZIP) {
        let (name, rows) = workbook::read(bytes, mapping.sheet.as_deref())?;
        return below(rows, Some(name), &titles, mapping, report, take);
    }
    if bytes.starts_with(COMPOUND) {
        let message = "a workbook that is protected by a password, or an old .xls".to_owned();
        return Err((Place::File, (message, "save it as .xlsx without a password, or as CSV in UTF-8".to_owned())));
    }
    let text = text::decode(bytes).map_err(|wrong| (Place::File, wrong))?;
    below(records::read(&text, &titles), None, &titles, mapping, report, take)
}

/// Finds the titles among the first rows, and gives away all rows below them.
fn below(
    mut lines: impl Iterator<Item = Result<Line, (Place, Wrong)>>,
    sheet: Option<Arc<str>>,
    titles: &Titles<'_>,
    mapping: &ColumnMapping,
    report: &mut Report,
    take: &mut Take<'_>,
) -> Result<Head, (Place, Wrong)> {
    let first: Vec<Line> = match mapping.header {
        // Only the row that is named counts, however far down it is.
        Some(number) => {
            let is_before = |line: &Result<Line, _>| line.as_ref().is_ok_and(|line| line.number < number);
            lines.by_ref().skip_while(is_before).take(1).collect::<Result<_, _>>()?
        }
        None => lines.by_ref().take(HEADER_WITHIN).collect::<Result<_, _>>()?,
    };
    let header = titles.header(&first, sheet.as_ref(), mapping)?;
    let own = header.index.and_then(|index| first.get(index)).map(|line| line.cells.clone());
    let head = Head::of(sheet, &header, own.as_ref(), titles.form, mapping);
    let mut judge = Below::new(&head, header.index.is_some());
    let rest = first.into_iter().skip(header.index.map_or(0, |index| index + 1)).map(Ok).chain(lines);
    for (index, line) in rest.enumerate() {
        let line = line?;
        let place = || head.place(line.number, None);
        if index == MAX_ROWS {
            let hint = "split the table, or remove the rows that are not needed";
            return Err((place(), (format!("more than {MAX_ROWS} rows"), hint.to_owned())));
        }
        if judge.is_row(&line, report) {
            take(&head, head.kept(&line), report).map_err(|wrong| (place(), wrong))?;
        }
    }
    Ok(head)
}

/// Whether bytes are those of a table: a workbook, or text that is neither of a map nor of a page.
pub(crate) fn is_table(bytes: &[u8]) -> bool {
    if bytes.starts_with(ZIP) {
        return workbook::is_workbook(bytes);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    !text.starts_with(b"{") && !text.starts_with(b"<") && !is_binary(bytes)
}
