//! Which tests are near a place.

use super::record::Sample;
use crate::grid::{Point, UNITS_PER_DEGREE, degrees};

/// Tests in order of latitude.
pub(super) struct Nearby<'a>(Vec<&'a Sample>);

/// Metres in a degree of longitude and of latitude at a latitude, on the WGS 84 ellipsoid (NIMA TR8350.2: radii of
/// curvature in the prime vertical and the meridian).
pub(super) fn metres_per_degree(latitude: f64) -> [f64; 2] {
    const A: f64 = 6_378_137.0;
    const E2: f64 = 0.006_694_379_990_14;
    let (sin, cos) = latitude.to_radians().sin_cos();
    let w2 = 1.0 - E2 * sin * sin;
    let vertical = A / w2.sqrt();
    [(vertical * cos).to_radians(), (vertical * (1.0 - E2) / w2).to_radians()]
}

/// How far two points are apart in metres: flat, which is right to a centimetre within a kilometre.
pub(super) fn metres_between(a: Point, b: Point) -> f64 {
    let [east, north] = metres_per_degree(f64::midpoint(degrees(a.y), degrees(b.y)));
    (degrees(a.x - b.x) * east).hypot(degrees(a.y - b.y) * north)
}

/// The point so many metres east and north of another.
pub(super) fn moved(from: Point, [east_m, north_m]: [f64; 2]) -> Point {
    let [east, north] = metres_per_degree(degrees(from.y));
    let units = |metres: f64, per_degree: f64| (metres / per_degree * UNITS_PER_DEGREE).round() as i64;
    Point::new(from.x + units(east_m, east), from.y + units(north_m, north))
}

impl<'a> Nearby<'a> {
    pub(super) fn of(tests: impl IntoIterator<Item = &'a Sample>) -> Self {
        let mut tests: Vec<&Sample> = tests.into_iter().collect();
        tests.sort_by_key(|test| test.point.y);
        Self(tests)
    }

    /// The tests within so many metres of a place.
    pub(super) fn within(&self, middle: Point, metres: f64) -> impl Iterator<Item = &'a Sample> {
        let [low, high] = [-metres, metres].map(|north| moved(middle, [0.0, north]).y);
        let first = self.0.partition_point(|test| test.point.y < low);
        let band = self.0.iter().skip(first).take_while(move |test| test.point.y <= high);
        band.filter(move |test| metres_between(test.point, middle) <= metres).copied()
    }
}

#[cfg(test)]
mod tests {
    use geo::{Distance, Geodesic};

    use super::*;
    use crate::grid::to_grid;

    #[test]
    fn distances_are_those_of_the_ellipsoid() {
        let at = |lon, lat| to_grid(lon, lat).expect("a point");
        for (lon, lat) in [(105.2, 22.1), (102.2, 22.9), (109.4, 8.6)] {
            for offset in [[300.0, 0.0], [0.0, -300.0], [210.0, 210.0]] {
                let (from, to) = (at(lon, lat), moved(at(lon, lat), offset));
                let flat = metres_between(from, to);
                let point = |p: Point| geo::Point::new(degrees(p.x), degrees(p.y));
                let reference = Geodesic.distance(point(from), point(to));
                assert!((flat - reference).abs() < 0.01, "{flat} {reference}");
            }
        }
    }
}
