//! Days and a year of a daemon's life: outages at known times, stops, sleep, blind hours and work that comes again. In the
//! end every outage was found once, the account is whole, and no more is held than in the beginning.

use std::collections::BTreeMap;

use phusong_model::{
    Commune, Every, Inventory, Link, LinkId, LinkState, Maintenance, Micros, Millis, Outage, Repeat, Scope, StateTimes,
    UtcMs, Window,
};

use super::{
    scenario::{BEGIN, instant},
    script::link,
    world::{Beat, Eyes, World},
};
use crate::account;

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Xorshift, so that the time is the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, from: i64, to: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        from + (self.0 % (to - from) as u64) as i64
    }
}

/// Milliseconds after the beginning.
type Stretch = (i64, i64);

fn holds(stretches: &[Stretch], at: i64) -> bool {
    let next = stretches.partition_point(|(from, _)| *from <= at);
    next.checked_sub(1).is_some_and(|last| at < stretches[last].1)
}

/// What happens, in seconds.
struct Plan {
    period: i64,
    length: i64,
    links: usize,
    /// From the end of an outage to the next one of the link, and how long they last.
    apart: (i64, i64),
    lasting: (i64, i64),
    /// How often we are blind, in which ways in turn, and for how long at most.
    unseen_every: i64,
    unseen_for: i64,
    /// How often what is held is weighed.
    weighed_every: i64,
}

const WAYS: [Eyes; 5] = [Eyes::Stopped, Eyes::Anchors, Eyes::Asleep, Eyes::Late, Eyes::SendError];

/// What really happened.
struct Truth {
    outages: BTreeMap<LinkId, Vec<Stretch>>,
    unseen: Vec<Stretch>,
    work: Vec<Stretch>,
}

impl Plan {
    /// Work on commune 00001 comes each night, for two hours from the fifth hour of each day on.
    fn inventory(&self) -> Inventory {
        let code = |number: usize| format!("{:05}", number % 2 + 1).parse().expect("code");
        let link = |number: usize| Link { commune: Some(code(number)), ..link(&format!("l{number}"), &[]) };
        let scope = Scope::Commune(code(0));
        let window = Window::new(instant(5.0 * HOUR as f64), instant(7.0 * HOUR as f64));
        let repeat = Some(Repeat { every: Every::Day, until: None });
        let commune = |number| Commune::new(code(number), format!("xã {number}"));
        Inventory {
            communes: vec![commune(0), commune(1)],
            links: (0..self.links).map(link).collect(),
            maintenance: vec![Maintenance { scope, window, repeat, why: "splicing".to_owned() }],
            ..Inventory::default()
        }
    }

    /// Outages begin and end at any millisecond, but clearly within or without the time that nobody sees.
    fn truth(&self, inventory: &Inventory) -> Truth {
        let mut dice = Dice(20_261_128);
        let mut unseen: Vec<Stretch> = Vec::new();
        let each = (self.unseen_every..self.length - self.unseen_for).step_by(self.unseen_every as usize);
        for (number, at) in each.enumerate() {
            // On a tick, and hours from the work of the night; in the morning and in the evening in turn.
            let hour = if number % 2 == 0 { 9 } else { 16 };
            let from = (at / DAY * DAY + hour * HOUR + dice.roll(0, 2 * HOUR)) / self.period * self.period;
            let lasting = dice.roll(self.unseen_for / 2, self.unseen_for) / self.period * self.period;
            unseen.push((from * 1000, (from + lasting) * 1000));
        }
        unseen.sort_unstable();
        let apart = 4 * self.period * 1000;
        let clear = |at: i64| unseen.iter().all(|(from, to)| (at - from).abs() >= apart && (at - to).abs() >= apart);
        let mut outages = BTreeMap::new();
        for link in &inventory.links {
            let mut of_link: Vec<Stretch> = Vec::new();
            let mut at = HOUR;
            loop {
                let from = (at + dice.roll(self.apart.0, self.apart.1)) * 1000 + dice.roll(0, 1000);
                let to = from + dice.roll(self.lasting.0, self.lasting.1) * 1000 + dice.roll(0, 1000);
                at = to / 1000;
                if at + HOUR > self.length {
                    break;
                }
                if clear(from) && clear(to) {
                    of_link.push((from, to));
                }
            }
            outages.insert(link.id.clone(), of_link);
        }
        let days = 0..self.length / DAY;
        let work = days.map(|day| ((day * DAY + 5 * HOUR) * 1000, (day * DAY + 7 * HOUR) * 1000)).collect();
        Truth { outages, unseen, work }
    }

