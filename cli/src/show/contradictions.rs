//! `phusong coverage --contradictions`.

use phusong_model::{
    ContradictionPlace, Signal,
    answer::ContradictionItem,
    glossary::{self, Head, Term},
};

use super::{DOT, View, parts::Marks};
use crate::{
    paint::Tone,
    table::{Cell, Table},
};

/// Decimals of a level: devices report whole decibels or halves.
const LEVEL_DECIMALS: usize = 1;

pub fn lines(items: &[ContradictionItem], view: &View) -> Vec<String> {
    let mut lines = view.title([summary(items, view)]);
    if !items.is_empty() {
        lines.extend(view.table(table(items, view)));
    }
    lines
}

fn summary(items: &[ContradictionItem], view: &View) -> String {
    if items.is_empty() {
        let none =
            ("không có nơi nào đo thực tế khác với lớp phủ sóng", "no place was measured otherwise than a layer says");
        return view.lang.of(none).to_owned();
    }
    let weaker = items.iter().filter(|item| item.contradiction.is_overclaimed()).count();
    let count = |number: usize| glossary::integer(view.lang, number as u64);
    let (all, weaker, more) = (count(items.len()), count(weaker), count(items.len() - weaker));
    view.lang.pick(
        format!(
            "{all} nơi đo thực tế khác với lớp phủ sóng: {weaker} nơi sóng yếu hơn, {more} nơi có sóng dù lớp phủ ghi là không"
        ),
        format!(
            "{all} places measured otherwise than a layer says: {weaker} with less signal, {more} with signal where \
             the layer has none"
        ),
    )
}

fn table(items: &[ContradictionItem], view: &View) -> Table {
    let mut table = Table::new(vec![
        view.text(Head::Commune).shrink(9),
        view.text(Head::Place).shrink(9),
        view.text(Head::Operator).shrink(8).yields(3),
        view.text(Head::Technology).yields(4),
        view.text(Head::Claimed).shrink(9),
        view.text(Head::Measured).shrink(6),
        view.number(Head::Median).yields(1),
        view.number(Head::Tests).yields(2),
        view.text(Head::Last).yields(0),
        view.text(Head::Notes).drop(1),
    ]);
    for item in items {
        let contradiction = &item.contradiction;
        let measured = &contradiction.measured;
        let says = format!("{}: {}", contradiction.source.term(view.lang), contradiction.claimed.term(view.lang));
        let marks = Marks {
            source: None,
            valid_on: contradiction.valid_on.as_deref(),
            approximate: contradiction.approximate,
            example: contradiction.example,
        };
        table.row(vec![
            Cell::maybe(item.commune_name.as_ref()),
            Cell::new(place(item)),
            Cell::new(contradiction.operator.label()),
            Cell::new(contradiction.technology.id()),
            Cell::new(says),
            Cell::new(measured.class.term(view.lang)).tone(tone(measured.class)),
            view.decimal(measured.median_dbm, LEVEL_DECIMALS),
            view.count(Some(measured.count)),
            view.moment(measured.last),
            Cell::new(view.marks(&marks).join(DOT)),
        ]);
    }
    table
}

/// The name of the settlement, or the index of the hexagon.
fn place(item: &ContradictionItem) -> String {
    match &item.contradiction.place {
        ContradictionPlace::Hexagon { index, .. } => format!("H3 {index}"),
        ContradictionPlace::Settlement { settlement, .. } => {
            item.settlement_name.clone().unwrap_or_else(|| settlement.to_string())
        }
    }
}

const fn tone(class: Signal) -> Tone {
    match class {
        Signal::None => Tone::Bad,
        Signal::Marginal => Tone::Warning,
        Signal::Full => Tone::Good,
    }
}
