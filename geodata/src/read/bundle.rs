//! A dataset as one run of bytes, as it is sent and kept.

use std::{
    io::{Cursor, Read, Seek, Write},
    path::Path,
};

use phusong_model::Fault;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{
    report::{Wrong, wrong},
    shapefile::{self, BESIDE, Parts},
    source::{SHAPEFILE, all_of, open, unreadable},
};

/// The name that the parts of a bundled Shapefile have.
const NAME: &str = "layer";

/// A file's bytes from its begin, and how many they are.
pub struct Bundle {
    /// The bytes.
    pub bytes: Box<dyn Read + Send>,
    /// Their number when the file was opened.
    pub length: u64,
}

/// The bytes of a file. A Shapefile becomes an archive of all its parts, which is the same for the same parts.
///
/// # Errors
/// The fault of a file that cannot be read or is too large.
pub fn bundle(path: &Path) -> Result<Bundle, Fault> {
    let fault = |(message, hint): Wrong| Fault::of_file(path, message, hint);
    let (file, head) = open(path).map_err(fault)?;
    if !head.starts_with(SHAPEFILE) {
        let length = file.metadata().map_err(|error| fault(unreadable(error)))?.len();
        return Ok(Bundle { bytes: Box::new(file), length });
    }
    let archive = all_of(file).and_then(|shp| shapefile::beside(path, shp)).and_then(|parts| packed(&parts));
    let archive = archive.map_err(fault)?;
    Ok(Bundle { length: archive.len() as u64, bytes: Box::new(Cursor::new(archive)) })
}

fn packed(parts: &Parts) -> Result<Vec<u8>, Wrong> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let beside = BESIDE.iter().copied().zip(parts.beside.iter().map(Option::as_deref));
    let all = [("shp", Some(parts.shp.as_slice()))].into_iter().chain(beside);
    for (ending, bytes) in all {
        let Some(bytes) = bytes else { continue };
        if let Err(error) = put(&mut archive, &format!("{NAME}.{ending}"), bytes) {
            return wrong(format!(".{ending}: {error}"), "pack the files into a .zip and import that");
        }
    }
    match archive.finish() {
        Ok(bytes) => Ok(bytes.into_inner()),
        Err(error) => wrong(error.to_string(), "pack the files into a .zip and import that"),
    }
}

/// Without the time of the file, which does not belong to its content.
fn put(archive: &mut ZipWriter<impl Write + Seek>, name: &str, bytes: &[u8]) -> zip::result::ZipResult<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default());
    archive.start_file(name, options)?;
    Ok(archive.write_all(bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{Report, Source};

    fn bytes_of(path: &Path) -> Vec<u8> {
        let mut bundle = bundle(path).unwrap_or_else(|fault| panic!("{fault}"));
        let mut bytes = Vec::new();
        bundle.bytes.read_to_end(&mut bytes).expect("bytes");
        assert_eq!(bundle.length, bytes.len() as u64);
        bytes
    }

    #[test]
    fn a_shapefile_is_the_same_dataset_in_its_bundle() {
        let folder = tempfile::tempdir().expect("folder");
        let mut shp = SHAPEFILE.to_vec();
        shp.extend([0; 96]);
        for (ending, bytes) in [("shp", shp.as_slice()), ("dbf", b"table"), ("prj", b"system")] {
            std::fs::write(folder.path().join(format!("phủ sóng.{ending}")), bytes).expect("part");
        }
        let loose = folder.path().join("phủ sóng.shp");
        let once = bytes_of(&loose);
        std::fs::File::open(&loose).and_then(|file| file.set_modified(std::time::UNIX_EPOCH)).expect("older");
        assert_eq!(once, bytes_of(&loose));
        let bundled = folder.path().join("0123abcd");
        std::fs::write(&bundled, &once).expect("bundle");
        let digest = |path: &Path| {
            let mut report = Report::of(path);
            Source::read(path, &mut report).map(|source| source.digest().to_owned())
        };
        assert_eq!(digest(&bundled), digest(&loose));
        assert!(digest(&bundled).is_some());
    }

    #[test]
    fn any_other_file_is_its_bytes() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("a.csv");
        std::fs::write(&file, "id,name\n").expect("file");
        assert_eq!(bytes_of(&file), b"id,name\n");
        let fault = bundle(&folder.path().join("b.csv")).map(|_| ()).expect_err("none");
        assert!(fault.message.contains("cannot be read"), "{fault}");
    }
}
