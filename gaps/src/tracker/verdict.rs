//! What the evidence of one tick says of one link.

use phusong_model::{BlindReason, Edge, LinkState, Worse};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is no usable evidence, for this reason if one is known.
    Blind(Option<BlindReason>),
    /// There is evidence, and it does not decide: the last decided state goes on.
    Undecided,
    /// The link has been in this state since `from`, as far as the evidence reaches.
    Decided { state: Decided, from: Edge },
}

/// A state that evidence can decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decided {
    Up,
    Degraded(Worse),
    Down,
}

impl Decided {
    pub(super) const fn state(self) -> LinkState {
        match self {
            Self::Up => LinkState::Up,
            Self::Degraded(_) => LinkState::Degraded,
            Self::Down => LinkState::Down,
        }
    }

    pub(super) const fn worse(self) -> Option<Worse> {
        match self {
            Self::Degraded(worse) => Some(worse),
            Self::Up | Self::Down => None,
        }
    }
}

impl Verdict {
    pub(super) const fn decided(state: Decided, from: Edge) -> Self {
        Self::Decided { state, from }
    }
}
