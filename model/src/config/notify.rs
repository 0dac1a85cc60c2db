//! `[notify]`: who is told of events, when, and by which way.

use std::{fmt, path::PathBuf, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Seconds, SecretRef};
use crate::{
    Millis, Turn, UtcMs,
    glossary::{LOCAL_OFFSET, Lang},
};

/// `[notify]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NotifyConfig {
    /// How long an event must last before it is told, and be over before that is told.
    pub after: Seconds,
    /// How long after it was told it is told again, step by step, unless somebody takes notice.
    pub escalate: Vec<Seconds>,
    /// The language of texts.
    pub language: Lang,
    /// The ways by which people are told; without any, nobody is.
    pub channel: Vec<ChannelConfig>,
}

impl Default for NotifyConfig {
    fn default() -> Self {
        Self {
            after: Seconds::millis(30_000),
            escalate: vec![Seconds::millis(15 * 60_000), Seconds::millis(60 * 60_000)],
            language: Lang::Vi,
            channel: Vec::new(),
        }
    }
}

/// `[[notify.channel]]`: a way by which people or programs are told. Which of the keys after `quiet_passes` it takes hangs
/// on its kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelConfig {
    /// What it is called in answers and in the log.
    pub name: String,
    /// What it is.
    pub kind: ChannelKind,
    /// Which turns of events are told.
    #[serde(default = "all_turns")]
    pub on: Vec<Turn>,
    /// The shortest time from one delivery to the next: what gathers meanwhile goes together.
    #[serde(default = "default_every")]
    pub every: Seconds,
    /// The hours of the day, in the time of Viet Nam, in which messages wait.
    pub quiet: Option<Quiet>,
    /// Turns that do not wait in these hours.
    #[serde(default)]
    pub quiet_passes: Vec<Turn>,
    /// Time limit of one delivery.
    #[serde(default = "default_timeout")]
    pub timeout: Seconds,

    /// webhook, alertmanager: the address, when it may be known.
    pub url: Option<String>,
    /// webhook: the address, when it is a secret itself.
    pub url_file: Option<SecretRef>,
    /// webhook: what deliveries are signed with.
    pub secret_file: Option<SecretRef>,
    /// webhook, alertmanager: what is shown as `Authorization: Bearer`.
    pub token_file: Option<SecretRef>,
    /// webhook, alertmanager, email: certificates, in PEM, that are trusted beside those of the system.
    pub ca_file: Option<PathBuf>,

    /// email: name or address of the mail server, with or without a port.
    pub server: Option<String>,
    /// email: how the connection is encrypted.
    pub tls: Option<MailTls>,
    /// email: the user at the mail server.
    pub user: Option<String>,
    /// email: his password.
    pub password_file: Option<SecretRef>,
    /// email: the sender.
    pub from: Option<String>,
    /// email: the receivers.
    #[serde(default)]
    pub to: Vec<String>,

    /// command: program and arguments; no shell sees them.
    #[serde(default)]
    pub command: Vec<String>,
}

fn all_turns() -> Vec<Turn> {
    Turn::OF_EVENTS.to_vec()
}

const fn default_every() -> Seconds {
    Seconds::millis(10_000)
}

const fn default_timeout() -> Seconds {
    Seconds::millis(10_000)
}

/// What a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// JSON by HTTP POST, signed as Standard Webhooks are.
    Webhook,
    /// E-mail.
    Email,
    /// The alerts of Prometheus' Alertmanager, API v2.
    Alertmanager,
    /// A program of this machine.
    Command,
}

impl ChannelKind {
    /// The id that the configuration and JSON use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Email => "email",
            Self::Alertmanager => "alertmanager",
            Self::Command => "command",
        }
    }
}

/// How the way to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// In the clear first, then always encrypted (RFC 3207); usually port 587.
    Starttls,
    /// From the first byte on (RFC 8314); usually port 465.
    Implicit,
    /// Not at all; usually port 25.
    None,
}

/// Hours of the day, from inclusive, to exclusive, in the time of Viet Nam: `22:00-06:00` goes over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quiet {
    /// Minute of the day.
    from: u16,
    to: u16,
}

const DAY: i64 = 24 * 60;

impl Quiet {
    /// Until when it is quiet; none when it is not.
    #[must_use]
    pub fn until(self, at: UtcMs) -> Option<UtcMs> {
        let local = at.plus(Millis::from_secs(i64::from(LOCAL_OFFSET.seconds())));
        let minute = Millis::from_secs(60);
        let of_day = local.0.div_euclid(minute.0).rem_euclid(DAY);
        let (from, to) = (i64::from(self.from), i64::from(self.to));
        let is_quiet = if from < to { (from..to).contains(&of_day) } else { of_day >= from || of_day < to };
        let left = (to - of_day).rem_euclid(DAY);
        is_quiet.then(|| UtcMs(at.0.div_euclid(minute.0) * minute.0).plus(Millis(left * minute.0)))
    }
}

impl FromStr for Quiet {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no part of a day such as \"22:00-06:00\"");
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let minute = |text: &str| {
            let (hours, minutes) = text.trim().split_once(':')?;
            let digits = |text: &str, most: u16| {
                let fine = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
                text.parse::<u16>().ok().filter(|number| fine && *number <= most)
            };
            Some(digits(hours, 23)? * 60 + digits(minutes, 59)?)
        };
        match (minute(from), minute(to)) {
            (Some(from), Some(to)) if from != to => Ok(Self { from, to }),
            (Some(_), Some(_)) => Err(format!("{text:?} would be all day or never")),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Quiet {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl From<Quiet> for String {
    fn from(quiet: Quiet) -> Self {
        quiet.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcMs {
        text.parse::<jiff::Timestamp>().expect("an instant").into()
    }

    #[test]
    fn quiet_hours_go_over_midnight_in_the_time_of_viet_nam() {
        let night: Quiet = "22:00-06:00".parse().expect("quiet");
        let ends = Some(at("2026-11-28T23:00:00Z"));
        assert_eq!(night.until(at("2026-11-28T14:59:59Z")), None, "21:59:59");
        assert_eq!(night.until(at("2026-11-28T15:00:00Z")), ends, "22:00");
        assert_eq!(night.until(at("2026-11-28T22:59:59.999Z")), ends, "05:59:59");
        assert_eq!(night.until(at("2026-11-28T23:00:00Z")), None, "06:00");
        let noon: Quiet = "11:30-13:00".parse().expect("quiet");
        assert_eq!(noon.until(at("2026-11-28T05:00:00Z")), Some(at("2026-11-28T06:00:00Z")));
        assert_eq!(noon.until(at("2026-11-28T04:00:00Z")), None);
        assert_eq!((night.to_string(), noon.to_string()), ("22:00-06:00".to_owned(), "11:30-13:00".to_owned()));
    }

    #[test]
    fn what_is_no_part_of_a_day_is_refused() {
        for text in ["", "22-06", "22:00", "24:00-06:00", "22:00-06:60", "2:00-06:00", "+2:00-06:00", "22:00-22:00"] {
            assert!(text.parse::<Quiet>().is_err(), "{text}");
        }
    }
}
