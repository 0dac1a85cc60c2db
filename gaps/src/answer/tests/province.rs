//! The province that the tests ask about.

use phusong_model::{
    BlindReason, Carrier, Cause, Commune, CommuneCode, Contact, CoverageFigure, CoverageGap, CoverageSource, Evidence,
    Grade, GridPower, Health, IcmpMode, Inventory, Link, LinkId, LinkKind, LinkNow, LinkState, LonLat, Millis,
    OperatorScope, Outage, OutageId, PeopleBase, PowerCounts, ProberHealth, Settlement, SettlementCounts, Share, Span,
    StoreHealth, Technology, Tick, UtcMs, Verdict, Window, Worse,
    answer::{Answer, AskError, Query, Source, Topic},
};

/// When everything is asked.
pub(super) const NOW: UtcMs = UtcMs(2_000_000_000_000);
const DAY: Millis = Millis(86_400_000);

pub(super) fn id(text: &str) -> LinkId {
    text.parse().expect("id")
}

pub(super) fn code(text: &str) -> CommuneCode {
    text.parse().expect("code")
}

pub(super) fn commune(text: &str, name: &str, population: Option<u64>) -> Commune {
    Commune { label: Some(LonLat { lon: 105.4, lat: 22.3 }), population, ..Commune::new(code(text), name.to_owned()) }
}

pub(crate) fn link(name: &str, kind: LinkKind, commune: Option<&str>, upstream: &[&str]) -> Link {
    Link {
        id: id(name),
        kind,
        name: name.to_owned(),
        commune: commune.map(code),
        site: None,
        address: Some(std::net::Ipv4Addr::LOCALHOST.into()),
        service: None,
        interface: None,
        rx_limit: None,
        upstream: upstream.iter().map(|name| Carrier::Link(id(name))).collect(),
        operator: "vnpt".parse().ok(),
        groups: Vec::new(),
        contact: Contact::default(),
    }
}

/// The province, everything up since yesterday, no coverage given.
pub(crate) fn province() -> Evidence {
    let communes = vec![
        commune("00001", "Nà Hang", Some(9_000)),
        commune("00002", "Bình Ca", Some(4_000)),
        commune("00003", "Bình Xa", None),
    ];
    let links = vec![
        link("feeder", LinkKind::Feeder, None, &[]),
        link("fibre-1", LinkKind::Fibre, Some("00001"), &["feeder"]),
        link("broadband-1", LinkKind::Broadband, Some("00001"), &[]),
        link("fibre-2", LinkKind::Fibre, Some("00002"), &["feeder"]),
        link("broadband-2", LinkKind::Broadband, Some("00002"), &[]),
        link("fibre-3", LinkKind::Fibre, Some("00003"), &[]),
    ];
    let mut evidence = Evidence {
        now: NOW,
        window: Window::new(NOW.minus(DAY), NOW),
        inventory: Inventory { province: "Tuyên Quang".to_owned(), communes, links, ..Inventory::default() },
        links: Vec::new(),
        spans: Vec::new(),
        outages: Vec::new(),
        events: Vec::new(),
        acks: Vec::new(),
        planned: Vec::new(),
        notifications: Vec::new(),
        figures: Vec::new(),
        coverage_gaps: Vec::new(),
        contradictions: Vec::new(),
        observations: Vec::new(),
        health: Some(health()),
        age: Some(Millis(4_000)),
        close_up: None,
        left_out: Vec::new(),
    };
    let names: Vec<LinkId> = evidence.inventory.links.iter().map(|link| link.id.clone()).collect();
    for name in names {
        put(&mut evidence, name.as_str(), LinkState::Up, NOW.minus(DAY).minus(DAY));
    }
    evidence
}

fn health() -> Health {
    let at = NOW.minus(Millis(4_000));
    let prober = ProberHealth {
        last_tick: Some(Tick { at, period: Millis(10_000), slip: Millis(0), blind: None }),
        ..ProberHealth::at_start(IcmpMode::Raw, NOW.minus(DAY))
    };
    Health { prober, store: StoreHealth::default(), influx: Vec::new(), notify: Vec::new() }
}

