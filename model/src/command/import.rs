//! Orders about datasets of geodata: take one in, put an earlier version back, withdraw one.

use serde::{Deserialize, Serialize};

use crate::{DatasetKind, ImportLog, ImportOptions, ImportVersion, UtcMs};

/// Longest name of a dataset, in characters.
pub const DATASET_NAME_MAX: usize = 80;

/// A file is to be imported. Over the socket this stands on the first line, and the bytes of the file follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportOrder {
    /// What it holds.
    pub kind: DatasetKind,
    /// Name of the dataset; that of the kind where there is only one.
    pub dataset: String,
    /// What the file is called.
    pub file: String,
    /// What is said of it.
    #[serde(default)]
    pub options: ImportOptions,
    /// Only look at it.
    #[serde(default)]
    pub dry_run: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportAnswer {
    /// Name and version of the document.
    pub schema: String,
    /// The version; none when the file was only looked at.
    pub version: Option<ImportVersion>,
    /// The number of the version that was in force before.
    pub before: Option<i64>,
    /// What was read, guessed and repaired.
    pub log: ImportLog,
    /// When figures were computed from it; none when the next start of the daemon does it, or when it could not be done.
    pub computed: Option<UtcMs>,
    /// Why they were not.
    pub fault: Option<String>,
}

impl ImportAnswer {
    /// Name and version of the document. Within a version fields are only added.
    pub const SCHEMA: &'static str = "phusong.import/1";
}

/// How far the computation of coverage is, which follows a change of what is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProgress {
    /// Name and version of the document.
    pub schema: String,
    /// Communes that are computed.
    pub done: u64,
    /// How many there are; 0 while nothing is computed.
    pub communes: u64,
}

impl ImportProgress {
    /// Name and version of the document. Within a version fields are only added.
    pub const SCHEMA: &'static str = "phusong.import-progress/1";
}

/// Another version of a dataset is to be in force, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForceOrder {
    /// Name of the dataset.
    pub dataset: String,
    /// Of which kind, when several have this name.
    #[serde(default)]
    pub kind: Option<DatasetKind>,
    /// Which version.
    pub to: Force,
}

/// Which version is to be in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Force {
    /// The one that was in force before the present one.
    Before,
    /// The one with this number.
    Version(i64),
    /// None: the dataset is withdrawn.
    Nothing,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForceAnswer {
    /// Name and version of the document.
    pub schema: String,
    /// Name of the dataset.
    pub dataset: String,
    /// What it holds.
    pub kind: DatasetKind,
    /// The version that is in force now; none when the dataset was withdrawn.
    pub version: Option<ImportVersion>,
    /// The number of the version that was in force before.
    pub before: Option<i64>,
    /// When figures were computed from it; none when the next start of the daemon does it, or when it could not be done.
    pub computed: Option<UtcMs>,
    /// Why they were not.
    pub fault: Option<String>,
}

impl ForceAnswer {
    /// Name and version of the document. Within a version fields are only added.
    pub const SCHEMA: &'static str = "phusong.import-force/1";
}
