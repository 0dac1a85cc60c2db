//! Rows as CSV: RFC 4180 with a head, safe for spreadsheets as all our sheets are.

use std::{borrow::Cow, io::Write};

use super::{
    Rows, StoreFailure,
    columns::{Column, Kind, Value},
};
use crate::sheet::formula_safe;

/// A CSV file that is being written.
pub struct CsvFile<W: Write> {
    columns: &'static [Column],
    writer: csv::Writer<W>,
}

impl<W: Write> CsvFile<W> {
    /// Writes the head. An instant has two columns.
    pub fn begin(to: W, columns: &'static [Column]) -> Result<Self, StoreFailure> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to);
        let head = columns.iter().flat_map(|column| match column.kind {
            Kind::Time => [Some(Cow::from(column.name)), Some(Cow::from(format!("{}_ms", column.name)))],
            Kind::Text | Kind::Int | Kind::Count | Kind::Float => [Some(Cow::from(column.name)), None],
        });
        writer.write_record(head.flatten().map(|name| name.into_owned())).map_err(broken)?;
        Ok(Self { columns, writer })
    }

    /// The last bytes.
    pub fn end(mut self) -> Result<(), StoreFailure> {
        self.writer.flush().map_err(StoreFailure::write)
    }
}

impl<W: Write> Rows for CsvFile<W> {
    fn row(&mut self, row: Vec<Value>) -> Result<(), StoreFailure> {
        for (column, value) in self.columns.iter().zip(row) {
            let text = match value {
                Value::Text(text) => formula_safe(&text),
                Value::Int(number) => number.to_string(),
                Value::Count(number) => number.to_string(),
                Value::Float(number) => number.to_string(),
                Value::Time(at) => {
                    self.writer.write_field(at.to_string()).map_err(broken)?;
                    at.0.to_string()
                }
                Value::Missing => {
                    if column.kind == Kind::Time {
                        self.writer.write_field("").map_err(broken)?;
                    }
                    String::new()
                }
            };
            self.writer.write_field(text).map_err(broken)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(broken)
    }
}

/// The system's own error, which says whether the disk is full or the reader gone.
fn broken(error: csv::Error) -> StoreFailure {
    let words = error.to_string();
    let csv::ErrorKind::Io(source) = error.into_kind() else {
        return StoreFailure::write(std::io::Error::other(words));
    };
    StoreFailure::write(source)
}
