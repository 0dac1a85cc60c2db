//! Whether the links of a group are fit for a meeting.

use std::collections::{HashMap, HashSet};

use phusong_model::{
    BlindReason, Carrier, Cause, Contact, GroupId, Link, LinkId, LinkKind, LinkNow, LinkState, Maintenance, Micros,
    Millis, Outage, Usual, UtcMs, Window,
    answer::{Fitness, FitnessCounts, MEETING_LENGTH, Query, ReadyBody, ReadyItem, ReadyReason},
};

use super::view::View;

/// A single echo gets lost anywhere; so many of one round are worth a word.
const LOST_LEAST: u16 = 2;

/// A round trip is no longer than usual because of less than this, which nobody notices.
const SLOWER_LEAST: Micros = Micros(5_000);

/// A reason and how much it weighs.
type Weighed = (Fitness, ReadyReason);

/// What every link of the group is judged by.
struct Judge<'v, 'a> {
    view: &'v View<'a>,
    meeting: Window,
    carriers: HashMap<Carrier, Vec<Carrier>>,
    outages: HashMap<&'a LinkId, Vec<&'a Outage>>,
    flapping: HashSet<&'a LinkId>,
    work: Vec<Maintenance>,
}

pub(super) fn body(view: &View<'_>, group: &GroupId, query: &Query) -> ReadyBody {
    let at = query.at.unwrap_or(view.evidence.now);
    let meeting = Window::new(at, at.plus(query.length_ms.unwrap_or(MEETING_LENGTH)));
    let judge = Judge::of(view, meeting);
    let (members, needed) = who_meets(view);
    let mut items: Vec<ReadyItem> = members.into_iter().map(|link| judge.item(link)).collect();
    let mut platforms: Vec<ReadyItem> = needed.into_iter().map(|link| judge.item(link)).collect();
    let platforms_total = platforms.len() as u64;
    // What all need and does not work, or cannot be seen, holds for all. One that is at risk is told and holds nobody up.
    let held = platforms.iter().map(|item| item.fitness).min().filter(|fitness| *fitness <= Fitness::Unknown);
    let (mut counts, mut own) = (FitnessCounts::default(), FitnessCounts::default());
    for item in &items {
        own.add(item.fitness);
        counts.add(held.map_or(item.fitness, |held| held.min(item.fitness)));
    }
    // Stable: equals keep the order of the inventory.
    items.sort_by_key(|item| item.fitness);
    platforms.retain(|item| item.fitness != Fitness::Fit);
    platforms.sort_by_key(|item| item.fitness);
    let links = items.len() as u64;
    let group = group.clone();
    ReadyBody { group, at: meeting.from, until: meeting.to, links, counts, own, platforms, platforms_total, items }
}

/// Who meets, and the platforms that all of them need. A group that names its platform, such as the bridge that it meets on,
/// needs that one; of a group that names none nobody knows which, so it needs them all.
fn who_meets<'a>(view: &View<'a>) -> (Vec<&'a Link>, Vec<&'a Link>) {
    let is_platform = |link: &&Link| link.kind == LinkKind::Platform;
    let members = || view.seen.iter().map(|seen| seen.link);
    let platforms = || view.evidence.inventory.links.iter().filter(is_platform);
    // Of the whole group, also where only a place of it is asked about: a platform serves no single commune.
    let own: Vec<&Link> =
        platforms().filter(|link| view.group.is_some_and(|group| link.groups.contains(group))).collect();
    let others: Vec<&Link> = members().filter(|link| !is_platform(link)).collect();
    if !own.is_empty() && !others.is_empty() {
        return (others, own);
    }
    let asked: HashSet<&LinkId> = members().map(|link| &link.id).collect();
    (members().collect(), platforms().filter(|link| !asked.contains(&link.id)).collect())
}

impl<'v, 'a> Judge<'v, 'a> {
    fn of(view: &'v View<'a>, meeting: Window) -> Self {
        let evidence = view.evidence;
        let mut outages: HashMap<&LinkId, Vec<&Outage>> = HashMap::new();
        for outage in &evidence.outages {
            outages.entry(&outage.link).or_default().push(outage);
        }
        let flapping: HashSet<_> =
            evidence.events.iter().filter(|event| event.flapping).map(|event| event.id).collect();
        let flapping = evidence.outages.iter().filter(|outage| flapping.contains(&outage.event));
        let planned = evidence.planned.iter().filter_map(phusong_model::Planned::maintenance);
        Self {
            view,
            meeting,
            carriers: evidence.inventory.carried().into_iter().collect(),
            flapping: flapping.map(|outage| &outage.link).collect(),
            outages,
            work: evidence.inventory.maintenance.iter().cloned().chain(planned).collect(),
        }
    }

