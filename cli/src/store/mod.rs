//! `phusong store`: what is in the store, whether it is sound, copies of it, rows of it for other
//! programs. Reads the files themselves, whether the
//! daemon runs, was stopped or was killed, and never holds it up.

mod arguments;
mod backup;
mod check;
mod compact;
mod export;
mod failure;
mod info;

use std::{io::Write, path::PathBuf};

use phusong_model::config::Config;
use phusong_store::{Reader, StoreError};

use crate::{arguments::Arguments, environment::Environment, failure::Failure};

pub use arguments::{StoreAction, StoreArguments};
pub use failure::StoreFailure;

/// What a run is given, and where it writes.
pub struct Run<'r> {
    /// The command line.
    pub arguments: &'r Arguments,
    /// The surroundings.
    pub environment: &'r Environment,
    /// Data.
    pub out: &'r mut dyn Write,
    /// Words.
    pub err: &'r mut dyn Write,
}

/// Carries out a command and gives its exit code.
pub fn run(mut run: Run<'_>, action: &StoreAction) -> Result<u8, Failure> {
    match action {
        StoreAction::Info => info::run(&mut run),
        StoreAction::Check => check::run(&mut run),
        StoreAction::Compact => compact::run(&mut run),
        StoreAction::Backup(asked) => backup::run(&mut run, asked),
        StoreAction::Export(asked) => export::run(&mut run, asked),
    }
}

impl Run<'_> {
    /// The data folder that the configuration names.
    fn folder(&self) -> Result<PathBuf, Failure> {
        let path = self.environment.config_path(self.arguments.config.as_deref());
        Config::load(&path).map(|config| config.store.folder).map_err(Failure::Config)
    }

    /// The store, open for reading.
    fn reader(&self) -> Result<Reader, Failure> {
        Reader::open(&self.folder()?).map_err(unreadable)
    }
}

/// What a store that cannot be read ends a run with.
pub fn unreadable(error: StoreError) -> Failure {
    StoreFailure::Unreadable(error).into()
}
