//! The table of known systems, as the EPSG dataset v11.022 has them.
//!
//! Not in it, on purpose: 6956 to 6959, which are the TM-3 zones with easting and northing of the origin mixed up and
//! were withdrawn; and any system after 9218, for the dataset has no further zone of VN-2000.

use super::{datum::Datum, mercator::Projection};

/// One system.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct System {
    /// Code in the EPSG dataset.
    pub(super) epsg: u32,
    /// Name in the EPSG dataset.
    pub(super) name: &'static str,
    /// What degrees and metres are measured from.
    pub(super) datum: Datum,
    /// How it is laid flat; `None` for longitude and latitude.
    pub(super) projection: Option<Projection>,
}

/// Longitude and latitude in WGS 84.
pub(super) const WGS_84: System = System { epsg: 4326, name: "WGS 84", datum: Datum::Wgs84, projection: None };

/// WGS 84, then VN-2000 by kind and code.
pub(super) static SYSTEMS: [System; 22] = [
    WGS_84,
    System { epsg: 4756, name: "VN-2000", datum: Datum::Vn2000, projection: None },
    utm(3405, "VN-2000 / UTM zone 48N", 105),
    utm(3406, "VN-2000 / UTM zone 49N", 111),
    tm3(5896, "VN-2000 / TM-3 zone 481", 102, 0),
    tm3(5897, "VN-2000 / TM-3 zone 482", 105, 0),
    tm3(5898, "VN-2000 / TM-3 zone 491", 108, 0),
    tm3(5899, "VN-2000 / TM-3 107-45", 107, 45),
    tm3(9205, "VN-2000 / TM-3 103-00", 103, 0),
    tm3(9206, "VN-2000 / TM-3 104-00", 104, 0),
    tm3(9207, "VN-2000 / TM-3 104-30", 104, 30),
    tm3(9208, "VN-2000 / TM-3 104-45", 104, 45),
    tm3(9209, "VN-2000 / TM-3 105-30", 105, 30),
    tm3(9210, "VN-2000 / TM-3 105-45", 105, 45),
    tm3(9211, "VN-2000 / TM-3 106-00", 106, 0),
    tm3(9212, "VN-2000 / TM-3 106-15", 106, 15),
    tm3(9213, "VN-2000 / TM-3 106-30", 106, 30),
    tm3(9214, "VN-2000 / TM-3 107-00", 107, 0),
    tm3(9215, "VN-2000 / TM-3 107-15", 107, 15),
    tm3(9216, "VN-2000 / TM-3 107-30", 107, 30),
    tm3(9217, "VN-2000 / TM-3 108-15", 108, 15),
    tm3(9218, "VN-2000 / TM-3 108-30", 108, 30),
];

const fn utm(epsg: u32, name: &'static str, degrees: u16) -> System {
    let projection = Projection { meridian_minutes: degrees * 60, scale_ten_thousandths: 9996 };
    System { epsg, name, datum: Datum::Vn2000, projection: Some(projection) }
}

const fn tm3(epsg: u32, name: &'static str, degrees: u16, minutes: u16) -> System {
    let projection = Projection { meridian_minutes: degrees * 60 + minutes, scale_ten_thousandths: 9999 };
    System { epsg, name, datum: Datum::Vn2000, projection: Some(projection) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_code_name_or_definition_is_there_twice() {
        let codes: BTreeSet<u32> = SYSTEMS.iter().map(|s| s.epsg).collect();
        let names: BTreeSet<&str> = SYSTEMS.iter().map(|s| s.name).collect();
        let definitions: BTreeSet<String> =
            SYSTEMS.iter().map(|s| format!("{:?} {:?}", s.datum, s.projection)).collect();
        assert_eq!([codes.len(), names.len(), definitions.len()], [SYSTEMS.len(); 3]);
    }

    #[test]
    fn the_name_of_a_zone_gives_its_meridian() {
        let mut named = 0;
        for system in &SYSTEMS {
            let Some((_, meridian)) = system.name.split_once("TM-3 ") else { continue };
            let Some((degrees, minutes)) = meridian.split_once('-') else { continue };
            let minutes = degrees.parse::<u16>().expect("degrees") * 60 + minutes.parse::<u16>().expect("minutes");
            assert_eq!(system.projection.map(|p| p.meridian_minutes), Some(minutes), "{}", system.name);
            named += 1;
        }
        assert_eq!(named, 15);
    }
}
