//! Rings that are none.

use phusong_model::{
    Carrier, Evidence, LinkState, Millis, Site, SiteKind,
    answer::{Body, Condition, Topic, WeakBody},
};

use super::province::{ask, id, link, minutes_ago, province, put};

fn weak(evidence: &Evidence) -> WeakBody {
    let answer = ask(evidence, Topic::Weak, None).expect("an answer");
    let Body::Weak(body) = answer.body else { panic!("{answer:?}") };
    let parts = body.items.len() + body.single.len() + body.unknown.len();
    assert_eq!(parts as u64 + body.independent, body.communes, "{body:?}");
    *body
}

/// Sets what carries a link.
fn carry(evidence: &mut Evidence, name: &str, upstream: &[&str]) {
    let upstream: Vec<Carrier> = upstream.iter().map(|name| name.parse().expect("a carrier")).collect();
    let mut links = evidence.inventory.links.iter_mut().filter(|link| link.id == id(name));
    links.next().expect("the link").upstream = upstream;
}

fn add(evidence: &mut Evidence, name: &str, upstream: &[&str]) {
    evidence.inventory.links.push(link(name, phusong_model::LinkKind::Feeder, None, &[]));
    carry(evidence, name, upstream);
    put(evidence, name, LinkState::Up, minutes_ago(9_000));
}

fn shared(body: &WeakBody) -> Vec<(String, Vec<String>)> {
    let told = |item: &phusong_model::answer::WeakItem| {
        (item.commune_name.clone(), item.shared.iter().map(ToString::to_string).collect())
    };
    body.items.iter().map(told).collect()
}

#[test]
fn what_nobody_says_is_not_known() {
    let body = weak(&province());
    assert_eq!((body.items.len(), body.independent), (0, 0));
    assert_eq!(body.unknown, ["Nà Hang", "Bình Ca", "Bình Xa"], "their broadband hangs on nothing that is known");
}

#[test]
fn fibre_and_broadband_of_one_feeder_are_one_way() {
    let mut evidence = province();
    add(&mut evidence, "other", &[]);
    carry(&mut evidence, "broadband-1", &["feeder"]);
    carry(&mut evidence, "broadband-2", &["other"]);
    carry(&mut evidence, "fibre-3", &["other"]);
    put(&mut evidence, "fibre-1", LinkState::Down, minutes_ago(30));
    put(&mut evidence, "broadband-1", LinkState::Down, minutes_ago(20));
    let body = weak(&evidence);
    assert_eq!(shared(&body), [("Nà Hang".to_owned(), vec!["feeder".to_owned()])]);
    assert_eq!(body.items[0].cut_off_ms, Millis::from_secs(20 * 60), "and it has happened");
    assert_eq!((body.single, body.independent), (vec!["Bình Xa".to_owned()], 1));
    assert_eq!(ask(&evidence, Topic::Weak, None).expect("an answer").conditions, [Condition::Findings]);
}

#[test]
fn a_ring_that_meets_again_is_found_where_it_meets() {
    let mut evidence = province();
    // Two feeders that hang on one site, whose backhaul is a trunk.
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
    add(&mut evidence, "trunk", &[]);
    add(&mut evidence, "other", &["site/pop"]);
    add(&mut evidence, "third", &[]);
    carry(&mut evidence, "feeder", &["site/pop"]);
    carry(&mut evidence, "fibre-1", &["feeder", "other"]);
    carry(&mut evidence, "broadband-1", &["other"]);
    carry(&mut evidence, "broadband-2", &["third"]);
    // Neither feeder is needed while the other is there, but both meet at the site.
    assert_eq!(shared(&weak(&evidence)), [("Nà Hang".to_owned(), vec!["site/pop".to_owned(), "trunk".to_owned()])]);
    carry(&mut evidence, "fibre-1", &["other"]);
    assert_eq!(shared(&weak(&evidence))[0].1, ["other", "site/pop", "trunk"]);
    // One more way, and nothing is.
    carry(&mut evidence, "broadband-1", &["feeder", "third"]);
    assert_eq!(weak(&evidence).independent, 2);
}

#[test]
fn the_centre_is_told_once_and_not_of_each() {
    let mut evidence = province();
    add(&mut evidence, "core", &[]);
    add(&mut evidence, "other", &["core"]);
    carry(&mut evidence, "feeder", &["core"]);
    for (name, upstream) in [("broadband-1", "other"), ("broadband-2", "feeder"), ("fibre-3", "other")] {
        carry(&mut evidence, name, &[upstream]);
    }
    let body = weak(&evidence);
    assert_eq!(body.centre, ["core".parse().expect("a carrier")]);
    assert_eq!(shared(&body), [("Bình Ca".to_owned(), vec!["feeder".to_owned()])]);
    assert_eq!((body.independent, body.single.len()), (1, 1));
}
