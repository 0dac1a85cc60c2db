//! The texts, in files by what commands are for.

mod answers;
mod import;
mod influx;
mod orders;
mod root;
mod store;
mod tools;

use super::entry::Entry;

/// All entries.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    [root::ENTRIES, answers::ENTRIES, orders::ENTRIES, import::ENTRIES, store::ENTRIES, influx::ENTRIES, tools::ENTRIES]
        .into_iter()
        .flatten()
}

/// The entry of a command.
pub fn find(path: &str) -> Option<&'static Entry> {
    all().find(|entry| entry.path == path)
}
