//! What is offered when Tab is pressed, where no daemon answers.

use std::time::{Duration, Instant};

use super::{asking::write_store, *};
use crate::completions;

/// Word and meaning of all that is offered for the last word of the line.
fn offered(config: &Path, line: &[&str], lang: &str) -> Vec<(String, String)> {
    let variables = [("PHUSONG_CONFIG".into(), config.as_os_str().to_owned()), ("LANG".into(), lang.into())];
    let environment = Environment::new(variables, Screen::Pipe, now());
    let line: Vec<OsString> = std::iter::once("phusong").chain(line.iter().copied()).map(OsString::from).collect();
    let (mut command, last) = (completions::command(&line, &environment), line.len() - 1);
    let found = clap_complete::engine::complete(&mut command, line, last, None).expect("a line");
    let pair = |one: &clap_complete::CompletionCandidate| {
        let says = one.get_help().map(ToString::to_string).unwrap_or_default();
        (one.get_value().to_string_lossy().into_owned(), says)
    };
    found.iter().map(pair).filter(|(word, _)| !word.starts_with('-')).collect()
}

fn words(config: &Path, line: &[&str]) -> Vec<String> {
    offered(config, line, "C").into_iter().map(|(word, _)| word).collect()
}

fn pair(word: &str, says: &str) -> (String, String) {
    (word.to_owned(), says.to_owned())
}

#[test]
fn names_come_from_the_store_when_the_daemon_is_away() {
    let site = Site::new();
    write_store(&site);
    let config = site.path("phusong.toml");
    assert_eq!(offered(&config, &["commune", "Nà"], "C"), [pair("na-hang", "Nà Hang (02221)")]);
    assert_eq!(offered(&config, &["gaps", "--commune", "n"], "C"), [pair("na-hang", "Nà Hang (02221)")]);
    assert_eq!(offered(&config, &["link", ""], "C"), [pair("fibre-02221", "fibre · Nà Hang")]);
    assert_eq!(offered(&config, &["link", "f"], "vi_VN.UTF-8"), [pair("fibre-02221", "cáp quang · Nà Hang")]);
    assert_eq!(words(&config, &["probe", ""]), ["fibre-02221", "na-hang"]);
    assert_eq!(offered(&config, &["ack", ""], "C"), [pair("1", "fibre-02221 · Nà Hang · 32 s")]);
    assert_eq!(words(&config, &["maintenance", "add", "--link", "fib"]), ["fibre-02221"]);
    assert_eq!(words(&config, &["import", "layer", "--operator", "vn"]), ["vnpt"], "a file may be of any");
    let unknown = words(&config, &["coverage", "--contradictions", "--operator", "vn"]);
    assert_eq!(unknown, [""; 0], "a question is refused for one that nobody here is");
    assert_eq!(words(&config, &["links", "--state", "d"]), ["degraded", "down"]);
    assert_eq!(words(&config, &["links", "--kind", "fee"]), ["feeder"]);
    assert!(words(&config, &["gaps", "--rank", ""]).contains(&"persistence".to_owned()));
}

#[test]
fn channels_replicas_and_profiles_come_from_the_configuration() {
    let site = Site::new();
    let config = site.path("phusong.toml");
    let mut text = fs::read_to_string(&config).expect("the configuration");
    text.push_str("\n[[notify.channel]]\nname = \"duty-room\"\nkind = \"command\"\ncommand = [\"/bin/true\"]\n");
    fs::write(&config, text).expect("a configuration");
    assert_eq!(offered(&config, &["notify", "test", ""], "vi_VN.UTF-8"), [pair("duty-room", "lệnh")]);
    assert_eq!(words(&config, &["profile", "show", "huawei-o"]), ["huawei-olt"]);
    assert!(words(&config, &["influx", "retry", ""]).is_empty());
}

#[test]
fn what_is_named_on_the_line_is_asked_and_the_language_too() {
    let (empty, full) = (Site::new(), Site::new());
    write_store(&full);
    let named = full.path("phusong.toml").to_string_lossy().into_owned();
    let config = empty.path("phusong.toml");
    assert!(words(&config, &["link", ""]).is_empty());
    assert_eq!(words(&config, &["--config", &named, "link", ""]), ["fibre-02221"]);
    let vietnamese = offered(&config, &["--lang", "vi", "--config", &named, "link", ""], "C");
    assert_eq!(vietnamese, [pair("fibre-02221", "cáp quang · Nà Hang")]);
    let commands = offered(&config, &["--lang", "vi", "outa"], "C");
    let told = |name: &str| commands.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
    assert!(told("outages").is_some_and(|text| text.starts_with("Các lần mất kết nối")), "{commands:?}");
    assert!(commands.len() == 2 && told("outage").is_some_and(|text| text.starts_with("Mọi điều")), "{commands:?}");
}

#[test]
fn a_daemon_that_hangs_is_waited_for_as_long_as_nobody_notices() {
    let site = Site::new();
    write_store(&site);
    let _silent = std::os::unix::net::UnixListener::bind(site.socket()).expect("bind");
    let begun = Instant::now();
    assert_eq!(words(&site.path("phusong.toml"), &["link", "f"]), ["fibre-02221"]);
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(200) && took < Duration::from_millis(1500), "{took:?}");
}

#[test]
fn where_nobody_can_be_asked_nothing_is_offered() {
    for line in [["commune", ""], ["link", ""], ["probe", ""], ["ack", ""], ["--group", ""]] {
        assert!(words(Path::new("/nowhere/phusong.toml"), &line).iter().all(|word| word != "na-hang"), "{line:?}");
    }
    assert!(words(Path::new("/nowhere/phusong.toml"), &["link", ""]).is_empty());
}
