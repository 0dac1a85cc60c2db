//! What became of the echoes of a round.

use phusong_model::{BlindReason, Micros};

/// What became of one echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    /// The reply came in time: the round-trip time in microseconds, never 0.
    Reply(Micros),
    /// It was sent and not answered in time.
    Lost,
    /// It was not sent, or its reply may have been dropped by our own kernel: we could not look.
    NotSent(BlindReason),
}

/// The echoes of all targets, each with as many as the plan had. One allocation, 8 bytes an echo: a list per target
/// would cost a hundred thousand targets 4 MB more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Echoes {
    targets: usize,
    per_target: usize,
    all: Vec<Echo>,
}

impl Echoes {
    /// So many targets with so many echoes each, all of them `echo`.
    #[must_use]
    pub fn all(targets: usize, per_target: usize, echo: Echo) -> Self {
        Self { targets, per_target, all: vec![echo; targets * per_target] }
    }

    /// How many targets there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.targets
    }

    /// Whether there are no targets.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.targets == 0
    }

    /// The echoes of one target, in the order they were sent; none for a target that is not there.
    #[must_use]
    pub fn of(&self, target: usize) -> &[Echo] {
        let from = target.saturating_mul(self.per_target);
        self.all.get(from..from.saturating_add(self.per_target)).unwrap_or_default()
    }

    /// The echoes of each target, in the order in which the targets were given.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[Echo]> {
        (0..self.targets).map(|target| self.of(target))
    }

    /// Every lost echo of one target is something else after all.
    pub(super) fn replace_lost(&mut self, target: usize, by: Echo) {
        let from = target.saturating_mul(self.per_target);
        let of_target = self.all.get_mut(from..from.saturating_add(self.per_target)).unwrap_or_default();
        of_target.iter_mut().filter(|echo| **echo == Echo::Lost).for_each(|echo| *echo = by);
    }

    /// Says what became of one echo; nothing happens for one that is not there.
    pub fn set(&mut self, target: usize, echo: usize, to: Echo) {
        let place = (echo < self.per_target).then(|| target * self.per_target + echo);
        if let Some(slot) = place.and_then(|place| self.all.get_mut(place)) {
            *slot = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLIND: Echo = Echo::NotSent(BlindReason::SendError);

    #[test]
    fn every_target_has_its_own_echoes() {
        let mut echoes = Echoes::all(3, 2, BLIND);
        echoes.set(1, 1, Echo::Lost);
        echoes.set(1, 2, Echo::Lost);
        echoes.set(3, 0, Echo::Lost);
        assert_eq!(echoes.iter().collect::<Vec<_>>(), [[BLIND, BLIND], [BLIND, Echo::Lost], [BLIND, BLIND]]);
        assert_eq!(echoes.of(3), []);
    }

    #[test]
    fn targets_without_echoes_are_still_targets() {
        let echoes = Echoes::all(2, 0, BLIND);
        assert_eq!(echoes.iter().map(<[Echo]>::len).collect::<Vec<_>>(), [0, 0]);
        assert!(Echoes::all(0, 5, BLIND).is_empty());
    }

    #[test]
    fn an_echo_takes_eight_bytes() {
        assert_eq!(size_of::<Echo>(), 8);
    }
}
