//! What narrows a question, and how its answer is arranged: the options that every list has.

use clap::Args;
use phusong_model::{
    LinkKind, LinkState, fold,
    glossary::{Head, Lang, Term},
};

use crate::failure::Failure;

/// Only some of what was asked about, in another order, in other columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Narrowing and arranging")]
pub struct Narrow {
    /// Only the communes of this district as it was before July 2025, with or without accents
    #[arg(long, value_name = "NAME")]
    pub district: Option<String>,

    /// Only what this operator runs or covers: viettel, VNPT
    #[arg(long, value_name = "OPERATOR")]
    pub operator: Option<String>,

    /// Only links of this kind: fibre, broadband, video-conference, platform, backhaul, feeder, or in Vietnamese
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,

    /// Only links in this state now: up, degraded, down, blind, maintenance, or in Vietnamese
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,

    /// In the order of this field of the JSON: numbers and times from the greatest, words from A; -FIELD turns it round
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub sort: Option<String>,

    /// Only so many items
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,

    /// These columns of the CSV, in this order, as a table or as CSV: link,state,since
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', conflicts_with_all = ["json"])]
    pub columns: Option<Vec<String>>,
}

impl Narrow {
    /// What was said before the command and after it, together; what was said after it counts.
    pub fn or(&self, before: &Self) -> Self {
        let text = |own: &Option<String>, other: &Option<String>| own.clone().or_else(|| other.clone());
        Self {
            district: text(&self.district, &before.district),
            operator: text(&self.operator, &before.operator),
            kind: text(&self.kind, &before.kind),
            state: text(&self.state, &before.state),
            sort: text(&self.sort, &before.sort),
            limit: self.limit.or(before.limit),
            columns: self.columns.clone().or_else(|| before.columns.clone()),
        }
    }

    /// The kind of link that is meant.
    pub fn kind(&self) -> Result<Option<LinkKind>, Failure> {
        let kinds = LinkKind::ALL.map(|kind| (kind.id(), kind));
        self.kind.as_deref().map(|asked| choose("--kind", &kinds, asked)).transpose()
    }

    /// The state that is meant.
    pub fn state(&self) -> Result<Option<LinkState>, Failure> {
        let states = LinkState::ALL.map(|state| (state.id(), state));
        let as_headed = |asked: &str| LinkState::ALL.into_iter().find(|state| is_headed(*state, asked));
        let choose = |asked: &str| as_headed(asked).map_or_else(|| choose("--state", &states, asked), Ok);
        self.state.as_deref().map(choose).transpose()
    }
}

/// Whether a state is meant as the columns of tables call it: *mất*.
fn is_headed(state: LinkState, asked: &str) -> bool {
    [Lang::Vi, Lang::En].iter().any(|lang| fold(Head::of(state).term(*lang)) == fold(asked))
}

/// The one whose id or term is meant, in any spelling; it is never guessed.
fn choose<T: Term + Copy>(option: &'static str, known: &[(&'static str, T)], asked: &str) -> Result<T, Failure> {
    let folded = fold(asked);
    let is_meant =
        |(id, one): &&(&str, T)| [*id, one.term(Lang::Vi), one.term(Lang::En)].iter().any(|name| fold(name) == folded);
    let found = known.iter().find(is_meant).map(|(_, one)| *one);
    found.ok_or_else(|| Failure::Choice {
        option,
        asked: asked.to_owned(),
        known: known.iter().map(|(id, one)| ((*id).to_owned(), Some(one.term(Lang::Vi).to_owned()))).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<LinkKind> {
        Narrow { kind: Some(text.to_owned()), ..Narrow::default() }.kind().ok().flatten()
    }

    #[test]
    fn kinds_and_states_are_known_in_both_languages_and_any_spelling() {
        for text in ["fibre", "FIBRE", "cáp quang", "cap quang", "Cáp-Quang"] {
            assert_eq!(kind(text), Some(LinkKind::Fibre), "{text}");
        }
        assert_eq!(kind("video conference"), Some(LinkKind::VideoConference));
        let state = |text: &str| Narrow { state: Some(text.to_owned()), ..Narrow::default() }.state();
        assert_eq!(state("mat ket noi").expect("known"), Some(LinkState::Down));
        assert_eq!(state("mất").expect("as its column is headed"), Some(LinkState::Down));
        let Err(failure) = state("dow") else { panic!("it is not repaired") };
        let words = failure.message(Lang::En);
        assert!(words.contains("--state \"dow\"") && words.contains("down"), "{words}");
    }

    #[test]
    fn what_is_said_after_the_command_counts() {
        let of = |kind: Option<&str>, limit| Narrow { kind: kind.map(str::to_owned), limit, ..Narrow::default() };
        assert_eq!(of(Some("fibre"), None).or(&of(Some("feeder"), Some(3))), of(Some("fibre"), Some(3)));
    }
}
