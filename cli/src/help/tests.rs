//! The whole tree of commands, walked in both languages.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
};

use clap::{Arg, Command, CommandFactory as _, Parser as _};
use phusong_model::{UtcMs, glossary::Lang, nfc};
use unicode_width::UnicodeWidthStr as _;

use super::{
    texts,
    translate::below,
    values::{NAMES, POSSIBLE},
};
use crate::{Environment, Screen, arguments::Arguments, run};

/// Every command by its path, as the derive makes it.
fn commands() -> BTreeMap<String, Command> {
    fn gather(command: Command, path: &str, all: &mut BTreeMap<String, Command>) {
        for sub in command.get_subcommands().cloned().collect::<Vec<_>>() {
            gather(sub.clone(), &below(path, sub.get_name()), all);
        }
        all.insert(path.to_owned(), command);
    }
    let mut all = BTreeMap::new();
    gather(Arguments::command(), "", &mut all);
    assert!(all.len() > 40, "the walk must find the commands");
    all
}

fn phusong(words: &[&str], lang: &str) -> (u8, String, String) {
    let variables = [("LANG".into(), lang.into()), ("COLUMNS".into(), "80".into())];
    let environment = Environment::new(variables, Screen::Pipe, UtcMs(0));
    let words = std::iter::once("phusong").chain(words.iter().copied()).map(OsString::from);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(words, &environment, &mut out, &mut err);
    let [out, err] = [out, err].map(|bytes| String::from_utf8(bytes).expect("UTF-8"));
    (code, out, err)
}

fn help(path: &str, option: &str, lang: &str) -> String {
    let words: Vec<&str> = path.split_whitespace().chain([option]).collect();
    let (code, out, err) = phusong(&words, lang);
    assert_eq!((code, err.as_str()), (0, ""), "{path}");
    out
}

#[test]
fn each_command_and_argument_has_its_vietnamese_text_and_none_is_left_over() {
    let commands = commands();
    let known: BTreeSet<&str> = commands.keys().map(String::as_str).collect();
    let told: BTreeSet<&str> = texts::all().map(|entry| entry.path).collect();
    assert_eq!(told, known, "entries and commands");
    assert_eq!(texts::all().count(), told.len(), "one entry for a command");
    let root: BTreeSet<&str> = texts::find("").expect("the program").arguments.iter().map(|(id, _)| *id).collect();
    for entry in texts::all() {
        let told: BTreeSet<&str> = entry.arguments.iter().map(|(id, _)| *id).collect();
        // What several commands take is told once, with the program's own options.
        let alone = |id: &&str| entry.path.is_empty() || told.contains(id) || !root.contains(id);
        let known = commands[entry.path].get_arguments().map(|arg| arg.get_id().as_str()).filter(alone);
        let known: BTreeSet<&str> = known.collect();
        assert_eq!(told, known, "arguments of {:?}", entry.path);
    }
}

#[test]
fn each_name_of_a_value_and_each_value_has_its_vietnamese_text_and_none_is_left_over() {
    let (mut names, mut values) = (BTreeSet::new(), BTreeSet::new());
    let commands = commands();
    let takes = |arg: &&Arg| arg.get_action().takes_values();
    for arg in commands.values().flat_map(Command::get_arguments).filter(takes) {
        names.extend(arg.get_value_names().unwrap_or_default().iter().map(|name| name.as_str()));
        let id = arg.get_id().as_str();
        values.extend(arg.get_possible_values().iter().map(|value| (id.to_owned(), value.get_name().to_owned())));
    }
    assert_eq!(NAMES.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), names);
    let told: BTreeSet<_> = POSSIBLE.iter().map(|(id, value, _)| ((*id).to_owned(), (*value).to_owned())).collect();
    assert_eq!(told, values);
}

#[test]
fn texts_are_nfc_and_short_facts() {
    for entry in texts::all() {
        let arguments = entry.arguments.iter().map(|(_, text)| *text);
        let examples = entry.examples.iter().flat_map(|(line, (vi, en))| [*line, *vi, *en]);
        for text in [entry.about].into_iter().chain(arguments).chain(examples) {
            assert_eq!(nfc(text), text.split_whitespace().collect::<Vec<_>>().join(" "), "{:?}", entry.path);
            assert!(!text.ends_with('.'), "{text}");
        }
    }
}

#[test]
fn every_help_has_examples_fits_eighty_columns_and_speaks_one_language() {
    let english = ["Usage", "Options:", "Arguments:", "Commands:", "Print ", "ossible values", "[default", "Examples"];
    for path in commands().keys() {
        for option in ["-h", "--help"] {
            let (vi, en) = (help(path, option, "vi_VN.UTF-8"), help(path, option, "en_US.UTF-8"));
            assert!(vi.contains("\nVí dụ:\n  ") && vi.contains("\nCách dùng: phusong"), "{path}: {vi}");
            assert!(en.contains("\nExamples:\n  ") && en.contains("\nUsage: phusong"), "{path}: {en}");
            for word in english {
                assert!(!vi.contains(word), "{path} {option} has {word}:\n{vi}");
            }
            for line in vi.lines().chain(en.lines()) {
                assert!(line.width() <= 80, "{path} {option}: {line}");
            }
        }
    }
}

