//! Which of many points lie in a region. The points are sorted by latitude once; each edge then looks only at the
//! points of its own band, so that thousands of settlements against half a million edges take milliseconds and no index.

use crate::grid::{Point, Ring, edges, side};

/// Points in order of latitude.
#[derive(Debug)]
pub(crate) struct SortedPoints {
    /// With the index each point had.
    points: Vec<(Point, usize)>,
    count: usize,
}

/// What one point has met so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Crossings {
    /// How often the rings run around the point; those of sound polygons count each polygon that it lies in once.
    turns: i32,
    on_border: bool,
}

impl SortedPoints {
    /// Sorts points; those that are `None` lie in no region.
    pub(crate) fn new(points: impl IntoIterator<Item = Option<Point>>) -> Self {
        let mut count = 0;
        let mut sorted = Vec::new();
        for (index, point) in points.into_iter().enumerate() {
            count = index + 1;
            sorted.extend(point.map(|p| (p, index)));
        }
        sorted.sort_by_key(|(p, index)| (p.y, *index));
        Self { points: sorted, count }
    }

    /// For each point in its first order whether it lies inside or on the border of the sound polygons
    /// with these rings, which may overlap.
    pub(crate) fn inside<'a>(&self, rings: impl IntoIterator<Item = &'a Ring>) -> Vec<bool> {
        let mut steps = u64::MAX;
        self.inside_within(rings, &mut steps).unwrap_or_default()
    }

    /// The same, as long as there are steps left: a step is an edge, or an edge beside a point. Edges that all span the
    /// whole band would otherwise take as long as somebody wants.
    pub(crate) fn inside_within<'a>(
        &self,
        rings: impl IntoIterator<Item = &'a Ring>,
        steps: &mut u64,
    ) -> Option<Vec<bool>> {
        if self.points.is_empty() {
            return Some(vec![false; self.count]);
        }
        let mut met = vec![Crossings::default(); self.points.len()];
        for (a, b) in rings.into_iter().flat_map(|ring| edges(ring)) {
            let (low, high) = (a.y.min(b.y), a.y.max(b.y));
            let first = self.points.partition_point(|(p, _)| p.y < low);
            let band = self.points.iter().zip(&mut met).skip(first).take_while(|((p, _), _)| p.y <= high);
            *steps = steps.checked_sub(1)?;
            for ((p, _), crossings) in band {
                *steps = steps.checked_sub(1)?;
                crossings.meet(a, b, *p);
            }
        }
        let mut inside = vec![false; self.count];
        for ((_, index), crossings) in self.points.iter().zip(met) {
            if let Some(slot) = inside.get_mut(*index) {
                *slot = crossings.is_inside();
            }
        }
        Some(inside)
    }
}

impl Crossings {
    /// Counts the edge when a ray from the point to the east meets it. Exact.
    pub(crate) fn meet(&mut self, a: Point, b: Point, p: Point) {
        let (west, east) = (a.x.min(b.x), a.x.max(b.x));
        // Half-open in latitude, so that a vertex on the ray counts once.
        let upward = a.y <= p.y && p.y < b.y;
        let downward = b.y <= p.y && p.y < a.y;
        if p.x > east {
            return;
        }
        if p.x < west {
            self.turns += i32::from(upward) - i32::from(downward);
            return;
        }
        let turn = side(a, b, p);
        self.on_border |= turn == 0 && a.y.min(b.y) <= p.y && p.y <= a.y.max(b.y);
        self.turns += i32::from(upward && turn > 0) - i32::from(downward && turn < 0);
    }

    /// Whether the point lies inside or on the border, when all edges have been met.
    pub(crate) fn is_inside(&self) -> bool {
        self.turns != 0 || self.on_border
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn square(low: i64, high: i64) -> Ring {
        vec![Point::new(low, low), Point::new(high, low), Point::new(high, high), Point::new(low, high)]
    }

    #[test]
    fn holes_are_outside_and_borders_inside() {
        let rings = [square(0, 10), square(3, 6).into_iter().rev().collect()];
        let at = |x, y| Some(Point::new(x, y));
        let points =
            SortedPoints::new([at(1, 1), at(4, 4), at(0, 5), at(10, 10), at(3, 4), at(11, 5), None, at(-1, 0)]);
        assert_eq!(points.inside(&rings), [true, false, true, true, true, false, false, false]);
    }

    #[test]
    fn what_any_of_overlapping_polygons_has_is_inside() {
        let rings = [square(0, 10), square(3, 6).into_iter().rev().collect(), square(2, 5), square(2, 4)];
        let at = |x, y| Some(Point::new(x, y));
        let points = SortedPoints::new([at(1, 1), at(3, 3), at(5, 5), at(4, 4), at(5, 4)]);
        let doubled = SortedPoints::new([at(3, 3)]).inside(&[square(0, 10), square(2, 4)]);
        assert_eq!((points.inside(&rings), doubled), (vec![true, true, true, true, true], vec![true]));
    }

    proptest! {
        /// On small grids the answer is that of the slow and obvious way: the winding by angles of quarter turns.
        #[test]
        fn agrees_with_a_rectangle_test(x in -3_i64..14, y in -3_i64..14, w in 1_i64..10, h in 1_i64..10) {
            let ring = vec![Point::new(0, 0), Point::new(w, 0), Point::new(w, h), Point::new(0, h)];
            let inside = SortedPoints::new([Some(Point::new(x, y))]).inside([&ring]);
            prop_assert_eq!(inside, vec![(0..=w).contains(&x) && (0..=h).contains(&y)]);
        }
    }
}
