//! Random histories of a daemon and its links.

use phusong_model::{Micros, Millis};
use proptest::prelude::*;

use super::daemon::LINKS;

/// What a link shows in a round.
#[derive(Debug, Clone)]
pub(super) enum Show {
    Echoes([Option<Micros>; 5]),
    /// Our kernel does not send to it.
    Refused,
    /// Nobody looked at it.
    Nothing,
}

/// Announced work, from so long after the order on.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) scope: usize,
    pub(super) after: Millis,
    pub(super) length: Millis,
    /// It comes again each day since so many days.
    pub(super) days_ago: Option<i64>,
}

#[derive(Debug, Clone)]
pub(super) enum Event {
    Rounds {
        shows: Vec<Show>,
        times: usize,
    },
    Blind {
        times: usize,
    },
    /// Something holds the daemon up.
    Held {
        length: Millis,
    },
    /// The daemon is not running, and comes back with another inventory.
    Stopped {
        length: Millis,
        toggled: Vec<usize>,
    },
    /// By whole seconds. Set ahead, it is as if the machine had slept.
    ClockSet {
        by: Millis,
    },
    /// Links leave or come back, and other work is announced in the inventory.
    Reload {
        toggled: Vec<usize>,
        work: Vec<Work>,
    },
    Plan(Work),
    EndWork,
}

fn show() -> impl Strategy<Value = Show> {
    const FAST: Option<Micros> = Some(Micros(5_000));
    const SLOW: Option<Micros> = Some(Micros(400_000));
    prop_oneof![
        8 => Just(Show::Echoes([FAST; 5])),
        6 => Just(Show::Echoes([None; 5])),
        3 => Just(Show::Echoes([SLOW; 5])),
        2 => Just(Show::Echoes([FAST, None, FAST, None, FAST])),
        1 => Just(Show::Echoes([FAST, FAST, None, None, None])),
        1 => Just(Show::Echoes([None, None, None, FAST, FAST])),
        1 => Just(Show::Refused),
        1 => Just(Show::Nothing),
    ]
}

fn work(period: i64) -> impl Strategy<Value = Work> {
    let days_ago = prop::option::weighted(0.3, 0_i64..3);
    (0..LINKS + 4, -2 * period..6 * period, period / 9..8 * period, days_ago).prop_map(
        |(scope, after, length, days_ago)| Work { scope, after: Millis(after), length: Millis(length), days_ago },
    )
}

fn event(period: i64) -> impl Strategy<Value = Event> {
    let toggled = || prop::collection::vec(0..LINKS, 0..3);
    let reload = (toggled(), prop::collection::vec(work(period), 0..4));
    prop_oneof![
        14 => (prop::collection::vec(show(), LINKS), 1_usize..7).prop_map(|(shows, times)| Event::Rounds { shows, times }),
        2 => (1_usize..4).prop_map(|times| Event::Blind { times }),
        2 => (period / 7..4 * period).prop_map(|length| Event::Held { length: Millis(length) }),
        3 => (period / 7..6 * period, toggled())
            .prop_map(|(length, toggled)| Event::Stopped { length: Millis(length), toggled }),
        2 => (-9 * period / 1000..9 * period / 1000).prop_map(|by| Event::ClockSet { by: Millis::from_secs(by) }),
        2 => reload.prop_map(|(toggled, work)| Event::Reload { toggled, work }),
        2 => work(period).prop_map(Event::Plan),
        1 => Just(Event::EndWork),
    ]
}

/// A period, and what happens.
pub(super) fn history() -> impl Strategy<Value = (Millis, Vec<Event>)> {
    prop_oneof![3 => Just(2_000_i64), 1 => Just(10_000)]
        .prop_flat_map(|period| (Just(Millis(period)), prop::collection::vec(event(period), 1..24)))
}
