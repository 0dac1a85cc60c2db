//! All about one commune, and what is known of its sites.

use phusong_model::{
    Commune, LinkId, LinkState, Site, UtcMs,
    answer::{CommuneBody, GapRank, SiteItem},
};

use super::{coverage, gaps, links, outages, view::View};

pub(super) fn body(view: &View<'_>, commune: &Commune) -> CommuneBody {
    let sites = view.evidence.inventory.sites.iter().filter(|site| site.commune.as_ref() == Some(&commune.code));
    CommuneBody {
        commune: commune.clone(),
        people: view.people(&commune.code),
        links: links::items(view),
        outages: outages::items(view),
        coverage: coverage::items(view),
        gaps: gaps::items(view, GapRank::Score, false),
        sites: sites.map(|site| site_item(view, site)).collect(),
        settlements: gaps::settlements(view),
    }
}

fn site_item(view: &View<'_>, site: &Site) -> SiteItem {
    let (state, reported_at) = site_state(view, site);
    SiteItem {
        site: site.id.clone(),
        name: site.name.clone(),
        kind: site.kind,
        operator: site.operator.clone(),
        state,
        reported_at,
    }
}

/// From the backhaul links, else as its operator reported and when, or nothing is known.
pub(super) fn site_state(view: &View<'_>, site: &Site) -> (Option<LinkState>, Option<UtcMs>) {
    if let Some(state) = site_state_by(site, |id| view.state(id).unwrap_or(LinkState::Blind)) {
        return (Some(state), None);
    }
    let state = |up: bool| if up { LinkState::Up } else { LinkState::Down };
    (site.reported.as_ref().map(|report| state(report.up)), site.reported.as_ref().map(|report| report.at))
}

/// From the backhaul links: one that works is enough; without one the site is down only when all of them are, and blind
/// as long as any of them is. None without such links.
pub(super) fn site_state_by(site: &Site, state: impl Fn(&LinkId) -> LinkState) -> Option<LinkState> {
    let has = |wanted: LinkState| site.backhaul.iter().any(|id| state(id) == wanted);
    let order = [LinkState::Up, LinkState::Degraded, LinkState::Blind, LinkState::Maintenance, LinkState::Down];
    order.into_iter().find(|wanted| has(*wanted))
}
