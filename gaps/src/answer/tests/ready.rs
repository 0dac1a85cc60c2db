//! Whether a group can meet.

use phusong_model::{
    Carrier, EchoStats, Evidence, LinkKind, LinkState, Maintenance, Micros, Millis, RttSummary, Scope, Usual, UtcMs,
    Window,
    answer::{Answer, AskError, Body, Condition, Fitness, Query, ReadyBody, ReadyItem, ReadyReason, Source, Topic},
};
use proptest::prelude::*;

use super::province::{NOW, id, link, minutes_ago, province, put};

/// Endpoints in Nà Hang and Bình Ca behind their fibre, one of the province, and two platforms.
fn endpoints() -> Evidence {
    let mut evidence = province();
    let endpoint = |name: &str, commune: Option<&str>, upstream: &[&str]| {
        let mut endpoint = link(name, LinkKind::VideoConference, commune, upstream);
        endpoint.groups = vec!["vc".parse().expect("a group")];
        endpoint
    };
    let platform = |name: &str| link(name, LinkKind::Platform, None, &[]);
    evidence.inventory.links.extend([
        endpoint("vc-1", Some("00001"), &["fibre-1"]),
        endpoint("vc-2", Some("00002"), &["fibre-2"]),
        endpoint("vc-0", None, &[]),
        platform("bridge"),
        platform("portal"),
    ]);
    for name in ["vc-1", "vc-2", "vc-0", "bridge", "portal"] {
        put(&mut evidence, name, LinkState::Up, minutes_ago(2_000));
    }
    evidence
}

fn asked(evidence: &Evidence, at: Option<UtcMs>) -> Answer {
    let query = Query { group: Some("VC".to_owned()), at, ..Query::about(Topic::Ready) };
    let mut evidence = evidence.clone();
    evidence.window = query.window(NOW);
    crate::answer(&evidence, &query, Source::Daemon).expect("an answer")
}

fn ready_at(evidence: &Evidence, at: Option<UtcMs>) -> ReadyBody {
    let Body::Ready(body) = asked(evidence, at).body else { panic!("readiness") };
    for counts in [body.counts, body.own] {
        assert_eq!(counts.unfit + counts.unknown + counts.at_risk + counts.fit, body.links, "{body:?}");
    }
    assert!(body.items.is_sorted_by_key(|item| item.fitness) && body.items.len() as u64 == body.links);
    *body
}

fn ready(evidence: &Evidence) -> ReadyBody {
    ready_at(evidence, None)
}

fn item<'b>(body: &'b ReadyBody, link: &str) -> &'b ReadyItem {
    body.items.iter().find(|item| item.link == id(link)).expect("the link")
}

/// Fitness and reasons of a link, as short as they can be told.
fn told(body: &ReadyBody, link: &str) -> (Fitness, Vec<String>) {
    let item = item(body, link);
    let reason = |reason: &ReadyReason| {
        let value = serde_json::to_value(reason).expect("json");
        value["reason"].as_str().expect("a tag").to_owned()
    };
    (item.fitness, item.reasons.iter().map(reason).collect())
}

fn work(scope: Scope, from: UtcMs, to: UtcMs) -> Maintenance {
    Maintenance { scope, window: Window::new(from, to), repeat: None, why: "thay măng xông".to_owned() }
}

fn hours(number: i64) -> Millis {
    Millis::from_secs(number * 3600)
}

#[test]
fn all_is_well_and_the_exit_code_says_so() {
    let answer = asked(&endpoints(), None);
    assert_eq!((answer.conditions.as_slice(), crate::exit_code(&answer, true)), (&[][..], 0));
    let body = ready(&endpoints());
    assert_eq!((body.counts.fit, body.links, body.platforms.len(), body.platforms_total), (3, 3, 0, 2));
    assert_eq!((body.at, body.until), (NOW, NOW.plus(hours(2))));
}

#[test]
fn one_that_is_down_comes_first_and_is_a_finding() {
    let mut evidence = endpoints();
    put(&mut evidence, "vc-2", LinkState::Down, minutes_ago(20));
    put(&mut evidence, "vc-0", LinkState::Blind, minutes_ago(3));
    let body = ready(&evidence);
    assert_eq!((body.counts.unfit, body.counts.unknown, body.counts.fit), (1, 1, 1));
    assert_eq!((body.items[0].link.as_str(), body.items[0].since), ("vc-2", Some(minutes_ago(20))));
    assert_eq!(told(&body, "vc-0"), (Fitness::Unknown, vec!["blind".to_owned()]));
    let answer = asked(&evidence, None);
    assert_eq!(answer.conditions, [Condition::Findings]);
    assert_eq!(crate::exit_code(&answer, true), 1);
}

