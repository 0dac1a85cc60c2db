//! Wires the sink into the daemon.

use anyhow::Context as _;
use phusong_model::{InfluxHealth, config::Config};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{InfluxSettings, Sink, Wires};
use crate::recorder::Recorder;

/// The sink waits for the answer to each order, so there is never more than one.
const ORDERS: usize = 1;

/// Starts the sink where `[influx]` is configured. The account it keeps is `None` for ever where it is not.
pub(crate) fn start(
    tasks: &mut JoinSet<()>,
    config: &Config,
    recorder: &Recorder,
    committed: watch::Receiver<i64>,
    stopping: &watch::Receiver<bool>,
) -> anyhow::Result<watch::Receiver<Option<InfluxHealth>>> {
    let (health, account) = watch::channel(None);
    let Some(influx) = &config.influx else { return Ok(account) };
    let settings = InfluxSettings {
        url: influx.url.clone(),
        org: influx.org.clone(),
        bucket: influx.bucket.clone(),
        token: influx.token_file.read().map_err(|fault| anyhow::anyhow!("{fault}"))?,
        timeout: influx.timeout.0,
        vantage: config.vantage.clone(),
    };
    let (orders, mut given) = mpsc::channel(ORDERS);
    let wires = Wires { orders, health, committed, stop: stopping.clone() };
    let sink = Sink::new(settings, config.store.folder.clone(), wires).context("[influx] cannot be used")?;
    tasks.spawn(sink.run());
    let recorder = recorder.clone();
    tasks.spawn(async move {
        while let Some((order, done)) = given.recv().await {
            recorder.sink(order, done).await;
        }
    });
    tracing::info!(url = %influx.url, bucket = %influx.bucket, "writing to InfluxDB");
    Ok(account)
}
