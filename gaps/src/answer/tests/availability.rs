//! Accounts of links, communes, sites and groups, and the form in which a month is filed.

use phusong_model::{
    Evidence, LinkKind, LinkState, Millis, Outage, Site, SiteKind, StateTimes, UtcMs, Window,
    answer::{AccountBy, Answer, AskError, AvailabilityItem, Body, Condition, Counted, Query, Source, Topic, Whose},
};

use super::province::{NOW, code, id, link, minutes_ago, province, put};

fn ask(evidence: &Evidence, query: &Query) -> Answer {
    crate::answer(evidence, query, Source::Daemon).expect("an answer")
}

fn rows(answer: &Answer) -> (&[AvailabilityItem], &[AvailabilityItem]) {
    let Body::Availability { items, totals } = &answer.body else { panic!("{answer:?}") };
    (items, totals)
}

fn by(by: AccountBy) -> Query {
    Query { by: Some(by), ..Query::about(Topic::Availability) }
}

const fn minutes(minutes: i64) -> Millis {
    Millis::from_secs(60 * minutes)
}

/// Both links of Nà Hang fail, the fibre for an hour and the broadband for the last twenty minutes of it.
fn two_failures() -> Evidence {
    let mut evidence = province();
    put(&mut evidence, "fibre-1", LinkState::Down, minutes_ago(60));
    put(&mut evidence, "broadband-1", LinkState::Down, minutes_ago(20));
    evidence
}

#[test]
fn a_commune_is_cut_off_while_fibre_and_broadband_are() {
    let answer = ask(&two_failures(), &Query::about(Topic::Availability));
    let (items, totals) = rows(&answer);
    assert_eq!(items.len(), 3);
    let na_hang = &items[0];
    assert_eq!(na_hang.whose, Whose::Commune { commune: code("00001") });
    assert_eq!((na_hang.counted, na_hang.links, na_hang.outages), (Counted::Any, 2, 2));
    let expected = StateTimes { up: minutes(24 * 60 - 20), down: minutes(20), ..StateTimes::default() };
    assert_eq!(na_hang.times_ms, expected);
    let fibre = totals.iter().find(|total| total.whose == Whose::Kind { kind: LinkKind::Fibre }).expect("fibre");
    assert_eq!((fibre.counted, fibre.links, fibre.times_ms.down), (Counted::Added, 3, minutes(60)));
    assert_eq!(fibre.times_ms.total(), minutes(3 * 24 * 60));
    assert_eq!(answer.conditions, [Condition::Findings]);
}

#[test]
fn a_group_works_while_all_of_it_does() {
    let mut evidence = two_failures();
    for link in evidence.inventory.links.iter_mut().filter(|link| link.kind == LinkKind::Fibre) {
        link.groups = vec!["hoi-nghi".parse().expect("group")];
    }
    put(&mut evidence, "fibre-2", LinkState::Blind, minutes_ago(90));
    put(&mut evidence, "fibre-3", LinkState::Maintenance, minutes_ago(30));
    let query = Query { group: Some("Hội nghị".to_owned()), ..Query::about(Topic::Availability) };
    let answer = ask(&evidence, &query);
    let (items, totals) = rows(&answer);
    assert_eq!(items.len(), 3, "its links");
    let all = totals.iter().find(|total| total.counted == Counted::All).expect("all at once");
    let expected =
        StateTimes { up: minutes(24 * 60 - 90), blind: minutes(30), down: minutes(60), ..StateTimes::default() };
    assert_eq!(all.times_ms, expected);
    let added = totals.iter().find(|total| total.counted == Counted::Added).expect("added up");
    assert_eq!(added.times_ms.total(), minutes(3 * 24 * 60));
    assert_eq!((added.times_ms.blind, added.times_ms.maintenance), (minutes(90), minutes(30)));
    let unknown = Query { group: Some("nhóm khác".to_owned()), ..Query::about(Topic::Availability) };
    let error = crate::answer(&evidence, &unknown, Source::Daemon).expect_err("no such group");
    assert!(matches!(error, AskError::UnknownGroup { groups, .. } if groups.len() == 1));
}

#[test]
fn a_site_is_reached_while_any_of_its_backhaul_works() {
    let mut evidence = two_failures();
    let site = |name: &str, backhaul: &[&str]| Site {
        id: name.parse().expect("site"),
        kind: SiteKind::Bts,
        name: name.to_owned(),
        commune: None,
        operator: None,
        at: None,
        backhaul: backhaul.iter().map(|link| id(link)).collect(),
        reported: None,
    };
    evidence.inventory.sites =
        vec![site("ring", &["fibre-1", "fibre-2"]), site("spur", &["fibre-1"]), site("bare", &[])];
    let answer = ask(&evidence, &by(AccountBy::Site));
    let (items, _) = rows(&answer);
    let down: Vec<(&str, i64)> = items.iter().map(|item| (item.name.as_str(), item.times_ms.down.0)).collect();
    assert_eq!(down, [("ring", 0), ("spur", minutes(60).0)], "a site without links has no account");
}

