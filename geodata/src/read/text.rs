//! Bytes of a text format as text.

use super::report::{Wrong, wrong};

/// The bytes as UTF-8 without a byte order mark.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, Wrong> {
    // A byte order mark is what some editors put in front.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // Without a mark UTF-16 is known by the zeros between its letters, which no text format has.
    let zeros = bytes.iter().take(4).any(|byte| *byte == 0);
    if zeros || bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return wrong("UTF-16, not UTF-8 text", "save it as UTF-8");
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            wrong(format!("not UTF-8 text, first on line {line}"), "save it as UTF-8")
        }
    }
}
