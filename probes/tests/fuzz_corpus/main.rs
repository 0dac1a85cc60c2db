//! Every fuzzing corpus of this crate, replayed on the stable toolchain: each seed as it is, and some thousands of
//! mutations of it.
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
#[path = "../../../fuzz/replay/mod.rs"]
mod replay;
mod seeds;

use phusong_probes::fuzzing::TARGETS;

/// Mutations of each corpus.
const MUTATIONS: usize = 10_000;

#[test]
fn every_target_has_a_program_and_a_corpus() {
    replay::assert_complete("phusong_probes", TARGETS);
}

#[test]
fn seeds_that_we_make_are_as_made() {
    replay::assert_seeds_are_as_made(seeds::all());
}

#[test]
fn every_seed_holds() {
    replay::seeds(TARGETS);
}

#[test]
fn every_mutation_holds() {
    replay::mutations(TARGETS, MUTATIONS);
}

#[test]
fn mutations_come_again() {
    let of = |name| {
        let mut mutations = replay::mutate::Mutations::new(name);
        (0..50).map(|_| mutations.of(b"a seed of some length", b"another one")).collect::<Vec<_>>()
    };
    assert_eq!(of("one"), of("one"));
    assert_ne!(of("one"), of("another"));
}
