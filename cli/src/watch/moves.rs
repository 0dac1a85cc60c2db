//! What keys do to the screen.

use phusong_model::{EventId, LinkId, OutageId, answer::EventItem, glossary};

use super::{
    detail,
    filter::Filter,
    keys::Key,
    layout::Layout,
    prompt::{Typed, edit},
    state::{List, Mode, Noting, Opened, Said, Subject, Watch, Wish},
};

/// Where to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Line(isize),
    Column(isize),
    Page(isize),
    First,
    Last,
}

impl Watch {
    /// A key while nothing is typed.
    pub(super) fn look(&mut self, key: &Key) -> Option<Wish> {
        match key {
            Key::Letter('q') => return Some(Wish::Quit),
            Key::Letter('?') => self.mode = Mode::Help,
            Key::Letter('/') => self.mode = Mode::Filtering { before: self.filter.clone() },
            Key::Letter('a') => self.note(),
            Key::Tab => return self.next_pane(),
            Key::BackTab => return self.previous_pane(),
            Key::Enter => return self.open(),
            Key::Esc => return self.back(),
            Key::Up | Key::Letter('k') => self.go(Move::Line(-1)),
            Key::Down | Key::Letter('j') => self.go(Move::Line(1)),
            Key::Left | Key::Letter('h') => self.go(Move::Column(-1)),
            Key::Right | Key::Letter('l') => self.go(Move::Column(1)),
            Key::PageUp => self.go(Move::Page(-1)),
            Key::PageDown => self.go(Move::Page(1)),
            Key::Home | Key::Letter('g') => self.go(Move::First),
            Key::End | Key::Letter('G') => self.go(Move::Last),
            Key::Letter(_) | Key::Pasted(_) | Key::Backspace | Key::Erase | Key::Redraw | Key::Interrupt => {}
        }
        None
    }

    /// A key while a filter is typed: it acts at once.
    pub(super) fn type_filter(&mut self, key: &Key) {
        let mut text = self.filter.text().to_owned();
        let typed = edit(&mut text, key);
        let before = match std::mem::replace(&mut self.mode, Mode::Looking) {
            Mode::Filtering { before } => before,
            Mode::Looking | Mode::Noting(_) | Mode::Help => Filter::default(),
        };
        match typed {
            Typed::Line => {
                self.filter = Filter::of(&text);
                self.mode = Mode::Filtering { before };
            }
            Typed::Done => {}
            Typed::GivenUp => self.filter = before,
        }
        self.show();
    }

    /// A key while a note is typed. Who does not wait for what becomes of it leaves it, and hears of it all the same.
    pub(super) fn type_note(&mut self, key: &Key) -> Option<Wish> {
        let Mode::Noting(noting) = &mut self.mode else { return None };
        if noting.sent {
            if *key == Key::Esc {
                self.mode = Mode::Looking;
            }
            return None;
        }
        match edit(&mut noting.text, key) {
            Typed::Line => None,
            Typed::Done => {
                (noting.sent, noting.error) = (true, None);
                let note = Some(noting.text.trim().to_owned()).filter(|text| !text.is_empty());
                Some(Wish::Acknowledge { outage: noting.outage, note })
            }
            Typed::GivenUp => {
                self.mode = Mode::Looking;
                None
            }
        }
    }

    /// Asks for a note on what is chosen.
    fn note(&mut self) {
        match self.outage_to_note() {
            Some((outage, what)) => {
                self.mode = Mode::Noting(Noting { outage, what, text: String::new(), sent: false, error: None });
            }
            None => {
                let text =
                    self.lang.of(("ở đây không có sự cố nào để tiếp nhận", "there is no event here to acknowledge"));
                self.said = Some(Said { text: text.to_owned(), bad: true });
            }
        }
    }

    /// The outage that is chosen: of the event, or of the link in the row, where the newest one stands first.
    fn outage_to_note(&self) -> Option<(OutageId, String)> {
        let of_link = |link: &LinkId| {
            let outage = self.picture.outages.iter().find(|outage| outage.link == *link)?;
            self.outage_of_event(outage.event).map(|(_, what)| (outage.outage, what))
        };
        let Some(opened) = self.opened.last() else {
            return match self.list {
                List::Events => self.outage_of_event(self.event?),
                List::Places => None,
            };
        };
        match &opened.subject {
            Subject::Event(event) => self.outage_of_event(*event),
            Subject::Link(link) => of_link(link),
            Subject::Place(_) => of_link(&self.rows(&opened.subject).get(opened.row)?.link),
        }
    }

