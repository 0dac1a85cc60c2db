//! Gaps in order, outages in order, and whose they are.

use phusong_model::{
    Carrier, Cause, CoverageGap, GapKind, Grade, LinkState, Millis, NearestSite, OperatorScope, PeopleBase,
    PowerCounts, Technology,
    answer::{AskError, Body, GapItem, GapRank, Query, RankBy, Source, Topic},
};

use super::province::{ask, code, gap, id, minutes_ago, province, put, settlement};

fn gaps(evidence: &phusong_model::Evidence, commune: Option<&str>) -> Vec<GapItem> {
    let answer = ask(evidence, Topic::Gaps, commune).expect("an answer");
    let Body::Gaps { items, .. } = answer.body else { panic!("{answer:?}") };
    items
}

fn names(items: &[GapItem]) -> Vec<&str> {
    items
        .iter()
        .map(|item| item.link.as_ref().map_or(item.gap.as_deref().unwrap_or("?"), |link| link.as_str()))
        .collect()
}

#[test]
fn links_and_coverage_share_one_list() {
    let mut evidence = province();
    evidence.inventory.settlements = vec![
        settlement("ban-a", "00001", Some(3_000)),
        settlement("ban-b", "00001", Some(0)),
        settlement("ban-c", "00002", None),
    ];
    evidence.coverage_gaps = vec![
        gap("big", "00001", &["ban-a"], 60),
        gap("unknown", "00002", &["ban-c"], 0),
        gap("nobody", "00001", &["ban-b"], 60),
        gap("empty", "00002", &[], 60),
    ];
    evidence.figures = vec![super::province::figure("00001", &OperatorScope::Any, 1, 0, 1)];
    put(&mut evidence, "fibre-1", LinkState::Down, minutes_ago(10));
    put(&mut evidence, "fibre-2", LinkState::Down, minutes_ago(10));
    put(&mut evidence, "broadband-2", LinkState::Down, minutes_ago(5));
    // big: 3,000 × 1 × 2; Bình Ca has no way out: 4,000 × 1; Nà Hang has its broadband: 9,000 × 0.4.
    let items = gaps(&evidence, None);
    let order = ["big", "fibre-2", "broadband-2", "fibre-1", "unknown", "nobody", "empty"];
    assert_eq!(names(&items), order);
    assert_eq!(items.iter().map(|item| item.rank).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!((items[0].kind, items[0].people, items[0].households), (GapKind::Coverage, Some(3_000), Some(750)));
    assert_eq!(items[0].settlements.len(), 1);
    assert_eq!((items[1].since, items[1].place.name.as_str()), (minutes_ago(10), "Bình Ca"));
    assert_eq!((items[4].people, items[5].people), (None, Some(0)));
    assert_eq!(names(&gaps(&evidence, Some("binh ca"))), ["fibre-2", "broadband-2", "unknown", "empty"]);
    evidence.coverage_gaps.reverse();
    evidence.links.reverse();
    assert_eq!(names(&gaps(&evidence, None)), order, "the order of the evidence does not matter");
}

#[test]
fn a_gap_tells_what_was_computed_with_it_and_what_its_rank_rests_on() {
    let mut evidence = province();
    evidence.inventory.settlements = vec![settlement("ban-a", "00001", Some(100))];
    let mut computed = gap("computed", "00001", &["ban-a"], 15);
    (computed.people, computed.people_base, computed.households) = (Some(130), PeopleBase::Raster, Some(20));
    (computed.power, computed.last_seen) = (PowerCounts { yes: 0, no: 1, unknown: 0 }, Some(minutes_ago(7)));
    computed.nearest = vec![NearestSite {
        operator: "viettel".parse().expect("operator"),
        site: "TQG0123".parse().expect("id"),
        distance_m: 6_200.0,
        azimuth_deg: 47.0,
    }];
    evidence.coverage_gaps = vec![computed.clone(), gap("older", "00001", &["ban-a"], 15)];
    evidence.figures = vec![super::province::figure("00001", &OperatorScope::Any, 1, 0, 1)];
    put(&mut evidence, "fibre-1", LinkState::Down, minutes_ago(0));
    let [link, first, older] = gaps(&evidence, None).try_into().expect("three gaps");
    assert_eq!((first.people, first.people_base, first.households), (Some(130), Some(PeopleBase::Raster), Some(20)));
    assert_eq!(
        (first.power, first.nearest, first.last_seen),
        (Some(computed.power), computed.nearest, computed.last_seen)
    );
    assert_eq!(first.grade, Some(Grade::None));
    assert_eq!(first.rank_by, RankBy { people: 130, grade_weight: 1.0, persistence: 1.5, score: 195.0 });
    // What was stored by an older program is told from the inventory.
    assert_eq!(
        (older.people, older.people_base, older.households),
        (Some(100), Some(PeopleBase::Settlements), Some(25))
    );
    assert_eq!((older.power, older.last_seen), (Some(PowerCounts { yes: 0, no: 0, unknown: 1 }), None));
    assert_eq!((link.grade, link.people_base, link.power, link.nearest.len()), (None, None, None, 0));
    assert_eq!(link.rank_by, RankBy { people: 9_000, grade_weight: 0.4, persistence: 1.0, score: 3_600.0 });
}

#[test]
fn among_equals_settlements_come_first_then_weight_and_then_the_id() {
    let mut evidence = province();
    evidence.inventory.settlements =
        ["a", "b", "c"].map(|name| settlement(name, "00001", Some(if name == "a" { 60 } else { 30 }))).to_vec();
    evidence.figures = vec![super::province::figure("00001", &OperatorScope::Any, 1, 0, 1)];
    let nobody = |name: &str, days| CoverageGap { people: Some(0), ..gap(name, "00001", &[], days) };
    evidence.coverage_gaps = vec![
        nobody("z-old", 60),
        nobody("b-new", 1),
        nobody("a-new", 1),
        gap("one", "00001", &["a"], 60),
        gap("two", "00001", &["b", "c"], 60),
    ];
    let order = ["two", "one", "z-old", "a-new", "b-new"];
    assert_eq!(names(&gaps(&evidence, None)), order);
    evidence.coverage_gaps.reverse();
    assert_eq!(names(&gaps(&evidence, None)), order);
}

#[test]
fn gaps_are_ranked_by_what_is_asked_for() {
    let mut evidence = province();
    let people = [("a", 60), ("b", 30), ("c", 40), ("d", 300)];
    evidence.inventory.settlements = people.map(|(name, people)| settlement(name, "00001", Some(people))).to_vec();
    evidence.figures = vec![super::province::figure("00001", &OperatorScope::Any, 1, 0, 1)];
    evidence.coverage_gaps = vec![
        CoverageGap { area_km2: 9.0, ..gap("wide", "00001", &[], 15) },
        CoverageGap { households: Some(40), ..gap("two", "00001", &["b", "c"], 3) },
        CoverageGap { households: Some(90), ..gap("one", "00001", &["a"], 400) },
        CoverageGap { grade: Grade::Patchy, ..gap("patchy", "00001", &["d"], 30) },
    ];
    put(&mut evidence, "fibre-2", LinkState::Down, minutes_ago(10));
    let ranked = |rank: GapRank| {
        let query = Query { rank: Some(rank), ..Query::about(Topic::Gaps) };
        let answer = crate::answer(&evidence, &query, Source::Store).expect("an answer");
        let Body::Gaps { items, ranked_by, .. } = answer.body else { panic!("{answer:?}") };
        assert_eq!(ranked_by, rank);
        names(&items).join(" ")
    };
    let order = GapRank::ALL.map(|rank| format!("{rank}: {}", ranked(rank)));
    // Bình Ca has no households of its own, so that theirs are unknown and stand before none; a link has no area, and
    // neither has what is patchy.
    assert_eq!(
        order,
        [
            "score: fibre-2 patchy one two wide",
            "people: fibre-2 patchy two one wide",
            "households: one patchy two fibre-2 wide",
            "settlements: two one patchy wide fibre-2",
            "area: wide two one patchy fibre-2",
            "persistence: one patchy wide two fibre-2",
        ]
    );
}

#[test]
fn patchy_signal_weighs_less_and_is_no_settlement_without_signal() {
    let mut evidence = province();
    evidence.inventory.settlements =
        vec![settlement("white", "00001", Some(100)), settlement("patchy", "00001", Some(200))];
    evidence.figures = vec![super::province::figure("00001", &OperatorScope::Any, 1, 1, 0)];
    let patchy = CoverageGap { grade: Grade::Patchy, area_km2: 0.0, ..gap("p", "00001", &["patchy"], 60) };
    evidence.coverage_gaps = vec![patchy, gap("w", "00001", &["white"], 60)];
    let [white, patchy] = gaps(&evidence, None).try_into().expect("two gaps");
    assert_eq!((white.gap.as_deref(), white.rank_by.score), (Some("w"), 200.0));
    assert_eq!(patchy.rank_by, RankBy { people: 200, grade_weight: 0.4, persistence: 2.0, score: 160.0 });
    assert_eq!((patchy.grade, patchy.area_km2), (Some(Grade::Patchy), None), "nobody knows on how much ground");
    let Body::Commune(body) = ask(&evidence, Topic::Commune, Some("na hang")).expect("an answer").body else {
        panic!()
    };
    assert_eq!(body.settlements.iter().map(|item| item.settlement.as_str()).collect::<Vec<_>>(), ["white"]);
    assert_eq!(body.gaps.len(), 2);
}

#[test]
fn polygons_are_told_only_when_they_are_asked_for() {
    let mut evidence = province();
    evidence.figures = vec![super::province::figure("00001", &OperatorScope::Any, 1, 0, 1)];
    let polygon = vec![vec![vec![[105.0, 22.0], [105.1, 22.0], [105.1, 22.1], [105.0, 22.0]]]];
    evidence.coverage_gaps = vec![
        CoverageGap { polygon: polygon.clone(), ..gap("shaped", "00001", &[], 1) },
        CoverageGap { grade: Grade::Patchy, ..gap("patchy", "00001", &[], 1) },
    ];
    let told = |shapes: bool| {
        let query = Query { shapes, ..Query::about(Topic::Gaps) };
        let answer = crate::answer(&evidence, &query, Source::Daemon).expect("an answer");
        let Body::Gaps { items, .. } = answer.body else { panic!("{answer:?}") };
        items.into_iter().map(|item| item.polygon).collect::<Vec<_>>()
    };
    assert_eq!(told(true), [Some(polygon), None]);
    assert_eq!(told(false), [None, None]);
    let plain = serde_json::to_string(&gaps(&evidence, None)).expect("JSON");
    assert!(!plain.contains("polygon"), "{plain}");
}

#[test]
fn only_the_headline_is_ranked() {
    let mut evidence = province();
    evidence.figures = vec![super::province::figure("00001", &OperatorScope::Any, 1, 0, 1)];
    let mut one = gap("one-operator", "00001", &[], 1);
    one.operator = OperatorScope::One("vnpt".parse().expect("operator"));
    let mut newer = gap("4G", "00001", &[], 1);
    newer.technology = Technology::G4;
    let mut measured = gap("measured", "00001", &[], 1);
    measured.source = phusong_model::CoverageSource::Measured;
    evidence.coverage_gaps = vec![one, newer, measured, gap("any", "00001", &[], 1)];
    assert_eq!(names(&gaps(&evidence, None)), ["any"]);
}

#[test]
fn a_feeder_counts_the_people_it_left_dark_and_they_stay_in_the_list() {
    let mut evidence = province();
    for name in ["feeder", "fibre-1", "fibre-2"] {
        put(&mut evidence, name, LinkState::Down, minutes_ago(1));
    }
    for now in evidence.links.iter_mut().filter(|now| now.link != id("feeder") && now.state == LinkState::Down) {
        now.cause = Some(Cause::Upstream { carrier: Carrier::Link(id("feeder")) });
    }
    let items = gaps(&evidence, None);
    assert_eq!(names(&items), ["feeder", "fibre-1", "fibre-2"]);
    assert_eq!((items[0].people, items[0].place.name.as_str()), (Some(13_000), "feeder"));
    assert_eq!(items[1].cause.as_deref(), Some("upstream"));
    assert_eq!(items[1].carrier, Some(Carrier::Link(id("feeder"))));
}

#[test]
fn outages_are_open_first_and_then_the_newest() {
    let mut evidence = province();
    put(&mut evidence, "fibre-3", LinkState::Down, minutes_ago(300));
    put(&mut evidence, "fibre-1", LinkState::Down, minutes_ago(30));
    put(&mut evidence, "fibre-2", LinkState::Down, minutes_ago(200));
    put(&mut evidence, "broadband-2", LinkState::Down, minutes_ago(20));
    put(&mut evidence, "broadband-1", LinkState::Down, minutes_ago(100));
    for (outage, end) in [(0, 290), (4, 90)] {
        evidence.outages[outage].end = Some(minutes_ago(end));
    }
    let Body::Outages { items, .. } = ask(&evidence, Topic::Outages, None).expect("an answer").body else { panic!() };
    let order: Vec<&str> = items.iter().map(|item| item.link.as_str()).collect();
    assert_eq!(order, ["broadband-2", "fibre-1", "fibre-2", "broadband-1", "fibre-3"]);
    assert_eq!(items[3].duration_ms, Millis::from_secs(600));

    let Body::Status(status) = ask(&evidence, Topic::Status, None).expect("an answer").body else { panic!() };
    let worst: Vec<&str> = status.worst.iter().map(|item| item.link.as_str()).collect();
    assert_eq!(worst, ["fibre-1", "fibre-2", "broadband-2"]);
    assert_eq!((status.open_outages, status.ended_outages, status.communes), (3, 2, 3));
    assert_eq!(status.kinds.iter().map(|kind| kind.counts.total()).sum::<u64>(), 6);
}

#[test]
fn names_are_looked_up_and_never_guessed() {
    let evidence = province();
    let Body::Links { items } = ask(&evidence, Topic::Links, Some("na hang")).expect("an answer").body else {
        panic!()
    };
    assert!(items.len() == 2 && items.iter().all(|item| item.commune == Some(code("00001"))));
    assert!(matches!(
        ask(&evidence, Topic::Links, Some("binh")),
        Err(AskError::AmbiguousCommune { candidates, .. }) if candidates.len() == 2
    ));
    assert!(matches!(
        ask(&evidence, Topic::Links, Some("na hamg")),
        Err(AskError::UnknownCommune { suggestions, .. }) if suggestions.len() == 1
    ));
    assert_eq!(ask(&evidence, Topic::Commune, None), Err(AskError::NoCommune));
}
