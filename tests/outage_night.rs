//! `docs/outage-night.md`, executed: a store as a night of outages leaves it, a dead daemon, a clock that stands at five past
//! three, and every command of the document with what it prints.
//!
//! `UPDATE_DOCS=1 cargo test --workspace --test outage_night` writes what the commands print now into the document; read it
//! before it is committed.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

#[path = "outage_night/store.rs"]
mod store;
mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use support::Province;

/// Of Debian's package `faketime`: the wall clock that a program sees stands still.
const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// Five past three in Viet Nam.
const CLOCK: &str = "2026-11-22 20:05:00";

/// So many questions the document answers at least, each by one command.
const QUESTIONS: usize = 10;

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/outage-night.md")
}

/// A command of the document and what it is said to print.
struct Block {
    command: String,
    printed: String,
}

/// The commands of the document: in blocks marked `console`, the lines that begin with `$`, each with what follows it.
fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match line.strip_prefix("$ ") {
                Some(command) => blocks.push(Block { command: command.to_owned(), printed: String::new() }),
                None => {
                    let block = blocks.last_mut().expect("a command stands before what it prints");
                    block.printed.push_str(line);
                    block.printed.push('\n');
                }
            },
        }
    }
    blocks
}

/// The document with what its commands print now.
fn rewritten(text: &str, printed: &[String]) -> String {
    let mut printed = printed.iter();
    let (mut out, mut inside) = (String::new(), false);
    for line in text.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ => {}
        }
        let is_output = inside && line != "```console" && !line.starts_with("$ ");
        if !is_output {
            out.push_str(line);
            out.push('\n');
        }
        if inside && line.starts_with("$ ") {
            out.push_str(printed.next().expect("each command was run"));
        }
    }
    out
}

/// Runs a command as a shell would, on the store of the night; with `2>&1` its words too.
fn run(command: &str, province: &Province) -> String {
    let programs = Path::new(env!("CARGO_BIN_EXE_phusong")).parent().expect("a folder");
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .args(["-c", command])
        .env_clear()
        .env("PATH", path)
        .env("LANG", "en_GB.UTF-8")
        .env("TZ", "UTC")
        .env("PHUSONG_CONFIG", province.config())
        .env("LD_PRELOAD", LIBRARY)
        .env("FAKETIME", CLOCK)
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .output()
        .expect("a shell");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.replace(&*province.dir.path().to_string_lossy(), "/etc/phusong")
}

#[test]
fn each_question_of_the_night_is_answered_by_one_command() {
    if !Path::new(LIBRARY).exists() {
        println!("skipped: needs Debian's faketime");
        return;
    }
    let province = Province::write("", &[]);
    store::write(&province.data());
    let text = fs::read_to_string(document()).expect("the document");
    let blocks = blocks(&text);
    assert!(blocks.len() >= QUESTIONS, "{} questions", blocks.len());
    let printed: Vec<String> = blocks.iter().map(|block| run(&block.command, &province)).collect();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(document(), rewritten(&text, &printed)).expect("the document");
        return;
    }
    for (block, printed) in blocks.iter().zip(&printed) {
        assert_eq!(*printed, block.printed, "$ {}", block.command);
        // Words on stderr name files, which are as long as they are.
        let fits = block.command.ends_with("2>&1") || printed.lines().all(|line| line.chars().count() <= 80);
        assert!(fits, "{}", block.command);
    }
}
