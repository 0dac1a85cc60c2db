//! `phusong probe` and `phusong ping` as an engineer uses them during an outage.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod support;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Command, Output},
    thread,
};

use phusong_store::Reader;
use serde_json::Value;
use support::{
    Daemon, Province, ask, items, own_network, phusong, running_with_one_down, silent_network, text, wait_for,
};

/// A tick a second.
const FAST: &str = "[icmp]\nperiod = \"1s\"\nspacing = \"20ms\"\ntimeout = \"200ms\"\nreprobe_spacing = \"20ms\"\n";

/// One link of Nà Hang answers, one does not, and one has no address.
const LINKS: &str = "id,kind,commune,address\nfibre-1,fibre,02221,127.66.0.1\nbroadband-1,broadband,02221,10.9.0.2\n\
    fibre-2,fibre,02404,127.66.0.2\n";

const COMMUNES: &str = "code,name,kind\n02221,Nà Hang,xã\n02404,Bình Xa,xã\n";

/// A user without any right.
const NOBODY: u32 = 4245;

/// Exit codes of `phusong`.
const NO_ANSWER: Option<i32> = Some(4);
const FINE: Option<i32> = Some(0);
const FINDINGS: Option<i32> = Some(1);
const USAGE: Option<i32> = Some(2);
const PARTIAL: Option<i32> = Some(3);

fn province() -> Province {
    Province::write(FAST, &[("communes.csv", COMMUNES), ("links.csv", LINKS)])
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// How many echoes of a list became this.
fn count(list: &Value, echo: &str) -> usize {
    let echoes = list.get("echoes").and_then(Value::as_array).expect("echoes");
    echoes.iter().filter(|one| text(one, "echo") == echo).count()
}

#[test]
fn a_commune_is_looked_at_by_two_engines_while_ticks_go_on() {
    if !silent_network() {
        return;
    }
    let province = province();
    let config = province.config();
    let daemon = running_with_one_down(&province);
    let probes: Vec<Output> = thread::scope(|scope| {
        let probe = || phusong(&config, &["probe", "na", "hang", "--json"]);
        let running: Vec<_> = (0..3).map(|_| scope.spawn(probe)).collect();
        running.into_iter().map(|probe| probe.join().expect("a probe")).collect()
    });
    for output in &probes {
        assert_eq!(output.status.code(), FINE, "{}", stderr(output));
        let answer: Value = serde_json::from_slice(&output.stdout).expect("one document");
        assert_eq!(text(&answer, "schema"), "phusong.probe/1");
        let [alive, dead] = items(&answer) else { panic!("two links of the commune: {answer}") };
        assert_eq!((text(alive, "link"), text(dead, "link")), ("fibre-1", "broadband-1"));
        assert_eq!((text(alive, "state"), text(dead, "state")), ("up", "down"));
        assert_eq!((count(alive, "reply"), count(dead, "lost")), (5, 5), "{answer}");
        let here = answer["here"].as_array().expect("our own column");
        assert_eq!((count(&here[0], "reply"), count(&here[1], "lost")), (5, 5), "{answer}");
    }
    let reader = Reader::open(&province.data()).expect("store");
    let ticks = reader.ticks_after(0, 1000).expect("ticks");
    assert!(ticks.iter().all(|tick| tick.samples.len() == 3), "every tick looked at every link");
    assert_eq!(phusong(&config, &["probe", "fibre-1", "--check"]).status.code(), FINE);
    let dead = phusong(&config, &["probe", "broadband-1", "--check", "--lang", "vi"]);
    assert_eq!(dead.status.code(), FINDINGS, "{}", stderr(&dead));
    let told = stdout(&dead);
    assert!(told.contains("cả hai cùng thấy: không trả lời"), "{told}");
    let echoes: Vec<&str> = told.lines().take_while(|line| line.starts_with("broadband-1  ")).collect();
    assert_eq!(echoes.len(), 5, "each echo from here has a line as it comes: {told}");
    assert!(echoes[0].contains("1  không có trả lời trong 2s"), "{told}");
    let unknown = phusong(&config, &["probe", "fibre-11"]);
    assert_eq!(unknown.status.code(), USAGE);
    assert!(stderr(&unknown).contains("fibre-1"), "{}", stderr(&unknown));
    daemon.stop();
}

#[test]
fn with_the_daemon_dead_ping_still_finds_the_link() {
    if !silent_network() {
        return;
    }
    let province = province();
    let config = province.config();
    running_with_one_down(&province).kill();
    let probe = phusong(&config, &["probe", "fibre-1"]);
    assert_eq!(probe.status.code(), NO_ANSWER);
    assert!(stderr(&probe).contains("phusong ping"), "{}", stderr(&probe));

    let fast = ["-c", "3", "-i", "50ms", "--timeout", "300ms"];
    let ping = |target: &str, more: &[&str]| phusong(&config, &[&["ping", target], &fast[..], more].concat());
    let alive = ping("fibre-1", &["--check"]);
    assert_eq!(alive.status.code(), FINE, "{}", stderr(&alive));
    assert!(stdout(&alive).starts_with("PING 127.66.0.1 (fibre-1): surge-ping"), "{}", stdout(&alive));
    assert!(stdout(&alive).contains("sent 3, lost 0"), "{}", stdout(&alive));
    assert!(stderr(&alive).contains("the store was read instead"), "{}", stderr(&alive));

    let dead = ping("10.9.0.2", &[]);
    assert_eq!((dead.status.code(), stderr(&dead)), (NO_ANSWER, String::new()), "an address needs no daemon");
    assert!(stdout(&dead).contains("sent 3, lost 3 (100%)"), "{}", stdout(&dead));
    let report: Value = serde_json::from_slice(&ping("127.66.0.2", &["--json"]).stdout).expect("one document");
    assert_eq!((text(&report, "schema"), count(&report, "reply")), ("phusong.ping/1", 3));
    assert_eq!(ping("192.0.2.1", &[]).status.code(), PARTIAL, "no route: we could not look");
    assert_eq!(phusong(&config, &["ping", "127.66.0.1", "-i", "1ms"]).status.code(), USAGE, "no floods");
}

/// Answers every request with `503 Service Unavailable` until the test ends.
fn overloaded_platform() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            // What is asked does not matter, and who has gone needs no answer.
            let _ = stream.read(&mut [0; 4096]);
            let _ =
                stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    port
}

