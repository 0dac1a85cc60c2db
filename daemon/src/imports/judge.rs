//! What is to be in force, read as a whole before anything of it counts: files of the configuration that changed, a file
//! that somebody imports, a version that is put back.

use std::path::Path;

use phusong_geodata::{Geodata, GeodataCache, bundle};
use phusong_model::{
    CONFIGURATION, Dataset, DatasetKind, DatasetName, Fault, Faults, ImportVersion, InForce, Inventory, UtcMs,
    config::Config,
};
use phusong_store::{
    KeptLayer, NewImport, Reader, StoreError, ToForce, drop_layer, keep_layer, layer_hash, layer_is_kept,
    layer_is_whole, layer_path,
};

use super::NOW;
use crate::tick::wall;

/// A file whose bytes are kept and of which nobody knows yet whether they are sound.
pub(crate) struct Candidate {
    pub(crate) dataset: Dataset,
    pub(crate) kept: KeptLayer,
    pub(crate) author: String,
}

/// What somebody orders.
pub(crate) enum Change {
    /// Nothing: only the configuration counts.
    Nothing,
    /// A file is imported.
    Import(Box<Candidate>),
    /// Another version of a dataset is put in force, or none.
    Force { dataset: DatasetName, import: Option<i64>, author: String },
}

/// All that is to be in force, found sound.
pub(crate) struct Judged {
    pub(crate) geodata: Geodata,
    /// New versions, with their logs.
    pub(crate) new: Vec<NewImport>,
    /// Versions that are put back, and datasets that are withdrawn.
    pub(crate) force: Vec<ToForce>,
    /// Files that are kept for the new versions.
    kept: Vec<KeptLayer>,
}

/// What the store says of datasets.
struct Known {
    versions: Vec<ImportVersion>,
    history: Vec<InForce>,
    reader: Reader,
}

/// Reads everything that would be in force with a change. Files that were kept for it are dropped when it is refused.
pub(crate) fn judge(
    config: &Config,
    inventory: &Inventory,
    change: Change,
    cache: &mut GeodataCache,
) -> Result<Judged, Faults> {
    let folder = &config.store.folder;
    let known = Known::read(folder).map_err(|error| store_fault(folder, error))?;
    let mut candidates = Vec::new();
    let mut force = Vec::new();
    let collected = configured(config, &known, &mut candidates, &mut force);
    match change {
        Change::Nothing => {}
        Change::Import(candidate) => {
            candidates.retain(|other: &Candidate| other.name() != candidate.name());
            candidates.push(*candidate);
        }
        Change::Force { dataset, import, author } => force.push(ToForce { dataset, import, author }),
    }
    let judged = collected.and_then(|()| read(config, inventory, &known, &candidates, &force, cache));
    let kept: Vec<KeptLayer> = candidates.iter().map(|candidate| candidate.kept.clone()).collect();
    match judged {
        Ok(geodata) => {
            let new = candidates.into_iter().map(|candidate| candidate.into_new(&geodata, wall())).collect();
            Ok(Judged { geodata, new, force, kept })
        }
        Err(faults) => {
            kept.iter().for_each(|kept| forget(folder, kept));
            Err(faults)
        }
    }
}

impl Judged {
    /// Whether lists of settlements or sites change with it.
    pub(crate) fn brings_lists(&self) -> bool {
        let kinds = self.new.iter().map(|new| new.kind).chain(self.force.iter().map(|to| to.dataset.kind));
        kinds.into_iter().any(|kind| matches!(kind, DatasetKind::Settlements | DatasetKind::Sites))
    }

    /// Drops the files again: it was only to be looked at, or the store refused.
    pub(crate) fn forget(&self, folder: &Path) {
        self.kept.iter().for_each(|kept| forget(folder, kept));
    }
}

impl Candidate {
    pub(crate) fn name(&self) -> DatasetName {
        self.dataset.dataset_name()
    }

    fn into_new(self, geodata: &Geodata, at: UtcMs) -> NewImport {
        let log = geodata.log(&self.name()).cloned().unwrap_or_default();
        let content = geodata.content().of_kind(self.dataset.kind);
        NewImport { content, ..NewImport::of(self.dataset, &self.kept, (self.author, at), log) }
    }
}

/// What the configuration says that it did not say the last time: files that changed, and those that are gone. A version
/// that somebody put in force since stays until the file changes.
fn configured(
    config: &Config,
    known: &Known,
    candidates: &mut Vec<Candidate>,
    force: &mut Vec<ToForce>,
) -> Result<(), Faults> {
    let datasets = config.geodata.datasets()?;
    let mut faults = Vec::new();
    for dataset in &datasets {
        let name = dataset.dataset_name();
        match changed(&config.store.folder, dataset, known.said(&name)) {
            Ok(Some(kept)) => {
                let dataset = Dataset { path: kept.path.clone(), ..dataset.clone() };
                candidates.push(Candidate { dataset, kept, author: CONFIGURATION.to_owned() });
            }
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        }
    }
    let is_named = |version: &ImportVersion| {
        datasets.iter().any(|dataset| dataset.kind == version.kind && dataset.name == version.dataset)
    };
    let gone = known.in_force().filter(|version| version.author == CONFIGURATION && !is_named(version));
    force.extend(gone.map(|version| ToForce {
        dataset: version.name(),
        import: None,
        author: CONFIGURATION.to_owned(),
    }));
    if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
}

