//! `phusong profile`: what is known of vendors, and a profile tried on a walk that was recorded in the field. Needs neither
//! daemon nor store.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use phusong_model::{
    Fault, Faults, ProfileGrade, SensorValue,
    config::Config,
    glossary::{self, Lang, Term},
};
use phusong_probes::snmp::{NoReading, Profile, Profiles, Trial, TrialReading, TrialRow, Walk};
use serde::Serialize;

use crate::{
    failure::Failure,
    paint::Tone,
    show::View,
    table::{Cell, Column, Table},
};

/// Bytes of a file that are read: more than the longest walk, so that a longer one is told and not cut.
const FILE_MOST: u64 = 128 << 20;

/// The shipped profiles and, when the configuration can be read, the province's own. A field engineer's laptop has no
/// configuration, and needs none; one that was asked for by name must be readable.
pub fn known(config: &Path, asked_for: bool) -> Result<Profiles, Failure> {
    match Config::load(config) {
        Ok(config) => Profiles::with_folder(config.snmp.profiles.as_deref()).map_err(Failure::File),
        Err(faults) if asked_for || config.exists() => Err(Failure::Config(faults)),
        Err(_) => Ok(Profiles::shipped()),
    }
}

/// A profile, as programs get it.
#[derive(Debug, Serialize)]
struct Known<'a> {
    profile: &'a str,
    grade: ProfileGrade,
    source: &'a str,
    /// The file of one that is not shipped.
    file: Option<&'a Path>,
    reads: Vec<Reads<'a>>,
}

#[derive(Debug, Serialize)]
struct Reads<'a> {
    sensor: &'a str,
    grade: ProfileGrade,
}

impl<'a> Known<'a> {
    fn of(profile: &'a Profile) -> Self {
        Self {
            profile: profile.name(),
            grade: profile.grade(),
            source: profile.source(),
            file: profile.file(),
            reads: profile.reads().map(|(sensor, grade)| Reads { sensor, grade }).collect(),
        }
    }
}

/// The document of `profile list --json`. Within a version fields are only added.
#[derive(Debug, Serialize)]
pub struct List<'a> {
    schema: &'static str,
    items: Vec<Known<'a>>,
}

/// The document of `profile show --json`.
#[derive(Debug, Serialize)]
pub struct One<'a> {
    schema: &'static str,
    #[serde(flatten)]
    known: Known<'a>,
    text: &'a str,
}

/// All profiles, for programs.
pub fn list(profiles: &Profiles) -> List<'_> {
    List { schema: "phusong.profiles/1", items: profiles.iter().map(Known::of).collect() }
}

/// All profiles, for people.
pub fn list_lines(profiles: &Profiles, view: &View) -> Vec<String> {
    let lang = view.lang;
    let mut table = Table::new(vec![
        Column::text(lang.of(("HỒ SƠ", "PROFILE"))),
        Column::text(lang.of(("ĐỘ CHẮC", "GRADE"))),
        Column::number(lang.of(("SỐ ĐO", "READS"))),
        Column::text(lang.of(("NGUỒN", "SOURCE"))).shrink(20),
    ]);
    for profile in profiles.iter() {
        let own = profile.file().map(|file| file.display().to_string());
        table.row(vec![
            Cell::new(profile.name()),
            graded(profile.grade(), lang),
            Cell::new(profile.reads().count().to_string()),
            Cell::new(own.as_deref().unwrap_or(profile.source())),
        ]);
    }
    view.table(table)
}

/// The profile of that name, or a fault with those that there are.
pub fn find<'a>(profiles: &'a Profiles, name: &str) -> Result<&'a Profile, Failure> {
    profiles.get(name).map(|profile| &**profile).ok_or_else(|| {
        let known: Vec<&str> = profiles.iter().map(Profile::name).collect();
        let hint = format!("use one of {}", known.join(", "));
        Failure::File(Faults(vec![Fault::of_file(
            Path::new("profile show"),
            format!("unknown profile {name:?}"),
            hint,
        )]))
    })
}

/// One profile, for programs.
pub fn show(profile: &Profile) -> One<'_> {
    One { schema: "phusong.profile/1", known: Known::of(profile), text: profile.text() }
}

