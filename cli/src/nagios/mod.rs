//! `phusong status --nagios`: the answer as a plugin of Nagios, Icinga or Naemon gives it. One line on stdout, figures
//! for graphs behind a bar, and the exit codes of that convention: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. Whatever is
//! no answer, a mistyped option too, is UNKNOWN: the usual code of a usage error, 2, would call people out for a typo.

mod line;

use std::{ffi::OsString, io::Write};

use clap::{Args, Parser as _};
use phusong_model::{
    answer::{Answer, Body},
    glossary::Lang,
};

use crate::{
    arguments::{Arguments, Format},
    environment::Environment,
    failure::Failure,
    program::{answer, print, say},
};

use line::{Limits, Seen, Verdict};

/// What monitoring systems say.
#[derive(Debug, Args)]
pub struct NagiosArguments {
    /// One line for Nagios and Icinga, and their exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; only of status, and
    /// with --check
    #[arg(long, global = true)]
    nagios: bool,

    /// WARNING when more links than this are down [with --nagios; default: 0]
    #[arg(long, global = true, value_name = "N")]
    warn_down: Option<u64>,

    /// CRITICAL when more links than this are down [with --nagios; default: as --warn-down]
    #[arg(long, global = true, value_name = "N")]
    crit_down: Option<u64>,
}

/// The options that a monitoring system and nobody else gives.
const OPTIONS: [&str; 3] = ["--nagios", "--warn-down", "--crit-down"];

/// Whether a monitoring system asks. It is read from the bare words, because those that cannot be parsed are to be
/// answered in its way too.
pub fn is_asked(arguments: &[OsString]) -> bool {
    let words = arguments.iter().skip(1).take_while(|word| *word != "--").filter_map(|word| word.to_str());
    words.into_iter().any(|word| OPTIONS.contains(&word.split('=').next().unwrap_or(word)))
}

/// Answers as a plugin; gives its exit code.
pub fn run(arguments: Vec<OsString>, environment: &Environment, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let (verdict, text) = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => {
            let lang = environment.lang(arguments.lang);
            match checked(&arguments, environment, err) {
                Ok(found) => found,
                Err(failure) => (Verdict::Unknown, line::of_words(Verdict::Unknown, &failure.words(lang))),
            }
        }
        Err(error) => {
            let words = error.render().to_string();
            say(err, words.trim_end());
            // Help is no state of a network either.
            let asked = if error.use_stderr() { words } else { "--help, --version".to_owned() };
            (Verdict::Unknown, line::of_words(Verdict::Unknown, asked.lines().next().unwrap_or_default()))
        }
    };
    match print(out, &format!("{text}\n")) {
        Ok(()) => verdict.exit_code(),
        Err(_nobody_reads) => Verdict::Unknown.exit_code(),
    }
}

/// The state of the links that were asked about.
fn checked(
    arguments: &Arguments,
    environment: &Environment,
    err: &mut dyn Write,
) -> Result<(Verdict, String), Failure> {
    let lang = environment.lang(arguments.lang);
    if !arguments.asks_only_status() || arguments.format() != Format::Table {
        let words = lang.of((
            "--nagios chỉ dùng với phusong status, không kèm --json, --csv",
            "--nagios goes with phusong status alone, and without --json and --csv",
        ));
        return Ok((Verdict::Unknown, line::of_words(Verdict::Unknown, words)));
    }
    let NagiosArguments { warn_down, crit_down, .. } = arguments.nagios;
    // Who only says from when to be warned does not want to be woken before that.
    let warn_down = warn_down.unwrap_or(0);
    let limits = Limits { warn_down, crit_down: crit_down.unwrap_or(warn_down) };
    let scope = [arguments.commune()?, arguments.group.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let answer = answer(arguments, environment, err)?;
    Ok(judged(&answer, &scope, limits, lang))
}

fn judged(answer: &Answer, scope: &str, limits: Limits, lang: Lang) -> (Verdict, String) {
    let Body::Status(body) = &answer.body else {
        let words = lang.of(("trả lời không phải là trạng thái", "the answer is no status"));
        return (Verdict::Unknown, line::of_words(Verdict::Unknown, words));
    };
    let seen = Seen { answer, body, scope, limits };
    let verdict = seen.verdict();
    (verdict, seen.line(verdict, lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_monitoring_system_is_known_by_its_options_wherever_they_stand() {
        for line in [
            "phusong status --check --nagios",
            "phusong --nagios",
            "phusong status --warn-down=3 --nagoos",
            "phusong --crit-down 5 gapps",
        ] {
            assert!(is_asked(&words(line)), "{line}");
        }
        for line in ["phusong", "phusong status --check", "phusong ping -- --nagios", "--nagios"] {
            assert!(!is_asked(&words(line)), "{line}");
        }
    }
}
