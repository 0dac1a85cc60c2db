//! The store of a night of outages in two former districts: mains off, a feeder cut, something blind, something announced,
//! something that came back.

use std::path::Path;

use phusong_model::{
    Carrier, Cause, Change, Clue, Commune, Confidence, Contact, EchoStats, Edge, Event, EventId, Health, IcmpMode,
    Inventory, Link, LinkId, LinkKind, LinkState, Metres, Micros, Millis, OutageId, Outcome, Probe, ProberHealth,
    RttSummary, Sample, Sign, Site, SiteKind, StoreHealth, Tick, Transition, UtcMs, Verdict, Worse,
};
use phusong_store::{Commit, NewAck, Store};

/// The daemon looked each half minute, for the last time at 03:04:30.
const PERIOD: Millis = Millis(30_000);
const FIRST: &str = "2026-11-22T16:00:00Z";
const LAST: &str = "2026-11-22T20:04:30Z";

/// Code, name, former district, people of each commune.
const COMMUNES: [(&str, &str, &str, u64); 7] = [
    ("02221", "Nà Hang", "Na Hang", 12_480),
    ("02239", "Thượng Nông", "Na Hang", 6_210),
    ("02245", "Côn Lôn", "Na Hang", 5_730),
    ("02248", "Yên Hoa", "Na Hang", 8_050),
    ("02260", "Hồng Thái", "Na Hang", 7_340),
    ("02266", "Lâm Bình", "Lâm Bình", 9_120),
    ("02269", "Thượng Lâm", "Lâm Bình", 6_880),
];

/// The communes whose fibre the feeder of the valley carries.
const VALLEY: [&str; 3] = ["02245", "02248", "02260"];

pub fn at(text: &str) -> UtcMs {
    text.parse().expect("an instant")
}

/// Minutes after midnight in Viet Nam.
fn night(hours: i64, minutes: i64, seconds: i64) -> UtcMs {
    at("2026-11-22T17:00:00Z").plus(Millis::from_secs(hours * 3600 + minutes * 60 + seconds))
}

fn id(text: &str) -> LinkId {
    text.parse().expect("an id")
}

fn link(name: &str, kind: LinkKind, label: &str, commune: Option<&str>, operator: &str, upstream: &[&str]) -> Link {
    let number = name.bytes().fold(7_u8, u8::wrapping_add);
    Link {
        id: id(name),
        kind,
        name: label.to_owned(),
        commune: commune.and_then(|code| code.parse().ok()),
        site: None,
        address: Some([127, 9, number, number.wrapping_mul(31)].into()),
        service: None,
        interface: None,
        rx_limit: None,
        upstream: upstream.iter().map(|carrier| carrier.parse().expect("a carrier")).collect(),
        operator: operator.parse().ok(),
        groups: Vec::new(),
        contact: Contact {
            circuit: Some(format!("TQ-{}", name.to_uppercase())),
            phone: Some(if operator == "vnpt" { "0207 3 800 126" } else { "0207 3 198 198" }.to_owned()),
            duty: None,
        },
    }
}

fn inventory() -> Inventory {
    let communes = COMMUNES.map(|(code, name, district, people)| Commune {
        district: Some(district.to_owned()),
        population: Some(people),
        ..Commune::new(code.parse().expect("a code"), name)
    });
    let mut links = vec![
        link("feeder-hub", LinkKind::Feeder, "Tuyến trục trung tâm", None, "vnpt", &[]),
        link("feeder-valley", LinkKind::Feeder, "Tuyến trục thung lũng", None, "vnpt", &["feeder-hub"]),
        link("platform-vc", LinkKind::Platform, "Máy chủ hội nghị", None, "vnpt", &[]),
    ];
    let mut sites = Vec::new();
    for (code, name, ..) in COMMUNES {
        let carrier = if VALLEY.contains(&code) { "feeder-valley" } else { "feeder-hub" };
        let fibre = format!("fibre-{code}");
        links.push(link(&fibre, LinkKind::Fibre, &format!("Cáp quang {name}"), Some(code), "vnpt", &[carrier]));
        let label = format!("Băng rộng {name}");
        links.push(link(&format!("broadband-{code}"), LinkKind::Broadband, &label, Some(code), "viettel", &[]));
        let label = format!("Điểm cầu {name}");
        let endpoint = link(&format!("vc-{code}"), LinkKind::VideoConference, &label, Some(code), "vnpt", &[&fibre]);
        links.push(Link { groups: vec!["video-conference".parse().expect("a group")], ..endpoint });
        for (operator, backhaul) in [("vnpt", fibre), ("viettel", format!("broadband-{code}"))] {
            sites.push(Site {
                id: format!("bts-{operator}-{code}").parse().expect("an id"),
                kind: SiteKind::Bts,
                name: format!("BTS {name} ({operator})"),
                commune: code.parse().ok(),
                operator: operator.parse().ok(),
                at: None,
                backhaul: vec![id(&backhaul)],
                reported: None,
            });
        }
    }
    Inventory {
        province: "Tuyên Quang".to_owned(),
        communes: communes.to_vec(),
        links,
        sites,
        example: true,
        ..Inventory::default()
    }
}

