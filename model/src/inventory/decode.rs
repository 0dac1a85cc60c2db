//! From the bytes of a file to its text.

use std::path::Path;

use crate::{Fault, bounded};

/// The largest file in bytes: 250,000 rows of 256 bytes, eight times what the country's 33,210 links need.
const FILE_MAX: u64 = 64 << 20;

/// How far is looked for the zero bytes of UTF-16 without a mark.
const ZEROS_WITHIN: usize = 1024;

const REMEDY: &str = "save it as \"CSV UTF-8\" (Excel: File, Save As, CSV UTF-8; LibreOffice: Save As, Text CSV, \
                      character set Unicode (UTF-8))";

/// The text of a file, without a byte order mark.
pub(super) fn text_of(path: &Path) -> Result<String, Fault> {
    let bytes = bounded::read(path, FILE_MAX)
        .map_err(|error| error.into_fault(path, "phusongd init DIR writes templates to start from"))?;
    decode(path, bytes)
}

/// The text of bytes.
pub(super) fn decode(path: &Path, mut bytes: Vec<u8>) -> Result<String, Fault> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(Fault::of_file(path, "this is a workbook and not a CSV file", REMEDY));
    }
    let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if wide || bytes.iter().take(ZEROS_WITHIN).any(|byte| *byte == 0) {
        return Err(Fault::of_file(path, "this is UTF-16 or not a text at all", REMEDY));
    }
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        Fault::of_file(path, "this is not UTF-8: accented letters would be lost", REMEDY).at_line(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_utf_8_is_read_and_the_remedy_is_named() {
        let wide: Vec<u8> = "code,name\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [&[0xff, 0xfe][..], &wide].concat();
        for (bytes, fact, line) in [
            (wide, "UTF-16", None),
            (marked, "UTF-16", None),
            (b"code,name\n02221,N\xe0 Hang\n".to_vec(), "not UTF-8", Some(2)),
            (b"PK\x03\x04 xl/workbook.xml".to_vec(), "workbook", None),
        ] {
            let fault = decode(Path::new("f.csv"), bytes).expect_err(fact);
            assert!(fault.message.contains(fact) && fault.hint.contains("CSV UTF-8"), "{fault}");
            assert_eq!(fault.line, line, "{fault}");
        }
        let marked = decode(Path::new("f.csv"), "\u{feff}tên".into());
        assert_eq!(marked.as_deref(), Ok("tên"));
    }
}
