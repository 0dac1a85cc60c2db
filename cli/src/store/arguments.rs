//! The command line of `phusong store`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct StoreArguments {
    #[command(subcommand)]
    pub action: StoreAction,
}

#[derive(Debug, Subcommand)]
pub enum StoreAction {
    /// What is in the store: rows, times and bytes, how far each sink has come, what was set aside
    #[command(after_help = "\
Examples:
  phusong store info
  phusong store info --json")]
    Info,
    /// Reads the store from end to end and says what is wrong with it: exit code 0 sound, 1 findings, 2 it cannot be opened
    #[command(after_help = "\
Examples:
  phusong store check && echo sound
  phusong store check --json

The daemon may run meanwhile. A large store takes minutes: each byte of it is read.")]
    Check,
    /// Copies the store, while the daemon runs, to a file that needs no log beside it
    #[command(after_help = "\
Examples:
  phusong store backup /srv/backup/phusong-2026-11-23.db
  phusong store backup --force /srv/backup/phusong.db

To go back to a copy: stop phusongd, put the copy as phusong.db into the data folder, remove phusong.db-wal and
phusong.db-shm there, give it the daemon's owner, start phusongd.")]
    Backup(BackupArguments),
}

#[derive(Debug, Args)]
pub struct BackupArguments {
    /// The copy
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Replaces a file that is there
    #[arg(long)]
    pub force: bool,
}
