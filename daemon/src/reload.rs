//! SIGHUP: the new configuration is checked as a whole, then applied as a difference; or the old one stays in force and
//! the reason is said.

use std::{path::Path, sync::Arc};

use phusong_checks::Checked;
use phusong_gaps::ToForce;
use phusong_geodata::Geodata;
use phusong_model::{
    DatasetName, Fault, Faults, ImportLog, ImportVersion, UtcMs,
    command::{ForceAnswer, ForceOrder, ImportAnswer, OrderError},
    config::Config,
};
use phusong_probes::service::Trust;
use phusong_store::{Reader, StoreError};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    coverage,
    imports::{Candidate, Change, ImportRequest, Judged, NOW, in_force, judge, with_imports},
    notify::Channels,
    recorder::Recorder,
    run::log_remarks,
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
    /// What was read and computed of the geodata before.
    pub(crate) geodata: coverage::Kept,
}

/// Everything that is to be in force, found sound and not in force yet.
struct Sound {
    checked: Checked,
    judged: Judged,
    at: UtcMs,
}

impl Reloader {
    /// Takes in what the configuration names and computes coverage, once after the start. A bad layer is no reason not to
    /// probe: what is wrong is logged.
    pub(crate) async fn begin(&self) {
        let begun = async {
            let sound = self.sound(Change::Nothing).await?;
            let lists = sound.judged.brings_lists();
            let (checked, geodata) = self.keep(sound).await?;
            // Lists that are new come into an inventory that probing has begun with.
            if lists { self.put_in_force(checked, geodata).await } else { self.compute(checked, geodata).await }
        };
        if let Err(faults) = begun.await {
            tracing::error!(%faults, "the geodata cannot be used; the figures before stay in force");
        }
    }

