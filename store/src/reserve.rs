//! A file beside the database that holds nothing but room. A full disk refuses even deletions, for they go through the
//! log first; with the reserve given up there is room for it, and retention makes more.

use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use rustix::fs::{FallocateFlags, fallocate};

use crate::Room;

/// Four times what the log grows to between checkpoints; on small disks a tenth of them.
const RESERVE: u64 = 16 << 20;

const RESERVE_FILE: &str = "phusong.reserve";

pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join(RESERVE_FILE)
}

/// Removes the reserve; whether there was one.
pub(crate) fn release(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes the reserve unless it is there or the disk is short of room, of which it may take a third.
pub(crate) fn hold(path: &Path, room: Room) -> io::Result<()> {
    let length = RESERVE.min(room.disk_size / 10);
    if path.exists() || room.disk_free / 3 < length || length == 0 {
        return Ok(());
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o640).open(path)?;
    fallocate(&file, FallocateFlags::empty(), 0, length).map_err(|errno| {
        // Half a reserve would be taken for a whole one.
        let _ = fs::remove_file(path);
        errno.into()
    })
}
