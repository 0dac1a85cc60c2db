//! Answers for people: lines of text that fit the screen.

mod availability;
mod commune;
mod contradictions;
mod coverage;
mod gap_details;
mod gaps;
mod indicators;
mod link;
mod links;
mod maintenance;
mod notifications;
mod outage;
mod outages;
mod parts;
mod path;
mod ready;
mod sitrep;
mod spark;
mod status;
mod top;
mod topology;
mod tree;
mod weak;

pub use link::interface;
pub use links::{of_state, table as link_table};
pub use outages::table as outage_table;
pub use parts::tone;

use phusong_model::{
    UtcMs,
    answer::{Answer, Body, Condition, Notice},
    glossary::{self, Head, Lang, Term, Word},
    printable,
};

use crate::{
    paint::{Paint, Tone},
    table::{Column, Table, flow},
};

/// Between facts on one line.
const DOT: &str = " · ";

/// How an answer is shown.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// In which language.
    pub lang: Lang,
    /// On how many columns.
    pub width: usize,
    /// With colour or without.
    pub paint: Paint,
    /// When the answer was made; times are told from here.
    pub now: UtcMs,
}

/// The whole answer: the body, remarks, and what it all rests on.
pub fn render(answer: &Answer, view: &View) -> String {
    let foot = foot(answer, view);
    let lines = match &answer.body {
        Body::Status(body) => status::lines(body, foot.len(), view),
        Body::Links { items } => links::lines(items, view),
        Body::Outages { items, events, links, blind } => outages::lines(items, events, (*blind, *links), view),
        Body::Gaps { items, blind, .. } => gaps::lines(items, blind, view),
        Body::Coverage { items, totals } => coverage::lines(items, totals, view),
        Body::Contradictions { items } => contradictions::lines(items, view),
        Body::Commune(body) => commune::lines(body, view),
        Body::Link(body) => link::lines(body, view),
        Body::Indicators { items } => indicators::lines(items, view),
        Body::Weak(body) => weak::lines(body, view),
        Body::Maintenance { items } => maintenance::lines(items, view),
        Body::Notify { channels, items } => notifications::lines(channels, items, view),
        Body::Availability { items, totals } => availability::lines(items, totals, view),
        Body::Outage(body) => outage::lines(body, view),
        Body::Top { items, counted_until } => top::lines(items, *counted_until, view),
        Body::Sitrep(body) => sitrep::lines(body, view),
        Body::Ready(body) => ready::lines(body, view),
        Body::Tree(body) => tree::lines(body, view),
        Body::Path(body) => path::lines(body, view),
    };
    with_foot(lines, answer, view)
}

/// Lines, and below them the remarks and what it all rests on.
pub fn with_foot(mut lines: Vec<String>, answer: &Answer, view: &View) -> String {
    lines.extend(foot(answer, view));
    lines.join("\n") + "\n"
}

fn foot(answer: &Answer, view: &View) -> Vec<String> {
    [remarks(answer, view), footer(answer, view)].concat()
}

/// Remarks that go with the figures. That the daemon is away was said on stderr, with what to do.
fn remarks(answer: &Answer, view: &View) -> Vec<String> {
    let remark = |notice: &Notice| {
        let text = printable(&glossary::notice(view.lang, notice)).into_owned();
        let lines = flow(format!("! {text}").split(' '), " ", 2, view.width);
        lines.into_iter().map(|line| view.paint.apply(Tone::Warning, &line)).collect::<Vec<_>>()
    };
    answer.notices.iter().filter(|n| !matches!(n, Notice::DaemonAway { .. })).flat_map(remark).collect()
}

/// The last line: source, age of the data, blind share, window, and what is wrong with the answer.
fn footer(answer: &Answer, view: &View) -> Vec<String> {
    let lang = view.lang;
    let age = match (answer.data_age_ms, lang) {
        (Some(age), Lang::Vi) => format!("{} {}", view.word(Word::DataAge), glossary::duration(lang, age)),
        (Some(age), Lang::En) => format!("data {} old", glossary::duration(lang, age)),
        (None, _) => view.word(Word::Never).to_owned(),
    };
    let blind = format!("{} {}", view.word(Word::Blind), glossary::percent(lang, answer.blind_share));
    let mut window = format!("{} {}", lang.of(("từ", "since")), glossary::moment(lang, answer.window.from, view.now));
    if answer.window.to < answer.generated {
        window += &format!(" {} {}", lang.of(("đến", "until")), glossary::moment(lang, answer.window.to, view.now));
    }
    // The title of the status says it already, and has no line to lose.
    if !matches!(answer.body, Body::Status(_)) {
        window += " (+07)";
    }
    let source = format!("{}: {}", view.word(Word::Source), answer.source.term(lang));
    let conditions = answer.conditions.iter().filter(|c| **c != Condition::Findings).map(|c| c.term(lang).to_owned());
    let pieces = [source, age, blind, window].into_iter().chain(conditions);
    flow(pieces, DOT, 2, view.width).into_iter().map(|line| view.paint.apply(Tone::Faint, &line)).collect()
}

impl View {
    /// A word of the glossary.
    fn word(&self, word: Word) -> &'static str {
        word.term(self.lang)
    }

    /// A column of text.
    pub fn text(&self, head: Head) -> Column {
        Column::text(head.term(self.lang))
    }

    /// A column of text whose head is no term of the glossary.
    pub fn named(&self, head: &str) -> Column {
        Column::text(head)
    }

    /// A column of numbers whose head is no term of the glossary.
    pub fn numbers(&self, head: &str) -> Column {
        Column::number(head)
    }

    /// A column of numbers.
    pub fn number(&self, head: Head) -> Column {
        Column::number(head.term(self.lang))
    }

    /// A heading over a section.
    fn heading(&self, text: &str) -> String {
        self.paint.apply(Tone::Strong, &printable(text))
    }

    /// A heading of several facts.
    pub fn title(&self, facts: impl IntoIterator<Item = String>) -> Vec<String> {
        self.facts(facts).into_iter().map(|line| self.paint.apply(Tone::Strong, &line)).collect()
    }

    /// The table's lines, and those that name what had no room: heads in full, and columns.
    pub fn table(&self, table: Table) -> Vec<String> {
        let mut shown = table.render(self.width, self.paint);
        let heads = self.facts(shown.abbreviated);
        shown.lines.extend(heads.into_iter().map(|line| self.paint.apply(Tone::Faint, &line)));
        if !shown.hidden.is_empty() {
            let hint = format!("({}: {}; --csv, --json)", self.word(Word::HiddenColumns), shown.hidden.join(", "));
            let lines = flow(hint.split(' '), " ", 1, self.width);
            shown.lines.extend(lines.into_iter().map(|line| self.paint.apply(Tone::Faint, &line)));
        }
        shown.lines
    }

    /// Facts side by side, on as many lines as they need.
    pub fn facts(&self, facts: impl IntoIterator<Item = String>) -> Vec<String> {
        self.facts_within(self.width, facts)
    }

    /// The same where there is not the whole width.
    pub fn facts_within(&self, width: usize, facts: impl IntoIterator<Item = String>) -> Vec<String> {
        let safe = facts.into_iter().map(|fact| printable(&fact).into_owned());
        flow(safe, DOT, 2, width)
    }
}
