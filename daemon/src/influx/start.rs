//! Wires the sinks into the daemon.

use std::{path::Path, sync::Arc};

use anyhow::Context as _;
use phusong_model::{
    Fault, InfluxHealth,
    config::{Config, InfluxConfig},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{InfluxSettings, Sink, Wires};
use crate::{http::Http, recorder::Recorder};

/// A sink waits for the answer to each order, so there is never more than one.
const ORDERS: usize = 1;

/// Looks at the certificates that `[influx]` names; a start would fail by them. Nothing is asked of InfluxDB.
pub(crate) fn look(file: &Path, config: &Config) -> Vec<Fault> {
    let named = config.influx.iter().filter(|influx| influx.ca_file.is_some());
    let refused = named.filter_map(|influx| Http::keeping(influx.ca_file.as_deref(), influx.timeout.0).err());
    let hint = "name a file of certificates in PEM as ca_file in [influx], or remove that key";
    refused.map(|error| Fault::of_file(file, format!("{:#}", anyhow::Error::from(error)), hint)).collect()
}

/// Starts a sink for each replica that is configured, and gives their accounts.
pub(crate) fn start(
    tasks: &mut JoinSet<()>,
    config: &Config,
    recorder: &Recorder,
    committed: &watch::Receiver<i64>,
    stopping: &watch::Receiver<bool>,
) -> anyhow::Result<Vec<watch::Receiver<Option<InfluxHealth>>>> {
    let start = |influx| start_one(tasks, (config, influx), recorder, (committed.clone(), stopping.clone()));
    config.influx.iter().map(start).collect()
}

fn start_one(
    tasks: &mut JoinSet<()>,
    (config, influx): (&Config, &InfluxConfig),
    recorder: &Recorder,
    (committed, stop): (watch::Receiver<i64>, watch::Receiver<bool>),
) -> anyhow::Result<watch::Receiver<Option<InfluxHealth>>> {
    let settings = settings(config, influx)?;
    let (health, account) = watch::channel(None);
    let (orders, mut given) = mpsc::channel(ORDERS);
    let wires = Wires { orders, health, committed, stop };
    let sink = Sink::new(settings, config.store.folder.clone(), wires).context("[influx] cannot be used")?;
    tasks.spawn(sink.run());
    let (recorder, name) = (recorder.clone(), Arc::<str>::from(influx.name.as_str()));
    tasks.spawn(async move {
        while let Some((order, done)) = given.recv().await {
            recorder.sink(name.clone(), order, done).await;
        }
    });
    tracing::info!(replica = %influx.name, url = %influx.url, bucket = %influx.bucket, "writing to InfluxDB");
    Ok(account)
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