/// The words of the first command of a line as a shell would make them, without what is piped, written or done after.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut begun) = (Vec::new(), String::new(), false, false);
    for c in line.chars() {
        match c {
            '"' => (quoted, begun) = (!quoted, true),
            ' ' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            '|' | '>' | ';' | '&' if !quoted => break,
            c => {
                word.push(c);
                begun = true;
            }
        }
    }
    assert!(!quoted, "{line}");
    words.extend(begun.then_some(word));
    words
}

#[test]
fn every_example_of_every_help_is_read_by_the_program() {
    let mut read = 0;
    for path in commands().keys() {
        for lang in ["vi_VN.UTF-8", "en_US.UTF-8"] {
            let text = help(path, "--help", lang).replace("\\\n    ", "");
            let examples = text.lines().skip_while(|line| !["Ví dụ:", "Examples:"].contains(line)).skip(1);
            for line in examples.take_while(|line| !line.is_empty()) {
                let line = line.trim_start();
                if line.starts_with("# ") {
                    continue;
                }
                let command = line.split("  ").next().expect("a first part");
                let words = words(command);
                assert_eq!(words.first().map(String::as_str), Some("phusong"), "{path}: {line}");
                if let Err(error) = Arguments::try_parse_from(&words) {
                    panic!("{path}: {line}: {error}");
                }
                read += 1;
            }
        }
    }
    assert!(read >= 2 * commands().len(), "{read} examples");
}

#[test]
fn the_help_of_the_program_and_of_a_command() {
    insta::assert_snapshot!("help-vi", help("", "-h", "vi_VN.UTF-8"));
    insta::assert_snapshot!("help-en", help("", "-h", "en_US.UTF-8"));
    insta::assert_snapshot!("help-export-vi", help("store export", "--help", "vi_VN.UTF-8"));
    insta::assert_snapshot!("help-maintenance-vi", help("maintenance", "-h", "vi_VN.UTF-8"));
}

#[test]
fn help_is_in_the_language_that_is_asked_for_wherever_the_word_stands() {
    let is_vi = |words: &[&str], lang: &str| phusong(words, lang).1.contains("Cách dùng:");
    assert!(is_vi(&["--lang", "vi", "--help"], "en_US.UTF-8"));
    assert!(is_vi(&["gaps", "-h", "--lang=vi"], "C"));
    assert!(is_vi(&["help", "gaps"], "vi_VN.UTF-8"));
    assert!(is_vi(&["help", "store", "export"], "vi_VN.UTF-8"));
    assert!(!is_vi(&["--help", "--lang", "en"], "vi_VN.UTF-8"));
    assert_eq!(phusong(&["--version"], "vi_VN.UTF-8").1, phusong(&["-V"], "C").1);
}

/// Lines that cannot be read, one for each way of being wrong.
const WRONG: [&[&str]; 15] = [
    &["gasp"],
    &["store", "exprot"],
    &["frobnicate"],
    &["gaps", "--rnak", "area"],
    &["gaps", "--commune"],
    &["gaps", "--json", "--csv"],
    &["gaps", "--json", "--json"],
    &["ack"],
    &["ack", "soon"],
    &["ping", "x", "--count", "0"],
    &["ping", "x", "--interval", "90s"],
    &["availability", "--by", "comune"],
    &["import", "layer", "a.tif", "--source", "heard"],
    &["coverage", "--geojson"],
    &["status", "extra\u{1b}[31m"],
];

#[test]
fn what_cannot_be_read_is_said_in_vietnamese_with_what_to_do() {
    let mut all = String::new();
    for line in WRONG {
        let (code, out, err) = phusong(line, "vi_VN.UTF-8");
        assert_eq!((code, out.as_str()), (2, ""), "{line:?}");
        assert!(err.starts_with("lỗi: ") && !err.contains('\u{1b}'), "{err}");
        all.push_str(&format!("$ phusong {}\n{err}\n", line.join(" ").replace('\u{1b}', "^[")));
        // The hint works as it stands, in the same language.
        let hint = err.lines().find_map(|line| line.trim_start().strip_prefix("xem: phusong ")).expect("a hint");
        let words: Vec<&str> = hint.split(' ').collect();
        assert_eq!(phusong(&words, "vi_VN.UTF-8").0, 0, "{hint}");
    }
    insta::assert_snapshot!("wrong-vi", all);
}

#[test]
fn in_english_clap_speaks_for_itself() {
    let (code, _, err) = phusong(&["gasp"], "en_US.UTF-8");
    assert_eq!(code, 2);
    assert!(err.starts_with("error: unrecognized subcommand 'gasp'") && err.contains("Usage: phusong"), "{err}");
}

#[test]
fn a_hint_keeps_the_language_that_the_line_asked_for() {
    let (_, _, err) = phusong(&["gasp", "--lang", "vi"], "en_US.UTF-8");
    assert!(err.ends_with("xem: phusong --help --lang vi\n"), "{err}");
}

#[test]
fn a_command_that_lacks_its_subcommand_shows_its_help_in_the_language() {
    let (code, out, err) = phusong(&["store"], "vi_VN.UTF-8");
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("Cách dùng: phusong store") && err.contains("Ví dụ:"), "{err}");
    assert_eq!(Lang::of_locale("vi_VN.UTF-8"), Lang::Vi);
}
