//! Every fuzzing corpus of this crate, replayed on the stable toolchain: each seed as it is, and some thousands of
//! mutations of it.
//!
//! After a change of `seeds.rs`, `PHUSONG_WRITE_SEEDS=1 cargo test -p phusong-geodata --test fuzz_corpus` writes the
//! seeds anew. What fuzzing found is put beside them by hand, under another name.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    dead_code,
    reason = "a suite fails by panicking, clippy knows only functions marked as tests, and no suite makes every TIFF"
)]

mod blobs;
mod lists;
#[path = "../../../fuzz/replay/mod.rs"]
mod replay;
mod seeds;
mod texts;
#[path = "../tiffs/mod.rs"]
mod tiffs;

use phusong_geodata::fuzzing::TARGETS;

/// Mutations of each corpus.
const MUTATIONS: usize = 10_000;

#[test]
fn every_target_has_a_program_and_a_corpus() {
    replay::assert_complete("phusong_geodata", TARGETS);
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
