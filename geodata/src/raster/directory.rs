//! The skeleton of a TIFF file: header, chain of directories, tags and their values (TIFF 6.0, section 2; BigTIFF as
//! libtiff defines it).
//!
//! The crate `tiff` reads it too, but takes memory as the file asks for it before a limit can be set, follows no chain
//! to its end, and stops the program on some files; so this part is our own, and whatever a tag says is compared with
//! the length of the file first.

use std::{
    collections::BTreeSet,
    io::{Read, Seek, SeekFrom},
};

use super::{
    fault::{TRANSLATE, Wrong},
    limits::{MAX_DIRECTORIES, MAX_TAG_BYTES, MAX_TAGS},
};

/// Bit 0 of NewSubfileType: a smaller copy of another picture of the file.
const REDUCED_RESOLUTION: u64 = 1;
/// Bit 2 of NewSubfileType: a mask of another picture of the file.
const MASK: u64 = 4;

/// A tag that is looked at here, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tag {
    NewSubfileType = 254,
    ImageWidth = 256,
    ImageLength = 257,
    BitsPerSample = 258,
    Compression = 259,
    StripOffsets = 273,
    SamplesPerPixel = 277,
    RowsPerStrip = 278,
    StripByteCounts = 279,
    Predictor = 317,
    TileWidth = 322,
    TileLength = 323,
    TileOffsets = 324,
    TileByteCounts = 325,
    SampleFormat = 339,
    ModelPixelScale = 33550,
    ModelTiepoint = 33922,
    ModelTransformation = 34264,
    GeoKeyDirectory = 34735,
    GdalNodata = 42113,
}

impl std::fmt::Display for Tag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "tag {} ({self:?})", *self as u16)
    }
}

/// Which end of a number comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    /// Up to eight bytes as an unsigned number.
    fn unsigned(self, bytes: &[u8]) -> u64 {
        let join = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        match self {
            Self::Little => bytes.iter().rev().fold(0, join),
            Self::Big => bytes.iter().fold(0, join),
        }
    }
}

/// A file of which any piece can be asked for; no piece is larger than what is left of it.
#[derive(Debug)]
pub(crate) struct Pieces<R> {
    reader: R,
    length: u64,
}

impl<R: Read + Seek> Pieces<R> {
    /// Takes a reader and how many bytes it has.
    pub(crate) fn new(reader: R, length: u64) -> Self {
        Self { reader, length }
    }

    /// Reads a piece into the buffer, which it then fills. The caller has a limit for `bytes`.
    pub(crate) fn read(&mut self, what: &str, at: u64, bytes: u64, buffer: &mut Vec<u8>) -> Result<(), Wrong> {
        let until = at.checked_add(bytes).filter(|until| *until <= self.length);
        let (Some(_), Ok(size)) = (until, usize::try_from(bytes)) else {
            let length = self.length;
            return Err(Wrong::damage(format!("{what}: {bytes} bytes at {at}, but the file has {length}")));
        };
        buffer.clear();
        buffer.resize(size, 0);
        self.reader
            .seek(SeekFrom::Start(at))
            .and_then(|_| self.reader.read_exact(buffer))
            .map_err(|error| Wrong::damage(format!("{what}: cannot be read: {error}")))
    }

    fn short(&mut self, what: &str, at: u64, bytes: u64) -> Result<Vec<u8>, Wrong> {
        let mut buffer = Vec::new();
        self.read(what, at, bytes, &mut buffer)?;
        Ok(buffer)
    }
}

/// Kinds of values, as the second field of an entry numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Unsigned numbers of 1, 2, 4 or 8 bytes; offsets of directories are numbers too.
    Unsigned(u64),
    Text,
    Double,
    /// Known to TIFF, but of no tag that is looked at here.
    Other,
}

impl Kind {
    fn of(number: u64) -> Self {
        match number {
            1 => Self::Unsigned(1),
            2 => Self::Text,
            3 => Self::Unsigned(2),
            4 | 13 => Self::Unsigned(4),
            16 | 18 => Self::Unsigned(8),
            12 => Self::Double,
            _ => Self::Other,
        }
    }

    fn bytes(self) -> u64 {
        match self {
            Self::Unsigned(bytes) => bytes,
            Self::Text | Self::Other => 1,
            Self::Double => 8,
        }
    }
}

#[derive(Debug, Clone)]
struct Entry {
    number: u64,
    kind: Kind,
    count: u64,
    /// The value itself when it fits, else where it is.
    field: Vec<u8>,
}

