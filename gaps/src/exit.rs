//! What the shell is told about an answer.

use phusong_model::answer::{Answer, Condition};

/// Exit code: answered, and nothing that `--check` asks about was found.
pub const ANSWERED: u8 = 0;
/// Exit code with `--check`: something is down, degraded, uncovered, or could not be looked at.
pub const FINDINGS: u8 = 1;
/// Exit code: the answer is old, or part of what was asked could not be judged.
pub const STALE_OR_PARTIAL: u8 = 3;

/// The exit code of an answer. Codes 2 (the question cannot be answered as put) and 4 (no answer) never reach here and
/// go before these; of what an answer can carry, stale or partial goes before findings, because findings in an old
/// answer may be gone and their absence proves nothing.
///
/// Stale and partial count with and without `check`. A network always has a few links that cannot be looked at, so
/// those alone are findings and not *partial*: only when every link asked for is blind, or our own eyes were shut, or
/// the store refuses, or the daemon is away, is the answer partial.
#[must_use]
pub fn exit_code(answer: &Answer, check: bool) -> u8 {
    let has = |condition| answer.conditions.contains(&condition);
    if has(Condition::Stale) || has(Condition::Partial) {
        STALE_OR_PARTIAL
    } else if check && has(Condition::Findings) {
        FINDINGS
    } else {
        ANSWERED
    }
}
