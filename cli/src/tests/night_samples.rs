//! A province on the night of a storm, a third of it down: evidence, and what is answered from it.

use phusong_model::{
    BlindReason, Carrier, Cause, Commune, CommuneKind, Contact, Event, EventId, Evidence, Health, IcmpMode, Inventory,
    Link, LinkKind, LinkNow, LinkState, Maintenance, Millis, Outage, OutageId, ProberHealth, Reported, Scope, Site,
    SiteKind, Span, StoreHealth, Tick, UtcMs, Verdict, Window,
    answer::{Answer, Query, Source, Topic},
};

use super::now;

/// Communes with their former district; of three there is no district known.
const COMMUNES: [(&str, &str); 16] = [
    ("Nà Hang", "Na Hang"),
    ("Thượng Nông", "Na Hang"),
    ("Côn Lôn", "Na Hang"),
    ("Yên Hoa", "Na Hang"),
    ("Hồng Thái", "Na Hang"),
    ("Lâm Bình", "Lâm Bình"),
    ("Thượng Lâm", "Lâm Bình"),
    ("Minh Quang", "Lâm Bình"),
    ("Bình An", "Lâm Bình"),
    ("Chiêm Hóa", "Chiêm Hóa"),
    ("Kiên Đài", "Chiêm Hóa"),
    ("Kim Bình", "Chiêm Hóa"),
    ("Tân Mỹ", "Chiêm Hóa"),
    ("Yên Lập", ""),
    ("Tri Phú", ""),
    ("Bạch Xa", ""),
];

const OPERATORS: [&str; 3] = ["viettel", "vnpt", "mobifone"];

/// Communes on the feeder that is cut.
const CUT: usize = 12;

fn minutes_ago(minutes: i64) -> UtcMs {
    now().minus(Millis::from_secs(60 * minutes))
}

fn code(place: usize) -> String {
    format!("{:05}", 2_200 + place)
}

fn link(id: &str, kind: LinkKind, place: Option<usize>, upstream: &[&str]) -> Link {
    let carrier = |id: &&str| id.parse::<Carrier>().expect("a carrier");
    let endpoint = kind == LinkKind::VideoConference;
    Link {
        id: id.parse().expect("an id"),
        kind,
        name: place.and_then(|place| COMMUNES.get(place)).map_or_else(|| id.to_owned(), |(name, _)| (*name).to_owned()),
        commune: place.map(|place| code(place).parse().expect("a code")),
        site: None,
        address: "127.1.2.3".parse().ok(),
        service: None,
        interface: None,
        rx_limit: None,
        upstream: upstream.iter().map(carrier).collect(),
        operator: "viettel".parse().ok(),
        groups: if endpoint { vec!["video-conference".parse().expect("a group")] } else { Vec::new() },
        contact: Contact { phone: Some("0912345678".to_owned()), ..Contact::default() },
    }
}

fn inventory() -> Inventory {
    let commune = |(place, (name, district)): (usize, &(&str, &str))| Commune {
        code: code(place).parse().expect("a code"),
        name: (*name).to_owned(),
        kind: CommuneKind::Commune,
        area_km2: None,
        label: None,
        population: (place != 5).then_some(3_000 + 700 * place as u64),
        aliases: Vec::new(),
        district: (!district.is_empty()).then(|| (*district).to_owned()),
    };
    let mut links = vec![link("feeder-1", LinkKind::Feeder, None, &[]), link("feeder-2", LinkKind::Feeder, None, &[])];
    let mut sites = Vec::new();
    for place in 0..COMMUNES.len() {
        let fibre = format!("fibre-{}", code(place));
        // The first hangs on both feeders.
        let upstream: &[&str] = match place {
            0 => &["feeder-1", "feeder-2"],
            1..CUT => &["feeder-1"],
            _ => &["feeder-2"],
        };
        links.push(link(&fibre, LinkKind::Fibre, Some(place), upstream));
        links.push(link(&format!("vc-{}", code(place)), LinkKind::VideoConference, Some(place), &[&fibre]));
        sites.extend(
            (0..OPERATORS.len()).filter(|operator| place + operator != 15).map(|at| station(place, at, &fibre)),
        );
    }
    links.push(link("platform-hoi-nghi", LinkKind::Platform, None, &[]));
    let communes = COMMUNES.iter().enumerate().map(commune).collect();
    let work = Maintenance {
        scope: Scope::Link("fibre-02214".parse().expect("an id")),
        window: Window::new(minutes_ago(-60), minutes_ago(-180)),
        repeat: None,
        why: "thay măng xông".to_owned(),
    };
    let province = "Tuyên Quang".to_owned();
    Inventory { province, communes, sites, links, maintenance: vec![work], ..Inventory::default() }
}

