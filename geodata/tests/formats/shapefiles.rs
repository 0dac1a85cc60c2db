//! Shapefiles, sound and bad, beside one another and in an archive.

use std::path::PathBuf;

use tempfile::TempDir;

use super::{Area, areas, assert_fault, assert_same, backwards, figures, geojson, square};

const WGS84: &str = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;

/// The files of one shapefile by ending.
#[derive(Clone)]
pub(super) struct Files {
    pub(super) shp: Vec<u8>,
    pub(super) shx: Option<Vec<u8>>,
    pub(super) dbf: Option<Vec<u8>>,
    pub(super) prj: Option<Vec<u8>>,
    pub(super) cpg: Option<Vec<u8>>,
}

impl Files {
    pub(super) fn parts(&self) -> Vec<(&'static str, &[u8])> {
        let beside = [("shx", &self.shx), ("dbf", &self.dbf), ("prj", &self.prj), ("cpg", &self.cpg)];
        let beside = beside.into_iter().filter_map(|(ending, bytes)| Some((ending, bytes.as_deref()?)));
        std::iter::once(("shp", self.shp.as_slice())).chain(beside).collect()
    }

    fn write(&self, folder: &TempDir) -> PathBuf {
        for (ending, bytes) in self.parts() {
            super::write(folder, &format!("layer.{ending}"), bytes);
        }
        folder.path().join("layer.shp")
    }
}

