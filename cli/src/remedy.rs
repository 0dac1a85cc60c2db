//! What to do about a daemon that gives no answer: one command, fit to be typed.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use phusong_model::{config::Config, glossary::Lang, printable};
use phusong_probes::ping::PingError;

use crate::{ask::daemon::DaemonFault, failure::chain};

/// Vantage of the configuration that `phusongd demo` writes.
const DEMO: &str = "demo";

/// Folder of the demo when nobody names another.
const DEMO_FOLDER: &str = "phusong-demo";

/// Who starts the daemon of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Starter {
    /// systemd.
    Service,
    /// A person, by `phusongd demo`.
    Demo {
        /// Its folder, as the configuration was named.
        folder: PathBuf,
    },
}

impl Starter {
    /// Who starts the daemon of the configuration that was read from `path`.
    pub fn of(config: &Config, path: &Path) -> Self {
        if config.vantage == DEMO {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            Self::Demo { folder: folder.to_owned() }
        } else {
            Self::Service
        }
    }

    /// For a daemon that is not there.
    pub fn start(&self, lang: Lang) -> String {
        let command = match self {
            Self::Service => Cow::Borrowed("systemctl start phusongd"),
            Self::Demo { folder } if folder == Path::new(DEMO_FOLDER) => Cow::Borrowed("phusongd demo"),
            Self::Demo { folder } => Cow::Owned(format!("phusongd demo --dir {}", quoted(folder))),
        };
        format!("{}: {command}", lang.of(("khởi động", "start it")))
    }

    /// For one that has to begin anew.
    pub fn restart(&self, lang: Lang) -> String {
        match self {
            Self::Service => {
                format!("{}: systemctl restart phusongd", lang.of(("khởi động lại", "restart it")))
            }
            Self::Demo { .. } => format!("{}, {}", lang.of(("dừng bằng Ctrl-C", "end it by Ctrl-C")), self.start(lang)),
        }
    }

    /// For one that is to read its configuration again.
    pub fn reload(&self, lang: Lang) -> String {
        match self {
            Self::Service => format!("{}: systemctl reload phusongd", lang.of(("nạp lại cấu hình", "reload it"))),
            Self::Demo { .. } => self.restart(lang),
        }
    }

    /// For one that is there and does not answer.
    pub fn look(&self, lang: Lang) -> String {
        let where_to = match self {
            Self::Service => "systemctl status phusongd",
            Self::Demo { .. } => {
                lang.of(("cửa sổ đang chạy phusongd demo", "the terminal in which phusongd demo runs"))
            }
        };
        format!("{}: {where_to}", lang.of(("xem", "look at it")))
    }

    /// For what became of the daemon.
    pub fn remedy(&self, lang: Lang, fault: &DaemonFault) -> String {
        match fault {
            DaemonFault::Denied { group: Some(group), .. } => join_group(lang, group),
            DaemonFault::Silent { .. }
            | DaemonFault::Unfinished { .. }
            | DaemonFault::BrokenOff { .. }
            | DaemonFault::Http { .. }
            | DaemonFault::Unable { .. }
            | DaemonFault::Foreign { .. } => self.look(lang),
            DaemonFault::Denied { group: None, .. }
            | DaemonFault::Absent { .. }
            | DaemonFault::Refused { .. }
            | DaemonFault::Connect { .. } => self.start(lang),
        }
    }
}

/// For one who may not read what the group may.
pub fn join_group(lang: Lang, group: &str) -> String {
    let (group, then) = (printable(group), lang.of(("rồi đăng nhập lại", "then log in again")));
    format!("{}: sudo usermod -aG {group} $USER, {then}", lang.of(("vào nhóm", "join the group")))
}

/// Why this program cannot ping, and what gives it the right when that is what it lacks.
pub fn cannot_ping(lang: Lang, error: &PingError) -> String {
    let fact = lang.of(("chương trình này không ping được", "this program cannot ping"));
    let remedy = if error.is_permission() {
        let any = lang.of(("một trong ba cách", "any one of"));
        format!("; {any}: sudo; sudo setcap cap_net_raw+ep $(command -v phusong); {GROUP_RANGE}")
    } else {
        String::new()
    };
    format!("{fact}: {}{remedy}", chain(error))
}

/// Lets every group ping by datagram sockets.
const GROUP_RANGE: &str = "sudo sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"";

/// The path as a shell takes it for one word.
pub fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    if text.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c)) {
        text.into_owned()
    } else {
        format!("'{}'", printable(&text).replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_is_started_as_a_demo_on_its_own_folder() {
        let config = Config { vantage: "demo".to_owned(), ..Config::default() };
        let start = |path: &str| Starter::of(&config, Path::new(path)).start(Lang::En);
        assert_eq!(start("phusong-demo/phusong.toml"), "start it: phusongd demo");
        assert_eq!(start("/tmp/x/phusong.toml"), "start it: phusongd demo --dir /tmp/x");
        assert_eq!(start("my demo/phusong.toml"), "start it: phusongd demo --dir 'my demo'");
        assert_eq!(start("phusong.toml"), "start it: phusongd demo --dir .");
        let real = Starter::of(&Config::default(), Path::new("phusong-demo/phusong.toml"));
        assert_eq!(real.start(Lang::Vi), "khởi động: systemctl start phusongd");
    }

    #[test]
    fn one_that_hangs_is_looked_at_and_not_started() {
        let silent = DaemonFault::Silent { socket: "/s".into(), limit: std::time::Duration::from_secs(2) };
        assert_eq!(Starter::Service.remedy(Lang::En, &silent), "look at it: systemctl status phusongd");
        let demo = Starter::Demo { folder: DEMO_FOLDER.into() };
        assert_eq!(demo.remedy(Lang::En, &silent), "look at it: the terminal in which phusongd demo runs");
    }
}
