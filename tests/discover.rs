//! What helps those who have not read the manual, by the programs as they are built: help, completions in real shells,
//! manual pages as man reads them, and the check of a configuration, which both programs must say alike.

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
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use serde_json::Value;
use support::{Daemon, Province, ask, items, own_network, phusong, text, wait_for};

const LINKS: &str = "id,kind,commune,address,groups\nfibre-1,fibre,02221,127.67.0.1,\nbroadband-1,broadband,02221,127.67.0.2,vc\n\
                     fibre-2,fibre,02548,127.67.0.3,vc\n";

fn province(sections: &str) -> Province {
    let communes = "code,name,kind\n02221,Nà Hang,xã\n02548,Bình Ca,xã\n02600,Đường Thượng,xã\n";
    let icmp = "[icmp]\nperiod = \"1s\"\nspacing = \"20ms\"\ntimeout = \"200ms\"\nreprobe_spacing = \"20ms\"\n";
    Province::write(&format!("{icmp}{sections}"), &[("communes.csv", communes), ("links.csv", LINKS)])
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// What `phusongd check` says, and its exit code.
fn checked_by_daemon(config: &Path) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_phusongd"))
        .args(["check", "--config"])
        .arg(config)
        .output()
        .expect("phusongd runs");
    assert!(output.stdout.is_empty(), "its words go to stderr");
    (said(&output.stderr), output.status.code())
}

#[test]
fn both_programs_check_a_configuration_alike() {
    let channel = |keys: &str| format!("\n[[notify.channel]]\nname = \"duty\"\n{keys}");
    let cases: [(&str, String, u64); 7] = [
        ("sound", String::new(), 0),
        ("an unknown key", "intervall = 3\n".to_owned(), 1),
        ("a program that is not there", channel("kind = \"command\"\ncommand = [\"/nowhere/tell\"]\n"), 1),
        ("a secret that is not there", channel("kind = \"webhook\"\nurl = \"https://x.example/\"\nsecret_file = \"no\"\n"), 1),
        ("no mailbox", channel("kind = \"email\"\nserver = \"mail.example\"\nfrom = \"nobody\"\nto = [\"a@b.vn\"]\n"), 1),
        (
            "certificates that are not there",
            "\n[[influx]]\nname = \"a\"\nurl = \"https://i.example\"\norg = \"o\"\nbucket = \"b\"\ntoken_file = \"token\"\n\
             ca_file = \"no.pem\"\n"
                .to_owned(),
            1,
        ),
        (
            "several at once",
            format!("{}\n[service]\nca_file = \"no.pem\"\n", channel("kind = \"command\"\ncommand = [\"/etc\"]\n")),
            2,
        ),
    ];
    for (what, sections, faults) in cases {
        let province = province(&sections);
        province.secret("token", "secret");
        let config = province.config();
        same_of_both(what, &config, faults);
    }
    let broken = province("");
    fs::write(broken.dir.path().join("inventory/links.csv"), "id,kind,commune\nfibre-1,glass,99999\n")
        .expect("a table");
    same_of_both("a table", &broken.config(), 1);
    same_of_both("nothing there", Path::new("/nowhere/phusong.toml"), 1);
}

/// Holds what both say against each other, and the document against both.
fn same_of_both(what: &str, config: &Path, least: u64) {
    let (words, code) = checked_by_daemon(config);
    let ours = phusong(config, &["check"]);
    assert_eq!((said(&ours.stdout).as_str(), ours.status.code()), (words.as_str(), code), "{what}");
    assert_eq!(said(&ours.stderr), "", "{what}");
    assert_eq!(code, Some(if least == 0 { 0 } else { 2 }), "{what}: {words}");
    let output = phusong(config, &["check", "--json"]);
    let document: Value = serde_json::from_slice(&output.stdout).expect("json");
    assert_eq!((text(&document, "schema"), output.status.code()), ("phusong.check/1", code));
    let count = document["count"].as_u64().expect("a number");
    assert!(count >= least && (count == 0) == (least == 0), "{what}: {words}");
    assert_eq!(document["sound"], Value::from(least == 0), "{what}");
    for fault in document["faults"].as_array().expect("a list") {
        assert!(words.contains(text(fault, "message")), "{what}: {fault}");
    }
    let vietnamese = said(&phusong(config, &["check", "--lang", "vi"]).stdout);
    let expected = if least == 0 { ": không có lỗi\n".to_owned() } else { format!("\n{count} lỗi\n") };
    assert!(vietnamese.ends_with(&expected), "{what}: {vietnamese}");
}

