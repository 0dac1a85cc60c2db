//! What carries what, and which of those that carry a link is down.

use std::collections::HashMap;

use phusong_model::{Carrier, Inventory, LinkState};

use crate::kahn::order;

/// How something is reached through what carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Path {
    /// Some way to it works, or nothing is known to carry it.
    Open,
    /// Every way to it is cut; the nearest node that is down, by index, so many steps away.
    Cut { nearest: usize, steps: u32 },
    /// Some way to it could not be looked at.
    Unclear,
}

/// Links, devices and sites by index, links first and in the order of the inventory, with the indices of those that carry
/// them.
#[derive(Debug, Clone, Default)]
pub(super) struct Topology {
    nodes: Vec<Carrier>,
    parents: Vec<Vec<usize>>,
    /// Every node after those that carry it.
    order: Vec<usize>,
}

impl Topology {
    /// Nodes that carry each other in a circle, and links that name something which does not exist, are taken as carried
    /// by nothing: with an unknown topology the cause is unknown. The inventory refuses both; this keeps the order finite.
    pub(super) fn of(inventory: &Inventory) -> Self {
        let carried = inventory.carried();
        let index: HashMap<&Carrier, usize> = carried.iter().enumerate().map(|(at, (node, _))| (node, at)).collect();
        let parents: Vec<Vec<usize>> = carried
            .iter()
            .map(|(_, carriers)| {
                carriers.iter().map(|id| index.get(id).copied()).collect::<Option<_>>().unwrap_or_default()
            })
            .collect();
        let order = order(&parents);
        Self { order, parents, nodes: carried.into_iter().map(|(node, _)| node).collect() }
    }

    pub(super) fn node(&self, index: usize) -> Option<&Carrier> {
        self.nodes.get(index)
    }

    /// What carries a node directly.
    pub(super) fn carriers(&self, index: usize) -> impl Iterator<Item = &Carrier> {
        self.parents.get(index).into_iter().flatten().filter_map(|parent| self.nodes.get(*parent))
    }

    /// How each node is reached, by index.
    pub(super) fn paths(&self, state: impl Fn(&Carrier, usize) -> Option<LinkState>) -> Vec<Path> {
        let mut paths = vec![Path::Open; self.parents.len()];
        for node in &self.order {
            let through = self.parents.get(*node).map_or(&[][..], Vec::as_slice).iter().map(|parent| {
                let state = self.nodes.get(*parent).and_then(|node| state(node, *parent));
                match (state, paths.get(*parent)) {
                    (Some(LinkState::Down), _) => Path::Cut { nearest: *parent, steps: 1 },
                    (Some(LinkState::Up | LinkState::Degraded), _) => Path::Open,
                    (_, Some(Path::Cut { nearest, steps })) => Path::Cut { nearest: *nearest, steps: steps + 1 },
                    (Some(LinkState::Blind | LinkState::Maintenance) | None, _) => Path::Unclear,
                }
            });
            let joined = through.reduce(join).unwrap_or(Path::Open);
            if let Some(path) = paths.get_mut(*node) {
                *path = joined;
            }
        }
        paths
    }
}

/// Two ways to one node: a ring is cut when both are, and then the nearer cut counts, the first one if they are equal.
const fn join(a: Path, b: Path) -> Path {
    match (a, b) {
        (Path::Open, _) | (_, Path::Open) => Path::Open,
        (Path::Unclear, _) | (_, Path::Unclear) => Path::Unclear,
        (Path::Cut { steps: first, .. }, Path::Cut { steps: second, .. }) => {
            if second < first {
                b
            } else {
                a
            }
        }
    }
}
