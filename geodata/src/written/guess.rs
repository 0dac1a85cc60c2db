//! Which one mistake would explain that a place is not in the commune that its line declares.
//!
//! Each explanation is tried in a fixed order on the texts as they are written. Those that bring the place into its
//! commune are kept: one alone is a guess, several are named and none of them is better than another. Two that agree on
//! the place to a metre are one, under the first name.
//!
//! In the communes of Tuyên Quang, which are ten kilometres wide, swapped columns, lost points and signs stand alone. A
//! zone does in two lines of three: UTM and TM-3 on one meridian are 0.7 km apart. Degrees where metres are due hardly
//! ever do, because WGS 84 and VN-2000 are 224 m apart; there a person must say which of them it is.

use std::fmt;

use phusong_model::{CommuneCode, LonLat};

use super::{Axis, Reading, WrittenError, angle, coordinate, position, readings, usual};
use crate::crs::Crs;

/// A place that is nearer than this to its commune, in metres, is a matter of the border and not of a mistake: centres
/// of settlements are written to a second of arc, which is 30 m, and maps of neighbours differ by tens of metres.
pub(crate) const BORDER_M: f64 = 100.0;
/// Places looked at on each of [`BORDER_CIRCLES`] circles around one near a border.
const BORDER_DIRECTIONS: u32 = 16;
/// Radii of the circles, in parts of [`BORDER_M`].
const BORDER_CIRCLES: [f64; 3] = [0.25, 0.5, 1.0];

/// Explanations that agree to this, in metres, are one.
const SAME_PLACE_M: f64 = 1.0;
/// Most decimals that a lost point had after it: a hundredth of a millimetre in degrees.
const MAX_LOST_DECIMALS: i32 = 10;
/// Metres in a degree of latitude and of longitude on the equator, to a part in a hundred.
const METRES_PER_DEGREE: [f64; 2] = [110_700.0, 111_320.0];

/// A mistake that explains where a place was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Longitude and latitude, or easting and northing, are each in the other's column.
    Swapped,
    /// The decimal point or comma was lost: `10534808`.
    PointLost,
    /// Degrees, minutes and seconds with a point after the degrees only: `22.37453` for 22°37'45.3".
    SecondsAsDecimals,
    /// Degrees and minutes with a point after the degrees: `22.37755` for 22°37.755'.
    MinutesAsDecimals,
    /// Degrees, minutes and seconds without signs: `223745.3`.
    SignsLost,
    /// Degrees, in this system, where the file declares metres.
    DegreesForMetres(Crs),
    /// Metres, in this zone, where the file declares degrees.
    MetresForDegrees(Crs),
    /// Metres of this zone and not of the declared one.
    OtherZone(Crs),
    /// The other one of WGS 84 and VN-2000, which are 224 m apart.
    OtherDatum,
    /// A minus, south or west where there is none in Vietnam.
    Sign,
}

impl Reason {
    /// The word for it in logs.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Swapped => "swapped",
            Self::PointLost => "point-lost",
            Self::SecondsAsDecimals => "seconds-as-decimals",
            Self::MinutesAsDecimals => "minutes-as-decimals",
            Self::SignsLost => "signs-lost",
            Self::DegreesForMetres(_) => "degrees-for-metres",
            Self::MetresForDegrees(_) => "metres-for-degrees",
            Self::OtherZone(_) => "other-zone",
            Self::OtherDatum => "other-datum",
            Self::Sign => "sign",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Swapped => f.write_str("the two coordinates are swapped"),
            Self::PointLost => f.write_str("the decimal point or comma is lost"),
            Self::SecondsAsDecimals => f.write_str("minutes and seconds are written as decimals of a degree"),
            Self::MinutesAsDecimals => f.write_str("minutes are written as decimals of a degree"),
            Self::SignsLost => f.write_str("the signs between degrees, minutes and seconds are lost"),
            Self::DegreesForMetres(crs) => write!(f, "they are degrees, in {} (EPSG:{})", crs.name(), crs.epsg()),
            Self::MetresForDegrees(crs) => write!(f, "they are metres, in {} (EPSG:{})", crs.name(), crs.epsg()),
            Self::OtherZone(crs) => write!(f, "they are of another zone, {} (EPSG:{})", crs.name(), crs.epsg()),
            Self::OtherDatum => f.write_str("WGS 84 and VN-2000 are taken for each other"),
            Self::Sign => f.write_str("a sign is wrong: all of Vietnam is north and east"),
        }
    }
}

/// Where a place would be if a mistake was made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Guess {
    /// The mistake.
    pub(crate) reason: Reason,
    /// The place without it.
    pub(crate) at: LonLat,
}

