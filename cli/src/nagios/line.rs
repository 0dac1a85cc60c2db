//! The line of a plugin: `STATE - text | 'label'=value;warn;crit;min;max …`.

use phusong_model::{
    Millis,
    answer::{Answer, Condition, Notice, StateCounts, StatusBody},
    glossary::{self, Lang, Term},
    printable,
};

/// How many links may be down before somebody is to know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// More than this is a warning.
    pub warn_down: u64,
    /// More than this is critical.
    pub crit_down: u64,
}

/// What monitoring systems know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// All links work.
    Ok,
    /// Some work badly, or could not be looked at.
    Warning,
    /// Some are down.
    Critical,
    /// It cannot be said.
    Unknown,
}

impl Verdict {
    /// The exit code of the plugin convention.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::Unknown => 3,
        }
    }

    /// The word that a line begins with; the same in all languages.
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// An answer with what is asked of it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'s> {
    /// The answer.
    pub answer: &'s Answer,
    /// What it says.
    pub body: &'s StatusBody,
    /// The commune and the group that were asked about, as they were written; empty for all.
    pub scope: &'s str,
    /// What is too much.
    pub limits: Limits,
}

/// A line without figures.
pub fn of_words(verdict: Verdict, words: &str) -> String {
    let text = words.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    format!("{} - {}", verdict.word(), one_line(&text))
}

/// Nothing that would end the line, or begin the figures before their time.
fn one_line(text: &str) -> String {
    printable(text).replace('|', "/")
}

impl Seen<'_> {
    /// Of several that apply, the one that counts. Old data proves neither that links are down nor that they are up.
    pub fn verdict(&self) -> Verdict {
        let counts = self.counts();
        if !self.doubts().is_empty() || counts.total() == 0 {
            Verdict::Unknown
        } else if counts.down > self.limits.crit_down {
            Verdict::Critical
        } else if counts.down > self.limits.warn_down || counts.degraded > 0 || counts.blind > 0 {
            Verdict::Warning
        } else {
            Verdict::Ok
        }
    }

    /// The whole line.
    pub fn line(&self, verdict: Verdict, lang: Lang) -> String {
        let scope = if self.scope.is_empty() { &self.body.province } else { self.scope };
        let mut facts = self.doubts().into_iter().map(|doubt| self.told(doubt, lang)).collect::<Vec<_>>();
        facts.push(self.states(lang));
        facts.extend(self.worst(lang));
        let text = one_line(&format!("{scope}: {}", facts.join("; ")));
        format!("{} - {text} | {}", verdict.word(), self.figures())
    }

    /// All links that were asked about, by state.
    fn counts(&self) -> StateCounts {
        self.body.kinds.iter().fold(StateCounts::default(), |sum, of_kind| StateCounts {
            up: sum.up + of_kind.counts.up,
            degraded: sum.degraded + of_kind.counts.degraded,
            down: sum.down + of_kind.counts.down,
            blind: sum.blind + of_kind.counts.blind,
            maintenance: sum.maintenance + of_kind.counts.maintenance,
        })
    }

    /// What stands against believing the answer.
    fn doubts(&self) -> Vec<Condition> {
        let doubtful = |condition: &Condition| match condition {
            Condition::Stale | Condition::Partial => true,
            Condition::Findings => false,
        };
        self.answer.conditions.iter().copied().filter(doubtful).collect()
    }

    fn told(&self, doubt: Condition, lang: Lang) -> String {
        let away = self.answer.notices.iter().any(|notice| matches!(notice, Notice::DaemonAway { .. }));
        let age = self.answer.data_age_ms.map(|age| glossary::duration(lang, age));
        match (doubt, away, age) {
            (Condition::Stale, _, Some(age)) => {
                lang.pick(format!("dữ liệu cũ, cách đây {age}"), format!("old data, {age} ago"))
            }
            (Condition::Partial, true, _) => lang.of(("phusongd không trả lời", "phusongd does not answer")).to_owned(),
            (Condition::Stale | Condition::Partial | Condition::Findings, _, _) => doubt.term(lang).to_owned(),
        }
    }

    fn states(&self, lang: Lang) -> String {
        let counts = self.counts();
        let number = |count: u64| glossary::integer(lang, count);
        let all = number(counts.total());
        if counts.total() == 0 {
            return lang.of(("không có tuyến nào", "there are no links")).to_owned();
        }
        let mut text = lang.pick(
            format!("mất {}/{all} tuyến", number(counts.down)),
            format!("{} of {all} links down", number(counts.down)),
        );
        let others = [
            (counts.degraded, ("suy giảm", "degraded")),
            (counts.blind, ("không đo được", "blind")),
            (counts.maintenance, ("bảo trì", "in maintenance")),
        ];
        for (count, words) in others.into_iter().filter(|(count, _)| *count > 0) {
            text += &lang.pick(format!(", {} {}", words.0, number(count)), format!(", {} {}", number(count), words.1));
        }
        text
    }

    /// The outage that most people are in.
    fn worst(&self, lang: Lang) -> Option<String> {
        let worst = self.body.worst.first()?;
        let place = worst.commune_name.as_deref().unwrap_or(&worst.name);
        let since = glossary::moment(lang, worst.start, self.answer.generated);
        let mut text = format!("{} {place} {} {since}", worst.link, lang.of(("mất từ", "down since")));
        if let Some(people) = worst.people {
            text += &format!(", {} {}", glossary::integer(lang, people), lang.of(("người", "people")));
        }
        Some(text)
    }

    /// Labels, units and ranges as the plugin guidelines have them; a limit of `n` warns beyond `0…n`.
    fn figures(&self) -> String {
        let counts = self.counts();
        let (all, Limits { warn_down, crit_down }) = (counts.total(), self.limits);
        let mut figures = vec![
            format!("down={};{warn_down};{crit_down};0;{all}", counts.down),
            format!("degraded={};0;;0;{all}", counts.degraded),
            format!("blind={};0;;0;{all}", counts.blind),
            format!("maintenance={};;;0;{all}", counts.maintenance),
            format!("up={};;;0;{all}", counts.up),
            format!("outages={};;;0", self.body.open_outages),
            format!("blind_share={:.1}%;;;0;100", self.answer.blind_share * 100.0),
        ];
        // U is a value that is not known.
        let age =
            self.answer.data_age_ms.map_or_else(|| "U".to_owned(), |Millis(age)| format!("{}s", age.max(0) / 1000));
        figures.push(format!("data_age={age};;;0"));
        figures.join(" ")
    }
}
