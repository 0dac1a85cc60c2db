//! Named limits, each checked before the memory is taken.

use std::cell::Cell;

/// Largest file: five times the national commune set at full resolution.
pub const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;
/// Most features in a file: three times the base stations of the largest operator of the country. Each takes some 600 bytes
/// beside its points.
pub(crate) const MAX_FEATURES: usize = 150_000;
/// Most rows of a table, and points of a track: a day of a drive test with ten samples a second.
pub(crate) const MAX_ROWS: usize = 500_000;
/// Most vertices of all files together, 320 MB of them: the 3,321 communes of the country at full resolution (7 million) and a
/// national coverage layer (8 million) fit.
pub(crate) const MAX_VERTICES: u64 = 20_000_000;
/// Deepest nesting of brackets: a MultiPolygon needs eight, properties rarely two more.
pub(crate) const MAX_NESTING: usize = 32;

/// Vertices that may still be read.
#[derive(Debug)]
pub(crate) struct Budget(Cell<u64>);

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(MAX_VERTICES))
    }
}

impl Budget {
    /// Takes so many vertices; false, with none left, when there are fewer.
    pub(crate) fn take_all(&self, vertices: u64) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(vertices));
        left >= vertices
    }

    /// How many vertices were taken.
    pub(crate) fn taken(&self) -> u64 {
        MAX_VERTICES.saturating_sub(self.0.get())
    }

    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn of(vertices: u64) -> Self {
        Self(Cell::new(vertices))
    }
}

/// The byte where brackets outside of strings nest deeper than [`MAX_NESTING`]; a parser's stack never sees them.
pub(crate) fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > MAX_NESTING {
                    return Some(at);
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_do_not_nest() {
        assert_eq!(too_deep(&"[".repeat(MAX_NESTING)), None);
        assert_eq!(too_deep(&"[".repeat(MAX_NESTING + 1)), Some(MAX_NESTING));
        assert_eq!(too_deep(&format!(r#"["\"{}"]"#, "[".repeat(100))), None);
    }
}
