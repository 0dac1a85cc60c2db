//! The ways from a link to the centre.

use std::collections::HashMap;

use phusong_model::{
    Carrier, Link, LinkState,
    answer::{NodeItem, PathBody, PathWay, WayState},
};

use super::{super::view::View, node};
use crate::kahn::order;

/// Ways that are told: a ring has two, rings of rings some more, and a mesh so many that nobody reads them.
const WAYS_MOST: usize = 16;

/// Steps that are taken to find them. Each way takes as many as it is long; the rest is a mesh.
const STEPS_MOST: usize = 10_000;

/// The topology by index.
struct Ways {
    nodes: Vec<Carrier>,
    parents: Vec<Vec<usize>>,
}

pub(in super::super) fn body(view: &View<'_>, link: &Link) -> PathBody {
    let ways = Ways::of(view);
    let start = ways.nodes.iter().position(|node| *node == Carrier::Link(link.id.clone()));
    let found = start.map(|start| ways.from(start)).unwrap_or_default();
    let mut told: Vec<PathWay> = found.iter().map(|way| ways.told(view, way)).collect();
    told.sort_by_key(|way| (way.state, way.hops.len()));
    let state = |node: usize| ways.nodes.get(node).and_then(Carrier::link).map(|id| view.state(id));
    // A site is judged by its links, which are on the way themselves or beside it; it breaks nothing of its own.
    let works = |node: usize| state(node).is_none_or(|state| state.is_some_and(LinkState::works));
    let is_open = |node: usize| state(node) != Some(Some(LinkState::Down));
    let count = |passes: &dyn Fn(usize) -> bool| start.map_or(0, |start| ways.count(start, passes));
    let told_of = |state: WayState| told.iter().filter(|way| way.state == state).count() as u64;
    // In a circle nothing is counted, and what was found is all that is known.
    let ways_total = count(&|_| true).max(told.len() as u64);
    let whole = count(&works).max(told_of(WayState::Whole));
    let unclear = count(&is_open).saturating_sub(whole).max(told_of(WayState::Unclear));
    PathBody { link: link.id.clone(), name: link.name.clone(), ways_total, whole, unclear, ways: told }
}

impl Ways {
    fn of(view: &View<'_>) -> Self {
        let carried = view.evidence.inventory.carried();
        let index: HashMap<&Carrier, usize> = carried.iter().enumerate().map(|(at, (node, _))| (node, at)).collect();
        let parents = carried
            .iter()
            .map(|(_, carriers)| carriers.iter().filter_map(|carrier| index.get(carrier).copied()).collect())
            .collect();
        Self { parents, nodes: carried.into_iter().map(|(node, _)| node).collect() }
    }

    fn carriers(&self, node: usize) -> &[usize] {
        self.parents.get(node).map_or(&[], Vec::as_slice)
    }

    /// The first ways, each from the link to what nothing carries. No way comes by a node twice.
    fn from(&self, start: usize) -> Vec<Vec<usize>> {
        let mut found: Vec<Vec<usize>> = Vec::new();
        // The way so far: each node with how many of its carriers were followed.
        let mut way: Vec<(usize, usize)> = vec![(start, 0)];
        for _ in 0..STEPS_MOST {
            let Some((here, followed)) = way.last_mut() else { break };
            let (carriers, place) = (self.carriers(*here), *followed);
            *followed += 1;
            if carriers.is_empty() && place == 0 {
                found.push(way.iter().map(|(node, _)| *node).collect());
                if found.len() == WAYS_MOST {
                    break;
                }
            }
            match carriers.get(place) {
                Some(next) if way.iter().any(|(node, _)| node == next) => {}
                Some(next) => way.push((*next, 0)),
                None => {
                    way.pop();
                }
            }
        }
        found
    }

    /// How many ways there are by nodes that pass; 0 where nodes carry each other in a circle.
    fn count(&self, start: usize, passes: &dyn Fn(usize) -> bool) -> u64 {
        let mut ways = vec![0_u64; self.parents.len()];
        for node in order(&self.parents).into_iter().filter(|node| passes(*node)) {
            let carriers = self.carriers(node);
            let through =
                carriers.iter().filter_map(|carrier| ways.get(*carrier)).fold(0, |a: u64, b| a.saturating_add(*b));
            if let Some(count) = ways.get_mut(node) {
                *count = if carriers.is_empty() { 1 } else { through };
            }
        }
        ways.get(start).copied().unwrap_or(0)
    }

    fn told(&self, view: &View<'_>, way: &[usize]) -> PathWay {
        let nodes = way.iter().filter_map(|at| self.nodes.get(*at));
        let hops: Vec<NodeItem> = nodes.filter_map(|carrier| node(view, carrier)).collect();
        let links = || hops.iter().filter(|hop| hop.node.link().is_some());
        let broken = links().rfind(|hop| hop.state == Some(LinkState::Down)).map(|hop| hop.node.clone());
        let seen = links().all(|hop| hop.state.is_some_and(LinkState::works));
        let state = match (&broken, seen) {
            (Some(_), _) => WayState::Broken,
            (None, true) => WayState::Whole,
            (None, false) => WayState::Unclear,
        };
        PathWay { state, breaks_at: broken, hops }
    }
}
