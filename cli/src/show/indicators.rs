//! `phusong indicators`: what was declared beside what is found. Each percentage stands with its numerator, denominator,
//! base and date.

use phusong_model::{
    Declared,
    answer::IndicatorItem,
    glossary::{self, Term, Word},
    printable,
};

use super::{
    View,
    parts::{Marks, at_least},
};
use crate::{paint::Tone, table::flow};

pub fn lines(items: &[IndicatorItem], view: &View) -> Vec<String> {
    let mut lines = Vec::new();
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            lines.push(String::new());
        }
        lines.extend(block(item, view));
    }
    lines
}

fn block(item: &IndicatorItem, view: &View) -> Vec<String> {
    let mut lines = vec![view.heading(item.indicator.term(view.lang))];
    lines.extend(found(item, view));
    if let Some(strict) = item.strict {
        let mut facts = vec![format!("{}: {}", view.word(Word::WithoutPatchy), strict.display(view.lang))];
        facts.extend(glossary::patchiness_unknown(view.lang, item.patchiness_unknown.unwrap_or_default()));
        lines.extend(indented(&facts.join(" · "), view));
    }
    let valid_on = item.valid_on.as_deref();
    let basis = Marks { source: item.source, valid_on, approximate: item.approximate, example: item.example };
    let mut base = vec![format!("{}: {}", view.word(Word::Base), glossary::base(view.lang, item.indicator))];
    base.extend(item.technology.map(at_least));
    base.extend(item.people_base.map(|base| glossary::people(view.lang, base, item.people_scaled).to_owned()));
    base.extend(item.strict.and(item.rule.as_ref()).map(|rule| glossary::rule(view.lang, rule)));
    let mut marks = view.marks(&basis).into_iter();
    if item.source.is_some() {
        base.extend(marks.next().map(|source| format!("{}: {source}", view.word(Word::Layers))));
    }
    base.extend(marks);
    lines.extend(indented(&base.join(" · "), view).into_iter().map(|line| view.paint.apply(Tone::Faint, &line)));
    if item.declared.is_empty() {
        lines.extend(indented(&format!("{}: {}", view.word(Word::Declared), view.word(Word::NoDeclared)), view));
    }
    lines.extend(item.declared.iter().flat_map(|declared| declared_lines(declared, view)));
    lines
}

fn found(item: &IndicatorItem, view: &View) -> Vec<String> {
    let measured = item.measured;
    let mut facts = vec![match measured.ratio() {
        Some(_) => format!("{}: {}", view.word(Word::Found), measured.display(view.lang)),
        None => format!("{}: {}", view.word(Word::Found), view.word(Word::NotMeasured)),
    }];
    if measured.unknown > 0.0 {
        facts.push(format!("{} {}", view.word(Word::Unknown), glossary::amount(view.lang, measured.unknown)));
    }
    if let Some(availability) = item.availability {
        facts.push(format!("{} {}", view.word(Word::Availability), glossary::percent(view.lang, availability)));
    }
    if let Some(blind) = item.blind_share {
        facts.push(format!("{} {}", view.word(Word::Blind), glossary::percent(view.lang, blind)));
    }
    indented(&facts.join(" · "), view)
}

fn declared_lines(declared: &Declared, view: &View) -> Vec<String> {
    // Declared values keep the decimals that they were declared with.
    let decimals = if declared.value_percent.fract() == 0.0 { 0 } else { decimals_of(declared.value_percent) };
    let value =
        format!("{}{}", glossary::decimal(view.lang, declared.value_percent, decimals), view.lang.of((" %", "%")));
    let parts = declared.numerator.zip(declared.denominator).map(|(numerator, denominator)| {
        format!(" ({}/{})", glossary::amount(view.lang, numerator), glossary::amount(view.lang, denominator))
    });
    let facts = [
        format!("{}: {value}{}", view.word(Word::Declared), parts.unwrap_or_default()),
        declared.base.clone(),
        glossary::date(view.lang, &declared.date),
        declared.document.clone(),
    ];
    indented(&facts.join(" · "), view)
}

/// Decimals of the shortest text that reads back as the same number, at most three.
fn decimals_of(value: f64) -> usize {
    let text = value.to_string();
    text.split_once('.').map_or(0, |(_, fraction)| fraction.len().min(3))
}

fn indented(text: &str, view: &View) -> Vec<String> {
    let safe = printable(text);
    flow(format!("  {safe}").split(' '), " ", 4, view.width)
}
