//! The same points as files of every format of maps.

use std::io::{Cursor, Write};

use rusqlite::{Connection, params_from_iter};
use serde_json::{Map, Value, json};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// WGS 84 and VN-2000 / TM-3 106-00 as `.prj` files of ESRI write them.
pub const WGS84_PRJ: &str = r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;

/// Points with their properties; each has the same names. Without a point a feature has no geometry.
#[derive(Clone)]
pub struct Points {
    pub names: Vec<&'static str>,
    pub rows: Vec<(Vec<&'static str>, Option<[f64; 2]>)>,
}

impl Points {
    pub fn geojson(&self) -> Vec<u8> {
        let feature = |(texts, at): &(Vec<&str>, Option<[f64; 2]>)| {
            let named = self.names.iter().zip(texts);
            let properties: Map<String, Value> =
                named.map(|(name, text)| ((*name).to_owned(), Value::from(*text))).collect();
            let geometry = at.map(|at| json!({ "type": "Point", "coordinates": at }));
            json!({ "type": "Feature", "properties": properties, "geometry": geometry })
        };
        let features: Vec<Value> = self.rows.iter().map(feature).collect();
        json!({ "type": "FeatureCollection", "features": features }).to_string().into_bytes()
    }

    /// With the first property as the name of the placemark.
    pub fn kml(&self) -> Vec<u8> {
        let mut text = "<?xml version=\"1.0\"?><kml><Document><Folder><name>Thôn</name>".to_owned();
        for (texts, at) in &self.rows {
            text += &format!("<Placemark><name>{}</name><ExtendedData>", texts[0]);
            for (name, value) in self.names.iter().zip(texts).skip(1) {
                text += &format!("<Data name=\"{name}\"><value>{value}</value></Data>");
            }
            text += "</ExtendedData>";
            if let Some([x, y]) = at {
                text += &format!("<Point><coordinates>{x},{y},300</coordinates></Point>");
            }
            text += "</Placemark>";
        }
        (text + "</Folder></Document></kml>").into_bytes()
    }

    /// In a system by its number and its EPSG code, which 0 and -1 do not have.
    pub fn geopackage(&self, srs: i64) -> Vec<u8> {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("points.gpkg");
        let db = Connection::open(&path).expect("database");
        let columns: Vec<String> = self.names.iter().map(|name| format!("\"{name}\"")).collect();
        let columns = columns.join(", ");
        db.execute_batch(&format!(
            "CREATE TABLE gpkg_spatial_ref_sys (srs_name, srs_id, organization, organization_coordsys_id, definition);
             INSERT INTO gpkg_spatial_ref_sys VALUES ('a', {srs}, iif({srs} > 0, 'EPSG', 'NONE'), {srs}, 'undefined');
             CREATE TABLE gpkg_contents (table_name, data_type, srs_id);
             CREATE TABLE gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id, z, m);
             INSERT INTO gpkg_contents VALUES ('thôn', 'features', {srs});
             INSERT INTO gpkg_geometry_columns VALUES ('thôn', 'geom', 'POINT', {srs}, 0, 0);
             CREATE TABLE \"thôn\" (fid INTEGER PRIMARY KEY, geom POINT, {columns});"
        ))
        .expect("tables");
        for (texts, at) in &self.rows {
            let marks = "?, ".repeat(texts.len());
            let sql = format!(
                "INSERT INTO \"thôn\" ({columns}, geom) VALUES ({marks}{})",
                at.map_or("NULL".to_owned(), |at| format!("x'{}'", hex(&blob(at))))
            );
            db.execute(&sql, params_from_iter(texts)).expect("row");
        }
        db.close().expect("closed");
        std::fs::read(path).expect("bytes")
    }

    /// In one archive, with or without a `.prj`.
    pub fn shapefile(&self, prj: Option<&str>) -> Vec<u8> {
        let mut records = Vec::new();
        for (number, (_, at)) in (1_i32..).zip(&self.rows) {
            let content: Vec<u8> = match at {
                Some(at) => [&1_i32.to_le_bytes()[..], &numbers(*at)].concat(),
                None => 0_i32.to_le_bytes().to_vec(),
            };
            records.extend(number.to_be_bytes());
            records.extend((content.len() as i32 / 2).to_be_bytes());
            records.extend(content);
        }
        let mut shp = vec![0, 0, 0x27, 0x0a];
        shp.extend([0; 20]);
        shp.extend(((100 + records.len() as i32) / 2).to_be_bytes());
        shp.extend(1000_i32.to_le_bytes());
        shp.extend(1_i32.to_le_bytes());
        shp.extend([0; 64]);
        shp.extend(records);
        let dbf = self.dbf();
        let mut parts: Vec<(&str, &[u8])> = vec![("a.shp", &shp), ("a.dbf", &dbf), ("a.cpg", b"UTF-8")];
        parts.extend(prj.map(|prj| ("a.prj", prj.as_bytes())));
        pack(&parts)
    }

    fn dbf(&self) -> Vec<u8> {
        const WIDTH: u8 = 40;
        let mut bytes = vec![3, 126, 1, 1];
        bytes.extend((self.rows.len() as u32).to_le_bytes());
        bytes.extend((33 + 32 * self.names.len() as u16).to_le_bytes());
        bytes.extend((1 + u16::from(WIDTH) * self.names.len() as u16).to_le_bytes());
        bytes.extend([0; 20]);
        for name in &self.names {
            let mut field = [0; 32];
            field[..name.len()].copy_from_slice(name.as_bytes());
            (field[11], field[16]) = (b'C', WIDTH);
            bytes.extend(field);
        }
        bytes.push(b'\r');
        for (texts, _) in &self.rows {
            bytes.push(b' ');
            for text in texts {
                let mut value = text.as_bytes().to_vec();
                value.resize(usize::from(WIDTH), b' ');
                bytes.extend(value);
            }
        }
        bytes
    }
}

/// A geometry of a GeoPackage: a point, little-endian.
fn blob(at: [f64; 2]) -> Vec<u8> {
    [&b"GP\0\x01\0\0\0\0\x01\x01\0\0\0"[..], &numbers(at)].concat()
}

fn numbers(at: [f64; 2]) -> Vec<u8> {
    at.into_iter().flat_map(f64::to_le_bytes).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An archive of these entries.
pub fn pack(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in entries {
        archive.start_file(*name, options).expect("entry");
        archive.write_all(bytes).expect("bytes");
    }
    archive.finish().expect("archive").into_inner()
}
