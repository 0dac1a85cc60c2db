//! One daemon per data folder.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::unix::fs::MetadataExt,
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

/// The process that holds the lock of `folder`; none when nobody does. The lock is not touched: to try it, for a moment
/// only, could refuse a daemon that starts in that moment.
///
/// # Errors
/// When the lock file or the kernel's list of locks cannot be read. A folder without a lock file is free.
pub fn lock_holder(folder: &Path) -> io::Result<Option<u32>> {
    let file = match File::open(folder.join(LOCK_FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let inode = file.metadata()?.ino();
    let locks = std::fs::read_to_string("/proc/locks")?;
    // A holder outside our own view of the machine has the number 0 there.
    let holder = locks.lines().find_map(|line| flock_on(line, inode));
    Ok(holder.map(|pid| if pid == 0 { pid_in(file).unwrap_or(0) } else { pid }))
}

/// The holder of a `flock` on the file of that number, as in `5: FLOCK  ADVISORY  WRITE 1234 08:01:131 0 EOF`. The device
/// before it is not compared: it may be another than the one that the file's folder tells.
fn flock_on(line: &str, inode: u64) -> Option<u32> {
    let mut words = line.split_whitespace().skip(1);
    let kind = words.next()?;
    let (pid, place) = (words.nth(2)?, words.next()?);
    let is_it = kind == "FLOCK" && place.rsplit(':').next()?.parse() == Ok(inode);
    is_it.then(|| pid.parse().unwrap_or(0))
}

fn held(file: File, path: PathBuf) -> LockError {
    LockError::Held { pid: pid_in(file), path }
}

fn pid_in(file: File) -> Option<u32> {
    let mut text = String::new();
    file.take(PID_MAX_BYTES).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
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
    fn the_holder_is_found_without_touching_the_lock() {
        let folder = tempfile::tempdir().expect("folder");
        assert_eq!(lock_holder(folder.path()).expect("no file"), None);
        let lock = DataLock::take(folder.path()).expect("lock");
        assert_eq!(lock_holder(folder.path()).expect("held"), Some(std::process::id()));
        drop(lock);
        assert_eq!(lock_holder(folder.path()).expect("free"), None);
        let line = "5: FLOCK  ADVISORY  WRITE 1234 08:01:131 0 EOF";
        assert_eq!((flock_on(line, 131), flock_on(line, 31)), (Some(1234), None));
        assert_eq!(flock_on("5: POSIX  ADVISORY  WRITE 1234 08:01:131 0 EOF", 131), None);
        assert_eq!(flock_on("5: -> FLOCK  ADVISORY  WRITE 77 08:01:131 0 EOF", 131), None, "one that waits");
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
