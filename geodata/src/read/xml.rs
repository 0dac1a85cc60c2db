//! What the formats that are XML have in common.

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

use super::{
    Place,
    report::{Wrong, shown, wrong},
};

/// Whether a file that starts like this is XML.
pub(crate) fn is_xml(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    // In UTF-16 each letter is two bytes, one of which is zero.
    head.iter().find(|byte| !byte.is_ascii_whitespace() && ![0, 0xfe, 0xff].contains(*byte)) == Some(&b'<')
}

/// Lines by position, counted as the reader goes on.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    /// At the start of the text.
    fn of(text: &'a str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The line of a position that is not before the last one.
    fn at(&mut self, position: u64) -> u64 {
        let position = usize::try_from(position).unwrap_or(usize::MAX).min(self.text.len());
        let between = self.text.as_bytes().get(self.at..position).unwrap_or_default();
        self.line += between.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = self.at.max(position);
        self.line
    }
}

/// What a walk through a document meets.
pub(crate) enum Step<'s> {
    /// An element begins, on this line; one without content ends at once.
    Start(&'s BytesStart<'s>, u64),
    /// The innermost element ends.
    End,
    /// A piece of text.
    Text(&'s str),
}

/// Where a walk came to the end of the text.
pub(crate) struct Ended {
    line: u64,
    has_moved: bool,
}

impl Ended {
    /// A fault when nothing was there, or an element is still open.
    pub(crate) fn whole(&self, open: Option<&String>, hint: &str) -> Result<(), (Place, Wrong)> {
        match open {
            None if self.has_moved => Ok(()),
            None => Err((Place::File, ("an empty file".to_owned(), hint.to_owned()))),
            Some(name) => {
                let message = format!("cut off: <{}> is not closed", shown(name));
                Err((Place::Line(self.line), (message, hint.to_owned())))
            }
        }
    }
}

/// Walks through a document of a format, event by event, until something is wrong. A document type is refused, so no
/// entity but the five of XML exists.
pub(crate) fn walk(
    text: &str,
    (format, hint): (&str, &str),
    mut step: impl FnMut(Step<'_>) -> Result<(), Wrong>,
) -> Result<Ended, (Place, Wrong)> {
    let mut lines = Lines::of(text);
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    loop {
        let line = lines.at(reader.buffer_position());
        let event = reader.read_event();
        let event = event.map_err(|error| {
            let line = lines.at(reader.error_position().max(reader.buffer_position()));
            (Place::Line(line), (format!("not readable as XML: {error}"), hint.to_owned()))
        })?;
        let done = match event {
            Event::Start(start) => step(Step::Start(&start, line)),
            Event::End(_) => step(Step::End),
            Event::Text(text) => step(Step::Text(&text.xml10_content())),
            Event::CData(text) => step(Step::Text(&text.into_inner())),
            Event::GeneralRef(reference) => {
                letter(&reference).and_then(|letter| step(Step::Text(letter.encode_utf8(&mut [0; 4]))))
            }
            Event::DocType(_) => {
                wrong(format!("a document type, which {format} has none of"), "remove the line with <!DOCTYPE")
            }
            Event::Eof => return Ok(Ended { line, has_moved: lines.at > 0 }),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Ok(()),
        };
        done.map_err(|wrong| (Place::Line(lines.at(reader.buffer_position())), wrong))?;
    }
}

/// A character by its number, or one of the five that XML knows. Without a document type there are no others.
fn letter(reference: &BytesRef<'_>) -> Result<char, Wrong> {
    let name = reference.xml10_content();
    let resolved = match name.as_ref() {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => reference.resolve_char_ref().ok().flatten(),
    };
    resolved.map_or_else(|| wrong(format!("entity &{}; is not known", shown(&name)), "write the letter itself"), Ok)
}