/// What became of a place whose commune is declared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Placed {
    /// In its commune, as written.
    Inside(LonLat),
    /// As written, outside of its commune and less than [`BORDER_M`] from it.
    Border(LonLat),
    /// Elsewhere or unreadable as written, and one mistake explains it.
    Guess(Guess),
    /// Elsewhere or unreadable as written, and several mistakes would explain it: none may be taken.
    Several(Vec<Guess>),
    /// Elsewhere or unreadable as written, and no mistake that is known explains it.
    Unexplained {
        /// Where it is as written, or why that is nowhere.
        written: Result<LonLat, WrittenError>,
        /// The commune that it is in as written.
        commune: Option<CommuneCode>,
    },
}

/// Reads the place of two cells in the system that the file declares, and looks for the mistake if it is not in the
/// declared commune, or as near to it as a place may be that is written rightly. `commune_of` says which commune a place
/// is in. The two of a cell that holds a pair are the numbers that [`super::pair`] gives.
pub(crate) fn place(
    x: &str,
    y: &str,
    crs: Crs,
    declared: &CommuneCode,
    commune_of: impl Fn(LonLat) -> Option<CommuneCode>,
) -> Placed {
    let is_inside = |at: LonLat| commune_of(at).is_some_and(|commune| commune == *declared);
    let written = position(x, y, crs);
    if let Ok(at) = written {
        if is_inside(at) {
            return Placed::Inside(at);
        }
        if around(at).any(is_inside) {
            return Placed::Border(at);
        }
    }
    let explanations = explanations(x, y, crs);
    let mut guesses = distinct(explanations.iter().filter(|guess| is_inside(guess.at)));
    if guesses.is_empty() {
        guesses = distinct(explanations.iter().filter(|guess| around(guess.at).any(is_inside)));
    }
    match guesses.as_slice() {
        [] => Placed::Unexplained { commune: written.as_ref().ok().and_then(|at| commune_of(*at)), written },
        [only] => Placed::Guess(*only),
        [_, _, ..] => Placed::Several(guesses),
    }
}

/// The first of those that agree on the place.
fn distinct<'a>(explanations: impl Iterator<Item = &'a Guess>) -> Vec<Guess> {
    let mut guesses: Vec<Guess> = Vec::new();
    for guess in explanations {
        if !guesses.iter().any(|known| metres_apart(known.at, guess.at) < SAME_PLACE_M) {
            guesses.push(*guess);
        }
    }
    guesses
}

/// All explanations that lead anywhere, in their order.
fn explanations(x: &str, y: &str, crs: Crs) -> Vec<Guess> {
    let with = |reason: Reason| move |at: LonLat| Guess { reason, at };
    let both = |read: fn(&str, Axis) -> Option<f64>| crs.to_wgs84(read(x, Axis::X)?, read(y, Axis::Y)?);
    let mut found: Vec<Guess> = Vec::new();
    found.extend(position(y, x, crs).ok().map(with(Reason::Swapped)));
    found.extend(point_lost(x, y, crs).into_iter().map(with(Reason::PointLost)));
    if crs.is_geographic() {
        found.extend(both(seconds_as_decimals).map(with(Reason::SecondsAsDecimals)));
        found.extend(both(minutes_as_decimals).map(with(Reason::MinutesAsDecimals)));
        found.extend(both(signs_lost).map(with(Reason::SignsLost)));
    }
    for other in Crs::known().filter(|other| *other != crs) {
        let reason = match (crs.is_geographic(), other.is_geographic()) {
            (true, true) => continue,
            (true, false) => Reason::MetresForDegrees(other),
            (false, true) => Reason::DegreesForMetres(other),
            (false, false) => Reason::OtherZone(other),
        };
        found.extend(position(x, y, other).ok().map(with(reason)));
    }
    found.extend(other_datum(x, y, crs).map(with(Reason::OtherDatum)));
    found.extend(signs_turned(x, y, crs).into_iter().map(with(Reason::Sign)));
    found
}

/// The plain numbers that a text may mean.
fn plain(text: &str) -> Vec<f64> {
    let plain = |reading| match reading {
        Reading::Plain(value) => Some(value),
        Reading::Angle(_) => None,
    };
    readings(text).map(|(_, found)| found.into_iter().filter_map(plain).collect()).unwrap_or_default()
}

/// Every place in Vietnam that a point put back into one text or both gives.
fn point_lost(x: &str, y: &str, crs: Crs) -> Vec<LonLat> {
    let candidates = |text: &str, axis: Axis| -> Vec<(f64, bool)> {
        let mut found: Vec<(f64, bool)> = coordinate(text, axis, crs).into_iter().map(|value| (value, false)).collect();
        for whole in plain(text).into_iter().filter(|value| value.fract() == 0.0) {
            let pointed = (1..=MAX_LOST_DECIMALS).map(|decimals| (whole / 10_f64.powi(decimals), true));
            found.extend(pointed.filter(|(value, _)| usual(axis, crs).contains(value)));
        }
        found
    };
    let (xs, ys) = (candidates(x, Axis::X), candidates(y, Axis::Y));
    let pairs = xs.iter().flat_map(|x| ys.iter().map(move |y| (x, y)));
    pairs.filter(|(x, y)| x.1 || y.1).filter_map(|(x, y)| crs.to_wgs84(x.0, y.0)).collect()
}

