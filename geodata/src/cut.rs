//! Cutting rings to a box (Sutherland-Hodgman) before they are laid over a commune: the engine then sees hundreds of
//! edges in place of tens of thousands, which is what makes a province take seconds.
//!
//! A cut ring may run back and forth along the box; under the non-zero rule these runs cancel.

use crate::grid::{Bounds, Point, Ring};

/// Rings with the box around each, so that most need no look at their points.
#[derive(Debug, Default)]
pub(crate) struct BoxedRings {
    rings: Vec<(Bounds, Ring)>,
}

impl BoxedRings {
    /// Takes the rings of a region.
    pub(crate) fn new<'a>(rings: impl IntoIterator<Item = &'a Ring>) -> Self {
        let boxed = rings.into_iter().filter_map(|ring| Some((Bounds::around(ring)?, ring.clone())));
        Self { rings: boxed.collect() }
    }

    /// What of the rings lies in the box.
    pub(crate) fn cut(&self, bounds: &Bounds) -> Vec<Ring> {
        let near = self.rings.iter().filter(|(around, _)| around.meets(bounds));
        near.map(|(around, ring)| if bounds.holds(around) { ring.clone() } else { cut_ring(ring, bounds) })
            .filter(|ring| ring.len() >= 3)
            .collect()
    }
}

/// What lies on one side of a line, the line included; the four that make a box.
#[derive(Clone, Copy)]
enum HalfPlane {
    East(i64),
    West(i64),
    North(i64),
    South(i64),
}

impl HalfPlane {
    fn has(self, p: Point) -> bool {
        match self {
            Self::East(x) => p.x >= x,
            Self::West(x) => p.x <= x,
            Self::North(y) => p.y >= y,
            Self::South(y) => p.y <= y,
        }
    }

    /// Where the edge meets the border. The same for both directions of the edge, so that neighbours stay neighbours.
    fn crossing(self, a: Point, b: Point) -> Point {
        let (a, b) = if (a.x, a.y) <= (b.x, b.y) { (a, b) } else { (b, a) };
        match self {
            Self::East(x) | Self::West(x) => Point::new(x, interpolate(a.y, b.y, x - a.x, b.x - a.x)),
            Self::North(y) | Self::South(y) => Point::new(interpolate(a.x, b.x, y - a.y, b.y - a.y), y),
        }
    }
}

/// `from + (to - from) * part / whole`, rounded to the nearest unit.
fn interpolate(from: i64, to: i64, part: i64, whole: i64) -> i64 {
    let (part, whole) = if whole < 0 { (-i128::from(part), -i128::from(whole)) } else { (part.into(), whole.into()) };
    let moved = (2 * i128::from(to - from) * part + whole).div_euclid(2 * whole);
    from + i64::try_from(moved).unwrap_or_default()
}

fn cut_ring(ring: &Ring, bounds: &Bounds) -> Ring {
    let planes = [
        HalfPlane::East(bounds.low.x),
        HalfPlane::West(bounds.high.x),
        HalfPlane::North(bounds.low.y),
        HalfPlane::South(bounds.high.y),
    ];
    planes.into_iter().fold(ring.clone(), |ring, plane| cut_half(&ring, plane))
}

fn cut_half(ring: &Ring, plane: HalfPlane) -> Ring {
    let mut kept = Ring::with_capacity(ring.len());
    let Some(mut before) = ring.last().copied() else { return kept };
    let mut was_in = plane.has(before);
    for &point in ring {
        let is_in = plane.has(point);
        if is_in != was_in {
            kept.push(plane.crossing(before, point));
        }
        if is_in {
            kept.push(point);
        }
        (before, was_in) = (point, is_in);
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{grid::doubled_area, overlay::Region};

    fn square(low: i64, high: i64) -> Ring {
        vec![Point::new(low, low), Point::new(high, low), Point::new(high, high), Point::new(low, high)]
    }

    fn bounds(low: i64, high: i64) -> Bounds {
        Bounds { low: Point::new(low, low), high: Point::new(high, high) }
    }

    #[test]
    fn what_lies_inside_stays_and_what_lies_outside_goes() {
        let rings = BoxedRings::new([&square(0, 10), &square(100, 110), &square(-5, 3), &square(-50, 50)]);
        let areas: Vec<i128> = rings.cut(&bounds(0, 20)).iter().map(|r| doubled_area(r)).collect();
        assert_eq!(areas, [200, 18, 800]);
    }

    #[test]
    fn a_shared_edge_is_cut_at_one_point_from_both_sides() {
        let plane = HalfPlane::East(7);
        let (a, b) = (Point::new(-3, 11), Point::new(19, -8));
        assert_eq!(plane.crossing(a, b), plane.crossing(b, a));
    }

    proptest! {
        /// Cutting to a box is intersecting with it.
        #[test]
        fn cutting_is_intersecting(points in prop::collection::vec((0_i64..1000, 0_i64..1000), 3..9)) {
            // Far apart on the grid, so that rounded crossings weigh nothing.
            let scale = 1_000_000;
            let ring: Ring = points.iter().map(|(x, y)| Point::new(x * scale, y * scale)).collect();
            let region = Region::of_polygon(&vec![ring]);
            let frame = bounds(250 * scale, 700 * scale);
            let cut = BoxedRings::new(region.rings()).cut(&frame);
            let area = |r: &Region| r.rings().map(|ring| doubled_area(ring)).sum::<i128>();
            let boxed = Region::of_polygon(&vec![square(250 * scale, 700 * scale)]);
            let (a, b) = (area(&boxed.intersection(&cut)), area(&boxed.intersection(&region.polygons.concat())));
            prop_assert!((a - b).abs() <= 200_000 * 1_000_000, "{} {}", a, b);
        }
    }
}
