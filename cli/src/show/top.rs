//! `phusong top`.

use phusong_model::{
    UtcMs,
    answer::TopItem,
    glossary::{self, Head, Word, sign},
};

use super::{View, parts::tone};
use crate::table::{Cell, Table};

/// Targets on the screen when nobody said how many; JSON and CSV have all.
const SHOWN: usize = 20;

pub fn lines(items: &[TopItem], counted_until: Option<UtcMs>, view: &View) -> Vec<String> {
    if items.is_empty() {
        return vec![view.word(Word::NoItems).to_owned()];
    }
    let shown: Vec<&TopItem> = items.iter().take(SHOWN).collect();
    let mut lines = view.table(table(&shown, view));
    let more = items.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| {
        let more = glossary::integer(view.lang, more as u64);
        view.lang.pick(format!("còn {more} đích nữa: --json, --csv"), format!("{more} more: --json, --csv"))
    });
    let until = counted_until.map(|until| {
        let until = glossary::moment(view.lang, until, view.now);
        view.lang.pick(format!("đã cộng đến {until}"), format!("added up until {until}"))
    });
    lines.extend(view.facts(more.into_iter().chain(until)));
    lines
}

fn table(items: &[&TopItem], view: &View) -> Table {
    let mut table = Table::new(vec![
        view.text(Head::Link).shrink(17),
        view.text(Head::Commune).shrink(9).drop(1),
        view.text(Head::Probe).yields(5),
        view.text(Head::Target).shrink(12).drop(3),
        view.number(Head::Sent).yields(2),
        view.number(Head::TimedOut),
        view.number(Head::Loss).yields(3),
        view.number(Head::Blind).yields(0),
        view.number(Head::RoundTrip),
        view.number(Head::P95).yields(4),
        view.number(Head::Longest).yields(1),
    ]);
    for item in items {
        let count = |count: u64| Cell::new(glossary::integer(view.lang, count));
        table.row(vec![
            Cell::new(format!("{} {}", sign(item.state), item.link)).tone(tone(item.state)),
            Cell::maybe(item.commune_name.as_deref()),
            Cell::new(item.probe.id()),
            Cell::new(&item.target),
            count(item.sent),
            count(item.lost),
            view.percent(item.lost_ratio),
            count(item.blind),
            view.milliseconds(item.rtt_median_ms),
            view.milliseconds(item.rtt_p95_ms),
            view.milliseconds(item.rtt_max_ms),
        ]);
    }
    table
}
