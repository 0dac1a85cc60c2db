//! What people order by command: announced work, by the daemon and without it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod support;

use std::{fs, os::unix::fs::chown, path::Path};

use serde_json::Value;
use support::{Daemon, Province, ask, items, own_network, phusong, text, wait_for};

/// A tick a second, and two links of Nà Hang and one of Bình Ca.
fn province() -> Province {
    Province::write(
        "[icmp]\nperiod = \"1s\"\nspacing = \"20ms\"\ntimeout = \"200ms\"\nreprobe_spacing = \"20ms\"\n",
        &[
            ("communes.csv", "code,name,kind\n02221,Nà Hang,xã\n02548,Bình Ca,xã\n"),
            (
                "links.csv",
                "id,kind,commune,address,groups\nfibre-1,fibre,02221,127.66.0.1,\nbroadband-1,broadband,02221,127.66.0.2,vc\n\
                 fibre-2,fibre,02548,127.66.0.3,vc\n",
            ),
        ],
    )
}

/// The states of all links, by id, as the daemon tells them.
fn states(config: &Path) -> Vec<String> {
    let answer = ask(config, &["links"]).filter(|answer| text(answer, "source") == "daemon").unwrap_or_default();
    items(&answer).iter().map(|link| format!("{} {}", text(link, "link"), text(link, "state"))).collect()
}

fn shows(config: &Path, expected: [&str; 3]) {
    wait_for("the states", || (states(config) == expected).then_some(()));
}

