//! `phusong outages`.

use phusong_model::{
    LinkState,
    answer::{EventItem, OutageItem},
    glossary::{self, Head, Term, Word, sign},
    printable,
};

use super::{View, flow};
use crate::{
    paint::Tone,
    table::{Cell, Table},
};

/// What belongs together is told in a line each, above all outages. `blind` is how many links cannot be looked at, of how
/// many.
pub fn lines(items: &[OutageItem], events: &[EventItem], blind: (u64, u64), view: &View) -> Vec<String> {
    if items.is_empty() {
        return none(blind, view);
    }
    let is_shown = |event: &&EventItem| items.iter().any(|item| item.event == event.event);
    let mut lines: Vec<String> = events
        .iter()
        .filter(|event| event.outages.len() > 1)
        .filter(is_shown)
        .flat_map(|event| {
            let state = if event.end.is_none() { sign(LinkState::Down) } else { ' ' };
            let text = format!("{state} {}", printable(&glossary::event(view.lang, event)));
            let when = event.end.map(|end| {
                let [from, to] = [event.start, end].map(|at| glossary::moment(view.lang, at, view.now));
                format!(" · {from}–{to}")
            });
            flow((text + &when.unwrap_or_default()).split(' '), " ", 2, view.width)
        })
        .collect();
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.extend(view.table(table(items, view)));
    lines
}

/// That there is no outage; or, where something cannot be seen, that none is known.
pub fn none((blind, links): (u64, u64), view: &View) -> Vec<String> {
    let lang = view.lang;
    let all = view.word(Word::NoOutages).to_owned();
    if blind == 0 {
        return vec![all];
    }
    let [blind, links] = [blind, links].map(|number| glossary::integer(lang, number));
    let unseen = lang.pick(
        format!("chưa biết có lần mất kết nối nào: {blind}/{links} tuyến không đo được"),
        format!("no outage is known: {blind} of {links} links could not be looked at"),
    );
    flow(unseen.split(' '), " ", 2, view.width)
}

/// Outages, with whom to call.
pub fn table(items: &[OutageItem], view: &View) -> Table {
    let mut table = Table::new(vec![
        view.number(Head::Number).yields(5),
        view.text(Head::Link).shrink(17),
        view.text(Head::Commune).shrink(9),
        view.text(Head::Kind).drop(1),
        view.text(Head::Since).yields(3),
        view.text(Head::Until).drop(0),
        view.text(Head::Duration).yields(2),
        view.number(Head::People).drop(2),
        view.text(Head::Cause).shrink(9).yields(0),
        view.text(Head::Phone).yields(1),
        view.text(Head::Acked).shrink(8).drop(3),
    ]);
    for item in items {
        table.row(vec![
            Cell::new(item.outage.0.to_string()),
            link(item),
            Cell::maybe(item.commune_name.as_deref()),
            Cell::new(item.kind.term(view.lang)),
            view.moment(item.start),
            item.end.map_or_else(Cell::missing, |end| view.moment(end)),
            Cell::new(glossary::duration(view.lang, item.duration_ms)),
            view.count(item.people),
            Cell::new(glossary::cause(view.lang, &item.cause, item.carrier.as_ref())),
            Cell::maybe(item.contact.phone.as_deref()),
            Cell::maybe(item.ack.as_ref().map(|ack| ack.ticket.as_ref().unwrap_or(&ack.author))),
        ]);
    }
    table
}

/// The link, with the sign of `down` while the outage lasts.
pub fn link(item: &OutageItem) -> Cell {
    match item.end {
        None => Cell::new(format!("{} {}", sign(LinkState::Down), item.link)).tone(Tone::Bad),
        Some(_) => Cell::new(format!("  {}", item.link)),
    }
}
