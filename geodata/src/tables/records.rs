//! CSV (RFC 4180) with the separators, line ends and quotes that spreadsheets write.
//!
//! Own code, because a fault names the line where its record starts, and a quote that is never closed is one; the `csv`
//! crate does neither.

use std::borrow::Cow;

use super::{
    cells::{Cells, Line},
    columns::Titles,
    limits::HEADER_WITHIN,
};
use crate::read::{Place, Wrong};

/// What stands between fields; of equals the last one wins.
const SEPARATORS: [char; 3] = ['\t', ';', ','];

/// The rows of a text, one after the other.
pub(super) fn read<'t>(text: &'t str, titles: &Titles<'_>) -> Records<'t> {
    let (told, rest, line) = told(text);
    Records { rest, line, separator: told.unwrap_or_else(|| separator_of(rest, titles)) }
}

/// The separator of a first line `sep=;`, which Excel understands; the text after it and the number of its first line.
fn told(text: &str) -> (Option<char>, &str, u64) {
    let (first, rest) = split_line(text);
    let told = first.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and_then(|_| first.get(4..));
    match told.and_then(|told| told.chars().next()).filter(char::is_ascii) {
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

/// Rows of a text that are not blank. After a fault there are no more.
pub(super) struct Records<'t> {
    rest: &'t str,
    line: u64,
    separator: char,
}

impl Iterator for Records<'_> {
    type Item = Result<Line, (Place, Wrong)>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let number = self.line;
            match self.record() {
                Ok(cells) if cells.is_blank() => {}
                Ok(cells) => return Some(Ok(Line::new(number, cells))),
                Err(fault) => {
                    self.rest = "";
                    return Some(Err(fault));
                }
            }
        }
        None
    }
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
        // All of these are single bytes, which no other letter has in it.
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r') || char::from(*byte) == self.separator;
        let end = self.rest.bytes().position(|byte| is_end(&byte)).unwrap_or(self.rest.len());
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
