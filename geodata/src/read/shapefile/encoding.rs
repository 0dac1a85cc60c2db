//! Which letters the bytes of a table are.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252, WINDOWS_1258};
use unicode_normalization::UnicodeNormalization;

use crate::read::report::{Wrong, shown, wrong};

/// What an unknown encoding is answered with.
const HINT: &str = "write the encoding of the table in a text file of the same name with the ending .cpg: UTF-8, 1258 \
                    (Vietnamese Windows), 1252 or ISO-8859-1";

/// The encoding of a table, as far as a file beside it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    /// It is said.
    Known(&'static Encoding),
    /// It is not said: UTF-8 is recognised, and nothing else is guessed.
    Unsaid,
}

/// The encoding that a `.cpg` names.
pub(super) fn of_cpg(cpg: Option<&[u8]>) -> Result<Letters, Wrong> {
    let Some(cpg) = cpg else { return Ok(Letters::Unsaid) };
    let name = String::from_utf8_lossy(cpg).trim_matches(['\u{feff}', ' ', '\r', '\n', '\t', '\0']).to_lowercase();
    let number = ["windows-", "windows", "ansi ", "cp", "ms"].iter().find_map(|before| name.strip_prefix(before));
    let found = match number.unwrap_or(&name) {
        "" => return Ok(Letters::Unsaid),
        "utf-8" | "utf8" | "65001" => Some(UTF_8),
        "1258" => Some(WINDOWS_1258),
        // Its printable letters are those of ISO 8859-1.
        "1252" | "iso-8859-1" | "iso 8859-1" | "iso8859-1" | "8859-1" | "8859_1" | "88591" | "latin1" | "28591" => {
            Some(WINDOWS_1252)
        }
        label => Encoding::for_label(label.as_bytes()).filter(|encoding| encoding.is_ascii_compatible()),
    };
    match found {
        Some(encoding) => Ok(Letters::Known(encoding)),
        None => wrong(format!("encoding {:?} is not known", shown(&name)), HINT),
    }
}

impl Letters {
    /// The same, when the language byte of the table says what no `.cpg` does. Only 03 is taken at its word: programs
    /// write 57 (the encoding of the system, whichever that was) and 0 for everything else.
    pub(super) fn or_language(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Unsaid, 0x03) => Self::Known(WINDOWS_1252),
            (letters, _) => letters,
        }
    }

    /// Bytes as text, composed: 1258 has letters and tones apart.
    pub(super) fn text(self, bytes: &[u8]) -> Result<String, Wrong> {
        let (encoding, unsaid) = match self {
            Self::Known(encoding) => (encoding, false),
            Self::Unsaid => (UTF_8, true),
        };
        match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
            Some(text) => Ok(text.nfc().collect()),
            None if unsaid => wrong("a text that is not UTF-8, and no .cpg says what it is", HINT),
            None => wrong(format!("a text that is not {}", encoding.name()), HINT),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(cpg: &str) -> Letters {
        of_cpg(Some(cpg.as_bytes())).unwrap_or_else(|(message, _)| panic!("{message}"))
    }

    #[test]
    fn encodings_are_known_by_many_names() {
        for name in ["UTF-8", "utf8\r\n", "65001", "\u{feff}UTF-8"] {
            assert_eq!(letters(name), Letters::Known(UTF_8), "{name}");
        }
        for name in ["1258", "CP1258", "windows-1258", "ANSI 1258"] {
            assert_eq!(letters(name), Letters::Known(WINDOWS_1258), "{name}");
        }
        for name in ["1252", "ISO-8859-1", "88591", "ANSI 1252", "latin1"] {
            assert_eq!(letters(name), Letters::Known(WINDOWS_1252), "{name}");
        }
        assert_eq!(of_cpg(None), Ok(Letters::Unsaid));
        for name in ["UTF-16", "TCVN3", "1234"] {
            assert!(of_cpg(Some(name.as_bytes())).is_err_and(|(message, _)| message.contains("not known")), "{name}");
        }
    }

    #[test]
    fn vietnamese_is_composed_and_nothing_is_guessed() {
        // In 1258 a letter with two marks is the letter and the tone after it.
        assert_eq!(
            letters("1258").text(b"Tuy\xean Quang, H\xe0 Giang, Ti\xea\xecng").as_deref(),
            Ok("Tuyên Quang, Hà Giang, Tiếng")
        );
        assert_eq!(letters("1252").text(b"H\xe0").as_deref(), Ok("Hà"));
        assert!(Letters::Unsaid.text(b"H\xe0").is_err_and(|(_, hint)| hint.contains(".cpg")));
        assert_eq!(Letters::Unsaid.text("Hà".as_bytes()).as_deref(), Ok("Hà"));
        assert_eq!(Letters::Unsaid.or_language(3).text(b"H\xe0").as_deref(), Ok("Hà"));
        assert!(letters("UTF-8").text(b"H\xe0").is_err_and(|(message, _)| message.contains("not UTF-8")));
    }
}
