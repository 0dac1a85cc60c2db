//! What one tick saw of one link, as the tracker takes it.

use phusong_model::{BlindReason, DeviceId, IfReading, IfStatus, LinkId, Micros, Millis, SensorReading};

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

/// What became of one echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EchoSeen {
    /// How long after the instant of its tick it was sent.
    pub after: Millis,
    /// Its round-trip time, when a reply came in time.
    pub rtt: Option<Micros>,
}

impl EchoSeen {
    pub(crate) const fn came_back(&self) -> bool {
        self.rtt.is_some()
    }
}

/// What ICMP, or the probe of its service, saw of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IcmpLook {
    /// One entry per echo in the order they were sent, re-probe included.
    Echoes(Vec<EchoSeen>),
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

/// What a device said since the tick before.
#[derive(Debug, Clone, PartialEq)]
pub struct DeviceLook {
    /// Which device.
    pub device: DeviceId,
    /// Whether it answered.
    pub answer: DeviceAnswer,
    /// Its interfaces.
    pub readings: Vec<IfReading>,
    /// Its sensors, those of this poll.
    pub sensors: Vec<SensorReading>,
}

/// How a poll of a device ended. A poll that our own side could not send is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceAnswer {
    /// It answered, and has been up so long by its `sysUpTime`.
    Answered {
        /// `sysUpTime`.
        uptime: Option<Millis>,
    },
    /// It did not answer.
    Silent,
}
