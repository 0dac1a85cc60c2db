//! What the store makes of ticks and changes, one story at a time.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite")]

mod support;

use phusong_model::{
    BlindReason, Carrier, Cause, Change, DeviceId, Edge, IfReading, IfStatus, LinkState, Millis, Observation, Observed,
    OutageId, Seen, Span, Subject, UtcMs, Verdict, Window,
};
use phusong_store::{Reader, Store, StoreError};
use support::{PERIOD, beat, commit, fails, id, inventory, turns, verdict};

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("folder");
    let store = Store::open(folder.path()).expect("store");
    (folder, store)
}

/// Spans of one link as state, start and end in beats.
fn spans(folder: &tempfile::TempDir, link: &str, now: UtcMs) -> Vec<(LinkState, UtcMs, Option<UtcMs>)> {
    let evidence =
        Reader::open(folder.path()).and_then(|reader| reader.evidence(now, support::until(now))).expect("evidence");
    let of_link = |span: &&Span| span.link == id(link);
    evidence.spans.iter().filter(of_link).map(|span| (span.state, span.from, span.to)).collect()
}

#[test]
fn a_new_link_is_undecided_until_it_is_decided() {
    let (folder, mut store) = store();
    store.set_inventory(&inventory(&["a", "b"]), beat(0)).expect("inventory");
    store.commit(&commit(1, &["a"], vec![turns("a", LinkState::Up, beat(0))])).expect("tick");
    let evidence =
        Reader::open(folder.path()).expect("reader").evidence(beat(1), support::until(beat(1))).expect("evidence");
    let (a, b) = (&evidence.links[0], &evidence.links[1]);
    assert_eq!((a.state, a.since, a.entered, a.icmp.is_some()), (LinkState::Up, beat(0), beat(0), true));
    assert_eq!((b.state, b.blind, b.since), (LinkState::Blind, Some(BlindReason::NotYetProbed), beat(0)));
    assert_eq!(evidence.spans.len(), 2);
    assert_eq!(evidence.age, Some(Millis(0)));
}

#[test]
fn a_decision_rewrites_undecided_time_from_its_true_start() {
    let (folder, mut store) = store();
    store.set_inventory(&inventory(&["a"]), beat(0)).expect("inventory");
    store.commit(&commit(1, &["a"], vec![turns("a", LinkState::Up, beat(0))])).expect("up");
    store.commit(&commit(4, &["a"], vec![turns("a", LinkState::Degraded, beat(4))])).expect("degraded");
    store.commit(&commit(5, &["a"], fails("a", beat(3), beat(5)).into())).expect("down");
    let rewritten = [(LinkState::Up, beat(0), Some(beat(3))), (LinkState::Down, beat(3), None)];
    assert_eq!(spans(&folder, "a", beat(5)), rewritten);
    store.commit(&commit(6, &["a"], vec![turns("a", LinkState::Up, beat(3))])).expect("it never was down");
    assert_eq!(spans(&folder, "a", beat(6)), [(LinkState::Up, beat(0), None)]);
}

#[test]
fn a_cause_that_becomes_known_does_not_split_the_outage() {
    let (folder, mut store) = store();
    store.set_inventory(&inventory(&["a"]), beat(0)).expect("inventory");
    store.commit(&commit(1, &["a"], vec![turns("a", LinkState::Up, beat(0))])).expect("up");
    store.commit(&commit(3, &["a"], fails("a", beat(2), beat(3)).into())).expect("down");
    let cause = Cause::Upstream { carrier: "site/pop".parse().expect("a carrier") };
    let (number, known_at) = (OutageId(1), beat(4));
    let known = vec![
        Change::OutageVerdict { id: number, link: id("a"), at: known_at, verdict: verdict(cause.clone()) },
        Change::OutageBlind { link: id("a"), length: Millis(400) },
    ];
    store.commit(&commit(4, &["a"], known)).expect("cause");
    let ends =
        vec![Change::OutageEnds { link: id("a"), end: Edge::sharp(beat(5)) }, turns("a", LinkState::Up, beat(5))];
    store.commit(&commit(5, &["a"], ends)).expect("up again");

    let reader = Reader::open(folder.path()).expect("reader");
    let evidence = reader.evidence(beat(5), support::until(beat(5))).expect("evidence");
    let [outage] = evidence.outages.as_slice() else { panic!("one outage, not {:?}", evidence.outages) };
    assert_eq!((outage.start, outage.end, outage.decided), (beat(2), Some(beat(5)), beat(3)));
    assert_eq!((&outage.verdict, outage.blind), (&verdict(cause.clone()), Millis(400)));
    let down = evidence.spans.iter().find(|span| span.state == LinkState::Down).expect("down span");
    assert_eq!((down.from, down.to, down.cause.as_ref()), (beat(2), Some(beat(5)), Some(&cause)));

    let revisions = reader.verdicts(number).expect("verdicts");
    let kept: Vec<_> = revisions.iter().map(|kept| (kept.at, &kept.verdict.cause)).collect();
    assert_eq!(kept, [(beat(3), &Cause::Unknown), (known_at, &cause)], "a verdict that was revised is kept");
    assert_eq!(reader.last_outage().expect("a number"), Some(number));

    let ticks = reader.ticks_after(0, 10).expect("ticks");
    let told: Vec<_> =
        ticks.iter().flat_map(|t| &t.states).map(|c| (c.state, c.outage.is_some(), c.cause.clone())).collect();
    assert_eq!(
        told,
        [
            (LinkState::Up, false, None),
            (LinkState::Down, true, Some(Cause::Unknown)),
            (LinkState::Down, true, Some(cause)),
            (LinkState::Up, false, None),
        ]
    );
}

