//! What one tick saw of one link, as the tracker takes it.

use phusong_model::{BlindReason, IfStatus, LinkId};

/// What one tick saw of one link. Neither part is there for a link that was not looked at in this tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Which link.
    pub link: LinkId,
    /// What ICMP saw; `None` when the link is not pinged. Of a link with a service, what the attempts at the service saw:
    /// they stand where the echoes would, since a platform that answers pings and nothing else is down for its users.
    pub icmp: Option<IcmpLook>,
    /// What SNMP saw; only in the tick in which a poll of the link's device ended.
    pub snmp: Option<SnmpLook>,
}

/// What ICMP, or the probe of its service, saw of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IcmpLook {
    /// One entry per echo in the order they were sent, re-probe included: whether a reply came in time.
    Echoes(Vec<bool>),
    /// A service that is asked more rarely than ticks come: nothing new, and all that was known still holds.
    NotDue,
    /// We could not look.
    Blind(BlindReason),
}

/// How a poll of the link's device ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnmpLook {
    /// The device answered; this is the `ifOperStatus` of the link's interface.
    Interface(IfStatus),
    /// The device did not answer.
    Unanswered,
}
