//! `phusong status --nagios` as Nagios and Icinga call it: against a daemon whose links come and go, one that was killed,
//! and with everything that can be mistyped.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod support;

use std::{collections::BTreeMap, path::Path, process::Command};

use support::{Daemon, Province, own_network, phusong, run_ok, wait_for};

const OK: i32 = 0;
const WARNING: i32 = 1;
const CRITICAL: i32 = 2;
const UNKNOWN: i32 = 3;

fn ip(arguments: &str) {
    run_ok(Command::new("ip").args(arguments.split(' ')));
}

/// A network in which 10.9.0.2 answers while it is an address of ours. When it is not, frames to it go to a hardware
/// address that nobody has.
fn network() -> bool {
    own_network() && {
        ip("link add void type veth peer name nobody");
        ip("address add 10.9.0.1/24 dev void");
        ip("link set void up");
        ip("link set nobody up");
        ip("neighbour add 10.9.0.2 lladdr 02:00:00:00:00:02 dev void nud permanent");
        ip("address add 10.9.0.2/32 dev lo");
        true
    }
}

/// Two links of Nà Hang and one of Bình Ca, each probed once a second.
fn province() -> Province {
    Province::write(
        "[icmp]\nperiod = \"1s\"\nspacing = \"20ms\"\ntimeout = \"200ms\"\nreprobe_spacing = \"20ms\"\n",
        &[
            ("communes.csv", "code,name,kind,population\n02221,Nà Hang,xã,12345\n02548,Bình Ca,xã,\n"),
            (
                "links.csv",
                "id,kind,commune,address,groups\nfibre-1,fibre,02221,10.9.0.2,\nbroadband-1,broadband,02221,127.66.0.2,vc\n\
                 fibre-2,fibre,02548,127.66.0.3,vc\n",
            ),
        ],
    )
}

/// What a plugin says: its code, its text, and its figures with their units as written.
#[derive(Debug)]
struct Said {
    code: i32,
    text: String,
    figures: BTreeMap<String, String>,
}

