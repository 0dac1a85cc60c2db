//! Whether what was read lies where it must: a boundary around the label point of its commune and of no other, a layer
//! over some commune. What does not was exported with another code, or in another coordinate system.

use phusong_model::{CommuneCode, Inventory, LonLat};

use crate::{
    area::distance_m,
    boundaries::Boundary,
    grid::{Bounds, Point, to_grid},
    layers::Layers,
    locate::Communes,
    read::{Place, Report},
};

/// How far outside of its boundary a label point may lie: it was put down by hand, beside a river or a border.
const BESIDE_M: f64 = 1000.0;
/// What communes may have in common, as a share of the smaller one: borders that do not fit have a thousandth.
const MOST_IN_COMMON: f64 = 0.5;

/// Refuses boundaries that are not those of their communes.
pub(crate) fn judge_boundaries(boundaries: &[Boundary], inventory: &Inventory, report: &mut Report) {
    judge_labels(boundaries, inventory, report);
    judge_overlaps(boundaries, report);
}

fn judge_labels(boundaries: &[Boundary], inventory: &Inventory, report: &mut Report) {
    let labels: Vec<(&CommuneCode, LonLat)> =
        inventory.communes.iter().filter_map(|commune| Some((&commune.code, commune.label?))).collect();
    let points: Vec<LonLat> = labels.iter().map(|(_, at)| *at).collect();
    let communes = Communes::of(boundaries);
    for ((code, at), home) in labels.into_iter().zip(communes.locate(&points)) {
        let own = boundaries.iter().find(|boundary| boundary.code == *code);
        let Some((own, point)) = own.zip(to_grid(at.lon, at.lat)).filter(|_| home != Some(code)) else { continue };
        let metres = own.polygons.iter().map(|polygon| distance_m(point, polygon)).fold(f64::INFINITY, f64::min);
        if metres <= BESIDE_M {
            continue;
        }
        let km = metres / 1e3;
        match home {
            Some(other) => report.fault(
                &Place::File,
                format!(
                    "the label point of commune {code} lies in the polygon of {other}, {km:.1} km outside of its own"
                ),
                "correct the codes of the two in this file, or label_lon and label_lat in communes.csv",
            ),
            None => report.fault(
                &Place::File,
                format!("the label point of commune {code} lies in no polygon, {km:.1} km outside of its own"),
                "the file may have been shifted or be of another coordinate system: export it as WGS 84, or correct \
                 label_lon and label_lat in communes.csv",
            ),
        }
    }
}

/// Communes that have most of their land in common are one polygon given twice.
fn judge_overlaps(boundaries: &[Boundary], report: &mut Report) {
    let m2 = |code: &CommuneCode| {
        let found = boundaries.iter().find(|boundary| boundary.code == *code);
        found.map_or(f64::INFINITY, |boundary| boundary.region().area_m2())
    };
    for mismatch in report.log().borders.clone() {
        let [one, other] = &mismatch.communes;
        if mismatch.overlap_m2 > MOST_IN_COMMON * m2(one).min(m2(other)) {
            let km2 = mismatch.overlap_m2 / 1e6;
            let message = format!("communes {one} and {other} have {km2:.1} km² in common, most of the smaller one");
            report.fault(&Place::File, message, "give each its own polygon: one of them may have been written twice");
        }
    }
}

/// Refuses layers of a file of which nothing lies over a commune.
pub(crate) fn judge_layers(layers: &Layers, boundaries: &[Boundary], report: &mut Report) {
    let mut areas = layers.values().flat_map(|layer| layer.full.iter().chain(&layer.marginal)).peekable();
    if areas.peek().is_none() || boundaries.is_empty() {
        return;
    }
    let around = |points: &mut dyn Iterator<Item = &Point>| Bounds::around(points);
    let lands: Vec<Bounds> =
        boundaries.iter().filter_map(|boundary| around(&mut boundary.polygons.iter().flatten().flatten())).collect();
    let is_over = |area: Bounds| lands.iter().any(|land| land.meets(&area));
    if !areas.filter_map(|area| around(&mut area.iter().flatten())).any(is_over) {
        let hint = "it may be of another coordinate system, or of another province: look at it beside the boundaries";
        report.fault(&Place::File, "none of its areas lies over a commune", hint);
    }
}
