//! What `phusong gaps` ranks: links that are down and places without signal, in one list.

use serde::{Deserialize, Serialize};

use crate::{CommuneCode, LonLat};

/// The two kinds of gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GapKind {
    /// A link is down.
    Link,
    /// A place has no mobile signal.
    Coverage,
}

/// Where a gap is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GapPlace {
    /// Code of the commune; none for platforms and feeders.
    pub commune: Option<CommuneCode>,
    /// Its name, or the link's when there is no commune.
    pub name: String,
    /// A point inside, when there is one.
    pub at: Option<LonLat>,
}