fn verdict(cause: Cause, confidence: Confidence, evidence: Vec<(UtcMs, Sign)>) -> Verdict {
    let evidence = evidence.into_iter().map(|(at, sign)| Clue { at, sign }).collect();
    Verdict { cause, confidence, evidence }
}

fn behind(carrier: &str, at: UtcMs) -> Verdict {
    let carrier: Carrier = carrier.parse().expect("a carrier");
    let evidence = vec![(at, Sign::CarrierDown { carrier: carrier.clone() })];
    verdict(Cause::Upstream { carrier }, Confidence::High, evidence)
}

/// What happens to a link, at the instant from which it counts.
enum Turn {
    /// An outage of that number opens, as a part of an event.
    Down(i64, i64, Verdict),
    Up,
    Degraded,
    Blind,
    Work,
}

/// The night, in its order.
fn story() -> Vec<(UtcMs, String, Turn)> {
    let ups = || "ups-thuong-nong".parse().expect("a device");
    let olt = || "olt-na-hang".parse().expect("a device");
    let mains = |when| {
        let evidence = vec![
            (when, Sign::MainsOff { device: ups() }),
            (when, Sign::OnBattery { device: ups(), left: None, low: true }),
        ];
        verdict(Cause::Power, Confidence::High, evidence)
    };
    let cut = night(1, 40, 15);
    let fibre = verdict(
        Cause::Fibre,
        Confidence::High,
        vec![
            (cut, Sign::NoLight { device: olt(), rx: None }),
            (cut, Sign::Break { device: olt(), from: Metres(11_200.0), to: Metres(11_900.0) }),
        ],
    );
    let mut story = vec![
        (night(0, 21, 15), "broadband-02266".to_owned(), Turn::Down(1, 1, Verdict::unknown())),
        (night(0, 49, 45), "broadband-02266".to_owned(), Turn::Up),
        (night(1, 12, 15), "broadband-02239".to_owned(), Turn::Down(2, 2, mains(night(1, 10, 0)))),
        (night(1, 12, 15), "fibre-02239".to_owned(), Turn::Down(3, 2, mains(night(1, 10, 0)))),
        (night(1, 12, 15), "vc-02239".to_owned(), Turn::Down(4, 2, behind("fibre-02239", night(1, 12, 30)))),
        (cut, "feeder-valley".to_owned(), Turn::Down(5, 5, fibre)),
    ];
    for (number, code) in (6..).step_by(2).zip(VALLEY) {
        let (line, endpoint) = (format!("fibre-{code}"), format!("vc-{code}"));
        story.push((cut, line.clone(), Turn::Down(number, 5, behind("feeder-valley", cut))));
        story.push((cut, endpoint, Turn::Down(number + 1, 5, behind(&line, cut))));
    }
    story.extend([
        (night(2, 0, 0), "fibre-02269".to_owned(), Turn::Work),
        (night(2, 14, 0), "broadband-02248".to_owned(), Turn::Degraded),
        (night(2, 31, 0), "broadband-02260".to_owned(), Turn::Blind),
        (night(2, 40, 15), "broadband-02245".to_owned(), Turn::Down(12, 12, Verdict::unknown())),
    ]);
    story
}

