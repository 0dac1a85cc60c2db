//! `maintenance.csv`.

use std::{collections::BTreeMap, path::Path};

use super::{
    row::Row,
    sheet::{Form, Sheet, needed},
};
use crate::{Maintenance, Millis, UtcMs, Window, findings::Findings};

pub(super) const FORM: Form = Form {
    name: "maintenance.csv",
    rows: "maintenance windows",
    needed: false,
    columns: &[needed("link"), needed("from"), needed("to"), needed("why")],
};

/// The longest window. What takes longer than a month is no maintenance but a link out of service, and a mistyped year
/// must not hide a link's outages for that year.
const LONGEST: Millis = Millis::from_secs(31 * 24 * 3600);

/// The longest reason in characters: one line on a screen or two.
const WHY_MAX: usize = 200;

/// Windows have no id: a link may have several, and where they overlap they mean the time that any of them holds.
pub(super) fn read(folder: &Path, findings: &mut Findings) -> Sheet<Maintenance, ()> {
    Sheet::read(FORM, folder, findings, |row, _: &mut BTreeMap<(), u64>| maintenance(row))
}

fn maintenance(row: &mut Row<'_>) -> Option<Maintenance> {
    let link = row.needed("link");
    let (from, to) = (row.needed("from"), row.needed("to"));
    let why = row.needed_text("why");
    let window = window(row, from, to);
    if why.as_ref().is_some_and(|why| why.chars().count() > WHY_MAX) {
        row.refuse("why", format!("\"why\" has more than {WHY_MAX} characters"), "say it in a sentence");
    }
    Some(Maintenance { link: link?, window: window?, why: why? })
}

fn window(row: &mut Row<'_>, from: Option<UtcMs>, to: Option<UtcMs>) -> Option<Window> {
    let (from, to) = (from?, to?);
    let window = Window::new(from, to);
    if window.is_empty() {
        row.refuse("to", "the window ends before it begins", "write the later time here, or exchange from and to");
        return None;
    }
    if window.length() > LONGEST {
        let hint = "is the date right? for longer work write several rows, or remove the link from links.csv";
        row.refuse("to", "the window is longer than 31 days", hint);
    }
    Some(window)
}
