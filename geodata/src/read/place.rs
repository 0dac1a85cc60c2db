//! Where in a file a fault is.

use std::{fmt, sync::Arc};

/// A place in a file, as the person who made the file would look it up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// The file as a whole.
    File,
    /// A line of a text, from 1.
    Line(u64),
    /// A feature of GeoJSON.
    Feature {
        /// Position in the file, from 1.
        number: usize,
        /// Where it starts.
        line: Option<u64>,
    },
    /// A placemark of KML.
    Placemark {
        /// Position in the file, from 1, whatever folders it is in.
        number: usize,
        /// Where it starts.
        line: u64,
    },
    /// A point of GPX.
    Point {
        /// Position in the file, from 1, whatever tracks it is in.
        number: usize,
        /// Where it starts.
        line: u64,
    },
    /// A record of a shapefile and its table, from 1.
    Record(usize),
    /// A row of a GeoPackage.
    Row {
        /// Its table.
        table: Arc<str>,
        /// Its primary key.
        fid: i64,
    },
    /// A row of a sheet of a workbook, or a cell of it.
    Cell {
        /// The sheet.
        sheet: Arc<str>,
        /// The letters of its column; none for the row as a whole.
        column: Option<String>,
        /// Its row, from 1.
        row: u64,
    },
}

impl Place {
    /// The line, in files that have lines.
    pub(crate) fn line(&self) -> Option<u64> {
        match self {
            Self::Line(line) | Self::Placemark { line, .. } | Self::Point { line, .. } => Some(*line),
            Self::Feature { line, .. } => *line,
            Self::File | Self::Record(_) | Self::Row { .. } | Self::Cell { .. } => None,
        }
    }

    /// Its name, where the line alone does not say it.
    pub(crate) fn name(&self) -> Option<String> {
        match self {
            Self::File | Self::Line(_) => None,
            Self::Feature { .. }
            | Self::Placemark { .. }
            | Self::Point { .. }
            | Self::Record(_)
            | Self::Row { .. }
            | Self::Cell { .. } => Some(self.to_string()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("file"),
            Self::Line(line) => write!(f, "line {line}"),
            Self::Feature { number, .. } => write!(f, "feature {number}"),
            Self::Placemark { number, .. } => write!(f, "placemark {number}"),
            Self::Point { number, .. } => write!(f, "point {number}"),
            Self::Record(number) => write!(f, "record {number}"),
            Self::Row { table, fid } => write!(f, "table {table}, row {fid}"),
            Self::Cell { sheet, column: Some(column), row } => write!(f, "{sheet}!{column}{row}"),
            Self::Cell { sheet, column: None, row } => write!(f, "{sheet}, row {row}"),
        }
    }
}