#[test]
fn a_link_that_left_has_no_time_until_it_enters_again() {
    let (folder, mut store) = store();
    store.set_inventory(&inventory(&["a", "b"]), beat(0)).expect("inventory");
    let mut changes = vec![turns("b", LinkState::Up, beat(0))];
    changes.extend(fails("a", beat(1), beat(1)));
    store.commit(&commit(1, &["a", "b"], changes)).expect("tick");
    store.set_inventory(&inventory(&["b"]), beat(2)).expect("a leaves");
    // The tracker says so too, later: nothing is left to end.
    let leaves = vec![
        Change::OutageEnds { link: id("a"), end: Edge::sharp(beat(3)) },
        Change::Leaves { link: id("a"), at: beat(3) },
    ];
    store.commit(&commit(3, &["b"], leaves)).expect("tick");
    let gone = [(LinkState::Blind, beat(0), Some(beat(1))), (LinkState::Down, beat(1), Some(beat(2)))];
    assert_eq!(spans(&folder, "a", beat(3)), gone);
    store.set_inventory(&inventory(&["a", "b"]), beat(5)).expect("a enters");
    let evidence =
        Reader::open(folder.path()).expect("reader").evidence(beat(5), support::until(beat(5))).expect("evidence");
    assert_eq!(evidence.outages.first().and_then(|outage| outage.end), Some(beat(2)));
    assert_eq!((evidence.links[0].entered, evidence.links[0].icmp), (beat(5), None));
}

#[test]
fn an_inventory_under_a_clock_that_went_back_erases_no_history() {
    let (folder, mut store) = store();
    store.set_inventory(&inventory(&["a"]), beat(0)).expect("inventory");
    store.commit(&commit(5, &["a"], fails("a", beat(1), beat(2)).to_vec())).expect("tick");
    store.set_inventory(&inventory(&["b"]), beat(-1000)).expect("a leaves, b enters");
    let gone = [(LinkState::Blind, beat(0), Some(beat(1))), (LinkState::Down, beat(1), Some(beat(5)))];
    assert_eq!(spans(&folder, "a", beat(6)), gone);
    assert_eq!(spans(&folder, "b", beat(6)), [(LinkState::Blind, beat(5), None)]);
}

#[test]
fn a_silent_daemon_leaves_blind_time_behind_it() {
    let (folder, mut store) = store();
    store.set_inventory(&inventory(&["a", "b"]), beat(0)).expect("inventory");
    let mut changes = vec![turns("b", LinkState::Up, beat(0))];
    changes.extend(fails("a", beat(0), beat(1)));
    store.commit(&commit(1, &["a", "b"], changes)).expect("tick");
    let reader = Reader::open(folder.path()).expect("reader");
    // Two periods after the tick everything still counts as it was, a moment later it does not.
    assert_eq!(reader.evidence(beat(3), support::until(beat(3))).expect("fresh").spans.len(), 2);
    let stale = reader.evidence(beat(9), Window::new(beat(2), beat(9))).expect("stale");
    let seen: Vec<_> = stale.spans.iter().map(|s| (s.link.as_str(), s.state, s.from, s.to)).collect();
    assert_eq!(
        seen,
        [
            ("a", LinkState::Down, beat(0), Some(beat(3))),
            ("a", LinkState::Blind, beat(3), None),
            ("b", LinkState::Up, beat(0), Some(beat(3))),
            ("b", LinkState::Blind, beat(3), None),
        ]
    );
    let total: i64 = stale.spans.iter().map(|span| span.within(stale.window).length().0).sum();
    assert_eq!(total, 2 * stale.window.length().0, "no hole and no overlap");
    // The answer adds the silence to the outage; were it in here too, it would count twice.
    assert_eq!((stale.outages[0].end, stale.outages[0].blind), (None, Millis(0)));
    assert_eq!((stale.age, stale.links[1].state), (Some(Millis(8 * PERIOD.0)), LinkState::Up));
    // A window after the last sign of life holds nothing but blindness.
    let later = reader.evidence(beat(9), Window::new(beat(5), beat(9))).expect("later");
    assert!(later.spans.iter().all(|span| span.blind == Some(BlindReason::NotRunning)), "{:?}", later.spans);
}

