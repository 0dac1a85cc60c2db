//! A file that gets its name when it is whole.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};

use super::StoreFailure;

/// Mode of the file: whom to call may be in it. The umask may take more away.
const MODE: u32 = 0o640;

/// A file without its name; one that never gets it is removed.
pub struct NewFile {
    path: PathBuf,
    target: PathBuf,
    file: File,
    named: bool,
}

impl NewFile {
    /// An empty file in the folder of the target.
    pub fn make(target: &Path, replace: bool) -> Result<Self, StoreFailure> {
        // Said before the work and not only after it.
        if !replace && target.symlink_metadata().is_ok() {
            return Err(StoreFailure::Exists(target.to_owned()));
        }
        let name = target.file_name().ok_or_else(|| StoreFailure::write(io::ErrorKind::IsADirectory.into()))?;
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}", std::process::id()));
        let path = folder_of(target).join(hidden);
        let file =
            OpenOptions::new().write(true).create_new(true).mode(MODE).open(&path).map_err(StoreFailure::write)?;
        Ok(Self { path, target: target.to_owned(), file, named: false })
    }

    /// Where its bytes go.
    pub const fn writer(&mut self) -> &File {
        &self.file
    }

    /// Puts it on disk and gives it its name; a file that has it is replaced only when it may be.
    pub fn name(mut self, replace: bool) -> Result<(), StoreFailure> {
        self.file.sync_all().map_err(StoreFailure::write)?;
        let named = if replace {
            fs::rename(&self.path, &self.target)
        } else {
            match renameat2(AT_FDCWD, &self.path, AT_FDCWD, &self.target, RenameFlags::RENAME_NOREPLACE) {
                Err(nix::Error::EEXIST) => return Err(StoreFailure::Exists(self.target.clone())),
                // Some network file systems know no such rename.
                Err(nix::Error::EINVAL) if !self.target.exists() => fs::rename(&self.path, &self.target),
                other => other.map_err(io::Error::from),
            }
        };
        named.map_err(StoreFailure::write)?;
        File::open(folder_of(&self.target)).and_then(|folder| folder.sync_all()).map_err(StoreFailure::write)?;
        self.named = true;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.named {
            // Whoever cannot remove it could not make it either.
            let _gone = fs::remove_file(&self.path);
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
