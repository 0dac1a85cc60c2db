//! What a process that lives long keeps between one reading of the geodata and the next.
//!
//! A file that has not changed costs a hash over its bytes, and a commune that no change touches nothing at all. What is
//! taken over is what would be read and computed, to the last byte.

use std::collections::HashMap;

use phusong_model::{CoverageGap, Dataset, DatasetName, Faults, ImportLog, Inventory, UtcMs, config::GeodataConfig};

use crate::{
    Coverage, CoverageStep, Geodata,
    cache::CoverageCache,
    layers::Layers,
    read::{Budget, Report},
};

/// Most vertices of all files together of which anything is kept: the layers of a province several times over. Kept
/// are the shapes of the files and the sound polygons made of them, 32 bytes for each vertex or 128 MB.
const MAX_KEPT_VERTICES: u64 = 4_000_000;

/// Reads and computes again and again, and takes over what has not changed.
///
/// It keeps nothing of files that are no longer read, and nothing at all when they have more than four million vertices.
#[derive(Debug, Default)]
pub struct GeodataCache {
    files: KeptFiles,
    coverage: CoverageCache,
}

impl GeodataCache {
    /// The same as [`Geodata::examine`].
    pub fn examine(
        &mut self,
        datasets: &[Dataset],
        new: &[DatasetName],
        config: &GeodataConfig,
        inventory: &Inventory,
    ) -> Result<Geodata, Faults> {
        Geodata::taking_over(datasets, new, (config, inventory), Some(&mut self.files))
    }

    /// The same as [`Geodata::coverage`].
    pub fn coverage(
        &mut self,
        geodata: &Geodata,
        inventory: &Inventory,
        previous: &[CoverageGap],
        at: UtcMs,
    ) -> Coverage {
        self.coverage_watched(geodata, inventory, previous, at, &mut |_| ())
    }

    /// The same as [`Geodata::coverage_watched`].
    pub fn coverage_watched(
        &mut self,
        geodata: &Geodata,
        inventory: &Inventory,
        previous: &[CoverageGap],
        at: UtcMs,
        finished: &mut dyn FnMut(CoverageStep),
    ) -> Coverage {
        if geodata.vertices > MAX_KEPT_VERTICES {
            self.coverage = CoverageCache::default();
            return geodata.coverage_watched(inventory, previous, at, finished);
        }
        geodata.coverage_again(inventory, previous, at, &mut self.coverage, finished)
    }

    /// How many files of the last reading had not changed, and how many communes of the last computation had to be
    /// computed.
    #[must_use]
    pub fn taken_over(&self) -> (usize, usize) {
        (self.files.taken_over, self.coverage.computed())
    }
}

/// Layers of files as they were read.
#[derive(Debug, Default)]
pub(crate) struct KeptFiles {
    /// By the hash over their bytes and what is said of them.
    files: HashMap<String, File>,
    /// Counts the readings; what the present one did not use is dropped at its end.
    turn: u64,
    /// How many files the last reading without faults took over, and the present one so far.
    taken_over: usize,
    counted: usize,
}

#[derive(Debug)]
struct File {
    turn: u64,
    layers: Layers,
    log: ImportLog,
    vertices: u64,
}

impl KeptFiles {
    /// Begins a reading.
    pub(crate) fn begin(&mut self) {
        self.turn += 1;
        self.counted = 0;
    }

    /// The layers of a file, taken over or read; what is at fault is never kept.
    pub(crate) fn layers(
        &mut self,
        key: String,
        budget: &Budget,
        report: &mut Report,
        read: impl FnOnce(&Budget, &mut Report) -> Layers,
    ) -> Layers {
        if let Some(file) = self.files.get_mut(&key)
            && budget.taken() + file.vertices <= MAX_KEPT_VERTICES
        {
            budget.take_all(file.vertices);
            file.turn = self.turn;
            self.counted += 1;
            report.log().clone_from(&file.log);
            return file.layers.clone();
        }
        let before = budget.taken();
        let layers = read(budget, report);
        if report.is_clean() && budget.taken() <= MAX_KEPT_VERTICES {
            let (log, vertices) = (report.log().clone(), budget.taken() - before);
            self.files.insert(key, File { turn: self.turn, layers: layers.clone(), log, vertices });
        }
        layers
    }

    /// Ends a reading without faults.
    pub(crate) fn end(&mut self) {
        let turn = self.turn;
        self.files.retain(|_, file| file.turn == turn);
        self.taken_over = self.counted;
    }
}
