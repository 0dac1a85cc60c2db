//! Splitting the text of a CSV file into records (RFC 4180, with the separators and line ends that spreadsheets write).
//!
//! Own code, because a fault must name the line where its record starts, also after records of several lines, and a
//! quote that is never closed must be a fault; the `csv` crate does neither. A test holds both against each other.

use std::borrow::Cow;

/// Fields kept of one record. Spreadsheets add empty columns on the right, up to 16,384 of them.
pub(super) const FIELDS_MAX: usize = 256;

/// One record: a row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record<'t> {
    /// Line where it starts, from 1.
    pub line: u64,
    /// Its fields without quotes, at most [`FIELDS_MAX`].
    pub fields: Vec<Cow<'t, str>>,
    /// A field with content was not kept.
    pub cut: bool,
}

/// Why a record cannot be split into fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// The quote opened on this line is never closed; the rest of the file is lost.
    OpenQuote(u64),
    /// Text follows a closing quote on this line.
    AfterQuote(u64),
}

/// The records of a text, without those that are comments.
pub(super) struct Records<'t> {
    rest: &'t str,
    line: u64,
    separator: char,
}

/// How a field ended.
enum End {
    Separator,
    Record,
}

impl<'t> Records<'t> {
    /// Splits a text whose separator is found from its header. A first line `sep=;`, which Excel understands, decides.
    pub fn new(text: &'t str) -> Self {
        let (first, rest) = split_line(text);
        let told = first.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and_then(|_| first.get(4..));
        if let Some(separator) = told.and_then(|told| told.chars().next()) {
            return Self { rest, line: 2, separator };
        }
        Self { rest: text, line: 1, separator: separator_of(text) }
    }

