//! `phusongd` as its users run it: killed, started twice, reloaded, without rights, watched by systemd, dead.

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
    fmt::Write as _,
    fs,
    os::unix::{fs::PermissionsExt as _, net::UnixDatagram, process::CommandExt as _},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use nix::sys::signal::Signal;
use phusong_store::Reader;
use serde_json::Value;
use support::{Daemon, Province, ask, items, own_network, phusong, run_ok, text, wait_for};

/// A tick a second.
const FAST: &str = "[icmp]\nperiod = \"1s\"\nspacing = \"20ms\"\ntimeout = \"200ms\"\nreprobe_spacing = \"20ms\"\n";

/// Who the daemon runs as where it must not be root, its group, and another member of that group.
const DAEMON: u32 = 4242;
const GROUP: u32 = 4243;
const ENGINEER: u32 = 4244;

fn province(links: u8) -> Province {
    Province::write(FAST, &inventory(links).each_ref().map(|(name, text)| (*name, text.as_str())))
}

fn inventory(links: u8) -> [(&'static str, String); 2] {
    let mut table = "id,kind,commune,address\n".to_owned();
    for n in 1..=links {
        writeln!(table, "fibre-{n},fibre,02221,127.66.0.{n}").expect("text");
    }
    [("communes.csv", "code,name,kind\n02221,Nà Hang,xã\n".to_owned()), ("links.csv", table)]
}

/// Ticks in the store with the number of their samples.
fn ticks(data: &Path) -> BTreeMap<i64, usize> {
    let mut found = BTreeMap::new();
    if let Ok(reader) = Reader::open(data) {
        while let Ok(more) = reader.ticks_after(found.keys().next_back().copied().unwrap_or(0), 1000) {
            if more.is_empty() {
                break;
            }
            found.extend(more.into_iter().map(|tick| (tick.seq, tick.samples.len())));
        }
    }
    found
}

fn wait_for_tick_after(data: &Path, seq: i64) -> BTreeMap<i64, usize> {
    wait_for("a tick", || Some(ticks(data)).filter(|ticks| ticks.keys().next_back() > Some(&seq)))
}

#[test]
fn killed_twenty_times_it_loses_no_committed_sample() {
    let province = province(40);
    let mut before = BTreeMap::new();
    for round in 0_u64..20 {
        let daemon = Daemon::with_config(&province.config());
        let newest = before.keys().next_back().copied().unwrap_or(0);
        wait_for_tick_after(&province.data(), newest);
        // Anywhere in the tick: before the round, in it, in the commit.
        thread::sleep(Duration::from_millis(round * 397 % 1000));
        let seen = ticks(&province.data());
        daemon.kill();
        let after = ticks(&province.data());
        for (seq, samples) in before.iter().chain(&seen) {
            assert_eq!(after.get(seq), Some(samples), "tick {seq} of round {round}");
        }
        assert!(after.values().all(|samples| *samples == 40), "a tick is whole or not there: {after:?}");
        before = after;
    }
    assert!(before.len() >= 20, "{before:?}");
}

#[test]
fn a_second_daemon_on_the_same_folder_is_refused_by_the_pid_of_the_first() {
    let province = province(1);
    let first = Daemon::with_config(&province.config());
    wait_for_tick_after(&province.data(), 0);
    let second =
        Command::new(env!("CARGO_BIN_EXE_phusongd")).arg("--config").arg(province.config()).output().expect("run");
    let words = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(2), "{words}");
    assert!(words.contains(&first.pid().to_string()), "{words}");
    first.stop();
}

/// Where SQLite keeps the schema's version in its file: `user_version`, four bytes, big-endian.
const USER_VERSION: std::ops::Range<usize> = 60..64;

