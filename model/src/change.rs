//! What a tick changes: decided by `gaps`, written by `store`.

use serde::{Deserialize, Serialize};

use crate::{BlindReason, Cause, LinkId, LinkState, Millis, UtcMs};

/// A link entered a state. Its open span ends at `from` and the next one begins there; `from` may lie before the tick
/// that decided it, because undecided time counts as the last decided state only until the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// Which link.
    pub link: LinkId,
    /// The state it is in from `from` on.
    pub state: LinkState,
    /// The true start.
    pub from: UtcMs,
    /// Why, for `down`.
    pub cause: Option<Cause>,
    /// Why, for `blind`.
    pub blind: Option<BlindReason>,
}

/// One change of spans or outages. A link has at most one open outage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// The link's open span ends, the next begins.
    State(Transition),
    /// An outage begins.
    OutageOpens {
        /// Which link.
        link: LinkId,
        /// From the first lost round.
        start: UtcMs,
        /// The tick that decided it.
        decided: UtcMs,
        /// What is known of the cause.
        cause: Cause,
    },
    /// More is known of the cause of the open outage; it goes on. Its open `down` span takes the cause too.
    OutageCause {
        /// Which link.
        link: LinkId,
        /// The cause.
        cause: Cause,
    },
    /// So much more of the open outage was blind.
    OutageBlind {
        /// Which link.
        link: LinkId,
        /// How much more.
        length: Millis,
    },
    /// The open outage ends.
    OutageEnds {
        /// Which link.
        link: LinkId,
        /// The first good round.
        end: UtcMs,
    },
    /// The link left the inventory: its open span and outage end.
    Leaves {
        /// Which link.
        link: LinkId,
        /// When.
        at: UtcMs,
    },
}
