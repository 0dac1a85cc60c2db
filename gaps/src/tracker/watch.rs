//! One link: its evidence, the state that was last decided, and what the next tick makes of it.

use std::net::IpAddr;

use phusong_model::{
    BlindReason, DeviceId, Edge, Link, LinkId, LinkNow, LinkState, Micros, Millis, Outage, RttSummary, Service, Tick,
    Usual, UtcMs, Worse, config::RuleConfig,
};

use super::{
    Rules,
    baseline::{Baseline, GETS_USUAL},
    echoes::Echoes,
    snmp::{Polls, Says},
    verdict::{Decided, Verdict},
};
use crate::{EchoSeen, IcmpLook, Look, SnmpLook};

/// Where a link is looked at. Evidence from one target says nothing of another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    address: Option<IpAddr>,
    service: Option<Service>,
    interface: Option<(DeviceId, String)>,
}

impl Target {
    fn of(link: &Link) -> Self {
        Self { address: link.address, service: link.service.clone(), interface: link.interface.clone() }
    }
}

/// Whether there is something to ask directly, be it by pings or at its service.
const fn gives_echoes(link: &Link) -> bool {
    link.address.is_some() || link.service.is_some()
}

/// A change of a link's state; the cause is added when every link of the tick has been judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// The start of the state.
    pub(super) from: Edge,
    /// What becomes of the outage.
    pub(super) outage: OutageStep,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutageStep {
    /// There is none, or it is not touched.
    Untouched,
    Opens(Edge),
    /// It went on behind so much blindness.
    GoesOn(Millis),
    Ends(Edge),
}

/// A link as the tracker watches it.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    pub(super) link: LinkId,
    target: Target,
    /// The state of the open span.
    pub(super) state: LinkState,
    pub(super) since: UtcMs,
    pub(super) blind: Option<BlindReason>,
    /// What is worse, while it is degraded.
    pub(super) worse: Option<Worse>,
    /// The last state that evidence decided; it outlives blindness. An outage is open exactly while it is down.
    decided: Option<Decided>,
    /// Whether that rests on echoes. SNMP sees less: the near end of a cut fibre may well be up.
    by_echoes: bool,
    echoes: Echoes,
    /// Whether a whole round was lost and none has come back whole since.
    dark: bool,
    polls: Polls,
    baseline: Baseline,
    /// What was last told of it.
    usual: Option<Usual>,
}

impl Watch {
    /// A link that is new: blind until it is decided.
    pub(super) fn enters(link: &Link, at: UtcMs) -> Self {
        Self {
            link: link.id.clone(),
            target: Target::of(link),
            state: LinkState::Blind,
            since: at,
            blind: Some(BlindReason::NotYetProbed),
            worse: None,
            decided: None,
            by_echoes: gives_echoes(link),
            echoes: Echoes::default(),
            dark: false,
            polls: Polls::default(),
            baseline: Baseline::default(),
            usual: None,
        }
    }

    /// A link that was known before a restart, with its open outage.
    pub(super) fn known(link: &Link, now: &LinkNow, open: Option<&Outage>, rule: &RuleConfig) -> Self {
        let decided = match (open, now.state) {
            (Some(_), _) => Some(Decided::Down),
            (None, LinkState::Up) => Some(Decided::Up),
            // What was stored before there was a reason had lost too much.
            (None, LinkState::Degraded) => Some(Decided::Degraded(now.worse.unwrap_or(Worse::Loss))),
            (None, LinkState::Down | LinkState::Blind | LinkState::Maintenance) => None,
        };
        let remembered = |usual| Baseline::remembered(usual, rule.degraded_of);
        Self {
            state: now.state,
            since: now.since,
            blind: now.blind,
            worse: now.worse,
            decided,
            baseline: now.usual.as_ref().map(remembered).unwrap_or_default(),
            usual: now.usual,
            by_echoes: gives_echoes(link),
            ..Self::enters(link, now.since)
        }
    }

    pub(super) const fn has_outage(&self) -> bool {
        matches!(self.decided, Some(Decided::Down))
    }

    /// Takes the link's new entry of the inventory.
    pub(super) fn relink(&mut self, link: &Link) {
        let target = Target::of(link);
        if self.target != target {
            self.target = target;
            self.echoes = Echoes::default();
            self.dark = false;
            self.polls = Polls::default();
            self.by_echoes = gives_echoes(link);
            self.baseline = Baseline::default();
        }
    }