/// Reads a line as the guidelines for plugins have it; anything else fails the test.
fn nagios(config: &Path, arguments: &[&str]) -> Said {
    let output = phusong(config, arguments);
    let code = output.status.code().expect("a code");
    let line = String::from_utf8(output.stdout).expect("UTF-8");
    let line = line.strip_suffix('\n').unwrap_or_else(|| panic!("no line: {line:?}"));
    assert!(!line.contains('\n'), "one line: {line}");
    let (text, figures) = line.split_once(" | ").unwrap_or((line, ""));
    let word = text.split(" - ").next().expect("a word");
    let codes = [("OK", OK), ("WARNING", WARNING), ("CRITICAL", CRITICAL), ("UNKNOWN", UNKNOWN)];
    assert!(codes.contains(&(word, code)), "{word} and {code} do not go together: {line}");
    let figure = |figure: &str| {
        let (label, rest) = figure.split_once('=').unwrap_or_else(|| panic!("{figure} has no value"));
        let fields: Vec<&str> = rest.split(';').collect();
        assert!(fields.len() <= 5 && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{figure}");
        let number = fields[0].trim_end_matches(['s', '%']);
        assert!(number == "U" || number.parse::<f64>().is_ok(), "{figure}");
        (label.to_owned(), rest.to_owned())
    };
    Said { code, text: text.to_owned(), figures: figures.split_whitespace().map(figure).collect() }
}

fn wait_for_code(config: &Path, arguments: &[&str], code: i32) -> Said {
    wait_for("the verdict", || Some(nagios(config, arguments)).filter(|said| said.code == code))
}

#[test]
fn links_that_are_down_call_people_and_a_daemon_that_is_away_is_unknown() {
    if !network() {
        return;
    }
    let (province, plugin) = (province(), ["status", "--check", "--nagios"]);
    let config = province.config();
    let daemon = Daemon::with_config(&config);
    let fine = wait_for_code(&config, &plugin, OK);
    assert_eq!(fine.text, "OK - Tuyên Quang: 0 of 3 links down");
    let figures: Vec<&str> = fine.figures.keys().map(String::as_str).collect();
    assert_eq!(figures, ["blind", "blind_share", "data_age", "degraded", "down", "maintenance", "outages", "up"]);
    assert_eq!((fine.figures["down"].as_str(), fine.figures["up"].as_str()), ("0;0;0;0;3", "3;;;0;3"));
    assert!(fine.figures["data_age"].ends_with("s;;;0"), "{fine:?}");

    ip("address del 10.9.0.2/32 dev lo");
    let dark = wait_for_code(&config, &plugin, CRITICAL);
    assert!(
        dark.text.starts_with("CRITICAL - Tuyên Quang: 1 of 3 links down; fibre-1 Nà Hang down since "),
        "{dark:?}"
    );
    assert!(dark.text.ends_with(", 12,345 people"), "{dark:?}");
    assert_eq!((dark.figures["down"].as_str(), dark.figures["outages"].as_str()), ("1;0;0;0;3", "1;;;0"));
    let vietnamese = nagios(&config, &["--nagios", "--lang", "vi"]);
    assert!(
        vietnamese.text.starts_with("CRITICAL - Tuyên Quang: mất 1/3 tuyến; fibre-1 Nà Hang mất từ "),
        "{vietnamese:?}"
    );

    // Only of a commune, only of a group, and with limits of one's own.
    let of = |more: &[&str]| nagios(&config, &[&plugin[..], more].concat());
    assert_eq!(of(&["--commune", "binh ca"]).text, "OK - binh ca: 0 of 1 links down");
    assert_eq!(of(&["--commune", "na hang"]).code, CRITICAL);
    assert_eq!(of(&["--group", "vc"]).text, "OK - vc: 0 of 2 links down");
    let tolerated = of(&["--crit-down", "1"]);
    assert_eq!((tolerated.code, tolerated.figures["down"].as_str()), (WARNING, "1;0;1;0;3"));
    assert_eq!(of(&["--warn-down=1", "--crit-down=2"]).code, OK);

    daemon.kill();
    let away = nagios(&config, &plugin);
    assert_eq!(away.code, UNKNOWN);
    assert!(away.text.contains("phusongd does not answer") && away.text.contains("1 of 3 links down"), "{away:?}");
    assert_eq!(of(&["--warn-down=5", "--crit-down=5"]).code, UNKNOWN, "limits do not make it known");
}

#[test]
fn whatever_is_mistyped_is_unknown_and_never_critical() {
    let province = province();
    let config = province.config();
    for arguments in [
        &["gapps", "--nagios"][..],
        &["status", "--nagios", "--since", "soon"],
        &["status", "--nagios", "--since", "2h", "--until", "3h"],
        &["status", "--nagios", "--warn-down", "many"],
        &["status", "--nagios", "--crit-down=-1"],
        &["status", "--nagios", "--lang", "fr"],
        &["status", "--nagios", "--json"],
        &["--csv", "status", "--nagios"],
        &["status", "--chek", "--nagios"],
        &["--nagios", "links"],
        &["outages", "--nagios"],
        &["store", "check", "--nagios"],
        &["--nagios", "--month", "2026-13"],
        &["--nagios", "--help"],
        &["--nagios", "--version"],
        // Neither a daemon nor a store is there.
        &["status", "--nagios"],
        &["status", "--nagios", "--commune", "nowhere"],
    ] {
        let said = nagios(&config, arguments);
        assert_eq!(said.code, UNKNOWN, "{arguments:?}: {said:?}");
        assert!(said.figures.is_empty(), "{said:?}");
    }
    let absent = nagios(Path::new("/nowhere/phusong.toml"), &["--nagios"]);
    assert!(absent.code == UNKNOWN && absent.text.contains("/nowhere/phusong.toml"), "{absent:?}");
    assert_eq!(phusong(&config, &["gapps"]).status.code(), Some(2), "without it a usage error stays 2");
}

#[test]
fn the_commands_of_the_guide_are_taken() {
    let guide = include_str!("../docs/monitoring.md");
    let commands: Vec<Vec<&str>> = guide
        .lines()
        .filter_map(|line| line.trim().strip_prefix("command_line"))
        .map(|line| line.split_whitespace().skip(1).collect())
        .collect();
    assert!(commands.len() >= 2, "{commands:?}");
    let province = province();
    for command in commands {
        assert!(command.contains(&"--nagios"), "{command:?}");
        let arguments: Vec<&str> =
            command.iter().map(|word| if word.contains("$ARG1$") { "na hang" } else { word }).collect();
        let said = nagios(&province.config(), &arguments);
        assert!(said.code == UNKNOWN && said.text.contains("neither phusongd nor its store"), "{command:?}: {said:?}");
    }
}