    fn item(&self, link: &'a Link) -> ReadyItem {
        let now = self.view.now(&link.id);
        let mut reasons = self.state(link, now);
        let works = !self.view.is_stale() && now.is_some_and(|now| now.state.works());
        if works {
            reasons.extend(self.lately(link));
            reasons.extend(now.and_then(round));
            reasons.extend(self.carriers(link));
        }
        // What is worked on now is told as its state.
        let is_told = |now: &&LinkNow| now.state == LinkState::Maintenance && !self.view.is_stale();
        let told_until = now.filter(is_told).map(|_| self.view.evidence.now);
        reasons.extend(self.work_on(link, told_until));
        reasons.sort_by_key(|(fitness, _)| *fitness);
        let fitness = reasons.first().map_or(Fitness::Fit, |(fitness, _)| *fitness);
        ReadyItem {
            link: link.id.clone(),
            name: link.name.clone(),
            kind: link.kind,
            commune: link.commune.clone(),
            commune_name: self.view.commune_name(link.commune.as_ref()),
            operator: link.operator.clone(),
            fitness,
            since: self.since(link, now),
            reasons: reasons.into_iter().map(|(_, reason)| reason).collect(),
            contact: self.contact(link),
        }
    }

    /// Whom to call: of the link, or, when it names nobody, of what carries it and is down, as far up as that goes.
    fn contact(&self, link: &Link) -> Contact {
        let is_somebody = |contact: &Contact| contact.phone.is_some() || contact.duty.is_some();
        let (mut found, mut met) = (link.contact.clone(), HashSet::from([&link.id]));
        let mut below = link;
        while !is_somebody(&found) {
            let cause = self.view.now(&below.id).and_then(|now| now.cause.as_ref());
            let carrier = cause.and_then(Cause::carrier).and_then(Carrier::link).and_then(|id| self.view.link(id));
            let down = || below.upstream.iter().filter_map(Carrier::link).find_map(|id| self.down(id));
            match carrier.or_else(down) {
                Some(carrier) if met.insert(&carrier.id) => (found, below) = (carrier.contact.clone(), carrier),
                Some(_) | None => return link.contact.clone(),
            }
        }
        found
    }

