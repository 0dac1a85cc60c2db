//! `phusong watch`: events, communes and links on a full screen that follows the daemon, and its store when it is away.
//!
//! The screen is a value (`state`), which keys and answers change and `draw` shows; what takes time runs in threads
//! (`threads`) and is told to it. So nothing that hangs keeps a key from being answered.

mod arguments;
mod bars;
mod detail;
mod draw;
mod filter;
mod keys;
mod layout;
mod moves;
mod picture;
mod places;
mod prompt;
mod refused;
mod screen;
mod source;
mod state;
#[cfg(test)]
mod tests;
mod threads;

use std::{
    io::Write,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    time::Duration,
};

use crate::{
    arguments::{Arguments, Format},
    environment::Environment,
    failure::Failure,
    since,
    site::Site,
};
pub use arguments::WatchArguments;
use draw::Look;
pub use refused::NoScreen;
use screen::Screen;
use source::Source;
use state::{Watch, Wish};
use threads::{Happening, Request};

/// Follows the network on a full screen until somebody ends it.
pub fn run(
    arguments: &Arguments,
    asked: &WatchArguments,
    environment: &Environment,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let look = look(arguments, environment).map_err(Failure::NoScreen)?;
    let source = source(arguments, environment)?;
    let site = source.site.clone();
    // Whatever is wrong with the question is told as for every other command, before the screen changes.
    let picture = match source.daemon(environment.now()) {
        Ok(answer) => answer.map_err(|refusal| Failure::Question { refusal, conditions: Vec::new() })?,
        Err(fault) => source.store(environment.now(), fault, None)?.0,
    };
    let terminal = |error: std::io::Error| Failure::NoScreen(NoScreen::Terminal { reason: error.to_string() });
    let (tell, happenings) = channel();
    threads::await_signals(tell.clone()).map_err(terminal)?;
    screen::mind_panics(tell.clone());
    let mut screen = Screen::open(out, look).map_err(terminal)?;
    threads::read_keys(tell.clone());
    let size = screen.size().map_err(terminal)?;
    let mut watch = Watch::new(source.lang, size, threads::now(), picture);
    let (ask, asker) = threads::ask(source, asked.interval.0, tell.clone());
    let others = Others { ask, site, tell };
    let outcome = follow(&mut screen, &mut watch, &happenings, &others);
    drop((screen, others, happenings));
    asker.wait();
    outcome
}

/// Those who do what keys ask for.
struct Others {
    ask: Sender<Request>,
    site: Site,
    tell: Sender<Happening>,
}

/// Shows the screen and lets happenings change it, as many at once as there are: keys that are held down over a slow line
/// are not drawn one by one.
fn follow(
    screen: &mut Screen<'_>,
    watch: &mut Watch,
    happenings: &Receiver<Happening>,
    others: &Others,
) -> Result<u8, Failure> {
    loop {
        watch.now = threads::now();
        screen.draw(watch).map_err(Failure::Output)?;
        let mut next = match happenings.recv_timeout(to_next_second(watch)) {
            Ok(happening) => Some(happening),
            Err(RecvTimeoutError::Timeout) => None,
            // `others` hold it open.
            Err(RecvTimeoutError::Disconnected) => return Ok(threads::BROKEN),
        };
        while let Some(happening) = next {
            if let Some(code) = hear(happening, screen, watch, others)? {
                return Ok(code);
            }
            next = happenings.try_recv().ok();
        }
    }
}

/// The clock on the screen shows seconds, and nothing else changes by itself.
fn to_next_second(watch: &Watch) -> Duration {
    let past = u64::try_from(watch.now.0.rem_euclid(1000)).unwrap_or(0);
    Duration::from_millis(1000 - past)
}

/// Lets one thing change the screen; gives the exit code when it ends it.
fn hear(
    happening: Happening,
    screen: &mut Screen<'_>,
    watch: &mut Watch,
    others: &Others,
) -> Result<Option<u8>, Failure> {
    match happening {
        Happening::Key(key) => match watch.key(&key) {
            Some(Wish::Quit) => return Ok(Some(phusong_gaps::ANSWERED)),
            Some(Wish::Redraw) => screen.forget().map_err(Failure::Output)?,
            Some(Wish::Follow(link)) => request(others, Request::Follow(link)),
            Some(Wish::Acknowledge { outage, note }) => {
                threads::acknowledge(others.site.clone(), outage, note, watch.lang, others.tell.clone());
            }
            None => {}
        },
        Happening::Resized(columns, lines) => watch.size = (columns, lines),
        Happening::Told(picture) => watch.hear(*picture),
        Happening::Nothing(reason) => watch.hear_nothing(reason),
        Happening::OfLink(link, answer) => watch.hear_of_link(link, answer),
        Happening::Acknowledged(outage, outcome) => {
            watch.acknowledged(outage, outcome);
            request(others, Request::Now);
        }
        Happening::End(code) => return Ok(Some(code)),
        Happening::Broken(reason) => return Err(Failure::NoScreen(NoScreen::Broken { reason })),
    }
    Ok(None)
}

/// The one who asks ends when the screen does, or by a panic, which is told by itself.
fn request(others: &Others, request: Request) {
    let _gone = others.ask.send(request);
}

/// How the terminal is drawn on, when it is one that can be.
fn look(arguments: &Arguments, environment: &Environment) -> Result<Look, NoScreen> {
    if arguments.format() != Format::Table {
        return Err(NoScreen::Document);
    }
    if arguments.until.is_some() || arguments.month.is_some() || arguments.between.is_some() {
        return Err(NoScreen::Past);
    }
    let term = environment.terminal().ok_or(NoScreen::Pipe)?;
    if matches!(term.as_str(), "" | "dumb" | "unknown") {
        return Err(NoScreen::Dumb { term });
    }
    let colour = environment.paint() == crate::paint::Paint::Colour && Look::knows_colour(&term);
    Ok(Look { colour, ascii: arguments.ascii })
}

/// Who is asked about what.
fn source(arguments: &Arguments, environment: &Environment) -> Result<Source, Failure> {
    if let Some(text) = &arguments.since {
        let _readable = since::parse(text, environment.now())?;
    }
    Ok(Source {
        site: Site::find(arguments, environment)?,
        lang: environment.lang(arguments.lang),
        commune: arguments.commune()?,
        group: arguments.group.clone(),
        since: arguments.since.clone(),
    })
}
