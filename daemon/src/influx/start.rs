//! Wires the sink into the daemon.

use std::path::Path;

use anyhow::Context as _;
use phusong_model::{Fault, InfluxHealth, config::Config};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

use super::{InfluxSettings, Sink, Wires};
use crate::{http::Http, recorder::Recorder};

/// The sink waits for the answer to each order, so there is never more than one.
const ORDERS: usize = 1;

/// Looks at the certificates that `[influx]` names; a start would fail by them. Nothing is asked of InfluxDB.
pub(crate) fn look(file: &Path, config: &Config) -> Result<(), Fault> {
    let Some(influx) = config.influx.as_ref().filter(|influx| influx.ca_file.is_some()) else { return Ok(()) };
    Http::keeping(influx.ca_file.as_deref(), influx.timeout.0).map(|_| ()).map_err(|error| {
        let hint = "name a file of certificates in PEM as ca_file in [influx], or remove that key";
        Fault::of_file(file, format!("{:#}", anyhow::Error::from(error)), hint)
    })
}

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
        ca_file: influx.ca_file.clone(),
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
