//! CSV (RFC 4180) with the separators, line ends and quotes that spreadsheets write.
//!
//! Own code, because a fault names the line where its record starts, and a quote that is never closed is one; the `csv`
//! crate does neither.

use std::borrow::Cow;

use super::{
    cells::{Cells, Sheet},
    columns::Titles,
    limits::HEADER_WITHIN,
};
use crate::read::{Place, Wrong};

/// What stands between fields; of equals the last one wins.
const SEPARATORS: [char; 3] = ['\t', ';', ','];

/// The rows of a text.
pub(super) fn read(text: &str, titles: &Titles<'_>) -> Result<Sheet, (Place, Wrong)> {
    let (told, rest, first) = told(text);
    let separator = told.unwrap_or_else(|| separator_of(rest, titles));
    let mut records = Records { rest, line: first, separator };
    let mut sheet = Sheet::default();
    while !records.rest.is_empty() {
        let line = records.line;
        let cells = records.record()?;
        sheet.push(line, cells).map_err(|wrong| (Place::Line(line), wrong))?;
    }
    Ok(sheet)
}

/// The separator of a first line `sep=;`, which Excel understands; the text after it and the number of its first line.
fn told(text: &str) -> (Option<char>, &str, u64) {
    let (first, rest) = split_line(text);
    let told = first.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and_then(|_| first.get(4..));
    match told.and_then(|told| told.chars().next()) {
        Some(separator) => (Some(separator), rest, 2),
        None => (None, text, 1),
    }
}

/// The separator that parts some line into most known titles; where no line has any, the most frequent one.
fn separator_of(text: &str, titles: &Titles<'_>) -> char {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(HEADER_WITHIN).collect();
    let score = |separator: &char| {
        let known = lines.iter().map(|line| titles.known(line.split(*separator).map(|title| title.trim_matches('"'))));
        let count = lines.iter().map(|line| line.matches(*separator).count()).max();
        (known.max().unwrap_or_default(), count.unwrap_or_default())
    };
    SEPARATORS.into_iter().max_by_key(score).unwrap_or(',')
}

struct Records<'t> {
    rest: &'t str,
    line: u64,
    separator: char,
}

impl<'t> Records<'t> {
    fn record(&mut self) -> Result<Cells, (Place, Wrong)> {
        let start = self.line;
        let mut cells = Cells::default();
        loop {
            let field = match self.rest.strip_prefix('"') {
                Some(quoted) => self.quoted(quoted)?,
                None => Cow::Borrowed(self.plain()),
            };
            cells.push(&field).map_err(|wrong| (Place::Line(start), wrong))?;
            if let Some(rest) = self.rest.strip_prefix(self.separator) {
                self.rest = rest;
                if rest.is_empty() {
                    return Ok(cells);
                }
                continue;
            }
            self.rest = split_line(self.rest).1;
            self.line += 1;
            return Ok(cells);
        }
    }

    /// Text up to the next separator or line end.
    fn plain(&mut self) -> &'t str {
        let end = self.rest.find([self.separator, '\n', '\r']).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        field
    }

    /// A field whose opening quote is already taken.
    fn quoted(&mut self, mut rest: &'t str) -> Result<Cow<'t, str>, (Place, Wrong)> {
        let opened = self.line;
        let mut field = Cow::Borrowed("");
        loop {
            let Some((part, after)) = rest.split_once('"') else {
                let message = "a quote that is never closed".to_owned();
                return Err((
                    Place::Line(opened),
                    (message, "close it, or write \"\" for a quote in a text".to_owned()),
                ));
            };
            field = if field.is_empty() { Cow::Borrowed(part) } else { Cow::Owned(field.into_owned() + part) };
            match after.strip_prefix('"') {
                Some(after) => {
                    field.to_mut().push('"');
                    rest = after;
                }
                None => {
                    self.rest = after;
                    break;
                }
            }
        }
        self.line += line_ends(&field);
        if self.plain().trim().is_empty() {
            return Ok(field);
        }
        let message = "text behind a closing quote".to_owned();
        let hint = "put the whole text into quotes, and write \"\" for a quote in it";
        Err((Place::Line(self.line), (message, hint.to_owned())))
    }
}

/// The first line and what follows its line end, which may be `\n`, `\r\n` or `\r`.
fn split_line(text: &str) -> (&str, &str) {
    let Some((line, rest)) = text.find(['\n', '\r']).and_then(|end| text.split_at_checked(end)) else {
        return (text, "");
    };
    (line, rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r'])).unwrap_or(rest))
}

fn line_ends(text: &str) -> u64 {
    let pairs = text.matches("\r\n").count();
    (text.matches(['\n', '\r']).count() - pairs) as u64
}
