//! The files of imported datasets: `layers/HASH` in the data folder, named by what is in them and never changed.

use std::{
    fs::{self, File, Permissions},
    io::{self, Read, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::{StoreError, files};

/// Their folder inside the data folder.
const FOLDER: &str = "layers";

/// What is read at once.
const CHUNK: usize = 64 * 1024;

/// A file that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptLayer {
    /// SHA-256 of its bytes as 64 hexadecimal digits.
    pub hash: String,
    /// How many they are.
    pub bytes: u64,
    /// Where it lies.
    pub path: PathBuf,
}

/// Where the file with a hash lies, or would.
#[must_use]
pub fn layer_path(folder: &Path, hash: &str) -> PathBuf {
    folder.join(FOLDER).join(hash)
}

/// Keeps the bytes of a dataset in the data folder, on disk when this returns. The same bytes are kept once.
///
/// # Errors
/// When the disk refuses; nothing half-written is left under a name that counts.
pub fn keep_layer(folder: &Path, bytes: impl Read) -> Result<KeptLayer, StoreError> {
    let layers = folder.join(FOLDER);
    keep(&layers, bytes).map_err(|source| StoreError::File { path: layers, source })
}

/// The hash of the bytes of a dataset, and how many they are, without keeping them.
///
/// # Errors
/// When they cannot be read.
pub fn layer_hash(mut bytes: impl Read) -> io::Result<(String, u64)> {
    copy(&mut bytes, &mut io::sink())
}

/// Whether the file with a hash is there with so many bytes.
#[must_use]
pub fn layer_is_kept(folder: &Path, hash: &str, bytes: u64) -> bool {
    fs::metadata(layer_path(folder, hash)).is_ok_and(|known| known.len() == bytes)
}

/// Whether the file with a hash is there, and is what it was.
#[must_use]
pub fn layer_is_whole(folder: &Path, hash: &str) -> bool {
    File::open(layer_path(folder, hash)).and_then(layer_hash).is_ok_and(|(found, _)| found == hash)
}

/// Takes back a file that was kept for a dataset that is then refused.
///
/// # Errors
/// When the disk refuses.
pub fn drop_layer(kept: &KeptLayer) -> Result<(), StoreError> {
    fs::remove_file(&kept.path).map_err(|source| StoreError::File { path: kept.path.clone(), source })
}

fn keep(layers: &Path, mut bytes: impl Read) -> io::Result<KeptLayer> {
    files::make_folder(layers)?;
    // Next to its place, so that the renaming is one step; gone by itself when something fails.
    let mut file = tempfile::Builder::new().prefix(".incoming-").tempfile_in(layers)?;
    let (hash, count) = copy(&mut bytes, &mut file)?;
    let path = layers.join(&hash);
    if fs::metadata(&path).is_ok_and(|known| known.len() == count) {
        return Ok(KeptLayer { hash, bytes: count, path });
    }
    file.as_file().set_permissions(Permissions::from_mode(files::FILE_MODE))?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    File::open(layers)?.sync_all()?;
    Ok(KeptLayer { hash, bytes: count, path })
}

/// Copies everything; the hash of it, and how many bytes it was.
fn copy(bytes: &mut impl Read, to: &mut impl Write) -> io::Result<(String, u64)> {
    let mut hash = Sha256::new();
    let mut count = 0;
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = match bytes.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => chunk.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(read);
        to.write_all(read)?;
        count += read.len() as u64;
    }
    Ok((hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(), count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_what_is_in_it_and_kept_once() {
        let folder = tempfile::tempdir().expect("folder");
        let kept = keep_layer(folder.path(), &b"abc"[..]).expect("kept");
        assert_eq!(kept.hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!((kept.bytes, &kept.path), (3, &layer_path(folder.path(), &kept.hash)));
        assert_eq!(keep_layer(folder.path(), &b"abc"[..]).expect("again"), kept);
        let names = fs::read_dir(folder.path().join(FOLDER)).expect("folder").count();
        let mode = fs::metadata(&kept.path).expect("file").permissions().mode() & 0o777;
        assert!(layer_is_whole(folder.path(), &kept.hash) && !layer_is_whole(folder.path(), "00"));
        assert_eq!((names, mode), (1, 0o640));
        fs::write(&kept.path, "abd").expect("damage");
        assert!(!layer_is_whole(folder.path(), &kept.hash));
    }

    #[test]
    fn a_source_that_breaks_off_leaves_nothing() {
        struct Broken(bool);
        impl Read for Broken {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(io::ErrorKind::ConnectionReset.into());
                }
                buffer[..3].copy_from_slice(b"abc");
                Ok(3)
            }
        }
        let folder = tempfile::tempdir().expect("folder");
        keep_layer(folder.path(), Broken(false)).expect_err("broken");
        assert_eq!(fs::read_dir(folder.path().join(FOLDER)).expect("folder").count(), 0);
    }
}
