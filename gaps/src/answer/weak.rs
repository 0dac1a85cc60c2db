//! Communes whose ways to the centre share something: what looks like two paths and fails as one. From the inventory's
//! topology alone; past outages of all links at once confirm it.

use std::collections::{BTreeSet, HashMap};

use phusong_model::{
    Carrier, Commune, LinkKind,
    answer::{WeakBody, WeakItem},
};

use super::view::{Seen, View};
use crate::{
    account::{Need, account_together},
    kahn::order,
};

/// Everything that a node cannot be reached without, itself included, the nearest first; by index.
type Unavoidable = Vec<usize>;

/// The topology, and what each of its nodes cannot be reached without.
struct Ways {
    nodes: Vec<Carrier>,
    index: HashMap<Carrier, usize>,
    unavoidable: Vec<Unavoidable>,
    ways: Vec<usize>,
}

impl Ways {
    fn of(view: &View<'_>) -> Self {
        let carried = view.evidence.inventory.carried();
        let index: HashMap<Carrier, usize> =
            carried.iter().enumerate().map(|(at, (node, _))| (node.clone(), at)).collect();
        let parents: Vec<Vec<usize>> = carried
            .iter()
            .map(|(_, carriers)| carriers.iter().filter_map(|carrier| index.get(carrier).copied()).collect())
            .collect();
        let mut unavoidable: Vec<Unavoidable> = (0..parents.len()).map(|node| vec![node]).collect();
        for node in order(&parents) {
            let above = parents.get(node).map_or(&[][..], Vec::as_slice);
            let shared =
                above.iter().filter_map(|parent| unavoidable.get(*parent).cloned()).reduce(|a, b| common(&a, &b));
            if let Some(own) = unavoidable.get_mut(node) {
                own.extend(shared.unwrap_or_default());
            }
        }
        let ways = parents.iter().map(Vec::len).collect();
        Self { nodes: carried.into_iter().map(|(node, _)| node).collect(), index, unavoidable, ways }
    }

    fn node(&self, seen: &Seen<'_>) -> Option<usize> {
        self.index.get(&Carrier::Link(seen.link.id.clone())).copied()
    }
}

/// What both have, in the order of the first.
fn common(a: &[usize], b: &[usize]) -> Unavoidable {
    a.iter().filter(|node| b.contains(node)).copied().collect()
}

/// What the topology says of one commune.
enum Finding {
    /// Its links end where nobody says what carries them.
    Unknown,
    /// There is one link, with one way.
    Single,
    /// All ways lead through these, the nearest first.
    Shared(Unavoidable),
}

pub(super) fn body(view: &View<'_>) -> WeakBody {
    let ways = Ways::of(view);
    let communes = view.evidence.inventory.communes.iter().filter(|commune| view.asks_about(Some(&commune.code)));
    let found: Vec<(&Commune, Vec<&Seen<'_>>, Finding)> = communes
        .map(|commune| {
            let links = connecting(view, commune);
            let finding = judge(&ways, &links);
            (commune, links, finding)
        })
        .collect();
    let centre = centre(&found);
    let mut body = WeakBody { communes: found.len() as u64, ..WeakBody::default() };
    body.centre = centre.iter().filter_map(|node| ways.nodes.get(*node).cloned()).collect();
    for (commune, links, finding) in &found {
        match finding {
            Finding::Unknown => body.unknown.push(commune.name.clone()),
            Finding::Single => body.single.push(commune.name.clone()),
            Finding::Shared(shared) => {
                let shared: Vec<Carrier> = shared
                    .iter()
                    .filter(|node| !centre.contains(node))
                    .filter_map(|node| ways.nodes.get(*node).cloned())
                    .collect();
                if shared.is_empty() {
                    body.independent += 1;
                } else {
                    body.items.push(item(view, commune, links, shared));
                }
            }
        }
    }
    body.items.sort_by(|a, b| b.people.cmp(&a.people).then_with(|| a.commune.cmp(&b.commune)));
    body
}

/// The links by which a commune is reached: its fibre and broadband, else all of its links.
fn connecting<'v, 'a>(view: &'v View<'a>, commune: &Commune) -> Vec<&'v Seen<'a>> {
    let of_commune = || view.seen.iter().filter(|seen| seen.link.commune.as_ref() == Some(&commune.code));
    let connects = |seen: &&Seen<'_>| matches!(seen.link.kind, LinkKind::Fibre | LinkKind::Broadband);
    let connecting: Vec<&Seen<'_>> = of_commune().filter(connects).collect();
    if connecting.is_empty() { of_commune().collect() } else { connecting }
}

fn judge(ways: &Ways, links: &[&Seen<'_>]) -> Finding {
    let nodes: Vec<usize> = links.iter().filter_map(|seen| ways.node(seen)).collect();
    let count = |node: &usize| ways.ways.get(*node).copied().unwrap_or(0);
    if nodes.is_empty() || nodes.iter().any(|node| count(node) == 0) {
        return Finding::Unknown;
    }
    if nodes.iter().map(count).sum::<usize>() < 2 {
        return Finding::Single;
    }
    let above =
        |node: &usize| ways.unavoidable.get(*node).and_then(|nodes| nodes.get(1..)).unwrap_or_default().to_vec();
    let shared = nodes.iter().map(above).reduce(|a, b| common(&a, &b)).unwrap_or_default();
    // One of its own links may hang on another.
    Finding::Shared(shared.into_iter().filter(|node| !nodes.contains(node)).collect())
}

/// What every commune hangs on is the centre itself: told once, and not of each.
fn centre(found: &[(&Commune, Vec<&Seen<'_>>, Finding)]) -> BTreeSet<usize> {
    let shared = found.iter().filter_map(|(_, _, finding)| match finding {
        Finding::Shared(shared) => Some(shared.iter().copied().collect::<BTreeSet<usize>>()),
        Finding::Unknown | Finding::Single => None,
    });
    let shared: Vec<BTreeSet<usize>> = shared.collect();
    let several = shared.len() > 1;
    let all = shared.into_iter().reduce(|a, b| a.intersection(&b).copied().collect());
    all.filter(|_| several).unwrap_or_default()
}

fn item(view: &View<'_>, commune: &Commune, links: &[&Seen<'_>], shared: Vec<Carrier>) -> WeakItem {
    let members = links.iter().filter_map(|seen| seen.member);
    WeakItem {
        commune: commune.code.clone(),
        commune_name: commune.name.clone(),
        people: view.people(&commune.code),
        links: links.iter().map(|seen| seen.link.id.clone()).collect(),
        shared,
        cut_off_ms: account_together(members, Need::Any, view.evidence.window).down,
    }
}
