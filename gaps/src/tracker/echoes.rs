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
//! the last two rows is the hysteresis: at 5 % loss a link is hardly ever called degraded and soon forgiven. Once the link's
//! usual loss is known, it decides how many lost echoes are too many (`baseline.rs`).
//!
//! A link is degraded too when more than half of the same echoes came back slower than its usual, and recovers when no
//! more than a quarter did: the median of twenty round trips, which one late reply does not move.

use std::collections::VecDeque;

use phusong_model::{Edge, Micros, Millis, UtcMs, Worse, config::RuleConfig};

use super::verdict::{Decided, Verdict};
use crate::EchoSeen;

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
    /// A bit per echo, set for a reply that was slow.
    slow: u64,
    edges: Edges,
}

/// When echoes of a round that lie at an edge were sent, in milliseconds after its tick.
#[derive(Debug, Clone, Copy, Default)]
struct Edges {
    first_reply: Option<u32>,
    last_reply: Option<u32>,
    /// The last loss before the first reply.
    lost_before: Option<u32>,
    /// The first loss after the last reply.
    lost_after: Option<u32>,
    last_lost: Option<u32>,
}

impl Edges {
    fn of(echoes: &[EchoSeen]) -> Self {
        let mut edges = Self::default();
        for echo in echoes {
            let sent = Some(u32::try_from(echo.after.0).unwrap_or(0));
            if echo.came_back() {
                if edges.first_reply.is_none() {
                    (edges.first_reply, edges.lost_before) = (sent, edges.last_lost);
                }
                (edges.last_reply, edges.lost_after) = (sent, None);
            } else {
                edges.last_lost = sent;
                edges.lost_after = edges.lost_after.or(sent);
            }
        }
        edges
    }
}

impl Round {
    fn new(at: UtcMs, echoes: &[EchoSeen], slow_above: Option<Micros>) -> Self {
        let newest = echoes.get(echoes.len().saturating_sub(ROUND_MAX)..).unwrap_or_default();
        let bits =
            |is: &dyn Fn(&EchoSeen) -> bool| newest.iter().fold(0, |bits, echo| (bits << 1) | u64::from(is(echo)));
        let is_slow = |echo: &EchoSeen| echo.rtt.zip(slow_above).is_some_and(|(rtt, limit)| rtt > limit);
        let sent = u32::try_from(newest.len()).unwrap_or(u32::MAX);
        Self { at, sent, replies: bits(&EchoSeen::came_back), slow: bits(&is_slow), edges: Edges::of(newest) }
    }

    fn instant(&self, after: Option<u32>) -> Option<UtcMs> {
        after.map(|after| self.at.plus(Millis(i64::from(after))))
    }

    /// Replies among the newest `count` echoes.
    const fn replies_of(self, count: u32) -> u32 {
        newest_of(self.replies, count)
    }

    /// Forgets what was lost before the first reply.
    const fn begin_with_reply(&mut self) {
        self.sent = u64::BITS - self.replies.leading_zeros();
    }

    /// Whether most of what came back in this round alone was slow.
    const fn is_slow(self) -> bool {
        self.slow.count_ones() * 2 > self.replies.count_ones()
    }

    /// Whether this round alone lost as large a part as makes a link down.
    fn is_loss(self, rule: &RuleConfig) -> bool {
        let lost = self.sent - self.replies_of(self.sent);
        lost * u32::from(rule.down_of) >= u32::from(rule.down_lost) * self.sent
    }
}

/// Bits set among the newest `count`.
const fn newest_of(bits: u64, count: u32) -> u32 {
    match count {
        0 => 0,
        1..=63 => (bits & ((1 << count) - 1)).count_ones(),
        _ => bits.count_ones(),
    }
}

/// Of the last so many echoes, as far as they are there.
#[derive(Debug, Clone, Copy)]
struct Count {
    sent: u32,
    lost: u32,
    slow: u32,
}