    fn down(&self, id: &LinkId) -> Option<&'a Link> {
        self.view.link(id).filter(|link| self.view.state(&link.id) == Some(LinkState::Down))
    }

    /// Since when it has been as it should not be.
    fn since(&self, link: &Link, now: Option<&LinkNow>) -> Option<UtcMs> {
        let now = now?;
        match now.state {
            LinkState::Up | LinkState::Degraded | LinkState::Maintenance if self.view.is_stale() => {
                Some(self.view.watched_until())
            }
            LinkState::Up => None,
            LinkState::Down => Some(self.view.open_outage(&link.id).map_or(now.since, |outage| outage.start)),
            LinkState::Degraded | LinkState::Blind | LinkState::Maintenance => Some(now.since),
        }
    }

    /// What its state says by itself.
    fn state(&self, link: &Link, now: Option<&LinkNow>) -> Vec<Weighed> {
        let weighed = match now.map(|now| (now.state, now)) {
            None => (Fitness::Unknown, ReadyReason::Blind { blind: None }),
            // What was well when somebody last looked may be anything now.
            Some((LinkState::Up | LinkState::Degraded | LinkState::Maintenance, _)) if self.view.is_stale() => {
                (Fitness::Unknown, ReadyReason::Blind { blind: Some(BlindReason::NotRunning) })
            }
            Some((LinkState::Up, _)) => return Vec::new(),
            Some((LinkState::Blind, now)) => (Fitness::Unknown, ReadyReason::Blind { blind: now.blind }),
            Some((LinkState::Degraded, now)) => (Fitness::AtRisk, ReadyReason::Degraded { worse: now.worse }),
            Some((LinkState::Maintenance, _)) => self.in_maintenance(link),
            Some((LinkState::Down, now)) => {
                let cause = now.cause.as_ref();
                let (cause, carrier) = (cause.map_or("unknown", |cause| cause.id()), cause.and_then(|c| c.carrier()));
                (Fitness::Unfit, ReadyReason::Down { cause: cause.to_owned(), carrier: carrier.cloned() })
            }
        };
        vec![weighed]
    }

    /// What is worked on now is not fit, unless that is over before the meeting begins: then nobody has seen it yet.
    fn in_maintenance(&self, link: &Link) -> Weighed {
        let now = self.view.evidence.now;
        let on = self.windows(link, Window::new(now, now.plus(Millis(1)))).max_by_key(|(window, _)| window.to);
        let until = on.map(|(window, _)| window.to);
        let over = until.is_some_and(|until| until <= self.meeting.from);
        let reason = ReadyReason::InMaintenance { until, work: on.map(|(_, work)| work.why.clone()) };
        (if over { Fitness::AtRisk } else { Fitness::Unfit }, reason)
    }

    /// Announced work that touches a link and a stretch of time.
    fn windows(&self, link: &Link, around: Window) -> impl Iterator<Item = (Window, &Maintenance)> {
        let touching = self.work.iter().filter(|work| work.scope.touches(link));
        touching.flat_map(move |work| work.windows(around).into_iter().map(move |window| (window, work)))
    }

    /// Work on a link that overlaps the meeting and begins later than what is told already.
    fn work_on(&self, link: &Link, told_until: Option<UtcMs>) -> Vec<Weighed> {
        let reason = |(window, work): (Window, &Maintenance)| {
            let (from, until, work) = (window.from, window.to, work.why.clone());
            (Fitness::AtRisk, ReadyReason::Work { on: link.id.clone(), from, until, work })
        };
        let is_untold = |(window, _): &(Window, &Maintenance)| told_until.is_none_or(|told| window.from > told);
        self.windows(link, self.meeting).filter(is_untold).map(reason).collect()
    }

    /// Outages that are over, in the window of the answer.
    fn lately(&self, link: &Link) -> Vec<Weighed> {
        if self.flapping.contains(&link.id) {
            return vec![(Fitness::AtRisk, ReadyReason::Flapping)];
        }
        let outages = self.outages.get(&link.id).into_iter().flatten();
        let last = outages.filter_map(|outage| Some((outage.start, outage.end?))).max_by_key(|(_, end)| *end);
        let reason = |(start, end)| (Fitness::AtRisk, ReadyReason::LatelyDown { start, end });
        last.map(reason).into_iter().collect()
    }

    /// The links that carry it, near and far: while one of them is down it hangs on the other, and nobody knows for how long.
    fn carriers(&self, link: &Link) -> Vec<Weighed> {
        let mut reasons = Vec::new();
        let mut met: HashSet<&Carrier> = HashSet::new();
        let mut next: Vec<&Carrier> = link.upstream.iter().rev().collect();
        while let Some(carrier) = next.pop() {
            if !met.insert(carrier) {
                continue;
            }
            next.extend(self.carriers.get(carrier).into_iter().flatten().rev());
            let Some(carrier) = carrier.link().and_then(|id| self.view.link(id)) else { continue };
            let id = || carrier.id.clone();
            match self.view.state(&carrier.id) {
                Some(LinkState::Down) => {
                    reasons.push((Fitness::AtRisk, ReadyReason::CarrierDown { carrier: id() }));
                }
                Some(LinkState::Degraded) => {
                    reasons.push((Fitness::AtRisk, ReadyReason::CarrierDegraded { carrier: id() }));
                }
                // The link itself answers, which is all that a carrier nobody sees could tell.
                Some(LinkState::Up | LinkState::Blind | LinkState::Maintenance) | None => {}
            }
            reasons.extend(self.work_on(carrier, None));
        }
        reasons
    }
}

/// What the last round says of a link that is up: more lost, or slower, than is usual for it. One round is no verdict, but a
/// meeting that is about to begin has no other.
fn round(now: &LinkNow) -> Option<Weighed> {
    if now.state != LinkState::Up {
        return None;
    }
    let echoes = now.icmp?;
    let usual_loss = now.usual.and_then(|usual| usual.loss).unwrap_or(0.0);
    let lost = f64::from(echoes.lost) > 2.0 * usual_loss * f64::from(echoes.sent) && echoes.lost >= LOST_LEAST;
    if lost {
        return Some((Fitness::AtRisk, ReadyReason::Loss { sent: echoes.sent, lost: echoes.lost }));
    }
    let (usual, rtt) = (now.usual?, echoes.rtt?);
    let (rtt_ms, usual_ms) = (rtt.median.as_millis_f64(), usual.rtt.as_millis_f64());
    (rtt.median > slow_above(usual)).then_some((Fitness::AtRisk, ReadyReason::Delay { rtt_ms, usual_ms }))
}

/// Above it a round trip is slow, by the same measure as links are degraded.
fn slow_above(usual: Usual) -> Micros {
    let spread = usual.rtt_high.0.saturating_sub(usual.rtt.0);
    let above = spread.saturating_mul(3).max(usual.rtt.0 / 2).max(SLOWER_LEAST.0);
    Micros(usual.rtt.0.saturating_add(above))
}
