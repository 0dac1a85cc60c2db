//! Examples as they stand below the options and on manual pages.

use phusong_model::glossary::Lang;
use unicode_width::UnicodeWidthStr as _;

use super::{Entry, entry::Example};

/// What every terminal shows without wrapping.
const WIDTH: usize = 80;

/// Between a command line and what it is for.
const GAP: usize = 2;

/// In front of each line.
const INDENT: &str = "  ";

/// The heading, the examples, and what stands below them.
pub fn after_help(entry: &Entry, lang: Lang) -> String {
    let heading = lang.of(("Ví dụ:", "Examples:"));
    let mut text = [vec![heading.to_owned()], lines(entry.examples, lang)].concat().join("\n");
    if let Some(notes) = entry.notes {
        text.push_str("\n\n");
        text.push_str(lang.of(notes));
    }
    text
}

/// Each example, with what it is for beside it; above it, as a comment of the shell, where a line has no room for both.
pub fn lines(examples: &[Example], lang: Lang) -> Vec<String> {
    let longest = examples.iter().map(|(line, _)| line.width()).max().unwrap_or_default();
    let room = WIDTH.saturating_sub(INDENT.len() + longest + GAP);
    if examples.iter().all(|(line, says)| !line.contains('\n') && lang.of(*says).width() <= room) {
        let beside = |(line, says): &Example| {
            let space = longest + GAP - line.width();
            format!("{INDENT}{line}{:space$}{}", "", lang.of(*says))
        };
        return examples.iter().map(beside).collect();
    }
    let above = |(line, says): &Example| {
        let line = line.replace('\n', &format!("\n{INDENT}{INDENT}"));
        [format!("{INDENT}# {}", lang.of(*says)), format!("{INDENT}{line}")]
    };
    examples.iter().flat_map(above).collect()
}
