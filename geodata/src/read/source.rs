//! The one door to files of shapes: what a file is, its content says, not its ending.

use std::{
    fs::File,
    io::{self, Read, Seek},
    path::{Path, PathBuf},
    time::SystemTime,
};

use sha2::{Digest, Sha256};

use super::{
    Area, Feature, Place, Properties, Report, Terms, archive, geojson, geopackage, kml,
    limits::MAX_FILE_BYTES,
    report::{Wrong, wrong},
    shapefile::{self, Parts},
    xml,
};
use crate::fingerprint::hex;

/// First bytes of a SQLite database, and so of a GeoPackage.
const SQLITE: &[u8] = b"SQLite format 3\0";
/// First bytes of a shapefile: its code, 9994.
pub(super) const SHAPEFILE: &[u8] = b"\x00\x00\x27\x0a";
/// First bytes of a ZIP archive, the last of which is an empty one.
const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// What is known to be something else.
const OTHERS: [(&[u8], &str); 9] = [
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (TIFF[0], A_RASTER),
    (TIFF[1], A_RASTER),
    (TIFF[2], A_RASTER),
    (TIFF[3], A_RASTER),
];
/// First bytes of a TIFF: of either byte order, and of its form for large files.
const TIFF: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];
/// What a TIFF is called.
const A_RASTER: &str = "a GeoTIFF";
/// What is read, for those who come with something else.
const FORMATS: &str = "GeoJSON, GeoPackage, Shapefile (also in a .zip), KML and KMZ are read";

/// What is done with each feature.
pub(super) type Take<'t, P> = dyn FnMut(Feature<P>, &mut Report) + 't;

/// One file, known by its format but not yet read into features.
#[derive(Debug)]
pub(crate) struct Source {
    content: Content,
    digest: String,
}

#[derive(Debug)]
enum Content {
    GeoJson(Vec<u8>),
    GeoPackage(PathBuf),
    Shapefile(Parts),
    Kml { entry: Option<String>, text: Vec<u8> },
}

impl Source {
    /// Reads a file, if it is not too large; what is wrong with it is in the report.
    pub(crate) fn read(path: &Path, report: &mut Report) -> Option<Self> {
        let source = open(path).and_then(|(file, head)| Self::of_file(path, file, &head));
        source.map_err(|wrong| report.wrong(&Place::File, wrong)).ok()
    }

    /// The same of a file whose bytes are read already; those of a GeoPackage stay where they are.
    pub(crate) fn of_bytes(path: &Path, bytes: Bytes, report: &mut Report) -> Option<Self> {
        let Bytes { content, digest, .. } = bytes;
        let source = known_otherwise(&content).and_then(|()| Self::of_content(path, content, digest));
        source.map_err(|wrong| report.wrong(&Place::File, wrong)).ok()
    }

    fn of_file(path: &Path, mut file: File, head: &[u8]) -> Result<Self, Wrong> {
        if head.starts_with(SQLITE) {
            let digest = digest_of(&mut file).map_err(unreadable)?;
            return Ok(Self { content: Content::GeoPackage(path.to_owned()), digest });
        }
        known_otherwise(head)?;
        let bytes = all_of(file)?;
        let digest = hex(&Sha256::digest(&bytes));
        Self::of_content(path, bytes, digest)
    }

    fn of_content(path: &Path, bytes: Vec<u8>, digest: String) -> Result<Self, Wrong> {
        if bytes.starts_with(SHAPEFILE) {
            let parts = shapefile::beside(path, bytes)?;
            return Ok(Self { digest: parts.digest(), content: Content::Shapefile(parts) });
        }
        let content = if ZIP.iter().any(|magic| bytes.starts_with(magic)) {
            match archive::open(&bytes)? {
                archive::Packed::Kml { entry, text } => Content::Kml { entry: Some(entry), text },
                // Packed or not, it is the same.
                archive::Packed::Shapefile(parts) => {
                    return Ok(Self { digest: parts.digest(), content: Content::Shapefile(parts) });
                }
            }
        } else if xml::is_xml(bytes.get(..SQLITE.len()).unwrap_or(&bytes)) {
            Content::Kml { entry: None, text: bytes }
        } else {
            Content::GeoJson(bytes)
        };
        Ok(Self { content, digest })
    }

    /// A hash over all bytes that count, as hexadecimal digits.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// Whether outer rings should run clockwise: those of shapefiles do, all other formats want the opposite (RFC 7946
    /// section 3.1.6, OGC 06-103r4 section 6.1.11, OGC 12-007r2 section 10.8).
    pub(crate) fn is_clockwise(&self) -> bool {
        match &self.content {
            Content::Shapefile(_) => true,
            Content::GeoJson(_) | Content::GeoPackage(_) | Content::Kml { .. } => false,
        }
    }

