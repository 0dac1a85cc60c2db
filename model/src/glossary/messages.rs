//! What people read in a message about an event: a line that stands alone, and the whole of it. Names in it come from the
//! inventory.

use super::{Lang, Term, cause, duration, instant, integer, moment, sentences::common, sign, sign_text};
use crate::{Ack, Carrier, LinkState, Notification, NotifiedLink, Turn, config::ChannelKind, printable};

/// Links that a text lists: the others are in the JSON.
const LISTED: usize = 30;

/// Communes that are named in one line.
const NAMED: usize = 12;

impl Term for Turn {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Opened => ("bắt đầu", "opened"),
            Self::Escalated => ("nhắc lại", "escalated"),
            Self::Cause => ("nguyên nhân", "cause"),
            Self::Closed => ("kết thúc", "closed"),
            Self::Test => ("tin thử", "test"),
        }
    }
}

impl Term for ChannelKind {
    fn pair(&self) -> (&'static str, &'static str) {
        match self {
            Self::Webhook => ("webhook", "webhook"),
            Self::Email => ("thư điện tử", "e-mail"),
            Self::Alertmanager => ("Alertmanager", "Alertmanager"),
            Self::Command => ("lệnh", "command"),
        }
    }
}

/// The message in one line: for a subject, a chat or a text to a telephone.
#[must_use]
pub fn message_line(lang: Lang, message: &Notification) -> String {
    let example = if message.example { lang.of((" – VÍ DỤ", " – EXAMPLE")) } else { "" };
    format!("[{}{example}] {}", printable(&message.province), headline(lang, message))
}

/// The message in full, a fact a line.
#[must_use]
pub fn message_lines(lang: Lang, message: &Notification) -> Vec<String> {
    let mut lines = vec![headline(lang, message)];
    if message.turn == Turn::Test {
        return [lines, from_whom(lang, message)].concat();
    }
    lines.push(String::new());
    lines.push(times(lang, message));
    lines.extend(reason(lang, message));
    lines.extend(reach(lang, message));
    lines.extend(message.ack.as_ref().map(|ack| acknowledged(lang, ack, message)));
    if message.end.is_none() && message.ack.is_none() && message.joined.is_none() {
        let take = lang.of(("Tiếp nhận để không bị nhắc lại", "Take notice, so that it is not told again"));
        lines.push(format!("{take}: phusong ack {}", message.event.0));
    }
    lines.push(String::new());
    lines.extend(links(lang, message));
    [lines, from_whom(lang, message)].concat()
}

fn headline(lang: Lang, message: &Notification) -> String {
    let what = subject(lang, message);
    let lasted = duration(lang, message.duration_ms);
    match message.turn {
        Turn::Opened if message.flapping => lang.pick(format!("Chập chờn: {what}"), format!("Flapping: {what}")),
        Turn::Opened => lang.pick(format!("Mất kết nối: {what}"), format!("Down: {what}")),
        Turn::Escalated => lang.pick(
            format!("Vẫn mất kết nối sau {lasted}, chưa ai tiếp nhận: {what}"),
            format!("Still down after {lasted}, nobody has taken notice: {what}"),
        ),
        Turn::Cause => {
            let known = cause(lang, message.cause.id(), message.cause.carrier());
            lang.pick(format!("Nguyên nhân: {known} – {what}"), format!("Cause: {known} – {what}"))
        }
        Turn::Closed => match message.joined {
            Some(into) => lang.pick(
                format!("Gộp vào sự cố {}: {what}", into.0),
                format!("Event {} is a part of event {}: {what}", message.event.0, into.0),
            ),
            None => lang.pick(
                format!("Đã có kết nối trở lại sau {lasted}: {what}"),
                format!("Up again after {lasted}: {what}"),
            ),
        },
        Turn::Test => lang.pick(
            "Tin thử của phusong: không có sự cố nào".to_owned(),
            "A test of phusong: nothing has happened".to_owned(),
        ),
    }
}

