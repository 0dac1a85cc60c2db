//! The edge of the program: arguments in, words and an exit code out.

use std::{
    io::{IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
};

use clap::Parser as _;
use phusong_model::{Faults, config, glossary::Lang};
use phusong_store::{LockError, StoreError};

use crate::{
    args::{Args, Command},
    demo::Demo,
    run, words,
};

/// Wrong usage or configuration; a second daemon on the same folder; a store of a newer version.
const EXIT_CONFIG: u8 = 2;

/// What is logged unless `RUST_LOG` says otherwise. The SNMP library warns of every refused request; we say it once.
const LOG: &str = "info,async_snmp=error";

/// Files of the daemon: its group reads, others do not.
const UMASK: nix::sys::stat::Mode = nix::sys::stat::Mode::from_bits_truncate(0o027);

/// Runs `phusongd`.
#[must_use]
pub fn main() -> ExitCode {
    let args = Args::parse();
    nix::sys::stat::umask(UMASK);
    let lang = match args.command {
        Some(Command::Check | Command::Init { .. }) => {
            words::lang(args.lang, |name| std::env::var_os(name), &args.config)
        }
        None | Some(Command::Demo { .. }) => Lang::En,
    };
    match execute(args, lang) {
        Ok(code) => code,
        Err(error) => {
            say(&words::error(lang, &error));
            ExitCode::from(if needs_the_user(&error) { EXIT_CONFIG } else { 1 })
        }
    }
}

/// Whether trying again changes nothing until somebody mends files, stops another daemon or takes another version.
fn needs_the_user(error: &anyhow::Error) -> bool {
    let store = error.downcast_ref::<StoreError>();
    let other_store = store.is_some_and(|error| matches!(error, StoreError::Newer { .. } | StoreError::Foreign { .. }));
    other_store || error.is::<Faults>() || error.is::<LockError>()
}

fn execute(args: Args, lang: Lang) -> anyhow::Result<ExitCode> {
    match args.command {
        None => serve(&args.config, None)?,
        Some(Command::Check) => {
            let report = phusong_checks::report(&args.config);
            say(&report.words(lang));
            return Ok(ExitCode::from(report.exit_code()));
        }
        Some(Command::Init { dir }) => {
            for file in config::init(&dir)? {
                say(&format!("{} {}", lang.of(("đã ghi", "wrote")), file.display()));
            }
            let next = lang.of(("tiếp theo: điền các bảng, rồi chạy", "next: fill in the tables, then"));
            say(&format!("{next} phusongd check --config {}", dir.join("phusong.toml").display()));
        }
        Some(Command::Demo { dir }) => {
            let demo = Demo::prepare(&dir)?;
            say(&demo.greeting());
            let config = demo.config().to_owned();
            serve(&config, Some(demo))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn serve(path: &Path, demo: Option<Demo>) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| LOG.into());
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // The work is in two threads of its own; two more answer questions and wait for devices.
        .worker_threads(2)
        .enable_all()
        .build()?;
    let ended = runtime.block_on(run::run(path, demo));
    // A coverage computation under way is not waited for: it begins anew after the next start.
    runtime.shutdown_background();
    ended
}

/// Words go to stderr; nobody reading them is no reason to fail.
fn say(words: &str) {
    let _ = writeln!(std::io::stderr(), "{words}");
}