/// The first directory of a file, which describes the picture; others hold smaller copies of it.
#[derive(Debug)]
pub(crate) struct Directory {
    order: ByteOrder,
    entries: Vec<Entry>,
}

/// Sizes that differ between TIFF and BigTIFF.
struct Form {
    order: ByteOrder,
    /// Bytes of an offset, and of the field of an entry.
    wide: u64,
    /// Bytes of the number of entries.
    count: u64,
}

impl Directory {
    /// Reads the header and the first directory, and follows the chain of the others to its end.
    pub(crate) fn read<R: Read + Seek>(file: &mut Pieces<R>) -> Result<Self, Wrong> {
        let (form, first) = header(file)?;
        let (entries, mut next) = entries(file, &form, 1, first)?;
        let first = (Self { order: form.order, entries }, first);
        let mut seen = BTreeSet::from([first.1]);
        while next != 0 {
            if !seen.insert(next) {
                return Err(Wrong::damage(format!(
                    "directory {}: the next one is said to be at {next}, where an earlier one is",
                    seen.len()
                )));
            }
            if seen.len() > MAX_DIRECTORIES {
                return Err(Wrong::new(format!("more than {MAX_DIRECTORIES} directories"), TRANSLATE));
            }
            let number = seen.len();
            let (entries, after) = self::entries(file, &form, number, next)?;
            Self { order: form.order, entries }.check_lesser(file, number)?;
            next = after;
        }
        Ok(first.0)
    }

    /// What comes after the first picture must belong to it: which of two pictures was meant, nobody could say.
    fn check_lesser<R: Read + Seek>(&self, file: &mut Pieces<R>, number: usize) -> Result<(), Wrong> {
        let kind = self.number(file, Tag::NewSubfileType)?.unwrap_or(0);
        if kind & (REDUCED_RESOLUTION | MASK) == 0 {
            let hint = "keep one: gdal_translate GTIFF_DIR:1:IN out.tif";
            return Err(Wrong::new(format!("directory {number}: a second picture, not a smaller copy"), hint));
        }
        Ok(())
    }

    /// Which end of the numbers comes first, those of the picture included.
    pub(crate) fn order(&self) -> ByteOrder {
        self.order
    }

    /// Whether the tag is there.
    pub(crate) fn has(&self, tag: Tag) -> bool {
        self.entry(tag).is_some()
    }

    /// How many values the tag has.
    pub(crate) fn count(&self, tag: Tag) -> u64 {
        self.entry(tag).map_or(0, |entry| entry.count)
    }

    /// The one unsigned value of a tag; of several that are equal, as bits of bands are, that value.
    pub(crate) fn number<R: Read + Seek>(&self, file: &mut Pieces<R>, tag: Tag) -> Result<Option<u64>, Wrong> {
        let Some(entry) = self.entry(tag) else { return Ok(None) };
        let values = self.unsigned(file, tag, entry, MAX_TAG_BYTES)?;
        match values.split_first() {
            Some((first, others)) if others.iter().all(|value| value == first) => Ok(Some(*first)),
            Some(_) | None => Err(Wrong::new(format!("{tag}: {} values where one is meant", entry.count), TRANSLATE)),
        }
    }

    /// All unsigned values of a tag, none when it is missing. `limit` is in bytes.
    pub(crate) fn numbers<R: Read + Seek>(
        &self,
        file: &mut Pieces<R>,
        tag: Tag,
        limit: u64,
    ) -> Result<Vec<u64>, Wrong> {
        self.entry(tag).map_or(Ok(Vec::new()), |entry| self.unsigned(file, tag, entry, limit))
    }

    /// All floating values of a tag, none when it is missing.
    pub(crate) fn doubles<R: Read + Seek>(&self, file: &mut Pieces<R>, tag: Tag) -> Result<Vec<f64>, Wrong> {
        let Some(entry) = self.entry(tag) else { return Ok(Vec::new()) };
        if entry.kind != Kind::Double {
            return Err(Wrong::new(format!("{tag}: not of type DOUBLE"), TRANSLATE));
        }
        let bytes = self.bytes(file, tag, entry, MAX_TAG_BYTES)?;
        Ok(bytes.chunks_exact(8).map(|bytes| f64::from_bits(self.order.unsigned(bytes))).collect())
    }

