//! Imports: files of geodata as they were taken in, version by version, and what was changed on the way.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use crate::{CommuneCode, CoverageSource, Inventory, LonLat, Operator, Settlement, Site, SiteId, Technology, UtcMs};

/// What a dataset holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatasetKind {
    /// One polygon per commune.
    Boundaries,
    /// Where there is signal: polygons with a class, or a raster of signal levels.
    Layer,
    /// Settlements with people, households and power.
    Settlements,
    /// Radio sites, as operators list them.
    Sites,
    /// Cells whose positions somebody estimated, as OpenCelliD does; never coverage.
    Cells,
    /// Where people live: a raster of counts.
    Population,
    /// How many people each commune has, as somebody counted them.
    Totals,
    /// Signal as somebody met it on the way: drive tests.
    Measurements,
}

impl DatasetKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Boundaries,
        Self::Layer,
        Self::Settlements,
        Self::Sites,
        Self::Cells,
        Self::Population,
        Self::Totals,
        Self::Measurements,
    ];

    /// The id that commands, JSON and the store use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Boundaries => "boundaries",
            Self::Layer => "layer",
            Self::Settlements => "settlements",
            Self::Sites => "sites",
            Self::Cells => "cells",
            Self::Population => "population",
            Self::Totals => "totals",
            Self::Measurements => "measurements",
        }
    }

    /// The kind with an id.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// Whether there may be several datasets of the kind, each with a name of its own. Of the others there is one.
    #[must_use]
    pub const fn has_names(self) -> bool {
        match self {
            Self::Layer | Self::Cells | Self::Measurements => true,
            Self::Boundaries | Self::Settlements | Self::Sites | Self::Population | Self::Totals => false,
        }
    }
}

/// What a person says of a file that the file does not say itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImportOptions {
    /// How a layer came to be.
    pub source: Option<CoverageSource>,
    /// Operator of what does not say.
    pub operator: Option<Operator>,
    /// Technology of what does not say.
    pub technology: Option<Technology>,
    /// Coordinate system of a file that does not say: `EPSG:9209`.
    pub crs: Option<String>,
    /// The day that the content speaks of, `YYYY-MM-DD`, where the file does not say.
    pub valid_on: Option<String>,
    /// Which column of a table means what.
    pub columns: Option<ColumnMapping>,
    /// Take corrected coordinates where the reason is likely.
    pub accept_guesses: bool,
}

/// Which columns of a table mean what, as the mapping file says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnMapping {
    /// The sheet of a workbook; the first without.
    pub sheet: Option<String>,
    /// The row of the header, from 1; searched for without.
    pub header: Option<u64>,
    /// Our name of a column to its title in the file.
    pub columns: BTreeMap<String, String>,
    /// Our name of a column to the file's words and what they mean: `technology` to `LTE` to `4G`.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// How times are written, in the manner of `strftime`; RFC 3339 without.
    pub time_format: Option<String>,
    /// The time zone of times that name none; `Asia/Ho_Chi_Minh` without.
    pub time_zone: Option<String>,
}

/// One version of a dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportVersion {
    /// Number in the store, growing over all datasets.
    pub id: i64,
    /// What it holds.
    pub kind: DatasetKind,
    /// Name of the dataset; that of the kind where there is only one.
    pub dataset: String,
    /// SHA-256 of its bytes as 64 hexadecimal digits; the file under `layers` has this name.
    pub hash: String,
    /// Name of the file that it came in.
    pub file: String,
    /// Size in bytes.
    pub bytes: u64,
    /// When it was imported.
    pub at: UtcMs,
    /// Who imported it.
    pub author: String,
    /// What was said of it.
    pub options: ImportOptions,
    /// What was read, guessed and repaired.
    pub log: ImportLog,
    /// Since when it is in force; none when another version is.
    pub in_force_since: Option<UtcMs>,
}

/// That a version of a dataset was put in force, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// Of which dataset.
    pub dataset: DatasetName,
    /// Which version; none when the dataset was withdrawn.
    pub import: Option<i64>,
    /// When.
    pub since: UtcMs,
    /// By whom.
    pub author: String,
}

/// Who imports what the configuration names.
pub const CONFIGURATION: &str = "configuration";

/// Which dataset is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DatasetName {
    /// What it holds.
    pub kind: DatasetKind,
    /// Its name.
    pub name: String,
}

impl ImportVersion {
    /// Of which dataset it is.
    #[must_use]
    pub fn name(&self) -> DatasetName {
        DatasetName { kind: self.kind, name: self.dataset.clone() }
    }

    /// The version as a file to be read, whose bytes lie at `path`.
    #[must_use]
    pub fn as_dataset(&self, path: PathBuf) -> Dataset {
        let (name, shown) = (self.dataset.clone(), PathBuf::from(&self.file));
        Dataset { kind: self.kind, name, path, shown, options: self.options.clone() }
    }
}

/// What a version puts into the inventory. Such lists are read when they are imported and not at each start: a start
/// waits for no file of geodata.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportContent {
    /// All settlements there are.
    pub settlements: Option<Vec<Settlement>>,
    /// Sites of operators.
    pub sites: Option<Vec<Site>>,
    /// People of communes, as somebody counted them.
    pub totals: Option<BTreeMap<CommuneCode, u64>>,
}

impl ImportContent {
    /// Of what all datasets bring that which one of a kind brings.
    #[must_use]
    pub fn of_kind(&self, kind: DatasetKind) -> Self {
        match kind {
            DatasetKind::Settlements => Self { settlements: self.settlements.clone(), ..Self::default() },
            DatasetKind::Sites => Self { sites: self.sites.clone(), ..Self::default() },
            DatasetKind::Totals => Self { totals: self.totals.clone(), ..Self::default() },
            DatasetKind::Boundaries
            | DatasetKind::Layer
            | DatasetKind::Cells
            | DatasetKind::Population
            | DatasetKind::Measurements => Self::default(),
        }
    }

