//! GeoKeys and their companions: where the picture lies (OGC 19-008r4, GeoTIFF 1.1), and the value that means none
//! (GDAL's tag 42113).

use std::io::{Read, Seek};

use super::{
    cells::{RasterGrid, is_coarse_enough},
    directory::{Directory, Pieces, Tag},
    fault::{TRANSLATE, WARP, Wrong},
    limits::MAX_TAG_BYTES,
};
use crate::crs::Crs;

/// GTModelTypeGeoKey: what kind of coordinates there are.
const MODEL_TYPE: u64 = 1024;
/// GTRasterTypeGeoKey: whether coordinates are of corners or of middles of cells.
const RASTER_TYPE: u64 = 1025;
/// GeodeticCRSGeoKey: EPSG code of longitude and latitude.
const GEODETIC_CRS: u64 = 2048;
/// GeogAngularUnitsGeoKey.
const ANGULAR_UNITS: u64 = 2054;
/// ProjectedCRSGeoKey: EPSG code of metres on a plane.
const PROJECTED_CRS: u64 = 3072;
/// ProjLinearUnitsGeoKey.
const LINEAR_UNITS: u64 = 3076;

/// GTModelTypeGeoKey of metres on a plane.
const MODEL_PROJECTED: u64 = 1;
/// GTModelTypeGeoKey of longitude and latitude.
const MODEL_GEOGRAPHIC: u64 = 2;
/// GTRasterTypeGeoKey of corners, the default.
const PIXEL_IS_AREA: u64 = 1;
/// GTRasterTypeGeoKey of middles.
const PIXEL_IS_POINT: u64 = 2;
/// EPSG code of the degree.
const DEGREE: u64 = 9102;
/// EPSG code of the metre.
const METRE: u64 = 9001;

/// How far a corner may be off the globe and still count as on its edge, in cells: global rasters are cut roughly.
const EDGE_CELLS: f64 = 1e-6;

/// What GeoKeys say that is of use here; a key whose value is not in the directory itself is none of these.
struct GeoKeys(Vec<(u64, u64)>);

impl GeoKeys {
    /// Reads them; there need be none when somebody said where the picture lies.
    fn read<R: Read + Seek>(directory: &Directory, file: &mut Pieces<R>, said: Option<Crs>) -> Result<Self, Wrong> {
        let numbers = directory.numbers(file, Tag::GeoKeyDirectory, MAX_TAG_BYTES)?;
        let tag = Tag::GeoKeyDirectory;
        if numbers.is_empty() && said.is_some() {
            return Ok(Self(Vec::new()));
        }
        let Some(([version, _, _, count], keys)) = numbers.split_first_chunk::<4>() else {
            return Err(Wrong::new(
                format!("no {tag}: not a GeoTIFF"),
                "say where it lies: gdal_edit.py -a_srs EPSG:4326",
            ));
        };
        if *version != 1 {
            return Err(Wrong::new(format!("{tag}: version {version}"), TRANSLATE));
        }
        let (keys, _) = keys.as_chunks::<4>();
        if *count > keys.len() as u64 {
            return Err(Wrong::new(format!("{tag}: {} keys, said to be {count}", keys.len()), TRANSLATE));
        }
        let within = keys.iter().filter(|[_, place, _, _]| *place == 0).map(|[key, _, _, value]| (*key, *value));
        Ok(Self(within.collect()))
    }

    fn get(&self, key: u64) -> Option<u64> {
        self.0.iter().find(|(found, _)| *found == key).map(|(_, value)| *value)
    }

    /// The coordinate system, if its code is one that is read here; the one that somebody said where the keys do not.
    /// Where both do and differ, one of them is wrong.
    fn crs(&self, said: Option<Crs>) -> Result<Crs, Wrong> {
        if let (None, Some(said)) = (self.get(MODEL_TYPE), said) {
            return Ok(said);
        }
        let (key, units, unit) = match self.get(MODEL_TYPE) {
            Some(MODEL_PROJECTED) => (PROJECTED_CRS, LINEAR_UNITS, METRE),
            Some(MODEL_GEOGRAPHIC) => (GEODETIC_CRS, ANGULAR_UNITS, DEGREE),
            Some(other) => return Err(Wrong::new(format!("key {MODEL_TYPE} (model type): {other} is not read"), WARP)),
            None => return Err(Wrong::new(format!("no key {MODEL_TYPE} (model type)"), WARP)),
        };
        if let Some(other) = self.get(units).filter(|found| *found != unit) {
            return Err(Wrong::new(format!("key {units} (units): {other}, not {unit}"), WARP));
        }
        let Some(code) = self.get(key) else {
            return Err(Wrong::new(format!("no key {key} (EPSG code of the coordinate system)"), WARP));
        };
        let crs = u32::try_from(code).ok().and_then(|code| Crs::of_epsg(code).ok());
        let own =
            crs.ok_or_else(|| Wrong::new(format!("key {key}: coordinate system EPSG:{code} is not read"), WARP))?;
        match said.filter(|said| *said != own) {
            None => Ok(own),
            Some(said) => Err(Wrong::new(
                format!("the file says that it is in {own}, but crs says {said}"),
                "leave out crs; where the file is wrong, correct it: gdal_edit.py -a_srs EPSG:9211",
            )),
        }
    }

