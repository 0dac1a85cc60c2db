//! What the tags say of the picture: its size, how a value is written, and where tiles or strips are.

use std::io::{Read, Seek};

use super::{
    cells::RasterGrid,
    directory::{ByteOrder, Directory, Pieces, Tag},
    fault::{TRANSLATE, Wrong},
    limits::{MAX_CHUNK_BYTES, MAX_CHUNKS, MAX_SIDE},
};
use crate::grid::Point;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sample {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    F64,
}

impl Sample {
    fn of(bits: u64, format: u64) -> Result<Self, Wrong> {
        match (format, bits) {
            (1, 8) => Ok(Self::U8),
            (2, 8) => Ok(Self::I8),
            (1, 16) => Ok(Self::U16),
            (2, 16) => Ok(Self::I16),
            (1, 32) => Ok(Self::U32),
            (2, 32) => Ok(Self::I32),
            (3, 32) => Ok(Self::F32),
            (3, 64) => Ok(Self::F64),
            _ => {
                let message = format!("values of {bits} bits in sample format {format} are not read");
                Err(Wrong::new(message, "write them as 32-bit floats: gdal_translate -ot Float32 IN out.tif"))
            }
        }
    }

    /// Bytes of a value.
    pub(crate) fn bytes(self) -> u64 {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Whether `f32` holds every value.
    pub(crate) fn is_single(self) -> bool {
        match self {
            Self::U8 | Self::I8 | Self::U16 | Self::I16 | Self::F32 => true,
            Self::U32 | Self::I32 | Self::F64 => false,
        }
    }
}

/// How tiles and strips are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Lzw,
    Deflate,
}

impl Packing {
    fn of(number: u64) -> Result<Self, Wrong> {
        match number {
            1 => Ok(Self::Plain),
            5 => Ok(Self::Lzw),
            8 | 32946 => Ok(Self::Deflate),
            _ => Err(Wrong::new(format!("{}: compression {number} is not read", Tag::Compression), TRANSLATE)),
        }
    }
}

/// What was done to a row before it was packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Predictor {
    Nothing,
    /// Each value is the difference to the one before.
    Difference,
    /// The bytes of floats, the first of all of them first, each as the difference to the one before.
    Bytes,
}

impl Predictor {
    fn of(number: u64, sample: Sample) -> Result<Self, Wrong> {
        match (number, sample) {
            (1, _) => Ok(Self::Nothing),
            (2, _) => Ok(Self::Difference),
            (3, Sample::F32 | Sample::F64) => Ok(Self::Bytes),
            (3, _) => Err(Wrong::new(format!("{}: 3 is for floats, not {sample:?}", Tag::Predictor), TRANSLATE)),
            _ => Err(Wrong::new(format!("{}: {number} is not known", Tag::Predictor), TRANSLATE)),
        }
    }
}

/// The picture, checked: its values fit the limits, and each tile or strip fits the file.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Columns.
    pub(crate) width: usize,
    /// Rows.
    pub(crate) height: usize,
    /// How a value is written.
    pub(crate) sample: Sample,
    /// Which end of a value comes first.
    pub(crate) order: ByteOrder,
    /// How tiles are packed.
    pub(crate) packing: Packing,
    /// What was done to rows before.
    pub(crate) predictor: Predictor,
    /// Columns of a tile; those of the picture when it is in strips.
    pub(crate) chunk_width: usize,
    /// Rows of a tile or strip.
    pub(crate) chunk_height: usize,
    /// Strips end with the picture; tiles are filled up.
    pub(crate) is_tiled: bool,
    /// The cells that are wanted.
    pub(crate) window: Window,
    /// Where each is and how many bytes it has, row by row. No bytes: nothing was written there.
    pub(crate) chunks: Vec<(u64, u64)>,
}

