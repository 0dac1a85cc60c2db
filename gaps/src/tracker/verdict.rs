//! What the evidence of one tick says of one link.

use phusong_model::{BlindReason, Edge, LinkState};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is no usable evidence, for this reason if one is known.
    Blind(Option<BlindReason>),
    /// There is evidence, and it does not decide: the last decided state goes on.
    Undecided,
    /// The link has been in this state since `from`, as far as the evidence reaches.
    Decided { state: LinkState, from: Edge },
}

impl Verdict {
    pub(super) const fn decided(state: LinkState, from: Edge) -> Self {
        Self::Decided { state, from }
    }
}
