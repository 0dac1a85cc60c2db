//! Whether what was read lies where it must: a boundary around the label point of its commune and of no other, a layer
//! over some commune. What does not was exported with another code, or in another coordinate system.

use phusong_model::{CommuneCode, Inventory, LonLat};

use crate::{
    area::distance_m,
    boundaries::Boundary,
    grid::{Bounds, to_grid},
    layers::Layers,
    locate::Communes,
    read::{Place, Report},
};

/// How far outside of its boundary a label point may lie: it was put down by hand, beside a river or a border.
const BESIDE_M: f64 = 1000.0;

/// Refuses boundaries that are not those of their communes.
pub(crate) fn judge_boundaries(boundaries: &[Boundary], inventory: &Inventory, report: &mut Report) {
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

/// Refuses layers of a file of which nothing lies over a commune.
pub(crate) fn judge_layers(layers: &Layers, boundaries: &[Boundary], report: &mut Report) {
    let mut areas = layers.values().flat_map(|layer| layer.full.iter().chain(&layer.marginal)).peekable();
    if areas.peek().is_none() || boundaries.is_empty() {
        return;
    }
    let lands: Vec<Bounds> = boundaries.iter().filter_map(Boundary::bounds).collect();
    let is_over = |area: Bounds| lands.iter().any(|land| land.meets(&area));
    if !areas.filter_map(|area| Bounds::around(area.iter().flatten())).any(is_over) {
        let hint = "it may be of another coordinate system, or of another province: look at it beside the boundaries";
        report.fault(&Place::File, "none of its areas lies over a commune", hint);
    }
}
