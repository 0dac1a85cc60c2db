//! Figures, totals and the headline claims.

use phusong_model::{
    Declared, Indicator, LinkState, OperatorScope, RuleMark, Share, Technology,
    answer::{Body, IndicatorItem, Topic},
};

use super::province::{ask, code, figure, minutes_ago, province, put};

fn indicators(evidence: &phusong_model::Evidence, commune: Option<&str>) -> Vec<IndicatorItem> {
    let answer = ask(evidence, Topic::Indicators, commune).expect("an answer");
    let Body::Indicators { items } = answer.body else { panic!("{answer:?}") };
    items
}

fn percent(share: Share) -> String {
    format!("{:.1}", share.ratio().expect("a ratio") * 100.0)
}

/// The province counts 3,802 settlements, 91 without signal and 182 with patchy signal.
#[test]
fn the_headline_and_its_strict_reading() {
    let mut evidence = province();
    let any = OperatorScope::Any;
    evidence.figures = vec![
        figure("00001", &any, 50, 100, 1_850),
        figure("00002", &any, 41, 60, 1_199),
        figure("00003", &any, 0, 22, 480),
        figure("00003", &OperatorScope::One("vnpt".parse().expect("operator")), 400, 0, 102),
    ];
    let items = indicators(&evidence, None);
    assert_eq!(items.iter().map(|item| item.indicator).collect::<Vec<_>>(), Indicator::ALL);
    let settlements = &items[2];
    assert_eq!((settlements.measured.numerator, settlements.measured.denominator), (3_711.0, 3_802.0));
    assert_eq!(percent(settlements.measured), "97.6");
    assert_eq!(settlements.strict.map(percent).as_deref(), Some("92.8"));
    assert_eq!(settlements.technology, Some(Technology::G3));
    assert_eq!(items[3].measured, Share { numerator: 30.0, denominator: 120.0, unknown: 3.0 });
    assert_eq!(percent(items[4].measured), "60.0");
}

/// The headline asks for what the rule of the figures counts as signal.
#[test]
fn the_floor_of_the_rule_is_what_the_headline_asks_for() {
    let mut evidence = province();
    let mark = |floor, since: &str| RuleMark {
        name: "phusong".to_owned(),
        hash: "0123456789ab".to_owned(),
        assumed: true,
        patchy_households: 0.95,
        operators: 1,
        floor,
        floor_since: Some(since.to_owned()),
    };
    let any = OperatorScope::Any;
    let of = |technology, rule: RuleMark, none, full| {
        let mut figure = figure("00001", &any, none, 0, full);
        figure.technology = technology;
        figure.rule = Some(rule);
        figure.settlements.patchiness_unknown = full - 1;
        figure
    };
    let both = |rule: &RuleMark| vec![of(Technology::G3, rule.clone(), 1, 9), of(Technology::G4, rule.clone(), 5, 5)];
    evidence.figures = both(&mark(Technology::G4, "2024-10-16"));
    let settlements = indicators(&evidence, None).swap_remove(2);
    assert_eq!((settlements.technology, settlements.measured.numerator), (Some(Technology::G4), 5.0));
    assert_eq!((settlements.patchiness_unknown, settlements.rule.map(|rule| rule.assumed)), (Some(4), Some(true)));
    assert_eq!(settlements.valid_on.as_deref(), Some("2026-05-01"));
    // From tomorrow on; what counts until then has no figure here.
    evidence.figures = both(&mark(Technology::G4, "2033-05-19"));
    assert_eq!(indicators(&evidence, None)[2].technology, None);
}

#[test]
fn settlements_that_cannot_be_judged_are_in_neither_part() {
    let mut evidence = province();
    let mut unsure = figure("00001", &OperatorScope::Any, 1, 1, 7);
    unsure.settlements.total = 10;
    unsure.settlements.unknown = 1;
    evidence.figures = vec![unsure];
    let share = indicators(&evidence, None)[2].measured;
    assert_eq!(share, Share { numerator: 8.0, denominator: 9.0, unknown: 1.0 });
}

