//! `phusong gaps`.

use phusong_model::{
    GapKind, LinkState,
    answer::{GapItem, LinkItem},
    glossary::{self, Head, Term, Word, sign},
};

use super::View;
use crate::{
    paint::Tone,
    table::{Cell, Table},
};

pub fn lines(items: &[GapItem], blind: &[LinkItem], view: &View) -> Vec<String> {
    let mut lines =
        if items.is_empty() { vec![view.word(Word::NoGaps).to_owned()] } else { view.table(table(items, view)) };
    if !blind.is_empty() {
        lines.push(view.heading(&format!("{} ({})", view.word(Word::BlindLinks), blind.len())));
        lines.extend(view.table(blind_table(blind, view)));
    }
    lines
}

/// Gaps by rank.
pub fn table(items: &[GapItem], view: &View) -> Table {
    let mut table = Table::new(vec![
        view.number(Head::Rank).yields(2),
        view.text(Head::Kind).drop(1),
        view.text(Head::Place).shrink(11),
        view.text(Head::Since).yields(1),
        view.number(Head::People).yields(3),
        view.text(Head::Missing).shrink(16),
        view.text(Head::Cause).shrink(14).yields(0),
        view.text(Head::Notes).drop(0),
    ]);
    for item in items {
        table.row(vec![
            Cell::new(glossary::integer(view.lang, item.rank)),
            Cell::new(glossary::gap_kind(view.lang, item)),
            place(item),
            view.moment(item.since),
            view.count(item.people),
            Cell::new(glossary::gap_missing(view.lang, item)),
            view.cause(item.cause.as_deref(), item.carrier.as_ref()),
            Cell::new(doubts(item, view)),
        ]);
    }
    table
}

/// The place, with the sign of `down` when a link is.
fn place(item: &GapItem) -> Cell {
    match item.kind {
        GapKind::Link => Cell::new(format!("{} {}", sign(LinkState::Down), item.place.name)).tone(Tone::Bad),
        GapKind::Coverage => Cell::new(format!("  {}", item.place.name)),
    }
}

/// What is doubtful about a coverage gap.
fn doubts(item: &GapItem, view: &View) -> String {
    let source = item.source.map(|source| source.term(view.lang));
    let approximate = item.approximate.then(|| view.word(Word::ApproximateBoundaries));
    let example = item.example.then(|| view.word(Word::Example));
    [source, approximate, example].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn blind_table(items: &[LinkItem], view: &View) -> Table {
    let mut table = Table::new(vec![
        view.text(Head::Link).shrink(12),
        view.text(Head::Commune).shrink(9),
        view.text(Head::Kind).yields(0),
        view.text(Head::Since).yields(1),
        view.text(Head::Reason).shrink(12),
    ]);
    for item in items {
        table.row(vec![
            Cell::new(format!("? {}", item.link)).tone(Tone::Warning),
            Cell::maybe(item.commune_name.as_deref()),
            Cell::new(item.kind.term(view.lang)),
            view.moment(item.since),
            view.reason(item),
        ]);
    }
    table
}
