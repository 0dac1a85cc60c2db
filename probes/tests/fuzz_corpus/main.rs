//! Every fuzzing corpus, replayed on the stable toolchain: each seed as it is, and some thousands of mutations of it.
//!
//! The seeds of the ICMP and SNMP targets are made by `seeds.rs` and `messages.rs`; after a change there,
//! `PHUSONG_WRITE_SEEDS=1 cargo test -p phusong-probes --test fuzz_corpus` writes them anew. What fuzzing found is put
//! beside them by hand, under another name.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod messages;
mod mutate;
mod seeds;

use std::{
    collections::BTreeSet,
    fs, panic,
    path::{Path, PathBuf},
};

use phusong_probes::fuzzing::{TARGETS, Target};

use mutate::Mutations;

/// Mutations of each corpus, shared among its seeds.
const MUTATIONS: usize = 10_000;
/// Larger seeds make a slow corpus, and hide what they are for.
const LARGEST_SEED: u64 = 16 << 10;
const MOST_SEEDS: usize = 100;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

fn names_in(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = fuzz().join("corpus").join(target);
    let seeds: Vec<_> = names_in(&folder)
        .into_iter()
        .map(|name| {
            let bytes = fs::read(folder.join(&name)).expect("a seed");
            (name, bytes)
        })
        .collect();
    assert!(!seeds.is_empty(), "{} has no seeds", folder.display());
    assert!(seeds.len() <= MOST_SEEDS, "{} has too many seeds", folder.display());
    seeds
}

/// Runs one input; a broken promise shows the bytes that broke it.
fn run(name: &str, target: Target, what: &str, bytes: &[u8]) {
    if let Err(broken) = panic::catch_unwind(|| target(bytes)) {
        let shown: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        println!("{name} breaks its promise for {what}: {shown}");
        panic::resume_unwind(broken);
    }
}

#[test]
fn every_target_has_a_program_and_a_corpus() {
    let expected: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(expected.len(), TARGETS.len(), "a name is used twice");
    assert_eq!(names_in(&fuzz().join("corpus")), expected, "fuzz/corpus");
    let programs: BTreeSet<_> = expected.iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(names_in(&fuzz().join("fuzz_targets")), programs, "fuzz/fuzz_targets");
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("fuzz/Cargo.toml");
    for name in &expected {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "fuzz/Cargo.toml does not build {name}");
        let program = fs::read_to_string(fuzz().join("fuzz_targets").join(format!("{name}.rs"))).expect("a program");
        assert!(program.contains(&format!("fuzzing::{name}(")), "fuzz/fuzz_targets/{name}.rs runs something else");
    }
}

#[test]
fn seeds_are_small_and_those_we_make_are_as_made() {
    for (target, name, bytes) in seeds::all() {
        let path = fuzz().join("corpus").join(target).join(name);
        if std::env::var_os("PHUSONG_WRITE_SEEDS").is_some() {
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(&path, &bytes).expect("a seed");
        }
        let written = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(written == bytes, "{} is not what seeds.rs makes", path.display());
    }
    for (target, _) in TARGETS {
        for (name, bytes) in corpus(target) {
            assert!(bytes.len() as u64 <= LARGEST_SEED, "{target}/{name} has {} bytes", bytes.len());
        }
    }
}

#[test]
fn every_seed_holds() {
    for (name, target) in TARGETS {
        for (seed, bytes) in corpus(name) {
            run(name, *target, &seed, &bytes);
        }
    }
}

#[test]
fn every_mutation_holds() {
    for (name, target) in TARGETS {
        let seeds = corpus(name);
        let mut mutations = Mutations::new(name);
        for number in 0..MUTATIONS {
            let (seed, bytes) = &seeds[number % seeds.len()];
            let (_, other) = &seeds[mutations.below(seeds.len())];
            let mutant = mutations.of(bytes, other);
            run(name, *target, &format!("mutation {number}, of {seed}"), &mutant);
        }
    }
}

#[test]
fn mutations_come_again() {
    let of = |name| {
        let mut mutations = Mutations::new(name);
        (0..50).map(|_| mutations.of(b"a seed of some length", b"another one")).collect::<Vec<_>>()
    };
    assert_eq!(of("one"), of("one"));
    assert_ne!(of("one"), of("another"));
}
