//! A failure as programs get it: the document that `--json` writes when there is no answer.

use std::borrow::Cow;

use phusong_model::{
    GroupId, Operator,
    answer::{AskError, Candidate, Condition, GapRank, LinkCandidate},
    glossary::Lang,
};
use serde::Serialize;

use crate::{ask::daemon::Refusal, failure::Failure, since::SinceError};

/// Name and version of the document. Within a version fields are only added.
const SCHEMA: &str = "phusong.error/1";

/// The document.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    schema: &'static str,
    /// Which failure it is.
    error: Cow<'a, str>,
    /// What people are told, in English.
    message: String,
    /// Communes, links, groups or ranks that may have been meant.
    suggestions: Suggestions<'a>,
    /// The exit code: of all conditions that apply, the one that counts.
    exit: u8,
    /// All other conditions that apply.
    conditions: &'a [Condition],
}

impl<'a> Report<'a> {
    /// The document about a failure.
    pub fn of(failure: &'a Failure) -> Self {
        Self {
            schema: SCHEMA,
            error: id(failure),
            message: failure.words(Lang::En),
            suggestions: suggestions(failure),
            exit: failure.exit_code(),
            conditions: match failure {
                Failure::Question { conditions, .. } => conditions,
                Failure::TwoNames
                | Failure::Since(_)
                | Failure::Choice { .. }
                | Failure::NoList { .. }
                | Failure::NotNarrowed
                | Failure::NoRows
                | Failure::Backwards { .. }
                | Failure::Config(_)
                | Failure::NoAddress { .. }
                | Failure::File(_)
                | Failure::Ping(_)
                | Failure::NoDaemon { .. }
                | Failure::NoProbe { .. }
                | Failure::Unanswered { .. }
                | Failure::Locked(_)
                | Failure::Store(_)
                | Failure::StoreCommand(_)
                | Failure::NoAnswer(_)
                | Failure::NoScreen(_)
                | Failure::Output(_) => &[],
            },
        }
    }
}

fn id(failure: &Failure) -> Cow<'_, str> {
    Cow::Borrowed(match failure {
        Failure::TwoNames => "two-names",
        Failure::Since(SinceError::NoMonth(_)) => "bad-month",
        Failure::Since(SinceError::NoInstant(_) | SinceError::NoLength(_) | SinceError::Over(_)) => "bad-time",
        Failure::Since(_) => "bad-since",
        Failure::Backwards { .. } => "backwards",
        Failure::Choice { .. } => "unknown-choice",
        Failure::NoList { .. } => "no-list",
        Failure::NotNarrowed => "not-narrowed",
        Failure::NoRows => "no-rows",
        Failure::Config(_) => "configuration",
        Failure::Question { refusal: Refusal::Other { error, .. }, .. } => error,
        Failure::Question { refusal: Refusal::Known(error), .. } => return Cow::Owned(id_of(error)),
        Failure::Question { refusal: Refusal::Order(error), .. } => return Cow::Owned(id_of(error)),
        Failure::Locked(_) => "locked",
        Failure::Store(_) => "store",
        Failure::StoreCommand(failure) => failure.id(),
        Failure::File(_) => "file",
        Failure::NoAddress { .. } => "no-address",
        Failure::Ping(error) if error.is_permission() => "no-right-to-ping",
        Failure::Ping(_) => "ping",
        Failure::NoDaemon { .. } | Failure::NoProbe { .. } => "no-daemon",
        Failure::Unanswered { .. } => "unanswered",
        Failure::NoAnswer(_) => "no-answer",
        Failure::NoScreen(_) => "no-screen",
        Failure::Output(_) => "output",
    })
}

/// The id that the API gives the error; it is in what the model writes.
fn id_of(error: &impl Serialize) -> String {
    let document = serde_json::to_value(error).unwrap_or_default();
    document.get("error").and_then(|id| id.as_str()).unwrap_or("question").to_owned()
}

/// Communes, links, groups or ranks that may have been meant.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Suggestions<'a> {
    Communes(&'a [Candidate]),
    Links(&'a [LinkCandidate]),
    Groups(&'a [GroupId]),
    Districts(&'a [String]),
    Operators(&'a [Operator]),
    Ranks(&'a [GapRank]),
}

fn suggestions(failure: &Failure) -> Suggestions<'_> {
    let Failure::Question { refusal: Refusal::Known(error), .. } = failure else { return Suggestions::Communes(&[]) };
    match error {
        AskError::UnknownCommune { suggestions: near, .. } | AskError::AmbiguousCommune { candidates: near, .. } => {
            Suggestions::Communes(near)
        }
        AskError::UnknownLink { suggestions: near, .. } | AskError::AmbiguousLink { candidates: near, .. } => {
            Suggestions::Links(near)
        }
        AskError::UnknownGroup { groups, .. } | AskError::NoGroup { groups } => Suggestions::Groups(groups),
        AskError::UnknownDistrict { districts, .. } => Suggestions::Districts(districts),
        AskError::UnknownOperator { operators, .. } => Suggestions::Operators(operators),
        AskError::UnknownRank { ranks, .. } => Suggestions::Ranks(ranks),
        AskError::NoCommune
        | AskError::NoLink
        | AskError::NoOutage
        | AskError::UnknownOutage { .. }
        | AskError::UnknownTopic => Suggestions::Communes(&[]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_the_id_that_the_api_gives_it() {
        assert_eq!(id_of(&AskError::NoCommune), "no-commune");
        let ambiguous = AskError::AmbiguousCommune { asked: "x".to_owned(), candidates: Vec::new() };
        assert_eq!(id_of(&ambiguous), "ambiguous-commune");
    }
}