    /// Reloads once. Never fails: what is wrong is logged and shown by `phusong status`.
    pub(crate) async fn reload(&self) {
        systemd::reloading();
        match self.apply(Change::Nothing).await {
            Ok(_) => {
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

    /// Carries out an order about datasets, which is a reload with one change more.
    pub(crate) async fn import(&self, request: ImportRequest) {
        match request {
            ImportRequest::Import { candidate, dry_run, done } => {
                let _ = done.send(self.import_file(*candidate, dry_run).await);
            }
            ImportRequest::Force { order, author, done } => drop(done.send(self.force(&order, author).await)),
        }
    }

    async fn import_file(&self, candidate: Candidate, dry_run: bool) -> Result<ImportAnswer, OrderError> {
        let name = candidate.name();
        let before = in_force_of(&self.started_with.store.folder, &name)?.map(|version| version.id);
        let mut answer = ImportAnswer {
            schema: ImportAnswer::SCHEMA.to_owned(),
            version: None,
            before,
            log: ImportLog::default(),
            computed: None,
            fault: None,
        };
        let sound = self.sound(Change::Import(Box::new(candidate))).await.map_err(faulty)?;
        let new = sound.judged.new.iter().find(|new| (new.kind, &new.dataset) == (name.kind, &name.name));
        answer.log = new.map(|new| new.log.clone()).unwrap_or_default();
        if dry_run {
            sound.judged.forget(&self.started_with.store.folder);
            return Ok(answer);
        }
        let (checked, geodata) = self.keep(sound).await.map_err(faulty)?;
        match self.put_in_force(checked, geodata).await {
            Ok(at) => answer.computed = Some(at),
            Err(faults) => answer.fault = Some(faults.to_string()),
        }
        answer.version = in_force_of(&self.started_with.store.folder, &name)?;
        Ok(answer)
    }

    async fn force(&self, order: &ForceOrder, author: String) -> Result<ForceAnswer, OrderError> {
        let folder = &self.started_with.store.folder;
        let stored = |error: StoreError| OrderError::NotStored { reason: format!("{:#}", anyhow::Error::from(error)) };
        let reader = Reader::open(folder).map_err(stored)?;
        let (versions, history) = (reader.imports(NOW).map_err(stored)?, reader.imports_in_force().map_err(stored)?);
        let ToForce { dataset, import, before } = phusong_gaps::to_force(&versions, &history, order)?;
        let change = Change::Force { dataset: dataset.clone(), import, author };
        let sound = self.sound(change).await.map_err(faulty)?;
        let (checked, geodata) = self.keep(sound).await.map_err(faulty)?;
        let (computed, fault) = match self.put_in_force(checked, geodata).await {
            Ok(at) => (Some(at), None),
            Err(faults) => (None, Some(faults.to_string())),
        };
        Ok(ForceAnswer {
            schema: ForceAnswer::SCHEMA.to_owned(),
            version: in_force_of(folder, &dataset)?,
            dataset: dataset.name,
            kind: dataset.kind,
            before,
            computed,
            fault,
        })
    }

    async fn apply(&self, change: Change) -> Result<UtcMs, Faults> {
        let sound = self.sound(change).await?;
        let (checked, geodata) = self.keep(sound).await?;
        self.put_in_force(checked, geodata).await
    }

    /// Reads configuration, inventory and geodata, off the async threads.
    async fn sound(&self, change: Change) -> Result<Sound, Faults> {
        let (path, started_with, at) = (self.path.clone(), self.started_with.clone(), wall());
        let kept = self.geodata.clone();
        let reading = tokio::task::spawn_blocking(move || {
            // All faults at once, those of the geodata too.
            let checked = phusong_checks::read(&path).map_err(|faults| phusong_checks::with_geodata(&path, faults))?;
            unchanged(&path, &started_with, &checked.config)?;
            let judged = kept.with(|cache| judge(&checked.config, &checked.inventory, change, cache))?;
            Ok(Sound { checked, judged, at })
        });
        let stopped = |error| Err(one(&self.path, format!("checking stopped: {error}"), "report this as a bug"));
        reading.await.unwrap_or_else(stopped)
    }

    /// Keeps the versions that are new, and puts in force what is to be.
    async fn keep(&self, sound: Sound) -> Result<(Checked, Geodata), Faults> {
        let Sound { checked, judged, at } = sound;
        let folder = &checked.config.store.folder;
        if let Err(error) = self.recorder.import(judged.new.clone(), judged.force.clone(), at).await {
            judged.forget(folder);
            let reason = format!("{:#}", anyhow::Error::from(error));
            return Err(one(folder, format!("the store refused the datasets: {reason}"), "see `phusong status`"));
        }
        Ok((checked, judged.geodata))
    }

    /// Makes all parts of the daemon go by the new configuration and inventory, and computes coverage.
    async fn put_in_force(&self, checked: Checked, geodata: Geodata) -> Result<UtcMs, Faults> {
        log_remarks(&checked);
        let Checked { config, inventory, credentials, trust, profiles, channels } = checked;
        let folder = config.store.folder.clone();
        let inventory = Arc::new(with_imports(inventory, &folder));
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
        coverage::recompute(geodata, inventory, &self.recorder, &folder, &self.geodata).await
    }

    async fn compute(&self, checked: Checked, geodata: Geodata) -> Result<UtcMs, Faults> {
        let folder = checked.config.store.folder;
        let inventory = Arc::new(with_imports(checked.inventory, &folder));
        coverage::recompute(geodata, inventory, &self.recorder, &folder, &self.geodata).await
    }
}

fn faulty(faults: Faults) -> OrderError {
    OrderError::Faulty { faults: faults.0 }
}

fn in_force_of(folder: &Path, name: &DatasetName) -> Result<Option<ImportVersion>, OrderError> {
    let versions = in_force(folder)
        .map_err(|error| OrderError::NotStored { reason: format!("{:#}", anyhow::Error::from(error)) })?;
    Ok(versions.into_iter().find(|version| version.name() == *name))
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
