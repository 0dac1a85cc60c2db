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
#[path = "fleet/fping.rs"]
mod fping;
#[path = "fleet/network.rs"]
mod network;
#[path = "fleet/schedule.rs"]
mod schedule;
mod support;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    ops::Range,
    sync::{Arc, OnceLock},
    thread,
    time::{Duration, Instant},
};

use fping::{Fping, Told};
use phusong_model::{LinkId, UtcMs, Window};
use schedule::{FEEDERS, Fault, Kind, Schedule, children};
use serde_json::Value;
use support::{Daemon, Province, ask, items, own_network, text, wait_for};

const HOSTS: u8 = 124;

/// The schedule's seed; `PHUSONG_SEED` plays another one.
const SEED: u64 = 20_261_123;

/// Starts and ends may be off by the distance that is stored with them, and by the time limit of an echo.
const TOLERANCE: Duration = Duration::from_millis(300);

/// A rule of three losses knows a start to two rounds at best; to tell what it meant.
const LOOSE: Duration = Duration::from_secs(5);

fn province() -> Province {
    let mut links = "id,kind,commune,address,device,ifname,operator,upstream\n".to_owned();
    let mut devices = "id,address,port,credential\n".to_owned();
    let mut communes = "code,name,kind\n".to_owned();
    for n in 0..HOSTS {
        let (code, address) = (10_000 + u32::from(n), network::host(n));
        writeln!(communes, "{code},Xã {n},xã").expect("text");
        writeln!(devices, "router-{n},{address},161,fleet").expect("text");
        let kind = if n < FEEDERS { "feeder" } else { "fibre" };
        let upstream = (0..FEEDERS).find(|feeder| children(*feeder).contains(&n));
        let upstream = upstream.map(|feeder| format!("fibre-{feeder}")).unwrap_or_default();
        writeln!(links, "fibre-{n},{kind},{code},{address},router-{n},{},viettel,{upstream}", agent::IFNAME)
            .expect("text");
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

/// An outage that was found, with times after the beginning.
#[derive(Debug, Clone)]
struct Found {
    host: u8,
    event: i64,
    span: Range<Duration>,
    /// The distances that are stored with its start and its end.
    errors: [Duration; 2],
    cause: String,
}

impl Found {
    fn of(item: &Value, begun: UtcMs) -> Self {
        let after = |field: &str| {
            let at: UtcMs = text(item, field).parse().unwrap_or_else(|error| panic!("{field}: {error}: {item}"));
            Duration::from_millis(u64::try_from(at.since(begun).0).unwrap_or_default())
        };
        let length = |field: &str| Duration::from_millis(item[field].as_u64().expect("a length"));
        Self {
            host: text(item, "link").trim_start_matches("fibre-").parse().expect("a host"),
            event: item["event"].as_i64().expect("a number"),
            span: after("start")..after("end"),
            errors: [length("start_error_ms"), length("end_error_ms")],
            cause: text(item, "cause").to_owned(),
        }
    }

    /// Whether it is this time in which nothing got through.
    fn is(&self, down: &Range<Duration>) -> bool {
        let [start, end] = self.errors;
        self.span.start.abs_diff(down.start) <= start + TOLERANCE && self.span.end.abs_diff(down.end) <= end + TOLERANCE
    }
}

/// Every time in which a host was down.
fn downs(schedule: &Schedule) -> Vec<(u8, Range<Duration>)> {
    let of_fault = |fault: &Fault| {
        let hosts = fault.hosts.clone();
        fault.down().into_iter().flat_map(move |down| hosts.clone().into_iter().map(move |host| (host, down.clone())))
    };
    schedule.faults.iter().flat_map(of_fault).collect()
}

/// Recall, precision and delays of a rule.
struct Score {
    scheduled: usize,
    missed: Vec<(u8, Range<Duration>)>,
    found: usize,
    wrong: Vec<String>,
    delays: Vec<Duration>,
}

impl Score {
    fn ours(schedule: &Schedule, found: &[Found], seen: &Seen) -> Self {
        let downs = downs(schedule);
        let is = |found: &Found, (host, down): &(u8, Range<Duration>)| found.host == *host && found.is(down);
        let wrong = found.iter().filter(|found| !downs.iter().any(|down| is(found, down)));
        let mut delays: Vec<Duration> = downs
            .iter()
            .filter_map(|(host, down)| {
                let link: LinkId = format!("fibre-{host}").parse().ok()?;
                let at = schedule.begun + down.start;
                let first = seen.iter().filter(|((l, _), first)| *l == link && **first >= at).map(|(_, first)| *first);
                Some(first.min()?.saturating_duration_since(at)).filter(|delay| *delay < LOOSE)
            })
            .collect();
        delays.sort();
        Self {
            scheduled: downs.len(),
            missed: downs.iter().filter(|down| !found.iter().any(|found| is(found, down))).cloned().collect(),
            found: found.len(),
            wrong: wrong.map(|found| format!("{found:?}")).collect(),
            delays,
        }
    }

    fn fping(schedule: &Schedule, told: &[Told]) -> Self {
        let downs = downs(schedule);
        // Our own uplink is no outage of a host; fping does not know it, and is not blamed for it.
        let uplink = schedule.uplink.start..schedule.uplink.end + LOOSE;
        let told: Vec<&Told> = told.iter().filter(|told| !uplink.contains(&told.decided)).collect();
        let is = |told: &Told, (host, down): &(u8, Range<Duration>)| {
            told.host == *host && (down.start..down.end + LOOSE).contains(&told.decided)
        };
        let wrong = told.iter().filter(|told| !downs.iter().any(|down| is(told, down)));
        let mut delays: Vec<Duration> = downs
            .iter()
            .filter_map(|down| told.iter().find(|told| is(told, down)).map(|told| told.decided - down.1.start))
            .collect();
        delays.sort();
        Self {
            scheduled: downs.len(),
            missed: downs.iter().filter(|down| !told.iter().any(|told| is(told, down))).cloned().collect(),
            found: told.len(),
            wrong: wrong.map(|told| format!("{told:?}")).collect(),
            delays,
        }
    }

    fn delay(&self, percent: usize) -> Duration {
        let index = (self.delays.len() * percent / 100).min(self.delays.len().saturating_sub(1));
        self.delays.get(index).copied().unwrap_or_default()
    }

    fn line(&self, who: &str) -> String {
        let recall = 1.0 - self.missed.len() as f64 / self.scheduled as f64;
        let precision = 1.0 - self.wrong.len() as f64 / self.found.max(1) as f64;
        format!(
            "{who}: {} times of {} found, {} wrong: recall {recall:.3}, precision {precision:.3}, delay p50 {:?}, p95 {:?}, max {:?}",
            self.scheduled - self.missed.len(),
            self.scheduled,
            self.wrong.len(),
            self.delay(50),
            self.delay(95),
            self.delay(100),
        )
    }
}

/// Each cut is one event with all it hits; each flapping link one that says so; a restart is told from a cut fibre.
fn events_are_right(schedule: &Schedule, found: &[Found], events: &[Value]) {
    let of_host = |host: u8| found.iter().filter(move |found| found.host == host);
    for fault in &schedule.faults {
        let numbers: BTreeSet<i64> =
            fault.hosts.iter().flat_map(|host| of_host(*host)).map(|found| found.event).collect();
        let event =
            |number: &i64| events.iter().find(|event| event["event"].as_i64() == Some(*number)).expect("an event");
        match fault.kind {
            Kind::Cut => {
                assert_eq!(numbers.len(), 1, "one event of {fault:?}: {found:#?}");
                let event = event(numbers.first().expect("one"));
                assert_eq!(text(event, "by"), format!("fibre-{}", fault.hosts[0]), "{event}");
                assert_eq!(event["links"].as_array().map(Vec::len), Some(fault.hosts.len()), "{event}");
            }
            Kind::Flapping => {
                assert_eq!(numbers.len(), 1, "one event of {fault:?}: {found:#?}");
                assert_eq!(event(numbers.first().expect("one"))["flapping"], true, "{fault:?}");
            }
            Kind::Reboot | Kind::Hard => {
                let is_right = |found: &Found| (found.cause == "power") == (fault.kind == Kind::Reboot);
                assert!(of_host(fault.hosts[0]).all(is_right), "{fault:?}: {found:#?}");
            }
            Kind::Lossy | Kind::Slow => {}
        }
    }
}

#[test]
fn outages_match_the_schedule() {
    if !own_network() {
        return;
    }
    let schedule = Arc::new(OnceLock::<Schedule>::new());
    let (judged, counted) = (schedule.clone(), schedule.clone());
    let long_up = Instant::now();
    network::build(
        HOSTS,
        Arc::new(move |to, now| match judged.get() {
            Some(schedule) => schedule.fate(to, now),
            None => network::Fate::Delayed(Duration::from_millis(5)),
        }),
        Arc::new(move |host| {
            let now = Instant::now();
            let booted = counted.get().and_then(|schedule| Some(schedule.begun + schedule.booted(host, now)?));
            booted.map_or_else(|| long_up.elapsed() + Duration::from_secs(86_400), |booted| now - booted)
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

    let fping = Fping::start(province.dir.path(), HOSTS);
    let (begun, begun_at) = (Instant::now(), UtcMs::from(jiff::Timestamp::now()));
    let seed = std::env::var("PHUSONG_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(SEED);
    let schedule = schedule.get_or_init(|| Schedule::from_seed(seed, begun));
    let mut seen = Seen::new();
    watch(&province, begun + (schedule.uplink.start + schedule.uplink.end) / 2, &mut seen);
    let blind = ask(&config, &["links"]).expect("an answer");
    assert!(
        items(&blind).iter().all(|link| text(link, "state") == "blind" && text(link, "blind") == "anchors"),
        "with our own uplink dead every link is blind and none is down"
    );
    watch(&province, begun + schedule.length, &mut seen);

    let answer = ask(&config, &["outages", "--since", "10m"]).expect("an answer");
    let found: Vec<Found> = items(&answer).iter().map(|item| Found::of(item, begun_at)).collect();
    let score = Score::ours(schedule, &found, &seen);
    println!("seed {seed}, {} faults", schedule.faults.len());
    println!("{}", score.line("phusong"));
    match fping {
        Some(fping) => {
            let score = Score::fping(schedule, &fping.outages(begun_at));
            println!("{}; wrong {:?}", score.line("fping, 3 losses"), score.wrong);
        }
        None => println!("skipped: fping is not installed"),
    }
    let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
    found.iter().for_each(|found| *causes.entry(&found.cause).or_default() += 1);
    println!("causes: {causes:?}");
    assert!(
        score.missed.is_empty(),
        "recall must be 1.0: {:?}\nwrong {:#?}\n{}",
        score.missed,
        score.wrong,
        daemon.words()
    );
    assert!(score.wrong.len() * 100 <= score.found, "precision must be at least 0.99: {:#?}", score.wrong);
    events_are_right(schedule, &found, answer["events"].as_array().expect("events"));
    daemon.stop();
}
