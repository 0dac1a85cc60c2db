//! Which outages are one event. What is known to hang on one carrier is one; the outages of a link that flaps are one; and
//! where no topology tells, what fell silent within one period and in one place, or of one operator or kind, is *probably*
//! one, and says so. All of it is looked at again at every tick: a verdict that changes takes an outage out of one event
//! and into another. An event has the number of its first outage.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use phusong_model::{Carrier, Cause, Change, Edge, Event, EventId, LinkId, Millis, Outage, OutageId, Together, UtcMs};

use super::flapping;

/// A place, an operator or a kind says something when so many links fell silent in it at once, and at least this part of
/// all its links, in percent: of a thousand links of one kind some two always fail together.
const TOGETHER_LEAST: usize = 3;
const TOGETHER_PERCENT: usize = 25;

/// Both links of a commune, or of a site.
const NEAR_LEAST: usize = 2;
const NEAR_PERCENT: usize = 50;

/// An outage that may belong with others.
#[derive(Debug, Clone)]
struct Member {
    link: LinkId,
    start: Edge,
    end: Option<UtcMs>,
    cause: Cause,
    event: EventId,
}

/// What links have in common, and how many links have it.
#[derive(Debug, Clone, Default)]
pub(super) struct Classes {
    of_link: HashMap<LinkId, Vec<Together>>,
    sizes: HashMap<Together, usize>,
    /// Links whose carriers the inventory knows: for those a carrier would tell.
    carried: BTreeSet<LinkId>,
}

impl Classes {
    pub(super) fn of(inventory: &phusong_model::Inventory) -> Self {
        let mut classes = Self::default();
        for link in &inventory.links {
            let district = link.commune.as_ref().and_then(|code| inventory.commune(code)?.district.clone());
            // The widest first: what a whole district lost is not twelve communes' loss.
            let of = [
                Some(Together::Kind(link.kind)),
                link.operator.clone().map(Together::Operator),
                district.map(Together::District),
                link.commune.clone().map(Together::Commune),
                link.site.clone().map(Together::Site),
            ];
            let of: Vec<Together> = of.into_iter().flatten().collect();
            for class in &of {
                *classes.sizes.entry(class.clone()).or_default() += 1;
            }
            classes.of_link.insert(link.id.clone(), of);
            if !link.upstream.is_empty() {
                classes.carried.insert(link.id.clone());
            }
        }
        classes
    }

    fn says_something(&self, class: &Together, silent: usize) -> bool {
        let size = self.sizes.get(class).copied().unwrap_or(silent);
        let (least, percent) = match class {
            Together::Kind(_) | Together::Operator(_) | Together::District(_) => (TOGETHER_LEAST, TOGETHER_PERCENT),
            Together::Commune(_) | Together::Site(_) => (NEAR_LEAST, NEAR_PERCENT),
        };
        silent >= least && silent * 100 >= size * percent
    }
}

/// The outages that are open or young, and the events that they are parts of.
#[derive(Debug, Clone, Default)]
pub(super) struct Events {
    members: BTreeMap<OutageId, Member>,
    known: BTreeMap<EventId, Event>,
    /// Events of which outages were forgotten: what is known of them does not follow from those that are left.
    partial: BTreeSet<EventId>,
}

impl Events {
    /// Goes on after a restart.
    pub(super) fn resume(outages: &[Outage], events: &[Event]) -> Self {
        let member = |outage: &Outage| Member {
            link: outage.link.clone(),
            start: Edge { at: outage.start, error: outage.start_error },
            end: outage.end,
            cause: outage.verdict.cause.clone(),
            event: outage.event,
        };
        Self {
            members: outages.iter().map(|outage| (outage.id, member(outage))).collect(),
            known: events.iter().map(|event| (event.id, event.clone())).collect(),
            partial: events.iter().map(|event| event.id).collect(),
        }
    }

