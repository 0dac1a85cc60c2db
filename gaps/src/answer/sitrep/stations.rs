//! Base stations: by their backhaul where there is one, else by what their operator reported lately.

use phusong_model::{LinkState, Millis, Site, SiteKind, UtcMs, answer::StationReports};

use super::{
    super::commune::site_state_by,
    Thing,
    causes::{self, Root},
    district,
    instants::Instants,
};

/// A report older than this says nothing of now: operators report once a shift, and no battery of a station lasts longer
/// without mains.
pub(super) const REPORT_HOLDS: Millis = Millis::from_secs(12 * 3600);

/// What the state of a station rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basis {
    /// Links that are looked at.
    Backhaul,
    /// The operator's report of that time.
    Report(UtcMs),
    /// A report that is too old, and whether it said that the station works.
    Old { up: bool },
    /// Nothing.
    Never,
}

/// A base station at the two hours of the report.
#[derive(Debug)]
pub(super) struct Station<'a> {
    pub(super) site: &'a Site,
    pub(super) state: LinkState,
    before: Option<LinkState>,
    basis: Basis,
}

/// The base stations of the communes asked about; of a group those that its links carry.
pub(super) fn of<'a>(instants: &Instants<'_, 'a>) -> Vec<Station<'a>> {
    let view = instants.view;
    let carried =
        |site: &Site| site.backhaul.iter().any(|id| view.link(id).is_some_and(|link| view.asks_about_link(link)));
    let asked = |site: &&Site| {
        site.kind == SiteKind::Bts && view.asks_about(site.commune.as_ref()) && (view.group.is_none() || carried(site))
    };
    view.evidence.inventory.sites.iter().filter(asked).map(|site| Station::of(instants, site)).collect()
}

/// How many stations rest on what.
pub(super) fn reports(stations: &[Station<'_>]) -> StationReports {
    let mut reports = StationReports::default();
    for station in stations {
        match station.basis {
            Basis::Backhaul => reports.by_backhaul += 1,
            Basis::Report(at) => {
                reports.by_report += 1;
                reports.oldest_counted = Some(reports.oldest_counted.map_or(at, |oldest| oldest.min(at)));
            }
            Basis::Old { up: true } => reports.old_up += 1,
            Basis::Old { up: false } => reports.old_down += 1,
            Basis::Never => reports.never += 1,
        }
    }
    reports
}

impl<'a> Station<'a> {
    fn of(instants: &Instants<'_, 'a>, site: &'a Site) -> Self {
        if let Some(state) = site_state_by(site, |link| instants.state(link)) {
            let there = site.backhaul.iter().any(|link| instants.before(link).is_some());
            let before = |link: &_| instants.before(link).unwrap_or(LinkState::Blind);
            let before = site_state_by(site, before).filter(|_| there);
            return Self { site, state, before, basis: Basis::Backhaul };
        }
        let (state, basis) = reported(site, instants.at);
        Self { site, state, before: Some(reported(site, instants.before).0), basis }
    }

    pub(super) fn thing(&self, instants: &Instants<'_, 'a>) -> Thing<'a> {
        let by_backhaul = self.basis == Basis::Backhaul;
        Thing {
            kind: None,
            operator: self.site.operator.as_ref(),
            district: district(instants.view, self.site.commune.as_ref()),
            state: self.state,
            before: self.before,
            was_down: by_backhaul && instants.was_down(&self.site.backhaul),
            // A report does not say why.
            root: if by_backhaul { causes::common(instants, &self.site.backhaul) } else { Root::UNKNOWN },
        }
    }
}

/// What was reported at that hour of a station, as far as it still held. A report that came later was not there yet.
fn reported(site: &Site, at: UtcMs) -> (LinkState, Basis) {
    let Some(report) = site.reported.as_ref().filter(|report| report.at <= at) else {
        return (LinkState::Blind, Basis::Never);
    };
    match (at.since(report.at) <= REPORT_HOLDS, report.up) {
        (true, true) => (LinkState::Up, Basis::Report(report.at)),
        (true, false) => (LinkState::Down, Basis::Report(report.at)),
        (false, up) => (LinkState::Blind, Basis::Old { up }),
    }
}