#[test]
fn what_nobody_could_judge_is_not_fit() {
    let mut evidence = endpoints();
    put(&mut evidence, "vc-0", LinkState::Blind, minutes_ago(3));
    let answer = asked(&evidence, None);
    assert_eq!(answer.conditions, [Condition::Partial]);
    assert_eq!(crate::exit_code(&answer, true), 3);
}

#[test]
fn what_nobody_has_looked_at_since_is_not_fit() {
    let mut evidence = endpoints();
    put(&mut evidence, "vc-2", LinkState::Down, minutes_ago(200));
    evidence.age = Some(hours(3));
    let answer = asked(&evidence, None);
    assert_eq!(crate::exit_code(&answer, true), 3);
    let body = ready(&evidence);
    assert_eq!((body.own.unfit, body.own.unknown, body.own.fit), (1, 2, 0), "what was down is told as it was");
    assert_eq!(told(&body, "vc-1"), (Fitness::Unknown, vec!["blind".to_owned()]));
    assert_eq!(item(&body, "vc-1").since, Some(NOW.minus(hours(3)).plus(Millis(10_000))));
}

#[test]
fn a_group_that_names_its_bridge_needs_that_and_no_other_platform() {
    let mut evidence = endpoints();
    let bridge = evidence.inventory.links.iter_mut().find(|link| link.id == id("bridge")).expect("the bridge");
    bridge.groups = vec!["vc".parse().expect("a group")];
    put(&mut evidence, "portal", LinkState::Down, minutes_ago(7));
    let body = ready(&evidence);
    assert_eq!((body.links, body.counts.fit, body.platforms_total), (3, 3, 1), "nobody meets on the portal");
    put(&mut evidence, "bridge", LinkState::Down, minutes_ago(7));
    let body = ready(&evidence);
    assert_eq!((body.links, body.counts.unfit, body.own.fit), (3, 3, 3));
    assert_eq!(body.platforms[0].link.as_str(), "bridge");
    let query = Query { group: Some("VC".to_owned()), commune: Some("00001".to_owned()), ..Query::about(Topic::Ready) };
    evidence.window = query.window(NOW);
    let answer = crate::answer(&evidence, &query, Source::Daemon).expect("an answer");
    let Body::Ready(body) = answer.body else { panic!("readiness") };
    assert_eq!((body.links, body.platforms_total), (1, 1), "of one commune, too");
}

#[test]
fn a_platform_that_is_down_is_told_once_and_holds_for_all() {
    let mut evidence = endpoints();
    put(&mut evidence, "bridge", LinkState::Down, minutes_ago(7));
    put(&mut evidence, "vc-1", LinkState::Blind, minutes_ago(3));
    let body = ready(&evidence);
    assert_eq!((body.counts.unfit, body.own.unknown, body.own.fit), (3, 1, 2));
    assert_eq!((body.platforms.len(), body.platforms[0].link.as_str()), (1, "bridge"));
    put(&mut evidence, "bridge", LinkState::Blind, minutes_ago(1));
    put(&mut evidence, "vc-1", LinkState::Down, minutes_ago(1));
    let body = ready(&evidence);
    assert_eq!((body.counts.unfit, body.counts.unknown), (1, 2), "nobody sees the bridge");
    put(&mut evidence, "bridge", LinkState::Degraded, minutes_ago(1));
    let body = ready(&evidence);
    assert_eq!((body.counts, body.platforms[0].fitness), (body.own, Fitness::AtRisk));
}

#[test]
fn what_was_down_within_the_hour_may_be_so_again() {
    let mut evidence = endpoints();
    put(&mut evidence, "vc-1", LinkState::Down, minutes_ago(50));
    put(&mut evidence, "vc-1", LinkState::Up, minutes_ago(40));
    evidence.outages[0].end = Some(minutes_ago(40));
    assert_eq!(told(&ready(&evidence), "vc-1"), (Fitness::AtRisk, vec!["lately-down".to_owned()]));
    let event = phusong_model::Event { flapping: true, ..phusong_model::Event::single(evidence.outages[0].event) };
    evidence.events = vec![event];
    assert_eq!(told(&ready(&evidence), "vc-1"), (Fitness::AtRisk, vec!["flapping".to_owned()]));
}

