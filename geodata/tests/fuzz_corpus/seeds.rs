//! Seeds that reach the branches of the decoders.

use crate::{blobs, lists, texts, tiffs::*};

/// Target, file name, bytes.
pub type Seed = (&'static str, &'static str, Vec<u8>);

/// Every seed.
pub fn all() -> Vec<Seed> {
    let short = |value: u16| Field::Short(vec![value]);
    let matrix = vec![0.25, 0.0, 0.0, 105.0, 0.0, -0.25, 0.0, 22.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
    let metres = vec![1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 2, 3072, 0, 1, 9211];
    let bytes = |count: usize| vec![vec![0x5a; count]; 2];
    let tiffs = [
        ("strips", Tiff::sound()),
        ("tiles", Tiff::tiled()),
        ("big", Tiff { is_big: true, ..Tiff::sound() }),
        ("big-endian", Tiff { is_big_endian: true, ..Tiff::sound() }),
        ("big-tiles", Tiff { is_big: true, ..Tiff::tiled() }),
        ("difference", Tiff::tiled().with(PREDICTOR, short(2))),
        ("float-bytes", Tiff::tiled().with(PREDICTOR, short(3))),
        (
            "lzw",
            Tiff { chunks: vec![vec![0x80, 0, 0x20, 0x50, 0x38, 0x10]; 2], ..Tiff::sound() }
                .with(COMPRESSION, short(5)),
        ),
        ("levels", Tiff { chunks: bytes(24), ..Tiff::sound() }.with(BITS, short(16)).with(FORMAT, short(2))),
        ("bytes", Tiff { chunks: bytes(12), ..Tiff::sound() }.with(BITS, short(8)).with(FORMAT, short(1))),
        ("doubles", Tiff { chunks: bytes(96), ..Tiff::sound() }.with(BITS, short(64))),
        ("transformation", Tiff::sound().without(SCALE).without(TIE).with(TRANSFORMATION, Field::Double(matrix))),
        (
            "vn2000-middles",
            Tiff::sound()
                .with(GEO_KEYS, Field::Short(metres))
                .with(SCALE, Field::Double(vec![100.0, 100.0, 0.0]))
                .with(TIE, Field::Double(vec![0.0, 0.0, 0.0, 417_283.0, 2_450_682.0, 0.0])),
        ),
        ("looped", Tiff { next: 8, ..Tiff::sound() }),
        ("huge", Tiff::sound().with(WIDTH, Field::Long(vec![1 << 31]))),
    ];
    let tiffs = tiffs.into_iter().map(|(name, tiff)| ("geotiff", name, tiff.bytes()));
    tiffs.chain(texts::all()).chain(lists::all()).chain(blobs::all()).collect()
}
