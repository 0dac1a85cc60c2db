//! Outages under investigation: open ones, and those that are over but whose far end may still tell why.

use std::collections::HashMap;

use phusong_model::{Carrier, Change, Clue, Edge, LinkId, Millis, Outage, OutageId, Sign, UtcMs, Verdict};

use super::cause;

/// Ticks in a row that must refute a carrier before it is no cause any more. Links behind a cut feeder come back a round
/// or two after it, and their outage was the feeder's.
const REFUTED_TICKS: u8 = 3;

/// How long after its end the far end is waited for: a router takes minutes to start, and is asked once a minute.
const RETROSPECT: Millis = Millis(30 * 60_000);

/// What a tick has found of the carriers of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Carried {
    /// Every way is cut, the nearest here.
    Cut(Carrier),
    /// Some way works.
    Open,
    /// Nobody can tell.
    Unclear,
}

/// One outage and what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) id: OutageId,
    pub(super) link: LinkId,
    pub(super) start: Edge,
    pub(super) end: Option<UtcMs>,
    clues: Vec<Clue>,
    pub(super) verdict: Verdict,
    refuted: u8,
    /// Whether its verdict was told; the first is told as the outage opens.
    told: bool,
}

impl Case {
    fn new(id: OutageId, link: LinkId, start: Edge) -> Self {
        Self { id, link, start, end: None, clues: Vec::new(), verdict: Verdict::unknown(), refuted: 0, told: false }
    }

    fn resumed(outage: &Outage) -> Self {
        let start = Edge { at: outage.start, error: outage.start_error };
        Self {
            end: outage.end,
            clues: outage.verdict.evidence.clone(),
            verdict: outage.verdict.clone(),
            told: true,
            ..Self::new(outage.id, outage.link.clone(), start)
        }
    }

    /// Clues bear on the outage from the earliest instant that it may have begun at.
    pub(super) fn earliest(&self) -> UtcMs {
        self.start.at.minus(self.start.error)
    }

    /// Adds clues that are new.
    pub(super) fn add(&mut self, clues: impl IntoIterator<Item = Clue>) {
        for clue in clues {
            if !self.clues.iter().any(|known| cause::repeats(&known.sign, &clue.sign)) {
                self.clues.push(clue);
            }
        }
    }

    pub(super) fn has(&self, wanted: impl Fn(&Sign) -> bool) -> bool {
        self.clues.iter().any(|clue| wanted(&clue.sign))
    }

    /// Takes how the link is reached now.
    pub(super) fn carried(&mut self, carried: Carried, at: UtcMs) {
        let is_carrier = |clue: &Clue| matches!(clue.sign, Sign::CarrierDown { .. });
        match carried {
            Carried::Cut(carrier) => {
                self.refuted = 0;
                let sign = Sign::CarrierDown { carrier };
                if !self.has(|known| *known == sign) {
                    self.clues.retain(|clue| !is_carrier(clue));
                    self.clues.push(Clue { at, sign });
                }
            }
            Carried::Open if self.clues.iter().any(is_carrier) => {
                self.refuted = self.refuted.saturating_add(1);
                if self.refuted >= REFUTED_TICKS {
                    self.clues.retain(|clue| !is_carrier(clue));
                }
            }
            Carried::Open | Carried::Unclear => {}
        }
    }

    /// Judges anew; whether anything is different from what was told.
    pub(super) fn judge(&mut self) -> bool {
        let verdict = cause::judge(self.start.at, self.clues.clone());
        let revised = std::mem::replace(&mut self.told, true) && verdict != self.verdict;
        self.verdict = verdict;
        revised
    }

    pub(super) fn revision(&self, at: UtcMs) -> Change {
        Change::OutageVerdict { id: self.id, link: self.link.clone(), at, verdict: self.verdict.clone() }
    }
}

/// All of them.
#[derive(Debug, Clone)]
pub(super) struct Cases {
    open: HashMap<LinkId, Case>,
    over: Vec<Case>,
    next: OutageId,
}

impl Cases {
    /// Goes on after a restart; `last` is the newest number that was given.
    pub(super) fn resume(outages: &[Outage], last: OutageId) -> Self {
        let newest = outages.iter().map(|outage| outage.id).max().unwrap_or(OutageId(0)).max(last);
        let (open, over): (Vec<&Outage>, Vec<&Outage>) = outages.iter().partition(|outage| outage.end.is_none());
        Self {
            open: open.into_iter().map(|outage| (outage.link.clone(), Case::resumed(outage))).collect(),
            over: over.into_iter().map(Case::resumed).collect(),
            next: OutageId(newest.0 + 1),
        }
    }

    pub(super) fn open(&mut self, link: &LinkId, start: Edge) {
        let id = self.next;
        self.next = OutageId(id.0 + 1);
        self.open.insert(link.clone(), Case::new(id, link.clone(), start));
    }

    pub(super) fn close(&mut self, link: &LinkId, end: UtcMs) {
        if let Some(case) = self.open.remove(link) {
            self.over.push(Case { end: Some(end), ..case });
        }
    }

    /// The outage of a link that left needs no cause any more.
    pub(super) fn drop(&mut self, link: &LinkId) {
        self.open.remove(link);
        self.over.retain(|case| case.link != *link);
    }

    pub(super) fn of(&self, link: &LinkId) -> Option<&Case> {
        self.open.get(link)
    }

    pub(super) fn of_mut(&mut self, link: &LinkId) -> Option<&mut Case> {
        self.open.get_mut(link)
    }

    pub(super) fn all_open(&self) -> impl Iterator<Item = &Case> {
        self.open.values()
    }

    /// Asks of every outage that is over whether its far end has told; those that have, and those that waited too long,
    /// are closed.
    pub(super) fn look_back(&mut self, at: UtcMs, told: impl Fn(&Case) -> Vec<Clue>) -> Vec<Change> {
        let mut changes = Vec::new();
        self.over.retain_mut(|case| {
            let clues = told(case);
            let done = !clues.is_empty();
            case.add(clues);
            if done && case.judge() {
                changes.push(case.revision(at));
            }
            !done && case.end.is_some_and(|end| at.since(end) <= RETROSPECT)
        });
        changes
    }
}