/// A station of the first operator hangs on the fibre; of the others there are reports, some of them old.
fn station(place: usize, operator: usize, fibre: &str) -> Site {
    let report = |up: bool, minutes: i64| Some(Reported { up, at: minutes_ago(minutes) });
    let reported = match (operator, place) {
        (0, _) => None,
        (1, 0..=9) => report(false, 40),
        (1, 10) => report(true, 9_000),
        (2, 0..=11) => report(place.is_multiple_of(2), 90),
        (_, 13) => None,
        _ => report(true, 55),
    };
    Site {
        id: format!("bts-{place}-{operator}").parse().expect("an id"),
        kind: SiteKind::Bts,
        name: format!("Trạm {place}"),
        commune: code(place).parse().ok(),
        operator: OPERATORS.get(operator).filter(|_| place != 14).and_then(|id| id.parse().ok()),
        at: None,
        backhaul: if operator == 0 { vec![fibre.parse().expect("an id")] } else { Vec::new() },
        reported,
    }
}

/// States by link id: what is not named is up.
fn state(link: &Link) -> (LinkState, i64, Option<Cause>) {
    let id = link.id.as_str();
    let place = COMMUNES.iter().enumerate().map(|(place, _)| place).find(|place| id.ends_with(&code(*place)));
    let behind = |carrier: String| Some(Cause::Upstream { carrier: carrier.parse().expect("a carrier") });
    match (link.kind, place) {
        (LinkKind::Feeder, _) if id == "feeder-1" => (LinkState::Down, 33, Some(Cause::Fibre)),
        (LinkKind::Fibre, Some(place @ 1..CUT)) if place != 11 => (LinkState::Down, 32, behind("feeder-1".to_owned())),
        (LinkKind::Fibre, Some(11)) => (LinkState::Blind, 20, None),
        (LinkKind::Fibre, Some(12)) => (LinkState::Down, 95, Some(Cause::Power)),
        (LinkKind::VideoConference, Some(place @ (1..11 | 12))) => {
            (LinkState::Down, 31, behind(format!("fibre-{}", code(place))))
        }
        (LinkKind::VideoConference, Some(11)) => (LinkState::Blind, 20, None),
        (LinkKind::VideoConference, Some(13)) => (LinkState::Degraded, 12, None),
        _ => (LinkState::Up, 3_000, None),
    }
}

/// The evidence of that night.
pub fn storm() -> Evidence {
    let inventory = inventory();
    let tick = Tick { at: now().minus(Millis(4_000)), period: Millis(10_000), slip: Millis(0), blind: None };
    let prober = ProberHealth { last_tick: Some(tick), ..ProberHealth::at_start(IcmpMode::Raw, minutes_ago(9_000)) };
    let mut evidence = Evidence {
        now: now(),
        window: Query::about(Topic::Sitrep).window(now()),
        links: Vec::new(),
        spans: Vec::new(),
        outages: Vec::new(),
        events: vec![Event { by: "feeder-1".parse().ok(), ..Event::single(EventId(1)) }],
        acks: Vec::new(),
        planned: Vec::new(),
        notifications: Vec::new(),
        figures: Vec::new(),
        coverage_gaps: Vec::new(),
        contradictions: Vec::new(),
        observations: Vec::new(),
        health: Some(Health { prober, store: StoreHealth::default(), influx: Vec::new(), notify: Vec::new() }),
        age: Some(Millis(4_000)),
        close_up: None,
        left_out: Vec::new(),
        inventory,
    };
    let links: Vec<_> = evidence.inventory.links.iter().map(|link| (link.clone(), state(link))).collect();
    for (link, (state, minutes, cause)) in links {
        put(&mut evidence, &link, (state, minutes_ago(minutes), cause));
    }
    evidence.spans.sort_by(|a, b| a.link.cmp(&b.link).then_with(|| a.from.cmp(&b.from)));
    evidence
}

fn put(evidence: &mut Evidence, link: &Link, (state, since, cause): (LinkState, UtcMs, Option<Cause>)) {
    let (id, blind) = (link.id.clone(), (state == LinkState::Blind).then_some(BlindReason::Anchors));
    let span = |state, from, to| Span { link: id.clone(), state, from, to, cause: cause.clone(), blind, worse: None };
    evidence.spans.push(span(LinkState::Up, minutes_ago(5_000), Some(since)));
    evidence.spans.push(span(state, since, None));
    if let Some(cause) = &cause {
        let number = evidence.outages.len() as i64 + 1;
        let behind = cause.carrier().is_some() || link.id.as_str() == "feeder-1";
        let own = if link.id.as_str().ends_with("02212") { 900 } else { number };
        evidence.outages.push(Outage {
            id: OutageId(number),
            link: id.clone(),
            start: since,
            start_error: Millis(0),
            end: None,
            end_error: Millis(0),
            decided: since,
            verdict: Verdict { cause: cause.clone(), ..Verdict::unknown() },
            blind: Millis(0),
            event: EventId(if behind && own != 900 { 1 } else { own }),
        });
    }
    evidence.links.push(LinkNow {
        link: id.clone(),
        state,
        since,
        cause,
        blind,
        worse: None,
        usual: None,
        icmp: None,
        interface: None,
        entered: minutes_ago(5_000),
    });
}

/// What the daemon answers of that night.
pub fn answer(evidence: &Evidence, query: &Query) -> Answer {
    phusong_gaps::answer(evidence, query, Source::Daemon).expect("an answer")
}
