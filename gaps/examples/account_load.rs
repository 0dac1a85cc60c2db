//! How long an account of a year takes: `cargo run --release -p phusong-gaps --example account_load [-- SPANS]`.
//!
//! Every commune of the country, 3,321, with ten links each, and for each link that many changes of state in the year
//! (60 when not said: an outage, a degraded stretch or blindness each fortnight). Prints one JSON line: seconds of wall
//! time for the availability of each commune and of each link, the median of nine, and the least.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program for people who measure; it stops where something is wrong"
)]

use std::time::Instant;

use phusong_gaps::answer;
use phusong_model::{
    Commune, Contact, Evidence, Inventory, Link, LinkKind, LinkNow, LinkState, Millis, Span, UtcMs, Window,
    answer::{AccountBy, Query, Source, Topic},
};

const COMMUNES: usize = 3_321;
const LINKS: usize = 10;
const CHANGES: usize = 60;
const YEAR: Millis = Millis::from_secs(365 * 86_400);
const NOW: UtcMs = UtcMs(1_800_000_000_000);
const RUNS: usize = 9;

fn main() {
    let changes = std::env::args().nth(1).map_or(CHANGES, |text| text.parse().expect("a number of spans"));
    let evidence = evidence(changes);
    let mut figures = serde_json::json!({
        "communes": COMMUNES,
        "links": evidence.inventory.links.len(),
        "spans": evidence.spans.len(),
    });
    for by in [AccountBy::Commune, AccountBy::Link] {
        let query = Query { by: Some(by), ..Query::about(Topic::Availability) };
        let mut seconds: Vec<f64> = (0..RUNS)
            .map(|_| {
                let begun = Instant::now();
                let answer = answer(&evidence, &query, Source::Store).expect("an answer");
                let took = begun.elapsed().as_secs_f64();
                drop(std::hint::black_box(answer));
                took
            })
            .collect();
        seconds.sort_by(f64::total_cmp);
        let of = |place: usize| seconds.get(place).copied();
        let name = by.id();
        if let Some(figures) = figures.as_object_mut() {
            figures.insert(format!("by_{name}_s"), of(RUNS / 2).into());
            figures.insert(format!("by_{name}_least_s"), of(0).into());
        }
    }
    println!("{figures}");
}

fn evidence(changes: usize) -> Evidence {
    let window = Window::new(NOW.minus(YEAR), NOW);
    let mut inventory = Inventory::default();
    let (mut links, mut spans) = (Vec::new(), Vec::new());
    // Knuth's MMIX generator: the same year at every run.
    let mut dice = 20_261_128_u64;
    let mut roll = |sides: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % sides
    };
    for commune in 0..COMMUNES {
        let code = format!("{commune:05}");
        inventory.communes.push(unit(&code));
        for number in 0..LINKS {
            let link = line(&code, number);
            let mut at = window.from;
            let step = YEAR.0.unsigned_abs() / (changes as u64 + 1) * 2;
            for change in 0..=changes {
                let state = match (change % 2, roll(4)) {
                    (0, _) => LinkState::Up,
                    (_, 0) => LinkState::Degraded,
                    (_, 1) => LinkState::Blind,
                    (_, _) => LinkState::Down,
                };
                let next = at.plus(Millis(1 + roll(step).cast_signed()));
                let to = (change < changes).then_some(next);
                spans.push(Span { link: link.id.clone(), state, from: at, to, cause: None, blind: None, worse: None });
                at = next;
            }
            links.push(LinkNow {
                link: link.id.clone(),
                state: LinkState::Up,
                since: at,
                cause: None,
                blind: None,
                worse: None,
                usual: None,
                icmp: None,
                interface: None,
                entered: window.from,
            });
            inventory.links.push(link);
        }
    }
    Evidence {
        now: NOW,
        window,
        inventory,
        links,
        spans,
        outages: Vec::new(),
        events: Vec::new(),
        acks: Vec::new(),
        planned: Vec::new(),
        notifications: Vec::new(),
        figures: Vec::new(),
        coverage_gaps: Vec::new(),
        contradictions: Vec::new(),
        observations: Vec::new(),
        health: None,
        age: Some(Millis(5_000)),
        close_up: None,
        left_out: Vec::new(),
    }
}

fn unit(code: &str) -> Commune {
    Commune::new(code.parse().expect("code"), format!("Xã {code}"))
}

fn line(code: &str, number: usize) -> Link {
    let kind = if number.is_multiple_of(2) { LinkKind::Fibre } else { LinkKind::Broadband };
    Link {
        id: format!("{}-{code}-{number}", kind.id()).parse().expect("id"),
        kind,
        name: format!("Tuyến {code} {number}"),
        commune: code.parse().ok(),
        site: None,
        address: None,
        service: None,
        interface: None,
        rx_limit: None,
        upstream: Vec::new(),
        operator: None,
        groups: Vec::new(),
        contact: Contact::default(),
    }
}
