//! Where everything stands on the screen. What is chosen is moved by the same figures as it is drawn.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::{
    bars,
    state::{List, Watch},
};

/// Columns of the smallest screen that shows all panes: what every terminal has had since the VT100.
pub const COLUMNS: u16 = 80;

/// Its lines.
pub const LINES: u16 = 24;

/// Widths of a commune's cell that are tried after that of the longest name: sign, blank, name, blank.
const CELL_WIDTHS: [u16; 4] = [16, 14, 12, 10];

/// A longer name is cut in any case: a single one is not to make all cells wide.
const WIDEST: u16 = 20;

/// A sign and a blank.
const SIGN_WIDTH: u16 = 2;

/// A part of the screen with a head line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// Events.
    Events,
    /// Communes.
    Places,
    /// The lower one.
    Detail,
}

/// The cells of communes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cells {
    /// How many stand side by side.
    pub columns: usize,
    /// How wide each is.
    pub width: u16,
}

impl Cells {
    /// Whether there is room for names beside the signs.
    pub const fn named(self) -> bool {
        self.width > SIGN_WIDTH
    }
}

/// Where everything stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The lines at the top.
    pub head: Rect,
    /// What the screen is too small for; nothing when it is large enough.
    pub lack: Option<Rect>,
    /// The panes that have room, each with its head line.
    pub panes: Vec<(Pane, Rect)>,
    /// The lines at the bottom.
    pub foot: Rect,
    /// The cells of communes.
    pub cells: Cells,
}

impl Layout {
    /// The layout of the screen as it is.
    pub fn of(watch: &Watch) -> Self {
        let (width, height) = watch.size;
        let mut left = Rect::new(0, 0, width, height);
        let head = take(&mut left, bars::head(watch).len());
        let small = width < COLUMNS || height < LINES;
        let lack = small.then(|| take(&mut left, bars::lack(watch).len()));
        let foot = cut(&mut left, bars::foot(watch).len());
        let names = watch.shown.places.iter().map(|place| place.name.width()).max().unwrap_or(0);
        let (places, longest) = (watch.shown.places.len(), u16::try_from(names).unwrap_or(u16::MAX));
        if small {
            let cells = cells(width, left.height.saturating_sub(1), places, longest);
            return Self { head, lack, panes: vec![(focus(watch), left)], foot, cells };
        }
        // Two fifths at most for the communes: what is chosen is read below them.
        let room = left.height;
        let cells = cells(width, (room * 2 / 5).saturating_sub(1), places, longest);
        let rows = u16::try_from(places.div_ceil(cells.columns)).unwrap_or(u16::MAX).clamp(1, room * 2 / 5 - 1);
        let events = take(&mut left, usize::from((room / 4).clamp(3, 10)) + 1);
        let grid = take(&mut left, usize::from(rows) + 1);
        let panes = vec![(Pane::Events, events), (Pane::Places, grid), (Pane::Detail, left)];
        Self { head, lack, panes, foot, cells }
    }

    fn lines(&self, pane: Pane) -> usize {
        let area = self.panes.iter().find(|(known, _)| *known == pane);
        area.map_or(1, |(_, area)| usize::from(area.height.saturating_sub(1)))
    }

    /// Lines for events.
    pub fn event_lines(&self) -> usize {
        self.lines(Pane::Events)
    }

    /// Rows of communes.
    pub fn place_lines(&self) -> usize {
        self.lines(Pane::Places)
    }

    /// Lines of the lower pane.
    pub fn detail_lines(&self) -> usize {
        self.lines(Pane::Detail)
    }
}

/// The pane that keys go to.
pub const fn focus(watch: &Watch) -> Pane {
    match (watch.opened.is_empty(), watch.list) {
        (false, _) => Pane::Detail,
        (true, List::Events) => Pane::Events,
        (true, List::Places) => Pane::Places,
    }
}

/// The first of `count` lines of which `lines` are seen, so that the chosen one is among them.
pub fn first(chosen: usize, count: usize, lines: usize) -> usize {
    chosen.saturating_sub(lines / 2).min(count.saturating_sub(lines))
}

/// The widest cells with names that fit into so many rows, else signs alone.
fn cells(width: u16, rows: u16, places: usize, longest: u16) -> Cells {
    let of = |cell: u16| Cells { columns: usize::from((width / cell).max(1)), width: cell };
    let whole = longest.saturating_add(SIGN_WIDTH + 1).min(WIDEST);
    let tried = std::iter::once(whole).chain(CELL_WIDTHS.into_iter().filter(|cell| *cell < whole));
    let fits = |cells: &Cells| places.div_ceil(cells.columns) <= usize::from(rows);
    tried.map(of).find(fits).unwrap_or(of(SIGN_WIDTH))
}

/// Takes lines from the top.
fn take(left: &mut Rect, lines: usize) -> Rect {
    let height = u16::try_from(lines).unwrap_or(u16::MAX).min(left.height);
    let taken = Rect { height, ..*left };
    *left = Rect { y: left.y + height, height: left.height - height, ..*left };
    taken
}

/// Takes lines from the bottom.
fn cut(left: &mut Rect, lines: usize) -> Rect {
    let height = u16::try_from(lines).unwrap_or(u16::MAX).min(left.height);
    *left = Rect { height: left.height - height, ..*left };
    Rect { y: left.y + left.height, height, ..*left }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_cells_that_fit_are_taken_and_signs_alone_when_none_do() {
        assert_eq!(cells(80, 7, 124, 14), Cells { columns: 40, width: 2 });
        assert_eq!(cells(120, 13, 124, 14), Cells { columns: 10, width: 12 });
        assert_eq!(cells(200, 13, 124, 14), Cells { columns: 11, width: 17 });
        assert_eq!(cells(80, 7, 2, 7), Cells { columns: 8, width: 10 });
        assert_eq!(cells(1, 1, 500, 7), Cells { columns: 1, width: 2 });
    }

    #[test]
    fn what_is_chosen_is_always_seen() {
        for (chosen, count, lines) in [(0, 10, 4), (9, 10, 4), (5, 10, 4), (3, 4, 10), (0, 0, 0), (7, 10, 1)] {
            let first = first(chosen, count, lines);
            assert!(
                count == 0 || (first <= chosen && chosen < first + lines),
                "{chosen} of {count} in {lines}: {first}"
            );
        }
    }
}
