//! `phusong maintenance`.

use phusong_model::{
    Scope,
    answer::{MaintenanceItem, WorkState},
    glossary::{self, Head, Term, Word},
};

use super::View;
use crate::{
    paint::Tone,
    table::{Cell, Table},
};

pub fn lines(items: &[MaintenanceItem], view: &View) -> Vec<String> {
    if items.is_empty() {
        return vec![view.word(Word::NoMaintenance).to_owned()];
    }
    let mut table = Table::new(vec![
        view.number(Head::Number),
        view.text(Head::State).yields(3),
        view.text(Head::Place).shrink(12),
        view.number(Head::Links).drop(3),
        view.text(Head::Since).yields(4),
        view.text(Head::Until).yields(2),
        view.text(Head::Repeats).drop(2),
        view.text(Head::Work).shrink(14),
        view.text(Head::Author).drop(1),
    ]);
    for item in items {
        let tone = match item.state {
            WorkState::On => Tone::Strong,
            WorkState::Ahead => Tone::Plain,
            WorkState::Over => Tone::Faint,
        };
        // Of a link its id, which commands take; of a commune its name, which says more than its code.
        let place = match &item.scope {
            Scope::Link(link) => link.to_string(),
            Scope::Commune(_) | Scope::Group(_) => item.name.clone(),
        };
        table.row(vec![
            Cell::maybe(item.id.map(|id| id.0.to_string())),
            Cell::new(item.state.term(view.lang)).tone(tone),
            Cell::new(place),
            Cell::new(glossary::integer(view.lang, item.links)),
            view.moment(item.window.from),
            view.moment(item.window.to),
            Cell::maybe(item.repeat.map(|repeat| repeat.every.term(view.lang))),
            Cell::new(&item.why),
            Cell::maybe(item.author.as_ref()),
        ]);
    }
    view.table(table)
}
