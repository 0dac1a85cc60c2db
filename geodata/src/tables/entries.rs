//! What the entries of a workbook say of themselves, looked at while the archive is weighed, before its reader believes it:
//! that one reserves memory for as many texts as a workbook says it has, and takes a region to end after its begin.

use super::{
    limits::{MAX_INDEX_BYTES, MAX_TEXTS},
    workbook::HINT,
};
use crate::read::{Wrong, shown, wrong};

/// Bytes before and after a sign that are looked at with it: a tag or an attribute is shorter.
const AROUND: usize = 1024;
/// Entries that say where everything is, by the end of their names in lower case.
const INDICES: [&str; 3] = ["workbook.xml", "styles.xml", ".rels"];

/// A look at one entry as it is inflated.
pub(super) struct Entry {
    name: String,
    bytes: usize,
    texts: usize,
    window: Vec<u8>,
    /// How far the window has been looked at.
    seen: usize,
}

impl Entry {
    /// Before its first byte.
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_lowercase(), bytes: 0, texts: 0, window: Vec::new(), seen: 0 }
    }

    /// Looks at the next piece, but for its end, which goes on in the one after it.
    pub(super) fn look(&mut self, piece: &[u8]) -> Result<(), Wrong> {
        self.bytes += piece.len();
        if self.bytes > MAX_INDEX_BYTES && INDICES.iter().any(|ending| self.name.ends_with(ending)) {
            let message = format!("{}: more than {} MiB", shown(&self.name), MAX_INDEX_BYTES >> 20);
            return wrong(message, HINT);
        }
        if !self.name.ends_with(".xml") {
            return Ok(());
        }
        let done = self.seen.saturating_sub(AROUND);
        self.window.drain(..done);
        self.seen -= done;
        self.window.extend_from_slice(piece);
        self.judge(self.window.len().saturating_sub(AROUND))
    }

    /// Looks at what is left.
    pub(super) fn finish(mut self) -> Result<(), Wrong> {
        self.judge(self.window.len())
    }

    fn judge(&mut self, end: usize) -> Result<(), Wrong> {
        let unseen = self.window.get(self.seen..end).unwrap_or_default();
        for (at, byte) in (self.seen..).zip(unseen).filter(|(_, byte)| matches!(byte, b'<' | b'=')) {
            let after = self.window.get(at + 1..).unwrap_or_default();
            if *byte == b'=' {
                let before = self.window.get(at.saturating_sub(AROUND)..at).unwrap_or_default();
                let (before, after) = (before.trim_ascii_end(), after.trim_ascii_start());
                attribute(before, after)?;
                if self.name.contains("worksheets/") {
                    cell_name(before, after)?;
                }
            } else if after.starts_with(b"!DOCTYPE") {
                return wrong("a document type, which no workbook has", HINT);
            } else {
                self.texts += usize::from(is_text(after));
            }
        }
        self.seen = self.seen.max(end);
        if self.texts > MAX_TEXTS {
            return wrong(format!("more than {MAX_TEXTS} texts"), HINT);
        }
        Ok(())
    }
}

/// Whether a tag is that of a text of the list of texts, whatever its prefix.
fn is_text(tag: &[u8]) -> bool {
    let end = tag.iter().position(|byte| matches!(byte, b'>' | b'/') || byte.is_ascii_whitespace());
    let name = end.and_then(|end| tag.get(..end)).unwrap_or_default();
    name == b"si" || name.ends_with(b":si")
}

/// What stands between quotes.
fn quoted(after: &[u8]) -> Option<&str> {
    let (quote, rest) = after.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
    let end = rest.iter().take(AROUND).position(|byte| byte == quote)?;
    std::str::from_utf8(rest.get(..end)?).ok()
}

/// The name of a cell or the number of a row, which its reader counts letter by letter: no sheet has one beyond
/// `XFD1048576`.
fn cell_name(before: &[u8], after: &[u8]) -> Result<(), Wrong> {
    let is_name = before
        .split_last()
        .is_some_and(|(last, rest)| *last == b'r' && rest.last().is_some_and(u8::is_ascii_whitespace));
    let Some(name) = quoted(after).filter(|_| is_name) else { return Ok(()) };
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digits = name.bytes().skip(letters).take_while(u8::is_ascii_digit).count();
    if letters > 3 || digits > 7 || letters + digits < name.len() {
        return wrong(format!("a cell {:?}, which no sheet has", shown(name)), HINT);
    }
    Ok(())
}