/// The folder of the program, for shells that look for it.
fn path() -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_phusong")).parent().expect("a folder").to_owned();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default())
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Calls the program as the script of a shell does, for the last of the words.
fn called(config: &Path, shell: &str, line: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_phusong"))
        .arg("--")
        .arg("phusong")
        .args(line)
        .env("COMPLETE", shell)
        .env("_CLAP_COMPLETE_INDEX", line.len().to_string())
        .env("_CLAP_IFS", "\n")
        .env("PHUSONG_CONFIG", config)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("phusong runs")
}

/// Has bash load the script and complete the last of the words; what it would put on the line.
fn in_bash(config: &Path, line: &[&str]) -> Vec<String> {
    let loads = "source <(phusong completions bash); COMP_TYPE=9; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1))
        _clap_complete_phusong phusong \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"
        complete -p phusong >/dev/null && printf '%s\\n' \"${COMPREPLY[@]}\"";
    let output = Command::new("bash")
        .args(["--norc", "-c", loads, "bash", "phusong"])
        .args(line)
        .env("PATH", path())
        .env("PHUSONG_CONFIG", config)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("bash runs");
    assert_eq!((said(&output.stderr).as_str(), output.status.code()), ("", Some(0)), "{line:?}");
    said(&output.stdout).lines().map(str::to_owned).filter(|word| !word.is_empty() && !word.starts_with('-')).collect()
}

fn offers_names(config: &Path) {
    assert_eq!(in_bash(config, &["commune", "na"]), ["na-hang"]);
    assert_eq!(in_bash(config, &["commune", "Đư"]), ["duong-thuong"], "a commune without links, by its accents");
    assert_eq!(in_bash(config, &["link", "fi"]), ["fibre-1", "fibre-2"]);
    assert_eq!(in_bash(config, &["links", "--group", ""]), ["vc"]);
    let mut commands = in_bash(config, &["outa"]);
    commands.sort();
    assert_eq!(commands, ["outage", "outages"]);
    assert_eq!(in_bash(config, &["maintenance", "add", "--link", "broad"]), ["broadband-1"]);
}

#[test]
fn shells_offer_live_names_with_the_daemon_and_without_it() {
    if !own_network() {
        return;
    }
    let province = province("");
    let config = province.config();
    let daemon = Daemon::with_config(&config);
    wait_for("three links", || {
        let answer = ask(&config, &["links"]).filter(|answer| text(answer, "source") == "daemon")?;
        (items(&answer).iter().filter(|link| text(link, "state") == "up").count() == 3).then_some(())
    });
    offers_names(&config);
    let zsh = called(&config, "zsh", &["link", "fibre-2"]);
    assert_eq!(said(&zsh.stdout), "fibre-2:fibre · Bình Ca · up", "zsh and fish show what a name stands for");
    let fish = called(&config, "fish", &["--lang", "vi", "link", "fibre-2"]);
    assert_eq!(said(&fish.stdout), "fibre-2\tcáp quang · Bình Ca · hoạt động\n");
    if has("zsh") {
        in_zsh(&config);
    }
    if has("fish") {
        in_fish(&config);
    }
    daemon.kill();
    offers_names(&config);
    assert_eq!(said(&called(&config, "fish", &["link", "fibre-2"]).stdout), "fibre-2\tfibre · Bình Ca\n");
}

