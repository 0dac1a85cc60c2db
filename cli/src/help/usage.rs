//! A command line that cannot be read, in Vietnamese. English stays clap's own.

use std::{error::Error as _, ffi::OsString};

use clap::{
    Arg, Command, Error,
    error::{ContextKind, ContextValue, ErrorKind},
};
use phusong_model::printable;

use super::{
    raw::{LANG, option},
    translate::{below, text},
};
use crate::arguments::NO_NUMBER;

/// Words of clap in lines that it makes by itself.
const WORDS: &[(&str, &str)] = &[("[OPTIONS]", "[TÙY CHỌN]"), ("Usage:", "Cách dùng:")];

/// The text with clap's own words in Vietnamese.
pub fn in_vietnamese(text: &str) -> String {
    WORDS.iter().fold(text.to_owned(), |text, (english, vietnamese)| text.replacen(english, vietnamese, 1))
}

/// The fact, what may have been meant, the usage, and where to look.
pub fn message(error: &Error, command: &Command, words: &[OsString]) -> String {
    let usage = one(error, ContextKind::Usage);
    let path = path(command, words);
    let mut lines = vec![format!("lỗi: {}", fact(error))];
    lines.extend(details(error, &path).into_iter().map(|line| format!("  {line}")));
    if let Some(usage) = usage {
        lines.extend(in_vietnamese(&usage).lines().map(|line| format!("  {}", line.trim_start())));
    }
    let lang = option(words, LANG).map(|_| " --lang vi").unwrap_or_default();
    let command = below(command.get_name(), &path);
    lines.push(format!("  xem: {} --help{lang}", command.trim_end()));
    lines.iter().map(|line| printable(line)).collect::<Vec<_>>().join("\n")
}

/// What is wrong.
fn fact(error: &Error) -> String {
    let arg = || one(error, ContextKind::InvalidArg).unwrap_or_default();
    let value = || one(error, ContextKind::InvalidValue).unwrap_or_default();
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            format!("không có lệnh \"{}\"", one(error, ContextKind::InvalidSubcommand).unwrap_or_default())
        }
        ErrorKind::UnknownArgument if arg().starts_with('-') => format!("không có tùy chọn \"{}\" ở đây", arg()),
        ErrorKind::UnknownArgument => format!("không nhận \"{}\" ở đây", arg()),
        ErrorKind::InvalidValue if value().is_empty() => format!("thiếu giá trị của {}", arg()),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("giá trị \"{}\" không hợp lệ cho {}", value(), arg())
        }
        ErrorKind::TooManyValues => format!("thừa giá trị \"{}\" của {}", value(), arg()),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => format!("sai số lượng giá trị của {}", arg()),
        ErrorKind::NoEquals => format!("cần dấu = sau {}", arg()),
        ErrorKind::ArgumentConflict => match list(error, ContextKind::PriorArg).as_slice() {
            [] => format!("{} không dùng được cùng các tùy chọn khác", arg()),
            [same] if *same == arg() => format!("{} chỉ dùng được một lần", arg()),
            others => format!("{} không dùng được cùng {}", arg(), others.join(", ")),
        },
        ErrorKind::MissingRequiredArgument => {
            format!("thiếu {}", list(error, ContextKind::InvalidArg).join(", "))
        }
        ErrorKind::MissingSubcommand => "thiếu lệnh con".to_owned(),
        ErrorKind::InvalidUtf8 => "có chữ không phải UTF-8".to_owned(),
        // No faults of the line, and kinds that this version of clap does not have.
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayVersion
        | ErrorKind::Io
        | ErrorKind::Format
        | _ => error.kind().as_str().unwrap_or("dòng lệnh không đọc được").to_owned(),
    }
}

