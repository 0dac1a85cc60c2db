//! Accounts, blindness and what a commune's sites show.

use phusong_model::{
    EchoStats, Evidence, LinkState, Micros, Millis, Reported, RttSummary, Site, SiteKind,
    answer::{Body, LinkItem, OutageItem, Topic},
};

use super::province::{NOW, ask, id, minutes_ago, province, put};

fn link(evidence: &Evidence, name: &str) -> LinkItem {
    let answer = ask(evidence, Topic::Links, None).expect("an answer");
    let Body::Links { items } = answer.body else { panic!("{answer:?}") };
    items.into_iter().find(|item| item.link == id(name)).expect("the link")
}

fn outage(evidence: &Evidence) -> OutageItem {
    let answer = ask(evidence, Topic::Outages, None).expect("an answer");
    let Body::Outages { mut items, .. } = answer.body else { panic!("{answer:?}") };
    items.remove(0)
}

#[test]
fn a_link_shows_its_window_and_its_last_tick() {
    let mut evidence = province();
    put(&mut evidence, "fibre-1", LinkState::Down, minutes_ago(144));
    let rtt = [1_500, 2_500].map(Micros);
    for now in evidence.links.iter_mut().filter(|now| now.link == id("fibre-1")) {
        now.icmp = Some(EchoStats { sent: 10, lost: 8, rtt: RttSummary::of(&rtt) });
    }
    let item = link(&evidence, "fibre-1");
    assert_eq!(item.availability, Some(0.9));
    assert_eq!((item.sent, item.lost, item.rtt_max_ms, item.jitter_ms), (Some(10), Some(8), Some(2.5), Some(1.0)));
    assert_eq!((item.commune_name.as_deref(), item.target.as_str()), (Some("Nà Hang"), "127.0.0.1"));
    assert_eq!((item.cause.as_deref(), item.since), (Some("unknown"), minutes_ago(144)));
}

#[test]
fn a_link_that_the_daemon_has_not_taken_yet_is_blind() {
    let mut evidence = province();
    evidence.links.retain(|now| now.link != id("fibre-1"));
    let item = link(&evidence, "fibre-1");
    assert_eq!((item.state, item.availability), (LinkState::Blind, None));
}

#[test]
fn after_the_last_tick_of_a_dead_daemon_nobody_knows() {
    let mut evidence = province();
    evidence.age = Some(Millis::from_secs(6 * 3600 + 10));
    let answer = ask(&evidence, Topic::Links, None).expect("an answer");
    assert_eq!(format!("{:.4}", answer.blind_share), "0.2500");
    assert_eq!(link(&evidence, "fibre-1").availability, Some(1.0));
    evidence.age = None;
    assert_eq!(ask(&evidence, Topic::Links, None).expect("an answer").blind_share, 1.0);
}

#[test]
fn the_blind_part_of_an_open_outage_counts_before_it_is_written() {
    let mut evidence = province();
    put(&mut evidence, "fibre-1", LinkState::Down, minutes_ago(100));
    evidence.outages[0].blind = Millis::from_secs(600);
    assert_eq!(outage(&evidence).blind_share, 0.1);
    put(&mut evidence, "fibre-1", LinkState::Blind, minutes_ago(20));
    assert_eq!(outage(&evidence).blind_share, 0.3);
    put(&mut evidence, "fibre-1", LinkState::Down, minutes_ago(100));
    evidence.outages.pop();
    evidence.age = Some(Millis::from_secs(50 * 60 + 10));
    assert_eq!(outage(&evidence).blind_share, 0.6);
    evidence.outages[0].end = Some(NOW);
    assert_eq!(outage(&evidence).blind_share, 0.1);
}

fn site(name: &str, backhaul: &[&str], reported: Option<bool>) -> Site {
    Site {
        id: name.parse().expect("id"),
        kind: SiteKind::Bts,
        name: name.to_owned(),
        commune: "00001".parse().ok(),
        operator: None,
        at: None,
        backhaul: backhaul.iter().map(|name| id(name)).collect(),
        reported: reported.map(|up| Reported { up, at: minutes_ago(600) }),
    }
}

#[test]
fn a_site_is_what_its_backhaul_is_and_never_guessed() {
    let mut evidence = province();
    put(&mut evidence, "fibre-1", LinkState::Down, minutes_ago(1));
    put(&mut evidence, "fibre-2", LinkState::Blind, minutes_ago(1));
    put(&mut evidence, "broadband-2", LinkState::Degraded, minutes_ago(1));
    evidence.inventory.sites = vec![
        site("ring", &["fibre-1", "fibre-3"], Some(false)),
        site("limping", &["fibre-1", "broadband-2"], None),
        site("dark", &["fibre-1"], Some(true)),
        site("unseen", &["fibre-2", "fibre-1"], Some(true)),
        site("reported", &[], Some(true)),
        site("reported-down", &[], Some(false)),
        site("unknown", &[], None),
    ];
    let answer = ask(&evidence, Topic::Commune, Some("na hang")).expect("an answer");
    let Body::Commune(body) = answer.body else { panic!("{answer:?}") };
    let states: Vec<_> = body.sites.iter().map(|site| (site.state, site.reported_at.is_some())).collect();
    let expected = [
        (Some(LinkState::Up), false),
        (Some(LinkState::Degraded), false),
        (Some(LinkState::Down), false),
        (Some(LinkState::Blind), false),
        (Some(LinkState::Up), true),
        (Some(LinkState::Down), true),
        (None, false),
    ];
    assert_eq!(states, expected);
    assert_eq!((body.people, body.links.len(), body.gaps.len()), (Some(9_000), 2, 1));
}
