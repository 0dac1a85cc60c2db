//! `phusong links`.

use phusong_model::{
    LinkState,
    answer::{LinkItem, StateCounts},
    glossary::{self, Head, Term, Word, sign},
};

use super::{View, parts::tone};
use crate::table::{Cell, Table};

pub fn lines(items: &[LinkItem], view: &View) -> Vec<String> {
    if items.is_empty() {
        return vec![view.word(Word::NoItems).to_owned()];
    }
    let mut lines = view.table(table(items, view));
    lines.extend(summary(items, view));
    lines
}

/// Links with the sign of their state now and their availability over the window.
pub fn table(items: &[LinkItem], view: &View) -> Table {
    let mut table = Table::new(vec![
        view.text(Head::Link).shrink(17),
        view.text(Head::Commune).shrink(9),
        view.text(Head::Kind).drop(4),
        view.text(Head::Operator).drop(2),
        view.text(Head::Since).yields(3),
        view.number(Head::Loss).yields(1),
        view.number(Head::RoundTrip).drop(6),
        view.number(Head::Jitter).drop(1),
        view.number(Head::Optical).drop(0),
        view.number(Head::Availability).yields(0),
        view.text(Head::Reason).shrink(12).yields(2),
    ]);
    for item in items {
        table.row(vec![
            Cell::new(format!("{} {}", sign(item.state), item.link)).tone(tone(item.state)),
            Cell::maybe(item.commune_name.as_deref()),
            Cell::new(item.kind.term(view.lang)),
            view.operator(item.operator.as_ref()),
            view.moment(item.since),
            Cell::maybe(item.sent.zip(item.lost).map(|(sent, lost)| format!("{lost}/{sent}"))),
            view.milliseconds(item.rtt_median_ms),
            view.milliseconds(item.jitter_ms),
            view.decimal(item.rx_dbm, 1),
            view.percent(item.availability),
            view.reason(item),
        ]);
    }
    table
}

/// How many links are in which state; it also says what the signs mean.
fn summary(items: &[LinkItem], view: &View) -> Vec<String> {
    let mut counts = StateCounts::default();
    items.iter().for_each(|item| counts.add(item.state));
    view.facts(summary_of(counts, view))
}

/// How many links there are, and how many in each state; it also says what the signs mean.
pub fn summary_of(counts: StateCounts, view: &View) -> Vec<String> {
    let by_state = LinkState::ALL.into_iter().map(|state| (state, of_state(counts, state))).filter(|(_, n)| *n > 0);
    let by_state = by_state
        .map(|(state, n)| format!("{} {} {}", glossary::integer(view.lang, n), sign(state), state.term(view.lang)));
    let total = format!("{}: {}", view.word(Word::Links), glossary::integer(view.lang, counts.total()));
    std::iter::once(total).chain(by_state).collect()
}

/// The number of links in a state.
pub const fn of_state(counts: StateCounts, state: LinkState) -> u64 {
    match state {
        LinkState::Up => counts.up,
        LinkState::Degraded => counts.degraded,
        LinkState::Down => counts.down,
        LinkState::Blind => counts.blind,
        LinkState::Maintenance => counts.maintenance,
    }
}
