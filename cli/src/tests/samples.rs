//! Answers of a small province on a bad afternoon.

use phusong_model::{
    Ack, BlindReason, ChannelHealth, Clue, CommuneCode, Confidence, Contact, CoverageSource, Declared, Delivery,
    EventId, Every, GapKind, GapPlace, Grade, GridPower, Health, IcmpMode, Indicator, InfluxHealth, LinkKind,
    LinkState, MaintenanceId, Millis, NearestSite, NotificationItem, OperatorScope, OutageId, PeopleBase, PowerCounts,
    ProberHealth, Repeat, RuleMark, Scope, SettlementCounts, Share, Sign, SiteKind, StateTimes, StoreHealth,
    Technology, Turn, Window, Worse,
    answer::{
        Answer, AvailabilityItem, Body, CommuneBody, Condition, Counted, CoverageItem, EventItem, GapItem,
        IndicatorItem, KindCounts, LinkItem, MaintenanceItem, Notice, OutageItem, RankBy, SettlementItem, SiteItem,
        Source, StateCounts, StatusBody, WeakBody, WeakItem, Whose, WorkState,
    },
    config::ChannelKind,
};

use super::{at, now};

/// An answer of the daemon, four seconds old, over the last day.
pub fn answer(body: Body) -> Answer {
    Answer {
        body,
        generated: now(),
        source: Source::Daemon,
        data_age_ms: Some(Millis(4_200)),
        window: Window::new(now().minus(Millis::from_secs(86_400)), now()),
        blind_share: 0.0031,
        conditions: vec![Condition::Findings],
        notices: vec![Notice::Example, Notice::ApproximateBoundaries],
    }
}

fn code(text: &str) -> CommuneCode {
    text.parse().expect("a code")
}

pub fn link(id: &str, commune: Option<(&str, &str)>, kind: LinkKind, state: LinkState) -> LinkItem {
    let looked = state != LinkState::Blind;
    let down = state == LinkState::Down;
    LinkItem {
        link: id.parse().expect("an id"),
        name: format!("Tuyến {id}"),
        kind,
        commune: commune.map(|(number, _)| code(number)),
        commune_name: commune.map(|(_, name)| name.to_owned()),
        operator: "vnpt".parse().ok(),
        target: "127.1.2.3".to_owned(),
        address: "127.1.2.3".parse().ok(),
        state,
        since: at("2026-11-23T06:22:10Z"),
        cause: down.then(|| "upstream".to_owned()),
        carrier: down.then(|| "feeder-1".parse().expect("an id")),
        blind: (!looked).then_some(BlindReason::NoPermission),
        worse: (state == LinkState::Degraded).then_some(Worse::Delay),
        sent: looked.then_some(5),
        lost: looked.then_some(if down { 5 } else { 0 }),
        rtt_min_ms: None,
        rtt_median_ms: (looked && !down).then_some(12.34),
        rtt_p95_ms: None,
        rtt_max_ms: None,
        jitter_ms: (looked && !down).then_some(0.84),
        usual_rtt_ms: looked.then_some(4.07),
        usual_loss: looked.then_some(0.0004),
        oper: None,
        in_bps: None,
        out_bps: None,
        speed_bps: Some(1_000_000_000),
        rx_dbm: (kind == LinkKind::Fibre).then_some(-23.46),
        availability: looked.then_some(if down { 0.9701 } else { 1.0 }),
        blind_share: 0.0,
    }
}

pub fn links() -> Vec<LinkItem> {
    vec![
        link("fibre-02221", Some(("02221", "Nà Hang")), LinkKind::Fibre, LinkState::Down),
        link("broadband-02221", Some(("02221", "Nà Hang")), LinkKind::Broadband, LinkState::Degraded),
        link("fibre-00847", Some(("00847", "Đường Thượng")), LinkKind::Fibre, LinkState::Up),
        link("vc-00847", Some(("00847", "Đường Thượng")), LinkKind::VideoConference, LinkState::Maintenance),
        link("feeder-1", None, LinkKind::Feeder, LinkState::Blind),
    ]
}

