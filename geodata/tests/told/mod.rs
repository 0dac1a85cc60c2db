//! What is wrong with a file is told in Vietnamese too.

use phusong_model::{Fault, ImportLog, glossary::is_told};

/// The outcome of reading a file, after a look at whether all faults of it are known in Vietnamese to their end.
pub fn told<T>(read: Result<T, Vec<Fault>>) -> Result<T, Vec<Fault>> {
    for fault in read.as_ref().err().into_iter().flatten() {
        assert!(is_told(&fault.message), "a fault without Vietnamese: {fault}");
        assert!(is_told(&fault.hint), "a remedy without Vietnamese: {fault}");
    }
    read
}

/// The same of what an import notes and guesses.
#[allow(dead_code, reason = "not every suite imports")]
pub fn log_is_told(log: &ImportLog) {
    for text in log.notes.iter().chain(log.guesses.iter().map(|guess| &guess.reason)) {
        assert!(is_told(text), "a note without Vietnamese: {text}");
    }
}
