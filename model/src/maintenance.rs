//! Announced work on links.

use serde::{Deserialize, Serialize};

use crate::{LinkId, Window};

/// Announced work on a link, once. While it lasts the link's time is *maintenance*, whatever the probes see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintenance {
    /// Which link.
    pub link: LinkId,
    /// When; never empty.
    pub window: Window,
    /// What is done, or who announced it where.
    pub why: String,
}
