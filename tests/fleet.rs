//! 124 hosts behind a TUN device, a scripted schedule of faults, and `phusong outages --json` against it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

#[path = "fleet/agent.rs"]
mod agent;
#[path = "fleet/network.rs"]
mod network;
#[path = "fleet/schedule.rs"]
mod schedule;
mod support;

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, OnceLock},
    thread,
    time::{Duration, Instant},
};

use phusong_model::{LinkId, UtcMs, Window};
use schedule::{Fault, Kind, Schedule};
use serde_json::Value;
use support::{Daemon, Province, ask, items, own_network, text, wait_for};

const HOSTS: u8 = 124;
const FAULTS: u8 = 60;

/// The schedule's seed; `PHUSONG_SEED` plays another one.
const SEED: u64 = 20_261_123;

/// Starts and ends may be off by this: the round before and the round after.
const TOLERANCE: Duration = Duration::from_secs(2);

fn province() -> Province {
    let mut links = "id,kind,commune,address,device,ifname,operator\n".to_owned();
    let mut devices = "id,address,port,credential\n".to_owned();
    let mut communes = "code,name,kind\n".to_owned();
    for n in 0..HOSTS {
        let (code, address) = (10_000 + u32::from(n), network::host(n));
        writeln!(communes, "{code},Xã {n},xã").expect("text");
        writeln!(devices, "router-{n},{address},161,fleet").expect("text");
        writeln!(links, "fibre-{n},fibre,{code},{address},router-{n},{},viettel", agent::IFNAME).expect("text");
    }
    let anchor = network::ANCHOR;
    let province = Province::write(
        &format!(
            r#"[icmp]
period = "1s"
spacing = "40ms"
timeout = "250ms"
reprobe_spacing = "30ms"
anchors = ["{anchor}"]

[snmp]
period = "5s"
timeout = "500ms"

[[snmp.credential]]
name = "fleet"
version = "2c"
community = "community"
"#
        ),
        &[("communes.csv", &communes), ("links.csv", &links), ("devices.csv", &devices)],
    );
    province.secret("community", agent::COMMUNITY);
    province
}

/// When each outage was first to be seen by someone who asks the store.
type Seen = HashMap<(LinkId, UtcMs), Instant>;

fn watch(province: &Province, until: Instant, seen: &mut Seen) {
    while Instant::now() < until {
        let now = UtcMs::from(jiff::Timestamp::now());
        if let Ok(evidence) = phusong_store::Reader::open(&province.data())
            .and_then(|reader| reader.evidence(now, Window::new(UtcMs::MIN, now)))
        {
            for outage in evidence.outages {
                seen.entry((outage.link, outage.start)).or_insert_with(Instant::now);
            }
        }
        thread::sleep(Duration::from_millis(100));
    }
}

fn instant_of(at: &str, clock: (Instant, UtcMs)) -> Option<Duration> {
    let at: UtcMs = at.parse().ok()?;
    u64::try_from(at.since(clock.1).0).ok().map(Duration::from_millis)
}

fn near(a: Duration, b: Duration) -> bool {
    a.abs_diff(b) <= TOLERANCE
}

/// Whether a found outage is the one that the schedule made.
fn is(fault: &Fault, found: &Value, clock: (Instant, UtcMs)) -> bool {
    fault.kind == Kind::Hard
        && text(found, "link") == format!("fibre-{}", fault.host)
        && instant_of(text(found, "start"), clock).is_some_and(|start| near(start, fault.from))
        && instant_of(text(found, "end"), clock).is_some_and(|end| near(end, fault.to))
}

#[test]
fn outages_match_the_schedule() {
    if !own_network() {
        return;
    }
    let schedule = Arc::new(OnceLock::<Schedule>::new());
    let judged = schedule.clone();
    network::build(
        HOSTS,
        Arc::new(move |to, now| match judged.get() {
            Some(schedule) => schedule.fate(to, now),
            None => network::Fate::Delayed(Duration::from_millis(5)),
        }),
    );
    let province = province();
    let config = province.config();
    let daemon = Daemon::with_config(&config);
    wait_for("every link to be up", || {
        let answer = ask(&config, &["links"])?;
        let up = items(&answer).iter().filter(|link| text(link, "state") == "up").count();
        (up == usize::from(HOSTS)).then_some(())
    });

    let begun = Instant::now();
    let clock = (begun, UtcMs::from(jiff::Timestamp::now()));
    let seed = std::env::var("PHUSONG_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(SEED);
    let schedule = schedule.get_or_init(|| Schedule::from_seed(seed, HOSTS, FAULTS, begun));
    let mut seen = Seen::new();
    let middle_of_uplink = begun + (schedule.uplink.0 + schedule.uplink.1) / 2;
    watch(&province, middle_of_uplink, &mut seen);
    let blind = ask(&config, &["links"]).expect("an answer");
    assert!(
        items(&blind).iter().all(|link| text(link, "state") == "blind" && text(link, "blind") == "anchors"),
        "with our own uplink dead every link is blind and none is down"
    );
    watch(&province, begun + schedule.length, &mut seen);

    let answer = ask(&config, &["outages", "--since", "10m"]).expect("an answer");
    let found = items(&answer);
    let hard: Vec<&Fault> = schedule.faults.iter().filter(|fault| fault.kind == Kind::Hard).collect();
    let missed: Vec<_> = hard.iter().filter(|fault| !found.iter().any(|f| is(fault, f, clock))).collect();
    let wrong: Vec<_> = found.iter().filter(|f| !hard.iter().any(|fault| is(fault, f, clock))).collect();
    let mut delays: Vec<Duration> = hard
        .iter()
        .filter_map(|fault| {
            let link: LinkId = format!("fibre-{}", fault.host).parse().ok()?;
            let first = seen.iter().filter(|((l, _), _)| *l == link).map(|(_, at)| *at).min()?;
            Some(first.saturating_duration_since(begun + fault.from))
        })
        .collect();
    delays.sort();
    let quantile = |percent: usize| delays.get(delays.len() * percent / 100).copied().unwrap_or_default();
    println!(
        "seed {seed}: scheduled {} outages and {} lossy lines; found {}, missed {}, wrong {}; seen after p50 {:?}, p95 {:?}, max {:?}",
        hard.len(),
        schedule.faults.len() - hard.len(),
        found.len(),
        missed.len(),
        wrong.len(),
        quantile(50),
        quantile(95),
        quantile(100 - 1),
    );
    assert!(missed.is_empty(), "recall must be 1.0: {missed:?}\nfound {found:#?}\n{}", daemon.words());
    assert!(wrong.len() * 100 <= found.len(), "precision must be at least 0.99: {wrong:#?}");
    daemon.stop();
}
