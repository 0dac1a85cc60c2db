//! Radio sites as operators list them.

use std::collections::BTreeMap;

use phusong_model::{Dataset, Operator, Site, SiteId, SiteKind, fold, nfc};

use super::{COMMUNE, COMMUNE_CODE, Ground, LAT, LON, OF_COMMUNE, PLACED, POSITION, X, Y, table};
use crate::{
    read::{Budget, Place, Report, shown},
    tables::{Column, Form, Row},
};

const FORM: Form = Form {
    columns: &[
        Column {
            name: "id",
            titles: &["id", "ma", "matram", "matrambts", "siteid", "site", "sitecode", "idtram", "matramphatsong"],
        },
        Column {
            name: "name",
            titles: &["name", "ten", "tentram", "sitename", "tentrambts", "tram", "trambts", "bts"],
        },
        Column { name: "operator", titles: &["operator", "nhamang", "doanhnghiep", "donviquanly", "chusohuu", "mang"] },
        Column { name: "commune_code", titles: COMMUNE_CODE },
        Column { name: "commune", titles: COMMUNE },
        Column { name: "lon", titles: LON },
        Column { name: "lat", titles: LAT },
        Column { name: "x", titles: X },
        Column { name: "y", titles: Y },
        Column { name: "position", titles: POSITION },
    ],
    needed: &[&["id", "name"], OF_COMMUNE],
    placed: &[PLACED],
    untitled: &[],
};

/// Reads a list of sites.
pub(crate) fn read(dataset: &Dataset, ground: &Ground<'_>, budget: &Budget, report: &mut Report) -> Option<Vec<Site>> {
    let (table, _) = table(dataset, &FORM, budget, report)?;
    let mut places: BTreeMap<SiteId, Place> = BTreeMap::new();
    let mut sites = Vec::new();
    for row in table.rows() {
        report.log().read += 1;
        let Some(site) = site(&row, dataset, ground, report) else { continue };
        if let Some(other) = places.insert(site.id.clone(), row.place()) {
            let message = format!("{} is the site of {other} already", site.id);
            row.fault("id", &message, "remove one of them, or give each an id of its own", report);
        }
        sites.push(site);
    }
    if sites.is_empty() && report.is_clean() {
        report.fault(&Place::File, "a list without a site", "write a row for each below the titles");
    }
    report.log().used += sites.len() as u64;
    Some(sites)
}

fn site(row: &Row<'_>, dataset: &Dataset, ground: &Ground<'_>, report: &mut Report) -> Option<Site> {
    if !row.is_computed(report) {
        return None;
    }
    let Some(own) = row.text("id").or_else(|| row.text("name")) else {
        row.fault("id", "neither id nor name", "write the id that the operator gives the site", report);
        return None;
    };
    let made = |text: &str| -> Option<SiteId> {
        let letters: String = fold(text).chars().filter(char::is_ascii_alphanumeric).collect();
        letters.parse().ok()
    };
    // A name is made an id, an id is taken as it is.
    let id = if row.text("id").is_some() { own.parse().ok() } else { made(own) };
    let Some(id) = id else {
        let message = format!("{:?} is no id", shown(own));
        row.fault("id", &message, "use letters a-z, digits and - _ . :, at most 64 of them", report);
        return None;
    };
    let operator = operator(row, dataset, report);
    let subject = id.to_string();
    let commune = ground.commune(row, &subject, report)?;
    let at = ground.position(row, &subject, &commune, report)?;
    let name = row.text("name").map_or_else(|| subject.clone(), nfc);
    let (commune, at) = (Some(commune), Some(at));
    Some(Site { id, kind: SiteKind::Bts, name, commune, operator: operator?, at, backhaul: Vec::new(), reported: None })
}

/// The operator of a row, else that of the dataset; the outer `None` is a fault.
fn operator(row: &Row<'_>, dataset: &Dataset, report: &mut Report) -> Option<Option<Operator>> {
    let Some(text) = row.text("operator") else { return Some(dataset.options.operator.clone()) };
    let operator = fold(text).parse().map_err(|error| {
        let hint = "write its id, as viettel, vinaphone or mobifone, or map its words";
        row.fault("operator", &format!("{error}"), hint, report);
    });
    operator.ok().map(Some)
}
