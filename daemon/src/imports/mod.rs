//! Datasets of geodata as versions: what the configuration names and what people import comes into the store by the same
//! way, and figures are computed from the versions in force.

mod judge;

use std::path::Path;

use phusong_model::{
    ImportVersion, Inventory, UtcMs,
    command::{ForceAnswer, ForceOrder, ImportAnswer, OrderError},
};
use phusong_store::{Reader, StoreError};
use tokio::sync::oneshot;

pub(crate) use judge::{Candidate, Change, Judged, forget, judge};

/// Orders about datasets that may wait; each takes as long as reading and computing does.
pub(crate) const IMPORTS: usize = 4;

/// By when versions are in force that are in force now: after a step of the clock, too.
pub(crate) const NOW: UtcMs = UtcMs(i64::MAX);

/// An order about datasets, on its way to who carries it out.
pub(crate) enum ImportRequest {
    /// A file is imported, or only looked at.
    Import {
        /// The file.
        candidate: Box<Candidate>,
        /// Only look at it.
        dry_run: bool,
        /// Who waits for it.
        done: oneshot::Sender<Result<ImportAnswer, OrderError>>,
    },
    /// Another version is put in force, or none.
    Force {
        /// What is ordered.
        order: ForceOrder,
        /// By whom.
        author: String,
        /// Who waits for it.
        done: oneshot::Sender<Result<ForceAnswer, OrderError>>,
    },
}

/// The versions in force, oldest first.
pub(crate) fn in_force(folder: &Path) -> Result<Vec<ImportVersion>, StoreError> {
    in_force_of(&Reader::open(folder)?)
}

fn in_force_of(reader: &Reader) -> Result<Vec<ImportVersion>, StoreError> {
    let mut versions = reader.imports(NOW)?;
    versions.retain(|version| version.in_force_since.is_some());
    Ok(versions)
}

/// An inventory with what versions in force put into it. A store that cannot be read puts nothing into it.
pub(crate) fn with_imports(mut inventory: Inventory, folder: &Path) -> Inventory {
    let content = Reader::open(folder).and_then(|reader| {
        let ids: Vec<i64> = in_force_of(&reader)?.iter().map(|version| version.id).collect();
        reader.import_content(&ids)
    });
    match content {
        Ok(content) => content.apply(&mut inventory),
        // Before the first start there is none.
        Err(StoreError::NotFound { .. } | StoreError::Empty { .. }) => {}
        Err(error) => {
            let error = format!("{:#}", anyhow::Error::from(error));
            tracing::error!(%error, "imported settlements and sites cannot be read; those of the inventory count");
        }
    }
    inventory
}
