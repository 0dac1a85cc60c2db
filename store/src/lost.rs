//! A database whose files were removed or replaced while it is open. SQLite goes on writing into files that nobody will
//! find again; noticed in time, everything is still in the open connection.

use std::{
    fs::{self, File, metadata},
    io,
    os::unix::fs::MetadataExt as _,
    path::Path,
};

use phusong_model::UtcMs;

use crate::{Failure, Store, StoreError, connection, copy, files};

/// Which files database and log are, whatever their names lead to later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity([Option<(u64, u64)>; 2]);

impl Identity {
    pub(crate) fn of(database: &Path) -> Self {
        let number = |path: &Path| metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
        Self([number(database), number(&files::log_of(database))])
    }

    /// Whether a file that was there then is another one now, or none.
    pub(crate) fn is_gone(&self, database: &Path) -> bool {
        let now = Self::of(database);
        self.0.iter().zip(&now.0).any(|(then, now)| then.is_some() && then != now)
    }
}

impl Store {
    /// Whether the files that are open are no longer those in the folder.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.identity().is_gone(self.path())
    }

    /// Writes everything that is in the open, lost database into a new file in its place and goes on with that. A file
    /// that somebody put there meanwhile is set aside.
    ///
    /// # Errors
    /// When the folder cannot be made or has no room; the open database is still there then, and can be tried again.
    pub fn restore(&mut self, now: UtcMs) -> Result<(), StoreError> {
        let path = self.path().to_owned();
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        let file = |source: io::Error| StoreError::File { path: path.clone(), source };
        files::make_folder(&folder).map_err(file)?;
        let copy = path.with_extension("restoring");
        remove(&copy).map_err(file)?;
        files::open_or_make(&copy).map_err(file)?;
        let failed = |error| Failure::from(error).at(&copy, "write a lost store anew");
        copy::pages(self.connection(), &copy, &mut |_, _| {}).map_err(failed)?;
        if let Some(what) = copy::sound(&copy).map_err(failed)? {
            // Nothing takes the place of the open database but a sound copy of it.
            return Err(StoreError::Damaged { path: copy, what });
        }
        File::open(&copy).and_then(|copy| copy.sync_all()).map_err(file)?;
        if path.exists() {
            files::set_aside(&path, now).map_err(file)?;
        }
        remove(&files::log_of(&path)).map_err(file)?;
        remove(&files::index_of(&path)).map_err(file)?;
        fs::rename(&copy, &path).map_err(file)?;
        File::open(&folder).and_then(|folder| folder.sync_all()).map_err(file)?;
        self.go_on_with(connection::writer(&folder)?);
        Ok(())
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}
