//! The command with the texts of a language.

use clap::{
    Arg, ArgAction, Command,
    builder::{PossibleValue, PossibleValuesParser},
};
use phusong_model::glossary::Lang;

use super::{Pair, examples::after_help, texts::find, values};

/// What stands in the help of clap's own options and commands.
const HELP: &str = "In trợ giúp này (-h: ngắn gọn, --help: đầy đủ)";
const HELP_OF: &str = "In trợ giúp của lệnh nêu sau đó";
const VERSION: &str = "In phiên bản";

/// Headings, and the words for them in usage lines.
pub const ARGUMENTS: &str = "Đối số";
pub const OPTIONS: &str = "Tùy chọn";
pub const COMMANDS: &str = "Lệnh";
const COMMAND: &str = "LỆNH";

/// As clap writes it, with the Vietnamese word for "Usage".
const TEMPLATE: &str = "{before-help}{about-with-newline}\nCách dùng: {usage}\n\n{all-args}{after-help}";

/// The command, its subcommands and their examples in a language.
pub fn translated(command: Command, lang: Lang) -> Command {
    match lang {
        Lang::En => with_examples(command, ""),
        Lang::Vi => {
            let version = Arg::new("version").short('V').long("version").action(ArgAction::Version).help(VERSION);
            let help = Arg::new("help").short('h').long("help").action(ArgAction::Help).global(true).help(HELP);
            let of_ours = command.disable_help_flag(true).disable_version_flag(true);
            let mut command =
                in_vietnamese(of_ours, "").arg(version.help_heading(OPTIONS)).arg(help.help_heading(OPTIONS));
            // clap adds its command `help` everywhere when it builds the tree.
            command.build();
            helps_in_vietnamese(command)
        }
    }
}

/// The path of a subcommand.
pub fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path} {name}") }
}

/// Examples below the options, here and everywhere beneath.
fn with_examples(command: Command, path: &str) -> Command {
    let command = command.mut_subcommands(|sub| {
        let path = below(path, sub.get_name());
        with_examples(sub, &path)
    });
    match find(path) {
        Some(entry) => command.after_help(after_help(entry, Lang::En)),
        None => command,
    }
}

fn in_vietnamese(command: Command, path: &str) -> Command {
    let command = command
        .mut_subcommands(|sub| {
            let path = below(path, sub.get_name());
            in_vietnamese(sub, &path)
        })
        .mut_args(|arg| argument(arg, path))
        .subcommand_help_heading(COMMANDS)
        .subcommand_value_name(COMMAND)
        .help_template(TEMPLATE);
    match find(path) {
        Some(entry) => command.about(entry.about).after_help(after_help(entry, Lang::Vi)),
        None => command,
    }
}

/// Texts, names of values and headings of an argument.
fn argument(arg: Arg, path: &str) -> Arg {
    let help = text(path, arg.get_id().as_str()).map(str::to_owned);
    let help = help.or_else(|| arg.get_help().map(ToString::to_string)).unwrap_or_default();
    let heading = if arg.is_positional() { ARGUMENTS } else { OPTIONS };
    let arg = arg.help_heading(heading);
    if !matches!(arg.get_action(), ArgAction::Set | ArgAction::Append) {
        return arg.help(help);
    }
    let names = arg.get_value_names().unwrap_or_default().iter();
    let names: Option<Vec<&'static str>> = names.map(|name| values::name(name)).collect();
    match names.filter(|names| !names.is_empty()) {
        Some(names) => valued(arg.value_names(names), help),
        None => valued(arg, help),
    }
}

/// The help with the value that counts when none is given, and those that can be.
fn valued(arg: Arg, mut help: String) -> Arg {
    let default: Vec<String> =
        arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    if !default.is_empty() {
        help.push_str(&format!(" [mặc định: {}]", default.join(", ")));
    }
    let arg = arg.hide_default_value(true);
    let meaning = |value: PossibleValue| match values::meaning(arg.get_id().as_str(), value.get_name()) {
        Some(meaning) => value.help(meaning),
        None => value,
    };
    let possible: Vec<PossibleValue> = arg.get_possible_values().into_iter().map(meaning).collect();
    if possible.is_empty() {
        return arg.help(help);
    }
    let told = possible.iter().map(|value| match value.get_help() {
        Some(meaning) => format!("- {}: {meaning}", value.get_name()),
        None => format!("- {}", value.get_name()),
    });
    let long = format!("{help}\n\nGiá trị:\n{}", told.collect::<Vec<_>>().join("\n"));
    let names: Vec<&str> = possible.iter().map(PossibleValue::get_name).collect();
    let short = format!("{help} [giá trị: {}]", names.join(", "));
    arg.value_parser(PossibleValuesParser::new(possible)).hide_possible_values(true).help(short).long_help(long)
}

/// The Vietnamese text of an argument: its command's, or that of an option which every command takes.
pub fn text(path: &str, id: &str) -> Option<&'static str> {
    let of = |path: &str| {
        let said: &[Pair] = find(path)?.arguments;
        said.iter().find(|(known, _)| *known == id).map(|(_, text)| *text)
    };
    of(path).or_else(|| of(""))
}

fn helps_in_vietnamese(command: Command) -> Command {
    command.mut_subcommands(|sub| {
        let is_help = sub.get_name() == "help";
        if is_help { sub.about(HELP_OF) } else { helps_in_vietnamese(sub) }
    })
}
