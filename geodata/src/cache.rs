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
    grid::{Bounds, RawPolygon, Ring},
    ladder::Ladder,
    overlay::Region,
    population::Population,
    sound::Sound,
    tiles::Polygon,
};

/// A hash over everything that a result depends on.
pub(crate) type Key = [u8; 32];

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
    pub(crate) fn sound(&mut self, raw: &RawPolygon) -> Vec<Arc<Polygon>> {
        let make = || Kept { turn: 0, value: Polygon::all_of(Region::of_polygon(raw)).map(Arc::new).collect() };
        let kept = self.polygons.entry(key_of(raw.iter())).or_insert_with(make);
        kept.turn = self.turn;
        kept.value.clone()
    }

    /// What is covered of a commune, taken over or computed; `None` when the commune has no area.
    pub(crate) fn covered(
        &mut self,
        boundary: &Boundary,
        surroundings: &Surroundings<'_>,
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
pub(crate) struct Surroundings<'a> {
    ladders: String,
    /// What each covers, and what it speaks of.
    layers: Vec<[Option<Keyed<'a>>; 2]>,
}

/// Polygons with the box around each.
type Keyed<'a> = Vec<(&'a Bounds, Key)>;

impl<'a> Surroundings<'a> {
    pub(crate) fn of(ladders: &[Ladder], layers: &'a [Sound], population: Option<&Population>) -> Self {
        let keyed = |polygon: &'a Arc<Polygon>| (polygon.bounds(), polygon.key(|| key_of(polygon.rings())));
        let all = |polygons: &'a Vec<Arc<Polygon>>| polygons.iter().map(keyed).collect();
        let layers = layers.iter().map(|layer| [Some(all(&layer.signal)), layer.known.as_ref().map(all)]).collect();
        Self { ladders: format!("{ladders:?} {:?}", population.map(Population::digest)), layers }
    }

    /// `None` when the boundary has no points.
    fn key(&self, boundary: &Boundary) -> Option<Key> {
        let around = Bounds::around(boundary.polygons.iter().flatten().flatten())?;
        let mut hash = Sha256::new_with_prefix(&self.ladders);
        for polygon in &boundary.polygons {
            hash.update(key_of(polygon.iter()));
        }
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

/// A hash over the points of rings.
fn key_of<'a>(rings: impl Iterator<Item = &'a Ring>) -> Key {
    let mut hash = Sha256::new();
    let mut bytes = Vec::new();
    for ring in rings {
        bytes.clear();
        bytes.extend_from_slice(&(ring.len() as u64).to_le_bytes());
        for point in ring {
            bytes.extend_from_slice(&point.x.to_le_bytes());
            bytes.extend_from_slice(&point.y.to_le_bytes());
        }
        hash.update(&bytes);
    }
    hash.finalize().into()
}
