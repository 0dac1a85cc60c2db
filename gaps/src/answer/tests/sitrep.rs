//! The situation report: what is counted how, and that it adds up whatever happens.

use std::collections::BTreeMap;

use phusong_model::{
    Carrier, Cause, Evidence, LinkKind, LinkState, Millis, Reported, Site, SiteKind, UtcMs, Window,
    answer::{Answer, Body, OperatorsLeft, Query, SitrepBody, SitrepOf, SitrepPart, SitrepRow, Source, Topic},
};
use proptest::prelude::*;

use super::province::{NOW, code, commune, id, link, minutes_ago, province, put};

fn sitrep(evidence: &Evidence) -> SitrepBody {
    let query = Query::about(Topic::Sitrep);
    let mut evidence = evidence.clone();
    evidence.window = query.window(NOW);
    report(&evidence)
}

/// The report over the evidence's own window; it adds up.
fn report(evidence: &Evidence) -> SitrepBody {
    let answer = crate::answer(evidence, &Query::about(Topic::Sitrep), Source::Daemon).expect("an answer");
    let Answer { body: Body::Sitrep(body), .. } = answer else { panic!("{answer:?}") };
    adds_up(&body);
    *body
}

fn figures(row: &SitrepRow) -> [u64; 14] {
    let (counts, change) = (row.counts, row.change);
    [
        row.total,
        counts.up,
        counts.degraded,
        counts.down,
        counts.blind,
        counts.maintenance,
        change.compared,
        change.down_before,
        change.still_down,
        change.restored,
        change.out_of_sight,
        change.newly_down,
        change.found_down,
        change.passed,
    ]
}

fn rows_add_up(part: &SitrepPart) {
    let mut tables: BTreeMap<&str, [u64; 14]> = BTreeMap::new();
    for row in &part.rows {
        let table = match row.of {
            SitrepOf::All => "all",
            SitrepOf::Kind { .. } => "kind",
            SitrepOf::Operator { .. } => "operator",
            SitrepOf::District { .. } => "district",
        };
        let sums = tables.entry(table).or_default();
        sums.iter_mut().zip(figures(row)).for_each(|(sum, figure)| *sum += figure);
    }
    assert_eq!(tables.len(), if part.all.total == 0 { 0 } else { 2 }, "{part:?}");
    for (table, sums) in tables {
        assert_eq!(sums, figures(&part.all), "{table}");
    }
    for row in part.rows.iter().chain([&part.all]) {
        let (counts, change) = (row.counts, row.change);
        assert_eq!(counts.up + counts.degraded + counts.down + counts.blind + counts.maintenance, row.total);
        assert_eq!(change.down_before, change.still_down + change.restored + change.out_of_sight);
        assert_eq!(counts.down, change.still_down + change.newly_down + change.found_down);
    }
    assert_eq!(part.causes.iter().map(|cause| cause.down).sum::<u64>(), part.all.counts.down, "{:?}", part.causes);
    assert!(part.causes.iter().all(|cause| cause.behind <= cause.down && cause.cause != "upstream"));
}

fn adds_up(body: &SitrepBody) {
    rows_add_up(&body.routes);
    rows_add_up(&body.stations);
    let reports = body.reports;
    let rests = reports.by_backhaul + reports.by_report + reports.old_up + reports.old_down + reports.never;
    assert_eq!(rests, body.stations.all.total);
    assert!(reports.old_up + reports.old_down + reports.never <= body.stations.all.counts.blind);
    let communes = &body.communes;
    assert_eq!(communes.classes.iter().map(|class| class.communes).sum::<u64>(), communes.total);
    for class in &communes.classes {
        let told = communes.items.iter().filter(|item| item.left == class.left).count() as u64;
        let untold = matches!(class.left, OperatorsLeft::All | OperatorsLeft::NoStation);
        assert_eq!(told, if untold { 0 } else { class.communes });
    }
    let lost = |item: &&phusong_model::answer::SitrepCommune| {
        matches!(item.left, OperatorsLeft::WithoutOne | OperatorsLeft::WithoutTwo)
    };
    assert!(communes.one_left <= communes.items.iter().filter(lost).count() as u64);
    let people = &body.people;
    assert_eq!(people.events.iter().map(|event| event.communes_added).sum::<u64>(), people.communes);
    assert_eq!(people.events.iter().map(|event| event.people_added).sum::<u64>(), people.people.unwrap_or(0));
}

