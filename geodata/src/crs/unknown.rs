//! A system that is not in the table.

use std::fmt;

use phusong_model::printable;

use super::Crs;

/// Most characters repeated of what was given: a whole WKT would hide the list that follows.
const SHOWN_CHARS: usize = 80;

/// A coordinate system that was not understood or is not known. Its text lists the known ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnknownCrs {
    given: String,
    why: Option<String>,
}

impl UnknownCrs {
    /// One that is not in the table.
    pub(super) fn new(given: &str) -> Self {
        let mut rest = given.trim().chars();
        let shown: String = rest.by_ref().take(SHOWN_CHARS).collect();
        let more = if rest.next().is_some() { "…" } else { "" };
        Self { given: format!("{}{more}", printable(&shown)), why: None }
    }

    /// The same, with what is wrong with it. `why` is our own text or has been bounded.
    pub(super) fn because(given: &str, why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..Self::new(given) }
    }
}

impl fmt::Display for UnknownCrs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.given.is_empty() {
            f.write_str("no coordinate system is named")?;
        } else {
            write!(f, "coordinate system \"{}\" is not known", self.given)?;
        }
        if let Some(why) = &self.why {
            write!(f, ": {why}")?;
        }
        f.write_str("; known are ")?;
        for (index, crs) in Crs::known().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{crs}")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownCrs {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_is_bounded_and_harmless() {
        let text = UnknownCrs::new(&format!("\x1b[2J{}", "x".repeat(1000))).to_string();
        assert!(text.starts_with("coordinate system \"\\u{1b}[2Jxxx"), "{text}");
        assert!(text.contains("x…\" is not known; known are EPSG:4326 (WGS 84), EPSG:4756 (VN-2000), EPSG:3405"));
        assert!(!text.contains(&"x".repeat(SHOWN_CHARS)));
        assert!(UnknownCrs::new(" ").to_string().starts_with("no coordinate system is named; known are"));
    }

    #[test]
    fn the_list_is_whole() {
        let text = UnknownCrs::because("EPSG:3857", "it is no system of Vietnam").to_string();
        assert!(text.contains("\"EPSG:3857\" is not known: it is no system of Vietnam; known"));
        for crs in Crs::known() {
            assert!(text.contains(&format!("EPSG:{} ({})", crs.epsg(), crs.name())), "{}", crs.epsg());
        }
    }
}
