//! Random actions: mostly what a daemon does, sometimes what it must not.

use phusong_model::{
    BlindReason, Carrier, Cause, Change, EchoStats, Edge, Event, EventId, IfReading, IfStatus, LinkId, LinkState,
    Micros, Millis, OutageId, Outcome, Probe, Sample, Together, Transition, Usual, UtcMs, Worse,
};
use proptest::prelude::*;

use crate::support::{self, NOON, echo, id};

const LINKS: [&str; 4] = ["a", "b", "c", "d"];

/// One action.
#[derive(Debug, Clone)]
pub enum Action {
    Commit { step: i64, samples: Vec<Sample>, readings: Vec<IfReading>, changes: Vec<Change> },
    Inventory { links: Vec<&'static str>, step: i64 },
    Reopen,
}

fn some_link() -> impl Strategy<Value = LinkId> {
    prop::sample::select(&LINKS[..]).prop_map(id)
}

fn some_cause() -> impl Strategy<Value = Cause> {
    let carrier = prop_oneof![some_link().prop_map(Carrier::Link), Just("site/pop".parse().expect("a carrier"))];
    prop_oneof![Just(Cause::Unknown), Just(Cause::Power), carrier.prop_map(|carrier| Cause::Upstream { carrier })]
}

/// Instants around the tick are written as offsets and moved when the tick is known.
fn some_time() -> impl Strategy<Value = UtcMs> {
    (-40i64..=0).prop_map(|seconds| UtcMs(seconds * 1000))
}

/// A state with its reasons: the cause of *down*, why it is blind, what is worse while it is degraded.
fn some_state() -> impl Strategy<Value = (LinkState, Option<Cause>, Option<BlindReason>, Option<Worse>)> {
    let plain = |state| Just((state, None, None, None));
    let degraded = |worse| Just((LinkState::Degraded, None, None, Some(worse)));
    let blind = |reason| Just((LinkState::Blind, None, Some(reason), None));
    prop_oneof![
        3 => plain(LinkState::Up),
        1 => degraded(Worse::Loss),
        1 => degraded(Worse::Delay),
        2 => some_cause().prop_map(|cause| (LinkState::Down, Some(cause), None, None)),
        1 => blind(BlindReason::Anchors),
        1 => blind(BlindReason::NotRunning),
        1 => plain(LinkState::Maintenance),
    ]
}

fn some_change() -> impl Strategy<Value = Change> {
    let state = (some_link(), some_state(), some_time()).prop_map(|(link, (state, cause, blind, worse), from)| {
        Change::State(Transition { link, state, from, cause, blind, worse })
    });
    let opens = (1..12i64, some_link(), some_time(), some_cause())
        .prop_map(|(number, link, start, cause)| support::opens(number, link.as_str(), start, UtcMs(0), cause));
    let known = (1..6i64, some_link(), some_cause()).prop_map(|(number, link, cause)| Change::OutageVerdict {
        id: OutageId(number),
        link,
        at: NOON,
        verdict: support::verdict(cause),
    });
    let joins = (1..6i64, some_link(), 1..6i64).prop_map(|(number, link, event)| Change::OutageJoins {
        id: OutageId(number),
        link,
        event: EventId(event),
    });
    let event = (1..6i64, prop::option::of(some_link()), any::<bool>()).prop_map(|(number, by, flapping)| {
        let together = by.is_none().then(|| Together::District("Nà Hang".to_owned()));
        Change::Event(Event { id: EventId(number), by: by.map(Carrier::Link), together, flapping })
    });
    let usual = (some_link(), 1..9000u32, prop::option::of(0.0..0.1)).prop_map(|(link, rtt, loss)| Change::Usual {
        link,
        usual: Usual { rtt: Micros(rtt), rtt_high: Micros(rtt * 2), loss, rounds: rtt },
    });
    prop_oneof![
        6 => state,
        1 => usual,
        3 => opens,
        2 => known,
        1 => joins,
        1 => event,
        1 => (some_link(), 0..9000i64).prop_map(|(link, ms)| Change::OutageBlind { link, length: Millis(ms) }),
        2 => (some_link(), some_time()).prop_map(|(link, end)| Change::OutageEnds { link, end: Edge { at: end, error: Millis(9) } }),
        1 => (some_link(), some_time()).prop_map(|(link, at)| Change::Leaves { link, at }),
    ]
}

fn some_sample() -> impl Strategy<Value = Sample> {
    let outcome = prop_oneof![
        (1..u32::MAX / 3).prop_map(|median| Outcome::Measured(echo(median))),
        Just(Outcome::Measured(EchoStats { sent: 3, lost: 3, rtt: None })),
        Just(Outcome::Blind(BlindReason::SendError)),
    ];
    let probe = prop_oneof![4 => Just(Probe::Icmp), 4 => Just(Probe::Snmp), 1 => Just(Probe::Http)];
    (some_link(), probe, outcome).prop_map(|(link, probe, outcome)| Sample { link, probe, outcome })
}

fn some_reading() -> impl Strategy<Value = IfReading> {
    let numbers = (any::<Option<u64>>(), any::<Option<u64>>(), prop::option::of(-1e12..1e12));
    (prop::option::of(some_link()), 0..3u8, 1..=7i64, numbers).prop_map(|(link, port, oper, (speed, errors, rate))| {
        IfReading {
            device: "router".parse().expect("device id"),
            ifname: format!("ge-0/0/{port}"),
            link,
            at: NOON,
            oper: IfStatus::from_mib(oper),
            admin: IfStatus::Up,
            speed_bps: speed,
            in_bps: rate,
            out_bps: None,
            in_err: errors,
            out_err: Some(0),
            in_disc: None,
            out_disc: errors,
            rx: rate.map(phusong_model::Dbm),
            tx: None,
        }
    })
}

pub fn some_action() -> impl Strategy<Value = Action> {
    // Most commits are in order and bring little; a few come from a clock that was set back.
    let step = prop_oneof![9 => 1..4i64, 1 => -3..1i64];
    let samples = prop::collection::vec(some_sample(), 0..4);
    let readings = prop::collection::vec(some_reading(), 0..2);
    let changes = prop::collection::vec(some_change(), 0..4);
    let commit = (step, samples, readings, changes).prop_map(|(step, samples, readings, changes)| Action::Commit {
        step,
        samples,
        readings,
        changes,
    });
    let inventory = (prop::sample::subsequence(&LINKS[..], 0..=LINKS.len()), 0..3i64)
        .prop_map(|(links, step)| Action::Inventory { links, step });
    prop_oneof![12 => commit, 2 => inventory, 1 => Just(Action::Reopen)]
}

/// Moves the offsets of a change to the time of its tick.
pub fn moved(change: &Change, at: UtcMs) -> Change {
    let shift = |offset: &UtcMs| at.plus(Millis(offset.0));
    let mut moved = change.clone();
    match &mut moved {
        Change::State(transition) => transition.from = shift(&transition.from),
        Change::OutageOpens { start, decided, .. } => (start.at, *decided) = (shift(&start.at), at),
        Change::OutageEnds { end, .. } => end.at = shift(&end.at),
        Change::Leaves { at: leaves, .. } => *leaves = shift(leaves),
        Change::OutageVerdict { .. }
        | Change::OutageBlind { .. }
        | Change::OutageJoins { .. }
        | Change::Event(_)
        | Change::Usual { .. } => {}
    }
    moved
}
