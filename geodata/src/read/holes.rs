//! Which shell a hole belongs to.

use crate::{
    grid::{Bounds, Point, RawPolygon, Ring, doubled_area},
    settled::SortedPoints,
};

/// Steps that each vertex takes to be sorted.
const SORTING: u64 = 8;

/// Why holes and shells cannot be joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unjoined {
    /// The hole with this number lies in no shell.
    Outside(usize),
    /// It takes more steps than there are.
    TooSlow,
}

/// A ring that runs as a hole does, in formats that only list rings.
struct Hole {
    number: usize,
    ring: Ring,
    bounds: Bounds,
    size: u128,
}

/// Looks whether each hole, from 1, has a vertex in its shell. One that only sticks out is settled by the overlay:
/// decimals that were cut make thousands of those.
pub(super) fn all_inside(polygon: &[Ring], steps: &mut u64) -> Result<(), Unjoined> {
    let Some((shell, holes @ [_, ..])) = polygon.split_first() else { return Ok(()) };
    let firsts = sorted(holes.iter().filter_map(|hole| hole.first()), holes.len(), steps)?;
    let first_inside = firsts.inside_within([shell], steps).ok_or(Unjoined::TooSlow)?;
    for (index, hole) in holes.iter().enumerate().filter(|(index, _)| first_inside.get(*index) != Some(&true)) {
        let inside = sorted(hole, hole.len(), steps)?.inside_within([shell], steps).ok_or(Unjoined::TooSlow)?;
        if !inside.contains(&true) {
            return Err(Unjoined::Outside(index + 1));
        }
    }
    Ok(())
}

/// Joins shells with the holes that lie in them: the smallest shell around all of a hole, or else the smallest around
/// any of its vertices. Holes come with their numbers in the file; shells keep their order.
pub(super) fn joined(
    shells: Vec<Ring>,
    holes: Vec<(usize, Ring)>,
    steps: &mut u64,
) -> Result<Vec<RawPolygon>, Unjoined> {
    let mut order: Vec<(u128, usize)> = shells.iter().map(|shell| size(shell)).zip(0..).collect();
    order.sort_unstable();
    let mut polygons: Vec<RawPolygon> = shells.into_iter().map(|shell| vec![shell]).collect();
    let mut waiting: Vec<Hole> = holes.into_iter().filter_map(|(number, ring)| Hole::new(number, ring)).collect();
    for around_all in [true, false] {
        for (_, index) in &order {
            match polygons.get_mut(*index) {
                Some(polygon) if !waiting.is_empty() => waiting = take_holes(polygon, waiting, around_all, steps)?,
                _ => {}
            }
        }
    }
    match waiting.first() {
        None => Ok(polygons),
        Some(hole) => Err(Unjoined::Outside(hole.number)),
    }
}

fn sorted<'a>(
    points: impl IntoIterator<Item = &'a Point>,
    count: usize,
    steps: &mut u64,
) -> Result<SortedPoints, Unjoined> {
    take(steps, SORTING * count as u64)?;
    Ok(SortedPoints::new(points.into_iter().copied().map(Some)))
}

fn take(steps: &mut u64, wanted: u64) -> Result<(), Unjoined> {
    *steps = steps.checked_sub(wanted).ok_or(Unjoined::TooSlow)?;
    Ok(())
}

impl Hole {
    fn new(number: usize, ring: Ring) -> Option<Self> {
        Some(Self { number, bounds: Bounds::around(&ring)?, size: size(&ring), ring })
    }
}

/// Gives a polygon those of the holes that are its own; the others are returned.
fn take_holes(
    polygon: &mut RawPolygon,
    waiting: Vec<Hole>,
    around_all: bool,
    steps: &mut u64,
) -> Result<Vec<Hole>, Unjoined> {
    let Some(shell) = polygon.first().cloned() else { return Ok(waiting) };
    let Some(bounds) = Bounds::around(&shell) else { return Ok(waiting) };
    let least = size(&shell);
    take(steps, waiting.len() as u64)?;
    let (near, mut left): (Vec<Hole>, Vec<Hole>) = waiting.into_iter().partition(|hole| {
        hole.size <= least && if around_all { bounds.holds(&hole.bounds) } else { bounds.meets(&hole.bounds) }
    });
    if near.is_empty() {
        return Ok(left);
    }
    let count = near.iter().map(|hole| hole.ring.len()).sum();
    let vertices = sorted(near.iter().flat_map(|hole| &hole.ring), count, steps)?;
    let inside = vertices.inside_within([&shell], steps).ok_or(Unjoined::TooSlow)?;
    let mut inside = inside.into_iter();
    for hole in near {
        let mut of_hole = inside.by_ref().take(hole.ring.len()).collect::<Vec<bool>>().into_iter();
        if if around_all { of_hole.all(|inside| inside) } else { of_hole.any(|inside| inside) } {
            polygon.push(hole.ring);
        } else {
            left.push(hole);
        }
    }
    left.sort_by_key(|hole| hole.number);
    Ok(left)
}

fn size(ring: &[Point]) -> u128 {
    doubled_area(ring).unsigned_abs()
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
        let polygons = joined(shells, holes, &mut 1000).expect("holes have shells");
        assert_eq!(polygons, [vec![square(0, 100), square(20, 60)], vec![square(20, 40), square(25, 30)]]);
    }

    #[test]
    fn a_hole_that_sticks_out_has_a_shell_and_one_outside_has_none() {
        let joined = |low, high, mut steps| joined(vec![square(0, 10)], vec![(2, square(low, high))], &mut steps);
        assert!(joined(5, 11, 1000).is_ok());
        assert_eq!(joined(11, 12, 1000), Err(Unjoined::Outside(2)));
        assert_eq!(joined(5, 11, 10), Err(Unjoined::TooSlow));
        let inside = |last, mut steps| all_inside(&[square(0, 10), square(2, 3), last], &mut steps);
        assert_eq!(inside(square(11, 12), 1000), Err(Unjoined::Outside(2)));
        assert_eq!(inside(square(5, 11), 1000), Ok(()));
        assert_eq!(inside(square(5, 11), 10), Err(Unjoined::TooSlow));
    }
}
