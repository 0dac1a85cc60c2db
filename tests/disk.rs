//! The daemon and its disk: full, filled by others, emptied, read-only, its files removed, overwritten, its descriptors
//! used up, the daemon killed. Each time probing goes on, the fault is shown, nothing that was acknowledged is lost, and
//! nobody restarts anything.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a test stops where something is missing, and says what it skips"
)]

mod support;

#[path = "disk/readonly.rs"]
mod readonly;
#[path = "disk/shared.rs"]
mod shared;

use std::{
    fmt::Write as _,
    fs::{self, OpenOptions},
    hash::{BuildHasher as _, RandomState},
    io::Write as _,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::sched::{CloneFlags, unshare};
use phusong_model::{LinkState, Millis, UtcMs, Window};
use phusong_store::{Reader, StoredTick};
use serde_json::Value;
use support::{Daemon, Province, ask, items, own_network, phusong, run_ok, text, wait_for};

const LINKS: usize = 124;

/// Everything that is shown is shown within this time.
const SHOWN: Duration = Duration::from_secs(5);

/// A province that is probed every second, with more keys of `[store]`.
fn province(store: &str) -> Province {
    let sections = "[icmp]\nperiod = \"1s\"\nspacing = \"20ms\"\ntimeout = \"200ms\"\nreprobe_spacing = \"20ms\"\n";
    let mut links = "id,kind,commune,address\n".to_owned();
    for link in 1..=LINKS {
        writeln!(links, "fibre-{link},fibre,02221,127.77.1.{link}").expect("text");
    }
    let communes = "code,name,kind\n02221,Nà Hang,xã\n";
    Province::write_with(store, sections, &[("communes.csv", communes), ("links.csv", &links)])
}

fn is_root() -> bool {
    let root = nix::unistd::geteuid().is_root();
    if !root {
        println!("skipped: probing and mounting need root here");
    }
    root
}

fn ticks(folder: &Path) -> Vec<StoredTick> {
    let reader = Reader::open(folder).expect("store");
    let mut all: Vec<StoredTick> = Vec::new();
    loop {
        let more = reader.ticks_after(all.last().map_or(0, |tick| tick.seq), 1000).expect("ticks");
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

fn newest(folder: &Path) -> Option<UtcMs> {
    Reader::open(folder).and_then(|reader| reader.last_tick()).ok().flatten().map(|tick| tick.at)
}

/// Waits for so many ticks more than there are.
fn more_ticks(folder: &Path, count: i64) {
    let from = newest(folder);
    let enough = |at: UtcMs| from.is_none_or(|from| at.since(from) >= Millis::from_secs(count));
    wait_for("more ticks", || newest(folder).filter(|at| enough(*at)));
}

/// All seconds from the first tick to the last one have a tick with all links; returns how many.
fn whole(folder: &Path) -> usize {
    let ticks = ticks(folder);
    for pair in ticks.windows(2) {
        assert_eq!(pair[1].seq, pair[0].seq + 1);
        let apart = pair[1].tick.at.since(pair[0].tick.at);
        // A tick that came late on a busy machine may have skipped a second; the labels only grow.
        assert!(apart >= Millis(1000) && apart <= Millis(5000), "{apart:?} after {}", pair[0].tick.at);
    }
    assert!(ticks.iter().all(|tick| tick.samples.len() == LINKS), "every tick has all links");
    ticks.len()
}

/// The remark of that kind in an answer.
fn notice<'a>(answer: &'a Value, kind: &str) -> Option<&'a Value> {
    answer["notices"].as_array()?.iter().find(|notice| text(notice, "notice") == kind)
}

fn status(province: &Province) -> Option<Value> {
    ask(&province.config(), &["status"])
}

/// The same with mounts that only this thread, and what it starts, can see.
fn with_own_mounts(store: &str) -> Province {
    unshare(CloneFlags::CLONE_NEWNS).expect("a mount namespace");
    run_ok(Command::new("mount").args(["--make-rprivate", "/"]));
    let province = province(store);
    fs::create_dir(province.data()).expect("folder");
    province
}

/// A mount, undone before the folder of the test is removed, also when the test panics: a folder that something is
/// mounted in cannot be removed, and stays with all that is in it.
struct Mounted(PathBuf);

impl Mounted {
    /// What `mount` makes of these words and the folder, if it does.
    fn on(folder: &Path, what: &[&str]) -> Option<Self> {
        let mounted = Command::new("mount").args(what).arg(folder).status().is_ok_and(|status| status.success());
        mounted.then(|| Self(folder.to_owned()))
    }

    /// A disk in memory of so many MiB.
    fn disk(folder: &Path, mebibytes: u32) -> Self {
        let size = format!("size={mebibytes}m");
        Self::on(folder, &["-t", "tmpfs", "-o", &size, "phusong"]).expect("a disk in memory")
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: a daemon may still have files open. Where it fails, the folder stays as it did before.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).stderr(Stdio::null()).status();
    }
}

