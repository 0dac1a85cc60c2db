//! `phusong topology tree` and `phusong topology path`: lines that nodes of the topology share.

use phusong_model::{
    Carrier, LinkState,
    answer::NodeItem,
    glossary::{self, Term, Word, sign},
    printable,
};

use super::{DOT, View, parts::tone};
use crate::{paint::Tone, table::clip};

/// One node on one line, cut where the screen ends: its sign and id, its name, and why it is not well.
pub fn node_line(prefix: &str, item: &NodeItem, marks: &[String], view: &View) -> String {
    let label = printable(&format!("{} {}", item.state.map_or(' ', sign), item.node)).into_owned();
    let facts: Vec<String> = facts(item, view).into_iter().chain(marks.iter().cloned()).collect();
    let told = if facts.is_empty() { String::new() } else { format!("  {}", printable(&facts.join(DOT))) };
    let line = clip(&format!("{prefix}{label}{told}"), view.width);
    let tone = item.state.map_or(Tone::Plain, tone);
    match line.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(label.as_str())) {
        Some(rest) => format!("{prefix}{}{rest}", view.paint.apply(tone, &label)),
        None => line,
    }
}

fn facts(item: &NodeItem, view: &View) -> Vec<String> {
    let name = (item.name != id(&item.node)).then(|| item.name.clone());
    // A name mostly says the commune already.
    let commune = item.commune_name.clone().filter(|commune| !item.name.contains(commune.as_str()));
    let wrong = item.state.filter(|state| *state != LinkState::Up);
    let since = wrong.and(item.since).map(|since| {
        let since = glossary::moment(view.lang, since, view.now);
        view.lang.pick(format!("từ {since}"), format!("since {since}"))
    });
    let why = reason(item, view).or_else(|| wrong.map(|state| state.term(view.lang).to_owned()));
    let reported = item.reported_at.map(|at| {
        let at = glossary::moment(view.lang, at, view.now);
        format!("{} {at}", Word::Reported.term(view.lang))
    });
    [name, commune, since, why, reported].into_iter().flatten().collect()
}

/// Why it is down, what is worse about it, or why it could not be looked at.
fn reason(item: &NodeItem, view: &View) -> Option<String> {
    let cause = item.cause.as_ref().map(|cause| glossary::cause(view.lang, cause, item.carrier.as_ref()));
    let worse = item.worse.map(|worse| worse.term(view.lang).to_owned());
    cause.or(worse).or_else(|| item.blind.map(|blind| blind.term(view.lang).to_owned()))
}

fn id(node: &Carrier) -> &str {
    match node {
        Carrier::Link(id) => id.as_str(),
        Carrier::Device(id) => id.as_str(),
        Carrier::Site(id) => id.as_str(),
    }
}
