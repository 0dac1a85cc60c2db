//! Levels that a device can report, by generation.

use std::ops::RangeInclusive;

use phusong_model::Technology;

/// What a device can report in dBm. A number outside is no level: a counter, an RSSI or the mark for "nothing here".
///
/// - 2G, RxLev: 3GPP TS 45.008, 8.1.4, reports from below -110 to above -48, or -38 on the scale of strong cells;
///   devices that follow TS 27.007, 8.5, end at -113.
/// - 3G, CPICH RSCP: TS 25.133, 9.1.1.3, from -120 to -25.
/// - 4G, RSRP: TS 36.133, 9.1.4, from -140 to -44, with the wider range of later releases from -156.
/// - 5G, SS-RSRP: TS 38.133, 10.1.6, from -156 to -31.
pub(super) const fn reported_dbm(technology: Technology) -> RangeInclusive<f64> {
    match technology {
        Technology::G2 => -113.0..=-38.0,
        Technology::G3 => -120.0..=-25.0,
        Technology::G4 => -156.0..=-44.0,
        Technology::G5 => -156.0..=-31.0,
    }
}

/// Android's `CellInfo.UNAVAILABLE`, which applications write as it is: the device does not know.
const UNAVAILABLE: f64 = 2_147_483_647.0;

/// A level as a file writes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Level {
    /// In dBm.
    Dbm(f64),
    /// The device found no network.
    NoNetwork,
    /// The device does not know.
    Unknown,
}

/// Reads `-97`, `−97,5`, `-97 dBm`, or words for no network; `None` is none of these.
pub(super) fn read(text: &str) -> Option<Level> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Level::Unknown);
    }
    if super::words::is_no_network(text) {
        return Some(Level::NoNetwork);
    }
    let number = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic()).trim_end();
    let unit = text.get(number.len()..).unwrap_or_default().trim();
    if !unit.is_empty() && !unit.eq_ignore_ascii_case("dbm") {
        return None;
    }
    // Some programs write the sign that typesetters use.
    let number = number.replace('\u{2212}', "-").replace(',', ".");
    let value = number.parse::<f64>().ok().filter(|value| value.is_finite())?;
    Some(if value == UNAVAILABLE { Level::Unknown } else { Level::Dbm(value) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_as_people_and_programs_write_them() {
        for (text, level) in [
            ("-97", Level::Dbm(-97.0)),
            (" -97.5 dBm", Level::Dbm(-97.5)),
            ("−97,5", Level::Dbm(-97.5)),
            ("No service", Level::NoNetwork),
            ("none", Level::NoNetwork),
            ("", Level::Unknown),
            ("2147483647", Level::Unknown),
        ] {
            assert_eq!(read(text), Some(level), "{text}");
        }
        for bad in ["NaN", "inf", "-9x", "-97 dB", "1,2,3", "--97", "LTE"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
