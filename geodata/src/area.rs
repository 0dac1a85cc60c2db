//! Areas on the WGS 84 ellipsoid and lengths on the ground.
//!
//! An edge is the straight line between its ends in longitude and latitude, which is what GeoJSON means by one
//! (RFC 7946 section 3.1.1), not the geodesic between them. With geodesics, cutting an edge changes the area beside it
//! (by 0.04 m² for 200 m), and covered and gap would no longer add up to the commune; with straight edges they do. The
//! two meanings agree where edges are short: no commune of the 124 differs by more than 10⁻⁶.

use crate::grid::{Bounds, Point, Ring, UNITS_PER_DEGREE, degrees, edges};

/// Semi-major axis of WGS 84 in metres.
const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// Square of the first eccentricity of WGS 84.
const ECCENTRICITY_2: f64 = 6.694_379_990_141_317e-3;
/// Terms of the authalic series: the eighth is below 10⁻¹⁷.
const SERIES_TERMS: i32 = 8;
/// Gauss-Legendre nodes and weights for the mean over an edge; exact to 10⁻¹⁵ for edges of two degrees.
const NODES: [(f64, f64); 3] =
    [(-0.774_596_669_241_483_4, 5.0 / 18.0), (0.0, 8.0 / 18.0), (0.774_596_669_241_483_4, 5.0 / 18.0)];
/// Length of a degree of latitude in metres, for lengths that need no more than a part in a hundred.
const METRES_PER_DEGREE: f64 = 110_900.0;

/// A grid unit in radians.
const RADIANS_PER_UNIT: f64 = std::f64::consts::PI / 180.0 / UNITS_PER_DEGREE;

/// Area of the ellipsoid between the equator and a latitude, per radian of longitude, in units of the squared
/// semi-major axis: half of the authalic `q`, as a series in the sine of the latitude.
fn zone(sine: f64) -> f64 {
    let square = ECCENTRICITY_2 * sine * sine;
    let series = (0..SERIES_TERMS).rev().fold(0.0, |sum, k| {
        let odd = f64::from(2 * k + 1);
        sum * square + (1.0 + 1.0 / odd)
    });
    0.5 * (1.0 - ECCENTRICITY_2) * sine * series
}

/// Area of a ring in m², positive when it runs counter-clockwise.
pub(crate) fn ring_m2(ring: &[Point]) -> f64 {
    let Some(first) = ring.first() else { return 0.0 };
    // Longitudes of a closed ring sum to zero, so any constant may be taken from the zone; this one keeps digits.
    let reference = zone((first.y as f64 * RADIANS_PER_UNIT).sin());
    let sum: f64 = edges(ring)
        .filter(|(a, b)| a.x != b.x)
        .map(|(a, b)| {
            let (middle, half) = ((a.y + b.y) as f64 * 0.5, (b.y - a.y) as f64 * 0.5);
            let mean: f64 = NODES
                .iter()
                .map(|(node, weight)| weight * (zone(((middle + node * half) * RADIANS_PER_UNIT).sin()) - reference))
                .sum();
            mean * ((b.x - a.x) as f64 * RADIANS_PER_UNIT)
        })
        .sum();
    -sum * SEMI_MAJOR_M * SEMI_MAJOR_M
}

/// Area of polygons in m²: shells run counter-clockwise and holes clockwise, so that signs do the subtraction.
pub(crate) fn polygons_m2<'a>(polygons: impl IntoIterator<Item = &'a Vec<Ring>>) -> f64 {
    polygons.into_iter().flatten().map(|ring| ring_m2(ring)).sum()
}

/// Area of rings in m², of which holes run clockwise.
pub(crate) fn rings_m2(rings: &[Ring]) -> f64 {
    rings.iter().map(|ring| ring_m2(ring)).sum()
}

/// Length of a ring in metres, to a part in a hundred: it only tells slivers from places.
pub(crate) fn ring_length_m(ring: &[Point]) -> f64 {
    edges(ring)
        .map(|(a, b)| {
            let narrowing = degrees((a.y + b.y) / 2).to_radians().cos();
            (degrees(b.x - a.x) * narrowing).hypot(degrees(b.y - a.y)) * METRES_PER_DEGREE
        })
        .sum()
}

/// How far a point is from the nearest of the rings in metres, to a part in a hundred.
pub(crate) fn distance_m(point: Point, rings: &[Ring]) -> f64 {
    let from_edge = |(a, b): (Point, Point)| edge_distance_m(point, a, b);
    rings.iter().flat_map(|ring| edges(ring)).map(from_edge).min_by(f64::total_cmp).unwrap_or(f64::INFINITY)
}

/// How far a point is from an edge in metres, to a part in a hundred.
pub(crate) fn edge_distance_m(point: Point, a: Point, b: Point) -> f64 {
    let [east, north] = edge_offset_m(point, a, b);
    east.hypot(north)
}

