//! A copy of the store while it is written: one moment of it, in a file that needs no log to be opened.
//!
//! The pages are read inside one read transaction, so that a writer neither waits nor makes the copy begin anew; the
//! file gets its name when it is whole, on disk and looked over.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use phusong_model::UtcMs;
use rusqlite::{
    Connection, ErrorCode, OpenFlags,
    backup::{Backup, StepResult},
};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use thiserror::Error;

use crate::{Failure, StoreError, columns::first};

/// Pages between two words to whoever waits: 4 MiB.
const STEP: i32 = 1024;

/// How long the copy waits when SQLite says that it must, and how often.
const BUSY: (Duration, u32) = (Duration::from_millis(50), 100);

/// Mode of the copy: the people of the inventory are in it. The umask may take more away.
const MODE: u32 = 0o640;

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Bytes of the copy.
    pub bytes: u64,
    /// Number and time of the newest tick in it; none before the first.
    pub last: Option<(i64, UtcMs)>,
}

/// Why there is no copy. Nothing new lies at the target.
#[derive(Debug, Error)]
pub enum CopyError {
    /// A file of that name is there.
    #[error("{0} is there already")]
    Exists(PathBuf),
    /// The target is the store itself.
    #[error("{0} is the store itself")]
    Itself(PathBuf),
    /// The log of another database lies where SQLite would take it for the copy's.
    #[error("{0} lies beside the copy and would be taken for its log")]
    Beside(PathBuf),
    /// No space is left for it.
    #[error("no space left for {0}")]
    Full(PathBuf),
    /// The copy could not be made, written or named.
    #[error("cannot write {path}")]
    Write {
        /// The copy.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// SQLite could not copy.
    #[error("cannot copy the store to {path}")]
    Copy {
        /// The copy.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// What was copied is not sound: neither is the store.
    #[error("the copy is not sound: {0}")]
    Unsound(String),
    /// The store could not be read.
    #[error(transparent)]
    Store(StoreError),
}

/// Whether a file of the target's name may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// It stays, and there is no copy.
    Never,
    /// It is replaced once the copy is whole.
    Existing,
}

/// A file that is removed unless it got its name.
struct Unnamed {
    path: PathBuf,
    named: bool,
}

impl Drop for Unnamed {
    fn drop(&mut self) {
        if !self.named {
            // Whoever cannot remove it could not make it either.
            let _gone = fs::remove_file(&self.path);
        }
    }
}

/// Copies what `source` sees in its transaction. `progress` hears pages done and pages in all.
pub(crate) fn copy(
    source: &Connection,
    store: &Path,
    target: &Path,
    replace: Replace,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Copied, CopyError> {
    admit(store, target, replace)?;
    let failed = |source: io::Error| refused(target, source);
    let mut unnamed = make(target).map_err(failed)?;
    let seen = |failure: Failure| CopyError::Store(failure.at(store, "read the newest tick"));
    // What the first read sees, the transaction sees to its end.
    let last =
        first(source, "SELECT seq, at FROM tick ORDER BY seq DESC LIMIT 1", [], |row| Ok((row.value()?, row.at()?)))
            .map_err(seen)?;
    pages(source, &unnamed.path, progress).map_err(|source| not_copied(target, source))?;
    sound(&unnamed.path)
        .map_err(|source| not_copied(target, source))?
        .map_or(Ok(()), |words| Err(CopyError::Unsound(words)))?;
    let file = File::open(&unnamed.path).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    name(&unnamed.path, target, replace)?;
    unnamed.named = true;
    File::open(folder_of(target)).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(Copied { bytes, last })
}

/// Refuses what would do harm, before anything is made.
fn admit(store: &Path, target: &Path, replace: Replace) -> Result<(), CopyError> {
    if same_file(store, target) {
        return Err(CopyError::Itself(target.to_owned()));
    }
    let beside = ["-wal", "-journal"].map(|suffix| with_suffix(target, suffix));
    if let Some(log) = beside.into_iter().find(|log| log.exists()) {
        return Err(CopyError::Beside(log));
    }
    match fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(refused(target, error)),
        Ok(_) if replace == Replace::Never => Err(CopyError::Exists(target.to_owned())),
        Ok(_) => Ok(()),
    }
}

fn same_file(a: &Path, b: &Path) -> bool {
    let number = |path: &Path| fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino())).ok();
    number(a).is_some_and(|number_of_a| number(b) == Some(number_of_a))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// An empty file beside the target, so that it can be renamed to it.
fn make(target: &Path) -> io::Result<Unnamed> {
    let name = target.file_name().ok_or(io::ErrorKind::IsADirectory)?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}", std::process::id()));
    let path = folder_of(target).join(hidden);
    OpenOptions::new().write(true).create_new(true).mode(MODE).open(&path)?;
    Ok(Unnamed { path, named: false })
}

/// Copies all pages into an empty file, which the caller flushes to disk.
pub(crate) fn pages(source: &Connection, path: &Path, progress: &mut dyn FnMut(u64, u64)) -> rusqlite::Result<()> {
    let mut target = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // A copy that fails is thrown away, so it needs no journal; it is flushed once, at its end.
    target.pragma_update(None, "journal_mode", "OFF")?;
    target.pragma_update(None, "synchronous", "OFF")?;
    let backup = Backup::new(source, &mut target)?;
    let mut waited = 0;
    loop {
        let step = backup.step(STEP)?;
        let pages = backup.progress();
        let count = |pages: i32| u64::try_from(pages).unwrap_or_default();
        progress(count(pages.pagecount - pages.remaining), count(pages.pagecount));
        if step == StepResult::Done {
            break;
        }
        if step == StepResult::More {
            waited = 0;
            continue;
        }
        // Busy or locked.
        if waited == BUSY.1 {
            let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
            return Err(rusqlite::Error::SqliteFailure(busy, Some(format!("{step:?} for too long"))));
        }
        waited += 1;
        std::thread::sleep(BUSY.0);
    }
    drop(backup);
    // The store's pages say that a log goes with them; the copy is to be one file, also on a disk that is read-only.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    target.close().map_err(|(_, error)| error)
}

/// What SQLite finds wrong with the copy; none when nothing.
pub(crate) fn sound(path: &Path) -> rusqlite::Result<Option<String>> {
    let copy = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let words: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((words != "ok").then_some(words))
}

/// Gives the file its name. Between the first look at the target and now somebody may have made it.
fn name(from: &Path, target: &Path, replace: Replace) -> Result<(), CopyError> {
    let named = match replace {
        Replace::Existing => fs::rename(from, target),
        Replace::Never => match renameat_with(CWD, from, CWD, target, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(()),
            Err(rustix::io::Errno::EXIST) => return Err(CopyError::Exists(target.to_owned())),
            // Some network file systems know no such rename.
            Err(rustix::io::Errno::INVAL) if !target.exists() => fs::rename(from, target),
            Err(error) => Err(error.into()),
        },
    };
    named.map_err(|source| refused(target, source))
}

fn refused(target: &Path, source: io::Error) -> CopyError {
    if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
        return CopyError::Full(target.to_owned());
    }
    CopyError::Write { path: target.to_owned(), source }
}

fn not_copied(target: &Path, source: rusqlite::Error) -> CopyError {
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => CopyError::Full(target.to_owned()),
        Some(_) | None => CopyError::Copy { path: target.to_owned(), source },
    }
}
