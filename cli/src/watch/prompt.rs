//! A line that is typed at the bottom of the screen.

use super::keys::Key;

/// Longer than any filter or note can be, in characters; what is pasted beyond it is left out.
const LONGEST: usize = 1000;

/// What a key does to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// It is another text now, or the same one.
    Line,
    /// It is finished.
    Done,
    /// It is given up.
    GivenUp,
}

/// Applies a key to a line.
pub fn edit(line: &mut String, key: &Key) -> Typed {
    match key {
        Key::Enter => return Typed::Done,
        Key::Esc => return Typed::GivenUp,
        Key::Backspace => drop(line.pop()),
        Key::Erase => line.clear(),
        Key::Letter(letter) => put(line, [*letter]),
        // A pasted line break ends nothing.
        Key::Pasted(text) => put(line, text.chars().map(|c| if c.is_control() { ' ' } else { c })),
        Key::Up
        | Key::Down
        | Key::Left
        | Key::Right
        | Key::PageUp
        | Key::PageDown
        | Key::Home
        | Key::End
        | Key::Tab
        | Key::BackTab
        | Key::Redraw
        | Key::Interrupt => {}
    }
    Typed::Line
}

fn put(line: &mut String, letters: impl IntoIterator<Item = char>) {
    let room = LONGEST.saturating_sub(line.chars().count());
    line.extend(letters.into_iter().take(room));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_takes_letters_and_pastes_and_gives_them_up_again() {
        let mut line = String::new();
        for key in [Key::Letter('đ'), Key::Pasted("ứt\ncáp\x1b".to_owned()), Key::Left, Key::Backspace] {
            assert_eq!(edit(&mut line, &key), Typed::Line);
        }
        assert_eq!(line, "đứt cáp");
        assert_eq!((edit(&mut line, &Key::Enter), edit(&mut line, &Key::Esc)), (Typed::Done, Typed::GivenUp));
        assert_eq!(line, "đứt cáp", "whoever asked decides what becomes of it");
        edit(&mut line, &Key::Pasted("x".repeat(2 * LONGEST)));
        assert_eq!(line.chars().count(), LONGEST);
        edit(&mut line, &Key::Erase);
        assert_eq!(line, "");
    }
}
