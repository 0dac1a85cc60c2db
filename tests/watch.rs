//! `phusong watch` on a terminal, as the one who sits before it sees it: the real program on a pseudo-terminal, against a
//! real daemon, read by a terminal emulator that shares no code with it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod support;
#[path = "watch/terminal.rs"]
mod terminal;

use std::path::Path;

use nix::sys::signal::Signal;
use support::{Province, ask, items, phusong, running_with_one_down, silent_network, text, wait_for};
use terminal::{Session, Terminal};

/// A tick a second.
const FAST: &str = "[icmp]\nperiod = \"1s\"\nspacing = \"20ms\"\ntimeout = \"200ms\"\nreprobe_spacing = \"20ms\"\n";

const COMMUNES: &str = "code,name,kind\n02221,Nà Hang,xã\n02548,Bình Ca,xã\n";

/// One link of Nà Hang answers and one does not; Bình Ca's does.
const LINKS: &str = "id,kind,commune,address,operator\nfibre-1,fibre,02221,127.66.0.1,viettel\n\
    broadband-1,broadband,02221,10.9.0.2,vnpt\nfibre-2,fibre,02548,127.66.0.3,viettel\n";

const OLD: (u16, u16) = (80, 24);

fn province() -> Province {
    Province::write(FAST, &[("communes.csv", COMMUNES), ("links.csv", LINKS)])
}

/// The note of the outage that is open, as `phusong outages --json` tells it.
fn note(config: &Path) -> Option<String> {
    let answer = ask(config, &["outages"])?;
    Some(text(items(&answer).first()?.get("ack")?, "note").to_owned())
}

#[test]
fn an_engineer_watches_opens_filters_and_acknowledges() {
    if !silent_network() {
        return;
    }
    let province = province();
    let (config, daemon) = (province.config(), running_with_one_down(&province));
    let mut terminal = Terminal::new(OLD);
    let before = terminal.modes();
    let mut session = Session::start(&terminal, &config, &["--lang", "vi", "--interval", "1s"], &[]);
    let shown = terminal.shows("the event", "broadband-1 (Nà Hang)");
    assert!(shown.contains("● 2") && shown.contains("✗ 1"), "links by state:\n{shown}");
    assert!(shown.contains("Nguồn: phusongd") && shown.contains("SỰ CỐ: 1 đang diễn ra"), "{shown}");
    assert!(shown.contains("✗ Nà Hang") && shown.contains("● Bình Ca"), "communes with signs:\n{shown}");
    assert!(terminal.is_alternate() && terminal.hides_cursor());
    assert!(terminal.has_colour());

    terminal.types("\r");
    terminal.shows("the event's outages", "CHI TIẾT: broadband-1 (Nà Hang)");
    terminal.types("\r");
    terminal.shows("all about the link, once the daemon has answered", "mất gói ");
    terminal.types("\x1b");
    terminal.shows("back at the event", "CHI TIẾT: broadband-1 (Nà Hang)");
    terminal.types("a");
    terminal.shows("the line for a note", "Ghi chú:");
    assert!(!terminal.hides_cursor(), "it is typed at");
    terminal.types("đang nối lại cáp\r");
    terminal.shows("that it was taken", "đã tiếp nhận");
    assert_eq!(note(&config).as_deref(), Some("đang nối lại cáp"));
    terminal.types("\x1b");
    // A key that came at once behind Esc would be read as one with Alt.
    terminal.shows("back at the events", "> SỰ CỐ");
    terminal.shows("who has taken notice", &format!("✓ {}", phusong_store::user_name(nix::unistd::geteuid().as_raw())));

    terminal.types("/binh ca");
    terminal.shows("what is left", "Đang lọc \"binh ca\": 1/3 tuyến, 1 xã/phường, 0 sự cố");
    terminal.lacks("the other commune", "Nà Hang");
    terminal.types("\x1b");
    terminal.shows("everything again", "✗ Nà Hang");
    terminal.types("?");
    terminal.shows("the keys", "vẽ lại màn hình");
    terminal.types("q");
    terminal.shows("the panes again", "XÃ, PHƯỜNG");
    terminal.types("q");
    assert_eq!(session.ended(), 0);
    terminal.is_given_back(&before);
    daemon.stop();
}

#[test]
fn the_screen_outlives_daemons() {
    if !silent_network() {
        return;
    }
    let province = province();
    let (config, daemon) = (province.config(), running_with_one_down(&province));
    let mut terminal = Terminal::new(OLD);
    let mut session = Session::start(&terminal, &config, &["--lang", "en", "--interval", "1s"], &[]);
    terminal.shows("the daemon's answer", "Source: phusongd");
    terminal.types("\t");
    terminal.shows("a chosen commune", "COMMUNES (2): Nà Hang");
    daemon.kill();
    let shown = terminal.shows("that it is away", "phusongd DOES NOT ANSWER");
    assert!(shown.contains("systemctl start phusongd") && shown.contains(" old"), "{shown}");
    terminal.types("\r");
    terminal.shows("that keys still work, on what the store tells", "DETAIL: Nà Hang (02221)");
    assert_eq!(session.ended_by_now(), None);

    // An order needs nobody else: this user owns the folder.
    terminal.types("ja");
    terminal.shows("the line for a note", "Note:");
    terminal.types("without daemon\r");
    terminal.shows("that it was taken", "is acknowledged");

    let daemon = running_with_one_down(&province);
    terminal.shows("that it is back", "Source: phusongd");
    terminal.lacks("the warning", "DOES NOT ANSWER");
    terminal.shows("what was open", "DETAIL: Nà Hang (02221)");
    assert_eq!(note(&config).as_deref(), Some("without daemon"));
    terminal.types("\x03");
    assert_eq!(session.ended(), 0, "Ctrl-C is a key here");
    daemon.stop();
}

