//! Announced work: what the account says, and that outages do not care.

use std::collections::BTreeSet;

use phusong_model::{
    EventId, LinkState, Maintenance, Millis, Outage, OutageId, Scope, UtcMs, Verdict, Window, config::RuleConfig,
};
use proptest::prelude::*;

use super::{
    properties::{letters, links},
    script::{PERIOD, Run, at, id, inventory, link, outages, play, states, tick},
};
use crate::{Known, Tracker, account};

fn window(link: &str, from: UtcMs, to: UtcMs) -> Maintenance {
    let (scope, window) = (Scope::Link(id(link)), Window::new(from, to));
    Maintenance { scope, window, repeat: None, why: "x".to_owned() }
}

/// The windows of link `a`: each run of one letter other than `.` is one, from its first tick to the tick after it.
fn windows(marks: &str) -> Vec<Maintenance> {
    let marks: Vec<(usize, char)> = marks.chars().enumerate().collect();
    let runs = marks.chunk_by(|a, b| a.1 == b.1).filter_map(|run| Some((run.first()?, run.last()?)));
    runs.filter(|(first, _)| first.1 != '.').map(|(first, last)| window("a", at(first.0), at(last.0 + 1))).collect()
}

/// A story of one link with ticks under maintenance marked. Outages are first tick, first tick after, blind ticks inside.
struct Story {
    what: &'static str,
    script: &'static str,
    windows: &'static str,
    states: &'static str,
    outages: &'static [(usize, usize, i64)],
}

const STORIES: &[Story] = &[
    Story {
        what: "an outage inside is in the list and not in the account",
        script: "++---+++",
        windows: "..wwwww.",
        states: "UUMMMMMU",
        outages: &[(2, 5, 0)],
    },
    Story {
        what: "an outage that spans a window is split in the account and one in the list",
        script: "++------+",
        windows: "....ww...",
        states: "UUDDMMDDU",
        outages: &[(2, 8, 0)],
    },
    Story {
        what: "an outage that ends inside",
        script: "++---++++",
        windows: "....www..",
        states: "UUDDMMMUU",
        outages: &[(2, 5, 0)],
    },
    Story {
        what: "an outage that begins inside and goes on is down from the window's end",
        script: "++++---++",
        windows: "..wwww...",
        states: "UUMMMMDUU",
        outages: &[(4, 7, 0)],
    },
    Story {
        what: "an outage that is decided inside a window is down from its true start",
        script: "UUNNNNUU",
        windows: "...ww...",
        states: "UUDMMDUU",
        outages: &[(2, 6, 0)],
    },
    Story {
        what: "an outage that is decided after a window is down before and after it",
        script: "UUNNNNUU",
        windows: "...w....",
        states: "UUDMDDUU",
        outages: &[(2, 6, 0)],
    },
    Story {
        what: "blindness inside is maintenance",
        script: "++AAA+++",
        windows: "..wwww..",
        states: "UUMMMMUU",
        outages: &[],
    },
    Story {
        what: "blindness that spans a window is split by it",
        script: "+AAAAA++",
        windows: "..www...",
        states: "UBMMMBUU",
        outages: &[],
    },
    Story {
        what: "blindness inside a window inside an outage is marked in the outage",
        script: "++--A--++",
        windows: "...www...",
        states: "UUDMMMDUU",
        outages: &[(2, 7, 1)],
    },
    Story { what: "asleep over a window", script: "++ssss++", windows: "...ww...", states: "UUBMMBUU", outages: &[] },
    Story {
        what: "the time of a restart inside is maintenance",
        script: "+++!!+++",
        windows: ".wwwwww.",
        states: "UMMMMMMU",
        outages: &[],
    },
    Story {
        what: "an outage goes on over a restart inside",
        script: "++---!!--++",
        windows: "...wwwwww..",
        states: "UUDMMMMMMUU",
        outages: &[(2, 9, 2)],
    },
    Story {
        what: "a window that ends while the daemon is stopped",
        script: "+++!!!++",
        windows: ".www....",
        states: "UMMMBBUU",
        outages: &[],
    },
    Story {
        what: "a window that begins while the daemon is stopped",
        script: "++!!!+++",
        windows: "...www..",
        states: "UUBMMMUU",
        outages: &[],
    },
    Story {
        what: "a window inside the time of a restart",
        script: "++!!!!++",
        windows: "...ww...",
        states: "UUBMMBUU",
        outages: &[],
    },
    Story {
        what: "one restart after the other inside a window",
        script: "+++!+!!+++",
        windows: "..wwwwww..",
        states: "UUMMMMMMUU",
        outages: &[],
    },
    Story { what: "two adjacent windows", script: "++++++++", windows: "..wwvv..", states: "UUMMMMUU", outages: &[] },
    Story {
        what: "a tick between two windows",
        script: "++--+---+",
        windows: "..ww.vv..",
        states: "UUMMUMMDU",
        outages: &[(2, 4, 0), (5, 8, 0)],
    },
];

