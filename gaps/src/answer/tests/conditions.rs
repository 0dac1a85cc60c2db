//! What scripts are told: conditions, notices and exit codes.

use phusong_model::{
    BlindReason, ChannelHealth, Evidence, IcmpMode, InfluxHealth, LinkState, Millis, Observed, OperatorScope, Seen,
    Share, Subject, TrapCounts,
    answer::{Body, Condition, Notice, Query, Source, Topic},
    config::ChannelKind,
};

use super::province::{NOW, ask, figure, gap, minutes_ago, province, put};
use crate::exit_code;

/// Conditions of a topic, and the exit codes without and with `--check`.
fn told(evidence: &Evidence, topic: Topic) -> (Vec<Condition>, u8, u8) {
    let answer = ask(evidence, topic, (topic == Topic::Commune).then_some("00001")).expect("an answer");
    let codes = (exit_code(&answer, false), exit_code(&answer, true));
    (answer.conditions, codes.0, codes.1)
}

#[test]
fn a_sound_network_is_fine() {
    let mut evidence = province();
    evidence.figures = vec![figure("00001", &OperatorScope::Any, 0, 0, 9)];
    for topic in [Topic::Status, Topic::Links, Topic::Outages, Topic::Gaps, Topic::Coverage, Topic::Commune] {
        assert_eq!(told(&evidence, topic), (vec![], 0, 0), "{topic:?}");
    }
}

#[test]
fn findings_count_only_when_they_are_asked_for() {
    let found = (vec![Condition::Findings], 0, 1);
    let mut evidence = province();
    put(&mut evidence, "fibre-1", LinkState::Down, minutes_ago(1));
    for topic in [Topic::Status, Topic::Links, Topic::Outages, Topic::Gaps, Topic::Commune, Topic::Indicators] {
        assert_eq!(told(&evidence, topic), found, "{topic:?}");
    }
    let mut evidence = province();
    evidence.figures = vec![figure("00001", &OperatorScope::Any, 0, 1, 9)];
    for topic in [Topic::Status, Topic::Coverage, Topic::Commune, Topic::Indicators] {
        assert_eq!(told(&evidence, topic), found, "{topic:?}");
    }
    assert_eq!(told(&evidence, Topic::Links), (vec![], 0, 0));
    evidence.coverage_gaps = vec![gap("white", "00001", &[], 1)];
    assert_eq!(told(&evidence, Topic::Gaps), found);
}

#[test]
fn one_blind_link_is_a_finding_and_all_of_them_are_our_eyes() {
    let mut evidence = province();
    put(&mut evidence, "fibre-1", LinkState::Blind, minutes_ago(1));
    assert_eq!(told(&evidence, Topic::Links), (vec![Condition::Findings], 0, 1));
    put(&mut evidence, "broadband-1", LinkState::Blind, minutes_ago(1));
    assert_eq!(told(&evidence, Topic::Commune), (vec![Condition::Findings, Condition::Partial], 3, 3));
    assert_eq!(told(&evidence, Topic::Links), (vec![Condition::Findings], 0, 1));
    let tick = evidence.health.as_mut().and_then(|health| health.prober.last_tick.as_mut()).expect("a tick");
    tick.blind = Some(BlindReason::Anchors);
    assert_eq!(told(&evidence, Topic::Links).1, 3);
}

#[test]
fn announced_work_is_no_finding_and_no_gap() {
    let mut evidence = province();
    // With an outage that began before the window.
    put(&mut evidence, "fibre-1", LinkState::Down, minutes_ago(9));
    put(&mut evidence, "fibre-1", LinkState::Maintenance, minutes_ago(5));
    for topic in [Topic::Status, Topic::Links, Topic::Outages, Topic::Gaps, Topic::Commune] {
        assert_eq!(told(&evidence, topic), (vec![], 0, 0), "{topic:?}");
    }
    // Bình Xa has no broadband; the commune alone tells of its fibre.
    assert_eq!(told(&evidence, Topic::Indicators).0, [Condition::Findings]);
    let of_commune = |evidence: &Evidence| ask(evidence, Topic::Indicators, Some("00001")).expect("an answer");
    assert_eq!(of_commune(&evidence).conditions, []);
    let Body::Indicators { items } = of_commune(&evidence).body else { panic!() };
    assert_eq!(items[0].measured, Share { unknown: 1.0, ..Share::default() }, "in neither part");
    let Body::Outages { items, .. } = ask(&evidence, Topic::Outages, None).expect("an answer").body else { panic!() };
    assert_eq!((items.len(), items[0].end), (1, None), "the list keeps it");
    let Body::Status(status) = ask(&evidence, Topic::Status, None).expect("an answer").body else { panic!() };
    assert_eq!(status.worst, [], "and nobody is woken for it");
    put(&mut evidence, "broadband-1", LinkState::Blind, minutes_ago(1));
    assert_eq!(of_commune(&evidence).conditions, [Condition::Findings]);
}

