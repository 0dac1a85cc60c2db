//! Announced work on links: once, or again and again.

use jiff::{Span, civil};
use serde::{Deserialize, Serialize};

use crate::{CommuneCode, GroupId, Link, LinkId, Millis, UtcMs, Window, glossary::LOCAL_OFFSET};

/// The longest window. What takes longer than a month is no maintenance but a link out of service, and a mistyped year
/// must not hide a link's outages for that year.
pub const MAINTENANCE_LONGEST: Millis = Millis::from_secs(31 * 24 * 3600);

/// The longest reason in characters: one line on a screen or two.
pub const WHY_MAX: usize = 200;

/// Which links are worked on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// One link.
    Link(LinkId),
    /// All links of a commune, also those that it gets later.
    Commune(CommuneCode),
    /// All links of a group, also those that it gets later.
    Group(GroupId),
}

impl Scope {
    /// Whether a link is worked on.
    #[must_use]
    pub fn touches(&self, link: &Link) -> bool {
        match self {
            Self::Link(id) => link.id == *id,
            Self::Commune(code) => link.commune.as_ref() == Some(code),
            Self::Group(group) => link.groups.contains(group),
        }
    }
}

/// How often work comes again, at the same time of day in Viet Nam.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// Each day.
    Day,
    /// Each week.
    Week,
    /// Each month, on the same day of it; the last day of months that have no such day.
    Month,
}

impl Every {
    /// The shortest time from one to the next.
    #[must_use]
    pub const fn least(self) -> Millis {
        Millis::from_secs(match self {
            Self::Day => 24 * 3600,
            Self::Week => 7 * 24 * 3600,
            Self::Month => 28 * 24 * 3600,
        })
    }

    /// The id that files and JSON use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    fn span(self, times: i64) -> Span {
        let span = Span::new();
        // None of them reaches the limits of a span: the number of times is bounded by the window that is asked for.
        match self {
            Self::Day => span.try_days(times),
            Self::Week => span.try_weeks(times),
            Self::Month => span.try_months(times),
        }
        .unwrap_or_default()
    }
}

/// Work that comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// How often.
    pub every: Every,
    /// The last time begins before this; for ever when nobody says.
    pub until: Option<UtcMs>,
}

/// Announced work. While it lasts the time of its links is *maintenance*, whatever the probes see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// Whose.
    #[serde(flatten)]
    pub scope: Scope,
    /// When, the first time; never empty.
    pub window: Window,
    /// Whether it comes again. Inventories that were stored before there was a choice say nothing: then it does not.
    #[serde(default)]
    pub repeat: Option<Repeat>,
    /// What is done, or who announced it where.
    pub why: String,
}

impl Maintenance {
    /// The windows that touch a stretch of time, in their order.
    #[must_use]
    pub fn windows(&self, around: Window) -> Vec<Window> {
        let touches = |window: &Window| !window.intersect(around).is_empty();
        let Some(repeat) = self.repeat else { return Some(self.window).filter(touches).into_iter().collect() };
        // No occurrence that touches comes more than so many times before, whatever a month is long.
        let passed = around.from.since(self.window.from).0 / Every::longest(repeat.every).0 - 2;
        let mut windows = Vec::new();
        for times in passed.max(0).. {
            let Some(from) = self.begin(repeat.every, times) else { break };
            if from >= around.to || repeat.until.is_some_and(|until| from >= until) {
                break;
            }
            let window = Window::new(from, from.plus(self.window.length()));
            if touches(&window) {
                windows.push(window);
            }
        }
        windows
    }

    fn begin(&self, every: Every, times: i64) -> Option<UtcMs> {
        let first = LOCAL_OFFSET.to_datetime(self.window.from.timestamp());
        let begin: civil::DateTime = first.checked_add(every.span(times)).ok()?;
        LOCAL_OFFSET.to_timestamp(begin).ok().map(UtcMs::from)
    }
}

impl Every {
    const fn longest(self) -> Millis {
        Millis::from_secs(match self {
            Self::Day => 24 * 3600,
            Self::Week => 7 * 24 * 3600,
            Self::Month => 31 * 24 * 3600,
        })
    }
}

/// The number of announced work in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MaintenanceId(pub i64);

/// Work that somebody announced by a command. It does not come again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// Its number.
    pub id: MaintenanceId,
    /// Whose.
    #[serde(flatten)]
    pub scope: Scope,
    /// When; never empty.
    pub window: Window,
    /// What is done.
    pub why: String,
    /// Who announced it: a user of this machine.
    pub author: String,
    /// When it was announced.
    pub added: UtcMs,
    /// When somebody ended or cancelled it.
    pub ended: Option<UtcMs>,
}

