//! KMZ and zipped shapefiles. Entries are inflated in memory and counted while they are: what the archive says of their
//! sizes is not believed, and nothing is ever written to a path that it names.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{
    report::{Wrong, shown, wrong},
    shapefile::{BESIDE, Parts},
};

/// Largest archive.
const MAX_PACKED_BYTES: usize = 64 * 1024 * 1024;
/// Most that all entries that are read come to; what is larger is read from its own file.
const MAX_UNPACKED_BYTES: u64 = 128 * 1024 * 1024;
/// Most entries: a KMZ with a picture for each site of a province has some thousands.
const MAX_ENTRIES: usize = 10_000;
/// Most bytes that one byte may come to. Coordinates as text come to five, tables of blanks to a few hundred; those are
/// small.
const MAX_RATIO: u64 = 100;
/// Bytes of an entry that no ratio is asked of.
const FREE_BYTES: u64 = 8 * 1024 * 1024;
/// How each entry of the list at the end starts (APPNOTE.TXT 4.3.12).
const LISTED: &[u8] = b"PK\x01\x02";

/// What a broken archive is answered with.
const HINT: &str = "pack it again, or name the file inside when it is unpacked";

/// What an archive holds.
pub(super) enum Packed {
    /// One KML document.
    Kml { entry: String, text: Vec<u8> },
    /// One shapefile.
    Shapefile(Parts),
}

/// Unpacks what an archive holds: one shapefile, or one KML document, which KMZ calls `doc.kml`.
pub(super) fn open(bytes: &[u8]) -> Result<Packed, Wrong> {
    let mut archive = Archive::of(bytes)?;
    let names = archive.names()?;
    let ending = |wanted: &str| -> Vec<(usize, &str)> {
        let named = names.iter().enumerate().map(|(index, name)| (index, name.as_str()));
        named.filter(|(_, name)| split(name).1.eq_ignore_ascii_case(wanted)).collect()
    };
    let (shapes, documents) = (ending("shp"), ending("kml"));
    let main = documents.iter().find(|(_, name)| name.eq_ignore_ascii_case("doc.kml"));
    match (shapes.as_slice(), documents.as_slice(), main) {
        ([(index, name)], [], _) => archive.shapefile(*index, name, &names).map(Packed::Shapefile),
        ([], [(index, name)], _) | ([], _, Some((index, name))) => {
            Ok(Packed::Kml { entry: (*name).to_owned(), text: archive.unpack(*index, name)? })
        }
        ([], [], _) => wrong("an archive without a .shp or .kml", "GeoJSON and GeoPackage are not packed"),
        ([(_, one), .., (_, other)], ..) | ([(_, one)], [(_, other), ..], _) | ([], [(_, one), .., (_, other)], _) => {
            wrong(format!("several layers in one archive: {} and {}", shown(one), shown(other)), "pack each on its own")
        }
    }
}

struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    packed: u64,
    unpacked: u64,
}

impl<'a> Archive<'a> {
    /// The list of an archive that is not too large.
    fn of(bytes: &'a [u8]) -> Result<Self, Wrong> {
        if bytes.len() > MAX_PACKED_BYTES {
            return wrong(format!("an archive of more than {} MiB", MAX_PACKED_BYTES >> 20), "unpack it");
        }
        // Counted before the list is read: each entry of it takes several times its bytes in memory.
        if bytes.windows(LISTED.len()).filter(|window| *window == LISTED).count() > MAX_ENTRIES {
            return wrong(format!("an archive of more than {MAX_ENTRIES} files"), "pack only what is needed");
        }
        Ok(Self {
            zip: ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(&error))?,
            packed: bytes.len() as u64,
            unpacked: 0,
        })
    }

    /// The names of all files, none of which may lead out of the archive. What a Mac adds is none of them.
    fn names(&self) -> Result<Vec<String>, Wrong> {
        let names = (0..self.zip.len()).map(|index| {
            let name = self.zip.name_for_index(index).transpose().map_err(|error| damaged(&error))?.unwrap_or_default();
            if is_outside(&name) {
                let message = format!("an entry named {:?}, which leads out of the archive", shown(&name));
                return wrong(message, "do not trust this file; ask who made it");
            }
            Ok(if name.starts_with("__MACOSX/") { String::new() } else { name.into_owned() })
        });
        names.collect()
    }

    fn shapefile(&mut self, index: usize, name: &str, names: &[String]) -> Result<Parts, Wrong> {
        let mut parts = Parts { entry: Some(name.to_owned()), shp: self.unpack(index, name)?, ..Parts::default() };
        let (stem, _) = split(name);
        for (ending, part) in BESIDE.iter().zip(&mut parts.beside) {
            let is_it = |name: &String| {
                let (own, its) = split(name);
                own == stem && its.eq_ignore_ascii_case(ending)
            };
            if let Some(index) = names.iter().position(is_it) {
                *part = Some(self.unpack(index, ending)?);
            }
        }
        Ok(parts)
    }

    fn unpack(&mut self, index: usize, name: &str) -> Result<Vec<u8>, Wrong> {
        let packed_archive = self.packed;
        let mut entry = self.zip.by_index(index).map_err(|error| damaged(&error))?;
        let packed = entry.compressed_size().min(packed_archive);
        let mut bytes = Vec::new();
        let most = packed.saturating_mul(MAX_RATIO);
        self.unpacked = inflate(&mut entry, name, most, self.unpacked, |read| {
            bytes.extend_from_slice(read);
            Ok(())
        })?;
        Ok(bytes)
    }
}

