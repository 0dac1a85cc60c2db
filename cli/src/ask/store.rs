//! The store, read by the CLI itself.

use std::path::Path;

use phusong_model::{
    Millis, UtcMs,
    answer::{Answer, AskError, Query, Source},
};
use phusong_store::{Reader, StoreError};

/// The window when nobody asks for another; the daemon's is the same.
const DEFAULT_WINDOW: Millis = Millis::from_secs(24 * 3600);

/// Answers from the store. The inner error is an answer too: the question cannot be answered as it was put.
pub fn ask(folder: &Path, query: &Query, now: UtcMs) -> Result<Result<Answer, AskError>, StoreError> {
    let since = query.since.unwrap_or(now.minus(DEFAULT_WINDOW));
    let evidence = Reader::open(folder)?.evidence(now, since)?;
    Ok(phusong_gaps::answer(&evidence, query, Source::Store))
}