#[test]
fn the_screen_follows_the_size_of_its_window() {
    if !silent_network() {
        return;
    }
    let province = province();
    let daemon = running_with_one_down(&province);
    let mut terminal = Terminal::new(OLD);
    let mut session = Session::start(&terminal, &province.config(), &["--lang", "en"], &[]);
    let shown = terminal.shows("three panes", "DETAIL");
    assert_eq!(shown.lines().count(), usize::from(OLD.1), "the keys stand in the last line:\n{shown}");
    terminal.resize((120, 40));
    wait_for("the whole of a larger window", || {
        (terminal.text().lines().count() == 40).then_some(()).filter(|()| terminal.text().contains("DETAIL"))
    });
    terminal.resize((60, 15));
    let shown = terminal.shows("what is missing", "20 columns and 9 lines missing");
    assert!(shown.contains("EVENTS") && !shown.contains("COMMUNES"), "one pane is left:\n{shown}");
    terminal.types("\t");
    let shown = terminal.shows("the next pane", "COMMUNES");
    assert!(shown.contains("✗ Nà Hang") && !shown.contains("EVENTS"), "{shown}");
    terminal.resize(OLD);
    terminal.shows("all of it again", "DETAIL");
    terminal.types("q");
    assert_eq!(session.ended(), 0);
    daemon.stop();
}

#[test]
fn signals_end_it_with_the_terminal_in_order() {
    if !silent_network() {
        return;
    }
    let province = province();
    let daemon = running_with_one_down(&province);
    for (signal, code) in [(Signal::SIGTERM, 143), (Signal::SIGHUP, 129), (Signal::SIGINT, 130)] {
        let terminal = Terminal::new(OLD);
        let before = terminal.modes();
        let mut session = Session::start(&terminal, &province.config(), &[], &[]);
        terminal.shows("the screen", "EVENTS");
        assert!(terminal.is_alternate() && terminal.modes() != before);
        session.signal(signal);
        assert_eq!(session.ended(), code, "{signal}");
        terminal.is_given_back(&before);
    }
    daemon.stop();
}

#[test]
fn a_terminal_without_colour_or_signs_gets_none() {
    if !silent_network() {
        return;
    }
    let province = province();
    let daemon = running_with_one_down(&province);
    for environment in [("NO_COLOR", "1"), ("TERM", "vt100")] {
        let mut terminal = Terminal::new(OLD);
        let mut session = Session::start(&terminal, &province.config(), &["--ascii"], &[environment]);
        let shown = terminal.shows("the signs of ASCII", "X Nà Hang");
        assert!(shown.contains("+ Bình Ca") && !shown.contains('✗') && !shown.contains('─'), "{shown}");
        assert!(!terminal.has_colour(), "{environment:?}");
        terminal.types("q");
        assert_eq!(session.ended(), 0);
    }
    daemon.stop();
}

#[test]
fn where_no_full_screen_can_be_it_names_what_does_without() {
    let province = province();
    let config = province.config();
    let piped = phusong(&config, &["watch"]);
    assert_eq!(piped.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&piped.stderr).contains("phusong status"), "{piped:?}");
    assert!(piped.stdout.is_empty());
    let refused = |term: &str, arguments: &[&str], words: &str, code: i32| {
        let terminal = Terminal::new(OLD);
        let before = terminal.modes();
        let mut session = Session::start(&terminal, &config, arguments, &[("TERM", term)]);
        assert_eq!(session.ended(), code, "{arguments:?} on {term:?}");
        terminal.shows("why", words);
        assert!(!terminal.is_alternate());
        assert_eq!(terminal.modes(), before);
    };
    refused("dumb", &[], "phusong status", 2);
    refused("", &[], "phusong status", 2);
    refused("xterm", &["--json"], "phusong status --json", 2);
    refused("xterm", &["--until", "2026-11-01"], "--since", 2);
    refused("xterm", &["--interval", "500ms"], "between 1s and 60m", 2);
    refused("xterm", &["--since", "soon"], "soon", 2);
    refused("xterm", &[], "neither phusongd nor its store", 4);
}

#[test]
fn while_nothing_happens_hardly_anything_is_sent() {
    if !silent_network() {
        return;
    }
    let province = province();
    let daemon = running_with_one_down(&province);
    let mut terminal = Terminal::new(OLD);
    let mut session = Session::start(&terminal, &province.config(), &["--interval", "1h"], &[]);
    terminal.shows("the screen", "EVENTS");
    let clock = || terminal.text().lines().next().unwrap_or_default().to_owned();
    let (begun, first) = (clock(), terminal.bytes());
    wait_for("the clock to go on", || (clock() != begun).then_some(()));
    let (begun, second) = (clock(), terminal.bytes());
    wait_for("the clock to go on", || (clock() != begun).then_some(()));
    let sent = terminal.bytes() - second;
    assert!(sent < 400, "the screen took {first} bytes, a second of it {sent}");
    terminal.types("q");
    assert_eq!(session.ended(), 0);
    daemon.stop();
}
