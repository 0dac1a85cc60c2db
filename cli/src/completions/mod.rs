//! What a shell offers when Tab is pressed: commands and options, and the names that are in use just now.
//!
//! The script that `phusong completions` prints calls the program itself, with the variable `COMPLETE` and the words of
//! the line. What is offered is always one word of ASCII that the command takes: `na-hang` for Nà Hang, so that nobody has
//! to type an accent or a quote. Nothing that goes wrong may show: the reader is in the middle of a line.

mod kind;
mod names;
mod source;

use std::{ffi::OsString, io::Write, path::Path, sync::Arc};

use clap::{Args, Command, CommandFactory as _, ValueEnum};
use clap_complete::{
    ArgValueCompleter,
    env::{Bash, EnvCompleter, Fish, Shells, Zsh},
};

use crate::{
    arguments::Arguments,
    environment::Environment,
    failure::Failure,
    help::{language, option, translated},
};

use kind::Kind;
use source::Source;

/// The variable by which the script says that a line is to be completed, and for which shell.
const VARIABLE: &str = "COMPLETE";

/// The program, as scripts call it.
const PROGRAM: &str = "phusong";

#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Shell {
    /// bash 4.4 or newer
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
}

/// Prints the script for a shell.
pub fn run(asked: &CompletionsArguments, out: &mut dyn Write) -> Result<u8, Failure> {
    let shell: &dyn EnvCompleter = match asked.shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
    };
    let mut script = Vec::new();
    let written = shell.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script);
    let printed = written.and_then(|()| out.write_all(&script)).and_then(|()| out.flush());
    printed.map(|()| phusong_gaps::ANSWERED).map_err(Failure::Output)
}

/// Completes a line, when that is what the program was called for: `COMPLETE=bash phusong -- phusong gaps --comm`.
/// Gives `false` when it was called for something else.
pub fn complete(words: &[OsString], environment: &Environment, out: &mut dyn Write) -> bool {
    let Some(asked) = environment.variable(VARIABLE).filter(|asked| *asked != "0") else { return false };
    let name = Path::new(asked).file_stem().unwrap_or(asked).to_string_lossy();
    let line: Vec<OsString> = words.iter().skip_while(|word| *word != "--").skip(1).cloned().collect();
    if line.is_empty() {
        return false;
    }
    let shells = Shells::builtins();
    let Some(shell) = shells.completer(&name) else { return true };
    let mut command = command(&line, environment);
    let mut offered = Vec::new();
    let folder = std::env::current_dir().ok();
    // Where nothing can be offered, nothing is: a word on the screen would stand in the middle of the line.
    if shell.write_complete(&mut command, line, folder.as_deref(), &mut offered).is_ok() {
        let _nobody_reads = out.write_all(&offered).and_then(|()| out.flush());
    }
    true
}

/// The command whose arguments know their values.
pub fn command(line: &[OsString], environment: &Environment) -> Command {
    let environment = &environment.configured(option(line, "--config").as_deref().map(Path::new));
    let lang = language(line, environment);
    let source = Arc::new(Source::of(line, environment, lang));
    translated(with_values(Arguments::command(), "", &source), lang)
}

fn with_values(command: Command, path: &str, source: &Arc<Source>) -> Command {
    command
        .mut_args(|arg| match Kind::of(path, &arg) {
            Some(kind) => {
                let source = Arc::clone(source);
                arg.add(ArgValueCompleter::new(move |begun: &std::ffi::OsStr| {
                    names::offered(kind.names(&source), &begun.to_string_lossy())
                }))
            }
            None => arg,
        })
        .mut_subcommands(|sub| {
            let path = crate::help::below(path, sub.get_name());
            with_values(sub, &path, source)
        })
}
