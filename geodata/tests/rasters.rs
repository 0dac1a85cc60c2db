//! GeoTIFF files, sound ones in every form that is read, and broken ones: each is refused with what is wrong, where,
//! and what to do.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod tiffs;
mod told;

use std::{fs, io::Cursor, time::Instant};

use phusong_geodata::Raster;
use phusong_model::{Fault, LonLat};
use tiff::encoder::{Compression, DeflateLevel, Predictor, TiffEncoder, colortype};
use tiffs::*;

/// Longest that a broken file may take.
const MOST_SECONDS: f64 = 5.0;
/// Most memory that the whole of this program may have taken when all broken files were read.
const MOST_KILOBYTES: u64 = 256_000;

fn read(bytes: &[u8]) -> Result<Raster, Fault> {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("levels.tif");
    fs::write(&path, bytes).expect("file");
    let read = Raster::read(&path);
    let _looked_at = told::told(read.as_ref().map(|_| ()).map_err(|fault| vec![fault.clone()]));
    read
}

fn sound(bytes: &[u8]) -> Raster {
    read(bytes).unwrap_or_else(|fault| panic!("{fault}"))
}

/// The value in the middle of a cell of the sound picture.
fn value(raster: &Raster, column: u8, row: u8) -> Option<f64> {
    let at = LonLat { lon: 105.125 + 0.25 * f64::from(column), lat: 21.875 - 0.25 * f64::from(row) };
    raster.value(at)
}

fn assert_counts(raster: &Raster, what: &str) {
    assert_eq!((raster.grid().width(), raster.grid().height()), (6, 4), "{what}");
    for (row, column) in (0..4).flat_map(|row| (0..6).map(move |column| (row, column))) {
        assert_eq!(value(raster, column, row), Some(f64::from(row * 6 + column)), "{what}: {column}, {row}");
    }
}

#[test]
fn strips_tiles_byte_orders_and_sizes_of_files_say_the_same() {
    for is_big in [false, true] {
        let strips = Tiff { is_big, ..Tiff::sound() };
        assert_counts(&sound(&strips.bytes()), "strips");
        let tiles = Tiff { is_big, ..Tiff::tiled() };
        assert_counts(&sound(&tiles.bytes()), "tiles");
        let turned: Vec<u8> = (0_u8..24).flat_map(|value| f32::from(value).to_be_bytes()).collect();
        let chunks = turned.chunks(48).map(<[u8]>::to_vec).collect();
        let big_endian = Tiff { is_big, is_big_endian: true, chunks, ..Tiff::sound() };
        assert_counts(&sound(&big_endian.bytes()), "big-endian");
    }
    let wide = Tiff { is_big: true, ..Tiff::sound() }.with(STRIP_OFFSETS, Field::Long8(vec![0, 0]));
    let at = u64::from(wide.first_chunk());
    assert_counts(&sound(&wide.with(STRIP_OFFSETS, Field::Long8(vec![at, at + 48])).bytes()), "64-bit offsets");
}

#[test]
fn every_type_of_value_is_read() {
    let of = |bits: u16, format: u16, bytes: Vec<u8>| {
        let chunks = bytes.chunks(bytes.len() / 2).map(<[u8]>::to_vec).collect();
        let tiff = Tiff { chunks, ..Tiff::sound() };
        tiff.with(BITS, Field::Short(vec![bits])).with(FORMAT, Field::Short(vec![format])).bytes()
    };
    let all = 0_u8..24;
    assert_counts(&sound(&of(8, 1, all.clone().collect())), "u8");
    assert_counts(&sound(&of(16, 1, all.clone().flat_map(|v| u16::from(v).to_le_bytes()).collect())), "u16");
    assert_counts(&sound(&of(32, 1, all.clone().flat_map(|v| u32::from(v).to_le_bytes()).collect())), "u32");
    assert_counts(&sound(&of(64, 3, all.clone().flat_map(|v| f64::from(v).to_le_bytes()).collect())), "f64");
    for (bits, bytes) in [
        (8, all.clone().map(|v| v.wrapping_sub(100)).collect::<Vec<u8>>()),
        (16, all.clone().flat_map(|v| (i16::from(v) - 100).to_le_bytes()).collect()),
        (32, all.flat_map(|v| (i32::from(v) - 100).to_le_bytes()).collect()),
    ] {
        assert_eq!(value(&sound(&of(bits, 2, bytes)), 1, 1), Some(-93.0), "i{bits}");
    }
}