#[test]
fn age_is_measured_in_periods_and_never_below_half_a_minute() {
    let mut evidence = province();
    for (period, age, stale) in [(1, 30, false), (1, 31, true), (60, 180, false), (60, 181, true)] {
        let tick = evidence.health.as_mut().and_then(|health| health.prober.last_tick.as_mut()).expect("a tick");
        tick.period = Millis::from_secs(period);
        evidence.age = Some(Millis::from_secs(age));
        assert_eq!(told(&evidence, Topic::Links).0.contains(&Condition::Stale), stale, "{age} s at {period} s");
    }
    evidence.age = None;
    assert_eq!(told(&evidence, Topic::Links), (vec![Condition::Stale], 3, 3));
}

#[test]
fn what_nobody_looks_at_is_not_said_to_be_well() {
    let unseen = |evidence: &Evidence| {
        let Body::Outages { links, blind, .. } = ask(evidence, Topic::Outages, None).expect("an answer").body else {
            panic!("outages")
        };
        (blind, links)
    };
    let mut evidence = province();
    let all = evidence.inventory.links.len() as u64;
    assert_eq!(unseen(&evidence), (0, all));
    put(&mut evidence, "broadband-1", LinkState::Blind, minutes_ago(1));
    assert_eq!(unseen(&evidence), (1, all));
    evidence.age = Some(Millis::from_secs(3600));
    assert_eq!(unseen(&evidence), (all, all));
    evidence.window = phusong_model::Window::new(minutes_ago(600), minutes_ago(300));
    assert_eq!(unseen(&evidence), (0, all), "of the past the share that was blind tells more");
}

#[test]
fn the_store_without_its_daemon_is_partial() {
    let query = Query::about(Topic::Links);
    let answer = crate::answer(&province(), &query, Source::Store).expect("an answer");
    assert_eq!((answer.conditions.as_slice(), exit_code(&answer, false)), (&[Condition::Partial][..], 3));
}

#[test]
fn notices_say_what_the_parts_lack() {
    let mut evidence = province();
    let notices = |evidence: &Evidence, topic| ask(evidence, topic, None).expect("an answer").notices;
    assert_eq!(notices(&evidence, Topic::Links), []);
    assert_eq!(notices(&evidence, Topic::Gaps), [Notice::NoCoverage]);
    let mut approximate = figure("00001", &OperatorScope::Any, 0, 0, 9);
    approximate.approximate = true;
    evidence.figures = vec![approximate];
    assert_eq!(notices(&evidence, Topic::Coverage), [Notice::ApproximateBoundaries]);
    assert_eq!(notices(&evidence, Topic::Links), []);

    let health = evidence.health.as_mut().expect("health");
    health.prober.icmp = IcmpMode::None;
    health.prober.demo = true;
    health.prober.reload_refused = Some("links.csv:3".to_owned());
    health.store.refused = Some("disk full".to_owned());
    (health.store.waiting_ticks, health.store.short) = (7, true);
    health.store.set_aside = vec!["phusong.db.damaged-1".to_owned()];
    let influx = |name: &str, fault: Option<&str>| InfluxHealth {
        name: name.to_owned(),
        queued_ticks: 7,
        oldest: None,
        sent_lines: 0,
        rejected_lines: 0,
        removed_samples: u64::from(name == "ministry") * 7,
        fault: fault.map(str::to_owned),
    };
    health.influx = vec![influx("influx", Some("refused")), influx("a", None), influx("ministry", Some("gone"))];
    let expected = [
        Notice::Example,
        Notice::NoIcmp,
        Notice::NotStored { reason: "disk full".to_owned(), waiting_ticks: 7, given_up_ticks: 0 },
        Notice::StoreShort,
        Notice::InfluxAway { replica: "influx".to_owned(), reason: "refused".to_owned() },
        Notice::InfluxAway { replica: "ministry".to_owned(), reason: "gone".to_owned() },
        Notice::RemovedUndelivered { replica: "ministry".to_owned(), samples: 7 },
        Notice::ReloadRefused { reason: "links.csv:3".to_owned() },
        Notice::SetAside { file: "phusong.db.damaged-1".to_owned() },
    ];
    assert_eq!(notices(&evidence, Topic::Links), expected);
    assert_eq!(told(&evidence, Topic::Links).0, [Condition::Partial]);
}

