//! Which base stations are nearest to a point: of each operator one, with the geodesic distance and the azimuth.
//!
//! A geodesic is never shorter than the straight line through the earth between its ends. So of an operator's sites only
//! those are measured whose straight line is no longer than the geodesic to the site with the shortest line: for
//! distances within a province that is one, or those that are as near to a millimetre.

use std::collections::BTreeMap;

use geographiclib_rs::{Geodesic, InverseGeodesic};
use phusong_model::{Inventory, LonLat, NearestSite, Operator, Site, SiteId, SiteKind};

/// Semi-major axis of WGS 84 in metres.
const SEMI_MAJOR_M: f64 = 6_378_137.0;
/// Square of the first eccentricity of WGS 84.
const ECCENTRICITY_2: f64 = 6.694_379_990_141_317e-3;
/// What rounding may add to a straight line, in metres.
const ROUNDING_M: f64 = 1e-6;

/// The base stations of an inventory of which operator and position are known.
#[derive(Debug)]
pub(crate) struct Stations<'a> {
    geodesic: Geodesic,
    /// Those of each operator, in order of their ids.
    by_operator: BTreeMap<&'a Operator, Vec<Station<'a>>>,
}

#[derive(Debug)]
struct Station<'a> {
    id: &'a SiteId,
    at: LonLat,
    /// From the centre of the earth, in metres.
    place: [f64; 3],
}

impl<'a> Stations<'a> {
    pub(crate) fn of(inventory: &'a Inventory) -> Self {
        let mut by_operator: BTreeMap<&Operator, Vec<Station<'_>>> = BTreeMap::new();
        for (site, operator, at) in stations(inventory) {
            by_operator.entry(operator).or_default().push(Station { id: &site.id, at, place: geocentric(at) });
        }
        by_operator.values_mut().for_each(|sites| sites.sort_by(|a, b| a.id.cmp(b.id)));
        Self { geodesic: Geodesic::wgs84(), by_operator }
    }

    /// The nearest of each operator, the nearest of all first; of equals that of the lower id.
    pub(crate) fn nearest(&self, from: LonLat) -> Vec<NearestSite> {
        let place = geocentric(from);
        let mut nearest: Vec<NearestSite> = self
            .by_operator
            .iter()
            .filter_map(|(operator, sites)| {
                let (distance_m, azimuth_deg, site) = self.nearest_of(from, place, sites)?;
                Some(NearestSite { operator: (*operator).clone(), site: site.id.clone(), distance_m, azimuth_deg })
            })
            .collect();
        nearest.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then_with(|| a.site.cmp(&b.site)));
        nearest
    }

    fn nearest_of<'s>(
        &self,
        from: LonLat,
        place: [f64; 3],
        sites: &'s [Station<'a>],
    ) -> Option<(f64, f64, &'s Station<'a>)> {
        let measured = |site: &'s Station<'a>| {
            let (distance_m, azimuth_deg) = self.measure(from, site.at);
            (distance_m, azimuth_deg, site)
        };
        let line_2 = |site: &&Station<'_>| square(place, site.place);
        let first = sites.iter().min_by(|a, b| line_2(a).total_cmp(&line_2(b))).map(measured)?;
        let bound = (first.0 + ROUNDING_M).powi(2);
        // The first of equals stays, and sites are in order of their ids.
        sites.iter().filter(|site| line_2(site) <= bound).map(measured).min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Geodesic distance in metres, and azimuth at `from` in degrees from true north, 0 up to 360.
    fn measure(&self, from: LonLat, to: LonLat) -> (f64, f64) {
        let (distance_m, azimuth, _, _): (f64, f64, f64, f64) =
            self.geodesic.inverse(from.lat, from.lon, to.lat, to.lon);
        let azimuth = azimuth.rem_euclid(360.0);
        // A hair west of north is rounded up to a whole turn.
        (distance_m, if azimuth < 360.0 { azimuth } else { 0.0 })
    }
}

/// The sites that count, with operator and position.
pub(crate) fn stations(inventory: &Inventory) -> impl Iterator<Item = (&Site, &Operator, LonLat)> {
    let bts = inventory.sites.iter().filter(|site| site.kind == SiteKind::Bts);
    bts.filter_map(|site| Some((site, site.operator.as_ref()?, site.at?)))
}

/// A position on the ellipsoid from the centre of the earth, in metres.
fn geocentric(at: LonLat) -> [f64; 3] {
    let ((sin, cos), (sin_lon, cos_lon)) = (at.lat.to_radians().sin_cos(), at.lon.to_radians().sin_cos());
    let radius = SEMI_MAJOR_M / (1.0 - ECCENTRICITY_2 * sin * sin).sqrt();
    [radius * cos * cos_lon, radius * cos * sin_lon, radius * (1.0 - ECCENTRICITY_2) * sin]
}

