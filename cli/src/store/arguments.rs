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
    Info,
    /// Reads the store from end to end and says what is wrong with it: exit code 0 sound, 1 findings, 2 it cannot be opened
    Check,
    /// Gives the room of what was removed back to the disk; the daemon does it in small steps between its ticks
    Compact,
    /// Copies the store, while the daemon runs, to a file that needs no log beside it
    Backup(BackupArguments),
    /// Writes the samples of a window, or its states, outages or readings, as CSV or Parquet
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
