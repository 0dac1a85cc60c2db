//! Announced work as it is asked about.

use serde::{Deserialize, Serialize};

use crate::{MaintenanceId, Repeat, Scope, UtcMs, Window};

/// Where in time work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkState {
    /// Under way.
    On,
    /// Ahead.
    Ahead,
    /// Over, or cancelled.
    Over,
}

/// Announced work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenanceItem {
    /// Its number when it was planned by command; null when the inventory announces it.
    pub id: Option<MaintenanceId>,
    /// Whose links.
    #[serde(flatten)]
    pub scope: Scope,
    /// The name of that link, commune or group.
    pub name: String,
    /// How many links it is about.
    pub links: u64,
    /// The window under way, else the next one, else the last one.
    pub window: Window,
    /// Whether it comes again.
    pub repeat: Option<Repeat>,
    /// Where in time it is.
    pub state: WorkState,
    /// What is done.
    pub why: String,
    /// Who planned it by command.
    pub author: Option<String>,
    /// When it was planned by command.
    pub added: Option<UtcMs>,
    /// When somebody ended or cancelled it.
    pub ended: Option<UtcMs>,
}
