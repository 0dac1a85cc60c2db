//! Reading files that people named, with a bound on their size.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use thiserror::Error;

use crate::Fault;

/// Why a file could not be read.
#[derive(Debug, Error)]
pub(crate) enum ReadError {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// A folder, a device or a pipe; reading a pipe would wait for ever.
    #[error("this is not a file")]
    NotAFile,
    /// Larger than the bound, in bytes.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    /// The system refused.
    #[error("it cannot be read: {0}")]
    System(io::Error),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Missing } else { Self::System(error) }
    }
}

impl ReadError {
    /// The fault of `path`; `remedy_if_missing` says what to do when the file is not there.
    pub(crate) fn into_fault(self, path: &Path, remedy_if_missing: &str) -> Fault {
        let hint = match &self {
            Self::Missing => remedy_if_missing,
            Self::NotAFile => "name a regular file",
            Self::TooLarge(_) => "is this the right file? if it is, split it or leave out what is not needed",
            Self::System(_) => "let the user who runs this read the file and enter its folders",
        };
        Fault::of_file(path, self.to_string(), hint)
    }
}

/// Opens a regular file.
pub(crate) fn open(path: &Path) -> Result<File, ReadError> {
    // Looked at before it is opened, because opening a pipe without a writer does not return.
    if !std::fs::metadata(path)?.is_file() {
        return Err(ReadError::NotAFile);
    }
    Ok(File::open(path)?)
}

/// All bytes of a regular file that has at most `limit` of them.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    read_open(&open(path)?, limit)
}

/// All bytes of an open file that has at most `limit` of them. Its size is not asked beforehand: it may grow.
pub(crate) fn read_open(file: &File, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if read as u64 > limit { Err(ReadError::TooLarge(limit)) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_and_kinds_are_kept() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("f");
        std::fs::write(&path, b"12345").expect("write");
        assert_eq!(read(&path, 5).ok().as_deref(), Some(&b"12345"[..]));
        assert!(matches!(read(&path, 4), Err(ReadError::TooLarge(4))));
        assert!(matches!(read(folder.path(), 4), Err(ReadError::NotAFile)));
        assert!(matches!(read(&folder.path().join("g"), 4), Err(ReadError::Missing)));
    }
}
