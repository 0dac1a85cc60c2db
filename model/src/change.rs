//! What a tick changes: decided by `gaps`, written by `store`.

use serde::{Deserialize, Serialize};

use crate::{
    BlindReason, Cause, Edge, Event, EventId, LinkId, LinkState, Millis, OutageId, Usual, UtcMs, Verdict, Worse,
};

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
    /// What is worse, for `degraded`.
    pub worse: Option<Worse>,
}

/// One change of spans, outages or events. A link has at most one open outage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// The link's open span ends, the next begins.
    State(Transition),
    /// An outage begins; it is an event of its own until it joins another.
    OutageOpens {
        /// Its number; no other has it.
        id: OutageId,
        /// Which link.
        link: LinkId,
        /// From the first loss.
        start: Edge,
        /// The tick that decided it.
        decided: UtcMs,
        /// What is known of the cause.
        verdict: Verdict,
    },
    /// More is known of the cause of an outage, be it open or over. The open `down` span of an open one takes it too.
    OutageVerdict {
        /// Which outage.
        id: OutageId,
        /// Of which link.
        link: LinkId,
        /// When it was reached.
        at: UtcMs,
        /// The verdict.
        verdict: Verdict,
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
        /// With the first reply.
        end: Edge,
    },
    /// An outage is a part of that event.
    OutageJoins {
        /// Which outage.
        id: OutageId,
        /// Of which link.
        link: LinkId,
        /// The event.
        event: EventId,
    },
    /// What is known of an event.
    Event(Event),
    /// What is usual for a link by now.
    Usual {
        /// Which link.
        link: LinkId,
        /// What was learned.
        usual: Usual,
    },
    /// The link left the inventory: its open span and outage end.
    Leaves {
        /// Which link.
        link: LinkId,
        /// When.
        at: UtcMs,
    },
}
