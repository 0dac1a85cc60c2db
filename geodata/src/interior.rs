//! A point well inside a polygon, for a label and as the anchor of a gap's identity.

use crate::grid::{Bounds, Point, Ring, edges};

/// Latitudes that are tried, as numerators over [`SCAN_PARTS`] of the height; the widest stretch of all wins.
const SCAN: [i64; 7] = [4, 3, 5, 2, 6, 1, 7];
const SCAN_PARTS: i64 = 8;

/// A point inside the polygon; `None` only when it has no inside.
pub(crate) fn interior_point(polygon: &[Ring]) -> Option<Point> {
    let bounds = Bounds::around(polygon.first()?)?;
    let height = bounds.high.y - bounds.low.y;
    let mut best: Option<(i64, Point)> = None;
    for part in SCAN {
        let y = bounds.low.y + height / SCAN_PARTS * part;
        for (west, east) in stretches(polygon, y) {
            let width = east - west;
            if best.is_none_or(|(widest, _)| width > widest) {
                best = Some((width, Point::new(west + width / 2, y)));
            }
        }
    }
    best.filter(|(width, _)| *width > 1).map(|(_, point)| point)
}

/// Where the line half a unit north of `y` is inside: no vertex lies on such a line, so crossings pair up.
fn stretches(polygon: &[Ring], y: i64) -> Vec<(i64, i64)> {
    let mut crossings: Vec<i64> = polygon
        .iter()
        .flat_map(|ring| edges(ring))
        .filter(|(a, b)| (a.y <= y) != (b.y <= y))
        .map(|(a, b)| {
            let (part, whole) = (i128::from(2 * (y - a.y) + 1), i128::from(2 * (b.y - a.y)));
            a.x + i64::try_from(i128::from(b.x - a.x) * part / whole).unwrap_or_default()
        })
        .collect();
    crossings.sort_unstable();
    crossings.as_chunks::<2>().0.iter().map(|[west, east]| (*west, *east)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{overlay::Region, settled::SortedPoints};

    fn ring(points: &[(i64, i64)]) -> Ring {
        points.iter().map(|(x, y)| Point::new(x * 1_000_000, y * 1_000_000)).collect()
    }

    #[test]
    fn the_point_is_inside_whatever_the_shape() {
        let shapes = [
            vec![ring(&[(0, 0), (10, 0), (10, 10), (0, 10)]), ring(&[(1, 1), (1, 9), (9, 9), (9, 1)])],
            vec![ring(&[(0, 0), (10, 0), (10, 2), (2, 2), (2, 8), (10, 8), (10, 10), (0, 10)])],
            vec![ring(&[(0, 0), (1, 0), (500, 499), (500, 500)])],
        ];
        for shape in shapes {
            let region = Region::of_polygon(&shape);
            let point = interior_point(&region.polygons[0]);
            assert!(point.is_some());
            assert_eq!(SortedPoints::new([point]).inside(region.rings()), [true], "{shape:?}");
        }
    }
}
