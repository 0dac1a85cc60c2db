//! The first command of the README: an example province with something to see, and a history that stays.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod support;

use std::{fs, path::Path};

use serde_json::Value;
use support::{Daemon, ask, items, phusong, text, wait_for};

fn start(dir: &Path) -> Daemon {
    Daemon::start(&dir.join("words"), &["demo", "--dir", &dir.join("demo").to_string_lossy()], &[])
}

fn count(answer: &Value, kind: &str) -> usize {
    items(answer).iter().filter(|link| text(link, "kind") == kind).count()
}

#[test]
fn the_demo_shows_outages_and_keeps_its_history() {
    let dir = tempfile::tempdir().expect("folder");
    let config = dir.path().join("demo/phusong.toml");
    let daemon = start(dir.path());
    let links =
        wait_for("an answer of the demo", || ask(&config, &["links"]).filter(|a| text(a, "source") == "daemon"));
    assert_eq!(
        ["fibre", "broadband", "video-conference", "platform"].map(|kind| count(&links, kind)),
        [124, 124, 87, 4]
    );
    let first_words = daemon.words().lines().next().unwrap_or_default().to_owned();
    assert!(first_words.contains("DEMO") && first_words.contains("EXAMPLE"), "{first_words}");

    let outage = wait_for("the first scripted outage", || {
        let answer = ask(&config, &["outages", "--commune", "na hang"])?;
        items(&answer).iter().find(|o| text(o, "link") == "fibre-02221" && o.get("end") == Some(&Value::Null)).cloned()
    });
    assert!(text(&outage, "target").starts_with("127.77."), "{outage}");
    let gaps = ask(&config, &["gaps"]).expect("an answer");
    let kinds: Vec<&str> = items(&gaps).iter().map(|gap| text(gap, "kind")).collect();
    assert!(kinds.contains(&"link") && kinds.contains(&"coverage"), "{kinds:?}");
    let coverage = ask(&config, &["coverage"]).expect("an answer");
    assert!(
        items(&coverage).iter().all(|item| item.get("approximate") == Some(&Value::Bool(true))),
        "no boundary file"
    );
    assert!(items(&coverage).iter().all(|item| item.get("example") == Some(&Value::Bool(true))));
    let findings = phusong(&config, &["gaps", "--check"]);
    assert_eq!(findings.status.code(), Some(1), "{}", String::from_utf8_lossy(&findings.stderr));
    let page = page(&daemon.words());
    assert!(page.contains("Nà Hang") && page.contains("127.77."), "{page}");
    daemon.stop();

    let dead = phusong(&config, &["outages", "--json"]);
    assert_eq!(dead.status.code(), Some(3), "the store answers, and says that it is stale");
    let daemon = start(dir.path());
    let history = wait_for("an answer after the restart", || {
        ask(&config, &["outages", "--since", "1h"]).filter(|a| text(a, "source") == "daemon")
    });
    assert!(
        items(&history)
            .iter()
            .any(|o| o.get("outage") == outage.get("outage") && o.get("start") == outage.get("start")),
        "{history}"
    );
    daemon.stop();
    assert!(fs::metadata(dir.path().join("demo/data/phusong.db")).is_ok());
}

/// The page, from the address that the demo prints.
fn page(words: &str) -> String {
    use std::{io::Write as _, net::TcpStream};
    let address = words.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("the page's address");
    let mut stream = TcpStream::connect(address).expect("the page answers");
    write!(stream, "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("send");
    support::drain(stream)
}
