//! The whole of it, or the part that leads to what was asked about.

use std::collections::{HashMap, HashSet, VecDeque};

use phusong_model::{
    Carrier, LinkState,
    answer::{StateCounts, TreeBody, TreeNode},
};

use super::{super::view::View, node};
use crate::kahn::order;

pub(in super::super) fn body(view: &View<'_>, all: bool) -> TreeBody {
    let carried = asked(view);
    let index: HashMap<&Carrier, usize> = carried.iter().enumerate().map(|(at, (node, _))| (node, at)).collect();
    let parents: Vec<Vec<usize>> = carried
        .iter()
        .map(|(_, carriers)| carriers.iter().filter_map(|carrier| index.get(carrier).copied()).collect())
        .collect();
    let sorted: HashSet<usize> = order(&parents).into_iter().collect();
    let items: Vec<_> = carried.iter().map(|(carrier, _)| node(view, carrier)).collect();
    let is_troubled = |at: &usize| {
        let state = items.get(*at).and_then(Option::as_ref).and_then(|item| item.state);
        state.is_some_and(|state| state != LinkState::Up)
    };
    let troubled = above(&parents, (0..parents.len()).filter(is_troubled));
    let mut links = StateCounts::default();
    let mut nodes = Vec::with_capacity(items.len());
    for (at, item) in items.into_iter().enumerate() {
        let Some(item) = item else { continue };
        if let (Some(_), Some(state)) = (item.node.link(), item.state) {
            links.add(state);
        }
        let carriers = parents.get(at).into_iter().flatten().filter_map(|parent| carried.get(*parent));
        nodes.push(TreeNode {
            item,
            carriers: carriers.map(|(carrier, _)| carrier.clone()).collect(),
            troubled: troubled.contains(&at),
            circle: !sorted.contains(&at),
        });
    }
    TreeBody { all, links, nodes }
}

/// Everything; or the links that were asked about and what carries them, near and far.
fn asked(view: &View<'_>) -> Vec<(Carrier, Vec<Carrier>)> {
    let carried = view.evidence.inventory.carried();
    if !view.is_narrowed() {
        return carried;
    }
    let index: HashMap<&Carrier, usize> = carried.iter().enumerate().map(|(at, (node, _))| (node, at)).collect();
    let parents: Vec<Vec<usize>> =
        carried.iter().map(|(_, carriers)| carriers.iter().filter_map(|c| index.get(c).copied()).collect()).collect();
    let links = view.seen.iter().filter_map(|seen| index.get(&Carrier::Link(seen.link.id.clone())).copied());
    let kept = above(&parents, links);
    carried.into_iter().enumerate().filter(|(at, _)| kept.contains(at)).map(|(_, node)| node).collect()
}

/// These nodes, and all that carry them.
fn above(parents: &[Vec<usize>], from: impl Iterator<Item = usize>) -> HashSet<usize> {
    let mut met: HashSet<usize> = HashSet::new();
    let mut next: VecDeque<usize> = from.collect();
    while let Some(node) = next.pop_front() {
        if met.insert(node) {
            next.extend(parents.get(node).into_iter().flatten());
        }
    }
    met
}
