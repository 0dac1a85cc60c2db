//! The evidence with its indexes, narrowed to what was asked about.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
};

use phusong_model::{
    BlindReason, Carrier, Cause, CommuneCode, Device, DeviceId, EventId, Evidence, GroupId, Link, LinkId, LinkKind,
    LinkNow, LinkState, Millis, Operator, OperatorScope, Outage, Settlement, SettlementId, Site, SiteId, Span,
    StateTimes, UtcMs,
};

use super::find::Place;
use crate::account::{Member, account_member};

/// The period that is assumed when the store holds no tick to tell: the default of `[icmp]`.
const PERIOD: Millis = Millis(10_000);

/// Answers are stale when the newest tick is older than so many periods: one may be late and one be on its way.
const STALE_PERIODS: i64 = 3;

/// Below this age no answer is stale, however short the period: a commit may wait that long for a slow disk.
const STALE_LEAST: Millis = Millis::from_secs(30);

/// A link with everything known of it.
#[derive(Debug, Clone)]
pub(super) struct Seen<'a> {
    pub(super) link: &'a Link,
    pub(super) state: LinkState,
    pub(super) since: UtcMs,
    pub(super) cause: Option<&'a Cause>,
    pub(super) blind: Option<BlindReason>,
    /// None right after a reload, before the tracker took the link.
    pub(super) now: Option<&'a LinkNow>,
    pub(super) times: StateTimes,
    /// For accounts of several links together.
    pub(super) member: Option<Member<'a>>,
}

/// What was asked about; everything where nothing is named.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked<'a> {
    pub(super) place: Option<Place<'a>>,
    pub(super) group: Option<&'a GroupId>,
    pub(super) link: Option<&'a Link>,
    pub(super) operator: Option<Operator>,
    pub(super) kind: Option<LinkKind>,
    pub(super) state: Option<LinkState>,
}

/// The evidence with its indexes, narrowed to what was asked about.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) evidence: &'a Evidence,
    pub(super) place: Option<Place<'a>>,
    pub(super) group: Option<&'a GroupId>,
    /// The only link that is asked about, when one is.
    pub(super) only: Option<&'a Link>,
    pub(super) operator: Option<Operator>,
    kind: Option<LinkKind>,
    wanted: Option<LinkState>,
    /// The links asked about, in the order of the inventory.
    pub(super) seen: Vec<Seen<'a>>,
    links: HashMap<&'a LinkId, &'a Link>,
    states: HashMap<&'a LinkId, &'a LinkNow>,
    people: HashMap<&'a CommuneCode, u64>,
    households: HashMap<&'a CommuneCode, u64>,
    sites: HashMap<&'a SiteId, &'a Site>,
    devices: HashMap<&'a DeviceId, &'a Device>,
    open: HashMap<&'a LinkId, &'a Outage>,
    pub(super) settlements: HashMap<&'a SettlementId, &'a Settlement>,
    /// Links, devices and sites by what carries them.
    carried: HashMap<Carrier, Vec<Carrier>>,
    /// People who felt each event, once that is asked for.
    felt: OnceCell<HashMap<EventId, u64>>,
}

impl<'a> View<'a> {
    pub(super) fn of(evidence: &'a Evidence, asked: Asked<'a>) -> Self {
        let inventory = &evidence.inventory;
        let mut carried: HashMap<Carrier, Vec<Carrier>> = HashMap::new();
        for (node, carriers) in inventory.carried() {
            for carrier in carriers {
                carried.entry(carrier).or_default().push(node.clone());
            }
        }
        let mut view = Self {
            evidence,
            place: asked.place,
            group: asked.group,
            only: asked.link,
            operator: asked.operator,
            kind: asked.kind,
            wanted: asked.state,
            seen: Vec::new(),
            links: inventory.links.iter().map(|link| (&link.id, link)).collect(),
            states: evidence.links.iter().map(|now| (&now.link, now)).collect(),
            people: people(evidence),
            households: sums(inventory.settlements.iter().map(|s| (&s.commune, s.households))),
            sites: inventory.sites.iter().map(|site| (&site.id, site)).collect(),
            devices: inventory.devices.iter().map(|device| (&device.id, device)).collect(),
            open: evidence.outages.iter().filter(|o| o.end.is_none()).map(|o| (&o.link, o)).collect(),
            settlements: inventory.settlements.iter().map(|settlement| (&settlement.id, settlement)).collect(),
            carried,
            felt: OnceCell::new(),
        };
        view.seen = view.look();
        view
    }

