//! A profile as its file says it, and what is wrong with it: all faults at once, each with its line.

use std::{cmp::Ordering, collections::BTreeMap, ops::Range, path::Path};

use phusong_model::{Fault, ProfileGrade, SensorUnit};
use serde::Deserialize;
use snmp::Oid;
use toml::Spanned;

use super::{
    Profile,
    optical::{Optical, OpticalIndex, Rule, Scale},
    sensor::{Meaning, Place, SelfDescribed, Sensor},
};

/// Bytes of a profile: the longest shipped one has 4 KB.
pub(super) const LONGEST: usize = 1 << 18;
/// Sensors of a profile.
const MOST_SENSORS: usize = 64;
/// The longest name of a profile or sensor: it becomes a part of a key in the store.
const LONGEST_NAME: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Spanned<String>,
    grade: ProfileGrade,
    source: String,
    optical: Option<WrittenOptical>,
    #[serde(default)]
    sensor: Vec<Spanned<WrittenSensor>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenOptical {
    index: WrittenIndex,
    rx: Spanned<String>,
    tx: Option<Spanned<String>>,
    lit: Option<Spanned<String>>,
    plausible_dbm: Spanned<[f64; 2]>,
    #[serde(default)]
    sentinels: Vec<i64>,
    positive: Spanned<Rule>,
    negative: Spanned<Rule>,
    zero: Option<Spanned<Rule>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum WrittenIndex {
    IfIndex,
    #[serde(rename = "name_column")]
    NameColumn(Spanned<String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSensor {
    name: Spanned<String>,
    oid: Option<Spanned<String>>,
    column: Option<Spanned<String>>,
    name_column: Option<Spanned<String>>,
    rows: Option<WrittenRows>,
    unit: Option<SensorUnit>,
    scale: Option<Spanned<f64>>,
    offset: Option<Spanned<f64>>,
    states: Option<Spanned<BTreeMap<String, String>>>,
    described_by: Option<WrittenDescription>,
    plausible: Option<Spanned<[f64; 2]>>,
    #[serde(default)]
    sentinels: Vec<i64>,
    grade: Option<ProfileGrade>,
}

/// Which rows of a column are asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRows {
    /// Those whose index is the `ifname` of a link in the inventory, with these arcs behind it.
    inventory: Vec<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDescription {
    kind: Spanned<String>,
    scale: Spanned<String>,
    precision: Spanned<String>,
    status: Spanned<String>,
    units: Spanned<BTreeMap<String, SensorUnit>>,
}

/// Reads a profile, or says everything that is wrong with it.
pub(super) fn read(text: &str, file: &Path) -> Result<Profile, Vec<Fault>> {
    if text.len() > LONGEST {
        let message = format!("a profile of {} bytes is longer than {LONGEST}", text.len());
        return Err(vec![Fault::of_file(file, message, "describe only what is asked of the device")]);
    }
    let mut faults = Faults { text, file, found: Vec::new() };
    let written: Written = match toml::from_str(text) {
        Ok(written) => written,
        Err(error) => {
            let hint = "see docs/profiles.md, or `phusong profile show ups-mib` for an example";
            faults.add(error.span(), error.message().trim(), hint);
            return Err(faults.found);
        }
    };
    let profile = profile(written, text, &mut faults);
    match profile {
        Some(profile) if faults.found.is_empty() => Ok(profile),
        Some(_) | None => Err(faults.found),
    }
}

struct Faults<'a> {
    text: &'a str,
    file: &'a Path,
    found: Vec<Fault>,
}

impl Faults<'_> {
    fn add(&mut self, at: Option<Range<usize>>, message: impl Into<String>, hint: impl Into<String>) {
        let fault = Fault::of_file(self.file, message, hint);
        let line = at.and_then(|at| self.text.get(..at.start)).map(|before| before.matches('\n').count() as u64 + 1);
        self.found.push(match line {
            Some(line) => fault.at_line(line),
            None => fault,
        });
    }

    fn oid(&mut self, text: &Spanned<String>) -> Option<Oid> {
        let parsed = Oid::parse(text.get_ref()).ok().filter(|oid| oid.validate_for_wire().is_ok());
        if parsed.is_none() {
            let message = format!("{:?} is not an OID", text.get_ref());
            self.add(Some(text.span()), message, "write it in numbers, as in 1.3.6.1.2.1.33.1.2.1.0");
        }
        parsed
    }

    fn name(&mut self, name: &Spanned<String>) -> String {
        let text = name.get_ref();
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || text.len() > LONGEST_NAME || !text.chars().all(fits) {
            let message = format!("{text:?} is not a name");
            self.add(Some(name.span()), message, "use a-z, digits and -, at most 64 of them");
        }
        text.clone()
    }

    fn range(&mut self, range: &Spanned<[f64; 2]>) -> [f64; 2] {
        let [least, most] = *range.get_ref();
        if least.partial_cmp(&most) != Some(Ordering::Less) {
            self.add(Some(range.span()), "the plausible range is empty", "write the smaller number first");
        }
        *range.get_ref()
    }

    fn finite(&mut self, number: &Spanned<f64>, what: &str) -> f64 {
        if !number.get_ref().is_finite() {
            self.add(Some(number.span()), format!("the {what} is not a number"), "write a decimal number");
        }
        *number.get_ref()
    }

    fn codes<T>(&mut self, codes: Spanned<BTreeMap<String, T>>) -> BTreeMap<i64, T> {
        let span = codes.span();
        let mut read = BTreeMap::new();
        for (code, value) in codes.into_inner() {
            match code.parse() {
                Ok(code) => drop(read.insert(code, value)),
                Err(_) => {
                    let message = format!("{code:?} is not a number of the MIB");
                    self.add(Some(span.clone()), message, "write them as in { 1 = \"up\", 2 = \"down\" }");
                }
            }
        }
        read
    }
}

fn profile(written: Written, text: &str, faults: &mut Faults<'_>) -> Option<Profile> {
    let name = faults.name(&written.name);
    let grade = written.grade;
    if written.sensor.len() > MOST_SENSORS {
        let message = format!("{} sensors are more than {MOST_SENSORS}", written.sensor.len());
        faults.add(None, message, "describe only what is asked of the device");
    }
    if written.optical.is_none() && written.sensor.is_empty() {
        faults.add(None, "the profile reads nothing", "add [optical] or a [[sensor]]");
    }
    let optical = written.optical.map(|optical| self::optical(optical, faults));
    let mut sensors: Vec<Sensor> = Vec::new();
    for sensor in written.sensor {
        let span = sensor.span();
        let Some(sensor) = self::sensor(sensor.into_inner(), span.clone(), grade, faults) else { continue };
        if sensors.iter().any(|other| other.name == sensor.name) {
            faults.add(Some(span), format!("two sensors are named {:?}", sensor.name), "give each its own name");
        }
        sensors.push(sensor);
    }
    let optical = match optical {
        Some(optical) => Some(optical?),
        None => None,
    };
    Some(Profile { name, grade, source: written.source, text: text.to_owned(), file: None, optical, sensors })
}

fn optical(written: WrittenOptical, faults: &mut Faults<'_>) -> Option<Optical> {
    let plausible = faults.range(&written.plausible_dbm);
    let mut rule = |rule: &Spanned<Rule>| {
        if !(rule.get_ref().scale.is_finite() && rule.get_ref().scale > 0.0) {
            faults.add(Some(rule.span()), "the scale is not a positive number", "write it as in scale = 0.01");
        }
        *rule.get_ref()
    };
    let scale = Scale {
        sentinels: written.sentinels,
        plausible,
        positive: rule(&written.positive),
        negative: rule(&written.negative),
        zero: written.zero.as_ref().map(rule),
    };
    let index = match written.index {
        WrittenIndex::IfIndex => Some(OpticalIndex::IfIndex),
        WrittenIndex::NameColumn(column) => faults.oid(&column).map(OpticalIndex::NameColumn),
    };
    let [rx, tx, lit] =
        [Some(&written.rx), written.tx.as_ref(), written.lit.as_ref()].map(|oid| oid.map(|oid| faults.oid(oid)));
    Some(Optical { index: index?, rx: rx??, tx: tx.flatten(), lit: lit.flatten(), scale })
}

fn sensor(written: WrittenSensor, span: Range<usize>, grade: ProfileGrade, faults: &mut Faults<'_>) -> Option<Sensor> {
    let name = faults.name(&written.name);
    let plausible = written.plausible.as_ref().map(|range| faults.range(range));
    let place = place(&written, &span, faults);
    let meaning = match (written.unit, written.states, written.described_by) {
        (Some(unit), None, None) => Some(Meaning::Measure {
            unit,
            scale: written.scale.as_ref().map_or(1.0, |scale| faults.finite(scale, "scale")),
            offset: written.offset.as_ref().map_or(0.0, |offset| faults.finite(offset, "offset")),
        }),
        (None, Some(states), None) => Some(Meaning::States(faults.codes(states))),
        (None, None, Some(by)) => described(by, faults).map(Box::new).map(Meaning::SelfDescribed),
        _ => {
            let hint = "give unit for a measured value, states for a state, or described_by for a table of RFC 3433";
            faults.add(Some(span), "a sensor has exactly one of unit, states and described_by", hint);
            None
        }
    };
    Some(Sensor {
        name,
        grade: written.grade.unwrap_or(grade),
        place: place?,
        meaning: meaning?,
        sentinels: written.sentinels,
        plausible,
    })
}

fn place(written: &WrittenSensor, span: &Range<usize>, faults: &mut Faults<'_>) -> Option<Place> {
    match (&written.oid, &written.column) {
        (Some(oid), None)
            if written.name_column.is_none() && written.rows.is_none() && written.described_by.is_none() =>
        {
            faults.oid(oid).map(Place::Scalar)
        }
        (None, Some(column)) => {
            let names = written.name_column.as_ref().map(|names| faults.oid(names));
            let values = faults.oid(column)?;
            let of_inventory = written.rows.as_ref().map(|rows| Oid::from_slice(&rows.inventory));
            Some(Place::Column { values, names: names.flatten(), of_inventory })
        }
        _ => {
            let hint =
                "give oid for one object (it ends in .0), or column for a table, with name_column if it has names";
            faults.add(Some(span.clone()), "where the sensor is, is not clear", hint);
            None
        }
    }
}

fn described(written: WrittenDescription, faults: &mut Faults<'_>) -> Option<SelfDescribed> {
    let units = faults.codes(written.units);
    let [kind, scale, precision, status] =
        [&written.kind, &written.scale, &written.precision, &written.status].map(|oid| faults.oid(oid));
    Some(SelfDescribed { kind: kind?, scale: scale?, precision: precision?, status: status?, units })
}
