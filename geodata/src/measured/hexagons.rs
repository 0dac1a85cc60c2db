//! Tests by hexagons of H3, resolution 9: 0.105 km² and some 350 m across, the cells in which the FCC publishes coverage.

use std::collections::BTreeMap;

use h3o::{CellIndex, LatLng, Resolution};
use phusong_model::{LonLat, Operator, Technology};

use super::record::Sample;
use crate::grid::{Point, Ring, degrees, to_grid};

/// Fine enough that a hillside is not judged by the valley, and coarse enough that a drive leaves tests enough in each.
const RESOLUTION: Resolution = Resolution::Nine;
/// Decimals of the corners: a centimetre. Neighbours compute their common corners each for itself, and the last digits
/// of a double would leave a hair between them.
const CORNER_SCALE: f64 = 1e7;

/// A hexagon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Hexagon(CellIndex);

/// What tests are joined by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Whose<'a> {
    pub(super) operator: &'a Operator,
    pub(super) technology: Technology,
}

impl Hexagon {
    /// The one that a point lies in.
    pub(super) fn of(point: Point) -> Option<Self> {
        let at = LatLng::new(degrees(point.y), degrees(point.x)).ok()?;
        Some(Self(at.to_cell(RESOLUTION)))
    }

    /// Its index as 15 hexadecimal digits.
    pub(super) fn index(self) -> String {
        self.0.to_string()
    }

    /// Its corners, counter-clockwise; six, or a few more where it crosses an edge of the icosahedron.
    pub(super) fn ring(self) -> Ring {
        let corner = |at: &LatLng| corner(*at);
        self.0.boundary().iter().filter_map(corner).collect()
    }

    /// Its middle.
    pub(super) fn middle(self) -> LonLat {
        let at = LatLng::from(self.0);
        LonLat { lon: at.lng(), lat: at.lat() }
    }
}

fn corner(at: LatLng) -> Option<Point> {
    let rounded = |degrees: f64| (degrees * CORNER_SCALE).round() / CORNER_SCALE;
    to_grid(rounded(at.lng()), rounded(at.lat()))
}

/// Tests by whose they are.
pub(super) fn by_whose(samples: &[Sample]) -> BTreeMap<Whose<'_>, Vec<&Sample>> {
    let mut grouped: BTreeMap<Whose<'_>, Vec<&Sample>> = BTreeMap::new();
    for sample in samples {
        let whose = Whose { operator: &sample.operator, technology: sample.technology };
        grouped.entry(whose).or_default().push(sample);
    }
    grouped
}

/// Tests by hexagon.
pub(super) fn by_hexagon<'a>(samples: impl IntoIterator<Item = &'a Sample>) -> BTreeMap<Hexagon, Vec<&'a Sample>> {
    let mut grouped: BTreeMap<Hexagon, Vec<&Sample>> = BTreeMap::new();
    for sample in samples {
        if let Some(hexagon) = Hexagon::of(sample.point) {
            grouped.entry(hexagon).or_default().push(sample);
        }
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{area::rings_m2, grid::doubled_area};

    fn at(lon: f64, lat: f64) -> Hexagon {
        Hexagon::of(to_grid(lon, lat).expect("a point")).expect("a hexagon")
    }

    /// Indexes and corners as the reference library gives them (h3 4.5.0: `latlng_to_cell`, `cell_to_boundary`).
    #[test]
    fn hexagons_are_those_of_the_reference() {
        for (lon, lat, index) in [
            (105.2, 22.1, "894158aa6afffff"),
            (105.218, 21.823, "894158b2137ffff"),
            (104.983, 22.823, "89415b9b66fffff"),
            (105.34808, 22.62924, "894158715d7ffff"),
            (106.0, 22.0, "89415c6f6d7ffff"),
            (103.99, 21.5, "89414a4c08fffff"),
        ] {
            assert_eq!(at(lon, lat).index(), index, "{lon} {lat}");
        }
        let corners = [
            (105.201_900_4, 22.098_532_4),
            (105.201_430_9, 22.100_375_6),
            (105.199_469_0, 22.100_976_9),
            (105.197_976_7, 22.099_734_8),
            (105.198_446_2, 22.097_891_6),
            (105.200_408_1, 22.097_290_4),
        ];
        let corners: Ring = corners.iter().filter_map(|(lon, lat)| to_grid(*lon, *lat)).collect();
        assert_eq!(at(105.2, 22.1).ring(), corners);
    }

    #[test]
    fn neighbours_share_their_corners_to_the_last_unit() {
        let (one, mut met) = (at(105.2, 22.1), 0);
        for step in 0..60 {
            let angle = f64::from(step) * std::f64::consts::TAU / 60.0;
            let other = at(105.2 + 0.0035 * angle.cos(), 22.1 + 0.0033 * angle.sin());
            let shared = other.ring().iter().filter(|corner| one.ring().contains(corner)).count();
            met = met.max(if other == one { 0 } else { shared });
        }
        assert_eq!(met, 2);
        assert!(doubled_area(&one.ring()) > 0, "counter-clockwise");
        let area = rings_m2(&[one.ring()]);
        assert!((80_000.0..130_000.0).contains(&area), "{area} m²");
    }
}
