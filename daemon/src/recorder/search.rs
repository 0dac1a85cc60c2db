//! The look at all of a store that somebody could not read, on a thread of its own: tens of gigabytes take minutes, and the
//! one who writes must not wait for them. It opens a reader of its own and only reads, so a stop leaves it to the end of
//! the process. As any long reading it holds up the log's way back into the database, which grows by what is written
//! meanwhile: some tens of megabytes in a province.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use phusong_store::Store;

/// So long no other look begins after one, and at least for as long as that one took: whoever asks again
/// and again must not keep the disk busy.
const REST: Duration = Duration::from_secs(600);

/// The look under way, if there is one.
#[derive(Default)]
pub(super) struct Search {
    under_way: Option<UnderWay>,
    /// Until then none begins.
    rests_until: Option<Instant>,
}

struct UnderWay {
    thread: thread::JoinHandle<bool>,
    reason: String,
    begun: Instant,
    /// Has the thread end soon once nobody waits for it.
    _wanted: Wanted,
}

/// Whether somebody still wants what a look finds.
struct Wanted(Arc<AtomicBool>);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Search {
    /// Has the store of a folder looked at from end to end, unless that is being done or was done lately.
    pub(super) fn begin(&mut self, folder: &Path, reason: &str) {
        if self.under_way.is_some() || self.rests_until.is_some_and(|until| Instant::now() < until) {
            return;
        }
        let wanted = Wanted(Arc::new(AtomicBool::new(true)));
        let (folder, still) = (folder.to_owned(), wanted.0.clone());
        let look = move || Store::is_damaged(&folder, &|| still.load(Ordering::Relaxed));
        match thread::Builder::new().name("search".to_owned()).spawn(look) {
            Ok(thread) => {
                tracing::warn!(reason, "the store could not be read; all of it is looked at, and is written meanwhile");
                let reason = reason.to_owned();
                self.under_way = Some(UnderWay { thread, reason, begun: Instant::now(), _wanted: wanted });
            }
            Err(error) => tracing::error!(%error, "the store cannot be looked at"),
        }
    }

    /// Why the look was taken, when it has ended and found damage. It is told once.
    pub(super) fn found(&mut self) -> Option<String> {
        let UnderWay { thread, reason, begun, _wanted } = self.under_way.take_if(|look| look.thread.is_finished())?;
        let elapsed = begun.elapsed();
        self.rests_until = Instant::now().checked_add(elapsed.max(REST));
        match thread.join() {
            Ok(true) => return Some(reason),
            Ok(false) => tracing::warn!(reason, ?elapsed, "all of the store was looked at, and no damage was found"),
            Err(_) => tracing::error!(reason, "the look at the store ended by a panic"),
        }
        None
    }

    /// The store becomes another one: what is found in the files of before no longer counts.
    pub(super) fn forget(&mut self) {
        self.under_way = None;
    }
}
