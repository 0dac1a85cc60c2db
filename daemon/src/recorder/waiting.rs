//! The waiting room: ticks on their way to the disk. Usually one, for some milliseconds. While the disk refuses they
//! gather here, up to a limit, and answers are made of them too.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use phusong_model::{Inventory, StoreHealth, UtcMs};
use phusong_store::{Commit, Standing, Unstored};

/// Samples that may wait: an hour of 1,240 links at ten seconds, some 60 MB. Beyond it the oldest samples are given up;
/// what their ticks decided is not.
const SAMPLES_MOST: usize = 500_000;

/// Ticks that may wait, however few samples they have: beyond it the oldest become a part of the one after them.
const TICKS_MOST: usize = 10_000;

/// A tick that waits so long has met a disk that neither takes nor refuses it.
const SILENCE: Duration = Duration::from_secs(4);

/// Ticks that are not on disk, what stood before them, and how the store is.
#[derive(Debug)]
pub(crate) struct WaitingRoom(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    commits: VecDeque<Arc<Commit>>,
    samples: usize,
    /// A tick that was given up while none came after it.
    carried: Option<Arc<Commit>>,
    /// When the first of them came to be the first.
    since: Instant,
    standing: Standing,
    inventory: Arc<Inventory>,
    health: StoreHealth,
}

impl WaitingRoom {
    pub(super) fn new(inventory: Arc<Inventory>, standing: Standing, health: StoreHealth) -> Self {
        let (commits, since) = (VecDeque::new(), Instant::now());
        Self(Mutex::new(Inner { commits, samples: 0, carried: None, since, standing, inventory, health }))
    }

    /// A tick comes in.
    pub(super) fn push(&self, commit: Commit) {
        let mut inner = self.inner();
        if inner.commits.is_empty() {
            inner.since = Instant::now();
        }
        inner.samples += commit.samples.len();
        let carried = inner.carried.take();
        inner.commits.push_back(Arc::new(commit));
        if let Some(carried) = carried {
            inner.carry(&carried);
        }
        inner.shrink();
    }

    /// The tick that is to be written next.
    pub(super) fn first(&self) -> Option<Arc<Commit>> {
        self.inner().commits.front().cloned()
    }

    /// A tick is on disk, as it was written.
    pub(super) fn stored(&self, commit: &Commit) {
        let mut inner = self.inner();
        commit.changes.iter().for_each(|change| inner.standing.apply(change));
        inner.leave(commit.tick.at);
    }

    /// A tick can never be written. What it decided goes with the next one.
    pub(super) fn give_up(&self, commit: &Arc<Commit>) {
        let mut inner = self.inner();
        inner.health.refused_ticks += 1;
        if inner.leave(commit.tick.at) {
            inner.carry(commit);
        }
    }

    /// Another inventory is in force.
    pub(super) fn set_inventory(&self, inventory: Arc<Inventory>) {
        self.inner().inventory = inventory;
    }

    pub(super) fn inventory(&self) -> Arc<Inventory> {
        self.inner().inventory.clone()
    }

    /// What stands before the ticks that wait.
    pub(super) fn standing(&self) -> Standing {
        self.inner().standing.clone()
    }

    /// Changes the account of the store.
    pub(super) fn account(&self, change: impl FnOnce(&mut StoreHealth)) {
        change(&mut self.inner().health);
    }

    /// How the store is, at this moment.
    pub(crate) fn health(&self) -> StoreHealth {
        let inner = self.inner();
        let mut health = inner.health.clone();
        health.waiting_ticks = inner.commits.len() as u64;
        if health.refused.is_none() && !inner.commits.is_empty() && inner.since.elapsed() > SILENCE {
            health.refused = Some(format!("the disk has not answered for {} s", inner.since.elapsed().as_secs()));
        }
        health
    }

