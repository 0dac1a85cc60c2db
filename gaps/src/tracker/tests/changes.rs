//! What changes around the ticks: reloads, restarts, re-probes.

use phusong_model::{Change, Link, LinkState, Millis, Tick, config::RuleConfig};

use super::script::{Run, at, id, inventory, link, outages, play, seen, states, tick};
use crate::{IcmpLook, Known, Look, Tracker};

#[test]
fn a_reload_ends_what_leaves_and_takes_in_what_enters() {
    let mut run = Run::start(&[link("a", &[]), link("b", &[])]);
    play(&mut run, &["++--", "++++"]);
    let reloaded = at(3).plus(Millis(4_000));
    run.reload(&[link("b", &[]), link("c", &[])], reloaded);
    assert_eq!(run.ledger.outages[0].end, Some(reloaded));
    assert!(!run.ledger.spans.contains_key(&id("a")));
    run.step(4, &['+', '+']);
    assert_eq!(states(&run, "b", 5), "UUUUU");
    assert_eq!(run.ledger.state_at(&id("c"), reloaded), Some(LinkState::Blind));
    assert_eq!(run.ledger.state_at(&id("c"), at(4)), Some(LinkState::Up));
}

#[test]
fn a_new_address_keeps_the_outage_and_forgets_the_evidence() {
    let mut run = Run::start(&[link("a", &[])]);
    play(&mut run, &["++--"]);
    let moved = Link { address: Some([127, 0, 0, 2].into()), ..link("a", &[]) };
    run.reload(&[moved], at(3).plus(Millis(1)));
    run.step(4, &['-']);
    run.step(5, &['+']);
    assert_eq!(outages(&run, "a"), [(2, 5, 0, "unknown".to_owned())]);
}

#[test]
fn a_new_service_forgets_the_evidence_of_the_pings() {
    let mut run = Run::start(&[link("a", &[])]);
    play(&mut run, &["++"]);
    let served = Link { service: "tcp://127.0.0.1:443".parse().ok(), ..link("a", &[]) };
    run.reload(std::slice::from_ref(&served), at(1).plus(Millis(1)));
    run.step(2, &['2']);
    run.step(3, &['2']);
    assert_eq!(states(&run, "a", 4), "UUUG", "two rounds of it, and none before, lost six of ten");
    run.reload(&[served], at(3).plus(Millis(1)));
    run.step(4, &['_']);
    assert_eq!(states(&run, "a", 5), "UUUGG", "the same service goes on as it was");
}

#[test]
fn a_link_removed_while_the_daemon_was_stopped_leaves() {
    let mut run = Run::start(&[link("a", &[]), link("b", &[])]);
    play(&mut run, &["++--", "++++"]);
    let links = run.ledger.known();
    let known = Known { last_tick: Some(tick(3, None)), ..run.ledger.found(&links) };
    let (_, changes) = Tracker::resume(&RuleConfig::default(), &inventory(&[link("b", &[])], &[]), known, at(9));
    assert!(changes.contains(&Change::Leaves { link: id("a"), at: at(4) }));
    run.ledger.apply(changes);
    assert_eq!(run.ledger.outages[0].end, Some(at(4)));
}

#[test]
fn a_clock_that_stood_in_the_future_makes_no_time() {
    let mut run = Run::start(&[link("a", &[])]);
    play(&mut run, &["++"]);
    let rule = RuleConfig::default();
    let inventory = inventory(&[link("a", &[])], &[]);
    let links = run.ledger.known();
    let known = Known { links: &links, last_tick: Some(tick(900, None)), ..Known::default() };
    let (_, changes) = Tracker::resume(&rule, &inventory, known, at(3));
    assert!(matches!(&changes[..], [Change::State(to)] if to.from == at(3)), "{changes:?}");
}

#[test]
fn reprobes_are_spent_where_they_decide() {
    let mut run = Run::start(&[link("a", &[])]);
    let wants = |run: &Run, echoes: &[bool]| run.tracker.wants_reprobe(&id("a"), &seen(echoes));
    let (none, some, all) = ([false; 5], [true, false, false, false, false], [true; 5]);
    play(&mut run, &["++"]);
    assert_eq!((wants(&run, &none), wants(&run, &some), wants(&run, &all)), (true, false, false));
    assert!(!wants(&run, &[]) && !run.tracker.wants_reprobe(&id("b"), &seen(&none)));
    assert!(!wants(&run, &[false; 10]), "the round alone decides");
    run.step(2, &['-']);
    assert_eq!((wants(&run, &none), wants(&run, &some), wants(&run, &all)), (false, true, false));
    run.step(3, &['A']);
    assert!(wants(&run, &none), "after blindness a lost round is looked at again");
}

/// A trap hastened a tick: it began three seconds after the one before, and the next follows a period after it.
#[test]
fn a_hastened_tick_makes_no_blind_time_and_narrows_the_boundary() {
    let mut run = Run::start(&[link("a", &[])]);
    play(&mut run, &["++"]);
    let early = at(1).plus(Millis(3_000));
    let ticks = [(early, false), (early.plus(tick(0, None).period), false), (early.plus(Millis(13_000)), true)];
    for (at, reply) in ticks {
        let look = Look { link: id("a"), icmp: Some(IcmpLook::Echoes(seen(&[reply; 10]))), snmp: None };
        let changes = run.tracker.tick(&Tick { at, ..tick(0, None) }, &[look], &[]);
        run.ledger.apply(changes);
    }
    let spans = run.ledger.spans.get(&id("a")).expect("spans");
    let told: Vec<_> = spans.iter().map(|span| (span.state, span.from)).collect();
    // Midway between the round before and the round after.
    let (fell, rose) = (early.minus(Millis(1_500)), early.plus(Millis(11_500)));
    let down = [(LinkState::Down, fell), (LinkState::Up, rose)];
    assert_eq!(told.get(told.len() - 2..), Some(&down[..]), "{told:?}");
    assert!(told.iter().all(|(state, from)| *state != LinkState::Blind || *from < at(0)), "{told:?}");
    let outage = &run.ledger.outages[0];
    assert_eq!((outage.start, outage.end, outage.blind), (fell, Some(rose), Millis(0)));
    assert_eq!((outage.start_error, outage.end_error), (Millis(1_500), Millis(1_500)));
}
