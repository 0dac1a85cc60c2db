//! Instants and windows, in whole milliseconds of UTC. Monotonic time stays with those who measure.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A length of time in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// So many whole seconds.
    #[must_use]
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// The length as seconds.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e3
    }
}

impl std::ops::Add for Millis {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for Millis {
    fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
        values.fold(Self(0), |a, b| a + b)
    }
}

/// An instant: milliseconds since 1970-01-01T00:00:00Z. In JSON it is RFC 3339 in UTC with milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UtcMs(pub i64);

impl UtcMs {
    /// The earliest instant that a window can start at.
    pub const MIN: Self = Self(0);

    /// This instant as a jiff time stamp; out-of-range values meet the nearest end.
    #[must_use]
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// The later instant, `length` after this one.
    #[must_use]
    pub const fn plus(self, length: Millis) -> Self {
        Self(self.0.saturating_add(length.0))
    }

    /// The earlier instant, `length` before this one.
    #[must_use]
    pub const fn minus(self, length: Millis) -> Self {
        Self(self.0.saturating_sub(length.0))
    }

    /// How long after `earlier` this is; negative when it is before.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }
}

impl From<jiff::Timestamp> for UtcMs {
    fn from(stamp: jiff::Timestamp) -> Self {
        Self(stamp.as_millisecond())
    }
}

impl fmt::Display for UtcMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

impl fmt::Debug for UtcMs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for UtcMs {
    type Err = jiff::Error;
    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(Self::from)
    }
}

impl TryFrom<String> for UtcMs {
    type Error = jiff::Error;
    fn try_from(text: String) -> Result<Self, jiff::Error> {
        text.parse()
    }
}

impl From<UtcMs> for String {
    fn from(at: UtcMs) -> Self {
        at.to_string()
    }
}

/// A half-open stretch of time: `from` is inside, `to` is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First instant inside.
    pub from: UtcMs,
    /// First instant after.
    pub to: UtcMs,
}

impl Window {
    /// A window; an end before the start gives an empty window at `from`.
    #[must_use]
    pub fn new(from: UtcMs, to: UtcMs) -> Self {
        Self { from, to: to.max(from) }
    }

    /// How long the window is.
    #[must_use]
    pub const fn length(self) -> Millis {
        self.to.since(self.from)
    }

    /// Whether no instant is inside.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }

    /// The part that both windows share; empty when they do not meet.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self::new(self.from.max(other.from), self.to.min(other.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_rfc_3339_in_utc() {
        let at = UtcMs(1_795_422_319_007);
        assert_eq!(serde_json::to_string(&at).ok().as_deref(), Some("\"2026-11-23T08:25:19.007Z\""));
        assert_eq!(serde_json::from_str::<UtcMs>("\"2026-11-23T15:25:19.007+07:00\"").ok(), Some(at));
    }

    #[test]
    fn windows_are_half_open() {
        let (a, b) = (Window::new(UtcMs(0), UtcMs(10)), Window::new(UtcMs(10), UtcMs(20)));
        assert!(a.intersect(b).is_empty());
        assert_eq!(a.intersect(Window::new(UtcMs(5), UtcMs(15))).length(), Millis(5));
        assert!(Window::new(UtcMs(9), UtcMs(3)).is_empty());
    }
}
