//! TIFF files made byte by byte, sound or as wrong as a test needs them.

use std::collections::BTreeMap;

use flate2::{Compression, write::ZlibEncoder};

pub const WIDTH: u16 = 256;
pub const LENGTH: u16 = 257;
pub const BITS: u16 = 258;
pub const COMPRESSION: u16 = 259;
pub const STRIP_OFFSETS: u16 = 273;
pub const BANDS: u16 = 277;
pub const ROWS_PER_STRIP: u16 = 278;
pub const STRIP_BYTES: u16 = 279;
pub const PREDICTOR: u16 = 317;
pub const TILE_WIDTH: u16 = 322;
pub const TILE_LENGTH: u16 = 323;
pub const TILE_OFFSETS: u16 = 324;
pub const TILE_BYTES: u16 = 325;
pub const FORMAT: u16 = 339;
pub const SCALE: u16 = 33550;
pub const TIE: u16 = 33922;
pub const TRANSFORMATION: u16 = 34264;
pub const GEO_KEYS: u16 = 34735;
pub const NODATA: u16 = 42113;

/// The value of a tag.
#[derive(Debug, Clone)]
pub enum Field {
    Short(Vec<u16>),
    Long(Vec<u32>),
    Long8(Vec<u64>),
    Double(Vec<f64>),
    Text(&'static str),
    /// Kind and count as said, and where the value is said to be.
    Elsewhere(u16, u64, u32),
}

/// A file to be written.
#[derive(Debug, Clone)]
pub struct Tiff {
    pub is_big: bool,
    pub is_big_endian: bool,
    pub fields: BTreeMap<u16, Field>,
    pub chunks: Vec<Vec<u8>>,
    /// Where the next directory is said to be; the first is at 8, or at 16 of a BigTIFF.
    pub next: u32,
}

/// GeoKeys of longitude and latitude in WGS 84.
pub const WGS84_KEYS: [u16; 16] = [1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326];

impl Tiff {
    /// Six columns and four rows of floats from 105° E, 22° N in steps of a quarter degree: 0, 1, 2 … in two strips.
    pub fn sound() -> Self {
        let values: Vec<u8> = (0_u8..24).flat_map(|value| f32::from(value).to_le_bytes()).collect();
        let fields = [
            (WIDTH, Field::Short(vec![6])),
            (LENGTH, Field::Short(vec![4])),
            (BITS, Field::Short(vec![32])),
            (COMPRESSION, Field::Short(vec![1])),
            (262, Field::Short(vec![1])),
            (BANDS, Field::Short(vec![1])),
            (ROWS_PER_STRIP, Field::Short(vec![2])),
            (FORMAT, Field::Short(vec![3])),
            (SCALE, Field::Double(vec![0.25, 0.25, 0.0])),
            (TIE, Field::Double(vec![0.0, 0.0, 0.0, 105.0, 22.0, 0.0])),
            (GEO_KEYS, Field::Short(WGS84_KEYS.to_vec())),
            (NODATA, Field::Text("-9999")),
        ];
        Self {
            is_big: false,
            is_big_endian: false,
            fields: fields.into(),
            chunks: values.chunks(48).map(<[u8]>::to_vec).collect(),
            next: 0,
        }
    }

    /// The same picture in four tiles of 4 × 4 (a size below the usual 16, which is read too), packed with deflate.
    pub fn tiled() -> Self {
        let tile = |left: u8, top: u8| {
            let values = (0..16).map(|i| (left + i % 4, top + i / 4));
            let values = values.map(|(x, y)| if x < 6 && y < 4 { f32::from(y * 6 + x) } else { 77.0 });
            deflate(&values.flat_map(f32::to_le_bytes).collect::<Vec<u8>>())
        };
        let mut tiff = Self::sound();
        tiff.fields.remove(&ROWS_PER_STRIP);
        tiff.chunks = vec![tile(0, 0), tile(4, 0)];
        tiff.with(COMPRESSION, Field::Short(vec![8]))
            .with(TILE_WIDTH, Field::Short(vec![4]))
            .with(TILE_LENGTH, Field::Short(vec![4]))
    }

    pub fn with(mut self, tag: u16, field: Field) -> Self {
        self.fields.insert(tag, field);
        self
    }

    pub fn without(mut self, tag: u16) -> Self {
        self.fields.remove(&tag);
        self
    }

