//! Layers whose polygons are sound: none of their rings crosses itself or runs the wrong way.

use std::sync::Arc;

use crate::{cache::CoverageCache, grid::Ring, keyed::KeyedPolygon, layers::Layer, overlay::Region, tiles::Polygon};

/// A layer as it is laid over land. Its polygons may overlap.
#[derive(Debug, Default)]
pub(crate) struct Sound {
    /// Those with full signal first.
    pub(crate) signal: Vec<Arc<Polygon>>,
    full: usize,
    /// What it speaks of beside its signal; `None` is the whole world.
    pub(crate) known: Option<Vec<Arc<Polygon>>>,
}

impl Sound {
    /// Makes a layer sound, with what `cache` has of the time before.
    pub(crate) fn of(layer: &Layer, mut cache: Option<&mut CoverageCache>) -> Self {
        let mut sound = |shapes: &Vec<KeyedPolygon>| {
            let one = |shape: &KeyedPolygon| match &mut cache {
                Some(cache) => cache.sound(shape),
                None => Polygon::all_of(Region::of_polygon(shape)).map(Arc::new).collect(),
            };
            let mut polygons: Vec<Arc<Polygon>> = shapes.iter().flat_map(one).collect();
            // In order of content: the order of the input must not show.
            polygons.sort_unstable_by(|a, b| a.rings().cmp(b.rings()));
            polygons
        };
        let mut signal = sound(&layer.full);
        let full = signal.len();
        signal.extend(sound(&layer.marginal));
        Self { signal, full, known: layer.known.as_ref().map(sound) }
    }

    /// The rings of full signal.
    pub(crate) fn full(&self) -> impl Iterator<Item = &Ring> {
        self.signal.iter().take(self.full).flat_map(|polygon| polygon.rings())
    }

    /// The rings of marginal signal.
    pub(crate) fn marginal(&self) -> impl Iterator<Item = &Ring> {
        self.signal.iter().skip(self.full).flat_map(|polygon| polygon.rings())
    }

    /// The rings of what it speaks of; `None` is the whole world.
    pub(crate) fn known(&self) -> Option<impl Iterator<Item = &Ring>> {
        self.known.as_ref().map(|known| known.iter().flat_map(|polygon| polygon.rings()))
    }
}
