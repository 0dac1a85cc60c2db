//! `phusong status`: the network on one screen.

use phusong_model::{
    Health, LinkState,
    answer::{KindCounts, OutageItem, StatusBody},
    glossary::{self, Head, Term, Word, sign},
};

use super::{View, coverage, links::of_state, outages, parts::tone};
use crate::{
    paint::Tone,
    table::{Cell, Column, Table, flow},
};

/// Lines of the smallest screen, less one for the next prompt.
const SCREEN: usize = 23;

/// Everything but `below` lines of remarks and footer, which go on the same screen.
pub fn lines(body: &StatusBody, below: usize, view: &View) -> Vec<String> {
    let mut lines = title(body, view);
    lines.extend(view.table(kinds(&body.kinds, view)));
    lines.extend(body.mobile.iter().flat_map(|item| coverage::headline(item, view)));
    let after = [health(body, view), next(body, view)].concat();
    // The head of the table takes a line.
    let room = SCREEN.saturating_sub(lines.len() + 1 + after.len() + below).max(1);
    if body.open_outages == 0 {
        lines.push(view.paint.apply(Tone::Good, view.word(Word::NoOutages)));
    } else {
        let shown: Vec<&OutageItem> = body.worst.iter().take(room).collect();
        lines.extend(view.table(worst(&shown, body.open_outages, view)));
    }
    lines.extend(after);
    lines
}

fn title(body: &StatusBody, view: &View) -> Vec<String> {
    let communes = format!("{} {}", glossary::integer(view.lang, body.communes), view.word(Word::Communes));
    let now = glossary::instant(view.lang, view.now);
    view.title([body.province.to_uppercase(), communes, format!("{now} (+07)")])
}

fn kinds(kinds: &[KindCounts], view: &View) -> Table {
    let head = |state: LinkState| {
        let head = match state {
            LinkState::Up => Head::Up,
            LinkState::Degraded => Head::Degraded,
            LinkState::Down => Head::Down,
            LinkState::Blind => Head::Blind,
            LinkState::Maintenance => Head::Maintenance,
        };
        Column::number(format!("{} {}", sign(state), head.term(view.lang))).brief(sign(state))
    };
    let mut columns = vec![view.text(Head::Kind).shrink(8)];
    columns.extend(LinkState::ALL.map(head));
    columns.push(view.number(Head::Total).yields(0));
    let mut table = Table::new(columns);
    for of_kind in kinds {
        let cell = |state| {
            let n = of_state(of_kind.counts, state);
            let cell = Cell::new(glossary::integer(view.lang, n));
            if n > 0 { cell.tone(tone(state)) } else { cell.tone(Tone::Faint) }
        };
        let mut row = vec![Cell::new(of_kind.kind.term(view.lang))];
        row.extend(LinkState::ALL.map(cell));
        row.push(Cell::new(glossary::integer(view.lang, of_kind.counts.total())));
        table.row(row);
    }
    table
}

/// The worst open outages; their number stands in the head.
fn worst(items: &[&OutageItem], open: u64, view: &View) -> Table {
    let head = format!("{} ({})", view.word(Word::OpenOutages), glossary::integer(view.lang, open));
    let mut table = Table::new(vec![
        Column::text(head).shrink(14),
        view.text(Head::Commune).shrink(9),
        view.text(Head::Since),
        view.text(Head::Duration).yields(2),
        view.number(Head::People).yields(1),
        view.text(Head::Cause).shrink(12).yields(0),
    ]);
    for item in items {
        table.row(vec![
            outages::link(item),
            Cell::new(item.commune_name.as_deref().unwrap_or(&item.name)),
            view.moment(item.start),
            Cell::new(glossary::duration(view.lang, item.duration_ms)),
            view.count(item.people),
            Cell::new(glossary::cause(view.lang, &item.cause, item.carrier.as_ref())),
        ]);
    }
    table
}

fn health(body: &StatusBody, view: &View) -> Vec<String> {
    let lang = view.lang;
    let ended = format!("{}: {}", view.word(Word::EndedOutages), glossary::integer(lang, body.ended_outages));
    let mut facts = vec![ended];
    if let Some(Health { prober, store, influx, notify }) = &body.health {
        facts.push(prober.icmp.term(lang).to_owned());
        if prober.snmp_devices > 0 {
            let answering = prober.snmp_devices.saturating_sub(prober.snmp_silent);
            let (answering, all) = (glossary::integer(lang, answering), glossary::integer(lang, prober.snmp_devices));
            facts.push(format!("SNMP: {answering}/{all}"));
        }
        if prober.late_ticks > 0 {
            let late = glossary::integer(lang, prober.late_ticks);
            facts.push(format!("{}: {late}", lang.of(("vòng đo trễ", "late rounds"))));
        }
        facts.push(format!("{}: {}", view.word(Word::Store), glossary::bytes(lang, store.bytes)));
        for influx in influx {
            let (name, queue) = (glossary::influx(&influx.name), glossary::integer(lang, influx.queued_ticks));
            facts.push(format!("{name}: {} {queue}", view.word(Word::Queue)));
        }
        let waiting: u64 = notify.iter().map(|channel| channel.waiting).sum();
        if waiting > 0 {
            let waiting = glossary::integer(lang, waiting);
            facts.push(format!("{}: {waiting}", lang.of(("tin báo đang chờ", "messages waiting"))));
        }
    }
    view.facts(facts)
}

/// What to type next.
fn next(body: &StatusBody, view: &View) -> Vec<String> {
    let mut commands = vec!["phusong gaps".to_owned(), "phusong outages".to_owned()];
    // The code and not the name: whatever is pasted into a shell comes from us.
    commands.push(match body.worst.iter().find_map(|item| item.commune.as_ref()) {
        Some(code) => format!("phusong commune {code}"),
        None => "phusong indicators".to_owned(),
    });
    let commands = commands.iter().enumerate().map(|(i, command)| match i {
        0 => format!("{}: {command}", view.word(Word::Next)),
        _ => command.clone(),
    });
    flow(commands, "   ", 2, view.width).into_iter().map(|line| view.paint.apply(Tone::Faint, &line)).collect()
}
