//! A long backlog beside live ticks: the past drains at many times the pace of the present, and the present does not
//! wait for it.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use crate::{
    fill::{Filled, time_of},
    sink::{RunningSink, settings},
    standin::StandIn,
};

const LINKS: usize = 124;

/// Twenty hours at a tick a minute, or 33 minutes at one a second.
const BACKLOG: usize = 2_000;

/// Time between live ticks.
const LIVE: Duration = Duration::from_secs(1);

/// How long the server thinks about each request: a busy one at the other end of the country.
const THINKS: Duration = Duration::from_millis(300);

/// The longest time from commit to arrival.
const FRESH: Duration = Duration::from_secs(10);

/// The backlog drains at least so many times as fast as it grows.
const PACE: f64 = 20.0;

#[test]
fn live_ticks_arrive_while_the_backlog_drains_oldest_first() {
    let (stand_in, folder) = (StandIn::start([]), tempfile::tempdir().expect("folder"));
    stand_in.delay(THINKS);
    let mut filled = Filled::new(&folder.path().join("store"), LINKS);
    let newest = (0..BACKLOG).map(|_| filled.tick()).fold(0, i64::max);
    let settings = settings(format!("http://{}", stand_in.address), folder.path());
    let begun = Instant::now();
    let sink = RunningSink::start(settings, folder.path().join("store"), filled, newest, Box::new(|_| Ok(())));

    let mut committed = BTreeMap::new();
    let mut behind = 0;
    while sink.cursor() < newest {
        let number = sink.filled().ticks;
        sink.tick();
        committed.insert(number, Instant::now());
        thread::sleep(LIVE);
        behind += usize::from(sink.cursor() < newest);
        assert!(begun.elapsed() < Duration::from_secs(120), "the backlog does not drain");
    }
    let drained = begun.elapsed();
    let last = i64::try_from(sink.filled().ticks).expect("few");
    sink.wait_for_cursor(last);

    let arrived = stand_in.arrived();
    let at = |number: usize| arrived[&(time_of(number).0 / 1000).to_string()];
    let waits = committed.iter().map(|(number, then)| at(*number).saturating_duration_since(*then));
    let longest = waits.max().expect("live ticks");
    assert!(longest <= FRESH, "a live tick waited for {longest:?}");
    // They came before the past was through, and the past came in its order.
    let end_of_past = at(BACKLOG - 11);
    let before = committed.keys().filter(|number| at(**number) < end_of_past).count();
    assert!(behind >= 3 && before >= behind - 1, "{before} of {behind} live ticks came before the end of the past");
    let past: Vec<Instant> = (0..BACKLOG).map(at).collect();
    // The newest ten of the past are sent ahead at the start, as the picture of the moment.
    assert!(past[..BACKLOG - 10].is_sorted(), "oldest first");

    let mut points = stand_in.points();
    points.retain(|series, _| series.starts_with("link_probe,"));
    assert_eq!(points, sink.filled().expected());
    assert_eq!(sink.rejected(), []);
    let pace = BACKLOG as f64 / drained.as_secs_f64() * LIVE.as_secs_f64();
    println!(
        "{BACKLOG} ticks of {LINKS} links drained in {drained:?} with {THINKS:?} an answer: {pace:.0} times the live rate; \
         {} live ticks, the slowest after {longest:?}",
        committed.len()
    );
    assert!(pace >= PACE, "{pace}");
    sink.stop();
}
