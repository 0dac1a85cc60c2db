//! What the polls of a link's device said, and how long that counts.

use phusong_model::{Edge, IfStatus, Millis, UtcMs};

use crate::SnmpLook;

/// The last polls of a link's device.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Polls {
    /// The last answer and when it came.
    answer: Option<(IfStatus, UtcMs)>,
    /// When what it says began: the first poll in a row that said so, and the last one before that said otherwise.
    since: Option<Edge>,
    /// Polls without answer since then, and when that began.
    silent: Option<(u16, Edge)>,
    /// When the last poll ended, answered or not.
    ended: Option<UtcMs>,
}

/// What they say now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says {
    /// The interface is down since then.
    InterfaceDown(Edge),
    /// The interface is up since then.
    InterfaceUp(Edge),
    /// So many polls in a row had no answer since then.
    Silent(u16, Edge),
    /// The device answers, and the interface is neither up nor down.
    Undecided,
    /// No poll is young enough to count.
    Nothing,
}

impl Polls {
    pub(super) fn take(&mut self, look: SnmpLook, at: UtcMs) {
        let before = self.ended.replace(at);
        let began = before.map_or(Edge::sharp(at), |before| Edge::between(before, at));
        match look {
            SnmpLook::Interface(status) => {
                let same = self.silent.is_none()
                    && self.answer.is_some_and(|(last, _)| {
                        (is_down(last), last == IfStatus::Up) == (is_down(status), status == IfStatus::Up)
                    });
                if !same {
                    self.since = Some(began);
                }
                self.answer = Some((status, at));
                self.silent = None;
            }
            SnmpLook::Unanswered => {
                let (count, first) = self.silent.unwrap_or((0, began));
                self.silent = Some((count.saturating_add(1), first));
            }
        }
    }

    /// Silence from before a blind tick does not add up with silence after it.
    pub(super) fn forget_silence(&mut self) {
        self.silent = None;
    }

    /// Nobody looked for a while: what is found next may have begun at any time in it, and the tick that finds it is what
    /// we can vouch for.
    pub(super) fn forget_edges(&mut self) {
        self.forget_silence();
        (self.ended, self.since) = (None, None);
    }

    /// An interface that an earlier poll found down has since shown that it is not.
    pub(super) fn forget_down_before(&mut self, at: UtcMs) {
        self.answer = self.answer.filter(|(status, polled)| !is_down(*status) || *polled >= at);
    }

    pub(super) fn say(&self, now: UtcMs, stale_after: Millis) -> Says {
        let fresh = |at: UtcMs| now.since(at) <= stale_after;
        let answer = self.answer.filter(|(_, at)| fresh(*at));
        let since = |at| self.since.unwrap_or(Edge::sharp(at));
        match (answer, self.silent, self.ended.filter(|at| fresh(*at))) {
            (Some((status, at)), _, _) if is_down(status) => Says::InterfaceDown(since(at)),
            (_, Some((count, first)), Some(_)) => Says::Silent(count, first),
            (Some((IfStatus::Up, at)), None, _) => Says::InterfaceUp(since(at)),
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