#[test]
fn a_platform_is_asked_for_its_service() {
    if !own_network() {
        return;
    }
    let port = overloaded_platform();
    let links = format!(
        "id,kind,address,service\nportal,platform,,http://127.0.0.1:{port}/\ndoor,platform,,tcp://127.0.0.1:{port}\n"
    );
    let sections = format!("{FAST}[service]\nperiod = \"1s\"\nattempts = 1\nspacing = \"20ms\"\ntimeout = \"200ms\"\n");
    let province = Province::write(&sections, &[("communes.csv", COMMUNES), ("links.csv", &links)]);
    let (config, daemon) = (province.config(), Daemon::with_config(&province.config()));
    wait_for("the first tick", || ask(&config, &["links"]).filter(|answer| items(answer).len() == 2));
    let portal = phusong(&config, &["probe", "portal", "--json", "--check"]);
    assert_eq!(portal.status.code(), FINDINGS, "{}", stderr(&portal));
    let answer: Value = serde_json::from_slice(&portal.stdout).expect("one document");
    let service = &items(&answer)[0]["service"];
    let lost = service["attempts"].as_array().expect("attempts").iter().filter(|one| text(one, "echo") == "lost");
    assert_eq!((lost.count(), &service["seen"]), (3, &serde_json::json!([{ "http-status": 503 }])));
    let door = phusong(&config, &["probe", "door", "--check"]);
    assert_eq!(door.status.code(), FINE, "{}{}", stdout(&door), stderr(&door));
    assert!(stdout(&door).contains(&format!("tcp://127.0.0.1:{port}")), "{}", stdout(&door));
    let ping = phusong(&config, &["ping", "portal", "--lang", "vi"]);
    assert_eq!(ping.status.code(), USAGE);
    assert!(stderr(&ping).contains("không có địa chỉ để ping"), "{}", stderr(&ping));
    daemon.stop();
}

/// The program where every user can run it.
fn program(province: &Province) -> PathBuf {
    fs::set_permissions(province.dir.path(), fs::Permissions::from_mode(0o755)).expect("mode");
    let to = province.dir.path().join("phusong");
    fs::copy(env!("CARGO_BIN_EXE_phusong"), &to).expect("copy");
    fs::set_permissions(&to, fs::Permissions::from_mode(0o755)).expect("mode");
    to
}

fn as_nobody(program: &Path, config: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.arg("--config").arg(config).args(arguments).uid(NOBODY).gid(NOBODY).output().expect("phusong runs")
}

#[test]
fn without_the_right_to_ping_it_says_so_and_shows_what_the_daemon_sees() {
    if !silent_network() {
        return;
    }
    let province = province();
    let (config, program) = (province.config(), program(&province));
    let daemon = running_with_one_down(&province);
    let ping = as_nobody(&program, &config, &["ping", "127.66.0.1"]);
    assert_eq!(ping.status.code(), USAGE);
    assert!(stderr(&ping).contains("ping_group_range") && stderr(&ping).contains("setcap"), "{}", stderr(&ping));

    let socket = province.dir.path().join("phusong.sock");
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o666)).expect("this user may ask");
    let probe = as_nobody(&program, &config, &["probe", "fibre-1", "--lang", "en"]);
    assert_eq!(probe.status.code(), FINE, "{}", stderr(&probe));
    let shown = stdout(&probe);
    assert!(shown.contains("PHUSONGD") && !shown.contains("SURGE-PING"), "{shown}");
    assert!(shown.contains("ping_group_range"), "the remedy: {shown}");
    daemon.stop();
}
