//! What a link was in, and for how long.

use serde::{Deserialize, Serialize};

use crate::{BlindReason, Cause, LinkId, Micros, Millis, UtcMs, Window};

/// The five states of a link. They are exclusive and together fill all time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkState {
    /// Works.
    Up,
    /// Works, but worse than it should.
    Degraded,
    /// Does not work.
    Down,
    /// We could not look.
    Blind,
    /// Work on it was announced.
    Maintenance,
}

impl LinkState {
    /// All states, in the order they are shown.
    pub const ALL: [Self; 5] = [Self::Up, Self::Degraded, Self::Down, Self::Blind, Self::Maintenance];

    /// All states, what people have to know of first.
    pub const WORST_FIRST: [Self; 5] = [Self::Down, Self::Degraded, Self::Blind, Self::Maintenance, Self::Up];

    /// The id that files and JSON use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::Blind => "blind",
            Self::Maintenance => "maintenance",
        }
    }

    /// The number in series and store: 0 down, 1 degraded, 2 up, 3 blind, 4 maintenance.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Down => 0,
            Self::Degraded => 1,
            Self::Up => 2,
            Self::Blind => 3,
            Self::Maintenance => 4,
        }
    }

    /// The state behind [`LinkState::code`].
    #[must_use]
    pub const fn from_code(code: i64) -> Option<Self> {
        match code {
            0 => Some(Self::Down),
            1 => Some(Self::Degraded),
            2 => Some(Self::Up),
            3 => Some(Self::Blind),
            4 => Some(Self::Maintenance),
            _ => None,
        }
    }

    /// Whether people can use the link: up or degraded.
    #[must_use]
    pub const fn works(self) -> bool {
        matches!(self, Self::Up | Self::Degraded)
    }
}

/// What is worse than usual about a degraded link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Worse {
    /// More gets lost.
    Loss,
    /// Replies take longer.
    Delay,
}

impl Worse {
    /// The id that JSON, CSV and InfluxDB use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Delay => "delay",
        }
    }
}

/// What is usual for a link, learned from itself while it was up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Usual {
    /// Half of the rounds had a median round trip of no more than this.
    pub rtt: Micros,
    /// Nine of ten had.
    pub rtt_high: Micros,
    /// Share of echoes that get lost, between 0 and 1; none while too little was learned.
    pub loss: Option<f64>,
    /// From how many rounds the round trips were learned.
    pub rounds: u32,
}

/// A stretch of one state of one link, half open; `to` is `None` while it lasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Whose.
    pub link: LinkId,
    /// In which state.
    pub state: LinkState,
    /// From when, inside.
    pub from: UtcMs,
    /// Until when, outside.
    pub to: Option<UtcMs>,
    /// Why, for `down`.
    pub cause: Option<Cause>,
    /// Why, for `blind`.
    pub blind: Option<BlindReason>,
    /// What is worse, for `degraded`.
    pub worse: Option<Worse>,
}

/// How long a link was in each state inside a window. The five add up to the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateTimes {
    /// Time up.
    pub up: Millis,
    /// Time degraded.
    pub degraded: Millis,
    /// Time down.
    pub down: Millis,
    /// Time we could not look.
    pub blind: Millis,
    /// Time in announced maintenance.
    pub maintenance: Millis,
}

impl StateTimes {
    /// Adds time to a state.
    pub fn add(&mut self, state: LinkState, length: Millis) {
        let slot = match state {
            LinkState::Up => &mut self.up,
            LinkState::Degraded => &mut self.degraded,
            LinkState::Down => &mut self.down,
            LinkState::Blind => &mut self.blind,
            LinkState::Maintenance => &mut self.maintenance,
        };
        *slot = *slot + length;
    }

    /// All time together.
    #[must_use]
    pub fn total(self) -> Millis {
        [self.up, self.degraded, self.down, self.blind, self.maintenance].into_iter().sum()
    }

    /// (up + degraded) / (up + degraded + down); `None` when the link was never looked at.
    #[must_use]
    pub fn availability(self) -> Option<f64> {
        let works = (self.up + self.degraded).0 as f64;
        let looked = works + self.down.0 as f64;
        (looked > 0.0).then(|| works / looked)
    }

    /// 1 − down / all time; `None` for an empty window.
    #[must_use]
    pub fn not_down(self) -> Option<f64> {
        let total = self.total().0 as f64;
        (total > 0.0).then(|| 1.0 - self.down.0 as f64 / total)
    }

    /// Share of the time in which we could not look; 0 for an empty window.
    #[must_use]
    pub fn blind_share(self) -> f64 {
        let total = self.total().0 as f64;
        if total > 0.0 { self.blind.0 as f64 / total } else { 0.0 }
    }
}

impl std::ops::Add for StateTimes {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            up: self.up + other.up,
            degraded: self.degraded + other.degraded,
            down: self.down + other.down,
            blind: self.blind + other.blind,
            maintenance: self.maintenance + other.maintenance,
        }
    }
}

impl std::iter::Sum for StateTimes {
    fn sum<I: Iterator<Item = Self>>(times: I) -> Self {
        times.fold(Self::default(), |a, b| a + b)
    }
}

impl Span {
    /// The part of the span that lies in `window`; an open span lasts to the window's end.
    #[must_use]
    pub fn within(&self, window: Window) -> Window {
        Window::new(self.from, self.to.unwrap_or(window.to)).intersect(window)
    }
}
