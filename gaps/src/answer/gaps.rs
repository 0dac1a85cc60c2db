//! Links that are down and places without signal, in one list.

use std::collections::HashSet;

use phusong_model::{
    Cause, CommuneCode, CoverageGap, GapKind, GapPlace, Grade, Link, LinkKind, LinkState, LonLat, Millis,
    OperatorScope, PeopleBase, PowerCounts, Settlement, UtcMs,
    answer::{GapItem, GapRank, RankBy, SettlementItem},
};

use super::{
    coverage::{headline_source, technology},
    rank::{self, GRADE_NONE, GRADE_PATCHY, Ranked},
    view::{Seen, View, known_sum},
};

/// The list, ranked. Links behind a cut carrier stay in it with that cause. Coverage gaps are those of the headline: no
/// operator at all reaches the place with what counts as signal, or a settlement only in part; when one operator is asked
/// about, those of that one. With `shapes` each has its polygon.
pub(super) fn items(view: &View<'_>, rank: GapRank, shapes: bool) -> Vec<GapItem> {
    let served = served(view);
    let down = view.seen.iter().filter(|seen| seen.state == LinkState::Down);
    let links = down.map(|seen| of_link(view, seen, &served));
    let coverage = headline(view).map(|gap| {
        let mut ranked = of_coverage(view, gap);
        ranked.item.polygon = (shapes && !gap.polygon.is_empty()).then(|| gap.polygon.clone());
        ranked
    });
    rank::order(links.chain(coverage).collect(), rank)
}

/// Coverage gaps of the headline in the communes asked for.
pub(super) fn headline<'a>(view: &View<'a>) -> impl Iterator<Item = &'a CoverageGap> {
    let (source, technology) = (headline_source(view), technology(view));
    let scope = view.operator.clone().map_or(OperatorScope::Any, OperatorScope::One);
    let gaps = view.evidence.coverage_gaps.iter().filter(|_| !view.narrows_links());
    gaps.filter(move |gap| {
        view.asks_about(Some(&gap.commune))
            && gap.operator == scope
            && gap.technology == technology
            && Some(gap.source) == source
    })
}

/// Settlements of the communes asked for that lie in a gap of the headline and have no signal, by id.
pub(super) fn settlements(view: &View<'_>) -> Vec<SettlementItem> {
    let without = headline(view).filter(|gap| gap.grade == Grade::None);
    let mut inside: Vec<&Settlement> = without.flat_map(|gap| inhabited(view, gap)).collect();
    inside.sort_by(|a, b| a.id.cmp(&b.id));
    inside.dedup_by(|a, b| a.id == b.id);
    inside.into_iter().map(settlement).collect()
}

fn of_link(view: &View<'_>, seen: &Seen<'_>, served: &HashSet<&CommuneCode>) -> Ranked {
    let link = seen.link;
    let since = view.open_outage(&link.id).map_or(seen.since, |outage| outage.start);
    let item = GapItem {
        rank: 0,
        kind: GapKind::Link,
        place: place_of(view, link),
        link: Some(link.id.clone()),
        link_kind: Some(link.kind),
        gap: None,
        operator: link.operator.clone().map(OperatorScope::One),
        technology: None,
        source: None,
        area_km2: None,
        people: view.people_behind(link),
        households: link.commune.as_ref().and_then(|code| view.households(code)),
        settlements: Vec::new(),
        since,
        cause: seen.cause.map(|cause| cause.id().to_owned()),
        carrier: seen.cause.and_then(Cause::carrier).cloned(),
        approximate: false,
        example: view.evidence.inventory.example,
        grade: None,
        people_base: None,
        power: None,
        nearest: Vec::new(),
        last_seen: None,
        rank_by: RankBy::default(),
        polygon: None,
    };
    let grade = if link.commune.as_ref().is_some_and(|code| served.contains(code)) { GRADE_PATCHY } else { GRADE_NONE };
    Ranked { item, grade, age: age(view, since) }
}