fn station(name: &str, commune: &str, operator: Option<&str>, backhaul: &[&str]) -> Site {
    Site {
        id: name.parse().expect("id"),
        kind: SiteKind::Bts,
        name: name.to_owned(),
        commune: Some(code(commune)),
        operator: operator.map(|id| id.parse().expect("operator")),
        at: None,
        backhaul: backhaul.iter().map(|name| id(name)).collect(),
        reported: None,
    }
}

fn reported(site: Site, up: bool, at: UtcMs) -> Site {
    Site { reported: Some(Reported { up, at }), ..site }
}

/// Says why a link that is down is down.
fn blame(evidence: &mut Evidence, link: &str, cause: &Cause) {
    let link = id(link);
    evidence.links.iter_mut().filter(|now| now.link == link).for_each(|now| now.cause = Some(cause.clone()));
    let open = evidence.outages.iter_mut().filter(|outage| outage.link == link && outage.end.is_none());
    open.for_each(|outage| outage.verdict.cause = cause.clone());
}

/// The feeder of Nà Hang and Bình Ca is cut; both are behind it.
fn cut() -> Evidence {
    let mut evidence = province();
    for name in ["feeder", "fibre-1", "fibre-2"] {
        put(&mut evidence, name, LinkState::Down, minutes_ago(30));
    }
    evidence.outages.iter_mut().for_each(|outage| outage.event = phusong_model::EventId(1));
    blame(&mut evidence, "feeder", &Cause::Fibre);
    for name in ["fibre-1", "fibre-2"] {
        blame(&mut evidence, name, &Cause::Upstream { carrier: Carrier::Link(id("feeder")) });
    }
    evidence
}

#[test]
fn routes_are_fibre_and_feeders_and_their_cause_is_that_of_the_root() {
    let body = sitrep(&cut());
    let all = &body.routes.all;
    assert_eq!((all.total, all.counts.down, all.counts.up, all.change.newly_down), (4, 3, 1, 3));
    let kinds: Vec<(String, u64, u64)> = body.routes.rows[..2]
        .iter()
        .map(|row| (serde_json::to_value(&row.of).expect("json")["kind"].to_string(), row.counts.down, row.total))
        .collect();
    assert_eq!(kinds, [("\"fibre\"".to_owned(), 2, 3), ("\"feeder\"".to_owned(), 1, 1)]);
    let causes: Vec<(&str, u64, u64)> =
        body.routes.causes.iter().map(|cause| (cause.cause.as_str(), cause.down, cause.behind)).collect();
    assert_eq!(causes, [("fibre", 3, 2), ("power", 0, 0), ("equipment", 0, 0), ("unknown", 0, 0)]);
    let people = body.people;
    assert_eq!((people.people, people.communes, people.events.len()), (Some(13_000), 2, 1));
    assert_eq!((people.events[0].links, people.events[0].cause.as_str()), (3, "fibre"));
}

#[test]
fn what_is_not_down_any_more_explains_nothing() {
    let mut evidence = cut();
    put(&mut evidence, "feeder", LinkState::Blind, minutes_ago(1));
    let body = sitrep(&evidence);
    let unknown = body.routes.causes.iter().find(|cause| cause.cause == "unknown").expect("the row");
    assert_eq!((unknown.down, unknown.behind, body.routes.all.counts.blind), (2, 2, 1));
}

#[test]
fn a_commune_of_two_events_is_counted_once() {
    let mut evidence = cut();
    put(&mut evidence, "broadband-1", LinkState::Down, minutes_ago(5));
    put(&mut evidence, "fibre-3", LinkState::Down, minutes_ago(4));
    let people = sitrep(&evidence).people;
    assert_eq!((people.people, people.communes, people.communes_unknown), (Some(13_000), 3, 1));
    let added: Vec<(Option<u64>, u64)> = people.events.iter().map(|event| (event.people, event.people_added)).collect();
    assert_eq!(added, [(Some(13_000), 13_000), (None, 0), (Some(9_000), 0)]);
}

