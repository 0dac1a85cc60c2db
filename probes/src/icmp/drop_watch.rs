//! When our own kernel dropped packets: a loss of that time proves nothing, one of another time does.

use std::{
    io,
    time::{Duration, Instant},
};

use super::{drops::Drops, packet::Family, socket::IcmpSocket};

/// How often the kernel's counts are read. An echo is blind when it was in flight in such an interval with a drop; reading
/// costs some 20 microseconds.
const INTERVAL: Duration = Duration::from_millis(50);

/// The counts at the last look, by socket.
#[derive(Debug)]
pub(super) struct DropWatch {
    before: Vec<Drops>,
    next: Instant,
    total: u64,
}

impl DropWatch {
    /// Watches from now on.
    pub(super) fn start(sockets: &[&IcmpSocket], now: Instant) -> Self {
        Self {
            before: sockets.iter().map(|socket| count(socket, Drops::default())).collect(),
            next: now + INTERVAL,
            total: 0,
        }
    }

    /// Whether it is time for a look.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        now >= self.next
    }

    /// The families whose socket dropped packets since the last look.
    pub(super) fn look(&mut self, sockets: &[&IcmpSocket], now: Instant) -> Vec<Family> {
        self.next = now + INTERVAL;
        let mut dropped = Vec::new();
        for (socket, before) in sockets.iter().zip(&mut self.before) {
            let count = count(socket, *before);
            let since = count.since(*before);
            *before = count;
            self.total += since;
            if since > 0 {
                dropped.push(socket.family());
            }
        }
        dropped
    }

    /// Drops since the start.
    pub(super) const fn total(&self) -> u64 {
        self.total
    }
}

/// The socket's counts; those before when they cannot be read.
fn count(socket: &IcmpSocket, before: Drops) -> Drops {
    let unknown = |error: &io::Error| tracing::debug!(%error, "receive drops are unknown");
    socket.drops().inspect_err(unknown).unwrap_or(before)
}
