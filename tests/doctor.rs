//! `phusong doctor` on installations that are well and that are broken in the ways in which they break: each is told with
//! the one thing that mends it, and a run changes nothing.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod support;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Instant,
};

use nix::sched::{CloneFlags, unshare};
use serde_json::Value;
use support::{Daemon, PATIENCE, Province, own_network, phusong, run_ok, text, wait_for};

/// A tick a second, and an anchor that answers.
const FAST: &str = "[icmp]\nperiod = \"1s\"\nspacing = \"20ms\"\ntimeout = \"200ms\"\nreprobe_spacing = \"20ms\"\nanchors = [\"127.66.0.9\"]\n";

const COMMUNES: &str = "code,name,kind\n02221,Nà Hang,xã\n";
const LINKS: &str = "id,kind,commune,address\nfibre-1,fibre,02221,127.66.0.1\n";

/// A user without any right, and the one the daemon runs as where it must not be root.
const NOBODY: u32 = 4245;
const DAEMON: u32 = 4242;
const GROUP: u32 = 4243;

const FINE: Option<i32> = Some(0);
const FAULTY: Option<i32> = Some(1);

fn province(sections: &str) -> Province {
    Province::write(&format!("{FAST}{sections}"), &[("communes.csv", COMMUNES), ("links.csv", LINKS)])
}

/// One line of what the doctor says.
#[derive(Debug, PartialEq)]
struct Told {
    check: String,
    verdict: String,
    fact: String,
    remedy: String,
}

fn told(output: &Output) -> Vec<Told> {
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {words}"));
    assert_eq!(text(&document, "schema"), "phusong.doctor/1");
    let one = |item: &Value| {
        let field = |name: &str| text(item, name).to_owned();
        Told { check: field("check"), verdict: field("verdict"), fact: field("fact"), remedy: field("remedy") }
    };
    document["checks"].as_array().expect("a list").iter().map(one).collect()
}

fn doctor(config: &Path) -> Vec<Told> {
    told(&phusong(config, &["doctor", "--json"]))
}

/// The first line about a part that is not well; panics with all of them when it is.
fn ill<'t>(all: &'t [Told], check: &str) -> &'t Told {
    let it = |told: &&Told| told.check == check && ["warning", "fault"].contains(&told.verdict.as_str());
    all.iter().find(it).unwrap_or_else(|| panic!("{check} is not ill: {all:#?}"))
}

fn assert_told(told: &Told, verdict: &str, fact: &str, remedy: &str) {
    assert!(told.fact.contains(fact), "{fact}: {told:?}");
    assert_eq!((told.verdict.as_str(), told.remedy.as_str()), (verdict, remedy), "{told:?}");
}

/// A daemon that has seen its link.
fn running(province: &Province) -> Daemon {
    let daemon = Daemon::with_config(&province.config());
    wait_for("the link", || (phusong(&province.config(), &["links", "--check"]).status.code() == FINE).then_some(()));
    daemon
}

/// Every file below a folder, with its size and when it was changed; but not the memory that readers of the store share.
fn files(folder: &Path) -> BTreeMap<PathBuf, (u64, i64, i64)> {
    let mut found = BTreeMap::new();
    let shared = |path: &Path| path.to_string_lossy().ends_with("-shm");
    for entry in fs::read_dir(folder).expect("folder").flatten().filter(|entry| !shared(&entry.path())) {
        let meta = entry.metadata().expect("metadata");
        found.insert(entry.path(), (meta.len(), meta.mtime(), meta.mtime_nsec()));
        if meta.is_dir() {
            found.extend(files(&entry.path()));
        }
    }
    found
}

