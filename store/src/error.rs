//! What can go wrong, by operation, with the place it went wrong at.

use std::{io, path::PathBuf};

use phusong_model::{LinkId, UtcMs};
use thiserror::Error;

use crate::sinks::REJECTED_MOST;

/// Why the store could not be opened, written or read.
#[derive(Debug, Error)]
pub enum StoreError {
    /// There is no store in the folder.
    #[error("no store at {path}: the daemon has not run on this folder")]
    NotFound {
        /// The database file that was looked for.
        path: PathBuf,
    },
    /// The file is there, but the daemon never got to write its tables.
    #[error("the store at {path} is empty: the daemon has not written to it yet")]
    Empty {
        /// The database file.
        path: PathBuf,
    },
    /// A newer phusong has written it. Nothing was changed.
    #[error("the store at {path} has version {found}, this program knows versions up to {known}: use a newer phusong")]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The version it has.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// Another program's database. Nothing was changed.
    #[error("{path} is not a store of phusong")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// No database at all. Nothing was changed.
    #[error("{path} is not a database")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The system does not let this user in.
    #[error("no right to read {path}{}", join_group(.group.as_deref()))]
    Denied {
        /// What could not be read.
        path: PathBuf,
        /// The group whose members may read; none when it has no name or is root's.
        group: Option<String>,
    },
    /// A folder or file could not be opened or made.
    #[error("cannot open or make {path}")]
    File {
        /// The folder or file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// SQLite could not open the file.
    #[error("cannot open the store at {path}")]
    Open {
        /// The database file.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// The tables could not be brought to the version of this program. The file is as it was.
    #[error("cannot bring the store at {path} to version {version}")]
    Migrate {
        /// The database file.
        path: PathBuf,
        /// The version that could not be reached.
        version: i64,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// No space is left. Nothing of this transaction was written; the next one may succeed.
    #[error("cannot {operation} in {path}: no space left on its disk")]
    Full {
        /// The database file.
        path: PathBuf,
        /// What was being done.
        operation: &'static str,
    },
    /// SQLite refused. Nothing of this transaction was written; the next one may succeed.
    #[error("cannot {operation} in {path}")]
    Refused {
        /// The database file.
        path: PathBuf,
        /// What was being done.
        operation: &'static str,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// The tick is not later than the newest one: the clock was set back. Nothing was written.
    #[error("the tick at {at} is not after the newest one in the store, at {last}")]
    TickNotAfter {
        /// The tick that was to be written.
        at: UtcMs,
        /// The newest one.
        last: UtcMs,
    },
    /// A change does not fit what is stored, as an end without an open outage. Nothing was written.
    #[error("link {link}: {what}")]
    Contradiction {
        /// Which link.
        link: LinkId,
        /// What does not fit.
        what: &'static str,
    },
    /// So many lines that a sink refused are kept that no more are. Nothing was written.
    #[error(
        "{most} rejected lines of {sink} are kept, and no more will be: mend what InfluxDB says of them \
         (phusong influx rejected {sink}) and send them again (phusong influx retry {sink}), or give them up \
         (phusong influx retry {sink} --discard)",
        most = REJECTED_MOST
    )]
    RejectedFull {
        /// Whose lines.
        sink: String,
    },
    /// A value could not be written so that it can be read back. Nothing was written.
    #[error("{what} cannot be written as JSON and read back")]
    Unstorable {
        /// Which value.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// The store holds what no version of phusong writes.
    #[error("the store at {path} is damaged: {what}")]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
}

impl StoreError {
    /// Whether it is the disk that refuses: what is there may be sound, and a later try may succeed.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        use rusqlite::ErrorCode::{CannotOpen, DiskFull, ReadOnly, SystemIoFailure};
        matches!(self, Self::File { .. } | Self::Full { .. })
            || matches!(self.sqlite_code(), Some(DiskFull | SystemIoFailure | ReadOnly | CannotOpen))
    }

    /// Whether the file itself is damaged, so that no second try will help.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        matches!(self, Self::NotADatabase { .. }) || matches!(self.sqlite_code(), Some(DatabaseCorrupt | NotADatabase))
    }

    /// Whether what was read is not what any version writes, be the file sound or not: SQLite has no check sums. A salvage
    /// leaves such a value out.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        let odd_value = matches!(self, Self::Refused { .. }) && self.sqlite_code().is_none();
        odd_value || matches!(self, Self::Damaged { .. }) || self.is_damage()
    }