/// A shape of type 5: rings as the format wants them, outer ones clockwise.
fn polygon(rings: &[Vec<[f64; 2]>]) -> Vec<u8> {
    let points: usize = rings.iter().map(Vec::len).sum();
    let mut bytes = 5_i32.to_le_bytes().to_vec();
    bytes.extend([0; 32]);
    bytes.extend((rings.len() as i32).to_le_bytes());
    bytes.extend((points as i32).to_le_bytes());
    let mut start = 0_i32;
    for ring in rings {
        bytes.extend(start.to_le_bytes());
        start += ring.len() as i32;
    }
    bytes.extend(rings.iter().flatten().flatten().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// All rings of an area: holes before their shells, as any order is allowed.
fn rings(area: &Area) -> Vec<Vec<[f64; 2]>> {
    let all = area.polygons.iter().flatten();
    all.rev().map(|ring| backwards(ring.clone())).collect()
}

fn header(kind: i32, bytes: usize) -> Vec<u8> {
    let mut header = vec![0, 0, 0x27, 0x0a];
    header.extend([0; 20]);
    header.extend(((bytes / 2) as i32).to_be_bytes());
    header.extend(1000_i32.to_le_bytes());
    header.extend(kind.to_le_bytes());
    header.extend([0; 64]);
    header
}

/// `.shp` and `.shx` of shapes, with so many stray bytes before each record.
fn shapes(kind: i32, contents: &[Vec<u8>], stray: usize) -> (Vec<u8>, Vec<u8>) {
    let (mut records, mut index) = (Vec::new(), Vec::new());
    for (number, content) in contents.iter().enumerate() {
        records.extend(vec![0xee; stray]);
        let words = ((content.len() / 2) as i32).to_be_bytes();
        index.extend((((100 + records.len()) / 2) as i32).to_be_bytes());
        index.extend(words);
        records.extend((number as i32 + 1).to_be_bytes());
        records.extend(words);
        records.extend(content);
    }
    let shp = [header(kind, 100 + records.len()), records].concat();
    (shp, [header(kind, 100 + index.len()), index].concat())
}

/// A table with fields of a name, a type and a width.
fn table(fields: &[(&str, u8, usize)], rows: &[Vec<&[u8]>], language: u8) -> Vec<u8> {
    let width = 1 + fields.iter().map(|(_, _, width)| width).sum::<usize>();
    let mut bytes = vec![3, 126, 1, 1];
    bytes.extend((rows.len() as u32).to_le_bytes());
    bytes.extend(((33 + 32 * fields.len()) as u16).to_le_bytes());
    bytes.extend((width as u16).to_le_bytes());
    bytes.extend([0; 17]);
    bytes.extend([language, 0, 0]);
    for (name, kind, width) in fields {
        let mut field = [0; 32];
        field[..name.len()].copy_from_slice(name.as_bytes());
        field[11] = *kind;
        field[16] = *width as u8;
        bytes.extend(field);
    }
    bytes.push(b'\r');
    for row in rows {
        bytes.push(b' ');
        for ((_, _, width), value) in fields.iter().zip(row) {
            let mut value = value.to_vec();
            value.resize(*width, b' ');
            bytes.extend(value);
        }
    }
    bytes.push(0x1a);
    bytes
}

const FIELDS: [(&str, u8, usize); 4] =
    [("OPERATOR", b'C', 20), ("radio", b'C', 5), ("valid_on", b'D', 8), ("example", b'L', 1)];

fn rows(areas: &[Area]) -> Vec<Vec<&[u8]>> {
    areas.iter().map(|area| vec![area.operator.as_bytes(), area.radio.as_bytes(), b"00000000", b"?"]).collect()
}

/// A sound one without a `.prj`, in a folder of its own.
pub(super) fn without_system(folder: &TempDir) -> PathBuf {
    Files { prj: None, ..sound() }.write(folder)
}

pub(super) fn sound() -> Files {
    let areas = areas();
    let contents: Vec<Vec<u8>> = areas.iter().map(|area| polygon(&rings(area))).collect();
    let (shp, _) = shapes(5, &contents, 0);
    Files {
        shp,
        shx: None,
        dbf: Some(table(&FIELDS, &rows(&areas), 0x57)),
        prj: Some(WGS84.into()),
        cpg: Some(b"UTF-8".to_vec()),
    }
}

#[test]
fn a_shapefile_says_what_geojson_says() {
    let folder = tempfile::tempdir().expect("folder");
    assert_same(&sound().write(&folder), &areas());
    let capitals = tempfile::tempdir().expect("folder");
    for (ending, bytes) in sound().parts() {
        super::write(&capitals, &format!("LAYER.{}", ending.to_uppercase()), bytes);
    }
    assert_same(&capitals.path().join("LAYER.SHP"), &areas());
}

#[test]
fn an_index_finds_shapes_that_are_not_in_a_row() {
    let contents: Vec<Vec<u8>> = areas().iter().map(|area| polygon(&rings(area))).collect();
    let (shp, shx) = shapes(5, &contents, 6);
    let folder = tempfile::tempdir().expect("folder");
    let files = Files { shp, shx: Some(shx), ..sound() };
    assert_same(&files.write(&folder), &areas());
    let folder = tempfile::tempdir().expect("folder");
    assert_fault(&Files { shx: None, ..files }.write(&folder), "does not lie in the file", "damaged");
}

#[test]
fn shapes_with_heights_and_measures_are_flat_here() {
    for (kind, ranges) in [(15, 1), (15, 2), (25, 1), (25, 0)] {
        let with = |area: &Area| {
            let mut content = polygon(&rings(area));
            content[..4].copy_from_slice(&i32::to_le_bytes(kind));
            let points = rings(area).iter().map(Vec::len).sum::<usize>();
            content.extend(vec![0; ranges * (16 + 8 * points)]);
            content
        };
        let contents: Vec<Vec<u8>> = areas().iter().map(with).collect();
        let folder = tempfile::tempdir().expect("folder");
        assert_same(&Files { shp: shapes(kind, &contents, 0).0, ..sound() }.write(&folder), &areas());
    }
}

#[test]
fn deleted_rows_and_shapes_without_shape_leave_the_others_their_own() {
    let areas = areas();
    let contents = vec![polygon(&rings(&areas[1])), polygon(&rings(&areas[0])), vec![0; 4], polygon(&rings(&areas[1]))];
    let [one, other] = rows(&areas).try_into().expect("two rows");
    let mut dbf = table(&FIELDS, &[one.clone(), one.clone(), one, other], 0);
    dbf[33 + 32 * 4] = b'*';
    let folder = tempfile::tempdir().expect("folder");
    assert_same(&Files { shp: shapes(5, &contents, 0).0, dbf: Some(dbf), ..sound() }.write(&folder), &areas);
}

#[test]
fn a_lone_ring_may_run_either_way() {
    let lone = |ring: Vec<[f64; 2]>| {
        let folder = tempfile::tempdir().expect("folder");
        let dbf = table(&FIELDS, &rows(&areas()[..1]), 0);
        let files = Files { shp: shapes(5, &[polygon(&[ring])], 0).0, dbf: Some(dbf), ..sound() };
        figures(&files.write(&folder))
    };
    let folder = tempfile::tempdir().expect("folder");
    let mut area = areas().remove(0);
    area.polygons = vec![vec![square(105.5, 22.5, 0.25)]];
    let expected = figures(&geojson(&folder, &[area]));
    assert_eq!(lone(square(105.5, 22.5, 0.25)), expected);
    assert_eq!(lone(backwards(square(105.5, 22.5, 0.25))), expected);
}

/// One shape in a shapefile that is sound but for it.
fn assert_shape_fault(content: &[u8], message: &str, hint: &str) {
    let folder = tempfile::tempdir().expect("folder");
    let dbf = table(&FIELDS, &rows(&areas()[..1]), 0);
    let path = Files { shp: shapes(5, &[content.to_vec()], 0).0, dbf: Some(dbf), ..sound() }.write(&folder);
    assert_fault(&path, &format!("record 1: {message}"), hint);
}

#[test]
fn bad_shapes_name_the_record() {
    let good = polygon(&[backwards(square(105.5, 22.5, 0.25))]);
    let with = |at: usize, value: i32| {
        let mut content = good.clone();
        content[at..at + 4].copy_from_slice(&value.to_le_bytes());
        content
    };
    let ring = |points: &[[f64; 2]]| polygon(&[points.to_vec()]);
    let nan = ring(&[[f64::NAN, 22.0], [106.0, 22.0], [106.0, 23.0], [f64::NAN, 22.0]]);
    let outside = polygon(&[backwards(square(105.25, 22.5, 0.1)), square(105.75, 22.5, 0.1)]);
    let inner = polygon(&[square(105.25, 22.5, 0.1), square(105.75, 22.5, 0.1)]);
    let cases: Vec<(Vec<u8>, &str, &str)> = vec![
        (with(40, i32::MAX), "its shape claims more parts or points than its bytes can hold", "damaged"),
        (with(40, -1), "its shape claims more parts or points", "damaged"),
        (with(36, i32::MAX), "its shape claims more parts or points", "damaged"),
        (with(36, i32::MIN), "its shape claims more parts or points", "damaged"),
        (with(44, -5), "its shape is not readable", "damaged"),
        (with(44, i32::MAX), "its shape is not readable", "damaged"),
        (with(0, 15), "its shape is of another type than the file", "damaged"),
        (good[..40].to_vec(), "its shape claims more", "damaged"),
        (vec![5, 0], "its shape is of another type", "damaged"),
        (nan, "ring 1: position [NaN, 22]", "numbers"),
        (
            ring(&[[22.5, 105.5], [22.6, 105.5], [22.6, 105.6], [22.5, 105.5]]),
            "ring 1: position [22.5, 105.5]",
            "swapped",
        ),
        (ring(&[[417_483.7, 2_450_382.3]]), "ring 1: position [417483.7, 2450382.3]", ".prj"),
        (ring(&[[105.0, 22.0], [106.0, 22.0], [105.0, 22.0]]), "ring 1: 3 positions", "draw it again"),
        (ring(&[[105.0, 22.0], [106.0, 22.0], [106.0, 23.0], [105.0, 22.5]]), "ring 1: not closed", "repeat"),
        (ring(&[[105.0, 22.0], [106.0, 22.0], [105.5, 22.0], [105.0, 22.0]]), "no outer ring", "the other way"),
        (outside, "ring 2 runs counter-clockwise, as a hole, but lies outside", "turn the ring"),
        (inner, "no outer ring: none runs clockwise", "the other way"),
    ];
    for (content, message, hint) in cases {
        assert_shape_fault(&content, message, hint);
    }
}

#[test]
fn holes_that_are_made_to_be_slow_are_refused_in_time() {
    // Shells that zigzag over the whole height, and holes whose boxes lie in all of theirs.
    let zigzag: Vec<[f64; 2]> = (0..100_000)
        .map(|i| [105.1 + f64::from(i) * 8e-6, if i % 2 == 0 { 22.1 } else { 22.9 }])
        .chain([[105.95, 22.95], [105.1, 22.95], [105.1, 22.1]])
        .collect();
    let holes =
        (0..50_000).map(|i| square(105.2 + f64::from(i % 250) * 0.002, 22.2 + f64::from(i / 250) * 0.002, 0.0005));
    let rings: Vec<Vec<[f64; 2]>> = std::iter::once(backwards(zigzag)).chain(holes).collect();
    assert_shape_fault(&polygon(&rings), "its holes cross its outer rings everywhere", "repair the shape");
}

#[test]
fn bad_headers_are_refused_before_memory_is_taken() {
    let sound = sound();
    let with = |at: usize, bytes: [u8; 4]| {
        let mut shp = sound.shp.clone();
        shp[at..at + 4].copy_from_slice(&bytes);
        shp
    };
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (sound.shp[..20].to_vec(), "20 bytes are no shapefile"),
        (sound.shp[..200].to_vec(), "cut off:"),
        (with(24, i32::MAX.to_be_bytes()), "cut off: 4294967294 bytes by its header"),
        (with(24, (-1_i32).to_be_bytes()), "its header gives no length"),
        (with(24, 10_i32.to_be_bytes()), "its header gives no length"),
        (with(32, 31_i32.to_le_bytes()), "its shapes are of type MultiPatch"),
        (with(32, 99_i32.to_le_bytes()), "its shapes are of type number 99"),
        (with(104, i32::MAX.to_be_bytes()), "record 1: it does not lie in the file"),
        (with(104, (-4_i32).to_be_bytes()), "record 1: it does not lie in the file"),
        (with(104, 20_i32.to_be_bytes()), "it does not lie in the file"),
    ];
    for (shp, message) in cases {
        let folder = tempfile::tempdir().expect("folder");
        assert_fault(&Files { shp, ..sound.clone() }.write(&folder), message, "");
    }
    let index = |entries: &[u8]| [header(5, 100 + entries.len()), entries.to_vec()].concat();
    let far = [i32::MAX.to_be_bytes(), 8_i32.to_be_bytes()].concat();
    for (shx, message) in [(index(&[0; 7]), ".shx: damaged"), (index(&far), "record 1: it does not lie in the file")] {
        let folder = tempfile::tempdir().expect("folder");
        assert_fault(&Files { shx: Some(shx), ..sound.clone() }.write(&folder), message, "");
    }
}

#[test]
fn parts_that_are_missing_or_do_not_fit_are_named() {
    let sound = sound();
    let one_row = table(&FIELDS, &rows(&areas()[..1]), 0);
    let dbf = sound.dbf.clone().unwrap_or_default();
    let with = |at: usize, byte: u8| {
        let mut dbf = dbf.clone();
        dbf[at] = byte;
        Some(dbf)
    };
    let cases: Vec<(Files, &str, &str)> = vec![
        (Files { dbf: None, ..sound.clone() }, "no .dbf beside it", "keep .shp"),
        (Files { prj: None, ..sound.clone() }, "no .prj beside it", "EPSG:9211"),
        (Files { prj: Some(b"PROJCS[\"x".to_vec()), ..sound.clone() }, ".prj: coordinate system", "EPSG:9211"),
        (Files { prj: Some(b"\xff\xfeP\0".to_vec()), ..sound.clone() }, ".prj: UTF-16", "UTF-8"),
        (Files { cpg: Some(b"TCVN3".to_vec()), ..sound.clone() }, ".cpg: encoding \"tcvn3\" is not known", "1258"),
        (Files { dbf: Some(one_row), ..sound.clone() }, "2 shapes, but 1 rows in the .dbf", "export it again"),
        (Files { dbf: Some(dbf[..20].to_vec()), ..sound.clone() }, ".dbf: rows of", "damaged"),
        (Files { dbf: Some(dbf[..8].to_vec()), ..sound.clone() }, ".dbf: 8 bytes are no table", "damaged"),
        (Files { dbf: with(7, 0xff), ..sound.clone() }, ".dbf: cut off: 4278190082 rows", "damaged"),
        (Files { dbf: with(10, 3), ..sound.clone() }, ".dbf: rows of 3 bytes cannot hold its fields", "damaged"),
        (Files { dbf: with(8, 0), ..sound }, ".dbf: rows of", "damaged"),
    ];
    for (files, message, hint) in cases {
        let folder = tempfile::tempdir().expect("folder");
        assert_fault(&files.write(&folder), message, hint);
    }
    let folder = tempfile::tempdir().expect("folder");
    let index = super::write(&folder, "layer.shx", header(5, 100));
    assert_fault(&index, "this is the index of a shapefile", "name the .shp");
}

#[test]
fn bad_rows_name_the_record_and_the_field() {
    let fields: [(&str, u8, usize); 3] = [("operator", b'C', 20), ("technology", b'C', 5), ("valid_on", b'C', 10)];
    let row =
        |operator: &'static [u8], technology: &'static [u8]| -> Vec<&'static [u8]> { vec![operator, technology, b""] };
    let files = |fields: &[(&str, u8, usize)], bad: Vec<&[u8]>, cpg: Option<&[u8]>| {
        let dbf = table(fields, &[row(b"Viettel", b"4G"), bad], 0x57);
        Files { dbf: Some(dbf), cpg: cpg.map(<[u8]>::to_vec), ..sound() }
    };
    let number = [("operator", b'C', 20), ("technology", b'N', 5), ("valid_on", b'C', 10)];
    let memo = [("operator", b'M', 20), ("technology", b'C', 5), ("valid_on", b'C', 10)];
    let cases: Vec<(Files, &str, &str)> = vec![
        (files(&fields, row(b"", b"4G"), None), "record 2: no operator", "property operator"),
        (files(&fields, row(b"Viettel", b"6G"), None), "record 2: technology \"6G\" is not known", "2G to 5G"),
        (
            files(&fields, row(b"H\xe0", b"4G"), None),
            "record 2: field operator: a text that is not UTF-8, and no .cpg",
            "1258",
        ),
        (files(&fields, row(b"H\xe0", b"4G"), Some(b"UTF-8")), "field operator: a text that is not UTF-8", ".cpg"),
    ];
    for (files, message, hint) in cases {
        let folder = tempfile::tempdir().expect("folder");
        assert_fault(&files.write(&folder), message, hint);
    }
    // Of these both rows are wrong.
    for (fields, value, message) in [
        (number, b"1,5".as_slice(), "record 2: field technology: \"1,5\" is not a number"),
        (number, b"nan", "record 2: field technology: \"nan\" is not a number"),
        (number, b"4", "record 2: properties: invalid type: integer `4`"),
        (memo, b"4G", "record 2: field operator: its type 'M' is not read"),
    ] {
        let folder = tempfile::tempdir().expect("folder");
        let path = files(&fields, vec![b"Viettel", value, b""], None).write(&folder);
        let faults = super::read(&path).map(|_| ()).expect_err(message);
        assert!(faults.iter().any(|fault| fault.message.contains(message)), "{faults:?}");
    }
}

#[test]
fn a_whole_file_of_garbage_ends_as_well() {
    // Each byte of a small file, turned: whatever comes, it is a figure or a fault with a hint.
    let sound = sound();
    for at in (0..sound.shp.len()).step_by(3) {
        let mut shp = sound.shp.clone();
        shp[at] ^= 0xff;
        let folder = tempfile::tempdir().expect("folder");
        let path = Files { shp, ..sound.clone() }.write(&folder);
        if let Err(faults) = super::read(&path) {
            assert!(faults.iter().all(|fault| !fault.hint.is_empty()), "{at}: {faults:?}");
        }
    }
}