    /// Takes what a tick changed of outages.
    pub(super) fn take(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::OutageOpens { id, link, start, verdict, .. } => {
                    let (link, cause) = (link.clone(), verdict.cause.clone());
                    let member = Member { link, start: *start, end: None, cause, event: EventId::from(*id) };
                    self.members.insert(*id, member);
                }
                Change::OutageVerdict { id, verdict, .. } => {
                    if let Some(member) = self.members.get_mut(id) {
                        member.cause = verdict.cause.clone();
                    }
                }
                Change::OutageEnds { link, end } => self.ends(link, end.at),
                Change::Leaves { link, at } => self.ends(link, *at),
                Change::State(_)
                | Change::OutageBlind { .. }
                | Change::OutageJoins { .. }
                | Change::Event(_)
                | Change::Usual { .. } => {}
            }
        }
    }

    fn ends(&mut self, link: &LinkId, at: UtcMs) {
        let open = self.members.values_mut().filter(|member| member.link == *link && member.end.is_none());
        open.for_each(|member| member.end = Some(at));
    }

    /// Groups anew and tells what is different.
    pub(super) fn regroup(&mut self, now: UtcMs, period: Millis, classes: &Classes) -> Vec<Change> {
        if self.members.is_empty() {
            return Vec::new();
        }
        self.forget(now, period);
        let mut groups = Groups::of(self.members.keys().copied());
        let flapping = self.join_flapping(now, period, &mut groups);
        self.join_carried(&mut groups);
        let together = self.join_together(period, classes, &flapping, &mut groups);
        self.tell(&groups, &flapping, &together)
    }

    /// Outages that are over say nothing of new ones, unless others of their event go on. Of an event that flaps for days
    /// the first outage and the young ones are kept.
    fn forget(&mut self, now: UtcMs, period: Millis) {
        let horizon = now.minus(flapping::memory(period));
        let young = |member: &Member| member.end.is_none_or(|end| end > horizon);
        let alive: BTreeSet<EventId> =
            self.members.values().filter(|member| young(member)).map(|member| member.event).collect();
        let Self { members, known, partial } = self;
        members.retain(|id, member| {
            let flaps = known.get(&member.event).is_some_and(|event| event.flapping);
            let first = EventId::from(*id) == member.event;
            let kept = young(member) || (alive.contains(&member.event) && (first || !flaps));
            if !kept {
                partial.insert(member.event);
            }
            kept
        });
        let events: BTreeSet<EventId> = members.values().map(|member| member.event).collect();
        known.retain(|id, _| events.contains(id));
        partial.retain(|id| events.contains(id));
    }

    /// The outages of a link that flaps are one event. Returns the links.
    fn join_flapping(&self, now: UtcMs, period: Millis, groups: &mut Groups) -> BTreeSet<LinkId> {
        let mut by_link: BTreeMap<&LinkId, Vec<OutageId>> = BTreeMap::new();
        for (id, member) in &self.members {
            by_link.entry(&member.link).or_default().push(*id);
        }
        let mut flapping = BTreeSet::new();
        for (link, ids) in by_link.into_iter().filter(|(_, ids)| ids.len() > 1) {
            let of = || ids.iter().filter_map(|id| self.members.get(id));
            let before = of().any(|member| self.known.get(&member.event).is_some_and(|event| event.flapping));
            let changes = of().flat_map(|member| [Some(member.start.at), member.end]).flatten();
            if flapping::flaps(changes, now, period, before) {
                groups.join_all(&ids);
                flapping.insert(link.clone());
            } else if before {
                // It has calmed down: what was one event stays one, and what comes now is another.
                for (a, b) in ids.iter().zip(ids.iter().skip(1)) {
                    let same = self.members.get(a).map(|member| member.event)
                        == self.members.get(b).map(|member| member.event);
                    if same {
                        groups.join(*a, *b);
                    }
                }
            }
        }
        flapping
    }

    /// What hangs on one carrier, and the carrier's own outage when it is a link.
    fn join_carried(&self, groups: &mut Groups) {
        let mut by_carrier: BTreeMap<&Carrier, Vec<OutageId>> = BTreeMap::new();
        for (id, member) in &self.members {
            if let Some(carrier) = member.cause.carrier() {
                by_carrier.entry(carrier).or_default().push(*id);
            }
        }
        for (carrier, ids) in by_carrier {
            let own = carrier.link().into_iter().flat_map(|link| {
                self.members.iter().filter(move |(_, member)| member.link == *link).map(|(id, _)| *id)
            });
            let own: Vec<OutageId> = own.collect();
            // One carrier may have failed twice while its links are remembered: each hangs on the failure it overlaps.
            for id in &ids {
                let Some(member) = self.members.get(id) else { continue };
                let overlapping =
                    own.iter().rev().find(|own| self.members.get(own).is_some_and(|own| overlap(own, member)));
                match overlapping {
                    Some(own) => groups.join(*own, *id),
                    None => {
                        let sibling = ids.iter().find(|other| {
                            *other < id && self.members.get(other).is_some_and(|other| overlap(other, member))
                        });
                        if let Some(sibling) = sibling {
                            groups.join(*sibling, *id);
                        }
                    }
                }
            }
        }
    }

    /// What fell silent together where no topology tells. What was joined so stays joined while its cause is not known
    /// better.
    fn join_together(
        &self,
        period: Millis,
        classes: &Classes,
        flapping: &BTreeSet<LinkId>,
        groups: &mut Groups,
    ) -> BTreeMap<OutageId, Together> {
        let mut together = BTreeMap::new();
        let mut open: Vec<(OutageId, &Member)> = Vec::new();
        for (id, member) in &self.members {
            if member.cause.carrier().is_some() || flapping.contains(&member.link) {
                continue;
            }
            let common = self.known.get(&member.event).and_then(|event| event.together.clone());
            if let Some(common) = common {
                together.insert(*id, common);
                groups.join(OutageId(member.event.0), *id);
            } else if !classes.carried.contains(&member.link) {
                open.push((*id, member));
            }
        }
        open.sort_by_key(|(id, member)| (member.start.at, *id));
        let mut rest = open.as_slice();
        while let Some(((_, first), _)) = rest.split_first() {
            let until = first.start.at.plus(period).plus(first.start.error);
            let count = rest.iter().take_while(|(_, member)| member.start.at <= until).count();
            let (cluster, later) = rest.split_at(count);
            join_cluster(cluster, classes, groups, &mut together);
            rest = later;
        }
        together
    }

    fn tell(
        &mut self,
        groups: &Groups,
        flapping: &BTreeSet<LinkId>,
        together: &BTreeMap<OutageId, Together>,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut events: BTreeMap<EventId, Event> = BTreeMap::new();
        let mut joins: Vec<(OutageId, EventId)> = Vec::new();
        for ids in groups.groups() {
            let Some(first) = ids.first() else { continue };
            let id = EventId::from(*first);
            joins.extend(ids.iter().map(|outage| (*outage, id)));
            let of = || ids.iter().filter_map(|id| self.members.get(id));
            let links: BTreeSet<&LinkId> = of().map(|member| &member.link).collect();
            let known = self.known.get(&id);
            // A link that has calmed down did flap.
            let flaps = known.is_some_and(|event| event.flapping) || links.iter().any(|link| flapping.contains(*link));
            let before = known.filter(|_| self.partial.contains(&id));
            let by = top(of()).or_else(|| before.and_then(|event| event.by.clone()));
            let together = ids.iter().find_map(|id| together.get(id).cloned());
            let together = together.or_else(|| before.and_then(|event| event.together.clone()));
            if ids.len() > 1 || before.is_some() {
                events.insert(id, Event { id, by, together, flapping: flaps });
            }
        }
        for event in events.values().filter(|event| self.known.get(&event.id) != Some(event)) {
            changes.push(Change::Event(event.clone()));
        }
        // What was an event of several and is none any more.
        for id in self.known.keys().filter(|id| !events.contains_key(id)) {
            changes.push(Change::Event(Event::single(*id)));
        }
        for (id, event) in joins {
            if let Some(member) = self.members.get_mut(&id).filter(|member| member.event != event) {
                member.event = event;
                changes.push(Change::OutageJoins { id, link: member.link.clone(), event });
            }
        }
        self.known = events;
        changes
    }
}

