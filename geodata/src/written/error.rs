//! Why a text is not taken as a coordinate.

use std::fmt;

use phusong_model::printable;

use super::{Axis, MAX_BYTES};

/// Most characters repeated of a text.
const SHOWN_CHARS: usize = 40;

/// Why a text is not taken as a coordinate, or a pair of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum WrittenError {
    /// Nothing is written.
    Empty,
    /// More text than any coordinate needs.
    TooLong,
    /// No form that is known; the text, bounded and made printable.
    Unreadable(String),
    /// Its letters name the other axis than the one that is due.
    OtherAxis(Axis),
    /// Minutes and seconds where the file declares metres.
    DegreesForMetres,
    /// Larger than anything on that axis.
    OutOfRange {
        /// The axis that is due.
        axis: Axis,
        /// The largest number on it.
        largest: f64,
        /// Whether that is metres; else degrees.
        metres: bool,
    },
    /// Two readings are equally good.
    Ambiguous(f64, f64),
    /// The two numbers are on the globe, and not where the system is used.
    NotUsedThere,
    /// No way to part the text in two gives a place in Vietnam; the text, bounded and made printable.
    NoPair(String),
    /// Two places are equally good.
    AmbiguousPair((f64, f64), (f64, f64)),
}

impl WrittenError {
    pub(super) fn unreadable(text: &str) -> Self {
        Self::Unreadable(Self::shown(text))
    }

    pub(super) fn shown(text: &str) -> String {
        let shown: String = text.chars().take(SHOWN_CHARS).collect();
        printable(&shown).into_owned()
    }
}

impl fmt::Display for WrittenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |axis: &Axis| match axis {
            Axis::X => "longitude or easting",
            Axis::Y => "latitude or northing",
        };
        match self {
            Self::Empty => f.write_str("no coordinate is written"),
            Self::TooLong => write!(f, "longer than the {MAX_BYTES} bytes that a coordinate may have"),
            Self::Unreadable(text) => write!(f, "\"{text}\" is not a coordinate"),
            Self::OtherAxis(due) => write!(f, "its letters name the other axis where {} is due", name(due)),
            Self::DegreesForMetres => f.write_str("degrees where the coordinate system has metres"),
            Self::OutOfRange { axis, largest, metres } => {
                let unit = if *metres { "metres" } else { "degrees" };
                write!(f, "larger than {largest} {unit}, the most that a {} has", name(axis))
            }
            Self::Ambiguous(one, other) => write!(f, "it may mean {one} or {other}"),
            Self::NotUsedThere => f.write_str("the coordinate system is not used at that place"),
            Self::NoPair(text) => write!(f, "\"{text}\" is not a pair of coordinates of a place in Vietnam"),
            Self::AmbiguousPair((x, y), (other_x, other_y)) => {
                write!(f, "it may mean {x}; {y} or {other_x}; {other_y}")
            }
        }
    }
}

impl std::error::Error for WrittenError {}
