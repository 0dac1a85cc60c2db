//! Everything that a server and the way to it can do wrong, one after the other, while the daemon probes on.

use std::{fs, thread, time::Duration};

use nix::unistd::Pid;
use phusong_store::Reader;

use crate::{
    daemon::{EACH_SECOND, all_ticks, expected, has, province_with},
    server::{wait_at_most, wait_until},
    sink::SINK,
    standin::{Answer, Seen, StandIn},
    support::{Daemon, Province},
};

const LINKS: usize = 124;

/// Time limit of a request.
const TIMEOUT: &str = "2s";

/// While InfluxDB is down it is asked at most once in so long; a little less, since both clocks are read late.
const LEAST_PAUSE: Duration = Duration::from_millis(1_950);

/// What the daemon may grow by.
const GROWTH_MOST: u64 = 32 << 10;

/// Every way to fail.
fn faults() -> Vec<Answer> {
    vec![
        Answer::Refuse(Duration::from_secs(5)),
        Answer::Hang,
        Answer::ResetInHead,
        Answer::Status(500, "boom"),
        Answer::Status(502, "<h1>Bad Gateway</h1>"),
        Answer::RetryAfter(503, 3),
        Answer::Status(429, ""),
        Answer::Status(413, ""),
        Answer::Status(401, r#"{"code":"unauthorized","message":"unauthorized access"}"#),
        Answer::Status(404, r#"{"code":"not found","message":"bucket not found"}"#),
        Answer::Status(400, r#"{"code":"invalid","message":"unable to parse"}"#),
        Answer::StoreAndSay(422, r#"{"code":"unprocessable entity","message":"partial write: dropped=0"}"#),
        Answer::StoreAndSay(200, "stored"),
        Answer::Drip,
        Answer::StoreAndCut,
        Answer::Cut,
    ]
}

/// The same in an order that a seed gives (Fisher and Yates, by Knuth's generator).
fn shuffled(seed: u64) -> Vec<Answer> {
    let (mut faults, mut state) = (faults(), seed);
    for last in (1..faults.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = (state >> 33) as usize % (last + 1);
        faults.swap(last, other);
    }
    faults
}

fn province(stand_in: &StandIn) -> Province {
    let sections = format!(
        "{EACH_SECOND}[influx]\nurl = \"http://{}\"\norg = \"o\"\nbucket = \"b\"\ntoken_file = \"token\"\ntimeout = \"{TIMEOUT}\"\n",
        stand_in.address
    );
    province_with(&sections, LINKS)
}

/// Resident memory of a process in KiB.
fn resident(pid: Pid) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// Whether the answer says that the server is there and only the lines are wrong.
fn understood(seen: &Seen) -> bool {
    matches!(seen.status, 204 | 400 | 413 | 422)
}

/// The shortest time from a request that failed to the next one.
fn shortest_pause(seen: &[Seen]) -> Option<Duration> {
    let pairs = seen.iter().zip(seen.iter().skip(1)).filter(|(failed, _)| !understood(failed));
    pairs.map(|(failed, next)| next.at.duration_since(failed.at)).min()
}

/// Lets the daemon run until everything is delivered, stops it, and compares. How many samples there were.
fn nothing_is_missing(daemon: Daemon, province: &Province, stand_in: &StandIn) -> usize {
    let reader = Reader::open(&province.data()).expect("store");
    wait_at_most(Duration::from_secs(100), "the queue is drained", &mut || {
        reader.backlog(SINK).is_ok_and(|backlog| backlog.queued_ticks <= 1)
    });
    daemon.stop();
    let (ticks, reached) = (all_ticks(&reader), reader.sink_cursor(SINK).expect("cursor"));
    // The tick under way at the stop may be there before the cursor says so.
    let upto = |seq: i64| expected(ticks.iter().filter(|tick| tick.seq <= seq));
    assert!(has(stand_in, &upto(reached)) || has(stand_in, &upto(reached + 1)), "lost or differing");
    assert_eq!(reader.backlog(SINK).expect("backlog").rejected_lines, 0);
    upto(reached).len()
}

#[test]
fn every_fault_after_the_other_costs_no_sample_little_memory_and_few_requests() {
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: probing needs root here");
        return;
    }
    let seed = std::env::var("PHUSONG_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_128);
    let stand_in = StandIn::start([]);
    let province = province(&stand_in);
    let daemon = Daemon::with_config(&province.config());
    wait_until("ticks are delivered", || stand_in.arrived().len() >= 5);
    let before = resident(daemon.pid());
    for fault in shuffled(seed) {
        let seen = stand_in.seen().len();
        stand_in.next([fault.clone()]);
        // The fault is met, and then the server works for a request at least.
        wait_at_most(Duration::from_secs(40), &format!("{fault:?} is over"), &mut || {
            stand_in.seen().iter().skip(seen + 1).any(|seen| seen.status == 204)
        });
    }
    let grown = resident(daemon.pid()).saturating_sub(before);
    let samples = nothing_is_missing(daemon, &province, &stand_in);
    let shortest = shortest_pause(&stand_in.seen()).expect("failures");
    println!("seed {seed}: {samples} samples, lost 0, differing 0; shortest pause {shortest:?}, grown by {grown} KiB");
    assert!(shortest >= LEAST_PAUSE, "{shortest:?}");
    assert!(grown <= GROWTH_MOST, "{grown} KiB");
}

/// How long InfluxDB is away: ten minutes where `PHUSONG_LONG` asks for it.
fn outage() -> Duration {
    Duration::from_secs(if std::env::var_os("PHUSONG_LONG").is_some() { 600 } else { 10 })
}

#[test]
fn ten_minutes_without_influxdb() {
    if !nix::unistd::geteuid().is_root() {
        println!("skipped: probing needs root here");
        return;
    }
    let stand_in = StandIn::start([]);
    let province = province(&stand_in);
    let daemon = Daemon::with_config(&province.config());
    wait_until("ticks are delivered", || stand_in.arrived().len() >= 5);
    let (before, seen) = (resident(daemon.pid()), stand_in.seen().len());
    stand_in.always(Some(Answer::Status(503, "")));
    thread::sleep(outage());
    let asked = stand_in.seen().len() - seen;
    stand_in.always(None);
    wait_at_most(Duration::from_secs(70), "it is noticed within a minute", &mut || {
        stand_in.seen().last().is_some_and(|seen| seen.status == 204)
    });
    thread::sleep(Duration::from_secs(5));
    let grown = resident(daemon.pid()).saturating_sub(before);
    let samples = nothing_is_missing(daemon, &province, &stand_in);
    println!("{samples} samples, lost 0, differing 0; {asked} requests in {:?}, grown by {grown} KiB", outage());
    assert!(asked <= 25, "{asked} requests");
    assert!(grown <= GROWTH_MOST, "{grown} KiB");
}
