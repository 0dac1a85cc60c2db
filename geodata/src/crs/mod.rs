//! The coordinate systems that files of a Vietnamese province come in, and the way from each of them to WGS 84.
//!
//! A system is a property of a file and never of a province: the provinces that were merged in 2025 brought their own
//! central meridians with them, and one read as its neighbour is off by tens of kilometres. A system that is not in the
//! table is refused, not approximated.
//!
//! Coordinates are in the order of files, easting or longitude first, whatever axis order the register gives a system.
//! All of it is ours and small; the sources are the EPSG dataset v11.022, IOGP Publication 373-7-2 (EPSG Guidance
//! Note 7-2) and Karney, "Transverse Mercator with an accuracy of a few nanometers", J. Geodesy 85 (2011) 475-485.

use std::fmt;

use phusong_model::LonLat;

mod datum;
mod mercator;
mod names;
mod systems;
mod unknown;
mod wkt;

#[cfg(test)]
mod golden;

pub(crate) use unknown::UnknownCrs;

use datum::Datum;
use systems::{SYSTEMS, System, WGS_84};

/// West and east of where VN-2000 is used: the mainland, Hoàng Sa and Trường Sa with a margin of a degree or two.
const VN_LON: std::ops::RangeInclusive<f64> = 100.0..=120.0;
/// South and north of the same.
const VN_LAT: std::ops::RangeInclusive<f64> = 4.0..=28.0;
/// Farthest from the central meridian, in degrees: Trường Sa is 9.3 from its own, the west of Lai Châu 8.9 from that of
/// zone 49N.
const REACH_DEGREES: f64 = 10.0;

/// A coordinate reference system that files of a province come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Crs(&'static System);

impl Crs {
    /// Longitude and latitude in WGS 84.
    pub(crate) const WGS84: Self = Self(&WGS_84);

    /// The system of an EPSG code. The three-dimensional WGS 84, 4979, counts as 4326: heights are left aside.
    pub(crate) fn of_epsg(code: u32) -> Result<Self, UnknownCrs> {
        names::of_code(code).ok_or_else(|| UnknownCrs::new(&format!("EPSG:{code}")))
    }

    /// The system that a `.prj` file or a `definition` column describes, in the dialects of ESRI, OGC WKT 1 and WKT 2.
    ///
    /// Its parameters decide; a code that contradicts them is refused, and so is text of more than
    /// 64 KiB.
    pub(crate) fn of_wkt(text: &str) -> Result<Self, UnknownCrs> {
        wkt::crs(text)
    }

    /// The system of a name as people and old GeoJSON files write one: `EPSG:9211`, `9211`, `WGS84`,
    /// `VN-2000 / TM-3 106-00`, `urn:ogc:def:crs:OGC:1.3:CRS84`.
    pub(crate) fn of_name(text: &str) -> Result<Self, UnknownCrs> {
        names::of_name(text).ok_or_else(|| UnknownCrs::new(text))
    }

    /// Its EPSG code.
    pub(crate) fn epsg(self) -> u32 {
        self.0.epsg
    }

    /// Its name in the EPSG dataset.
    pub(crate) fn name(self) -> &'static str {
        self.0.name
    }

    /// Whether its coordinates are degrees; else they are metres.
    pub(crate) fn is_geographic(self) -> bool {
        self.0.projection.is_none()
    }

    /// All systems of the table: WGS 84, then VN-2000 geographic, UTM and TM-3 by code.
    pub(crate) fn known() -> impl Iterator<Item = Self> {
        SYSTEMS.iter().map(Self)
    }

    /// The place of a coordinate pair: `x` is easting or longitude, `y` northing or latitude, in metres or degrees.
    ///
    /// `None` when a number is not finite, not on the globe, or where the system is not used: VN-2000 outside of
    /// 100-120° E and 4-28° N, or more than ten degrees from the central meridian. The datum shift is good to a metre.
    pub(crate) fn to_wgs84(self, x: f64, y: f64) -> Option<LonLat> {
        let at = match self.0.projection {
            None => LonLat { lon: x, lat: y },
            Some(projection) => projection.inverse(x, y),
        };
        self.is_used_at(at).then(|| match self.0.datum {
            Datum::Wgs84 => at,
            Datum::Vn2000 => datum::to_wgs84(at),
        })
    }

    /// The coordinates of a place; to a micrometre the inverse of [`Self::to_wgs84`], and `None` where that gives none.
    #[expect(clippy::wrong_self_convention, reason = "the system converts; it is not what comes out")]
    pub(crate) fn from_wgs84(self, at: LonLat) -> Option<(f64, f64)> {
        if !Self::WGS84.is_used_at(at) {
            return None;
        }
        let own = match self.0.datum {
            Datum::Wgs84 => at,
            Datum::Vn2000 => datum::from_wgs84(at),
        };
        self.is_used_at(own).then(|| match self.0.projection {
            None => (own.lon, own.lat),
            Some(projection) => projection.forward(own),
        })
    }

    /// Whether a place, in degrees of the system's own datum, is where the system is used. Not a number is nowhere.
    fn is_used_at(self, at: LonLat) -> bool {
        let (lon, lat) = match self.0.datum {
            Datum::Wgs84 => (-180.0..=180.0, -90.0..=90.0),
            Datum::Vn2000 => (VN_LON, VN_LAT),
        };
        let reached = self.0.projection.is_none_or(|p| (at.lon - p.meridian()).abs() <= REACH_DEGREES);
        reached && lon.contains(&at.lon) && lat.contains(&at.lat)
    }
}

/// Its code and its name.
impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EPSG:{} ({})", self.epsg(), self.name())
    }
}

/// Whether a place, in WGS 84, is in Viet Nam or a degree or two beside it.
pub(crate) fn is_of_vietnam(at: LonLat) -> bool {
    VN_LON.contains(&at.lon) && VN_LAT.contains(&at.lat)
}
