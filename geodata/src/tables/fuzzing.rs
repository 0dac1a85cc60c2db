//! Tables as a fuzzing target.

use std::io::{Cursor, Write};

use phusong_model::{ColumnMapping, ImportLog};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{
    columns::{Column, Form},
    limits::MAX_CELL_BYTES,
};
use crate::read::Report;

const FORM: Form = Form {
    columns: &[
        Column { name: "name", titles: &["name", "ten"] },
        Column { name: "commune", titles: &["commune", "xa"] },
        Column { name: "lon", titles: &["lon", "kinhdo"] },
        Column { name: "lat", titles: &["lat", "vido"] },
        Column { name: "people", titles: &["people", "danso"] },
    ],
    needed: &[&["name"], &["commune"]],
    placed: &[&["lon"], &["lat"]],
    untitled: &["name", "commune", "lon", "lat", "people"],
};
/// Longest place of a row: the name of a sheet, as far as it is shown, and a number.
const MAX_PLACE_BYTES: usize = 500;
/// Entries of a workbook beside its one sheet.
const ENTRIES: [(&str, &str); 4] = [
    (
        "_rels/.rels",
        "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/\
         officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
    ),
    (
        "xl/workbook.xml",
        "<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>\
         <sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
    ),
    (
        "xl/_rels/workbook.xml.rels",
        "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/\
         worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
    ),
    ("xl/sharedStrings.xml", "<sst><si><t>Tên</t></si><si><r><t>Nà </t></r><r><t>Khá</t></r></si></sst>"),
];

/// One reading: rows with their places, faults as they are shown, and the log.
type Outcome = (Vec<String>, Vec<String>, ImportLog);

/// Reads a list. The first line is the column mapping as JSON, the others are the table: CSV or a workbook. One that begins
/// with `<` is the sheet of a workbook, so that mutations get past the checksums of its archive.
///
/// Rows have places and cells of bounded length, a fault has a reason and a remedy, what is read row by row is what is
/// read at once, and both ways come out the same again.
///
/// # Panics
/// When one of these promises is broken.
pub fn list(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (first, rest) = bytes.split_at(end);
    let mapping: ColumnMapping = serde_json::from_slice(first).unwrap_or_default();
    let table = rest.strip_prefix(b"\n").unwrap_or(rest);
    let book = if table.starts_with(b"<") { book_of(table) } else { None };
    let table = book.as_deref().unwrap_or(table);
    let outcome = at_once(table, &mapping);
    assert_eq!(outcome, at_once(table, &mapping), "two readings are the same");
    assert_eq!(outcome, row_by_row(table, &mapping), "whether rows are kept changes none");
    let (rows, faults, _) = outcome;
    assert!(rows.is_empty() || faults.is_empty(), "a table is read, or it is at fault");
    let longest = FORM.columns.len() * (MAX_CELL_BYTES + 1) + MAX_PLACE_BYTES;
    assert!(!mapping.values.is_empty() || rows.iter().all(|row| row.len() <= longest), "cells are bounded");
    assert!(rows.iter().all(|row| !row.starts_with("file")), "each row has a place");
}

fn at_once(table: &[u8], mapping: &ColumnMapping) -> Outcome {
    let mut report = Report::of("list".as_ref());
    let read = super::read(table, &FORM, mapping, &mut report);
    let rows = read.iter().flat_map(|table| table.rows().map(|row| told(&row)).collect::<Vec<_>>()).collect();
    finish(rows, report)
}

fn row_by_row(table: &[u8], mapping: &ColumnMapping) -> Outcome {
    let mut report = Report::of("list".as_ref());
    let mut rows = Vec::new();
    super::each(table, &FORM, mapping, &mut report, |row, _| {
        rows.push(told(row));
        Ok(())
    });
    if !report.is_clean() {
        // A table that is wrong as a whole has no rows.
        rows.clear();
    }
    finish(rows, report)
}

fn told(row: &super::Row<'_>) -> String {
    let texts = FORM.columns.iter().map(|column| row.text(column.name).unwrap_or_default());
    format!("{}: {}", row.place(), texts.collect::<Vec<_>>().join("|"))
}

fn finish(rows: Vec<String>, report: Report) -> Outcome {
    let (faults, log) = report.finish();
    let told = |fault: &phusong_model::Fault| {
        assert!(!fault.message.is_empty() && !fault.hint.is_empty(), "a fault has a reason and a remedy");
        fault.to_string()
    };
    (rows, faults.iter().map(told).collect(), log)
}

/// A workbook of one sheet.
fn book_of(sheet: &[u8]) -> Option<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let entries = ENTRIES.iter().map(|(name, text)| (*name, text.as_bytes()));
    for (name, bytes) in entries.chain([("xl/worksheets/sheet1.xml", sheet)]) {
        archive.start_file(name, options).ok()?;
        archive.write_all(bytes).ok()?;
    }
    Some(archive.finish().ok()?.into_inner())
}