    fn live(&self, inventory: Inventory, truth: &Truth) -> World {
        let mut world = World::start(inventory, Millis(self.period * 1000), true);
        let mut held: Vec<usize> = Vec::new();
        for second in (0..self.length).step_by(self.period as usize) {
            let way = truth.unseen.iter().position(|(from, to)| (*from..*to).contains(&(second * 1000)));
            world.tick(&Beat {
                at: instant(second as f64),
                second: second as f64,
                eyes: way.map_or(Eyes::Open, |way| WAYS[way % WAYS.len()]),
                polled: Vec::new(),
                answers: &|link, at, chance| {
                    let is_lost = holds(&truth.outages[link], (at * 1000.0).round() as i64);
                    (!is_lost).then_some(Micros(5_000 + (chance % 1_000) as u32))
                },
            });
            if second > 0 && second % self.weighed_every == 0 && truth.quiet(second * 1000) {
                held.push(world.held());
            }
        }
        let (first, most) = (held[0], held.iter().max().copied().unwrap_or(0));
        assert!(held.len() >= 5 && most * 20 <= first * 21, "more and more is held: {held:?}");
        world
    }

    /// Every outage was found once, where it was, and no other.
    fn compare(&self, truth: &Truth, world: &World) {
        let mut expected = 0;
        for (link, stretches) in &truth.outages {
            let mut found = world.ledger.outages.iter().filter(|outage| outage.link == *link);
            for (from, to) in stretches.iter().filter(|(from, to)| !truth.hides(*from, *to)) {
                let outage = found.next().unwrap_or_else(|| panic!("{link}: none for {from}..{to}"));
                self.is_that(truth, outage, (*from, *to));
                expected += 1;
            }
            let other = found.next();
            assert!(other.is_none(), "{link}: nobody made {other:?}");
        }
        assert!(expected >= 50, "only {expected} outages");
    }

    fn is_that(&self, truth: &Truth, outage: &Outage, (from, to): Stretch) {
        let near = |found: UtcMs, error: Millis, real: i64| {
            let distance = (found.since(BEGIN).0 - real).abs();
            // Between two ticks the truth is at most half a period away; where nobody looked, as far as is said.
            let allowed = if holds(&truth.unseen, real) { i64::MAX } else { self.period * 500 };
            assert!(distance <= error.0 && error.0 <= allowed, "{outage:?} is not {from}..{to}");
        };
        near(outage.start, outage.start_error, from);
        near(outage.end.expect("it is over"), outage.end_error, to);
        let inside = truth.unseen.iter().filter(|(begun, over)| from < *begun && *over < to);
        let blind: i64 = inside.clone().map(|(begun, over)| over - begun).sum();
        let edges = 4 * self.period * 1000 * inside.count() as i64;
        assert!((outage.blind.0 - blind).abs() <= edges, "{outage:?} was blind for {blind} ms");
    }

    /// The account of the whole is that of its months together, and tells what happened.
    fn account(&self, truth: &Truth, world: &World, months: &[Window]) {
        let whole = Window::new(BEGIN, instant(self.length as f64));
        for (link, spans) in &world.ledger.spans {
            let times = account(spans, BEGIN, whole);
            assert_eq!(times.total(), whole.length(), "{link}");
            let monthly: Vec<StateTimes> = months.iter().map(|month| account(spans, BEGIN, *month)).collect();
            for (month, times) in months.iter().zip(&monthly) {
                assert_eq!(times.total(), month.length(), "{link} in {month:?}");
            }
            assert_eq!(monthly.into_iter().sum::<StateTimes>(), times, "{link}");

            let real = truth.times(link, self);
            assert_eq!(times.maintenance, real.maintenance, "{link}");
            let edges = 2 * (truth.outages[link].len() + truth.unseen.len()) as i64;
            let allowed = edges * self.period * 1000;
            for (found, real) in
                [(times.up + times.degraded, real.up), (times.down, real.down), (times.blind, real.blind)]
            {
                assert!((found.0 - real.0).abs() <= allowed, "{link}: {times:?} and {real:?}");
            }
            // A round in which an outage begins may look like loss, up to its own last reply.
            let allowed = truth.outages[link].len() as i64 * 1000;
            assert!(times.degraded.0 <= allowed, "{link}: {times:?}");
        }
    }
}

