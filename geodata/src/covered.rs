//! What of a commune's land each step of each ladder covers.

use std::sync::Arc;

use crate::{
    area::rings_m2,
    grid::{Point, Ring},
    ladder::{Ladder, Rung},
    overlay::{Engine, Region},
    tiles::{Cover, Polygon, Tile, mend},
};

/// A commune's area, and how much of it is covered.
#[derive(Debug, Clone)]
pub(crate) struct Covered {
    /// Area of the commune.
    pub(crate) total_m2: f64,
    /// By ladder, then by rung.
    pub(crate) ladders: Vec<Vec<Step>>,
}

/// What a rung of a ladder covers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Step {
    /// Area with signal.
    pub(crate) covered_m2: f64,
    /// What has none, if it was asked for.
    pub(crate) gap: Region,
}

/// What is added up over the tiles of a commune.
#[derive(Debug, Clone, Default)]
struct Tally {
    covered_m2: f64,
    /// Some place has no signal.
    has_gap: bool,
    gap: Vec<Ring>,
}

/// Lays layers over land.
pub(crate) struct Laying<'a> {
    ladders: &'a [Ladder],
    /// For each ladder the first that has the same layers in the same rungs: what it covers is the same.
    same_as: Vec<usize>,
    /// Whether the places without signal of a rung are wanted, not only their area.
    wants_gap: fn(&Ladder, &Rung) -> bool,
    engine: Engine,
}

impl<'a> Laying<'a> {
    /// For the ladders; `wants_gap` says of which rungs the places without signal are wanted.
    pub(crate) fn new(ladders: &'a [Ladder], wants_gap: fn(&Ladder, &Rung) -> bool) -> Self {
        let same = |a: &Ladder, b: &Ladder| a.rungs.iter().map(Rung::added).eq(b.rungs.iter().map(Rung::added));
        let first = |ladder| ladders.iter().position(|other| same(other, ladder)).unwrap_or_default();
        Self { ladders, same_as: ladders.iter().map(first).collect(), wants_gap, engine: Engine::default() }
    }

    /// Lays the layers over the land of a commune; `None` when it has none.
    pub(crate) fn over(&mut self, land: &Region, layers: &[Vec<Arc<Polygon>>]) -> Option<Covered> {
        let frame = land.bounds()?;
        let total_m2 = land.area_m2();
        let polygons: Vec<_> = Polygon::all_of(land.clone()).map(Arc::new).collect();
        let over = layers.iter().enumerate().filter_map(|(number, layer)| Some((number, Cover::of(layer, &frame)?)));
        let whole = Tile::new(frame, Cover::of(&polygons, &frame)?, over.collect());
        let mut tallies: Vec<Vec<Tally>> =
            self.ladders.iter().map(|ladder| vec![Tally::default(); ladder.rungs.len()]).collect();
        whole.settle(&mut |tile| self.add(tile, &mut tallies));
        let step = |tally: &mut Tally| Step {
            // Without a gap the whole is covered to the last digit, however its tiles add up.
            covered_m2: if tally.has_gap { tally.covered_m2 } else { total_m2 },
            gap: joined(&std::mem::take(&mut tally.gap)),
        };
        let mut steps: Vec<Vec<Step>> = tallies.iter_mut().map(|rungs| rungs.iter_mut().map(step).collect()).collect();
        for (ladder, first) in self.same_as.iter().enumerate().filter(|(ladder, first)| ladder != *first) {
            let copied = steps.get(*first).cloned().unwrap_or_default();
            if let Some(slot) = steps.get_mut(ladder) {
                *slot = copied;
            }
        }
        Some(Covered { total_m2, ladders: steps })
    }

