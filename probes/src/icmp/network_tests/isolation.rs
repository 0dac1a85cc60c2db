//! Dead targets do not move the live ones: when each echo leaves is seen from outside.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use phusong_model::IcmpMode;

use super::{
    namespace::{SILENT, in_namespace, silence_the_kernel},
    responder::{Answer, Responder},
};
use crate::icmp::{Prober, RoundPlan};

const LIVE: u16 = 60;
const DEAD_FOR_EACH: u16 = 9;
const PLAN: RoundPlan = RoundPlan {
    echoes: 3,
    spacing: Duration::from_millis(200),
    timeout: Duration::from_millis(700),
    spread: Duration::from_millis(400),
};

fn live(number: u16) -> Ipv4Addr {
    Ipv4Addr::new(127, 9, 6, number.to_be_bytes()[1])
}

/// When the echoes to each live target left, counted from the start of the round.
fn departures(prober: &mut Prober, dead_for_each: u16) -> HashMap<Ipv4Addr, Vec<Duration>> {
    let log: Arc<Mutex<Vec<(Ipv4Addr, Instant)>>> = Arc::default();
    let written = Arc::clone(&log);
    let responder = Responder::start(move |asked, packet| {
        if !asked.is_loopback() {
            return Vec::new();
        }
        written.lock().expect("the log").push((asked, Instant::now()));
        vec![Answer { delay: Duration::ZERO, source: asked, packet }]
    });
    let targets: Vec<IpAddr> = (0..LIVE)
        .flat_map(|number| {
            let dead = (0..dead_for_each).map(move |dead| {
                let [high, low] = (number * DEAD_FOR_EACH + dead).to_be_bytes();
                Ipv4Addr::new(SILENT[0], SILENT[1], high, low)
            });
            std::iter::once(live(number)).chain(dead).map(IpAddr::from)
        })
        .collect();
    let start = Instant::now();
    let report = prober.round(&targets, &PLAN);
    drop(responder);
    let answered = u64::from(LIVE) * u64::from(PLAN.echoes);
    assert_eq!((report.counters.sent, report.counters.replies), (targets.len() as u64 * 3, answered));
    let mut departures: HashMap<Ipv4Addr, Vec<Duration>> = HashMap::new();
    for (asked, at) in log.lock().expect("the log").iter() {
        departures.entry(*asked).or_default().push(at.duration_since(start));
    }
    departures
}

#[test]
fn nine_dead_targets_for_each_live_one_shift_it_by_less_than_50_ms() {
    in_namespace(|| {
        silence_the_kernel();
        let mut prober = Prober::open_as(IcmpMode::Raw).expect("root may ping");
        let alone = departures(&mut prober, 0);
        let among_dead = departures(&mut prober, DEAD_FOR_EACH);
        let mut shifts: Vec<Duration> = Vec::new();
        for number in 0..LIVE {
            let (alone, among_dead) = (&alone[&live(number)], &among_dead[&live(number)]);
            assert_eq!((alone.len(), among_dead.len()), (3, 3));
            shifts.extend(alone.iter().zip(among_dead).map(|(a, b)| a.abs_diff(*b)));
        }
        shifts.sort_unstable();
        // Of the shifts of 180 echoes: a machine that is busy with something else may move a few of them by more.
        let nine_tenths = shifts[shifts.len() * 9 / 10];
        println!("90 % of the echoes to live targets are shifted by {nine_tenths:?} or less");
        assert!(nine_tenths < Duration::from_millis(50), "{shifts:?}");
    });
}
