//! Faults of files that people wrote: all at once, each with its place and its remedy.

use std::{fmt, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::printable;

/// One fault of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1, when it is known.
    pub line: Option<u64>,
    /// Column of a TOML value or CSV field, from 1, when it is known.
    pub column: Option<u64>,
    /// What is wrong: a short fact in lower case.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// How many further faults it stands for: nobody reads a thousand.
    #[serde(default)]
    pub more: u64,
}

impl Fault {
    /// A fault of a whole file.
    pub fn of_file(file: impl Into<PathBuf>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { file: file.into(), line: None, column: None, message: message.into(), hint: hint.into(), more: 0 }
    }

    /// The last one of a file, for so many that are not listed.
    pub fn of_others(file: impl Into<PathBuf>, count: u64, hint: impl Into<String>) -> Self {
        let message = format!("and {count} more");
        Self { more: count.saturating_sub(1), ..Self::of_file(file, message, hint) }
    }

    /// The same fault, at a line.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The same fault, at a column of its line.
    #[must_use]
    pub fn at_column(mut self, column: u64) -> Self {
        self.column = Some(column);
        self
    }

    /// File, line and column as far as they are known, as editors and people read them.
    #[must_use]
    pub fn place(&self) -> String {
        let mut place = printable(&self.file.to_string_lossy()).into_owned();
        if let Some(line) = self.line {
            place.push_str(&format!(":{line}"));
            if let Some(column) = self.column {
                place.push_str(&format!(":{column}"));
            }
        }
        place
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n  hint: {}", self.place(), printable(&self.message), printable(&self.hint))
    }
}

/// All faults that one look at the files found; never empty when it is an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// How many there are, with those that are not listed.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|fault| 1 + fault.more).sum()
    }

    /// Each with its remedy, without their number.
    #[must_use]
    pub fn listed(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.is_empty() {
            writeln!(f, "{}", self.listed())?;
        }
        write!(f, "{} fault{}", self.count(), if self.count() == 1 { "" } else { "s" })
    }
}

impl std::error::Error for Faults {}