#[test]
fn nothing_is_wrong_with_an_installation_that_works_and_nothing_is_changed() {
    if !own_network() {
        return;
    }
    let province = province("");
    let daemon = running(&province);
    let begun = Instant::now();
    let output = phusong(&province.config(), &["doctor", "--json"]);
    assert!(begun.elapsed() < PATIENCE / 2, "{:?}", begun.elapsed());
    let all = told(&output);
    assert_eq!(output.status.code(), FINE, "{all:#?}");
    // Whether systemd runs here, and who keeps the clock right, is not this test's to say.
    for told in all.iter().filter(|told| !["systemd-unit", "clock"].contains(&told.check.as_str())) {
        let expected = if told.check == "page" { "not-looked-at" } else { "ok" };
        assert_eq!((told.verdict.as_str(), told.remedy.as_str()), (expected, ""), "{told:?}");
    }
    let of = |check: &str| all.iter().find(|told| told.check == check).expect("the check").fact.clone();
    assert!(of("daemon").contains(concat!("version ", env!("CARGO_PKG_VERSION"))), "{}", of("daemon"));
    assert!(of("store").contains(&format!("held by process {}", daemon.pid())), "{}", of("store"));
    assert!(of("inventory").ends_with("communes: 1, links: 1, devices: 0"), "{}", of("inventory"));
    assert!(of("eyes").contains("anchors: 1, at least one answers"), "{}", of("eyes"));

    let vietnamese = phusong(&province.config(), &["doctor", "--lang", "vi"]);
    let shown = String::from_utf8_lossy(&vietnamese.stdout).into_owned();
    assert!(shown.contains("● kho dữ liệu:") && shown.contains("lỗi: 0 · "), "{shown}");
    let sheet = String::from_utf8(phusong(&province.config(), &["doctor", "--csv"]).stdout).expect("UTF-8");
    assert!(sheet.starts_with("check,verdict,fact,remedy\r\nconfiguration,ok,"), "{sheet}");
    assert_eq!(phusong(&province.config(), &["doctor", "na", "hang"]).status.code(), Some(2));

    daemon.stop();
    let before = files(province.dir.path());
    doctor(&province.config());
    assert_eq!(files(province.dir.path()), before, "it only looks");
}

#[test]
fn a_daemon_that_was_stopped_or_killed_is_started() {
    if !own_network() {
        return;
    }
    let province = province("");
    let (config, socket) = (province.config(), province.dir.path().join("phusong.sock"));
    running(&province).stop();
    let all = doctor(&config);
    let start = "start it: systemctl start phusongd";
    assert_told(ill(&all, "daemon"), "fault", &format!("there is no socket {}", socket.display()), start);
    assert_eq!(all.iter().filter(|told| told.verdict == "fault").count(), 1, "the rest is well: {all:#?}");
    assert_eq!(phusong(&config, &["doctor"]).status.code(), FAULTY);

    running(&province).kill();
    assert!(socket.exists(), "the socket is left over");
    let all = doctor(&config);
    assert_told(ill(&all, "daemon"), "fault", &format!("nobody listens at {}", socket.display()), start);
    let store = all.iter().find(|told| told.check == "store").expect("the store");
    assert!(store.verdict == "ok" && store.fact.ends_with("held by nobody"), "{store:?}");
    let shown = String::from_utf8(phusong(&config, &["doctor", "--lang", "vi"]).stdout).expect("UTF-8");
    assert!(shown.contains("\n    khởi động: systemctl start phusongd\n"), "{shown}");
}

/// A program where every user can run it.
fn for_everybody(province: &Province, program: &str) -> PathBuf {
    fs::set_permissions(province.dir.path(), fs::Permissions::from_mode(0o755)).expect("mode");
    let to = province.dir.path().join(Path::new(program).file_name().expect("a name"));
    fs::copy(program, &to).expect("copy");
    fs::set_permissions(&to, fs::Permissions::from_mode(0o755)).expect("mode");
    to
}

fn as_nobody(program: &Path, config: &Path) -> Vec<Told> {
    let mut command = Command::new(program);
    command.arg("--config").arg(config).args(["doctor", "--json"]).uid(NOBODY).gid(NOBODY);
    told(&command.output().expect("phusong runs"))
}

#[test]
fn another_user_is_told_which_group_to_join_and_how_to_get_the_right_to_ping() {
    if !own_network() {
        return;
    }
    let Ok(Some(group)) = nix::unistd::Group::from_name("mail") else {
        println!("skipped: there is no group mail to own the socket");
        return;
    };
    let province = province("");
    let phusong = for_everybody(&province, env!("CARGO_BIN_EXE_phusong"));
    let daemon = running(&province);
    let socket = province.dir.path().join("phusong.sock");
    for path in [&socket, &province.data(), &province.data().join("phusong.db")] {
        chown(path, None, Some(group.gid.as_raw())).expect("a group");
    }
    let all = as_nobody(&phusong, &province.config());
    let join = "join the group: sudo usermod -aG mail $USER, then log in again";
    assert_told(ill(&all, "daemon"), "fault", &format!("no permission for {}", socket.display()), join);
    assert_told(ill(&all, "store"), "fault", "members of group mail may", join);
    assert_told(ill(&all, "data-folder"), "fault", "cannot be entered", join);
    let set = "sudo setcap cap_net_raw+ep $(command -v phusong)";
    assert_told(ill(&all, "ping"), "warning", "ping_group_range is \"1 0\"", set);
    daemon.stop();
}

