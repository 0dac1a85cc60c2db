//! The recorder's thread: writes what waits, removes what is old, and mends the store where it can be mended, so that
//! nobody has to restart the daemon because of a disk.
//!
//! | what happened | what is done |
//! |---|---|
//! | no space left | the reserve is given up, old samples make room; else ticks wait |
//! | read-only, an error of the disk | ticks wait; tried again every [`super::LOOK_EVERY`] |
//! | files removed or replaced | everything is written anew from what is still open |
//! | damaged, or a value that no version writes | set aside, saved as far as it can be read, and a new store begun with what stands |

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use phusong_model::chain;
use phusong_store::{Commit, Misfit, Removed, Retention, SetAside, Store, StoreError, set_aside_files};
use tokio::sync::watch;

use super::{Order, RecordError, saving::Saving, search::Search, waiting::WaitingRoom};
use crate::{influx::SinkOrder, tick::wall};

/// Pages that one step of a compaction gives back: some milliseconds.
const PAGES_AT_ONCE: u32 = 1_000;

/// With less left on the disk it is tried whether a write still goes through, before a tick meets it.
const NEARLY_FULL: u64 = 256 << 10;

/// A store that is damaged again so soon is not set aside once more.
const RENEW_AGAIN: Duration = Duration::from_secs(600);

/// Changes that contradict the store and are told one by one; of the others, how many there are.
const MISFITS_TOLD: usize = 3;

/// What the thread works with.
pub(super) struct Desk {
    pub(super) folder: PathBuf,
    pub(super) rules: Retention,
    pub(super) sinks: Vec<String>,
    pub(super) room: Arc<WaitingRoom>,
    pub(super) committed: watch::Sender<i64>,
    /// None while there is none that can be opened.
    pub(super) store: Option<Store>,
    /// Whether the log has told of the refusal that lasts.
    pub(super) told: bool,
    /// When a damaged store was set aside the last time.
    pub(super) renewed: Option<Instant>,
    /// The look at the whole store.
    pub(super) search: Search,
}

impl Desk {
    /// One who no longer waits for the answer does not need it: the send results are of no interest.
    pub(super) fn execute(&mut self, order: Order) {
        // Looks come every two seconds: an end is heard soon.
        if let Some(reason) = self.search.found() {
            self.renew(&reason);
        }
        match order {
            Order::Commit(done) => {
                self.write_waiting();
                let _ = done.send(());
            }
            Order::Look => self.look(),
            Order::Damaged(reason) => self.verify(&reason),
            Order::Inventory(inventory, at, done) => {
                let set = self.with(|store| store.set_inventory(&inventory, at).map(|_| ()));
                if set.is_ok() {
                    self.room.set_inventory(inventory);
                }
                let _ = done.send(set);
            }
            Order::Plan(work, done) => drop(done.send(self.with(|store| store.plan(&work)))),
            Order::EndWork(id, at, done) => drop(done.send(self.with(|store| store.end_work(id, at)))),
            Order::Acknowledge(ack, done) => drop(done.send(self.with(|store| store.acknowledge(&ack)))),
            Order::Deliver(delivered, done) => drop(done.send(self.with(|store| store.deliver(&delivered)))),
            Order::Import(new, force, at, done) => {
                drop(done.send(self.with(|store| store.import(&new, &force, at).map(|_| ()))));
            }
            Order::CoverageHash(done) => drop(done.send(self.with(|store| store.last_coverage_hash()))),
            Order::Coverage(run, done) => {
                let put = |store: &mut Store| store.put_coverage(run.as_new());
                let _ = done.send(self.with(put).map(|_| ()));
            }
            Order::GiveBack(done) => drop(done.send(self.with(|store| store.give_back(PAGES_AT_ONCE)))),
            Order::Sink(_, SinkOrder::Damaged(reason), done) => {
                self.verify(&reason);
                let _ = done.send(Ok(()));
            }
            Order::Sink(name, order, done) => {
                let kept = self.with(|store| sink(store, &name, &order));
                let _ = done.send(kept.map_err(not_noted));
            }
        }
    }

