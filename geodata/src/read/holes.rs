//! Whether holes lie in their shells.

use crate::{grid::Ring, settled::SortedPoints};

/// The first hole, from 1, that has no vertex in its shell. One that only sticks out is settled by the overlay: decimals
/// that were cut make thousands of those.
pub(super) fn first_outside(polygon: &[Ring]) -> Option<usize> {
    let (shell, holes) = polygon.split_first()?;
    let first_inside = SortedPoints::new(holes.iter().map(|hole| hole.first().copied())).inside([shell]);
    let outside = |(hole, first_inside): (&Ring, bool)| !first_inside && !inside(shell, hole).contains(&true);
    holes.iter().zip(first_inside).position(outside).map(|index| index + 1)
}

/// For each vertex of a hole whether it lies in the shell or on its border.
fn inside(shell: &Ring, hole: &Ring) -> Vec<bool> {
    SortedPoints::new(hole.iter().copied().map(Some)).inside([shell])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Point;

    fn square(low: i64, high: i64) -> Ring {
        vec![Point::new(low, low), Point::new(low, high), Point::new(high, high), Point::new(high, low)]
    }

    #[test]
    fn a_hole_may_stick_out_but_not_lie_outside() {
        assert_eq!(first_outside(&[square(0, 10), square(2, 3), square(11, 12)]), Some(2));
        assert_eq!(first_outside(&[square(0, 10), square(5, 11)]), None);
    }
}
