//! Coverage figures, by commune and added up.

use std::collections::BTreeMap;

use phusong_model::{
    BestFigure, CoverageFigure, CoverageSource, OperatorFigure, OperatorScope, RuleMark, SettlementCounts, Share,
    Technology, UtcMs,
    answer::CoverageItem,
    glossary::{self, Lang},
};

use super::view::View;

/// The technology that the headline, the ranked gaps and the indicators ask for where figures say no rule: at least 3G.
/// 2G is being switched off and carries no broadband, so it does not make a village covered.
pub const HEADLINE: Technology = Technology::G3;

/// Which sort of layer the headline rests on, the first that is there. Only declared layers claim to be complete; a
/// figure from a few measured places would call the rest of the province uncovered. The sorts are never mixed.
const HEADLINE_SOURCES: [CoverageSource; 3] =
    [CoverageSource::Declared, CoverageSource::Modelled, CoverageSource::Measured];

/// Figures of the communes asked for, by commune, operator and technology.
pub(super) fn items(view: &View<'_>) -> Vec<CoverageItem> {
    let mut figures: Vec<&CoverageFigure> = asked(view).collect();
    figures.sort_by_key(|figure| (&figure.commune, &figure.operator, figure.technology, figure.source));
    figures.into_iter().map(|figure| of_commune(view, figure)).collect()
}

/// The same added up over the communes asked for.
pub(super) fn totals(view: &View<'_>) -> Vec<CoverageItem> {
    let mut totals: BTreeMap<_, CoverageItem> = BTreeMap::new();
    for figure in asked(view) {
        let key = (&figure.operator, figure.technology, figure.source);
        totals.entry(key).and_modify(|total| add(total, figure)).or_insert_with(|| alone(figure));
    }
    let mut totals: Vec<CoverageItem> = totals.into_values().collect();
    best_of_all(&mut totals);
    totals
}

/// The best operator of several communes is the best over all of them: the sum of the best of each would be an operator
/// that does not exist.
fn best_of_all(totals: &mut [CoverageItem]) {
    let of_singles = |best: &CoverageItem| {
        let same = |item: &&CoverageItem| item.technology == best.technology && item.source == best.source;
        BestFigure::of(&totals.iter().filter(same).filter_map(single).collect::<Vec<_>>())
    };
    let found: Vec<Option<BestFigure>> =
        totals.iter().map(|item| if item.operator == OperatorScope::Best { of_singles(item) } else { None }).collect();
    for (item, best) in totals.iter_mut().zip(found) {
        let Some(BestFigure { settlements, people, area_km2, operators }) = best else { continue };
        item.settlements = settlements;
        item.people = people;
        item.area_km2 = area_km2;
        item.best = Some(operators);
    }
}

fn single(item: &CoverageItem) -> Option<OperatorFigure<'_>> {
    let CoverageItem { operator, settlements, people, area_km2, .. } = item;
    match operator {
        OperatorScope::One(operator) => {
            Some(OperatorFigure { operator, settlements: *settlements, people: *people, area_km2: *area_km2 })
        }
        OperatorScope::Any | OperatorScope::Best | OperatorScope::All | OperatorScope::AtLeast(_) => None,
    }
}

/// The technology that the headline asks for: what the rule of the figures counts as signal today.
#[must_use]
pub fn headline_technology<'a>(mut rules: impl Iterator<Item = Option<&'a RuleMark>>, now: UtcMs) -> Technology {
    let rule = rules.find_map(|rule| rule);
    rule.map_or(HEADLINE, |rule| rule.floor_on(&glossary::date_of(Lang::En, now)))
}

/// The same for the figures at hand.
pub(super) fn technology(view: &View<'_>) -> Technology {
    headline_technology(view.evidence.figures.iter().map(|figure| figure.rule.as_ref()), view.evidence.now)
}

/// The headline: any operator, what the rule counts as signal, over the communes asked for.
pub(super) fn headline(view: &View<'_>) -> Option<CoverageItem> {
    let (source, technology) = (headline_source(view)?, technology(view));
    totals(view)
        .into_iter()
        .find(|total| total.operator == OperatorScope::Any && total.technology == technology && total.source == source)
}

/// Which sort of layer the headline rests on. It is the same for the province and for one commune.
pub(super) fn headline_source(view: &View<'_>) -> Option<CoverageSource> {
    let technology = technology(view);
    let has = |source: &CoverageSource| {
        let mut figures = view.evidence.figures.iter();
        figures.any(|f| f.operator == OperatorScope::Any && f.technology == technology && f.source == *source)
    };
    HEADLINE_SOURCES.into_iter().find(has)
}

fn asked<'a>(view: &View<'a>) -> impl Iterator<Item = &'a CoverageFigure> {
    let figures = view.evidence.figures.iter().filter(|figure| view.asks_about(Some(&figure.commune)));
    figures.filter(|figure| view.asks_about_scope(&figure.operator))
}

fn of_commune(view: &View<'_>, figure: &CoverageFigure) -> CoverageItem {
    CoverageItem {
        commune: Some(figure.commune.clone()),
        commune_name: view.commune_name(Some(&figure.commune)),
        ..alone(figure)
    }
}

fn alone(figure: &CoverageFigure) -> CoverageItem {
    CoverageItem {
        commune: None,
        commune_name: None,
        operator: figure.operator.clone(),
        technology: figure.technology,
        source: figure.source,
        settlements: figure.settlements,
        people: figure.people,
        area_km2: figure.area_km2,
        approximate: figure.approximate,
        example: figure.example,
        valid_on: figure.valid_on.clone(),
        rule: figure.rule.clone(),
        people_base: figure.people_base,
        people_scaled: figure.people_scaled,
        best: figure.best.clone(),
    }
}

fn add(total: &mut CoverageItem, figure: &CoverageFigure) {
    total.settlements = add_counts(total.settlements, figure.settlements);
    total.people = add_shares(total.people, figure.people);
    total.area_km2 = add_shares(total.area_km2, figure.area_km2);
    total.approximate |= figure.approximate;
    total.example |= figure.example;
    // The poorer base is what a sum rests on.
    total.people_base = total.people_base.min(figure.people_base);
    total.people_scaled &= figure.people_scaled;
    // Dates are written `YYYY-MM-DD`, so the smaller text is the older date.
    total.valid_on = match (total.valid_on.take(), &figure.valid_on) {
        (Some(a), Some(b)) => Some(a.min(b.clone())),
        (a, b) => a.or_else(|| b.clone()),
    };
}

const fn add_counts(a: SettlementCounts, b: SettlementCounts) -> SettlementCounts {
    SettlementCounts {
        total: a.total + b.total,
        none: a.none + b.none,
        patchy: a.patchy + b.patchy,
        full: a.full + b.full,
        unknown: a.unknown + b.unknown,
        patchiness_unknown: a.patchiness_unknown + b.patchiness_unknown,
    }
}

fn add_shares(a: Share, b: Share) -> Share {
    Share {
        numerator: a.numerator + b.numerator,
        denominator: a.denominator + b.denominator,
        unknown: a.unknown + b.unknown,
    }
}