#[test]
fn a_daemon_that_may_not_ping_is_given_the_right() {
    if !own_network() {
        return;
    }
    let province = province("");
    let phusongd = for_everybody(&province, env!("CARGO_BIN_EXE_phusongd"));
    for folder in ["data", "run"] {
        fs::create_dir(province.dir.path().join(folder)).expect("a folder");
        chown(province.dir.path().join(folder), Some(DAEMON), Some(GROUP)).expect("an owner");
        fs::set_permissions(province.dir.path().join(folder), fs::Permissions::from_mode(0o750)).expect("mode");
    }
    let config = fs::read_to_string(province.config()).expect("config").replace("phusong.sock", "run/phusong.sock");
    fs::write(province.config(), config).expect("config");
    let mut command = Command::new(phusongd);
    command.arg("--config").arg(province.config()).uid(DAEMON).gid(GROUP).stdout(Stdio::null()).stderr(Stdio::null());
    let mut daemon = command.spawn().expect("phusongd starts");
    let all = wait_for("a tick", || {
        let all = doctor(&province.config());
        all.iter().any(|told| told.check == "ping" && told.verdict == "fault").then_some(all)
    });
    let set = "sudo setcap cap_net_raw+ep $(command -v phusongd) && sudo systemctl restart phusongd";
    let ping = all.iter().find(|told| told.check == "ping" && told.verdict == "fault").expect("the daemon's");
    assert_told(ping, "fault", "phusongd may not ping: no CAP_NET_RAW, and ping_group_range is \"1 0\"", set);
    let eyes = ill(&all, "eyes");
    assert!(eyes.verdict == "fault" && eyes.fact.contains("no right to send ICMP"), "{eyes:?}");
    daemon.kill().expect("alive");
    daemon.wait().expect("wait");
}

/// Where SQLite keeps the schema's version in its file.
const USER_VERSION: std::ops::Range<usize> = 60..64;

#[test]
fn a_store_that_is_damaged_or_newer_is_told_apart() {
    if !own_network() {
        return;
    }
    let province = province("");
    running(&province).stop();
    let (config, database) = (province.config(), province.data().join("phusong.db"));
    let sound = fs::read(&database).expect("database");

    let mut newer = sound.clone();
    newer[USER_VERSION].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&database, &newer).expect("database");
    let remedy = "install a newer phusong, at least the one that wrote this store";
    assert_told(ill(&doctor(&config), "store"), "fault", "has version 99", remedy);

    let mut damaged = sound.clone();
    // The third page is the root of the first table; the second one only says where pages belong.
    damaged[8192..8292].fill(0x5a);
    fs::write(&database, &damaged).expect("database");
    let saved = "restart it: systemctl restart phusongd (phusongd sets it aside and saves what can be read)";
    assert_told(ill(&doctor(&config), "store"), "fault", "damaged", saved);

    fs::write(&database, [7; 9000]).expect("database");
    let all = doctor(&config);
    assert_told(ill(&all, "store"), "fault", "is not a database", saved);

    fs::write(&database, &sound).expect("database");
    let aside = province.data().join("phusong.db.damaged-20261122T010203Z");
    fs::write(&aside, "x").expect("a file");
    let remedy = format!("when nobody needs it: sudo rm {}", aside.display());
    assert_told(ill(&doctor(&config), "store"), "warning", "was set aside", &remedy);
}

