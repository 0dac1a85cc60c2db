//! A raster from a GeoTIFF file.

use std::{
    io::{Read, Seek},
    path::Path,
};

use phusong_model::{Fault, LonLat};

use super::{
    cells::RasterGrid,
    directory::{Directory, Pieces},
    fault::Wrong,
    keys,
    layout::{Layout, Sample, Window},
    limits::{MAX_CHUNK_BYTES, MAX_FILE_BYTES, MAX_VALUE_BYTES},
    unpack::{Unpacker, restore},
};
use crate::{crs::Crs, grid::Point, read::open_file};

/// The values of a raster, row by row from the north-west; not a number where there is none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Values {
    /// Of types that `f32` holds without loss.
    Single(Vec<f32>),
    /// Of the others.
    Double(Vec<f64>),
}

/// A raster of one band.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster {
    grid: RasterGrid,
    values: Values,
}

impl Raster {
    /// Reads a GeoTIFF: one band of 8 to 32 bits, whole or floating, or of 64 bits floating; tiles or strips; plain,
    /// LZW or deflate, with any predictor; TIFF and BigTIFF. Upright grids in a coordinate system that is known here.
    ///
    /// The fault names the file, the place in it, and the remedy.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        Self::read_in(path, None)
    }

    /// The same; a file that names no coordinate system is in the one that is said.
    pub(crate) fn read_in(path: &Path, said: Option<Crs>) -> Result<Self, Fault> {
        Self::read_file(path, said, |_| Some(None))
    }

    /// The same, and keeps only the cells around some points, so that a national raster is read for a province. A fault
    /// too, when the coordinate system does not reach one of them.
    pub(crate) fn read_around(
        path: &Path,
        said: Option<Crs>,
        points: impl Iterator<Item = Point>,
    ) -> Result<Self, Fault> {
        Self::read_file(path, said, |grid| Window::around(grid, points).map(Some))
    }

    fn read_file(
        path: &Path,
        said: Option<Crs>,
        window: impl FnOnce(&RasterGrid) -> Option<Option<Window>>,
    ) -> Result<Self, Fault> {
        let fault = |wrong: Wrong| Fault::of_file(path, wrong.message, wrong.hint);
        let unreadable = |error: std::io::Error| {
            Fault::of_file(path, format!("cannot be read: {error}"), "check the path and that phusong may read it")
        };
        let file = open_file(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.len() > MAX_FILE_BYTES {
            let hint = "cut it to the province and pack it: gdal_translate -co COMPRESS=DEFLATE -projwin …";
            return Err(fault(Wrong::new(format!("larger than {} MiB", MAX_FILE_BYTES >> 20), hint)));
        }
        Self::from_window(&mut Pieces::new(file, metadata.len()), MAX_VALUE_BYTES, said, window).map_err(fault)
    }

    /// Reads whatever can be sought in, if its values take no more than so many bytes.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn from_pieces<R: Read + Seek>(
        file: &mut Pieces<R>,
        most_bytes: u64,
        said: Option<Crs>,
    ) -> Result<Self, Wrong> {
        Self::from_window(file, most_bytes, said, |_| Some(None))
    }

    /// Reads the cells that `window` chooses, all where it chooses none.
    fn from_window<R: Read + Seek>(
        file: &mut Pieces<R>,
        most_bytes: u64,
        said: Option<Crs>,
        window: impl FnOnce(&RasterGrid) -> Option<Option<Window>>,
    ) -> Result<Self, Wrong> {
        let directory = Directory::read(file)?;
        let mut layout = Layout::read(&directory, file)?;
        let mut grid = keys::grid(&directory, file, (layout.width, layout.height), said)?;
        let beyond = "some commune is not where the coordinate system of the raster is used";
        let hint = "warp it: gdalwarp -t_srs EPSG:4326 IN out.tif";
        if let Some(window) = window(&grid).ok_or_else(|| Wrong::new(beyond.to_owned(), hint))? {
            layout.window = window;
            grid = grid.part(&layout.window);
        }
        layout.check_size(most_bytes)?;
        let nodata = keys::nodata(&directory, file)?;
        let values = match layout.sample {
            Sample::U8 => single(&layout, file, nodata, |[a]| f32::from(a)),
            Sample::I8 => single(&layout, file, nodata, |bytes| f32::from(i8::from_le_bytes(bytes))),
            Sample::U16 => single(&layout, file, nodata, |bytes| f32::from(u16::from_le_bytes(bytes))),
            Sample::I16 => single(&layout, file, nodata, |bytes| f32::from(i16::from_le_bytes(bytes))),
            Sample::F32 => single(&layout, file, nodata, f32::from_le_bytes),
            Sample::U32 => double(&layout, file, nodata, |bytes| f64::from(u32::from_le_bytes(bytes))),
            Sample::I32 => double(&layout, file, nodata, |bytes| f64::from(i32::from_le_bytes(bytes))),
            Sample::F64 => double(&layout, file, nodata, f64::from_le_bytes),
        }?;
        Ok(Self { grid, values })
    }

    /// Where its cells are.
    #[must_use]
    pub fn grid(&self) -> &RasterGrid {
        &self.grid
    }

    /// The value of the cell at a place; `None` outside, and where there is no value.
    #[must_use]
    pub fn value(&self, at: LonLat) -> Option<f64> {
        self.value_of(self.grid.cell(at)?)
    }

    /// The value of a cell by its position among all.
    pub(crate) fn value_of(&self, cell: usize) -> Option<f64> {
        let value = match &self.values {
            Values::Single(values) => f64::from(*values.get(cell)?),
            Values::Double(values) => *values.get(cell)?,
        };
        Some(value).filter(|value| !value.is_nan())
    }

    /// All values.
    pub(crate) fn values(&self) -> &Values {
        &self.values
    }

    #[cfg(test)]
    pub(crate) fn of_values(grid: RasterGrid, values: Vec<f32>) -> Self {
        assert_eq!(values.len(), grid.width * grid.height);
        Self { grid, values: Values::Single(values) }
    }
}

