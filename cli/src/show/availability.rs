//! `phusong availability`.

use phusong_model::{
    LinkState, Millis,
    answer::{AvailabilityItem, Counted, Whose},
    glossary::{self, Head, Term, Word},
};

use super::{View, parts::tone};
use crate::{
    paint::Tone,
    table::{Cell, Column, Table},
};

pub fn lines(items: &[AvailabilityItem], totals: &[AvailabilityItem], view: &View) -> Vec<String> {
    let mut lines = Vec::new();
    if !items.is_empty() {
        lines.extend(view.table(table(items, view)));
        lines.push(String::new());
    }
    lines.extend(view.table(table(totals, view)));
    lines.extend(legend(totals, view));
    lines
}

/// Times of each state, and what they come to.
fn table(items: &[AvailabilityItem], view: &View) -> Table {
    let mut table = Table::new(vec![
        view.text(Head::Name).shrink(24),
        view.number(Head::Links).drop(3),
        view.number(Head::Availability),
        view.number(Head::Down),
        view.number(Head::Degraded).drop(1),
        view.number(Head::Blind),
        view.number(Head::Maintenance).drop(0),
        view.number(Head::Outages).yields(0),
        Column::number(Head::Filed.term(view.lang)).drop(2),
    ]);
    for item in items {
        let times = item.times_ms;
        let time = |state: LinkState, length: Millis| {
            let tone = if length.0 > 0 { tone(state) } else { Tone::Faint };
            let text = if length.0 > 0 { glossary::duration(view.lang, length) } else { "0".to_owned() };
            Cell::new(text).tone(tone)
        };
        table.row(vec![
            Cell::new(name(item, view)),
            Cell::new(glossary::integer(view.lang, item.links)),
            precise(item.availability, view),
            time(LinkState::Down, times.down),
            time(LinkState::Degraded, times.degraded),
            precise(Some(item.blind_share), view),
            time(LinkState::Maintenance, times.maintenance),
            Cell::new(glossary::integer(view.lang, item.outages)),
            precise(item.availability_filed, view),
        ]);
    }
    table
}

fn name(item: &AvailabilityItem, view: &View) -> String {
    let all = view.lang.of(("cùng lúc", "all at once"));
    let added = view.lang.of(("cộng dồn", "added up"));
    match (&item.whose, item.counted) {
        (Whose::Link { link }, _) => link.to_string(),
        (Whose::Group { group }, Counted::All) => format!("{group}, {all}"),
        (Whose::Group { group }, _) => format!("{group}, {added}"),
        (Whose::Kind { kind }, _) => kind.term(view.lang).to_owned(),
        (Whose::Everything, _) => view.word(Word::AllCommunes).to_owned(),
        (Whose::Site { .. } | Whose::Commune { .. }, _) => item.name.clone(),
    }
}

/// With as many digits as tell one outage of some minutes in a month.
fn precise(share: Option<f64>, view: &View) -> Cell {
    Cell::maybe(share.map(|share| glossary::percent_to(view.lang, share, 3)))
}

/// What the figures mean; a percentage is never without it.
fn legend(totals: &[AvailabilityItem], view: &View) -> Vec<String> {
    let looked = view.lang.of((
        "khả dụng: (hoạt động + suy giảm) trên thời gian đo được, không kể bảo trì",
        "available: (up + degraded) of the time that was looked at, without maintenance",
    ));
    let filed = view.lang.of((
        "báo cáo: 1 − thời gian mất trên toàn bộ khung thời gian, theo QCVN 34:2022/BTTTT",
        "filed: 1 − down of the whole window, as QCVN 34:2022/BTTTT has it",
    ));
    let added = totals.iter().any(|item| item.counted == Counted::Added).then(|| {
        view.lang.of(("dòng tổng cộng dồn giờ của từng tuyến", "totals add up the hours of every link")).to_owned()
    });
    let facts = [looked.to_owned(), filed.to_owned()].into_iter().chain(added);
    view.facts(facts).into_iter().map(|line| view.paint.apply(Tone::Faint, &line)).collect()
}
