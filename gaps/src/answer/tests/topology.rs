//! What hangs on what, and the ways to the centre.

use phusong_model::{
    Carrier, Evidence, LinkKind, LinkState, Site, SiteKind,
    answer::{Body, Condition, PathBody, Query, Source, Topic, TreeBody, WayState},
};

use super::province::{ask, id, link, minutes_ago, province, put};

fn tree(evidence: &Evidence, commune: Option<&str>) -> TreeBody {
    let Body::Tree(body) = ask(evidence, Topic::Tree, commune).expect("an answer").body else { panic!("a tree") };
    *body
}

fn path(evidence: &Evidence, name: &str) -> PathBody {
    let query = Query { link: Some(name.to_owned()), ..Query::about(Topic::Path) };
    let Body::Path(body) = crate::answer(evidence, &query, Source::Daemon).expect("an answer").body else {
        panic!("a path")
    };
    *body
}

fn carry(evidence: &mut Evidence, name: &str, upstream: &[&str]) {
    let found = evidence.inventory.links.iter_mut().find(|link| link.id == id(name)).expect("the link");
    found.upstream = upstream.iter().map(|name| name.parse().expect("a carrier")).collect();
}

/// Two feeders that meet at a site, whose backhaul is a trunk; Nà Hang hangs on both.
fn ring() -> Evidence {
    let mut evidence = province();
    for name in ["trunk", "other"] {
        evidence.inventory.links.push(link(name, LinkKind::Feeder, None, &[]));
        put(&mut evidence, name, LinkState::Up, minutes_ago(2_000));
    }
    evidence.inventory.sites.push(Site {
        id: "pop".parse().expect("site"),
        kind: SiteKind::Hub,
        name: "pop".to_owned(),
        commune: None,
        operator: None,
        at: None,
        backhaul: vec![id("trunk")],
        reported: None,
    });
    carry(&mut evidence, "feeder", &["site/pop"]);
    carry(&mut evidence, "other", &["site/pop"]);
    carry(&mut evidence, "fibre-1", &["feeder", "other"]);
    evidence
}

fn ways(body: &PathBody) -> Vec<(WayState, Option<String>, Vec<String>)> {
    let told = |way: &phusong_model::answer::PathWay| {
        let hops = way.hops.iter().map(|hop| hop.node.to_string()).collect();
        (way.state, way.breaks_at.as_ref().map(ToString::to_string), hops)
    };
    body.ways.iter().map(told).collect()
}

#[test]
fn a_ring_has_two_ways_and_the_whole_one_comes_first() {
    let mut evidence = ring();
    put(&mut evidence, "feeder", LinkState::Down, minutes_ago(5));
    let body = path(&evidence, "fibre-1");
    let hops = |second: &str| vec!["fibre-1".to_owned(), second.to_owned(), "site/pop".to_owned(), "trunk".to_owned()];
    assert_eq!(
        ways(&body),
        [(WayState::Whole, None, hops("other")), (WayState::Broken, Some("feeder".to_owned()), hops("feeder"))]
    );
    assert_eq!(body.ways_total, 2);
    assert_eq!(body.ways[1].hops[2].state, Some(LinkState::Up), "a site is as its backhaul");
}

#[test]
fn a_way_breaks_where_it_is_nearest_to_the_centre() {
    let mut evidence = ring();
    for name in ["fibre-1", "feeder", "trunk"] {
        put(&mut evidence, name, LinkState::Down, minutes_ago(5));
    }
    put(&mut evidence, "other", LinkState::Blind, minutes_ago(5));
    let body = path(&evidence, "fibre-1");
    assert!(body.ways.iter().all(|way| way.breaks_at == "trunk".parse().ok() && way.state == WayState::Broken));
    for name in ["fibre-1", "trunk"] {
        put(&mut evidence, name, LinkState::Up, minutes_ago(1));
    }
    let states: Vec<WayState> = path(&evidence, "fibre-1").ways.iter().map(|way| way.state).collect();
    assert_eq!(states, [WayState::Unclear, WayState::Broken]);
    let query = Query { link: Some("fibre-1".to_owned()), ..Query::about(Topic::Path) };
    let answer = crate::answer(&evidence, &query, Source::Daemon).expect("an answer");
    assert_eq!(answer.conditions, [Condition::Findings]);
}