/// What it is about: the link, or how many of them and what they have in common.
fn subject(lang: Lang, message: &Notification) -> String {
    let total = message.links_total;
    if let (1, Some(link)) = (total, message.links.first()) {
        return one(link);
    }
    let count = integer(lang, total);
    let (by, communes) = (message.by.as_ref(), message.communes.len() as u64);
    match (by, &message.together) {
        (Some(by), _) => {
            let carrier = carrier(message, by);
            let (communes, plural) = (integer(lang, communes), if communes == 1 { "" } else { "s" });
            lang.pick(
                format!("{carrier}, ảnh hưởng {count} tuyến, {communes} xã/phường"),
                format!("{carrier}, with {count} links of {communes} commune{plural}"),
            )
        }
        (None, Some(together)) => {
            let place = common(lang, together);
            lang.pick(
                format!("{count} tuyến {place}, có lẽ cùng một sự cố"),
                format!("{count} links {place}, probably one event"),
            )
        }
        (None, None) => lang.pick(format!("{count} tuyến"), format!("{count} links")),
    }
}

/// A link with its place, unless its name tells the place.
fn one(link: &NotifiedLink) -> String {
    let name = printable(&link.name);
    match &link.commune_name {
        Some(commune) if !name.contains(commune.as_str()) => format!("{name} ({})", printable(commune)),
        _ => name.into_owned(),
    }
}

/// What carries the others, by its name when it is a link of them.
fn carrier(message: &Notification, by: &Carrier) -> String {
    let link = message.links.iter().find(|link| by.link() == Some(&link.link));
    link.map_or_else(|| by.to_string(), one)
}

fn times(lang: Lang, message: &Notification) -> String {
    let (number, start, lasted) = (message.event.0, instant(lang, message.start), duration(lang, message.duration_ms));
    match message.end {
        None => lang.pick(
            format!("Sự cố {number}, từ {start}, đã kéo dài {lasted}"),
            format!("Event {number}, since {start}, for {lasted}"),
        ),
        Some(end) => {
            let end = instant(lang, end);
            lang.pick(
                format!("Sự cố {number}, từ {start} đến {end}, kéo dài {lasted}"),
                format!("Event {number}, from {start} to {end}, for {lasted}"),
            )
        }
    }
}

fn reason(lang: Lang, message: &Notification) -> Vec<String> {
    let named = |cause_of: &crate::Cause| cause(lang, cause_of.id(), cause_of.carrier());
    let mut line =
        format!("{}: {} ({})", lang.of(("Nguyên nhân", "Cause")), named(&message.cause), message.confidence.term(lang));
    if let Some(before) = message.cause_before.as_ref().filter(|before| **before != message.cause) {
        line += &format!("; {} {}", lang.of(("trước đó cho là", "held before:")), named(before));
    }
    let evidence = message.evidence.iter().map(|clue| {
        let seen = moment(lang, clue.at, message.at);
        format!("  {seen}  {}", sign_text(lang, &clue.sign))
    });
    std::iter::once(line).chain(evidence).collect()
}

fn reach(lang: Lang, message: &Notification) -> Vec<String> {
    let (total, down) = (integer(lang, message.links_total), integer(lang, message.links_down));
    let mut lines = vec![lang.pick(
        format!("Ảnh hưởng: {total} tuyến, {down} tuyến còn mất kết nối"),
        format!("Reach: {total} links, {down} of them down still"),
    )];
    if !message.communes.is_empty() {
        let named: Vec<_> = message.communes.iter().take(NAMED).map(|name| printable(name)).collect();
        let more = message.communes.len().saturating_sub(NAMED);
        let count = integer(lang, message.communes.len() as u64);
        let rest = if more > 0 { ", …" } else { "" };
        lines.push(lang.pick(
            format!("{count} xã, phường: {}{rest}", named.join(", ")),
            format!("{count} communes: {}{rest}", named.join(", ")),
        ));
    }
    if let Some(people) = message.people {
        let people = integer(lang, people);
        lines.push(lang.pick(format!("Dân số ở đó: {people} người"), format!("People living there: {people}")));
    }
    lines
}

fn acknowledged(lang: Lang, ack: &Ack, message: &Notification) -> String {
    let mut line = format!(
        "{}: {}, {}",
        lang.of(("Đã tiếp nhận", "Taken notice of")),
        printable(&ack.author),
        moment(lang, ack.at, message.at)
    );
    for text in [&ack.ticket, &ack.note].into_iter().flatten() {
        line += &format!(", {}", printable(text));
    }
    line
}

