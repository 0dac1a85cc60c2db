//! GeoPackages, sound and bad.

use std::{fs, path::PathBuf};

use rusqlite::{Connection, params};
use tempfile::TempDir;

use super::{Area, Polygon, areas, assert_fault, assert_same, backwards, read, square};

/// The tables that the standard demands, with the systems that the tests use.
const METADATA: &str = r#"
    PRAGMA application_id = 0x47504B47;
    CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
        organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL);
    INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84"]'),
        ('undefined', -1, 'NONE', -1, 'undefined'), ('web', 3857, 'EPSG', 3857, 'PROJCS["Pseudo-Mercator"]');
    CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, srs_id INTEGER);
    CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL,
        geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL);
    "#;

fn layer_sql(table: &str, srs: i64) -> String {
    format!(
        "INSERT INTO gpkg_contents VALUES ('{table}', 'features', {srs});
         INSERT INTO gpkg_geometry_columns VALUES ('{table}', 'geom', 'MULTIPOLYGON', {srs}, 0, 0);"
    )
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn table_sql(table: &str) -> String {
    format!(
        "CREATE TABLE {} (fid INTEGER PRIMARY KEY, geom MULTIPOLYGON, Operator TEXT, RADIO TEXT, mnc INTEGER);",
        quoted(table)
    )
}

/// A package with what `fill` puts into it after the metadata.
fn package(folder: &TempDir, fill: impl FnOnce(&Connection)) -> PathBuf {
    let path = folder.path().join("layer.gpkg");
    let connection = Connection::open(&path).expect("database");
    connection.execute_batch(METADATA).expect("metadata");
    fill(&connection);
    connection.close().expect("closed");
    path
}

/// A sound package whose table is of this system.
pub(super) fn in_system(folder: &TempDir, srs: i64) -> PathBuf {
    let path = package(folder, |db| {
        fill(db, ["coverage", "coverage"], &areas(), PLAIN);
        db.execute("UPDATE gpkg_geometry_columns SET srs_id = ?1", [srs]).expect("system");
    });
    let own = path.with_file_name(format!("of{srs}.gpkg"));
    fs::rename(path, &own).expect("a name of its own");
    own
}

/// A package with one table of one row with this geometry.
fn one_row(folder: &TempDir, geometry: &[u8]) -> PathBuf {
    package(folder, |db| {
        db.execute_batch(&format!("{}{}", layer_sql("coverage", 4326), table_sql("coverage"))).expect("table");
        insert(db, "coverage", "Viettel", "LTE", geometry);
    })
}

fn insert(db: &Connection, table: &str, operator: &str, radio: &str, geometry: &[u8]) {
    let sql = format!("INSERT INTO {} (geom, Operator, RADIO, mnc) VALUES (?1, ?2, ?3, 4)", quoted(table));
    db.execute(&sql, params![geometry, operator, radio]).expect("row");
}

/// How well-known binary is written.
#[derive(Clone, Copy)]
struct Dialect {
    big_endian: bool,
    /// Added to the type.
    code: u32,
    /// Coordinates after x and y.
    more: usize,
    /// Kind of the envelope of the header.
    envelope: u8,
}

const PLAIN: Dialect = Dialect { big_endian: false, code: 0, more: 0, envelope: 0 };

impl Dialect {
    fn u32(self, value: u32) -> [u8; 4] {
        if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn head(self, kind: u32) -> Vec<u8> {
        let mut bytes = vec![u8::from(!self.big_endian)];
        bytes.extend(self.u32(kind + self.code));
        bytes
    }

    fn polygon(self, polygon: &Polygon) -> Vec<u8> {
        let mut bytes = self.head(3);
        bytes.extend(self.u32(polygon.len() as u32));
        for ring in polygon {
            bytes.extend(self.u32(ring.len() as u32));
            for [x, y] in ring {
                for value in [x, y].into_iter().chain(std::iter::repeat_n(&7.0, self.more)) {
                    bytes.extend(if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
                }
            }
        }
        bytes
    }

    fn multipolygon(self, polygons: &[Polygon]) -> Vec<u8> {
        let mut bytes = self.head(6);
        bytes.extend(self.u32(polygons.len() as u32));
        bytes.extend(polygons.iter().flat_map(|polygon| self.polygon(polygon)));
        bytes
    }

    fn blob(self, wkb: &[u8]) -> Vec<u8> {
        let mut blob = b"GP\0".to_vec();
        blob.push(self.envelope << 1 | 1);
        blob.extend([0; 4]);
        blob.extend(vec![0; [0, 32, 48, 48, 64][usize::from(self.envelope)]]);
        blob.extend(wkb);
        blob
    }
}

fn fill(db: &Connection, tables: [&str; 2], areas: &[Area], dialect: Dialect) {
    for (table, area) in tables.iter().zip(areas) {
        if db.prepare(&format!("SELECT * FROM {}", quoted(table))).is_err() {
            db.execute_batch(&format!("{}{}", layer_sql(table, 4326), table_sql(table))).expect("table");
        }
        insert(db, table, area.operator, area.radio, &dialect.blob(&dialect.multipolygon(&area.polygons)));
    }
}

#[test]
fn a_geopackage_says_what_geojson_says_in_every_dialect() {
    let dialects = [
        PLAIN,
        Dialect { big_endian: true, envelope: 1, ..PLAIN },
        Dialect { code: 1000, more: 1, envelope: 2, ..PLAIN },
        Dialect { code: 2000, more: 1, envelope: 3, ..PLAIN },
        Dialect { code: 3000, more: 2, envelope: 4, ..PLAIN },
        Dialect { code: 0x8000_0000, more: 1, ..PLAIN },
        Dialect { code: 0xC000_0000, more: 2, ..PLAIN },
    ];
    for dialect in dialects {
        let folder = tempfile::tempdir().expect("folder");
        let path = package(&folder, |db| fill(db, ["coverage", "coverage"], &areas(), dialect));
        assert_same(&path, &areas());
    }
}

#[test]
fn all_tables_of_features_are_read_and_the_ending_does_not_count() {
    let folder = tempfile::tempdir().expect("folder");
    let path = package(&folder, |db| {
        fill(db, ["4G \"Viettel\"; --", "5G MobiFone"], &areas(), PLAIN);
        db.execute_batch("INSERT INTO gpkg_contents VALUES ('notes', 'attributes', 0); CREATE TABLE notes (a);")
            .expect("a table of no features");
    });
    assert_same(&path, &areas());
    let renamed = folder.path().join("50% # ?.geojson");
    fs::rename(path, &renamed).expect("renamed");
    assert_same(&renamed, &areas());
}

#[test]
fn a_feature_without_area_and_an_empty_one_are_told_apart() {
    let folder = tempfile::tempdir().expect("folder");
    let empty = one_row(&folder, &PLAIN.blob(&PLAIN.multipolygon(&[])));
    assert!(read(&empty).is_ok(), "an empty layer covers nothing");
    let folder = tempfile::tempdir().expect("folder");
    let mut point = PLAIN.head(1);
    point.extend([105.5_f64, 22.5].iter().flat_map(|value| value.to_le_bytes()));
    let point = one_row(&folder, &PLAIN.blob(&point));
    assert_fault(&point, "table coverage, row 1: its geometry is a point, not an area", "MultiPolygon");
}

#[test]
fn bad_geometry_names_table_and_row() {
    let ring = |points: &[[f64; 2]]| PLAIN.polygon(&vec![points.to_vec()]);
    let claims = |kind: u32| [PLAIN.head(kind), u32::MAX.to_le_bytes().to_vec()].concat();
    let nested = [PLAIN.head(7), 1_u32.to_le_bytes().to_vec(), PLAIN.head(7)].concat();
    let mixed = [PLAIN.head(6), 1_u32.to_le_bytes().to_vec(), PLAIN.head(1), vec![0; 16]].concat();
    let outside = vec![square(105.5, 22.5, 0.1), backwards(square(105.9, 22.5, 0.05))];
    let cut = PLAIN.polygon(&vec![square(105.5, 22.5, 0.1)]);
    let cases: Vec<(Vec<u8>, &str, &str)> = vec![
        (ring(&[[f64::NAN, 22.5], [106.0, 22.5], [106.0, 23.0], [f64::NAN, 22.5]]), "[NaN, 22.5]", "numbers"),
        (ring(&[[22.5, 105.5], [22.6, 105.5], [22.6, 105.6], [22.5, 105.5]]), "[22.5, 105.5]", "swapped"),
        (ring(&[[417_483.7, 2_450_382.3]]), "[417483.7, 2450382.3]", "VN-2000"),
        (ring(&[[105.0, 22.0], [106.0, 22.0], [106.0, 23.0]]), "polygon 1, ring 1: 3 positions", "draw it again"),
        (ring(&[[105.0, 22.0], [106.0, 22.0], [106.0, 23.0], [105.0, 22.5]]), "not closed", "repeat"),
        (PLAIN.polygon(&outside), "its hole 1 lies outside of its outer ring", "polygon of its own"),
        (claims(3), "claims 4294967295 parts or points", "damaged"),
        (claims(6), "claims 4294967295 parts or points", "damaged"),
        (claims(2), "claims 4294967295 parts or points", "damaged"),
        (cut[..cut.len() - 8].to_vec(), "more than its bytes can hold", "damaged"),
        (vec![1, 3], "ends too early", "damaged"),
        (vec![9, 3, 0, 0, 0], "9 is no byte order", "damaged"),
        (nested, "a GeometryCollection", "ogr2ogr"),
        (mixed, "a member of type 1 where 3 is due", "damaged"),
        (claims(10), "a CurvePolygon", "CONVERT_TO_LINEAR"),
        (claims(12), "a MultiSurface", "CONVERT_TO_LINEAR"),
        (claims(99), "99 is no type", "damaged"),
        (claims(4003), "4003 is no type", "damaged"),
    ];
    for (wkb, message, hint) in cases {
        let folder = tempfile::tempdir().expect("folder");
        let path = one_row(&folder, &PLAIN.blob(&wkb));
        assert_fault(&path, message, hint);
        assert_fault(&path, "table coverage, row 1: ", hint);
    }
}

#[test]
fn bad_blobs_are_told() {
    let sound = PLAIN.blob(&PLAIN.multipolygon(&areas()[0].polygons));
    let with = |at: usize, byte: u8| {
        let mut blob = sound.clone();
        blob[at] = byte;
        blob
    };
    let cases = [
        (b"".to_vec(), "does not start with GP"),
        (sound[8..].to_vec(), "does not start with GP"),
        (with(2, 1), "of version 2"),
        (with(3, 0b0010_0001), "of a kind of an extension"),
        (with(3, 0b0000_1111), "envelope of kind 7"),
        (with(3, 0b0000_1001), "is no type"),
        (sound[..6].to_vec(), "ends too early"),
    ];
    for (blob, message) in cases {
        let folder = tempfile::tempdir().expect("folder");
        assert_fault(&one_row(&folder, &blob), message, "");
    }
}

/// A package after some statements, and the fault that it has.
fn assert_fault_after(sql: &str, message: &str, hint: &str) {
    let folder = tempfile::tempdir().expect("folder");
    let path = package(&folder, |db| {
        fill(db, ["coverage", "coverage"], &areas(), PLAIN);
        db.execute_batch(sql).expect(sql);
    });
    assert_fault(&path, message, hint);
}

#[test]
fn bad_tables_are_told() {
    let other = |srs| format!("UPDATE gpkg_geometry_columns SET srs_id = {srs}");
    let cases: Vec<(String, &str, &str)> = vec![
        ("DROP TABLE gpkg_contents".into(), "without a table gpkg_contents", "ogr2ogr"),
        ("UPDATE gpkg_contents SET data_type = 'tiles'".into(), "without a table of features", "ogr2ogr"),
        ("DROP TABLE coverage".into(), "table coverage: there is no such table", "views are not read"),
        (other(3857), "table coverage: coordinate system \"EPSG:3857\" is not known; known are EPSG:4326", "-t_srs"),
        (other(-1), "table coverage: its coordinate system -1 is not described", "crs EPSG:9211"),
        (other(77), "its coordinate system 77 is not described", "crs EPSG:9211"),
        (
            "UPDATE gpkg_geometry_columns SET column_name = 'shape'; DELETE FROM coverage WHERE fid > 1".into(),
            "row 1: no column \"shape\"",
            "ogr2ogr",
        ),
        ("UPDATE coverage SET geom = NULL WHERE fid = 2".into(), "row 2: no geometry", "remove the row"),
        ("UPDATE coverage SET geom = 'POLYGON EMPTY' WHERE fid = 2".into(), "row 2: its geometry is no blob", ""),
        ("UPDATE coverage SET radio = '6G' WHERE fid = 2".into(), "row 2: technology \"6G\" is not known", "2G to 5G"),
        ("UPDATE coverage SET radio = CAST(x'c3' AS TEXT) WHERE fid = 2".into(), "row 2: a text that is not UTF-8", ""),
    ];
    for (sql, message, hint) in cases {
        assert_fault_after(&sql, message, hint);
    }
}

#[test]
fn what_a_file_would_run_is_not_run() {
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let view = format!("ALTER TABLE coverage RENAME TO old; CREATE VIEW coverage AS SELECT * FROM old, ({endless})");
    let listed =
        "UPDATE gpkg_contents SET table_name = 'coverage'; UPDATE gpkg_geometry_columns SET table_name = 'coverage'";
    assert_fault_after(&format!("{view}; {listed}"), "table coverage: there is no such table", "views are not read");
    assert_fault_after(
        &format!("DROP TABLE gpkg_contents; CREATE VIEW gpkg_contents AS SELECT i AS table_name FROM ({endless})"),
        "without a table gpkg_contents",
        "ogr2ogr",
    );
    // A generated column costs nothing when it is not asked for.
    let folder = tempfile::tempdir().expect("folder");
    let path = package(&folder, |db| {
        fill(db, ["coverage", "coverage"], &areas(), PLAIN);
        db.execute_batch("ALTER TABLE coverage ADD COLUMN class TEXT AS (hex(zeroblob(500000000)))").expect("column");
    });
    assert_same(&path, &areas());
}

#[test]
fn what_is_no_geopackage_is_said_to_be_so() {
    let folder = tempfile::tempdir().expect("folder");
    let sound = fs::read(package(&folder, |db| fill(db, ["coverage", "coverage"], &areas(), PLAIN))).expect("bytes");
    let with = |name: &str, bytes: &[u8]| super::write(&folder, name, bytes);
    assert_fault(&with("a.gpkg", &sound[..100]), "database", "export it again");
    let mut garbage = sound.clone();
    garbage[100..].fill(0xa5);
    assert_fault(&with("b.gpkg", &garbage), "a damaged database", "export it again");
    assert_fault(&with("c.gpkg", b"SQLite format 3\0"), "database", "export it again");
    assert_fault(&with("d.gpkg", b"\x1f\x8b\x08\x00"), "this is a gzip archive", "GeoPackage");
    let path = with("e.gpkg", &sound);
    with("e.gpkg-wal", b"changes that are not in the file yet");
    assert_fault(&path, "e.gpkg-wal beside it is not empty", "close the program");
}

#[test]
fn a_million_vertices_are_read_in_time() {
    let vertices = 1_000_000;
    let mut ring: Vec<[f64; 2]> = (0..vertices)
        .map(|i| {
            let turn = f64::from(i) / f64::from(vertices) * std::f64::consts::TAU;
            [105.5 + 0.4 * turn.cos(), 22.5 + 0.4 * turn.sin()]
        })
        .collect();
    ring.push([f64::NAN, f64::NAN]);
    let folder = tempfile::tempdir().expect("folder");
    assert_fault(&one_row(&folder, &PLAIN.blob(&PLAIN.polygon(&vec![ring]))), "[NaN, NaN]", "numbers");
}
