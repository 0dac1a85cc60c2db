//! Drive tests as a table: CSV or a workbook, with columns that the mapping file names, or whose titles say what they are.

use phusong_model::ColumnMapping;

use super::{
    names::{ACCURACY, CELL, LEVEL, OPERATOR, RSCP, RSRP, RXLEV, SS_RSRP, TECHNOLOGY},
    record::{Asked, Field, Left, LevelName, Record, Samples},
};
use crate::{
    read::{Budget, Report, Wrong, shown, wrong},
    tables::{self, Column, Form, Row},
};

const FORM: Form = Form {
    columns: &[
        Column { name: "time", titles: &["time", "timestamp", "datetime", "thoigian"] },
        Column { name: "lon", titles: &["lon", "long", "lng", "longitude", "kinhdo", "x"] },
        Column { name: "lat", titles: &["lat", "latitude", "vido", "y"] },
        Column { name: "signal_dbm", titles: LEVEL },
        Column { name: "rsrp", titles: RSRP },
        Column { name: "ss_rsrp", titles: SS_RSRP },
        Column { name: "rscp", titles: RSCP },
        Column { name: "rxlev", titles: RXLEV },
        Column { name: "operator", titles: OPERATOR },
        Column { name: "technology", titles: TECHNOLOGY },
        Column { name: "accuracy_m", titles: ACCURACY },
        Column { name: "cell", titles: CELL },
    ],
    needed: &[&["time"], &["signal_dbm", "rsrp", "ss_rsrp", "rscp", "rxlev"]],
    placed: &[&["lon"], &["lat"]],
    untitled: &[],
};

/// What the columns are beside the position.
const FIELDS: [(&str, Field); 10] = [
    ("time", Field::Time),
    ("signal_dbm", Field::Level(LevelName::Any)),
    ("rsrp", Field::Level(LevelName::Rsrp)),
    ("ss_rsrp", Field::Level(LevelName::SsRsrp)),
    ("rscp", Field::Level(LevelName::Rscp)),
    ("rxlev", Field::Level(LevelName::RxLev)),
    ("operator", Field::Operator),
    ("technology", Field::Technology),
    ("accuracy_m", Field::Accuracy),
    ("cell", Field::Cell),
];

/// Adds all sound tests of a table; what is wrong with the others is in the report.
pub(super) fn read(
    bytes: &[u8],
    mapping: &ColumnMapping,
    asked: &Asked,
    budget: &Budget,
    report: &mut Report,
    samples: &mut Samples,
) {
    let mut left = Left::default();
    tables::each(bytes, &FORM, mapping, report, |row, report| {
        if !budget.take_all(1) {
            return wrong("more points in all files than are read", "split the file by day, and leave out the oldest");
        }
        report.log().read += 1;
        match test(row).and_then(|test| asked.sample(&test, &row.place(), &mut left)) {
            Ok(sample) => {
                report.log().used += u64::from(sample.is_some());
                samples.extend(sample);
            }
            Err(wrong) => report.wrong(&row.place(), wrong),
        }
        Ok(())
    });
    left.tell(report);
}

/// A row as a test.
fn test(row: &Row<'_>) -> Result<Record, Wrong> {
    let mut test = Record::default();
    for (axis, name) in test.position.iter_mut().zip(["lon", "lat"]) {
        *axis = row.text(name).map(coordinate).transpose()?;
    }
    for (name, field) in FIELDS {
        if let Some(text) = row.text(name) {
            test.set(field, text.to_owned());
        }
    }
    Ok(test)
}

/// A coordinate, with a decimal point or comma.
fn coordinate(text: &str) -> Result<f64, Wrong> {
    match text.replace(',', ".").parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => wrong(format!("coordinate {:?} is no number", shown(text)), "degrees such as 105.2, or metres with a crs"),
    }
}
