//! What looks like two ways and fails as one.

use serde::{Deserialize, Serialize};

use crate::{Carrier, CommuneCode, LinkId, Millis};

/// Communes by what the topology says of their ways to the centre. `items`, `single`, `unknown` and `independent` add up
/// to `communes`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WeakBody {
    /// How many communes were asked about.
    pub communes: u64,
    /// Those whose ways share something, most people first.
    pub items: Vec<WeakItem>,
    /// How many have ways that share nothing but the centre.
    pub independent: u64,
    /// What every commune hangs on: the centre itself.
    pub centre: Vec<Carrier>,
    /// Names of those that have one way only.
    pub single: Vec<String>,
    /// Names of those of whose links nobody says what carries them.
    pub unknown: Vec<String>,
}

/// A commune whose ways share something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeakItem {
    /// Code.
    pub commune: CommuneCode,
    /// Name.
    pub commune_name: String,
    /// People, when known.
    pub people: Option<u64>,
    /// Its links: fibre and broadband.
    pub links: Vec<LinkId>,
    /// What all of its ways lead through, the nearest first: ids of links, `device/ID`, `site/ID`.
    pub shared: Vec<Carrier>,
    /// How long all of its links were down at once in the window.
    pub cut_off_ms: Millis,
}
