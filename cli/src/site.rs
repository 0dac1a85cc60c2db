//! The installation that is asked about: its configuration, and where questions and orders go.

use std::path::{Path, PathBuf};

use phusong_model::config::Config;

use crate::{arguments::Arguments, environment::Environment, failure::Failure, remedy::Starter};

/// An installation whose configuration can be read.
#[derive(Debug, Clone)]
pub struct Site {
    /// The file of the configuration.
    pub path: PathBuf,
    /// The configuration.
    pub config: Config,
    /// The daemon's socket.
    pub socket: PathBuf,
    /// Who would start the daemon.
    pub starter: Starter,
}

impl Site {
    /// The one that the command line and the surroundings name.
    pub fn find(arguments: &Arguments, environment: &Environment) -> Result<Self, Failure> {
        let path = environment.config_path(arguments.config.as_deref());
        let config = Config::load(&path).map_err(Failure::Config)?;
        let socket = arguments.socket.clone().unwrap_or_else(|| config.api.socket.clone());
        let starter = Starter::of(&config, &path);
        Ok(Self { path, config, socket, starter })
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.config.store.folder
    }
}
