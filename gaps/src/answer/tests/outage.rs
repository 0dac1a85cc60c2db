//! All about one outage.

use phusong_model::{
    Carrier, Cause, CloseUp, CloseUpOf, Clue, Confidence, Event, EventId, Evidence, LinkState, LookTimes, Looks,
    Micros, Millis, OutageId, Probe, Revision, Sign, Verdict, Window,
    answer::{AskError, Body, Happening, OutageBody, Query, Source, Topic},
};

use super::province::{id, minutes_ago, province, put};

/// A feeder is cut; two fibres behind it fall silent, one of which is back.
fn cut() -> Evidence {
    let mut evidence = province();
    for (link, minutes) in [("feeder", 30), ("fibre-1", 29), ("fibre-2", 28)] {
        put(&mut evidence, link, LinkState::Down, minutes_ago(minutes));
    }
    let carrier: Carrier = "feeder".parse().expect("a carrier");
    for outage in &mut evidence.outages {
        outage.event = EventId(1);
        outage.decided = outage.start.plus(Millis(35_000));
    }
    let behind = evidence.outages.iter_mut().find(|outage| outage.link == id("fibre-1")).expect("it is down");
    behind.start_error = Millis(5_000);
    behind.verdict = Verdict {
        cause: Cause::Upstream { carrier: carrier.clone() },
        confidence: Confidence::High,
        evidence: vec![Clue { at: minutes_ago(28), sign: Sign::CarrierDown { carrier: carrier.clone() } }],
    };
    evidence.events = vec![Event { by: Some(carrier), ..Event::single(EventId(1)) }];
    put(&mut evidence, "fibre-2", LinkState::Up, minutes_ago(10));
    let back = evidence.outages.iter_mut().find(|outage| outage.link == id("fibre-2")).expect("it was down");
    back.end = Some(minutes_ago(10));
    put(&mut evidence, "broadband-2", LinkState::Down, minutes_ago(2));
    evidence
}

fn query(outage: i64) -> Query {
    Query { outage: Some(OutageId(outage)), ..Query::about(Topic::Outage) }
}

fn body(evidence: &Evidence, outage: i64) -> OutageBody {
    let answer = crate::answer(evidence, &query(outage), Source::Daemon).expect("an answer");
    let Body::Outage(body) = answer.body else { panic!("an outage was asked for") };
    *body
}

#[test]
fn the_time_line_tells_what_happened_in_the_order_in_which_it_did() {
    let body = body(&cut(), 2);
    assert_eq!(
        (body.outage.link.as_str(), body.event.by.as_ref().map(ToString::to_string)),
        ("fibre-1", Some("feeder".to_owned()))
    );
    let told: Vec<String> = body
        .timeline
        .iter()
        .map(|moment| {
            let what = match &moment.what {
                Happening::OthersBegan { links } => format!("others {}", links[0]),
                Happening::OthersEnded { links } => format!("back {}", links[0]),
                Happening::Began
                | Happening::Decided
                | Happening::Ended
                | Happening::State { .. }
                | Happening::Seen { .. }
                | Happening::Judged { .. }
                | Happening::Told { .. }
                | Happening::Acknowledged { .. } => {
                    format!("{:?}", moment.what).split([' ', '{']).next().unwrap_or_default().to_owned()
                }
            };
            format!("{} {what}", minutes_ago(0).since(moment.at).0 / 60_000)
        })
        .collect();
    assert_eq!(
        told,
        ["30 others feeder", "29 Began", "28 Decided", "28 Judged", "28 others fibre-2", "28 Seen", "10 back fibre-2",]
    );
    let began = body.timeline.iter().find(|moment| moment.what == Happening::Began).expect("it began");
    assert_eq!(began.error_ms, Millis(5_000));
}

#[test]
fn each_commune_is_told_with_the_ways_that_are_left() {
    let body = body(&cut(), 2);
    let affected: Vec<(&str, Option<u64>, usize)> =
        body.affected.iter().map(|item| (item.commune_name.as_str(), item.people, item.working.len())).collect();
    assert_eq!(affected, [("Nà Hang", Some(9_000), 1), ("Bình Ca", Some(4_000), 1)]);
    assert_eq!(body.affected[0].working, [id("broadband-1")], "its fibre is down");
    assert_eq!(body.affected[1].working, [id("fibre-2")], "its broadband is down, and no part of this");
    let mut blind = cut();
    put(&mut blind, "broadband-1", LinkState::Blind, minutes_ago(1));
    let affected = &self::body(&blind, 2).affected[0];
    assert_eq!(
        (affected.working.len(), affected.unseen.as_slice()),
        (0, &[id("broadband-1")][..]),
        "blind is not down"
    );
}

#[test]
fn what_was_tried_is_what_was_asked_while_it_lasted() {
    let mut evidence = cut();
    let of = CloseUpOf::Outage(OutageId(2), id("fibre-1"));
    assert_eq!(crate::close_up(&evidence, &query(2)), Some(of));
    let minute = |ago: i64, lost| Looks {
        link: id("fibre-1"),
        probe: Probe::Icmp,
        window: Window::new(minutes_ago(ago), minutes_ago(ago - 1)),
        measured: 6,
        blind: 1,
        sent: 30,
        lost,
        rtt: Some(LookTimes { min: Micros(1), median: Micros(2), p95: Micros(3), max: Micros(4) }),
    };
    let verdicts = [Cause::Unknown, Cause::Unknown, Cause::Fibre]
        .map(|cause| Revision { at: minutes_ago(27), verdict: Verdict { cause, ..Verdict::unknown() } });
    let looks = vec![minute(31, 0), minute(29, 30), minute(2, 29)];
    evidence.close_up = Some(CloseUp { looks, verdicts: verdicts.to_vec(), ..CloseUp::default() });
    let body = body(&evidence, 2);
    let [tried] = body.tried.as_slice() else { panic!("one probe: {:?}", body.tried) };
    assert_eq!((tried.looks, tried.blind, tried.sent, tried.lost), (12, 2, 60, 59));
    assert_eq!(body.verdicts.len(), 3);
    let judged = body.timeline.iter().filter(|moment| matches!(moment.what, Happening::Judged { .. })).count();
    assert_eq!(judged, 2, "the same judgement is told once");
}

#[test]
fn a_number_that_is_not_there_is_answered_with_the_newest() {
    let evidence = cut();
    let unknown = crate::answer(&evidence, &query(99), Source::Daemon).expect_err("there is none");
    assert_eq!(unknown, AskError::UnknownOutage { outage: OutageId(99), newest: Some(OutageId(4)) });
    let none = crate::answer(&evidence, &Query::about(Topic::Outage), Source::Daemon).expect_err("which?");
    assert_eq!(none, AskError::NoOutage);
    assert_eq!(crate::close_up(&evidence, &query(99)), None);
}
