//! Why links are down: gathers the clues of every outage, has them judged, and groups outages into events.

use std::collections::HashMap;

use phusong_model::{
    BlindReason, Carrier, Change, Clue, Edge, Inventory, LinkId, LinkState, OutageId, Sign, SiteId, Tick, Together,
    UtcMs,
};

use super::{
    Known, Rules,
    cases::{Carried, Case, Cases},
    devices::{Devices, Ends},
    events::{Classes, Events},
    upstream::{Path, Topology},
    watch::Watch,
};
use crate::{DeviceLook, IcmpLook, Look, SnmpLook};

/// With fewer links than this, all of them may well fail at once without us.
const EVERYTHING_LEAST: usize = 5;

/// Links of several operators in one place that make a failed grid likely.
const DARK_LINKS: usize = 3;
const DARK_OPERATORS: usize = 2;

/// All that is known of causes.
#[derive(Debug, Clone)]
pub(super) struct Investigation {
    topology: Topology,
    devices: Devices,
    cases: Cases,
    events: Events,
    places: Places,
}

/// What the inventory says of links that bears on causes; by index where links are asked about by index.
#[derive(Debug, Clone, Default)]
struct Places {
    ends: Vec<Ends>,
    sites: HashMap<SiteId, Vec<usize>>,
    of_link: Vec<Option<SiteId>>,
    operators: HashMap<LinkId, phusong_model::Operator>,
    /// Where a link is: its former district, else its commune.
    areas: HashMap<LinkId, Together>,
    classes: Classes,
}

impl Places {
    fn of(inventory: &Inventory) -> Self {
        let mut places = Self { classes: Classes::of(inventory), ..Self::default() };
        for (index, link) in inventory.links.iter().enumerate() {
            places.ends.push(Ends::of(link, inventory));
            places.of_link.push(link.site.clone());
            // A link that hangs on a site says nothing of the site.
            if let Some(site) = &link.site
                && !link.upstream.contains(&Carrier::Site(site.clone()))
            {
                places.sites.entry(site.clone()).or_default().push(index);
            }
            if let Some(operator) = &link.operator {
                places.operators.insert(link.id.clone(), operator.clone());
            }
            if let Some(code) = &link.commune {
                let district = inventory.commune(code).and_then(|commune| commune.district.clone());
                let area = district.map_or_else(|| Together::Commune(code.clone()), Together::District);
                places.areas.insert(link.id.clone(), area);
            }
        }
        places
    }
}

/// How many links there are, when every one that was pinged in this tick lost everything and most of them worked before.
pub(super) fn lost_at_once(watches: &[Watch], looks: &[Option<&Look>]) -> Option<u32> {
    let (mut silent, mut fell) = (0_usize, 0_usize);
    for (watch, look) in watches.iter().zip(looks) {
        let Some(IcmpLook::Echoes(echoes)) = look.and_then(|look| look.icmp.as_ref()) else { continue };
        if echoes.iter().any(crate::EchoSeen::came_back) {
            return None;
        }
        silent += 1;
        fell += usize::from(watch.state.works());
    }
    (silent >= EVERYTHING_LEAST && fell * 2 > silent).then(|| u32::try_from(silent).unwrap_or(u32::MAX))
}

impl Investigation {
    pub(super) fn resume(inventory: &Inventory, known: Known<'_>) -> Self {
        let mut devices = Devices::default();
        devices.relink(inventory);
        Self {
            topology: Topology::of(inventory),
            devices,
            cases: Cases::resume(known.outages, known.last_outage.unwrap_or(OutageId(0))),
            events: Events::resume(known.outages, known.events),
            places: Places::of(inventory),
        }
    }

    pub(super) fn relink(&mut self, inventory: &Inventory) {
        self.topology = Topology::of(inventory);
        self.devices.relink(inventory);
        self.places = Places::of(inventory);
    }

    pub(super) fn carriers(&self, index: usize) -> impl Iterator<Item = &Carrier> {
        self.topology.carriers(index)
    }