fn in_zsh(config: &Path) {
    let loads = "compdef() { :; }; _describe() { print -l -- ${(P)3}; }
        source <(phusong completions zsh); words=(phusong commune na); CURRENT=3; _clap_dynamic_completer_phusong";
    let output = Command::new("zsh")
        .args(["-f", "-c", loads])
        .env("PATH", path())
        .env("PHUSONG_CONFIG", config)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("zsh runs");
    assert_eq!(said(&output.stdout), "na-hang:Nà Hang (02221)\n", "{}", said(&output.stderr));
}

fn in_fish(config: &Path) {
    let loads = "phusong completions fish | source; complete -C 'phusong commune na'";
    let output = Command::new("fish")
        .args(["--no-config", "-c", loads])
        .env("PATH", path())
        .env("PHUSONG_CONFIG", config)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("fish runs");
    assert_eq!(said(&output.stdout), "na-hang\tNà Hang (02221)\n", "{}", said(&output.stderr));
}

#[test]
fn nothing_that_goes_wrong_shows_on_the_line() {
    for shell in ["bash", "zsh", "fish", "/bin/bash", "tcsh"] {
        for line in [&["commune", "na"][..], &["link", ""], &["--config", "/nowhere", "ack", ""], &["--", "x"], &[]] {
            let output = called(Path::new("/nowhere/phusong.toml"), shell, line);
            assert_eq!((said(&output.stderr).as_str(), output.status.code()), ("", Some(0)), "{shell} {line:?}");
        }
    }
    // A variable of that name may be there for something else.
    for set in ["0", "1", "bash", "yes"] {
        let not_asked = Command::new(env!("CARGO_BIN_EXE_phusong")).arg("--version").env("COMPLETE", set).output();
        assert!(said(&not_asked.expect("phusong runs").stdout).starts_with("phusong "), "{set}");
    }
}

#[test]
fn help_is_there_at_once_and_in_the_language_of_the_surroundings() {
    let help = |lang: &str, words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_phusong"));
        said(&command.args(words).env("LC_ALL", lang).output().expect("phusong runs").stdout)
    };
    let begun = Instant::now();
    let english = help("C", &["--help"]);
    let took = begun.elapsed();
    assert!(english.contains("\nUsage: phusong [OPTIONS] [COMMAND]\n"), "{english}");
    // It takes some milliseconds; a machine that builds beside it may take longer.
    assert!(took < Duration::from_secs(1), "{took:?}");
    let vietnamese = help("vi_VN.UTF-8", &["outages", "--help"]);
    assert!(vietnamese.contains("\nCách dùng: phusong outages [TÙY CHỌN]\n"), "{vietnamese}");
}

/// All files of a folder.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut pages: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a page").path()).collect();
    pages.sort();
    pages
}