#[test]
fn a_store_of_a_newer_version_is_left_alone() {
    let province = province(1);
    let daemon = Daemon::with_config(&province.config());
    wait_for_tick_after(&province.data(), 0);
    daemon.stop();
    let database = province.data().join("phusong.db");
    let mut bytes = fs::read(&database).expect("database");
    bytes[USER_VERSION].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&database, &bytes).expect("database");
    let refused = Command::new(env!("CARGO_BIN_EXE_phusongd")).arg("--config").arg(province.config()).output();
    let refused = refused.expect("run");
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{words}");
    assert!(words.contains("99") && words.contains('1'), "both versions are named: {words}");
    assert_eq!(fs::read(&database).expect("database"), bytes);
}

#[test]
fn a_reload_applies_the_difference_or_keeps_the_old_and_says_why() {
    let province = province(2);
    let config = province.config();
    let daemon = Daemon::with_config(&config);
    let links = |expected: usize| {
        wait_for("the links", || {
            let answer = ask(&config, &["links"])?;
            let up = items(&answer).iter().filter(|link| text(link, "state") == "up").count();
            (up == expected && items(&answer).len() == expected).then_some(answer)
        })
    };
    let before = links(2);
    let [_, (_, three)] = inventory(3);
    fs::write(province.dir.path().join("inventory/links.csv"), three).expect("write");
    daemon.signal(Signal::SIGHUP);
    let after = links(3);
    assert_eq!(text(&items(&before)[0], "since"), text(&items(&after)[0], "since"), "an old link goes on as it was");

    fs::write(province.dir.path().join("inventory/links.csv"), "id,kind,commune,address\nx,fibre,99999,nowhere\n")
        .expect("write");
    daemon.signal(Signal::SIGHUP);
    let refused = wait_for("the refusal", || {
        let answer = ask(&config, &["status"])?;
        let notices = answer.get("notices")?.as_array()?.clone();
        notices.into_iter().find(|notice| text(notice, "notice") == "reload-refused")
    });
    assert!(text(&refused, "reason").contains("links.csv:2"), "{refused}");
    links(3);
    daemon.stop();
}

#[test]
fn announced_work_is_maintenance_until_a_reload_takes_it_back() {
    let province = province(2);
    let config = province.config();
    let windows = province.dir.path().join("inventory/maintenance.csv");
    let now = jiff::Timestamp::now();
    let hour = jiff::SignedDuration::from_hours(1);
    fs::write(&windows, format!("link,from,to,why\nfibre-2,{},{},splicing\n", now - hour, now + hour)).expect("write");
    let daemon = Daemon::with_config(&config);
    let states = |expected: [&str; 2]| {
        wait_for("the states", || {
            let answer = ask(&config, &["links"])?;
            let states: Vec<&str> = items(&answer).iter().map(|link| text(link, "state")).collect();
            (states == expected).then_some(answer)
        })
    };
    let announced = states(["up", "maintenance"]);
    let sent = items(&announced)[1].get("sent").and_then(Value::as_u64);
    assert!(sent > Some(0), "it is probed on: {announced}");
    assert_eq!(phusong(&config, &["links", "--check"]).status.code(), Some(0), "maintenance is no finding");

    fs::write(&windows, "link,from,to,why\n").expect("write");
    daemon.signal(Signal::SIGHUP);
    states(["up", "up"]);
    daemon.stop();
}

#[test]
fn systemd_hears_ready_reloading_watchdog_and_stopping() {
    let province = province(1);
    let socket = province.dir.path().join("notify");
    let heard = UnixDatagram::bind(&socket).expect("socket");
    heard.set_read_timeout(Some(support::PATIENCE)).expect("limit");
    let mut buffer = [0_u8; 4096];
    let mut hear = |what: &str| loop {
        let length = heard.recv(&mut buffer).unwrap_or_else(|error| panic!("{what}: {error}"));
        let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if message.contains(what) {
            return message;
        }
    };
    let log = province.dir.path().join("log");
    let daemon = Daemon::start(
        &log,
        &["--config", &province.config().to_string_lossy()],
        &[("NOTIFY_SOCKET", &socket.to_string_lossy()), ("WATCHDOG_USEC", "30000000")],
    );
    hear("READY=1");
    hear("WATCHDOG=1");
    daemon.signal(Signal::SIGHUP);
    let reloading = hear("RELOADING=1");
    assert!(reloading.contains("MONOTONIC_USEC="), "in one datagram: {reloading}");
    hear("READY=1");
    daemon.signal(Signal::SIGTERM);
    hear("STOPPING=1");
    daemon.stop();
}

