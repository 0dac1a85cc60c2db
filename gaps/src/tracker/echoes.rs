//! The last echoes of a link, round by round, and what k of n of them say.
//!
//! What the default rule does, by the binomial distribution over echoes lost independently with probability p:
//!
//! | rule | p = 1 % | p = 5 % | p = 20 % | p = 30 % |
//! |---|---|---|---|---|
//! | down: 10 of 10 lost | 10⁻²⁰ | 10⁻¹³ | 1.0 · 10⁻⁷ | 5.9 · 10⁻⁶ |
//! | degraded: at least 5 of 20 lost | 1.3 · 10⁻⁶ | 0.0026 | 0.37 | 0.76 |
//! | up again: at most 1 of 20 lost | 0.98 | 0.74 | 0.069 | 0.0076 |
//!
//! So a link with 30 % loss is soon degraded, stays so, and is called down once in 170,000 rounds. The distance between
//! the last two rows is the hysteresis: at 5 % loss a link is hardly ever called degraded and soon forgiven.

use std::collections::VecDeque;

use phusong_model::{LinkState, UtcMs, config::RuleConfig};

use super::verdict::Verdict;

/// Most echoes of one round that count, the newest ones: a bit each in a word. A round has at most 20 echoes and its
/// re-probe 20 more, so none is left out.
const ROUND_MAX: usize = 64;

/// A degraded link is up again when the loss of the whole window falls to this part of what made it degraded.
const RECOVERY_DIVISOR: u32 = 3;

#[derive(Debug, Clone, Copy)]
struct Round {
    at: UtcMs,
    sent: u32,
    /// A bit per echo, set for a reply; bit 0 is the newest.
    replies: u64,
}

impl Round {
    fn new(at: UtcMs, echoes: &[bool]) -> Self {
        let newest = echoes.iter().skip(echoes.len().saturating_sub(ROUND_MAX));
        let (sent, replies) =
            newest.fold((0, 0), |(sent, replies), reply| (sent + 1, (replies << 1) | u64::from(*reply)));
        Self { at, sent, replies }
    }

    /// Replies among the newest `count` echoes.
    const fn replies_of(self, count: u32) -> u32 {
        match count {
            0 => 0,
            1..=63 => (self.replies & ((1 << count) - 1)).count_ones(),
            _ => self.replies.count_ones(),
        }
    }

    /// Whether this round alone lost as large a part as makes a link down.
    fn is_loss(self, rule: &RuleConfig) -> bool {
        let lost = self.sent - self.replies_of(self.sent);
        lost * u32::from(rule.down_of) >= u32::from(rule.down_lost) * self.sent
    }
}

/// Of the last so many echoes, as far as they are there.
#[derive(Debug, Clone, Copy)]
struct Count {
    sent: u32,
    lost: u32,
}

/// The last echoes of a link, as many as the rule looks back at. Those from before a blind tick are forgotten: they say
/// nothing of after.
#[derive(Debug, Clone, Default)]
pub(super) struct Echoes {
    rounds: VecDeque<Round>,
}

impl Echoes {
    pub(super) fn push(&mut self, at: UtcMs, echoes: &[bool], rule: &RuleConfig) {
        self.rounds.push_back(Round::new(at, echoes));
        let wanted = u32::from(rule.down_of.max(rule.up_of).max(rule.degraded_of));
        let mut held: u32 = self.rounds.iter().map(|round| round.sent).sum();
        while let Some(oldest) = self.rounds.front() {
            held -= oldest.sent;
            if held < wanted {
                break;
            }
            self.rounds.pop_front();
        }
    }

    pub(super) fn forget(&mut self) {
        self.rounds.clear();
    }

    /// The tick of the oldest round that still counts.
    pub(super) fn oldest(&self) -> Option<UtcMs> {
        self.rounds.front().map(|round| round.at)
    }

    fn last(&self, count: u16) -> Count {
        let wanted = u32::from(count);
        let mut seen = Count { sent: 0, lost: 0 };
        for round in self.rounds.iter().rev() {
            let taken = round.sent.min(wanted - seen.sent);
            seen.sent += taken;
            seen.lost += taken - round.replies_of(taken);
        }
        seen
    }

    /// Enough of the last echoes were lost, and the newest one too.
    pub(super) fn say_down(&self, rule: &RuleConfig) -> bool {
        let (newest, seen) = (self.last(1), self.last(rule.down_of));
        newest.lost == 1 && seen.sent == u32::from(rule.down_of) && seen.lost >= u32::from(rule.down_lost)
    }

    /// Enough of the last echoes came back.
    pub(super) fn say_back(&self, rule: &RuleConfig) -> bool {
        let seen = self.last(rule.up_of);
        seen.sent - seen.lost >= u32::from(rule.up_received)
    }

    /// The tick of the first round of the newest run of rounds that are loss, or that are not; the newest round's when
    /// that is of the other sort.
    fn run_start(&self, newest: UtcMs, loss: bool, rule: &RuleConfig) -> UtcMs {
        let run = self.rounds.iter().rev().take_while(|round| round.is_loss(rule) == loss);
        run.last().map_or(newest, |round| round.at)
    }

    /// What the echoes say of a link that was `decided` before; the newest round has just been pushed.
    ///
    /// Down and its end have sharp edges: they count from the first round of the run that shows them. Degraded and its
    /// end have none and count from the round that decided them. A round that is lost altogether decides nothing
    /// between up and degraded: it may be the beginning of an outage.
    pub(super) fn judge(&mut self, rule: &RuleConfig, decided: Option<LinkState>) -> Verdict {
        let (Some(newest), Some(oldest)) = (self.rounds.back().copied(), self.oldest()) else {
            return Verdict::Undecided;
        };
        if self.say_down(rule) {
            let from = self.run_start(newest.at, true, rule);
            self.forget();
            return Verdict::decided(LinkState::Down, from);
        }
        let was_down = decided == Some(LinkState::Down);
        if was_down {
            if !self.say_back(rule) {
                return Verdict::decided(LinkState::Down, oldest);
            }
            let end = self.run_start(newest.at, false, rule);
            // What the outage lost is no loss of the time after it.
            self.rounds.retain(|round| round.at >= end);
        } else if newest.is_loss(rule) {
            return Verdict::Undecided;
        }
        let seen = self.last(rule.degraded_of);
        let recovered =
            seen.sent == u32::from(rule.degraded_of) && seen.lost * RECOVERY_DIVISOR <= u32::from(rule.degraded_lost);
        let from = if was_down { self.oldest().unwrap_or(newest.at) } else { newest.at };
        if seen.lost >= u32::from(rule.degraded_lost) || (decided == Some(LinkState::Degraded) && !recovered) {
            Verdict::decided(LinkState::Degraded, from)
        } else if self.say_back(rule) {
            Verdict::decided(LinkState::Up, from)
        } else {
            Verdict::Undecided
        }
    }
}
