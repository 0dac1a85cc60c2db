//! How long links, sites, communes and groups were in each state.

use std::collections::{BTreeMap, HashMap};

use phusong_model::{
    CommuneCode, GroupId, LinkId, LinkKind, Site, StateTimes,
    answer::{AccountBy, AvailabilityItem, Counted, Whose},
};

use super::{
    find::Place,
    view::{Seen, View},
};
use crate::account::{Need, account_together};

/// Outages by link.
type Outages<'a> = HashMap<&'a LinkId, u64>;

/// A row for each of what was asked for.
pub(super) fn items(view: &View<'_>, by: AccountBy) -> Vec<AvailabilityItem> {
    let outages = outages(view);
    match by {
        AccountBy::Link => view.seen.iter().map(|seen| of_link(seen, &outages)).collect(),
        AccountBy::Commune => communes(view, &outages),
        AccountBy::Site => sites(view, &outages),
        AccountBy::Group => {
            groups(view).into_iter().flat_map(|(id, links)| of_group(view, id, &links, &outages)).collect()
        }
    }
}

/// The links asked about together: of the group or commune that was asked for, and by kind.
pub(super) fn totals(view: &View<'_>) -> Vec<AvailabilityItem> {
    let outages = outages(view);
    let mut totals = Vec::new();
    if let Some(group) = view.group {
        totals.extend(of_group(view, group, &view.seen.iter().collect::<Vec<_>>(), &outages));
    }
    if let Some(Place::Commune(commune)) = view.place {
        totals.extend(of_commune(view, &commune.code, &commune.name, &view.seen.iter().collect::<Vec<_>>(), &outages));
    }
    for kind in LinkKind::ALL {
        let links: Vec<&Seen<'_>> = view.seen.iter().filter(|seen| seen.link.kind == kind).collect();
        if !links.is_empty() {
            totals.push(added(Whose::Kind { kind }, kind.id(), &links, &outages));
        }
    }
    totals.push(added(Whose::Everything, "", &view.seen.iter().collect::<Vec<_>>(), &outages));
    totals
}

fn outages<'a>(view: &View<'a>) -> Outages<'a> {
    let mut outages = Outages::new();
    for outage in &view.evidence.outages {
        *outages.entry(&outage.link).or_default() += 1;
    }
    outages
}

fn of_link(seen: &Seen<'_>, outages: &Outages<'_>) -> AvailabilityItem {
    let whose = Whose::Link { link: seen.link.id.clone() };
    item(whose, &seen.link.name, Counted::One, (seen.times, &[seen]), outages)
}

fn communes(view: &View<'_>, outages: &Outages<'_>) -> Vec<AvailabilityItem> {
    let mut links: HashMap<&CommuneCode, Vec<&Seen<'_>>> = HashMap::new();
    for seen in &view.seen {
        if let Some(code) = &seen.link.commune {
            links.entry(code).or_default().push(seen);
        }
    }
    let communes = view.evidence.inventory.communes.iter().filter(|commune| view.asks_about(Some(&commune.code)));
    let of = |commune: &phusong_model::Commune| {
        of_commune(view, &commune.code, &commune.name, links.get(&commune.code)?, outages)
    };
    communes.filter_map(of).collect()
}

/// A commune is connected while its fibre or its broadband works; one that has neither, while any of its links does.
fn of_commune(
    view: &View<'_>,
    code: &CommuneCode,
    name: &str,
    links: &[&Seen<'_>],
    outages: &Outages<'_>,
) -> Option<AvailabilityItem> {
    let connects = |seen: &&&Seen<'_>| matches!(seen.link.kind, LinkKind::Fibre | LinkKind::Broadband);
    let connecting: Vec<&Seen<'_>> = links.iter().filter(connects).copied().collect();
    let links = if connecting.is_empty() { links } else { connecting.as_slice() };
    let whose = Whose::Commune { commune: code.clone() };
    combined(view, whose, name, (Counted::Any, Need::Any), links, outages)
}

fn sites(view: &View<'_>, outages: &Outages<'_>) -> Vec<AvailabilityItem> {
    let by_id: HashMap<&LinkId, &Seen<'_>> = view.seen.iter().map(|seen| (&seen.link.id, seen)).collect();
    let mut at_site: HashMap<_, Vec<&Seen<'_>>> = HashMap::new();
    for seen in &view.seen {
        if let Some(site) = &seen.link.site {
            at_site.entry(site).or_default().push(seen);
        }
    }
    let of = |site: &Site| {
        // Where the inventory does not name a backhaul, what ends at the site tells of it.
        let backhaul: Vec<&Seen<'_>> = site.backhaul.iter().filter_map(|link| by_id.get(link)).copied().collect();
        let links =
            if site.backhaul.is_empty() { at_site.get(&site.id).cloned().unwrap_or_default() } else { backhaul };
        let whose = Whose::Site { site: site.id.clone() };
        combined(view, whose, &site.name, (Counted::Any, Need::Any), &links, outages)
    };
    view.evidence.inventory.sites.iter().filter_map(of).collect()
}

fn groups<'v, 'a>(view: &'v View<'a>) -> BTreeMap<&'a GroupId, Vec<&'v Seen<'a>>> {
    let mut groups: BTreeMap<&GroupId, Vec<&Seen<'_>>> = BTreeMap::new();
    for seen in &view.seen {
        for group in &seen.link.groups {
            groups.entry(group).or_default().push(seen);
        }
    }
    groups
}

/// A group has two accounts: of a conference, which needs all, and of its links added up.
fn of_group(view: &View<'_>, id: &GroupId, links: &[&Seen<'_>], outages: &Outages<'_>) -> [AvailabilityItem; 2] {
    let whose = || Whose::Group { group: id.clone() };
    let members = links.iter().filter_map(|seen| seen.member);
    let all = account_together(members, Need::All, view.evidence.window);
    [item(whose(), id.as_str(), Counted::All, (all, links), outages), added(whose(), id.as_str(), links, outages)]
}

/// None without links.
fn combined(
    view: &View<'_>,
    whose: Whose,
    name: &str,
    (counted, need): (Counted, Need),
    links: &[&Seen<'_>],
    outages: &Outages<'_>,
) -> Option<AvailabilityItem> {
    let members = links.iter().filter_map(|seen| seen.member);
    let times = account_together(members, need, view.evidence.window);
    (!links.is_empty()).then(|| item(whose, name, counted, (times, links), outages))
}

fn added(whose: Whose, name: &str, links: &[&Seen<'_>], outages: &Outages<'_>) -> AvailabilityItem {
    let times = links.iter().map(|seen| seen.times).sum();
    item(whose, name, Counted::Added, (times, links), outages)
}

fn item(
    whose: Whose,
    name: &str,
    counted: Counted,
    (times, links): (StateTimes, &[&Seen<'_>]),
    outages: &Outages<'_>,
) -> AvailabilityItem {
    AvailabilityItem {
        whose,
        name: name.to_owned(),
        counted,
        links: links.len() as u64,
        times_ms: times,
        availability: times.availability(),
        availability_filed: times.not_down(),
        blind_share: times.blind_share(),
        outages: links.iter().filter_map(|seen| outages.get(&seen.link.id)).sum(),
    }
}