#[test]
fn stories_of_one_link_under_maintenance() {
    for story in STORIES {
        let mut run = Run::announced(&[link("a", &[])], &windows(story.windows));
        play(&mut run, &[story.script]);
        assert_eq!(states(&run, "a", story.script.len()), story.states, "{}", story.what);
        let found: Vec<_> = outages(&run, "a").into_iter().map(|(from, to, blind, _)| (from, to, blind)).collect();
        assert_eq!(found, story.outages, "{}", story.what);
    }
}

#[test]
fn adjacent_and_overlapping_windows_are_one_span() {
    for windows in [
        [window("a", at(1), at(3)), window("a", at(3), at(5))],
        [window("a", at(2), at(5)), window("a", at(1), at(4))],
        [window("a", at(1), at(5)), window("a", at(2), at(3))],
    ] {
        let mut run = Run::announced(&[link("a", &[])], &windows);
        play(&mut run, &["++-+++"]);
        let masked: Vec<_> =
            run.ledger.spans[&id("a")].iter().filter(|span| span.state == LinkState::Maintenance).collect();
        assert_eq!(masked.iter().map(|span| (span.from, span.to)).collect::<Vec<_>>(), [(at(1), Some(at(5)))]);
    }
}

#[test]
fn a_link_enters_under_maintenance() {
    let mut run = Run::announced(&[link("a", &[])], &[window("a", UtcMs(0), at(2))]);
    play(&mut run, &["++++"]);
    assert_eq!(states(&run, "a", 4), "MMUU");
    let first = &run.ledger.spans[&id("a")][0];
    assert_eq!((first.state, first.from), (LinkState::Maintenance, at(0).minus(Millis(5_000))));
    let from = at(3).plus(Millis(4_000));
    run.announce(&[link("a", &[]), link("b", &[])], &[window("b", at(0), at(9))], from);
    assert_eq!(
        run.ledger.spans[&id("b")].iter().map(|s| (s.state, s.from)).collect::<Vec<_>>(),
        [(LinkState::Maintenance, from)]
    );
}

#[test]
fn a_window_that_a_reload_removes_ends_with_it() {
    let links = [link("a", &[])];
    let mut run = Run::announced(&links, &[window("a", at(1), at(20))]);
    play(&mut run, &["++--"]);
    let reloaded = at(3).plus(Millis(4_000));
    run.announce(&links, &[], reloaded);
    run.step(4, &['-']);
    run.step(5, &['+']);
    assert_eq!(states(&run, "a", 6), "UMMMDU");
    assert_eq!(run.ledger.state_at(&id("a"), reloaded.minus(Millis(1))), Some(LinkState::Maintenance));
    assert_eq!(run.ledger.state_at(&id("a"), reloaded), Some(LinkState::Down));
    assert_eq!(outages(&run, "a"), [(2, 5, 0, "maintenance".to_owned())]);
}

#[test]
fn a_window_that_is_announced_late_rewrites_nothing() {
    let links = [link("a", &[])];
    let mut run = Run::start(&links);
    play(&mut run, &["UUNN"]);
    let reloaded = at(3).plus(Millis(4_000));
    run.announce(&links, &[window("a", at(1), at(6))], reloaded);
    for (number, letter) in [(4, 'N'), (5, 'N'), (6, 'N'), (7, 'U')] {
        run.step(number, &[letter]);
    }
    assert_eq!(states(&run, "a", 8), "UUDDMMDU", "down from the first lost poll, which the third one decides");
    assert_eq!(run.ledger.state_at(&id("a"), reloaded), Some(LinkState::Maintenance));
    assert_eq!(outages(&run, "a"), [(2, 7, 0, "maintenance".to_owned())]);
}