#[test]
fn work_that_overlaps_the_meeting_is_a_risk_and_work_that_is_on_then_is_not_fit() {
    let mut evidence = endpoints();
    let on_fibre = work(Scope::Link(id("fibre-1")), NOW.plus(hours(1)), NOW.plus(hours(3)));
    evidence.inventory.maintenance = vec![on_fibre];
    let body = ready(&evidence);
    assert_eq!(told(&body, "vc-1"), (Fitness::AtRisk, vec!["work".to_owned()]));
    assert!(matches!(&item(&body, "vc-1").reasons[0], ReadyReason::Work { on, .. } if *on == id("fibre-1")));
    assert_eq!(ready_at(&evidence, Some(NOW.plus(hours(3)))).counts.fit, 3, "it is over by then");

    evidence.inventory.maintenance = vec![work(Scope::Link(id("vc-1")), minutes_ago(60), NOW.plus(hours(1)))];
    put(&mut evidence, "vc-1", LinkState::Maintenance, minutes_ago(60));
    assert_eq!(told(&ready(&evidence), "vc-1"), (Fitness::Unfit, vec!["in-maintenance".to_owned()]));
    let later = ready_at(&evidence, Some(NOW.plus(hours(1))));
    assert_eq!(told(&later, "vc-1").0, Fitness::AtRisk, "nobody has seen it since");
}

#[test]
fn a_link_that_answers_hangs_on_what_is_left_of_its_carriers() {
    let mut evidence = endpoints();
    put(&mut evidence, "feeder", LinkState::Down, minutes_ago(9));
    put(&mut evidence, "fibre-2", LinkState::Degraded, minutes_ago(9));
    let body = ready(&evidence);
    assert_eq!(told(&body, "vc-1"), (Fitness::AtRisk, vec!["carrier-down".to_owned()]));
    let both = vec!["carrier-degraded".to_owned(), "carrier-down".to_owned()];
    assert_eq!(told(&body, "vc-2"), (Fitness::AtRisk, both), "the nearest first");
    // A circle that no inventory may have ends all the same.
    let feeder = evidence.inventory.links.iter_mut().find(|link| link.id == id("feeder")).expect("the feeder");
    feeder.upstream = vec![Carrier::Link(id("fibre-1"))];
    assert_eq!(told(&ready(&evidence), "vc-1").0, Fitness::AtRisk);
}

#[test]
fn more_lost_or_slower_than_usual_in_the_last_round_is_a_risk() {
    let mut evidence = endpoints();
    let mut shows = |lost: u16, median: u32| {
        let now = evidence.links.iter_mut().find(|now| now.link == id("vc-1")).expect("the link");
        let rtt = Micros(median);
        let rtt = RttSummary { min: rtt, median: rtt, p95: rtt, max: rtt, jitter: Micros(0) };
        now.icmp = Some(EchoStats { sent: 5, lost, rtt: Some(rtt) });
        now.usual = Some(Usual { rtt: Micros(20_000), rtt_high: Micros(24_000), loss: Some(0.001), rounds: 500 });
        told(&ready(&evidence), "vc-1").1
    };
    assert!(shows(0, 20_000).is_empty() && shows(1, 32_000).is_empty());
    assert_eq!((shows(2, 20_000), shows(0, 32_001)), (vec!["loss".to_owned()], vec!["delay".to_owned()]));
}

#[test]
fn without_a_group_all_groups_are_told() {
    let query = Query::about(Topic::Ready);
    let refused = crate::answer(&endpoints(), &query, Source::Daemon).expect_err("no group");
    assert_eq!(refused, AskError::NoGroup { groups: vec!["vc".parse().expect("a group")] });
}

proptest! {
    #[test]
    fn counts_add_up_whatever_happens(states in prop::collection::vec((0..LinkState::ALL.len(), 0_i64..90), 11)) {
        let mut evidence = endpoints();
        let names: Vec<String> = evidence.inventory.links.iter().map(|link| link.id.to_string()).collect();
        prop_assert_eq!(names.len(), states.len());
        for (name, (state, ago)) in names.iter().zip(&states) {
            put(&mut evidence, name, LinkState::ALL[*state], minutes_ago(*ago));
        }
        let body = ready(&evidence);
        for item in &body.items {
            let state = evidence.links.iter().find(|now| now.link == item.link).map(|now| now.state);
            let plain = match state {
                Some(LinkState::Down | LinkState::Maintenance) => Some(Fitness::Unfit),
                Some(LinkState::Blind) => Some(Fitness::Unknown),
                Some(LinkState::Degraded) => Some(Fitness::AtRisk),
                Some(LinkState::Up) | None => None,
            };
            prop_assert!(plain.is_none_or(|plain| item.fitness == plain), "{:?} {:?}", state, item);
        }
    }
}
