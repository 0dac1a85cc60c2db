//! Lists of settlements.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use phusong_model::{CommuneCode, Dataset, DwellingCluster, GridPower, Settlement, SettlementId, fold, nfc};

use super::{COMMUNE, COMMUNE_CODE, Ground, LAT, LON, OF_COMMUNE, PLACED, POSITION, X, Y, numbers::count, table};
use crate::{
    read::{Budget, Place, Report, shown},
    tables::{Column, Form, Row},
};

/// Letters of a made id that come from the name.
const NAME_LETTERS: usize = 40;

const FORM: Form = Form {
    columns: &[
        Column { name: "id", titles: &["id", "ma", "mathon", "masothon", "mathonban", "mathontodanpho", "madinhdanh"] },
        Column {
            name: "name",
            titles: &[
                "name",
                "ten",
                "tenthon",
                "thon",
                "thonban",
                "tenthonban",
                "todanpho",
                "tentodanpho",
                "thontodanpho",
                "tenthontodanpho",
                "thonbantodanpho",
                "tenthonbantodanpho",
                "khudancu",
                "tenkhudancu",
                "diemdancu",
                "tendiemdancu",
                "village",
                "settlement",
                "thontdp",
                "tenthontdp",
            ],
        },
        Column { name: "commune_code", titles: COMMUNE_CODE },
        Column { name: "commune", titles: COMMUNE },
        Column { name: "lon", titles: LON },
        Column { name: "lat", titles: LAT },
        Column { name: "x", titles: X },
        Column { name: "y", titles: Y },
        Column { name: "position", titles: POSITION },
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
                "sokhau",
                "songuoi",
                "tongdanso",
            ],
        },
        Column {
            name: "households",
            titles: &["households", "soho", "sohodan", "hodan", "sohogiadinh", "tongsoho", "ho"],
        },
        Column {
            name: "power",
            titles: &[
                "power",
                "grid",
                "dien",
                "dienluoi",
                "codien",
                "codienluoi",
                "dienluoiquocgia",
                "codienluoiquocgia",
            ],
        },
        Column { name: "cluster", titles: &["cluster", "cum", "cumdancu", "tencum"] },
    ],
    needed: &[&["name"], OF_COMMUNE],
    placed: &[PLACED],
    untitled: &[],
};

/// Reads a list of settlements.
pub(crate) fn read(
    dataset: &Dataset,
    ground: &Ground<'_>,
    budget: &Budget,
    report: &mut Report,
) -> Option<Vec<Settlement>> {
    let (table, _) = table(dataset, &FORM, budget, report)?;
    let mut places: BTreeMap<SettlementId, (usize, Place)> = BTreeMap::new();
    let mut settlements: Vec<Settlement> = Vec::new();
    let (clusters, owners): (Vec<Row<'_>>, Vec<Row<'_>>) = table.rows().partition(|row| row.text("cluster").is_some());
    report.log().read += (clusters.len() + owners.len()) as u64;
    for row in owners {
        let Some(settlement) = settlement(&row, ground, report) else { continue };
        match places.entry(settlement.id.clone()) {
            Entry::Vacant(slot) => {
                slot.insert((settlements.len(), row.place()));
                settlements.push(settlement);
            }
            Entry::Occupied(other) => {
                let message = format!("{} is the settlement of {} already", settlement.id, other.get().1);
                row.fault("id", &message, "remove one of them, or give each an id of its own in a column id", report);
            }
        }
    }
    if settlements.is_empty() && report.is_clean() {
        report.fault(&Place::File, "a list without a settlement", "write a row for each below the titles");
    }
    // A cluster may stand before its settlement.
    let mut labels: BTreeSet<(usize, String)> = BTreeSet::new();
    for row in clusters {
        attach(&row, ground, &places, &mut labels, &mut settlements, report);
    }
    report.log().used += (settlements.len() + labels.len()) as u64;
    Some(settlements)
}