impl Layout {
    /// Reads and checks the tags; all cells are wanted.
    pub(crate) fn read<R: Read + Seek>(directory: &Directory, file: &mut Pieces<R>) -> Result<Self, Wrong> {
        let required = |file: &mut Pieces<R>, tag: Tag| {
            directory.number(file, tag)?.ok_or_else(|| Wrong::new(format!("no {tag}"), TRANSLATE))
        };
        let (width, height) = (required(file, Tag::ImageWidth)?, required(file, Tag::ImageLength)?);
        let bands = directory.number(file, Tag::SamplesPerPixel)?.unwrap_or(1);
        if bands != 1 {
            return Err(Wrong::new(
                format!("{bands} bands where one is meant"),
                "choose one: gdal_translate -b 1 IN out.tif",
            ));
        }
        let format = directory.number(file, Tag::SampleFormat)?.unwrap_or(1);
        let sample = Sample::of(required(file, Tag::BitsPerSample)?, format)?;
        let side = 1..=MAX_SIDE;
        if !side.contains(&width) || !side.contains(&height) {
            return Err(Wrong::damage(format!("{width} × {height} cells")));
        }
        let is_tiled = directory.has(Tag::TileOffsets);
        let (chunk_width, chunk_height) = if is_tiled {
            (required(file, Tag::TileWidth)?, required(file, Tag::TileLength)?)
        } else {
            // More rows than the picture has is how some say that there is one strip.
            (width, directory.number(file, Tag::RowsPerStrip)?.unwrap_or(height).min(height))
        };
        let bytes = chunk_width.checked_mul(chunk_height).and_then(|cells| cells.checked_mul(sample.bytes()));
        if !bytes.is_some_and(|bytes| (1..=MAX_CHUNK_BYTES).contains(&bytes)) {
            let message =
                format!("tiles or strips of {chunk_width} × {chunk_height} values of {} bytes", sample.bytes());
            return Err(Wrong::new(message, "write it in usual tiles: gdal_translate -co TILED=YES IN out.tif"));
        }
        let count = width.div_ceil(chunk_width) * height.div_ceil(chunk_height);
        let chunks = chunks(directory, file, is_tiled, count)?;
        Ok(Self {
            width: small(width)?,
            height: small(height)?,
            sample,
            order: directory.order(),
            packing: Packing::of(directory.number(file, Tag::Compression)?.unwrap_or(1))?,
            predictor: Predictor::of(directory.number(file, Tag::Predictor)?.unwrap_or(1), sample)?,
            chunk_width: small(chunk_width)?,
            chunk_height: small(chunk_height)?,
            is_tiled,
            window: Window { left: 0, top: 0, width: small(width)?, height: small(height)? },
            chunks,
        })
    }

    /// Whether the values that are wanted take no more than so many bytes.
    pub(crate) fn check_size(&self, most_bytes: u64) -> Result<(), Wrong> {
        let most = most_bytes / if self.sample.is_single() { 4 } else { 8 };
        let Window { width, height, .. } = self.window;
        if width.checked_mul(height).is_none_or(|cells| cells as u64 > most) {
            return Err(Wrong::new(
                format!("{width} × {height} cells, more than {most}"),
                "cut it to the province: gdal_translate -projwin WEST NORTH EAST SOUTH IN out.tif",
            ));
        }
        Ok(())
    }
}

/// The cells of a picture that are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// The first column.
    pub(crate) left: usize,
    /// The first row.
    pub(crate) top: usize,
    /// Columns, at least one.
    pub(crate) width: usize,
    /// Rows, at least one.
    pub(crate) height: usize,
}

impl Window {
    /// The cells around points, as far as the grid has any, at least one; `None` where its system does not reach.
    pub(crate) fn around(grid: &RasterGrid, points: impl Iterator<Item = Point>) -> Option<Self> {
        let (mut low, mut high) = ((f64::INFINITY, f64::INFINITY), (f64::NEG_INFINITY, f64::NEG_INFINITY));
        for point in points {
            let (x, y) = grid.place_of(point)?;
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
        }
        let (left, width) = span(low.0, high.0, grid.width());
        let (top, height) = span(low.1, high.1, grid.height());
        Some(Self { left, top, width, height })
    }

    /// Whether some of a tile is wanted.
    pub(crate) fn meets(&self, left: usize, top: usize, width: usize, height: usize) -> bool {
        left < self.left + self.width
            && self.left < left + width
            && top < self.top + self.height
            && self.top < top + height
    }
}

/// The first of the cells between two places, and how many: of so many, at least one.
fn span(low: f64, high: f64, count: usize) -> (usize, usize) {
    let last = count.saturating_sub(1) as f64;
    // Casts hold: both lie between 0 and the number of cells. What is not a number becomes 0.
    let (first, end) = (low.floor().clamp(0.0, last) as usize, high.ceil().clamp(1.0, count as f64) as usize);
    (first, end.saturating_sub(first).max(1))
}

/// A number that a limit keeps small.
fn small(number: u64) -> Result<usize, Wrong> {
    usize::try_from(number).map_err(|_| Wrong::damage(format!("{number} is too large")))
}

fn chunks<R: Read + Seek>(
    directory: &Directory,
    file: &mut Pieces<R>,
    is_tiled: bool,
    count: u64,
) -> Result<Vec<(u64, u64)>, Wrong> {
    let (offsets, sizes) =
        if is_tiled { (Tag::TileOffsets, Tag::TileByteCounts) } else { (Tag::StripOffsets, Tag::StripByteCounts) };
    if count > MAX_CHUNKS {
        return Err(Wrong::new(format!("{count} tiles or strips, more than {MAX_CHUNKS}"), TRANSLATE));
    }
    for tag in [offsets, sizes] {
        if directory.count(tag) != count {
            return Err(Wrong::damage(format!("{tag}: {} values for {count} tiles or strips", directory.count(tag))));
        }
    }
    // The largest number has eight bytes.
    let places = directory.numbers(file, offsets, 8 * count)?;
    let sizes = directory.numbers(file, sizes, 8 * count)?;
    Ok(places.into_iter().zip(sizes).collect())
}