#[test]
fn the_report_is_compared_with_that_of_an_hour_before() {
    let mut evidence = province();
    put(&mut evidence, "feeder", LinkState::Down, minutes_ago(90));
    put(&mut evidence, "feeder", LinkState::Up, minutes_ago(50));
    put(&mut evidence, "fibre-1", LinkState::Down, minutes_ago(90));
    put(&mut evidence, "fibre-2", LinkState::Blind, minutes_ago(90));
    put(&mut evidence, "fibre-2", LinkState::Down, minutes_ago(10));
    put(&mut evidence, "fibre-3", LinkState::Down, minutes_ago(40));
    put(&mut evidence, "fibre-3", LinkState::Up, minutes_ago(35));
    let body = sitrep(&evidence);
    let change = body.routes.all.change;
    assert_eq!((change.down_before, change.still_down, change.restored), (2, 1, 1));
    assert_eq!((change.newly_down, change.found_down, change.passed), (0, 1, 1));
    assert_eq!((body.before, body.at), (minutes_ago(60), NOW));
    // Over two hours the feeder went and came back.
    evidence.window = Window::new(minutes_ago(120), NOW);
    let change = report(&evidence).routes.all.change;
    assert_eq!((change.down_before, change.newly_down, change.passed), (0, 2, 2));
}

#[test]
fn a_past_hour_is_told_as_it_was() {
    let mut evidence = cut();
    put(&mut evidence, "feeder", LinkState::Up, minutes_ago(10));
    put(&mut evidence, "fibre-1", LinkState::Up, minutes_ago(10));
    evidence.window = Window::new(minutes_ago(80), minutes_ago(20));
    let body = report(&evidence);
    assert_eq!((body.at, body.routes.all.counts.down, body.routes.all.change.newly_down), (minutes_ago(20), 3, 3));
    evidence.window = Window::new(minutes_ago(80), minutes_ago(40));
    assert_eq!(report(&evidence).routes.all.counts.down, 0);
}

#[test]
fn what_nobody_looks_at_any_more_is_as_old_as_the_last_look() {
    let mut evidence = cut();
    evidence.age = Some(Millis::from_secs(20 * 60));
    let body = sitrep(&evidence);
    assert!(body.old);
    assert_eq!(body.at, minutes_ago(20).plus(Millis(10_000)));
    assert_eq!(body.routes.all.counts.down, 3, "what was seen last");
    // Dead for longer than the report reaches back, whatever the window is: nothing is compared with what comes after.
    evidence.age = Some(Millis::from_secs(90 * 60));
    let body = sitrep(&evidence);
    assert!(body.before <= body.at, "{:?} {:?}", body.before, body.at);
}

#[test]
fn of_a_group_its_own_stations_are_counted_and_communes_keep_those_of_others() {
    let mut evidence = cut();
    let of_group = |link: &mut phusong_model::Link| link.groups.push("ring".parse().expect("a group"));
    evidence.inventory.links.iter_mut().filter(|link| link.id == id("fibre-1")).for_each(of_group);
    evidence.inventory.sites = vec![
        station("a", "00001", Some("vnpt"), &["fibre-1"]),
        reported(station("b", "00001", Some("viettel"), &[]), true, minutes_ago(5)),
        station("c", "00002", Some("vnpt"), &["fibre-2"]),
    ];
    let query = Query { group: Some("ring".to_owned()), ..Query::about(Topic::Sitrep) };
    evidence.window = query.window(NOW);
    let answer = crate::answer(&evidence, &query, Source::Daemon).expect("an answer");
    let Body::Sitrep(body) = answer.body else { panic!("a report") };
    assert_eq!((body.stations.all.total, body.stations.all.counts.down), (1, 1));
    let told: Vec<(&str, OperatorsLeft)> =
        body.communes.items.iter().map(|item| (item.commune_name.as_str(), item.left)).collect();
    assert_eq!(told, [("Nà Hang", OperatorsLeft::WithoutOne)], "the other operator works");
    assert_eq!(body.communes.total, 1);
}

#[test]
fn nobody_without_a_link_is_nobody_and_not_unknown() {
    assert_eq!(sitrep(&province()).people.people, Some(0));
}

#[test]
fn what_each_event_adds_is_counted_from_the_first_in_the_list() {
    let mut evidence = cut();
    put(&mut evidence, "broadband-1", LinkState::Down, minutes_ago(5));
    put(&mut evidence, "fibre-3", LinkState::Down, minutes_ago(4));
    let people = sitrep(&evidence).people;
    let added: Vec<u64> = people.events.iter().map(|event| event.communes_added).collect();
    assert_eq!(added, [2, 1, 0], "what adds nothing stands last");
}

