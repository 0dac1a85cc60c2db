//! SIGHUP: the new configuration is checked as a whole, then applied as a difference; or the old one stays in force and
//! the reason is said.

use std::{path::Path, sync::Arc};

use phusong_geodata::Geodata;
use phusong_model::{Fault, Faults, config::Config};
use phusong_probes::service::Trust;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

use crate::{
    checked::{self, Checked},
    coverage,
    notify::Channels,
    recorder::Recorder,
    systemd,
    tick::{Reload, wall},
};

/// What a reload needs.
pub(crate) struct Reloader {
    pub(crate) path: std::path::PathBuf,
    /// The configuration the daemon was started with: what a reload cannot change is compared with it.
    pub(crate) started_with: Config,
    pub(crate) recorder: Recorder,
    pub(crate) reloads: mpsc::Sender<Reload>,
    /// Whom looks on demand trust.
    pub(crate) trusted: watch::Sender<Trust>,
    /// By which ways a test goes.
    pub(crate) told: watch::Sender<Channels>,
    pub(crate) refused: watch::Sender<Option<String>>,
    /// The computation of coverage at the start. A reload waits for it, or the older figures could be written last.
    pub(crate) first_coverage: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Reloader {
    /// Reloads once. Never fails: what is wrong is logged and shown by `phusong status`.
    pub(crate) async fn reload(&self) {
        systemd::reloading();
        match self.apply().await {
            Ok(()) => {
                self.refused.send_replace(None);
                tracing::info!("reloaded");
                systemd::ready("reloaded");
            }
            Err(faults) => {
                let first =
                    faults.0.first().map_or_else(String::new, |fault| fault.to_string().replace("\n  hint:", ";"));
                tracing::error!(faults = faults.0.len(), first = %first, "reload refused, the configuration before it stays in force");
                self.refused.send_replace(Some(first));
                systemd::ready("reload refused, the configuration before it stays in force");
            }
        }
    }

    async fn apply(&self) -> Result<(), Faults> {
        let (checked, geodata) = check(&self.path).await?;
        unchanged(&self.path, &self.started_with, &checked.config)?;
        checked.log_remarks();
        let Checked { config, inventory, credentials, trust, profiles, channels } = checked;
        let inventory = Arc::new(inventory);
        let folder = config.store.folder.clone();
        if let Err(error) = self.recorder.inventory(inventory.clone(), wall()).await {
            let reason = format!("{:#}", anyhow::Error::from(error));
            return Err(one(
                &folder,
                format!("the store refused the new inventory: {reason}"),
                "see `phusong status`, then reload again",
            ));
        }
        let (done, applied) = oneshot::channel();
        self.trusted.send_replace(trust.clone());
        self.told.send_replace(Channels { all: channels.clone(), inventory: inventory.clone() });
        let reload = Reload { config, inventory: inventory.clone(), credentials, profiles, trust, channels, done };
        if self.reloads.send(reload).await.is_ok() {
            // An error means that the daemon is stopping; then there is nothing left to apply.
            let _ = applied.await;
        }
        if let Some(first) = self.first_coverage.lock().await.take() {
            // A computation that panicked has said so.
            let _ = first.await;
        }
        coverage::recompute(geodata, inventory, self.recorder.clone(), folder).await;
        Ok(())
    }
}

async fn check(path: &Path) -> Result<(Checked, Geodata), Faults> {
    let file = path.to_owned();
    tokio::task::spawn_blocking(move || checked::read_all(&file))
        .await
        .unwrap_or_else(|error| Err(one(path, format!("checking stopped: {error}"), "report this as a bug")))
}

/// Refuses what only a restart can change.
fn unchanged(path: &Path, before: &Config, after: &Config) -> Result<(), Faults> {
    let parts = [
        ("store", before.store == after.store),
        ("api", before.api == after.api),
        ("traps", before.traps == after.traps),
        ("influx", before.influx == after.influx),
        ("vantage", before.vantage == after.vantage),
    ];
    let faults: Vec<Fault> = parts
        .iter()
        .filter(|(_, same)| !same)
        .map(|(part, _)| Fault::of_file(path, format!("a reload cannot change {part}"), "systemctl restart phusongd"))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
}

fn one(path: &Path, message: String, hint: &str) -> Faults {
    Faults(vec![Fault::of_file(path, message, hint)])
}
