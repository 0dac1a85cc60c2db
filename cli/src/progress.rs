//! Progress of work that takes a while, on stderr and only where somebody watches it: in a pipe, in a file and with
//! `--quiet` there is none. When the work is done the bar goes, and a line stays that says how much it was and how long
//! it took.

use std::{
    borrow::Cow,
    io::Write,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use phusong_model::{
    Millis,
    glossary::{self, Lang},
};

use crate::{arguments::Arguments, environment::Environment, program::say};

/// Between two pictures of work that does not tell how far it is. Over a slow line each picture costs.
const BEAT: Duration = Duration::from_millis(200);

/// What work is called: Vietnamese, English.
pub type What = (&'static str, &'static str);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Bytes of so many.
    Bytes(u64),
    /// Things of so many.
    Things(u64),
    /// A part of a whole whose numbers mean nothing to people.
    Share(u64),
    /// How much it will be is not known.
    Unknown,
}

/// Work under way.
#[derive(Debug)]
pub struct Progress {
    meter: Meter,
    begun: Instant,
    /// Whether there is a picture to take away.
    drawn: bool,
}

impl Progress {
    /// Begins work.
    pub fn begin(arguments: &Arguments, environment: &Environment, what: What, of: Length) -> Self {
        let lang = environment.lang(arguments.lang);
        let drawn = environment.shows_progress() && !arguments.quiet;
        let bar = drawn.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.enable_steady_tick(BEAT);
            bar
        });
        let meter = Meter { bar, lang };
        meter.turn_to(what, of);
        meter.show();
        Self { meter, begun: Instant::now(), drawn }
    }

    /// Whether somebody watches: what only the picture needs is not looked up otherwise.
    pub const fn is_watched(&self) -> bool {
        self.drawn
    }

    /// What tells how far the work is.
    pub const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The work is done: says how much it was, and how long it took.
    pub fn end(mut self, err: &mut dyn Write, how_much: &str) {
        if self.drawn {
            self.clear();
            let took = Millis(i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX));
            say(err, &format!("{how_much} · {}", glossary::duration(self.meter.lang, took)));
        }
    }

    fn clear(&mut self) {
        self.drawn = false;
        if let Some(bar) = &self.meter.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    /// Work that failed leaves no half a bar above its message.
    fn drop(&mut self) {
        if self.drawn {
            self.clear();
        }
    }
}

/// Tells how far work is, from any thread.
#[derive(Debug, Clone)]
pub struct Meter {
    /// None where nobody watches.
    bar: Option<ProgressBar>,
    lang: Lang,
}

impl Meter {
    /// For work that nobody watches.
    pub const UNSEEN: Self = Self { bar: None, lang: Lang::En };

    /// The next part of the work begins.
    pub fn turn_to(&self, what: What, of: Length) {
        let Some(bar) = &self.bar else { return };
        let (length, figures) = match of {
            Length::Bytes(all) => {
                (Some(all), "[{bar:24}] {percent:>3}% {decimal_bytes}/{decimal_total_bytes} {elapsed}")
            }
            Length::Things(all) => (Some(all), "[{bar:24}] {percent:>3}% {pos}/{len} {elapsed}"),
            Length::Share(all) => (Some(all), "[{bar:24}] {percent:>3}% {elapsed}"),
            Length::Unknown => (None, "{elapsed}"),
        };
        bar.set_position(0);
        match length {
            Some(length) => bar.set_length(length),
            None => bar.unset_length(),
        }
        // ASCII and no colour, for any line that engineers sit at. Our own templates can be read.
        if let Ok(style) = ProgressStyle::with_template(&format!("{{msg}} {figures}")) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(Cow::Borrowed(self.lang.of(what)));
    }

    /// Draws at once, so that also what is soon done is seen to have begun.
    fn show(&self) {
        if let Some(bar) = &self.bar {
            bar.tick();
        }
    }

    /// How far it is.
    pub fn at(&self, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(done);
        }
    }

    /// The same, where how much it will be becomes known on the way.
    pub fn at_of(&self, done: u64, all: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(all);
            bar.set_position(done);
        }
    }

    /// Writes to the same terminal, with the picture out of the way.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}