    /// What is usual for the link, when that is not what was told last.
    pub(super) fn tell_usual(&mut self, rule: &RuleConfig) -> Option<Usual> {
        let usual = self.baseline.usual(rule.degraded_of).filter(|usual| self.usual != Some(*usual))?;
        self.usual = Some(usual);
        Some(usual)
    }

    pub(super) fn wants_reprobe(&self, at: UtcMs, echoes: &[EchoSeen], rules: &Rules) -> bool {
        if echoes.is_empty() {
            return false;
        }
        let mut trial = self.echoes.clone();
        trial.push(at, echoes, &rules.rule, self.baseline.slow_above());
        if echoes.iter().any(EchoSeen::came_back) {
            self.has_outage() && !trial.say_back(&rules.rule)
        } else {
            self.state != LinkState::Down && !trial.say_down(&rules.rule)
        }
    }

    /// Takes what the tick saw and moves to the state that follows.
    pub(super) fn look(
        &mut self,
        tick: &Tick,
        look: Option<&Look>,
        ont: Option<SnmpLook>,
        rules: &Rules,
    ) -> Option<Step> {
        let step = match self.judge(tick, look, ont, rules) {
            Verdict::Blind(reason) => self.goes_blind(tick.at, reason),
            Verdict::Undecided => None,
            Verdict::Decided { state, from } => self.enters_state(tick.at, state, from),
        };
        if let Some(IcmpLook::Echoes(echoes)) = look.and_then(|look| look.icmp.as_ref()) {
            self.learn(echoes, &rules.rule);
        }
        if self.state == LinkState::Degraded && tick.at.since(self.since) >= GETS_USUAL {
            self.baseline = Baseline::default();
        }
        step
    }

    /// Learns what is usual, from rounds of a link that is up.
    fn learn(&mut self, echoes: &[EchoSeen], rule: &RuleConfig) {
        let rtts: Vec<Micros> = echoes.iter().filter_map(|echo| echo.rtt).collect();
        if self.state != LinkState::Up || rtts.is_empty() {
            return;
        }
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let median = RttSummary::of(&rtts).map(|rtt| rtt.median);
        self.baseline.learn(median, count(echoes.len()), count(echoes.len() - rtts.len()), rule.degraded_of);
    }

    /// An OLT says of the ONT that a link is what a router says of an interface.
    fn judge(&mut self, tick: &Tick, look: Option<&Look>, ont: Option<SnmpLook>, rules: &Rules) -> Verdict {
        let icmp = look.and_then(|look| look.icmp.as_ref());
        let (echoes, icmp_blind) = match icmp {
            Some(IcmpLook::Echoes(echoes)) if !echoes.is_empty() => (Some(echoes), None),
            Some(IcmpLook::Blind(reason)) => (None, Some(*reason)),
            Some(IcmpLook::Echoes(_) | IcmpLook::NotDue) | None => (None, None),
        };
        let reason = tick.blind.or(icmp_blind);
        // Without the right to ping SNMP alone decides; whatever else shut our eyes may have silenced SNMP too.
        let our_fault = reason.is_some_and(|reason| reason != BlindReason::NoPermission);
        match ont.or_else(|| look.and_then(|look| look.snmp)) {
            Some(SnmpLook::Unanswered) if our_fault => self.polls.forget_silence(),
            Some(poll) => self.polls.take(poll, tick.at),
            None => {}
        }
        if tick.blind.is_some() && our_fault {
            return Verdict::Blind(reason);
        }
        if let Some(echoes) = echoes {
            self.compare(tick.at, echoes);
        }
        let says = self.polls.say(tick.at, rules.snmp_stale_after);
        if let Some(echoes) = echoes {
            self.echoes.push(tick.at, echoes, &rules.rule, self.baseline.slow_above());
        }
        if let Says::InterfaceDown(from) = says {
            self.by_echoes = false;
            let from = self.echoes.narrow(from);
            // Echoes that came back before the interface is up again are no sign that the link is back.
            self.echoes.forget_replies();
            return Verdict::decided(Decided::Down, from);
        }
        if matches!(icmp, Some(IcmpLook::NotDue)) {
            return Verdict::Undecided;
        }
        match echoes {
            Some(_) => {
                let rule = &rules.rule;
                let lost_least = self.baseline.degraded_lost(rule.degraded_of).unwrap_or(rule.degraded_lost.into());
                let verdict = self.echoes.judge(rule, self.decided, lost_least);
                self.by_echoes |= matches!(verdict, Verdict::Decided { .. });
                verdict
            }
            None => self.judge_by_snmp(tick.at, says, reason, rules),
        }
    }