/// A profile tried on a walk.
#[derive(Debug)]
pub struct Tried {
    profile: Profile,
    trial: Trial,
    /// Lines that were expected and did not come, and lines that came and were not expected.
    differences: Option<[Vec<String>; 2]>,
}

/// The document of `profile test --json`. Within a version fields are only added.
#[derive(Debug, Serialize)]
pub struct Test<'a> {
    schema: &'static str,
    profile: &'a str,
    grade: ProfileGrade,
    source: &'a str,
    items: Vec<Tested<'a>>,
    /// Expected lines that did not come; null when nothing was expected.
    missing: Option<&'a [String]>,
    /// Lines that nobody expected.
    unexpected: Option<&'a [String]>,
    well: bool,
}

#[derive(Debug, Serialize)]
struct Tested<'a> {
    sensor: &'a str,
    row: Option<&'a str>,
    /// What the device said.
    raw: Option<&'a str>,
    verdict: &'static str,
    value: Option<&'a SensorValue>,
    /// How sure the value is.
    grade: Option<ProfileGrade>,
    why: Option<String>,
}

impl<'a> Tested<'a> {
    fn of(row: &'a TrialRow) -> Self {
        let (value, grade, why) = match &row.reading {
            TrialReading::Reading(reading) => (Some(&reading.value), Some(reading.grade), None),
            TrialReading::Nothing(why) => (None, None, Some(why.to_string())),
        };
        let (sensor, raw) = (row.sensor.as_str(), row.raw.as_deref());
        Self { sensor, row: row.row.as_deref(), raw, verdict: verdict(row).0, value, grade, why }
    }
}

/// Tries a profile on a walk and compares with what was expected.
pub fn test(profile: &Path, walk: &Path, expected: Option<&Path>) -> Result<Tried, Failure> {
    let bad = |faults: Vec<Fault>| Failure::File(Faults(faults));
    let mut faults = Vec::new();
    let profile = Profile::open(profile).map_err(|more| faults.extend(more));
    // Octets of a device may stand in a walk as they are; only its lines matter.
    let walk = read(walk)
        .and_then(|bytes| Walk::parse(&String::from_utf8_lossy(&bytes), walk))
        .map_err(|more| faults.extend(more));
    let expected = expected
        .map(|file| read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
        .transpose()
        .map_err(|more| faults.extend(more));
    let (Ok(profile), Ok(walk), Ok(expected)) = (profile, walk, expected) else { return Err(bad(faults)) };
    let trial = Trial::of(&profile, &walk);
    let differences = expected.map(|text| differences(&trial, &text));
    Ok(Tried { profile, trial, differences })
}

fn read(file: &Path) -> Result<Vec<u8>, Vec<Fault>> {
    let mut bytes = Vec::new();
    let read: io::Result<usize> = File::open(file).and_then(|opened| opened.take(FILE_MOST).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => Err(vec![Fault::of_file(file, format!("cannot be read: {error}"), "name a file that is there")]),
    }
}

/// By line, however they are ordered: a device may list its rows in another order after a restart.
fn differences(trial: &Trial, expected: &str) -> [Vec<String>; 2] {
    let mut unexpected: Vec<String> = trial.rows.iter().map(ToString::to_string).collect();
    let mut missing = Vec::new();
    for line in expected.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match unexpected.iter().position(|came| came == line) {
            Some(at) => drop(unexpected.remove(at)),
            None => missing.push(line.to_owned()),
        }
    }
    [missing, unexpected]
}

impl Tried {
    /// With expectations: whether all came and nothing else. Without: whether something was read and nothing was odd. That a
    /// device lacks an object or says that it has no value is no oddity.
    fn well(&self) -> bool {
        match &self.differences {
            Some([missing, unexpected]) => missing.is_empty() && unexpected.is_empty(),
            None => self.trial.readings() > 0 && !self.trial.rows.iter().any(is_odd),
        }
    }

    /// 0 when all is well, 1 when not.
    pub fn exit_code(&self) -> u8 {
        if self.well() { phusong_gaps::ANSWERED } else { phusong_gaps::FINDINGS }
    }

