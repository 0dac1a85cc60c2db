//! KMZ and zipped shapefiles, sound and bad.

use std::{
    io::{Cursor, Write},
    path::PathBuf,
};

use tempfile::TempDir;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{areas, assert_fault, assert_same, kml, read, shapefiles, write};

/// An archive of these entries.
fn pack(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in entries {
        archive.start_file(*name, options).expect("entry");
        archive.write_all(bytes).expect("bytes");
    }
    archive.finish().expect("archive").into_inner()
}

fn file(folder: &TempDir, entries: &[(&str, &[u8])]) -> PathBuf {
    write(folder, "layer.zip", pack(entries))
}

#[test]
fn a_kmz_and_a_zipped_shapefile_say_what_geojson_says() {
    let folder = tempfile::tempdir().expect("folder");
    let document = kml::document(&areas());
    let entries: [(&str, &[u8]); 3] =
        [("files/icon.png", b"\x89PNG"), ("doc.kml", document.as_bytes()), ("files/more.kml", b"<kml></kml>")];
    assert_same(&write(&folder, "layer.kmz", pack(&entries)), &areas());
    assert_same(&write(&folder, "layer.bin", pack(&[("Lớp phủ.KML", document.as_bytes())])), &areas());
    let sound = shapefiles::sound();
    let named: Vec<(String, &[u8])> =
        sound.parts().into_iter().map(|(ending, bytes)| (format!("tuyên quang/lớp.{ending}"), bytes)).collect();
    let mut entries: Vec<(&str, &[u8])> = named.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    entries.push(("__MACOSX/tuyên quang/._lớp.shp", b"of a Mac"));
    assert_same(&file(&folder, &entries), &areas());
}

#[test]
fn faults_name_the_entry() {
    let folder = tempfile::tempdir().expect("folder");
    let text = "<kml>\n<Placemark></Placemark></kml>";
    let path = file(&folder, &[("a/doc.kml", text.as_bytes())]);
    assert_fault(&path, "a/doc.kml: placemark 1: no geometry", "remove the placemark");
    assert_eq!(read(&path).map(|_| ()).expect_err("a fault")[0].line, Some(2));
    let mut sound = shapefiles::sound();
    sound.dbf = None;
    let named: Vec<(String, &[u8])> =
        sound.parts().into_iter().map(|(ending, bytes)| (format!("layer.{ending}"), bytes)).collect();
    let entries: Vec<(&str, &[u8])> = named.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    assert_fault(&file(&folder, &entries), "layer.shp: no .dbf beside it", "keep .shp");
}

#[test]
fn bad_archives_are_refused() {
    let text = kml::document(&areas());
    let text = text.as_bytes();
    let good = pack(&[("doc.kml", text)]);
    let zeros = vec![0; 40 << 20];
    let many: Vec<String> = (0..10_001).map(|index| format!("{index}.png")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), [].as_slice())).collect();
    let mut turned = good.clone();
    turned[60] ^= 0xff;
    // The sizes in both headers, set to what a small file has.
    let mut lying = pack(&[("doc.kml", &zeros)]);
    let at = lying.windows(4).rposition(|window| window == b"PK\x01\x02").expect("the list");
    lying[at + 24..at + 28].copy_from_slice(&100_u32.to_le_bytes());
    let cases: Vec<(Vec<u8>, &str, &str)> = vec![
        (pack(&[("doc.kml", &zeros)]), "doc.kml: one byte comes to more than 100", "unpack it yourself"),
        (lying, "doc.kml: ", ""),
        (pack(&[("doc.kml", text), ("../../etc/cron.d/x", b"x")]), "which leads out of the archive", "who made it"),
        (pack(&[("a/../../x.kml", text)]), "\"a/../../x.kml\", which leads out", "who made it"),
        (pack(&[("/etc/x.kml", text)]), "\"/etc/x.kml\", which leads out", "who made it"),
        (pack(&[("..\\x.kml", text)]), "which leads out of the archive", "who made it"),
        (pack(&[("C:x.kml", text)]), "\"C:x.kml\", which leads out", "who made it"),
        (pack(&many), "an archive of more than 10000 files", "pack only"),
        (pack(&[]), "an archive without a .shp or .kml", "not packed"),
        (pack(&[("layer.geojson", b"{}")]), "an archive without a .shp or .kml", "not packed"),
        (pack(&[("layer.zip", &good)]), "an archive without a .shp or .kml", "not packed"),
        (pack(&[("a.kml", text), ("b.kml", text)]), "several layers in one archive: a.kml and b.kml", "on its own"),
        (pack(&[("a.shp", text), ("b.shp", text)]), "several layers in one archive: a.shp and b.shp", "on its own"),
        (pack(&[("a.shp", text), ("b.kml", text)]), "several layers in one archive: a.shp and b.kml", "on its own"),
        (good[..good.len() - 30].to_vec(), "not readable as an archive", "pack it again"),
        (good[..40].to_vec(), "not readable as an archive", "pack it again"),
        (turned, "doc.kml: damaged", "pack it again"),
    ];
    for (bytes, message, hint) in cases {
        let folder = tempfile::tempdir().expect("folder");
        assert_fault(&write(&folder, "layer.kmz", bytes), message, hint);
    }
}