#[test]
fn a_window_that_is_moved_while_it_holds_goes_on() {
    let links = [link("a", &[])];
    let mut run = Run::announced(&links, &[window("a", at(1), at(4))]);
    play(&mut run, &["+++"]);
    run.announce(&links, &[window("a", at(2), at(6))], at(2).plus(Millis(4_000)));
    for number in 3..8 {
        run.step(number, &['+']);
    }
    assert_eq!(states(&run, "a", 8), "UMMMMMUU");
    assert_eq!(run.ledger.spans[&id("a")].iter().filter(|span| span.state == LinkState::Maintenance).count(), 1);
}

#[test]
fn a_window_that_is_removed_while_the_daemon_is_stopped_ends_with_the_last_tick() {
    let mut run = Run::announced(&[link("a", &[])], &[window("a", at(1), at(20))]);
    play(&mut run, &["++-!!"]);
    run.announce_while_stopped(&[]);
    run.step(5, &['-']);
    assert_eq!(states(&run, "a", 6), "UMMBBD");
    assert_eq!(outages(&run, "a"), [(2, 0, 2, "maintenance".to_owned())]);
}

#[test]
fn a_window_that_ended_before_anybody_told_so_ended_when_it_did() {
    let ends = at(2).plus(Millis(4_000));
    let mut run = Run::announced(&[link("a", &[])], &[window("a", at(1), ends)]);
    play(&mut run, &["+++!!++"]);
    assert_eq!(states(&run, "a", 7), "UMMBBUU");
    assert_eq!(run.ledger.state_at(&id("a"), ends.minus(Millis(1))), Some(LinkState::Maintenance));
    assert_eq!(run.ledger.state_at(&id("a"), ends), Some(LinkState::Blind));
}

#[test]
fn a_link_that_leaves_under_maintenance_takes_its_outage_with_it() {
    let mut run = Run::announced(&[link("a", &[]), link("b", &[])], &[window("a", at(1), at(20))]);
    play(&mut run, &["+--", "+++"]);
    let reloaded = at(2).plus(Millis(4_000));
    run.announce(&[link("b", &[])], &[], reloaded);
    run.step(3, &['+']);
    assert_eq!(run.ledger.outages[0].end, Some(reloaded));
    assert!(!run.ledger.spans.contains_key(&id("a")));
}

#[test]
fn what_a_feeder_under_maintenance_carries_is_down_because_of_it() {
    let mut run = Run::announced(&[link("a", &["f"]), link("f", &[])], &[window("f", at(1), at(9))]);
    play(&mut run, &["++--++", "++--++"]);
    assert_eq!((states(&run, "a", 6), states(&run, "f", 6)), ("UUDDUU".to_owned(), "UMMMMM".to_owned()));
    assert_eq!(outages(&run, "a"), [(2, 4, 0, "upstream".to_owned())]);
}

/// Windows of any link, on and off the instants of the ticks.
fn announced() -> impl Strategy<Value = Vec<Maintenance>> {
    let one = (prop::sample::select(vec!["a", "b", "f", "g"]), -2_000_i64..30_000, 1_i64..12_000, 1_i64..3);
    let one = one.prop_map(|(link, from, length, grid)| {
        // In hundredths of a second, and every other window from tick to tick.
        let snap = |hundredths: i64| Millis(if grid == 1 { hundredths * 10 } else { hundredths / 500 * PERIOD.0 });
        let from = at(0).plus(snap(from));
        window(link, from, from.plus(snap(length).max(Millis(10))))
    });
    prop::collection::vec(one, 0..6)
}

/// The outages of a link, but for their causes and events, which work that was announced does change.
fn listed(run: &Run, link: &str) -> Vec<Outage> {
    let of_link = run.ledger.outages.iter().filter(|outage| outage.link == id(link));
    of_link.map(|o| Outage { id: OutageId(0), verdict: Verdict::unknown(), event: EventId(0), ..o.clone() }).collect()
}

