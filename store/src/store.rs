//! The one writer.

use std::path::{Path, PathBuf};

use phusong_model::{Ack, Inventory, MaintenanceId, Planned, UtcMs};
use rusqlite::{Connection, TransactionBehavior};

use crate::{
    Backlog, Commit, Delivered, Failure, Farewell, GivenBack, Misfit, NewAck, NewCoverage, NewImport, NewWork,
    Rejection, Removed, Retention, Room, Standing, StoreError, ToForce, ack, connection, coverage, files, import,
    inventory,
    keys::Keys,
    lost::Identity,
    maintenance, notification, reserve, retention, sinks,
    tick::{self, Contradicting},
    timeline::Timeline,
};

/// The store, open for writing. Each call is one transaction, on disk when it returns; a call that fails leaves nothing
/// behind and the store as usable as before. All calls block: they belong on a thread of their own.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    connection: Connection,
    keys: Keys,
    identity: Identity,
    /// The link whose hours retention looked at last.
    swept: i64,
}

impl Store {
    /// Opens the store of a data folder, and makes folder and store when they are not there. The caller holds the
    /// folder's [`crate::DataLock`].
    ///
    /// # Errors
    /// [`StoreError::Newer`] and [`StoreError::Foreign`] leave the file as it was.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let connection = connection::writer(folder)?;
        let path = files::database(folder);
        Ok(Self { identity: Identity::of(&path), path, connection, keys: Keys::default(), swept: 0 })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Goes on with another file of the same content.
    pub(crate) fn go_on_with(&mut self, connection: Connection) {
        self.connection = connection;
        self.keys.forget();
        self.identity = Identity::of(&self.path);
    }

    /// Writes a tick with all that it brought, and gives its number.
    ///
    /// After an error the changes of this tick must be carried into the next commit, or spans and outages would miss
    /// them; samples and readings may be given up.
    ///
    /// # Errors
    /// [`StoreError::TickNotAfter`] after a step of the clock, [`StoreError::Contradiction`] when a change does not fit what
    /// is stored, [`StoreError::Full`] while the disk is full.
    pub fn commit(&mut self, commit: &Commit) -> Result<i64, StoreError> {
        self.write("write a tick", |transaction, keys| tick::append(transaction, keys, commit, Contradicting::Refuses))
    }

    /// The same without the changes of outages that contradict what is stored, which are told in their order: what else the
    /// tick says, also of these outages, is not lost with them. However many there are, the tick is written once.
    ///
    /// # Errors
    /// As [`Store::commit`], except for such changes.
    pub fn commit_what_fits(&mut self, commit: &Commit) -> Result<(i64, Vec<Misfit>), StoreError> {
        self.write("write a tick", |transaction, keys| {
            let mut misfits = Vec::new();
            let seq = tick::append(transaction, keys, commit, Contradicting::Misfits(&mut misfits))?;
            Ok((seq, misfits))
        })
    }