    pub(super) fn case(&self, link: &LinkId) -> Option<&Case> {
        self.cases.of(link)
    }

    /// What the OLT of an ONT says of it in this tick.
    pub(super) fn ont(&self, index: usize, at: UtcMs) -> Option<SnmpLook> {
        self.devices.ont(self.places.ends.get(index)?.near()?, at)
    }

    /// Takes what devices said. What we could not ask says nothing.
    pub(super) fn listen(&mut self, devices: &[DeviceLook], tick: &Tick) {
        for look in devices {
            self.devices.take(look, tick.at);
        }
        if tick.blind.is_some_and(|reason| reason != BlindReason::NoPermission) {
            self.devices.forget_silence();
        }
    }

    /// An outage opens; `announced` is the work that was announced for then.
    pub(super) fn opens(
        &mut self,
        link: &LinkId,
        start: Edge,
        announced: Vec<Clue>,
        everything: Option<u32>,
        tick: &Tick,
    ) {
        self.cases.open(link, start);
        let mut clues = announced;
        clues.extend(everything.map(|links| Clue { at: tick.at, sign: Sign::EverythingLost { links } }));
        if let Some(case) = self.cases.of_mut(link) {
            case.add(clues);
        }
    }

    pub(super) fn ends(&mut self, link: &LinkId, end: UtcMs) {
        self.cases.close(link, end);
    }

    /// Links left, and their outages with them.
    pub(super) fn leave(&mut self, changes: &[Change]) {
        for change in changes {
            if let Change::Leaves { link, .. } = change {
                self.cases.drop(link);
            }
        }
        self.events.take(changes);
    }

    /// Judges every outage anew, by what this tick knows. Those that have just opened tell their verdict as they open.
    pub(super) fn judge(&mut self, watches: &[Watch], tick: &Tick, rules: &Rules) -> Vec<Change> {
        let places = &self.places;
        let devices = &self.devices;
        let mut changes = self.cases.look_back(tick.at, |case| {
            let end = case.end.unwrap_or(tick.at);
            let index = watches.iter().position(|watch| watch.link == case.link);
            let ends = index.and_then(|index| places.ends.get(index));
            ends.map_or_else(Vec::new, |ends| devices.came_back(ends, case.earliest(), end))
        });
        if self.cases.all_open().next().is_none() {
            return changes;
        }
        let paths = self.topology.paths(|node, index| self.state_of(node, index, watches, rules));
        let dark = self.dark_together(tick);
        for (index, (watch, path)) in watches.iter().zip(paths).enumerate() {
            let Some(case) = self.cases.of(&watch.link) else { continue };
            let clues = self.clues(case, index, watches, tick, &dark);
            let carried = match path {
                Path::Cut { nearest, .. } => match self.topology.node(nearest) {
                    Some(carrier) if self.fell_before(carrier, case, tick) => Carried::Cut(carrier.clone()),
                    Some(_) | None => Carried::Unclear,
                },
                Path::Open => Carried::Open,
                Path::Unclear => Carried::Unclear,
            };
            let Some(case) = self.cases.of_mut(&watch.link) else { continue };
            case.add(clues);
            if watch.state == LinkState::Down {
                case.carried(carried, tick.at);
            }
            if case.judge() {
                changes.push(case.revision(tick.at));
            }
        }
        changes
    }

    /// Whether a carrier may have failed before the link did, as far as looks can tell: what fails later is not why.
    fn fell_before(&self, carrier: &Carrier, case: &Case, tick: &Tick) -> bool {
        let earliest = match carrier {
            Carrier::Link(link) => self.cases.of(link).map(Case::earliest),
            Carrier::Device(device) => self.devices.last_answer(device),
            Carrier::Site(_) => None,
        };
        let latest = case.start.at.plus(case.start.error).plus(tick.period);
        earliest.is_none_or(|earliest| earliest <= latest)
    }

