//! All about one commune, and what is known of its sites.

use phusong_model::{
    Commune, Site,
    answer::{CommuneBody, GapRank, SiteItem},
};

use super::{coverage, gaps, links, outages, sites::site_state, view::View};

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