    /// Says once more what stands, to a store that was saved from a damaged one. What it knows already stays.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn restate(&mut self, standing: &Standing) -> Result<(), StoreError> {
        self.write("say what stands", |transaction, keys| {
            let mut timeline = Timeline::new(transaction, keys);
            for (link, since, open) in standing.links() {
                timeline.end_others(link, since, open)?;
            }
            for change in standing.changes() {
                match timeline.apply(&change) {
                    // It is known, or belongs to what is known.
                    Ok(()) | Err(Failure::Contradiction { .. }) => {}
                    Err(failure) => return Err(failure),
                }
            }
            Ok(())
        })
    }

    /// Makes this the inventory from `at` on and gives its version, which grows when it differs from the last one. New
    /// links enter undecided, links that are gone leave: their open spans and outages end.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn set_inventory(&mut self, inventory: &Inventory, at: UtcMs) -> Result<i64, StoreError> {
        self.write("write the inventory", |transaction, keys| inventory::set(transaction, keys, inventory, at))
    }

    /// Keeps announced work and gives it its number.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn plan(&mut self, work: &NewWork) -> Result<Planned, StoreError> {
        self.write("keep announced work", |transaction, _| maintenance::plan(transaction, work))
    }

    /// Ends announced work at an instant, or cancels it; none when there is no such work. Work that was over stays as it
    /// was.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn end_work(&mut self, id: MaintenanceId, at: UtcMs) -> Result<Option<Planned>, StoreError> {
        self.write("end announced work", |transaction, _| maintenance::end(transaction, id, at))
    }

    /// Keeps that somebody took notice of an outage; none when there is no such outage.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn acknowledge(&mut self, ack: &NewAck) -> Result<Option<Ack>, StoreError> {
        self.write("keep an acknowledgement", |transaction, _| ack::keep(transaction, ack))
    }

    /// Keeps that messages have arrived, or were given up.
    ///
    /// # Errors
    /// When SQLite refuses; after a start they would be sent once more.
    pub fn deliver(&mut self, delivered: &[Delivered]) -> Result<(), StoreError> {
        self.write("keep a delivery", |transaction, _| notification::deliver(transaction, delivered))
    }

    /// Keeps versions of datasets and puts them in force, and puts others in force, all of it or nothing. The numbers of
    /// the versions that were kept.
    ///
    /// # Errors
    /// When SQLite refuses. A version that is not there is left out.
    pub fn import(&mut self, new: &[NewImport], force: &[ToForce], at: UtcMs) -> Result<Vec<i64>, StoreError> {
        self.write("keep an import", |transaction, _| {
            for to in force {
                import::put_in_force(transaction, &to.dataset, to.import, at, &to.author)?;
            }
            new.iter().map(|new| import::keep(transaction, new)).collect()
        })
    }

    /// Writes a recompute of the coverage and gives its number. The next tick carries it to the sinks.
    ///
    /// # Errors
    /// [`StoreError::Unstorable`] for a figure that is not a number; else when SQLite refuses.
    pub fn put_coverage(&mut self, new: NewCoverage<'_>) -> Result<i64, StoreError> {
        self.write("write the coverage", |transaction, _| coverage::put(transaction, new))
    }

    /// What the last coverage was computed from; none before the first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn last_coverage_hash(&self) -> Result<Option<String>, StoreError> {
        coverage::last_hash(&self.connection).map_err(|failure| failure.at(&self.path, "read the coverage"))
    }

    /// Makes a sink known: what retention removes before it is delivered counts from now on.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn add_sink(&mut self, sink: &str) -> Result<(), StoreError> {
        self.write("keep the name of a sink", |transaction, _| sinks::add(transaction, sink))
    }

    /// How full the store and its disk are.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn room(&self) -> Result<Room, StoreError> {
        Room::of(&self.connection, self.folder()).map_err(|failure| failure.at(&self.path, "measure the store"))
    }

    /// Removes a little of what need not be kept any longer, or may not be; to be called after each tick.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn retain(&mut self, rules: &Retention) -> Result<Removed, StoreError> {
        let room = self.room()?;
        let mut swept = self.swept;
        let removed =
            self.write("remove what is old", |transaction, _| retention::retain(transaction, rules, room, &mut swept))?;
        self.swept = swept;
        Ok(removed)
    }

    /// Gives room inside the file back to the disk, at most so many pages. It is a transaction of its own: a few thousand pages hold nobody up.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn give_back(&mut self, pages: u32) -> Result<GivenBack, StoreError> {
        let done = retention::give_back(&self.connection, pages);
        done.map_err(|failure| failure.at(&self.path, "give room back to the disk"))
    }

    /// Writes the whole file anew, without room in it. It takes as much room again meanwhile, and time: not for a daemon.
    ///
    /// # Errors
    /// When SQLite refuses; the file is as it was.
    pub fn rebuild(&mut self) -> Result<(), StoreError> {
        retention::rebuild(&self.connection).map_err(|failure| failure.at(&self.path, "write the store anew"))
    }

    /// Writes without changing anything, to see whether the disk takes it.
    ///
    /// # Errors
    /// As any other write.
    pub fn touch(&mut self) -> Result<(), StoreError> {
        self.write("write", |transaction, _| Ok(transaction.execute("UPDATE rolled SET one = 1", []).map(drop)?))
    }

    /// Gives up the reserve, so that a full disk has room for what must be written; whether there was one.
    ///
    /// # Errors
    /// When the system does not let it go.
    pub fn release_reserve(&self) -> Result<bool, StoreError> {
        let path = reserve::path(self.folder());
        reserve::release(&path).map_err(|source| StoreError::File { path, source })
    }

    /// Sees to it that the reserve is there where the disk has the room for it.
    ///
    /// # Errors
    /// When it could not be made; the store works all the same.
    pub fn hold_reserve(&self, room: Room) -> Result<(), StoreError> {
        let path = reserve::path(self.folder());
        reserve::hold(&path, room).map_err(|source| StoreError::File { path, source })
    }

    /// The last tick that a sink has delivered; 0 before the first.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn sink_cursor(&self, sink: &str) -> Result<i64, StoreError> {
        sinks::cursor(&self.connection, sink).map_err(|failure| failure.at(&self.path, "read the cursor of a sink"))
    }

    /// What tells the numbers of this store's ticks from those of a store that it was saved from.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn numbering(&self) -> Result<i64, StoreError> {
        sinks::numbering(&self.connection).map_err(|failure| failure.at(&self.path, "read the numbering of ticks"))
    }

    /// Everything up to the tick `seq` of a store of this `numbering` is delivered. A cursor never goes back, and what was
    /// read from another store moves nothing.
    ///
    /// # Errors
    /// When SQLite refuses; the ticks will be delivered again, which harms nobody.
    pub fn advance_sink(&mut self, sink: &str, seq: i64, numbering: i64) -> Result<(), StoreError> {
        self.write("move the cursor of a sink", |transaction, _| sinks::advance(transaction, sink, seq, numbering))
    }

    /// Keeps lines that a sink refused for good, all of them or none.
    ///
    /// # Errors
    /// When SQLite refuses, or when too many lines of this sink are kept already; the cursor must then stay before their
    /// ticks.
    pub fn reject(&mut self, sink: &str, lines: &[Rejection]) -> Result<(), StoreError> {
        self.write("keep rejected lines", |transaction, _| sinks::reject(transaction, sink, lines))
    }

    /// Forgets rejected lines, given by tick and text: the sink has taken them after all, or somebody gave them up.
    ///
    /// # Errors
    /// When SQLite refuses; the lines will be sent again, which harms nobody.
    pub fn forget_rejected(&mut self, sink: &str, lines: &[(i64, String)], why: Farewell) -> Result<(), StoreError> {
        self.write("forget rejected lines", |transaction, _| sinks::forget(transaction, sink, lines, why))
    }

    /// What a sink has still to deliver.
    ///
    /// # Errors
    /// When SQLite refuses.
    pub fn backlog(&self, sink: &str) -> Result<Backlog, StoreError> {
        sinks::backlog(&self.connection, sink).map_err(|failure| failure.at(&self.path, "count the queue of a sink"))
    }

    /// Bytes of database and log on disk.
    ///
    /// # Errors
    /// When the file is gone.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        files::size(&self.path).map_err(|source| StoreError::File { path: self.path.clone(), source })
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    fn write<T>(
        &mut self,
        operation: &'static str,
        work: impl FnOnce(&Connection, &mut Keys) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let done = transact(&mut self.connection, &mut self.keys, work);
        if done.is_err() {
            self.keys.forget();
        }
        done.map_err(|failure| failure.at(&self.path, operation))
    }
}

/// Runs the work in a transaction; dropped without its commit, the transaction is undone.
fn transact<T>(
    connection: &mut Connection,
    keys: &mut Keys,
    work: impl FnOnce(&Connection, &mut Keys) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction, keys)?;
    transaction.commit()?;
    Ok(value)
}