fn is_announced(windows: &[Maintenance], link: &str, at: UtcMs) -> bool {
    windows.iter().any(|one| one.scope == Scope::Link(id(link)) && one.window.from <= at && at < one.window.to)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn outside_of_windows_everything_is_as_it_would_be_without(
        ticks in prop::collection::vec(letters(), 1..40),
        asleep in prop::collection::btree_set(1_usize..40, 0..6),
        windows in announced(),
    ) {
        let (mut plain, mut masked) = (Run::start(&links()), Run::announced(&links(), &windows));
        for (number, letters) in ticks.iter().enumerate().filter(|(_, letters)| !letters.contains(&'!')) {
            let letters = if asleep.contains(&number) { &vec!['s'; 4] } else { letters };
            plain.step(number, letters);
            masked.step(number, letters);
        }
        let Some(told) = masked.last_tick() else { return Ok(()) };
        for link in ["a", "b", "f", "g"] {
            prop_assert_eq!(listed(&plain, link), listed(&masked, link));
            let (before, after) = (&plain.ledger.spans[&id(link)], &masked.ledger.spans[&id(link)]);
            prop_assert!(after.windows(2).all(|pair| pair[0].to == Some(pair[1].from) && pair[0].from < pair[1].from));
            let edges = before.iter().chain(after).map(|span| span.from);
            let edges = edges.chain(windows.iter().flat_map(|one| [one.window.from, one.window.to]));
            let instants: BTreeSet<UtcMs> = edges.flat_map(|edge| [edge.minus(Millis(1)), edge]).collect();
            for instant in instants.into_iter().filter(|instant| before[0].from <= *instant && *instant <= told) {
                let covers = |span: &&phusong_model::Span| span.from <= instant && span.to.is_none_or(|to| instant < to);
                let (was, is) = (before.iter().find(covers).expect("a span"), after.iter().find(covers).expect("a span"));
                if is_announced(&windows, link, instant) {
                    prop_assert_eq!(is.state, LinkState::Maintenance);
                } else {
                    prop_assert_eq!((is.state, is.blind), (was.state, was.blind), "{} at {}", link, instant);
                }
            }
        }
    }

    #[test]
    fn whatever_happens_the_account_is_whole(
        ticks in prop::collection::vec(letters(), 1..60),
        first in announced(),
        second in announced(),
        changes in 0_usize..60,
    ) {
        let mut run = Run::announced(&links(), &first);
        for (number, letters) in ticks.iter().enumerate() {
            if number == changes && !letters.contains(&'!') {
                run.announce(&links(), &second, at(number).minus(Millis(2_000)));
            }
            run.step(number, letters);
        }
        let both = [first, second].concat();
        for link in ["a", "b", "f", "g"] {
            let spans = &run.ledger.spans[&id(link)];
            let whole = Window::new(at(0).minus(Millis(5_000)), at(ticks.len()));
            prop_assert_eq!(spans[0].from, whole.from);
            prop_assert!(spans.windows(2).all(|pair| pair[0].to == Some(pair[1].from) && pair[0].from < pair[1].from));
            prop_assert!(spans.last().is_some_and(|span| span.to.is_none()));
            prop_assert_eq!(account(spans, whole.from, whole).total(), whole.length());
            let mut masked = spans.iter().filter(|span| span.state == LinkState::Maintenance);
            prop_assert!(masked.all(|span| is_announced(&both, link, span.from)), "{spans:?}");
        }
    }
}

#[test]
fn an_order_does_not_reach_back_behind_a_start() {
    let mut run = Run::start(&[link("a", &[])]);
    play(&mut run, &["+++"]);
    // The wall clock stands before the newest tick: the start comes right after that tick, and the order is given at it.
    let (ordered, started) = (at(2), at(2).plus(Millis(1)));
    let (mut ledger, links) = (run.ledger, [link("a", &[])]);
    let before = ledger.known();
    let known = Known { last_tick: Some(tick(2, None)), ..ledger.found(&before) };
    let (mut tracker, changes) = Tracker::resume(&RuleConfig::default(), &inventory(&links, &[]), known, started);
    ledger.apply(changes);
    let work = [window("a", ordered, at(4))];
    ledger.apply(tracker.reload(&inventory(&links, &work), &[], ordered));
    let last = ledger.spans[&id("a")].last().map(|span| (span.state, span.from));
    assert_eq!(last, Some((LinkState::Maintenance, started)));
}
