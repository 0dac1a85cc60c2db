//! All about one link.

use phusong_model::{
    Evidence, IcmpError, IcmpErrorKind, LinkState, Observed, Seen, Subject,
    answer::{Answer, AskError, Body, LinkBody, Query, Source, Topic},
};

use super::province::{id, minutes_ago, province, put};

fn ask(evidence: &Evidence, link: &str, commune: Option<&str>) -> Result<Answer, AskError> {
    let query = Query { link: Some(link.to_owned()), commune: commune.map(str::to_owned), ..Query::about(Topic::Link) };
    crate::answer(evidence, &query, Source::Daemon)
}

fn body(answer: Answer) -> LinkBody {
    let Body::Link(body) = answer.body else { panic!("not about a link: {answer:?}") };
    *body
}

fn http(subject: Subject, status: u16) -> Observed {
    Observed { subject, seen: Seen::HttpStatus(status), first: minutes_ago(9), last: minutes_ago(1) }
}

#[test]
fn it_tells_of_this_link_and_of_the_device_at_its_end_and_of_no_other() {
    let mut evidence = province();
    put(&mut evidence, "fibre-1", LinkState::Down, minutes_ago(5));
    put(&mut evidence, "broadband-1", LinkState::Down, minutes_ago(3));
    let device = || "olt-1".parse().expect("id");
    let here = evidence.inventory.links.iter_mut().find(|link| link.id == id("fibre-1")).expect("the link");
    here.interface = Some((device(), "ge-0/0/1".to_owned()));
    let error = IcmpError { kind: IcmpErrorKind::Unreachable, code: 1, router: [10, 0, 0, 1].into() };
    let about =
        |seen| Observed { subject: Subject::Link(id("fibre-1")), seen, first: minutes_ago(5), last: minutes_ago(1) };
    evidence.observations = vec![
        http(Subject::Device(device()), 200),
        http(Subject::Device("olt-2".parse().expect("id")), 404),
        http(Subject::Link(id("broadband-1")), 500),
        about(Seen::IcmpError(error)),
    ];
    let body = body(ask(&evidence, "fibre-1", None).expect("an answer"));
    assert_eq!((body.link.link.as_str(), body.link.state), ("fibre-1", LinkState::Down));
    assert_eq!(body.upstream, [phusong_model::Carrier::Link(id("feeder"))]);
    let seen: Vec<&Seen> = body.observations.iter().map(|observed| &observed.seen).collect();
    assert_eq!(seen, [&Seen::IcmpError(error), &Seen::HttpStatus(200)]);
    assert!(body.outages.iter().all(|outage| outage.link == id("fibre-1")));
}

#[test]
fn only_this_link_counts_for_the_shell() {
    let mut evidence = province();
    put(&mut evidence, "broadband-1", LinkState::Down, minutes_ago(3));
    assert_eq!(ask(&evidence, "fibre-1", None).expect("an answer").conditions, []);
}

#[test]
fn a_wrong_name_is_answered_with_links() {
    let evidence = province();
    let Err(AskError::UnknownLink { suggestions, .. }) = ask(&evidence, "fibre-11", None) else {
        panic!("there is no such link")
    };
    assert!(suggestions.iter().any(|near| near.link == id("fibre-1")), "{suggestions:?}");
    assert!(matches!(ask(&evidence, "fibre", None), Err(AskError::AmbiguousLink { .. })));
    assert!(matches!(ask(&evidence, "fibre-1", Some("00002")), Err(AskError::UnknownLink { .. })), "it is elsewhere");
    let unsaid = crate::answer(&evidence, &Query::about(Topic::Link), Source::Daemon);
    assert_eq!(unsaid.expect_err("no link was named"), AskError::NoLink);
}
