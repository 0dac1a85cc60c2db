//! The folder and its files: how they are called, and who may read them.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, metadata, set_permissions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use nix::unistd::{Gid, Group};
use phusong_model::UtcMs;
use tempfile::TempDir;

use crate::StoreError;

/// Name of the database in the data folder.
const DATABASE_FILE: &str = "phusong.db";

/// The daemon writes, its group reads: an engineer's CLI works while the daemon is dead.
const FOLDER_MODE: u32 = 0o750;

/// As [`FOLDER_MODE`]. SQLite gives the log beside the database the mode of the database.
pub(crate) const FILE_MODE: u32 = 0o640;

/// The database of a data folder.
pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join(DATABASE_FILE)
}

/// SQLite's write-ahead log of a database.
pub(crate) fn log_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// SQLite's index of that log in shared memory.
pub(crate) fn index_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-shm");
    name.into()
}

/// What stands between the name of a database and the time at which it was set aside.
const SET_ASIDE: &str = ".damaged-";

/// Renames a database that cannot be used, with its log; its new name.
pub(crate) fn set_aside(database: &Path, now: UtcMs) -> io::Result<PathBuf> {
    let stamp = now.timestamp().strftime("%Y%m%dT%H%M%SZ").to_string();
    let name = |number: u32| {
        let mut name = database.as_os_str().to_owned();
        name.push(SET_ASIDE);
        name.push(&stamp);
        if number > 0 {
            name.push(format!("-{number}"));
        }
        PathBuf::from(name)
    };
    let aside = (0..).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(0));
    fs::rename(database, &aside)?;
    // Without its log the newest ticks would be missing; without its index SQLite makes a new one.
    for (from, to) in [(log_of(database), log_of(&aside)), (index_of(database), index_of(&aside))] {
        match fs::rename(from, to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(aside)
}

/// Whether a file is a database that was set aside, without what SQLite puts beside it.
pub(crate) fn is_set_aside(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    let stamp = name.strip_prefix(DATABASE_FILE).and_then(|rest| rest.strip_prefix(SET_ASIDE));
    stamp.is_some_and(|stamp| !stamp.ends_with("-wal") && !stamp.ends_with("-shm"))
}

/// The largest store of which somebody who asks gets a copy: some seconds of a slow disk.
const COPY_MOST: u64 = 2 << 30;

/// A copy of database and log in a folder of its own, which goes when it is dropped. Nobody is asked for it: whoever has
/// locked the database may not answer either.
pub(crate) fn copy_aside(folder: &Path) -> Result<TempDir, StoreError> {
    let database = database(folder);
    let failed = |source| StoreError::File { path: database.clone(), source };
    if size(&database).map_err(failed)? > COPY_MOST {
        return Err(failed(io::Error::other("another program has locked it, and it is too large to be copied")));
    }
    let copy = tempfile::Builder::new().prefix("phusong-").tempdir().map_err(failed)?;
    let to = self::database(copy.path());
    fs::copy(&database, &to).map_err(failed)?;
    match fs::copy(log_of(&database), log_of(&to)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        Ok(_) | Err(_) => Ok(copy),
    }
}

/// Makes the folder for the daemon and its group, whatever the umask. One that is there stays as it is: systemd or an
/// administrator made it so.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)?;
    set_permissions(folder, Permissions::from_mode(FOLDER_MODE))
}

/// Opens a file to read and write; one that is not there is made for the daemon and its group, whatever the umask.
pub(crate) fn open_or_make(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match options.clone().create_new(true).mode(FILE_MODE).open(path) {
        Ok(file) => {
            file.set_permissions(Permissions::from_mode(FILE_MODE))?;
            Ok(file)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options.open(path),
        Err(error) => Err(error),
    }
}

/// Whether this user can read the database, and if not, why, before SQLite answers everything with "unable to open".
pub(crate) fn readable(folder: &Path) -> Result<PathBuf, StoreError> {
    let path = database(folder);
    match File::open(&path).and_then(|file| file.metadata()) {
        Ok(meta) if meta.len() == 0 => Err(StoreError::Empty { path }),
        Ok(_) => Ok(path),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            // Without the right to enter the folder only the folder itself can be looked at.
            let group = metadata(&path).or_else(|_| metadata(folder)).ok().and_then(|meta| group_name(meta.gid()));
            Err(StoreError::Denied { path, group })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::NotFound { path }),
        Err(source) => Err(StoreError::File { path, source }),
    }
}

/// Nobody is told to join the group of root.
fn group_name(gid: u32) -> Option<String> {
    if gid == 0 {
        return None;
    }
    Group::from_gid(Gid::from_raw(gid)).ok().flatten().map(|group| group.name)
}

/// Bytes of the database and its log.
pub(crate) fn size(database: &Path) -> io::Result<u64> {
    let log = metadata(log_of(database)).map(|meta| meta.len()).unwrap_or(0);
    Ok(metadata(database)?.len() + log)
}

/// The number of the user who owns a folder.
pub(crate) fn owner(folder: &Path) -> io::Result<u32> {
    metadata(folder).map(|metadata| metadata.uid())
}

/// The name of a user of this machine, or its number.
#[must_use]
pub fn user_name(uid: u32) -> String {
    let user = nix::unistd::User::from_uid(nix::unistd::Uid::from_raw(uid));
    user.ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        metadata(path).expect("metadata").permissions().mode() & 0o777
    }

    #[test]
    fn the_group_may_read_whatever_the_umask() {
        let base = tempfile::tempdir().expect("folder");
        let folder = base.path().join("a/data");
        make_folder(&folder).expect("folder");
        open_or_make(&folder.join("file")).expect("file");
        open_or_make(&folder.join("file")).expect("again");
        assert_eq!((mode(&folder), mode(&folder.join("file"))), (0o750, 0o640));
    }

    #[test]
    fn a_folder_that_is_there_keeps_its_mode() {
        let base = tempfile::tempdir().expect("folder");
        set_permissions(base.path(), Permissions::from_mode(0o700)).expect("mode");
        make_folder(base.path()).expect("folder");
        assert_eq!(mode(base.path()), 0o700);
    }
}