impl Truth {
    /// Nobody saw it, from its beginning to its end.
    fn hides(&self, from: i64, to: i64) -> bool {
        self.unseen.iter().any(|(begun, over)| *begun <= from && to <= *over)
    }

    /// Nothing has happened lately.
    fn quiet(&self, at: i64) -> bool {
        let lately =
            |stretches: &[Stretch]| stretches.iter().any(|(from, to)| *from <= at && at < to + 2 * HOUR * 1000);
        !self.outages.values().any(|of_link| lately(of_link)) && !lately(&self.unseen) && !lately(&self.work)
    }

    /// What a link was, second by second; time that nobody saw is blind, be it up or down.
    fn times(&self, link: &LinkId, plan: &Plan) -> StateTimes {
        let is_worked_on = link.as_str()[1..].parse::<usize>().expect("a number").is_multiple_of(2);
        let mut times = StateTimes::default();
        for at in (0..plan.length * 1000).step_by(1000) {
            let state = if is_worked_on && holds(&self.work, at) {
                LinkState::Maintenance
            } else if holds(&self.unseen, at) {
                LinkState::Blind
            } else if holds(&self.outages[link], at) {
                LinkState::Down
            } else {
                LinkState::Up
            };
            times.add(state, Millis(1000));
        }
        times
    }
}

/// The calendar months of UTC that touch a window, and what the window has of each.
fn months(whole: Window) -> Vec<Window> {
    let begins = (2026..2029).flat_map(|year| {
        (1..=12).map(move |month| format!("{year}-{month:02}-01T00:00:00Z").parse::<UtcMs>().expect("a time"))
    });
    let begins: Vec<UtcMs> = begins.collect();
    let months = begins.windows(2).map(|two| Window::new(two[0], two[1]).intersect(whole));
    months.filter(|month| !month.is_empty()).collect()
}

fn days(whole: Window) -> Vec<Window> {
    let day = |number: i64| Window::new(whole.from.plus(Millis::from_secs(number * DAY)), whole.to);
    let cut = |day: Window| day.intersect(Window::new(day.from, day.from.plus(Millis::from_secs(DAY))));
    (0..).map(day).take_while(|day| !day.is_empty()).map(cut).collect()
}

fn live(plan: &Plan, parts: fn(Window) -> Vec<Window>) {
    let inventory = plan.inventory();
    let truth = plan.truth(&inventory);
    let world = plan.live(inventory, &truth);
    plan.compare(&truth, &world);
    plan.account(&truth, &world, &parts(Window::new(BEGIN, instant(plan.length as f64))));
}

#[test]
fn three_days_at_the_default_period() {
    let plan = Plan {
        period: 10,
        length: 3 * DAY,
        links: 10,
        apart: (HOUR, 9 * HOUR),
        lasting: (60, 2 * HOUR),
        unseen_every: DAY / 2,
        unseen_for: HOUR,
        weighed_every: HOUR / 2,
    };
    live(&plan, days);
}

#[test]
fn a_year_at_a_period_of_a_minute() {
    let plan = Plan {
        period: 60,
        length: 365 * DAY,
        links: 2,
        apart: (12 * HOUR, 6 * DAY),
        lasting: (5 * 60, 8 * HOUR),
        unseen_every: 6 * DAY,
        unseen_for: 4 * HOUR,
        weighed_every: 10 * DAY + 3 * HOUR,
    };
    live(&plan, months);
}
