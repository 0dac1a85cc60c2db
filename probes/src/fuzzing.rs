//! The decoders of outside bytes, each as a function that takes any bytes and asserts what must hold of them.
//!
//! To add one: write the function beside its decoder (as in `icmp/fuzzing.rs`), name it here and in [`TARGETS`], add
//! `fuzz/fuzz_targets/NAME.rs` and its `[[bin]]` in `fuzz/Cargo.toml`, and put a few small inputs that reach its branches
//! into `fuzz/corpus/NAME/`. `tests/fuzz_corpus` says what is missing, and replays every corpus on the stable toolchain.
//!
//! A function must not panic but by its assertions, must give the same result for the same bytes, and must be quick: the
//! replay runs it some thousand times.

mod files;

pub use crate::{
    icmp::fuzzing::{icmp_errors, icmp_flights, icmp_packet},
    snmp::fuzzing::snmp_answer,
    trap::fuzzing::trap,
};
pub use files::{profile_file, walk_file};

/// A decoder: any bytes in, a panic if one of its promises does not hold.
pub type Target = fn(&[u8]);

/// Every target, by the name of its program and its corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("icmp_errors", icmp_errors),
    ("icmp_flights", icmp_flights),
    ("icmp_packet", icmp_packet),
    ("profile_file", profile_file),
    ("snmp_answer", snmp_answer),
    ("trap", trap),
    ("walk_file", walk_file),
];
