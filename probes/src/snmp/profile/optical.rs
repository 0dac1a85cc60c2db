//! Where the optical power of an interface is, and how it is written.

use phusong_model::Dbm;
use serde::Deserialize;
use snmp::{Oid, Value};

/// Where the optical power is, and how it is written.
#[derive(Debug, Clone)]
pub(in crate::snmp) struct Optical {
    /// How a row of the table is found.
    pub(in crate::snmp) index: OpticalIndex,
    /// Column of the received power.
    pub(in crate::snmp) rx: Oid,
    /// Column of the sent power.
    pub(in crate::snmp) tx: Option<Oid>,
    /// Column that is 0 while the module tells nothing.
    pub(in crate::snmp) lit: Option<Oid>,
    pub(super) scale: Scale,
}

/// How a row of the optical table is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::snmp) enum OpticalIndex {
    /// It is the ifIndex.
    IfIndex,
    /// It is the row whose text in this column is the interface's name.
    NameColumn(Oid),
}

/// How an integer becomes dBm.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    pub(super) sentinels: Vec<i64>,
    pub(super) plausible: [f64; 2],
    pub(super) positive: Rule,
    pub(super) negative: Rule,
    pub(super) zero: Option<Rule>,
}

/// The unit of a value of one sign.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) unit: PowerUnit,
    pub(super) scale: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum PowerUnit {
    Dbm,
    Microwatt,
}

impl Optical {
    /// The power that a value stands for; none for a sentinel, a value that nobody would believe, or no number.
    pub(in crate::snmp) fn dbm(&self, value: &Value) -> Option<Dbm> {
        let raw = number(value)?;
        let scale = &self.scale;
        if scale.sentinels.contains(&raw) {
            return None;
        }
        let rule = match raw.signum() {
            1 => scale.positive,
            -1 => scale.negative,
            _ => scale.zero?,
        };
        let scaled = raw as f64 * rule.scale;
        let power = match rule.unit {
            PowerUnit::Dbm => scaled,
            PowerUnit::Microwatt => 10.0 * (scaled / 1000.0).log10(),
        };
        let [least, most] = scale.plausible;
        (power >= least && power <= most).then_some(Dbm(power))
    }
}

/// The integer behind a value of a type that measures or counts something (`upsInputLineBads` is a Counter32). A time or a
/// 64-bit counter is no level: a device that gives one has mixed up its tables.
pub(super) fn number(value: &Value) -> Option<i64> {
    if let Value::Gauge32(level) | Value::UInteger32(level) | Value::Counter32(level) = value {
        return Some(i64::from(*level));
    }
    if let Value::Integer(level) = value { Some(i64::from(*level)) } else { None }
}

/// Whether the laser is on, by the value of the profile's `lit` column.
pub(in crate::snmp) fn is_lit(value: Option<&Value>) -> bool {
    value.and_then(number).is_some_and(|raw| raw != 0)
}