#[test]
fn communes_with_working_fibre() {
    let mut evidence = province();
    put(&mut evidence, "fibre-1", LinkState::Degraded, minutes_ago(1));
    put(&mut evidence, "fibre-2", LinkState::Down, minutes_ago(360));
    put(&mut evidence, "fibre-3", LinkState::Blind, minutes_ago(720));
    let items = indicators(&evidence, None);
    assert_eq!(items[0].measured, Share { numerator: 1.0, denominator: 2.0, unknown: 1.0 });
    // Mean of 1, 18 h of 24 h, and 12 h of the 12 h in which we could look.
    assert_eq!(items[0].availability.map(|share| format!("{share:.4}")).as_deref(), Some("0.9167"));
    assert_eq!(items[0].blind_share.map(|share| format!("{share:.4}")).as_deref(), Some("0.1667"));
    // Bình Xa has no broadband link and counts as not working.
    assert_eq!(items[1].measured, Share { numerator: 2.0, denominator: 3.0, unknown: 0.0 });
    assert_eq!(indicators(&evidence, Some("00003"))[0].measured, Share { unknown: 1.0, ..Share::default() });
    assert_eq!(items[2].measured.ratio(), None);
    assert_eq!((items[2].strict, items[2].source), (None, None));
}

#[test]
fn declared_stands_beside_measured() {
    let mut evidence = province();
    let declared = |date: &str, value_percent| Declared {
        indicator: Indicator::CommunesFibre,
        value_percent,
        numerator: None,
        denominator: None,
        base: "communes".to_owned(),
        date: date.to_owned(),
        document: "12/BC-UBND".to_owned(),
    };
    evidence.inventory.declared = vec![declared("2025-12-31", 99.0), declared("2026-06-30", 100.0)];
    let items = indicators(&evidence, None);
    assert_eq!(items[0].declared.iter().map(|d| d.value_percent).collect::<Vec<_>>(), [100.0, 99.0]);
    assert!(items[1].declared.is_empty());
    assert!(indicators(&evidence, Some("00001"))[0].declared.is_empty(), "the province declared for all communes");
}

#[test]
fn totals_add_up_the_communes_asked_for() {
    let mut evidence = province();
    let vnpt = OperatorScope::One("vnpt".parse().expect("operator"));
    let mut older = figure("00002", &OperatorScope::Any, 2, 0, 3);
    older.valid_on = Some("2024-01-01".to_owned());
    older.approximate = true;
    evidence.figures = vec![figure("00001", &vnpt, 5, 5, 5), older, figure("00001", &OperatorScope::Any, 1, 2, 3)];
    let Body::Coverage { items, totals } = ask(&evidence, Topic::Coverage, None).expect("an answer").body else {
        panic!()
    };
    let order: Vec<_> = items.iter().map(|item| (item.commune.clone(), item.operator.id().into_owned())).collect();
    let expected = [("00001", "any"), ("00001", "vnpt"), ("00002", "any")];
    assert_eq!(order, expected.map(|(commune, operator)| (Some(code(commune)), operator.to_owned())));
    assert_eq!(totals.len(), 2);
    let any = &totals[0];
    assert_eq!((any.settlements.none, any.settlements.full, any.settlements.total), (3, 6, 11));
    assert_eq!((any.approximate, any.valid_on.as_deref()), (true, Some("2024-01-01")));
    assert_eq!(any.area_km2, Share { numerator: 120.0, denominator: 200.0, unknown: 0.0 });
    assert_eq!((totals[1].approximate, totals[1].settlements.total), (false, 15));
}

#[test]
fn the_best_operator_of_the_province_is_one_operator() {
    let mut evidence = province();
    let scope = |id: &str| OperatorScope::One(id.parse().expect("operator"));
    let of = |commune: &str, operator: &OperatorScope, none, full, km2| {
        let mut figure = figure(commune, operator, none, 0, full);
        figure.area_km2.numerator = km2;
        figure
    };
    // Each is the best of one commune; over both it is vnpt by settlements and viettel by area.
    evidence.figures = vec![
        of("00001", &OperatorScope::Best, 1, 9, 70.0),
        of("00001", &scope("viettel"), 4, 6, 70.0),
        of("00001", &scope("vnpt"), 1, 9, 20.0),
        of("00002", &OperatorScope::Best, 2, 8, 50.0),
        of("00002", &scope("viettel"), 2, 8, 40.0),
        of("00002", &scope("vnpt"), 3, 7, 50.0),
    ];
    let Body::Coverage { totals, .. } = ask(&evidence, Topic::Coverage, None).expect("an answer").body else {
        panic!()
    };
    let best = totals.iter().find(|item| item.operator == OperatorScope::Best).expect("a best");
    assert_eq!((best.settlements.none, best.settlements.full), (4, 16), "not 3 and 17, which no operator has");
    assert_eq!(best.area_km2.numerator, 110.0);
    let operators = best.best.as_ref().expect("which");
    assert_eq!((operators.settlements.as_str(), operators.area.as_str()), ("vnpt", "viettel"));
    assert_eq!(operators.people.as_str(), "viettel", "of equals the first by id");
}