#[test]
fn a_certificate_is_worth_a_word_when_somebody_has_to_do_something() {
    let mut evidence = province();
    let notices = |evidence: &Evidence, topic| ask(evidence, topic, None).expect("an answer").notices;
    evidence.inventory.links[2].service = "https://portal.vn/".parse().ok();
    let link = evidence.inventory.links[2].id.clone();
    let days = |days: i64| NOW.plus(Millis::from_secs(days * 86_400));
    let ends = |not_after| Notice::CertificateEnds { link: link.clone(), not_after };
    for (not_after, trusted, expected) in [
        (days(22), true, None),
        (days(20), true, Some(ends(days(20)))),
        (days(-3), false, Some(ends(days(-3)))),
        (days(300), false, Some(Notice::CertificateUntrusted { link: link.clone() })),
    ] {
        let (seen, subject) = (Seen::Certificate { not_after, trusted }, Subject::Link(link.clone()));
        let status = Observed { subject: subject.clone(), seen: Seen::HttpStatus(200), first: NOW, last: NOW };
        evidence.observations = vec![Observed { subject, seen, first: NOW, last: NOW }, status];
        for topic in [Topic::Status, Topic::Links] {
            let notices = notices(&evidence, topic);
            let told: Vec<_> = notices.iter().filter(|notice| **notice != Notice::NoCoverage).collect();
            assert_eq!(told, expected.iter().collect::<Vec<_>>());
        }
    }
    let of = |commune| ask(&evidence, Topic::Links, Some(commune)).expect("an answer").notices.len();
    assert_eq!((of("00001"), of("00002")), (1, 0), "only of what was asked about");
}

#[test]
fn a_channel_that_does_not_deliver_is_told_and_a_finding_of_its_own_question() {
    let mut evidence = province();
    let channel = ChannelHealth {
        channel: "duty".to_owned(),
        kind: ChannelKind::Webhook,
        waiting: 0,
        oldest: None,
        quiet_until: None,
        delivered: 7,
        given_up: 0,
        last: None,
        fault: None,
    };
    let failing = ChannelHealth { fault: Some("no answer".to_owned()), ..channel.clone() };
    evidence.figures = vec![figure("00001", &OperatorScope::Any, 0, 0, 9)];
    let health = evidence.health.as_mut().expect("health");
    health.notify = vec![channel];
    assert_eq!(told(&evidence, Topic::Notify), (vec![], 0, 0));
    evidence.health.as_mut().expect("health").notify.push(failing);
    assert_eq!(told(&evidence, Topic::Notify), (vec![Condition::Findings], 0, 1));
    assert_eq!(told(&evidence, Topic::Links), (vec![], 0, 0), "the links are as they should be");
    let notices = ask(&evidence, Topic::Status, None).expect("an answer").notices;
    assert_eq!(notices, [Notice::NotTold { channel: "duty".to_owned(), reason: "no answer".to_owned() }]);
}

#[test]
fn refused_traps_are_told_of_for_some_minutes() {
    let mut evidence = province();
    let mut told = |refused_at| {
        let traps = &mut evidence.health.as_mut().expect("health").prober.traps;
        *traps = TrapCounts { limited: 5, refused_at, ..TrapCounts::NONE };
        traps.refused.credential = 3;
        ask(&evidence, Topic::Links, None).expect("an answer").notices
    };
    assert_eq!(told(None), []);
    assert_eq!(told(Some(minutes_ago(9))), [Notice::TrapsRefused { refused: 3, limited: 5 }]);
    assert_eq!(told(Some(minutes_ago(11))), []);
}
