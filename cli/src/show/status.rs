//! `phusong status`: the network on one screen.

use phusong_model::{
    Health, LinkState,
    answer::{EventItem, KindCounts, StatusBody},
    glossary::{self, Head, Term, Word, sign},
    printable,
};

use super::{View, coverage, links::of_state, outages, parts::tone};
use crate::{
    paint::Tone,
    table::{Cell, Column, Table, clip, flow},
};

/// Lines of the smallest screen, less one for the next prompt.
const SCREEN: usize = 23;

/// The least lines for what happened lately: its head, and something below it.
const NEWS_LEAST: usize = 2;

/// Everything but `below` lines of remarks and footer, which go on the same screen.
pub fn lines(body: &StatusBody, below: usize, view: &View) -> Vec<String> {
    let mut lines = title(body, view);
    lines.extend(view.table(kinds(&body.kinds, view)));
    lines.extend(body.mobile.iter().flat_map(|item| coverage::headline(item, view)));
    let after = [health(body, view), next(body, view)].concat();
    let room = SCREEN.saturating_sub(lines.len() + after.len() + below);
    if body.open_outages == 0 {
        let links = body.kinds.iter().map(|kind| kind.counts.total()).sum::<u64>();
        let blind = body.unseen_links;
        let tone = if blind == 0 { Tone::Good } else { Tone::Warning };
        lines.extend(outages::none((blind, links), view).iter().map(|line| view.paint.apply(tone, line)));
    } else {
        // The head of the table takes a line.
        let shown = room.saturating_sub(1 + NEWS_LEAST).max(1);
        let shown: Vec<&EventItem> = body.worst_events.iter().take(shown).collect();
        lines.extend(view.table(worst(&shown, body, view)));
    }
    let left = SCREEN.saturating_sub(lines.len() + after.len() + below);
    lines.extend(news(body, left, view));
    lines.extend(after);
    lines
}

/// What began and what ended within the last hour, as events, the newest first; at most so many lines, the last of which
/// then says how many more there are.
fn news(body: &StatusBody, room: usize, view: &View) -> Vec<String> {
    let (lang, recent) = (view.lang, &body.recent);
    let head = if recent.is_empty() {
        lang.of(("Trong 1 giờ qua: không có gì mới", "Last hour: nothing new")).to_owned()
    } else {
        // An older daemon does not count them.
        let ended = body.recent_ended.max(recent.iter().filter(|event| event.end.is_some()).count() as u64);
        let begun = body.recent_begun.max(recent.iter().filter(|event| event.end.is_none()).count() as u64);
        let [begun, ended] = [begun, ended].map(|count| glossary::integer(lang, count));
        lang.pick(
            format!("Trong 1 giờ qua: {begun} sự cố mới, {ended} đã khôi phục"),
            format!("Last hour: {begun} new, {ended} over"),
        )
    };
    if room == 0 {
        return Vec::new();
    }
    let mut lines = vec![view.heading(&clip(&head, view.width))];
    let room = room - 1;
    let shown = if recent.len() > room { room.saturating_sub(1) } else { recent.len() };
    lines.extend(recent.iter().take(shown).map(|event| one_line(event, view)));
    let left = body.recent_events.max(recent.len() as u64) - shown as u64;
    if left > 0 && room > 0 {
        let left = glossary::integer(lang, left);
        let more = lang.pick(
            format!("  và {left} sự cố nữa: phusong outages --since 1h"),
            format!("  and {left} more: phusong outages --since 1h"),
        );
        lines.push(clip(&more, view.width));
    }
    lines
}

/// An event on one line, cut where the screen ends.
fn one_line(event: &EventItem, view: &View) -> String {
    let (state, at) = match event.end {
        None => (LinkState::Down, event.start),
        Some(end) => (LinkState::Up, end),
    };
    let at = glossary::moment(view.lang, at, view.now);
    let text = format!("{} {at} {}", sign(state), printable(&glossary::news(view.lang, event)));
    view.paint.apply(tone(state), &clip(&text, view.width))
}

fn title(body: &StatusBody, view: &View) -> Vec<String> {
    let communes = format!("{} {}", glossary::integer(view.lang, body.communes), view.word(Word::Communes));
    let now = glossary::instant(view.lang, view.now);
    view.title([body.province.to_uppercase(), communes, format!("{now} (+07)")])
}

fn kinds(kinds: &[KindCounts], view: &View) -> Table {
    let head = |state: LinkState| {
        Column::number(format!("{} {}", sign(state), Head::of(state).term(view.lang))).brief(sign(state))
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

/// The worst open events; how many outages and events there are stands in the head.
fn worst(items: &[&EventItem], body: &StatusBody, view: &View) -> Table {
    let number = |count: u64| glossary::integer(view.lang, count);
    let head = format!("{} ({})", view.word(Word::OpenOutages), number(body.open_outages));
    let mut table = Table::new(vec![
        Column::text(head).shrink(14),
        view.text(Head::Commune).shrink(9),
        view.text(Head::Since),
        view.text(Head::Duration).yields(2),
        view.number(Head::People).yields(3),
        view.text(Head::Cause).shrink(12).yields(1),
    ]);
    for item in items {
        let others = item.communes.len().saturating_sub(1);
        let communes =
            item.communes.first().map(|first| if others > 0 { format!("{first} +{others}") } else { first.clone() });
        table.row(vec![
            Cell::new(format!("{} {}", sign(LinkState::Down), glossary::event_subject(view.lang, item)))
                .tone(Tone::Bad),
            Cell::maybe(communes),
            view.moment(item.start),
            Cell::new(glossary::duration(view.lang, item.duration_ms)),
            view.count(item.people),
            Cell::new(glossary::cause(view.lang, &item.cause, None)),
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
        facts.extend(
            prober
                .last_tick
                .and_then(|tick| tick.blind)
                .map(|reason| format!("{}: {}", view.word(Word::Blind), reason.term(lang))),
        );
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
            let fault = influx.fault.as_ref().map_or("", |_| lang.of((" (lỗi)", " (fault)")));
            facts.push(format!("{name}: {} {queue}{fault}", view.word(Word::Queue)));
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
    commands.push(match body.worst_events.first() {
        Some(event) => format!("phusong outage {}", event.event.0),
        None => "phusong indicators".to_owned(),
    });
    let commands = commands.iter().enumerate().map(|(i, command)| match i {
        0 => format!("{}: {command}", view.word(Word::Next)),
        _ => command.clone(),
    });
    flow(commands, "   ", 2, view.width).into_iter().map(|line| view.paint.apply(Tone::Faint, &line)).collect()
}