/// An attribute by what stands before and after its sign.
fn attribute(before: &[u8], after: &[u8]) -> Result<(), Wrong> {
    let value = || quoted(after);
    if before.ends_with(b"uniqueCount") {
        let count = value().and_then(|value| value.parse::<usize>().ok());
        if count.is_none_or(|count| count > MAX_TEXTS) {
            return wrong(format!("it says that it has more than {MAX_TEXTS} texts"), HINT);
        }
    } else if before.ends_with(b"ref")
        && let Some((begin, end)) = value().and_then(|value| value.split_once(':'))
        && let (Some(begin), Some(end)) = (corner(begin), corner(end))
        && (end.0 < begin.0 || end.1 < begin.1)
    {
        return wrong(format!("a region {:?} that ends before it begins", value().unwrap_or_default()), HINT);
    }
    Ok(())
}

/// Column and row of a cell by its name, as `XFD1048576`; both only have to be in order.
fn corner(name: &str) -> Option<(u64, u64)> {
    let name = name.replace('$', "");
    let digits = name.find(|letter: char| letter.is_ascii_digit())?;
    let (letters, row) = name.split_at_checked(digits).filter(|(letters, _)| letters.len() <= 8)?;
    let column = letters.bytes().fold(0, |column, letter| column * 26 + u64::from(letter.to_ascii_uppercase()));
    Some((column, row.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(name: &str, text: &str, piece: usize) -> Result<(), Wrong> {
        let mut entry = Entry::new(name);
        text.as_bytes().chunks(piece).try_for_each(|piece| entry.look(piece))?;
        entry.finish()
    }

    #[test]
    fn what_would_be_believed_is_looked_at_in_pieces_of_any_size() {
        let far = format!("<sst>{}</sst>", "<si><t>a</t></si>".repeat(500));
        for (text, message) in [
            ("<sst count='1' uniqueCount='2'/>".to_owned(), None),
            (format!("{far}<sst uniqueCount = \"99999999999\">"), Some("more than 1000000 texts")),
            ("<sst uniqueCount=\"-1\">".to_owned(), Some("more than 1000000 texts")),
            ("<dimension ref=\"A1:XFD1048576\"/><mergeCell ref='$A$1:B2'/>".to_owned(), None),
            (format!("{far}<dimension ref=\"B2:A9\"/>"), Some("\"B2:A9\" that ends before")),
            ("<x:mergeCell\nref='AA2:AB1'/>".to_owned(), Some("ends before it begins")),
            (format!("{far}<!DOCTYPE x [<!ENTITY a \"b\">]>"), Some("a document type")),
        ] {
            for piece in [1, 7, 1000, 100_000] {
                let told = look("xl/a.XML", &text, piece).err().map(|(told, _)| told);
                assert_eq!(told.is_some(), message.is_some(), "{text}");
                assert!(told.zip(message).is_none_or(|(told, message)| told.contains(message)), "{text}");
            }
        }
        assert_eq!(look("xl/media/a.png", "uniqueCount=\"99999999999\"", 10), Ok(()));
    }

    #[test]
    fn cells_have_names_that_a_sheet_can_have() {
        let told = |text: &str| look("xl/worksheets/sheet1.xml", text, 7).err().map(|(told, _)| told);
        assert_eq!(told("<row r=\"1048576\"><c r=\"XFD1048576\" s=\"1\"/><c\nr='A1'/></row>"), None);
        for bad in ["<c r=\"AAAAAAAAAAAA1\"/>", "<c r=\"A99999999\"/>", "<row r=\"-1\"/>", "<c t=\"n\" r = 'A1B'/>"] {
            assert!(told(bad).is_some_and(|told| told.contains("which no sheet has")), "{bad}");
        }
        assert_eq!(look("xl/drawings/a.xml", "<a r=\"123456789012\"/>", 7), Ok(()));
    }

    #[test]
    fn texts_are_counted_whatever_prefix_they_have() {
        let texts = |tag: &str, count: usize| look("xl/sharedStrings.xml", &tag.repeat(count), 1 << 16);
        assert_eq!(texts("<si><t/></si><sil/>", MAX_TEXTS), Ok(()));
        assert!(texts("<x:si/>", MAX_TEXTS + 1).is_err());
    }
}
