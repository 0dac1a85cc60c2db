//! Contradictions as they were found, narrowed to what was asked.

use phusong_model::{
    Contradiction, ContradictionPlace, CoverageSource, GridPower, LonLat, MeasuredSignal, OperatorScope, Settlement,
    Signal, Technology,
    answer::{Body, Condition, ContradictionItem, Query, Source, Topic},
};

use super::province::{NOW, code, figure, province};
use crate::answer;

fn contradiction(id: &str, commune: Option<&str>, operator: &str, place: ContradictionPlace) -> Contradiction {
    Contradiction {
        id: id.to_owned(),
        place,
        commune: commune.map(code),
        operator: operator.parse().expect("operator"),
        technology: Technology::G4,
        source: CoverageSource::Declared,
        claimed: Signal::Full,
        valid_on: None,
        measured: MeasuredSignal {
            class: Signal::None,
            count: 5,
            without_network: 5,
            none: 5,
            below_full: 5,
            median_dbm: None,
            p10_dbm: None,
            p90_dbm: None,
            first: NOW,
            last: NOW,
        },
        tests: Vec::new(),
        untold: 5,
        approximate: false,
        example: false,
    }
}

fn evidence() -> phusong_model::Evidence {
    let mut evidence = province();
    let at = LonLat { lon: 105.2, lat: 22.1 };
    evidence.inventory.settlements.push(Settlement {
        id: "thon-1".parse().expect("id"),
        name: "Nậm Lằn".to_owned(),
        commune: code("00001"),
        at,
        people: None,
        households: None,
        power: GridPower::Unknown,
        clusters: Vec::new(),
    });
    let hexagon = || ContradictionPlace::Hexagon { index: "894158aa6afffff".to_owned(), boundary: Vec::new() };
    let village = ContradictionPlace::Settlement { settlement: "thon-1".parse().expect("id"), at, within_m: 300 };
    evidence.contradictions = vec![
        contradiction("a", None, "viettel", hexagon()),
        contradiction("b", Some("00001"), "viettel", village),
        contradiction("c", Some("00002"), "mobifone", hexagon()),
    ];
    evidence
}

fn asked(evidence: &phusong_model::Evidence, commune: Option<&str>, operator: Option<&str>) -> Vec<ContradictionItem> {
    let query = Query {
        commune: commune.map(str::to_owned),
        operator: operator.map(|id| id.parse().expect("operator")),
        ..Query::about(Topic::Contradictions)
    };
    let answer = answer(evidence, &query, Source::Daemon).expect("an answer");
    let Body::Contradictions { items } = answer.body else { panic!("{answer:?}") };
    assert_eq!(answer.conditions.contains(&Condition::Findings), !items.is_empty());
    items
}

#[test]
fn they_are_narrowed_to_a_commune_and_an_operator() {
    let evidence = evidence();
    let ids = |commune, operator| {
        let items = asked(&evidence, commune, operator);
        items.into_iter().map(|item| item.contradiction.id).collect::<String>()
    };
    assert_eq!([ids(None, None), ids(Some("00001"), None), ids(None, Some("viettel"))], ["abc", "b", "ab"]);
    assert_eq!(ids(Some("00001"), Some("mobifone")), "");
}

#[test]
fn people_read_names() {
    let items = asked(&evidence(), Some("00001"), None);
    assert_eq!(items[0].settlement_name.as_deref(), Some("Nậm Lằn"));
    assert!(items[0].commune_name.is_some());
}

/// Nothing found where nobody measured is not the same as nothing found.
#[test]
fn without_measurements_the_answer_is_partial() {
    let mut evidence = province();
    let conditions = |evidence: &phusong_model::Evidence| {
        let query = Query::about(Topic::Contradictions);
        answer(evidence, &query, Source::Daemon).expect("an answer").conditions
    };
    assert_eq!(conditions(&evidence), [Condition::Partial]);
    let mut measured = figure("00001", &OperatorScope::Any, 0, 0, 1);
    measured.source = CoverageSource::Measured;
    evidence.figures = vec![measured];
    assert_eq!(conditions(&evidence), []);
}