#[test]
fn of_a_mesh_not_all_ways_are_told_and_all_are_counted() {
    let mut evidence = province();
    // Twelve floors of two links, each of which hangs on both below it: 4,096 ways.
    for floor in 0..12 {
        for side in ["a", "b"] {
            let name = format!("{side}{floor}");
            evidence.inventory.links.push(link(&name, LinkKind::Feeder, None, &[]));
            put(&mut evidence, &name, LinkState::Up, minutes_ago(2_000));
            if floor > 0 {
                carry(&mut evidence, &name, &[&format!("a{}", floor - 1), &format!("b{}", floor - 1)]);
            }
        }
    }
    carry(&mut evidence, "fibre-3", &["a11", "b11"]);
    let body = path(&evidence, "fibre-3");
    assert_eq!((body.ways_total, body.ways.len()), (4_096, 16));
    assert_eq!((body.whole, body.unclear), (4_096, 0));
    // The ways that are looked through first all break; half of all, on the other side, do not.
    put(&mut evidence, "a11", LinkState::Down, minutes_ago(5));
    let body = path(&evidence, "fibre-3");
    assert!(body.ways.iter().all(|way| way.state == WayState::Broken), "of those that are told");
    assert_eq!((body.ways_total, body.whole, body.unclear), (4_096, 2_048, 0));
    put(&mut evidence, "b0", LinkState::Blind, minutes_ago(5));
    let body = path(&evidence, "fibre-3");
    assert_eq!((body.whole, body.unclear), (1_024, 1_024));
}

#[test]
fn a_circle_and_a_link_that_hangs_on_nothing_have_an_end() {
    let mut evidence = province();
    carry(&mut evidence, "feeder", &["fibre-1"]);
    assert!(path(&evidence, "fibre-1").ways.is_empty(), "no way leads out of the circle");
    let alone = path(&evidence, "broadband-1");
    assert_eq!((alone.ways_total, alone.ways[0].hops.len()), (1, 1));
    let circle: Vec<String> =
        tree(&evidence, None).nodes.iter().filter(|node| node.circle).map(|node| node.item.node.to_string()).collect();
    assert_eq!(circle, ["feeder", "fibre-1", "fibre-2"], "and what hangs on it");
}

#[test]
fn trouble_is_seen_from_above() {
    let mut evidence = ring();
    put(&mut evidence, "fibre-1", LinkState::Degraded, minutes_ago(5));
    let body = tree(&evidence, None);
    let troubled: Vec<String> =
        body.nodes.iter().filter(|node| node.troubled).map(|node| node.item.node.to_string()).collect();
    assert_eq!(troubled, ["feeder", "fibre-1", "trunk", "other", "site/pop"]);
    assert_eq!((body.links.total(), body.links.degraded, body.nodes.len()), (8, 1, 9));
    let fibre = body.nodes.iter().find(|node| node.item.node == Carrier::Link(id("fibre-1"))).expect("the fibre");
    assert_eq!(fibre.carriers, [Carrier::Link(id("feeder")), Carrier::Link(id("other"))]);
}

#[test]
fn of_a_commune_its_links_and_what_carries_them_are_shown() {
    let nodes = tree(&ring(), Some("na hang")).nodes;
    let nodes: Vec<String> = nodes.iter().map(|node| node.item.node.to_string()).collect();
    assert_eq!(nodes, ["feeder", "fibre-1", "broadband-1", "trunk", "other", "site/pop"]);
    assert_eq!(tree(&ring(), Some("binh xa")).nodes.len(), 1);
}