    /// Lets an order have the store, if there is one.
    fn with<T>(&mut self, work: impl FnOnce(&mut Store) -> Result<T, StoreError>) -> Result<T, RecordError> {
        let Some(store) = &mut self.store else {
            return Err(RecordError::Away(self.room.health().refused.unwrap_or_default()));
        };
        let done = work(store);
        if let Err(error) = &done {
            self.mend(error);
        }
        Ok(done?)
    }

    /// Writes all ticks that wait, the oldest first, then removes what is old.
    fn write_waiting(&mut self) {
        while let Some(commit) = self.room.first() {
            match self.write(&commit) {
                Ok(seq) => drop(self.committed.send_replace(seq)),
                Err(error) if is_hopeless(&error) => {
                    tracing::error!(error = %chain(&error), at = %commit.tick.at, "a tick is given up");
                    self.room.give_up(&commit);
                }
                Err(error) => return self.refused(&error),
            }
        }
        self.accepted();
        self.retain();
    }

    /// Writes the tick that waits first, and mends what stands in its way. It has left the room when this is well.
    fn write(&mut self, commit: &Arc<Commit>) -> Result<i64, StoreError> {
        self.find_store()?;
        let first = self.try_write(commit);
        let again = match &first {
            Err(StoreError::Full { .. }) => self.make_room(),
            Err(error) => self.mend(error),
            Ok(_) => false,
        };
        if again { self.try_write(commit) } else { first }
    }

    /// Opens the store when there is none, and writes it anew when its files are gone.
    fn find_store(&mut self) -> Result<(), StoreError> {
        if self.store.as_ref().is_some_and(|store| !store.is_lost() && !store.has_its_head()) {
            self.renew("its file was overwritten");
        }
        match &mut self.store {
            Some(store) if store.is_lost() => {
                tracing::error!(folder = %self.folder.display(), "the files of the store were removed or replaced");
                // What is found in the old files is no matter of the new ones.
                self.search.forget();
                store.restore(wall())?;
                tracing::warn!("the store is written anew, nothing is missing");
            }
            Some(_) => {}
            None => {
                let mut saving = Saving::while_running();
                let (store, aside) = Store::open_or_salvage(&self.folder, wall(), &mut |read| saving.goes_on(read))?;
                if let Err(error) = self.begin_with(store, aside.as_ref()) {
                    let saved = error.is_damage() && self.renew(&chain(&error));
                    return if saved { Ok(()) } else { Err(error) };
                }
            }
        }
        Ok(())
    }

    fn try_write(&mut self, commit: &Arc<Commit>) -> Result<i64, StoreError> {
        let Some(store) = &mut self.store else { return Err(StoreError::NotFound { path: self.folder.clone() }) };
        // A change that contradicts the store about an outage is given up and said: what else the tick says of that outage,
        // the states, the other links and the samples must not be lost with it. It happens when a reload lets a link leave
        // while a tick looks, and when outages were lost with a damaged store.
        let (seq, misfits) = store.commit_what_fits(commit)?;
        if misfits.is_empty() {
            self.room.stored(commit);
        } else {
            tell_of_misfits(commit, &misfits);
            self.room.stored(&without(commit, &misfits));
        }
        Ok(seq)
    }

    /// A full disk: gives up the reserve and removes old samples; whether a second try may help.
    fn make_room(&mut self) -> bool {
        let Some(store) = &mut self.store else { return false };
        let released = match store.release_reserve() {
            Ok(released) => released,
            Err(error) => {
                tracing::error!(error = %chain(&error), "the reserve cannot be given up");
                false
            }
        };
        if released {
            tracing::error!("the disk is full; the reserve of the store is given up, and old samples make room");
        }
        self.retain();
        released
    }

