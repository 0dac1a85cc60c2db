//! What must have come of a scenario, as its file says.

use std::collections::BTreeMap;

use phusong_model::{LinkId, Millis, StateTimes, UtcMs, Window};

use super::{
    form::Scenario,
    play::{BEGIN, instant},
};
use crate::{
    account,
    tracker::tests::{ledger::Ledger, script::id, world::World},
};

/// An event as a person would tell it.
#[derive(Debug)]
struct Told {
    links: Vec<String>,
    cause: String,
    by: Option<String>,
    together: Option<String>,
    flapping: bool,
    start: UtcMs,
    end: Option<UtcMs>,
    first: String,
    signs: Vec<String>,
}

fn told(ledger: &Ledger) -> Vec<Told> {
    let mut by_event: BTreeMap<_, Vec<&phusong_model::Outage>> = BTreeMap::new();
    for outage in &ledger.outages {
        by_event.entry(outage.event).or_default().push(outage);
    }
    let event = |(number, outages): (phusong_model::EventId, Vec<&phusong_model::Outage>)| {
        let known = ledger.events.iter().find(|event| event.id == number);
        let mut links: Vec<String> = outages.iter().map(|outage| outage.link.to_string()).collect();
        links.sort();
        links.dedup();
        let top = outages.iter().find(|outage| outage.verdict.cause.carrier().is_none()).or(outages.first());
        let top = top.expect("an outage");
        let open = outages.iter().any(|outage| outage.end.is_none());
        let sign = |clue: &phusong_model::Clue| {
            let json = serde_json::to_value(&clue.sign).expect("json");
            json["sign"].as_str().expect("a sign").to_owned()
        };
        let common = known.and_then(|event| event.together.as_ref()).map(|common| {
            let json = serde_json::to_value(common).expect("json");
            format!("{} {}", json["in"].as_str().expect("in"), json["which"].as_str().expect("which"))
        });
        Told {
            links,
            cause: top.verdict.cause.id().to_owned(),
            by: known.and_then(|event| event.by.as_ref()).map(ToString::to_string),
            together: common,
            flapping: known.is_some_and(|event| event.flapping),
            start: outages.iter().map(|outage| outage.start).min().expect("a start"),
            end: outages.iter().filter_map(|outage| outage.end).max().filter(|_| !open),
            first: ledger.first_cause(top.id).to_owned(),
            signs: top.verdict.evidence.iter().map(sign).collect(),
        }
    };
    by_event.into_iter().map(event).collect()
}

pub(super) fn events(scenario: &Scenario, ledger: &Ledger) {
    let mut found = told(ledger);
    let what = &scenario.what;
    for expected in &scenario.event {
        let mut links = expected.links.clone();
        links.sort();
        let near = |event: &Told| {
            event.links == links && (event.start.since(instant(expected.start)).0).abs() <= scenario.period * 500
        };
        let place = found.iter().position(near);
        let event = place.map(|place| found.remove(place));
        let event =
            event.unwrap_or_else(|| panic!("{what}: no event of {links:?} at {} in {found:#?}", expected.start));
        assert_eq!(event.cause, expected.cause, "{what}: {event:#?}");
        assert_eq!(event.by, expected.by, "{what}: {event:#?}");
        assert_eq!(event.together, expected.together, "{what}: {event:#?}");
        assert_eq!(event.flapping, expected.flapping, "{what}: {event:#?}");
        match (event.end, expected.end) {
            (Some(end), Some(expected)) => {
                assert!(
                    end.since(instant(expected)).0.abs() <= scenario.period * 500,
                    "{what}: ends at {expected}, not {end}"
                );
            }
            (end, expected) => assert_eq!(end.is_some(), expected.is_some(), "{what}: {event:#?}"),
        }
        if let Some(first) = &expected.first {
            assert_eq!(&event.first, first, "{what}: {event:#?}");
        }
        for sign in &expected.evidence {
            assert!(event.signs.contains(sign), "{what}: no {sign} in {:?}", event.signs);
        }
    }
    assert!(found.is_empty(), "{what}: nobody expected {found:#?}");
    if let Some(outages) = scenario.outages {
        assert_eq!(ledger.outages.len(), outages, "{what}");
    }
}

