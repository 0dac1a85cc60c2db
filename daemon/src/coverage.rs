//! Coverage at start and on reload: geodata files in, figures and gaps into the store. The CLI never recomputes.

use std::{path::PathBuf, sync::Arc};

use phusong_geodata::Geodata;
use phusong_model::{Faults, Inventory, UtcMs, Window, config::GeodataConfig};
use phusong_store::Reader;

use crate::{
    recorder::{CoverageRun, Recorder},
    tick::wall,
};

/// Reads and checks the geodata files, on a thread that may block.
pub(crate) async fn read(config: GeodataConfig, inventory: Arc<Inventory>) -> Result<Geodata, Faults> {
    match tokio::task::spawn_blocking(move || Geodata::read(&config, &inventory)).await {
        Ok(read) => read,
        // Only a bug in geodata ends here; the daemon goes on without new figures.
        Err(error) => Err(Faults(vec![phusong_model::Fault::of_file(
            "geodata",
            format!("reading the geodata stopped: {error}"),
            "report this as a bug, with the files",
        )])),
    }
}

/// Computes figures and gaps and has them written, unless the store has those of the same input already.
pub(crate) async fn recompute(geodata: Geodata, inventory: Arc<Inventory>, recorder: Recorder, folder: PathBuf) {
    match recorder.coverage_hash().await {
        Ok(Some(hash)) if hash == geodata.input_hash() => {
            tracing::info!("coverage is computed from the same files already");
            return;
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(error = %format!("{:#}", anyhow::Error::from(error)), "computing coverage anew"),
    }
    let at = wall();
    let Ok(run) = tokio::task::spawn_blocking(move || compute(&geodata, &inventory, &folder, at)).await else {
        tracing::error!("the coverage computation stopped; the figures before it stay in force");
        return;
    };
    let (figures, gaps) = (run.figures.len(), run.gaps.len());
    match recorder.coverage(run).await {
        Ok(()) => tracing::info!(figures, gaps, "coverage computed"),
        Err(error) => tracing::error!(error = %format!("{:#}", anyhow::Error::from(error)), "coverage is not stored"),
    }
}

fn compute(geodata: &Geodata, inventory: &Inventory, folder: &std::path::Path, at: UtcMs) -> CoverageRun {
    // Gaps of the run before keep the time they were first seen; without a readable store all are new.
    let before = Reader::open(folder).and_then(|reader| reader.evidence(at, Window::new(at, at)));
    let previous = before.map(|evidence| evidence.coverage_gaps).unwrap_or_default();
    let coverage = geodata.coverage(inventory, &previous, at);
    let input_hash = geodata.input_hash().to_owned();
    CoverageRun { figures: coverage.figures, gaps: coverage.gaps, at, input_hash, imports: Vec::new() }
}
