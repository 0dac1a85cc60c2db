//! Both engines against hosts of our own behind a TUN device, honest and hostile, in namespaces that the tests made.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite fails by panicking, and clippy knows only functions marked as tests"
)]

mod agreement;
mod craft;
mod floods;
mod hostile;
mod namespace;
mod peer;
mod ping;
