//! Coordinates as officers write them.
//!
//! A cell of a list may hold decimal degrees with a point or a comma, degrees with minutes and seconds in many forms,
//! or metres with separators of thousands, and letters of the compass in Vietnamese or English. What can be read in one
//! way only, given the coordinate system that the file declares, is read; the rest is an error that says why.
//!
//! Where a place does not fall into the commune that its line declares, [`place`] looks for the one mistake that would
//! explain it. It proposes and never applies: that is for a person to allow.

mod angle;
mod error;
mod guess;
mod letters;
mod number;

#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod villages;

pub(crate) use error::WrittenError;
#[cfg(test)]
use guess::Reason;
pub(crate) use guess::{Guess, Placed, place};

use std::ops::RangeInclusive;

use phusong_model::{LonLat, nfc};

use crate::crs::Crs;
use letters::Lettered;

/// Longest text of a coordinate or pair, in bytes: a pair in full words has some 90.
const MAX_BYTES: usize = 160;

/// Vietnam with Hoàng Sa and Trường Sa, in degrees. Longitudes and latitudes have no number in common, which is what
/// makes the order of a pair certain.
const LON: RangeInclusive<f64> = 101.0..=119.0;
const LAT: RangeInclusive<f64> = 6.0..=24.0;
/// The same in metres of a zone. Smaller eastings are more than 4.6 degrees west of its meridian, outside of every
/// province that uses it, and are what "417.483" gives when its point is not seen to part thousands.
const EASTING_M: RangeInclusive<f64> = 10_000.0..=1_600_000.0;
const NORTHING_M: RangeInclusive<f64> = 660_000.0..=2_660_000.0;
/// Half the circumference of the Earth: no coordinate in metres is larger.
const LARGEST_M: f64 = 2.1e7;
/// Readings nearer to each other than this, in degrees or metres, are one.
const SAME: f64 = 1e-9;

/// One of the two numbers of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    /// Longitude or easting.
    X,
    /// Latitude or northing.
    Y,
}

/// A way to read a text.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Reading {
    /// A number.
    Plain(f64),
    /// Degrees with minutes, in degrees.
    Angle(f64),
}

impl Reading {
    fn value(self) -> f64 {
        match self {
            Self::Plain(value) | Self::Angle(value) => value,
        }
    }
}

/// Every way to read a text, and the axis that its letters name.
fn readings(text: &str) -> Result<(Option<Axis>, Vec<Reading>), WrittenError> {
    if text.len() > MAX_BYTES {
        return Err(WrittenError::TooLong);
    }
    let text = nfc(text);
    if text.is_empty() {
        return Err(WrittenError::Empty);
    }
    let unreadable = || WrittenError::unreadable(&text);
    let Lettered { body, axis, is_negative } = letters::strip(&text).ok_or_else(unreadable)?;
    let signed = |value: f64| if is_negative { -value } else { value };
    let mut found: Vec<Reading> = number::values(&body).into_iter().map(|v| Reading::Plain(signed(v))).collect();
    found.extend(angle::degrees(&body).map(|v| Reading::Angle(signed(v))));
    if found.is_empty() { Err(unreadable()) } else { Ok((axis, found)) }
}

/// Where coordinates of the country lie on an axis.
fn usual(axis: Axis, crs: Crs) -> RangeInclusive<f64> {
    match (axis, crs.is_geographic()) {
        (Axis::X, true) => LON,
        (Axis::Y, true) => LAT,
        (Axis::X, false) => EASTING_M,
        (Axis::Y, false) => NORTHING_M,
    }
}

fn largest(axis: Axis, crs: Crs) -> f64 {
    match (axis, crs.is_geographic()) {
        (Axis::X, true) => 180.0,
        (Axis::Y, true) => 90.0,
        (Axis::X | Axis::Y, false) => LARGEST_M,
    }
}

/// The number that a text means on an axis of a system, in degrees or metres.
///
/// A text with two readings, as `417.483` has, means the one that lies in Vietnam; where both or neither do, it is
/// ambiguous. A number elsewhere on the globe is given as it is.
pub(crate) fn coordinate(text: &str, axis: Axis, crs: Crs) -> Result<f64, WrittenError> {
    let (named, found) = readings(text)?;
    if named.is_some_and(|named| named != axis) {
        return Err(WrittenError::OtherAxis(axis));
    }
    let fitting: Vec<f64> = found
        .iter()
        .filter(|reading| crs.is_geographic() || matches!(reading, Reading::Plain(_)))
        .map(|reading| reading.value())
        .filter(|value| value.abs() <= largest(axis, crs))
        .collect();
    let here: Vec<f64> = fitting.iter().copied().filter(|value| usual(axis, crs).contains(value)).collect();
    match (here.as_slice(), fitting.as_slice()) {
        ([only], _) | ([], [only]) => Ok(*only),
        ([], []) if found.iter().all(|reading| matches!(reading, Reading::Angle(_))) && !crs.is_geographic() => {
            Err(WrittenError::DegreesForMetres)
        }
        ([], []) => Err(WrittenError::OutOfRange { axis, largest: largest(axis, crs), metres: !crs.is_geographic() }),
        ([one, other, ..], _) | ([], [one, other, ..]) => Err(WrittenError::Ambiguous(*one, *other)),
    }
}

/// The place of two texts in a system.
fn position(x: &str, y: &str, crs: Crs) -> Result<LonLat, WrittenError> {
    let (x, y) = (coordinate(x, Axis::X, crs)?, coordinate(y, Axis::Y, crs)?);
    crs.to_wgs84(x, y).ok_or(WrittenError::NotUsedThere)
}

/// Easting or longitude, then northing or latitude, of a text that holds both, as `105,34808/22,62924`.
///
/// Where no letters name them, the order is the one that falls into Vietnam; so is the comma that parts the two, where
/// there are several.
pub(crate) fn pair(text: &str, crs: Crs) -> Result<(f64, f64), WrittenError> {
    if text.len() > MAX_BYTES {
        return Err(WrittenError::TooLong);
    }
    if text.trim().is_empty() {
        return Err(WrittenError::Empty);
    }
    let mut found: Vec<(f64, f64)> = Vec::new();
    for (a, b) in halves(text) {
        for (x, y) in [(a, b), (b, a)] {
            let Some((x, y)) = here(x, y, crs) else { continue };
            if !found.iter().any(|known| (known.0 - x).abs() <= SAME && (known.1 - y).abs() <= SAME) {
                found.push((x, y));
            }
        }
    }
    match found.as_slice() {
        [only] => Ok(*only),
        [] => Err(WrittenError::NoPair(WrittenError::shown(text))),
        [one, other, ..] => Err(WrittenError::AmbiguousPair(*one, *other)),
    }
}

/// Two texts as coordinates, if they are a place in Vietnam.
fn here(x: &str, y: &str, crs: Crs) -> Option<(f64, f64)> {
    let (x, y) = (coordinate(x, Axis::X, crs).ok()?, coordinate(y, Axis::Y, crs).ok()?);
    let at = crs.to_wgs84(x, y)?;
    (LON.contains(&at.lon) && LAT.contains(&at.lat)).then_some((x, y))
}

/// The ways to part a text in two: at the sign that nothing else uses, else at each comma and space.
fn halves(text: &str) -> Vec<(&str, &str)> {
    let text = text.trim();
    let text = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(text);
    if let Some(halves) = text.split_once(['/', ';', '|', '\t', '\n']) {
        return vec![halves];
    }
    text.match_indices([',', ' ', '\u{a0}'])
        .filter_map(|(at, sign)| Some((text.get(..at)?, text.get(at + sign.len()..)?)))
        .collect()
}
