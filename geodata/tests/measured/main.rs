//! Drive tests as files, and what they say of layers.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod drive;
mod gpx;
mod tables;
#[path = "../told/mod.rs"]
mod told;
mod world;
