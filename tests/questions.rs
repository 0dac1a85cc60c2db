//! The questions of a storm night, by both programs: the situation report, readiness for a meeting, and the topology.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod support;

use std::{path::Path, process::Command};

use serde_json::Value;
use support::{Daemon, Province, ask, items, own_network, phusong, run_ok, text, wait_for};

/// A feeder that carries two fibres, of which that of Bình Ca leads to a machine that never answers; two endpoints, a
/// platform, and stations by backhaul and by report.
fn province() -> Province {
    let lately = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(30);
    let sites = format!(
        "id,kind,commune,operator,backhaul,reported_state,reported_at\n\
         bts-1,bts,02221,viettel,fibre-1,,\n\
         bts-2,bts,02548,viettel,fibre-2,,\n\
         bts-3,bts,02548,vnpt,,down,{lately}\n\
         bts-4,bts,02221,,,up,2026-01-12T08:00:00+07:00\n"
    );
    Province::write(
        "[icmp]\nperiod = \"1s\"\nspacing = \"20ms\"\ntimeout = \"200ms\"\nreprobe_spacing = \"20ms\"\n",
        &[
            ("communes.csv", "code,name,kind,population\n02221,Nà Hang,xã,9000\n02548,Bình Ca,xã,4000\n"),
            (
                "links.csv",
                "id,kind,commune,address,groups,upstream,phone\n\
                 feeder-1,feeder,,127.66.0.1,,,\n\
                 fibre-1,fibre,02221,127.66.0.2,,feeder-1,\n\
                 fibre-2,fibre,02548,192.0.2.1,,feeder-1,\n\
                 vc-1,video-conference,02221,127.66.0.3,vc,fibre-1,0912345678\n\
                 vc-2,video-conference,02548,192.0.2.1,vc,fibre-2,0987654321\n\
                 platform-1,platform,,127.66.0.4,,,\n",
            ),
            ("sites.csv", &sites),
        ],
    )
}

/// Packets to 192.0.2.1 leave, and nothing comes back.
fn silent_neighbour() {
    for words in [
        "link add gone type veth peer name peer",
        "link set gone up",
        "link set peer up",
        "addr add 192.0.2.9/24 dev gone",
        "neigh add 192.0.2.1 lladdr 02:00:00:00:00:01 dev gone",
    ] {
        run_ok(Command::new("ip").args(words.split(' ')));
    }
}

fn number(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| panic!("{pointer} in {value}"))
}

/// The report, once both links that never answer are decided.
fn report(config: &Path) -> Value {
    wait_for("the outages", || {
        let links = ask(config, &["links"]).filter(|answer| text(answer, "source") == "daemon")?;
        let states: Vec<&str> = items(&links).iter().map(|link| text(link, "state")).collect();
        (states == ["up", "up", "down", "up", "down", "up"]).then_some(())
    });
    ask(config, &["sitrep"]).expect("a report")
}

/// What a report counts, without when.
fn figures(report: &Value) -> Vec<Value> {
    ["routes", "stations", "reports", "communes"].iter().map(|part| report[*part].clone()).collect()
}

#[test]
fn a_storm_night_is_asked_about_and_answered() {
    if !own_network() {
        return;
    }
    silent_neighbour();
    let province = province();
    let config = province.config();
    let daemon = Daemon::with_config(&config);

    let from_daemon = report(&config);
    assert_eq!((text(&from_daemon, "schema"), text(&from_daemon, "source")), ("phusong.sitrep/1", "daemon"));
    for (pointer, expected) in [
        ("/routes/all/total", 3),
        ("/routes/all/down", 1),
        ("/routes/all/up", 2),
        ("/stations/all/total", 4),
        ("/stations/all/up", 1),
        ("/stations/all/down", 2),
        ("/stations/all/blind", 1),
        ("/reports/by_backhaul", 2),
        ("/reports/by_report", 1),
        ("/reports/old_up", 1),
        ("/communes/total", 2),
        ("/people/people", 4000),
    ] {
        assert_eq!(number(&from_daemon, pointer), expected, "{pointer} in {from_daemon}");
    }
    let dark = &from_daemon["communes"]["items"][0];
    assert_eq!((text(dark, "commune_name"), text(dark, "left")), ("Bình Ca", "none"));
    let told = phusong(&config, &["sitrep", "--lang", "vi"]);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("1. Tuyến (cáp quang, tuyến trục): mất kết nối 1/3"), "{told}");
    assert!(told.contains("Mất sóng mọi nhà mạng (1): Bình Ca"), "{told}");

    let meeting = phusong(&config, &["ready", "--group", "VC", "--json"]);
    assert_eq!(meeting.status.code(), Some(1), "an endpoint is down");
    let meeting: Value = serde_json::from_slice(&meeting.stdout).expect("json");
    let first = &items(&meeting)[0];
    assert_eq!((text(first, "link"), text(first, "fitness")), ("vc-2", "unfit"));
    assert_eq!(text(&first["contact"], "phone"), "0987654321");
    assert_eq!((number(&meeting, "/counts/unfit"), number(&meeting, "/links")), (1, 2));
    let unknown = phusong(&config, &["ready", "--group", "hop"]);
    let words = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(unknown.status.code() == Some(2) && words.contains("there are: vc"), "{words}");

    let tree = phusong(&config, &["topology", "tree", "--lang", "en"]);
    let tree = String::from_utf8_lossy(&tree.stdout).into_owned();
    assert!(tree.contains("✗ fibre-2") && tree.contains("branches with nothing amiss"), "{tree}");
    let path = ask(&config, &["topology", "path", "vc-2"]).expect("a path");
    assert_eq!(text(&path["ways"][0], "breaks_at"), "fibre-2");
    assert_eq!(path["ways"][0]["hops"].as_array().map(Vec::len), Some(3));

    // Without the daemon the store tells the same, as of the last look.
    daemon.kill();
    let dead = phusong(&config, &["sitrep", "--json"]);
    assert_eq!(dead.status.code(), Some(3));
    let from_store: Value = serde_json::from_slice(&dead.stdout).expect("json");
    assert_eq!(text(&from_store, "source"), "store");
    assert_eq!(figures(&from_store), figures(&from_daemon));
}