/// The last echoes of a link, as many as the rule looks back at. Those from before a blind tick are forgotten: they say
/// nothing of after.
#[derive(Debug, Clone, Default)]
pub(super) struct Echoes {
    rounds: VecDeque<Round>,
    /// The newest reply, and the newest loss, of rounds that are not kept any more.
    replied: Option<UtcMs>,
    lost: Option<UtcMs>,
}

impl Echoes {
    /// Takes a round; a reply is slow `slow_above` the usual of the link, if that is known.
    pub(super) fn push(&mut self, at: UtcMs, echoes: &[EchoSeen], rule: &RuleConfig, slow_above: Option<Micros>) {
        self.rounds.push_back(Round::new(at, echoes, slow_above));
        let wanted = u32::from(rule.down_of.max(rule.up_of).max(rule.degraded_of));
        let mut held: u32 = self.rounds.iter().map(|round| round.sent).sum();
        while let Some(oldest) = self.rounds.front() {
            held -= oldest.sent;
            if held < wanted {
                break;
            }
            self.drop_before(1);
        }
    }

    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Keeps of all rounds only when the last loss was: what came back does not count.
    pub(super) fn forget_replies(&mut self) {
        self.drop_before(self.rounds.len());
        self.replied = None;
    }

    /// Drops the oldest rounds and keeps of them when the last reply and the last loss were.
    fn drop_before(&mut self, count: usize) {
        for round in self.rounds.drain(..count.min(self.rounds.len())) {
            self.replied = round.instant(round.edges.last_reply).or(self.replied);
            self.lost = round.instant(round.edges.last_lost).or(self.lost);
        }
    }

    /// The tick of the oldest round that still counts.
    pub(super) fn oldest(&self) -> Option<UtcMs> {
        self.rounds.front().map(|round| round.at)
    }

