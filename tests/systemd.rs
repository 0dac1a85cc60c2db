//! The unit as shipped: systemd accepts it, and it stays hardened; and a start that takes long is not killed.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod support;

use std::{
    fs::{self, OpenOptions},
    os::unix::{fs::FileExt as _, net::UnixDatagram},
    path::Path,
    process::Command,
};

use phusong_store::Store;
use support::{Daemon, Province};

/// Exposure 1.6, in tenths, as `systemd-analyze security --threshold` counts.
const EXPOSURE: u32 = 16;

/// The shipped unit with the built program, under its own name.
fn unit(folder: &Path) -> std::path::PathBuf {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/phusongd.service");
    let text = fs::read_to_string(shipped).expect("unit").replace("/usr/bin/phusongd", env!("CARGO_BIN_EXE_phusongd"));
    let copy = folder.join("phusongd.service");
    fs::write(&copy, text).expect("copy");
    copy
}

fn installed() -> bool {
    let there = Command::new("systemd-analyze").arg("--version").output().is_ok();
    if !there {
        println!("skipped: systemd-analyze is not installed");
    }
    there
}

#[test]
fn systemd_accepts_the_unit_without_a_word() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().expect("folder");
    let output = Command::new("systemd-analyze").arg("verify").arg(unit(dir.path())).output().expect("run");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    // Other units of the machine may be complained about; ours must not.
    assert!(!words.contains("phusongd.service"), "{words}");
}

#[test]
fn the_unit_stays_hardened() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().expect("folder");
    let output = Command::new("systemd-analyze")
        .args(["security", "--offline=true", &format!("--threshold={EXPOSURE}")])
        .arg(unit(dir.path()))
        .output()
        .expect("run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_unit_says_what_the_daemon_does() {
    let unit =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/phusongd.service")).expect("unit");
    for line in ["Type=notify", "ExecReload=/bin/kill -HUP $MAINPID", "WatchdogSec=30", "User=phusong", "Group=phusong"]
    {
        assert!(unit.lines().any(|have| have == line), "{line} is missing");
    }
    let settings: Vec<&str> = unit.lines().filter(|line| !line.starts_with('#')).collect();
    let sets = |word: &str| settings.iter().any(|line| line.contains(word));
    assert!(!sets("LoadCredential"), "a missing file would stop the start");
    assert!(!sets("network-online"), "starting during an outage is the point");
}

#[test]
fn a_start_that_saves_a_damaged_store_is_given_time_before_it_is_ready() {
    let communes = "code,name,kind\n02221,Nà Hang,xã\n";
    let links = "id,kind,commune,address\nfibre-1,fibre,02221,127.77.1.1\n";
    let province = Province::write("", &[("communes.csv", communes), ("links.csv", links)]);
    drop(Store::open(&province.data()).expect("store"));
    let file = OpenOptions::new().write(true).open(province.data().join("phusong.db")).expect("file");
    let length = file.metadata().expect("file").len();
    file.write_all_at(&[0xa5; 3 * 4096], length - 3 * 4096).expect("rubbish");
    let socket = province.dir.path().join("notify");
    let heard = UnixDatagram::bind(&socket).expect("socket");
    heard.set_read_timeout(Some(support::PATIENCE)).expect("limit");
    let log = province.dir.path().join("log");
    let config = province.config();
    let environment = [("NOTIFY_SOCKET", socket.to_str().expect("UTF-8"))];
    let daemon = Daemon::start(&log, &["--config", &config.to_string_lossy()], &environment);
    let mut words = Vec::new();
    let mut buffer = [0; 4096];
    while words.last().is_none_or(|word: &String| !word.contains("READY=1")) {
        let length = heard.recv(&mut buffer).unwrap_or_else(|error| panic!("{words:?}: {error}\n{}", daemon.words()));
        words.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
    }
    // Within these microseconds systemd wants the next word.
    let given: Vec<u64> = words
        .iter()
        .filter_map(|word| word.lines().find_map(|line| line.strip_prefix("EXTEND_TIMEOUT_USEC=")))
        .map(|given| given.parse().expect("a number"))
        .collect();
    assert!(given.first().is_some_and(|first| *first >= 60_000_000), "{words:?}");
    assert!(words[0].contains("STATUS=saving"), "{words:?}");
    assert!(daemon.words().contains("a damaged store is set aside"), "{}", daemon.words());
    daemon.stop();
}
