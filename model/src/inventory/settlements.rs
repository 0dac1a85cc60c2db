//! `settlements.csv`.

use std::{collections::BTreeMap, path::Path};

use super::{
    row::Row,
    sheet::{Form, Sheet, needed, optional},
};
use crate::{CommuneCode, DwellingCluster, GridPower, Settlement, SettlementId, findings::Findings};

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
        optional("cluster"),
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

/// A row that is no settlement but a cluster of dwellings of one.
struct ClusterRow {
    line: u64,
    settlement: SettlementId,
    /// The commune, where the row repeats it.
    commune: Option<CommuneCode>,
    /// What tells it from the other clusters of its settlement.
    label: String,
    cluster: DwellingCluster,
}

pub(super) fn read(folder: &Path, findings: &mut Findings) -> Sheet<Settlement, SettlementId> {
    let mut clusters = Vec::new();
    let mut sheet = Sheet::read(FORM, folder, findings, |row, ids| {
        if row.is_empty("cluster") {
            return settlement(row, ids);
        }
        clusters.extend(cluster(row));
        None
    });
    // A cluster may stand before its settlement, as where people sort the rows by another column.
    attach(clusters, &mut sheet, findings);
    sheet
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
    let clusters = Vec::new();
    Some(Settlement { id: id?, name: name?, commune: commune?, at: at?, people, households, power, clusters })
}

fn cluster(row: &mut Row<'_>) -> Option<ClusterRow> {
    let label = row.text("cluster");
    let settlement = row.needed("id");
    let commune = row.value("commune");
    if row.is_empty("lon") && row.is_empty("lat") {
        row.refuse("lon", "a cluster of dwellings has no position", "give its middle, or remove the row");
    }
    let at = row.position("lon", "lat");
    let households = row.count("households");
    for column in ["people", "power"] {
        if row.is_empty(column) {
            continue;
        }
        let message = format!("\"{column}\" is of a whole settlement, and this row is one cluster of its dwellings");
        row.refuse(column, message, "write it into the row of the settlement, where cluster is empty");
    }
    let cluster = DwellingCluster { at: at?, households };
    Some(ClusterRow { line: row.line(), settlement: settlement?, commune, label: label?, cluster })
}

/// Gives each cluster to its settlement, in the order of the file.
fn attach(rows: Vec<ClusterRow>, sheet: &mut Sheet<Settlement, SettlementId>, findings: &mut Findings) {
    let places: BTreeMap<SettlementId, usize> =
        sheet.entries.iter().enumerate().map(|(place, entry)| (entry.value.id.clone(), place)).collect();
    let mut labels: BTreeMap<(SettlementId, String), u64> = BTreeMap::new();
    for row in rows {
        if !sheet.ids.contains_key(&row.settlement) {
            if sheet.complete {
                let message =
                    format!("there is no settlement \"{}\" that this cluster could belong to", row.settlement);
                let hint =
                    "a cluster repeats the id of its settlement, which has a row of its own with an empty cluster";
                findings.push(sheet.fault(row.line, "id", &message, hint));
            }
            continue;
        }
        if let Some(first) = labels.get(&(row.settlement.clone(), row.label.clone())) {
            let message = format!("\"{}\" has a cluster \"{}\" on line {first} already", row.settlement, row.label);
            findings.push(sheet.fault(row.line, "cluster", &message, "give each cluster its own name, or remove one"));
            continue;
        }
        let place = places.get(&row.settlement);
        let owner = place.and_then(|place| sheet.entries.get(*place)).map(|entry| &entry.value.commune);
        if let (Some(own), Some(other)) = (owner, &row.commune)
            && own != other
        {
            let message = format!("this cluster lies in {other}, and its settlement \"{}\" in {own}", row.settlement);
            findings.push(sheet.fault(row.line, "commune", &message, "correct one of them, or leave it empty here"));
        }
        labels.insert((row.settlement, row.label), row.line);
        if let Some(entry) = place.and_then(|place| sheet.entries.get_mut(*place)) {
            entry.value.clusters.push(row.cluster);
        }
    }
}