/// The programs where every user can run them.
fn programs(province: &Province) -> (PathBuf, PathBuf) {
    let folder = province.dir.path();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("mode");
    let copy = |program: &str| {
        let to = folder.join(Path::new(program).file_name().expect("name"));
        fs::copy(program, &to).expect("copy");
        fs::set_permissions(&to, fs::Permissions::from_mode(0o755)).expect("mode");
        to
    };
    (copy(env!("CARGO_BIN_EXE_phusongd")), copy(env!("CARGO_BIN_EXE_phusong")))
}

/// Starts the daemon as its own user, as the unit does.
fn as_its_user(province: &Province, program: &Path) -> std::process::Child {
    for folder in ["data", "run"] {
        fs::create_dir_all(province.dir.path().join(folder)).expect("folder");
        std::os::unix::fs::chown(province.dir.path().join(folder), Some(DAEMON), Some(GROUP)).expect("owner");
        fs::set_permissions(province.dir.path().join(folder), fs::Permissions::from_mode(0o750)).expect("mode");
    }
    let config = fs::read_to_string(province.config()).expect("config").replace("phusong.sock", "run/phusong.sock");
    fs::write(province.config(), config).expect("config");
    let log = fs::File::create(province.dir.path().join("log")).expect("log");
    Command::new(program)
        .arg("--config")
        .arg(province.config())
        .uid(DAEMON)
        .gid(GROUP)
        .stderr(log)
        .spawn()
        .expect("phusongd starts")
}

fn as_engineer(province: &Province, program: &Path, arguments: &[&str]) -> (Option<i32>, Value, String) {
    let output = Command::new(program)
        .arg("--config")
        .arg(province.config())
        .args(arguments)
        .uid(ENGINEER)
        .gid(GROUP)
        .output()
        .expect("phusong runs");
    let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), answer, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn another_user_of_the_group_asks_the_daemon_and_reads_the_store_when_it_is_dead() {
    if !own_network() {
        return;
    }
    // Datagram sockets, since this user has no capability.
    run_ok(Command::new("sh").args(["-c", "echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range"]));
    let province = province(3);
    let (phusongd, phusong) = programs(&province);
    let ask = |arguments: &[&str]| as_engineer(&province, &phusong, arguments);
    for ending in [Signal::SIGTERM, Signal::SIGKILL] {
        let mut daemon = as_its_user(&province, &phusongd);
        let log = || fs::read_to_string(province.dir.path().join("log")).unwrap_or_default();
        let answer = wait_for("three links up by the daemon's word", || {
            let (code, answer, _) = ask(&["links", "--json"]);
            let up = items(&answer).iter().filter(|link| text(link, "state") == "up").count();
            (code == Some(0) && up == 3).then_some(answer)
        });
        assert_eq!(text(&answer, "source"), "daemon");
        let (_, status, _) = ask(&["status", "--json"]);
        assert_eq!(status.pointer("/health/prober/icmp").and_then(Value::as_str), Some("datagram"), "{}", log());

        nix::sys::signal::kill(nix::unistd::Pid::from_raw(daemon.id().cast_signed()), ending).expect("alive");
        daemon.wait().expect("wait");
        let (code, answer, words) = ask(&["links", "--json"]);
        assert_eq!((code, text(&answer, "source")), (Some(3), "store"), "after {ending}: {words}");
        assert_eq!(items(&answer).len(), 3);
        assert!(words.contains("phusongd"), "it says that the daemon is away: {words}");
    }
}