    /// How much of a cell lies west and north of the place that coordinates are of.
    fn shift(&self) -> Result<f64, Wrong> {
        match self.get(RASTER_TYPE) {
            None | Some(PIXEL_IS_AREA) => Ok(0.0),
            Some(PIXEL_IS_POINT) => Ok(0.5),
            Some(other) => Err(Wrong::new(format!("key {RASTER_TYPE} (raster type): {other} is not known"), WARP)),
        }
    }
}

/// West, north and steps.
struct Frame {
    west: f64,
    north: f64,
    step_x: f64,
    step_y: f64,
}

/// Where the picture lies; `said` is the system of a file that has none.
pub(crate) fn grid<R: Read + Seek>(
    directory: &Directory,
    file: &mut Pieces<R>,
    (width, height): (usize, usize),
    said: Option<Crs>,
) -> Result<RasterGrid, Wrong> {
    let keys = GeoKeys::read(directory, file, said)?;
    let (crs, shift) = (keys.crs(said)?, keys.shift()?);
    let Frame { west, north, step_x, step_y } = frame(directory, file)?;
    let grid =
        RasterGrid { crs, west: west - shift * step_x, north: north + shift * step_y, step_x, step_y, width, height };
    check_reach(grid)
}

fn frame<R: Read + Seek>(directory: &Directory, file: &mut Pieces<R>) -> Result<Frame, Wrong> {
    let transformation = directory.doubles(file, Tag::ModelTransformation)?;
    let (tag, frame) = if let Some([a, b, _, d, e, f, _, h, ..]) = transformation.get(..16) {
        if *b != 0.0 || *e != 0.0 {
            return Err(Wrong::new(format!("{}: the picture is rotated", Tag::ModelTransformation), WARP));
        }
        (Tag::ModelTransformation, Frame { west: *d, north: *h, step_x: *a, step_y: -*f })
    } else {
        let scale = directory.doubles(file, Tag::ModelPixelScale)?;
        let ties = directory.doubles(file, Tag::ModelTiepoint)?;
        let [step_x, step_y, ..] = *scale.as_slice() else {
            return Err(Wrong::new(format!("no {}", Tag::ModelPixelScale), WARP));
        };
        let [column, row, _, x, y, _] = *ties.as_slice() else {
            let message = format!("{}: {} numbers, not those of one point", Tag::ModelTiepoint, ties.len());
            return Err(Wrong::new(message, WARP));
        };
        let (west, north) = (x - column * step_x, y + row * step_y);
        (Tag::ModelPixelScale, Frame { west, north, step_x, step_y })
    };
    let Frame { west, north, step_x, step_y } = frame;
    if !(step_x.is_finite() && step_y.is_finite() && step_x > 0.0 && step_y > 0.0) {
        let message = format!("{tag}: cells of {step_x} × {step_y}; rows must run from north to south");
        return Err(Wrong::new(message, WARP));
    }
    if !(west.is_finite() && north.is_finite()) {
        return Err(Wrong::new(format!("{}: the first corner is at {west}, {north}", Tag::ModelTiepoint), WARP));
    }
    Ok(frame)
}

/// The four corners must be where the system is used. A corner that is off the globe by rounding is moved onto it.
fn check_reach(mut grid: RasterGrid) -> Result<RasterGrid, Wrong> {
    if grid.crs.is_geographic() {
        if !is_coarse_enough(grid.step_x.min(grid.step_y)) {
            let message = format!("cells of {} × {} degrees are smaller than an atom", grid.step_x, grid.step_y);
            return Err(Wrong::new(message, WARP));
        }
        let edge = |value: f64, limit: f64, step: f64| {
            if value.abs() > limit && value.abs() - limit <= EDGE_CELLS * step { limit.copysign(value) } else { value }
        };
        grid.west = edge(grid.west, 180.0, grid.step_x);
        grid.north = edge(grid.north, 90.0, grid.step_y);
    }
    for (column, row) in [(0, 0), (grid.width, 0), (0, grid.height), (grid.width, grid.height)] {
        if grid.corner(column, row).is_none() {
            let (x, y) = (grid.west + column as f64 * grid.step_x, grid.north - row as f64 * grid.step_y);
            let message = format!("its corner at {x}, {y} is not where EPSG:{} is used", grid.crs.epsg());
            let hint = format!("are longitude and latitude swapped, or is the system wrong? else {WARP}");
            return Err(Wrong::new(message, hint));
        }
    }
    Ok(grid)
}

/// The value that means none, if the file names one.
pub(crate) fn nodata<R: Read + Seek>(directory: &Directory, file: &mut Pieces<R>) -> Result<Option<f64>, Wrong> {
    let Some(text) = directory.text(file, Tag::GdalNodata)? else { return Ok(None) };
    // GDAL writes "nan" for floats.
    let number = text.trim();
    number.parse().map(Some).map_err(|_| {
        let shown: String = number.chars().take(40).collect();
        let hint = "set it: gdal_edit.py -a_nodata NUMBER";
        Wrong::new(format!("{}: {shown:?} is not a number", Tag::GdalNodata), hint)
    })
}
