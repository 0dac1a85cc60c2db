//! Random loss over many rounds.

use phusong_model::{LinkState, config::RuleConfig};

use super::script::{PERIOD, at, id, inventory, link, seen, tick};
use crate::{EchoSeen, IcmpLook, Known, Look, Tracker};

/// A linear congruential generator (Knuth's MMIX), so that the rounds are the same everywhere.
fn lossy(seed: u64, percent: u64) -> impl FnMut() -> bool {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % 100 >= percent
    }
}

/// Rounds of a link that loses echoes at random, by state.
fn rounds_by_state(percent: u64, rounds: usize) -> [usize; 5] {
    let links = [link("a", &[])];
    let entered = at(0).minus(PERIOD);
    let (mut tracker, _) = Tracker::resume(&RuleConfig::default(), &inventory(&links, &[]), Known::default(), entered);
    let mut reply = lossy(20_260_707, percent);
    let mut counts = [0; 5];
    for number in 0..rounds {
        let mut round = || seen(&std::array::from_fn::<bool, 5, _>(|_| reply()));
        let mut echoes = round();
        if tracker.wants_reprobe(&id("a"), &echoes) {
            echoes.extend(round());
        }
        tracker.tick(
            &tick(number, None),
            &[Look { link: id("a"), icmp: Some(IcmpLook::Echoes(echoes)), snmp: None }],
            &[],
        );
        counts[tracker.states().next().map_or(0, |now| now.state.code()) as usize] += 1;
    }
    counts
}

#[test]
fn heavy_random_loss_is_degraded_and_not_an_outage() {
    let [down, degraded, up, _, _] = rounds_by_state(30, 10_000);
    assert_eq!(down, 0);
    assert!(degraded > 9_500, "{degraded} degraded, {up} up");
}

#[test]
fn light_random_loss_is_neither() {
    assert_eq!(rounds_by_state(1, 10_000), [0, 0, 10_000, 0, 0]);
}

#[test]
fn what_an_outage_lost_in_the_round_of_its_end_is_no_loss_after_it() {
    const CLEAN: usize = 1_000;
    let links = [link("a", &[])];
    let entered = at(0).minus(PERIOD);
    let (mut tracker, _) = Tracker::resume(&RuleConfig::default(), &inventory(&links, &[]), Known::default(), entered);
    let round = |number: usize| match number.checked_sub(CLEAN) {
        Some(0..3) => [false; 5],
        // The fibre is spliced in the midst of it.
        Some(3) => [false, false, false, true, true],
        None | Some(_) => [true; 5],
    };
    for number in 0..CLEAN + 12 {
        let mut echoes = seen(&round(number));
        if tracker.wants_reprobe(&id("a"), &echoes) {
            echoes.extend(seen(&[echoes.iter().any(EchoSeen::came_back); 5]));
        }
        let look = Look { link: id("a"), icmp: Some(IcmpLook::Echoes(echoes)), snmp: None };
        tracker.tick(&tick(number, None), &[look], &[]);
        let expected = if (CLEAN..CLEAN + 3).contains(&number) { LinkState::Down } else { LinkState::Up };
        assert_eq!(tracker.states().next().map(|now| now.state), Some(expected), "round {number}");
    }
}
