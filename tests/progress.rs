//! Work that takes a while, before people who watch it on a terminal, and in a pipe.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod support;

use std::{
    fs::File,
    io::Read as _,
    path::Path,
    process::{Command, Stdio},
    thread,
};

use nix::pty::{Winsize, openpty};
use support::{Daemon, Province, own_network, phusong, wait_for};

fn province() -> Province {
    Province::write(
        "[icmp]\nperiod = \"1s\"\nspacing = \"20ms\"\ntimeout = \"200ms\"\nreprobe_spacing = \"20ms\"\n",
        &[
            ("communes.csv", "code,name,kind\n02221,Nà Hang,xã\n"),
            ("links.csv", "id,kind,commune,address\nfibre-1,fibre,02221,127.66.0.1\n"),
        ],
    )
}

/// Runs `phusong` with stderr on a terminal and stdout in a pipe: its code, its data, and what the terminal was sent.
fn watched(config: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(Some(&size), None).expect("a pseudo-terminal");
    let mut command = Command::new(env!("CARGO_BIN_EXE_phusong"));
    command.arg("--config").arg(config).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
    command.env("LANG", "en_US.UTF-8").env("TERM", "xterm").env_remove("LC_ALL").env_remove("LC_MESSAGES");
    let child = command.stderr(terminal.slave).spawn().expect("phusong runs");
    // The command holds its end of the terminal until it is dropped.
    drop(command);
    let seen = thread::spawn(move || {
        let mut seen = Vec::new();
        // A terminal that nobody writes to any more ends with an error.
        let _ = File::from(terminal.master).read_to_end(&mut seen);
        String::from_utf8(seen).expect("UTF-8")
    });
    let output = child.wait_with_output().expect("phusong ends");
    let data = String::from_utf8(output.stdout).expect("UTF-8");
    (output.status.code(), data, seen.join().expect("the terminal"))
}

#[test]
fn who_watches_sees_a_bar_and_then_how_much_it_was_and_pipes_get_none_of_it() {
    if !own_network() {
        return;
    }
    let province = province();
    let config = province.config();
    let daemon = Daemon::with_config(&config);
    wait_for("a tick", || (phusong(&config, &["links", "--check"]).status.code() == Some(0)).then_some(()));
    let file = |name: &str| province.dir.path().join(name).to_string_lossy().into_owned();
    let totals = file("totals.csv");
    std::fs::write(&totals, "commune_code,people\n02221,1234\n").expect("a table");
    let (backup, samples) = (file("copy.db"), file("samples.csv"));
    let cases: [(&[&str], &str, &str); 5] = [
        (&["store", "backup", "--force", &backup], "copying pages [", "copied "),
        (&["store", "check"], "checking the store [", "14 rules checked · "),
        (&["store", "export", "--force", &samples], "writing rows [", " rows written · "),
        (&["store", "compact"], "giving room back to the disk", " given back to the disk · "),
        (&["import", "totals", &totals, "--dry-run", "--valid-on", "2026-11-01"], "reading 0s", "checked "),
    ];
    for (arguments, bar, summary) in cases {
        let (code, data, seen) = watched(&config, arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {seen}");
        assert!(seen.contains(bar) && seen.contains(summary), "{arguments:?}: {seen:?}");
        assert!(seen.ends_with("\r\n"), "the prompt has a line of its own: {seen:?}");
        let trace = [bar, summary, "\u{1b}"].into_iter().find(|words| data.contains(words));
        assert_eq!(trace, None, "{arguments:?}: {data}");

        let piped = phusong(&config, arguments);
        assert_eq!((piped.status.code(), piped.stderr.as_slice()), (Some(0), &b""[..]), "{arguments:?}");
        let (code, _, seen) = watched(&config, &[arguments, &["--quiet"]].concat());
        assert_eq!((code, seen.as_str()), (Some(0), ""), "{arguments:?}");
    }
    daemon.stop();
}

#[test]
fn work_that_fails_leaves_its_message_and_no_half_a_bar() {
    let province = province();
    std::fs::create_dir(province.data()).expect("a folder");
    drop(phusong_store::Store::open(&province.data()).expect("a store"));
    let target = province.dir.path().join("copy.db");
    std::fs::write(&target, "mine").expect("a file");
    let (code, data, seen) = watched(&province.config(), &["store", "backup", &target.to_string_lossy()]);
    assert_eq!((code, data.as_str()), (Some(2), ""), "{seen}");
    let last = seen.rsplit('\r').find(|line| line.contains("error: ")).expect("the message");
    assert!(!last.contains("copying pages") && seen.contains("is there already"), "{seen:?}");
}
