//! Terms of readiness for a meeting, and of the ways to the centre.

use super::{Lang, Term, cause, decimal, duration, moment};
use crate::{
    UtcMs,
    answer::{Fitness, ReadyReason, WayState},
};

impl Term for Fitness {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Unfit => ("không sẵn sàng", "not fit"),
            Self::Unknown => ("chưa rõ", "cannot be told"),
            Self::AtRisk => ("có rủi ro", "at risk"),
            Self::Fit => ("sẵn sàng", "fit"),
        }
    }
}

/// The sign of a fitness, so that it never rests on colour alone.
#[must_use]
pub const fn fitness_sign(fitness: Fitness) -> char {
    match fitness {
        Fitness::Unfit => '✗',
        Fitness::Unknown => '?',
        Fitness::AtRisk => '◐',
        Fitness::Fit => '●',
    }
}

impl Term for WayState {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Whole => ("thông", "whole"),
            Self::Unclear => ("chưa rõ", "not clear"),
            Self::Broken => ("đứt", "broken"),
        }
    }
}

/// What speaks against a link, in a few words.
#[must_use]
pub fn ready_reason(lang: Lang, reason: &ReadyReason, now: UtcMs) -> String {
    let at = |at: UtcMs| moment(lang, at, now);
    match reason {
        ReadyReason::Down { cause: id, carrier } => {
            let why = cause(lang, id, carrier.as_ref());
            lang.pick(format!("mất kết nối: {why}"), format!("down: {why}"))
        }
        ReadyReason::InMaintenance { until, work } => {
            let until = until.map(|until| lang.pick(format!(" đến {}", at(until)), format!(" until {}", at(until))));
            let work = work.as_ref().map(|work| format!(": {work}"));
            let head = lang.of(("đang bảo trì", "in maintenance"));
            format!("{head}{}{}", until.unwrap_or_default(), work.unwrap_or_default())
        }
        ReadyReason::Blind { blind } => {
            let why = blind.map(|blind| format!(": {}", blind.term(lang))).unwrap_or_default();
            format!("{}{why}", lang.of(("không đo được", "blind")))
        }
        ReadyReason::Degraded { worse } => {
            let why = worse.map(|worse| format!(": {}", worse.term(lang))).unwrap_or_default();
            format!("{}{why}", lang.of(("suy giảm", "degraded")))
        }
        ReadyReason::Flapping => lang.of(("chập chờn", "flapping")).to_owned(),
        ReadyReason::LatelyDown { start, end } => {
            let (from, length) = (at(*start), duration(lang, end.since(*start)));
            lang.pick(format!("vừa mất kết nối {length}, từ {from}"), format!("was down {length} at {from}"))
        }
        ReadyReason::Loss { sent, lost } => {
            lang.pick(format!("mất gói {lost}/{sent}"), format!("lost {lost} of {sent}"))
        }
        ReadyReason::Delay { rtt_ms, usual_ms } => {
            let (rtt, usual) = (decimal(lang, *rtt_ms, 1), decimal(lang, *usual_ms, 1));
            lang.pick(format!("trễ {rtt} ms, thường {usual} ms"), format!("{rtt} ms, usually {usual} ms"))
        }
        ReadyReason::Work { on, from, until, work } => {
            let (from, until) = (at(*from), at(*until));
            lang.pick(format!("bảo trì {on} {from}–{until}: {work}"), format!("work on {on} {from}–{until}: {work}"))
        }
        ReadyReason::CarrierDown { carrier } => {
            lang.pick(format!("{carrier} mất kết nối"), format!("{carrier} is down"))
        }
        ReadyReason::CarrierDegraded { carrier } => {
            lang.pick(format!("{carrier} suy giảm"), format!("{carrier} is degraded"))
        }
    }
}