pub fn outage(number: i64, id: &str, commune: Option<(&str, &str)>, end: Option<&str>) -> OutageItem {
    let start = at("2026-11-23T06:22:10Z");
    OutageItem {
        outage: OutageId(number),
        event: EventId(if end.is_none() { 6 } else { number }),
        link: id.parse().expect("an id"),
        name: format!("Tuyến {id}"),
        kind: LinkKind::Fibre,
        commune: commune.map(|(number, _)| code(number)),
        commune_name: commune.map(|(_, name)| name.to_owned()),
        operator: "vnpt".parse().ok(),
        target: "127.1.2.3".to_owned(),
        start,
        start_error_ms: Millis(5_000),
        end: end.map(at),
        end_error_ms: Millis(if end.is_some() { 5_000 } else { 0 }),
        duration_ms: end.map_or(now(), at).since(start),
        cause: if commune.is_some() { "upstream" } else { "unknown" }.to_owned(),
        carrier: commune.map(|_| "feeder-1".parse().expect("an id")),
        confidence: if commune.is_some() { Confidence::High } else { Confidence::Low },
        evidence: vec![Clue { at: start, sign: Sign::CarrierDown { carrier: "feeder-1".parse().expect("an id") } }],
        blind_share: 0.0,
        people: commune.map(|_| 12_345),
        ack: (number == 7).then(|| Ack {
            outage: OutageId(7),
            event: EventId(6),
            at: at("2026-11-23T06:40:00Z"),
            author: "trucca1".to_owned(),
            note: Some("VNPT đang nối lại cáp".to_owned()),
            ticket: Some("VNPT-20931".to_owned()),
        }),
        contact: Contact {
            circuit: Some("=HYPERLINK(\"x\")".to_owned()),
            phone: Some("0912345678".to_owned()),
            duty: Some("Trực\u{1b}[2J\u{202e} ban".to_owned()),
        },
    }
}

pub fn outages() -> Vec<OutageItem> {
    vec![
        outage(7, "fibre-02221", Some(("02221", "Nà Hang")), None),
        outage(6, "feeder-1", None, None),
        outage(5, "fibre-00847", Some(("00847", "Đường Thượng")), Some("2026-11-23T06:30:00Z")),
    ]
}

/// The feeder with what hangs on it, and what was over before.
pub fn events() -> Vec<EventItem> {
    let feeder = EventItem {
        event: EventId(6),
        by: "feeder-1".parse().ok(),
        together: None,
        flapping: false,
        start: at("2026-11-23T06:22:10Z"),
        end: None,
        duration_ms: now().since(at("2026-11-23T06:22:10Z")),
        cause: "unknown".to_owned(),
        confidence: Confidence::Low,
        outages: vec![OutageId(6), OutageId(7)],
        links: ["feeder-1", "fibre-02221"].iter().filter_map(|id| id.parse().ok()).collect(),
        open: 2,
        communes: vec!["Nà Hang".to_owned()],
        people: Some(12_345),
    };
    let single = EventItem {
        event: EventId(5),
        by: None,
        end: Some(at("2026-11-23T06:30:00Z")),
        outages: vec![OutageId(5)],
        links: ["fibre-00847"].iter().filter_map(|id| id.parse().ok()).collect(),
        open: 0,
        communes: vec!["Đường Thượng".to_owned()],
        ..feeder.clone()
    };
    vec![feeder, single]
}

fn settlement(id: &str, name: &str, power: GridPower) -> SettlementItem {
    SettlementItem {
        settlement: id.parse().expect("an id"),
        name: name.to_owned(),
        people: Some(210),
        households: None,
        power,
    }
}

fn nearest(operator: &str, site: &str, distance_m: f64, azimuth_deg: f64) -> NearestSite {
    let (operator, site) = (operator.parse().expect("an operator"), site.parse().expect("an id"));
    NearestSite { operator, site, distance_m, azimuth_deg }
}

