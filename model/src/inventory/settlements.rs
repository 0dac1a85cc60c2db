//! `settlements.csv`.

use std::{collections::BTreeMap, path::Path};

use super::{
    row::Row,
    sheet::{Form, Sheet, needed, optional},
};
use crate::{GridPower, Settlement, SettlementId, findings::Findings};

pub(super) const FORM: Form = Form {
    name: "settlements.csv",
    rows: "settlements",
    needed: false,
    columns: &[
        needed("id"),
        needed("name"),
        needed("commune"),
        needed("lon"),
        needed("lat"),
        optional("people"),
        optional("households"),
        optional("power"),
    ],
};

const POWER: [(&str, GridPower); 6] = [
    ("yes", GridPower::Yes),
    ("no", GridPower::No),
    ("unknown", GridPower::Unknown),
    ("có", GridPower::Yes),
    ("không", GridPower::No),
    ("không rõ", GridPower::Unknown),
];

pub(super) fn read(folder: &Path, findings: &mut Findings) -> Sheet<Settlement, SettlementId> {
    Sheet::read(FORM, folder, findings, settlement)
}

fn settlement(row: &mut Row<'_>, ids: &mut BTreeMap<SettlementId, u64>) -> Option<Settlement> {
    let id = row.unique("id", ids);
    let name = row.needed_text("name");
    let commune = row.needed("commune");
    if row.is_empty("lon") && row.is_empty("lat") {
        row.refuse("lon", "a settlement has no position", "give its culture house or the main cluster of dwellings");
    }
    let at = row.position("lon", "lat");
    let people = row.count("people");
    let households = row.count("households");
    let power = row.choice("power", &POWER).unwrap_or_default();
    Some(Settlement { id: id?, name: name?, commune: commune?, at: at?, people, households, power })
}
