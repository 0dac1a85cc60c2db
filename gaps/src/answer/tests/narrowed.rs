//! Questions about some of the province only.

use phusong_model::{
    Evidence, LinkKind, LinkState, OperatorScope,
    answer::{Answer, AskError, Body, Query, Source, Topic},
};

use super::province::{figure, gap, id, minutes_ago, province, put};

/// Two communes of a former district, one of another, a link of another operator; two links are down.
fn divided() -> Evidence {
    let mut evidence = province();
    let districts = ["Na Hang", "Na Hang", "Hàm Yên"];
    for (commune, district) in evidence.inventory.communes.iter_mut().zip(districts) {
        commune.district = Some(district.to_owned());
    }
    let other = evidence.inventory.links.iter_mut().find(|link| link.id == id("broadband-1")).expect("a link");
    other.operator = "viettel".parse().ok();
    put(&mut evidence, "fibre-1", LinkState::Down, minutes_ago(5));
    put(&mut evidence, "fibre-3", LinkState::Down, minutes_ago(3));
    evidence
}

fn ask(query: &Query) -> Result<Answer, AskError> {
    crate::answer(&divided(), query, Source::Daemon)
}

fn links(query: &Query) -> Vec<String> {
    let Body::Links { items } = ask(query).expect("an answer").body else { panic!("links were asked for") };
    items.into_iter().map(|item| item.link.to_string()).collect()
}

fn of(topic: Topic) -> Query {
    Query::about(topic)
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn a_former_district_stands_for_its_communes() {
    let expected = ["fibre-1", "broadband-1", "fibre-2", "broadband-2"];
    assert_eq!(links(&Query { district: some("na hang"), ..of(Topic::Links) }), expected);
    assert_eq!(links(&Query { commune: some("huyện Na Hang"), ..of(Topic::Links) }), expected);
    assert_eq!(links(&Query { commune: some("ham yen"), ..of(Topic::Links) }), ["fibre-3"], "no commune has that name");
    assert_eq!(links(&Query { commune: some("na hang"), ..of(Topic::Links) }).len(), 2, "the commune of that name");
    let both = Query { commune: some("binh ca"), district: some("na hang"), ..of(Topic::Links) };
    assert_eq!(links(&both), ["fibre-2", "broadband-2"]);
    let neither = ask(&Query { commune: some("binh xa"), district: some("na hang"), ..of(Topic::Links) });
    assert!(matches!(neither, Err(AskError::UnknownCommune { suggestions, .. }) if suggestions.len() == 2));
}

#[test]
fn a_district_is_no_commune_and_one_that_is_not_there_is_answered_with_those_that_are() {
    let one = ask(&Query { commune: some("hàm yên"), ..of(Topic::Commune) });
    assert!(
        matches!(one, Err(AskError::AmbiguousCommune { candidates, .. }) if candidates.len() == 1),
        "which of them?"
    );
    let Err(AskError::UnknownDistrict { districts, .. }) = ask(&Query { district: some("x"), ..of(Topic::Links) })
    else {
        panic!("there is no such district")
    };
    assert_eq!(districts, ["Hàm Yên", "Na Hang"]);
}

#[test]
fn links_are_narrowed_by_kind_state_and_operator() {
    assert_eq!(links(&Query { kind: Some(LinkKind::Feeder), ..of(Topic::Links) }), ["feeder"]);
    assert_eq!(links(&Query { state: Some(LinkState::Down), ..of(Topic::Links) }), ["fibre-1", "fibre-3"]);
    let all = Query { state: Some(LinkState::Up), kind: Some(LinkKind::Fibre), ..of(Topic::Links) };
    assert_eq!(links(&all), ["fibre-2"]);
    assert_eq!(links(&Query { operator: some("Viettel"), ..of(Topic::Links) }), ["broadband-1"]);
    let Err(AskError::UnknownOperator { operators, .. }) = ask(&Query { operator: some("fpt"), ..of(Topic::Links) })
    else {
        panic!("nobody of that name runs anything")
    };
    assert_eq!(operators.iter().map(phusong_model::Operator::as_str).collect::<Vec<_>>(), ["viettel", "vnpt"]);
}

#[test]
fn outages_are_narrowed_as_their_links_are_and_to_open_ones() {
    let mut evidence = divided();
    put(&mut evidence, "fibre-3", LinkState::Up, minutes_ago(1));
    let outage = evidence.outages.iter_mut().find(|outage| outage.link == id("fibre-3")).expect("its outage");
    outage.end = Some(minutes_ago(1));
    let outages = |query: Query| {
        let answer = crate::answer(&evidence, &query, Source::Daemon).expect("an answer");
        let Body::Outages { items, events, .. } = answer.body else { panic!("outages were asked for") };
        assert_eq!(items.len(), events.len(), "each is an event of its own");
        items.into_iter().map(|item| item.link.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(outages(of(Topic::Outages)), ["fibre-1", "fibre-3"]);
    assert_eq!(outages(Query { open: true, ..of(Topic::Outages) }), ["fibre-1"]);
    assert_eq!(outages(Query { district: some("hàm yên"), ..of(Topic::Outages) }), ["fibre-3"]);
    assert_eq!(outages(Query { state: Some(LinkState::Up), ..of(Topic::Outages) }), ["fibre-3"]);
}

#[test]
fn gaps_of_one_operator_are_those_of_that_operator_and_links_alone_have_no_coverage() {
    let mut evidence = divided();
    let viettel = OperatorScope::One("viettel".parse().expect("an operator"));
    evidence.figures = vec![figure("00001", &OperatorScope::Any, 1, 0, 1), figure("00001", &viettel, 1, 0, 1)];
    let of_viettel = phusong_model::CoverageGap { operator: viettel, ..gap("v", "00001", &[], 5) };
    evidence.coverage_gaps = vec![gap("any", "00001", &[], 9), of_viettel];
    let gaps = |query: Query| {
        let answer = crate::answer(&evidence, &query, Source::Daemon).expect("an answer");
        let Body::Gaps { items, .. } = answer.body else { panic!("gaps were asked for") };
        let mut names: Vec<String> =
            items.into_iter().filter_map(|item| item.gap.or(item.link.map(|link| link.to_string()))).collect();
        names.sort();
        names
    };
    assert_eq!(gaps(of(Topic::Gaps)), ["any", "fibre-1", "fibre-3"]);
    assert_eq!(gaps(Query { operator: some("viettel"), ..of(Topic::Gaps) }), ["v"]);
    assert_eq!(gaps(Query { kind: Some(LinkKind::Fibre), ..of(Topic::Gaps) }), ["fibre-1", "fibre-3"]);
}
