//! Bytes of a table as text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1258};
use unicode_normalization::UnicodeNormalization;

use crate::read::{Wrong, wrong};

/// How far is looked for the zero bytes of UTF-16 without a mark.
const ZEROS_WITHIN: usize = 1024;

/// The text of bytes: UTF-8, or UTF-16 with a mark or zeros between its letters, else windows-1258, which is what old
/// Vietnamese programs write.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Wrong> {
    let (encoding, rest) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, bytes.get(length..).unwrap_or_default()),
        None => (unmarked(bytes), bytes),
    };
    let (text, is_broken) = encoding.decode_without_bom_handling(rest);
    if is_broken {
        let message = format!("neither text nor a workbook: not sound {}", encoding.name());
        return wrong(message, "save it as CSV in UTF-8, or as .xlsx");
    }
    if text.contains('\0') {
        return wrong("neither text nor a workbook", "save it as CSV in UTF-8, or as .xlsx");
    }
    // 1258 has letters and tones apart.
    Ok(if encoding == WINDOWS_1258 { Cow::Owned(text.nfc().collect()) } else { text })
}

fn unmarked(bytes: &[u8]) -> &'static Encoding {
    let zeros = |odd: usize| bytes.iter().take(ZEROS_WITHIN).skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if odd > even {
        UTF_16LE
    } else if even > odd {
        UTF_16BE
    } else if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else {
        WINDOWS_1258
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_all_kinds_of_export_are_read() {
        let text = "tên,xã\nNà Hang,Thôn Đồng";
        let wide = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(bytes).collect() };
        let (little, big) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
        // Ê and ô are letters of their own there, the grave and the acute stand behind.
        let old = b"t\xean,x\xe3\nN\xe0 Hang,Th\xf4n \xd0\xf4\xccng".to_vec();
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", text.as_bytes()),
            marked(b"\xff\xfe", &little),
            marked(b"\xfe\xff", &big),
            little,
            big,
        ] {
            assert_eq!(decode(&bytes).as_deref(), Ok(text));
        }
        let old = decode(&old).expect("1258").into_owned();
        assert_eq!(phusong_model::fold(&old), phusong_model::fold(text), "{old}");
        assert!(decode(b"\xff\xfea").is_err(), "half a letter");
    }
}
