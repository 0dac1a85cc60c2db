//! What was computed before and need not be computed again.
//!
//! A polygon is known by a hash over its points, and what is covered of a commune by a hash over its boundary, the
//! ladders, and the sound polygons that touch its box: nothing else goes into it. What is taken over is therefore what
//! would be computed, to the last byte.

use std::{collections::HashMap, sync::Arc};

use phusong_model::CommuneCode;
use sha2::{Digest, Sha256};

use crate::{
    boundaries::Boundary,
    covered::Covered,
    grid::Bounds,
    keyed::{Key, KeyedPolygon, key_of},
    ladder::Ladder,
    overlay::Region,
    population::Population,
    sound::Sound,
    tiles::Polygon,
};

/// What a computation takes over from the time before: sound polygons of layers and what is covered
/// of each commune. It holds as much memory as the layers, and nothing of files that are no longer there.
#[derive(Debug, Default)]
pub(crate) struct CoverageCache {
    polygons: HashMap<Key, Kept<Vec<Arc<Polygon>>>>,
    communes: HashMap<CommuneCode, (Key, Covered)>,
    /// Counts the computations; what the present one did not use is dropped at its end.
    turn: u64,
    computed: usize,
}

#[derive(Debug)]
struct Kept<T> {
    turn: u64,
    value: T,
}

impl CoverageCache {
    /// How many communes had to be computed the last time.
    pub(crate) fn computed(&self) -> usize {
        self.computed
    }

    pub(crate) fn begin(&mut self) {
        self.turn += 1;
        self.computed = 0;
    }

    pub(crate) fn end(&mut self, boundaries: &[Boundary]) {
        let turn = self.turn;
        self.polygons.retain(|_, kept| kept.turn == turn);
        let is_there = |code: &CommuneCode| boundaries.binary_search_by(|b| b.code.cmp(code)).is_ok();
        self.communes.retain(|code, _| is_there(code));
    }

    /// The sound polygons of a polygon of a file.
    pub(crate) fn sound(&mut self, shape: &KeyedPolygon) -> Vec<Arc<Polygon>> {
        let make = || Kept { turn: 0, value: Polygon::all_of(Region::of_polygon(shape)).map(Arc::new).collect() };
        let kept = self.polygons.entry(shape.key()).or_insert_with(make);
        kept.turn = self.turn;
        kept.value.clone()
    }

    /// What is covered of a commune, taken over or computed; `None` when the commune has no area.
    pub(crate) fn covered(
        &mut self,
        boundary: &Boundary,
        surroundings: &Surroundings,
        compute: impl FnOnce() -> Option<Covered>,
    ) -> Option<Covered> {
        let key = surroundings.key(boundary)?;
        if let Some((_, covered)) = self.communes.get(&boundary.code).filter(|(known, _)| *known == key) {
            return Some(covered.clone());
        }
        self.computed += 1;
        let covered = compute()?;
        self.communes.insert(boundary.code.clone(), (key, covered.clone()));
        Some(covered)
    }
}

/// The ladders with whom is counted, and the polygons of all layers with a key each.
#[derive(Debug)]
pub(crate) struct Surroundings {
    ladders: String,
    /// What each covers, and what it speaks of.
    layers: Vec<[Option<Keyed>; 2]>,
}

/// Polygons with the box around each.
type Keyed = Vec<(Bounds, Key)>;

impl Surroundings {
    pub(crate) fn of(ladders: &[Ladder], layers: &[Sound], population: Option<&Population>) -> Self {
        let keyed = |polygon: &Arc<Polygon>| (*polygon.bounds(), polygon.key(|| key_of(polygon.rings())));
        let all = |polygons: &Vec<Arc<Polygon>>| polygons.iter().map(keyed).collect();
        let layers = layers.iter().map(|layer| [Some(all(&layer.signal)), layer.known.as_ref().map(all)]).collect();
        Self { ladders: format!("{ladders:?} {:?}", population.map(Population::digest)), layers }
    }

    /// `None` when the boundary has no points.
    fn key(&self, boundary: &Boundary) -> Option<Key> {
        let around = boundary.bounds()?;
        let mut hash = Sha256::new_with_prefix(&self.ladders);
        hash.update(boundary.key());
        for part in self.layers.iter().flatten() {
            // What speaks of the whole world is not what speaks of nothing.
            hash.update(if part.is_some() { b"some" } else { b"none" });
            for (_, key) in part.iter().flatten().filter(|(bounds, _)| bounds.meets(&around)) {
                hash.update(key);
            }
        }
        Some(hash.finalize().into())
    }
}