    fn last(&self, count: u16) -> Count {
        let wanted = u32::from(count);
        let mut seen = Count { sent: 0, lost: 0, slow: 0 };
        for round in self.rounds.iter().rev() {
            let taken = round.sent.min(wanted - seen.sent);
            seen.sent += taken;
            seen.lost += taken - round.replies_of(taken);
            seen.slow += newest_of(round.slow, taken);
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

    /// How many rounds come before the newest run of rounds that are loss, or that are not.
    fn before_run(&self, loss: bool, rule: &RuleConfig) -> usize {
        let run = self.rounds.iter().rev().take_while(|round| round.is_loss(rule) == loss).count();
        self.rounds.len() - run.max(1).min(self.rounds.len())
    }

    /// When the last reply was sent for, and the first echo after it that was lost; everything since was lost.
    fn last_reply(&self) -> (Option<UtcMs>, Option<UtcMs>) {
        let mut lost = None;
        for round in self.rounds.iter().rev() {
            lost = round.instant(round.edges.lost_after).or(lost);
            if let Some(replied) = round.instant(round.edges.last_reply) {
                return (Some(replied), lost);
            }
        }
        (self.replied, lost)
    }

    /// Narrows down when something began that polls tell of: the link worked when its last reply came, and has not since
    /// the first loss after it.
    pub(super) fn narrow(&self, polled: Edge) -> Edge {
        let (before, after) = (polled.at.minus(polled.error), polled.at.plus(polled.error));
        match self.last_reply() {
            (Some(replied), Some(lost)) if lost <= before => Edge::between(replied, lost),
            (Some(replied), lost) if replied < after => {
                Edge::between(replied.max(before), lost.unwrap_or(after).min(after))
            }
            _ => polled,
        }
    }

    /// When the newest run of loss began: between the last reply before it and the first loss after that.
    fn down_edge(&self, rule: &RuleConfig) -> Option<Edge> {
        let before = self.before_run(true, rule);
        let first = self.rounds.get(before)?;
        let last = before.checked_sub(1).and_then(|last| self.rounds.get(last));
        let replied = last.and_then(|round| round.instant(round.edges.last_reply)).or(self.replied);
        let lost = last
            .and_then(|round| round.instant(round.edges.lost_after))
            .or_else(|| first.instant(first.edges.lost_before.or(first.edges.lost_after)));
        Some(match (replied, lost) {
            (Some(replied), Some(lost)) => Edge::between(replied, lost),
            (None, _) | (_, None) => Edge::sharp(first.at),
        })
    }

    /// When the newest run of rounds that are not loss began: between the last loss before it and the first reply.
    fn up_edge(&self, rule: &RuleConfig) -> Option<Edge> {
        let before = self.before_run(false, rule);
        let first = self.rounds.get(before)?;
        let last = before.checked_sub(1).and_then(|last| self.rounds.get(last));
        let lost = first
            .instant(first.edges.lost_before)
            .or_else(|| last.and_then(|round| round.instant(round.edges.last_lost)))
            .or(self.lost);
        Some(match (lost, first.instant(first.edges.first_reply)) {
            (Some(lost), Some(replied)) => Edge::between(lost, replied),
            (None, _) | (_, None) => Edge::sharp(first.at),
        })
    }

    /// When the newest run of rounds that are slow, or that are not, began.
    fn since(&self, slow: bool) -> Option<UtcMs> {
        self.rounds.iter().rev().take_while(|round| round.is_slow() == slow).last().map(|round| round.at)
    }

    /// What is worse than usual about the last echoes, of which so many must be lost; `before` is what was so far.
    fn worse(&self, rule: &RuleConfig, lost_least: u32, before: Option<Worse>) -> Option<Worse> {
        let seen = self.last(rule.degraded_of);
        let full = seen.sent == u32::from(rule.degraded_of);
        let slow = full && seen.slow * 2 > seen.sent;
        let recovered = full && seen.lost * RECOVERY_DIVISOR <= lost_least && seen.slow * 4 <= seen.sent;
        if slow && (seen.lost < lost_least || before == Some(Worse::Delay)) {
            Some(Worse::Delay)
        } else if seen.lost >= lost_least {
            Some(Worse::Loss)
        } else {
            before.filter(|_| !recovered)
        }
    }

    /// What the echoes say of a link that was `decided` before; the newest round has just been pushed. `lost_least` lost
    /// echoes make it degraded.
    ///
    /// Down and its end have sharp edges: they count from the first round of the run that shows them, and so do delay and
    /// its end. Loss and its end have none and count from the round that decided them. A round that is lost altogether
    /// decides nothing between up and degraded: it may be the beginning of an outage.
    pub(super) fn judge(&mut self, rule: &RuleConfig, decided: Option<Decided>, lost_least: u32) -> Verdict {
        let (Some(newest), Some(oldest)) = (self.rounds.back().copied(), self.oldest()) else {
            return Verdict::Undecided;
        };
        if self.say_down(rule) {
            let from = self.down_edge(rule).unwrap_or(Edge::sharp(newest.at));
            self.drop_before(self.rounds.len());
            return Verdict::decided(Decided::Down, from);
        }
        let mut from = Edge::sharp(newest.at);
        if decided == Some(Decided::Down) {
            if !self.say_back(rule) {
                return Verdict::decided(Decided::Down, Edge::sharp(oldest));
            }
            from = self.up_edge(rule).unwrap_or(from);
            // What the outage lost is no loss of the time after it, also in the round in which it ended.
            self.drop_before(self.before_run(false, rule));
            if let Some(first) = self.rounds.front_mut() {
                first.begin_with_reply();
            }
        } else if newest.is_loss(rule) {
            return Verdict::Undecided;
        }
        let before = decided.and_then(Decided::worse);
        match self.worse(rule, lost_least, before) {
            Some(Worse::Delay) if before.is_none() => {
                from = self.since(true).map_or(from, Edge::sharp);
                Verdict::decided(Decided::Degraded(Worse::Delay), from)
            }
            Some(worse) => Verdict::decided(Decided::Degraded(worse), from),
            None if self.say_back(rule) => {
                if before == Some(Worse::Delay) {
                    from = self.since(false).map_or(from, Edge::sharp);
                }
                Verdict::decided(Decided::Up, from)
            }
            None => Verdict::Undecided,
        }
    }
}