    /// A damaged store: set aside, saved, and begun anew; whether a second try may help.
    fn renew(&mut self, reason: &str) -> bool {
        if self.renewed.is_some_and(|last| last.elapsed() < RENEW_AGAIN) {
            // What was saved is damaged too, or the disk ruins everything: more copies would only fill it.
            tracing::error!(reason, "the store is damaged again; it is looked at by `phusong store check`");
            return false;
        }
        self.renewed = Some(Instant::now());
        self.search.forget();
        tracing::error!(reason, "the store is damaged");
        self.room.account(|health| health.refused = Some(format!("{reason}; what can be read is being saved")));
        self.store = None;
        let mut saving = Saving::while_running();
        match Store::salvage_now(&self.folder, wall(), reason, &mut |read| saving.goes_on(read)) {
            Ok((store, aside)) => self.begin_with(store, Some(&aside)).is_ok(),
            Err(error) => {
                tracing::error!(error = %chain(&error), "the damaged store cannot be set aside");
                false
            }
        }
    }

    /// Goes on with a store that was opened while the daemon runs.
    fn begin_with(&mut self, mut store: Store, aside: Option<&SetAside>) -> Result<(), StoreError> {
        if let Some(aside) = aside {
            tell_of(aside);
        }
        // First what stands, with its own times: the inventory would let links of which nothing is left enter now.
        store.restate(&self.room.standing())?;
        store.set_inventory(&self.room.inventory(), wall())?;
        for sink in &self.sinks {
            store.add_sink(sink)?;
        }
        self.store = Some(store);
        self.look_aside();
        Ok(())
    }

    /// Mends the store where an error says that it is damaged; whether a second try may help. An odd value may also be a
    /// mistake of ours, which no salvage would mend: it has to be found in the file, and until then the order fails.
    fn mend(&mut self, error: &StoreError) -> bool {
        if error.is_damage() {
            return self.renew(&chain(error));
        }
        if error.is_unreadable() {
            self.verify(&chain(error));
        }
        false
    }

    /// Somebody who read the store met damage, or a value that no version writes: has the whole of it looked at, since a
    /// second opinion costs little and a salvage much. Ticks go on being written; what was found is heard of later.
    fn verify(&mut self, reason: &str) {
        if self.store.is_some() {
            self.search.begin(&self.folder, reason);
        }
    }

    /// Between ticks: what a tick would meet is found before it comes, and what waits is tried again.
    fn look(&mut self) {
        self.look_aside();
        if self.room.first().is_some() {
            return self.write_waiting();
        }
        match self.find_store().and_then(|()| self.touch()) {
            Ok(()) => self.accepted(),
            Err(error) => self.refused(&error),
        }
    }

    /// Tries a write where the disk looks as if it would not take one; keeps the reserve where it has room.
    fn touch(&mut self) -> Result<(), StoreError> {
        let Some(store) = &mut self.store else { return Ok(()) };
        let room = store.room()?;
        if room.read_only || room.disk_free < NEARLY_FULL {
            store.touch()?;
        }
        if let Err(error) = store.hold_reserve(room) {
            tracing::debug!(error = %chain(&error), "no reserve for the store");
        }
        Ok(())
    }

    fn look_aside(&self) {
        let files = set_aside_files(&self.folder).unwrap_or_default();
        let names = files.iter().filter_map(|file| file.file_name()).map(|name| name.to_string_lossy().into_owned());
        let names: Vec<String> = names.collect();
        self.room.account(|health| health.set_aside = names);
    }

    fn refused(&mut self, error: &StoreError) {
        let reason = chain(error);
        if !self.told {
            tracing::error!(%reason, "the store takes nothing; ticks wait in memory");
            self.told = true;
        }
        self.room.account(|health| health.refused = Some(reason));
    }

    fn accepted(&mut self) {
        if self.told {
            tracing::info!("the store takes ticks again, those that waited are in it");
            self.told = false;
        }
        let bytes = self.store.as_ref().and_then(|store| store.bytes().ok());
        self.room.account(|health| {
            health.refused = None;
            health.bytes = bytes.unwrap_or(health.bytes);
        });
    }

