//! The books: every datagram that was taken for a notification, once.

use std::sync::atomic::{AtomicU64, Ordering};

use phusong_model::{TrapCounts, TrapRefusals};

/// Counters that grow only.
#[derive(Debug, Default)]
pub struct Counters {
    pub(super) acted: Count,
    pub(super) ignored: Count,
    pub(super) limited: Count,
    pub(super) unknown_source: Count,
    pub(super) credential: Count,
    pub(super) unreadable: Count,
}

impl Counters {
    /// What they say now.
    #[must_use]
    pub fn read(&self) -> TrapCounts {
        let refused = TrapRefusals {
            unknown_source: self.unknown_source.read(),
            credential: self.credential.read(),
            unreadable: self.unreadable.read(),
        };
        let (acted, ignored, limited) = (self.acted.read(), self.ignored.read(), self.limited.read());
        let received = acted + ignored + limited + refused.total();
        TrapCounts { received, acted, ignored, limited, refused, refused_at: None }
    }
}

#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