/// Unpacks values that fit `f32`. What the file calls no value becomes not a number; so do infinities, which no
/// instrument measures.
fn single<R: Read + Seek, const N: usize>(
    layout: &Layout,
    file: &mut Pieces<R>,
    nodata: Option<f64>,
    convert: impl Fn([u8; N]) -> f32,
) -> Result<Values, Wrong> {
    // GDAL writes the nodata of a float file with the digits of a double.
    let none = nodata.map_or(f32::NAN, |nodata| nodata as f32);
    let value = |bytes| {
        let value = convert(bytes);
        if value == none || value.is_infinite() { f32::NAN } else { value }
    };
    values(layout, file, if nodata.is_some() { f32::NAN } else { 0.0 }, value).map(Values::Single)
}

/// The same for values that need `f64`.
fn double<R: Read + Seek, const N: usize>(
    layout: &Layout,
    file: &mut Pieces<R>,
    nodata: Option<f64>,
    convert: impl Fn([u8; N]) -> f64,
) -> Result<Values, Wrong> {
    let none = nodata.unwrap_or(f64::NAN);
    let value = |bytes| {
        let value = convert(bytes);
        if value == none || value.is_infinite() { f64::NAN } else { value }
    };
    values(layout, file, if nodata.is_some() { f64::NAN } else { 0.0 }, value).map(Values::Double)
}

/// Unpacks one tile or strip after the other. `empty` is for those that were never written, as sparse files have them.
fn values<R: Read + Seek, T: Copy + Default, const N: usize>(
    layout: &Layout,
    file: &mut Pieces<R>,
    empty: T,
    convert: impl Fn([u8; N]) -> T,
) -> Result<Vec<T>, Wrong> {
    // Zeros come from the kernel without being written.
    let is_sparse = layout.chunks.iter().any(|(_, bytes)| *bytes == 0);
    let mut values = vec![if is_sparse { empty } else { T::default() }; layout.window.width * layout.window.height];
    let mut unpacker = Unpacker::new(layout.packing);
    let row_bytes = layout.chunk_width * N;
    let (mut packed, mut scratch) = (Vec::new(), vec![0; row_bytes]);
    let across = layout.width.div_ceil(layout.chunk_width);
    let window = &layout.window;
    for (index, (at, bytes)) in layout.chunks.iter().enumerate().filter(|(_, (_, bytes))| *bytes > 0) {
        let (left, top) = (index % across * layout.chunk_width, index / across * layout.chunk_height);
        if !window.meets(left, top, layout.chunk_width, layout.chunk_height) {
            continue;
        }
        let what = format!("{} {}", if layout.is_tiled { "tile" } else { "strip" }, index + 1);
        // Packing makes a tile of noise a little larger, never twice as large.
        if *bytes > 2 * MAX_CHUNK_BYTES {
            return Err(Wrong::damage(format!("{what}: {bytes} bytes, more than make sense")));
        }
        file.read(&what, *at, *bytes, &mut packed)?;
        let rows = layout.chunk_height.min(layout.height - top);
        let unpacked = unpacker.unpack(&what, &packed, rows * row_bytes)?;
        // What of the tile lies before the window, and what of the window before the tile.
        let (above, before) = (window.top.saturating_sub(top), window.left.saturating_sub(left));
        let places = values.chunks_exact_mut(window.width).skip(top.saturating_sub(window.top));
        for (row, places) in unpacked.chunks_exact_mut(row_bytes).skip(above).zip(places) {
            let row = restore(row, &mut scratch, layout.sample, layout.order, layout.predictor);
            let (row, _) = row.as_chunks::<N>();
            let Some(places) = places.get_mut(left.saturating_sub(window.left)..) else { continue };
            for (place, bytes) in places.iter_mut().zip(row.iter().skip(before)) {
                *place = convert(*bytes);
            }
        }
    }
    Ok(values)
}
