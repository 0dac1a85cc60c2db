//! Circles among what carries what.

use std::collections::BTreeMap;

use crate::Carrier;

/// Circles that are looked for; who repairs so many checks again anyway.
const CYCLES_MAX: usize = 100;

/// How far a node was looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    /// On the way from the node where the search started.
    OnPath,
    Done,
}

/// Circles, one for each reference that closes one and at most [`CYCLES_MAX`], each starting with its first node of the
/// list. A node comes with what carries it. The search keeps its path itself: a chain of all links would be too deep for
/// the call stack.
pub(super) fn cycles(nodes: &[(Carrier, Vec<Carrier>)]) -> Vec<Vec<Carrier>> {
    let index: BTreeMap<&Carrier, usize> = nodes.iter().enumerate().map(|(i, (node, _))| (node, i)).collect();
    let carriers: Vec<Vec<usize>> =
        nodes.iter().map(|(_, carriers)| carriers.iter().filter_map(|id| index.get(id).copied()).collect()).collect();
    let mut marks = vec![Mark::New; nodes.len()];
    let mut found = Vec::new();
    for start in 0..nodes.len() {
        // The path: each node with how many of its carriers were followed.
        let mut path: Vec<(usize, usize)> = Vec::new();
        visit(start, &mut marks, &mut path);
        while let Some((here, followed)) = path.last_mut() {
            let next = carriers.get(*here).and_then(|list| list.get(*followed)).copied();
            *followed += 1;
            match next {
                Some(next) if marks.get(next) == Some(&Mark::OnPath) => {
                    if found.len() == CYCLES_MAX {
                        break;
                    }
                    let from = path.iter().position(|(node, _)| *node == next).unwrap_or_default();
                    found.push(path.iter().skip(from).map(|(node, _)| *node).collect());
                }
                Some(next) => visit(next, &mut marks, &mut path),
                None => {
                    if let Some(mark) = path.pop().and_then(|(done, _)| marks.get_mut(done)) {
                        *mark = Mark::Done;
                    }
                }
            }
        }
    }
    found.into_iter().map(|cycle| named(cycle, nodes)).collect()
}

fn visit(node: usize, marks: &mut [Mark], path: &mut Vec<(usize, usize)>) {
    if let Some(mark) = marks.get_mut(node).filter(|mark| **mark == Mark::New) {
        *mark = Mark::OnPath;
        path.push((node, 0));
    }
}

fn named(mut cycle: Vec<usize>, nodes: &[(Carrier, Vec<Carrier>)]) -> Vec<Carrier> {
    let first = cycle.iter().enumerate().min_by_key(|(_, node)| **node).map_or(0, |(at, _)| at);
    cycle.rotate_left(first);
    cycle.into_iter().filter_map(|node| nodes.get(node)).map(|(node, _)| node.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, carriers: &[&str]) -> (Carrier, Vec<Carrier>) {
        (id.parse().expect("id"), carriers.iter().map(|id| id.parse().expect("id")).collect())
    }

    fn found(nodes: &[(Carrier, Vec<Carrier>)]) -> Vec<String> {
        let named = |cycle: &Vec<Carrier>| cycle.iter().map(ToString::to_string).collect::<Vec<_>>().join(">");
        cycles(nodes).iter().map(named).collect()
    }

    #[test]
    fn circles_are_named_node_by_node_from_the_first_of_the_file() {
        let nodes =
            [node("tail", &["b"]), node("a", &["c"]), node("b", &["a"]), node("c", &["b"]), node("me", &["me"])];
        assert_eq!(found(&nodes), ["a>c>b", "me"]);
    }

    #[test]
    fn a_circle_may_lead_through_a_device_and_its_site() {
        let nodes = [
            node("feeder", &["device/olt"]),
            node("device/olt", &["site/pop"]),
            node("site/pop", &["feeder"]),
            node("drop", &["device/olt"]),
        ];
        assert_eq!(found(&nodes), ["feeder>device/olt>site/pop"]);
    }

    #[test]
    fn rings_and_diamonds_are_no_circles() {
        let nodes =
            [node("leaf", &["left", "right"]), node("left", &["hub"]), node("right", &["hub"]), node("hub", &[])];
        assert!(found(&nodes).is_empty());
    }

    #[test]
    fn a_chain_of_all_links_is_not_too_deep() {
        let mut nodes: Vec<_> = (0..50_000).map(|i| node(&format!("l{i}"), &[&format!("l{}", i + 1)])).collect();
        nodes.push(node("l50000", &["l0"]));
        assert_eq!(cycles(&nodes).iter().map(Vec::len).collect::<Vec<_>>(), [50_001]);
    }
}
