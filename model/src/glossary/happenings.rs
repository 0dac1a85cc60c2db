//! What happened in an outage, in a sentence each; and what is new of an event. Text from outside is not made safe here: who
//! prints it does.

use super::{Lang, Term, cause, duration, integer, sentences::common, sign_text};
use crate::{
    LinkId, LinkState, NotificationItem,
    answer::{EventItem, Happening},
};

/// Links that are named of many.
const NAMED: usize = 3;

/// What happened.
#[must_use]
pub fn happening(lang: Lang, what: &Happening) -> String {
    match what {
        Happening::Began => lang.of(("bắt đầu mất kết nối", "the link falls silent")).to_owned(),
        Happening::Decided => lang.of(("xác định là mất kết nối", "it is decided that the link is down")).to_owned(),
        Happening::Ended => lang.of(("kết nối trở lại", "the link is back")).to_owned(),
        Happening::State { state, blind, worse } => {
            let why = blind.map(|reason| reason.term(lang)).or_else(|| worse.map(|worse| worse.term(lang)));
            let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
            format!("{}: {}{why}", lang.of(("trạng thái", "state")), state_term(lang, *state))
        }
        Happening::OthersBegan { links } => {
            format!("{}: {}", lang.of(("cùng sự cố, mất kết nối", "of the same event, silent too")), names(lang, links))
        }
        Happening::OthersEnded { links } => {
            format!("{}: {}", lang.of(("cùng sự cố, kết nối trở lại", "of the same event, back")), names(lang, links))
        }
        Happening::Seen { clue } => sign_text(lang, &clue.sign),
        Happening::Judged { cause: id, carrier, confidence } => format!(
            "{}: {} ({})",
            lang.of(("nhận định nguyên nhân", "cause judged")),
            cause(lang, id, carrier.as_ref()),
            confidence.term(lang)
        ),
        Happening::Told { message } => told(lang, message),
        Happening::Acknowledged { ack } => {
            let head = format!("{} {}", ack.author, lang.of(("đã tiếp nhận", "takes notice")));
            let facts = [Some(head), ack.ticket.clone(), ack.note.clone()];
            facts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
    }
}

fn state_term(lang: Lang, state: LinkState) -> &'static str {
    state.term(lang)
}

/// A message, and by which ways it arrived.
fn told(lang: Lang, message: &NotificationItem) -> String {
    let ways = message.deliveries.iter().map(|delivery| {
        let became = match (delivery.done, &delivery.given_up) {
            (_, Some(_)) => lang.of((" (không đến)", " (given up)")),
            (None, None) => lang.of((" (đang chờ)", " (waits)")),
            (Some(_), None) => "",
        };
        format!("{}{became}", delivery.channel)
    });
    let ways = ways.collect::<Vec<_>>().join(", ");
    format!("{} “{}”: {ways}", lang.of(("báo tin", "message")), message.turn.term(lang))
}

/// The first of many links, and how many more there are.
fn names(lang: Lang, links: &[LinkId]) -> String {
    let named = links.iter().take(NAMED).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match links.len().saturating_sub(NAMED) {
        0 => named,
        more => {
            let more = integer(lang, more as u64);
            lang.pick(format!("{named} và {more} tuyến khác"), format!("{named} and {more} more"))
        }
    }
}

/// Who or what an event is about: the link, what carries the links, or what they have in common.
#[must_use]
pub fn event_subject(lang: Lang, event: &EventItem) -> String {
    let links = integer(lang, event.links.len() as u64);
    match (&event.by, &event.together, event.links.as_slice()) {
        (Some(by), _, _) => by.to_string(),
        (None, Some(together), _) => lang.pick(
            format!("{links} tuyến {}", common(lang, together)),
            format!("{links} links {}", common(lang, together)),
        ),
        (None, None, [only]) => only.to_string(),
        (None, None, _) => lang.pick(format!("{links} tuyến"), format!("{links} links")),
    }
}

/// What is new of an event: that it began, or that it is over and how long it lasted.
#[must_use]
pub fn news(lang: Lang, event: &EventItem) -> String {
    let subject = event_subject(lang, event);
    let lasted = duration(lang, event.duration_ms);
    let what = match (event.end, event.flapping) {
        (None, true) => lang.of(("chập chờn", "is flapping")).to_owned(),
        (None, false) => lang.of(("mất kết nối", "is down")).to_owned(),
        (Some(_), _) => lang.pick(format!("đã khôi phục sau {lasted}"), format!("is back after {lasted}")),
    };
    let (links, communes) = (event.links.len(), event.communes.len());
    let reach = (links > 1).then(|| {
        let (l, c) = (integer(lang, links as u64), integer(lang, communes as u64));
        lang.pick(
            format!("{l} tuyến, {c} xã/phường"),
            format!("{l} links, {c} commune{}", if communes == 1 { "" } else { "s" }),
        )
    });
    let place = event.communes.first().filter(|_| links == 1).cloned();
    let facts: Vec<String> = [Some(format!("{subject} {what}")), place, reach].into_iter().flatten().collect();
    facts.join(", ")
}
