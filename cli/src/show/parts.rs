//! Cells that more than one table has.

use phusong_model::{
    Carrier, CoverageSource, LinkState, Operator, OperatorScope, Share, Technology, UtcMs,
    answer::LinkItem,
    glossary::{self, Term, Word},
};

use super::View;
use crate::{paint::Tone, table::Cell};

/// The tone of a state. Blind is a warning: we do not know.
pub const fn tone(state: LinkState) -> Tone {
    match state {
        LinkState::Up => Tone::Good,
        LinkState::Degraded | LinkState::Blind => Tone::Warning,
        LinkState::Down => Tone::Bad,
        LinkState::Maintenance => Tone::Faint,
    }
}

impl View {
    /// An instant, as short as it can be told from now.
    pub fn moment(&self, at: UtcMs) -> Cell {
        Cell::new(glossary::moment(self.lang, at, self.now))
    }

    /// A whole number that may not be known.
    pub fn count(&self, value: Option<u64>) -> Cell {
        Cell::maybe(value.map(|value| glossary::integer(self.lang, value)))
    }

    /// A number with decimals that may not be known.
    pub fn decimal(&self, value: Option<f64>, decimals: usize) -> Cell {
        Cell::maybe(value.map(|value| glossary::decimal(self.lang, value, decimals)))
    }

    /// A delay; below 1 ms one decimal would say nothing.
    pub fn milliseconds(&self, value: Option<f64>) -> Cell {
        self.decimal(value, if value.is_some_and(|ms| ms < 1.0) { 2 } else { 1 })
    }

    /// A ratio that may not be known.
    pub fn percent(&self, ratio: Option<f64>) -> Cell {
        Cell::maybe(ratio.map(|ratio| glossary::percent(self.lang, ratio)))
    }

    /// A percentage with its numerator and denominator.
    pub fn share(&self, share: Share) -> Cell {
        if share.denominator > 0.0 { Cell::new(share.display(self.lang)) } else { Cell::missing() }
    }

    /// An operator's brand.
    pub fn operator(&self, operator: Option<&Operator>) -> Cell {
        Cell::maybe(operator.map(Operator::label))
    }

    /// Whose coverage, in a few letters below the head of operators.
    pub fn scope(&self, scope: &OperatorScope) -> String {
        match scope {
            OperatorScope::Any => self.word(Word::Any).to_owned(),
            OperatorScope::Best => self.lang.of(("tốt nhất", "best")).to_owned(),
            OperatorScope::All => self.lang.of(("mọi mạng", "all")).to_owned(),
            OperatorScope::AtLeast(count) => self.lang.pick(format!("≥ {count} mạng"), format!("at least {count}")),
            OperatorScope::One(operator) => operator.label().to_owned(),
        }
    }

    /// Why a link is down, what is worse about it, or why it could not be looked at.
    pub fn reason(&self, item: &LinkItem) -> Cell {
        match (&item.cause, item.worse, item.blind) {
            (Some(cause), _, _) => self.cause(Some(cause), item.carrier.as_ref()),
            (None, Some(worse), _) => Cell::new(worse.term(self.lang)),
            (None, None, Some(blind)) => Cell::new(blind.term(self.lang)),
            (None, None, None) => Cell::missing(),
        }
    }

    /// Why something is down.
    pub fn cause(&self, cause: Option<&str>, carrier: Option<&Carrier>) -> Cell {
        Cell::maybe(cause.map(|cause| glossary::cause(self.lang, cause, carrier)))
    }

    /// What a coverage figure rests on: how the layers came to be, their date, what is doubtful about them.
    pub fn marks(&self, marks: &Marks<'_>) -> Vec<String> {
        let origin = glossary::origin(self.lang, marks.source, marks.valid_on);
        let doubts = [(marks.approximate, Word::ApproximateBoundaries), (marks.example, Word::Example)];
        let doubts = doubts.into_iter().filter(|(applies, _)| *applies).map(|(_, word)| self.word(word).to_owned());
        std::iter::once(origin).filter(|text| !text.is_empty()).chain(doubts).collect()
    }
}

/// What a coverage figure rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks<'a> {
    /// How the layers came to be.
    pub source: Option<CoverageSource>,
    /// Date of the oldest layer.
    pub valid_on: Option<&'a str>,
    /// Boundaries were approximated.
    pub approximate: bool,
    /// The layer is example data.
    pub example: bool,
}

/// `4G+`: at least this technology.
pub fn at_least(technology: Technology) -> String {
    format!("{}+", technology.id())
}
