//! Links behind feeders: what is named as the cause, and when it changes.

use phusong_model::{Carrier, Cause};

use super::script::{Run, id, link, outages, play};

/// Scripts of feeder `f`, second feeder `g`, and `a` behind them; the causes of `a`'s outages in the end.
struct Carried {
    what: &'static str,
    upstream: &'static [&'static str],
    feeder: &'static str,
    second: &'static str,
    carried: &'static str,
    cause: &'static str,
    changes: usize,
}

const CARRIED: &[Carried] = &[
    Carried {
        what: "the feeder is down in the same tick",
        upstream: &["f"],
        feeder: "++---+",
        second: "++++++",
        carried: "++---+",
        cause: "upstream",
        changes: 0,
    },
    Carried {
        what: "the feeder is decided after the link it carries",
        upstream: &["f"],
        feeder: "+++--+",
        second: "++++++",
        carried: "++---+",
        cause: "upstream",
        changes: 1,
    },
    Carried {
        what: "the link comes back two rounds after the feeder",
        upstream: &["f"],
        feeder: "+--+++",
        second: "++++++",
        carried: "+----+",
        cause: "upstream",
        changes: 0,
    },
    Carried {
        what: "the link stays down without the feeder",
        upstream: &["f"],
        feeder: "+--+++",
        second: "++++++",
        carried: "+-----",
        cause: "unknown",
        changes: 1,
    },
    Carried {
        what: "a ring with one way left is no cause",
        upstream: &["f", "g"],
        feeder: "++----",
        second: "++++++",
        carried: "++----",
        cause: "unknown",
        changes: 0,
    },
    Carried {
        what: "a ring that is cut on both sides is",
        upstream: &["f", "g"],
        feeder: "++----",
        second: "++++--",
        carried: "++----",
        cause: "upstream",
        changes: 1,
    },
    Carried {
        what: "a feeder that could not be looked at is no cause",
        upstream: &["f"],
        feeder: "++....",
        second: "++++++",
        carried: "++----",
        cause: "unknown",
        changes: 0,
    },
    Carried {
        what: "a feeder that goes blind stays the cause",
        upstream: &["f"],
        feeder: "++-...",
        second: "++++++",
        carried: "++----",
        cause: "upstream",
        changes: 0,
    },
    Carried {
        what: "without a known topology the cause is unknown",
        upstream: &[],
        feeder: "++----",
        second: "++----",
        carried: "++----",
        cause: "unknown",
        changes: 0,
    },
    Carried {
        what: "a feeder goes before the link's own interface",
        upstream: &["f"],
        feeder: "++----",
        second: "++++++",
        carried: "uudddd",
        cause: "upstream",
        changes: 0,
    },
];

#[test]
fn stories_of_links_behind_feeders() {
    for story in CARRIED {
        let mut run = Run::start(&[link("a", story.upstream), link("f", &[]), link("g", &[])]);
        let (mut changes, mut cause) = (0, None);
        let scripts = story.carried.chars().zip(story.feeder.chars()).zip(story.second.chars());
        for (number, ((carried, feeder), second)) in scripts.enumerate() {
            run.step(number, &[carried, feeder, second]);
            let now = run.ledger.outages.iter().find(|outage| outage.link == id("a")).map(|o| o.verdict.cause.clone());
            changes += usize::from(cause.is_some() && cause != now);
            cause = now;
        }
        let found = outages(&run, "a");
        assert_eq!(found.len(), 1, "{}", story.what);
        assert_eq!((found[0].3.as_str(), changes), (story.cause, story.changes), "{}", story.what);
    }
}

#[test]
fn the_nearest_carrier_that_is_down_is_named() {
    let links = [link("drop", &["splitter"]), link("splitter", &["feeder"]), link("feeder", &[])];
    for (splitter, nearest) in [("++--", "splitter"), ("++..", "feeder")] {
        let mut run = Run::start(&links);
        play(&mut run, &["++--", splitter, "++--"]);
        let outage = run.ledger.outages.iter().find(|outage| outage.link == id("drop")).expect("an outage");
        assert_eq!(outage.verdict.cause, Cause::Upstream { carrier: Carrier::Link(id(nearest)) });
    }
}

#[test]
fn links_that_carry_each_other_in_a_circle_have_no_cause() {
    let mut run = Run::start(&[link("a", &["b"]), link("b", &["a"]), link("c", &["missing"])]);
    play(&mut run, &["+--", "+--", "+--"]);
    assert!(run.ledger.outages.iter().all(|outage| outage.verdict.cause == Cause::Unknown));
}