fn overlap(a: &Member, b: &Member) -> bool {
    // Those behind a carrier are found a little before or after it.
    let slack = Millis(a.start.error.0 + b.start.error.0 + 60_000);
    a.start.at <= b.end.unwrap_or(UtcMs(i64::MAX)).plus(slack)
        && b.start.at <= a.end.unwrap_or(UtcMs(i64::MAX)).plus(slack)
}

/// The carrier that no other member hangs on something else with.
fn top<'a>(members: impl Iterator<Item = &'a Member> + Clone) -> Option<Carrier> {
    let behind: BTreeSet<&LinkId> =
        members.clone().filter(|member| member.cause.carrier().is_some()).map(|member| &member.link).collect();
    let carriers: BTreeSet<&Carrier> = members.filter_map(|member| member.cause.carrier()).collect();
    carriers.into_iter().find(|carrier| carrier.link().is_none_or(|link| !behind.contains(link))).cloned()
}

/// Joins a cluster of simultaneous losses by the widest thing that enough of them have in common.
fn join_cluster(
    cluster: &[(OutageId, &Member)],
    classes: &Classes,
    groups: &mut Groups,
    together: &mut BTreeMap<OutageId, Together>,
) {
    let mut left: Vec<(OutageId, &Member)> = cluster.to_vec();
    while left.len() > 1 {
        let mut counts: BTreeMap<&Together, (usize, Vec<OutageId>)> = BTreeMap::new();
        for (id, member) in &left {
            for (rank, class) in classes.of_link.get(&member.link).into_iter().flatten().enumerate() {
                let entry = counts.entry(class).or_insert((rank, Vec::new()));
                entry.1.push(*id);
            }
        }
        let telling = counts.iter().filter(|(class, (_, ids))| classes.says_something(class, ids.len()));
        let Some((class, (_, ids))) = telling.min_by_key(|(class, (_, ids))| (width(class), usize::MAX - ids.len()))
        else {
            return;
        };
        groups.join_all(ids);
        together.extend(ids.iter().map(|id| (*id, (*class).clone())));
        let joined: BTreeSet<OutageId> = ids.iter().copied().collect();
        left.retain(|(id, _)| !joined.contains(id));
    }
}

