//! What the program takes from its surroundings: variables, the terminal, the clock. Tests make their own.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use phusong_model::{UtcMs, config::Config, glossary::Lang};

use crate::{arguments::LangArgument, paint::Paint};

/// Where the configuration is when nobody says.
const CONFIG: &str = "/etc/phusong/phusong.toml";

/// Width when stdout is not a terminal: what mail, tickets and old terminals show without wrapping.
const DEFAULT_WIDTH: usize = 80;

/// No table can be read in less.
const LEAST_WIDTH: usize = 40;

/// Where stdout goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// A terminal of so many columns.
    Terminal(usize),
    /// A file or a pipe.
    Pipe,
}

/// The surroundings of one run.
#[derive(Debug, Clone)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    screen: Screen,
    progress: bool,
    now: UtcMs,
    /// The language that the configuration names.
    configured: Option<Lang>,
}

impl Environment {
    /// Surroundings as given: variables, where stdout goes, the time.
    #[must_use]
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>, screen: Screen, now: UtcMs) -> Self {
        Self { variables: variables.into_iter().collect(), screen, progress: false, now, configured: None }
    }

    /// The surroundings of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let screen = if io::stdout().is_terminal() {
            let size = terminal_size::terminal_size();
            Screen::Terminal(size.map_or(DEFAULT_WIDTH, |(columns, _)| usize::from(columns.0)))
        } else {
            Screen::Pipe
        };
        let progress = io::stderr().is_terminal();
        Self { progress, ..Self::new(std::env::vars_os(), screen, jiff::Timestamp::now().into()) }
    }

    pub(crate) const fn now(&self) -> UtcMs {
        self.now
    }

    /// Whether somebody watches stderr.
    pub(crate) const fn shows_progress(&self) -> bool {
        self.progress
    }

    /// What `TERM` says of the terminal that stdout is; nothing when it is none.
    pub(crate) fn terminal(&self) -> Option<String> {
        match self.screen {
            Screen::Terminal(_) => {
                Some(self.variable("TERM").map(|term| term.to_string_lossy().into_owned()).unwrap_or_default())
            }
            Screen::Pipe => None,
        }
    }

    pub(crate) fn variable(&self, name: &str) -> Option<&OsString> {
        self.variables.get(std::ffi::OsStr::new(name)).filter(|value| !value.is_empty())
    }

    /// `--lang`, else `PHUSONG_LANG`, else the locale as POSIX orders it, else the configuration's.
    pub(crate) fn lang(&self, asked: Option<LangArgument>) -> Lang {
        asked.map(Lang::from).or_else(|| self.named()).or(self.configured).unwrap_or(Lang::En)
    }

    /// The language that variables name.
    fn named(&self) -> Option<Lang> {
        Lang::of_surroundings(|name| self.variable(name).cloned())
    }

    /// The same, knowing what language the configuration names; that is only read where no variable names one. What is
    /// wrong with it is said by whoever needs it.
    pub(crate) fn configured(&self, asked: Option<&Path>) -> Self {
        let read = || Config::load(&self.config_path(asked)).ok().and_then(|config| config.language);
        let configured = if self.named().is_some() { None } else { read() };
        Self { configured, ..self.clone() }
    }

    /// `--config`, else `PHUSONG_CONFIG`, else the system's.
    pub(crate) fn config_path(&self, asked: Option<&Path>) -> PathBuf {
        asked
            .map(Path::to_owned)
            .or_else(|| self.variable("PHUSONG_CONFIG").map(PathBuf::from))
            .unwrap_or_else(|| PathBuf::from(CONFIG))
    }

    /// Columns that a table may take; `COLUMNS` decides for files and pipes.
    pub(crate) fn width(&self) -> usize {
        let columns = match self.screen {
            Screen::Terminal(columns) => columns,
            Screen::Pipe => {
                self.variable("COLUMNS").and_then(|text| text.to_str()?.parse().ok()).unwrap_or(DEFAULT_WIDTH)
            }
        };
        columns.max(LEAST_WIDTH)
    }

    /// Colour only on a terminal that knows it, and when nobody said no (no-color.org).
    pub(crate) fn paint(&self) -> Paint {
        let dumb = self.variable("TERM").is_some_and(|term| term == "dumb");
        match self.screen {
            Screen::Terminal(_) if !dumb && self.variable("NO_COLOR").is_none() => Paint::Colour,
            Screen::Terminal(_) | Screen::Pipe => Paint::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)], screen: Screen) -> Environment {
        Environment::new(variables.iter().map(|(k, v)| ((*k).into(), (*v).into())), screen, UtcMs(0))
    }

    #[test]
    fn the_first_variable_that_is_set_gives_the_language() {
        let lang = |variables: &[(&str, &str)]| with(variables, Screen::Pipe).lang(None);
        assert_eq!(lang(&[]), Lang::En);
        assert_eq!(lang(&[("LANG", "vi_VN.UTF-8")]), Lang::Vi);
        assert_eq!(lang(&[("LANG", "vi_VN.UTF-8"), ("LC_ALL", "C")]), Lang::En);
        assert_eq!(lang(&[("LANG", "en_GB.UTF-8"), ("LC_ALL", ""), ("LC_MESSAGES", "vi_VN")]), Lang::Vi);
        assert_eq!(lang(&[("LC_ALL", "C"), ("PHUSONG_LANG", "vi")]), Lang::Vi);
        assert_eq!(with(&[("PHUSONG_LANG", "vi")], Screen::Pipe).lang(Some(LangArgument::En)), Lang::En);

        let folder = tempfile::tempdir().expect("a folder");
        let config = folder.path().join("phusong.toml");
        std::fs::write(&config, "language = \"vi\"\n").expect("a configuration");
        let configured =
            |variables: &[(&str, &str)]| with(variables, Screen::Pipe).configured(Some(&config)).lang(None);
        assert_eq!((configured(&[]), configured(&[("LANG", "C.UTF-8")])), (Lang::Vi, Lang::Vi), "C is no language");
        assert_eq!(configured(&[("LANG", "en_US.UTF-8")]), Lang::En);
    }

    #[test]
    fn colour_is_for_terminals_that_want_it() {
        assert_eq!(with(&[], Screen::Terminal(80)).paint(), Paint::Colour);
        assert_eq!(with(&[("NO_COLOR", "1")], Screen::Terminal(80)).paint(), Paint::Plain);
        assert_eq!(with(&[("TERM", "dumb")], Screen::Terminal(80)).paint(), Paint::Plain);
        assert_eq!(with(&[], Screen::Pipe).paint(), Paint::Plain);
    }

    #[test]
    fn tables_take_the_terminals_width() {
        assert_eq!(with(&[("COLUMNS", "200")], Screen::Terminal(100)).width(), 100);
        assert_eq!(with(&[("COLUMNS", "200")], Screen::Pipe).width(), 200);
        assert_eq!(with(&[("COLUMNS", "wide")], Screen::Pipe).width(), 80);
        assert_eq!(with(&[], Screen::Terminal(7)).width(), 40);
    }

    #[test]
    fn the_configuration_is_named_or_the_systems() {
        let named = with(&[("PHUSONG_CONFIG", "/a")], Screen::Pipe);
        assert_eq!(named.config_path(Some(Path::new("/b"))), Path::new("/b"));
        assert_eq!(named.config_path(None), Path::new("/a"));
        assert_eq!(with(&[], Screen::Pipe).config_path(None), Path::new(CONFIG));
    }
}
