//! Links at the two hours of a report.

use std::collections::HashMap;

use phusong_model::{Cause, LinkId, LinkState, Millis, Span, UtcMs, Window};

use super::super::view::View;
use crate::account::{Member, Need, account_together};

/// The evidence at the hour of the report and at that of the report before.
pub(super) struct Instants<'v, 'a> {
    pub(super) view: &'v View<'a>,
    pub(super) at: UtcMs,
    pub(super) before: UtcMs,
    /// Nobody has looked since `at`.
    pub(super) old: bool,
    /// The report is about now, or about the last that was seen; else it is about a past hour.
    is_now: bool,
    spans: HashMap<&'a LinkId, &'a [Span]>,
}

impl<'v, 'a> Instants<'v, 'a> {
    pub(super) fn of(view: &'v View<'a>) -> Self {
        let Window { from, to } = view.evidence.window;
        let is_now = to >= view.evidence.now;
        // What was last seen stays what it was; the report is as old as that and says so.
        let seen = view.watched_until();
        let old = is_now && seen < to && view.evidence.age.is_some();
        let spans = view.evidence.spans.chunk_by(|a, b| a.link == b.link);
        let spans = spans.filter_map(|spans| Some((&spans.first()?.link, spans))).collect();
        let at = if old { seen } else { to };
        Self { view, at, before: from.min(at), old, is_now, spans }
    }

    /// The state at the hour of the report. A link that was not there yet could not be looked at.
    pub(super) fn state(&self, link: &LinkId) -> LinkState {
        if self.is_now {
            return self.view.state(link).unwrap_or(LinkState::Blind);
        }
        self.span(link, self.last()).map_or(LinkState::Blind, |span| span.state)
    }

    /// The state at the report before; none for a link that was not there yet.
    pub(super) fn before(&self, link: &LinkId) -> Option<LinkState> {
        let there = self.view.now(link).is_some_and(|now| now.entered <= self.before);
        there.then(|| self.span(link, self.before).map_or(LinkState::Blind, |span| span.state))
    }

    /// Why it is down at the hour of the report, when it is.
    pub(super) fn cause(&self, link: &LinkId) -> Option<&'a Cause> {
        if self.state(link) != LinkState::Down {
            return None;
        }
        if self.is_now {
            return self.view.now(link).and_then(|now| now.cause.as_ref());
        }
        self.span(link, self.last()).and_then(|span| span.cause.as_ref())
    }

    /// Whether all of these links were down at once at some time between the two hours.
    pub(super) fn was_down<'l>(&self, links: impl IntoIterator<Item = &'l LinkId>) -> bool {
        let member = |link: &LinkId| Some(Member::new(self.spans.get(link)?, self.view.now(link)?.entered));
        let members: Option<Vec<Member<'_>>> = links.into_iter().map(member).collect();
        let window = Window::new(self.before, self.at);
        members.is_some_and(|members| account_together(members, Need::Any, window).down > Millis(0))
    }

    /// The last instant inside the window: at its end the next state may have begun already.
    fn last(&self) -> UtcMs {
        self.at.minus(Millis(1))
    }

    fn span(&self, link: &LinkId, at: UtcMs) -> Option<&'a Span> {
        let spans = self.spans.get(link)?;
        spans.iter().find(|span| span.from <= at && span.to.is_none_or(|to| at < to))
    }
}
