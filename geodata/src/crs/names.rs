//! Codes and names of systems, as configurations and old GeoJSON files write them.

use super::Crs;

/// Prefixes before a code of the EPSG dataset, in lower case. After some, a version stands before the code.
const EPSG_PREFIXES: [&str; 5] = [
    "epsg:",
    "urn:ogc:def:crs:epsg:",
    "urn:x-ogc:def:crs:epsg:",
    "http://www.opengis.net/def/crs/epsg/",
    "https://www.opengis.net/def/crs/epsg/",
];

/// Prefixes before a name of the OGC, in lower case.
const OGC_PREFIXES: [&str; 5] =
    ["", "ogc:", "urn:ogc:def:crs:ogc:", "http://www.opengis.net/def/crs/ogc/", "https://www.opengis.net/def/crs/ogc/"];

/// Other names in use, without signs and in lower case.
const ALIASES: [(&str, u32); 9] = [
    ("wgs84", 4326),
    ("wgs1984", 4326),
    ("gcswgs1984", 4326),
    ("gcsvn2000", 4756),
    ("vn2000utm48n", 3405),
    ("vn2000utm49n", 3406),
    // Aliases of the EPSG dataset: zones that have a number by their meridian, and one by its city.
    ("vn2000tm3danangzone", 5899),
    ("vn2000tm310500", 5897),
    ("vn2000tm310800", 5898),
];

/// Longest name that is looked at, in bytes.
const MAX_BYTES: usize = 128;

pub(super) fn of_code(code: u32) -> Option<Crs> {
    // WGS 84 with heights, which are left aside.
    let code = if code == 4979 { 4326 } else { code };
    Crs::known().find(|crs| crs.epsg() == code)
}

pub(super) fn of_name(text: &str) -> Option<Crs> {
    let text = text.trim();
    if text.len() > MAX_BYTES {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    if is_crs84(&lower) {
        return Some(Crs::WGS84);
    }
    let code = EPSG_PREFIXES.iter().find_map(|prefix| lower.strip_prefix(prefix)).unwrap_or(&lower);
    // "…:EPSG::9211", "…:EPSG:9.8:9211", "…/EPSG/0/9211".
    let code = if code.len() == lower.len() { code } else { code.rsplit([':', '/']).next().unwrap_or_default() };
    if !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit()) {
        return code.parse().ok().and_then(of_code);
    }
    of_title(text)
}

/// The system of a name, whatever signs stand between its letters and digits: GIS programs replace them.
fn of_title(text: &str) -> Option<Crs> {
    let wanted = plain(text);
    let alias = || ALIASES.iter().find(|(name, _)| *name == wanted).and_then(|(_, code)| of_code(*code));
    Crs::known().find(|crs| plain(crs.name()) == wanted).or_else(alias)
}

/// WGS 84 by its name at the OGC, where longitude comes first by definition; `h` has heights.
fn is_crs84(lower: &str) -> bool {
    let named = |rest: &str| matches!(rest.rsplit([':', '/']).next(), Some("crs84" | "crs84h"));
    OGC_PREFIXES.iter().any(|prefix| {
        let rest = lower.strip_prefix(prefix);
        // At most a version stands between the prefix and the name.
        rest.is_some_and(|rest| named(rest) && rest.matches([':', '/']).count() <= usize::from(!prefix.is_empty()))
    })
}

/// Letters and digits in lower case: "VN-2000 / TM-3 106-00" and "VN_2000_TM_3_106_00" are one.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_is_found_by_code_and_name() {
        for crs in Crs::known() {
            assert_eq!(Crs::of_epsg(crs.epsg()), Ok(crs));
            let code = crs.epsg();
            for name in [
                crs.name().to_owned(),
                crs.name().to_lowercase().replace([' ', '-', '/'], "_"),
                format!("{code}"),
                format!(" EPSG:{code}\n"),
                format!("urn:ogc:def:crs:EPSG::{code}"),
                format!("urn:ogc:def:crs:EPSG:9.8.6:{code}"),
                format!("http://www.opengis.net/def/crs/EPSG/0/{code}"),
            ] {
                assert_eq!(Crs::of_name(&name), Ok(crs), "{name}");
            }
        }
    }

    #[test]
    fn wgs84_goes_by_many_names() {
        for name in [
            "WGS84",
            "wgs 84",
            "CRS84",
            "OGC:CRS84",
            "urn:ogc:def:crs:OGC:1.3:CRS84",
            "urn:ogc:def:crs:OGC::CRS84",
            "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            "EPSG:4979",
            "GCS_WGS_1984",
        ] {
            assert_eq!(Crs::of_name(name), Ok(Crs::WGS84), "{name}");
        }
    }

    #[test]
    fn zones_with_a_number_are_known_by_their_meridian_too() {
        assert_eq!(Crs::of_name("VN-2000 / TM-3 105-00").map(Crs::epsg), Ok(5897));
        assert_eq!(Crs::of_name("VN-2000 / TM-3 108-00").map(Crs::epsg), Ok(5898));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for name in [
            "",
            "EPSG:",
            "EPSG:3857",
            // WGS 84 / UTM, which is 224 m from VN-2000 / UTM.
            "EPSG:32648",
            // Withdrawn: false easting and northing mixed up.
            "EPSG:6957",
            // No zone of VN-2000 has these codes.
            "9219",
            "9221",
            "99999999999999999999",
            "EPSG:9211x",
            "a:b:crs84",
            "VN-2000 / TM-3 106-01",
            "Tuyên Quang",
        ] {
            assert!(Crs::of_name(name).is_err(), "{name}");
        }
        assert!(Crs::of_name(&"0".repeat(1000)).is_err());
        assert!(Crs::of_epsg(0).is_err());
    }
}
