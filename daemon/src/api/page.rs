//! The page: gaps and links, rendered here as plain HTML. No script, no request to another host, readable in print.

use axum::{
    extract::{Query as UrlQuery, State},
    http::{HeaderMap, header},
    response::{Html, IntoResponse, Response},
};
use phusong_model::{
    GapKind, Grade,
    answer::{Answer, Body, CoverageItem, GapItem, LinkItem, Query, Source, StatusBody, Topic},
    glossary::{self, Head, Lang, Term as _, Word},
};
use serde::Deserialize;

use super::{Api, Failure, html::Page};

/// `?lang=vi|en`; else the browser's language, else Vietnamese.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    lang: Option<String>,
}

/// Answers `GET /`.
pub(super) async fn show(State(api): State<Api>, UrlQuery(asked): UrlQuery<Asked>, headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let lang = asked.lang.as_deref().or(accepted).map_or(Lang::Vi, Lang::of_locale);
    match answers(&api).await {
        Ok([status, gaps, links]) => Html(render(lang, &status, &gaps, &links)).into_response(),
        Err(failure) => failure.into_response(),
    }
}

/// All parts of the page are from one reading of the store, so that they tell of the same instant.
async fn answers(api: &Api) -> Result<[Answer; 3], Failure> {
    api.read(Query::about(Topic::Status), |evidence| {
        let ask = |topic| {
            let query = Query::about(topic);
            phusong_gaps::answer(evidence, &query, Source::Daemon)
        };
        Ok([ask(Topic::Status)?, ask(Topic::Gaps)?, ask(Topic::Links)?])
    })
    .await
}

fn render(lang: Lang, status: &Answer, gaps: &Answer, links: &Answer) -> String {
    let province = if let Body::Status(body) = &status.body { body.province.as_str() } else { "" };
    let mut page = Page::new(lang, &format!("{province} · phusong"));
    page.heading(province);
    page.line(&age(lang, status));
    for notice in &status.notices {
        page.notice(&glossary::notice(lang, notice));
    }
    if let Body::Status(body) = &status.body {
        counts(&mut page, lang, body);
        body.mobile.iter().for_each(|item| mobile(&mut page, lang, item));
    }
    if let Body::Gaps { items, .. } = &gaps.body {
        page.section(Word::Gaps.term(lang));
        gap_table(&mut page, lang, gaps, items);
    }
    if let Body::Links { items } = &links.body {
        page.section(Word::Links.term(lang));
        link_table(&mut page, lang, links, items);
    }
    page.finish()
}

fn age(lang: Lang, answer: &Answer) -> String {
    let made = glossary::instant(lang, answer.generated);
    match answer.data_age_ms {
        Some(age) => format!("{made} · {} {}", Word::DataAge.term(lang), glossary::duration(lang, age)),
        None => format!("{made} · {}", Word::Never.term(lang)),
    }
}

fn counts(page: &mut Page, lang: Lang, body: &StatusBody) {
    page.table(
        &[Head::Kind, Head::Up, Head::Degraded, Head::Down, Head::Blind, Head::Maintenance].map(|h| h.term(lang)),
    );
    for kind in &body.kinds {
        let c = kind.counts;
        let numbers = [c.up, c.degraded, c.down, c.blind, c.maintenance].map(|n| glossary::integer(lang, n));
        page.row("", [kind.kind.term(lang).to_owned()].into_iter().chain(numbers));
    }
    page.end_table();
}

/// The headline of mobile coverage, and below it what it rests on.
fn mobile(page: &mut Page, lang: Lang, item: &CoverageItem) {
    page.line(&glossary::headline(lang, item).join(" · "));
    let layers =
        format!("{}: {}", Word::Layers.term(lang), glossary::origin(lang, Some(item.source), item.valid_on.as_deref()));
    let doubts = [(item.approximate, Word::ApproximateBoundaries), (item.example, Word::Example)];
    let doubts = doubts.into_iter().filter(|(applies, _)| *applies).map(|(_, word)| word.term(lang).to_owned());
    let rule = item.rule.as_ref().map(|rule| glossary::rule(lang, rule));
    page.line(&std::iter::once(layers).chain(doubts).chain(rule).collect::<Vec<_>>().join(" · "));
}