/// The same on a disk of 24 MiB, which goes before the province does.
fn on_small_disk() -> (Province, Mounted) {
    let province = with_own_mounts("keep_free = \"0MiB\"\n");
    let disk = Mounted::disk(&province.data(), 24);
    (province, disk)
}

/// A link falls silent.
fn cut(address: &str) {
    let rules = format!(
        "add table ip t; add chain ip t in {{ type filter hook input priority 0; }}; add rule ip t in ip daddr {address} drop"
    );
    run_ok(Command::new("nft").arg(rules));
}

/// Fills what is left of a disk; whether there was anything.
fn fill(disk: &Path) -> bool {
    let mut ballast = OpenOptions::new().create(true).append(true).open(disk.join("ballast")).expect("ballast");
    let mut any = false;
    for length in [64 << 10, 4 << 10, 1] {
        while ballast.write(&vec![0; length]).is_ok_and(|written| written > 0) {
            any = true;
        }
    }
    any
}

#[test]
fn a_test_that_fails_leaves_no_folder_behind_that_something_was_mounted_in() {
    if !is_root() {
        return;
    }
    let folder = std::panic::catch_unwind(|| {
        let (province, _disk) = on_small_disk();
        fs::write(province.data().join("a-file"), "").expect("a file");
        std::panic::panic_any(province.dir.path().to_owned());
    });
    let folder = folder.expect_err("it panicked").downcast::<PathBuf>().expect("with its folder");
    assert!(!folder.exists(), "{}", folder.display());
}

#[test]
fn a_full_disk_stops_no_probe_and_loses_nothing_when_it_has_room_again() {
    if !is_root() || !own_network() {
        return;
    }
    let (province, _disk) = on_small_disk();
    let daemon = Daemon::with_config(&province.config());
    more_ticks(&province.data(), 3);
    wait_for("the reserve", || province.data().join("phusong.reserve").exists().then_some(()));

    // The reserve is given up and used up; in between somebody else takes what is free.
    let waits = |answer: &Value| notice(answer, "not-stored").and_then(|notice| notice["waiting_ticks"].as_u64());
    let mut full_since = Instant::now();
    let shown = wait_for("the fault is shown", || {
        if fill(&province.data()) {
            full_since = Instant::now();
        }
        status(&province).filter(|answer| waits(answer).is_some()).map(|_| full_since.elapsed())
    });
    assert!(shown < SHOWN, "shown after {shown:?}");
    assert!(!province.data().join("phusong.reserve").exists(), "the reserve was given up first");

    // What happens now is known from memory.
    cut("127.77.1.7");
    let dark = wait_for("the outage is shown", || {
        fill(&province.data());
        let answer = ask(&province.config(), &["outages"])?;
        let open = items(&answer).iter().find(|item| text(item, "link") == "fibre-7" && item["end"].is_null())?.clone();
        notice(&answer, "not-stored").is_some().then_some(open)
    });
    assert!(!text(&dark, "start").is_empty());
    let on_disk = newest(&province.data()).expect("a tick");
    wait_for("ticks wait", || status(&province).filter(|answer| waits(answer) > Some(3)));
    assert_eq!(newest(&province.data()), Some(on_disk), "nothing gets to the disk");

    fs::remove_file(province.data().join("ballast")).expect("room");
    wait_for("all is stored", || status(&province).filter(|answer| notice(answer, "not-stored").is_none()));
    wait_for("the reserve is back", || province.data().join("phusong.reserve").exists().then_some(()));
    more_ticks(&province.data(), 2);
    daemon.stop();
    let count = whole(&province.data());
    let now = newest(&province.data()).expect("a tick");
    let evidence = Reader::open(&province.data()).and_then(|r| r.evidence(now, Window::new(UtcMs::MIN, now)));
    let outages = evidence.expect("evidence").outages;
    assert_eq!(outages.iter().map(|outage| outage.link.as_str()).collect::<Vec<_>>(), ["fibre-7"]);
    assert_eq!(phusong(&province.config(), &["store", "check"]).status.code(), Some(0));
    println!("{count} ticks, none missing; the fault was shown after {shown:?}");
}

