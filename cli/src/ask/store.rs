//! The store, read by the CLI itself.

use std::path::Path;

use phusong_model::{
    UtcMs,
    answer::{Answer, AskError, Query, Source},
};
use phusong_store::{Reader, StoreError};

/// Answers from the store. The inner error is an answer too: the question cannot be answered as it was put.
pub fn ask(folder: &Path, query: &Query, now: UtcMs) -> Result<Result<Answer, AskError>, StoreError> {
    let evidence = Reader::open(folder)?.evidence(now, query.window(now))?;
    Ok(phusong_gaps::answer(&evidence, query, Source::Store))
}
