//! Circles among links that carry one another.

use std::collections::BTreeMap;

use crate::{Link, LinkId};

/// Circles that are looked for; who repairs so many checks again anyway.
const CYCLES_MAX: usize = 100;

/// How far a link was looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    /// On the way from the link where the search started.
    OnPath,
    Done,
}

/// Circles of `upstream`, one for each reference that closes one and at most [`CYCLES_MAX`], each starting with its first link in the file.
/// The search keeps its path itself: a chain of all links would be too deep for the call stack.
pub(super) fn cycles(links: &[&Link]) -> Vec<Vec<LinkId>> {
    let index: BTreeMap<&LinkId, usize> = links.iter().enumerate().map(|(i, link)| (&link.id, i)).collect();
    let upstream: Vec<Vec<usize>> =
        links.iter().map(|link| link.upstream.iter().filter_map(|id| index.get(id).copied()).collect()).collect();
    let mut marks = vec![Mark::New; links.len()];
    let mut found = Vec::new();
    for start in 0..links.len() {
        // The path: each link with how many of its upstream links were followed.
        let mut path: Vec<(usize, usize)> = Vec::new();
        visit(start, &mut marks, &mut path);
        while let Some((here, followed)) = path.last_mut() {
            let next = upstream.get(*here).and_then(|list| list.get(*followed)).copied();
            *followed += 1;
            match next {
                Some(next) if marks.get(next) == Some(&Mark::OnPath) => {
                    if found.len() == CYCLES_MAX {
                        break;
                    }
                    let from = path.iter().position(|(link, _)| *link == next).unwrap_or_default();
                    found.push(path.iter().skip(from).map(|(link, _)| *link).collect());
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
    found.into_iter().map(|cycle| named(cycle, links)).collect()
}

fn visit(link: usize, marks: &mut [Mark], path: &mut Vec<(usize, usize)>) {
    if let Some(mark) = marks.get_mut(link).filter(|mark| **mark == Mark::New) {
        *mark = Mark::OnPath;
        path.push((link, 0));
    }
}

fn named(mut cycle: Vec<usize>, links: &[&Link]) -> Vec<LinkId> {
    let first = cycle.iter().enumerate().min_by_key(|(_, link)| **link).map_or(0, |(at, _)| at);
    cycle.rotate_left(first);
    cycle.into_iter().filter_map(|link| links.get(link)).map(|link| link.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Contact, LinkKind};

    fn link(id: &str, upstream: &[&str]) -> Link {
        Link {
            id: id.parse().expect("id"),
            kind: LinkKind::Feeder,
            name: id.to_owned(),
            commune: None,
            site: None,
            address: None,
            service: None,
            interface: None,
            upstream: upstream.iter().map(|id| id.parse().expect("id")).collect(),
            operator: None,
            groups: Vec::new(),
            contact: Contact::default(),
        }
    }

    fn found(links: &[Link]) -> Vec<String> {
        let cycles = cycles(&links.iter().collect::<Vec<_>>());
        cycles.iter().map(|cycle| cycle.iter().map(LinkId::as_str).collect::<Vec<_>>().join(">")).collect()
    }

    #[test]
    fn circles_are_named_link_by_link_from_the_first_of_the_file() {
        let links =
            [link("tail", &["b"]), link("a", &["c"]), link("b", &["a"]), link("c", &["b"]), link("me", &["me"])];
        assert_eq!(found(&links), ["a>c>b", "me"]);
    }

    #[test]
    fn rings_and_diamonds_are_no_circles() {
        let links =
            [link("leaf", &["left", "right"]), link("left", &["hub"]), link("right", &["hub"]), link("hub", &[])];
        assert!(found(&links).is_empty());
    }

    #[test]
    fn a_chain_of_all_links_is_not_too_deep() {
        let mut links: Vec<Link> = (0..50_000).map(|i| link(&format!("l{i}"), &[&format!("l{}", i + 1)])).collect();
        links.push(link("l50000", &["l0"]));
        assert_eq!(cycles(&links.iter().collect::<Vec<_>>()).iter().map(Vec::len).collect::<Vec<_>>(), [50_001]);
    }
}