/// Puts a link in a state from `since` on; an outage opens with *down*.
pub(super) fn put(evidence: &mut Evidence, link: &str, state: LinkState, since: UtcMs) {
    let link = id(link);
    let cause = (state == LinkState::Down).then_some(Cause::Unknown);
    let blind = (state == LinkState::Blind).then_some(BlindReason::SendError);
    let entered = evidence.links.iter().find(|now| now.link == link).map_or(since, |now| now.entered);
    evidence.links.retain(|now| now.link != link);
    let worse = (state == LinkState::Degraded).then_some(Worse::Loss);
    evidence.links.push(LinkNow {
        link: link.clone(),
        state,
        since,
        cause: cause.clone(),
        blind,
        worse,
        usual: None,
        icmp: None,
        interface: None,
        entered,
    });
    if let Some(last) = evidence.spans.iter_mut().rfind(|span| span.link == link) {
        last.to = Some(since);
    }
    let place = evidence.spans.iter().rposition(|span| span.link == link).map_or(evidence.spans.len(), |last| last + 1);
    let span = Span { link: link.clone(), state, from: since, to: None, cause: cause.clone(), blind, worse };
    evidence.spans.insert(place, span);
    if cause.is_some() {
        let id = OutageId(evidence.outages.len() as i64 + 1);
        let outage = Outage {
            id,
            link,
            start: since,
            start_error: Millis(0),
            end: None,
            end_error: Millis(0),
            decided: since,
            verdict: Verdict::unknown(),
            blind: Millis(0),
            event: id.into(),
        };
        evidence.outages.push(outage);
    }
}

pub(super) fn minutes_ago(minutes: i64) -> UtcMs {
    NOW.minus(Millis::from_secs(60 * minutes))
}

pub(super) fn settlement(name: &str, commune: &str, people: Option<u64>) -> Settlement {
    Settlement {
        id: name.parse().expect("id"),
        name: name.to_owned(),
        commune: code(commune),
        at: LonLat { lon: 105.4, lat: 22.3 },
        people,
        households: people.map(|people| people / 4),
        power: GridPower::Unknown,
        clusters: Vec::new(),
    }
}

pub(super) fn figure(commune: &str, operator: &OperatorScope, none: u64, patchy: u64, full: u64) -> CoverageFigure {
    CoverageFigure {
        commune: code(commune),
        operator: operator.clone(),
        technology: Technology::G3,
        source: CoverageSource::Declared,
        settlements: SettlementCounts {
            total: none + patchy + full,
            none,
            patchy,
            full,
            unknown: 0,
            patchiness_unknown: 0,
        },
        people: Share { numerator: 10.0, denominator: 40.0, unknown: 1.0 },
        area_km2: Share { numerator: 60.0, denominator: 100.0, unknown: 0.0 },
        approximate: false,
        example: false,
        valid_on: Some("2026-05-01".to_owned()),
        rule: None,
        people_base: PeopleBase::Settlements,
        people_scaled: false,
        best: None,
    }
}

pub(super) fn gap(name: &str, commune: &str, settlements: &[&str], days: i64) -> CoverageGap {
    CoverageGap {
        id: name.to_owned(),
        grade: Grade::None,
        commune: code(commune),
        operator: OperatorScope::Any,
        technology: Technology::G3,
        source: CoverageSource::Declared,
        area_km2: 1.5,
        at: LonLat { lon: 105.4, lat: 22.3 },
        polygon: Vec::new(),
        settlements: settlements.iter().map(|id| id.parse().expect("id")).collect(),
        approximate: false,
        example: false,
        first_seen: NOW.minus(Millis(DAY.0 * days)),
        last_seen: None,
        people: None,
        people_base: PeopleBase::Settlements,
        households: None,
        power: PowerCounts::default(),
        nearest: Vec::new(),
    }
}

pub(super) fn ask(evidence: &Evidence, topic: Topic, commune: Option<&str>) -> Result<Answer, AskError> {
    let query = Query { commune: commune.map(str::to_owned), ..Query::about(topic) };
    crate::answer(evidence, &query, Source::Daemon)
}
