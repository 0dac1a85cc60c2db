//! `phusong commune NAME`.

use phusong_model::{
    LinkState,
    answer::{CommuneBody, LinkItem, OutageItem, SettlementItem, SiteItem},
    glossary::{self, Head, Term, Word, sign},
};

use super::{View, coverage, gap_details, gaps, links, outages, parts::tone};
use crate::table::{Cell, Table};

pub fn lines(body: &CommuneBody, view: &View) -> Vec<String> {
    let mut lines = title(body, view);
    // The commune stands in the title; without its name the tables leave that column out.
    let links = body.links.iter().cloned().map(|item| LinkItem { commune_name: None, ..item }).collect::<Vec<_>>();
    let outages =
        body.outages.iter().cloned().map(|item| OutageItem { commune_name: None, ..item }).collect::<Vec<_>>();
    section(&mut lines, view, Word::Links, links::lines(&links, view));
    let blind = body.links.iter().filter(|link| link.state == LinkState::Blind).count() as u64;
    let seen = (blind, body.links.len() as u64);
    section(&mut lines, view, Word::Outages, outages::lines(&outages, &[], seen, view));
    section(&mut lines, view, Word::Gaps, gaps::lines(&body.gaps, &[], view));
    let details = gap_details::lines(&body.gaps, view);
    if !details.is_empty() {
        section(&mut lines, view, Word::GapDetails, details);
    }
    if !body.coverage.is_empty() {
        let figures = coverage::section(&body.coverage.iter().collect::<Vec<_>>(), view);
        section(&mut lines, view, Word::Coverage, figures);
    }
    if !body.settlements.is_empty() {
        section(&mut lines, view, Word::SettlementsWithout, view.table(settlements(&body.settlements, view)));
    }
    if !body.sites.is_empty() {
        section(&mut lines, view, Word::Sites, view.table(sites(&body.sites, view)));
    }
    lines.push(String::new());
    lines
}

fn title(body: &CommuneBody, view: &View) -> Vec<String> {
    let commune = &body.commune;
    let mut facts = vec![format!("{} {} ({})", commune.kind.term(view.lang), commune.name, commune.code)];
    if let Some(people) = body.people {
        facts.push(format!("{} {}", glossary::integer(view.lang, people), view.lang.of(("người", "people"))));
    }
    facts.extend(commune.area_km2.map(|area| format!("{} km²", glossary::decimal(view.lang, area, 1))));
    view.title(facts)
}

fn section(lines: &mut Vec<String>, view: &View, word: Word, content: Vec<String>) {
    lines.push(String::new());
    lines.push(view.heading(view.word(word)));
    lines.extend(content);
}

fn settlements(items: &[SettlementItem], view: &View) -> Table {
    let mut table = Table::new(vec![
        view.text(Head::Settlement).shrink(12),
        view.number(Head::People).yields(1),
        view.number(Head::Households).yields(0),
        view.text(Head::Power),
    ]);
    for item in items {
        table.row(vec![
            Cell::new(&item.name),
            view.count(item.people),
            view.count(item.households),
            Cell::new(item.power.term(view.lang)),
        ]);
    }
    table
}

fn sites(items: &[SiteItem], view: &View) -> Table {
    let mut table = Table::new(vec![
        view.text(Head::State).shrink(12),
        view.text(Head::Site).shrink(12),
        view.text(Head::Kind),
        view.text(Head::Operator).drop(0),
    ]);
    for item in items {
        table.row(vec![
            site_state(item, view),
            Cell::new(&item.name),
            Cell::new(item.kind.term(view.lang)),
            view.operator(item.operator.as_ref()),
        ]);
    }
    table
}

/// From its backhaul, or from the operator's report with its time; never guessed.
fn site_state(item: &SiteItem, view: &View) -> Cell {
    let Some(state) = item.state else {
        return Cell::new(format!("? {}", view.word(Word::Unknown)));
    };
    let mut text = format!("{} {}", sign(state), state.term(view.lang));
    if let Some(at) = item.reported_at {
        let at = glossary::moment(view.lang, at, view.now);
        text.push_str(&format!(" ({} {at})", view.word(Word::Reported)));
    }
    Cell::new(text).tone(tone(state))
}
