//! `maintenance.csv`.

use std::{collections::BTreeMap, path::Path};

use super::{
    row::Row,
    sheet::{Form, Sheet, needed, optional},
};
use crate::{Every, Maintenance, Repeat, Scope, UtcMs, Window, findings::Findings, maintenance};

pub(super) const FORM: Form = Form {
    name: "maintenance.csv",
    rows: "maintenance windows",
    needed: false,
    columns: &[
        optional("link"),
        optional("commune"),
        optional("group"),
        needed("from"),
        needed("to"),
        needed("why"),
        optional("repeats"),
        optional("until"),
    ],
};

/// What `repeats` can say.
const REPEATS: [(&str, Every); 6] = [
    ("daily", Every::Day),
    ("weekly", Every::Week),
    ("monthly", Every::Month),
    ("hằng ngày", Every::Day),
    ("hằng tuần", Every::Week),
    ("hằng tháng", Every::Month),
];

/// Windows have no id: a link may have several, and where they overlap they mean the time that any of them holds.
pub(super) fn read(folder: &Path, findings: &mut Findings) -> Sheet<Maintenance, ()> {
    Sheet::read(FORM, folder, findings, |row, _: &mut BTreeMap<(), u64>| one(row))
}

fn one(row: &mut Row<'_>) -> Option<Maintenance> {
    let scope = scope(row);
    let (from, to) = (row.needed("from"), row.needed("to"));
    let why = row.needed_text("why");
    let window = window(row, from, to);
    let repeat = repeat(row, window);
    if why.as_ref().is_some_and(|why| why.chars().count() > maintenance::WHY_MAX) {
        row.refuse("why", format!("\"why\" has more than {} characters", maintenance::WHY_MAX), "say it in a sentence");
    }
    Some(Maintenance { scope: scope?, window: window?, repeat, why: why? })
}

/// Exactly one of the three columns says which links.
fn scope(row: &mut Row<'_>) -> Option<Scope> {
    let given: Vec<&str> = ["link", "commune", "group"].into_iter().filter(|column| !row.is_empty(column)).collect();
    match given.as_slice() {
        ["link"] => row.value("link").map(Scope::Link),
        ["commune"] => row.value("commune").map(Scope::Commune),
        ["group"] => row.value("group").map(Scope::Group),
        [] => {
            row.refuse("link", "nobody says which links", "give a link, a commune or a group");
            None
        }
        [first, ..] => {
            let message = format!("{} stand in one row", given.join(" and "));
            row.refuse(first, message, "give one of them, and write a row for each other");
            None
        }
    }
}

fn window(row: &mut Row<'_>, from: Option<UtcMs>, to: Option<UtcMs>) -> Option<Window> {
    let (from, to) = (from?, to?);
    let window = Window::new(from, to);
    if window.is_empty() {
        row.refuse("to", "the window ends before it begins", "write the later time here, or exchange from and to");
        return None;
    }
    if window.length() > maintenance::MAINTENANCE_LONGEST {
        let hint = "is the date right? for longer work write several rows, or remove the link from links.csv";
        row.refuse("to", "the window is longer than 31 days", hint);
    }
    Some(window)
}

fn repeat(row: &mut Row<'_>, window: Option<Window>) -> Option<Repeat> {
    let every = row.choice("repeats", &REPEATS);
    let until: Option<UtcMs> = row.value("until");
    if row.is_empty("repeats") && !row.is_empty("until") {
        row.refuse("until", "\"until\" stands here without \"repeats\"", "say how often: daily, weekly or monthly");
    }
    let every = every?;
    if window.is_some_and(|window| window.length() > every.least()) {
        row.refuse("repeats", "the work begins again before it ends", "shorten the window, or repeat it less often");
    }
    if window.zip(until).is_some_and(|(window, until)| until <= window.from) {
        row.refuse("until", "it ends before it begins", "write when the last one has begun, after \"from\"");
    }
    Some(Repeat { every, until })
}
