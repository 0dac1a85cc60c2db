//! Cells whose positions somebody estimated from where phones were, as OpenCelliD exports them. They hint at where
//! equipment may stand, and are never coverage.

use phusong_model::{Dataset, LonLat, Operator, Technology};

use super::{LAT, LON, table};
use crate::{
    crs::is_of_vietnam,
    read::{Budget, Place, Report, shown},
    tables::{Column, Form, Row, Spot},
};

/// Mobile country code of Vietnam (ITU-T E.212).
const VIETNAM: u64 = 452;
/// Mobile network codes and the operators that have them (ITU-T E.212, Operational Bulletin).
const NETWORKS: [(u64, &str); 4] = [(1, "mobifone"), (2, "vinaphone"), (4, "viettel"), (5, "vietnamobile")];

const FORM: Form = Form {
    columns: &[
        Column { name: "radio", titles: &["radio"] },
        Column { name: "mcc", titles: &["mcc"] },
        Column { name: "net", titles: &["net", "mnc"] },
        Column { name: "area", titles: &["area", "lac", "tac"] },
        Column { name: "cell", titles: &["cell", "cid", "cellid"] },
        Column { name: "unit", titles: &["unit", "psc", "pci"] },
        Column { name: "lon", titles: LON },
        Column { name: "lat", titles: LAT },
        Column { name: "range", titles: &["range"] },
        Column { name: "samples", titles: &["samples"] },
        Column { name: "changeable", titles: &["changeable"] },
        Column { name: "created", titles: &["created"] },
        Column { name: "updated", titles: &["updated"] },
        Column { name: "averageSignal", titles: &["averagesignal"] },
    ],
    needed: &[&["radio"], &["mcc"], &["net"], &["area"], &["cell"]],
    placed: &[&["lon"], &["lat"]],
    untitled: &[
        "radio",
        "mcc",
        "net",
        "area",
        "cell",
        "unit",
        "lon",
        "lat",
        "range",
        "samples",
        "changeable",
        "created",
        "updated",
        "averageSignal",
    ],
};

/// A cell at an estimated position.
#[derive(Debug, Clone, PartialEq)]
pub struct EstimatedCell {
    /// Its technology.
    pub technology: Technology,
    /// By its network code.
    pub operator: Operator,
    /// Location or tracking area code.
    pub area: u64,
    /// Its identity in the network.
    pub cell: u64,
    /// The middle of where it was received; its mast may stand kilometres away.
    pub at: LonLat,
    /// How far from there it was received, in metres, when that is known.
    pub range_m: Option<u64>,
    /// How many measurements the estimate rests on, when that is known.
    pub samples: Option<u64>,
    /// Last change, in seconds since 1970 UTC, when that is known.
    pub updated_s: Option<u64>,
}

/// Rows that are sound and not used.
#[derive(Default)]
struct Left {
    abroad: u64,
    networks: u64,
    radios: u64,
    places: u64,
}

/// Adds the cells of a dataset, and gives the hash over its file.
pub(crate) fn read(
    dataset: &Dataset,
    budget: &Budget,
    report: &mut Report,
    cells: &mut Vec<EstimatedCell>,
) -> Option<String> {
    let (table, digest) = table(dataset, &FORM, budget, report)?;
    let (mut left, before) = (Left::default(), cells.len());
    for row in table.rows() {
        report.log().read += 1;
        cells.extend(cell(&row, report, &mut left));
    }
    if report.log().read == 0 && report.is_clean() {
        report.fault(&Place::File, "a list without a cell", "export the cells of country code 452");
    }
    report.log().used += (cells.len() - before) as u64;
    let told = [
        (left.abroad, "of another country"),
        (left.networks, "of a network code other than 01, 02, 04 and 05"),
        (left.radios, "of a radio other than GSM, UMTS, LTE and NR"),
        (left.places, "at a position outside of Vietnam"),
    ];
    for (count, what) in told.into_iter().filter(|(count, _)| *count > 0) {
        report.log().note(format!("left out: {count} cells {what}"));
    }
    Some(digest)
}

/// A row as a cell, if it is one of ours.
fn cell(row: &Row<'_>, report: &mut Report, left: &mut Left) -> Option<EstimatedCell> {
    let [mcc, net] = ["mcc", "net"].map(|name| needed(row, name, report));
    let [area, cell] = ["area", "cell"].map(|name| needed(row, name, report));
    let [range_m, samples, updated_s] = ["range", "samples", "updated"].map(|name| number(row, name, report));
    let at = position(row, report);
    let (mcc, net, area, cell, at) = (mcc?, net?, area?, cell?, at?);
    let (range_m, samples, updated_s) = (range_m?, samples?, updated_s?);
    if mcc != VIETNAM {
        left.abroad += 1;
        return None;
    }
    let Some(operator) = NETWORKS.iter().find(|(code, _)| *code == net).and_then(|(_, id)| id.parse().ok()) else {
        left.networks += 1;
        return None;
    };
    let technology = match row.text("radio").unwrap_or_default().to_ascii_uppercase().as_str() {
        "GSM" => Technology::G2,
        "UMTS" => Technology::G3,
        "LTE" => Technology::G4,
        "NR" => Technology::G5,
        _ => {
            left.radios += 1;
            return None;
        }
    };
    if !is_of_vietnam(at) {
        left.places += 1;
        return None;
    }
    Some(EstimatedCell { technology, operator, area, cell, at, range_m, samples, updated_s })
}

/// The position of a feature, or of two columns in degrees.
fn position(row: &Row<'_>, report: &mut Report) -> Option<LonLat> {
    let Some(Spot { at: Some([x, y]), crs, .. }) = row.spot() else {
        let (lon, lat) = (degrees(row, "lon", report), degrees(row, "lat", report));
        return Some(LonLat { lon: lon?, lat: lat? });
    };
    let at = crs.to_wgs84(*x, *y);
    if at.is_none() {
        let message = format!("{x} / {y} is not where {crs} is used");
        row.fault("geometry", &message, "correct the system of the file: easting or longitude comes first", report);
    }
    at
}

/// A whole number that must be there.
fn needed(row: &Row<'_>, name: &str, report: &mut Report) -> Option<u64> {
    if row.text(name).is_none() {
        row.fault(name, "nothing is written", "export the file again, or remove the row", report);
    }
    number(row, name, report).flatten()
}

/// A whole number, or none where nothing is written; the outer `None` is a fault.
fn number(row: &Row<'_>, name: &str, report: &mut Report) -> Option<Option<u64>> {
    let Some(text) = row.text(name) else { return Some(None) };
    let number = text.parse().map_err(|_| {
        let message = format!("{:?} is no whole number", shown(text));
        row.fault(name, &message, "OpenCelliD has whole numbers here; export the file again", report);
    });
    number.ok().map(Some)
}

/// A number of degrees.
fn degrees(row: &Row<'_>, name: &str, report: &mut Report) -> Option<f64> {
    let text = row.text(name).unwrap_or_default();
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && number.abs() <= 180.0);
    if number.is_none() {
        let message = format!("{:?} is no number of degrees", shown(text));
        row.fault(name, &message, "write degrees with a decimal point, as 105.0057", report);
    }
    number
}
