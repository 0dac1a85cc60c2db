//! Tables as officers send them: CSV in whatever letters and separators, and workbooks.
//!
//! The row of titles is searched for, since a list begins with the name of the office; titles are known in Vietnamese,
//! with and without tone marks, and in English, and a mapping file names those that are not. What comes out is text, row
//! by row, each with its place in the file. Nothing here knows what the rows are about.

mod cells;
mod columns;
mod limits;
mod records;
mod rows;
mod text;
mod workbook;

pub(crate) use columns::{Column, Form};
pub(crate) use rows::{Row, Table};

use cells::Sheet;
use phusong_model::ColumnMapping;

use crate::read::{Place, Report, Wrong};

/// First bytes of a workbook, which is a zip archive.
const ZIP: &[u8] = b"PK";

/// Reads a table; what is wrong with it as a whole is in the report.
pub(crate) fn read(bytes: &[u8], form: &Form, mapping: &ColumnMapping, report: &mut Report) -> Option<Table> {
    let titles = columns::Titles::new(form, mapping);
    let table = sheet(bytes, &titles, mapping).and_then(|sheet| Table::of(sheet, &titles, mapping, report));
    table.map_err(|(place, wrong)| report.wrong(&place, wrong)).ok()
}

fn sheet(bytes: &[u8], titles: &columns::Titles<'_>, mapping: &ColumnMapping) -> Result<Sheet, (Place, Wrong)> {
    if bytes.starts_with(ZIP) {
        return workbook::read(bytes, mapping.sheet.as_deref());
    }
    let text = text::decode(bytes).map_err(|wrong| (Place::File, wrong))?;
    records::read(&text, titles)
}

/// Whether bytes are those of a table: a workbook, or text that is neither of a map nor of a page.
pub(crate) fn is_table(bytes: &[u8]) -> bool {
    if bytes.starts_with(ZIP) {
        return workbook::is_workbook(bytes);
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let binary: [&[u8]; 6] = [b"SQLite format 3\0", b"\x00\x00\x27\x0a", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];
    !text.starts_with(b"{") && !text.starts_with(b"<") && !binary.iter().any(|magic| bytes.starts_with(magic))
}
