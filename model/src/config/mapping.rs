//! The file that says which columns of a table mean what.

use std::path::Path;

use crate::{ColumnMapping, Fault, bounded};

/// The largest mapping file in bytes; a hundred columns with ten words each are 30 kB.
const MAPPING_MAX: u64 = 256 * 1024;

impl ColumnMapping {
    /// Reads a mapping file: TOML with the keys of this type.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let hint = "correct the mapping file, or leave it out";
        let bytes = bounded::read(path, MAPPING_MAX).map_err(|error| error.into_fault(path, hint))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Fault::of_file(path, "this is not UTF-8 text", "save the file as UTF-8"))?;
        toml::from_str(&text).map_err(|error| {
            let line = error
                .span()
                .and_then(|span| text.get(..span.start))
                .map_or(1, |before| before.bytes().filter(|byte| *byte == b'\n').count() as u64 + 1);
            Fault::of_file(path, error.message(), hint).at_line(line)
        })
    }
}