    /// The document for programs.
    pub fn report(&self) -> Test<'_> {
        let items = self.trial.rows.iter().map(Tested::of).collect();
        let [missing, unexpected] = match &self.differences {
            Some([missing, unexpected]) => [Some(missing.as_slice()), Some(unexpected.as_slice())],
            None => [None, None],
        };
        Test {
            schema: "phusong.profile-test/1",
            profile: self.profile.name(),
            grade: self.profile.grade(),
            source: self.profile.source(),
            items,
            missing,
            unexpected,
            well: self.well(),
        }
    }

    /// For people: every value, and what is not as expected.
    pub fn lines(&self, view: &View) -> Vec<String> {
        let lang = view.lang;
        let grade = self.profile.grade().term(lang).to_owned();
        let mut lines = view.title([self.profile.name().to_owned(), grade, self.profile.source().to_owned()]);
        let mut table = Table::new(vec![
            Column::text(lang.of(("SỐ ĐO", "SENSOR"))),
            Column::text(lang.of(("HÀNG", "ROW"))).shrink(8),
            Column::text(lang.of(("THIẾT BỊ NÓI", "DEVICE SAYS"))).shrink(8),
            Column::text(lang.of(("NGHĨA LÀ", "MEANS"))),
            Column::text(lang.of(("ĐỘ CHẮC", "GRADE"))).drop(0),
        ]);
        for row in &self.trial.rows {
            let (means, grade) = match &row.reading {
                TrialReading::Reading(reading) => {
                    (Cell::new(glossary::sensor_value(lang, &reading.value)), graded(reading.grade, lang))
                }
                TrialReading::Nothing(_) => {
                    let tone = if is_odd(row) { Tone::Bad } else { Tone::Faint };
                    (Cell::new(lang.of(verdict(row).1)).tone(tone), Cell::missing())
                }
            };
            table.row(vec![
                Cell::new(&row.sensor),
                Cell::maybe(row.row.as_ref()),
                Cell::maybe(row.raw.as_ref()),
                means,
                grade,
            ]);
        }
        lines.extend(view.table(table));
        for (list, told) in self.differences.iter().flatten().zip([("thiếu", "missing"), ("thừa", "unexpected")]) {
            lines.extend(list.iter().flat_map(|line| view.facts([format!("{}: {line}", lang.of(told))])));
        }
        let told = if self.well() { ("đạt", "all well") } else { ("KHÔNG ĐẠT", "NOT WELL") };
        lines.push(lang.of(told).to_owned());
        lines
    }
}

/// What the profile makes of a value, as an id and in words.
fn verdict(row: &TrialRow) -> (&'static str, (&'static str, &'static str)) {
    match &row.reading {
        TrialReading::Reading(reading) => match &reading.value {
            SensorValue::State { name: None, .. } => ("unknown-state", ("trạng thái lạ", "unknown state")),
            SensorValue::State { name: Some(_), .. } | SensorValue::Number { .. } => ("good", ("đọc được", "good")),
        },
        TrialReading::Nothing(why) => match why {
            NoReading::Absent => ("absent", ("thiết bị không có", "not there")),
            NoReading::NotANumber => ("not-a-number", ("không phải là số", "not a number")),
            NoReading::Sentinel(_) => ("no-value", ("thiết bị báo không có giá trị", "no value, says the device")),
            NoReading::Implausible(_) => ("implausible", ("không hợp lý", "implausible")),
            NoReading::NotOperational(_) => ("not-operational", ("cảm biến không hoạt động", "not operational")),
            NoReading::UnknownKind(_) => ("unknown-kind", ("loại mà hồ sơ không biết", "of an unknown kind")),
        },
    }
}

fn is_odd(row: &TrialRow) -> bool {
    match &row.reading {
        TrialReading::Reading(_) => false,
        TrialReading::Nothing(why) => match why {
            NoReading::NotANumber | NoReading::Implausible(_) | NoReading::UnknownKind(_) => true,
            NoReading::Absent | NoReading::Sentinel(_) | NoReading::NotOperational(_) => false,
        },
    }
}

fn graded(grade: ProfileGrade, lang: Lang) -> Cell {
    let cell = Cell::new(grade.term(lang));
    match grade {
        ProfileGrade::Documented => cell,
        ProfileGrade::Community => cell.tone(Tone::Warning),
    }
}
