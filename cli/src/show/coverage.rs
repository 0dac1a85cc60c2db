//! `phusong coverage`.

use std::collections::BTreeSet;

use phusong_model::{
    CoverageSource, OperatorScope, SettlementCounts,
    answer::CoverageItem,
    glossary::{self, Head, Term, Word},
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
    let mut lines = claims(totals, view);
    lines.extend(section(&all, view));
    lines
}

/// The headline, where the totals have one.
fn claims(totals: &[CoverageItem], view: &View) -> Vec<String> {
    let technology = phusong_gaps::headline_technology(totals.iter().map(|total| total.rule.as_ref()), view.now);
    let asked = |total: &&CoverageItem| total.operator == OperatorScope::Any && total.technology == technology;
    // Declared before modelled before measured, as in the headline of the status.
    totals
        .iter()
        .filter(asked)
        .min_by_key(|total| total.source)
        .map_or_else(Vec::new, |total| view.facts(glossary::headline(view.lang, total)))
}

/// The figures by how their layers came to be, and below them what they rest on.
pub fn section(items: &[&CoverageItem], view: &View) -> Vec<String> {
    let sources: BTreeSet<CoverageSource> = items.iter().map(|item| item.source).collect();
    let faint = |line: String| view.paint.apply(Tone::Faint, &line);
    if sources.len() < 2 {
        let (mut lines, facts) = of_one_source(items, view);
        lines.extend(view.facts(facts.into_iter().chain(bases(items, view))).into_iter().map(faint));
        return lines;
    }
    let mut lines = Vec::new();
    for source in sources {
        let of_source: Vec<&CoverageItem> = items.iter().copied().filter(|item| item.source == source).collect();
        let (figures, facts) = of_one_source(&of_source, view);
        lines.push(view.heading(source.term(view.lang)));
        lines.extend(figures.into_iter().chain(view.facts(facts).into_iter().map(faint)));
    }
    lines.extend(view.facts(bases(items, view)).into_iter().map(faint));
    lines
}

/// The figures, and what all of them rest on; where they differ each row says it.
fn of_one_source(items: &[&CoverageItem], view: &View) -> (Vec<String>, Vec<String>) {
    let Some(first) = items.first().map(|item| marks(item)) else { return Default::default() };
    let same = items.iter().all(|item| marks(item) == first);
    let lines = view.table(table(items, !same, view));
    let mut pieces = view.marks(&first).into_iter().filter(|_| same);
    let source = pieces.next().map(|origin| format!("{}: {origin}", view.word(Word::Layers)));
    let facts = source.into_iter().chain(pieces).collect();
    (lines, facts)
}

/// What people were counted by and settlements judged by; all figures of one computation have the same.
fn bases(items: &[&CoverageItem], view: &View) -> Vec<String> {
    let Some(first) = items.first() else { return Vec::new() };
    let people = glossary::people(view.lang, first.people_base, first.people_scaled);
    let rule = first.rule.as_ref().map(|rule| glossary::rule(view.lang, rule));
    let doubtful = items.iter().any(|item| item.settlements.patchiness_unknown > 0);
    let doubt = view.lang.of(("(?n): n thôn chưa rõ có lõm hay không", "(?n): n of these may be patchy"));
    std::iter::once(people.to_owned()).chain(rule).chain(doubtful.then(|| doubt.to_owned())).collect()
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
            full(counts, view),
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

/// Settlements with full signal, and how many of them may be patchy.
fn full(counts: SettlementCounts, view: &View) -> Cell {
    let number = |n: u64| glossary::integer(view.lang, n);
    let doubt = (counts.patchiness_unknown > 0).then(|| format!(" (?{})", number(counts.patchiness_unknown)));
    Cell::new(format!("{}{}", number(counts.full), doubt.unwrap_or_default()))
}

fn marks(item: &CoverageItem) -> Marks<'_> {
    Marks {
        source: Some(item.source),
        valid_on: item.valid_on.as_deref(),
        approximate: item.approximate,
        example: item.example,
    }
}

/// Settlements with signal out of those that can be judged, as provinces state it and strictly, and what the figure rests
/// on.
pub fn headline(item: &CoverageItem, view: &View) -> Vec<String> {
    let mut facts = glossary::headline(view.lang, item);
    facts.extend(view.marks(&marks(item)));
    facts.extend(item.rule.as_ref().map(|rule| glossary::rule(view.lang, rule)));
    view.facts(facts)
}
