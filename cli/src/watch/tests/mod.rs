//! The screen without a terminal: what it shows, what keys and answers make of it.

mod following;
mod keys;
mod province;
mod showing;

use phusong_model::glossary::Lang;
use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};

use super::{
    draw::{self, Look},
    keys::Key,
    picture::{Heard, Picture},
    state::{Watch, Wish},
};
use crate::tests::now;

/// With colour, and with all signs.
const COLOUR: Look = Look { colour: true, ascii: false };

/// Neither.
const PLAIN: Look = Look { colour: false, ascii: true };

fn watch(lang: Lang, size: (u16, u16)) -> Watch {
    Watch::new(lang, size, now(), province::picture(Heard::Daemon))
}

/// The cells of the screen.
fn drawn(watch: &Watch, look: Look) -> Buffer {
    let (columns, lines) = watch.size;
    let mut terminal = Terminal::new(TestBackend::new(columns, lines)).expect("a terminal in memory");
    terminal.draw(|frame| draw::draw(frame, watch, look)).expect("a frame");
    terminal.backend().buffer().clone()
}

/// The text of the screen, line by line.
fn text(watch: &Watch, look: Look) -> String {
    lines(&drawn(watch, look), |cell| cell.symbol().to_owned())
}

fn lines(buffer: &Buffer, of: impl Fn(&ratatui::buffer::Cell) -> String) -> String {
    let columns = usize::from(buffer.area.width).max(1);
    let line = |cells: &[ratatui::buffer::Cell]| cells.iter().map(&of).collect::<String>().trim_end().to_owned();
    buffer.content.chunks(columns).map(line).collect::<Vec<_>>().join("\n")
}

/// Types keys one after the other; gives the last wish.
fn press(watch: &mut Watch, keys: impl IntoIterator<Item = Key>) -> Option<Wish> {
    keys.into_iter().fold(None, |_, key| watch.key(&key))
}

/// Types a text.
fn write(watch: &mut Watch, text: &str) {
    let _nothing_is_wished = press(watch, text.chars().map(Key::Letter));
}