/// Messages, when the file says which; to the tick.
pub(super) fn told_to_people(scenario: &Scenario, world: &World) {
    let Some(expected) = &scenario.told else { return };
    let (what, found) = (&scenario.what, &world.messages);
    let of = |message: &phusong_model::Notification| {
        let second = message.at.since(BEGIN).0 as f64 / 1000.0;
        (second, message.turn.id(), message.cause.id(), message.links_total, message.step, message.joined.is_some())
    };
    let found: Vec<_> = found.iter().map(of).collect();
    let wanted: Vec<_> = expected
        .iter()
        .map(|row| (row.at, row.turn.as_str(), row.cause.as_str(), row.links, row.step, row.joined))
        .collect();
    let same = found.len() == wanted.len()
        && found.iter().zip(&wanted).all(|(a, b)| {
            let near = (a.0 - b.0).abs() <= scenario.period as f64;
            near && (a.1, a.2, a.3, a.4, a.5) == (b.1, b.2, b.3, b.4, b.5)
        });
    assert!(same, "{what}: told\n{found:#?}\nand not\n{wanted:#?}");
    let ids: std::collections::BTreeSet<&str> = world.messages.iter().map(|message| message.id.as_str()).collect();
    assert_eq!(ids.len(), world.messages.len(), "{what}: each message has a name of its own");
}

/// A stretch of one link that was degraded.
#[derive(Debug)]
struct Stretch {
    link: String,
    worse: &'static str,
    from: UtcMs,
    to: Option<UtcMs>,
}

/// Announced work and blindness do not interrupt what they hide.
pub(super) fn degraded(scenario: &Scenario, ledger: &Ledger) {
    if scenario.degraded.is_empty() {
        return;
    }
    let stretches = ledger.spans.values().flatten().filter_map(|span| {
        Some(Stretch { link: span.link.to_string(), worse: span.worse?.id(), from: span.from, to: span.to })
    });
    let mut found: Vec<Stretch> = stretches.collect();
    let what = &scenario.what;
    for expected in &scenario.degraded {
        let within = expected.within.unwrap_or(scenario.period as f64 / 2.0) * 1000.0;
        let near = |at: UtcMs, second: f64| (at.since(instant(second)).0.abs() as f64) <= within;
        let is = |stretch: &Stretch| {
            let ends = match (stretch.to, expected.end) {
                (Some(to), Some(end)) => near(to, end),
                (to, end) => to.is_some() == end.is_some(),
            };
            stretch.link == expected.link
                && stretch.worse == expected.worse
                && near(stretch.from, expected.start)
                && ends
        };
        let place = found.iter().position(is);
        let place = place.unwrap_or_else(|| panic!("{what}: {expected:?} is not among {found:#?}"));
        found.remove(place);
    }
    assert!(found.is_empty(), "{what}: nobody expected {found:#?}");
}

/// Longer windows are not asked second by second.
const ORACLE_LONGEST: Millis = Millis::from_secs(2 * 24 * 3600);

/// Times of a link by asking of every second which span covers it.
fn second_by_second(ledger: &Ledger, link: &LinkId, window: Window) -> StateTimes {
    let mut times = StateTimes::default();
    for at in (window.from.0..window.to.0).step_by(1000) {
        let state = ledger.state_at(link, UtcMs(at)).unwrap_or(phusong_model::LinkState::Blind);
        times.add(state, Millis(1000));
    }
    times
}

pub(super) fn accounts(scenario: &Scenario, world: &World) {
    let window = Window::new(BEGIN, world.until());
    for (link, spans) in &world.ledger.spans {
        let times = account(spans, BEGIN, window);
        assert_eq!(times.total(), window.length(), "{}: {link}", scenario.what);
        if window.length() > ORACLE_LONGEST {
            continue;
        }
        let oracle = second_by_second(&world.ledger, link, window);
        // A second belongs to the state of its beginning, so each span may differ by one.
        let allowed = spans.len() as i64 * 1000;
        for (a, b) in [
            (times.up, oracle.up),
            (times.down, oracle.down),
            (times.blind, oracle.blind),
            (times.maintenance, oracle.maintenance),
            (times.degraded, oracle.degraded),
        ] {
            assert!((a.0 - b.0).abs() <= allowed, "{}: {link}: {times:?} and {oracle:?}", scenario.what);
        }
    }
    for expected in &scenario.account {
        let spans = &world.ledger.spans[&id(&expected.link)];
        let times = account(spans, BEGIN, window);
        let within = expected.within.unwrap_or(scenario.period as f64);
        let near = |found: Millis, seconds: f64| (found.0 as f64 / 1000.0 - seconds).abs() <= within;
        let fits = near(times.up, expected.up)
            && near(times.degraded, expected.degraded)
            && near(times.down, expected.down)
            && near(times.blind, expected.blind)
            && near(times.maintenance, expected.maintenance);
        assert!(fits, "{}: {expected:?} but {times:?}\n{spans:#?}", scenario.what);
    }
}