#[test]
fn a_secret_that_everybody_can_read_is_closed_and_an_empty_one_is_written() {
    let influx = "[influx]\nurl = \"http://127.0.0.1:1\"\norg = \"o\"\nbucket = \"b\"\ntoken_file = \"token\"\n";
    let province = province(influx);
    let token = province.secret("token", "s3cret\n");
    let config = province.config();
    let of = |all: &[Told]| {
        let configuration = all.iter().find(|told| told.check == "configuration").expect("the configuration");
        assert_eq!(configuration.verdict, "ok", "told once: {all:#?}");
    };
    let mode = |mode: u32| fs::set_permissions(&token, fs::Permissions::from_mode(mode)).expect("mode");
    mode(0o644);
    let all = doctor(&config);
    let fact = format!("[influx] influx: {}: every user of this machine can read or change it", token.display());
    assert_told(ill(&all, "secrets"), "fault", &fact, &format!("sudo chmod o-rw {}", token.display()));
    of(&all);
    mode(0o600);
    fs::write(&token, "\n").expect("the secret is gone");
    let all = doctor(&config);
    assert_told(ill(&all, "secrets"), "fault", "it is empty", &format!("sudoedit {}", token.display()));
    of(&all);
    // The daemon's user is who owns its data.
    fs::write(&token, "s3cret\n").expect("the secret");
    fs::create_dir(province.data()).expect("a folder");
    chown(province.data(), Some(DAEMON), Some(GROUP)).expect("an owner");
    fs::set_permissions(province.dir.path(), fs::Permissions::from_mode(0o755)).expect("mode");
    let all = doctor(&config);
    let (fact, shown) = (format!("phusongd runs as user {DAEMON}, who may not read it"), token.display());
    assert_told(ill(&all, "secrets"), "fault", &fact, &format!("sudo chgrp {GROUP} {shown} && sudo chmod g+r {shown}"));
    let whole = phusong(&config, &["doctor"]);
    assert!(!String::from_utf8_lossy(&whole.stdout).contains("s3cret"), "what stands in it is nobody's business");
}

#[test]
fn a_disk_that_is_full_or_read_only_is_made_room_on_or_mounted_anew() {
    if !nix::unistd::geteuid().is_root() || unshare(CloneFlags::CLONE_NEWNS).is_err() {
        println!("skipped: mounting needs root here");
        return;
    }
    run_ok(Command::new("mount").args(["--make-rprivate", "/"]));
    let province = province("");
    let (config, data) = (province.config(), province.data());
    fs::create_dir(&data).expect("a folder");
    run_ok(Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "phusong"]).arg(&data));
    // What does not fit is the point.
    let _ = fs::write(data.join("ballast"), vec![0; 8 << 20]);
    let remedy = format!("make room; what takes it: sudo du -xh {} | sort -h | tail", data.display());
    assert_told(ill(&doctor(&config), "disk"), "fault", "0 B of 4.2 MB free", &remedy);
    run_ok(Command::new("mount").args(["-o", "remount,ro"]).arg(&data));
    let remedy = format!("sudo mount -o remount,rw {}", data.display());
    assert_told(ill(&doctor(&config), "disk"), "fault", "mounted read-only", &remedy);
    run_ok(Command::new("umount").arg(&data));
}

#[test]
fn faults_of_the_configuration_are_told_with_their_places_and_the_rest_is_said_to_be_unknown() {
    let province = province("[stor]\nfolder = \"x\"\n");
    let output = phusong(&province.config(), &["doctor", "--json"]);
    let all = told(&output);
    assert_eq!(output.status.code(), FAULTY);
    let first = ill(&all, "configuration");
    assert!(first.fact.contains("phusong.toml:") && first.fact.contains("stor"), "{first:?}");
    assert!(!first.remedy.is_empty(), "{first:?}");
    assert!(all.iter().filter(|told| told.check == "store").all(|told| told.verdict == "not-looked-at"), "{all:#?}");

    let links = province.dir.path().join("inventory/links.csv");
    fs::write(&links, "id,kind,commune,address\nfibre-1,fibre,02221,300.1.1.1\n").expect("links");
    let good = fs::read_to_string(province.config()).expect("config").replace("[stor]\nfolder = \"x\"\n", "");
    fs::write(province.config(), good).expect("config");
    let all = doctor(&province.config());
    let fault = ill(&all, "inventory");
    assert!(fault.fact.starts_with(&format!("{}:2", links.display())), "{fault:?}");
    let configuration = all.iter().find(|told| told.check == "configuration").expect("the configuration");
    assert_eq!(configuration.verdict, "ok", "{configuration:?}");
}
