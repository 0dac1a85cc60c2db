//! The store, read by the CLI itself.

use std::path::Path;

use phusong_model::{
    Evidence, UtcMs, Window,
    answer::{Answer, AskError, Notice, Query, Source},
};
use phusong_store::{Reader, StoreError};

/// Answers from the store. The inner error is an answer too: the question cannot be answered as it was put.
pub fn ask(folder: &Path, query: &Query, now: UtcMs) -> Result<Result<Answer, AskError>, StoreError> {
    let reader = Reader::open_what_is_left(folder)?;
    let mut evidence = reader.evidence_about(now, query, None)?;
    answer(&reader, &mut evidence, query)
}

/// Answers several questions from one look at the store, about the window of the first.
pub fn ask_together(folder: &Path, queries: &[Query], now: UtcMs) -> Result<Vec<Result<Answer, AskError>>, StoreError> {
    let window = queries.first().map_or(Window::new(now, now), |query| query.window(now));
    let reader = Reader::open_what_is_left(folder)?;
    let mut evidence = reader.evidence(now, window)?;
    queries.iter().map(|query| answer(&reader, &mut evidence, query)).collect()
}

fn answer(reader: &Reader, evidence: &mut Evidence, query: &Query) -> Result<Result<Answer, AskError>, StoreError> {
    if let Some(of) = phusong_gaps::close_up(evidence, query) {
        // Of a damaged store the rest is told without it.
        evidence.close_up = reader
            .close_up(&of, evidence.window)
            .map(Some)
            .or_else(|error| if error.is_unreadable() { Ok(None) } else { Err(error) })?;
    }
    let mut answer = phusong_gaps::answer(evidence, query, Source::Store);
    if let (Ok(answer), true) = (&mut answer, reader.is_of_a_copy()) {
        answer.notices.push(Notice::ReadFromCopy);
    }
    Ok(answer)
}
