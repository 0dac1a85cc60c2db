//! The three lengths of buckets.

use phusong_model::{Millis, UtcMs};

/// How long the buckets are. They begin on whole minutes, hours and days of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
}

impl Level {
    /// All levels, the finest first.
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    /// How long a bucket is.
    #[must_use]
    pub const fn length(self) -> Millis {
        match self {
            Self::Minute => Millis::from_secs(60),
            Self::Hour => Millis::from_secs(3600),
            Self::Day => Millis::from_secs(86_400),
        }
    }

    /// When the bucket that holds an instant begins.
    #[must_use]
    pub const fn start_of(self, at: UtcMs) -> UtcMs {
        UtcMs(at.0.div_euclid(self.length().0) * self.length().0)
    }

    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::Minute => "rollup_minute",
            Self::Hour => "rollup_hour",
            Self::Day => "rollup_day",
        }
    }
}
