//! What the polls of a link's device said, and how long that counts.

use phusong_model::{IfStatus, Millis, UtcMs};

use crate::SnmpLook;

/// The last polls of a link's device.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Polls {
    /// The last answer and when it came.
    answer: Option<(IfStatus, UtcMs)>,
    /// Polls without answer since then, and the first of them.
    silent: Option<(u16, UtcMs)>,
    /// When the last poll ended, answered or not.
    ended: Option<UtcMs>,
}

/// What they say now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// The interface is down, as of then.
    InterfaceDown(UtcMs),
    /// The interface is up, as of then.
    InterfaceUp(UtcMs),
    /// So many polls in a row had no answer, the first of them then.
    Silent(u16, UtcMs),
    /// The device answers, and the interface is neither up nor down.
    Undecided,
    /// No poll is young enough to count.
    Nothing,
}

impl Polls {
    pub(super) fn take(&mut self, look: SnmpLook, at: UtcMs) {
        self.ended = Some(at);
        match look {
            SnmpLook::Interface(status) => {
                self.answer = Some((status, at));
                self.silent = None;
            }
            SnmpLook::Unanswered => {
                let (count, first) = self.silent.unwrap_or((0, at));
                self.silent = Some((count.saturating_add(1), first));
            }
        }
    }

    /// Silence from before a blind tick does not add up with silence after it.
    pub(super) fn forget_silence(&mut self) {
        self.silent = None;
    }

    /// An interface that an earlier poll found down has since shown that it is not.
    pub(super) fn forget_down_before(&mut self, at: UtcMs) {
        self.answer = self.answer.filter(|(status, polled)| !is_down(*status) || *polled >= at);
    }

    pub(super) fn say(&self, now: UtcMs, stale_after: Millis) -> Says {
        let fresh = |at: UtcMs| now.since(at) <= stale_after;
        let answer = self.answer.filter(|(_, at)| fresh(*at));
        match (answer, self.silent, self.ended.filter(|at| fresh(*at))) {
            (Some((status, at)), _, _) if is_down(status) => Says::InterfaceDown(at),
            (_, Some((count, first)), Some(_)) => Says::Silent(count, first),
            (Some((IfStatus::Up, at)), None, _) => Says::InterfaceUp(at),
            (Some(_), None, _) => Says::Undecided,
            (None, None, _) | (_, Some(_), None) => Says::Nothing,
        }
    }
}

const fn is_down(status: IfStatus) -> bool {
    match status {
        IfStatus::Down | IfStatus::LowerLayerDown | IfStatus::NotPresent => true,
        IfStatus::Up | IfStatus::Testing | IfStatus::Unknown | IfStatus::Dormant => false,
    }
}