    /// Adds a tile to what each rung covers.
    fn add(&mut self, tile: &Tile<'_>, tallies: &mut [Vec<Tally>]) {
        let land = tile.land();
        let land_m2 = rings_m2(&land);
        let ladders = self.ladders.iter().zip(&self.same_as).zip(tallies).enumerate();
        for (_, ((ladder, _), tallies)) in ladders.filter(|(number, ((_, first), _))| number == *first) {
            // What is left without signal, and its area.
            let mut rest: Option<Vec<Ring>> = None;
            let mut rest_m2 = land_m2;
            for (rung, tally) in ladder.rungs.iter().zip(tallies) {
                let left = rest.as_deref().unwrap_or(&land);
                if !left.is_empty()
                    && rung.added > 0
                    && let Some(less) = without(&mut self.engine, left, tile, rung)
                {
                    // Rounding may add a hair, but a layer more never means less signal.
                    rest_m2 = rings_m2(&less).min(rest_m2);
                    rest = Some(less);
                }
                let left = rest.as_deref().unwrap_or(&land);
                tally.covered_m2 += land_m2 - rest_m2;
                tally.has_gap |= !left.is_empty();
                if (self.wants_gap)(ladder, rung) {
                    tally.gap.extend_from_slice(left);
                }
            }
        }
    }
}

/// What the layers that a rung adds leave of the rest; `None` when they leave it as it is.
fn without(engine: &mut Engine, rest: &[Ring], tile: &Tile<'_>, rung: &Rung) -> Option<Vec<Ring>> {
    let mut rings = Vec::new();
    for cover in rung.added().iter().filter_map(|layer| tile.layer(*layer)) {
        match cover {
            Cover::Full => return Some(Vec::new()),
            Cover::Part(parts) => rings.extend(parts.rings(tile.frame())),
        }
    }
    let rings: Vec<&[Point]> = rings.iter().map(AsRef::as_ref).collect();
    (!rings.is_empty()).then(|| engine.difference(rest, rings.as_slice()))
}

/// The pieces of all tiles as whole polygons.
fn joined(pieces: &[Ring]) -> Region {
    let mut region = Region::of_rings(pieces);
    region.polygons.iter_mut().flatten().for_each(mend);
    region
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use phusong_model::{CoverageSource, Technology};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        grid::RawPolygon,
        ladder::ladders,
        layers::{Layer, LayerKey, Layers},
    };

    /// Tangled rings about twenty tiles wide.
    fn tangled(points: std::ops::Range<usize>) -> impl Strategy<Value = RawPolygon> {
        let point = (0_i64..2000, 0_i64..2000).prop_map(|(x, y)| Point::new(x * 6_000_011, y * 6_000_011));
        prop::collection::vec(point, points).prop_map(|ring| vec![ring])
    }

    fn layers() -> Layers {
        let key = |operator: &str, technology| LayerKey {
            source: CoverageSource::Declared,
            operator: operator.parse().expect("operator"),
            technology,
        };
        let keys = [key("a", Technology::G4), key("a", Technology::G5), key("b", Technology::G4)];
        keys.into_iter().map(|key| (key, Layer::default())).collect::<BTreeMap<_, _>>()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Tile by tile gives what laying the whole layers over the whole land gives.
        #[test]
        fn tiles_give_what_the_whole_gives(
            land in tangled(3..30),
            areas in prop::collection::vec(prop::collection::vec(tangled(3..60), 0..5), 3),
        ) {
            let land = Region::of_polygon(&land);
            prop_assume!(!land.is_empty());
            let ladders = ladders(&layers());
            let whole: Vec<Region> = areas.iter().map(|polygons| Region::of_polygons(polygons)).collect();
            let sound = |polygons: &Vec<RawPolygon>| {
                polygons.iter().map(Region::of_polygon).flat_map(Polygon::all_of).map(Arc::new).collect::<Vec<_>>()
            };
            let layers: Vec<Vec<Arc<Polygon>>> = areas.iter().map(sound).collect();
            let covered = Laying::new(&ladders, |_, _| true).over(&land, &layers).expect("land");
            for (ladder, steps) in ladders.iter().zip(&covered.ladders) {
                for (rung, step) in ladder.rungs.iter().zip(steps) {
                    let rings: Vec<Ring> = rung.layers.iter().flat_map(|l| whole[*l].polygons.concat()).collect();
                    let (inside, outside) = (land.intersection(&rings).area_m2(), land.difference(&rings).area_m2());
                    let error = [step.covered_m2 - inside, step.gap.area_m2() - outside, covered.total_m2 - land.area_m2()];
                    prop_assert!(error.iter().all(|e| e.abs() <= 1e-2), "{:?} m² of {}", error, covered.total_m2);
                }
            }
        }
    }
}
