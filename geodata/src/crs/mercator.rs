//! The transverse Mercator projection of the ellipsoid of WGS 84, which is that of VN-2000 too.
//!
//! Krüger's series to the sixth order in the third flattening, with the coefficients of Karney (2011), equations 35 and
//! 36: a few nanometres within the ten degrees from the meridian that are used here. EPSG method 9807.

use std::f64::consts::PI;

use phusong_model::LonLat;

use super::datum::{FLATTENING, SEMI_MAJOR_M};

/// False easting of every zone of VN-2000, UTM and TM-3 alike, in metres; the false northing is zero.
pub(super) const FALSE_EASTING_M: f64 = 500_000.0;

/// Third flattening.
const N: f64 = FLATTENING / (2.0 - FLATTENING);
const N2: f64 = N * N;
const N3: f64 = N2 * N;
const N4: f64 = N2 * N2;
const N5: f64 = N4 * N;
const N6: f64 = N3 * N3;

/// Radius of the circle that is as long as a meridian, in metres: Karney (2011), equation 14.
const RECTIFYING_M: f64 = SEMI_MAJOR_M / (1.0 + N) * (1.0 + N2 / 4.0 + N4 / 64.0 + N6 / 256.0);

/// From the Gauss-Schreiber plane to that of Gauss and Krüger: Karney (2011), equation 35.
const ALPHA: [f64; 6] = [
    N / 2.0 - N2 * 2.0 / 3.0 + N3 * 5.0 / 16.0 + N4 * 41.0 / 180.0 - N5 * 127.0 / 288.0 + N6 * 7_891.0 / 37_800.0,
    N2 * 13.0 / 48.0 - N3 * 3.0 / 5.0 + N4 * 557.0 / 1_440.0 + N5 * 281.0 / 630.0 - N6 * 1_983_433.0 / 1_935_360.0,
    N3 * 61.0 / 240.0 - N4 * 103.0 / 140.0 + N5 * 15_061.0 / 26_880.0 + N6 * 167_603.0 / 181_440.0,
    N4 * 49_561.0 / 161_280.0 - N5 * 179.0 / 168.0 + N6 * 6_601_661.0 / 7_257_600.0,
    N5 * 34_729.0 / 80_640.0 - N6 * 3_418_889.0 / 1_995_840.0,
    N6 * 212_378_941.0 / 319_334_400.0,
];

/// The way back: Karney (2011), equation 36.
const BETA: [f64; 6] = [
    N / 2.0 - N2 * 2.0 / 3.0 + N3 * 37.0 / 96.0 - N4 / 360.0 - N5 * 81.0 / 512.0 + N6 * 96_199.0 / 604_800.0,
    N2 / 48.0 + N3 / 15.0 - N4 * 437.0 / 1_440.0 + N5 * 46.0 / 105.0 - N6 * 1_118_711.0 / 3_870_720.0,
    N3 * 17.0 / 480.0 - N4 * 37.0 / 840.0 - N5 * 209.0 / 4_480.0 + N6 * 5_569.0 / 90_720.0,
    N4 * 4_397.0 / 161_280.0 - N5 * 11.0 / 504.0 - N6 * 830_251.0 / 7_257_600.0,
    N5 * 4_583.0 / 161_280.0 - N6 * 108_847.0 / 3_991_680.0,
    N6 * 20_648_693.0 / 638_668_800.0,
];

/// Rounds of Newton's method from the conformal to the geographic latitude; two reach the last digit (Karney 2011).
const ROUNDS: usize = 3;

/// A zone. Whole numbers, so that two zones are equal or they are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Projection {
    /// Central meridian in minutes of arc east of Greenwich.
    pub(super) meridian_minutes: u16,
    /// Scale on it in ten-thousandths.
    pub(super) scale_ten_thousandths: u16,
}

impl Projection {
    /// Central meridian in degrees east.
    pub(super) fn meridian(self) -> f64 {
        f64::from(self.meridian_minutes) / 60.0
    }

    /// Scale on the central meridian.
    pub(super) fn scale(self) -> f64 {
        f64::from(self.scale_ten_thousandths) / 1e4
    }

    /// Easting and northing in metres of a place in degrees.
    pub(super) fn forward(self, at: LonLat) -> (f64, f64) {
        let (lon_sin, lon_cos) = (at.lon - self.meridian()).to_radians().sin_cos();
        let tau = conformal(at.lat.to_radians().tan());
        let xi = tau.atan2(lon_cos);
        let eta = (lon_sin / tau.hypot(lon_cos)).asinh();
        let (d_xi, d_eta) = series(&ALPHA, xi, eta);
        let metres = self.scale() * RECTIFYING_M;
        (FALSE_EASTING_M + metres * (eta + d_eta), metres * (xi + d_xi))
    }

