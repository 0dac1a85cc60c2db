//! The screen as a value: keys and answers go in, what is to be done comes out. It knows no terminal and no clock.

use std::collections::BTreeSet;

use phusong_model::{
    EventId, LinkId, OutageId, UtcMs,
    answer::{Answer, EventItem, LinkItem, OutageItem},
    glossary::Lang,
};

use super::{
    filter::Filter,
    keys::Key,
    picture::{Heard, Picture},
    places::{Place, PlaceId, places},
};

/// A list that is worked in while nothing is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// The events.
    Events,
    /// The communes.
    Places,
}

/// What the lower pane is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An event.
    Event(EventId),
    /// A commune.
    Place(PlaceId),
    /// A link.
    Link(LinkId),
}

/// Something that was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What.
    pub subject: Subject,
    /// The row that is chosen in it, or a line below its rows; of a link the first line that is shown.
    pub row: usize,
}

/// What a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The link.
    pub link: LinkId,
    /// The outage of it, where rows are outages.
    pub outage: Option<OutageId>,
}

/// What keys are for at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// To move and to open.
    Looking,
    /// To type a filter.
    Filtering {
        /// The one that was there before, for whoever thinks better of it.
        before: Filter,
    },
    /// To type a note.
    Noting(Noting),
    /// To close the explanations.
    Help,
}

/// An acknowledgement that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noting {
    /// Of which outage; its whole event is taken notice of.
    pub outage: OutageId,
    /// What people call it; not yet safe to print.
    pub what: String,
    /// The note so far.
    pub text: String,
    /// It is on its way: all that can be done is to leave it.
    pub sent: bool,
    /// Why it was not taken when it was sent.
    pub error: Option<String>,
}

/// What is said at the bottom until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The words; not yet safe to print.
    pub text: String,
    /// Whether something went wrong.
    pub bad: bool,
}

/// What a key asks others to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// End.
    Quit,
    /// Paint everything anew.
    Redraw,
    /// From now on ask about this link too, or about none.
    Follow(Option<LinkId>),
    /// Take notice of an outage.
    Acknowledge {
        /// Which.
        outage: OutageId,
        /// What is known.
        note: Option<String>,
    },
}

/// What the filter leaves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shown {
    /// Ids of the links.
    pub links: BTreeSet<LinkId>,
    /// Communes that have any of them.
    pub places: Vec<Place>,
    /// Events that touch any of them.
    pub events: Vec<EventItem>,
}

impl Shown {
    /// How many communes: the cell of links that serve no single one is none.
    pub fn communes(&self) -> usize {
        self.places.iter().filter(|place| place.id != PlaceId::Shared).count()
    }
}

/// The screen.
#[derive(Debug, Clone)]
pub struct Watch {
    /// In which language.
    pub lang: Lang,
    /// What the clock says.
    pub now: UtcMs,
    /// Columns and lines of the terminal.
    pub size: (u16, u16),
    /// What is known.
    pub picture: Picture,
    /// What the filter leaves of it.
    pub shown: Shown,
    /// The list that is worked in.
    pub list: List,
    /// The event that is chosen.
    pub event: Option<EventId>,
    /// The commune that is chosen.
    pub place: Option<PlaceId>,
    /// What was opened, one out of the other.
    pub opened: Vec<Opened>,
    /// What was typed after `/`.
    pub filter: Filter,
    /// What keys are for.
    pub mode: Mode,
    /// What is said at the bottom.
    pub said: Option<Said>,
    /// The last answer about a link that was opened, or why there is none.
    pub about: Option<(LinkId, Result<Box<Answer>, String>)>,
}

impl Watch {
    /// The screen at its start.
    pub fn new(lang: Lang, size: (u16, u16), now: UtcMs, picture: Picture) -> Self {
        let mut watch = Self {
            lang,
            now,
            size,
            picture,
            shown: Shown::default(),
            list: List::Events,
            event: None,
            place: None,
            opened: Vec::new(),
            filter: Filter::default(),
            mode: Mode::Looking,
            said: None,
            about: None,
        };
        watch.show();
        // Where nothing happens there are only communes to look at.
        if watch.shown.events.is_empty() {
            watch.list = List::Places;
        }
        watch
    }

    /// Hears an answer to everything. The row that was chosen in what is opened stays chosen, wherever it stands now.
    pub fn hear(&mut self, picture: Picture) {
        let chosen: Vec<Option<Row>> =
            self.opened.iter().map(|opened| self.rows(&opened.subject).into_iter().nth(opened.row)).collect();
        self.picture = picture;
        self.show();
        let places = self.opened.iter().zip(chosen).map(|(opened, chosen)| {
            let Some(chosen) = chosen else { return opened.row };
            let rows = self.rows(&opened.subject);
            let last = rows.len().saturating_sub(1);
            rows.iter().position(|row| *row == chosen).unwrap_or(opened.row.min(last))
        });
        let places: Vec<usize> = places.collect();
        for (opened, row) in self.opened.iter_mut().zip(places) {
            opened.row = row;
        }
    }

