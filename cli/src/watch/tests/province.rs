//! A province of 124 communes on a bad night.

use phusong_model::{
    EventId, LinkKind, LinkState, OutageId,
    answer::{Answer, Body, EventItem, LinkItem, OutageItem, Source},
};

use super::{Heard, Picture};
use crate::tests::samples;

const NAMES: [&str; 31] = [
    "Nà Hang",
    "Thượng Nông",
    "Côn Lôn",
    "Hồng Thái",
    "Lâm Bình",
    "Thượng Lâm",
    "Bình An",
    "Minh Quang",
    "Chiêm Hoá",
    "Tân Mỹ",
    "Yên Lập",
    "Kim Bình",
    "Hoà An",
    "Kiên Đài",
    "Tri Phú",
    "Yên Nguyên",
    "Hàm Yên",
    "Bạch Xa",
    "Phù Lưu",
    "Yên Phú",
    "Bình Xa",
    "Thái Sơn",
    "Thái Hoà",
    "Hùng Đức",
    "Sơn Dương",
    "Tân Trào",
    "Lũng Cú",
    "Đồng Văn",
    "Sà Phìn",
    "Phố Bảng",
    "Đường Thượng",
];

const COMMUNES: usize = 124;

fn commune(index: usize) -> (String, String) {
    let round = index / NAMES.len();
    let name = NAMES[index % NAMES.len()];
    (format!("{:05}", 2221 + index), if round == 0 { name.to_owned() } else { format!("{name} {round}") })
}

fn fibre(index: usize) -> LinkItem {
    let (code, name) = commune(index);
    let state = match index {
        0 | 5 | 6 => LinkState::Down,
        20 => LinkState::Blind,
        40 => LinkState::Maintenance,
        _ => LinkState::Up,
    };
    samples::link(&format!("fibre-{code}"), Some((&code, &name)), LinkKind::Fibre, state)
}

fn broadband(index: usize) -> LinkItem {
    let (code, name) = commune(index);
    let state = if index == 8 { LinkState::Degraded } else { LinkState::Up };
    let link = samples::link(&format!("broadband-{code}"), Some((&code, &name)), LinkKind::Broadband, state);
    LinkItem { operator: "viettel".parse().ok(), ..link }
}

pub fn links() -> Vec<LinkItem> {
    let feeders = [("feeder-1", LinkState::Down), ("feeder-2", LinkState::Up)];
    let feeders = feeders.map(|(id, state)| samples::link(id, None, LinkKind::Feeder, state));
    (0..COMMUNES).map(fibre).chain((0..COMMUNES).map(broadband)).chain(feeders).collect()
}

fn outage(number: i64, event: i64, link: &LinkItem, end: Option<&str>) -> OutageItem {
    let place = link.commune.as_ref().map(ToString::to_string);
    let place = place.as_deref().zip(link.commune_name.as_deref());
    let outage = samples::outage(number, link.link.as_str(), place, end);
    OutageItem { event: EventId(event), ack: outage.ack.filter(|_| number == 7), ..outage }
}

pub fn outages() -> Vec<OutageItem> {
    let links = links();
    let of = |id: &str| links.iter().find(|link| link.link.as_str() == id).expect("a link");
    vec![
        outage(9, 9, of("fibre-02221"), None),
        outage(6, 6, of("feeder-1"), None),
        outage(7, 6, of("fibre-02226"), None),
        outage(8, 6, of("fibre-02227"), None),
        outage(5, 5, of("broadband-02230"), Some("2026-11-23T06:30:00Z")),
    ]
}

pub fn events() -> Vec<EventItem> {
    let [feeder, over] = <[EventItem; 2]>::try_from(samples::events()).expect("two events");
    let ids = |ids: &[&str]| ids.iter().map(|id| id.parse().expect("an id")).collect::<Vec<_>>();
    let single = EventItem {
        event: EventId(9),
        by: None,
        outages: vec![OutageId(9)],
        links: ids(&["fibre-02221"]),
        open: 1,
        communes: vec!["Nà Hang".to_owned()],
        people: Some(4_735),
        cause: "power".to_owned(),
        ..feeder.clone()
    };
    let feeder = EventItem {
        outages: [6, 7, 8].map(OutageId).to_vec(),
        links: ids(&["feeder-1", "fibre-02226", "fibre-02227"]),
        open: 3,
        communes: vec!["Thượng Lâm".to_owned(), "Bình An".to_owned()],
        people: Some(24_747),
        ..feeder
    };
    let over = EventItem { links: ids(&["broadband-02230"]), communes: vec!["Tân Mỹ".to_owned()], ..over };
    vec![single, feeder, over]
}

/// What the daemon tells of it, or whoever else.
pub fn picture(heard: Heard) -> Picture {
    picture_of(links(), outages(), events(), heard)
}

pub fn picture_of(links: Vec<LinkItem>, items: Vec<OutageItem>, events: Vec<EventItem>, heard: Heard) -> Picture {
    let source = if heard == Heard::Daemon { Source::Daemon } else { Source::Store };
    let answer = |body| Answer { source, ..samples::answer(body) };
    let answers = [
        Body::Status(Box::new(samples::status())),
        Body::Links { items: links },
        Body::Outages { items, events, links: 124, blind: 0 },
    ];
    Picture::of(answers.map(answer).to_vec(), heard).expect("the three answers")
}
