//! `sites.csv`.

use std::{collections::BTreeMap, path::Path};

use super::{
    row::Row,
    sheet::{Form, Sheet, needed, optional},
};
use crate::{Reported, Site, SiteId, SiteKind, findings::Findings};

pub(super) const FORM: Form = Form {
    name: "sites.csv",
    rows: "sites",
    needed: false,
    columns: &[
        needed("id"),
        needed("kind"),
        optional("name"),
        optional("commune"),
        optional("operator"),
        optional("lon"),
        optional("lat"),
        optional("backhaul"),
        optional("reported_state"),
        optional("reported_at"),
    ],
};

const KINDS: [(&str, SiteKind); 3] = [("office", SiteKind::Office), ("hub", SiteKind::Hub), ("bts", SiteKind::Bts)];

pub(super) fn read(folder: &Path, findings: &mut Findings) -> Sheet<Site, SiteId> {
    Sheet::read(FORM, folder, findings, site)
}

fn site(row: &mut Row<'_>, ids: &mut BTreeMap<SiteId, u64>) -> Option<Site> {
    let id = row.unique("id", ids);
    let kind = row.needed_choice("kind", &KINDS);
    let name = row.text("name");
    let commune = row.value("commune");
    let operator = row.value("operator");
    let at = row.position("lon", "lat");
    let backhaul = row.list("backhaul");
    let reported = reported(row);
    let id = id?;
    let name = name.unwrap_or_else(|| id.to_string());
    Some(Site { id, kind: kind?, name, commune, operator, at, backhaul, reported })
}

/// What was reported and when; a report without its time says nothing.
fn reported(row: &mut Row<'_>) -> Option<Reported> {
    let up = row.choice("reported_state", &[("up", true), ("down", false)]);
    let at = row.value("reported_at");
    match (row.is_empty("reported_state"), row.is_empty("reported_at")) {
        (false, true) => row.refuse("reported_at", "a reported state has no time", "write when it was reported"),
        (true, false) => row.refuse("reported_state", "a report has no state", "write up or down"),
        (true, true) | (false, false) => {}
    }
    Some(Reported { up: up?, at: at? })
}
