//! One value that a profile can read: where it is, what it means, and when it is not believed.

use std::{collections::BTreeMap, fmt};

use phusong_model::{ProfileGrade, SensorReading, SensorUnit, SensorValue};
use snmp::{Oid, Value};

use super::{super::text, optical::number};

/// Rows of one table that are read of one device. A router has some dozens of sensors; an OLT with a thousand ONTs is
/// asked for those that the inventory names, and never walked.
pub(in crate::snmp) const MOST_ROWS: usize = 256;

/// A value that a profile can read.
#[derive(Debug, Clone)]
pub(in crate::snmp) struct Sensor {
    /// What answers call it.
    pub(in crate::snmp) name: String,
    /// How sure it is.
    pub(in crate::snmp) grade: ProfileGrade,
    /// Where it is.
    pub(in crate::snmp) place: Place,
    pub(super) meaning: Meaning,
    pub(super) sentinels: Vec<i64>,
    pub(super) plausible: Option<[f64; 2]>,
}

/// Where a sensor's values are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::snmp) enum Place {
    /// One object.
    Scalar(Oid),
    /// A column: one value a row.
    Column {
        /// The column of values.
        values: Oid,
        /// The column of the rows' names; without it their index names them.
        names: Option<Oid>,
        /// The rows are those that the inventory names by their index, with these arcs behind: never walked, because an
        /// OLT has a thousand ONTs and only some are a commune's.
        of_inventory: Option<Oid>,
    },
}

/// What a value means.
#[derive(Debug, Clone)]
pub(super) enum Meaning {
    /// `raw × scale + offset` in the unit.
    Measure { unit: SensorUnit, scale: f64, offset: f64 },
    /// A state out of a list.
    States(BTreeMap<i64, String>),
    /// The device says unit and scale itself (RFC 3433 section 2, and Cisco's table before it).
    SelfDescribed(Box<SelfDescribed>),
}

/// The columns beside the value of a table that describes itself.
#[derive(Debug, Clone)]
pub(super) struct SelfDescribed {
    pub(super) kind: Oid,
    pub(super) scale: Oid,
    pub(super) precision: Oid,
    pub(super) status: Oid,
    /// Unit of each kind that is a measured value.
    pub(super) units: BTreeMap<i64, SensorUnit>,
}

/// Why there is no value to believe.
#[derive(Debug, Clone, PartialEq)]
pub enum NoReading {
    /// The device does not have the object.
    Absent,
    /// It is no number.
    NotANumber,
    /// It is what the device says when it has no value.
    Sentinel(i64),
    /// Nobody would believe it.
    Implausible(f64),
    /// The device says that the sensor does not work: `entPhySensorOperStatus`.
    NotOperational(i64),
    /// The device says that it measures what the profile does not know.
    UnknownKind(i64),
}

impl fmt::Display for NoReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("not there"),
            Self::NotANumber => f.write_str("not a number"),
            Self::Sentinel(raw) => write!(f, "no reading ({raw})"),
            Self::Implausible(value) => write!(f, "implausible ({value})"),
            Self::NotOperational(status) => write!(f, "not operational (status {status})"),
            Self::UnknownKind(kind) => write!(f, "of a kind that the profile does not know ({kind})"),
        }
    }
}

impl Sensor {
    /// The objects that one row needs; a scalar has the empty row.
    pub(in crate::snmp) fn objects(&self, row: &Oid) -> Vec<Oid> {
        let values = match &self.place {
            Place::Scalar(oid) => return vec![oid.clone()],
            Place::Column { values, .. } => values,
        };
        let beside = match &self.meaning {
            Meaning::SelfDescribed(of) => vec![&of.kind, &of.scale, &of.precision, &of.status],
            Meaning::Measure { .. } | Meaning::States(_) => Vec::new(),
        };
        std::iter::once(values).chain(beside).map(|column| join(column, row)).collect()
    }

    /// The reading of one row; `name` is what the device calls it.
    pub(in crate::snmp) fn read<'v>(
        &self,
        row: &Oid,
        name: Option<&str>,
        get: impl Fn(&Oid) -> Option<&'v Value>,
    ) -> Result<SensorReading, NoReading> {
        let row = match &self.place {
            Place::Scalar(_) => None,
            Place::Column { .. } => Some(row),
        };
        let value = self.value(row, get)?;
        let row = row.map(|row| name.filter(|name| !name.is_empty()).map_or_else(|| row.to_string(), text::short));
        Ok(SensorReading { sensor: self.name.clone(), row, value, grade: self.grade })
    }

    fn value<'v>(&self, row: Option<&Oid>, get: impl Fn(&Oid) -> Option<&'v Value>) -> Result<SensorValue, NoReading> {
        let integer =
            |oid: &Oid| get(oid).ok_or(NoReading::Absent).and_then(|v| number(v).ok_or(NoReading::NotANumber));
        let at = match (&self.place, row) {
            (Place::Scalar(oid), _) => oid.clone(),
            (Place::Column { values, .. }, Some(row)) => join(values, row),
            (Place::Column { .. }, None) => return Err(NoReading::Absent),
        };
        let raw = integer(&at)?;
        if self.sentinels.contains(&raw) {
            return Err(NoReading::Sentinel(raw));
        }
        let (value, unit) = match (&self.meaning, row) {
            (Meaning::States(names), _) => {
                return Ok(SensorValue::State { code: raw, name: names.get(&raw).cloned() });
            }
            (Meaning::Measure { unit, scale, offset }, _) => (raw as f64 * scale + offset, *unit),
            (Meaning::SelfDescribed(of), Some(row)) => {
                let beside = |column: &Oid| integer(&join(column, row));
                let status = beside(&of.status)?;
                if status != OPERATIONAL {
                    return Err(NoReading::NotOperational(status));
                }
                let kind = beside(&of.kind)?;
                let unit = *of.units.get(&kind).ok_or(NoReading::UnknownKind(kind))?;
                (raw as f64 * power_of_ten(beside(&of.scale)?, beside(&of.precision)?)?, unit)
            }
            (Meaning::SelfDescribed(_), None) => return Err(NoReading::Absent),
        };
        // Six decimals: what a scale of 0.01 does to an integer in binary is nobody's measurement.
        let value = (value * 1e6).round() / 1e6;
        match self.plausible {
            Some([least, most]) if !(least..=most).contains(&value) => Err(NoReading::Implausible(value)),
            _ if !value.is_finite() => Err(NoReading::Implausible(value)),
            _ => Ok(SensorValue::Number { value, unit }),
        }
    }
}

/// `ok(1)` of `EntitySensorStatus`.
const OPERATIONAL: i64 = 1;
/// `units(9)` of `EntitySensorDataScale`; each step is a factor of a thousand.
const UNITS: i64 = 9;

/// The factor of an `EntitySensorDataScale` (1 to 17) and an `EntitySensorPrecision` (−8 to 9).
fn power_of_ten(scale: i64, precision: i64) -> Result<f64, NoReading> {
    if !(1..=17).contains(&scale) || !(-8..=9).contains(&precision) {
        return Err(NoReading::NotANumber);
    }
    // Negative precisions tell how many digits in front of the point are accurate: they do not scale.
    let exponent = (scale - UNITS) * 3 - precision.max(0);
    i32::try_from(exponent).map(|exponent| 10_f64.powi(exponent)).map_err(|_| NoReading::NotANumber)
}

/// A column's object in a row.
pub(in crate::snmp) fn join(column: &Oid, row: &Oid) -> Oid {
    Oid::new(column.arcs().iter().chain(row.arcs()).copied())
}
