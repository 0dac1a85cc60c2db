//! Whether a group can meet: which of its endpoints are fit, which are not, and why.

use serde::{Deserialize, Serialize};

use crate::{BlindReason, Carrier, CommuneCode, Contact, GroupId, LinkId, LinkKind, Millis, Operator, UtcMs, Worse};

/// How long a meeting lasts when nobody says.
pub const MEETING_LENGTH: Millis = Millis::from_secs(2 * 3600);

/// How fit a link is for a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fitness {
    /// It does not work, or is worked on now and then still will be.
    Unfit,
    /// It could not be looked at.
    Unknown,
    /// It works, and something says that it may not do so for long.
    AtRisk,
    /// Nothing speaks against it.
    Fit,
}

impl Fitness {
    /// All of them, the gravest first.
    pub const ALL: [Self; 4] = [Self::Unfit, Self::Unknown, Self::AtRisk, Self::Fit];

    /// The id that JSON and CSV use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Unfit => "unfit",
            Self::Unknown => "unknown",
            Self::AtRisk => "at-risk",
            Self::Fit => "fit",
        }
    }
}

/// Numbers of links by fitness.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FitnessCounts {
    /// Not fit.
    pub unfit: u64,
    /// Cannot be told.
    pub unknown: u64,
    /// At risk.
    pub at_risk: u64,
    /// Fit.
    pub fit: u64,
}

impl FitnessCounts {
    /// Counts one more link.
    pub fn add(&mut self, fitness: Fitness) {
        let slot = match fitness {
            Fitness::Unfit => &mut self.unfit,
            Fitness::Unknown => &mut self.unknown,
            Fitness::AtRisk => &mut self.at_risk,
            Fitness::Fit => &mut self.fit,
        };
        *slot += 1;
    }

    /// How many are so fit.
    #[must_use]
    pub const fn of(self, fitness: Fitness) -> u64 {
        match fitness {
            Fitness::Unfit => self.unfit,
            Fitness::Unknown => self.unknown,
            Fitness::AtRisk => self.at_risk,
            Fitness::Fit => self.fit,
        }
    }
}

/// Whether a group can meet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadyBody {
    /// Which group.
    pub group: GroupId,
    /// When the meeting begins.
    pub at: UtcMs,
    /// When it ends.
    pub until: UtcMs,
    /// How many links of the group were asked about, without its platforms: the counts of `counts` add up to it, and so do
    /// those of `own`.
    pub links: u64,
    /// With the platforms that all need: while one is not fit, no link is; while one cannot be judged, none can that is not
    /// unfit by itself.
    pub counts: FitnessCounts,
    /// Each link by itself, whatever the platforms do. `items` have this fitness.
    pub own: FitnessCounts,
    /// Of the platforms that all need those that are not fit, cannot be judged or are at risk; the gravest first.
    pub platforms: Vec<ReadyItem>,
    /// How many platforms all need: those that the group has, or, when it has none, all that there are.
    pub platforms_total: u64,
    /// The links: unfit ones first, then those that cannot be judged, those at risk, and those that are fit.
    pub items: Vec<ReadyItem>,
}

/// A link, judged for a meeting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadyItem {
    /// Id.
    pub link: LinkId,
    /// Name.
    pub name: String,
    /// What it is for.
    pub kind: LinkKind,
    /// Code of its commune.
    pub commune: Option<CommuneCode>,
    /// Name of its commune.
    pub commune_name: Option<String>,
    /// Who runs it.
    pub operator: Option<Operator>,
    /// How fit it is.
    pub fitness: Fitness,
    /// Since when it has not been fit; null where it is fit or nothing began yet.
    pub since: Option<UtcMs>,
    /// What speaks against it, the gravest first.
    pub reasons: Vec<ReadyReason>,
    /// Whom to call: of the link, or, when it names nobody, of what carries it and is down.
    pub contact: Contact,
}

/// What speaks against a link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum ReadyReason {
    /// It is down.
    Down {
        /// Id of the cause.
        cause: String,
        /// What carries it and is the cause, when that is.
        carrier: Option<Carrier>,
    },
    /// It is in maintenance now.
    InMaintenance {
        /// Until when, when that is announced.
        until: Option<UtcMs>,
        /// What is done.
        work: Option<String>,
    },
    /// It could not be looked at.
    Blind {
        /// Why, when that is known.
        blind: Option<BlindReason>,
    },
    /// It works worse than it should.
    Degraded {
        /// What is worse.
        worse: Option<Worse>,
    },
    /// It goes down and up again and again.
    Flapping,
    /// It was down lately, in the window of the answer.
    LatelyDown {
        /// From when.
        start: UtcMs,
        /// Until when.
        end: UtcMs,
    },
    /// In the last round more got lost than usual.
    Loss {
        /// Echoes sent.
        sent: u16,
        /// Echoes lost.
        lost: u16,
    },
    /// In the last round replies took longer than usual.
    Delay {
        /// Median round trip of the last round in ms.
        rtt_ms: f64,
        /// What is usual in ms.
        usual_ms: f64,
    },
    /// Work is announced that overlaps the meeting.
    Work {
        /// On what: itself, or what carries it.
        on: LinkId,
        /// From when.
        from: UtcMs,
        /// Until when.
        until: UtcMs,
        /// What is done.
        work: String,
    },
    /// A link that carries it, near or far, is down, though this one answers.
    CarrierDown {
        /// Which.
        carrier: LinkId,
    },
    /// A link that carries it, near or far, is degraded.
    CarrierDegraded {
        /// Which.
        carrier: LinkId,
    },
}
