//! `phusong coverage`.

use phusong_model::{
    OperatorScope, Share,
    answer::CoverageItem,
    glossary::{self, Head, Word},
};

use super::{
    DOT, View,
    parts::{Marks, at_least},
};
use crate::{
    paint::Tone,
    table::{Cell, Table},
};

pub fn lines(items: &[CoverageItem], totals: &[CoverageItem], view: &View) -> Vec<String> {
    if items.is_empty() && totals.is_empty() {
        return vec![view.word(Word::NoItems).to_owned()];
    }
    // The totals of one commune are its own figures.
    let one = items.first().is_some_and(|first| items.iter().all(|item| item.commune == first.commune));
    let all: Vec<&CoverageItem> = items.iter().chain(totals.iter().filter(|_| !one)).collect();
    section(&all, view)
}

/// The figures, and below them what all of them rest on; where they differ each row says it.
pub fn section(items: &[&CoverageItem], view: &View) -> Vec<String> {
    let Some(first) = items.first().map(|item| marks(item)) else {
        return Vec::new();
    };
    let same = items.iter().all(|item| marks(item) == first);
    let mut lines = view.table(table(items, !same, view));
    if same {
        let mut pieces = view.marks(&first).into_iter();
        let source = pieces.next().map(|origin| format!("{}: {origin}", view.word(Word::Layers)));
        let facts = view.facts(source.into_iter().chain(pieces));
        lines.extend(facts.into_iter().map(|line| view.paint.apply(Tone::Faint, &line)));
    }
    lines
}

fn table(items: &[&CoverageItem], with_marks: bool, view: &View) -> Table {
    let mut table = Table::new(vec![
        view.text(Head::Commune).shrink(9),
        view.text(Head::Operator).shrink(8),
        view.text(Head::Technology),
        view.number(Head::NoSignal),
        view.number(Head::Patchy).yields(2),
        view.number(Head::Full).yields(1),
        view.number(Head::Unknown).drop(9),
        view.number(Head::Total),
        view.number(Head::PeopleCovered).yields(0),
        view.number(Head::Area).drop(0),
        view.text(Head::Notes).drop(1),
    ]);
    for item in items {
        let counts = item.settlements;
        let count = |n: u64| Cell::new(glossary::integer(view.lang, n));
        let faulty = |n: u64, tone| if n > 0 { count(n).tone(tone) } else { count(n) };
        table.row(vec![
            Cell::new(item.commune_name.as_deref().unwrap_or(view.word(Word::AllCommunes))),
            Cell::new(view.scope(&item.operator)),
            Cell::new(at_least(item.technology)),
            faulty(counts.none, Tone::Bad),
            faulty(counts.patchy, Tone::Warning),
            count(counts.full),
            // Left out when there is none.
            if counts.unknown > 0 { count(counts.unknown) } else { Cell::missing() },
            count(counts.total),
            view.share(item.people),
            view.share(item.area_km2),
            Cell::new(if with_marks { view.marks(&marks(item)).join(DOT) } else { String::new() }),
        ]);
    }
    table
}

fn marks(item: &CoverageItem) -> Marks<'_> {
    Marks {
        source: Some(item.source),
        valid_on: item.valid_on.as_deref(),
        approximate: item.approximate,
        example: item.example,
    }
}

/// One line: settlements with signal out of those that can be judged, and what the figure rests on.
pub fn headline(item: &CoverageItem, view: &View) -> Vec<String> {
    let counts = item.settlements;
    let share = Share {
        numerator: (counts.patchy + counts.full) as f64,
        denominator: (counts.none + counts.patchy + counts.full) as f64,
        unknown: counts.unknown as f64,
    };
    let (settlements, signal) = (view.word(Word::Settlements), view.word(Word::WithSignal));
    let title = format!("{} {}", view.word(Word::MobileLine), at_least(item.technology));
    let mut facts = vec![
        format!("{title}: {} {settlements} {signal}", share.display(view.lang)),
        format!("{} {}", view.word(Word::WithFull), glossary::integer(view.lang, counts.full)),
    ];
    if counts.unknown > 0 {
        facts.push(format!("{} {}", view.word(Word::Unknown), glossary::integer(view.lang, counts.unknown)));
    }
    facts.push(match &item.operator {
        OperatorScope::Any => view.word(Word::AnyOperator).to_owned(),
        OperatorScope::One(operator) => operator.label().to_owned(),
    });
    facts.extend(view.marks(&marks(item)));
    view.facts(facts)
}
