//! Coverage gaps in full, each in a few lines: no table has room for all that is known of one.

use phusong_model::{
    GapKind,
    answer::GapItem,
    glossary::{self, Term, Word},
};

use super::View;
use crate::paint::Tone;

/// Gaps that are told in full, those of the highest rank; the others are in the table, and in full in `--json` and
/// `--csv`. Ten fill a page.
const SHOWN_MAX: usize = 10;

/// How far the facts of a gap stand in from its title.
const INDENT: usize = 2;

/// The coverage gaps among these; nothing when there are none.
pub fn lines(items: &[GapItem], view: &View) -> Vec<String> {
    let coverage: Vec<&GapItem> = items.iter().filter(|item| item.kind == GapKind::Coverage).collect();
    let mut lines: Vec<String> = coverage.iter().take(SHOWN_MAX).flat_map(|item| details(item, view)).collect();
    if let Some(more) = coverage.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
        let more = glossary::integer(view.lang, more as u64);
        lines.push(view.lang.pick(format!("(còn {more}; --csv, --json)"), format!("({more} more; --csv, --json)")));
    }
    lines
}

fn details(item: &GapItem, view: &View) -> Vec<String> {
    let title = [
        Some(glossary::integer(view.lang, item.rank)),
        Some(glossary::gap_missing(view.lang, item)),
        item.grade.map(|grade| grade.term(view.lang).to_owned()),
        item.gap.clone(),
    ];
    let mut lines = view.title(title.into_iter().flatten());
    lines.extend(indented(glossary::gap_facts(view.lang, item, view.now), view));
    let sites = glossary::gap_sites(view.lang, item).into_iter().enumerate();
    let named = |(i, site): (usize, String)| match i {
        0 => format!("{}: {site}", view.word(Word::NearestSites)),
        _ => site,
    };
    lines.extend(indented(sites.map(named), view).into_iter().map(|line| view.paint.apply(Tone::Faint, &line)));
    lines
}

fn indented(facts: impl IntoIterator<Item = String>, view: &View) -> Vec<String> {
    let lines = view.facts_within(view.width.saturating_sub(INDENT), facts);
    lines.into_iter().map(|line| " ".repeat(INDENT) + &line).collect()
}
