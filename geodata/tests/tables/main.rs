//! Lists of officers as they send them, and as they go wrong.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod bad;
mod books;
#[path = "../data/mod.rs"]
mod data;
mod hostile;
mod lists;
mod maps;
mod places;
mod province;
#[path = "../told/mod.rs"]
mod told;
mod world;
