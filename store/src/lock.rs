//! One daemon per data folder.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use rustix::fs::{FlockOperation, flock};

use crate::{
    LockError,
    files::{make_folder, open_or_make, owner, user_name},
};

/// Name of the lock file in the data folder.
const LOCK_FILE: &str = "phusong.lock";

/// Most bytes of a lock file that are read: a process number is shorter, whatever else lies there is not ours.
const PID_MAX_BYTES: u64 = 32;

/// The right to write into a data folder, until it is dropped.
///
/// The kernel gives the lock back when its holder ends, however it ends; a lock file left by a killed daemon stops
/// nobody. The file itself stays: removing it would let two processes lock two files of one name.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the lock of `folder`, and makes the folder when it is not there.
    ///
    /// # Errors
    /// [`LockError::Held`] when another process has it; [`LockError::Io`] when the file cannot be opened or written.
    pub fn take(folder: &Path) -> Result<Self, LockError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| LockError::Io { path, source }
        };
        make_folder(folder).map_err(failed(folder))?;
        let path = folder.join(LOCK_FILE);
        let mut file = open_or_make(&path).map_err(failed(&path))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(held(file, path)),
            Err(errno) => return Err(LockError::Io { path, source: errno.into() }),
        }
        match write_pid(&mut file) {
            // The lock holds all the same; only whom to ask is not known.
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {}
            written => written.map_err(failed(&path))?,
        }
        Ok(Self { _file: file })
    }

    /// Takes the lock for a program of a person, who must be the folder's owner: files that another user made would shut
    /// the daemon out.
    ///
    /// # Errors
    /// [`LockError::OtherUser`] when another user owns the folder; else as [`DataLock::take`]. A folder that is not there
    /// is not made.
    pub fn take_as_owner(folder: &Path) -> Result<Self, LockError> {
        let owner = owner(folder).map_err(|source| LockError::Io { path: folder.to_owned(), source })?;
        if owner != rustix::process::geteuid().as_raw() {
            return Err(LockError::OtherUser { path: folder.to_owned(), owner: user_name(owner) });
        }
        Self::take(folder)
    }
}

fn held(file: File, path: PathBuf) -> LockError {
    let mut text = String::new();
    let pid = match file.take(PID_MAX_BYTES).read_to_string(&mut text) {
        Ok(_) => text.trim().parse().ok(),
        Err(_) => None,
    };
    LockError::Held { pid, path }
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_lock_names_its_holder_and_a_dropped_one_is_free() {
        let folder = tempfile::tempdir().expect("folder");
        let data = folder.path().join("data");
        let lock = DataLock::take(&data).expect("first");
        let refused = DataLock::take(&data).expect_err("second");
        assert!(matches!(refused, LockError::Held { pid: Some(pid), .. } if pid == std::process::id()), "{refused}");
        assert!(refused.to_string().contains(&format!("process {}", std::process::id())));
        drop(lock);
        DataLock::take(&data).expect("third");
    }

    #[test]
    fn what_a_killed_daemon_left_stops_nobody() {
        let folder = tempfile::tempdir().expect("folder");
        for left in ["", "999999999\n", "not a number", &"9".repeat(4096)] {
            std::fs::write(folder.path().join(LOCK_FILE), left).expect("stale file");
            let lock = DataLock::take(folder.path()).expect("lock");
            let text = std::fs::read_to_string(folder.path().join(LOCK_FILE)).expect("pid");
            assert_eq!(text.trim(), std::process::id().to_string());
            drop(lock);
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "").expect("file");
        let refused = DataLock::take(&file.join("data")).expect_err("a file is no folder");
        assert!(refused.to_string().contains("file/data"), "{refused}");
    }
}
