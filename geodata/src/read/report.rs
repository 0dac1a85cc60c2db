//! The faults of one file, collected up to a number that a person can read.

use std::path::{Path, PathBuf};

use phusong_model::Fault;

/// Most faults reported of one file; a file exported wrongly has the same fault on each of its features.
const MAX_FAULTS: usize = 20;

/// Faults of one file.
#[derive(Debug)]
pub(crate) struct Report {
    file: PathBuf,
    faults: Vec<Fault>,
    unreported: usize,
}

impl Report {
    /// An empty report of a file.
    pub(crate) fn of(file: &Path) -> Self {
        Self { file: file.to_owned(), faults: Vec::new(), unreported: 0 }
    }

    /// Adds a fault of the file, at a line when it is known.
    pub(crate) fn fault(&mut self, line: Option<u64>, message: impl Into<String>, hint: impl Into<String>) {
        if self.faults.len() >= MAX_FAULTS {
            self.unreported += 1;
            return;
        }
        let fault = Fault::of_file(&self.file, message, hint);
        self.faults.push(match line {
            Some(line) => fault.at_line(line),
            None => fault,
        });
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }

    /// The faults, with a last one that says how many more there are.
    pub(crate) fn into_faults(mut self) -> Vec<Fault> {
        if self.unreported > 0 {
            let message = format!("{} more faults in this file", self.unreported);
            self.faults.push(Fault::of_file(&self.file, message, "correct the first ones and check again"));
        }
        self.faults
    }
}
