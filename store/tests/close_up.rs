//! What is known of one link or outage beyond what every answer rests on.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test suite")]

mod support;

use phusong_model::{
    CloseUpOf, Dbm, EchoStats, IfReading, IfStatus, Micros, OutageId, Outcome, Probe, Sample, Window,
    answer::{Query, Topic},
};
use phusong_store::{Commit, Reader, Store};
use support::{NOON, beat, commit, fails, id, inventory, sample};

/// Ticks of three hours, ten seconds apart.
const TICKS: i64 = 3 * 360;

/// `a` answers, `b` is silent from the second hour on, each second tick reads the light of `a`.
fn filled(folder: &std::path::Path) -> Reader {
    let mut store = Store::open(folder).expect("a store");
    store.set_inventory(&inventory(&["a", "b"]), NOON).expect("the inventory");
    for number in 0..TICKS {
        let silent = Sample { outcome: Outcome::Measured(EchoStats { sent: 3, lost: 3, rtt: None }), ..sample("b", 0) };
        let samples = vec![sample("a", 1_000 + number as u32), if number < 360 { sample("b", 500) } else { silent }];
        let reading = IfReading {
            device: "r".parse().expect("a device"),
            ifname: "xe-0".to_owned(),
            link: Some(id("a")),
            at: beat(number),
            oper: IfStatus::Up,
            admin: IfStatus::Up,
            speed_bps: None,
            in_bps: None,
            out_bps: None,
            in_err: None,
            out_err: None,
            in_disc: None,
            out_disc: None,
            rx: Some(Dbm(-20.0 - number as f64 / 1000.0)),
            tx: None,
        };
        let readings = if number % 2 == 0 { vec![reading] } else { Vec::new() };
        let changes = if number == 363 { fails("b", beat(360), beat(363)).to_vec() } else { Vec::new() };
        let commit = Commit { samples, readings, ..commit(number, &[], changes) };
        store.commit(&commit).expect("a tick");
    }
    Reader::open(folder).expect("a reader")
}

#[test]
fn a_links_looks_reach_from_the_first_minute_to_the_last_tick() {
    let folder = tempfile::tempdir().expect("a folder");
    let reader = filled(folder.path());
    let now = beat(TICKS);
    let close_up = reader.close_up(&CloseUpOf::Link(id("a")), Window::new(NOON, now)).expect("a close-up");
    let sum = |count: fn(&phusong_model::Looks) -> u64| close_up.looks.iter().map(count).sum::<u64>();
    assert_eq!((sum(|l| l.measured), sum(|l| l.sent), sum(|l| l.lost)), (1080, 3 * 1080, 1080), "each look once");
    assert!(close_up.looks.iter().all(|looks| looks.probe == Probe::Icmp && looks.link == id("a")));
    let ordered = close_up.looks.windows(2).all(|pair| pair[0].window.to <= pair[1].window.from);
    assert!(ordered, "minute by minute, none twice");
    let last = close_up.looks.last().and_then(|looks| looks.rtt).expect("it answered");
    assert_eq!(last.max, Micros((1_000 + TICKS as u32 - 1) * 3), "the newest tick is in it");
    let (at, light) = close_up.light.last().copied().expect("light");
    assert!(at <= now && light.0 < -20.0, "{light:?} at {at}");
}

#[test]
fn everything_is_one_entry_for_each_link_and_probe() {
    let folder = tempfile::tempdir().expect("a folder");
    let reader = filled(folder.path());
    let window = Window::new(beat(180), beat(TICKS));
    let close_up = reader.close_up(&CloseUpOf::Everything, window).expect("a close-up");
    let names: Vec<&str> = close_up.looks.iter().map(|looks| looks.link.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    let [a, b] = close_up.looks.as_slice() else { panic!("two links") };
    let until = close_up.counted_until.expect("something is counted");
    let ticks = (until.since(window.from).0 / 10_000) as u64;
    assert!((860..=900).contains(&ticks), "all but the newest minutes: {ticks}");
    assert_eq!((a.measured, a.sent, a.lost), (ticks, ticks * 3, ticks));
    assert_eq!((b.measured, b.lost), (ticks, 180 + (ticks - 180) * 3));
    assert_eq!(b.rtt.map(|rtt| rtt.max), Some(Micros(1_500)), "of the time when it answered");
}

#[test]
fn a_question_about_an_outage_is_about_its_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let reader = filled(folder.path());
    let query = Query { outage: Some(OutageId(1)), ..Query::about(Topic::Outage) };
    let evidence = reader.evidence_about(beat(TICKS), &query, None).expect("evidence");
    assert_eq!(evidence.window, Window::new(beat(180), beat(TICKS)), "half an hour before it, and until now");
    let close_up = reader.close_up(&CloseUpOf::Outage(OutageId(1), id("b")), evidence.window).expect("a close-up");
    assert_eq!(close_up.verdicts.len(), 1);
    assert_eq!(close_up.looks.iter().map(|looks| looks.measured).sum::<u64>(), (TICKS - 180) as u64);
    let unknown = Query { outage: Some(OutageId(9)), ..query };
    let evidence = reader.evidence_about(beat(TICKS), &unknown, None).expect("evidence");
    assert_eq!(evidence.window, unknown.window(beat(TICKS)), "there is no such outage: the usual window");
}
