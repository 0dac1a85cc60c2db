//! A link on a bad afternoon, with everything that can be known of one.

use phusong_model::{
    Clue, Confidence, Contact, Dbm, Delivery, EventId, IcmpError, IcmpErrorKind, IfReading, IfStatus, LinkKind,
    LinkState, Millis, NotificationItem, Observed, Probe, ProfileGrade, Seen, SensorReading, SensorUnit, SensorValue,
    Sign, Subject, Turn, UtcMs, Worse,
    answer::{
        AffectedItem, Body, Happening, LightItem, LinkBody, LinkItem, LooksItem, Moment, OutageBody, OutageItem,
        StripItem, TopItem, TriedItem,
    },
};

use super::{at, now, samples};

fn seen(subject: Subject, seen: Seen) -> Observed {
    Observed { subject, seen, first: at("2026-11-23T06:22:20Z"), last: at("2026-11-23T07:05:10Z") }
}

fn sensor(sensor: &str, row: &str, value: SensorValue, grade: ProfileGrade) -> Seen {
    Seen::Sensor(SensorReading { sensor: sensor.to_owned(), row: Some(row.to_owned()), value, grade })
}

fn observations() -> Vec<Observed> {
    let link = || Subject::Link("fibre-02221".parse().expect("an id"));
    let device = || Subject::Device("olt-1".parse().expect("an id"));
    let router = "2001:db8:1234:5678:9abc:def0:1234:5678".parse().expect("an address");
    let power = SensorValue::Number { value: -27.25, unit: SensorUnit::Dbm };
    let cause = SensorValue::State { code: 13, name: Some("dying-gasp".to_owned()) };
    vec![
        seen(link(), Seen::IcmpError(IcmpError { kind: IcmpErrorKind::Unreachable, code: 3, router })),
        seen(link(), Seen::Certificate { not_after: at("2026-12-10T00:00:00Z"), trusted: true }),
        seen(link(), Seen::HttpStatus(503)),
        seen(device(), sensor("onu-rx-power", "0/1/3", power, ProfileGrade::Documented)),
        seen(device(), sensor("onu-last-down", "0/1\u{1b}[2J", cause, ProfileGrade::Community)),
    ]
}

pub fn link() -> LinkBody {
    let item = samples::link("fibre-02221", Some(("02221", "Nà Hang")), LinkKind::Fibre, LinkState::Down);
    LinkBody {
        link: LinkItem { sent: Some(10), lost: Some(10), ..item },
        people: Some(12_345),
        upstream: vec!["feeder-1".parse().expect("an id")],
        contact: Contact {
            circuit: Some("TQG-0221".to_owned()),
            phone: Some("0912345678".to_owned()),
            duty: Some("Trực\u{1b}[2J ban".to_owned()),
        },
        interface: Some(IfReading {
            device: "olt-1".parse().expect("an id"),
            ifname: "GPON0/1/3".to_owned(),
            link: None,
            at: at("2026-11-23T07:04:50Z"),
            oper: IfStatus::LowerLayerDown,
            admin: IfStatus::Up,
            speed_bps: Some(1_000_000_000),
            in_bps: Some(0.0),
            out_bps: Some(1_234_567.0),
            in_err: Some(12),
            out_err: None,
            in_disc: None,
            out_disc: None,
            rx: Some(Dbm(-27.25)),
            tx: None,
        }),
        outages: samples::outages().into_iter().take(1).collect(),
        observations: observations(),
        strip: strip(),
        looks: looks(),
        light: Some(light()),
    }
}

/// Sixty stretches of twenty-four minutes, up to now.
fn stretches() -> impl Iterator<Item = (u64, UtcMs, UtcMs)> {
    let from = |number: u64| now().minus(Millis::from_secs(24 * 60 * (60 - number as i64)));
    (0..60).map(move |number| (number, from(number), from(number + 1)))
}

fn strip() -> Vec<StripItem> {
    let state = |number| match number {
        0..5 => None,
        20 | 21 => Some(LinkState::Blind),
        30..33 => Some(LinkState::Degraded),
        40 => Some(LinkState::Maintenance),
        57.. => Some(LinkState::Down),
        _ => Some(LinkState::Up),
    };
    stretches().map(|(number, from, to)| StripItem { from, to, state: state(number) }).collect()
}

fn looks() -> Vec<LooksItem> {
    let item = |(number, from, to): (u64, UtcMs, UtcMs)| {
        let (sent, lost, blind) = match number {
            0..5 => (0, 0, 0),
            20 | 21 => (0, 0, 144),
            30..33 => (1440, 144 * (number - 29), 0),
            57.. => (1440, 1440, 0),
            _ => (1440, 0, 0),
        };
        let rtt = (sent > lost).then_some(2.0 + (number % 10) as f64);
        LooksItem { from, to, blind, sent, lost, rtt_median_ms: rtt, rtt_max_ms: rtt.map(|rtt| rtt * 3.0) }
    };
    stretches().map(item).collect()
}

