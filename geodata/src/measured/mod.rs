//! What somebody met on the way: drive tests, joined by hexagons, as layers and against what other layers say.
//!
//! Each test is one look of one device at one place and time. A hexagon, or the surroundings of a settlement, is judged
//! by the median of its tests and only when there are enough of them; what was measured never alters what was declared.
//! It stands beside it, as layers of its own and as contradictions.

#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;

mod claims;
mod contradictions;
mod found;
mod gpx;
mod hexagons;
mod layers;
mod levels;
mod names;
mod near;
mod record;
mod table;
mod times;
mod words;

pub(crate) use claims::Claims;
pub(crate) use contradictions::{Ground, of as contradictions};
pub(crate) use layers::add as add_layers;
pub(crate) use record::{Samples, settle};

use phusong_model::{ColumnMapping, Dataset};

use crate::{
    read::{Budget, Bytes, Place, Report, is_xml},
    tables,
};
use record::Asked;
use times::Times;

/// Adds the tests of a dataset. Its digest comes back when the file could be read.
pub(crate) fn read(dataset: &Dataset, budget: &Budget, report: &mut Report, samples: &mut Samples) -> Option<String> {
    let file = Bytes::read(&dataset.path, report)?;
    let before = samples.len();
    if is_xml(&file.content) {
        match Asked::new(&dataset.name, &dataset.options, Times::utc(), file.written) {
            Ok(asked) => gpx::read(&file.content, &asked, budget, report, samples),
            Err(wrong) => report.wrong(&Place::File, wrong),
        }
    } else if !tables::is_table(&file.content) {
        report.fault(&Place::File, "neither a GPX file nor a table", "give a GPX file, or a table as CSV or .xlsx");
        return Some(file.digest);
    } else {
        let plain = ColumnMapping::default();
        let mapping = dataset.options.columns.as_ref().unwrap_or(&plain);
        let times = Times::of(mapping);
        match times.and_then(|times| Asked::new(&dataset.name, &dataset.options, times, file.written)) {
            Ok(asked) => table::read(&file.content, mapping, &asked, budget, report, samples),
            Err(wrong) => report.wrong(&Place::File, wrong),
        }
    }
    if report.is_clean() && samples.len() == before {
        let hint = "export each point with its signal: rsrp, rscp, rxlev or level, and a position good to 50 m";
        report.fault(&Place::File, "no point has a signal level and a usable position", hint);
    }
    Some(file.digest)
}
