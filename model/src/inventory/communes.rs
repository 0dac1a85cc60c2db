//! `communes.csv`.

use std::{collections::BTreeMap, path::Path};

use super::{
    row::Row,
    sheet::{Form, Sheet, needed, optional},
};
use crate::{Commune, CommuneCode, CommuneKind, findings::Findings, nfc};

pub(super) const FORM: Form = Form {
    name: "communes.csv",
    rows: "communes",
    needed: true,
    columns: &[
        needed("code"),
        needed("name"),
        needed("kind"),
        optional("area_km2"),
        optional("label_lon"),
        optional("label_lat"),
        optional("population"),
        optional("aliases"),
        optional("district"),
    ],
};

const KINDS: [(&str, CommuneKind); 4] = [
    ("xã", CommuneKind::Commune),
    ("phường", CommuneKind::Ward),
    ("commune", CommuneKind::Commune),
    ("ward", CommuneKind::Ward),
];

/// No commune-level unit of the country is larger; in hectares every one is.
const AREA_KM2: (f64, f64) = (0.01, 5000.0);

pub(super) fn read(folder: &Path, findings: &mut Findings) -> Sheet<Commune, CommuneCode> {
    Sheet::read(FORM, folder, findings, commune)
}

fn commune(row: &mut Row<'_>, ids: &mut BTreeMap<CommuneCode, u64>) -> Option<Commune> {
    let code = row.unique("code", ids);
    let name = row.needed_text("name");
    let kind = row.needed_choice("kind", &KINDS);
    let area_km2 = row.decimal("area_km2", AREA_KM2);
    let label = row.position("label_lon", "label_lat");
    let population = row.count("population");
    let aliases = row.cell("aliases").split('|').map(nfc).filter(|alias| !alias.is_empty()).collect();
    let district = row.text("district");
    Some(Commune { code: code?, name: name?, kind: kind?, area_km2, label, population, aliases, district })
}