/// The square of the straight line between two places.
fn square([ax, ay, az]: [f64; 3], [bx, by, bz]: [f64; 3]) -> f64 {
    (ax - bx).powi(2) + (ay - by).powi(2) + (az - bz).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(id: &str, operator: &str, lon: f64, lat: f64) -> Site {
        Site {
            id: id.parse().expect("id"),
            kind: SiteKind::Bts,
            name: id.to_owned(),
            commune: None,
            operator: Some(operator.parse().expect("operator")),
            at: Some(LonLat { lon, lat }),
            backhaul: Vec::new(),
            reported: None,
        }
    }

    /// Distances and azimuths of `Geodesic.WGS84.Inverse` of GeographicLib for Python 2.1.
    #[test]
    fn distances_and_azimuths_are_those_of_geographiclib() {
        let inventory = Inventory::default();
        let stations = Stations::of(&inventory);
        for ((lat, lon), (to_lat, to_lon), metres, degrees) in [
            ((22.0, 105.0), (22.05, 105.05), 7_569.775_242_582_062, 42.986_773_404_039_134),
            ((22.8, 104.9), (21.6, 105.4), 142_531.079_484_517_83, 158.698_406_883_336_16),
            ((22.5, 105.0), (22.5, 104.9), 10_289.624_772_858_264, 270.019_134_175_787_94),
            ((22.5, 105.0), (22.4, 105.0), 11_073.639_471_512_397, 180.0),
            ((10.0, -60.0), (22.3, 105.4), 16_097_054.730_306_575, 23.575_935_301_042_417),
        ] {
            let (m, deg) = stations.measure(LonLat { lon, lat }, LonLat { lon: to_lon, lat: to_lat });
            assert!((m / metres - 1.0).abs() < 1e-9, "{m} against {metres}");
            assert!((deg - degrees).abs() < 1e-9, "{deg} against {degrees}");
        }
    }

    #[test]
    fn of_each_operator_the_nearest_is_told_whatever_the_order() {
        let mut hub = site("hub", "viettel", 105.0, 22.0);
        hub.kind = SiteKind::Hub;
        let mut nowhere = site("nowhere", "viettel", 105.0, 22.0);
        nowhere.at = None;
        let mut sites = vec![
            hub,
            nowhere,
            site("v-far", "viettel", 105.3, 22.0),
            site("v-near", "viettel", 105.02, 22.0),
            site("n-b", "vnpt", 105.0, 22.01),
            site("n-a", "vnpt", 105.0, 22.01),
        ];
        for _ in 0..2 {
            let inventory = Inventory { sites: sites.clone(), ..Inventory::default() };
            let nearest = Stations::of(&inventory).nearest(LonLat { lon: 105.0, lat: 22.0 });
            let ids: Vec<&str> = nearest.iter().map(|near| near.site.as_str()).collect();
            assert_eq!(ids, ["n-a", "v-near"]);
            assert!(nearest[0].azimuth_deg.abs() < 1e-9 && (nearest[1].azimuth_deg - 90.0).abs() < 0.01);
            sites.reverse();
        }
    }

    /// The bound by straight lines leaves out no site that is nearer.
    #[test]
    fn the_nearest_is_that_of_measuring_all() {
        let spread = |n: u32, by: u32| f64::from(n.wrapping_mul(by) % 9973) / 9973.0;
        let sites: Vec<Site> = (0..200)
            .map(|n| site(&format!("s{n:03}"), "viettel", 104.5 + spread(n, 7919), 21.5 + spread(n, 6007)))
            .collect();
        let inventory = Inventory { sites, ..Inventory::default() };
        let stations = Stations::of(&inventory);
        for n in 0..50 {
            let from = LonLat { lon: 104.5 + spread(n, 3571), lat: 21.5 + spread(n, 1237) };
            let all = inventory.sites.iter().filter_map(|site| Some(stations.measure(from, site.at?).0));
            let least = all.min_by(f64::total_cmp).expect("sites");
            assert_eq!(stations.nearest(from)[0].distance_m.to_bits(), least.to_bits());
        }
    }

    /// What a province has at most: an answer for each of 20,000 places among 2,000 sites of four operators.
    #[test]
    fn every_place_of_many_has_a_site_of_each_operator() {
        let spread = |n: u32, by: u32| f64::from(n.wrapping_mul(by) % 99_991) / 99_991.0;
        let operators = ["viettel", "vnpt", "mobifone", "vietnamobile"];
        let sites = (0..2000_u32)
            .zip(operators.iter().cycle())
            .map(|(n, operator)| site(&format!("s{n:04}"), operator, 104.5 + spread(n, 7919), 21.5 + spread(n, 6007)))
            .collect();
        let inventory = Inventory { sites, ..Inventory::default() };
        let stations = Stations::of(&inventory);
        for n in 0..20_000 {
            let nearest = stations.nearest(LonLat { lon: 104.5 + spread(n, 3571), lat: 21.5 + spread(n, 1237) });
            assert!(nearest.len() == operators.len() && nearest.is_sorted_by_key(|near| near.distance_m));
        }
    }
}