impl Planned {
    /// The work as it is in force; none when it was cancelled before it began.
    #[must_use]
    pub fn maintenance(&self) -> Option<Maintenance> {
        let to = self.ended.map_or(self.window.to, |ended| ended.min(self.window.to));
        let window = Window::new(self.window.from, to);
        let why = self.why.clone();
        (!window.is_empty()).then(|| Maintenance { scope: self.scope.clone(), window, repeat: None, why })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcMs {
        text.parse().expect("time")
    }

    fn work(from: &str, to: &str, every: Every, until: Option<&str>) -> Maintenance {
        Maintenance {
            scope: Scope::Link("a".parse().expect("id")),
            window: Window::new(at(from), at(to)),
            repeat: Some(Repeat { every, until: until.map(at) }),
            why: "x".to_owned(),
        }
    }

    fn begins(work: &Maintenance, from: &str, to: &str) -> Vec<String> {
        work.windows(Window::new(at(from), at(to)))
            .iter()
            .map(|window| window.from.to_string()[..16].to_owned())
            .collect()
    }

    #[test]
    fn work_comes_again_at_the_same_time_of_day() {
        let nightly = work("2026-11-01T17:00:00Z", "2026-11-01T19:00:00Z", Every::Day, Some("2026-11-05T00:00:00Z"));
        assert_eq!(
            begins(&nightly, "2026-10-01T00:00:00Z", "2026-11-03T00:00:00Z"),
            ["2026-11-01T17:00", "2026-11-02T17:00"]
        );
        // One that is under way, and none after the last.
        let late = begins(&nightly, "2026-11-03T18:00:00Z", "2027-11-03T18:00:00Z");
        assert_eq!(late, ["2026-11-03T17:00", "2026-11-04T17:00"]);
        let weekly = work("2020-01-05T17:00:00Z", "2020-01-05T19:00:00Z", Every::Week, None);
        assert_eq!(begins(&weekly, "2026-11-22T19:00:00Z", "2026-11-30T00:00:00Z"), ["2026-11-29T17:00"]);
        assert_eq!(begins(&weekly, "2026-11-22T18:59:59Z", "2026-11-22T19:00:00Z"), ["2026-11-22T17:00"]);
    }

    #[test]
    fn the_last_day_of_a_month_is_the_last_day_of_each() {
        // In Viet Nam it is the 31st already.
        let monthly = work("2026-01-30T18:00:00Z", "2026-01-30T20:00:00Z", Every::Month, None);
        let begun = begins(&monthly, "2026-02-01T00:00:00Z", "2026-06-01T00:00:00Z");
        assert_eq!(begun, ["2026-02-27T18:00", "2026-03-30T18:00", "2026-04-29T18:00", "2026-05-30T18:00"]);
        let years = begins(&monthly, "2028-02-27T00:00:00Z", "2028-03-01T00:00:00Z");
        assert_eq!(years, ["2028-02-28T18:00"]);
    }

    #[test]
    fn an_inventory_that_was_stored_before_is_still_read() {
        let stored = r#"{"link":"a","window":{"from":"2026-11-01T17:00:00Z","to":"2026-11-01T19:00:00Z"},"why":"x"}"#;
        let read: Maintenance = serde_json::from_str(stored).expect("reads");
        assert_eq!((read.scope.clone(), read.repeat), (Scope::Link("a".parse().expect("id")), None));
        let again = serde_json::to_string(&Maintenance { scope: Scope::Group("vc".parse().expect("id")), ..read });
        assert!(again.expect("writes").starts_with(r#"{"group":"vc","window""#));
    }

    #[test]
    fn work_that_was_cancelled_is_none() {
        let window = Window::new(UtcMs(1_000), UtcMs(2_000));
        let scope = Scope::Commune("02221".parse().expect("code"));
        let (id, why, author) = (MaintenanceId(1), "x".to_owned(), "y".to_owned());
        let planned = Planned { id, scope, window, why, author, added: UtcMs(0), ended: None };
        let until = |ended| Planned { ended: Some(UtcMs(ended)), ..planned.clone() }.maintenance().map(|m| m.window.to);
        assert_eq!(planned.maintenance().map(|m| m.window), Some(window));
        assert_eq!((until(500), until(1_500), until(9_000)), (None, Some(UtcMs(1_500)), Some(UtcMs(2_000))));
    }
}
