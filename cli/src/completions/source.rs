//! Who is asked for names: the daemon, for as long as nobody notices; else its store; else nobody.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use phusong_model::{
    ImportVersion, Inventory, Millis,
    answer::{Answer, Query},
    config::Config,
    glossary::Lang,
};
use phusong_probes::snmp::Profiles;
use phusong_store::Reader;

use crate::{
    ask::{self, daemon::Limits},
    environment::Environment,
    help::option,
    profile,
};

/// How long the daemon is waited for: who presses Tab and sees nothing presses again.
const PATIENCE: Limits = Limits { head: Duration::from_millis(200), whole: Duration::from_millis(200) };

/// The window of questions about now.
const NOW: Millis = Millis::from_secs(60);

/// Where names come from.
#[derive(Debug)]
pub struct Source {
    environment: Environment,
    config: PathBuf,
    /// Whether the line names the configuration.
    named: bool,
    socket: Option<PathBuf>,
    pub lang: Lang,
}

impl Source {
    /// Asks where the line says, as its command will.
    pub fn of(line: &[OsString], environment: &Environment, lang: Lang) -> Self {
        let named = option(line, "--config").map(PathBuf::from);
        Self {
            environment: environment.clone(),
            config: environment.config_path(named.as_deref()),
            named: named.is_some(),
            socket: option(line, "--socket").map(PathBuf::from),
            lang,
        }
    }

    pub fn config(&self) -> Option<Config> {
        Config::load(&self.config).ok()
    }

    /// How it is now.
    pub fn now(&self, query: Query) -> Option<Answer> {
        self.since(query, NOW)
    }

    /// How it was for so long.
    pub fn since(&self, query: Query, length: Millis) -> Option<Answer> {
        let now = self.environment.now();
        let query = Query { since: Some(now.minus(length)), ..query };
        let config = self.config()?;
        let socket = self.socket.as_deref().unwrap_or(&config.api.socket);
        match ask::daemon::ask(socket, &query, PATIENCE) {
            Ok(answer) => answer.ok(),
            Err(_away) => ask::store::ask(&config.store.folder, &query, now).ok()?.ok(),
        }
    }

    /// The newest inventory that the store has.
    pub fn inventory(&self) -> Option<Inventory> {
        self.reader()?.inventory().ok()?
    }

    /// All versions of datasets.
    pub fn versions(&self) -> Vec<ImportVersion> {
        let read = |reader: Reader| reader.imports(self.environment.now()).ok();
        self.reader().and_then(read).unwrap_or_default()
    }

    /// Vendor profiles.
    pub fn profiles(&self) -> Option<Profiles> {
        profile::known(&self.config, self.named).ok()
    }

    fn reader(&self) -> Option<Reader> {
        Reader::open(&self.config()?.store.folder).ok()
    }
}
