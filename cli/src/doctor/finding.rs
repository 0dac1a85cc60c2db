//! What was found of one part: how it is, a line of fact, and what mends it.

use phusong_model::glossary::{Lang, Term};

/// A part of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `phusong.toml`.
    Configuration,
    /// The tables that it names.
    Inventory,
    /// The files that hold secrets.
    Secrets,
    /// The data folder.
    Folder,
    /// The database in it.
    Store,
    /// What the data folder lies on.
    Disk,
    /// `phusongd`.
    Daemon,
    /// Its unit of systemd.
    Unit,
    /// The right to send echoes.
    Ping,
    /// Room for replies in the kernel.
    Buffers,
    /// The clock of this machine.
    Clock,
    /// Whether the prober can see at all.
    Eyes,
    /// Devices.
    Snmp,
    /// The replicas.
    Influx,
    /// The ways by which people are told.
    Notify,
    /// Boundaries and layers.
    Geodata,
    /// The page.
    Page,
}

impl Part {
    /// All of them, in the order they are shown.
    #[cfg(test)]
    pub const ALL: &'static [Self] = &[
        Self::Configuration,
        Self::Inventory,
        Self::Secrets,
        Self::Folder,
        Self::Store,
        Self::Disk,
        Self::Daemon,
        Self::Unit,
        Self::Ping,
        Self::Buffers,
        Self::Clock,
        Self::Eyes,
        Self::Snmp,
        Self::Influx,
        Self::Notify,
        Self::Geodata,
        Self::Page,
    ];

    /// Its name in JSON and CSV.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Inventory => "inventory",
            Self::Secrets => "secrets",
            Self::Folder => "data-folder",
            Self::Store => "store",
            Self::Disk => "disk",
            Self::Daemon => "daemon",
            Self::Unit => "systemd-unit",
            Self::Ping => "ping",
            Self::Buffers => "receive-buffers",
            Self::Clock => "clock",
            Self::Eyes => "eyes",
            Self::Snmp => "snmp",
            Self::Influx => "influxdb",
            Self::Notify => "notify",
            Self::Geodata => "geodata",
            Self::Page => "page",
        }
    }
}

impl Term for Part {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Configuration => ("cấu hình", "configuration"),
            Self::Inventory => ("danh mục", "inventory"),
            Self::Secrets => ("tệp bí mật", "secrets"),
            Self::Folder => ("thư mục dữ liệu", "data folder"),
            Self::Store => ("kho dữ liệu", "store"),
            Self::Disk => ("đĩa", "disk"),
            Self::Daemon => ("phusongd", "phusongd"),
            Self::Unit => ("dịch vụ systemd", "systemd unit"),
            Self::Ping => ("quyền ping", "right to ping"),
            Self::Buffers => ("bộ đệm nhận", "receive buffers"),
            Self::Clock => ("đồng hồ", "clock"),
            Self::Eyes => ("khả năng quan sát", "prober's eyes"),
            Self::Snmp => ("SNMP", "SNMP"),
            Self::Influx => ("InfluxDB", "InfluxDB"),
            Self::Notify => ("kênh báo tin", "notifications"),
            Self::Geodata => ("dữ liệu bản đồ", "geodata"),
            Self::Page => ("trang web", "page"),
        }
    }
}

/// How a part is; the worse, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It could not be looked at, or there is nothing to look at.
    NotLookedAt,
    /// It works, but not as it should, or not for long.
    Warning,
    /// It does not work.
    Fault,
}

impl Verdict {
    /// Its name in JSON and CSV.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotLookedAt => "not-looked-at",
            Self::Warning => "warning",
            Self::Fault => "fault",
        }
    }
}

impl Term for Verdict {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Ok => ("tốt", "ok"),
            Self::NotLookedAt => ("chưa xem", "not looked at"),
            Self::Warning => ("cảnh báo", "warning"),
            Self::Fault => ("lỗi", "fault"),
        }
    }
}

/// Words in both languages: which one is wanted is known only when they are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    vietnamese: String,
    english: String,
}

impl Said {
    /// Vietnamese, English.
    pub const fn new(vietnamese: String, english: String) -> Self {
        Self { vietnamese, english }
    }

    /// Fixed words: Vietnamese, English.
    pub fn words(pair: (&str, &str)) -> Self {
        Self::new(pair.0.to_owned(), pair.1.to_owned())
    }

    /// What reads the same in both: a command, or what a file or another program says.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::new(text.clone(), text)
    }

    /// As `words` puts it in each language.
    pub fn by(words: impl Fn(Lang) -> String) -> Self {
        Self::new(words(Lang::Vi), words(Lang::En))
    }

    /// In one language.
    pub fn of(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.vietnamese,
            Lang::En => &self.english,
        }
    }
}

/// What was found of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub part: Part,
    /// How it is.
    pub verdict: Verdict,
    /// What is known.
    pub fact: Said,
    /// One command, or one thing to do, that mends it.
    pub remedy: Option<Said>,
}

impl Finding {
    /// All is well.
    pub const fn ok(part: Part, fact: Said) -> Self {
        Self { part, verdict: Verdict::Ok, fact, remedy: None }
    }

    /// It could not be looked at.
    pub const fn not_looked_at(part: Part, fact: Said) -> Self {
        Self { part, verdict: Verdict::NotLookedAt, fact, remedy: None }
    }

    /// It should be seen to.
    pub const fn warning(part: Part, fact: Said, remedy: Said) -> Self {
        Self { part, verdict: Verdict::Warning, fact, remedy: Some(remedy) }
    }

    /// It does not work.
    pub const fn fault(part: Part, fact: Said, remedy: Said) -> Self {
        Self { part, verdict: Verdict::Fault, fact, remedy: Some(remedy) }
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::nfc;

    use super::*;

    #[test]
    fn parts_and_verdicts_have_terms_in_both_languages_and_ids_of_their_own() {
        let verdicts = [Verdict::Ok, Verdict::NotLookedAt, Verdict::Warning, Verdict::Fault];
        let terms = Part::ALL.iter().map(|part| part as &dyn Term).chain(verdicts.iter().map(|one| one as &dyn Term));
        for term in terms {
            for lang in [Lang::Vi, Lang::En] {
                assert_eq!(term.term(lang), nfc(term.term(lang)));
            }
        }
        let mut ids: Vec<&str> = Part::ALL.iter().map(|part| part.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Part::ALL.len());
    }
}
