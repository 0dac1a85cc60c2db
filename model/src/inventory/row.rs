//! Typed fields of one row; what cannot be read is a fault with its place.

use std::{collections::BTreeMap, fmt::Display, net::IpAddr, path::Path, str::FromStr};

use super::{
    number::{NumberError, count, decimal},
    records::Record,
    sheet::position,
};
use crate::{CommuneCode, Fault, LonLat, findings::Findings, fold, network::refused_address, nfc, suggest};

/// Degrees in which all of Vietnam lies, its islands left out: a point outside is a mistake.
const LON: (f64, f64) = (102.0, 110.5);
const LAT: (f64, f64) = (8.0, 23.5);

/// Larger than any degree: metres of a plane system.
const PLANE: f64 = 1000.0;

/// One row while it is read.
pub(super) struct Row<'r> {
    file: &'r Path,
    header: &'r [Option<&'static str>],
    record: &'r Record<'r>,
    findings: &'r mut Findings,
}

impl<'r> Row<'r> {
    /// A row under its header.
    pub fn new(
        file: &'r Path,
        header: &'r [Option<&'static str>],
        record: &'r Record<'r>,
        findings: &'r mut Findings,
    ) -> Self {
        Self { file, header, record, findings }
    }

    /// Where the row starts, from 1.
    pub const fn line(&self) -> u64 {
        self.record.line
    }

    /// The text of a column without white space around it; empty when the column is not there.
    pub fn cell(&self, column: &str) -> &'r str {
        position(self.header, column).and_then(|index| self.record.fields.get(index)).map_or("", |field| field.trim())
    }

    /// Whether a column has no text.
    pub fn is_empty(&self, column: &str) -> bool {
        self.cell(column).is_empty()
    }

    /// Adds a fault of a column.
    pub fn refuse(&mut self, column: &str, message: impl Into<String>, hint: impl Into<String>) {
        let fault = Fault::of_file(self.file, message, hint).at_line(self.record.line);
        self.findings.push(match position(self.header, column) {
            Some(index) => fault.at_column(index as u64 + 1),
            None => fault,
        });
    }

    /// A name or remark in NFC; none when there is none.
    pub fn text(&mut self, column: &str) -> Option<String> {
        let text = nfc(self.cell(column));
        (!text.is_empty()).then_some(text)
    }

    /// A name or remark that must be there.
    pub fn needed_text(&mut self, column: &str) -> Option<String> {
        let text = self.text(column);
        if text.is_none() {
            self.refuse(column, format!("\"{column}\" is empty"), "write it down here");
        }
        text
    }

    /// A value with a text form of its own; none when the field is empty or not such a value.
    pub fn value<T: FromStr<Err: Display>>(&mut self, column: &str) -> Option<T> {
        let text = self.cell(column);
        if text.is_empty() {
            return None;
        }
        text.parse().map_err(|error: T::Err| self.refuse(column, error.to_string(), remedy(column, text))).ok()
    }

    /// A value that must be there.
    pub fn needed<T: FromStr<Err: Display>>(&mut self, column: &str) -> Option<T> {
        if self.is_empty(column) {
            self.refuse(column, format!("\"{column}\" is empty"), "every row needs it");
        }
        self.value(column)
    }

    /// An id that stands in no other row.
    pub fn unique<Id: FromStr<Err: Display> + Ord + Clone>(
        &mut self,
        column: &str,
        ids: &mut BTreeMap<Id, u64>,
    ) -> Option<Id> {
        let id: Id = self.needed(column)?;
        match ids.get(&id) {
            Some(first) => {
                let message = format!("\"{}\" stands on line {first} already", self.cell(column));
                self.refuse(column, message, "give each row its own, or remove one of them");
                None
            }
            None => {
                ids.insert(id.clone(), self.record.line);
                Some(id)
            }
        }
    }

    /// Values with `|` or white space between them, none twice.
    pub fn list<T: FromStr<Err: Display> + PartialEq>(&mut self, column: &str) -> Vec<T> {
        let mut values = Vec::new();
        for text in self.cell(column).split(|c: char| c == '|' || c.is_whitespace()).filter(|text| !text.is_empty()) {
            match text.parse::<T>() {
                Ok(value) if values.contains(&value) => {
                    self.refuse(column, format!("\"{text}\" stands here twice"), "remove one of them");
                }
                Ok(value) => values.push(value),
                Err(error) => self.refuse(column, error.to_string(), "write ids with | between them"),
            }
        }
        values
    }

    /// One of some words, whatever its case and accents; none when the field is empty or another word.
    pub fn choice<T: Copy>(&mut self, column: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.cell(column);
        if text.is_empty() {
            return None;
        }
        let exact = words.iter().find(|(word, _)| *word == text);
        let folded = || words.iter().find(|(word, _)| fold(word) == fold(text));
        let found = exact.or_else(folded).map(|(_, value)| *value);
        if found.is_none() {
            let hint = suggest::hint(text, words.iter().map(|(word, _)| *word));
            self.refuse(column, format!("\"{column}\" cannot be \"{text}\""), hint);
        }
        found
    }

    /// One of some words that must be there.
    pub fn needed_choice<T: Copy>(&mut self, column: &str, words: &[(&str, T)]) -> Option<T> {
        if self.is_empty(column) {
            let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            self.refuse(column, format!("\"{column}\" is empty"), format!("choose one of: {}", words.join(", ")));
        }
        self.choice(column, words)
    }

    /// A number with decimal point or comma, in a range; none when the field is empty or not such a number.
    pub fn decimal(&mut self, column: &str, (from, to): (f64, f64)) -> Option<f64> {
        let value = self.number(column, decimal)?;
        let fine = (from..=to).contains(&value);
        if !fine {
            let message = format!("\"{column}\" is out of range: {}", self.cell(column));
            self.refuse(column, message, format!("it lies between {from} and {to}"));
        }
        fine.then_some(value)
    }

    /// A whole number from 0; none when the field is empty or not such a number.
    pub fn count(&mut self, column: &str) -> Option<u64> {
        self.number(column, count)
    }

    /// A position; none when both fields are empty or one of them is no degree inside Vietnam.
    pub fn position(&mut self, lon_column: &str, lat_column: &str) -> Option<LonLat> {
        match (self.is_empty(lon_column), self.is_empty(lat_column)) {
            (true, true) => return None,
            (false, false) => {}
            (empty_lon, _) => {
                let column = if empty_lon { lon_column } else { lat_column };
                self.refuse(column, format!("\"{column}\" is empty"), "a position has both");
                return None;
            }
        }
        let (lon, lat) = (self.number(lon_column, decimal), self.number(lat_column, decimal));
        let (lon, lat) = (lon?, lat?);
        let inside = |value: f64, (from, to): (f64, f64)| (from..=to).contains(&value);
        if inside(lon, LON) && inside(lat, LAT) {
            return Some(LonLat { lon, lat });
        }
        let hint = if inside(lat, LON) && inside(lon, LAT) {
            format!("longitude and latitude look swapped: {lon_column} is 102 to 110.5, {lat_column} is 8 to 23.5")
        } else if lon.abs() > PLANE || lat.abs() > PLANE {
            "these look like metres of VN-2000; give degrees of WGS 84, as 105.3503 and 22.3365".to_owned()
        } else {
            "give degrees of WGS 84, east 102 to 110.5 and north 8 to 23.5".to_owned()
        };
        let column = if inside(lon, LON) { lat_column } else { lon_column };
        self.refuse(column, format!("{lon}, {lat} does not lie in Vietnam"), hint);
        None
    }

    /// An address of one machine.
    pub fn address(&mut self, column: &str) -> Option<IpAddr> {
        let text = self.cell(column);
        if text.is_empty() {
            return None;
        }
        let Ok(address) = text.parse::<IpAddr>() else {
            let hint = if text.contains('/') {
                "give the address of one machine, without the length of its network"
            } else {
                "give an address, as 10.22.21.1 or 2001:db8::1; names are not looked up"
            };
            self.refuse(column, format!("\"{text}\" is not an address"), hint);
            return None;
        };
        if let Some(reason) = refused_address(address) {
            self.refuse(column, format!("{address} {reason}"), "give the address of one machine");
            return None;
        }
        Some(address)
    }

    fn number<T>(&mut self, column: &str, parse: impl FnOnce(&str) -> Result<T, NumberError>) -> Option<T> {
        let text = self.cell(column);
        if text.is_empty() {
            return None;
        }
        parse(text)
            .map_err(|error| self.refuse(column, format!("\"{column}\" is {text:?}: {error}"), error.remedy()))
            .ok()
    }
}

/// What to do about a value that is refused.
fn remedy(column: &str, text: &str) -> String {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if matches!(column, "code" | "commune") && digits && text.len() < 5 {
        let code = format!("{text:0>5}");
        debug_assert!(code.parse::<CommuneCode>().is_ok());
        return format!("is it {code}? spreadsheets drop leading zeros: format the column as text");
    }
    match column {
        "reported_at" | "from" | "to" | "until" => {
            "write date, time and offset, as 2026-11-22T14:05:00+07:00".to_owned()
        }
        "port" => "write a port from 1 to 65535".to_owned(),
        _ => format!("correct \"{column}\" in this row"),
    }
}