    /// Whether another program has the database for itself.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
        matches!(self.sqlite_code(), Some(DatabaseBusy | DatabaseLocked))
    }

    /// What SQLite said, where it was SQLite.
    fn sqlite_code(&self) -> Option<rusqlite::ErrorCode> {
        match self {
            Self::Open { source, .. } | Self::Migrate { source, .. } | Self::Refused { source, .. } => {
                source.sqlite_error_code()
            }
            Self::NotFound { .. }
            | Self::Empty { .. }
            | Self::Newer { .. }
            | Self::Foreign { .. }
            | Self::NotADatabase { .. }
            | Self::Denied { .. }
            | Self::File { .. }
            | Self::Full { .. }
            | Self::TickNotAfter { .. }
            | Self::Contradiction { .. }
            | Self::RejectedFull { .. }
            | Self::Unstorable { .. }
            | Self::Damaged { .. } => None,
        }
    }
}

/// Why the data folder could not be locked.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("{path} is in use by {}", holder(*.pid))]
    Held {
        /// The process; none while it has the lock but has not written its number yet.
        pid: Option<u32>,
        /// The lock file.
        path: PathBuf,
    },
    /// The folder belongs to another user, who alone may write into it.
    #[error("{path} belongs to user {owner}, who alone may write into it")]
    OtherUser {
        /// The folder.
        path: PathBuf,
        /// Its owner.
        owner: String,
    },
    /// The lock file could not be opened, locked or written.
    #[error("cannot lock {path}")]
    Io {
        /// The lock file or its folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

fn join_group(group: Option<&str>) -> String {
    group.map(|name| format!(": members of group {name} may")).unwrap_or_default()
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

/// A failure inside a transaction, before the operation and the path are added to it.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Sql(#[from] rusqlite::Error),
    #[error("a tick that is not after {last}")]
    TickNotAfter { at: UtcMs, last: UtcMs },
    #[error("{link}: {what}")]
    Contradiction { link: LinkId, what: &'static str },
    #[error("too many rejected lines of {sink}")]
    RejectedFull { sink: String },
    #[error("{what}")]
    Unstorable { what: &'static str, source: serde_json::Error },
    #[error("{0}")]
    Damaged(String),
}

impl Failure {
    /// Whether what was read is damaged, and not the question or the disk.
    pub(crate) fn is_damage(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match self {
            // Without a code of SQLite it is a value of another type than any version writes.
            Self::Sql(error) => matches!(error.sqlite_error_code(), None | Some(DatabaseCorrupt | NotADatabase)),
            Self::Damaged(_) | Self::Unstorable { .. } => true,
            Self::TickNotAfter { .. } | Self::Contradiction { .. } | Self::RejectedFull { .. } => false,
        }
    }

    /// The public error: what was being done, and where.
    pub(crate) fn at(self, path: &std::path::Path, operation: &'static str) -> StoreError {
        let path = path.to_owned();
        match self {
            Self::Sql(source) if source.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull) => {
                StoreError::Full { path, operation }
            }
            Self::Sql(source) => StoreError::Refused { path, operation, source },
            Self::TickNotAfter { at, last } => StoreError::TickNotAfter { at, last },
            Self::Contradiction { link, what } => StoreError::Contradiction { link, what },
            Self::RejectedFull { sink } => StoreError::RejectedFull { sink },
            Self::Unstorable { what, source } => StoreError::Unstorable { what, source },
            Self::Damaged(what) => StoreError::Damaged { path, what },
        }
    }
}