pub fn gaps() -> Vec<GapItem> {
    let link = GapItem {
        rank: 1,
        kind: GapKind::Link,
        place: GapPlace { commune: Some(code("02221")), name: "Nà Hang".to_owned(), at: None },
        link: "fibre-02221".parse().ok(),
        link_kind: Some(LinkKind::Fibre),
        gap: None,
        operator: None,
        technology: None,
        source: None,
        area_km2: None,
        people: Some(12_345),
        households: None,
        settlements: Vec::new(),
        since: at("2026-11-23T06:22:10Z"),
        cause: Some("upstream".to_owned()),
        carrier: "feeder-1".parse().ok(),
        approximate: false,
        example: true,
        grade: None,
        people_base: None,
        power: None,
        nearest: Vec::new(),
        last_seen: None,
        rank_by: RankBy { people: 12_345, grade_weight: 0.4, persistence: 1.0, score: 4_938.0 },
        polygon: None,
    };
    let coverage = GapItem {
        rank: 2,
        kind: GapKind::Coverage,
        place: GapPlace { commune: Some(code("00847")), name: "Đường Thượng".to_owned(), at: None },
        link: None,
        link_kind: None,
        gap: Some("9f3a".to_owned()),
        operator: Some(OperatorScope::Any),
        technology: Some(Technology::G3),
        source: Some(CoverageSource::Declared),
        area_km2: Some(12.34),
        people: None,
        settlements: vec![settlement("s-1", "Bản Tàn", GridPower::No), settlement("s-2", "Thôn 3", GridPower::Unknown)],
        since: at("2026-11-02T01:00:00Z"),
        cause: None,
        carrier: None,
        approximate: true,
        grade: Some(Grade::None),
        people_base: Some(PeopleBase::Settlements),
        power: Some(PowerCounts { yes: 0, no: 1, unknown: 1 }),
        nearest: vec![nearest("viettel", "TQG0123", 6_234.0, 47.4), nearest("vnpt", "Khau-Tinh_TQG", 11_250.0, 359.0)],
        last_seen: Some(at("2026-11-22T22:00:00Z")),
        rank_by: RankBy { people: 0, grade_weight: 1.0, persistence: 1.7, score: 0.0 },
        ..link.clone()
    };
    let patchy = GapItem {
        rank: 3,
        gap: Some("b7c1".to_owned()),
        area_km2: None,
        people: Some(210),
        households: Some(52),
        settlements: vec![settlement("s-4", "Khuổi Tát", GridPower::Yes)],
        approximate: false,
        grade: Some(Grade::Patchy),
        power: Some(PowerCounts { yes: 1, no: 0, unknown: 0 }),
        nearest: vec![nearest("viettel", "TQG0123", 870.0, 180.0)],
        rank_by: RankBy { people: 210, grade_weight: 0.4, persistence: 1.7, score: 142.8 },
        ..coverage.clone()
    };
    vec![link, coverage, patchy]
}

pub fn coverage(commune: Option<(&str, &str)>, operator: OperatorScope) -> CoverageItem {
    CoverageItem {
        commune: commune.map(|(number, _)| code(number)),
        commune_name: commune.map(|(_, name)| name.to_owned()),
        operator,
        technology: Technology::G3,
        source: CoverageSource::Declared,
        settlements: SettlementCounts { total: 40, none: 2, patchy: 3, full: 34, unknown: 1, patchiness_unknown: 30 },
        people: Share { numerator: 11_234.0, denominator: 12_345.0, unknown: 120.0 },
        area_km2: Share { numerator: 90.26, denominator: 112.9, unknown: 0.0 },
        approximate: true,
        example: true,
        valid_on: Some("2026-06-30".to_owned()),
        rule: Some(rule()),
        people_base: PeopleBase::Settlements,
        people_scaled: false,
        best: None,
    }
}

pub fn rule() -> RuleMark {
    RuleMark {
        name: "phusong".to_owned(),
        hash: "0123456789ab".to_owned(),
        assumed: true,
        patchy_households: 0.95,
        operators: 1,
        floor: Technology::G3,
        floor_since: Some("2024-10-16".to_owned()),
    }
}