    /// What answers are made of beside the store; none while it takes everything.
    pub(crate) fn unstored(&self) -> Option<Unstored> {
        self.health().refused?;
        let inner = self.inner();
        Some(Unstored {
            inventory: inner.inventory.clone(),
            standing: inner.standing.changes(),
            commits: inner.commits.iter().cloned().collect(),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Lets the first tick go; not another one, should it have become a part of the next while it was written.
    fn leave(&mut self, at: UtcMs) -> bool {
        if self.commits.front().is_none_or(|first| first.tick.at != at) {
            return false;
        }
        if let Some(gone) = self.commits.pop_front() {
            self.samples -= gone.samples.len();
            self.since = Instant::now();
        }
        true
    }

    /// Gives up samples of the oldest ticks beyond the limit, and joins ticks beyond theirs.
    fn shrink(&mut self) {
        for commit in &mut self.commits {
            if self.samples <= SAMPLES_MOST {
                break;
            }
            if !commit.samples.is_empty() {
                let commit = Arc::make_mut(commit);
                self.samples -= commit.samples.len();
                (commit.samples, commit.readings) = (Vec::new(), Vec::new());
                self.health.refused_ticks += 1;
            }
        }
        while self.commits.len() > TICKS_MOST {
            let Some(oldest) = self.commits.pop_front() else { return };
            self.samples -= oldest.samples.len();
            self.health.refused_ticks += u64::from(!oldest.samples.is_empty());
            self.carry(&oldest);
        }
    }

    /// What a tick decided and told becomes a part of the first one that waits, or of the next that comes.
    fn carry(&mut self, from: &Arc<Commit>) {
        let Some(next) = self.commits.front_mut() else {
            self.carried = Some(from.clone());
            return;
        };
        let next = Arc::make_mut(next);
        next.changes.splice(..0, from.changes.iter().cloned());
        next.tellings.splice(..0, from.tellings.iter().cloned());
    }
}

#[cfg(test)]
mod tests {
    use phusong_model::{LinkState, Millis, Outcome, Probe, Sample};

    use super::{
        super::tests::{commit, turns},
        *,
    };

    fn room() -> WaitingRoom {
        WaitingRoom::new(Arc::default(), Standing::default(), StoreHealth::default())
    }

    fn with_samples(at: i64, count: usize) -> Commit {
        let outcome = Outcome::Blind(phusong_model::BlindReason::SendError);
        let sample = Sample { link: "a".parse().expect("id"), probe: Probe::Icmp, outcome };
        let turns = turns("a", LinkState::Up, UtcMs(at));
        Commit { samples: vec![sample; count], ..commit(UtcMs(at), vec![turns]) }
    }

    #[test]
    fn beyond_the_limit_the_oldest_samples_are_given_up_and_no_decision_is() {
        let room = room();
        (0..12).for_each(|at| room.push(with_samples(at, SAMPLES_MOST / 10)));
        assert_eq!((room.health().waiting_ticks, room.health().refused_ticks), (12, 2));
        let mut kept = Vec::new();
        while let Some(first) = room.first() {
            assert_eq!(first.changes.len(), 1);
            kept.push(first.samples.len());
            room.stored(&first);
        }
        assert_eq!(kept[..2], [0, 0]);
        assert!(kept[2..].iter().all(|samples| *samples == SAMPLES_MOST / 10));
        assert_eq!(room.health().waiting_ticks, 0);
    }

    #[test]
    fn beyond_the_limit_of_ticks_the_oldest_is_told_with_the_next() {
        let room = room();
        (0..TICKS_MOST as i64 + 3).for_each(|at| room.push(with_samples(at, 0)));
        let first = room.first().expect("a tick");
        assert_eq!((first.tick.at, first.changes.len()), (UtcMs(3), 4));
        assert_eq!(room.health().waiting_ticks, TICKS_MOST as u64);
    }

    #[test]
    fn answers_are_made_of_what_waits_only_while_the_disk_refuses() {
        let room = room();
        room.push(with_samples(10, 1));
        assert!(room.unstored().is_none(), "it is on its way");
        room.account(|health| health.refused = Some("no space".to_owned()));
        let unstored = room.unstored().expect("refused");
        assert_eq!((unstored.commits.len(), unstored.standing.len()), (1, 0));
        room.account(|health| health.refused = None);
        let first = room.first().expect("a tick");
        room.stored(&first);
        room.account(|health| health.refused = Some("no space".to_owned()));
        assert_eq!(room.unstored().expect("refused").standing.len(), 1, "what was stored stands");
        assert_eq!(first.tick.period, Millis(10_000));
    }
}
