//! The command line of `phusong store`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

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
    /// Gives the room of what was removed back to the disk; the daemon does it in small steps between its ticks
    #[command(after_help = "\
Examples:
  phusong store compact

The store uses that room by itself: this is for a disk that others need. With phusongd stopped the whole file is written
anew, which needs as much room again for a while.")]
    Compact,
    /// Copies the store, while the daemon runs, to a file that needs no log beside it
    #[command(after_help = "\
Examples:
  phusong store backup /srv/backup/phusong-2026-11-23.db
  phusong store backup --force /srv/backup/phusong.db

To go back to a copy: stop phusongd, put the copy as phusong.db into the data folder, remove phusong.db-wal and
phusong.db-shm there, give it the daemon's owner, start phusongd.")]
    Backup(BackupArguments),
    /// Writes the samples of a window, or its states, outages or readings, as CSV or Parquet
    #[command(after_help = "\
Examples:
  phusong store export samples.csv                                  the last 24 hours
  phusong store export november.parquet --month 2026-11
  phusong store export --csv - --since 7d --link fibre-02221 | head
  phusong store export outages.csv --what outages --month \"last month\" --commune \"na hang\"

Times are UTC; beside each stands the same in milliseconds since 1970 (in Parquet it is one typed column). What lasts has
no end. Names and communes are those of the newest inventory. What is not known is empty.")]
    Export(ExportArguments),
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

#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The file; - is stdout, for --csv. Without --csv and --parquet its ending decides
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Parquet with typed columns
    #[arg(long, conflicts_with = "csv")]
    pub parquet: bool,

    /// What is written
    #[arg(long, value_enum, default_value_t = What::Samples)]
    pub what: What,

    /// Only this link: an id, an address, or a name with or without accents
    #[arg(long, value_name = "LINK")]
    pub link: Option<String>,

    /// Replaces a file that is there
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// What probes measured, a row per link, probe and tick
    Samples,
    /// The states of links, from when to when
    Spans,
    /// Outages with their causes
    Outages,
    /// What SNMP said of interfaces
    Readings,
}

impl What {
    /// Its name.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Samples => "samples",
            Self::Spans => "spans",
            Self::Outages => "outages",
            Self::Readings => "readings",
        }
    }
}