#[test]
fn stations_are_as_their_backhaul_else_as_a_report_that_still_holds() {
    let mut evidence = cut();
    evidence.inventory.sites = vec![
        station("a", "00001", Some("viettel"), &["fibre-1"]),
        station("b", "00001", Some("vnpt"), &["fibre-1", "broadband-1"]),
        reported(station("c", "00002", Some("vnpt"), &[]), false, minutes_ago(30)),
        reported(station("d", "00002", Some("viettel"), &[]), false, minutes_ago(13 * 60)),
        reported(station("e", "00002", None, &[]), true, minutes_ago(13 * 60)),
        station("f", "00003", Some("viettel"), &[]),
        Site { kind: SiteKind::Office, ..station("office", "00003", None, &["fibre-3"]) },
    ];
    let body = sitrep(&evidence);
    let counts = body.stations.all.counts;
    assert_eq!((counts.up, counts.down, counts.blind), (1, 2, 3));
    let reports = body.reports;
    assert_eq!(
        (reports.by_backhaul, reports.by_report, reports.old_up, reports.old_down, reports.never),
        (2, 1, 1, 1, 1)
    );
    assert_eq!(reports.oldest_counted, Some(minutes_ago(30)));
    let causes: Vec<u64> = body.stations.causes.iter().map(|cause| cause.down).collect();
    assert_eq!(causes, [1, 0, 0, 1], "fibre by its link, and a report does not say why");
    let last = body.stations.rows.iter().rfind(|row| matches!(row.of, SitrepOf::Operator { .. })).expect("a row");
    assert_eq!((&last.of, last.total), (&SitrepOf::Operator { operator: None }, 1));
}

#[test]
fn communes_without_any_operator_are_told_by_name() {
    let mut evidence = province();
    let of = |name: &str, commune: &str, operator: &str, up: bool| {
        reported(station(name, commune, Some(operator), &[]), up, minutes_ago(10))
    };
    evidence.inventory.sites = vec![
        of("a", "00001", "viettel", false),
        of("b", "00001", "vnpt", false),
        of("c", "00001", "vnpt", false),
        of("d", "00002", "viettel", false),
        of("e", "00002", "vnpt", false),
        of("f", "00002", "mobifone", true),
        of("g", "00002", "mobifone", false),
    ];
    let communes = sitrep(&evidence).communes;
    let class = |left| communes.classes.iter().find(|class| class.left == left).map(|class| class.communes);
    assert_eq!(class(OperatorsLeft::None), Some(1));
    assert_eq!((class(OperatorsLeft::WithoutTwo), class(OperatorsLeft::NoStation)), (Some(1), Some(1)));
    assert_eq!(communes.one_left, 1);
    let named: Vec<(&str, usize)> =
        communes.items.iter().map(|item| (item.commune_name.as_str(), item.lost.len())).collect();
    assert_eq!(named, [("Nà Hang", 2), ("Bình Ca", 2)]);
    // What cannot be seen is neither lost nor left.
    evidence.inventory.sites[0].reported = None;
    let communes = sitrep(&evidence).communes;
    assert_eq!((communes.items[0].left, communes.items[1].left), (OperatorsLeft::WithoutTwo, OperatorsLeft::Blind));
}

/// A link of a random province: its kind, commune, operator, what carries it, and its states with minutes ago.
type Drawn = (usize, Option<usize>, Option<usize>, Option<usize>, Vec<(usize, i64)>);

const OPERATORS: [&str; 3] = ["viettel", "vnpt", "mobifone"];

fn drawn_links() -> impl Strategy<Value = Vec<Drawn>> {
    let states = prop::collection::vec((0..LinkState::ALL.len(), 0_i64..180), 0..4);
    let one = (
        0..LinkKind::ALL.len(),
        prop::option::of(0_usize..4),
        prop::option::of(0_usize..3),
        prop::option::of(0_usize..8),
        states,
    );
    prop::collection::vec(one, 0..16)
}

/// A station: its commune, operator, backhaul, and a report with its minutes ago.
type DrawnSite = (Option<usize>, Option<usize>, Vec<usize>, Option<(bool, i64)>);

