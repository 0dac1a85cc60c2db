//! What is typed, apart from how terminals encode it.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::threads::Happening;

/// A key, or what was pasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Up.
    Up,
    /// Down.
    Down,
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// A screenful up.
    PageUp,
    /// A screenful down.
    PageDown,
    /// To the first.
    Home,
    /// To the last.
    End,
    /// To the next pane.
    Tab,
    /// To the pane before.
    BackTab,
    /// Open, or done.
    Enter,
    /// Back.
    Esc,
    /// Takes the last letter away.
    Backspace,
    /// Takes the whole line away.
    Erase,
    /// A letter, as it was typed.
    Letter(char),
    /// Several at once; a line break in it is no Enter.
    Pasted(String),
    /// Paint everything anew: something else wrote on the terminal.
    Redraw,
    /// Ctrl-C.
    Interrupt,
}

/// What an event of the terminal means here; nothing for those that mean nothing.
pub fn happening(event: Event) -> Option<Happening> {
    match event {
        Event::Key(event) => key(event).map(Happening::Key),
        Event::Paste(text) => Some(Happening::Key(Key::Pasted(text))),
        Event::Resize(columns, rows) => Some(Happening::Resized(columns, rows)),
        Event::FocusGained | Event::FocusLost | Event::Mouse(_) => None,
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    if let KeyCode::Char(letter) = event.code {
        return match (event.modifiers.contains(KeyModifiers::CONTROL), letter) {
            (true, 'c') => Some(Key::Interrupt),
            (true, 'l') => Some(Key::Redraw),
            (true, 'u') => Some(Key::Erase),
            // What Backspace sends on some terminals.
            (true, 'h') => Some(Key::Backspace),
            (true, _) => None,
            (false, _) if event.modifiers.contains(KeyModifiers::ALT) => None,
            (false, letter) => Some(Key::Letter(letter)),
        };
    }
    let known = [
        (KeyCode::Up, Key::Up),
        (KeyCode::Down, Key::Down),
        (KeyCode::Left, Key::Left),
        (KeyCode::Right, Key::Right),
        (KeyCode::PageUp, Key::PageUp),
        (KeyCode::PageDown, Key::PageDown),
        (KeyCode::Home, Key::Home),
        (KeyCode::End, Key::End),
        (KeyCode::Tab, Key::Tab),
        (KeyCode::BackTab, Key::BackTab),
        (KeyCode::Enter, Key::Enter),
        (KeyCode::Esc, Key::Esc),
        (KeyCode::Backspace, Key::Backspace),
        (KeyCode::Delete, Key::Backspace),
    ];
    known.into_iter().find_map(|(code, key)| (code == event.code).then_some(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
        key(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn letters_with_control_are_orders_and_never_text() {
        assert_eq!(typed(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Key::Interrupt));
        assert_eq!(typed(KeyCode::Char('l'), KeyModifiers::CONTROL), Some(Key::Redraw));
        assert_eq!(typed(KeyCode::Char('q'), KeyModifiers::CONTROL), None);
        assert_eq!(typed(KeyCode::Char('q'), KeyModifiers::ALT), None);
        assert_eq!(typed(KeyCode::Char('Đ'), KeyModifiers::SHIFT), Some(Key::Letter('Đ')));
        assert_eq!(typed(KeyCode::F(5), KeyModifiers::NONE), None);
    }

    #[test]
    fn what_is_pasted_comes_in_one_piece() {
        let pasted = happening(Event::Paste("đứt cáp\nq".to_owned()));
        assert!(matches!(pasted, Some(Happening::Key(Key::Pasted(text))) if text == "đứt cáp\nq"));
    }
}
