//! What a script of ticks comes to: the final states, rewritten from their true starts, and the outages.

use super::script::{Run, link, outages, play, states};

/// A story of one link. Outages are first tick, first tick after (0 while open), blind ticks inside, cause.
struct Story {
    what: &'static str,
    script: &'static str,
    states: &'static str,
    outages: &'static [(usize, usize, i64, &'static str)],
}

const STORIES: &[Story] = &[
    Story {
        what: "a hard outage is found in its first round and ends with the first good one",
        script: "+++---+++",
        states: "UUUDDDUUU",
        outages: &[(3, 6, 0, "unknown")],
    },
    Story {
        what: "an outage that goes on stays open",
        script: "++--",
        states: "UUDD",
        outages: &[(2, 0, 0, "unknown")],
    },
    Story {
        what: "a blip that the re-probe refutes is loss, not an outage",
        script: "++~+++",
        states: "UUGGGU",
        outages: &[],
    },
    Story {
        what: "each flap is an outage of its own",
        script: "++-+--+-",
        states: "UUDUDDUD",
        outages: &[(2, 3, 0, "unknown"), (4, 6, 0, "unknown"), (7, 0, 0, "unknown")],
    },
    Story {
        what: "a few replies do not end an outage",
        script: "+--22-++",
        states: "UDDDDDUU",
        outages: &[(1, 6, 0, "unknown")],
    },
    Story {
        what: "lasting loss is degraded, and forgiven after a clean window",
        script: "++333333++++++",
        states: "UUUUGGGGGGGUUU",
        outages: &[],
    },
    Story { what: "loss of three in five is degraded and not down", script: "++2222", states: "UUUGGG", outages: &[] },
    Story {
        what: "between the rounds of a service everything stays as it was, and an edge lies midway",
        script: "+__-__-__+__",
        states: "UUDDDDDDUUUU",
        outages: &[(2, 8, 0, "unknown")],
    },
    Story {
        what: "a service is blind until the next round that is due",
        script: "+_A_+_-A_-_+",
        states: "UUBBUDDBBDUU",
        outages: &[(5, 10, 2, "unknown")],
    },
    Story {
        what: "a blind tick inside an outage is marked and does not split it",
        script: "++--A--++",
        states: "UUDDBDDUU",
        outages: &[(2, 7, 1, "unknown")],
    },
    Story {
        what: "an outage ends where we went blind if the link is found up",
        script: "++--AA++",
        states: "UUDDBBUU",
        outages: &[(2, 4, 0, "unknown")],
    },
    Story {
        what: "an outage goes on while we are blind",
        script: "++--AA",
        states: "UUDDBB",
        outages: &[(2, 0, 0, "unknown")],
    },
    Story {
        what: "our own uplink's failure is no outage of the link",
        script: "++AAA++",
        states: "UUBBBUU",
        outages: &[],
    },
    Story {
        what: "a restart inside an outage marks the time between as blind",
        script: "++--!!--++",
        states: "UUDDBBDDUU",
        outages: &[(2, 8, 2, "unknown")],
    },
    Story {
        what: "a link found up after a restart was down until nobody looked",
        script: "++--!!++",
        states: "UUDDBBUU",
        outages: &[(2, 4, 0, "unknown")],
    },
    Story {
        what: "blind, stopped and blind again is one stretch",
        script: "++--A!A-+",
        states: "UUDDBBBDU",
        outages: &[(2, 8, 3, "unknown")],
    },
    Story {
        what: "a link that fails while nobody looks is down from the first look",
        script: "++!!--+",
        states: "UUBBDDU",
        outages: &[(4, 6, 0, "unknown")],
    },
    Story {
        what: "an interface that is down is down although echoes come back",
        script: "uudduu",
        states: "UUDDUU",
        outages: &[(2, 4, 0, "unknown")],
    },
    Story {
        what: "a dark link that answers again is back, whatever the last poll said",
        script: "++xx+++",
        states: "UUDDUUU",
        outages: &[(2, 4, 0, "unknown")],
    },
    Story {
        what: "old news of an interface stops counting",
        script: "uud+++++",
        states: "UUDDDUUU",
        outages: &[(2, 5, 0, "unknown")],
    },
    Story {
        what: "SNMP alone: the interface decides",
        script: "UUDDUU",
        states: "UUDDUU",
        outages: &[(2, 4, 0, "unknown")],
    },
    Story {
        what: "SNMP alone: silence decides from its first poll",
        script: "UUNNNNUU",
        states: "UUDDDDUU",
        outages: &[(2, 6, 0, "unknown")],
    },
    Story { what: "SNMP alone: two lost polls do not", script: "UUNNUU", states: "UUUUUU", outages: &[] },
    Story { what: "SNMP alone: a testing interface decides nothing", script: "TTUUTT", states: "BBUUUU", outages: &[] },
    Story {
        what: "SNMP alone: silence while we are blind does not count",
        script: "UUNNAANNNU",
        states: "UUUUBBDDDU",
        outages: &[(6, 9, 0, "unknown")],
    },
    Story {
        what: "SNMP alone: one lost poll after blindness does not end an outage",
        script: "UNNNANU",
        states: "UDDDBDU",
        outages: &[(1, 6, 1, "unknown")],
    },
    Story { what: "without the right to ping SNMP decides", script: "pPPpp", states: "BUUUU", outages: &[] },
    Story {
        what: "without the right to ping and without SNMP a link is blind",
        script: "pp++",
        states: "BBUU",
        outages: &[],
    },
    Story {
        what: "an interface that is up does not end what echoes found",
        script: "uu==e==uu",
        states: "UUDDBDDUU",
        outages: &[(2, 7, 1, "unknown")],
    },
    Story { what: "an interface that is up keeps a link up", script: "uueeuu", states: "UUUUUU", outages: &[] },
    Story { what: "our send errors silence SNMP too", script: "++EEEE++", states: "UUBBBBUU", outages: &[] },
    Story {
        what: "a machine that slept inside an outage saw nothing, and the outage goes on",
        script: "++--ss--++",
        states: "UUDDBBDDUU",
        outages: &[(2, 8, 2, "unknown")],
    },
    Story { what: "a tick that was skipped is blind", script: "++s++", states: "UUBUU", outages: &[] },
    Story { what: "what nobody looks at is blind", script: "++..++", states: "UUBBUU", outages: &[] },
];

#[test]
fn stories_of_one_link() {
    for story in STORIES {
        let mut run = Run::start(&[link("a", &[])]);
        play(&mut run, &[story.script]);
        assert_eq!(states(&run, "a", story.script.len()), story.states, "{}", story.what);
        let expected: Vec<_> = story.outages.iter().map(|o| (o.0, o.1, o.2, o.3.to_owned())).collect();
        assert_eq!(outages(&run, "a"), expected, "{}", story.what);
    }
}
