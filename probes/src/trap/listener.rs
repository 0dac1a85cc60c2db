//! The socket: notifications in, hints out.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use phusong_model::TrapCounts;
use snmp::NotificationReceiver;
use thiserror::Error;
use tracing::{Dispatch, instrument::WithSubscriber as _};

use super::{TrapHint, counts::Counters, engine::Engine, gate::Gate, hint, limit::Limits, unreadable};
use crate::snmp::Credentials;

/// Why no notifications are taken.
#[derive(Debug, Error)]
pub enum ListenerError {
    /// The address cannot be listened on.
    #[error("cannot listen for SNMP traps on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the library or the system said.
        source: Box<snmp::Error>,
    },
    /// The socket failed.
    #[error("the socket for SNMP traps on {address} failed")]
    Receive {
        /// The address.
        address: SocketAddr,
        /// What the library or the system said.
        source: Box<snmp::Error>,
    },
}

/// Takes SNMP notifications and gives hints. Informs are acknowledged, those that are not acted on too: the sender has
/// done its part and need not repeat it.
pub struct Listener {
    receiver: NotificationReceiver,
    pub(super) counters: Arc<Counters>,
    limits: Limits,
    ear: Dispatch,
}

impl Listener {
    /// Listens for what devices send with any of the credentials. `engine` is who we are to senders of SNMPv3 informs;
    /// without it nobody is believed over SNMPv3. `known` says which addresses are devices of the inventory.
    ///
    /// # Errors
    /// When the address is taken, needs a right that we do not have, or is not ours.
    pub async fn bind(
        address: SocketAddr,
        credentials: &Credentials,
        engine: Option<&Engine>,
        known: Arc<dyn Fn(IpAddr) -> bool + Send + Sync>,
        counters: Arc<Counters>,
    ) -> Result<Self, ListenerError> {
        let inbound = credentials.inbound();
        let gate = Gate::new(inbound, known, Arc::clone(&counters));
        let failed = |source| ListenerError::Bind { address, source };
        let mut builder = NotificationReceiver::builder()
            .bind(address.to_string())
            // Communities are judged by the gate, which counts; the library would drop without a word.
            .acceptance_policy(move |envelope| gate.judge(envelope));
        if let Some(engine) = engine {
            builder = builder.authoritative_engine(engine.authoritative());
            // The last one of a name stays in the library; the first one of the configuration is to count.
            for user in inbound.users.iter().rev() {
                let ours = user.clone();
                builder = builder
                    .usm_user(user.username().clone(), |_| Ok(ours))
                    .map_err(|error| failed(Box::new(snmp::Error::Config(error.to_string().into()))))?;
            }
        }
        let receiver = builder.build().await.map_err(failed)?;
        let ear = unreadable::ear(Arc::clone(&counters));
        Ok(Self { receiver, counters, limits: Limits::new(Instant::now()), ear })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.receiver.local_addr()
    }

    /// What came so far, this listener's predecessors with the same counters included.
    #[must_use]
    pub fn counts(&self) -> TrapCounts {
        self.counters.read()
    }

    /// The next hint to act on. Whatever is not one is counted and not told.
    ///
    /// # Errors
    /// When the socket fails; the listener may be asked again, or made anew.
    pub async fn next(&mut self) -> Result<TrapHint, ListenerError> {
        loop {
            let received = self.receiver.recv().with_subscriber(self.ear.clone()).await;
            let received =
                received.map_err(|source| ListenerError::Receive { address: self.receiver.local_addr(), source })?;
            let source = received.source.ip().to_canonical();
            let Some(hint) = hint::of(source, &received.notification) else {
                self.counters.ignored.add();
                continue;
            };
            if !self.limits.admit(source, Instant::now()) {
                self.counters.limited.add();
                continue;
            }
            self.counters.acted.add();
            return Ok(hint);
        }
    }
}