/// Inflates an entry piece by piece, as long as it is not larger than `most`, nor all together too large; gives what all
/// entries come to then.
fn inflate(
    entry: &mut impl Read,
    name: &str,
    most: u64,
    mut unpacked: u64,
    mut take: impl FnMut(&[u8]) -> Result<(), Wrong>,
) -> Result<u64, Wrong> {
    let mut piece = vec![0; 1 << 16];
    let mut length = 0_u64;
    loop {
        let count =
            entry.read(&mut piece).map_err(|error| (format!("{}: damaged: {error}", shown(name)), HINT.to_owned()))?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { return Ok(unpacked) };
        unpacked += count as u64;
        length += count as u64;
        if length > FREE_BYTES && length > most {
            let message = format!("{}: one byte comes to more than {MAX_RATIO}", shown(name));
            return wrong(message, "no sound file packs so well; unpack it yourself when you trust it");
        }
        if unpacked > MAX_UNPACKED_BYTES {
            let message = format!("it comes to more than {} MiB", MAX_UNPACKED_BYTES >> 20);
            return wrong(message, "unpack it, and name the file inside");
        }
        take(read)?;
    }
}

/// Whether an archive lists an entry of this name. Nothing is unpacked.
pub(crate) fn holds_entry(bytes: &[u8], name: &[u8]) -> bool {
    // From the end, where the list is.
    let listed = bytes.windows(LISTED.len()).enumerate().rev().filter(|(_, window)| *window == LISTED);
    listed.take(MAX_ENTRIES).any(|(at, _)| {
        // The name stands after 46 bytes of fixed fields (APPNOTE.TXT 4.3.12).
        bytes.get(at + 46..at + 46 + name.len()).is_some_and(|found| found == name)
    })
}

/// Whether an archive is within all limits when everything in it is unpacked, for a reader that has none of its own;
/// `look` is shown each entry by its name, piece by piece, and nothing at its end. Nothing of it is kept.
pub(crate) fn weigh_archive(
    bytes: &[u8],
    mut look: impl FnMut(&str, Option<&[u8]>) -> Result<(), Wrong>,
) -> Result<(), Wrong> {
    let mut archive = Archive::of(bytes)?;
    // A name that leads out of the archive makes it one that nobody made by accident.
    archive.names()?;
    for index in 0..archive.zip.len() {
        let mut entry = archive.zip.by_index(index).map_err(|error| damaged(&error))?;
        let name = entry.name().unwrap_or_default().into_owned();
        let most = entry.compressed_size().min(archive.packed).saturating_mul(MAX_RATIO);
        archive.unpacked = inflate(&mut entry, &name, most, archive.unpacked, |read| look(&name, Some(read)))?;
        look(&name, None)?;
    }
    Ok(())
}

/// A name before and after its last point.
fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or((name, ""))
}

/// Whether a name, taken as a path, leads elsewhere on some system.
fn is_outside(name: &str) -> bool {
    let drive = name.as_bytes().get(1) == Some(&b':');
    drive || name.contains(['\\', '\0']) || name.starts_with('/') || name.split('/').any(|part| part == "..")
}

fn damaged(error: &zip::result::ZipError) -> Wrong {
    (format!("not readable as an archive: {error}"), HINT.to_owned())
}