/// Keeps the file of a dataset, unless it is what the configuration said the last time and lies there: a start or reload
/// without a change writes nothing.
fn changed(folder: &Path, dataset: &Dataset, said: Option<&ImportVersion>) -> Result<Option<KeptLayer>, Fault> {
    if let Some(said) = said.filter(|said| said.options == dataset.options)
        && let Ok((hash, bytes)) = layer_hash(bundle(&dataset.path)?.bytes)
        && hash == said.hash
    {
        if layer_is_kept(folder, &hash, bytes) {
            return Ok(None);
        }
        return keep(folder, dataset).map(|_| None);
    }
    keep(folder, dataset).map(Some)
}

fn keep(folder: &Path, dataset: &Dataset) -> Result<KeptLayer, Fault> {
    let bundle = bundle(&dataset.path)?;
    keep_layer(folder, bundle.bytes).map_err(|error| {
        let message = format!("{:#}", anyhow::Error::from(error));
        Fault::of_file(&dataset.shown, message, "make room on the disk of the data folder, then reload")
    })
}

/// Reads what would be in force. Lists of settlements and sites of versions in force were read when they came.
fn read(
    config: &Config,
    inventory: &Inventory,
    known: &Known,
    candidates: &[Candidate],
    force: &[ToForce],
    cache: &mut GeodataCache,
) -> Result<Geodata, Faults> {
    let folder = &config.store.folder;
    let replaced = |version: &ImportVersion| {
        let name = version.name();
        candidates.iter().any(|candidate| candidate.name() == name) || force.iter().any(|to| to.dataset == name)
    };
    let put_back = |version: &&ImportVersion| force.iter().any(|to| to.import == Some(version.id));
    let stay = known.in_force().filter(|version| !replaced(version));
    let versions: Vec<&ImportVersion> = stay.chain(known.versions.iter().filter(put_back)).collect();
    let broken = versions.iter().filter(|version| !layer_is_whole(folder, &version.hash));
    let faults: Vec<Fault> = broken.map(|version| lost(folder, version)).collect();
    if !faults.is_empty() {
        return Err(Faults(faults));
    }
    let mut inventory = inventory.clone();
    let ids: Vec<i64> = versions.iter().map(|version| version.id).collect();
    let content = known.reader.import_content(&ids).map_err(|error| store_fault(folder, error))?;
    content.apply(&mut inventory);
    let mut datasets = Dataset::in_force(versions, |hash| layer_path(folder, hash));
    datasets.extend(candidates.iter().map(|candidate| candidate.dataset.clone()));
    datasets.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    let new: Vec<DatasetName> = candidates.iter().map(Candidate::name).collect();
    cache.examine(&datasets, &new, &config.geodata, &inventory)
}

impl Known {
    fn read(folder: &Path) -> Result<Self, StoreError> {
        let reader = Reader::open(folder)?;
        Ok(Self { versions: reader.imports(NOW)?, history: reader.imports_in_force()?, reader })
    }

    fn in_force(&self) -> impl Iterator<Item = &ImportVersion> {
        self.versions.iter().filter(|version| version.in_force_since.is_some())
    }

    /// The version that the configuration put in force the last time it said something of a dataset.
    fn said(&self, name: &DatasetName) -> Option<&ImportVersion> {
        let by_configuration = |change: &&InForce| change.author == CONFIGURATION && change.dataset == *name;
        let import = self.history.iter().rev().find(by_configuration)?.import?;
        self.versions.iter().find(|version| version.id == import)
    }
}

/// Drops a file that was kept, unless a version needs it.
pub(crate) fn forget(folder: &Path, kept: &KeptLayer) {
    // A store that cannot be read may need it.
    let Ok(known) = Known::read(folder) else { return };
    if known.versions.iter().any(|version| version.hash == kept.hash) {
        return;
    }
    if let Err(error) = drop_layer(kept) {
        tracing::warn!(error = %format!("{:#}", anyhow::Error::from(error)), "a file of no version stays");
    }
}

fn lost(folder: &Path, version: &ImportVersion) -> Fault {
    let message = format!("{}: the file of version {} is missing or damaged", version.dataset, version.id);
    Fault::of_file(layer_path(folder, &version.hash), message, "import it again, or put another version in force")
}

fn store_fault(folder: &Path, error: StoreError) -> Faults {
    let message = format!("{:#}", anyhow::Error::from(error));
    Faults(vec![Fault::of_file(folder, message, "see `phusong store check`")])
}
