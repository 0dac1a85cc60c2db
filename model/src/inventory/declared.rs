//! `declared.csv`.

use std::{collections::BTreeMap, path::Path};

use super::{
    row::Row,
    sheet::{Form, Sheet, needed, optional},
};
use crate::{Declared, Indicator, findings::Findings};

pub(super) const FORM: Form = Form {
    name: "declared.csv",
    rows: "declared figures",
    needed: false,
    columns: &[
        needed("indicator"),
        needed("value_percent"),
        optional("numerator"),
        optional("denominator"),
        needed("base"),
        needed("date"),
        needed("document"),
    ],
};

const PERCENT: (f64, f64) = (0.0, 100.0);

/// Counts and areas; the country has 10⁸ people.
const AMOUNT: (f64, f64) = (0.0, 1e9);

/// Declared figures have no id: several documents may declare one indicator.
pub(super) fn read(folder: &Path, findings: &mut Findings) -> Sheet<Declared, ()> {
    Sheet::read(FORM, folder, findings, |row, _: &mut BTreeMap<(), u64>| declared(row))
}

fn declared(row: &mut Row<'_>) -> Option<Declared> {
    let indicator = row.needed_choice("indicator", &Indicator::ALL.map(|indicator| (indicator.id(), indicator)));
    if row.is_empty("value_percent") {
        row.refuse("value_percent", "\"value_percent\" is empty", "write the declared percentage, as 98.6");
    }
    let value = row.decimal("value_percent", PERCENT);
    let numerator = row.decimal("numerator", AMOUNT);
    let denominator = row.decimal("denominator", AMOUNT);
    match (row.is_empty("numerator"), row.is_empty("denominator")) {
        (false, true) => row.refuse("denominator", "a numerator has no denominator", "write both or neither"),
        (true, false) => row.refuse("numerator", "a denominator has no numerator", "write both or neither"),
        (true, true) | (false, false) => {}
    }
    if let (Some(part), Some(whole)) = (numerator, denominator)
        && (part > whole || whole == 0.0)
    {
        row.refuse(
            "numerator",
            format!("{part} of {whole} is not a share"),
            "the numerator is at most the denominator",
        );
    }
    let base = row.needed_text("base");
    let date = date(row);
    let document = row.needed_text("document");
    Some(Declared {
        indicator: indicator?,
        value_percent: value?,
        numerator,
        denominator,
        base: base?,
        date: date?,
        document: document?,
    })
}

fn date(row: &mut Row<'_>) -> Option<String> {
    let date = row.needed_text("date")?;
    // Read and written again, because the parser takes other forms too.
    let same = date.parse::<jiff::civil::Date>().is_ok_and(|parsed| parsed.to_string() == date);
    if !same {
        let hint = "write year-month-day, as 2026-06-30; spreadsheets rewrite dates: format the column as text";
        row.refuse("date", format!("\"{date}\" is not a date"), hint);
    }
    same.then_some(date)
}
