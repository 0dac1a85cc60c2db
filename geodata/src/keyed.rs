//! A polygon of a file, and the hash by which it is known again.

use std::{borrow::Borrow, ops::Deref, sync::Arc};

use sha2::{Digest, Sha256};

use crate::grid::{RawPolygon, Ring};

/// A hash over everything that a result depends on.
pub(crate) type Key = [u8; 32];

/// A polygon as its file gives it. Copies share their points: what a process keeps of a file and what it computes with
/// are in memory once.
#[derive(Debug, Clone)]
pub(crate) struct KeyedPolygon {
    polygon: Arc<RawPolygon>,
    key: Key,
}

impl KeyedPolygon {
    /// The hash over its points. It is taken when the polygon is read, which costs a thirtieth of reading it; files that
    /// have not changed are not hashed again.
    pub(crate) fn key(&self) -> Key {
        self.key
    }
}

impl From<RawPolygon> for KeyedPolygon {
    fn from(polygon: RawPolygon) -> Self {
        Self { key: key_of(polygon.iter()), polygon: Arc::new(polygon) }
    }
}

impl Deref for KeyedPolygon {
    type Target = RawPolygon;

    fn deref(&self) -> &RawPolygon {
        &self.polygon
    }
}

impl Borrow<RawPolygon> for KeyedPolygon {
    fn borrow(&self) -> &RawPolygon {
        self
    }
}

impl PartialEq for KeyedPolygon {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

/// A hash over the points of rings.
pub(crate) fn key_of<'a>(rings: impl Iterator<Item = &'a Ring>) -> Key {
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

/// A hash over the points of polygons, which tells holes from shells.
pub(crate) fn key_of_all(polygons: &[RawPolygon]) -> Key {
    let mut hash = Sha256::new();
    for polygon in polygons {
        hash.update(key_of(polygon.iter()));
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Point;

    #[test]
    fn a_hole_is_no_polygon_of_its_own() {
        let ring = |x: i64| vec![Point::new(x, 0), Point::new(x + 9, 0), Point::new(x, 9)];
        let apart = [vec![ring(0)], vec![ring(1)]];
        let with_hole = [vec![ring(0), ring(1)]];
        assert_ne!(key_of_all(&apart), key_of_all(&with_hole));
        assert_ne!(key_of_all(&apart[..1]), key_of_all(&apart));
        assert_ne!(KeyedPolygon::from(vec![ring(0)]), KeyedPolygon::from(vec![ring(1)]));
        assert_eq!(KeyedPolygon::from(vec![ring(0)]).key(), KeyedPolygon::from(vec![ring(0)]).key());
    }
}