/// From a point to the nearest place of an edge: metres eastwards and northwards, to a part in a hundred. The direction of
/// the edge changes no digit.
pub(crate) fn edge_offset_m(point: Point, a: Point, b: Point) -> [f64; 2] {
    let (a, b) = if (b.x, b.y) < (a.x, a.y) { (b, a) } else { (a, b) };
    let narrowing = degrees(point.y).to_radians().cos();
    let planar = |p: Point| [degrees(p.x - point.x) * narrowing, degrees(p.y - point.y)];
    let ([ax, ay], [bx, by]) = (planar(a), planar(b));
    let (dx, dy) = (bx - ax, by - ay);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    [(ax + t * dx) * METRES_PER_DEGREE, (ay + t * dy) * METRES_PER_DEGREE]
}

/// The box around another that holds everything within so many metres of it, at least as far as latitudes of 80 degrees.
pub(crate) fn around_m(bounds: &Bounds, metres: f64) -> Bounds {
    let north = degrees(bounds.low.y.abs().max(bounds.high.y.abs())).min(80.0);
    let up = (metres / METRES_PER_DEGREE * UNITS_PER_DEGREE).ceil();
    let (aside, up) = ((up / north.to_radians().cos()).ceil() as i64, up as i64);
    Bounds {
        low: Point::new(bounds.low.x - aside, bounds.low.y - up),
        high: Point::new(bounds.high.x + aside, bounds.high.y + up),
    }
}

#[cfg(test)]
mod tests {
    use geo::{GeodesicArea, LineString, Polygon};
    use proptest::prelude::*;

    use super::*;
    use crate::grid::to_grid;

    fn ring(points: &[(f64, f64)]) -> Ring {
        points.iter().filter_map(|(x, y)| to_grid(*x, *y)).collect()
    }

    /// GeographicLib's area of the same ring with each edge cut so short that geodesic and straight line are one.
    fn reference_m2(points: &[(f64, f64)], cuts: u32) -> f64 {
        let mut dense = Vec::new();
        for (a, b) in points.iter().zip(points.iter().cycle().skip(1)) {
            for i in 0..cuts {
                let t = f64::from(i) / f64::from(cuts);
                dense.push((a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t));
            }
        }
        Polygon::new(LineString::from(dense), vec![]).geodesic_area_signed()
    }

    #[test]
    fn agrees_with_geographiclib() {
        for points in [
            vec![(104.9, 22.8), (105.1, 22.75), (105.2, 23.0), (104.95, 23.1)],
            vec![(104.0, 21.0), (106.0, 21.0), (106.0, 23.5), (104.0, 23.5)],
            vec![(-1.0, -1.0), (1.0, -1.0), (0.0, 1.5)],
        ] {
            let (ours, theirs) = (ring_m2(&ring(&points)), reference_m2(&points, 4000));
            assert!((ours / theirs - 1.0).abs() < 1e-9, "{ours} against {theirs}");
        }
    }

    #[test]
    fn distances_are_to_the_nearest_edge() {
        let rings = [ring(&[(105.0, 22.0), (105.1, 22.0), (105.1, 22.1), (105.0, 22.1)])];
        for (lon, lat, metres) in [(104.99, 22.05, 1031.0), (105.05, 22.11, 1107.0), (105.1, 22.05, 0.0)] {
            let found = to_grid(lon, lat).map(|point| distance_m(point, &rings)).expect("point");
            assert!((found - metres).abs() <= 0.01 * metres, "{found} against {metres}");
        }
    }

    #[test]
    fn the_zone_series_is_the_closed_form() {
        let e = ECCENTRICITY_2.sqrt();
        for latitude in [-90.0_f64, -45.0, 0.0, 1e-6, 22.5, 60.0, 90.0] {
            let s = latitude.to_radians().sin();
            let closed = 0.5 * (1.0 - ECCENTRICITY_2) * (s / (1.0 - ECCENTRICITY_2 * s * s) + (e * s).atanh() / e);
            assert!((zone(s) - closed).abs() <= 4e-16, "{latitude}");
        }
    }

    proptest! {
        #[test]
        fn cutting_an_edge_changes_nothing(t in 1_i64..999, w in 1_i64..2000, h in 1_i64..2000) {
            let (w, h) = (w * 1_000_000, h * 1_000_000);
            let (x, y) = (105_000_000_000_000, 22_000_000_000_000);
            let whole = vec![Point::new(x, y), Point::new(x + 1000 * w, y + 1000 * h), Point::new(x, y + 1000 * h)];
            let mut cut = whole.clone();
            cut.insert(1, Point::new(x + t * w, y + t * h));
            let (a, b) = (ring_m2(&whole), ring_m2(&cut));
            prop_assert!((a - b).abs() <= 1e-11 * a.abs(), "{} {}", a, b);
        }
    }
}
