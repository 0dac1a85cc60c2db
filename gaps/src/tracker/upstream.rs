//! Which link carries which, and which of those that carry a link is down.

use std::collections::HashMap;

use phusong_model::{Link, LinkId, LinkState};

/// How a link is reached through the links that carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Path {
    /// Some way to it works, or nothing is known to carry it.
    Open,
    /// Every way to it is cut; the nearest link that is down, by index, so many steps away.
    Cut { nearest: usize, steps: u32 },
    /// Some way to it could not be looked at.
    Unclear,
}

/// The links by index with the indices of those that carry them.
#[derive(Debug, Clone, Default)]
pub(super) struct Topology {
    parents: Vec<Vec<usize>>,
    /// Every link after those that carry it.
    order: Vec<usize>,
}

impl Topology {
    /// Links that carry each other in a circle, and links that name one which does not exist, are taken as carried by
    /// nothing: with an unknown topology the cause is unknown. The inventory refuses both; this keeps the order finite.
    pub(super) fn of(links: &[Link], index: &HashMap<LinkId, usize>) -> Self {
        let parents: Vec<Vec<usize>> = links
            .iter()
            .map(|link| {
                link.upstream.iter().map(|id| index.get(id).copied()).collect::<Option<_>>().unwrap_or_default()
            })
            .collect();
        let order = order(&parents);
        Self { parents, order }
    }

    /// How each link is reached, by index.
    pub(super) fn paths(&self, state: impl Fn(usize) -> Option<LinkState>) -> Vec<Path> {
        let mut paths = vec![Path::Open; self.parents.len()];
        for link in &self.order {
            let through = self.parents.get(*link).map_or(&[][..], Vec::as_slice).iter().map(|parent| {
                match (state(*parent), paths.get(*parent)) {
                    (Some(LinkState::Down), _) => Path::Cut { nearest: *parent, steps: 1 },
                    (Some(LinkState::Up | LinkState::Degraded), _) => Path::Open,
                    (_, Some(Path::Cut { nearest, steps })) => Path::Cut { nearest: *nearest, steps: steps + 1 },
                    (Some(LinkState::Blind | LinkState::Maintenance) | None, _) => Path::Unclear,
                }
            });
            let joined = through.reduce(join).unwrap_or(Path::Open);
            if let Some(path) = paths.get_mut(*link) {
                *path = joined;
            }
        }
        paths
    }
}

/// Two ways to one link: a ring is cut when both are, and then the nearer cut counts, the first one if they are equal.
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

/// Kahn's order; links in a circle are left out.
fn order(parents: &[Vec<usize>]) -> Vec<usize> {
    let mut waiting: Vec<usize> = parents.iter().map(Vec::len).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); parents.len()];
    for (child, carriers) in parents.iter().enumerate() {
        for parent in carriers {
            if let Some(carried) = children.get_mut(*parent) {
                carried.push(child);
            }
        }
    }
    let mut order: Vec<usize> = (0..parents.len()).filter(|link| waiting.get(*link) == Some(&0)).collect();
    let mut next = 0;
    while let Some(parent) = order.get(next).copied() {
        next += 1;
        for child in children.get(parent).into_iter().flatten() {
            if let Some(left) = waiting.get_mut(*child) {
                *left -= 1;
                if *left == 0 {
                    order.push(*child);
                }
            }
        }
    }
    order
}
