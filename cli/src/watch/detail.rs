//! What the lower pane tells: an event with its outages, a commune with its links, or all about a link.

use phusong_model::{
    Ack, EventId, LinkId, LinkState,
    answer::{EventItem, LinkItem, OutageItem},
    glossary::{self, Lang, Term, Word, sign},
    printable,
};

use super::{
    bars::PAINT,
    places::PlaceId,
    state::{Subject, Watch},
};
use crate::{
    paint::Tone,
    show::{self, View, link_table, of_state, outage_table, tone},
};

/// The text of the lower pane.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// What it is about, for the pane's head line.
    pub title: String,
    /// The lines; rows that can be chosen among them.
    pub lines: Vec<String>,
    /// The line of the first row.
    pub first: usize,
    /// How many rows there are.
    pub rows: usize,
}

/// What the lower pane tells on so many columns.
pub fn content(watch: &Watch, width: usize) -> Content {
    let view = View { lang: watch.lang, width, paint: PAINT, now: watch.now };
    match watch.subject() {
        None => Content { title: nothing(watch.lang).to_owned(), ..Content::default() },
        Some(Subject::Event(event)) => of_event(watch, event, &view),
        Some(Subject::Place(place)) => of_place(watch, &place, &view),
        Some(Subject::Link(link)) => of_link(watch, &link, &view),
    }
}

const fn nothing(lang: Lang) -> &'static str {
    lang.of(("chưa chọn gì", "nothing is chosen"))
}

fn of_event(watch: &Watch, id: EventId, view: &View) -> Content {
    let outages = watch.outages_of(id);
    let Some(event) = watch.picture.events.iter().find(|event| event.event == id) else {
        return Content { title: gone(watch.lang).to_owned(), ..Content::default() };
    };
    let mut lines = view.facts(facts(event, view));
    lines.extend(
        outages.iter().find_map(|outage| outage.ack.as_ref()).map(|ack| noticed(ack, view)).unwrap_or_default(),
    );
    let items: Vec<OutageItem> = outages.into_iter().cloned().collect();
    let (first, rows) = (lines.len() + 1, items.len());
    lines.extend(outage_table(&items, view).render(view.width, PAINT).lines);
    Content { title: watch.name_of(event), lines, first, rows }
}

const fn gone(lang: Lang) -> &'static str {
    lang.of(("không còn trong khung thời gian", "no longer in the window"))
}

/// Number, times, cause, people.
fn facts(event: &EventItem, view: &View) -> Vec<String> {
    let lang = view.lang;
    let moment = |at| glossary::moment(lang, at, view.now);
    let times = match event.end {
        None => format!("{} {}", lang.of(("từ", "since")), moment(event.start)),
        Some(end) => format!("{}–{}", moment(event.start), moment(end)),
    };
    let length = glossary::duration(lang, event.end.unwrap_or(view.now).since(event.start));
    let cause = glossary::cause(lang, &event.cause, event.by.as_ref().filter(|_| event.cause == "upstream"));
    let people = event.people.map(|people| format!("{} {}", glossary::integer(lang, people), Word::People.term(lang)));
    let number = format!("{} {}", lang.of(("sự cố", "event")), event.event.0);
    let mut facts = vec![number, format!("{times} ({length})"), format!("{cause} ({})", event.confidence.term(lang))];
    facts.extend(people);
    facts
}

/// Who has taken notice.
fn noticed(ack: &Ack, view: &View) -> Vec<String> {
    let who = format!(
        "{}: {} {}",
        view.lang.of(("Đã tiếp nhận", "Acknowledged")),
        ack.author,
        glossary::moment(view.lang, ack.at, view.now)
    );
    let lines = view.facts([Some(who), ack.ticket.clone(), ack.note.clone()].into_iter().flatten());
    lines.into_iter().map(|line| PAINT.apply(Tone::Good, &line)).collect()
}

fn of_place(watch: &Watch, place: &PlaceId, view: &View) -> Content {
    // The commune stands in the title; without its name the table leaves that column out.
    let strip = |link: &LinkItem| match place {
        PlaceId::Commune(_) => LinkItem { commune_name: None, ..link.clone() },
        PlaceId::Shared => link.clone(),
    };
    let links: Vec<LinkItem> = watch.links_of(place).into_iter().map(strip).collect();
    let known = watch.shown.places.iter().find(|known| known.id == *place);
    let title = match (known, place) {
        (Some(known), PlaceId::Commune(code)) => format!("{} ({code})", known.name),
        (Some(known), PlaceId::Shared) => known.name.clone(),
        (None, _) => nothing(watch.lang).to_owned(),
    };
    let mut lines = link_table(&links, view).render(view.width, PAINT).lines;
    lines.extend(contacts(watch, &links, view));
    Content { title, lines, first: 1, rows: links.len() }
}

/// Whom to call about links that are down.
fn contacts(watch: &Watch, links: &[LinkItem], view: &View) -> Vec<String> {
    let open =
        |link: &LinkItem| watch.picture.outages.iter().find(|outage| outage.link == link.link && outage.end.is_none());
    links.iter().filter_map(open).flat_map(|outage| contact(outage, view)).collect()
}

fn contact(outage: &OutageItem, view: &View) -> Vec<String> {
    let lang = view.lang;
    let told = |word: Word, text: &Option<String>| text.as_ref().map(|text| format!("{} {text}", word.term(lang)));
    let known = [
        told(Word::Circuit, &outage.contact.circuit),
        told(Word::Phone, &outage.contact.phone),
        told(Word::Duty, &outage.contact.duty),
    ];
    let known: Vec<String> = known.into_iter().flatten().collect();
    if known.is_empty() {
        return Vec::new();
    }
    let whose = format!("{} {}", Word::Contact.term(lang), outage.link);
    view.facts([format!("{whose}: {}", known.join(", "))])
}

/// All about a link once that was answered; until then what is known of it already.
fn of_link(watch: &Watch, id: &LinkId, view: &View) -> Content {
    let title = id.to_string();
    let known = || {
        let links: Vec<LinkItem> = watch.link(id).into_iter().cloned().collect();
        let mut lines = link_table(&links, view).render(view.width, PAINT).lines;
        lines.extend(contacts(watch, &links, view));
        lines
    };
    let lines = match &watch.about {
        Some((link, Ok(answer))) if link == id => show::render(answer, view).lines().map(ToOwned::to_owned).collect(),
        Some((link, Err(reason))) if link == id => {
            let reason = view.facts(reason.lines().map(|line| line.trim().to_owned()));
            known().into_iter().chain(reason.iter().map(|line| PAINT.apply(Tone::Bad, line))).collect()
        }
        Some(_) | None => {
            let asking = view.lang.of(("đang hỏi thêm…", "asking for more…"));
            known().into_iter().chain([PAINT.apply(Tone::Faint, asking)]).collect()
        }
    };
    Content { title, lines, first: 0, rows: 0 }
}

/// A commune in the head line of the communes: its links by state.
pub fn summary(watch: &Watch) -> Option<String> {
    let place = watch.shown.places.get(watch.place_index()?)?;
    let by_state = LinkState::ALL.into_iter().map(|state| (state, of_state(place.counts, state)));
    let by_state = by_state.filter(|(_, links)| *links > 0).map(|(state, links)| {
        PAINT.apply(tone(state), &format!("{} {}", sign(state), glossary::integer(watch.lang, links)))
    });
    let name = PAINT.apply(Tone::Strong, &printable(&place.name));
    Some(format!("{name}  {}", by_state.collect::<Vec<_>>().join("  ")))
}