#[test]
fn every_command_has_a_manual_page_in_both_languages_that_man_reads_without_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = folder.path().to_string_lossy().into_owned();
    let written = phusong(Path::new("/nowhere"), &["man", "--dir", &dir, "--json"]);
    assert!(written.status.success(), "{}", said(&written.stderr));
    let document: Value = serde_json::from_slice(&written.stdout).expect("json");
    let (english, vietnamese) = (pages(&folder.path().join("man1")), pages(&folder.path().join("vi/man1")));
    let names = |pages: &[PathBuf]| -> Vec<_> {
        pages.iter().filter_map(|page| page.file_name().map(ToOwned::to_owned)).collect()
    };
    assert_eq!(names(&english), names(&vietnamese));
    assert_eq!(document["files"].as_array().map(Vec::len), Some(english.len() + vietnamese.len()));
    assert!(english.len() > 40, "{} pages", english.len());
    for page in &english {
        let sections = [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "OPTIONS",
            "EXAMPLES",
            "EXIT STATUS",
            "ENVIRONMENT",
            "FILES",
            "SEE ALSO",
        ];
        whole(page, &sections, &english);
    }
    for page in &vietnamese {
        let sections =
            ["TÊN", "CÚ PHÁP", "MÔ TẢ", "TÙY CHỌN", "VÍ DỤ", "MÃ THOÁT", "BIẾN MÔI TRƯỜNG", "TỆP", "XEM THÊM"];
        whole(page, &sections, &vietnamese);
    }
    let alone = phusong(Path::new("/nowhere"), &["man"]);
    assert_eq!(alone.stdout, fs::read(folder.path().join("man1/phusong.1")).expect("the page"));
    let again = phusong(Path::new("/nowhere"), &["man", "--dir", "/proc/no"]);
    assert_eq!(again.status.code(), Some(2), "{}", said(&again.stderr));
    if !has("man") || !has("groff") {
        println!("skipped: man and groff are not installed");
        return;
    }
    for page in english.iter().chain(&vietnamese) {
        let output = Command::new("man")
            .args(["--warnings=w", "-l"])
            .arg(page)
            .envs([("LC_ALL", "C.UTF-8"), ("MANWIDTH", "80"), ("MANPAGER", "cat")])
            .output()
            .expect("man runs");
        assert_eq!((said(&output.stderr).as_str(), output.status.code()), ("", Some(0)), "{}", page.display());
        let shown = said(&output.stdout);
        let is_vietnamese = vietnamese.contains(page);
        assert!(shown.contains(if is_vietnamese { "MÃ THOÁT" } else { "EXIT STATUS" }), "{shown}");
        // A long name of a page leaves little of the manual's name.
        let manual = if is_vietnamese { "Hướng dẫn" } else { "phusong man" };
        assert!(shown.lines().next().is_some_and(|first| first.contains(manual)), "{shown}");
    }
    let tree = Command::new("man")
        .arg("phusong-gaps")
        .envs([("LC_ALL", "vi_VN.UTF-8"), ("MANPATH", dir.as_str()), ("MANPAGER", "cat"), ("LANG", "vi_VN.UTF-8")])
        .output()
        .expect("man runs");
    // Without that locale on this machine man cannot know that the reader wants Vietnamese.
    let shown = said(&tree.stdout);
    assert!(shown.contains("phusong-gaps") && (shown.contains("xếp hạng") || shown.contains("ranked")), "{shown}");
}

/// A page has all sections, names only pages that there are, and no line that troff would take for its own.
fn whole(page: &Path, sections: &[&str], all: &[PathBuf]) {
    let text = fs::read_to_string(page).expect("UTF-8");
    assert!(text.starts_with("'\\\" -*- mode: troff; coding: utf-8 -*-\n.TH \"PHUSONG"), "{}: {text}", page.display());
    for section in sections {
        let named = |line: &str| line.strip_prefix(".SH ").is_some_and(|name| name.trim_matches('"') == *section);
        assert!(text.lines().any(named), "{} has no {section}", page.display());
    }
    let known = |name: &str| all.iter().any(|page| page.file_name().is_some_and(|file| *file == *format!("{name}.1")));
    let also = text.rsplit(".SH ").next().expect("a last section").lines().skip(1).collect::<String>();
    for name in also.split(", ").filter(|name| !name.is_empty()) {
        let name = name.replace("\\-", "-");
        assert!(known(name.trim_end_matches("(1)")), "{}: {name}", page.display());
    }
    for line in text.lines().filter(|line| line.starts_with('.')) {
        let request = line.split([' ', '\n']).next().unwrap_or_default();
        let ours = [".TH", ".SH", ".TP", ".PP", ".RS", ".RE", ".IP", ".br", ".ie", ".el", ".ds"];
        assert!(ours.contains(&request), "{}: {line}", page.display());
    }
}
