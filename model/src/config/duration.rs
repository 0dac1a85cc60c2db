//! Lengths of time as people write them: `10s`, `200ms`, `2m`, `30d`.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A length of time; in TOML a text such as `"10s"`, `"200ms"` or `"1m 30s"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Seconds(pub Duration);

impl Seconds {
    /// So many days.
    #[must_use]
    pub const fn days(count: u64) -> Self {
        Self(Duration::from_secs(count * 86_400))
    }

    /// So many milliseconds.
    #[must_use]
    pub const fn millis(count: u64) -> Self {
        Self(Duration::from_millis(count))
    }
}

impl TryFrom<String> for Seconds {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let length = text.parse().ok().or_else(|| in_days(&text));
        let length = length.ok_or_else(|| format!("{text:?} is not a length of time such as \"10s\""))?;
        Duration::try_from(length).map(Self).map_err(|_| format!("{text:?} is negative"))
    }
}

/// A day is 24 hours here; months and years have no length of their own and are refused.
fn in_days(text: &str) -> Option<jiff::SignedDuration> {
    let span: jiff::Span = text.parse().ok()?;
    span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()
}

impl From<Seconds> for String {
    fn from(value: Seconds) -> Self {
        let ms = value.0.as_millis();
        match ms {
            0 => "0s".to_owned(),
            _ if ms.is_multiple_of(86_400_000) => format!("{}d", ms / 86_400_000),
            _ if ms.is_multiple_of(60_000) => format!("{}m", ms / 60_000),
            _ if ms.is_multiple_of(1000) => format!("{}s", ms / 1000),
            _ => format!("{ms}ms"),
        }
    }
}