#[test]
fn without_the_right_to_ping_links_are_blind_and_the_remedy_is_shown() {
    if !own_network() {
        return;
    }
    let province = province(2);
    let (phusongd, phusong) = programs(&province);
    let mut daemon = as_its_user(&province, &phusongd);
    let answer = wait_for("blind links", || {
        let (_, answer, _) = as_engineer(&province, &phusong, &["links", "--json"]);
        let blind = items(&answer).iter().filter(|link| text(link, "blind") == "no-permission").count();
        (blind == 2).then_some(answer)
    });
    assert!(items(&answer).iter().all(|link| text(link, "state") == "blind"), "never down");
    let screen = Command::new(&phusong)
        .arg("--config")
        .arg(province.config())
        .args(["status", "--lang", "en"])
        .uid(ENGINEER)
        .gid(GROUP)
        .output()
        .expect("run");
    let screen = String::from_utf8_lossy(&screen.stdout).into_owned();
    assert!(screen.contains("ping_group_range") && screen.contains("cap_net_raw"), "{screen}");
    daemon.kill().expect("alive");
    daemon.wait().expect("wait");
}

#[test]
fn check_reports_all_faults_of_all_files_and_exits_2() {
    let province = Province::write(
        "[icmp]\nintervall = \"1s\"\n",
        &[
            ("communes.csv", "code,name,kind\n2221,Nà Hang,xã\n"),
            ("links.csv", "id,kind,commune,address\nfibre-1,fibre,02221,300.1.1.1\n"),
        ],
    );
    let output = Command::new(env!("CARGO_BIN_EXE_phusongd"))
        .args(["--lang", "en", "check", "--config"])
        .arg(province.config())
        .output()
        .expect("run");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{words}");
    for part in ["intervall", "communes.csv:2", "links.csv:2", "hint:"] {
        assert!(words.contains(part), "{part} is missing in {words}");
    }
    let locale = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).arg("--config").arg(province.config()).env("LANG", "vi_VN.UTF-8");
        let output = command.env_remove("LC_ALL").env_remove("LC_MESSAGES").output().expect("run");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let folder = format!("{}/", province.config().parent().expect("folder").display());
    let check = locale(env!("CARGO_BIN_EXE_phusongd"), &["check"]).replace(&folder, "");
    assert!(check.starts_with("lỗi: inventory/communes.csv:2:1: ") && check.ends_with("\n4 lỗi\n"), "{check}");
    for part in [
        ": không có khóa \"intervall\"\n  gợi ý: các giá trị dùng được: ",
        "inventory/communes.csv:2:1: mã xã gồm năm chữ số, giữ các số 0 ở đầu, không phải \"2221\"\n  \
         gợi ý: có phải là 02221 không? bảng tính bỏ mất các số 0 ở đầu: định dạng cột là văn bản (text)\n",
        "inventory/links.csv:2:4: \"300.1.1.1\" không phải là địa chỉ\n  \
         gợi ý: ghi địa chỉ, ví dụ 10.22.21.1 hoặc 2001:db8::1; tên miền không được tra\n",
    ] {
        assert!(check.contains(part), "{part} is missing in {check}");
    }
    let words = locale(env!("CARGO_BIN_EXE_phusong"), &["status"]);
    assert!(words.contains("không có khóa \"intervall\"\n  gợi ý: ") && !words.contains("hint:"), "{words}");
}

#[test]
fn templates_are_written_and_say_what_is_still_to_fill_in() {
    let dir = tempfile::tempdir().expect("folder");
    let target = dir.path().join("province");
    let init =
        |target: &Path| Command::new(env!("CARGO_BIN_EXE_phusongd")).arg("init").arg(target).output().expect("run");
    let output = init(&target);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(target.join("phusong.toml").is_file() && target.join("inventory/links.csv").is_file());
    let again = init(&target);
    assert!(!again.status.success(), "files of a user are not overwritten");
    let answer = phusong(&target.join("phusong.toml"), &["status"]);
    assert!(matches!(answer.status.code(), Some(2 | 4)), "nothing to ask yet");
}