    /// Takes what another version brings and this one does not.
    pub fn add(&mut self, other: Self) {
        self.settlements = self.settlements.take().or(other.settlements);
        self.sites = self.sites.take().or(other.sites);
        self.totals = self.totals.take().or(other.totals);
    }

    /// Puts it into an inventory. A list of settlements takes the place of the inventory's own. Sites are added, and take the
    /// place of those with the same id: links may name the others. Totals take the place of those of their communes.
    pub fn apply(self, inventory: &mut Inventory) {
        if let Some(settlements) = self.settlements {
            inventory.settlements = settlements;
        }
        let sites = self.sites.unwrap_or_default();
        let known: BTreeSet<SiteId> = sites.iter().map(|site| site.id.clone()).collect();
        inventory.sites.retain(|site| !known.contains(&site.id));
        inventory.sites.extend(sites);
        let totals = self.totals.unwrap_or_default();
        for commune in &mut inventory.communes {
            commune.population = totals.get(&commune.code).copied().or(commune.population);
        }
    }
}

/// Most entries of each list of a log; further ones are counted.
pub const LOG_ENTRIES_MAX: usize = 2_000;

/// What happened to the content of a file on its way in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportLog {
    /// Features, rows, points or cells read.
    pub read: u64,
    /// Those that are used.
    pub used: u64,
    /// Values taken in place of those written, or proposed.
    pub guesses: Vec<Guess>,
    /// Geometry that was made sound.
    pub repairs: Vec<Repair>,
    /// Borders of neighbours that do not fit together.
    pub borders: Vec<BorderMismatch>,
    /// What else is worth a word, in English, each naming its place.
    pub notes: Vec<String>,
    /// Entries beyond [`LOG_ENTRIES_MAX`] of a list.
    pub untold: u64,
}

/// A value that was taken in place of the one written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guess {
    /// Where it stands: line, row or feature.
    pub place: String,
    /// Whose: the id or name of a settlement, site or cell.
    pub subject: String,
    /// As it was written.
    pub written: String,
    /// What was taken.
    pub taken: String,
    /// What was the likely mistake.
    pub reason: String,
}

/// How a geometry was not sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RepairKind {
    /// A ring ran the wrong way round.
    Orientation,
    /// The same point twice in a row.
    DuplicatePoint,
    /// A ring met itself in a point or an edge.
    SelfTouch,
    /// A ring crossed itself, or another of its polygon.
    Crossing,
    /// A piece thinner than coordinates are exact.
    Sliver,
    /// A ring without area.
    Empty,
}

/// A geometry that was made sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Repair {
    /// Which feature.
    pub place: String,
    /// What was wrong.
    pub kind: RepairKind,
    /// How often in this feature.
    pub count: u64,
    /// By how much the area of the feature changed, in m²; negative when it lost some.
    pub area_m2: f64,
}

/// Two neighbours whose borders do not fit together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BorderMismatch {
    /// The two, lower code first.
    pub communes: [CommuneCode; 2],
    /// Area that both have, in m².
    pub overlap_m2: f64,
    /// Area between them that neither has, in m².
    pub gape_m2: f64,
    /// A point of it.
    pub at: LonLat,
}

impl ImportLog {
    /// Adds a value that was taken in place of one written, as long as there is room.
    pub fn guess(&mut self, guess: Guess) {
        tell(&mut self.guesses, &mut self.untold, guess);
    }

    /// Adds a geometry that was made sound, as long as there is room.
    pub fn repair(&mut self, repair: Repair) {
        tell(&mut self.repairs, &mut self.untold, repair);
    }

    /// Adds a border that does not fit, as long as there is room.
    pub fn border(&mut self, border: BorderMismatch) {
        tell(&mut self.borders, &mut self.untold, border);
    }

    /// Adds a word, as long as there is room.
    pub fn note(&mut self, note: String) {
        tell(&mut self.notes, &mut self.untold, note);
    }
}

fn tell<T>(list: &mut Vec<T>, untold: &mut u64, entry: T) {
    if list.len() < LOG_ENTRIES_MAX {
        list.push(entry);
    } else {
        *untold += 1;
    }
}

/// A file to be read as part of the geodata: from the configuration, or a version from the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// What it holds.
    pub kind: DatasetKind,
    /// Its name; that of the kind where there is only one.
    pub name: String,
    /// Where its bytes are.
    pub path: PathBuf,
    /// What people call the file: the path of the configuration, or the name that it was imported under.
    pub shown: PathBuf,
    /// What is said of it.
    pub options: ImportOptions,
}

impl Dataset {
    /// Which dataset it is.
    #[must_use]
    pub fn dataset_name(&self) -> DatasetName {
        DatasetName { kind: self.kind, name: self.name.clone() }
    }

    /// What is to be read when these versions are in force, whose bytes lie where `path_of` says for their hash. What they
    /// put into the inventory was read when they came.
    pub fn in_force<'v>(
        versions: impl IntoIterator<Item = &'v ImportVersion>,
        path_of: impl Fn(&str) -> PathBuf,
    ) -> Vec<Self> {
        let read = |version: &&ImportVersion| !matches!(version.kind, DatasetKind::Settlements | DatasetKind::Sites);
        versions.into_iter().filter(read).map(|version| version.as_dataset(path_of(&version.hash))).collect()
    }
}