#[test]
fn a_daemon_starts_on_a_full_disk_and_goes_on_when_there_is_room() {
    if !is_root() || !own_network() {
        return;
    }
    let (province, _disk) = on_small_disk();
    let daemon = Daemon::with_config(&province.config());
    more_ticks(&province.data(), 2);
    daemon.kill();
    fill(&province.data());
    // A start on a full disk: the reserve makes room for the log's index, and probing begins.
    let daemon = Daemon::with_config(&province.config());
    wait_for("an answer of the daemon", || status(&province).filter(|answer| text(answer, "source") == "daemon"));
    fs::remove_file(province.data().join("ballast")).expect("room");
    more_ticks(&province.data(), 2);
    daemon.stop();
    assert_eq!(phusong(&province.config(), &["store", "check"]).status.code(), Some(0));
}

#[test]
fn files_removed_under_the_daemon_come_back_with_all_that_was_in_them() {
    if !is_root() || !own_network() {
        return;
    }
    let province = province("");
    let daemon = Daemon::with_config(&province.config());
    more_ticks(&province.data(), 3);
    let before = ticks(&province.data()).len();
    for name in ["phusong.db", "phusong.db-wal", "phusong.db-shm"] {
        fs::remove_file(province.data().join(name)).expect(name);
    }
    wait_for("the store is back", || newest(&province.data()));
    more_ticks(&province.data(), 3);
    assert!(daemon.words().contains("the store is written anew, nothing is missing"), "{}", daemon.words());
    daemon.stop();
    assert!(whole(&province.data()) >= before + 3);
    assert_eq!(phusong(&province.config(), &["store", "check"]).status.code(), Some(0));
}

#[test]
fn a_store_overwritten_under_the_daemon_is_set_aside_and_the_states_go_on() {
    if !is_root() || !own_network() {
        return;
    }
    let province = province("");
    cut("127.77.1.9");
    let daemon = Daemon::with_config(&province.config());
    let began = wait_for("an outage", || {
        let answer = ask(&province.config(), &["outages"])?;
        items(&answer).first().map(|outage| text(outage, "start").to_owned())
    });
    let file = OpenOptions::new().write(true).open(province.data().join("phusong.db")).expect("file");
    let (log, length) = (province.data().join("phusong.db-wal"), file.metadata().expect("file").len());
    let rubbish = vec![0xa5; 4096];
    let overwrite = || {
        (0..length / 4096).for_each(|page| file.write_all_at(&rubbish, page * 4096).expect("rubbish"));
        OpenOptions::new().write(true).open(&log).and_then(|log| log.write_all_at(&rubbish, 0)).expect("rubbish");
    };
    overwrite();
    let answer = wait_for("it is set aside", || status(&province).filter(|a| notice(a, "set-aside").is_some()));
    assert_eq!(text(&answer, "source"), "daemon", "nobody restarted it");
    let states = wait_for("the states", || {
        let answer = ask(&province.config(), &["links"])?;
        notice(&answer, "not-stored").is_none().then_some(answer)
    });
    let down: Vec<&str> =
        items(&states).iter().filter(|item| text(item, "state") != "up").map(|item| text(item, "link")).collect();
    assert_eq!(down, ["fibre-9"], "the others are up although the new store never saw them come up");
    let outages = ask(&province.config(), &["outages"]).expect("an answer");
    let open: Vec<&str> =
        items(&outages).iter().filter(|item| item["end"].is_null()).map(|item| text(item, "start")).collect();
    assert_eq!(open, [began], "and the outage goes on from its own start");
    more_ticks(&province.data(), 2);
    daemon.stop();
    assert_eq!(phusong(&province.config(), &["store", "check"]).status.code(), Some(0));

    // The same found at a start.
    fs::write(province.data().join("phusong.db"), "no database").expect("file");
    let daemon = Daemon::with_config(&province.config());
    more_ticks(&province.data(), 2);
    daemon.stop();
    let aside = fs::read_dir(province.data()).expect("folder").flatten();
    let aside = aside.filter(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.contains(".damaged-") && !name.ends_with("-wal") && !name.ends_with("-shm")
    });
    assert!(aside.count() >= 2, "nothing was deleted");
}

