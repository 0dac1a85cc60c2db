//! The state of a site: by its backhaul where there is one, else by what its operator reported lately.

use phusong_model::{LinkId, LinkState, Millis, Site, UtcMs};

use super::view::View;

/// A report older than this says nothing of now: operators report once a shift, and no battery of a station lasts longer
/// without mains.
const REPORT_HOLDS: Millis = Millis::from_secs(12 * 3600);

/// What the state of a site without backhaul rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Report {
    /// The operator's report of that time.
    Holds(UtcMs),
    /// A report of that time, which is too old, and whether it said that the site works.
    Old { at: UtcMs, up: bool },
    /// Nothing.
    Never,
}

/// From the backhaul links, else as its operator reported and when, or nothing is known.
pub(super) fn site_state(view: &View<'_>, site: &Site) -> (Option<LinkState>, Option<UtcMs>) {
    if let Some(state) = by_backhaul(site, |id| view.state(id).unwrap_or(LinkState::Blind)) {
        return (Some(state), None);
    }
    match reported(site, view.evidence.now) {
        (state, Report::Holds(at) | Report::Old { at, .. }) => (Some(state), Some(at)),
        (_, Report::Never) => (None, None),
    }
}

/// From the backhaul links: one that works is enough; without one the site is down only when all of them are, and blind
/// as long as any of them is. None without such links.
pub(super) fn by_backhaul(site: &Site, state: impl Fn(&LinkId) -> LinkState) -> Option<LinkState> {
    let has = |wanted: LinkState| site.backhaul.iter().any(|id| state(id) == wanted);
    let order = [LinkState::Up, LinkState::Degraded, LinkState::Blind, LinkState::Maintenance, LinkState::Down];
    order.into_iter().find(|wanted| has(*wanted))
}

/// What was reported of a site at that hour, as far as it still held. A report that came later was not there yet.
pub(super) fn reported(site: &Site, at: UtcMs) -> (LinkState, Report) {
    let Some(report) = site.reported.as_ref().filter(|report| report.at <= at) else {
        return (LinkState::Blind, Report::Never);
    };
    match (at.since(report.at) <= REPORT_HOLDS, report.up) {
        (true, true) => (LinkState::Up, Report::Holds(report.at)),
        (true, false) => (LinkState::Down, Report::Holds(report.at)),
        (false, up) => (LinkState::Blind, Report::Old { at: report.at, up }),
    }
}
