//! Commune boundaries from a file.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::Path,
};

use phusong_model::{CommuneCode, Inventory};
use serde::Deserialize;

use crate::{
    grid::{Bounds, RawPolygon},
    keyed::{Key, key_of_all},
    overlay::Region,
    read::{Area, Place, Properties, Report, Source, Terms},
    repair::Repairs,
};

/// Most codes named when communes have no boundary.
const NAMED_CODES: usize = 10;

/// Where a commune is.
#[derive(Debug, Clone)]
pub(crate) struct Boundary {
    /// Its code.
    pub(crate) code: CommuneCode,
    /// Its polygons; they may touch or cross themselves.
    pub(crate) polygons: Vec<RawPolygon>,
    key: Key,
}

impl Boundary {
    /// The polygons of a commune.
    pub(crate) fn new(code: CommuneCode, polygons: Vec<RawPolygon>) -> Self {
        Self { code, key: key_of_all(&polygons), polygons }
    }

    /// Its land.
    pub(crate) fn region(&self) -> Region {
        Region::of_polygons(&self.polygons)
    }

    /// The box around it; `None` without points.
    pub(crate) fn bounds(&self) -> Option<Bounds> {
        Bounds::around(self.polygons.iter().flatten().flatten())
    }

    /// The hash over its points.
    pub(crate) fn key(&self) -> Key {
        self.key
    }
}

/// The boundaries of a file.
#[derive(Debug, Default)]
pub(crate) struct Boundaries {
    /// One per commune of the inventory, in order of the codes.
    pub(crate) communes: Vec<Boundary>,
    /// Units of the file that the inventory does not have, as a national file has them.
    pub(crate) ignored: u64,
}

#[derive(Deserialize)]
struct CommuneProperties {
    code: Option<String>,
}

impl Properties for CommuneProperties {
    const NAMES: &'static [&'static str] = &["code"];
    const HINT: &'static str = "property code is the five-digit code as text, leading zeros kept: \"code\": \"00691\"";
}

/// Reads the boundaries of all communes of the inventory.
pub(crate) fn read(
    source: &Source,
    path: &Path,
    inventory: &Inventory,
    terms: &Terms<'_>,
    report: &mut Report,
) -> Boundaries {
    let mut found: BTreeMap<CommuneCode, Area<()>> = BTreeMap::new();
    for area in source.areas::<CommuneProperties>(terms, report) {
        report.log().read += 1;
        let Some(code) = commune_code(&area, report) else { continue };
        match found.entry(code) {
            Entry::Vacant(free) => {
                free.insert(area.without_properties());
            }
            Entry::Occupied(first) => report.fault(
                &area.place,
                format!("commune {} was already {}", first.key(), first.get().place),
                "one feature per commune; several areas of one are a MultiPolygon",
            ),
        }
    }
    if report.is_clean() {
        report_missing(inventory, &found, path, report);
    }
    let all = found.len();
    let mut repairs = Repairs::of(source, report);
    let communes: Vec<Boundary> = inventory
        .communes
        .iter()
        .filter_map(|commune| found.remove_entry(&commune.code))
        .map(|(code, area)| {
            repairs.look_at(&area);
            Boundary::new(code, area.polygons)
        })
        .collect();
    repairs.tell(report);
    let ignored = (all - communes.len()) as u64;
    report.log().used = communes.len() as u64;
    Boundaries { communes, ignored }
}

fn commune_code(area: &Area<CommuneProperties>, report: &mut Report) -> Option<CommuneCode> {
    let Some(code) = area.properties.code.as_deref() else {
        report.fault(&area.place, "no property code", CommuneProperties::HINT);
        return None;
    };
    if area.polygons.is_empty() {
        report.fault(&area.place, "the boundary is empty", "a commune has at least one polygon");
        return None;
    }
    code.trim().parse().map_err(|e| report.fault(&area.place, format!("{e}"), CommuneProperties::HINT)).ok()
}

fn report_missing(inventory: &Inventory, found: &BTreeMap<CommuneCode, Area<()>>, path: &Path, report: &mut Report) {
    let missing: Vec<&str> =
        inventory.communes.iter().filter(|c| !found.contains_key(&c.code)).map(|c| c.code.as_str()).collect();
    if missing.is_empty() {
        return;
    }
    let named = missing.iter().take(NAMED_CODES).copied().collect::<Vec<_>>().join(", ");
    let more = missing.len().saturating_sub(NAMED_CODES);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    report.fault(
        &Place::File,
        format!("no boundary for {} of {} communes: {named}{tail}", missing.len(), inventory.communes.len()),
        format!("add them to {name}, or leave out geodata.communes: boundaries are then approximated and marked so"),
    );
}
