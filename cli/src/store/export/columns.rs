//! Columns of an export and their values.

use phusong_model::UtcMs;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words or an id.
    Text,
    /// A whole number.
    Int,
    /// A counter of 64 bits, as a device gave it.
    Count,
    /// A measure.
    Float,
    /// An instant. CSV has it twice: ISO 8601 in UTC, and milliseconds since 1970.
    Time,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name, with the unit.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// A value that is known, of the kind of its column; or none.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// As [`Kind::Text`].
    Text(String),
    /// As [`Kind::Int`].
    Int(i64),
    /// As [`Kind::Count`].
    Count(u64),
    /// As [`Kind::Float`].
    Float(f64),
    /// As [`Kind::Time`].
    Time(UtcMs),
    /// Not known.
    Missing,
}

impl Value {
    /// Words that may not be known.
    pub fn text(text: Option<impl ToString>) -> Self {
        text.map_or(Self::Missing, |text| Self::Text(text.to_string()))
    }

    /// A whole number that may not be known.
    pub fn int(number: Option<impl Into<i64>>) -> Self {
        number.map_or(Self::Missing, |number| Self::Int(number.into()))
    }

    /// A counter that may not be known.
    pub fn count(number: Option<u64>) -> Self {
        number.map_or(Self::Missing, Self::Count)
    }

    /// A measure that may not be known.
    pub fn float(number: Option<f64>) -> Self {
        number.map_or(Self::Missing, Self::Float)
    }

    /// An instant that may not be known.
    pub fn time(at: Option<UtcMs>) -> Self {
        at.map_or(Self::Missing, Self::Time)
    }
}
