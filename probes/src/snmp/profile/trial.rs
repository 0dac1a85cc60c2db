//! A profile tried on a recorded walk: what it would read of that device, and what it would not, and why.

use std::fmt;

use phusong_model::{ProfileGrade, SensorReading, SensorUnit, SensorValue};
use snmp::{Oid, Value};

use super::{
    super::{text, walk_file::Walk},
    NoReading, Optical, OpticalIndex, Place, Profile, Sensor, is_lit, join,
    sensor::MOST_ROWS,
};

/// `ifName`, by which a row of an optical table indexed by `ifIndex` is named.
const IF_NAME: [u32; 11] = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1];

/// Everything that a profile makes of a walk.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// In the order of the profile, then of the walk's rows.
    pub rows: Vec<TrialRow>,
}

/// One value of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialRow {
    /// The sensor; `rx` and `tx` for optical power.
    pub sensor: String,
    /// The row's name or index; none for a single object.
    pub row: Option<String>,
    /// What the device said, as it is written; none when the object is not there.
    pub raw: Option<String>,
    /// What the profile makes of it.
    pub reading: TrialReading,
}

/// What the profile makes of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum TrialReading {
    /// A value to believe.
    Reading(SensorReading),
    /// None, and why.
    Nothing(NoReading),
}

impl Trial {
    /// Tries a profile.
    #[must_use]
    pub fn of(profile: &Profile, walk: &Walk) -> Self {
        let mut rows = Vec::new();
        if let Some(optical) = &profile.optical {
            optics(profile.grade, optical, walk, &mut rows);
        }
        profile.sensors.iter().for_each(|sensor| sensors(sensor, walk, &mut rows));
        Self { rows }
    }

    /// Values to believe.
    #[must_use]
    pub fn readings(&self) -> usize {
        self.rows.iter().filter(|row| matches!(row.reading, TrialReading::Reading(_))).count()
    }
}

/// One line: what `--expect` compares.
impl fmt::Display for TrialRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sensor)?;
        if let Some(row) = &self.row {
            write!(f, "[{row}]")?;
        }
        match &self.reading {
            TrialReading::Nothing(why) => write!(f, ": {why}"),
            TrialReading::Reading(reading) => match &reading.value {
                SensorValue::Number { value, unit: SensorUnit::Count } => write!(f, " = {value}"),
                SensorValue::Number { value, unit } => write!(f, " = {value} {}", unit.symbol()),
                SensorValue::State { code, name: Some(name) } => write!(f, " = {name} ({code})"),
                SensorValue::State { code, name: None } => write!(f, " = unknown state ({code})"),
            },
        }
    }
}

fn sensors(sensor: &Sensor, walk: &Walk, rows: &mut Vec<TrialRow>) {
    let (column, names) = match &sensor.place {
        Place::Scalar(oid) => {
            let reading = sensor.read(&Oid::empty(), None, |oid| walk.get(oid));
            rows.push(row(&sensor.name, None, walk.get(oid), reading));
            return;
        }
        Place::Column { values, names, .. } => (values, names),
    };
    let before = rows.len();
    for index in walk.rows(column).take(MOST_ROWS) {
        let name = names.as_ref().and_then(|names| shown(walk.get(&join(names, &index))?));
        let reading = sensor.read(&index, name.as_deref(), |oid| walk.get(oid));
        let label = name.filter(|name| !name.is_empty()).unwrap_or_else(|| index.to_string());
        rows.push(row(&sensor.name, Some(label), walk.get(&join(column, &index)), reading));
    }
    if rows.len() == before {
        rows.push(row(&sensor.name, None, None, Err(NoReading::Absent)));
    }
}

fn optics(grade: ProfileGrade, optical: &Optical, walk: &Walk, rows: &mut Vec<TrialRow>) {
    let before = rows.len();
    for (sensor, column) in [("rx", Some(&optical.rx)), ("tx", optical.tx.as_ref())] {
        let Some(column) = column else { continue };
        for index in walk.rows(column).take(MOST_ROWS) {
            let value = walk.get(&join(column, &index));
            let names = match &optical.index {
                OpticalIndex::IfIndex => Oid::new(IF_NAME),
                OpticalIndex::NameColumn(names) => names.clone(),
            };
            let label = walk.get(&join(&names, &index)).and_then(shown).unwrap_or_else(|| index.to_string());
            let dark = optical.lit.as_ref().is_some_and(|lit| !is_lit(walk.get(&join(lit, &index))));
            let power = value.filter(|_| !dark).and_then(|value| optical.dbm(value));
            let reading = power.map(|power| SensorReading {
                sensor: sensor.to_owned(),
                row: Some(label.clone()),
                value: SensorValue::Number { value: (power.0 * 1e3).round() / 1e3, unit: SensorUnit::Dbm },
                grade,
            });
            let refused = || value.and_then(super::optical::number).map_or(NoReading::NotANumber, NoReading::Sentinel);
            rows.push(row(sensor, Some(label), value, reading.ok_or_else(refused)));
        }
    }
    if rows.len() == before {
        rows.push(row("rx", None, None, Err(NoReading::Absent)));
    }
}

fn row(
    sensor: &str,
    label: Option<String>,
    raw: Option<&Value>,
    reading: Result<SensorReading, NoReading>,
) -> TrialRow {
    TrialRow {
        sensor: sensor.to_owned(),
        row: label,
        raw: raw.map(|value| shown(value).unwrap_or_else(|| text::short(&value.to_string()))),
        reading: reading.map_or_else(TrialReading::Nothing, TrialReading::Reading),
    }
}

fn shown(value: &Value) -> Option<String> {
    value.as_bytes().map(|bytes| text::short(&text::lossy(bytes)))
}
