//! What the formats that are XML have in common.

use quick_xml::events::BytesRef;

use super::report::{Wrong, shown, wrong};

/// Whether a file that starts like this is XML.
pub(crate) fn is_xml(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    // In UTF-16 each letter is two bytes, one of which is zero.
    head.iter().find(|byte| !byte.is_ascii_whitespace() && ![0, 0xfe, 0xff].contains(*byte)) == Some(&b'<')
}

/// Lines by position, counted as the reader goes on.
pub(crate) struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    /// At the start of the text.
    pub(crate) fn of(text: &'a str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// Whether any position after the start was asked for.
    pub(crate) fn has_moved(&self) -> bool {
        self.at > 0
    }

    /// The line of a position that is not before the last one.
    pub(crate) fn at(&mut self, position: u64) -> u64 {
        let position = usize::try_from(position).unwrap_or(usize::MAX).min(self.text.len());
        let between = self.text.as_bytes().get(self.at..position).unwrap_or_default();
        self.line += between.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = self.at.max(position);
        self.line
    }
}

/// A character by its number, or one of the five that XML knows. Without a document type there are no others.
pub(crate) fn letter(reference: &BytesRef<'_>) -> Result<char, Wrong> {
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
