//! Base stations: by their backhaul where there is one, else by what their operator reported lately.

use phusong_model::{LinkId, LinkState, Site, SiteKind, answer::StationReports};

use super::{
    super::{
        sites::{Report, by_backhaul, reported},
        view::View,
    },
    Thing,
    causes::{self, Root},
    district,
    instants::Instants,
};

/// What the state of a station rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basis {
    /// Links that are looked at.
    Backhaul,
    /// What its operator said of it.
    Report(Report),
}

/// A base station at the two hours of the report.
#[derive(Debug)]
pub(super) struct Station<'a> {
    pub(super) site: &'a Site,
    pub(super) state: LinkState,
    before: Option<LinkState>,
    basis: Basis,
}

/// The base stations of the communes asked about.
pub(super) fn of<'a>(instants: &Instants<'_, 'a>) -> Vec<Station<'a>> {
    let view = instants.view;
    let asked = |site: &&Site| site.kind == SiteKind::Bts && view.asks_about(site.commune.as_ref());
    view.evidence.inventory.sites.iter().filter(asked).map(|site| Station::of(instants, site)).collect()
}

/// How many stations rest on what.
pub(super) fn reports<'s>(stations: impl IntoIterator<Item = &'s Station<'s>>) -> StationReports {
    let mut reports = StationReports::default();
    for station in stations {
        match station.basis {
            Basis::Backhaul => reports.by_backhaul += 1,
            Basis::Report(Report::Holds(at)) => {
                reports.by_report += 1;
                reports.oldest_counted = Some(reports.oldest_counted.map_or(at, |oldest| oldest.min(at)));
            }
            Basis::Report(Report::Old { up: true, .. }) => reports.old_up += 1,
            Basis::Report(Report::Old { up: false, .. }) => reports.old_down += 1,
            Basis::Report(Report::Never) => reports.never += 1,
        }
    }
    reports
}

impl<'a> Station<'a> {
    fn of(instants: &Instants<'_, 'a>, site: &'a Site) -> Self {
        if let Some(state) = by_backhaul(site, |link| instants.state(link)) {
            let there = site.backhaul.iter().any(|link| instants.before(link).is_some());
            let before = |link: &_| instants.before(link).unwrap_or(LinkState::Blind);
            let before = by_backhaul(site, before).filter(|_| there);
            return Self { site, state, before, basis: Basis::Backhaul };
        }
        let (state, report) = reported(site, instants.at);
        Self { site, state, before: Some(reported(site, instants.before).0), basis: Basis::Report(report) }
    }

    /// Whether it is asked about: of a group those that its links carry.
    pub(super) fn is_asked(&self, view: &View<'_>) -> bool {
        let asked = |id: &LinkId| view.link(id).is_some_and(|link| view.asks_about_link(link));
        view.group.is_none() || self.site.backhaul.iter().any(asked)
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
