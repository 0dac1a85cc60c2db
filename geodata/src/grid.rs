//! The one grid that every coordinate lives on: whole 10⁻¹² degrees.
//!
//! A fixed grid means that an edge is snapped the same way in every overlay, whatever else takes part in it; engines
//! that scale to the extent of each call move the shared border of two communes differently for each of them. The
//! six decimals of usual files are exact on it, and a whole turn needs 49 bits, which leaves the 64-bit engine and
//! the way back to `f64` without rounding.

use phusong_model::LonLat;

pub(crate) use crate::overlay::Point;

/// Grid units in a degree.
pub(crate) const UNITS_PER_DEGREE: f64 = 1e12;

/// Points of a ring; the last is joined to the first and not repeated.
pub(crate) type Ring = Vec<Point>;

/// A polygon as a file gives it: the shell, then holes; rings may still cross.
pub(crate) type RawPolygon = Vec<Ring>;

/// The grid point of a position; `None` when it is not on the globe.
pub(crate) fn to_grid(lon: f64, lat: f64) -> Option<Point> {
    let on_globe = (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat);
    on_globe.then(|| Point::new((lon * UNITS_PER_DEGREE).round() as i64, (lat * UNITS_PER_DEGREE).round() as i64))
}

/// A grid coordinate in degrees. Division, not multiplication: it gives the very decimal that was read.
pub(crate) fn degrees(units: i64) -> f64 {
    units as f64 / UNITS_PER_DEGREE
}

/// A grid point as a position.
pub(crate) fn position(point: Point) -> LonLat {
    LonLat { lon: degrees(point.x), lat: degrees(point.y) }
}

/// An upright box, its edges included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// West and south.
    pub(crate) low: Point,
    /// East and north.
    pub(crate) high: Point,
}

impl Bounds {
    /// The smallest box around the points; `None` without points.
    pub(crate) fn around<'a>(points: impl IntoIterator<Item = &'a Point>) -> Option<Self> {
        let mut points = points.into_iter();
        let first = *points.next()?;
        Some(points.fold(Self { low: first, high: first }, |bounds, p| Self {
            low: Point::new(bounds.low.x.min(p.x), bounds.low.y.min(p.y)),
            high: Point::new(bounds.high.x.max(p.x), bounds.high.y.max(p.y)),
        }))
    }

    /// Whether both have a point in common.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.low.x <= other.high.x
            && other.low.x <= self.high.x
            && self.low.y <= other.high.y
            && other.low.y <= self.high.y
    }

    /// Whether the other lies wholly inside.
    pub(crate) fn holds(&self, other: &Self) -> bool {
        self.low.x <= other.low.x
            && self.low.y <= other.low.y
            && self.high.x >= other.high.x
            && self.high.y >= other.high.y
    }

    /// Its corners as a ring that runs counter-clockwise.
    pub(crate) fn corners(&self) -> Ring {
        let Self { low, high } = *self;
        vec![low, Point::new(high.x, low.y), high, Point::new(low.x, high.y)]
    }

    /// The box with so many units more on each side.
    pub(crate) fn widened(&self, units: i64) -> Self {
        let Self { low, high } = *self;
        Self { low: Point::new(low.x - units, low.y - units), high: Point::new(high.x + units, high.y + units) }
    }

    /// Whether the point lies inside.
    pub(crate) fn has(&self, point: Point) -> bool {
        self.holds(&Self { low: point, high: point })
    }
}

/// The edges of a ring, the closing one included.
pub(crate) fn edges(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

/// Which side of the line from `a` to `b` the point is on: positive left, zero on the line. Exact.
pub(crate) fn side(a: Point, b: Point, p: Point) -> i128 {
    let (abx, aby) = (i128::from(b.x - a.x), i128::from(b.y - a.y));
    let (apx, apy) = (i128::from(p.x - a.x), i128::from(p.y - a.y));
    abx * apy - aby * apx
}

/// Twice the area of a ring in square grid units, positive when it runs counter-clockwise. Exact.
pub(crate) fn doubled_area(ring: &[Point]) -> i128 {
    let Some(origin) = ring.first().copied() else { return 0 };
    edges(ring).map(|(a, b)| side(origin, a, b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_come_back_as_they_were_written() {
        for lon in [104.925828, -0.000001, 179.999999, 105.2] {
            assert_eq!(to_grid(lon, 22.5).map(|p| degrees(p.x)), Some(lon));
        }
    }

    #[test]
    fn what_is_not_on_the_globe_has_no_grid_point() {
        for (lon, lat) in [(f64::NAN, 1.0), (1.0, f64::INFINITY), (22.0, 105.0), (180.1, 0.0)] {
            assert_eq!(to_grid(lon, lat), None, "{lon} {lat}");
        }
    }

    #[test]
    fn doubled_area_knows_the_direction() {
        let ccw = [Point::new(0, 0), Point::new(4, 0), Point::new(4, 3), Point::new(0, 3)];
        let cw: Ring = ccw.iter().rev().copied().collect();
        assert_eq!((doubled_area(&ccw), doubled_area(&cw)), (24, -24));
    }
}