    fn outage_of_event(&self, event: EventId) -> Option<(OutageId, String)> {
        let event = self.picture.events.iter().find(|known| known.event == event)?;
        Some((*event.outages.first()?, self.name_of(event)))
    }

    /// An event in a few words; not yet safe to print.
    pub fn name_of(&self, event: &EventItem) -> String {
        match (event.links.as_slice(), event.communes.as_slice()) {
            ([link], [commune]) if !event.flapping => format!("{link} ({commune})"),
            ([link], []) if !event.flapping => link.to_string(),
            _ => glossary::event(self.lang, event),
        }
    }

    /// Opens what is chosen.
    fn open(&mut self) -> Option<Wish> {
        let subject = match self.opened.last() {
            None => self.subject()?,
            Some(opened) => Subject::Link(self.rows(&opened.subject).get(opened.row)?.link.clone()),
        };
        self.opened.push(Opened { subject, row: 0 });
        self.follow()
    }

    /// Goes back to where it was opened; in the lists it takes the filter away.
    fn back(&mut self) -> Option<Wish> {
        if self.opened.pop().is_some() {
            return self.follow();
        }
        self.filter = Filter::default();
        self.show();
        None
    }

    /// The link that others are to ask about from now on.
    fn follow(&self) -> Option<Wish> {
        let link = self.opened.last().and_then(|opened| match &opened.subject {
            Subject::Link(link) => Some(link.clone()),
            Subject::Event(_) | Subject::Place(_) => None,
        });
        Some(Wish::Follow(link))
    }

    fn next_pane(&mut self) -> Option<Wish> {
        if !self.opened.is_empty() {
            self.opened.clear();
            self.list = List::Events;
            return self.follow();
        }
        match self.list {
            List::Events => self.list = List::Places,
            List::Places => {
                let wish = self.open();
                if wish.is_none() {
                    self.list = List::Events;
                }
                return wish;
            }
        }
        None
    }

    fn previous_pane(&mut self) -> Option<Wish> {
        if !self.opened.is_empty() {
            self.opened.clear();
            self.list = List::Places;
            return self.follow();
        }
        match self.list {
            List::Places => self.list = List::Events,
            List::Events => {
                let wish = self.open();
                if wish.is_none() {
                    self.list = List::Places;
                }
                return wish;
            }
        }
        None
    }

    fn go(&mut self, way: Move) {
        let layout = Layout::of(self);
        if !self.opened.is_empty() {
            self.go_in_detail(way, layout.detail_lines());
            return;
        }
        match self.list {
            List::Events => {
                let to = goes(self.event_index(), self.shown.events.len(), way, 1, layout.event_lines());
                self.event = to.and_then(|to| self.shown.events.get(to)).map(|event| event.event);
            }
            List::Places => {
                let columns = layout.cells.columns;
                let to = goes(self.place_index(), self.shown.places.len(), way, columns, layout.place_lines());
                self.place = to.and_then(|to| self.shown.places.get(to)).map(|place| place.id.clone());
            }
        }
    }

    fn go_in_detail(&mut self, way: Move, lines: usize) {
        let content = detail::content(self, usize::from(self.size.0));
        let Some(opened) = self.opened.last_mut() else { return };
        let steps = match opened.subject {
            // Below the rows stands whom to call.
            Subject::Event(_) | Subject::Place(_) if content.rows > 0 => {
                content.lines.len().saturating_sub(content.first)
            }
            Subject::Event(_) | Subject::Place(_) => 0,
            // The last line is seen when so many are above.
            Subject::Link(_) => content.lines.len().saturating_sub(lines) + 1,
        };
        opened.row = goes(Some(opened.row), steps, way, 1, lines).unwrap_or(0);
    }
}

/// Where a move leads among `count` things that stand in rows of `columns`, of which `lines` rows are seen.
fn goes(from: Option<usize>, count: usize, way: Move, columns: usize, lines: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let from = from.unwrap_or(0).min(last);
    let step = |steps: isize, by: usize| {
        let distance = steps.unsigned_abs().saturating_mul(by.max(1));
        let to =
            if steps < 0 { from.checked_sub(distance) } else { from.checked_add(distance).filter(|to| *to <= last) };
        // Up and down stay in their column; where there is no such cell they stay where they are.
        to.unwrap_or(from)
    };
    Some(match way {
        Move::Line(steps) => step(steps, columns),
        Move::Column(steps) => step(steps, 1),
        Move::Page(steps) if steps < 0 => from.saturating_sub(lines.max(1).saturating_mul(columns.max(1))),
        Move::Page(_) => from.saturating_add(lines.max(1).saturating_mul(columns.max(1))).min(last),
        Move::First => 0,
        Move::Last => last,
    })
}
