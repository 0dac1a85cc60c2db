//! Shapefiles: the shapes (`.shp`, and `.shx` where they are not in a row), the table (`.dbf`) with its encoding
//! (`.cpg`), and the system (`.prj`), beside one another or in one ZIP archive. ESRI Shapefile Technical Description,
//! July 1998.

mod encoding;
mod shapes;
mod table;

use std::{fs::File, path::Path};

use sha2::{Digest, Sha256};

use super::{
    Feature, Place, Properties, Report, Terms,
    frame::Frame,
    limits::{MAX_FEATURES, MAX_FILE_BYTES},
    report::{Wrong, wrong},
    source::{Take, all_of, unreadable},
    terms::Stated,
    text::utf8,
    value,
};
use crate::{crs::Crs, fingerprint::hex};
use shapes::Shapes;
use table::Table;

/// Endings of the files beside the shapes.
pub(super) const BESIDE: [&str; 4] = ["shx", "dbf", "prj", "cpg"];
/// What a shapefile without a part is answered with.
const HINT_PARTS: &str = "a shapefile is several files: keep .shp, .shx, .dbf, .prj and .cpg together";
/// What a shapefile without a system is answered with.
const HINT_SYSTEM: &str = "ask for the .prj, or say the zone yourself: crs EPSG:9211, or whichever it is";
/// What a system that is not known is answered with.
const HINT_KNOWN: &str = "convert it: ogr2ogr -f GPKG -t_srs EPSG:4326 out.gpkg IN; where the .prj is wrong, take it away and \
                          say the zone yourself: crs EPSG:9211";

/// The files of one shapefile.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Its name inside of an archive.
    pub(super) entry: Option<String>,
    /// The shapes.
    pub(super) shp: Vec<u8>,
    /// Those of [`BESIDE`].
    pub(super) beside: [Option<Vec<u8>>; BESIDE.len()],
}

impl Parts {
    fn part(&self, ending: &str) -> Option<&[u8]> {
        let index = BESIDE.iter().position(|known| *known == ending)?;
        self.beside.get(index)?.as_deref()
    }

    /// A hash over all parts, each with its length.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for part in [Some(self.shp.as_slice())].into_iter().chain(self.beside.iter().map(Option::as_deref)) {
            hash.update(part.map_or(u64::MAX, |bytes| bytes.len() as u64).to_le_bytes());
            hash.update(part.unwrap_or_default());
        }
        hex(&hash.finalize())
    }
}

/// The shapes of a file and what lies beside it.
pub(super) fn beside(path: &Path, shp: Vec<u8>) -> Result<Parts, Wrong> {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("shx")) {
        return wrong("this is the index of a shapefile", "name the .shp beside it");
    }
    let mut parts = Parts { shp, ..Parts::default() };
    let mut total = parts.shp.len() as u64;
    for (ending, part) in BESIDE.iter().zip(&mut parts.beside) {
        let named = [path.with_extension(ending), path.with_extension(ending.to_uppercase())];
        let Some(found) = named.into_iter().find(|path| path.is_file()) else { continue };
        let bytes = File::open(&found).map_err(unreadable).and_then(all_of);
        let bytes = bytes.map_err(|(message, hint)| (format!(".{ending}: {message}"), hint))?;
        total += bytes.len() as u64;
        if total > MAX_FILE_BYTES {
            return wrong(format!("larger than {} MiB in all", MAX_FILE_BYTES >> 20), "split it by operator");
        }
        *part = Some(bytes);
    }
    Ok(parts)
}

/// Gives away all sound features; what is wrong with the others is in the report.
pub(super) fn features<P: Properties>(parts: &Parts, terms: &Terms<'_>, report: &mut Report, take: &mut Take<'_, P>) {
    report.part(parts.entry.as_deref());
    let read = open(parts, terms).map_err(|wrong| report.wrong(&Place::File, wrong));
    let Ok((crs, shapes, table)) = read else { return };
    let frame = Frame::new(crs, terms);
    for index in 0..shapes.len() {
        let place = Place::Record(index + 1);
        let feature = || -> Result<Option<Feature<P>>, Wrong> {
            let Some(values) = table.row::<P>(index)? else { return Ok(None) };
            let properties = value::properties(values)?;
            let shape = frame.shape(|| shapes.shape(index, &frame))?;
            Ok(Some(Feature { place: place.clone(), properties, shape, left_out: frame.left_out(), crs }))
        };
        match feature() {
            Ok(feature) => feature.into_iter().for_each(|feature| take(feature, report)),
            Err(wrong) => report.wrong(&place, wrong),
        }
    }
}

fn open<'p>(parts: &'p Parts, terms: &Terms<'_>) -> Result<(Crs, Shapes<'p>, Table<'p>), Wrong> {
    let in_part = |ending: &'static str| move |(message, hint): Wrong| (format!(".{ending}: {message}"), hint);
    let Some(dbf) = parts.part("dbf") else { return wrong("no .dbf beside it", HINT_PARTS) };
    let crs = terms.system(stated(parts.part("prj")))?;
    let shapes = Shapes::open(&parts.shp, parts.part("shx"))?;
    let encoding = encoding::of_cpg(parts.part("cpg")).map_err(in_part("cpg"))?;
    let table = Table::open(dbf, encoding).map_err(in_part("dbf"))?;
    if shapes.len() != table.len() {
        let message = format!("{} shapes, but {} rows in the .dbf", shapes.len(), table.len());
        return wrong(message, "parts of two exports are mixed; export it again");
    }
    if shapes.len() > MAX_FEATURES {
        return wrong(format!("more than {MAX_FEATURES} features"), "split it by operator");
    }
    Ok((crs, shapes, table))
}

/// What a `.prj` says.
fn stated(prj: Option<&[u8]>) -> Stated {
    let Some(prj) = prj else {
        let message = "no .prj beside it, so its coordinate system is not known".to_owned();
        return Stated::Nothing((message, HINT_SYSTEM.to_owned()));
    };
    let known = utf8(prj)
        .and_then(|text| Crs::of_wkt(text.trim()).map_err(|unknown| (unknown.to_string(), HINT_KNOWN.to_owned())));
    let strange = |(message, hint): Wrong| Stated::Strange((format!(".prj: {message}"), hint));
    known.map_or_else(strange, Stated::Named)
}