fn drawn_sites() -> impl Strategy<Value = Vec<DrawnSite>> {
    let report = prop::option::of((any::<bool>(), -30_i64..1_000));
    let one =
        (prop::option::of(0_usize..4), prop::option::of(0_usize..3), prop::collection::vec(0_usize..16, 0..3), report);
    prop::collection::vec(one, 0..16)
}

fn random(links: &[Drawn], sites: &[DrawnSite], causes: &[usize]) -> Evidence {
    let mut evidence = province();
    (evidence.inventory.links, evidence.links, evidence.spans) = (Vec::new(), Vec::new(), Vec::new());
    let communes = ["00001", "00002", "00003", "00004"];
    evidence.inventory.communes.push(commune("00004", "Đường Thượng", Some(700)));
    evidence.inventory.communes[0].district = Some("Na Hang".to_owned());
    for (at, (kind, commune, operator, carrier, states)) in links.iter().enumerate() {
        let name = format!("l{at}");
        // Only what comes before carries: there is no circle.
        let upstream = carrier.filter(|carrier| *carrier < at).map(|carrier| format!("l{carrier}"));
        let upstream: Vec<&str> = upstream.iter().map(String::as_str).collect();
        let mut drawn = link(&name, LinkKind::ALL[*kind], commune.map(|at| communes[at]), &upstream);
        drawn.operator = operator.and_then(|at| OPERATORS[at].parse().ok());
        evidence.inventory.links.push(drawn);
        let mut states = states.clone();
        states.sort_by_key(|(_, ago)| std::cmp::Reverse(*ago));
        put(&mut evidence, &name, LinkState::Up, minutes_ago(200));
        states.iter().for_each(|(state, ago)| put(&mut evidence, &name, LinkState::ALL[*state], minutes_ago(*ago)));
        let plain = [Cause::Fibre, Cause::Power, Cause::Equipment, Cause::Unknown, Cause::Prober, Cause::Maintenance];
        let behind = upstream.first().map(|carrier| Cause::Upstream { carrier: Carrier::Link(id(carrier)) });
        let cause = causes.get(at).and_then(|at| plain.get(*at).cloned()).or(behind).unwrap_or(Cause::Unknown);
        if evidence.links.last().is_some_and(|now| now.state == LinkState::Down) {
            blame(&mut evidence, &name, &cause);
        }
    }
    for (at, (commune, operator, backhaul, report)) in sites.iter().enumerate() {
        let backhaul: Vec<String> =
            backhaul.iter().filter(|at| **at < links.len()).map(|at| format!("l{at}")).collect();
        let backhaul: Vec<&str> = backhaul.iter().map(String::as_str).collect();
        let site = station(&format!("s{at}"), "00001", operator.map(|at| OPERATORS[at]), &backhaul);
        let site = Site { commune: commune.map(|at| code(communes[at])), ..site };
        evidence.inventory.sites.push(match report {
            Some((up, ago)) => reported(site, *up, minutes_ago(*ago)),
            None => site,
        });
    }
    evidence
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn totals_never_contradict_each_other(
        links in drawn_links(),
        sites in drawn_sites(),
        causes in prop::collection::vec(0_usize..9, 16),
        (since, until) in (1_i64..150, 0_i64..60),
        asked in prop::option::of(0_usize..3),
    ) {
        let mut evidence = random(&links, &sites, &causes);
        evidence.window = Window::new(minutes_ago(until + since), minutes_ago(until));
        let commune = asked.map(|at| ["00001", "00002", "00003"][at].to_owned());
        let query = Query { commune, ..Query::about(Topic::Sitrep) };
        let answer = crate::answer(&evidence, &query, Source::Daemon).expect("an answer");
        let Body::Sitrep(body) = answer.body else { panic!("a report") };
        adds_up(&body);
        // Counted the obvious way.
        let is_route = |kind: LinkKind| matches!(kind, LinkKind::Fibre | LinkKind::Feeder);
        let within = |commune: &Option<phusong_model::CommuneCode>| {
            query.commune.as_ref().is_none_or(|asked| commune.as_ref().is_some_and(|code| code.as_str() == asked))
        };
        let routes = evidence.inventory.links.iter().filter(|link| is_route(link.kind) && within(&link.commune));
        prop_assert_eq!(body.routes.all.total, routes.count() as u64);
        let stations = evidence.inventory.sites.iter().filter(|site| within(&site.commune)).count();
        prop_assert_eq!(body.stations.all.total, stations as u64);
    }
}
