//! `phusong topology weak`.

use phusong_model::{
    answer::WeakBody,
    glossary::{self, Head},
};

use super::View;
use crate::table::{Cell, Table};

/// Names that a screen takes; JSON and CSV have all.
const NAMES: usize = 12;

pub fn lines(body: &WeakBody, view: &View) -> Vec<String> {
    let mut lines = view.title([summary(body, view)]);
    if !body.items.is_empty() {
        lines.extend(view.table(table(body, view)));
    }
    let single = view.lang.of(("Chỉ có một đường", "One way only"));
    let unknown = view.lang.of(("Chưa rõ đường đi", "Ways not known"));
    lines.extend(names(single, &body.single, view));
    lines.extend(names(unknown, &body.unknown, view));
    if !body.centre.is_empty() {
        let centre: Vec<String> = body.centre.iter().map(ToString::to_string).collect();
        let all = view.lang.of(("mọi xã, phường đều qua", "every commune hangs on"));
        lines.extend(view.facts([format!("{all} {}", centre.join(", "))]));
    }
    lines
}

fn summary(body: &WeakBody, view: &View) -> String {
    let count = |number: u64| glossary::integer(view.lang, number);
    let (weak, all) = (count(body.items.len() as u64), count(body.communes));
    let independent = count(body.independent);
    view.lang.pick(
        format!("{weak}/{all} xã, phường có hai đường nhưng chung một điểm; {independent} có đường độc lập"),
        format!("{weak} of {all} communes have two ways that share something; {independent} have independent ways"),
    )
}

fn table(body: &WeakBody, view: &View) -> Table {
    let mut table = Table::new(vec![
        view.text(Head::Commune).shrink(10),
        view.number(Head::People),
        view.text(Head::Shared).shrink(16),
        view.text(Head::Link).shrink(16).yields(0),
        view.number(Head::CutOff).yields(1),
    ]);
    for item in &body.items {
        let ids = |ids: Vec<String>| Cell::new(ids.join(", "));
        table.row(vec![
            Cell::new(&item.commune_name),
            view.count(item.people),
            ids(item.shared.iter().map(ToString::to_string).collect()),
            ids(item.links.iter().map(ToString::to_string).collect()),
            Cell::new(glossary::duration(view.lang, item.cut_off_ms)),
        ]);
    }
    table
}

fn names(head: &str, names: &[String], view: &View) -> Vec<String> {
    let Some(left) = names.len().checked_sub(NAMES) else {
        return if names.is_empty() { Vec::new() } else { listed(head, names, "", view) };
    };
    let more = if left == 0 { String::new() } else { format!(", … {}", glossary::integer(view.lang, left as u64)) };
    listed(head, names.get(..NAMES).unwrap_or_default(), &more, view)
}

fn listed(head: &str, names: &[String], more: &str, view: &View) -> Vec<String> {
    let count = if more.is_empty() { String::new() } else { format!(" {}", view.lang.of(("xã nữa", "more"))) };
    super::flow(format!("{head}: {}{more}{count}", names.join(", ")).split(' '), " ", 2, view.width)
}