    /// The place of an easting and northing, in degrees; nowhere, as not a number, when they are not finite.
    pub(super) fn inverse(self, easting: f64, northing: f64) -> LonLat {
        let metres = self.scale() * RECTIFYING_M;
        let (xi, eta) = (northing / metres, (easting - FALSE_EASTING_M) / metres);
        // A quarter of a meridian either way is the globe; the series means nothing beyond.
        if !(xi.abs() <= PI / 2.0 && eta.abs() <= PI / 2.0) {
            return LonLat { lon: f64::NAN, lat: f64::NAN };
        }
        let (d_xi, d_eta) = series(&BETA, xi, eta);
        let (xi, eta) = (xi - d_xi, eta - d_eta);
        let (sine, cosine) = xi.sin_cos();
        let tau = geographic(sine / eta.sinh().hypot(cosine));
        LonLat { lon: self.meridian() + eta.sinh().atan2(cosine).to_degrees(), lat: tau.atan().to_degrees() }
    }
}

/// The sum of a series: sines along the meridian and hyperbolic ones across it.
fn series(coefficients: &[f64; 6], xi: f64, eta: f64) -> (f64, f64) {
    let (mut along, mut across, mut order) = (0.0, 0.0, 0.0);
    for coefficient in coefficients {
        order += 2.0;
        let (sine, cosine) = (order * xi).sin_cos();
        along += coefficient * sine * (order * eta).cosh();
        across += coefficient * cosine * (order * eta).sinh();
    }
    (along, across)
}

/// Square of the first eccentricity.
const ECCENTRICITY_2: f64 = FLATTENING * (2.0 - FLATTENING);

/// Tangent of the conformal latitude from that of the geographic one: Karney (2011), equations 7 and 8.
fn conformal(tau: f64) -> f64 {
    let e = ECCENTRICITY_2.sqrt();
    let sigma = (e * (e * tau / tau.hypot(1.0)).atanh()).sinh();
    tau * sigma.hypot(1.0) - sigma * tau.hypot(1.0)
}

/// Tangent of the geographic latitude from that of the conformal one: Karney (2011), equations 19 to 21.
fn geographic(wanted: f64) -> f64 {
    let flat = 1.0 - ECCENTRICITY_2;
    (0..ROUNDS).fold(wanted, |tau, _| {
        let here = conformal(tau);
        let slope = (1.0 + flat * tau * tau) / (flat * tau.hypot(1.0));
        tau + (wanted - here) / here.hypot(1.0) * slope
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Metres in a degree, close enough for tolerances.
    const DEGREE_M: f64 = 111_320.0;

    #[test]
    fn a_quarter_of_a_meridian_is_as_long_as_it_is_known_to_be() {
        // The well-known quarter of a meridian of WGS 84: 10 001 965.729 m.
        assert!((RECTIFYING_M * PI / 2.0 - 10_001_965.729_3).abs() < 1e-3, "{}", RECTIFYING_M * PI / 2.0);
    }

    #[test]
    fn the_central_meridian_is_the_false_easting() {
        let zone = Projection { meridian_minutes: 6360, scale_ten_thousandths: 9999 };
        assert_eq!(zone.forward(LonLat { lon: 106.0, lat: 0.0 }), (FALSE_EASTING_M, 0.0));
        assert_eq!(zone.inverse(FALSE_EASTING_M, 0.0), LonLat { lon: 106.0, lat: 0.0 });
    }

    #[test]
    fn what_is_no_easting_is_nowhere() {
        let zone = Projection { meridian_minutes: 6360, scale_ten_thousandths: 9999 };
        for (x, y) in [(f64::NAN, 0.0), (0.0, f64::INFINITY), (1e9, 0.0), (0.0, 1.1e7), (-1.1e7, 0.0)] {
            assert!(zone.inverse(x, y).lon.is_nan(), "{x} {y}");
        }
    }

    proptest! {
        #[test]
        fn there_and_back_is_less_than_a_micrometre(
            minutes in 6120_u16..=6660, off in -10.0..10.0_f64, lat in -28.0..28.0_f64, scale in 9990_u16..10010,
        ) {
            let zone = Projection { meridian_minutes: minutes, scale_ten_thousandths: scale };
            let at = LonLat { lon: zone.meridian() + off, lat };
            let (x, y) = zone.forward(at);
            let back = zone.inverse(x, y);
            let error = (back.lon - at.lon).hypot(back.lat - at.lat) * DEGREE_M;
            prop_assert!(error < 1e-6, "{error} m");
        }
    }
}