    fn clues(
        &self,
        case: &Case,
        index: usize,
        watches: &[Watch],
        tick: &Tick,
        dark: &HashMap<LinkId, Sign>,
    ) -> Vec<Clue> {
        let mut clues: Vec<Clue> = Vec::new();
        if let Some(ends) = self.places.ends.get(index) {
            clues.extend(self.devices.clues(ends, case.earliest()));
        }
        let site = self.places.of_link.get(index).and_then(Option::as_ref);
        let beside = site.and_then(|site| self.places.sites.get(site)).into_iter().flatten();
        let answers = beside
            .filter(|other| **other != index)
            .filter_map(|other| watches.get(*other))
            .find(|other| other.state == LinkState::Up && other.since <= case.start.at);
        clues.extend(answers.map(|other| {
            let carrier = Carrier::Link(other.link.clone());
            Clue { at: tick.at, sign: Sign::SiteAnswers { carrier } }
        }));
        clues.extend(dark.get(&case.link).map(|sign| Clue { at: tick.at, sign: sign.clone() }));
        clues
    }

    /// Links of several operators that fell silent in one place within a period. Links behind a carrier fell with it.
    fn dark_together(&self, tick: &Tick) -> HashMap<LinkId, Sign> {
        let mut by_area: HashMap<&Together, Vec<&Case>> = HashMap::new();
        for case in self.cases.all_open() {
            let carried = case.has(|sign| matches!(sign, Sign::CarrierDown { .. }));
            if let Some(area) = self.places.areas.get(&case.link).filter(|_| !carried) {
                by_area.entry(area).or_default().push(case);
            }
        }
        let mut dark = HashMap::new();
        for cases in by_area.values_mut().filter(|cases| cases.len() >= DARK_LINKS) {
            cases.sort_by_key(|case| (case.start.at, case.id));
            let mut rest = cases.as_slice();
            while let Some((first, _)) = rest.split_first() {
                let until = first.start.at.plus(tick.period).plus(first.start.error);
                let count = rest.iter().take_while(|case| case.start.at <= until).count();
                let (cluster, later) = rest.split_at(count);
                rest = later;
                let mut operators: Vec<_> =
                    cluster.iter().filter_map(|case| self.places.operators.get(&case.link)).collect();
                operators.sort_unstable();
                operators.dedup();
                if cluster.len() >= DARK_LINKS && operators.len() >= DARK_OPERATORS {
                    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
                    let sign = Sign::DarkTogether { links: count(cluster.len()), operators: count(operators.len()) };
                    dark.extend(cluster.iter().map(|case| (case.link.clone(), sign.clone())));
                }
            }
        }
        dark
    }

    /// The state of something that carries others.
    fn state_of(&self, node: &Carrier, index: usize, watches: &[Watch], rules: &Rules) -> Option<LinkState> {
        match node {
            Carrier::Link(_) => watches.get(index).map(|watch| watch.state),
            Carrier::Device(device) => self.devices.state(device, rules.rule.snmp_lost),
            Carrier::Site(site) => {
                let devices = self.devices.at_site(site).filter_map(|id| self.devices.state(id, rules.rule.snmp_lost));
                let links = self.places.sites.get(site).into_iter().flatten();
                let states: Vec<LinkState> =
                    devices.chain(links.filter_map(|index| watches.get(*index)).map(|watch| watch.state)).collect();
                let known = || states.iter().filter(|state| state.works() || **state == LinkState::Down);
                if known().any(|state| state.works()) {
                    Some(LinkState::Up)
                } else if known().next().is_some() {
                    Some(LinkState::Down)
                } else {
                    Some(LinkState::Blind)
                }
            }
        }
    }

    /// Groups outages into events, after the changes of a tick.
    pub(super) fn regroup(&mut self, changes: &[Change], tick: &Tick) -> Vec<Change> {
        self.events.take(changes);
        self.events.regroup(tick.at, tick.period, &self.places.classes)
    }
}