fn stdout(config: &Path, arguments: &[&str]) -> String {
    let output = phusong(config, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn refused(config: &Path, arguments: &[&str]) -> (i32, String) {
    let output = phusong(config, arguments);
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn work_that_is_announced_by_command_is_maintenance_until_it_is_ended() {
    if !own_network() {
        return;
    }
    let province = province();
    let config = province.config();
    let daemon = Daemon::with_config(&config);
    shows(&config, ["fibre-1 up", "broadband-1 up", "fibre-2 up"]);

    let add = ["maintenance", "add", "--commune", "na hang", "--from", "now", "--for", "2h", "--why", "thay măng xông"];
    let told = stdout(&config, &[&add[..], &["--lang", "vi"]].concat());
    assert!(told.starts_with("lịch bảo trì 1 · 02221: 2 tuyến · "), "{told}");
    assert!(told.contains("(2 giờ)") && told.contains("thay măng xông"), "{told}");
    shows(&config, ["fibre-1 maintenance", "broadband-1 maintenance", "fibre-2 up"]);
    assert_eq!(phusong(&config, &["links", "--check"]).status.code(), Some(0), "maintenance is no finding");

    let ahead = ["maintenance", "add", "--group", "VC", "--from", "tomorrow 22:00", "--to", "04:00", "--why", "x"];
    let document: Value = serde_json::from_str(&stdout(&config, &[&ahead[..], &["--json"]].concat())).expect("json");
    assert_eq!((text(&document, "schema"), text(&document, "group")), ("phusong.planned/1", "vc"));
    assert_eq!((&document["id"], &document["links"]), (&Value::from(2), &Value::from(2)));
    let list = ask(&config, &["maintenance"]).expect("the list");
    assert_eq!(text(&list, "source"), "daemon", "{list}");
    let told: Vec<(&str, &str, &str)> =
        items(&list).iter().map(|item| (text(item, "state"), text(item, "name"), text(item, "author"))).collect();
    let author = phusong_store::user_name(nix::unistd::geteuid().as_raw());
    assert_eq!(told, [("on", "Nà Hang", author.as_str()), ("ahead", "vc", author.as_str())]);

    // A restart keeps it.
    daemon.stop();
    let daemon = Daemon::with_config(&config);
    shows(&config, ["fibre-1 maintenance", "broadband-1 maintenance", "fibre-2 up"]);
    let told = stdout(&config, &["maintenance", "end", "1"]);
    assert!(told.contains("announced work 1") && told.contains("ended at"), "{told}");
    shows(&config, ["fibre-1 up", "broadband-1 up", "fibre-2 up"]);
    let told = stdout(&config, &["maintenance", "end", "2"]);
    assert!(told.contains("cancelled"), "{told}");
    assert_eq!(refused(&config, &["maintenance", "end", "1"]).0, 2, "it is over");
    daemon.stop();
}

#[test]
fn an_order_that_will_not_do_is_refused_with_its_reason() {
    if !own_network() {
        return;
    }
    let province = province();
    let config = province.config();
    let daemon = Daemon::with_config(&config);
    shows(&config, ["fibre-1 up", "broadband-1 up", "fibre-2 up"]);
    let add = |more: &[&str]| refused(&config, &[&["maintenance", "add", "--why", "x"], more].concat());
    let window = ["--from", "22:00", "--to", "04:00"];
    let (code, words) = add(&[&window[..], &["--commune", "binh xa"]].concat());
    assert!(code == 2 && words.contains("did you mean: Bình Ca (02548)"), "{words}");
    let (code, words) = add(&window);
    assert!(code == 2 && words.contains("--link, --commune, --group"), "{words}");
    let (code, words) = add(&["--link", "fibre-1", "--from", "2026-01-01 00:00", "--to", "2026-01-01 04:00"]);
    assert!(code == 2 && words.contains("what was accounted is not rewritten"), "{words}");
    let (code, words) = add(&["--link", "fibre-1", "--from", "now", "--for", "32d"]);
    assert!(code == 2 && words.contains("longer than 31 days"), "{words}");
    let (code, words) = add(&["--link", "fibre-1", "--from", "now", "--to", "2h"]);
    assert!(code == 2 && words.contains("--to 02:00 or --for 2h"), "{words}");
    let (code, words) = add(&["--link", "fibre-1", "--from", "soon", "--for", "1h"]);
    assert!(code == 2 && words.contains("\"soon\" is not a time"), "{words}");
    let (code, words) = refused(&config, &["maintenance", "end", "77", "--lang", "vi"]);
    assert!(code == 2 && words.contains("không có lịch bảo trì số 77"), "{words}");
    assert_eq!(items(&ask(&config, &["maintenance"]).expect("the list")).len(), 0, "nothing was announced");
    daemon.stop();
}

#[test]
fn without_a_daemon_the_owner_of_the_folder_announces_work_and_others_are_told_who_may() {
    if !own_network() {
        return;
    }
    let province = province();
    let config = province.config();
    let add = ["maintenance", "add", "--link", "fibre-1", "--from", "now", "--for", "1h", "--why", "đứt cáp đã biết"];
    let (code, words) = refused(&config, &add);
    assert!(code == 4 && words.contains("phusongd does not answer"), "no daemon has ever run: {words}");

    let daemon = Daemon::with_config(&config);
    shows(&config, ["fibre-1 up", "broadband-1 up", "fibre-2 up"]);
    daemon.kill();
    let told = stdout(&config, &add);
    assert!(told.contains("announced work 1") && told.contains("fibre-1: 1 link "), "{told}");
    let output = phusong(&config, &["maintenance", "--json"]);
    let list: Value = serde_json::from_slice(&output.stdout).expect("json");
    assert_eq!((items(&list).len(), text(&list, "source")), (1, "store"));

    let daemon = Daemon::with_config(&config);
    shows(&config, ["fibre-1 maintenance", "broadband-1 up", "fibre-2 up"]);
    daemon.kill();
    chown(province.data(), Some(4242), None).expect("another owner");
    let (code, words) = refused(&config, &add);
    assert!(code == 2 && words.contains("belongs to user 4242") && words.contains("sudo -u 4242"), "{words}");
    assert!(fs::metadata(province.data().join("phusong.db")).is_ok());
}

#[test]
fn an_outage_is_acknowledged_by_its_number_and_everybody_sees_by_whom() {
    if !own_network() {
        return;
    }
    let province = province();
    // Nothing of it answers from the first tick on.
    let links = "id,kind,commune,address\nfibre-1,fibre,02221,127.66.0.1\nfibre-2,fibre,02548,192.0.2.1\n";
    fs::write(province.dir.path().join("inventory/links.csv"), links).expect("links");
    support::run_ok(
        std::process::Command::new("ip").args(["link", "add", "gone", "type", "veth", "peer", "name", "peer"]),
    );
    support::run_ok(std::process::Command::new("ip").args(["link", "set", "gone", "up"]));
    support::run_ok(std::process::Command::new("ip").args(["link", "set", "peer", "up"]));
    support::run_ok(std::process::Command::new("ip").args(["addr", "add", "192.0.2.9/24", "dev", "gone"]));
    support::run_ok(std::process::Command::new("ip").args([
        "neigh",
        "add",
        "192.0.2.1",
        "lladdr",
        "02:00:00:00:00:01",
        "dev",
        "gone",
    ]));
    let config = province.config();
    let daemon = Daemon::with_config(&config);
    let outage = wait_for("the outage", || {
        let answer = ask(&config, &["outages"])?;
        items(&answer).first().and_then(|item| item.get("outage")?.as_i64())
    });
    let number = outage.to_string();
    let ack = ["ack", &number, "--note", "VNPT đang nối lại cáp", "--ticket", "VNPT-20931", "--lang", "vi"];
    let told = stdout(&config, &ack);
    let author = phusong_store::user_name(nix::unistd::geteuid().as_raw());
    assert!(told.starts_with(&format!("đã tiếp nhận lần mất kết nối {number} · {author} ")), "{told}");
    assert!(told.contains("VNPT-20931") && told.contains("VNPT đang nối lại cáp"), "{told}");
    let shown = |source: &str| {
        let answer = ask(&config, &["outages"]).expect("an answer");
        assert_eq!(text(&answer, "source"), source);
        let ack = items(&answer)[0]["ack"].clone();
        assert_eq!((text(&ack, "author"), text(&ack, "ticket")), (author.as_str(), "VNPT-20931"));
    };
    shown("daemon");
    let (code, words) = refused(&config, &["ack", "4711", "--lang", "vi"]);
    assert!(code == 2 && words.contains("không có lần mất kết nối số 4711"), "{words}");
    daemon.kill();
    shown("store");
    let told = stdout(&config, &["ack", &number, "--note", "xong"]);
    assert!(told.contains("is acknowledged") && told.contains("xong"), "{told}");
    let answer = ask(&config, &["outages"]).expect("an answer");
    assert_eq!(text(&items(&answer)[0]["ack"], "note"), "xong", "the last one is shown");
}