    fn look(&self) -> Vec<Seen<'a>> {
        let spans: HashMap<&LinkId, &'a [Span]> = self
            .evidence
            .spans
            .chunk_by(|a, b| a.link == b.link)
            .filter_map(|spans| spans.first().map(|first| (&first.link, spans)))
            .collect();
        let asked = self.evidence.inventory.links.iter().filter(|link| self.asks_about_link(link));
        asked.map(|link| self.look_at(link, spans.get(&link.id).copied().unwrap_or_default())).collect()
    }

    fn look_at(&self, link: &'a Link, spans: &'a [Span]) -> Seen<'a> {
        let now = self.states.get(&link.id).copied();
        // An open span vouches only for the time that was watched: what comes after the last tick of a stale store is blind.
        let member = now.map(|now| Member::new(spans, now.entered).watched(self.watched_until()));
        Seen {
            link,
            state: now.map_or(LinkState::Blind, |now| now.state),
            since: now.map_or(self.evidence.now, |now| now.since),
            cause: now.and_then(|now| now.cause.as_ref()),
            blind: now.map_or(Some(BlindReason::NotYetProbed), |now| now.blind),
            now,
            times: member.map_or_else(StateTimes::default, |member| account_member(member, self.evidence.window)),
            member,
        }
    }

    /// Until when the evidence reaches: now, or the end of the last tick when that is long over.
    pub(super) fn watched_until(&self) -> UtcMs {
        match self.evidence.age {
            Some(age) if self.is_stale() => self.evidence.now.minus(age).plus(self.period()).min(self.evidence.now),
            Some(_) => self.evidence.now,
            None => UtcMs::MIN,
        }
    }

    fn period(&self) -> Millis {
        let tick = self.evidence.health.as_ref().and_then(|health| health.prober.last_tick);
        tick.map_or(PERIOD, |tick| tick.period)
    }

    /// Whether the newest tick is older than it should be, or there is none.
    pub(super) fn is_stale(&self) -> bool {
        let allowed = STALE_LEAST.max(Millis(self.period().0.saturating_mul(STALE_PERIODS)));
        self.evidence.age.is_none_or(|age| age > allowed)
    }

    /// Whether something in that commune, or in none, was asked about.
    pub(super) fn asks_about(&self, commune: Option<&CommuneCode>) -> bool {
        self.place.as_ref().is_none_or(|asked| commune.is_some_and(|code| asked.has(code)))
    }

    /// Whether less than everything was asked about.
    pub(super) const fn is_narrowed(&self) -> bool {
        self.place.is_some() || self.group.is_some() || self.narrows_links()
    }

    /// Whether only some links of a place were asked about: what is not a link is then not asked about at all.
    pub(super) const fn narrows_links(&self) -> bool {
        self.only.is_some() || self.kind.is_some() || self.wanted.is_some()
    }

    /// Whether that link was asked about.
    pub(super) fn asks_about_link(&self, link: &Link) -> bool {
        self.only.is_none_or(|only| only.id == link.id)
            && self.group.is_none_or(|group| link.groups.contains(group))
            && self.kind.is_none_or(|kind| link.kind == kind)
            && self.operator.as_ref().is_none_or(|operator| link.operator.as_ref() == Some(operator))
            && self.wanted.is_none_or(|wanted| self.state(&link.id).unwrap_or(LinkState::Blind) == wanted)
            && self.asks_about(link.commune.as_ref())
    }

    /// Whether coverage by these operators was asked about.
    pub(super) fn asks_about_scope(&self, scope: &OperatorScope) -> bool {
        let Some(asked) = &self.operator else { return true };
        match scope {
            OperatorScope::One(operator) => operator == asked,
            OperatorScope::Any | OperatorScope::Best | OperatorScope::All | OperatorScope::AtLeast(_) => false,
        }
    }

    pub(super) fn link(&self, id: &LinkId) -> Option<&'a Link> {
        self.links.get(id).copied()
    }

    pub(super) fn state(&self, id: &LinkId) -> Option<LinkState> {
        self.states.get(id).map(|now| now.state)
    }

    pub(super) fn now(&self, id: &LinkId) -> Option<&'a LinkNow> {
        self.states.get(id).copied()
    }

    pub(super) fn commune_name(&self, code: Option<&CommuneCode>) -> Option<String> {
        code.and_then(|code| self.evidence.inventory.commune(code)).map(|commune| commune.name.clone())
    }

    /// People of a commune, when known.
    pub(super) fn people(&self, code: &CommuneCode) -> Option<u64> {
        self.people.get(code).copied()
    }

    /// Households of a commune's settlements, when any is known.
    pub(super) fn households(&self, code: &CommuneCode) -> Option<u64> {
        self.households.get(code).copied()
    }

    pub(super) fn site(&self, id: &SiteId) -> Option<&'a Site> {
        self.sites.get(id).copied()
    }

    pub(super) fn device(&self, id: &DeviceId) -> Option<&'a Device> {
        self.devices.get(id).copied()
    }

    /// The open outage of a link.
    pub(super) fn open_outage(&self, link: &LinkId) -> Option<&'a Outage> {
        self.open.get(link).copied()
    }

    /// People who depend on a link: those of its commune, or, for a feeder, those of the communes whose links it carries,
    /// near or far, that are down now. None when nothing is known of any of them.
    pub(super) fn people_behind(&self, link: &Link) -> Option<u64> {
        if let Some(code) = &link.commune {
            return self.people(code);
        }
        self.people_in(self.communes_behind(link))
    }

    /// People of communes, as far as known; none when of none of them anything is.
    pub(super) fn people_in<'c>(&self, communes: impl IntoIterator<Item = &'c CommuneCode>) -> Option<u64> {
        known_sum(communes.into_iter().map(|code| self.people(code)))
    }

    /// People who felt an outage: of one that is on those behind its link, of one that is over those of its whole event where
    /// the link serves no commune of its own.
    pub(super) fn people_of(&self, outage: &Outage, link: &Link) -> Option<u64> {
        if outage.end.is_none() || link.commune.is_some() {
            return self.people_behind(link);
        }
        self.felt.get_or_init(|| self.felt()).get(&outage.event).copied()
    }

    /// People of the communes of each event, where any number is known.
    fn felt(&self) -> HashMap<EventId, u64> {
        let mut communes: HashMap<EventId, HashSet<&CommuneCode>> = HashMap::new();
        for outage in &self.evidence.outages {
            let commune = self.link(&outage.link).and_then(|link| link.commune.as_ref());
            communes.entry(outage.event).or_default().extend(commune);
        }
        communes.into_iter().filter_map(|(event, communes)| Some((event, self.people_in(communes)?))).collect()
    }

    fn communes_behind(&self, link: &Link) -> HashSet<&'a CommuneCode> {
        let mut communes = HashSet::new();
        let mut met: HashSet<&Carrier> = HashSet::new();
        let first = Carrier::Link(link.id.clone());
        let mut next: Vec<&Carrier> = vec![&first];
        while let Some(carrier) = next.pop() {
            for node in self.carried.get(carrier).into_iter().flatten() {
                let cut = node.link().is_none_or(|id| self.state(id) == Some(LinkState::Down));
                if cut && met.insert(node) {
                    let link = node.link().and_then(|id| self.link(id));
                    communes.extend(link.and_then(|link| link.commune.as_ref()));
                    next.push(node);
                }
            }
        }
        communes
    }
}

fn people(evidence: &Evidence) -> HashMap<&CommuneCode, u64> {
    let mut people = sums(evidence.inventory.settlements.iter().map(|s| (&s.commune, s.people)));
    people.extend(evidence.inventory.communes.iter().filter_map(|c| c.population.map(|count| (&c.code, count))));
    people
}

/// The sum of what is known; none when nothing is.
pub(super) fn known_sum(counts: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    counts.flatten().reduce(|sum, count| sum + count)
}

/// What is known, added up by commune.
fn sums<'a>(counts: impl Iterator<Item = (&'a CommuneCode, Option<u64>)>) -> HashMap<&'a CommuneCode, u64> {
    let mut sums = HashMap::new();
    for (commune, count) in counts {
        if let Some(count) = count {
            *sums.entry(commune).or_default() += count;
        }
    }
    sums
}

/// What decides: the service, else the address that is pinged, or `device/ifname` when SNMP alone does.
pub(super) fn target(link: &Link) -> String {
    if let Some(service) = &link.service {
        return service.to_string();
    }
    match (&link.address, &link.interface) {
        (Some(address), _) => address.to_string(),
        (None, Some((device, interface))) => format!("{device}/{interface}"),
        (None, None) => String::new(),
    }
}
