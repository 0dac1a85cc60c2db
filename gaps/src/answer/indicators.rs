//! The headline claims: declared beside measured.

use std::{cmp::Reverse, collections::HashMap};

use phusong_model::{
    CommuneCode, Declared, Indicator, LinkKind, LinkState, PeopleBase, Share, StateTimes,
    answer::{CoverageItem, IndicatorItem},
};

use super::{
    coverage, links,
    view::{Seen, View},
};

pub(super) fn items(view: &View<'_>) -> Vec<IndicatorItem> {
    let headline = coverage::headline(view);
    Indicator::ALL.into_iter().map(|indicator| item(view, indicator, headline.as_ref())).collect()
}

fn item(view: &View<'_>, indicator: Indicator, headline: Option<&CoverageItem>) -> IndicatorItem {
    match indicator {
        Indicator::CommunesFibre => of_links(view, indicator, LinkKind::Fibre, "a working fibre link"),
        Indicator::CommunesBroadband => of_links(view, indicator, LinkKind::Broadband, "a working broadband link"),
        Indicator::MobileSettlements => {
            let counts = headline.map(|h| h.settlements).unwrap_or_default();
            let share = |with_signal: u64| Share {
                numerator: with_signal as f64,
                denominator: counts.total.saturating_sub(counts.unknown) as f64,
                unknown: counts.unknown as f64,
            };
            let base = "settlements with mobile signal at the centre or a cluster of dwellings, patchy included";
            IndicatorItem {
                strict: headline.map(|_| share(counts.full)),
                patchiness_unknown: headline.map(|_| counts.patchiness_unknown),
                ..of_coverage(view, indicator, headline, share(counts.full + counts.patchy), base)
            }
        }
        Indicator::MobilePeople => {
            let people = headline.map(|h| h.people).unwrap_or_default();
            let base = match headline.map(|h| h.people_base).unwrap_or_default() {
                PeopleBase::Settlements => "people in settlements with mobile signal, of those whose number is known",
                PeopleBase::Raster => "people where there is mobile signal, by a raster of people",
            };
            IndicatorItem {
                people_base: headline.map(|h| h.people_base),
                people_scaled: headline.is_some_and(|h| h.people_scaled),
                ..of_coverage(view, indicator, headline, people, base)
            }
        }
        Indicator::MobileArea => {
            let area = headline.map(|h| h.area_km2).unwrap_or_default();
            of_coverage(view, indicator, headline, area, "km² with mobile signal")
        }
    }
}

fn of_links(view: &View<'_>, indicator: Indicator, kind: LinkKind, what: &str) -> IndicatorItem {
    let links: Vec<&Seen<'_>> = view.seen.iter().filter(|seen| seen.link.kind == kind).collect();
    let times: Vec<StateTimes> = links.iter().map(|seen| seen.times).collect();
    let known: Vec<f64> = times.iter().filter_map(|times| times.availability()).collect();
    IndicatorItem {
        indicator,
        measured: communes_with(view, &links),
        strict: None,
        base: format!(
            "communes with {what} (up or degraded) now; a commune without such a link counts as not working, one \
             whose links are blind or in maintenance is unknown"
        ),
        availability: (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64),
        blind_share: (!times.is_empty()).then(|| links::blind_share(times.iter())),
        source: None,
        technology: None,
        declared: declared(view, indicator),
        approximate: false,
        example: view.evidence.inventory.example,
        valid_on: None,
        rule: None,
        patchiness_unknown: None,
        people_base: None,
        people_scaled: false,
    }
}

/// Communes with a working link of those that could be judged. A commune all of whose links are blind or in maintenance
/// is unknown.
fn communes_with(view: &View<'_>, links: &[&Seen<'_>]) -> Share {
    let states = by_commune(links.iter().copied());
    let is_unknown = |state: &LinkState| matches!(state, LinkState::Blind | LinkState::Maintenance);
    let mut share = Share::default();
    for commune in view.evidence.inventory.communes.iter().filter(|commune| view.asks_about(Some(&commune.code))) {
        match states.get(&commune.code) {
            Some(states) if states.iter().all(is_unknown) => share.unknown += 1.0,
            Some(states) if states.iter().any(|state| state.works()) => {
                share.numerator += 1.0;
                share.denominator += 1.0;
            }
            Some(_) | None => share.denominator += 1.0,
        }
    }
    share
}

/// Communes of an indicator that are unknown because all their links are in announced maintenance.
pub(super) fn in_maintenance(view: &View<'_>, indicator: Indicator) -> f64 {
    let kind = match indicator {
        Indicator::CommunesFibre => LinkKind::Fibre,
        Indicator::CommunesBroadband => LinkKind::Broadband,
        Indicator::MobileSettlements | Indicator::MobilePeople | Indicator::MobileArea => return 0.0,
    };
    let states = by_commune(view.seen.iter().filter(|seen| seen.link.kind == kind));
    let announced = |states: &&Vec<LinkState>| states.iter().all(|state| *state == LinkState::Maintenance);
    states.values().filter(announced).count() as f64
}

fn by_commune<'a>(links: impl Iterator<Item = &'a Seen<'a>>) -> HashMap<&'a CommuneCode, Vec<LinkState>> {
    let mut states: HashMap<&CommuneCode, Vec<LinkState>> = HashMap::new();
    for seen in links {
        if let Some(commune) = &seen.link.commune {
            states.entry(commune).or_default().push(seen.state);
        }
    }
    states
}

fn of_coverage(
    view: &View<'_>,
    indicator: Indicator,
    headline: Option<&CoverageItem>,
    measured: Share,
    base: &str,
) -> IndicatorItem {
    IndicatorItem {
        indicator,
        measured,
        strict: None,
        base: format!("{base}; any operator, at least {}", coverage::technology(view).id()),
        availability: None,
        blind_share: None,
        source: headline.map(|h| h.source),
        technology: headline.map(|h| h.technology),
        declared: declared(view, indicator),
        approximate: headline.is_some_and(|h| h.approximate),
        example: view.evidence.inventory.example || headline.is_some_and(|h| h.example),
        valid_on: headline.and_then(|h| h.valid_on.clone()),
        rule: headline.and_then(|h| h.rule.clone()),
        patchiness_unknown: None,
        people_base: None,
        people_scaled: false,
    }
}

/// What the province declared, newest first. It declares for all its communes, so a question about one of them gets none.
fn declared(view: &View<'_>, indicator: Indicator) -> Vec<Declared> {
    let of_province = view.evidence.inventory.declared.iter().filter(|_| view.place.is_none());
    let mut declared: Vec<Declared> = of_province.filter(|d| d.indicator == indicator).cloned().collect();
    declared.sort_by(|a, b| Reverse(&a.date).cmp(&Reverse(&b.date)).then_with(|| a.document.cmp(&b.document)));
    declared
}