    /// Hears that neither daemon nor store tells anything. What was told before stays.
    pub fn hear_nothing(&mut self, reason: String) {
        self.picture.heard = Heard::Nobody { reason };
    }

    /// Hears an answer about one link.
    pub fn hear_of_link(&mut self, link: LinkId, answer: Result<Box<Answer>, String>) {
        self.about = Some((link, answer));
    }

    /// Hears what became of an acknowledgement. A note that was not taken stays in its line, as long as that is open.
    pub fn acknowledged(&mut self, outage: OutageId, outcome: Result<String, String>) {
        let noting = match &mut self.mode {
            Mode::Noting(noting) if noting.sent && noting.outage == outage => Some(noting),
            Mode::Noting(_) | Mode::Looking | Mode::Filtering { .. } | Mode::Help => None,
        };
        match (noting, outcome) {
            (Some(noting), Err(reason)) => (noting.sent, noting.error) = (false, Some(reason)),
            (Some(_), Ok(text)) => {
                self.said = Some(Said { text, bad: false });
                self.mode = Mode::Looking;
            }
            (None, outcome) => {
                let bad = outcome.is_err();
                self.said = Some(Said { text: outcome.unwrap_or_else(|reason| reason), bad });
            }
        }
    }

    /// A key; gives what others are to do about it.
    pub fn key(&mut self, key: &Key) -> Option<Wish> {
        if *key == Key::Interrupt {
            return Some(Wish::Quit);
        }
        if *key == Key::Redraw {
            return Some(Wish::Redraw);
        }
        match &self.mode {
            Mode::Looking => {
                self.said = None;
                self.look(key)
            }
            Mode::Filtering { .. } => {
                self.type_filter(key);
                None
            }
            Mode::Noting(_) => self.type_note(key),
            Mode::Help => {
                if matches!(key, Key::Enter | Key::Esc | Key::Letter('?' | 'q' | ' ')) {
                    self.mode = Mode::Looking;
                }
                None
            }
        }
    }

    /// What the lower pane is about: what was opened, else what is chosen in the list that is worked in.
    pub fn subject(&self) -> Option<Subject> {
        self.opened.last().map(|opened| opened.subject.clone()).or_else(|| match self.list {
            List::Events => self.event.map(Subject::Event),
            List::Places => self.place.clone().map(Subject::Place),
        })
    }

    /// The outages of an event.
    pub fn outages_of(&self, event: EventId) -> Vec<&OutageItem> {
        self.picture.outages.iter().filter(|outage| outage.event == event).collect()
    }

    /// The links of a commune that the filter leaves.
    pub fn links_of(&self, place: &PlaceId) -> Vec<&LinkItem> {
        let here = |link: &&LinkItem| PlaceId::of(link) == *place && self.shown.links.contains(&link.link);
        self.picture.links.iter().filter(here).collect()
    }

    /// A link by its id.
    pub fn link(&self, id: &LinkId) -> Option<&LinkItem> {
        self.picture.links.iter().find(|link| link.link == *id)
    }

    /// What each row of a subject is about.
    pub fn rows(&self, subject: &Subject) -> Vec<Row> {
        let of_outage = |outage: &&OutageItem| Row { link: outage.link.clone(), outage: Some(outage.outage) };
        let of_link = |link: &&LinkItem| Row { link: link.link.clone(), outage: None };
        match subject {
            Subject::Event(event) => self.outages_of(*event).iter().map(of_outage).collect(),
            Subject::Place(place) => self.links_of(place).iter().map(of_link).collect(),
            Subject::Link(_) => Vec::new(),
        }
    }

    /// Applies the filter anew. Whatever is chosen stays chosen while it is shown; else its neighbour takes its place.
    pub(super) fn show(&mut self) {
        let (event, place) = (self.event_index().unwrap_or(0), self.place_index().unwrap_or(0));
        let links: Vec<&LinkItem> = self.picture.links.iter().filter(|link| self.filter.keeps(link)).collect();
        let ids: BTreeSet<LinkId> = links.iter().map(|link| link.link.clone()).collect();
        let touches = |event: &&EventItem| self.filter.is_empty() || event.links.iter().any(|link| ids.contains(link));
        self.shown = Shown {
            places: places(links, self.lang),
            events: self.picture.events.iter().filter(touches).cloned().collect(),
            links: ids,
        };
        if self.event_index().is_none() {
            let last = self.shown.events.len().saturating_sub(1);
            self.event = self.shown.events.get(event.min(last)).map(|event| event.event);
        }
        if self.place_index().is_none() {
            let last = self.shown.places.len().saturating_sub(1);
            self.place = self.shown.places.get(place.min(last)).map(|place| place.id.clone());
        }
    }

    /// Which of the shown events is chosen.
    pub fn event_index(&self) -> Option<usize> {
        let chosen = self.event?;
        self.shown.events.iter().position(|event| event.event == chosen)
    }

    /// Which of the shown communes is chosen.
    pub fn place_index(&self) -> Option<usize> {
        let chosen = self.place.as_ref()?;
        self.shown.places.iter().position(|place| place.id == *chosen)
    }
}