fn of_coverage(view: &View<'_>, gap: &CoverageGap) -> Ranked {
    let inside: Vec<&Settlement> = inhabited(view, gap).collect();
    let (people, people_base) = people(view, gap, &inside);
    let item = GapItem {
        rank: 0,
        kind: GapKind::Coverage,
        place: GapPlace {
            commune: Some(gap.commune.clone()),
            name: view.commune_name(Some(&gap.commune)).unwrap_or_else(|| gap.commune.to_string()),
            at: Some(gap.at),
        },
        link: None,
        link_kind: None,
        gap: Some(gap.id.clone()),
        operator: Some(gap.operator.clone()),
        technology: Some(gap.technology),
        source: Some(gap.source),
        area_km2: (gap.grade == Grade::None).then_some(gap.area_km2),
        people,
        households: gap.households.or_else(|| inhabitants(view, inside.iter().map(|s| s.households))),
        power: Some(power(gap, &inside)),
        settlements: inside.into_iter().map(settlement).collect(),
        since: gap.first_seen,
        cause: None,
        carrier: None,
        approximate: gap.approximate,
        example: gap.example,
        grade: Some(gap.grade),
        people_base: Some(people_base),
        nearest: gap.nearest.clone(),
        last_seen: gap.last_seen,
        rank_by: RankBy::default(),
        polygon: None,
    };
    let grade = match gap.grade {
        Grade::None | Grade::Full => GRADE_NONE,
        Grade::Patchy => GRADE_PATCHY,
    };
    Ranked { item, grade, age: age(view, gap.first_seen) }
}

/// Communes that some line still reaches: the people behind another line that is down are not cut off altogether.
fn served<'a>(view: &View<'a>) -> HashSet<&'a CommuneCode> {
    let serves = |seen: &&Seen<'a>| match seen.link.kind {
        LinkKind::Fibre | LinkKind::Broadband => seen.state.works(),
        LinkKind::VideoConference | LinkKind::Platform | LinkKind::Backhaul | LinkKind::Feeder => false,
    };
    view.seen.iter().filter(serves).filter_map(|seen| seen.link.commune.as_ref()).collect()
}

fn place_of(view: &View<'_>, link: &Link) -> GapPlace {
    let inventory = &view.evidence.inventory;
    let commune = link.commune.as_ref().and_then(|code| inventory.commune(code));
    let site = link.site.as_ref().and_then(|id| view.site(id));
    let at: Option<LonLat> = site.and_then(|site| site.at).or_else(|| commune.and_then(|commune| commune.label));
    GapPlace {
        commune: link.commune.clone(),
        name: commune.map_or_else(|| link.name.clone(), |commune| commune.name.clone()),
        at,
    }
}

fn inhabited<'a>(view: &View<'a>, gap: &'a CoverageGap) -> impl Iterator<Item = &'a Settlement> {
    gap.settlements.iter().filter_map(|id| view.settlements.get(id).copied())
}

fn age(view: &View<'_>, since: UtcMs) -> Millis {
    view.evidence.now.since(since)
}

/// People of a gap as they were computed with it; where nothing was, those of its settlements.
fn people(view: &View<'_>, gap: &CoverageGap, inside: &[&Settlement]) -> (Option<u64>, PeopleBase) {
    match gap.people {
        Some(people) => (Some(people), gap.people_base),
        None => (inhabitants(view, inside.iter().map(|s| s.people)), PeopleBase::Settlements),
    }
}

/// Settlements of a gap by power as they were counted with it; gaps that were stored before have no counts.
fn power(gap: &CoverageGap, inside: &[&Settlement]) -> PowerCounts {
    let mut counts = gap.power;
    if counts == PowerCounts::default() {
        inside.iter().for_each(|settlement| counts.add(settlement.power));
    }
    counts
}

/// The sum of what is known; none when nothing is. Where settlements are known, a place without any has nobody.
fn inhabitants(view: &View<'_>, counts: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    let mut counts = counts.peekable();
    if counts.peek().is_none() {
        return (!view.settlements.is_empty()).then_some(0);
    }
    known_sum(counts)
}

fn settlement(settlement: &Settlement) -> SettlementItem {
    SettlementItem {
        settlement: settlement.id.clone(),
        name: settlement.name.clone(),
        people: settlement.people,
        households: settlement.households,
        power: settlement.power,
    }
}
