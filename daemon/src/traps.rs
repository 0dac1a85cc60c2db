//! SNMP traps: a device says that something happened, so it is polled now and the next tick comes early. The listener has
//! a thread of its own: a flood of datagrams takes one core at most, and nothing from ticks, polls or answers.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::Context as _;
use phusong_model::{TrapCounts, UtcMs, config::Config};
use phusong_probes::{
    snmp::Credentials,
    trap::{Counters, Engine, Listener, ListenerError, TrapHint},
};
use tokio::sync::watch;

use crate::polls::Senders;

/// The file in the data folder that says who we are to senders of SNMPv3 informs.
const ENGINE_FILE: &str = "snmp-engine.toml";

/// How long after a failure the port is tried again: whoever held it may have ended.
const TRY_AGAIN: Duration = Duration::from_secs(30);

/// What the listener's thread works with.
struct Traps {
    address: SocketAddr,
    engine_file: PathBuf,
    engine: Option<Engine>,
    senders: watch::Receiver<Arc<Senders>>,
    counters: Arc<Counters>,
    stopping: watch::Receiver<bool>,
}

/// Starts listening when the configuration says where; it ends when `stopping` says so. That the port cannot be had is
/// no reason not to probe.
pub(crate) fn start(
    config: &Config,
    senders: watch::Receiver<Arc<Senders>>,
    stopping: &watch::Receiver<bool>,
) -> anyhow::Result<(Arc<Counters>, Option<JoinHandle<()>>)> {
    let counters = Arc::new(Counters::default());
    let Some(address) = config.traps.listen else { return Ok((counters, None)) };
    let traps = Traps {
        address,
        engine_file: config.store.folder.join(ENGINE_FILE),
        engine: None,
        senders,
        counters: Arc::clone(&counters),
        stopping: stopping.clone(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime for traps")?;
    let listening = move || runtime.block_on(traps.serve());
    let thread = thread::Builder::new()
        .name("traps".to_owned())
        .spawn(listening)
        .context("the thread for traps cannot start")?;
    Ok((counters, Some(thread)))
}

/// Why one listener is followed by another.
enum Ended {
    Stopping,
    Reloaded,
    Failed(ListenerError),
}

impl Traps {
    async fn serve(mut self) {
        loop {
            match self.listen().await {
                Ended::Stopping => return,
                Ended::Reloaded => {}
                Ended::Failed(error) => {
                    let chain = format!("{:#}", anyhow::Error::from(error));
                    tracing::error!(error = %chain, "no traps are heard; probing goes on without them");
                    tokio::select! {
                        () = tokio::time::sleep(TRY_AGAIN) => {}
                        _ = self.stopping.wait_for(|stop| *stop) => return,
                    }
                }
            }
        }
    }

    async fn listen(&mut self) -> Ended {
        let senders = self.senders.borrow_and_update().clone();
        let Some(credentials) = &senders.credentials else {
            return if self.senders.changed().await.is_ok() { Ended::Reloaded } else { Ended::Stopping };
        };
        let mut listener = match self.open(&senders, credentials).await {
            Ok(listener) => listener,
            Err(error) => return Ended::Failed(error),
        };
        tracing::info!(address = %listener.address(), "listening for traps");
        loop {
            tokio::select! {
                hint = listener.next() => match hint {
                    Ok(hint) => heed(&senders, hint),
                    Err(error) => return Ended::Failed(error),
                },
                // An error means that the sender is gone: the daemon is stopping.
                changed = self.senders.changed() => return if changed.is_ok() { Ended::Reloaded } else { Ended::Stopping },
                _ = self.stopping.wait_for(|stop| *stop) => return Ended::Stopping,
            }
        }
    }

    async fn open(&mut self, senders: &Arc<Senders>, credentials: &Credentials) -> Result<Listener, ListenerError> {
        if self.engine.is_none() && credentials.have_users() {
            match Engine::start(&self.engine_file) {
                Ok(engine) => self.engine = Some(engine),
                Err(error) => {
                    let chain = format!("{:#}", anyhow::Error::from(error));
                    tracing::error!(error = %chain, "SNMPv3 traps are refused; others are heard");
                }
            }
        }
        let known = Arc::clone(senders);
        let known = Arc::new(move |address: IpAddr| known.know(address));
        Listener::bind(self.address, credentials, self.engine.as_ref(), known, Arc::clone(&self.counters)).await
    }
}

/// What a hint is worth: a poll of the device, which hastens the next tick when it has ended.
fn heed(senders: &Senders, hint: TrapHint) {
    tracing::debug!(source = %hint.source, kind = ?hint.kind, interface = ?hint.if_index, "a trap hastens the next look");
    senders.nudge(hint.source);
}

/// The counters as the tick `at` shows them, after those of the tick `before`.
pub(crate) fn account(now: TrapCounts, before: TrapCounts, at: UtcMs) -> TrapCounts {
    let unwanted = |counts: TrapCounts| counts.refused.total() + counts.limited;
    let refused_at = if unwanted(now) > unwanted(before) { Some(at) } else { before.refused_at };
    TrapCounts { refused_at, ..now }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_tick_with_unwanted_traps_is_remembered() {
        let limited = TrapCounts { received: 9, acted: 4, limited: 5, ..TrapCounts::NONE };
        let first = account(limited, TrapCounts::NONE, UtcMs(1_000));
        assert_eq!(first.refused_at, Some(UtcMs(1_000)));
        let acted = TrapCounts { received: 10, acted: 5, ..limited };
        let second = account(acted, first, UtcMs(2_000));
        assert_eq!((second.refused_at, second.acted), (Some(UtcMs(1_000)), 5));
        assert_eq!(account(acted, acted, UtcMs(3_000)).refused_at, None);
    }
}