/// What helps: the values that can be, what the argument is for, what may have been meant.
fn details(error: &Error, path: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let values = list(error, ContextKind::ValidValue);
    if !values.is_empty() {
        lines.push(format!("giá trị: {}", values.join(", ")));
    }
    if error.kind() == ErrorKind::ValueValidation {
        lines.extend(error.source().map(|source| reason(&source.to_string())));
        let arg = one(error, ContextKind::InvalidArg).unwrap_or_default();
        lines.extend(id(&arg).and_then(|id| text(path, &id)).map(|text| format!("{arg}: {text}")));
    }
    let commands = list(error, ContextKind::ValidSubcommand);
    if error.kind() == ErrorKind::MissingSubcommand && !commands.is_empty() {
        lines.push(format!("lệnh con: {}", commands.join(", ")));
    }
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue] {
        let meant = list(error, kind);
        if !meant.is_empty() {
            let meant = meant.iter().map(|word| meant_line(kind, path, word));
            lines.push(format!("ý bạn là: {}", meant.collect::<Vec<_>>().join(", ")));
        }
    }
    lines
}

/// A command that was meant as it can be pasted; anything else as it is written.
fn meant_line(kind: ContextKind, path: &str, word: &str) -> String {
    if kind == ContextKind::SuggestedSubcommand { format!("phusong {}", below(path, word)) } else { word.to_owned() }
}

/// The id of an argument that clap shows as `--valid-on <NĂM-THÁNG-NGÀY>`; none for positional ones.
fn id(shown: &str) -> Option<String> {
    let long = shown.split(' ').next()?.strip_prefix("--")?;
    let id = match long {
        "commune" => "only_commune",
        "for" => "length",
        other => other,
    };
    Some(id.replace('-', "_"))
}

/// Why a value cannot be read, for what our own readers and those of numbers say.
fn reason(english: &str) -> String {
    if let Some((least, most)) = english.strip_prefix("between ").and_then(|rest| rest.split_once(" and ")) {
        return format!("phải từ {least} đến {most}");
    }
    if let Some((_, range)) = english.split_once(" is not in ") {
        let closed = range.split_once("..=").map(|ends| (ends, ""));
        return match closed.or_else(|| range.split_once("..").map(|ends| (ends, "dưới "))) {
            Some(((least, most), below)) if !least.is_empty() && !most.is_empty() => {
                format!("phải từ {least} đến {below}{most}")
            }
            Some(_) | None => format!("phải nằm trong khoảng {range}"),
        };
    }
    match english {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            "phải là một số nguyên".to_owned()
        }
        NO_NUMBER => "là số, như phusong outages nêu".to_owned(),
        "use 2G to 5G, or GSM, UMTS, LTE, NR" => "dùng 2G đến 5G, hoặc GSM, UMTS, LTE, NR".to_owned(),
        other => other.to_owned(),
    }
}

/// The path of the command that the words name, as far as they do.
fn path(command: &Command, words: &[OsString]) -> String {
    let (mut at, mut path) = (command, String::new());
    let mut words = words.iter().skip(1).map_while(|word| word.to_str());
    while let Some(word) = words.next() {
        if let Some(long) = word.strip_prefix("--") {
            let takes_next = |arg: &Arg| arg.get_long() == Some(long) && arg.get_action().takes_values();
            if at.get_arguments().any(takes_next) {
                words.next();
            }
        } else if !word.starts_with('-') {
            let Some(sub) = at.find_subcommand(word) else { break };
            (at, path) = (sub, below(&path, word));
        }
    }
    path
}

/// One text of the error's context.
fn one(error: &Error, kind: ContextKind) -> Option<String> {
    Some(texts(error.get(kind)?).join(", "))
}

/// All texts of one kind.
fn list(error: &Error, kind: ContextKind) -> Vec<String> {
    error.get(kind).map(texts).unwrap_or_default()
}

fn texts(value: &ContextValue) -> Vec<String> {
    match value {
        ContextValue::String(text) => vec![text.clone()],
        ContextValue::Strings(texts) => texts.clone(),
        ContextValue::StyledStr(text) => vec![text.to_string()],
        ContextValue::StyledStrs(texts) => texts.iter().map(ToString::to_string).collect(),
        ContextValue::Number(number) => vec![number.to_string()],
        // Neither says anything for people, and clap may come to know others.
        ContextValue::None | ContextValue::Bool(_) | _ => Vec::new(),
    }
}
