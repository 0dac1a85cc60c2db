//! Numbers that could be mistaken for one another.

use serde::{Deserialize, Serialize};

/// Microseconds: round-trip times and jitter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub u32);

impl Micros {
    /// The value in milliseconds, as InfluxDB and people get it.
    #[must_use]
    pub fn as_millis_f64(self) -> f64 {
        f64::from(self.0) / 1e3
    }
}

/// Optical power in decibels over one milliwatt.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dbm(pub f64);

/// A length on the ground in metres.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metres(pub f64);

/// A position in WGS 84 degrees, longitude first as in GeoJSON.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LonLat {
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
}

/// A percentage with what it is made of; never printed without its numerator and denominator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// What fulfils the condition.
    pub numerator: f64,
    /// What was looked at; the unknown is not in it.
    pub denominator: f64,
    /// What could not be judged, in the same unit.
    pub unknown: f64,
}

impl Share {
    /// Numerator over denominator between 0 and 1; `None` when nothing was looked at.
    #[must_use]
    pub fn ratio(self) -> Option<f64> {
        (self.denominator > 0.0).then(|| self.numerator / self.denominator)
    }
}