/// The id of a row: as written, else made of the code of the commune and the name, the same at each import.
fn id(row: &Row<'_>, commune: Option<&CommuneCode>, report: &mut Report) -> Option<SettlementId> {
    if let Some(text) = row.text("id") {
        let id = text.parse().map_err(|error| {
            row.fault("id", &format!("{error}"), "write an id as 00691-001, or leave the column empty", report);
        });
        return id.ok();
    }
    let name = row.text("name").unwrap_or_default();
    let letters: String = fold(name).chars().filter(char::is_ascii_alphanumeric).take(NAME_LETTERS).collect();
    let id = format!("{}-{letters}", commune?).parse().ok().filter(|_| !letters.is_empty());
    if id.is_none() {
        row.fault("name", &format!("no id can be made of {:?}", shown(name)), "write one in a column id", report);
    }
    id
}

fn settlement(row: &Row<'_>, ground: &Ground<'_>, report: &mut Report) -> Option<Settlement> {
    if !row.is_computed(report) {
        return None;
    }
    let Some(name) = row.text("name").map(nfc) else {
        row.fault("name", "no name", "write the name of the settlement", report);
        return None;
    };
    let commune = ground.commune(row, row.text("id").unwrap_or(&name), report);
    let id = id(row, commune.as_ref(), report)?;
    let subject = id.to_string();
    let at = commune.as_ref().and_then(|commune| ground.position(row, &subject, commune, report));
    let (people, households) = (count(row, "people", report), count(row, "households", report));
    let power = power(row, report);
    Some(Settlement { id, name, commune: commune?, at: at?, people, households, power, clusters: Vec::new() })
}

/// Words as those of the inventory, with or without tone marks.
fn power(row: &Row<'_>, report: &mut Report) -> GridPower {
    let Some(text) = row.text("power") else { return GridPower::Unknown };
    match fold(text).as_str() {
        "yes" | "co" | "codien" => GridPower::Yes,
        "no" | "khong" | "khongco" | "chuaco" | "khongdien" | "khongcodien" | "chuacodien" => GridPower::No,
        "unknown" | "khongro" | "chuaro" => GridPower::Unknown,
        _ => {
            let message = format!("{:?} says nothing of power", shown(text));
            row.fault("power", &message, "write yes, no or unknown (có, không, không rõ), or map its words", report);
            GridPower::Unknown
        }
    }
}

/// Gives a cluster of dwellings to its settlement.
fn attach(
    row: &Row<'_>,
    ground: &Ground<'_>,
    places: &BTreeMap<SettlementId, (usize, Place)>,
    labels: &mut BTreeSet<(usize, String)>,
    settlements: &mut [Settlement],
    report: &mut Report,
) {
    if !row.is_computed(report) {
        return;
    }
    let named = row.text("id").is_none().then(|| row.text("name").unwrap_or("a cluster"));
    let commune = named.and_then(|name| ground.commune(row, name, report));
    let Some(id) = id(row, commune.as_ref(), report) else { return };
    let owner = places.get(&id).and_then(|(index, _)| Some((*index, settlements.get_mut(*index)?)));
    let Some((index, owner)) = owner else {
        // Where its own row is at fault, that is told there.
        if report.is_clean() {
            let message = format!("there is no settlement {id} that this cluster could belong to");
            row.fault("id", &message, "repeat the id of the settlement, whose own row has no cluster", report);
        }
        return;
    };
    for column in ["people", "power"] {
        if row.text(column).is_some() {
            let hint = "write it into the row of the settlement, where cluster is empty";
            row.fault(column, "it is of a whole settlement, and this row is a cluster of one", hint, report);
        }
    }
    let label = nfc(row.text("cluster").unwrap_or_default());
    let subject = format!("{id} {label}");
    let Some(at) = ground.position(row, &subject, &owner.commune, report) else { return };
    let households = count(row, "households", report);
    if labels.insert((index, label)) {
        owner.clusters.push(DwellingCluster { at, households });
    } else {
        row.fault("cluster", &format!("{subject} was there before"), "give each cluster its own name", report);
    }
}
