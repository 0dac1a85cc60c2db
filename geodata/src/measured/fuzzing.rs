//! Files of drive tests as fuzzing targets.

use std::time::{Duration, SystemTime};

use phusong_model::{ColumnMapping, ImportLog, ImportOptions, Technology};

use super::{
    gpx, levels,
    record::{Asked, Samples},
    table,
    times::Times,
};
use crate::{
    crs,
    grid::position,
    read::{Budget, Report},
};

/// Files were written on 1 January 2027.
const WRITTEN: Duration = Duration::from_secs(1_798_761_600);
/// Points of all files together: a mutated file is never larger.
const VERTICES: u64 = 100_000;

/// Reads a GPX file. Each test that comes of it is in Viet Nam, is not later than its file, and has a level of its
/// technology; a fault has a reason and a remedy, and both ways come out the same again.
///
/// # Panics
/// When one of these promises is broken.
pub fn gpx(bytes: &[u8]) {
    let read = |budget: &Budget, report: &mut Report, samples: &mut Samples| {
        let asked = asked(Times::utc());
        gpx::read(bytes, &asked, budget, report, samples);
    };
    judge(&read);
}

/// Reads a table of drive tests. The first line is the column mapping as JSON, the others are the table; without a
/// mapping the titles have to say what they are. The promises are those of [`gpx()`].
///
/// # Panics
/// When one of these promises is broken.
pub fn measurements_csv(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (first, rest) = bytes.split_at(end);
    let mapping: ColumnMapping = serde_json::from_slice(first).unwrap_or_default();
    let table = rest.strip_prefix(b"\n").unwrap_or(rest);
    let Ok(_) = Times::of(&mapping) else { return };
    let read = |budget: &Budget, report: &mut Report, samples: &mut Samples| {
        if let Ok(times) = Times::of(&mapping) {
            table::read(table, &mapping, &asked(times), budget, report, samples);
        }
    };
    judge(&read);
}

fn asked(times: Times) -> Asked {
    let options = ImportOptions {
        operator: "viettel".parse().ok(),
        technology: Some(Technology::G4),
        ..ImportOptions::default()
    };
    let asked = Asked::new("drive", &options, times, Some(SystemTime::UNIX_EPOCH + WRITTEN));
    assert!(asked.is_ok(), "nothing is wrong with what is asked");
    asked.unwrap_or_else(|_| unreachable!())
}

/// One reading: tests, faults as they are shown, and the log.
type Outcome = (Samples, Vec<String>, ImportLog);

fn judge(read: &dyn Fn(&Budget, &mut Report, &mut Samples)) {
    let once = || -> Outcome {
        let (budget, mut report) = (Budget::of(VERTICES), Report::of("drive".as_ref()));
        let mut samples = Samples::new();
        read(&budget, &mut report, &mut samples);
        let (faults, log) = report.finish();
        let told = |fault: &phusong_model::Fault| {
            assert!(!fault.message.is_empty() && !fault.hint.is_empty(), "a fault has a reason and a remedy");
            fault.to_string()
        };
        (samples, faults.iter().map(told).collect(), log)
    };
    let (samples, faults, log) = once();
    assert_eq!((&samples, &faults, &log), (&once().0, &faults, &log), "two readings are the same");
    assert!(log.used <= log.read && log.used == samples.len() as u64);
    let latest = i128::try_from(WRITTEN.as_millis()).unwrap_or_default() + 15 * 60 * 1000;
    for sample in &samples {
        assert!(i128::from(sample.at.0) <= latest, "no test is later than its file");
        assert!(crs::is_of_vietnam(position(sample.point)), "every test is in Viet Nam");
        let range = levels::reported_dbm(sample.technology);
        assert!(sample.dbm.is_none_or(|dbm| range.contains(&dbm)), "levels are those of the technology");
        assert!(sample.cell.as_ref().is_none_or(|cell| cell.chars().count() <= 40));
    }
}