pub fn indicators() -> Vec<IndicatorItem> {
    let fibre = IndicatorItem {
        indicator: Indicator::CommunesFibre,
        measured: Share { numerator: 121.0, denominator: 123.0, unknown: 1.0 },
        strict: None,
        base: "communes".to_owned(),
        availability: Some(0.99962),
        blind_share: Some(0.0),
        source: None,
        technology: None,
        declared: vec![Declared {
            indicator: Indicator::CommunesFibre,
            value_percent: 100.0,
            numerator: Some(124.0),
            denominator: Some(124.0),
            base: "xã, phường".to_owned(),
            date: "2026-06-30".to_owned(),
            document: "Báo cáo 123/BC-UBND về hạ tầng viễn thông và chuyển đổi số trên địa bàn tỉnh".to_owned(),
        }],
        approximate: false,
        example: true,
        valid_on: None,
        rule: None,
        patchiness_unknown: None,
        people_base: None,
        people_scaled: false,
    };
    let settlements = IndicatorItem {
        indicator: Indicator::MobileSettlements,
        measured: Share { numerator: 3711.0, denominator: 3802.0, unknown: 4.0 },
        strict: Some(Share { numerator: 3529.0, denominator: 3802.0, unknown: 4.0 }),
        availability: None,
        blind_share: None,
        source: Some(CoverageSource::Declared),
        technology: Some(Technology::G3),
        declared: vec![Declared {
            indicator: Indicator::MobileSettlements,
            value_percent: 98.6,
            numerator: None,
            denominator: None,
            base: "thôn, bản".to_owned(),
            date: "2026-06-30".to_owned(),
            document: "Báo cáo 123/BC-UBND".to_owned(),
        }],
        approximate: true,
        valid_on: Some("2026-06-30".to_owned()),
        rule: Some(rule()),
        patchiness_unknown: Some(3_000),
        ..fibre.clone()
    };
    let people = IndicatorItem {
        indicator: Indicator::MobilePeople,
        measured: Share::default(),
        strict: None,
        source: None,
        technology: None,
        declared: Vec::new(),
        approximate: false,
        valid_on: None,
        rule: None,
        patchiness_unknown: None,
        ..settlements.clone()
    };
    vec![fibre, settlements, people]
}

fn health() -> Health {
    Health {
        prober: ProberHealth {
            snmp_silent: 2,
            snmp_devices: 124,
            demo: true,
            ..ProberHealth::at_start(IcmpMode::Raw, at("2026-11-23T00:00:00Z"))
        },
        store: StoreHealth { bytes: 12_345_678, ..StoreHealth::default() },
        influx: vec![InfluxHealth {
            name: "influx".to_owned(),
            queued_ticks: 1204,
            oldest: None,
            sent_lines: 0,
            rejected_lines: 0,
            removed_samples: 0,
            fault: None,
        }],
        notify: Vec::new(),
    }
}

/// A status that is as full as it gets.
pub fn status() -> StatusBody {
    let counts = StateCounts { up: 118, degraded: 2, down: 2, blind: 1, maintenance: 1 };
    let communes = [
        ("02221", "Nà Hang"),
        ("00847", "Đường Thượng"),
        ("02404", "Bình Xa"),
        ("02548", "Bình Ca"),
        ("00691", "Lũng Cú"),
    ];
    StatusBody {
        province: "Tuyên Quang".to_owned(),
        communes: 124,
        kinds: LinkKind::ALL.into_iter().map(|kind| KindCounts { kind, counts }).collect(),
        open_outages: 12,
        worst: (1..).zip(communes).map(|(n, at)| outage(n, &format!("fibre-{}", at.0), Some(at), None)).collect(),
        worst_events: events().into_iter().take(1).cycle().take(5).collect(),
        open_events: 7,
        recent: events().into_iter().cycle().take(8).collect(),
        recent_events: 8,
        recent_begun: 4,
        recent_ended: 4,
        unseen_links: 6,
        ended_outages: 3,
        mobile: Some(coverage(None, OperatorScope::Any)),
        health: Some(health()),
    }
}