#[test]
fn what_contradicts_the_store_is_left_out_as_if_it_had_never_been_said() {
    let names: Vec<String> = (0..500).map(|number| format!("l{number:03}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let changes = |lost: bool| -> Vec<Change> {
        let ends = |link: &&str| Change::OutageEnds { link: id(link), end: Edge::sharp(beat(2)) };
        let lost = lost.then(|| names.iter().map(ends)).into_iter().flatten();
        // It names links that nothing else names, whose keys others get then.
        let verdict = Verdict { cause: Cause::Upstream { carrier: Carrier::Link(id("ghost")) }, ..Verdict::unknown() };
        let nobodys = Change::OutageVerdict { id: OutageId(99), link: id("no-one"), at: beat(2), verdict };
        let fails = fails("l007", beat(2), beat(2));
        lost.chain([nobodys]).chain(fails).chain([turns("new", LinkState::Up, beat(2))]).collect()
    };
    let written = |what_fits: bool| {
        let (folder, mut store) = store();
        store.set_inventory(&inventory(&names), beat(0)).expect("inventory");
        store.commit(&commit(1, &["l000"], vec![turns("l000", LinkState::Up, beat(0))])).expect("tick");
        let mut all = commit(2, &["l000", "new"], changes(true));
        let misfits = if what_fits {
            let (seq, misfits) = store.commit_what_fits(&all).expect("a tick");
            assert_eq!(seq, 2);
            misfits.iter().map(|misfit| misfit.change).collect()
        } else {
            all.changes = changes(false).split_off(1);
            store.commit(&all).expect("a tick");
            Vec::new()
        };
        store.commit(&commit(3, &["l000"], vec![turns("ghost", LinkState::Up, beat(3))])).expect("keys are sound");
        let reader = Reader::open(folder.path()).expect("reader");
        let ticks = reader.ticks_after(0, 10).expect("ticks");
        (misfits, ticks, reader.evidence(beat(3), support::until(beat(4))).expect("evidence"))
    };
    let (misfits, ticks, evidence) = written(true);
    let (_, expected_ticks, expected) = written(false);
    assert_eq!(misfits, (0..=500).collect::<Vec<usize>>());
    assert_eq!(ticks, expected_ticks);
    assert_eq!(
        (&evidence.links, &evidence.spans, &evidence.outages),
        (&expected.links, &expected.spans, &expected.outages)
    );
    assert_eq!(evidence.outages.len(), 1);
}

#[test]
fn a_refused_commit_leaves_nothing_behind() {
    let (folder, mut store) = store();
    store.set_inventory(&inventory(&["a"]), beat(0)).expect("inventory");
    store.commit(&commit(1, &["a"], vec![turns("a", LinkState::Up, beat(0))])).expect("tick");
    for number in [1, 0, -5] {
        let refused = store.commit(&commit(number, &["a"], Vec::new())).expect_err("the clock went back");
        assert!(matches!(refused, StoreError::TickNotAfter { at, last } if at == beat(number) && last == beat(1)));
    }
    let ends =
        vec![turns("new", LinkState::Up, beat(2)), Change::OutageEnds { link: id("a"), end: Edge::sharp(beat(2)) }];
    let refused = store.commit(&commit(2, &["a", "new"], ends)).expect_err("no outage is open");
    assert!(matches!(&refused, StoreError::Contradiction { link, .. } if *link == id("a")), "{refused}");
    let twice = [fails("a", beat(2), beat(2)), fails("a", beat(2), beat(2))].concat();
    let refused = store.commit(&commit(2, &["a"], twice)).expect_err("two open outages");
    assert!(matches!(refused, StoreError::Contradiction { .. }), "{refused}");

    assert_eq!(store.commit(&commit(2, &["a", "new"], Vec::new())).expect("usable"), 2);
    let reader = Reader::open(folder.path()).expect("reader");
    let ticks = reader.ticks_after(0, 10).expect("ticks");
    assert_eq!(ticks.iter().map(|t| (t.seq, t.samples.len())).collect::<Vec<_>>(), [(1, 1), (2, 2)]);
    assert!(reader.evidence(beat(2), support::until(beat(2))).expect("evidence").outages.is_empty());
}

#[test]
fn numbers_that_a_device_made_up_come_back_as_they_were() {
    let (folder, mut store) = store();
    let reading = IfReading {
        device: "router".parse::<DeviceId>().expect("device"),
        ifname: "ge-0/0/1; DROP TABLE tick".to_owned(),
        link: Some(id("a")),
        at: beat(1),
        oper: IfStatus::LowerLayerDown,
        admin: IfStatus::Unknown,
        speed_bps: Some(u64::MAX),
        in_bps: Some(0.1 + 0.2),
        out_bps: None,
        in_err: Some(0),
        out_err: Some(u64::MAX - 1),
        in_disc: Some(1 << 63),
        out_disc: None,
        rx: Some(phusong_model::Dbm(-40.0)),
        tx: None,
    };
    let mut tick = commit(1, &[], vec![turns("a", LinkState::Up, beat(1))]);
    tick.readings = vec![reading.clone(), IfReading { link: None, ..reading.clone() }];
    store.commit(&tick).expect("tick");
    store.set_inventory(&inventory(&["a"]), beat(1)).expect("inventory");
    let reader = Reader::open(folder.path()).expect("reader");
    assert_eq!(reader.ticks_after(0, 1).expect("ticks")[0].readings, tick.readings);
    assert_eq!(
        reader.evidence(beat(1), Window::new(beat(0), beat(1))).expect("evidence").links[0].interface.as_ref(),
        Some(&reading)
    );
}

#[test]
fn one_links_samples_of_a_window() {
    let (folder, mut store) = store();
    for number in 1..=5 {
        store.commit(&commit(number, &["a", "b", "a"], Vec::new())).expect("tick");
    }
    let reader = Reader::open(folder.path()).expect("reader");
    let found = reader.samples(&id("a"), Window::new(beat(2), beat(4))).expect("samples");
    assert_eq!(found.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [beat(2), beat(2), beat(3), beat(3)]);
    assert_eq!(reader.samples(&id("nobody"), Window::new(beat(0), beat(9))).expect("samples"), []);
}

/// Commits one sight of link `a` at each of the beats, and gives what is seen at the last one.
fn sights(folder: &tempfile::TempDir, store: &mut Store, sights: &[(i64, Seen)]) -> Vec<Observed> {
    for (number, seen) in sights {
        let seen = Observation { subject: Subject::Link(id("a")), at: beat(*number), seen: seen.clone() };
        let commit = phusong_store::Commit { observations: vec![seen], ..commit(*number, &["a"], Vec::new()) };
        store.commit(&commit).expect("tick");
    }
    let now = sights.last().map_or(beat(0), |(number, _)| beat(*number));
    Reader::open(folder.path())
        .and_then(|reader| reader.evidence(now, Window::new(now, now)))
        .expect("evidence")
        .observations
}

#[test]
fn the_same_sight_is_one_entry_and_another_one_takes_its_place() {
    let (folder, mut store) = store();
    let seen = sights(&folder, &mut store, &[(1, Seen::HttpStatus(200)), (2, Seen::HttpStatus(200))]);
    let of_a =
        |seen, first, last| Observed { subject: Subject::Link(id("a")), seen, first: beat(first), last: beat(last) };
    assert_eq!(seen, [of_a(Seen::HttpStatus(200), 1, 2)]);
    let certificate = Seen::Certificate { not_after: beat(99), trusted: true };
    let seen = sights(&folder, &mut store, &[(3, Seen::HttpStatus(503)), (4, certificate.clone())]);
    assert_eq!(seen, [of_a(certificate, 4, 4), of_a(Seen::HttpStatus(503), 3, 3)]);
}

#[test]
fn what_was_not_seen_for_a_quarter_of_an_hour_is_history() {
    let (folder, mut store) = store();
    let certificate = Seen::Certificate { not_after: beat(99), trusted: true };
    let seen = sights(&folder, &mut store, &[(1, Seen::HttpStatus(200)), (92, certificate)]);
    assert_eq!(seen.iter().map(|observed| observed.first).collect::<Vec<_>>(), [beat(92)]);
    let seen = sights(&folder, &mut store, &[(500, Seen::HttpStatus(200))]);
    assert_eq!((seen.len(), seen[0].first), (1, beat(500)), "after more than an hour it is another sight");
}
