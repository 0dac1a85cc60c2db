//! A crate's fuzzing corpora on the stable toolchain, for its suite `tests/fuzz_corpus`: each seed as it is, and some
//! thousands of mutations of it.

pub mod mutate;

use std::{
    collections::BTreeSet,
    fs, panic,
    path::{Path, PathBuf},
};

use mutate::Mutations;

/// Larger seeds make a slow corpus, and hide what they are for.
const LARGEST_SEED: usize = 16 << 10;
const MOST_SEEDS: usize = 100;

/// A decoder: any bytes in, a panic if one of its promises does not hold.
type Target = fn(&[u8]);

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
            assert!(bytes.len() <= LARGEST_SEED, "{target}/{name} has {} bytes", bytes.len());
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

/// The crate's targets are the programs that name it, each is built, and each has a corpus.
pub fn assert_complete(package: &str, targets: &[(&str, Target)]) {
    let expected: BTreeSet<String> = targets.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(expected.len(), targets.len(), "a name is used twice");
    let folder = fuzz().join("fuzz_targets");
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("fuzz/Cargo.toml");
    let corpora = names_in(&fuzz().join("corpus"));
    let mut programs = BTreeSet::new();
    for file in names_in(&folder) {
        let name = file.strip_suffix(".rs").unwrap_or_else(|| panic!("fuzz/fuzz_targets/{file}")).to_owned();
        let program = fs::read_to_string(folder.join(&file)).expect("a program");
        assert!(program.contains(&format!("::fuzzing::{name}(")), "fuzz/fuzz_targets/{file} runs something else");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "fuzz/Cargo.toml does not build {name}");
        assert!(corpora.contains(&name), "fuzz/corpus has nothing for {name}");
        if program.contains(&format!("{package}::fuzzing::")) {
            programs.insert(name);
        }
    }
    assert_eq!(corpora.len(), names_in(&folder).len(), "fuzz/corpus has something without a program");
    assert_eq!(programs, expected, "fuzz/fuzz_targets");
}

/// Seeds that are made by a suite are as it makes them; `PHUSONG_WRITE_SEEDS` writes them.
pub fn assert_seeds_are_as_made(seeds: impl IntoIterator<Item = (&'static str, &'static str, Vec<u8>)>) {
    for (target, name, bytes) in seeds {
        let path = fuzz().join("corpus").join(target).join(name);
        if std::env::var_os("PHUSONG_WRITE_SEEDS").is_some() {
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(&path, &bytes).expect("a seed");
        }
        let written = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(written == bytes, "{} is not what the suite makes", path.display());
    }
}

/// Replays each seed as it is.
pub fn seeds(targets: &[(&str, Target)]) {
    for (name, target) in targets {
        for (seed, bytes) in corpus(name) {
            run(name, *target, &seed, &bytes);
        }
    }
}

/// Replays so many mutations of each corpus, shared among its seeds.
pub fn mutations(targets: &[(&str, Target)], count: usize) {
    for (name, target) in targets {
        let seeds = corpus(name);
        let mut mutations = Mutations::new(name);
        for number in 0..count {
            let (seed, bytes) = &seeds[number % seeds.len()];
            let (_, other) = &seeds[mutations.below(seeds.len())];
            let mutant = mutations.of(bytes, other);
            run(name, *target, &format!("mutation {number}, of {seed}"), &mutant);
        }
    }
}
