//! Rules of the repository that a review would otherwise have to repeat.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Which of our crates each crate may use: one direction, and daemon and CLI do not see each other.
const ARROWS: [(&str, &[&str]); 8] = [
    ("model", &[]),
    ("probes", &["model"]),
    ("geodata", &["model"]),
    ("gaps", &["model"]),
    ("store", &["model"]),
    ("checks", &["geodata", "model", "probes"]),
    ("daemon", &["checks", "gaps", "geodata", "model", "probes", "store"]),
    ("cli", &["checks", "gaps", "geodata", "model", "probes", "store"]),
];

/// No file is longer than this.
const LONGEST: usize = 700;

/// Nine files in ten are shorter than this.
const USUAL: usize = 400;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("folder").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn all_rust_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    rust_files(&root(), &mut files);
    assert!(files.len() > 50, "the walk must find the sources");
    files
}

#[test]
fn crates_use_only_what_the_design_allows() {
    for (name, allowed) in ARROWS {
        let manifest = read(&root().join(name).join("Cargo.toml"));
        let dependencies = manifest.split("[dependencies]").nth(1).expect("a section of dependencies");
        let used: BTreeSet<&str> = dependencies
            .lines()
            .take_while(|line| !line.starts_with('['))
            .filter_map(|line| line.strip_prefix("phusong-"))
            .filter_map(|line| line.split(['.', ' ', '=']).next())
            .collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        let new: Vec<_> = used.difference(&allowed).collect();
        assert!(new.is_empty(), "{name} must not use {new:?}");
        assert!(manifest.contains("autobins = false"), "{name}: the root package declares the programs");
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name}: the workspace's lints hold everywhere");
    }
}

#[test]
fn files_stay_about_one_thing() {
    let mut lengths: Vec<(usize, PathBuf)> =
        all_rust_files().into_iter().map(|path| (read(&path).lines().count(), path)).collect();
    lengths.sort();
    let (longest, path) = lengths.last().expect("files");
    assert!(*longest <= LONGEST, "{} has {longest} lines", path.display());
    let over = lengths.iter().filter(|(lines, _)| *lines > USUAL).count();
    assert!(over * 10 <= lengths.len(), "{over} of {} files are longer than {USUAL} lines", lengths.len());
}

#[test]
fn no_test_is_ignored_and_nothing_is_left_undone() {
    // Spelled in halves, so that this file does not find itself.
    let banned = [concat!("#[ig", "nore"), concat!("should_", "panic"), concat!("to", "do!("), concat!("FIX", "ME")];
    for path in all_rust_files() {
        let text = read(&path);
        for word in banned {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}

#[test]
fn both_programs_forbid_unsafe_code() {
    let manifest = read(&root().join("Cargo.toml"));
    assert!(manifest.contains("unsafe_code = \"forbid\""));
    for path in all_rust_files() {
        assert!(!read(&path).contains(concat!("allow(uns", "afe_code)")), "{}", path.display());
    }
}

/// Names that follow a word in a source: `pub NAME:` of fields, `rename = "NAME"` of schemas.
fn named<'t>(text: &'t str, before: &'t str, after: char) -> impl Iterator<Item = &'t str> {
    text.split(before).skip(1).filter_map(move |rest| rest.split_once(after).map(|(name, _)| name))
}

#[test]
fn each_schema_and_each_field_of_an_answer_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/json.md")).expect("docs/json.md");
    for entry in fs::read_dir(root.join("model/src/answer")).expect("the answers") {
        let path = entry.expect("an entry").path();
        // A question is no part of an answer.
        if path.extension().is_none_or(|extension| extension != "rs") || path.ends_with("query.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a source");
        let schemas = named(&text, "#[serde(rename = \"", '"').filter(|name| name.starts_with("phusong."));
        let fields = named(&text, "\n    pub ", ':')
            .filter(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit()));
        for name in schemas.chain(fields.filter(|name| *name != "body")) {
            assert!(page.contains(&format!("`{name}`")), "docs/json.md does not tell of {name}, of {}", path.display());
        }
    }
}