    fn retain(&mut self) {
        let Some(store) = &mut self.store else { return };
        let begun = Instant::now();
        match store.retain(&self.rules) {
            Ok(removed) => {
                self.tell_of_removed(&removed);
                tracing::trace!(elapsed = ?begun.elapsed(), ticks = removed.ticks, "retention");
            }
            // Old pages are where damage is met first.
            Err(error) => {
                if !self.mend(&error) {
                    tracing::warn!(error = %chain(&error), "what is old cannot be removed");
                }
            }
        }
    }

    fn tell_of_removed(&self, removed: &Removed) {
        for (sink, samples) in &removed.undelivered {
            tracing::warn!(sink, samples, "samples were removed before they were delivered; so many in all");
        }
        let short = removed.early || removed.exhausted;
        self.room.account(|health| {
            if short && !health.short {
                tracing::warn!(exhausted = removed.exhausted, "the store or its disk is full: old samples go early");
            }
            health.short = short;
        });
    }
}

/// The clock was set back, or a value that nothing can hold: no second try will help, and others wait.
const fn is_hopeless(error: &StoreError) -> bool {
    matches!(error, StoreError::TickNotAfter { .. } | StoreError::Unstorable { .. } | StoreError::Contradiction { .. })
}

/// Says in the log what became of a damaged store.
pub(super) fn tell_of(aside: &SetAside) {
    tracing::error!(
        file = %aside.file.display(),
        reason = %aside.reason,
        rows = aside.rows(),
        stopped = aside.stopped.as_deref().unwrap_or("no"),
        "a damaged store is set aside; so many rows of it are in the new one"
    );
    for saved in aside.saved.iter().filter(|saved| !saved.whole) {
        tracing::error!(table = %saved.table, rows = saved.rows, "not all of this table could be read");
    }
    for saved in aside.saved.iter().filter(|saved| saved.odd > 0) {
        tracing::error!(
            table = %saved.table,
            rows = saved.odd,
            "rows with a value that no version writes are left out, or saved without it"
        );
    }
}

/// Says in the log which changes of outages a tick was written without: how many, and the first of them.
fn tell_of_misfits(commit: &Commit, misfits: &[Misfit]) {
    let first: Vec<String> = misfits
        .iter()
        .take(MISFITS_TOLD)
        .map(|misfit| format!("{}: {:?}", misfit.what, commit.changes.get(misfit.change)))
        .collect();
    let (at, number) = (commit.tick.at, misfits.len());
    tracing::error!(%at, number, first = %first.join("; "), "changes of outages contradict the store and are given up");
}

/// A tick as it was written.
fn without(commit: &Commit, misfits: &[Misfit]) -> Commit {
    let mut written = commit.clone();
    let mut given_up = misfits.iter().map(|misfit| misfit.change).peekable();
    let mut number = 0..;
    written.changes.retain(|_| number.next().is_none_or(|number| given_up.next_if_eq(&number).is_none()));
    written
}

fn sink(store: &mut Store, name: &str, order: &SinkOrder) -> Result<(), StoreError> {
    match order {
        SinkOrder::Advance { seq, numbering } => store.advance_sink(name, *seq, *numbering),
        SinkOrder::Reject(lines) => store.reject(name, lines),
        SinkOrder::Forget(lines, why) => store.forget_rejected(name, lines, *why),
        // The desk itself looks.
        SinkOrder::Damaged(_) => Ok(()),
    }
}

/// Why an order of a sink was not carried out, in words for people.
fn not_noted(error: RecordError) -> String {
    match error {
        // Nothing is wrong with the store.
        RecordError::Refused(full @ StoreError::RejectedFull { .. }) => full.to_string(),
        error @ (RecordError::Refused(_) | RecordError::Away(_) | RecordError::Gone) => {
            format!("the store cannot note what InfluxDB has: {:#}", anyhow::Error::from(error))
        }
    }
}
