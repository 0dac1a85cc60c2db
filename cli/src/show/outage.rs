//! `phusong outage OUTAGE`: what happened when, what is thought of the cause, who feels it, what was tried.

use phusong_model::{
    LinkState, Millis,
    answer::{AffectedItem, Moment, OutageBody, TriedItem},
    glossary::{self, Head, Lang, Term, Word, sign},
    printable,
};

use super::{View, flow, parts::tone};
use crate::table::{Cell, Table};

/// Lines of the time line on a screen; JSON has all.
const MOMENTS: usize = 40;

/// Communes on a screen.
const COMMUNES: usize = 20;

pub fn lines(body: &OutageBody, view: &View) -> Vec<String> {
    let mut lines = title(body, view);
    lines.extend(verdict(body, view));
    lines.extend(contact(body, view));
    section(&mut lines, view.lang.of(("Diễn biến", "What happened")), view);
    lines.extend(timeline(&body.timeline, view));
    section(&mut lines, view.lang.of(("Ảnh hưởng", "Who feels it")), view);
    lines.extend(affected(body, view));
    section(&mut lines, view.lang.of(("Đã thử", "What was tried")), view);
    lines.extend(tried(&body.tried, view));
    lines.push(String::new());
    lines.extend(next(body, view));
    lines
}

fn section(lines: &mut Vec<String>, heading: &str, view: &View) {
    lines.extend([String::new(), view.heading(heading)]);
}

/// The outage, its link, from when to when and how long.
fn title(body: &OutageBody, view: &View) -> Vec<String> {
    let (item, lang) = (&body.outage, view.lang);
    let state = if item.end.is_some() { LinkState::Up } else { LinkState::Down };
    let name = (item.name != item.link.as_str()).then(|| item.name.clone());
    let head = format!("{} {} {}", sign(state), lang.of(("Lần mất kết nối số", "Outage")), item.outage.0);
    let kind = item.kind.term(lang).to_owned();
    let operator = item.operator.as_ref().map(|operator| operator.label().to_owned());
    let facts = [Some(head), Some(item.link.to_string()), name, Some(kind), item.commune_name.clone(), operator];
    let mut lines = view.title(facts.into_iter().flatten());
    let about =
        |error: Millis| if error.0 > 0 { format!(" (± {})", glossary::duration(lang, error)) } else { String::new() };
    let from =
        format!("{} {}{}", lang.of(("từ", "from")), glossary::instant(lang, item.start), about(item.start_error_ms));
    let to = match item.end {
        Some(end) => {
            format!("{} {}{}", lang.of(("đến", "until")), glossary::instant(lang, end), about(item.end_error_ms))
        }
        None => lang.of(("chưa khôi phục", "not over")).to_owned(),
    };
    let lasted = format!("{} {}", lang.of(("kéo dài", "lasting")), glossary::duration(lang, item.duration_ms));
    let blind = (item.blind_share > 0.0)
        .then(|| format!("{} {}", view.word(Word::Blind), glossary::percent(lang, item.blind_share)));
    let times = view.facts([from, to, lasted].into_iter().chain(blind));
    lines.extend(times.into_iter().map(|line| view.paint.apply(tone(state), &line)));
    lines
}

/// The cause, how sure it is, and what it rests on.
fn verdict(body: &OutageBody, view: &View) -> Vec<String> {
    let (item, lang) = (&body.outage, view.lang);
    let cause = glossary::cause(lang, &item.cause, item.carrier.as_ref());
    let head = format!("{}: {cause} ({})", lang.of(("Nguyên nhân", "Cause")), item.confidence.term(lang));
    let event = (body.event.links.len() > 1).then(|| glossary::event(lang, &body.event));
    let mut lines = view.facts(std::iter::once(head).chain(event));
    let mut clues: Vec<String> = item.evidence.iter().map(|clue| glossary::sign_text(lang, &clue.sign)).collect();
    clues.dedup();
    if clues.is_empty() {
        let silence = ("chưa có gì ngoài việc tuyến không trả lời", "nothing but the silence itself");
        clues.push(lang.of(silence).to_owned());
    }
    let evidence = format!("{}: {}", lang.of(("Căn cứ", "Evidence")), printable(&clues.join("; ")));
    lines.extend(flow(evidence.split(' '), " ", 2, view.width));
    lines
}

fn contact(body: &OutageBody, view: &View) -> Vec<String> {
    let contact = &body.outage.contact;
    let told = |word: Word, text: &Option<String>| text.as_ref().map(|text| format!("{} {text}", view.word(word)));
    let facts: Vec<String> =
        [told(Word::Circuit, &contact.circuit), told(Word::Phone, &contact.phone), told(Word::Duty, &contact.duty)]
            .into_iter()
            .flatten()
            .collect();
    let Some((first, others)) = facts.split_first() else { return Vec::new() };
    view.facts([format!("{}: {first}", view.word(Word::Contact))].into_iter().chain(others.iter().cloned()))
}

/// A line for each moment; of very many the first and the last ones.
fn timeline(moments: &[Moment], view: &View) -> Vec<String> {
    let left = moments.len().saturating_sub(MOMENTS);
    let (head, tail) = moments.split_at(if left > 0 { MOMENTS / 2 } else { moments.len() });
    let tail = tail.get(left..).unwrap_or_default();
    let mut lines: Vec<String> = head.iter().flat_map(|moment| line(moment, view)).collect();
    if left > 0 {
        lines.push(format!("  … {left} {}: --json", view.lang.of(("mục nữa", "more"))));
    }
    lines.extend(tail.iter().flat_map(|moment| line(moment, view)));
    lines
}