#[test]
fn a_window_that_is_over_ends_where_it_was_asked_to() {
    let mut evidence = two_failures();
    evidence.window = Window::new(minutes_ago(50), minutes_ago(40));
    let answer = ask(&evidence, &by(AccountBy::Link));
    let (items, _) = rows(&answer);
    let fibre = items.iter().find(|item| item.name == "fibre-1").expect("fibre-1");
    assert_eq!(fibre.times_ms, StateTimes { down: minutes(10), ..StateTimes::default() });
    // The store alone can tell of it, and be whole.
    let stored = crate::answer(&evidence, &by(AccountBy::Link), Source::Store).expect("an answer");
    assert_eq!(stored.conditions, [Condition::Findings]);
    evidence.age = Some(minutes(45));
    let doubtful = crate::answer(&evidence, &by(AccountBy::Link), Source::Store).expect("an answer");
    assert_eq!(doubtful.conditions, [Condition::Findings, Condition::Stale, Condition::Partial]);
}

/// QCVN 34:2022/BTTTT, 2.2.1: D = (1 − Tf / Tr) · 100 %, Tf = Σ rᵢ · tᵢ / Rᵢ over the failures of the period Tr, where
/// failure i lasts tᵢ and touches rᵢ of Rᵢ subscribers; here each link is one.
fn filed(failures: &[(UtcMs, UtcMs)], links: usize, month: Window) -> f64 {
    let times = failures.iter().map(|(start, end)| {
        let inside = Window::new(*start, *end).intersect(month);
        inside.length().0 as f64 / links as f64
    });
    1.0 - times.sum::<f64>() / month.length().0 as f64
}

#[test]
fn a_month_is_filed_as_the_regulation_has_it() {
    let month = Window::new(NOW.minus(minutes(30 * 24 * 60)), NOW);
    let mut evidence = province();
    evidence.window = month;
    for now in &mut evidence.links {
        now.entered = month.from.minus(minutes(60));
    }
    for span in &mut evidence.spans {
        span.from = month.from.minus(minutes(60));
    }
    // Minutes before the end of the month; the first began in the month before, the last is open.
    let failures = [
        ("fibre-1", 30 * 24 * 60 + 30, Some(30 * 24 * 60 - 95)),
        ("fibre-2", 20_000, Some(19_400)),
        ("fibre-2", 9_000, Some(8_999)),
        ("broadband-1", 700, None),
    ];
    for (name, from, to) in failures {
        put(&mut evidence, name, LinkState::Down, minutes_ago(from));
        if let Some(to) = to {
            put(&mut evidence, name, LinkState::Up, minutes_ago(to));
            let outage: &mut Outage = evidence.outages.last_mut().expect("an outage");
            outage.end = Some(minutes_ago(to));
        }
    }
    let form: Vec<(UtcMs, UtcMs)> =
        evidence.outages.iter().map(|outage| (outage.start, outage.end.unwrap_or(NOW))).collect();
    let answer = ask(&evidence, &by(AccountBy::Link));
    let (items, totals) = rows(&answer);
    let everything = totals.last().expect("a total");
    let expected = filed(&form, evidence.inventory.links.len(), month);
    assert!((everything.availability_filed.expect("a figure") - expected).abs() < 1e-12, "{everything:?} {expected}");
    let fibre = items.iter().find(|item| item.name == "fibre-2").expect("fibre-2");
    assert_eq!((fibre.times_ms.down, fibre.outages), (minutes(601), 2));
    assert_eq!(fibre.times_ms.total(), month.length());
}

#[test]
fn links_of_other_kinds_stand_for_a_commune_that_has_neither_fibre_nor_broadband() {
    let mut evidence = province();
    evidence.inventory.communes[0].code = code("00009");
    evidence.inventory.communes.sort_by(|a, b| a.code.cmp(&b.code));
    evidence.inventory.links.push(link("radio", LinkKind::Backhaul, Some("00009"), &[]));
    put(&mut evidence, "radio", LinkState::Down, minutes_ago(30));
    let answer = ask(&evidence, &Query::about(Topic::Availability));
    let radio = rows(&answer).0.iter().find(|item| item.whose == Whose::Commune { commune: code("00009") });
    assert_eq!(radio.map(|item| (item.links, item.times_ms.down)), Some((1, minutes(30))));
}
