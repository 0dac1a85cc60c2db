//! Names of services, by the resolver of the system.

use std::{
    net::{SocketAddr, ToSocketAddrs as _},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

/// Names that are looked up at once. The system's resolver may hold its thread for half a minute when its servers are
/// silent, long after we have stopped waiting; so many threads it may have, and the daemon's other work keeps the rest.
const LOOKUPS: usize = 8;

/// Addresses of a name that are asked in turn. Platforms have one or two; a name with hundreds would thin the attempts.
const ADDRESSES_MAX: usize = 4;

/// Looks names up.
#[derive(Debug, Clone)]
pub(super) struct Resolver {
    slots: Arc<Semaphore>,
}

impl Resolver {
    pub(super) fn new() -> Self {
        Self { slots: Arc::new(Semaphore::new(LOOKUPS)) }
    }

    /// The addresses of a name, in the order in which a program of this machine would use them (RFC 6724); none when the
    /// resolver does not tell in time.
    pub(super) async fn find(&self, name: &str, port: u16, within: Duration) -> Option<Vec<SocketAddr>> {
        let (slots, name) = (self.slots.clone(), name.to_owned());
        let found = timeout(within, async move {
            let slot = slots.acquire_owned().await.ok()?;
            let lookup = spawn_blocking(move || {
                let found = (name.as_str(), port).to_socket_addrs();
                // Held as long as the thread is, and not only as long as somebody waits for it.
                drop(slot);
                found
            });
            let mut addresses: Vec<SocketAddr> = lookup.await.ok()?.ok()?.collect();
            addresses.dedup();
            addresses.truncate(ADDRESSES_MAX);
            Some(addresses)
        });
        found.await.ok()?.filter(|addresses| !addresses.is_empty())
    }
}
