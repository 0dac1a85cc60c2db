//! What is known of one link or one outage beyond what every answer rests on. It is read from the store only when somebody
//! asks for it: it takes longer, and no list needs it.

use crate::{Dbm, LinkId, Micros, OutageId, Probe, Revision, UtcMs, Window};

/// What is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloseUpOf {
    /// How a link was looked at over the window, and the light it received lately.
    Link(LinkId),
    /// The verdicts on an outage, and how its link was looked at meanwhile.
    Outage(OutageId, LinkId),
    /// How every link was looked at, over the window as a whole.
    Everything,
}

/// What looks at a link by one probe came to, from one instant to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looks {
    /// The link.
    pub link: LinkId,
    /// How it was looked at.
    pub probe: Probe,
    /// From when to when.
    pub window: Window,
    /// Looks that told something.
    pub measured: u64,
    /// Looks that could not look.
    pub blind: u64,
    /// Echoes or requests that were sent.
    pub sent: u64,
    /// How many of them were not answered in time.
    pub lost: u64,
    /// Round-trip times of what came back; none when nothing did.
    pub rtt: Option<LookTimes>,
}

impl Looks {
    /// The middle of the time they were taken in: where a minute is divided, it belongs to the side that has most of it.
    #[must_use]
    pub const fn middle(&self) -> UtcMs {
        UtcMs(i64::midpoint(self.window.from.0, self.window.to.0))
    }
}

/// Round-trip times of many looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookTimes {
    /// The shortest.
    pub min: Micros,
    /// The median of the looks' medians.
    pub median: Micros,
    /// Their 95th percentile.
    pub p95: Micros,
    /// The longest.
    pub max: Micros,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CloseUp {
    /// What was thought of the cause, oldest first.
    pub verdicts: Vec<Revision>,
    /// Looks, by time; of everything one entry for each link and probe.
    pub looks: Vec<Looks>,
    /// Received light over the last thirty days, some readings of each day, oldest first.
    pub light: Vec<(UtcMs, Dbm)>,
    /// Until when looks are counted: the newest minutes of everything are not added up yet.
    pub counted_until: Option<UtcMs>,
}
