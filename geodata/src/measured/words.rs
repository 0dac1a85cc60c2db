//! Operators and technologies as devices and their programs call them.

use phusong_model::{Operator, Technology, fold};

/// Brands by a part of the names that networks send out: `VN VINAPHONE`, `Viettel 4G`.
const BRANDS: [&str; 4] = ["viettel", "vinaphone", "mobifone", "vietnamobile"];

/// Mobile network codes of Viet Nam, country code 452 (ITU Operational Bulletin, Rec. E.212).
const CODES: [(&str, &str); 4] =
    [("45201", "mobifone"), ("45202", "vinaphone"), ("45204", "viettel"), ("45205", "vietnamobile")];

/// Technologies beside the names that [`Technology::parse`] knows, in letters and digits only.
const TECHNOLOGIES: [(&str, Technology); 14] = [
    ("gprs", Technology::G2),
    ("edge", Technology::G2),
    ("hspa", Technology::G3),
    ("hspap", Technology::G3),
    ("hsdpa", Technology::G3),
    ("hsupa", Technology::G3),
    ("dchspa", Technology::G3),
    ("lteca", Technology::G4),
    ("ltea", Technology::G4),
    ("lteadvanced", Technology::G4),
    ("nrsa", Technology::G5),
    ("5gsa", Technology::G5),
    ("5gnr", Technology::G5),
    ("4glte", Technology::G4),
];

/// What devices show where there is no network.
const NO_NETWORK: [&str; 7] = ["none", "noservice", "nosignal", "nonetwork", "outofservice", "khongcosong", "matsong"];

/// The letters and digits of a word, without tones and case.
pub(super) fn plain(text: &str) -> String {
    fold(text).chars().filter(char::is_ascii_alphanumeric).collect()
}

/// The operator of a name, an id, or a country and network code.
pub(super) fn operator(text: &str) -> Option<Operator> {
    let plain = plain(text);
    let code = CODES.iter().find(|(code, _)| *code == plain).map(|(_, id)| *id);
    let brand = BRANDS.into_iter().find(|brand| plain.contains(brand));
    code.or(brand).unwrap_or(text.trim()).parse().ok()
}

/// The generation of a technology's name.
pub(super) fn technology(text: &str) -> Option<Technology> {
    let plain = plain(text);
    let known = TECHNOLOGIES.iter().find(|(name, _)| *name == plain).map(|(_, technology)| *technology);
    known.or_else(|| Technology::parse(text))
}

/// Whether a device says so that it found no network.
pub(super) fn is_no_network(text: &str) -> bool {
    NO_NETWORK.contains(&plain(text).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_known_by_name_and_code() {
        let id = |text: &str| operator(text).map(|operator| operator.as_str().to_owned());
        for (text, expected) in [
            ("Viettel", "viettel"),
            ("VN VINAPHONE", "vinaphone"),
            ("452-04", "viettel"),
            ("45201", "mobifone"),
            ("vnpt", "vnpt"),
        ] {
            assert_eq!(id(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!((id(""), id("không rõ")), (None, None));
    }

    #[test]
    fn technologies_are_known_by_what_devices_call_them() {
        assert_eq!(technology("LTE_CA"), Some(Technology::G4));
        assert_eq!(technology("HSPA+"), Some(Technology::G3));
        assert_eq!(technology("5g"), Some(Technology::G5));
        // The anchor is LTE and the data NR; which of the two a level is of, nobody says.
        assert_eq!(technology("NR NSA"), None);
        assert!(is_no_network("Không có sóng") && !is_no_network("LTE"));
    }
}
