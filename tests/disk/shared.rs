//! A disk that others fill: with less left than `[store] keep_free` the oldest looks make room, before anything is full.

use std::{fs, process::Command};

use phusong_model::{
    EchoStats, Health, IcmpMode, Micros, Millis, Outcome, Probe, ProberHealth, RttSummary, Sample, StoreHealth, Tick,
    UtcMs,
};
use phusong_store::{Commit, Store};

use super::{LINKS, Mounted, is_root, more_ticks, newest, notice, status, ticks, with_own_mounts};
use crate::support::{Daemon, own_network, phusong, run_ok, wait_for};

/// Ticks that are in the store before the daemon starts: ten minutes, of which half have their minutes rolled up and may
/// go.
const BEFORE: i64 = 600;

/// A look of each link in each second before now.
fn looked_before(folder: &std::path::Path) {
    let mut store = Store::open(folder).expect("store");
    let now = jiff::Timestamp::now().as_second();
    let rtt = Micros(700);
    let stats = EchoStats {
        sent: 1,
        lost: 0,
        rtt: Some(RttSummary { min: rtt, median: rtt, p95: rtt, max: rtt, jitter: Micros(0) }),
    };
    let samples: Vec<Sample> = (1..=LINKS)
        .map(|link| Sample {
            link: format!("fibre-{link}").parse().expect("id"),
            probe: Probe::Icmp,
            outcome: Outcome::Measured(stats),
        })
        .collect();
    for second in now - BEFORE..now {
        let at = UtcMs(second * 1000);
        let commit = Commit {
            tick: Tick { at, period: Millis(1000), slip: Millis(0), blind: None },
            samples: samples.clone(),
            readings: Vec::new(),
            changes: Vec::new(),
            observations: Vec::new(),
            tellings: Vec::new(),
            health: Health {
                prober: ProberHealth::at_start(IcmpMode::None, at),
                store: StoreHealth::default(),
                influx: Vec::new(),
                notify: Vec::new(),
            },
        };
        store.commit(&commit).expect("a tick");
    }
}

#[test]
fn room_that_others_need_is_left_to_them_and_old_looks_go_until_they_give_it_back() {
    if !is_root() || !own_network() {
        return;
    }
    // Of 64 MiB no more than a tenth is kept free.
    let province = with_own_mounts("keep_free = \"6MiB\"\n");
    let data = province.data();
    let _disk = Mounted::disk(&data, 64);
    looked_before(&data);
    let first = ticks(&data).first().map(|tick| tick.seq).expect("ticks");
    let daemon = Daemon::with_config(&province.config());
    wait_for("the reserve", || data.join("phusong.reserve").exists().then_some(()));
    more_ticks(&data, 2);
    let oldest = || ticks(&data).first().map(|tick| tick.seq).expect("ticks");
    let short = || status(&province).filter(|answer| notice(answer, "store-short").is_some());
    assert_eq!((oldest(), short()), (first, None), "there is room for all");

    // Another program leaves 5 MiB.
    let free = || {
        let disk = nix::sys::statvfs::statvfs(&data).expect("disk");
        disk.blocks_available() * disk.fragment_size()
    };
    let theirs = data.join("theirs");
    let fill = format!("head -c {} /dev/zero > {}", free() - (5 << 20), theirs.display());
    run_ok(Command::new("sh").args(["-c", &fill]));
    let told = std::time::Instant::now();
    let answer = wait_for("it is said that the store is short of room", short);
    assert!(told.elapsed() < super::SHOWN, "said after {:?}", told.elapsed());
    assert!(notice(&answer, "not-stored").is_none(), "nothing is full: {answer}");
    wait_for("old looks go", || (oldest() > first + 100).then_some(()));
    let minute = newest(&data).expect("a tick").minus(Millis::from_secs(240));
    more_ticks(&data, 3);
    assert!(ticks(&data).iter().any(|tick| tick.tick.at < minute), "what has no minutes yet stays");
    assert!(free() > 3 << 20, "the rest is left to others: {}", free());
    assert!(data.join("phusong.reserve").exists(), "the reserve is for a disk that is full");

    fs::remove_file(&theirs).expect("room");
    wait_for("there is room again", || status(&province).filter(|answer| notice(answer, "store-short").is_none()));
    let kept = oldest();
    more_ticks(&data, 3);
    assert_eq!(oldest(), kept, "nothing more goes");
    daemon.stop();
    assert_eq!(phusong(&province.config(), &["store", "check"]).status.code(), Some(0));
}
