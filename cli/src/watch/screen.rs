//! The terminal: taken over at the start, given back at every end.

use std::{
    io::{self, BufWriter, Write},
    panic,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::Sender,
    },
    thread,
};

use ratatui::{
    Terminal,
    backend::CrosstermBackend,
    crossterm::{
        cursor, event, execute,
        terminal::{self, EnterAlternateScreen, LeaveAlternateScreen},
    },
    layout::Rect,
};

use super::{
    draw::{self, Look},
    state::Watch,
    threads::Happening,
};

/// A frame of a large screen in all colours fits in, so that it goes out in one piece: a line over ssh does not tear.
const FRAME: usize = 64 << 10;

/// Whether the terminal is taken. To leave the other screen twice would move the cursor over what was said in between.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// A terminal that shows the screen until it is dropped.
pub struct Screen<'a> {
    terminal: Terminal<CrosstermBackend<BufWriter<&'a mut dyn Write>>>,
    look: Look,
}

impl<'a> Screen<'a> {
    /// Takes the terminal over.
    pub fn open(out: &'a mut dyn Write, look: Look) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(FRAME, out);
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let opened = enter(&mut out).and_then(|()| Terminal::new(CrosstermBackend::new(out)));
        match opened {
            Ok(terminal) => Ok(Self { terminal, look }),
            Err(error) => {
                release(&mut io::stdout());
                Err(error)
            }
        }
    }

    /// Columns and lines.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        self.terminal.size().map(|size| (size.width, size.height))
    }

    /// Shows what changed.
    pub fn draw(&mut self, watch: &Watch) -> io::Result<()> {
        let look = self.look;
        self.terminal.draw(|frame| draw::draw(frame, watch, look)).map(drop)
    }

    /// Forgets what is on the screen, so that the next frame is drawn as a whole.
    pub fn forget(&mut self) -> io::Result<()> {
        let (columns, lines) = self.size()?;
        // `Terminal::clear` asks the terminal where its cursor is, and the thread that reads keys would get the answer.
        self.terminal.resize(Rect::new(0, 0, columns, lines))
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        release(self.terminal.backend_mut());
    }
}

fn enter(out: &mut impl Write) -> io::Result<()> {
    execute!(out, EnterAlternateScreen, event::EnableBracketedPaste, cursor::Hide)
}

fn leave(out: &mut impl Write) -> io::Result<()> {
    execute!(out, event::DisableBracketedPaste, LeaveAlternateScreen, cursor::Show)
}

/// Gives the terminal back as it was, once. Whatever fails here fails because the terminal is gone.
fn release(out: &mut impl Write) {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _gone = leave(out);
        let _gone = terminal::disable_raw_mode();
    }
}

/// From here on a panic gives the terminal back before it says anything. One in another thread ends the screen, which
/// then says it: stderr is this thread's.
pub fn mind_panics(tell: Sender<Happening>) {
    let (screen, before) = (thread::current().id(), panic::take_hook());
    panic::set_hook(Box::new(move |panicked| {
        if thread::current().id() == screen {
            release(&mut io::stdout());
            before(panicked);
        } else {
            let _gone = tell.send(Happening::Broken(panicked.to_string()));
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_switched_on_is_switched_off_again() {
        let (mut on, mut off) = (Vec::new(), Vec::new());
        enter(&mut on).expect("a vector takes everything");
        leave(&mut off).expect("a vector takes everything");
        let modes = |bytes: &[u8], end: char| -> Vec<String> {
            let text = String::from_utf8(bytes.to_vec()).expect("ASCII");
            let mut modes: Vec<String> =
                text.split("\x1b[?").filter_map(|mode| mode.strip_suffix(end)).map(ToOwned::to_owned).collect();
            modes.sort();
            modes
        };
        assert_eq!(modes(&on, 'h'), ["1049", "2004"], "the alternate screen, and pastes in one piece");
        assert_eq!(modes(&off, 'l'), ["1049", "2004"]);
        assert_eq!((modes(&on, 'l'), modes(&off, 'h')), (vec!["25".to_owned()], vec!["25".to_owned()]), "the cursor");
    }
}
