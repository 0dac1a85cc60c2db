//! Sizes as people write them: `20GiB`, `512MiB`.

use serde::{Deserialize, Serialize};

/// A number of bytes; in TOML a text such as `"20GiB"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ByteSize(pub u64);

/// The units, the largest first.
const UNITS: [(&str, u64); 3] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20)];

impl ByteSize {
    /// So many MiB.
    #[must_use]
    pub const fn mebibytes(count: u64) -> Self {
        Self(count << 20)
    }
}

impl TryFrom<String> for ByteSize {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let size = UNITS.iter().find_map(|(unit, bytes)| {
            let count: u64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
            count.checked_mul(*bytes)
        });
        size.map(Self).ok_or_else(|| format!("{text:?} is not a size such as \"20GiB\" or \"512MiB\""))
    }
}

impl From<ByteSize> for String {
    fn from(size: ByteSize) -> Self {
        let whole = UNITS.iter().find(|(_, bytes)| size.0 >= *bytes && size.0.is_multiple_of(*bytes));
        let (unit, bytes) = whole.copied().unwrap_or(("MiB", 1 << 20));
        format!("{}{unit}", size.0 / bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_written_back() {
        for (text, bytes) in [("20GiB", 20 << 30), ("512MiB", 512 << 20), ("1TiB", 1 << 40), ("0MiB", 0)] {
            let size = ByteSize::try_from(text.to_owned()).expect("a size");
            assert_eq!((size.0, String::from(size)), (bytes, text.to_owned()));
        }
        for bad in ["", "20", "20GB", "-1GiB", "1.5GiB", "99999999999TiB", "GiB"] {
            assert!(ByteSize::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