fn line(moment: &Moment, view: &View) -> Vec<String> {
    let at = glossary::instant(view.lang, moment.at);
    // What is not sharp says so: the truth lies between two looks.
    let about = if moment.error_ms.0 >= 1000 {
        format!(" ±{}", glossary::duration(view.lang, moment.error_ms))
    } else {
        String::new()
    };
    let text = format!("{at}{about}  {}", printable(&glossary::happening(view.lang, &moment.what)));
    flow(text.split(' '), " ", 4, view.width)
}

fn affected(body: &OutageBody, view: &View) -> Vec<String> {
    if body.affected.is_empty() {
        let nobody = ("không xã, phường nào gắn với tuyến này", "no commune hangs on this link");
        return vec![view.lang.of(nobody).to_owned()];
    }
    let mut lines = view.facts([sum(&body.affected, view)]);
    let mut table = Table::new(vec![
        view.text(Head::Commune).shrink(9),
        view.number(Head::People).yields(1),
        view.text(Head::Link).shrink(12).yields(0),
        view.text(Head::Working).shrink(12),
    ]);
    let list = |links: &[phusong_model::LinkId]| links.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    for item in body.affected.iter().take(COMMUNES) {
        let working = match (item.working.is_empty(), item.unseen.is_empty()) {
            (false, _) => Cell::new(list(&item.working)),
            // Blind is not down: somebody has to look from elsewhere.
            (true, false) => {
                Cell::new(format!("{} {}", sign(LinkState::Blind), list(&item.unseen))).tone(tone(LinkState::Blind))
            }
            (true, true) => Cell::new(view.lang.of(("không còn đường nào", "nothing"))).tone(tone(LinkState::Down)),
        };
        table.row(vec![Cell::new(&item.commune_name), view.count(item.people), Cell::new(list(&item.links)), working]);
    }
    lines.extend(view.table(table));
    let left = body.affected.len().saturating_sub(COMMUNES);
    if left > 0 {
        lines.push(format!("… {left} {}: --json", view.lang.of(("xã, phường nữa", "more"))));
    }
    lines
}

/// How many communes and people, and how many of them nothing else connects; of people as far as they are known.
fn sum(items: &[AffectedItem], view: &View) -> String {
    let lang = view.lang;
    let told = |items: &[&AffectedItem]| {
        let communes = glossary::integer(lang, items.len() as u64);
        let known: Vec<u64> = items.iter().filter_map(|item| item.people).collect();
        let people = glossary::integer(lang, known.iter().sum());
        match (lang, known.is_empty()) {
            (Lang::Vi, true) => format!("{communes} xã, phường"),
            (Lang::Vi, false) => format!("{communes} xã, phường ({people} người)"),
            (Lang::En, true) => communes,
            (Lang::En, false) => format!("{communes} ({people} people)"),
        }
    };
    let all = told(&items.iter().collect::<Vec<_>>());
    let nothing = |item: &&AffectedItem| item.working.is_empty() && item.unseen.is_empty();
    let cut_off: Vec<&AffectedItem> = items.iter().filter(nothing).collect();
    if items.iter().all(|item| !item.working.is_empty()) {
        return lang.pick(
            format!("{all}, nơi nào cũng còn đường khác"),
            format!("communes: {all}, each with another way that works"),
        );
    }
    let cut = told(&cut_off);
    lang.pick(
        format!("{all}, trong đó {cut} không còn đường nào khác"),
        format!("communes: {all}; with no other way left: {cut}"),
    )
}

fn tried(items: &[TriedItem], view: &View) -> Vec<String> {
    if items.is_empty() {
        return vec![view.word(Word::NoItems).to_owned()];
    }
    let line = |item: &TriedItem| {
        let number = |number: u64| glossary::integer(view.lang, number);
        let (looks, sent, answered) =
            (number(item.looks), number(item.sent), number(item.sent.saturating_sub(item.lost)));
        let probe = item.probe.id().to_uppercase();
        let told = view.lang.pick(
            format!("{probe}: {looks} lượt đo, hỏi {sent} lần, trả lời {answered}"),
            format!("{probe}: {looks} looks, {sent} sent, {answered} answered"),
        );
        let blind = (item.blind > 0).then(|| format!("{} {}", view.word(Word::Blind), number(item.blind)));
        view.facts(std::iter::once(told).chain(blind))
    };
    items.iter().flat_map(line).collect()
}

/// What to type next: ids are ours, so that they can be pasted.
fn next(body: &OutageBody, view: &View) -> Vec<String> {
    let item = &body.outage;
    let ack = (item.ack.is_none() && item.end.is_none()).then(|| format!("phusong ack {}", item.outage.0));
    let commands = [Some(format!("phusong link {}", item.link)), Some(format!("phusong probe {}", item.link)), ack];
    let commands = commands.into_iter().flatten().enumerate().map(|(i, command)| match i {
        0 => format!("{}: {command}", view.word(Word::Next)),
        _ => command,
    });
    let lines = flow(commands, "   ", 2, view.width);
    lines.into_iter().map(|line| view.paint.apply(crate::paint::Tone::Faint, &line)).collect()
}
