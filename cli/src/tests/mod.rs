//! The program as its users run it: arguments in, stdout, stderr and exit code out, against a daemon that the test plays
//! and a store that the test wrote.

mod asking;
mod broken;
mod completing;
mod contradiction_samples;
mod daemon;
mod exports;
mod hanging;
mod headline;
pub(crate) mod link_samples;
mod maps;
mod night_samples;
mod nights;
mod profiles;
mod reports;
pub(crate) mod samples;
mod showing;
mod stores;

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use phusong_model::UtcMs;

use crate::{Environment, Screen, run};

/// When all tests ask.
const NOW: &str = "2026-11-23T07:05:12Z";

pub(crate) fn now() -> UtcMs {
    at(NOW)
}

fn at(text: &str) -> UtcMs {
    text.parse().expect("an instant")
}

/// What a run gave.
#[derive(Debug)]
struct Outcome {
    code: u8,
    out: String,
    err: String,
}

/// A folder with a configuration, a place for the socket and one for the store.
struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = "[store]\nfolder = \"data\"\n\n[api]\nsocket = \"phusong.sock\"\n";
        fs::write(folder.path().join("phusong.toml"), config).expect("a configuration");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn socket(&self) -> PathBuf {
        self.path("phusong.sock")
    }

    fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Runs the program with this configuration in English on a pipe.
    fn phusong(&self, arguments: &[&str]) -> Outcome {
        phusong(&self.path("phusong.toml"), arguments, &[])
    }

    /// The text with the folder's name, which differs from run to run, as `DIR`.
    fn neutral(&self, text: &str) -> String {
        text.replace(&self.folder.path().to_string_lossy().into_owned(), "DIR")
    }
}

fn phusong(config: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let config = ("PHUSONG_CONFIG".into(), config.as_os_str().to_owned());
    let variables = variables.iter().map(|(name, value)| (name.into(), value.into())).chain([config]);
    let environment = Environment::new(variables, Screen::Pipe, now());
    let arguments = std::iter::once("phusong").chain(arguments.iter().copied()).map(OsString::from);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(arguments, &environment, &mut out, &mut err);
    let [out, err] = [out, err].map(|bytes| String::from_utf8(bytes).expect("UTF-8"));
    Outcome { code, out, err }
}
