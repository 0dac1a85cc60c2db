//! A terminal for a program under test: a pseudo-terminal, and an emulator that says what a person would see on it.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    num::NonZeroU16,
    os::{fd::OwnedFd, unix::process::ExitStatusExt as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use nix::{
    pty::openpty,
    sys::{
        signal::{Signal, kill},
        termios::{Termios, tcgetattr},
    },
    unistd::Pid,
};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::support::wait_for;

/// What has come so far, as bytes and as a screen.
struct Received {
    bytes: Vec<u8>,
    screen: vt100::Parser,
}

/// The terminal.
pub struct Terminal {
    person: File,
    program: OwnedFd,
    received: Arc<Mutex<Received>>,
}

fn size((columns, lines): (u16, u16)) -> (NonZeroU16, NonZeroU16) {
    (NonZeroU16::new(lines).expect("lines"), NonZeroU16::new(columns).expect("columns"))
}

impl Terminal {
    /// A terminal of so many columns and lines.
    pub fn new(columns_and_lines: (u16, u16)) -> Self {
        let pair = openpty(None, None).expect("a pseudo-terminal");
        let person = File::from(pair.master);
        let (lines, columns) = size(columns_and_lines);
        let screen = vt100::Parser::new(lines, columns, 0);
        let received = Arc::new(Mutex::new(Received { bytes: Vec::new(), screen }));
        let terminal = Self { person, program: pair.slave, received };
        terminal.has_size(columns_and_lines);
        terminal.read();
        terminal
    }

    /// Reads whatever is written on it, for as long as the test lives.
    fn read(&self) {
        let (mut from, received) = (self.person.try_clone().expect("a copy"), Arc::clone(&self.received));
        thread::spawn(move || {
            let mut some = [0; 4096];
            while let Ok(count) = from.read(&mut some) {
                let mut received = received.lock().unwrap_or_else(PoisonError::into_inner);
                received.bytes.extend_from_slice(&some[..count]);
                received.screen.process(&some[..count]);
            }
        });
    }

    fn received(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_size(&self, (columns, lines): (u16, u16)) {
        let winsize = Winsize { ws_row: lines, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&self.program, winsize).expect("a size");
    }

    /// The window is made larger or smaller.
    pub fn resize(&self, columns_and_lines: (u16, u16)) {
        let (lines, columns) = size(columns_and_lines);
        self.received().screen.set_size(lines, columns);
        self.has_size(columns_and_lines);
    }

    /// Types.
    pub fn types(&mut self, keys: &str) {
        self.person.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// What is on the screen.
    pub fn text(&self) -> String {
        self.received().screen.screen().contents()
    }

    /// Waits until the screen shows this; gives the whole screen.
    pub fn shows(&self, what: &str, wanted: &str) -> String {
        let look = || Some(self.text()).filter(|text| text.contains(wanted));
        let mut last = String::new();
        wait_for(&format!("{what}: {wanted:?}"), || {
            let text = self.text();
            if text != last {
                println!("-- looking for {wanted:?} --\n{text}");
                last = text;
            }
            look()
        })
    }

    /// Waits until the screen shows this no more.
    pub fn lacks(&self, what: &str, unwanted: &str) {
        wait_for(&format!("no {what}"), || (!self.text().contains(unwanted)).then_some(()));
    }

    /// Whether the program draws on the screen that leaves what was typed before alone.
    pub fn is_alternate(&self) -> bool {
        self.received().screen.screen().alternate_screen()
    }

    /// Whether no cursor is shown.
    pub fn hides_cursor(&self) -> bool {
        self.received().screen.screen().hide_cursor()
    }

    /// Whether any letter on it has a colour.
    pub fn has_colour(&self) -> bool {
        let received = self.received();
        let screen = received.screen.screen();
        let (lines, columns) = screen.size();
        let cells = (0..lines.get()).flat_map(|line| (0..columns.get()).map(move |column| (line, column)));
        let mut known = cells.filter_map(|(line, column)| screen.cell(line, column));
        known.any(|cell| cell.fgcolor() != vt100::Color::Default || cell.bgcolor() != vt100::Color::Default)
    }

    /// How many bytes have come.
    pub fn bytes(&self) -> usize {
        self.received().bytes.len()
    }

    /// How it handles keys.
    pub fn modes(&self) -> Termios {
        tcgetattr(&self.program).expect("modes")
    }

    /// Asserts that it is as it was before.
    pub fn is_given_back(&self, before: &Termios) {
        wait_for("the first screen", || (!self.is_alternate()).then_some(()));
        assert!(!self.hides_cursor(), "the cursor is shown");
        assert!(!self.received().screen.screen().bracketed_paste(), "pastes are keys again");
        assert_eq!(&self.modes(), before);
    }
}

/// A run of `phusong watch` on a terminal.
pub struct Session(Child);

impl Session {
    /// Starts it as a shell would: the terminal is its own, so that signals of the terminal reach it.
    pub fn start(terminal: &Terminal, config: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let side = || Stdio::from(terminal.program.try_clone().expect("a copy"));
        let mut command = Command::new("setsid");
        command.args(["--ctty", env!("CARGO_BIN_EXE_phusong"), "watch", "--config"]).arg(config).args(arguments);
        command.env_remove("NO_COLOR").env_remove("LC_ALL").env_remove("LC_MESSAGES").env("LANG", "en_US.UTF-8");
        command.env("TERM", "xterm-256color").envs(environment.iter().copied());
        Self(command.stdin(side()).stdout(side()).stderr(side()).spawn().expect("setsid runs phusong"))
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.0.id()).expect("pid")), signal).expect("it runs");
    }

    /// Its exit code if it has ended.
    pub fn ended_by_now(&mut self) -> Option<i32> {
        let status = self.0.try_wait().expect("wait")?;
        assert_eq!(status.signal(), None, "it ends by itself");
        status.code()
    }

    /// Waits for its exit code.
    pub fn ended(&mut self) -> i32 {
        wait_for("its end", || self.ended_by_now())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Already ended is fine.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
