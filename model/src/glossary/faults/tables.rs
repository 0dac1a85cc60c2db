//! The tables of sentences: a line in English, a line in Vietnamese, a blank line; `#` begins a remark.

use std::sync::LazyLock;

use super::sentence::Sentence;

/// All tables, those whose sentences may stand anywhere first.
const TABLES: [&str; 10] = [
    include_str!("shared.txt"),
    include_str!("libraries.txt"),
    include_str!("configuration.txt"),
    include_str!("inventory.txt"),
    include_str!("geodata.txt"),
    include_str!("tables.txt"),
    include_str!("formats.txt"),
    include_str!("rasters.txt"),
    include_str!("devices.txt"),
    include_str!("daemon.txt"),
];

static SENTENCES: LazyLock<Vec<Sentence>> =
    LazyLock::new(|| fault_sentences().filter_map(|(en, vi)| Sentence::of(en, vi)).collect());

/// Every sentence that a fault, its remedy or a note of an import is made of, in English and in Vietnamese, `{}` where
/// something is put in.
pub fn fault_sentences() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLES.iter().flat_map(|table| pairs(table))
}

fn pairs(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    std::iter::from_fn(move || Some((lines.next()?, lines.next()?)))
}

/// All of them, ready to be looked for.
pub(super) fn sentences() -> &'static [Sentence] {
    &SENTENCES
}
