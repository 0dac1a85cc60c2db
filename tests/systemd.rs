//! The unit as shipped: systemd accepts it, and it stays hardened.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod support;

use std::{fs, path::Path, process::Command};

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
