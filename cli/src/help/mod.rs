//! Help and what is said of command lines that cannot be read, in Vietnamese and English. The language must be known
//! before clap reads the line, so it is looked for in the words themselves.
//!
//! A run that succeeds never comes here: the line is read by the command that the derive makes. Only when clap has
//! something to say is the command made once more, with texts and examples in the reader's language, and asked again.

mod entry;
mod examples;
mod raw;
mod texts;
mod translate;
mod usage;
mod values;

#[cfg(test)]
mod tests;

use std::{ffi::OsString, io::Write};

use clap::{CommandFactory as _, error::ErrorKind};
use phusong_model::glossary::Lang;

use crate::{
    arguments::Arguments,
    environment::Environment,
    failure::{self, Failure},
    program::{print, say},
};

pub use entry::{Entry, Pair};
pub use raw::{language, option};
pub use texts::find;
pub use translate::{below, translated};

/// The widest help; longer lines are hard to read.
const WIDEST: usize = 100;

/// The command with texts and examples of a language.
pub fn command(lang: Lang) -> clap::Command {
    translated(Arguments::command(), lang)
}

/// Says what clap has to say of the words. Help and version are answers; everything else is a usage error, exit code 2.
pub fn reply(
    error: &clap::Error,
    words: &[OsString],
    environment: &Environment,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let lang = language(words, environment);
    // Before the texts: these build the tree, and each command takes its width from the one above at that time.
    let command = translated(Arguments::command().term_width(environment.width().min(WIDEST)), lang);
    let again = command.clone().try_get_matches_from(words).err();
    // Texts decide nothing, so the second reading stumbles where the first did.
    let error = again.as_ref().filter(|again| again.kind() == error.kind()).unwrap_or(error);
    let text = match (error.kind(), lang) {
        (ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, Lang::Vi) => {
            usage::in_vietnamese(&error.render().to_string())
        }
        (
            ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::DisplayVersion,
            _,
        )
        | (_, Lang::En) => error.render().to_string(),
        (_, Lang::Vi) => usage::message(error, &command, words),
    };
    if error.use_stderr() {
        say(err, text.trim_end());
        return Ok(failure::USAGE);
    }
    print(out, &text).map(|()| phusong_gaps::ANSWERED)
}