/// Gaps by rank; below each coverage gap what else is known of it.
fn gap_table(page: &mut Page, lang: Lang, answer: &Answer, items: &[GapItem]) {
    if items.is_empty() {
        return page.line(Word::NoGaps.term(lang));
    }
    let heads =
        [Head::Rank, Head::Kind, Head::Place, Head::Missing, Head::Since, Head::People, Head::Households, Head::Cause];
    page.table(&heads.map(|h| h.term(lang)));
    let count = |number: Option<u64>| number.map_or_else(String::new, |number| glossary::integer(lang, number));
    for gap in items {
        let facts = facts(lang, answer, gap);
        page.row(
            if facts.is_empty() { "" } else { "above" },
            [
                gap.rank.to_string(),
                glossary::gap_kind(lang, gap).to_owned(),
                gap.place.name.clone(),
                missing(lang, gap),
                glossary::moment(lang, gap.since, answer.generated),
                count(gap.people),
                count(gap.households),
                gap.cause.as_deref().map_or_else(String::new, |id| glossary::cause(lang, id, gap.carrier.as_ref())),
            ],
        );
        if !facts.is_empty() {
            page.below(heads.len() - 1, &facts);
        }
    }
    page.end_table();
}

/// What a gap lacks: the link, or the signal with the settlements that are without it.
fn missing(lang: Lang, gap: &GapItem) -> String {
    let names: Vec<&str> = gap.settlements.iter().map(|settlement| settlement.name.as_str()).collect();
    let missing = glossary::gap_missing(lang, gap);
    // The name of the only settlement whose signal is patchy stands there already.
    if names.is_empty() || gap.grade == Some(Grade::Patchy) {
        return missing;
    }
    format!("{missing}: {}", names.join(", "))
}

/// What else is known of a coverage gap, and the nearest sites.
fn facts(lang: Lang, answer: &Answer, gap: &GapItem) -> String {
    if gap.kind == GapKind::Link {
        return String::new();
    }
    let facts = glossary::gap_notes(lang, gap, answer.generated);
    let sites = glossary::gap_sites(lang, gap);
    let nearest = (!sites.is_empty()).then(|| format!("{}: {}", Word::NearestSites.term(lang), sites.join("; ")));
    facts.into_iter().chain(nearest).collect::<Vec<_>>().join(" · ")
}

fn link_table(page: &mut Page, lang: Lang, answer: &Answer, items: &[LinkItem]) {
    page.table(
        &[
            Head::State,
            Head::Link,
            Head::Name,
            Head::Commune,
            Head::Operator,
            Head::Since,
            Head::Loss,
            Head::RoundTrip,
            Head::Cause,
        ]
        .map(|h| h.term(lang)),
    );
    for link in items {
        let loss = link.lost.zip(link.sent).map(|(lost, sent)| format!("{lost}/{sent}"));
        let why = match (&link.cause, link.blind) {
            (Some(id), _) => glossary::cause(lang, id, link.carrier.as_ref()),
            (None, Some(reason)) => reason.term(lang).to_owned(),
            (None, None) => String::new(),
        };
        page.row(
            link.state.id(),
            [
                format!("{} {}", glossary::sign(link.state), link.state.term(lang)),
                format!("{} · {}", link.link, link.target),
                link.name.clone(),
                link.commune_name.clone().unwrap_or_default(),
                link.operator.as_ref().map_or_else(String::new, |operator| operator.label().to_owned()),
                glossary::moment(lang, link.since, answer.generated),
                loss.unwrap_or_default(),
                link.rtt_median_ms.map_or_else(String::new, |ms| glossary::decimal(lang, ms, 2)),
                why,
            ],
        );
    }
    page.end_table();
}
