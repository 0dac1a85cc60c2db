//! Faults of files, told in Vietnamese.
//!
//! A fault is written in English where it is found: it goes so into logs, JSON and the store, and comes back from there
//! years later. There are some thousand such sentences in five crates, and each is a text of its own beside the code that
//! comes to it. So they are no enum. Here each stands once more with its Vietnamese, in the tables `*.txt`, and is known by
//! its words: what was put into it is taken out and put into the Vietnamese one.
//!
//! `tests/faults.rs` reads the sources and fails on a sentence that no table has, and on one of a table that nobody says.

mod reading;
mod sentence;
mod tables;

use super::{Lang, integer};
use crate::{Fault, Faults, printable};

use reading::read;
pub use tables::fault_sentences;

/// What a fault, its remedy or a note of an import says: in English as it is; in Vietnamese as far as it is known, and what
/// is quoted in it as it is.
#[must_use]
pub fn fault_text(lang: Lang, text: &str) -> String {
    match lang {
        Lang::En => text.to_owned(),
        Lang::Vi => read(text).map_or_else(|| text.to_owned(), |reading| reading.text),
    }
}

/// The same of several lines, each by itself.
#[must_use]
pub fn fault_lines(lang: Lang, text: &str) -> String {
    let told = |line: &str| {
        let words = line.trim_start();
        let indent = line.strip_suffix(words).unwrap_or_default();
        format!("{indent}{}", fault_text(lang, words))
    };
    text.lines().map(told).collect::<Vec<_>>().join("\n")
}

/// Whether the Vietnamese of a text is known to its end; what stands before may be a name.
#[must_use]
pub fn is_told(text: &str) -> bool {
    read(text).is_some_and(|reading| reading.ends_told)
}

/// A fault with its place and its remedy.
#[must_use]
pub fn fault(lang: Lang, fault: &Fault) -> String {
    if lang == Lang::En {
        return fault.to_string();
    }
    // What a library says of a file in words that are not ours is quoted, and said to be so.
    let message = read(&fault.message).map_or_else(|| format!("nguyên văn: {}", fault.message), |reading| reading.text);
    let hint = fault_text(lang, &fault.hint);
    format!("{}: {}\n  gợi ý: {}", fault.place(), printable(&message), printable(&hint))
}

/// Each fault with its remedy, without their number.
#[must_use]
pub fn faults_listed(lang: Lang, faults: &Faults) -> String {
    faults.0.iter().map(|one| fault(lang, one)).collect::<Vec<_>>().join("\n")
}

/// Each fault with its remedy, and how many there are.
#[must_use]
pub fn faults(lang: Lang, faults: &Faults) -> String {
    match lang {
        Lang::En => faults.to_string(),
        Lang::Vi => format!("{}\n{} lỗi", faults_listed(lang, faults), integer(lang, faults.count())),
    }
}

#[cfg(test)]
pub(crate) mod tests;
