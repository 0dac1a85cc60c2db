//! Any number of readers, also as another user of the group.

use std::path::{Path, PathBuf};

use phusong_model::{
    CloseUp, CloseUpOf, Evidence, IfReading, ImportContent, ImportVersion, InForce, Inventory, LinkId, Millis,
    Notification, Outage, OutageId, Probe, Revision, Sample, Span, Tick, Told, UtcMs, Window,
    answer::{Query, Topic},
};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{
    Backlog, Copied, CopyError, Failure, Finding, Inspection, Level, Of, Rejected, Replace, Rollup, StoreError,
    StoredTick, Timed, Undelivered, Unstored, check, close_up, connection, copy,
    evidence::{self, Damage},
    feed, files, import, inspect, inventory,
    lost::Identity,
    notification, page, rollup, sinks,
};

/// How much around an outage is looked at: what happened before it began and after it ended.
const AROUND: Millis = Millis::from_secs(30 * 60);

/// The store, open for reading. It sees what was committed when a call began, and all of one call is of one moment.
///
/// While no daemon has the store open and its log is missing, the file is read as it lies: keep such a reader for one
/// question, and open a new one for the next.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    connection: Connection,
    identity: Identity,
    /// Where the copy lies that is read instead, until this is dropped.
    copy: Option<TempDir>,
    /// Damage leaves out what it concerns instead of ending the question.
    lenient: bool,
}

