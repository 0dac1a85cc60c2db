//! What the suites of the store share: small values and a tick to commit.

#![allow(dead_code, clippy::print_stdout, reason = "each suite uses its own part, and says what it skips")]

use std::{env, ffi::OsStr, path::Path, process::Command};

use nix::unistd::Uid;
use phusong_model::{
    Cause, Change, Clue, Confidence, EchoStats, Edge, Health, IcmpMode, Inventory, Link, LinkId, LinkKind, LinkState,
    Micros, Millis, OutageId, Outcome, Probe, ProberHealth, RttSummary, Sample, Sign, StoreHealth, Tick, Transition,
    UtcMs, Verdict, Window,
};
use phusong_store::{Commit, Rejection, Store};

/// Noon of some day: ticks are counted from here.
pub const NOON: UtcMs = UtcMs(1_795_435_200_000);

/// The period of all ticks here.
pub const PERIOD: Millis = Millis(10_000);

pub fn id(text: &str) -> LinkId {
    text.parse().expect("link id")
}

/// The instant of the n-th tick.
pub fn beat(number: i64) -> UtcMs {
    NOON.plus(Millis(number * PERIOD.0))
}

/// Everything up to an instant.
pub fn until(now: UtcMs) -> Window {
    Window::new(UtcMs::MIN, now)
}

pub fn tick(number: i64) -> Tick {
    Tick { at: beat(number), period: PERIOD, slip: Millis(3), blind: None }
}

pub fn echo(median: u32) -> EchoStats {
    let rtt = RttSummary {
        min: Micros(median / 2),
        median: Micros(median),
        p95: Micros(median * 2),
        max: Micros(median * 3),
        jitter: Micros(7),
    };
    EchoStats { sent: 3, lost: 1, rtt: Some(rtt) }
}

pub fn sample(link: &str, median: u32) -> Sample {
    Sample { link: id(link), probe: Probe::Icmp, outcome: Outcome::Measured(echo(median)) }
}

pub fn health() -> Health {
    Health {
        prober: ProberHealth::at_start(IcmpMode::Raw, NOON),
        store: StoreHealth::default(),
        influx: Vec::new(),
        notify: Vec::new(),
    }
}

/// A tick with one sample per link.
pub fn commit(number: i64, links: &[&str], changes: Vec<Change>) -> Commit {
    let samples = links.iter().zip(100..).map(|(link, median)| sample(link, median)).collect();
    Commit {
        tick: tick(number),
        samples,
        readings: Vec::new(),
        changes,
        observations: Vec::new(),
        tellings: Vec::new(),
        health: health(),
    }
}

/// A link enters a state without a reason.
pub fn turns(link: &str, state: LinkState, from: UtcMs) -> Change {
    Change::State(Transition { link: id(link), state, from, cause: None, blind: None, worse: None })
}

/// An outage of that number opens.
pub fn opens(number: i64, link: &str, start: UtcMs, decided: UtcMs, cause: Cause) -> Change {
    let start = Edge { at: start, error: Millis(500) };
    Change::OutageOpens { id: OutageId(number), link: id(link), start, decided, verdict: verdict(cause) }
}

/// A verdict that rests on something.
pub fn verdict(cause: Cause) -> Verdict {
    let sign = Sign::DyingGasp { device: "olt".parse().expect("device id") };
    Verdict { cause, confidence: Confidence::Medium, evidence: vec![Clue { at: NOON, sign }] }
}

/// A link goes down and its outage, the first of all, opens, both at `from`.
pub fn fails(link: &str, from: UtcMs, decided: UtcMs) -> [Change; 2] {
    let (state, cause) = (LinkState::Down, Some(Cause::Unknown));
    let down = Transition { link: id(link), state, from, cause, blind: None, worse: None };
    let opens = opens(1, link, from, decided, Cause::Unknown);
    [Change::State(down), opens]
}

pub fn inventory(links: &[&str]) -> Inventory {
    let links = links.iter().map(|link| Link {
        id: id(link),
        kind: LinkKind::Fibre,
        name: (*link).to_owned(),
        commune: None,
        site: None,
        address: None,
        service: None,
        interface: None,
        rx_limit: None,
        upstream: Vec::new(),
        operator: None,
        groups: Vec::new(),
        contact: phusong_model::Contact::default(),
    });
    Inventory { province: "Tuyên Quang".to_owned(), links: links.collect(), ..Inventory::default() }
}

/// Exit code of the shell when there is no small disk.
const CANNOT_STAGE: i32 = 77;

/// Runs a test of this suite in a process of its own that sees a disk of that size mounted on a folder; what it said.
/// Says "skipped" and gives nothing where the machine does not allow it.
pub fn on_small_disk(size: &str, disk: &Path, test: &str, environment: &[(&str, &OsStr)]) -> Option<String> {
    let stage = format!(
        "mount -t tmpfs -o size={size} phusong \"$1\" 2>/dev/null || exit {CANNOT_STAGE}
         exec \"$0\" --exact {test} --nocapture"
    );
    let mut command = Command::new("unshare");
    command.arg("--mount");
    if !Uid::effective().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.args(["sh", "-c", &stage]).arg(env::current_exe().expect("this program")).arg(disk);
    let Ok(output) = command.envs(environment.iter().copied()).output() else {
        println!("skipped: no unshare here");
        return None;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.code() == Some(CANNOT_STAGE) || (!output.status.success() && said.is_empty()) {
        println!("skipped: no right to mount a small disk");
        return None;
    }
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    Some(said)
}

/// Has a sink deliver up to a tick.
pub fn advance(store: &mut Store, sink: &str, seq: i64) {
    let numbering = store.numbering().expect("numbering");
    store.advance_sink(sink, seq, numbering).expect("cursor");
}

/// Has a sink refuse a line.
pub fn reject(store: &mut Store, sink: &str, seq: i64, line: &str, status: u16, message: &str) {
    let rejection = Rejection { seq, line: line.to_owned(), status, message: message.to_owned() };
    store.reject(sink, &[rejection]).expect("kept");
}
