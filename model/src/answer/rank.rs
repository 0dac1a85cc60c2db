//! What the place of a gap in the ranked list rests on.

use serde::{Deserialize, Serialize};

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