pub fn commune() -> CommuneBody {
    let viettel = OperatorScope::One("viettel".parse().expect("an operator"));
    CommuneBody {
        commune: phusong_model::Commune {
            area_km2: Some(112.9),
            ..phusong_model::Commune::new(code("02221"), "Nà Hang".to_owned())
        },
        people: Some(12_345),
        links: links().into_iter().take(2).collect(),
        outages: outages().into_iter().take(1).collect(),
        coverage: vec![
            coverage(Some(("02221", "Nà Hang")), OperatorScope::Any),
            CoverageItem { source: CoverageSource::Modelled, ..coverage(Some(("02221", "Nà Hang")), viettel) },
        ],
        gaps: gaps()
            .into_iter()
            .map(|gap| GapItem {
                place: GapPlace { commune: Some(code("02221")), name: "Nà Hang".to_owned(), at: None },
                ..gap
            })
            .collect(),
        sites: vec![
            SiteItem {
                site: "bts-1".parse().expect("an id"),
                name: "BTS Nà Hang 1".to_owned(),
                kind: SiteKind::Bts,
                operator: "mobifone".parse().ok(),
                state: Some(LinkState::Up),
                reported_at: Some(at("2026-11-20T01:00:00Z")),
            },
            SiteItem {
                site: "ubnd".parse().expect("an id"),
                name: "UBND xã".to_owned(),
                kind: SiteKind::Office,
                operator: None,
                state: None,
                reported_at: None,
            },
        ],
        settlements: gaps().swap_remove(1).settlements,
    }
}

fn availability_item(whose: Whose, name: &str, counted: Counted, links: u64, down_s: i64) -> AvailabilityItem {
    let month = 30 * 86_400 * i64::try_from(if counted == Counted::Added { links } else { 1 }).expect("links");
    let blind = 2_700;
    let times = StateTimes {
        up: Millis::from_secs(month - down_s - blind - 3_600),
        degraded: Millis::from_secs(3_600),
        down: Millis::from_secs(down_s),
        blind: Millis::from_secs(blind),
        maintenance: Millis(0),
    };
    AvailabilityItem {
        whose,
        name: name.to_owned(),
        counted,
        links,
        times_ms: times,
        availability: times.availability(),
        availability_filed: times.not_down(),
        blind_share: times.blind_share(),
        outages: u64::from(down_s > 0) * 3,
    }
}

pub fn availability() -> Body {
    let commune = |number: &str| Whose::Commune { commune: code(number) };
    let group = || Whose::Group { group: "video-conference".parse().expect("a group") };
    Body::Availability {
        items: vec![
            availability_item(commune("02221"), "Nà Hang", Counted::Any, 2, 5_430),
            availability_item(commune("00847"), "Đường Thượng", Counted::Any, 2, 0),
        ],
        totals: vec![
            availability_item(group(), "video-conference", Counted::All, 87, 20_000),
            availability_item(group(), "video-conference", Counted::Added, 87, 20_000),
            availability_item(Whose::Kind { kind: LinkKind::Fibre }, "fibre", Counted::Added, 124, 90_000),
            availability_item(Whose::Everything, "", Counted::Added, 248, 100_000),
        ],
    }
}