    pub fn with_key(self, key: u16, value: u16) -> Self {
        let mut keys = WGS84_KEYS.to_vec();
        let place = keys.chunks(4).skip(1).position(|found| found[0] == key);
        match place {
            Some(place) => keys[4 * place + 7] = value,
            None => {
                keys[3] += 1;
                keys.extend([key, 0, 1, value]);
            }
        }
        self.with(GEO_KEYS, Field::Short(keys))
    }

    /// Where the first tile or strip is, whatever the tags say.
    pub fn first_chunk(&self) -> u32 {
        let chunks: usize = self.chunks.iter().map(Vec::len).sum();
        u32::try_from(self.bytes().len() - chunks).expect("small")
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let (offsets, sizes) = if self.fields.contains_key(&TILE_WIDTH) {
            (TILE_OFFSETS, TILE_BYTES)
        } else {
            (STRIP_OFFSETS, STRIP_BYTES)
        };
        let mut fields = self.fields.clone();
        let lengths = self.chunks.iter().map(|chunk| u32::try_from(chunk.len()).expect("small"));
        fields.entry(sizes).or_insert_with(|| Field::Long(lengths.clone().collect()));
        // Written twice: the first time tells how long it is before the chunks.
        fields.entry(offsets).or_insert_with(|| Field::Long(vec![0; self.chunks.len()]));
        let mut at = u32::try_from(self.written(&fields).len()).expect("small");
        if !self.fields.contains_key(&offsets) {
            let places = lengths.map(|length| {
                at += length;
                at - length
            });
            fields.insert(offsets, Field::Long(places.collect()));
        }
        let mut bytes = self.written(&fields);
        bytes.extend(self.chunks.iter().flatten());
        bytes
    }

    /// Header, directory and values.
    fn written(&self, fields: &BTreeMap<u16, Field>) -> Vec<u8> {
        let (wide, count_wide) = if self.is_big { (8, 8) } else { (4, 2) };
        let mut bytes = if self.is_big_endian { b"MM".to_vec() } else { b"II".to_vec() };
        bytes.extend(self.number(if self.is_big { 43 } else { 42 }, 2));
        if self.is_big {
            bytes.extend([self.number(8, 2), self.number(0, 2), self.number(16, 8)].concat());
        } else {
            bytes.extend(self.number(8, 4));
        }
        bytes.extend(self.number(fields.len() as u64, count_wide));
        let mut values_at = bytes.len() + fields.len() * (4 + 2 * wide) + wide;
        let mut values = Vec::new();
        for (tag, field) in fields {
            let (kind, count, value) = self.field(field);
            bytes.extend([self.number(u64::from(*tag), 2), self.number(kind, 2), self.number(count, wide)].concat());
            if let Field::Elsewhere(_, _, at) = field {
                bytes.extend(self.number(u64::from(*at), wide));
            } else if value.len() <= wide {
                bytes.extend(&value);
                bytes.resize(bytes.len() + wide - value.len(), 0);
            } else {
                bytes.extend(self.number(values_at as u64, wide));
                values_at += value.len();
                values.extend(value);
            }
        }
        bytes.extend(self.number(u64::from(self.next), wide));
        bytes.extend(values);
        bytes
    }

    fn field(&self, field: &Field) -> (u64, u64, Vec<u8>) {
        let join = |size: usize, numbers: Vec<u64>| -> (u64, Vec<u8>) {
            (numbers.len() as u64, numbers.into_iter().flat_map(|number| self.number(number, size)).collect())
        };
        let (kind, (count, bytes)) = match field {
            Field::Short(values) => (3, join(2, values.iter().copied().map(u64::from).collect())),
            Field::Long(values) => (4, join(4, values.iter().copied().map(u64::from).collect())),
            Field::Long8(values) => (16, join(8, values.clone())),
            Field::Double(values) => (12, join(8, values.iter().map(|value| value.to_bits()).collect())),
            Field::Text(text) => (2, (text.len() as u64 + 1, [text.as_bytes(), &[0]].concat())),
            Field::Elsewhere(kind, count, _) => (u64::from(*kind), (*count, Vec::new())),
        };
        (kind, count, bytes)
    }

    fn number(&self, number: u64, size: usize) -> Vec<u8> {
        let mut bytes = number.to_le_bytes()[..size].to_vec();
        if self.is_big_endian {
            bytes.reverse();
        }
        bytes
    }
}

pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}
