//! Texts that come from devices.

use std::borrow::Cow;

use phusong_model::printable;

/// Longest text that is kept from a device, in characters: SnmpAdminString and DisplayString have at most 255 octets.
const TEXT_MOST: usize = 255;

/// The octets as text. Names are compared in this form; nothing is printed in it.
pub(super) fn lossy(octets: &[u8]) -> Cow<'_, str> {
    match String::from_utf8_lossy(octets) {
        Cow::Borrowed(text) if text.len() <= TEXT_MOST => Cow::Borrowed(text),
        text @ (Cow::Borrowed(_) | Cow::Owned(_)) => Cow::Owned(text.chars().take(TEXT_MOST).collect()),
    }
}

/// A text that people may see: printable and not too long.
pub(super) fn short(text: &str) -> String {
    printable(&text.chars().take(TEXT_MOST).collect::<String>()).into_owned()
}
