//! From VN-2000 to WGS 84: geographic to geocentric coordinates, seven parameters, and back.
//!
//! The transformation is EPSG 6960, "VN-2000 to WGS 84 (2)", good to a metre; the method is EPSG 9607, the coordinate
//! frame rotation of Guidance Note 7-2. Programs that take the rotations with the opposite sign, as `+towgs84` does,
//! mean the position vector convention; mixing the two up moves a point by 0.8 m.
//!
//! Heights are not carried: every place is taken to lie on its ellipsoid.

use phusong_model::LonLat;

/// Semi-major axis in metres, of WGS 84 and of VN-2000.
pub(super) const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// Flattening of both.
pub(super) const FLATTENING: f64 = 1.0 / INVERSE_FLATTENING;
/// Its inverse, as files write it.
pub(super) const INVERSE_FLATTENING: f64 = 298.257_223_563;

const ECCENTRICITY_2: f64 = FLATTENING * (2.0 - FLATTENING);
/// Square of the second eccentricity.
const SECOND_2: f64 = ECCENTRICITY_2 / (1.0 - ECCENTRICITY_2);
const SEMI_MINOR_M: f64 = SEMI_MAJOR_M * (1.0 - FLATTENING);

const ARC_SECOND: f64 = std::f64::consts::PI / 180.0 / 3600.0;

/// EPSG 6960, "VN-2000 to WGS 84 (2)".
const VN2000_TO_WGS84: Helmert = Helmert {
    shift_m: [-191.904_414_29, -39.303_182_79, -111.450_328_35],
    rotation_arc_s: [-0.009_288_36, 0.019_754_79, -0.004_273_72],
    scale_ppm: 0.252_906_278,
};

/// Shifts, in metres, by which a file that describes its datum instead of naming it means VN-2000: those above, and
/// those of EPSG 5194, "VN-2000 to WGS 84 (1)", which names the same datum by other figures.
pub(super) const VN2000_SHIFTS_M: [[f64; 3]; 2] = [VN2000_TO_WGS84.shift_m, [-192.873, -39.382, -111.202]];

/// Rounds of the inverse. Each is 3·10⁴ times nearer than the one before; the first is some 8 mm off.
const ROUNDS: usize = 4;

/// What degrees are measured from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Datum {
    /// World Geodetic System 1984; its realisations differ by less than what is measured here.
    Wgs84,
    /// Vietnam 2000.
    Vn2000,
}

/// Seven parameters in the coordinate frame convention.
#[derive(Debug, Clone, Copy)]
struct Helmert {
    shift_m: [f64; 3],
    rotation_arc_s: [f64; 3],
    scale_ppm: f64,
}

impl Helmert {
    fn apply(&self, [x, y, z]: [f64; 3]) -> [f64; 3] {
        let [tx, ty, tz] = self.shift_m;
        let [rx, ry, rz] = self.rotation_arc_s.map(|seconds| seconds * ARC_SECOND);
        let scale = 1.0 + self.scale_ppm * 1e-6;
        [tx + scale * (x + rz * y - ry * z), ty + scale * (y - rz * x + rx * z), tz + scale * (z + ry * x - rx * y)]
    }

    fn moved(&self, at: LonLat) -> LonLat {
        geographic(self.apply(geocentric(at)))
    }
}

/// A place in VN-2000 degrees, in WGS 84.
pub(super) fn to_wgs84(at: LonLat) -> LonLat {
    VN2000_TO_WGS84.moved(at)
}

/// A place in WGS 84, in VN-2000 degrees: the inverse of [`to_wgs84`], and not the shift with all signs changed. They
/// differ by a millimetre, for the ellipsoids are 30 m apart in Vietnam and heights are not carried.
pub(super) fn from_wgs84(at: LonLat) -> LonLat {
    (0..ROUNDS).fold(at, |guess, _| {
        let there = to_wgs84(guess);
        LonLat { lon: guess.lon + (at.lon - there.lon), lat: guess.lat + (at.lat - there.lat) }
    })
}

/// A place on the ellipsoid as metres from the centre of the Earth: Guidance Note 7-2, method 9602.
fn geocentric(at: LonLat) -> [f64; 3] {
    let (lat_sin, lat_cos) = at.lat.to_radians().sin_cos();
    let (lon_sin, lon_cos) = at.lon.to_radians().sin_cos();
    let radius = SEMI_MAJOR_M / (1.0 - ECCENTRICITY_2 * lat_sin * lat_sin).sqrt();
    [radius * lat_cos * lon_cos, radius * lat_cos * lon_sin, (1.0 - ECCENTRICITY_2) * radius * lat_sin]
}

/// The way back, the height left aside. Bowring's formula is exact on the ellipsoid and nanometres off at 1 km.
fn geographic([x, y, z]: [f64; 3]) -> LonLat {
    let from_axis = x.hypot(y);
    let (sine, cosine) = (z * SEMI_MAJOR_M).atan2(from_axis * SEMI_MINOR_M).sin_cos();
    let up = z + SECOND_2 * SEMI_MINOR_M * sine.powi(3);
    let out = from_axis - ECCENTRICITY_2 * SEMI_MAJOR_M * cosine.powi(3);
    LonLat { lon: y.atan2(x).to_degrees(), lat: up.atan2(out).to_degrees() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crs::golden::metres_apart;

    /// A place in VN-2000, and the same in WGS 84 as PROJ 9.5.1 has it.
    const HERE: LonLat = LonLat { lon: 105.2, lat: 22.15 };
    const THERE: LonLat = LonLat { lon: 105.201_898_795_968_67, lat: 22.149_026_624_124_8 };

    #[test]
    fn the_shift_is_some_224_metres() {
        assert!(metres_apart(to_wgs84(HERE), THERE) < 1e-6);
        let shift = metres_apart(HERE, THERE);
        assert!((shift - 224.0).abs() < 1.0, "{shift} m");
    }

    #[test]
    fn rotations_with_the_wrong_sign_are_seen() {
        let turned = Helmert { rotation_arc_s: VN2000_TO_WGS84.rotation_arc_s.map(|r| -r), ..VN2000_TO_WGS84 };
        let error = metres_apart(turned.moved(HERE), THERE);
        assert!((error - 0.8).abs() < 0.1, "{error} m");
    }

    proptest! {
        #[test]
        fn there_and_back_is_less_than_a_micrometre(lon in 100.0..120.0_f64, lat in 4.0..28.0_f64) {
            let at = LonLat { lon, lat };
            let there = to_wgs84(at);
            prop_assert!(metres_apart(from_wgs84(there), at) < 1e-6);
            prop_assert!(metres_apart(to_wgs84(from_wgs84(at)), at) < 1e-6);
        }
    }
}
