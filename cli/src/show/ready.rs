//! `phusong ready`: whether a group can meet.

use phusong_model::{
    answer::{Fitness, FitnessCounts, ReadyBody, ReadyItem},
    glossary::{self, Head, Term, fitness_sign, ready_reason},
};

use super::View;
use crate::{
    paint::Tone,
    table::{Cell, Table},
};

pub fn lines(body: &ReadyBody, view: &View) -> Vec<String> {
    let lang = view.lang;
    let (from, until) = (glossary::instant(lang, body.at), glossary::moment(lang, body.until, body.at));
    let count = glossary::integer(lang, body.links);
    let meeting = lang.pick(format!("Họp {from} đến {until}"), format!("Meeting {from} to {until}"));
    let group = lang.pick(format!("nhóm {}: {count} điểm", body.group), format!("group {}: {count} links", body.group));
    let mut lines = view.title([meeting, group]);
    lines.extend(body.platforms.iter().flat_map(|platform| of_platform(platform, body, view)));
    lines.extend(view.facts(counts(body.counts, view)));
    if body.counts != body.own {
        let head = lang.of(("Riêng từng điểm, không kể nền tảng", "Each by itself, platforms aside"));
        let mut own = counts(body.own, view);
        if let Some(first) = own.first_mut() {
            *first = format!("{head}: {first}");
        }
        lines.extend(view.facts(own));
    }
    let told: Vec<&ReadyItem> = body.items.iter().filter(|item| item.fitness != Fitness::Fit).collect();
    if !told.is_empty() {
        lines.extend(view.table(table(&told, view)));
    }
    lines
}

/// The counts add up to the group; the gravest first.
fn counts(counts: FitnessCounts, view: &View) -> Vec<String> {
    let of = |fitness: Fitness| {
        let number = glossary::integer(view.lang, counts.of(fitness));
        format!("{} {} {number}", fitness_sign(fitness), fitness.term(view.lang))
    };
    Fitness::ALL.map(of).to_vec()
}

const fn tone(fitness: Fitness) -> Tone {
    match fitness {
        Fitness::Unfit => Tone::Bad,
        Fitness::Unknown | Fitness::AtRisk => Tone::Warning,
        Fitness::Fit => Tone::Good,
    }
}

/// What everybody needs is told once, on top.
fn of_platform(item: &ReadyItem, body: &ReadyBody, view: &View) -> Vec<String> {
    let lang = view.lang;
    let links = glossary::integer(lang, body.links);
    let effect = match item.fitness {
        Fitness::Unfit => Some(
            lang.pick(format!("không điểm nào trong {links} điểm họp được"), format!("none of the {links} can meet")),
        ),
        Fitness::Unknown => Some(lang.pick(
            format!("chưa rõ {links} điểm có họp được không"),
            format!("nobody knows whether the {links} can meet"),
        )),
        Fitness::AtRisk | Fitness::Fit => None,
    };
    let since = item.since.map(|since| {
        let since = glossary::moment(lang, since, view.now);
        lang.pick(format!("từ {since}"), format!("since {since}"))
    });
    let call = item.contact.phone.clone().or_else(|| item.contact.duty.clone());
    let call = call.map(|call| lang.pick(format!("gọi {call}"), format!("call {call}")));
    let id = if item.name == item.link.as_str() { String::new() } else { format!(" ({})", item.link) };
    let what = format!("{} {}{id}", fitness_sign(item.fitness), item.name);
    let facts = [what, reasons(item, view)].into_iter().chain(since).chain(effect).chain(call);
    view.facts(facts).into_iter().map(|line| view.paint.apply(tone(item.fitness), &line)).collect()
}

fn reasons(item: &ReadyItem, view: &View) -> String {
    item.reasons.iter().map(|reason| ready_reason(view.lang, reason, view.now)).collect::<Vec<_>>().join("; ")
}

fn table(items: &[&ReadyItem], view: &View) -> Table {
    let mut table = Table::new(vec![
        view.text(Head::Link).shrink(14),
        view.text(Head::Commune).shrink(9),
        view.text(Head::Since).yields(1),
        view.text(Head::Reason).shrink(16),
        view.text(Head::Phone).yields(0),
    ]);
    for item in items {
        let call = item.contact.phone.as_deref().or(item.contact.duty.as_deref());
        table.row(vec![
            Cell::new(format!("{} {}", fitness_sign(item.fitness), item.link)).tone(tone(item.fitness)),
            Cell::new(item.commune_name.as_deref().unwrap_or(&item.name)),
            item.since.map_or_else(Cell::missing, |since| view.moment(since)),
            Cell::new(reasons(item, view)),
            Cell::maybe(call),
        ]);
    }
    table
}
