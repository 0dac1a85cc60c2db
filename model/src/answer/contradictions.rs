//! Contradictions with the names that people know their places by.

use serde::{Deserialize, Serialize};

use crate::Contradiction;

/// A contradiction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContradictionItem {
    /// What it is, with the tests behind it.
    #[serde(flatten)]
    pub contradiction: Contradiction,
    /// Name of its commune.
    pub commune_name: Option<String>,
    /// Name of the settlement, when it is about one.
    pub settlement_name: Option<String>,
}
