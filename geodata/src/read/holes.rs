//! Which shell a hole belongs to.

use crate::{
    grid::{Bounds, Point, RawPolygon, Ring, doubled_area},
    settled::SortedPoints,
};

/// Most pairs of a shell and a hole that are looked at in one shape: a national layer in one shape has ten thousand
/// shells and a hundred thousand holes where few boxes meet; beyond it a shape was made to be slow.
const MAX_PAIRS: usize = 100_000_000;

/// Why holes and shells cannot be joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unjoined {
    /// The hole with this number lies in no shell.
    Outside(usize),
    /// There are more than [`MAX_PAIRS`].
    TooMany,
}

/// A ring that runs as a hole does, in formats that only list rings.
struct Hole {
    number: usize,
    ring: Ring,
    bounds: Bounds,
    size: u128,
}

/// The first hole, from 1, that has no vertex in its shell. One that only sticks out is settled by the overlay: decimals
/// that were cut make thousands of those.
pub(super) fn first_outside(polygon: &[Ring]) -> Option<usize> {
    let (shell, holes) = polygon.split_first()?;
    let first_inside = SortedPoints::new(holes.iter().map(|hole| hole.first().copied())).inside([shell]);
    let outside = |(hole, first_inside): (&Ring, bool)| !first_inside && !inside(shell, hole).contains(&true);
    holes.iter().zip(first_inside).position(outside).map(|index| index + 1)
}

/// Joins shells with the holes that lie in them: the smallest shell around all of a hole, or else the smallest around
/// any of its vertices. Holes come with their numbers in the file; shells keep their order.
pub(super) fn joined(shells: Vec<Ring>, holes: Vec<(usize, Ring)>) -> Result<Vec<RawPolygon>, Unjoined> {
    if shells.len().saturating_mul(holes.len()) > MAX_PAIRS {
        return Err(Unjoined::TooMany);
    }
    let mut order: Vec<(u128, usize)> = shells.iter().map(|shell| size(shell)).zip(0..).collect();
    order.sort_unstable();
    let mut polygons: Vec<RawPolygon> = shells.into_iter().map(|shell| vec![shell]).collect();
    let mut waiting: Vec<Hole> = holes.into_iter().filter_map(|(number, ring)| Hole::new(number, ring)).collect();
    for around_all in [true, false] {
        for (_, index) in &order {
            if let Some(polygon) = polygons.get_mut(*index) {
                waiting = take_holes(polygon, waiting, around_all);
            }
        }
    }
    match waiting.first() {
        None => Ok(polygons),
        Some(hole) => Err(Unjoined::Outside(hole.number)),
    }
}

impl Hole {
    fn new(number: usize, ring: Ring) -> Option<Self> {
        Some(Self { number, bounds: Bounds::around(&ring)?, size: size(&ring), ring })
    }
}

/// Gives a polygon those of the holes that are its own; the others are returned.
fn take_holes(polygon: &mut RawPolygon, waiting: Vec<Hole>, around_all: bool) -> Vec<Hole> {
    let Some(shell) = polygon.first().cloned() else { return waiting };
    let Some(bounds) = Bounds::around(&shell) else { return waiting };
    let least = size(&shell);
    let (near, mut left): (Vec<Hole>, Vec<Hole>) = waiting.into_iter().partition(|hole| {
        hole.size <= least && if around_all { bounds.holds(&hole.bounds) } else { bounds.meets(&hole.bounds) }
    });
    if near.is_empty() {
        return left;
    }
    let vertices = SortedPoints::new(near.iter().flat_map(|hole| hole.ring.iter().copied().map(Some)));
    let mut inside = vertices.inside([&shell]).into_iter();
    for hole in near {
        let mut of_hole = inside.by_ref().take(hole.ring.len()).collect::<Vec<bool>>().into_iter();
        if if around_all { of_hole.all(|inside| inside) } else { of_hole.any(|inside| inside) } {
            polygon.push(hole.ring);
        } else {
            left.push(hole);
        }
    }
    left.sort_by_key(|hole| hole.number);
    left
}

fn size(ring: &[Point]) -> u128 {
    doubled_area(ring).unsigned_abs()
}

/// For each vertex of a hole whether it lies in the shell or on its border.
fn inside(shell: &Ring, hole: &Ring) -> Vec<bool> {
    SortedPoints::new(hole.iter().copied().map(Some)).inside([shell])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(low: i64, high: i64) -> Ring {
        vec![Point::new(low, low), Point::new(low, high), Point::new(high, high), Point::new(high, low)]
    }

    #[test]
    fn a_hole_goes_to_the_smallest_shell_around_it() {
        // An island in a lake of an island in a lake, and the inner island touches its lake.
        let shells = vec![square(0, 100), square(20, 40)];
        let holes = vec![(2, square(20, 60)), (4, square(25, 30))];
        let polygons = joined(shells, holes).expect("holes have shells");
        assert_eq!(polygons, [vec![square(0, 100), square(20, 60)], vec![square(20, 40), square(25, 30)]]);
    }

    #[test]
    fn a_hole_that_sticks_out_has_a_shell_and_one_outside_has_none() {
        assert!(joined(vec![square(0, 10)], vec![(2, square(5, 11))]).is_ok());
        assert_eq!(joined(vec![square(0, 10)], vec![(2, square(11, 12))]), Err(Unjoined::Outside(2)));
        assert_eq!(first_outside(&[square(0, 10), square(2, 3), square(11, 12)]), Some(2));
        assert_eq!(first_outside(&[square(0, 10), square(5, 11)]), None);
    }
}