fn links(lang: Lang, message: &Notification) -> Vec<String> {
    let mut lines: Vec<String> = message.links.iter().take(LISTED).map(|link| row(lang, link)).collect();
    let shown = lines.len() as u64;
    if message.links_total > shown {
        let more = integer(lang, message.links_total - shown);
        lines.push(lang.pick(format!("… và {more} tuyến nữa"), format!("… and {more} more links")));
    }
    lines
}

/// A link with what one needs to call about it.
fn row(lang: Lang, link: &NotifiedLink) -> String {
    let state = if link.down { sign(LinkState::Down) } else { sign(LinkState::Up) };
    let mut line = format!("{state} {}  {}", link.link, one(link));
    if let Some(operator) = &link.operator {
        line += &format!(", {}", operator.label());
    }
    let contact = &link.contact;
    for (label, text) in [
        (lang.of(("mã kênh", "circuit")), &contact.circuit),
        (lang.of(("trực", "on duty")), &contact.duty),
        (lang.of(("ĐT", "phone")), &contact.phone),
    ] {
        if let Some(text) = text {
            line += &format!(", {label} {}", printable(text));
        }
    }
    line
}

fn from_whom(lang: Lang, message: &Notification) -> Vec<String> {
    let mut lines = vec![String::new()];
    if message.example {
        lines.push(
            lang.of(("Số liệu ví dụ, không phản ánh thực tế.", "Example data: it says nothing about the world."))
                .to_owned(),
        );
    }
    let at = instant(lang, message.at);
    lines.push(lang.pick(
        format!("phusong, máy giám sát {}, {at} (+07)", message.vantage),
        format!("phusong, prober {}, {at} (+07)", message.vantage),
    ));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Cause, Clue, Confidence, Contact, EventId, LinkId, LinkKind, Millis, OutageId, Sign, UtcMs,
        glossary::Lang::{En, Vi},
    };

    fn id(text: &str) -> LinkId {
        text.parse().expect("id")
    }

    fn at(text: &str) -> UtcMs {
        text.parse::<jiff::Timestamp>().expect("an instant").into()
    }

    fn link(name: &str, label: &str, commune: &str, down: bool) -> NotifiedLink {
        NotifiedLink {
            link: id(name),
            name: label.to_owned(),
            kind: LinkKind::Fibre,
            commune: None,
            commune_name: Some(commune.to_owned()),
            operator: Some("vnpt".parse().expect("operator")),
            contact: Contact { phone: Some("0207 382 2345".to_owned()), ..Contact::default() },
            down,
        }
    }

    /// A feeder with two links behind it, since a quarter of an hour.
    fn feeder_cut() -> Notification {
        let start = at("2026-11-28T07:05:12Z");
        let now = at("2026-11-28T07:20:12Z");
        let carrier = Carrier::Link(id("feeder-1"));
        Notification {
            schema: Notification::SCHEMA.to_owned(),
            id: "tq.7.opened.1".to_owned(),
            turn: Turn::Opened,
            vantage: "tq".to_owned(),
            province: "Tuyên Quang".to_owned(),
            example: false,
            event: EventId(7),
            at: now,
            start,
            end: None,
            duration_ms: now.since(start),
            cause: Cause::Fibre,
            confidence: Confidence::Medium,
            cause_before: None,
            evidence: vec![Clue { at: start, sign: Sign::CarrierDown { carrier: carrier.clone() } }],
            by: Some(carrier),
            together: None,
            flapping: false,
            step: 0,
            joined: None,
            links: vec![
                link("feeder-1", "Trục Na Hang", "Nà Hang", true),
                link("fibre-1", "Cáp UBND Nà Hang", "Nà Hang", true),
                link("fibre-2", "Cáp UBND", "Thượng Lâm", false),
            ],
            links_total: 3,
            links_down: 2,
            communes: vec!["Nà Hang".to_owned(), "Thượng Lâm".to_owned()],
            people: Some(21_345),
            ack: None,
        }
    }

    #[test]
    fn a_message_reads_well_in_vietnamese() {
        let text = message_lines(Vi, &feeder_cut()).join("\n");
        let expected = "Mất kết nối: Trục Na Hang (Nà Hang), ảnh hưởng 3 tuyến, 2 xã/phường

Sự cố 7, từ 28/11/2026 14:05:12, đã kéo dài 15 phút
Nguyên nhân: cáp quang (khá chắc chắn)
  14:05  feeder-1 ở phía trên mất kết nối
Ảnh hưởng: 3 tuyến, 2 tuyến còn mất kết nối
2 xã, phường: Nà Hang, Thượng Lâm
Dân số ở đó: 21.345 người
Tiếp nhận để không bị nhắc lại: phusong ack 7

✗ feeder-1  Trục Na Hang (Nà Hang), VNPT, ĐT 0207 382 2345
✗ fibre-1  Cáp UBND Nà Hang, VNPT, ĐT 0207 382 2345
● fibre-2  Cáp UBND (Thượng Lâm), VNPT, ĐT 0207 382 2345

phusong, máy giám sát tq, 28/11/2026 14:20:12 (+07)";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_message_reads_well_in_english() {
        let ended = at("2026-11-28T09:10:12Z");
        let message = Notification {
            turn: Turn::Closed,
            end: Some(ended),
            at: ended.plus(Millis::from_secs(30)),
            duration_ms: Millis::from_secs(125 * 60),
            example: true,
            links_down: 0,
            ack: Some(Ack {
                outage: OutageId(7),
                event: EventId(7),
                at: ended,
                author: "lan".to_owned(),
                note: Some("crew is out".to_owned()),
                ticket: Some("SC-12".to_owned()),
            }),
            ..feeder_cut()
        };
        let expected = "Up again after 2 h 5 min: Trục Na Hang (Nà Hang), with 3 links of 2 communes

Event 7, from 2026-11-28 14:05:12 to 2026-11-28 16:10:12, for 2 h 5 min
Cause: fibre (good evidence)
  14:05  feeder-1 above it is down
Reach: 3 links, 0 of them down still
2 communes: Nà Hang, Thượng Lâm
People living there: 21,345
Taken notice of: lan, 16:10, SC-12, crew is out
";
        let text = message_lines(En, &message).join("\n");
        assert!(text.starts_with(expected), "{text}");
        assert!(text.contains("Example data"), "{text}");
        assert_eq!(
            message_line(Vi, &message),
            "[Tuyên Quang – VÍ DỤ] Đã có kết nối trở lại sau 2 giờ 5 phút: Trục Na Hang (Nà Hang), ảnh hưởng 3 tuyến, 2 xã/phường"
        );
    }

    #[test]
    fn each_turn_has_a_line_of_its_own() {
        let single = Notification {
            by: None,
            links: vec![link("fibre-2", "Cáp UBND", "Thượng Lâm", true)],
            links_total: 1,
            ..feeder_cut()
        };
        let line = |lang, turn, joined| {
            let message = Notification { turn, joined, ..single.clone() };
            message_line(lang, &message)
        };
        let expected = [
            ("Mất kết nối: Cáp UBND (Thượng Lâm)", "Down: Cáp UBND (Thượng Lâm)"),
            (
                "Vẫn mất kết nối sau 15 phút, chưa ai tiếp nhận: Cáp UBND (Thượng Lâm)",
                "Still down after 15 min, nobody has taken notice: Cáp UBND (Thượng Lâm)",
            ),
            ("Nguyên nhân: cáp quang – Cáp UBND (Thượng Lâm)", "Cause: fibre – Cáp UBND (Thượng Lâm)"),
            (
                "Đã có kết nối trở lại sau 15 phút: Cáp UBND (Thượng Lâm)",
                "Up again after 15 min: Cáp UBND (Thượng Lâm)",
            ),
            ("Tin thử của phusong: không có sự cố nào", "A test of phusong: nothing has happened"),
        ];
        for (turn, (vi, en)) in Turn::OF_EVENTS.into_iter().chain([Turn::Test]).zip(expected) {
            assert_eq!(line(Vi, turn, None), format!("[Tuyên Quang] {vi}"));
            assert_eq!(line(En, turn, None), format!("[Tuyên Quang] {en}"));
        }
        let joined = line(Vi, Turn::Closed, Some(EventId(9)));
        assert_eq!(joined, "[Tuyên Quang] Gộp vào sự cố 9: Cáp UBND (Thượng Lâm)");
    }
}