/// Places before operators before kinds: a crew goes to a place. Of places the widest first.
const fn width(class: &Together) -> u8 {
    match class {
        Together::District(_) => 0,
        Together::Commune(_) => 1,
        Together::Site(_) => 2,
        Together::Operator(_) => 3,
        Together::Kind(_) => 4,
    }
}

/// Outages joined into groups: a forest in which each points to an earlier one, or to itself.
#[derive(Debug)]
struct Groups(BTreeMap<OutageId, OutageId>);

impl Groups {
    fn of(ids: impl Iterator<Item = OutageId>) -> Self {
        Self(ids.map(|id| (id, id)).collect())
    }

    fn first(&self, mut id: OutageId) -> OutageId {
        while let Some(earlier) = self.0.get(&id).filter(|earlier| **earlier != id) {
            id = *earlier;
        }
        id
    }

    fn join(&mut self, a: OutageId, b: OutageId) {
        let (a, b) = (self.first(a), self.first(b));
        self.0.insert(a.max(b), a.min(b));
        self.0.entry(a.min(b)).or_insert(a.min(b));
    }

    fn join_all(&mut self, ids: &[OutageId]) {
        for (a, b) in ids.iter().zip(ids.iter().skip(1)) {
            self.join(*a, *b);
        }
    }

    /// Each group with its first outage in front.
    fn groups(&self) -> impl Iterator<Item = Vec<OutageId>> {
        let mut groups: BTreeMap<OutageId, Vec<OutageId>> = BTreeMap::new();
        for id in self.0.keys() {
            groups.entry(self.first(*id)).or_default().push(*id);
        }
        groups.into_values()
    }
}
