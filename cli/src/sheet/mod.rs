//! `--csv`: RFC 4180, comma and CRLF, point decimals, units in the header. Topics that are one list have a column per
//! field; `status` and `commune`, which are several, have a row per field: section, item, field, value.

mod contradictions;
mod fields;
mod gaps;
mod imports;
mod look;
mod ready;
mod rows;
mod sitrep;
mod topology;
mod words;

pub use rows::status_id;

use std::io;

use phusong_model::{
    ImportVersion,
    answer::{Answer, Body},
    printable,
};

use crate::{failure::Failure, show::View, table::Table};

/// A cell of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// Words; made safe for spreadsheets.
    Text(String),
    /// A number, an instant or a fixed id of ours: written as it is.
    Exact(String),
    /// Not known.
    Empty,
}

/// Names of columns, separated by commas, and rows with a field for each.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    header: &'static str,
    rows: Vec<Vec<Field>>,
}

/// The answer as CSV, with all columns or those that were asked for.
pub fn csv(answer: &Answer, columns: Option<&[String]>) -> Result<String, Failure> {
    of(answer)?.select(columns)?.write().map_err(Failure::Output)
}

/// The columns of the CSV that were asked for, as a table for people.
pub fn table(answer: &Answer, columns: &[String], view: &View) -> Result<Table, Failure> {
    Ok(words::table(&of(answer)?.select(Some(columns))?, view))
}

/// The answer as rows.
fn of(answer: &Answer) -> Result<Sheet, Failure> {
    let fields = |sheet: io::Result<Sheet>| sheet.map_err(Failure::Output);
    Ok(match &answer.body {
        Body::Links { items } => rows::links(items),
        Body::Outages { items, .. } => rows::outages(items),
        Body::Gaps { items, blind, .. } => gaps::sheet(items, blind),
        Body::Coverage { items, totals } => rows::coverage(items, totals),
        Body::Contradictions { items } => contradictions::sheet(items),
        Body::Indicators { items } => rows::indicators(items),
        Body::Weak(body) => rows::weak(body),
        Body::Maintenance { items } => rows::maintenance(items),
        Body::Notify { items, .. } => rows::notifications(items),
        Body::Availability { items, totals } => rows::availability(items, totals),
        Body::Top { items, .. } => look::sheet(items),
        Body::Status(body) => fields(fields::sheet(body.as_ref()))?,
        Body::Link(body) => fields(fields::sheet(body.as_ref()))?,
        Body::Commune(body) => fields(fields::sheet(body.as_ref()))?,
        Body::Outage(body) => fields(fields::sheet(body.as_ref()))?,
        Body::Sitrep(body) => sitrep::sheet(body),
        Body::Ready(body) => ready::sheet(body),
        Body::Tree(body) => topology::tree(body),
        Body::Path(body) => topology::path(body),
    })
}

/// Versions of datasets as CSV.
pub fn imports(versions: &[ImportVersion]) -> io::Result<String> {
    imports::sheet(versions).write()
}

/// Some columns of a sheet.
#[derive(Debug, Clone, PartialEq)]
struct Selected {
    names: Vec<&'static str>,
    rows: Vec<Vec<Field>>,
}

impl Sheet {
    /// The columns that were asked for, in that order; all of them when none were.
    fn select(self, columns: Option<&[String]>) -> Result<Selected, Failure> {
        let names: Vec<&'static str> = self.header.split(',').collect();
        let Some(columns) = columns else { return Ok(Selected { names, rows: self.rows }) };
        let place = |asked: &String| {
            let asked_folded = asked.trim().to_ascii_lowercase().replace('-', "_");
            names.iter().position(|name| *name == asked_folded).ok_or_else(|| Failure::Choice {
                option: "--columns",
                asked: asked.clone(),
                known: names.iter().map(|name| ((*name).to_owned(), None)).collect(),
            })
        };
        let places = columns.iter().map(place).collect::<Result<Vec<usize>, Failure>>()?;
        let chosen = |row: &Vec<Field>| places.iter().filter_map(|at| row.get(*at).cloned()).collect();
        Ok(Selected {
            rows: self.rows.iter().map(chosen).collect(),
            names: places.iter().filter_map(|at| names.get(*at).copied()).collect(),
        })
    }

    fn write(self) -> io::Result<String> {
        Selected { names: self.header.split(',').collect(), rows: self.rows }.write()
    }
}

impl Selected {
    fn write(&self) -> io::Result<String> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(&self.names)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(|field| match field {
                Field::Text(text) => formula_safe(text),
                Field::Exact(text) => text.clone(),
                Field::Empty => String::new(),
            }))?;
        }
        let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
        String::from_utf8(bytes).map_err(io::Error::other)
    }
}

/// A text that a spreadsheet would run as a formula gets a leading apostrophe; what a terminal would run is escaped.
pub fn formula_safe(text: &str) -> String {
    let apostrophe = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("{apostrophe}{}", printable(text))
}

impl Field {
    /// Words that may not be known.
    fn text(text: Option<impl ToString>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.to_string()))
    }

    /// A number, instant or id that may not be known.
    fn exact(value: Option<impl ToString>) -> Self {
        value.map_or(Self::Empty, |value| Self::Exact(value.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_runs_nothing_and_quotes_are_doubled() {
        let sheet = Sheet {
            header: "name,rx_dbm",
            rows: vec![
                vec![Field::Text("=cmd|' /C calc'!A0".into()), Field::Exact("-23.4".into())],
                vec![Field::Text("+84 912".into()), Field::Empty],
                vec![Field::Text("a \"b\", c\nd".into()), Field::Empty],
                vec![Field::Text("\t=1".into()), Field::Empty],
                vec![Field::Text("@x".into()), Field::Text("-y".into())],
            ],
        };
        assert_eq!(
            sheet.write().expect("csv"),
            "name,rx_dbm\r\n'=cmd|' /C calc'!A0,-23.4\r\n'+84 912,\r\n\"a \"\"b\"\", c\\u{a}d\",\r\n'\\u{9}=1,\r\n'@x,'-y\r\n"
        );
    }
}
