//! All about one outage.

use serde::{Deserialize, Serialize};

use super::{EventItem, OutageItem};
use crate::{
    Ack, BlindReason, Carrier, Clue, CommuneCode, Confidence, LinkId, LinkState, Millis, NotificationItem, Probe,
    UtcMs, Worse,
};

/// All about one outage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutageBody {
    /// The outage itself.
    pub outage: OutageItem,
    /// The event that it is a part of.
    pub event: EventItem,
    /// What happened, oldest first.
    pub timeline: Vec<Moment>,
    /// What was thought of its cause, oldest first; the last one counts.
    pub verdicts: Vec<VerdictItem>,
    /// How its link was looked at while it lasted.
    pub tried: Vec<TriedItem>,
    /// The communes that it is felt in, most people first.
    pub affected: Vec<AffectedItem>,
}

/// What was thought of a cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerdictItem {
    /// Since when.
    pub at: UtcMs,
    /// Id of the cause.
    pub cause: String,
    /// What carries the link and is the cause, when that is: the id of a link, `device/ID` or `site/ID`.
    pub carrier: Option<Carrier>,
    /// How sure.
    pub confidence: Confidence,
    /// What it rested on, the weightiest first.
    pub evidence: Vec<Clue>,
}

/// Looks by one probe while an outage lasted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TriedItem {
    /// How.
    pub probe: Probe,
    /// Looks that told something.
    pub looks: u64,
    /// Looks that could not look.
    pub blind: u64,
    /// Echoes or requests that were sent.
    pub sent: u64,
    /// How many of them were not answered in time.
    pub lost: u64,
}

/// A commune in which an outage is felt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AffectedItem {
    /// Code.
    pub commune: CommuneCode,
    /// Name.
    pub commune_name: String,
    /// People, when known.
    pub people: Option<u64>,
    /// Its links that are parts of the event.
    pub links: Vec<LinkId>,
    /// Its fibre and broadband links that work all the same, as they are now.
    pub working: Vec<LinkId>,
    /// Those that could not be looked at: they may work or not.
    pub unseen: Vec<LinkId>,
}

/// Something that happened, at an instant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// When.
    pub at: UtcMs,
    /// The true instant lies no further from `at` than this.
    pub error_ms: Millis,
    /// What.
    #[serde(flatten)]
    pub what: Happening,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum Happening {
    /// The link fell silent.
    Began,
    /// It was decided that the link is down.
    Decided,
    /// The link came back.
    Ended,
    /// The link was found in another state, before, within or after the outage.
    State {
        /// Which.
        state: LinkState,
        /// Why we could not look.
        blind: Option<BlindReason>,
        /// What is worse than usual.
        worse: Option<Worse>,
    },
    /// Other links of the event fell silent at the same second.
    OthersBegan {
        /// Which.
        links: Vec<LinkId>,
    },
    /// Other links of the event came back at the same second.
    OthersEnded {
        /// Which.
        links: Vec<LinkId>,
    },
    /// Something was seen that bears on the cause.
    Seen {
        /// What.
        clue: Clue,
    },
    /// The cause was judged, or judged anew.
    Judged {
        /// Id of the cause.
        cause: String,
        /// What carries the link and is the cause, when that is.
        carrier: Option<Carrier>,
        /// How sure.
        confidence: Confidence,
    },
    /// People were told.
    Told {
        /// The message, with what became of it.
        message: NotificationItem,
    },
    /// Somebody took notice.
    Acknowledged {
        /// Who, and what he says.
        ack: Ack,
    },
}
