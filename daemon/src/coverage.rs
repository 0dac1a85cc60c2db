//! Coverage at start, on reload and after an import: geodata in, figures and gaps into the store. The CLI never
//! recomputes.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use phusong_geodata::{Coverage, CoverageStep, Geodata, GeodataCache};
use phusong_model::{Fault, Faults, Inventory, UtcMs, Window};
use phusong_store::Reader;
use tokio::sync::watch;

use crate::{
    imports::in_force,
    recorder::{CoverageRun, Recorder},
    tick::wall,
};

/// How far a computation is: communes that are computed, and how many there are; none while nothing is computed.
pub(crate) type Far = Option<(u64, u64)>;

/// What is kept of the geodata from one reload to the next, so that a change costs what it touches. One at a time reads
/// or computes.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    cache: Arc<Mutex<GeodataCache>>,
    /// Tells how far a computation is.
    far: watch::Sender<Far>,
}

impl Kept {
    /// Where it can be seen how far a computation is.
    pub(crate) fn far(&self) -> watch::Receiver<Far> {
        self.far.subscribe()
    }

    /// Works with what is kept, on a thread that may block.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut GeodataCache) -> T) -> T {
        let mut cache = self.cache.lock().unwrap_or_else(|poisoned| {
            // Who panicked may have left half of something: nothing of it is taken over.
            self.cache.clear_poison();
            let mut cache = poisoned.into_inner();
            *cache = GeodataCache::default();
            cache
        });
        work(&mut cache)
    }
}

/// Computes figures and gaps and has them written, unless the store has those of the same input already; when they were
/// computed, or would have been.
pub(crate) async fn recompute(
    geodata: Geodata,
    inventory: Arc<Inventory>,
    recorder: &Recorder,
    folder: &Path,
    kept: &Kept,
) -> Result<UtcMs, Faults> {
    let at = wall();
    match recorder.coverage_hash().await {
        Ok(Some(hash)) if hash == geodata.input_hash() => {
            tracing::info!("coverage is computed from the same files already");
            return Ok(at);
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(error = %format!("{:#}", anyhow::Error::from(error)), "computing coverage anew"),
    }
    let (from, kept) = (folder.to_owned(), kept.clone());
    let computed = tokio::task::spawn_blocking(move || compute(&geodata, &inventory, &from, at, &kept)).await;
    let run = computed.map_err(|error| {
        tracing::error!("the coverage computation stopped; the figures before it stay in force");
        fault(folder, format!("the coverage computation stopped: {error}"), "report this as a bug, with the files")
    })?;
    let (figures, gaps) = (run.figures.len(), run.gaps.len());
    recorder.coverage(run).await.map_err(|error| {
        let reason = format!("{:#}", anyhow::Error::from(error));
        tracing::error!(error = %reason, "coverage is not stored");
        fault(folder, format!("coverage is not stored: {reason}"), "see `phusong status`, then reload")
    })?;
    tracing::info!(figures, gaps, "coverage computed");
    Ok(at)
}

fn compute(geodata: &Geodata, inventory: &Inventory, folder: &Path, at: UtcMs, kept: &Kept) -> CoverageRun {
    // Gaps of the run before keep the time they were first seen; without a readable store all are new.
    let before = Reader::open(folder).and_then(|reader| reader.evidence(at, Window::new(at, at)));
    let previous = before.map(|evidence| evidence.coverage_gaps).unwrap_or_default();
    let mut finished = |step| {
        if let CoverageStep::Commune { done, of } = step {
            kept.far.send_replace(Some((done as u64, of as u64)));
        }
    };
    let coverage = kept.with(|cache| cache.coverage_watched(geodata, inventory, &previous, at, &mut finished));
    kept.far.send_replace(None);
    let Coverage { figures, gaps, contradictions, dropped: _ } = coverage;
    let input_hash = geodata.input_hash().to_owned();
    let imports = in_force(folder).unwrap_or_default().iter().map(|version| version.id).collect();
    CoverageRun { figures, gaps, contradictions, at, input_hash, imports }
}

fn fault(folder: &Path, message: String, hint: &str) -> Faults {
    Faults(vec![Fault::of_file(folder, message, hint)])
}
