//! By what gaps are put in order, and what the place of one in the list rests on.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::AskError;

/// By what gaps are put in order, the greatest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GapRank {
    /// People × how much is missing × how long it has lasted.
    #[default]
    Score,
    /// People.
    People,
    /// Households.
    Households,
    /// Settlements without signal, or with patchy signal.
    Settlements,
    /// Area without signal.
    Area,
    /// How long it has lasted.
    Persistence,
}

impl GapRank {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Score, Self::People, Self::Households, Self::Settlements, Self::Area, Self::Persistence];

    /// The id that the API, the CLI and JSON use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::People => "people",
            Self::Households => "households",
            Self::Settlements => "settlements",
            Self::Area => "area",
            Self::Persistence => "persistence",
        }
    }
}

impl fmt::Display for GapRank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for GapRank {
    type Err = AskError;

    fn from_str(text: &str) -> Result<Self, AskError> {
        let known = Self::ALL.into_iter().find(|rank| rank.id().eq_ignore_ascii_case(text.trim()));
        known.ok_or_else(|| AskError::UnknownRank { asked: text.to_owned(), ranks: Self::ALL.to_vec() })
    }
}

/// What the score of a gap is made of, so that anybody can do the sum again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct RankBy {
    /// People who count; an unknown number counts as 0.
    pub people: u64,
    /// How much is missing: 1 where nothing is left, 0.4 where signal is patchy or another line still works.
    pub grade_weight: f64,
    /// How long it has lasted, from 1 for what is new to 2 after thirty days and more.
    pub persistence: f64,
    /// The product of the three.
    pub score: f64,
}
