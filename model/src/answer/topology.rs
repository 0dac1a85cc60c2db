//! What hangs on what, and the ways from a link to the centre.

use serde::{Deserialize, Serialize};

use super::StateCounts;
use crate::{BlindReason, Carrier, LinkId, LinkKind, LinkState, SiteKind, UtcMs, Worse};

/// What a node of the topology is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "what")]
pub enum NodeKind {
    /// A link.
    Link {
        /// What it is for.
        kind: LinkKind,
    },
    /// A device that SNMP asks.
    Device,
    /// A site.
    Site {
        /// What it is.
        site: SiteKind,
    },
}

/// A link, a device or a site, with its state as far as anybody knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeItem {
    /// The id of a link, `device/ID` or `site/ID`.
    pub node: Carrier,
    /// What it is.
    #[serde(flatten)]
    pub kind: NodeKind,
    /// Its name.
    pub name: String,
    /// Name of its commune.
    pub commune_name: Option<String>,
    /// Its state: of a link as it is decided, of a site by its backhaul, else by the operator's report; null where nothing
    /// tells, as of a device.
    pub state: Option<LinkState>,
    /// Since when a link is in it.
    pub since: Option<UtcMs>,
    /// Id of the cause of a link that is down.
    pub cause: Option<String>,
    /// What carries it and is the cause, when that is.
    pub carrier: Option<Carrier>,
    /// Why a link could not be looked at.
    pub blind: Option<BlindReason>,
    /// What is worse about a degraded link.
    pub worse: Option<Worse>,
    /// When its operator reported the state of a site, if it rests on that.
    pub reported_at: Option<UtcMs>,
}

/// What hangs on what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TreeBody {
    /// Branches where all is well are to be shown too.
    pub all: bool,
    /// The links among the nodes by state.
    pub links: StateCounts,
    /// Nodes, each once, what carries others before these; links first, then devices, then sites, in the order of the
    /// inventory.
    pub nodes: Vec<TreeNode>,
}

/// A node of the tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TreeNode {
    /// The node.
    #[serde(flatten)]
    pub item: NodeItem,
    /// What carries it. Nothing: it is at the centre, or nobody says.
    pub carriers: Vec<Carrier>,
    /// It, or something that hangs on it, near or far, is degraded, down, blind or in maintenance.
    pub troubled: bool,
    /// It carries itself by way of others, or hangs on what does; no inventory may say so.
    pub circle: bool,
}

/// The ways from a link to the centre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PathBody {
    /// The link.
    pub link: LinkId,
    /// Its name.
    pub name: String,
    /// How many ways there are.
    pub ways_total: u64,
    /// How many of them are whole.
    #[serde(default)]
    pub whole: u64,
    /// Of how many nobody knows. The others are broken.
    #[serde(default)]
    pub unclear: u64,
    /// Ways that are whole first, then those of which nobody knows, then those that are broken; of each the shortest first.
    /// Of very many not all.
    pub ways: Vec<PathWay>,
}

/// A way from a link to the centre.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PathWay {
    /// Whether it can be used.
    pub state: WayState,
    /// Where it breaks: of the links on it that are down, the one nearest to the centre.
    pub breaks_at: Option<Carrier>,
    /// From the link to the centre.
    pub hops: Vec<NodeItem>,
}

/// Whether a way can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WayState {
    /// All of its links work.
    Whole,
    /// None of its links is down, and one could not be seen or is in maintenance.
    Unclear,
    /// One of its links is down.
    Broken,
}

impl WayState {
    /// The id that JSON and CSV use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Unclear => "unclear",
            Self::Broken => "broken",
        }
    }
}