#[test]
fn nodata_nan_and_infinity_are_no_values() {
    let write = |values: [f32; 4]| {
        let mut tiff = Tiff::sound();
        tiff.chunks[0].splice(..16, values.iter().flat_map(|value| value.to_le_bytes()));
        tiff
    };
    let raster = sound(&write([-9999.0, f32::NAN, f32::INFINITY, 0.0]).bytes());
    assert_eq!([0, 1, 2, 3].map(|column| value(&raster, column, 0)), [None, None, None, Some(0.0)]);
    // A float file names its nodata with the digits of a double.
    let tiff = write([-3.402_823_5e38, -9999.0, 0.0, 0.0]).with(NODATA, Field::Text("-3.4028234663852886e+38"));
    let raster = sound(&tiff.bytes());
    assert_eq!([0, 1].map(|column| value(&raster, column, 0)), [None, Some(-9999.0)]);
    assert_eq!(value(&sound(&write([-9999.0; 4]).without(NODATA).bytes()), 0, 0), Some(-9999.0));
    assert_eq!(value(&sound(&write([f32::NAN; 4]).with(NODATA, Field::Text("nan")).bytes()), 0, 0), None);
    // Outside there is nothing; the west and north edges belong to the picture.
    let raster = sound(&Tiff::sound().bytes());
    let at = |lon, lat| raster.value(LonLat { lon, lat });
    assert_eq!([at(105.0, 22.0), at(106.5, 21.5), at(104.99, 21.9), at(105.1, 21.0)], [Some(0.0), None, None, None]);
    assert_eq!([at(f64::NAN, 21.9), at(105.1, f64::INFINITY)], [None, None]);
}

#[test]
fn tiles_that_were_never_written_have_no_values() {
    let mut tiff = Tiff::tiled();
    tiff.chunks.pop();
    let size = u32::try_from(tiff.chunks[0].len()).expect("small");
    let sparse = |tiff: Tiff| {
        let tiff = tiff.with(TILE_BYTES, Field::Long(vec![size, 0])).with(TILE_OFFSETS, Field::Long(vec![0, 0]));
        let first = tiff.first_chunk();
        sound(&tiff.with(TILE_OFFSETS, Field::Long(vec![first, 0])).bytes())
    };
    let raster = sparse(tiff.clone());
    assert_eq!((value(&raster, 3, 3), value(&raster, 4, 3)), (Some(21.0), None));
    // Without a value that means none they are zero, as GDAL has it.
    let raster = sparse(tiff.without(NODATA));
    assert_eq!((value(&raster, 3, 3), value(&raster, 4, 3)), (Some(21.0), Some(0.0)));
}

#[test]
fn middles_and_corners_of_cells_are_told_apart() {
    let raster = sound(&Tiff::sound().with_key(1025, 2).bytes());
    // The first value is at 105, 22 and not around 105.125.
    assert_eq!(raster.value(LonLat { lon: 104.9, lat: 22.1 }), Some(0.0));
    assert_eq!(raster.value(LonLat { lon: 105.13, lat: 21.9 }), Some(1.0));
}

