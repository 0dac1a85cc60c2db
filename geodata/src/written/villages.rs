//! The settlements of the province written wrongly in every way, against the real boundaries of its communes.

use std::collections::BTreeMap;

use phusong_model::{CommuneCode, LonLat, config::GeodataConfig};

use super::{
    Placed,
    mistakes::{finds, mistakes},
    place,
};
use crate::{
    Geodata,
    boundaries::Boundary,
    grid::{Bounds, Point, edges, side, to_grid},
    province::{data, inventory},
};

/// One settlement of so many is tried; with all of them the test takes minutes.
const EVERY: usize = 37;

/// Whether a point is in a boundary: edges that an eastward ray crosses are counted.
fn holds(boundary: &Boundary, p: Point) -> bool {
    let rings = boundary.polygons.iter().flatten();
    let crossed = |(a, b): &(Point, Point)| {
        let (low, high) = if a.y < b.y { (*a, *b) } else { (*b, *a) };
        low.y <= p.y && p.y < high.y && side(low, high, p) > 0
    };
    rings.flat_map(|ring| edges(ring)).filter(crossed).count() % 2 == 1
}

#[test]
fn settlements_written_wrongly_are_found_in_their_communes() {
    let Some(folder) = data() else { return };
    let inventory = inventory(&folder);
    let config = GeodataConfig {
        communes: Some(folder.join("communes.geojson")),
        layer: Vec::new(),
        ..GeodataConfig::default()
    };
    let geodata = Geodata::read(&config, &inventory).unwrap_or_else(|faults| panic!("{faults}"));
    let bounded: Vec<(Bounds, &Boundary)> =
        geodata.boundaries.iter().map(|b| (b.bounds().expect("points"), b)).collect();
    let commune_of = |at: LonLat| -> Option<CommuneCode> {
        let point = to_grid(at.lon, at.lat)?;
        bounded.iter().find(|(bounds, b)| bounds.has(point) && holds(b, point)).map(|(_, b)| b.code.clone())
    };
    let mut found: BTreeMap<&str, [u32; 2]> = BTreeMap::new();
    for settlement in inventory.settlements.iter().step_by(EVERY) {
        let truth = settlement.at;
        for (x, y, declared, reason) in mistakes(truth) {
            let outcome = place(&x, &y, declared, &settlement.commune, commune_of);
            assert!(finds(&outcome, reason, truth), "{}: {x} {y} EPSG:{}: {outcome:?}", settlement.id, declared.epsg());
            let [alone, all] = found.entry(reason.id()).or_default();
            *alone += u32::from(matches!(outcome, Placed::Guess(_)));
            *all += 1;
        }
    }
    // Where one mistake can be told from all others, nearly every such line needs no person to look at it.
    for reason in ["swapped", "point-lost", "sign", "signs-lost"] {
        let [alone, all] = found[reason];
        assert!(alone * 100 >= all * 99, "{reason}: {alone} of {all}");
    }
}
