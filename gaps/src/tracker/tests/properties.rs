//! Whatever links show: spans follow each other without holes, and outages are what the spans say.

use phusong_model::{Link, LinkState, Millis, Outage, Span, UtcMs};
use proptest::prelude::*;

use super::script::{Run, at, id, link};

/// An outage as spans alone tell it.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    start: UtcMs,
    end: Option<UtcMs>,
    blind: Millis,
}

/// Longest runs of *down*, bridged over blindness that ends in *down* again; blindness at the end bridges nothing yet.
fn told(spans: &[Span]) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    let mut blind: Option<&Span> = None;
    for span in spans {
        match (span.state, told.last_mut().filter(|outage| outage.end.is_none())) {
            (LinkState::Blind, Some(_)) => blind = blind.or(Some(span)),
            (LinkState::Down, Some(outage)) => {
                let bridged = blind.take().map_or(Millis(0), |blind| span.from.since(blind.from));
                outage.blind = outage.blind + bridged;
            }
            (LinkState::Down, None) => told.push(Told { start: span.from, end: None, blind: Millis(0) }),
            (_, Some(outage)) => outage.end = Some(blind.take().map_or(span.from, |blind| blind.from)),
            (_, None) => {}
        }
    }
    told
}

fn kept(outage: &Outage) -> Told {
    Told { start: outage.start, end: outage.end, blind: outage.blind }
}

pub(super) fn links() -> Vec<Link> {
    vec![link("a", &["f"]), link("b", &["f", "g"]), link("f", &[]), link("g", &["f"])]
}

/// What four links show in one tick: each its own, or the daemon or its uplink is out for all.
pub(super) fn letters() -> impl Strategy<Value = Vec<char>> {
    let own = prop::sample::select("+++++---~23ud=UDNTeEpP.".chars().collect::<Vec<_>>());
    prop_oneof![
        12 => prop::collection::vec(own, 4),
        2 => Just(vec!['A'; 4]),
        2 => Just(vec!['!'; 4]),
        3 => Just(vec!['-'; 4]),
        3 => Just(vec!['+'; 4]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn spans_have_no_holes_and_outages_are_what_they_say(
        ticks in prop::collection::vec(letters(), 1..60),
        moves in prop::option::of(0_usize..60),
    ) {
        let mut run = Run::start(&links());
        for (number, letters) in ticks.iter().enumerate() {
            if moves == Some(number) && !letters.contains(&'!') {
                let mut moved = links();
                moved[0].address = None;
                moved[1].upstream.clear();
                run.reload(&moved, at(number).minus(Millis(2_000)));
            }
            run.step(number, letters);
        }
        for link in ["a", "b", "f", "g"] {
            let spans = &run.ledger.spans[&id(link)];
            prop_assert_eq!(spans[0].from, at(0).minus(Millis(5_000)));
            prop_assert!(spans.windows(2).all(|pair| pair[0].to == Some(pair[1].from) && pair[0].from < pair[1].from));
            prop_assert!(spans.last().is_some_and(|span| span.to.is_none()));
            let outages: Vec<Told> = run.ledger.outages.iter().filter(|o| o.link == id(link)).map(kept).collect();
            prop_assert_eq!(outages, told(spans), "{:?}", spans);
        }
    }
}
