//! The command line of `phusongd`.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::words::LangArgument;

/// Probes a province's links, maps its coverage, keeps it all and answers questions about it.
#[derive(Debug, Parser)]
#[command(name = "phusongd", version, about, max_term_width = 100)]
pub(crate) struct Args {
    /// The configuration file.
    #[arg(long, value_name = "FILE", env = "PHUSONG_CONFIG", default_value = phusong_model::config::DEFAULT_PATH, global = true)]
    pub(crate) config: PathBuf,

    /// Language of `check` and `init` [default: $PHUSONG_LANG, else the locale, else the configuration's].
    #[arg(long, global = true)]
    pub(crate) lang: Option<LangArgument>,

    /// What to do; without it the daemon runs.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What `phusongd` does beside running.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check configuration and inventory and report all faults at once (exit code 2 when there are any).
    Check,
    /// Write commented templates of configuration and inventory into a folder.
    Init {
        /// The folder; files that are there already are not touched.
        dir: PathBuf,
    },
    /// Run an example province on loopback addresses: real packets, example data, scripted outages.
    Demo {
        /// Where the demo keeps its files and its history.
        #[arg(long, value_name = "DIR", default_value = "phusong-demo")]
        dir: PathBuf,
    },
}