fn changes(link: &str, from: UtcMs, turn: &Turn) -> Vec<Change> {
    let to =
        |state, cause, blind, worse| Change::State(Transition { link: id(link), state, from, cause, blind, worse });
    match turn {
        Turn::Down(number, event, verdict) => {
            let (number, event) = (OutageId(*number), EventId(*event));
            let start = Edge { at: from, error: Millis(15_000) };
            let decided = from.plus(PERIOD);
            let opens = Change::OutageOpens { id: number, link: id(link), start, decided, verdict: verdict.clone() };
            let mut changes = vec![to(LinkState::Down, Some(verdict.cause.clone()), None, None), opens];
            if event.0 != number.0 {
                changes.push(Change::OutageJoins { id: number, link: id(link), event });
            }
            if link == "feeder-valley" {
                changes.push(Change::Event(Event { by: link.parse().ok(), ..Event::single(event) }));
            }
            if link == "broadband-02239" {
                let commune = phusong_model::Together::Commune("02239".parse().expect("a code"));
                changes.push(Change::Event(Event { together: Some(commune), ..Event::single(event) }));
            }
            changes
        }
        Turn::Up => vec![
            to(LinkState::Up, None, None, None),
            Change::OutageEnds { link: id(link), end: Edge { at: from, error: Millis(15_000) } },
        ],
        Turn::Degraded => vec![to(LinkState::Degraded, None, None, Some(Worse::Loss))],
        Turn::Blind => vec![to(LinkState::Blind, None, Some(phusong_model::BlindReason::SendError), None)],
        Turn::Work => vec![to(LinkState::Maintenance, None, None, None)],
    }
}

/// What a look gives in the state that a link is in.
fn sample(link: &LinkId, state: LinkState, number: i64) -> Sample {
    let base = 3_000 + u32::from(link.as_str().bytes().fold(0_u8, u8::wrapping_add)) * 20 + (number % 7) as u32 * 40;
    let rtt = |factor: u32| Micros(base * factor / 10);
    let summary = RttSummary { min: rtt(9), median: rtt(10), p95: rtt(13), max: rtt(15), jitter: Micros(90) };
    let outcome = match state {
        LinkState::Up | LinkState::Maintenance => Outcome::Measured(EchoStats { sent: 5, lost: 0, rtt: Some(summary) }),
        LinkState::Degraded => Outcome::Measured(EchoStats { sent: 10, lost: 3, rtt: Some(summary) }),
        LinkState::Down => Outcome::Measured(EchoStats { sent: 10, lost: 10, rtt: None }),
        LinkState::Blind => Outcome::Blind(phusong_model::BlindReason::SendError),
    };
    Sample { link: link.clone(), probe: Probe::Icmp, outcome }
}

/// Writes the store as the daemon left it when it was killed.
pub fn write(folder: &Path) {
    let inventory = inventory();
    let (first, last) = (at(FIRST), at(LAST));
    let mut store = Store::open(folder).expect("a store");
    store.set_inventory(&inventory, first).expect("the inventory");
    let mut states: Vec<(LinkId, LinkState)> =
        inventory.links.iter().map(|link| (link.id.clone(), LinkState::Up)).collect();
    let up = |link: &LinkId| {
        let (state, from) = (LinkState::Up, first);
        Change::State(Transition { link: link.clone(), state, from, cause: None, blind: None, worse: None })
    };
    let mut waiting: Vec<Change> = states.iter().map(|(link, _)| up(link)).collect();
    let mut story = story().into_iter().peekable();
    let ticks = last.since(first).0 / PERIOD.0;
    for number in 0..=ticks {
        let now = first.plus(Millis(PERIOD.0 * number));
        while let Some((from, link, turn)) = story.next_if(|(from, ..)| from.plus(PERIOD) <= now) {
            waiting.extend(changes(&link, from, &turn));
            let state = match turn {
                Turn::Down(..) => LinkState::Down,
                Turn::Up => LinkState::Up,
                Turn::Degraded => LinkState::Degraded,
                Turn::Blind => LinkState::Blind,
                Turn::Work => LinkState::Maintenance,
            };
            states.iter_mut().filter(|(known, _)| *known == id(&link)).for_each(|(_, known)| *known = state);
        }
        let tick = Tick { at: now, period: PERIOD, slip: Millis(2), blind: None };
        let prober = ProberHealth { last_tick: Some(tick), ..ProberHealth::at_start(IcmpMode::Raw, first) };
        let commit = Commit {
            tick,
            samples: states.iter().map(|(link, state)| sample(link, *state, number)).collect(),
            readings: Vec::new(),
            changes: std::mem::take(&mut waiting),
            observations: Vec::new(),
            tellings: Vec::new(),
            health: Health {
                prober,
                store: StoreHealth { bytes: 4_194_304, ..StoreHealth::default() },
                influx: Vec::new(),
                notify: Vec::new(),
            },
        };
        store.commit(&commit).expect("a tick");
    }
    let ack = NewAck {
        outage: OutageId(5),
        at: night(2, 5, 0),
        author: "trucca1".to_owned(),
        note: Some("VNPT đã cử đội sửa chữa lên Km 11".to_owned()),
        ticket: Some("VNPT-20931".to_owned()),
    };
    store.acknowledge(&ack).expect("an acknowledgement");
}