/// The only plain number of a text as its digits before and after the point.
fn digits(text: &str) -> Option<(String, String)> {
    // 105.348 is 105348 as well, which is no number of degrees.
    let value = plain(text).into_iter().find(|value| (0.0..=180.0).contains(value))?;
    let written = value.to_string();
    let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
    Some((whole.to_owned(), fraction.to_owned()))
}

fn seconds_as_decimals(text: &str, _: Axis) -> Option<f64> {
    let (degrees, fraction) = digits(text)?;
    // A list drops zeros at the end: 22.3 is 22°30'00".
    let fraction = format!("{fraction:0<4}");
    let (minutes, seconds) = fraction.split_at_checked(2)?;
    let (whole, decimals) = seconds.split_at_checked(2)?;
    angle::from_parts(&[&degrees, minutes, &format!("{whole}.{decimals}0")])
}

fn minutes_as_decimals(text: &str, _: Axis) -> Option<f64> {
    let (degrees, fraction) = digits(text)?;
    let fraction = format!("{fraction:0<2}");
    let (whole, decimals) = fraction.split_at_checked(2)?;
    angle::from_parts(&[&degrees, &format!("{whole}.{decimals}0")])
}

fn signs_lost(text: &str, axis: Axis) -> Option<f64> {
    // The reading that is longest is the one whose marks part thousands.
    let value = plain(text).into_iter().max_by(f64::total_cmp)?;
    let written = value.to_string();
    let (whole, decimals) = written.split_once('.').unwrap_or((&written, ""));
    let all = format!("{whole}{decimals}");
    let degree_digits = match axis {
        Axis::X => 3,
        // South of the tenth parallel a latitude has one digit.
        Axis::Y => all.get(..2)?.parse::<f64>().ok().filter(|d| usual(axis, Crs::WGS84).contains(d)).map_or(1, |_| 2),
    };
    // A point, if there is one, stands after the seconds.
    if !decimals.is_empty() && whole.len() != degree_digits + 4 {
        return None;
    }
    let (degrees, rest) = all.split_at_checked(degree_digits)?;
    let (minutes, rest) = rest.split_at_checked(2)?;
    let (seconds, decimals) = rest.split_at_checked(2)?;
    angle::from_parts(&[degrees, minutes, &format!("{seconds}.{decimals}0")])
}

/// The place if the datum is the other one: degrees of it, or metres of the same zone on it.
fn other_datum(x: &str, y: &str, crs: Crs) -> Option<LonLat> {
    let vn2000 = Crs::of_epsg(4756).ok()?;
    if crs == Crs::WGS84 {
        return position(x, y, vn2000).ok();
    }
    // Every other system is on VN-2000: the numbers without the shift.
    let (lon, lat) = vn2000.from_wgs84(position(x, y, crs).ok()?)?;
    Crs::WGS84.to_wgs84(lon, lat)
}

fn signs_turned(x: &str, y: &str, crs: Crs) -> Vec<LonLat> {
    let (Ok(x), Ok(y)) = (coordinate(x, Axis::X, crs), coordinate(y, Axis::Y, crs)) else { return Vec::new() };
    if x >= 0.0 && y >= 0.0 {
        return Vec::new();
    }
    crs.to_wgs84(x.abs(), y.abs()).into_iter().collect()
}

/// Places around one, as near as [`BORDER_M`].
fn around(at: LonLat) -> impl Iterator<Item = LonLat> {
    let [lat_m, lon_m] = METRES_PER_DEGREE;
    let narrowing = at.lat.to_radians().cos();
    BORDER_CIRCLES.into_iter().flat_map(move |part| {
        (0..BORDER_DIRECTIONS).map(move |direction| {
            let angle = std::f64::consts::TAU * f64::from(direction) / f64::from(BORDER_DIRECTIONS);
            let (north, east) = angle.sin_cos();
            let metres = part * BORDER_M;
            LonLat { lon: at.lon + metres * east / (lon_m * narrowing), lat: at.lat + metres * north / lat_m }
        })
    })
}

pub(super) fn metres_apart(a: LonLat, b: LonLat) -> f64 {
    let [lat_m, lon_m] = METRES_PER_DEGREE;
    ((a.lon - b.lon) * a.lat.to_radians().cos() * lon_m).hypot((a.lat - b.lat) * lat_m)
}
