//! Faults while they are being collected.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{Fault, Faults};

/// Faults kept for each file. Whoever saved a file in the wrong form has one for every row, and nobody reads more than
/// this; the rest is counted.
pub(crate) const FAULTS_MAX: usize = 200;

/// Collects faults, at most [`FAULTS_MAX`] for each file, and counts what it did not keep.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    kept: Vec<Fault>,
    seen: BTreeMap<PathBuf, usize>,
}

impl Findings {
    /// Adds a fault.
    pub(crate) fn push(&mut self, fault: Fault) {
        let seen = self.seen.entry(fault.file.clone()).or_default();
        *seen += 1;
        if *seen <= FAULTS_MAX {
            self.kept.push(fault);
        }
    }

    /// Faults of a file so far, those that were not kept included.
    pub(crate) fn count(&self, file: &Path) -> usize {
        self.seen.get(file).copied().unwrap_or_default()
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The value, or all faults by file, line and column.
    pub(crate) fn verdict<T>(mut self, value: T) -> Result<T, Faults> {
        if self.is_empty() {
            return Ok(value);
        }
        // A fault of a whole file has no line and comes before those that have one.
        self.kept.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        for (file, count) in self.seen {
            if let Some(more) = count.checked_sub(FAULTS_MAX).filter(|more| *more > 0) {
                let hint = "repair those above and check again: they often share one cause";
                self.kept.push(Fault::of_others(file, more as u64, hint));
            }
        }
        Err(Faults(self.kept))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_by_place_and_what_is_too_much_is_counted() {
        let mut findings = Findings::default();
        for line in (1..=FAULTS_MAX as u64 + 7).rev() {
            findings.push(Fault::of_file("b", "x", "y").at_line(line));
        }
        findings.push(Fault::of_file("a", "x", "y"));
        let faults = findings.verdict(()).expect_err("faults").0;
        assert_eq!(faults.len(), 1 + FAULTS_MAX + 1);
        assert_eq!(faults[0].file, PathBuf::from("a"));
        assert!(faults.windows(2).take(FAULTS_MAX).all(|w| (&w[0].file, w[0].line) < (&w[1].file, w[1].line)));
        assert_eq!(faults.last().map(|f| f.message.as_str()), Some("and 7 more"));
    }

    #[test]
    fn nothing_found_gives_the_value() {
        assert_eq!(Findings::default().verdict(5), Ok(5));
    }
}