pub fn maintenance() -> Vec<MaintenanceItem> {
    let window = |from: &str, to: &str| Window::new(at(from), at(to));
    let planned = MaintenanceItem {
        id: Some(MaintenanceId(3)),
        scope: Scope::Commune(code("02221")),
        name: "Nà Hang".to_owned(),
        links: 2,
        window: window("2026-11-23T06:00:00Z", "2026-11-23T10:00:00Z"),
        repeat: None,
        state: WorkState::On,
        why: "Thay măng xông tại cột 12".to_owned(),
        author: Some("trucca1".to_owned()),
        added: Some(at("2026-11-23T05:58:00Z")),
        ended: None,
    };
    let weekly = MaintenanceItem {
        id: None,
        scope: Scope::Group("video-conference".parse().expect("a group")),
        name: "video-conference".to_owned(),
        links: 87,
        window: window("2026-11-24T18:00:00Z", "2026-11-24T20:00:00Z"),
        repeat: Some(Repeat { every: Every::Week, until: None }),
        state: WorkState::Ahead,
        why: "Sao lưu".to_owned(),
        author: None,
        added: None,
        ended: None,
    };
    let over = MaintenanceItem {
        id: Some(MaintenanceId(2)),
        scope: Scope::Link("fibre-00847".parse().expect("an id")),
        name: "fibre-00847".to_owned(),
        links: 1,
        window: window("2026-11-22T15:00:00Z", "2026-11-22T16:12:00Z"),
        state: WorkState::Over,
        ended: Some(at("2026-11-22T16:12:00Z")),
        ..planned.clone()
    };
    vec![planned, weekly, over]
}

pub fn notify() -> Body {
    let channel = ChannelHealth {
        channel: "truc-ban".to_owned(),
        kind: ChannelKind::Command,
        waiting: 0,
        oldest: None,
        quiet_until: None,
        delivered: 1_207,
        given_up: 0,
        last: Some(at("2026-11-23T06:58:30Z")),
        fault: None,
    };
    let away = ChannelHealth {
        channel: "phong-hoi-chan".to_owned(),
        kind: ChannelKind::Webhook,
        waiting: 2,
        delivered: 0,
        given_up: 1,
        last: None,
        fault: Some("503 Service Unavailable: \u{1b}[31mmaintenance".to_owned()),
        ..channel
    };
    let quiet = ChannelHealth {
        channel: "thu-ky".to_owned(),
        kind: ChannelKind::Email,
        waiting: 1,
        quiet_until: Some(at("2026-11-23T23:00:00Z")),
        ..channel.clone()
    };
    let channels = vec![channel, away, quiet];
    let delivery = |channel: &str, done: Option<&str>, given_up: Option<&str>| Delivery {
        channel: channel.to_owned(),
        done: done.map(at),
        given_up: given_up.map(str::to_owned),
    };
    let item = |turn: Turn, when: &str, deliveries| NotificationItem {
        id: format!("tq-1.12.{}", turn.id()),
        at: at(when),
        event: EventId(12),
        turn,
        cause: "power".to_owned(),
        links: 6,
        deliveries,
    };
    let items = vec![
        item(
            Turn::Cause,
            "2026-11-23T06:58:30Z",
            vec![delivery("phong-hoi-chan", None, None), delivery("truc-ban", Some("2026-11-23T06:58:31Z"), None)],
        ),
        item(
            Turn::Opened,
            "2026-11-23T06:41:00Z",
            vec![
                delivery("phong-hoi-chan", Some("2026-11-23T06:41:05Z"), Some("422 Unprocessable Entity")),
                delivery("truc-ban", Some("2026-11-23T06:41:01Z"), None),
            ],
        ),
    ];
    Body::Notify { channels, items }
}

pub fn weak() -> WeakBody {
    let carriers = |ids: &[&str]| ids.iter().map(|id| id.parse().expect("a carrier")).collect();
    let item = WeakItem {
        commune: code("02221"),
        commune_name: "Nà Hang".to_owned(),
        people: Some(12_345),
        links: vec!["fibre-02221".parse().expect("an id"), "broadband-02221".parse().expect("an id")],
        shared: carriers(&["feeder-3", "site/pop-3"]),
        cut_off_ms: Millis::from_secs(7_320),
    };
    WeakBody {
        communes: 124,
        items: vec![item],
        independent: 100,
        centre: carriers(&["device/core"]),
        single: vec!["Đường Thượng".to_owned(), "Lũng Cú".to_owned()],
        unknown: (1..=21).map(|number| format!("Xã {number}")).collect(),
    }
}
