//! Wires the sinks into the daemon.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use phusong_model::{
    InfluxHealth, chain,
    command::OrderError,
    config::{Config, InfluxConfig},
};
use phusong_store::{Reader, StoreError};
use tokio::{
    sync::{Mutex, mpsc, watch},
    task::{JoinSet, spawn_blocking},
};

use super::{InfluxSettings, Sink, SinkRequest, Wires};
use crate::recorder::{Recorder, WeakRecorder};

/// A sink waits for the answer to each order, so there is never more than one.
const ORDERS: usize = 1;

/// What orders about the replicas need.
#[derive(Clone)]
pub(crate) struct Replicas {
    /// The replicas in the order of the configuration.
    pub(super) all: Vec<Arc<InfluxSettings>>,
    /// The data folder.
    folder: PathBuf,
    /// Who writes the store.
    pub(super) recorder: WeakRecorder,
    /// Held while rejected lines are sent again.
    pub(super) retrying: Arc<Mutex<()>>,
}

impl Replicas {
    /// Those of a configuration, with their tokens.
    pub(crate) fn of(config: &Config, recorder: &Recorder) -> anyhow::Result<Self> {
        let all = config.influx.iter().map(|influx| settings(config, influx).map(Arc::new));
        let (all, folder) = (all.collect::<anyhow::Result<_>>()?, config.store.folder.clone());
        Ok(Self { all, folder, recorder: recorder.downgrade(), retrying: Arc::default() })
    }

    /// The one of this name; all without one.
    pub(super) fn named(&self, name: Option<&str>) -> Result<Vec<Arc<InfluxSettings>>, OrderError> {
        if self.all.is_empty() {
            return Err(OrderError::NoReplicas);
        }
        let Some(name) = name else { return Ok(self.all.clone()) };
        let found: Vec<_> = self.all.iter().filter(|replica| replica.name == name).cloned().collect();
        if found.is_empty() {
            let known = self.all.iter().map(|replica| replica.name.clone()).collect();
            return Err(OrderError::UnknownReplica { replica: name.to_owned(), known });
        }
        Ok(found)
    }

    /// Reads the store on a thread that may block; what cannot be read is reported to who can mend it.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, String> {
        let folder = self.folder.clone();
        let reading = spawn_blocking(move || Reader::open(&folder).and_then(|reader| work(&reader)));
        reading.await.map_err(|error| error.to_string())?.map_err(|error| {
            let reason = chain(&error);
            if error.is_unreadable() {
                self.recorder.damaged(reason.clone());
            }
            reason
        })
    }
}

/// Starts a sink for each replica, and gives their accounts.
pub(crate) fn start(
    tasks: &mut JoinSet<()>,
    replicas: &Replicas,
    recorder: &Recorder,
    committed: &watch::Receiver<i64>,
    stopping: &watch::Receiver<bool>,
) -> anyhow::Result<Vec<watch::Receiver<Option<InfluxHealth>>>> {
    let start = |settings: &Arc<InfluxSettings>| {
        let (orders, mut given) = mpsc::channel::<SinkRequest>(ORDERS);
        let (health, account) = watch::channel(None);
        let wires = Wires { orders, health, committed: committed.clone(), stop: stopping.clone() };
        let (name, url, bucket) = (Arc::<str>::from(settings.name.as_str()), &settings.url, &settings.bucket);
        let settings = InfluxSettings::clone(settings);
        tracing::info!(replica = %name, %url, %bucket, "writing to InfluxDB");
        let sink = Sink::new(settings, replicas.folder.clone(), wires).context("[influx] cannot be used")?;
        tasks.spawn(sink.run());
        let recorder = recorder.clone();
        tasks.spawn(async move {
            while let Some((order, done)) = given.recv().await {
                recorder.sink(name.clone(), order, done).await;
            }
        });
        Ok(account)
    };
    replicas.all.iter().map(start).collect()
}

/// A replica with its token.
fn settings(config: &Config, influx: &InfluxConfig) -> anyhow::Result<InfluxSettings> {
    Ok(InfluxSettings {
        name: influx.name.clone(),
        url: influx.url.clone(),
        org: influx.org.clone(),
        bucket: influx.bucket.clone(),
        token: influx.token_file.read().map_err(|fault| anyhow::anyhow!("{fault}"))?,
        ca_file: influx.ca_file.clone(),
        timeout: influx.timeout.0,
        vantage: config.vantage.clone(),
    })
}
