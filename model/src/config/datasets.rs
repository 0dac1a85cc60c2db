//! The files of `[geodata]` as datasets, as `phusong import` would take them.

use std::{ffi::OsStr, path::Path};

use super::{DatasetConfig, GeodataConfig, LayerConfig};
use crate::{ColumnMapping, Dataset, DatasetKind, Fault, Faults, ImportOptions};

impl GeodataConfig {
    /// All files with what is said of them, boundaries first. Mapping files are read; their faults are told all at once.
    pub fn datasets(&self) -> Result<Vec<Dataset>, Faults> {
        let mut datasets = Vec::new();
        datasets.extend(self.communes.as_deref().map(|file| plain(DatasetKind::Boundaries, file)));
        datasets.extend(self.layer.iter().map(layer));
        let mut faults = Vec::new();
        for config in &self.dataset {
            match dataset(config) {
                Ok(dataset) => datasets.push(dataset),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(datasets) } else { Err(Faults(faults)) }
    }
}

fn plain(kind: DatasetKind, file: &Path) -> Dataset {
    let name = if kind.has_names() { name_of(file) } else { kind.id().to_owned() };
    Dataset { kind, name, path: file.to_owned(), shown: file.to_owned(), options: ImportOptions::default() }
}

/// The name of a dataset that a file gives when nobody says another: that of the file without its ending.
#[must_use]
pub fn name_of(file: &Path) -> String {
    crate::nfc(&file.file_stem().unwrap_or(OsStr::new("?")).to_string_lossy())
}

fn layer(config: &LayerConfig) -> Dataset {
    let LayerConfig { file, source, operator, technology, crs, valid_on } = config;
    let options = ImportOptions {
        source: Some(*source),
        operator: operator.clone(),
        technology: *technology,
        crs: crs.clone(),
        valid_on: valid_on.clone(),
        columns: None,
        accept_guesses: false,
    };
    Dataset { options, ..plain(DatasetKind::Layer, file) }
}

fn dataset(config: &DatasetConfig) -> Result<Dataset, Fault> {
    let DatasetConfig { kind, file, columns, operator, technology, crs, valid_on, accept_guesses } = config;
    let options = ImportOptions {
        source: None,
        operator: operator.clone(),
        technology: *technology,
        crs: crs.clone(),
        valid_on: valid_on.clone(),
        columns: columns.as_deref().map(ColumnMapping::read).transpose()?,
        accept_guesses: *accept_guesses,
    };
    Ok(Dataset { options, ..plain(*kind, file) })
}