#[test]
fn a_value_that_nobody_can_read_is_left_out_of_the_store_and_the_question_answers_again() {
    if !is_root() || !own_network() {
        return;
    }
    let province = province("");
    let daemon = Daemon::with_config(&province.config());
    more_ticks(&province.data(), 3);
    daemon.stop();
    let daemon = Daemon::with_config(&province.config());
    more_ticks(&province.data(), 2);
    // One byte of the inventory, which lies in the middle of a sound page and which every question reads.
    let database = province.data().join("phusong.db");
    let (bytes, word) = (fs::read(&database).expect("file"), b"\"links\":[");
    let place = bytes.windows(word.len()).position(|window| window == word).expect("the inventory is in the file");
    let file = OpenOptions::new().write(true).open(&database).expect("file");
    file.write_all_at(b"?", place as u64).expect("a byte");
    let refused = phusong(&province.config(), &["status"]);
    assert!(refused.status.code().is_some_and(|code| code > 2), "{refused:?}");

    let answer = wait_for("it is set aside", || {
        status(&province).filter(|a| notice(a, "set-aside").is_some() && notice(a, "not-stored").is_none())
    });
    assert_eq!(text(&answer, "source"), "daemon");
    let states = ask(&province.config(), &["links"]).expect("an answer");
    assert_eq!(items(&states).iter().filter(|item| text(item, "state") == "up").count(), LINKS);
    assert!(daemon.words().contains("a value that no version writes"), "{}", daemon.words());
    more_ticks(&province.data(), 2);
    daemon.stop();
    whole(&province.data());
    assert_eq!(phusong(&province.config(), &["store", "check"]).status.code(), Some(0));
}

#[test]
fn without_descriptors_probing_goes_on_and_answers_come_from_the_store() {
    if !is_root() || !own_network() {
        return;
    }
    let province = province("");
    let daemon = Daemon::with_config(&province.config());
    more_ticks(&province.data(), 2);
    let pid = daemon.pid();
    let limit = |soft: &str| {
        run_ok(Command::new("prlimit").args(["--pid", &pid.to_string(), &format!("--nofile={soft}:4096")]));
    };
    let open = fs::read_dir(format!("/proc/{pid}/fd")).expect("descriptors").count();
    limit(&open.to_string());
    more_ticks(&province.data(), 3);
    let answer = wait_for("an answer from the store", || status(&province).filter(|a| text(a, "source") == "store"));
    assert!(notice(&answer, "daemon-away").is_some(), "and it says why: {answer}");
    more_ticks(&province.data(), 2);
    limit("1024");
    wait_for("the daemon answers again", || status(&province).filter(|answer| text(answer, "source") == "daemon"));
    more_ticks(&province.data(), 2);
    daemon.stop();
    whole(&province.data());
}

/// Kills of the short run; `PHUSONG_LONG` makes it a thousand.
fn kills() -> u32 {
    if std::env::var_os("PHUSONG_LONG").is_some() { 1_000 } else { 50 }
}

#[test]
fn a_daemon_killed_fifty_times_loses_no_tick_that_anybody_saw_and_probes_within_two_seconds() {
    if !is_root() || !own_network() {
        return;
    }
    let province = province("");
    let chance = RandomState::new();
    let (mut seen, mut slowest): (Vec<StoredTick>, Duration) = (Vec::new(), Duration::ZERO);
    for round in 0..kills() {
        let before = newest(&province.data());
        let started = Instant::now();
        let daemon = Daemon::with_config(&province.config());
        let first = wait_for("a tick", || newest(&province.data()).filter(|at| Some(*at) != before));
        // The label of a tick is when its first probe was sent, cut to the second.
        let probed = started.elapsed().saturating_sub(Duration::from_millis(
            u64::try_from(UtcMs::from(jiff::Timestamp::now()).since(first).0).unwrap_or(0),
        ));
        slowest = slowest.max(probed);
        thread::sleep(Duration::from_micros(chance.hash_one(("moment", round)) % 450_000 + 50_000));
        // What a reader sees at this moment is acknowledged.
        let acknowledged = ticks(&province.data());
        daemon.kill();
        let after = ticks(&province.data());
        assert!(after.len() >= acknowledged.len(), "round {round}: {} of {}", after.len(), acknowledged.len());
        assert!(after.starts_with(&acknowledged), "round {round}: what was seen has changed");
        assert!(after.starts_with(&seen), "round {round}: older ticks have changed");
        seen = after;
    }
    assert_eq!(phusong(&province.config(), &["store", "check"]).status.code(), Some(0));
    let evidence = Reader::open(&province.data()).and_then(|reader| {
        let now = newest(&province.data()).expect("a tick");
        reader.evidence(now, Window::new(UtcMs::MIN, now))
    });
    let outages = evidence.expect("evidence").spans.iter().filter(|span| span.state == LinkState::Down).count();
    assert_eq!(outages, 0, "a killed daemon is no outage");
    println!("{} kills, {} ticks, slowest start to the first probe {slowest:?}", kills(), seen.len());
    assert!(slowest < Duration::from_secs(2), "{slowest:?} to the first probe");
}