    /// The text of a tag without its final zero byte.
    pub(crate) fn text<R: Read + Seek>(&self, file: &mut Pieces<R>, tag: Tag) -> Result<Option<String>, Wrong> {
        let Some(entry) = self.entry(tag) else { return Ok(None) };
        if entry.kind != Kind::Text {
            return Err(Wrong::new(format!("{tag}: not of type ASCII"), TRANSLATE));
        }
        let bytes = self.bytes(file, tag, entry, MAX_TAG_BYTES)?;
        let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        Ok(Some(String::from_utf8_lossy(text).into_owned()))
    }

    fn entry(&self, tag: Tag) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.number == tag as u64)
    }

    fn unsigned<R: Read + Seek>(
        &self,
        file: &mut Pieces<R>,
        tag: Tag,
        entry: &Entry,
        limit: u64,
    ) -> Result<Vec<u64>, Wrong> {
        let Kind::Unsigned(size) = entry.kind else {
            return Err(Wrong::new(format!("{tag}: not a whole number"), TRANSLATE));
        };
        let bytes = self.bytes(file, tag, entry, limit)?;
        let size = usize::try_from(size).unwrap_or(1);
        Ok(bytes.chunks_exact(size).map(|bytes| self.order.unsigned(bytes)).collect())
    }

    fn bytes<R: Read + Seek>(
        &self,
        file: &mut Pieces<R>,
        tag: Tag,
        entry: &Entry,
        limit: u64,
    ) -> Result<Vec<u8>, Wrong> {
        let Some(bytes) = entry.count.checked_mul(entry.kind.bytes()).filter(|bytes| *bytes <= limit) else {
            return Err(Wrong::new(format!("{tag}: {} values, more than make sense", entry.count), TRANSLATE));
        };
        if bytes <= entry.field.len() as u64 {
            let size = usize::try_from(bytes).unwrap_or_default();
            return Ok(entry.field.iter().take(size).copied().collect());
        }
        file.short(&tag.to_string(), self.order.unsigned(&entry.field), bytes)
    }
}

fn header<R: Read + Seek>(file: &mut Pieces<R>) -> Result<(Form, u64), Wrong> {
    let not_tiff = || Wrong::new("not a TIFF file", "a raster is read as GeoTIFF: gdal_translate IN out.tif");
    if file.length < 8 {
        return Err(not_tiff());
    }
    let start = file.short("header", 0, 8)?;
    let order = match start.get(..2) {
        Some(b"II") => ByteOrder::Little,
        Some(b"MM") => ByteOrder::Big,
        _ => return Err(not_tiff()),
    };
    let number = |range: std::ops::Range<usize>| start.get(range).map_or(0, |bytes| order.unsigned(bytes));
    match number(2..4) {
        42 => Ok((Form { order, wide: 4, count: 2 }, number(4..8))),
        // The size of offsets is always 8, the word after it always 0.
        43 if number(4..6) == 8 && number(6..8) == 0 => {
            let first = file.short("header", 8, 8)?;
            Ok((Form { order, wide: 8, count: 8 }, order.unsigned(&first)))
        }
        _ => Err(not_tiff()),
    }
}

/// The entries of a directory, and where the next directory is; 0 at the end of the chain.
fn entries<R: Read + Seek>(
    file: &mut Pieces<R>,
    form: &Form,
    number: usize,
    at: u64,
) -> Result<(Vec<Entry>, u64), Wrong> {
    let what = format!("directory {number}");
    let count = form.order.unsigned(&file.short(&what, at, form.count)?);
    if count == 0 || count > MAX_TAGS {
        return Err(Wrong::damage(format!("{what}: {count} tags")));
    }
    let size = 4 + 2 * form.wide;
    let bytes = file.short(&what, at + form.count, count * size + form.wide)?;
    let (size, wide) = (usize::try_from(size).unwrap_or(1), usize::try_from(form.wide).unwrap_or(1));
    let entries = bytes.chunks_exact(size).take(usize::try_from(count).unwrap_or_default());
    let entries = entries.filter_map(|bytes| {
        let (number, rest) = bytes.split_at_checked(2)?;
        let (kind, rest) = rest.split_at_checked(2)?;
        let (count, field) = rest.split_at_checked(wide)?;
        Some(Entry {
            number: form.order.unsigned(number),
            kind: Kind::of(form.order.unsigned(kind)),
            count: form.order.unsigned(count),
            field: field.to_vec(),
        })
    });
    let next = bytes.rchunks(wide).next().map_or(0, |bytes| form.order.unsigned(bytes));
    Ok((entries.collect(), next))
}
