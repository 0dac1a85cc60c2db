//! People of communes as somebody counted them: a table of totals.

use std::collections::BTreeMap;

use phusong_model::{CommuneCode, Dataset};

use super::{COMMUNE, COMMUNE_CODE, Ground, OF_COMMUNE, numbers::count, table};
use crate::{
    read::{Budget, Place, Report},
    tables::{Column, Form},
};

const FORM: Form = Form {
    columns: &[
        Column { name: "commune_code", titles: COMMUNE_CODE },
        Column { name: "commune", titles: COMMUNE },
        Column {
            name: "people",
            titles: &[
                "people",
                "population",
                "danso",
                "sodan",
                "nhankhau",
                "sonhankhau",
                "tongsonhankhau",
                "tongdanso",
                "songuoi",
                "dansonguoi",
                "quymodanso",
            ],
        },
    ],
    needed: &[OF_COMMUNE, &["people"]],
    placed: &[],
    untitled: &[],
};

/// People by commune.
pub(crate) type Totals = BTreeMap<CommuneCode, u64>;

/// Reads totals.
pub(crate) fn read(dataset: &Dataset, ground: &Ground<'_>, budget: &Budget, report: &mut Report) -> Option<Totals> {
    let (table, _) = table(dataset, &FORM, budget, report)?;
    let mut totals = Totals::new();
    for row in table.rows() {
        report.log().read += 1;
        if !row.is_computed(report) {
            continue;
        }
        let Some(commune) = ground.commune(&row, "a commune", report) else { continue };
        if row.text("people").is_none() {
            row.fault("people", "no number of people", "write it, or remove the row", report);
            continue;
        }
        let Some(people) = count(&row, "people", report) else { continue };
        if totals.insert(commune.clone(), people).is_some() {
            let hint = "remove one of them; parts of a commune are added up before";
            row.fault("commune", &format!("{commune} was there before"), hint, report);
        }
    }
    if totals.is_empty() && report.is_clean() {
        report.fault(&Place::File, "a table without a commune", "write a row for each below the titles");
    }
    report.log().used += totals.len() as u64;
    Some(totals)
}