#[test]
fn a_transformation_is_as_good_as_scale_and_tie_point() {
    let upright = |b: f64, f: f64| {
        let matrix = vec![0.25, b, 0.0, 105.0, 0.0, f, 0.0, 22.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        Tiff::sound().without(SCALE).without(TIE).with(TRANSFORMATION, Field::Double(matrix))
    };
    assert_counts(&sound(&upright(0.0, -0.25).bytes()), "transformation");
    assert_fault(&upright(0.01, -0.25).bytes(), "tag 34264 (ModelTransformation): the picture is rotated", "gdalwarp");
    assert_fault(&upright(0.0, 0.25).bytes(), "rows must run from north to south", "gdalwarp");
    // A tie point need not be of the first corner.
    let tie = Tiff::sound().with(TIE, Field::Double(vec![6.0, 4.0, 0.0, 106.5, 21.0, 0.0]));
    assert_counts(&sound(&tie.bytes()), "tie point");
}

#[test]
fn metres_of_vn2000_are_read() {
    // EPSG:9211, a kilometre around the point that facts/coverage.md gives for 105.20189880, 22.14902662.
    let keys = vec![1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 9211];
    let tiff = Tiff::sound()
        .with(GEO_KEYS, Field::Short(keys))
        .with(SCALE, Field::Double(vec![100.0, 100.0, 0.0]))
        .with(TIE, Field::Double(vec![0.0, 0.0, 0.0, 417_283.759, 2_450_682.337, 0.0]));
    let raster = sound(&tiff.bytes());
    // The middle of the six columns is one off the corner of the third; three rows down.
    assert_eq!(raster.value(LonLat { lon: 105.201_903_3, lat: 22.149_031_1 }), Some(14.0));
}

/// The crate `tiff` writes every packing and predictor; what it reads back is what we read.
#[test]
fn packings_and_predictors_agree_with_another_reader() {
    let values: Vec<f32> = (0_u16..50 * 37).map(|i| (f32::from(i % 97) - 40.0) * 1.37).collect();
    let levels: Vec<i16> = (0_i16..50 * 37).map(|i| (i % 91) * 83 - 3000).collect();
    let packings = [Compression::Uncompressed, Compression::Lzw, Compression::Deflate(DeflateLevel::Best)];
    for packing in packings {
        for predictor in [Predictor::None, Predictor::Horizontal] {
            let mut file = Cursor::new(Vec::new());
            let mut encoder = TiffEncoder::new(&mut file).expect("encoder");
            encoder = encoder.with_compression(packing).with_predictor(predictor);
            let mut image = encoder.new_image::<colortype::GrayI16>(50, 37).expect("image");
            image.rows_per_strip(10).expect("strips");
            write_keys(image.encoder());
            image.write_data(&levels).expect("data");
            let raster = sound(&file.into_inner());
            for (i, level) in levels.iter().enumerate() {
                let found = cell_of_50(&raster, i);
                assert_eq!(found, Some(f64::from(*level)), "{predictor:?}: {i}");
            }
        }
        let mut file = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new_big(&mut file).expect("encoder").with_compression(packing);
        let mut image = encoder.new_image::<colortype::Gray32Float>(50, 37).expect("image");
        write_keys(image.encoder());
        image.write_data(&values).expect("data");
        let raster = sound(&file.into_inner());
        assert!(values.iter().enumerate().all(|(i, value)| cell_of_50(&raster, i) == Some(f64::from(*value))));
    }
}

fn write_keys<W: std::io::Write + std::io::Seek, K: tiff::encoder::TiffKind>(
    directory: &mut tiff::encoder::DirectoryEncoder<'_, W, K>,
) {
    use tiff::tags::Tag;
    directory.write_tag(Tag::ModelPixelScaleTag, &[0.01, 0.01, 0.0][..]).expect("tag");
    directory.write_tag(Tag::ModelTiepointTag, &[0.0, 0.0, 0.0, 105.0, 22.0, 0.0][..]).expect("tag");
    directory.write_tag(Tag::GeoKeyDirectoryTag, &WGS84_KEYS[..]).expect("tag");
}

fn cell_of_50(raster: &Raster, cell: usize) -> Option<f64> {
    let (column, row) = (cell % 50, cell / 50);
    raster.value(LonLat { lon: 105.005 + 0.01 * column as f64, lat: 21.995 - 0.01 * row as f64 })
}

/// The one fault: it names the file, what is wrong and where, and a remedy.
fn assert_fault(bytes: &[u8], message: &str, hint: &str) {
    let start = Instant::now();
    let fault = read(bytes).err().unwrap_or_else(|| panic!("no fault: {message}"));
    let seconds = start.elapsed().as_secs_f64();
    assert!(seconds <= MOST_SECONDS, "{fault}: {seconds} s");
    assert!(fault.file.ends_with("levels.tif"), "{fault}");
    assert!(fault.message.contains(message), "{message:?} is not in {fault}");
    assert!(fault.hint.contains(hint) && !fault.hint.is_empty(), "{hint:?} is not in {fault}");
}

#[test]
fn what_is_no_tiff_is_said_to_be_none() {
    for bytes in [&b""[..], b"II", b"GIF89a..........", b"II\x2a", b"MM\0\x2b\0\x04\0\0", b"\x89PNG\r\n\x1a\n0000"] {
        assert_fault(bytes, "not a TIFF file", "gdal_translate");
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for tiff in [Tiff::sound(), Tiff::tiled(), Tiff { is_big: true, ..Tiff::sound() }] {
        let bytes = tiff.bytes();
        for length in 8..bytes.len() {
            assert_fault(&bytes[..length], "", "");
        }
    }
}

#[test]
fn broken_directories_name_the_directory_and_the_tag() {
    let elsewhere =
        |tag: u16, kind: u16, count: u64, at: u32| Tiff::sound().with(tag, Field::Elsewhere(kind, count, at)).bytes();
    let damaged = "copy it or download it again";
    assert_fault(&Tiff { next: 8, ..Tiff::sound() }.bytes(), "directory 1: the next one is said to be at 8", damaged);
    assert_fault(&Tiff { next: 4_000_000_000, ..Tiff::sound() }.bytes(), "directory 2: 2 bytes at 4000000000", damaged);
    let mut looped = Tiff::sound().bytes();
    let second = u32::try_from(looped.len()).expect("small");
    looped = Tiff { next: second, ..Tiff::sound() }.bytes();
    // One entry: NewSubfileType says a smaller copy; and then back to the first directory.
    looped.extend([1, 0, 254, 0, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0]);
    assert_fault(&looped, "directory 2: the next one is said to be at 8, where an earlier one is", damaged);
    let last = looped.len() - 4;
    looped[last] = 0;
    assert_counts(&sound(&looped), "overviews do no harm");
    looped[last - 4] = 0;
    assert_fault(&looped, "directory 2: a second picture", "gdal_translate GTIFF_DIR:1");
    let mut none = Tiff::sound().bytes();
    none[8..10].fill(0);
    assert_fault(&none, "directory 1: 0 tags", damaged);
    none[8..10].fill(0xff);
    assert_fault(&none, "directory 1: 65535 tags", damaged);
    assert_fault(
        &elsewhere(GEO_KEYS, 3, 1 << 31, 8),
        "tag 34735 (GeoKeyDirectory): 2147483648 values",
        "gdal_translate",
    );
    assert_fault(&elsewhere(GEO_KEYS, 3, 16, u32::MAX), "tag 34735 (GeoKeyDirectory): 32 bytes at 4294967295", damaged);
    assert_fault(&elsewhere(NODATA, 2, u32::MAX.into(), 8), "tag 42113 (GdalNodata): 4294967295 values", "");
    assert_fault(&elsewhere(SCALE, 3, 3, 8), "tag 33550 (ModelPixelScale): not of type DOUBLE", "gdal_translate");
    assert_fault(&elsewhere(WIDTH, 2, 1, 8), "tag 256 (ImageWidth): not a whole number", "gdal_translate");
    assert_fault(&elsewhere(NODATA, 3, 1, 8), "tag 42113 (GdalNodata): not of type ASCII", "gdal_translate");
    let huge = Tiff { is_big: true, ..Tiff::sound() }.with(GEO_KEYS, Field::Elsewhere(3, u64::MAX, 8));
    assert_fault(&huge.bytes(), "tag 34735 (GeoKeyDirectory): 18446744073709551615 values", "gdal_translate");
}

#[test]
fn impossible_pictures_are_refused_before_memory_is_taken() {
    let long = |value: u32| Field::Long(vec![value]);
    let short = |value: u16| Field::Short(vec![value]);
    let sized = |width: u32, height: u32| Tiff::sound().with(WIDTH, long(width)).with(LENGTH, long(height)).bytes();
    for (width, height) in [(1 << 31, 1), (65_536, 32_768), (u32::MAX, u32::MAX), (1, 1 << 31), (50_000, 50_000)] {
        // Its strips are as wide, and too few: they are looked at before its cells, of which a part may be enough.
        assert_fault(&sized(width, height), "strips", "");
    }
    assert_fault(&sized(0, 4), "0 × 4 cells", "");
    assert_fault(&sized(6, 0), "6 × 0 cells", "");
    assert_fault(&sized(6, 8), "(StripOffsets): 2 values for 4 tiles or strips", "");
    let cases = [
        (Tiff::sound().without(WIDTH), "no tag 256 (ImageWidth)"),
        (Tiff::sound().without(BITS), "no tag 258 (BitsPerSample)"),
        (Tiff::sound().with(WIDTH, Field::Short(vec![6, 7])), "tag 256 (ImageWidth): 2 values where one is meant"),
        (Tiff::sound().with(WIDTH, Field::Short(vec![])), "tag 256 (ImageWidth): 0 values"),
        (Tiff::sound().with(BITS, short(12)), "values of 12 bits in sample format 3"),
        (Tiff::sound().with(FORMAT, short(6)), "values of 32 bits in sample format 6"),
        (Tiff::sound().with(BANDS, short(3)), "3 bands where one is meant"),
        (Tiff::sound().with(COMPRESSION, short(7)), "(Compression): compression 7 is not read"),
        (Tiff::sound().with(PREDICTOR, short(9)), "tag 317 (Predictor): 9 is not known"),
        (
            Tiff::sound().with(BITS, short(16)).with(FORMAT, short(2)).with(PREDICTOR, short(3)),
            "3 is for floats, not I16",
        ),
        (Tiff::sound().with(ROWS_PER_STRIP, short(0)), "tiles or strips of 6 × 0 values"),
        (Tiff::tiled().with(TILE_WIDTH, short(0)), "tiles or strips of 0 × 4 values"),
        (Tiff::tiled().with(TILE_WIDTH, long(1 << 31)), "tiles or strips of 2147483648 × 4 values"),
        (Tiff::tiled().with(TILE_LENGTH, long(u32::MAX)), "tiles or strips of 4 × 4294967295 values"),
        (Tiff::tiled().with(TILE_WIDTH, short(2)), "(TileOffsets): 2 values for 3 tiles or strips"),
        (Tiff::tiled().without(TILE_LENGTH), "no tag 323 (TileLength)"),
        (Tiff::tiled().with(TILE_BYTES, Field::Long(vec![1])), "(TileByteCounts): 1 values for 2 tiles or strips"),
        (Tiff::tiled().with(TILE_BYTES, Field::Long(vec![u32::MAX, 1])), "tile 1: 4294967295 bytes, more than make"),
        (Tiff::tiled().with(TILE_BYTES, Field::Long(vec![9_000_000, 1])), "tile 1: 9000000 bytes at"),
        (Tiff::tiled().with(TILE_OFFSETS, Field::Long(vec![8, u32::MAX])), "tile "),
        (Tiff::sound().with(STRIP_OFFSETS, Field::Long(vec![8, u32::MAX])), "strip 2: 48 bytes at 4294967295"),
        (Tiff::sound().with(STRIP_BYTES, Field::Long(vec![48, 40])), "strip 2: 40 bytes where there should be 48"),
        (Tiff { chunks: vec![deflate(&[0; 9]), vec![]], ..Tiff::tiled() }, "tile 1: 9 bytes where there should be 64"),
        (Tiff { chunks: vec![vec![0xff; 90], vec![]], ..Tiff::tiled() }, "tile 1: cannot be unpacked"),
        (Tiff::sound().with(COMPRESSION, short(5)), "strip 1: "),
        (Tiff::sound().with(COMPRESSION, short(8)), "strip 1: cannot be unpacked"),
    ];
    for (tiff, message) in cases {
        assert_fault(&tiff.bytes(), message, "");
    }
    // Hundreds of times the same tile: the file is small, and what it says is not wrong.
    let tile = deflate(&vec![0; 4 * 256 * 256]);
    let tiff = Tiff { chunks: vec![tile.clone()], ..Tiff::tiled() };
    let tiff = tiff.with(WIDTH, short(256 * 25)).with(LENGTH, short(256 * 25)).with(TILE_WIDTH, short(256));
    let tiff = tiff.with(TILE_LENGTH, short(256)).with(SCALE, Field::Double(vec![1e-4, 1e-4, 0.0]));
    let tiff = tiff.with(TILE_BYTES, Field::Long(vec![u32::try_from(tile.len()).expect("small"); 625]));
    let tiff = tiff.with(TILE_OFFSETS, Field::Long(vec![0; 625]));
    let at = tiff.first_chunk();
    let tiff = tiff.with(TILE_OFFSETS, Field::Long(vec![at; 625]));
    let start = Instant::now();
    assert_eq!(sound(&tiff.bytes()).grid().width(), 6400);
    assert!(start.elapsed().as_secs_f64() <= MOST_SECONDS);
    assert!(peak_kilobytes() <= MOST_KILOBYTES, "{} kB", peak_kilobytes());
}

/// The most memory that this program has had, in kB.
fn peak_kilobytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("peak");
    line.trim().trim_end_matches(" kB").parse().expect("number")
}

#[test]
fn wrong_places_name_the_key_or_tag() {
    let key = |key: u16, value: u16| Tiff::sound().with_key(key, value);
    let double = |tag: u16, values: &[f64]| Tiff::sound().with(tag, Field::Double(values.to_vec()));
    let tie = |x: f64, y: f64| double(TIE, &[0.0, 0.0, 0.0, x, y, 0.0]);
    let geo = |keys: &[u16]| Tiff::sound().with(GEO_KEYS, Field::Short(keys.to_vec()));
    let cases = [
        (Tiff::sound().without(GEO_KEYS), "no tag 34735 (GeoKeyDirectory): not a GeoTIFF"),
        (geo(&[1, 1, 0]), "no tag 34735"),
        (geo(&[2, 1, 0, 0]), "tag 34735 (GeoKeyDirectory): version 2"),
        (geo(&[1, 1, 0, 9, 1024, 0, 1, 2]), "tag 34735 (GeoKeyDirectory): 1 keys, said to be 9"),
        (geo(&[1, 1, 0, 1, 1025, 0, 1, 1]), "no key 1024 (model type)"),
        (geo(&[1, 1, 0, 1, 1024, 0, 1, 2]), "no key 2048 (EPSG code"),
        (geo(&[1, 1, 0, 2, 1024, 0, 1, 2, 2048, 34737, 6, 0]), "no key 2048 (EPSG code"),
        (key(1024, 3), "key 1024 (model type): 3 is not read"),
        (key(1024, 1), "no key 3072 (EPSG code"),
        (key(1025, 7), "key 1025 (raster type): 7 is not known"),
        (key(2048, 32767), "key 2048: coordinate system EPSG:32767 is not read"),
        (key(2048, 4269), "key 2048: coordinate system EPSG:4269 is not read"),
        (key(2054, 9101), "key 2054 (units): 9101, not 9102"),
        (Tiff::sound().without(SCALE), "no tag 33550 (ModelPixelScale)"),
        (Tiff::sound().without(TIE), "tag 33922 (ModelTiepoint): 0 numbers"),
        (double(TIE, &[0.0; 12]), "tag 33922 (ModelTiepoint): 12 numbers"),
        (double(SCALE, &[f64::NAN, 0.25, 0.0]), "tag 33550 (ModelPixelScale): cells of NaN × 0.25"),
        (double(SCALE, &[0.25, 0.0, 0.0]), "tag 33550 (ModelPixelScale): cells of 0.25 × 0"),
        (double(SCALE, &[-0.25, 0.25, 0.0]), "cells of -0.25 × 0.25"),
        (double(SCALE, &[f64::INFINITY, 0.25, 0.0]), "cells of inf × 0.25"),
        (double(SCALE, &[1e-300, 1e-300, 0.0]), "smaller than an atom"),
        (double(SCALE, &[0.25]), "no tag 33550 (ModelPixelScale)"),
        (tie(f64::NAN, 22.0), "tag 33922 (ModelTiepoint): the first corner is at NaN, 22"),
        (tie(105.0, f64::NEG_INFINITY), "the first corner is at 105, -inf"),
        (tie(22.0, 105.0), "its corner at 22, 105 is not where EPSG:4326 is used"),
        (tie(179.0, 22.0), "its corner at 180.5, 22 is not where EPSG:4326 is used"),
        (tie(417_483.0, 2_450_382.0), "its corner at 417483, 2450382 is not where EPSG:4326 is used"),
        (Tiff::sound().with(NODATA, Field::Text("none")), "tag 42113 (GdalNodata): \"none\" is not a number"),
        (Tiff::sound().with(NODATA, Field::Text("")), "tag 42113 (GdalNodata): \"\" is not a number"),
        (Tiff::sound().with(NODATA, Field::Text("-9,9e3")), "tag 42113 (GdalNodata): \"-9,9e3\" is not a number"),
    ];
    for (tiff, message) in cases {
        assert_fault(&tiff.bytes(), message, "gdal");
    }
}

#[test]
fn what_is_no_file_is_said_to_be_none() {
    let folder = tempfile::tempdir().expect("folder");
    let missing = Raster::read(&folder.path().join("missing.tif")).expect_err("a fault");
    assert!(missing.message.starts_with("cannot be read"), "{missing}");
    let folder = Raster::read(folder.path()).expect_err("a fault");
    assert!(folder.message.contains("not a regular file"), "{folder}");
    let zero = Raster::read(std::path::Path::new("/dev/zero")).expect_err("a fault");
    assert!(zero.message.contains("not a regular file"), "{zero}");
}