    /// A link that was dark and now answers every echo is newer news than an earlier poll of an interface that was down:
    /// without this every outage would last until the next poll.
    fn compare(&mut self, at: UtcMs, echoes: &[EchoSeen]) {
        if !echoes.iter().any(EchoSeen::came_back) {
            self.dark = true;
        } else if self.dark && echoes.iter().all(EchoSeen::came_back) {
            self.dark = false;
            self.polls.forget_down_before(at);
        }
    }

    fn judge_by_snmp(&mut self, at: UtcMs, says: Says, reason: Option<BlindReason>, rules: &Rules) -> Verdict {
        self.echoes.forget();
        let permitted = reason != Some(BlindReason::NoPermission);
        let worse_by_echoes =
            self.by_echoes && matches!(self.decided, Some(Decided::Down | Decided::Degraded(_))) && permitted;
        if worse_by_echoes {
            return Verdict::Blind(reason);
        }
        let verdict = match says {
            Says::InterfaceDown(from) => Verdict::decided(Decided::Down, from),
            Says::InterfaceUp(from) => Verdict::decided(Decided::Up, from),
            Says::Silent(count, first) if count >= rules.rule.snmp_lost => Verdict::decided(Decided::Down, first),
            // One unanswered poll does not make an outage, but it does not end one either.
            Says::Silent(..) if self.has_outage() => Verdict::decided(Decided::Down, Edge::sharp(at)),
            Says::Silent(..) | Says::Undecided => Verdict::Undecided,
            Says::Nothing => Verdict::Blind(reason),
        };
        self.by_echoes &= !matches!(verdict, Verdict::Decided { .. });
        verdict
    }

    fn goes_blind(&mut self, at: UtcMs, reason: Option<BlindReason>) -> Option<Step> {
        self.echoes.forget();
        self.polls.forget_edges();
        let was_blind = self.state == LinkState::Blind;
        // Blindness over an open outage is one span with the reason it began with: its start is where the outage ends
        // if the link is found up.
        if was_blind && (self.has_outage() || reason.is_none() || reason == self.blind) {
            return None;
        }
        self.state = LinkState::Blind;
        self.blind = Some(reason.unwrap_or(BlindReason::NoEvidence));
        self.worse = None;
        self.since = at.max(self.since);
        Some(Step { from: Edge::sharp(self.since), outage: OutageStep::Untouched })
    }

    fn enters_state(&mut self, at: UtcMs, decided: Decided, edge: Edge) -> Option<Step> {
        let was_blind = self.state == LinkState::Blind;
        let was_down = self.has_outage();
        let is_down = decided == Decided::Down;
        let begun = self.since;
        self.decided = Some(decided);
        if (self.state, self.worse) == (decided.state(), decided.worse()) {
            return None;
        }
        // Rounds since the blindness that did not decide count as the state that is decided now.
        let undecided = if was_blind && !is_down { self.echoes.oldest() } else { None };
        let edge = undecided.map_or(edge, Edge::sharp);
        // Evidence from before the present state says nothing of when that ended.
        let edge = if edge.at > begun { edge } else { Edge::sharp(at.max(begun)) };
        let from = edge.at;
        let unseen = from.since(begun);
        let outage = match (was_down, is_down) {
            // What is found down after blindness may have failed at any time in it.
            (false, true) if was_blind => OutageStep::Opens(Edge { at: from, error: unseen }),
            (false, true) => OutageStep::Opens(edge),
            (true, true) => OutageStep::GoesOn(unseen),
            (true, false) if was_blind => OutageStep::Ends(Edge { at: begun, error: unseen }),
            (true, false) => OutageStep::Ends(edge),
            (false, false) => OutageStep::Untouched,
        };
        self.state = decided.state();
        self.worse = decided.worse();
        self.since = from;
        self.blind = None;
        Some(Step { from: edge, outage })
    }

    /// What the daemon did not see while it was not running.
    pub(super) fn was_not_watched(&mut self, from: UtcMs) -> Option<Step> {
        self.goes_blind(from, Some(BlindReason::NotRunning))
    }
}
