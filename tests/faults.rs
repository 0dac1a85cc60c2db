//! Every fault, every remedy and every note of an import has its Vietnamese: the sources are read for what they say, and
//! the glossary's tables for it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use phusong_model::glossary::fault_sentences;

#[path = "faults/literals.rs"]
mod literals;

/// Folders whose sources are about faults, remedies and notes. Elsewhere it is the functions that make a fault.
const ROOMS: [&str; 5] =
    ["model/src/config", "model/src/inventory", "model/src/service", "geodata/src", "probes/src/snmp/profile"];

/// Files whose words become part of a fault in another function.
const FILES: [&str; 14] = [
    "daemon/src/coverage.rs",
    "daemon/src/reload.rs",
    "model/src/bounded.rs",
    "daemon/src/api/imports.rs",
    "daemon/src/checked.rs",
    "model/src/findings.rs",
    "model/src/ids.rs",
    "model/src/network.rs",
    "model/src/service.rs",
    "model/src/suggest.rs",
    "model/src/inventory.rs",
    "probes/src/service/tls.rs",
    "daemon/src/notify/webhook.rs",
    "daemon/src/notify/email.rs",
];

/// How a fault is made.
const MAKES: [&str; 4] = ["Fault::of_file(", "Fault::of_others(", ".into_fault(", "around.fault("];

/// Texts of those sources that are no words of a fault: log lines, queries, names of systems, words of tables.
const OTHER_WORDS: &str = include_str!("faults/other_words.txt");

/// Sentences that no source has as one text.
const PUT_TOGETHER: &str = include_str!("faults/put_together.txt");

/// What libraries say is in none of our sources.
const OF_LIBRARIES: &str = include_str!("../model/src/glossary/faults/libraries.txt");

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("folder").flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        // What is compiled for tests alone tells nobody anything.
        if ["tests", "tests.rs", "fuzzing.rs", "golden.rs", "province.rs", "villages.rs", "glossary"]
            .contains(&name.as_str())
        {
            continue;
        }
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// Each text of the sources that make faults, `{}` where something is put in, with the file it stands in.
fn texts() -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    for crate_of_ours in ["model", "geodata", "probes", "gaps", "store", "daemon", "checks", "cli"] {
        sources(&root().join(crate_of_ours).join("src"), &mut files);
    }
    let mut texts = Vec::new();
    for file in files {
        let source = fs::read_to_string(&file).expect("source");
        let relative = file.strip_prefix(root()).expect("ours");
        let is_whole =
            FILES.iter().any(|name| Path::new(name) == relative) || ROOMS.iter().any(|room| relative.starts_with(room));
        let parts = if is_whole { vec![source] } else { literals::functions(&source) };
        let makes_fault = |part: &&String| is_whole || MAKES.iter().any(|call| part.contains(call));
        for part in parts.iter().filter(makes_fault) {
            texts.extend(literals::of(part).into_iter().map(|text| (text, relative.to_owned())));
        }
    }
    assert!(texts.len() > 1_000, "the walk must find the sources");
    texts
}

/// Whether a text has words at all: an id, a key or a format of pieces has none.
fn has_words(text: &str) -> bool {
    let letters = text.replace("{}", "").chars().filter(char::is_ascii_alphabetic).count();
    // What has letters of Vietnamese is Vietnamese.
    let is_english = text.chars().all(|letter| letter.is_ascii() || "×²°…–".contains(letter));
    is_english && letters >= 3 && text.trim().contains(' ')
}

fn lines(list: &str) -> BTreeSet<&str> {
    list.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).collect()
}

#[test]
fn every_text_of_a_fault_has_its_vietnamese() {
    let (texts, other) = (texts(), lines(OTHER_WORDS));
    let known: BTreeSet<String> = fault_sentences().map(|(english, _)| literals::without_names(english)).collect();
    let mut untold = BTreeSet::new();
    let mut said = BTreeSet::new();
    for (text, file) in texts.iter().filter(|(text, _)| has_words(text)) {
        let words = text.trim();
        said.insert(words);
        if !other.contains(words) && !known.contains(words) {
            untold.insert(format!("{}: {words}", file.display()));
        }
    }
    let untold: Vec<String> = untold.into_iter().collect();
    assert!(
        untold.is_empty(),
        "write the Vietnamese into model/src/glossary/faults/*.txt, or, where nobody is told this by a fault, the text into \
         tests/faults/other_words.txt:\n{}",
        untold.join("\n")
    );
    let gone: Vec<&&str> = other.iter().filter(|words| !said.contains(**words)).collect();
    assert!(gone.is_empty(), "no source says this any more; remove it from tests/faults/other_words.txt: {gone:?}");
}

#[test]
fn every_sentence_of_the_tables_is_said_somewhere() {
    let texts: BTreeSet<String> = texts().into_iter().map(|(text, _)| text.trim().to_owned()).collect();
    let (put_together, of_libraries) = (lines(PUT_TOGETHER), lines(OF_LIBRARIES));
    let all: Vec<(&str, String)> = fault_sentences().map(|(e, _)| (e, literals::without_names(e))).collect();
    let is_said = |(english, plain): &(&str, String)| {
        of_libraries.contains(english) || put_together.contains(plain.as_str()) || texts.contains(plain)
    };
    let dead: Vec<&str> = all.iter().filter(|sentence| !is_said(sentence)).map(|(english, _)| *english).collect();
    let known: BTreeSet<&str> = all.iter().map(|(_, plain)| plain.as_str()).collect();
    let gone: Vec<&&str> = put_together.difference(&known).collect();
    assert!(gone.is_empty(), "no table has this any more; remove it from tests/faults/put_together.txt: {gone:?}");
    assert!(dead.is_empty(), "nobody says this any more: {dead:#?}");
}