fn light() -> LightItem {
    LightItem {
        rx_dbm: -24.3,
        at: at("2026-11-23T06:20:00Z"),
        limit_dbm: -27.0,
        limit_assumed: true,
        margin_db: 2.7,
        change_db_per_day: Some(-0.05),
        days_to_limit: Some(54.0),
        readings: Vec::new(),
    }
}

/// An outage of which much is known, within an event of many links.
pub fn outage() -> OutageBody {
    let outage = samples::outages().remove(0);
    let event = samples::events().remove(0);
    let at = |text: &str| at(&format!("2026-11-23T{text}Z"));
    let moment = |time: &str, error: i64, what| Moment { at: at(time), error_ms: Millis(error), what };
    let clue = Clue { at: at("06:22:40"), sign: Sign::CarrierDown { carrier: "feeder-1".parse().expect("an id") } };
    let judged = |cause: &str, carrier: Option<&str>, confidence| Happening::Judged {
        cause: cause.to_owned(),
        carrier: carrier.and_then(|carrier| carrier.parse().ok()),
        confidence,
    };
    let others = ["feeder-1", "vc-02221", "fibre-00847", "fibre-02404"].iter().filter_map(|id| id.parse().ok());
    let message = NotificationItem {
        id: "demo.6.opened".to_owned(),
        at: at("06:23:30"),
        event: EventId(6),
        turn: Turn::Opened,
        cause: "unknown".to_owned(),
        links: 4,
        deliveries: vec![Delivery { channel: "duty-room".to_owned(), done: Some(at("06:23:31")), given_up: None }],
    };
    let degraded = Happening::State { state: LinkState::Degraded, blind: None, worse: Some(Worse::Loss) };
    let affected = |code: &str, name: &str, people, working: &[&str]| AffectedItem {
        commune: code.parse().expect("a code"),
        commune_name: name.to_owned(),
        people,
        links: vec![format!("fibre-{code}").parse().expect("an id")],
        working: working.iter().filter_map(|id| id.parse().ok()).collect(),
        unseen: Vec::new(),
    };
    OutageBody {
        outage: OutageItem { evidence: vec![clue.clone()], ..outage },
        event,
        timeline: vec![
            moment("06:20:00", 0, degraded),
            moment("06:22:09", 0, Happening::OthersBegan { links: others.collect() }),
            moment("06:22:10", 5_000, Happening::Began),
            moment("06:22:40", 0, Happening::Seen { clue }),
            moment("06:22:45", 0, Happening::Decided),
            moment("06:22:45", 0, judged("unknown", None, Confidence::Low)),
            moment("06:23:00", 0, judged("upstream", Some("feeder-1"), Confidence::Medium)),
            moment("06:23:30", 0, Happening::Told { message }),
        ],
        verdicts: Vec::new(),
        tried: vec![TriedItem { probe: Probe::Icmp, looks: 258, blind: 2, sent: 1_290, lost: 1_290 }],
        affected: vec![
            affected("02221", "Nà Hang", Some(12_345), &["broadband-02221"]),
            affected("00847", "Đường Thượng", None, &[]),
        ],
    }
}

/// How three links were looked at.
pub fn top() -> Body {
    let item = |link: &str, probe, lost, median: Option<f64>| {
        let of = samples::link(link, Some(("02221", "Nà Hang")), LinkKind::Fibre, LinkState::Up);
        TopItem {
            link: of.link,
            name: of.name,
            kind: of.kind,
            commune: of.commune,
            commune_name: of.commune_name,
            operator: of.operator,
            probe,
            target: of.target,
            state: if median.is_some() { LinkState::Up } else { LinkState::Down },
            looks: 8_640,
            blind: 3,
            sent: 43_200,
            lost,
            lost_ratio: Some(lost as f64 / 43_200.0),
            rtt_median_ms: median,
            rtt_p95_ms: median.map(|ms| ms * 1.5),
            rtt_max_ms: median.map(|ms| ms * 9.0),
        }
    };
    let items = vec![
        item("fibre-02221", Probe::Icmp, 43_200, None),
        item("fibre-00847", Probe::Snmp, 12, Some(310.25)),
        item("fibre-02404", Probe::Icmp, 0, Some(0.42)),
    ];
    Body::Top { items, counted_until: Some(at("2026-11-23T07:00:00Z")) }
}