    /// All sound features that are areas; what is wrong with the others is in the report.
    pub(crate) fn areas<P: Properties>(&self, terms: &Terms<'_>, report: &mut Report) -> Vec<Area<P>> {
        let mut areas = Vec::new();
        self.features(terms, report, &mut |feature: Feature<P>, report| match feature.into_area() {
            Ok(area) => areas.push(area),
            Err((place, wrong)) => report.wrong(&place, wrong),
        });
        areas
    }

    /// Gives away all sound features of any shape, one by one; what is wrong with the others is in the report.
    pub(crate) fn features<P: Properties>(&self, terms: &Terms<'_>, report: &mut Report, take: &mut Take<'_, P>) {
        match &self.content {
            Content::GeoJson(bytes) => geojson::features(bytes, terms, report, take),
            Content::GeoPackage(path) => geopackage::features(path, terms, report, take),
            Content::Shapefile(parts) => shapefile::features(parts, terms, report, take),
            Content::Kml { entry, text } => {
                report.part(entry.as_deref());
                kml::features(text, terms, report, take);
            }
        }
    }
}

/// What is known to be something else is refused.
fn known_otherwise(head: &[u8]) -> Result<(), Wrong> {
    match OTHERS.iter().find(|(magic, _)| head.starts_with(magic)) {
        Some((_, name)) => wrong(format!("this is {name}"), FORMATS),
        None => Ok(()),
    }
}

/// Whether bytes are those of a database, a shapefile or a raster, by their first ones.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    [SQLITE, SHAPEFILE].iter().chain(&TIFF).any(|magic| bytes.starts_with(magic))
}

/// Whether a file begins as a GeoPackage does, which is not read into memory.
pub(crate) fn is_geopackage(path: &Path) -> bool {
    open(path).is_ok_and(|(_, head)| head.starts_with(SQLITE))
}

/// Whether a file begins as a TIFF does.
pub(crate) fn is_tiff(mut file: File) -> bool {
    let mut head = Vec::new();
    file.by_ref().take(4).read_to_end(&mut head).is_ok() && TIFF.iter().any(|magic| head == *magic)
}

/// All bytes of a file that is a text or a workbook, and when it was last written.
#[derive(Debug)]
pub(crate) struct Bytes {
    /// What it holds.
    pub(crate) content: Vec<u8>,
    /// A hash over it, as hexadecimal digits.
    pub(crate) digest: String,
    /// When it was last written, where the file system says so.
    pub(crate) written: Option<SystemTime>,
}

impl Bytes {
    /// Reads a file, if it is not too large; what is wrong with it is in the report.
    pub(crate) fn read(path: &Path, report: &mut Report) -> Option<Self> {
        let read = open(path).and_then(|(file, _)| {
            let written = file.metadata().and_then(|metadata| metadata.modified()).ok();
            let content = all_of(file)?;
            Ok(Self { digest: hex(&Sha256::digest(&content)), content, written })
        });
        read.map_err(|wrong| report.wrong(&Place::File, wrong)).ok()
    }
}

/// Opens what is a file; a pipe would be waited for.
pub(crate) fn open_file(path: &Path) -> io::Result<File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    File::open(path)
}

/// Opens a file and looks at its first bytes.
pub(super) fn open(path: &Path) -> Result<(File, Vec<u8>), Wrong> {
    let opened = || -> io::Result<(File, u64, Vec<u8>)> {
        let mut file = open_file(path)?;
        let metadata = file.metadata()?;
        let mut head = Vec::new();
        file.by_ref().take(SQLITE.len() as u64).read_to_end(&mut head)?;
        file.rewind()?;
        Ok((file, metadata.len(), head))
    };
    let (file, length, head) = opened().map_err(unreadable)?;
    if length > MAX_FILE_BYTES { too_large() } else { Ok((file, head)) }
}

/// All bytes of a file, which may grow while it is read.
pub(super) fn all_of(file: File) -> Result<Vec<u8>, Wrong> {
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES { too_large() } else { Ok(bytes) }
}

fn too_large<T>() -> Result<T, Wrong> {
    let message = format!("larger than {} MiB", MAX_FILE_BYTES >> 20);
    wrong(message, "simplify it (10 m is fine enough) or split it by operator")
}

/// Why a file cannot be read.
#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
pub(super) fn unreadable(error: io::Error) -> Wrong {
    (format!("cannot be read: {error}"), "check the path and that phusong may read it".to_owned())
}

/// A hash over all bytes of a file that is read in pieces; one that cannot be read is a fault.
pub(crate) fn file_digest(path: &Path, report: &mut Report) -> Option<String> {
    let digest = open_file(path).and_then(|mut file| digest_of(&mut file));
    digest.map_err(|error| report.wrong(&Place::File, unreadable(error))).ok()
}

/// A hash over all bytes of a file, as hexadecimal digits.
fn digest_of(file: &mut File) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut piece)?;
        match piece.get(..count) {
            Some(read) if count > 0 => hash.update(read),
            _ => return Ok(hex(&hash.finalize())),
        }
    }
}
