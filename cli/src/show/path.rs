//! `phusong topology path`: the ways from a link to the centre, and where they break.

use phusong_model::{
    answer::{PathBody, PathWay, WayState},
    glossary::{self, Term},
};

use super::{View, flow, topology::node_line};
use crate::paint::Tone;

pub fn lines(body: &PathBody, view: &View) -> Vec<String> {
    let lang = view.lang;
    let name = (body.name != body.link.as_str()).then(|| body.name.clone());
    let mut lines = view.title(std::iter::once(body.link.to_string()).chain(name));
    let verdict = verdict(body, view);
    lines.extend(flow(phusong_model::printable(&verdict).split(' '), " ", 2, view.width));
    if is_unknown(body) {
        let own = body.ways.iter().flat_map(|way| &way.hops);
        lines.extend(own.map(|hop| node_line("  ", hop, &[], view)));
        return lines;
    }
    for (number, way) in (1_u64..).zip(&body.ways) {
        lines.extend(of_way(number, body.ways_total, way, view));
    }
    let untold = body.ways_total.saturating_sub(body.ways.len() as u64);
    if untold > 0 {
        let untold = glossary::integer(lang, untold);
        lines.push(lang.pick(format!("và {untold} đường khác"), format!("and {untold} more ways")));
    }
    lines
}

/// Nothing is known to carry it: it has one way, of itself.
fn is_unknown(body: &PathBody) -> bool {
    body.ways.iter().all(|way| way.hops.len() <= 1)
}

fn verdict(body: &PathBody, view: &View) -> String {
    let lang = view.lang;
    let count = |number: u64| glossary::integer(lang, number);
    if is_unknown(body) {
        return lang
            .of((
                "chưa khai báo tuyến này đi qua đâu (cột upstream của links.csv)",
                "nobody says what carries it (column upstream of links.csv)",
            ))
            .to_owned();
    }
    if body.whole > 0 {
        let (whole, all) = (count(body.whole), count(body.ways_total));
        return lang.pick(
            format!("{whole}/{all} đường về trung tâm thông"),
            format!("{whole} of {all} ways to the centre are whole"),
        );
    }
    if body.unclear > 0 {
        let unclear = count(body.unclear);
        return lang.pick(
            format!("không đường nào chắc chắn thông, {unclear} đường chưa rõ"),
            format!("no way is known to be whole, {unclear} not clear"),
        );
    }
    lang.of(("mọi đường về trung tâm đều đứt", "every way to the centre is broken")).to_owned()
}

fn of_way(number: u64, all: u64, way: &PathWay, view: &View) -> Vec<String> {
    let lang = view.lang;
    let (number, all) = (glossary::integer(lang, number), glossary::integer(lang, all));
    let state = match &way.breaks_at {
        Some(at) => lang.pick(format!("đứt tại {at}"), format!("broken at {at}")),
        None => way.state.term(lang).to_owned(),
    };
    let tone = match way.state {
        WayState::Whole => Tone::Good,
        WayState::Unclear => Tone::Warning,
        WayState::Broken => Tone::Bad,
    };
    let head = lang.pick(format!("Đường {number}/{all}: {state}"), format!("Way {number} of {all}: {state}"));
    let mut lines = vec![view.paint.apply(tone, &head)];
    for hop in &way.hops {
        let breaks = way.breaks_at.as_ref() == Some(&hop.node);
        let marks = breaks.then(|| lang.of(("← đứt ở đây", "← here")).to_owned());
        lines.push(node_line("  ", hop, &marks.into_iter().collect::<Vec<_>>(), view));
    }
    lines
}