impl Reader {
    /// Opens the store of a data folder, whether a daemon runs on it, was stopped or was killed.
    ///
    /// # Errors
    /// Says whether the store is missing, empty, newer, foreign or closed to this user.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let connection = connection::reader(folder)?;
        let path = files::database(folder);
        Ok(Self { identity: Identity::of(&path), path, connection, copy: None, lenient: false })
    }

    /// Opens what is left to read of the store, for somebody who asks while no daemon answers: one that another program
    /// has locked is read from a copy, and of one that is damaged is read what can be.
    ///
    /// # Errors
    /// As for [`Reader::open`], and when the copy cannot be made.
    pub fn open_what_is_left(folder: &Path) -> Result<Self, StoreError> {
        match connection::reader_in_a_hurry(folder) {
            Ok(connection) => {
                let path = files::database(folder);
                Ok(Self { identity: Identity::of(&path), path, connection, copy: None, lenient: true })
            }
            Err(error) if error.is_locked() => {
                let copy = files::copy_aside(folder)?;
                let connection = connection::reader(copy.path())?;
                let path = files::database(folder);
                Ok(Self { identity: Identity::of(&path), path, connection, copy: Some(copy), lenient: true })
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a copy is read, because another program has locked the store.
    #[must_use]
    pub const fn is_of_a_copy(&self) -> bool {
        self.copy.is_some()
    }

    /// Whether the file that is open is no longer the store of the folder: the daemon has set it aside or written it anew,
    /// and nothing new comes to this one.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.identity.is_gone(&self.path)
    }

    /// The newest tick.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn last_tick(&self) -> Result<Option<Tick>, StoreError> {
        self.read("read the newest tick", evidence::last_tick)
    }

    /// Everything an answer about a window rests on; the window ends at `now` at the latest. Where the daemon has been silent for two periods, open
    /// spans end and are followed by a blind one. The blind time of outages is as it was written.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn evidence(&self, now: UtcMs, window: Window) -> Result<Evidence, StoreError> {
        self.evidence_with(now, window, None)
    }

    /// The same with what the disk does not take yet.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn evidence_with(
        &self,
        now: UtcMs,
        window: Window,
        unstored: Option<&Unstored>,
    ) -> Result<Evidence, StoreError> {
        let window = Window::new(window.from, window.to.min(now));
        let mut left_out = Vec::new();
        let damage = if self.lenient { Damage::LeftOut(&mut left_out) } else { Damage::Refused };
        self.read("read the evidence", |transaction| evidence::read(transaction, window, now, unstored, damage))
    }

    /// What a question needs: the evidence about its window, or, when it is about one outage, about the time of that. A
    /// situation report of what was last seen reaches as far back from there as it would from now.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn evidence_about(
        &self,
        now: UtcMs,
        query: &Query,
        unstored: Option<&Unstored>,
    ) -> Result<Evidence, StoreError> {
        let outage = query.outage.filter(|_| query.topic == Topic::Outage);
        let outage = outage.map(|id| self.read("read an outage", |transaction| close_up::outage(transaction, id)));
        let window = match outage.transpose()?.flatten() {
            Some(outage) => {
                let to = outage.end.map_or(now, |end| end.plus(AROUND)).min(now);
                Window::new(outage.start.minus(AROUND), to)
            }
            None => {
                let window = query.window(now);
                let is_now = query.topic == Topic::Sitrep && window.to >= now;
                let silent = is_now.then(|| self.silent_since(now, unstored)).transpose()?.flatten();
                let back = silent.map(|silent| silent.minus(window.length()));
                Window::new(back.map_or(window.from, |back| back.min(window.from)), window.to)
            }
        };
        self.evidence_with(now, window, unstored)
    }

    /// Until when somebody looked, when nobody does any more; what cannot be read of a damaged store tells nothing.
    fn silent_since(&self, now: UtcMs, unstored: Option<&Unstored>) -> Result<Option<UtcMs>, StoreError> {
        let silent = self.read("read the last tick", |store| evidence::silent_since(store, now, unstored));
        silent.or_else(|error| if self.lenient { Ok(None) } else { Err(error) })
    }

    /// What is known of one link or outage, or of how all links were looked at, beyond what every answer rests on.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn close_up(&self, of: &CloseUpOf, window: Window) -> Result<CloseUp, StoreError> {
        self.read("read how links were looked at", |transaction| close_up::read(transaction, of, window))
    }

    /// The newest number of an outage; none before the first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn last_outage(&self) -> Result<Option<OutageId>, StoreError> {
        self.read("read outages", evidence::last_outage)
    }

    /// The verdicts on the cause of an outage, oldest first; the last one counts.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn verdicts(&self, outage: OutageId) -> Result<Vec<Revision>, StoreError> {
        self.read("read the verdicts of an outage", |transaction| evidence::verdicts(transaction, outage))
    }

    /// All versions of imported datasets, oldest first; those in force at an instant say since when.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn imports(&self, at: UtcMs) -> Result<Vec<ImportVersion>, StoreError> {
        self.read("read imports", |transaction| import::versions(transaction, at))
    }

    /// Each time that a version was put in force, oldest first.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn imports_in_force(&self) -> Result<Vec<InForce>, StoreError> {
        self.read("read imports", import::changes)
    }

    /// What versions put into the inventory.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn import_content(&self, versions: &[i64]) -> Result<ImportContent, StoreError> {
        self.read("read imports", |transaction| import::content(transaction, versions))
    }

    /// What people were told of events that are not forgotten yet.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn told(&self) -> Result<Vec<Told>, StoreError> {
        self.read("read what was told", notification::told)
    }

    /// The last message of each event that was told and not told to be over.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn open_notifications(&self) -> Result<Vec<Notification>, StoreError> {
        self.read("read messages", notification::open)
    }

    /// The messages that wait for their delivery, oldest first.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn undelivered(&self) -> Result<Vec<Undelivered>, StoreError> {
        self.read("read messages", notification::undelivered)
    }

    /// The ticks after the number `seq`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn ticks_after(&self, seq: i64, limit: usize) -> Result<Vec<StoredTick>, StoreError> {
        self.read("read ticks", |transaction| feed::after(transaction, seq, limit))
    }

    /// The samples of one link in a window, oldest first, with the times of their ticks.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn samples(&self, link: &LinkId, window: Window) -> Result<Vec<(UtcMs, Sample)>, StoreError> {
        self.read("read samples", |transaction| feed::of_link(transaction, link, window))
    }

    /// What the samples of one link came to in the buckets that begin in a window, oldest first; the newest buckets are
    /// written some minutes after their end.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn rollups(&self, level: Level, link: &LinkId, window: Window) -> Result<Vec<Rollup>, StoreError> {
        self.read("read rollups", |transaction| rollup::of_link(transaction, level, link, window))
    }

    /// The last inventory; none before the first.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn inventory(&self) -> Result<Option<Inventory>, StoreError> {
        self.read("read the inventory", inventory::last)
    }

    /// The version of the inventory that was in force at an instant; before the first one it is the first, and 0 when
    /// there is none.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn inventory_version(&self, at: UtcMs) -> Result<i64, StoreError> {
        self.read("read the inventory", |transaction| inventory::version_at(transaction, at))
    }

    /// The inventory of a version; none when there is no such version.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn inventory_of(&self, version: i64) -> Result<Option<Inventory>, StoreError> {
        self.read("read the inventory", |transaction| inventory::of_version(transaction, version))
    }

    /// Bytes of database and log on disk.
    ///
    /// # Errors
    /// When the file is gone.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        files::size(&self.path).map_err(|source| StoreError::File { path: self.path.clone(), source })
    }

    /// The last tick that a sink has delivered; 0 before the first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn sink_cursor(&self, sink: &str) -> Result<i64, StoreError> {
        self.read("read the cursor of a sink", |transaction| sinks::cursor(transaction, sink))
    }

    /// What tells the numbers of this store's ticks from those of a store that it was saved from; 0 before version 6.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn numbering(&self) -> Result<i64, StoreError> {
        self.read("read the numbering of ticks", sinks::numbering)
    }

    /// What a sink has still to deliver.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn backlog(&self, sink: &str) -> Result<Backlog, StoreError> {
        self.read("count the queue of a sink", |transaction| sinks::backlog(transaction, sink))
    }

    /// How much of what is in the store, from when to when, and what lies beside it.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn inspect(&self) -> Result<Inspection, StoreError> {
        self.read("look at the store", |transaction| inspect::inspect(transaction, self.path.clone()))
    }

    /// Checks the store from end to end and tells each finding as it is found; how many there were. It sees one moment;
    /// meanwhile the writer goes on, and its log grows until the check is over.
    ///
    /// # Errors
    /// When SQLite refuses for another reason than damage, which is a finding.
    pub fn check(&self, tell: &mut dyn FnMut(Finding)) -> Result<u64, StoreError> {
        self.check_step_by_step(tell, &mut |_, _| ())
    }

    /// The same; `progress` hears rules done and in all.
    ///
    /// # Errors
    /// As [`Reader::check`].
    pub fn check_step_by_step(
        &self,
        tell: &mut dyn FnMut(Finding),
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<u64, StoreError> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        self.read("check the store", |transaction| check::check(transaction, folder, tell, progress))
    }

    /// Copies the store as it is now to a file of its own, which needs no log. `progress` hears pages done and in all.
    ///
    /// # Errors
    /// Nothing new lies at the target then.
    pub fn copy(
        &self,
        target: &Path,
        replace: Replace,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Copied, CopyError> {
        let transaction = self.connection.unchecked_transaction().map_err(Failure::from);
        let transaction = transaction.map_err(|failure| CopyError::Store(failure.at(&self.path, "read the store")))?;
        copy::copy(&transaction, &self.path, target, replace, progress)
    }

    /// Takes each sample of a window, oldest first.
    ///
    /// # Errors
    /// When SQLite refuses, the store is damaged, or `take` does not go on.
    pub fn each_sample<E: From<StoreError>>(
        &self,
        window: Window,
        of: &Of,
        take: &mut dyn FnMut(Timed<Sample>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each_of_ticks("sample", window, of, page::samples, take)
    }

    /// Takes each reading of a window, in the order of the ticks that brought them.
    ///
    /// # Errors
    /// As [`Reader::each_sample`].
    pub fn each_reading<E: From<StoreError>>(
        &self,
        window: Window,
        of: &Of,
        take: &mut dyn FnMut(Timed<IfReading>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each_of_ticks("reading", window, of, page::readings, take)
    }

    /// Takes each span that touches a window as it was written, link by link.
    ///
    /// # Errors
    /// As [`Reader::each_sample`].
    pub fn each_span<E: From<StoreError>>(
        &self,
        window: Window,
        of: &Of,
        take: &mut dyn FnMut(Span) -> Result<(), E>,
    ) -> Result<(), E> {
        for link in self.read("read links", |transaction| page::links(transaction, of))? {
            self.read("read spans", |transaction| page::spans(transaction, &link, window))?
                .into_iter()
                .try_for_each(&mut *take)?;
        }
        Ok(())
    }

    /// Takes each outage that touches a window as it was written, by number.
    ///
    /// # Errors
    /// As [`Reader::each_sample`].
    pub fn each_outage<E: From<StoreError>>(
        &self,
        window: Window,
        of: &Of,
        take: &mut dyn FnMut(Outage) -> Result<(), E>,
    ) -> Result<(), E> {
        let (keys, pages) = self.read("read outages", |transaction| {
            Ok((page::keys(transaction, of)?, page::outage_pages(transaction, window)?))
        })?;
        for ids in pages {
            self.read("read outages", |transaction| page::outages(transaction, &ids, keys.as_deref()))?
                .into_iter()
                .try_for_each(&mut *take)?;
        }
        Ok(())
    }

    fn each_of_ticks<T, E: From<StoreError>>(
        &self,
        table: &'static str,
        window: Window,
        of: &Of,
        rows: impl Fn(&Connection, (i64, i64), Option<&str>) -> Result<Vec<T>, Failure>,
        take: &mut dyn FnMut(T) -> Result<(), E>,
    ) -> Result<(), E> {
        let found = self
            .read("find ticks", |transaction| Ok((page::keys(transaction, of)?, page::ticks(transaction, window)?)));
        let (keys, (mut from, to)) = found?;
        while from < to {
            let (page, end) = self.read("read what ticks brought", |transaction| {
                let end = page::page_end(transaction, table, (from, to))?;
                Ok((rows(transaction, (from, end), keys.as_deref())?, end))
            })?;
            page.into_iter().try_for_each(&mut *take)?;
            from = end;
        }
        Ok(())
    }

    /// The last line that a sink refused for good, by tick and text.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn last_rejected(&self, sink: &str) -> Result<Option<(i64, String)>, StoreError> {
        self.read("read rejected lines", |transaction| sinks::last_rejected(transaction, sink))
    }

    /// The lines that a sink refused for good, by tick, after the one given; at most `limit`. Begin with
    /// `(i64::MIN, "")`.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn rejected(&self, sink: &str, after: (i64, &str), limit: usize) -> Result<Vec<Rejected>, StoreError> {
        self.read("read rejected lines", |transaction| sinks::rejected(transaction, sink, after, limit))
    }

    /// How many samples of each link and probe were measured in a window, up to the tick `upto`.
    ///
    /// # Errors
    /// When SQLite refuses or the store is damaged.
    pub fn measured(&self, window: Window, upto: i64) -> Result<Vec<(LinkId, Probe, u64)>, StoreError> {
        self.read("count samples", |transaction| feed::measured(transaction, window, upto))
    }

    /// The time of a tick by its number; none when it is not there.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn tick_time(&self, seq: i64) -> Result<Option<UtcMs>, StoreError> {
        self.read("read the time of a tick", |transaction| feed::time_of(transaction, seq))
    }

    fn read<T>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let transaction = self.connection.unchecked_transaction().map_err(Failure::from);
        // Dropped without a commit: there is nothing to commit.
        transaction.and_then(|transaction| work(&transaction)).map_err(|failure| failure.at(&self.path, operation))
    }
}