    /// A record from here; comments are not looked at.
    fn record(&mut self) -> Result<Record<'t>, Broken> {
        let mut record = Record { line: self.line, fields: Vec::new(), cut: false };
        let mut broken = None;
        loop {
            let (field, end) = match self.field() {
                Ok(field) => field,
                Err((error, Some(end))) => {
                    broken.get_or_insert(error);
                    (Cow::Borrowed(""), end)
                }
                Err((error, None)) => return Err(error),
            };
            if record.fields.len() < FIELDS_MAX {
                record.fields.push(field);
            } else {
                record.cut |= !field.trim().is_empty();
            }
            match end {
                End::Separator => {}
                End::Record => return broken.map_or(Ok(record), Err),
            }
        }
    }

    /// The next field; an error comes with how the field ended when the record goes on.
    fn field(&mut self) -> Result<(Cow<'t, str>, End), (Broken, Option<End>)> {
        match self.rest.strip_prefix('"') {
            Some(quoted) => self.quoted(quoted),
            None => {
                let field = self.plain();
                Ok((Cow::Borrowed(field), self.end()))
            }
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
    fn quoted(&mut self, text: &'t str) -> Result<(Cow<'t, str>, End), (Broken, Option<End>)> {
        let opened = self.line;
        let mut field = Cow::Borrowed("");
        let mut rest = text;
        loop {
            let Some((part, after)) = rest.split_once('"') else {
                self.rest = "";
                return Err((Broken::OpenQuote(opened), None));
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
        let line = self.line;
        let junk = !self.plain().trim().is_empty();
        let end = self.end();
        if junk { Err((Broken::AfterQuote(line), Some(end))) } else { Ok((field, end)) }
    }

    /// Takes the separator or line end that stands here; the end of the text ends the record too.
    fn end(&mut self) -> End {
        if let Some(rest) = self.rest.strip_prefix(self.separator) {
            self.rest = rest;
            return End::Separator;
        }
        self.rest = split_line(self.rest).1;
        self.line += 1;
        End::Record
    }
}

impl<'t> Iterator for Records<'t> {
    type Item = Result<Record<'t>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            // A comment is not split into fields: a lone quote in it would swallow what follows.
            if self.rest.starts_with('#') {
                self.rest = split_line(self.rest).1;
                self.line += 1;
                continue;
            }
            match self.record() {
                Err(broken) => return Some(Err(broken)),
                Ok(record) if is_remark(&record) => {}
                Ok(record) => return Some(Ok(record)),
            }
        }
        None
    }
}

/// An empty row, or a comment that a spreadsheet has put into quotes.
fn is_remark(record: &Record<'_>) -> bool {
    record.fields.first().is_some_and(|field| field.trim_start().starts_with('#'))
        || (record.fields.iter().all(|field| field.trim().is_empty()) && !record.cut)
}

/// The separator of a text: the one that stands most often in its header.
fn separator_of(text: &str) -> char {
    let mut rest = text;
    while !rest.is_empty() {
        let (line, next) = split_line(rest);
        rest = next;
        let content = line.trim_start_matches('"').trim_start();
        if content.starts_with('#') || content.trim_matches([';', ',', '\t', ' ']).is_empty() {
            continue;
        }
        let count = |separator: &char| line.matches(*separator).count();
        // Of equals the last wins, and a header without any has one column.
        return ['\t', ';', ','].into_iter().max_by_key(count).unwrap_or(',');
    }
    ','
}

/// The first line and what follows its line end, which may be `\n`, `\r\n` or `\r`.
fn split_line(text: &str) -> (&str, &str) {
    let Some((line, rest)) = text.find(['\n', '\r']).and_then(|end| text.split_at_checked(end)) else {
        return (text, "");
    };
    let after = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r'])).unwrap_or(rest);
    (line, after)
}

fn line_ends(text: &str) -> u64 {
    let pairs = text.matches("\r\n").count();
    (text.matches(['\n', '\r']).count() - pairs) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str) -> Vec<(u64, Vec<String>)> {
        Records::new(text)
            .map(|record| record.expect("record"))
            .map(|record| (record.line, record.fields.into_iter().map(Cow::into_owned).collect()))
            .collect()
    }

    fn row(line: u64, fields: &[&str]) -> (u64, Vec<String>) {
        (line, fields.iter().map(|f| (*f).to_owned()).collect())
    }

    #[test]
    fn lines_are_counted_through_comments_blank_lines_and_quoted_line_ends() {
        let text = "# a \"lone quote\r\n\r\nid;name\r\n1;\"two\r\nlines\"\r\n;;\r\n\"# quoted; remark\";\r\n2;\"a \"\"b\"\"\"\r\n";
        let expected = [row(3, &["id", "name"]), row(4, &["1", "two\r\nlines"]), row(8, &["2", "a \"b\""])];
        assert_eq!(split(text), expected);
        assert_eq!(split(&text.replace("\r\n", "\n"))[2].0, 8);
        assert_eq!(split(&text.replace("\r\n", "\r"))[2].0, 8);
    }

    #[test]
    fn the_separator_is_found_from_the_header() {
        for (text, fields) in [
            ("a,b\n", vec!["a", "b"]),
            ("a;b,c;d\n", vec!["a", "b,c", "d"]),
            ("a\tb\n1,5\t2", vec!["a", "b"]),
            ("sep=;\na,x;b\n", vec!["a,x", "b"]),
            ("a\n", vec!["a"]),
            ("# x;y;z\n\na,b", vec!["a", "b"]),
        ] {
            assert_eq!(split(text).first().map(|r| r.1.clone()), Some(row(0, &fields).1), "{text:?}");
        }
        assert_eq!(split("sep=;\r\na;b\r\n"), [row(2, &["a", "b"])]);
    }

    #[test]
    fn broken_quotes_are_faults_and_the_records_after_text_behind_a_quote_are_read() {
        let records: Vec<_> = Records::new("a,b\n\"x\"y,2\n3,4\n5,\"6\n7,8\n").collect();
        assert_eq!(records.len(), 4);
        assert_eq!(records[1], Err(Broken::AfterQuote(2)));
        assert_eq!(records[2].as_ref().map(|r| r.line), Ok(3));
        assert_eq!(records[3], Err(Broken::OpenQuote(4)));
    }

    #[test]
    fn very_many_empty_columns_cost_nothing() {
        let text = format!("a;b{}\n1;2{}\n1;2{}x", ";".repeat(20_000), ";".repeat(20_000), ";".repeat(20_000));
        let records: Vec<_> = Records::new(&text).map(|record| record.expect("record")).collect();
        assert!(records.iter().all(|record| record.fields.len() == FIELDS_MAX));
        assert_eq!(records.iter().map(|record| record.cut).collect::<Vec<_>>(), [false, false, true]);
    }

    proptest! {
        #[test]
        fn what_the_csv_crate_writes_is_read_back(rows in prop::collection::vec(prop::collection::vec("[a-z\",;\n\r ế]{1,6}", 3), 1..8)) {
            let header = ["x", "y", "z"];
            let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
            writer.write_record(header).expect("header");
            for row in &rows {
                writer.write_record(row).expect("row");
            }
            let text = String::from_utf8(writer.into_inner().expect("bytes")).expect("text");
            let expected: Vec<Vec<String>> =
                rows.into_iter().filter(|row| !row.iter().all(|field| field.trim().is_empty())).collect();
            let read: Vec<Vec<String>> = split(&text).into_iter().skip(1).map(|(_, fields)| fields).collect();
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn no_text_stops_the_reader(text in any::<String>()) {
            let lines = text.len() as u64 + 1;
            for record in Records::new(&text) {
                let line = match record { Ok(record) => record.line, Err(Broken::OpenQuote(l) | Broken::AfterQuote(l)) => l };
                prop_assert!((1..=lines).contains(&line));
            }
        }
    }
}
