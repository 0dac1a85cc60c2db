//! The command line of `phusong import`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use phusong_model::{CoverageSource, DatasetKind, Operator, Technology};

#[derive(Debug, Args)]
pub struct ImportArguments {
    #[command(subcommand)]
    pub action: ImportAction,
}

#[derive(Debug, Subcommand)]
pub enum ImportAction {
    /// Commune boundaries: one (multi)polygon for each commune with its code
    Boundaries(FileArguments),
    /// A coverage layer: polygons, or a GeoTIFF of signal levels
    Layer(LayerArguments),
    /// Settlements with people, households and power: CSV, XLSX, or points
    Settlements(TableArguments),
    /// Radio sites as operators list them: CSV, XLSX, or points
    Sites(TableArguments),
    /// Cells at estimated positions, as OpenCelliD exports them; a hint, never coverage
    Cells(TableArguments),
    /// Where people live: a GeoTIFF of counts, as WorldPop has them
    Population(FileArguments),
    /// How many people each commune has: CSV, XLSX, or features
    Totals(TableArguments),
    /// Drive tests: GPX, or CSV and XLSX with a file that maps their columns
    Measurements(TableArguments),
    /// Which versions there are
    List {
        /// Those that are not in force, too
        #[arg(long)]
        all: bool,
    },
    /// What was read, guessed and repaired when a version was imported
    Log {
        /// Its number, as `phusong import list` shows it
        #[arg(value_name = "NUMBER")]
        id: i64,
    },
    /// Puts the version before the present one in force again, or the one with --to
    RollBack {
        /// Name of the dataset
        #[arg(value_name = "DATASET")]
        dataset: String,

        /// Number of the version
        #[arg(long, value_name = "NUMBER")]
        to: Option<i64>,

        /// Of which kind, when several datasets have this name
        #[arg(long, value_enum)]
        kind: Option<KindArgument>,
    },
    /// Takes a dataset out of all figures; its versions stay
    Withdraw {
        /// Name of the dataset
        #[arg(value_name = "DATASET")]
        dataset: String,

        /// Of which kind, when several datasets have this name
        #[arg(long, value_enum)]
        kind: Option<KindArgument>,
    },
}

/// What is said of any file.
#[derive(Debug, Args)]
pub struct FileArguments {
    /// The file; of a Shapefile the .shp
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Coordinate system of a file that does not say: EPSG:9211
    #[arg(long, value_name = "EPSG:N")]
    pub crs: Option<String>,

    /// The day that the content speaks of, where the file does not say
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub valid_on: Option<String>,

    /// Only look: nothing is imported
    #[arg(long)]
    pub dry_run: bool,
}

/// What is said of a layer.
#[derive(Debug, Args)]
pub struct LayerArguments {
    #[command(flatten)]
    pub file: FileArguments,

    /// How it came to be
    #[arg(long, value_enum)]
    pub source: SourceArgument,

    /// Operator of features that do not say
    #[arg(long, value_name = "OPERATOR")]
    pub operator: Option<Operator>,

    /// Technology of features that do not say: 2G to 5G
    #[arg(long, value_name = "TECHNOLOGY", value_parser = technology)]
    pub technology: Option<Technology>,

    /// Name of the dataset; another file of the same name takes its place [default: name of the file]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// What is said of a table.
#[derive(Debug, Args)]
pub struct TableArguments {
    #[command(flatten)]
    pub file: FileArguments,

    /// A TOML file that says which columns mean what
    #[arg(long, value_name = "FILE")]
    pub columns: Option<PathBuf>,

    /// Take corrected coordinates where the reason is likely; each is in the log
    #[arg(long)]
    pub accept_guesses: bool,

    /// Operator of rows that do not say
    #[arg(long, value_name = "OPERATOR")]
    pub operator: Option<Operator>,

    /// Technology of rows that do not say: 2G to 5G
    #[arg(long, value_name = "TECHNOLOGY", value_parser = technology)]
    pub technology: Option<Technology>,

    /// Name of the dataset, for cells and measurements [default: name of the file]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SourceArgument {
    /// The operator says so
    Declared,
    /// A propagation model says so
    Modelled,
    /// Someone went there and measured
    Measured,
}

impl From<SourceArgument> for CoverageSource {
    fn from(argument: SourceArgument) -> Self {
        match argument {
            SourceArgument::Declared => Self::Declared,
            SourceArgument::Modelled => Self::Modelled,
            SourceArgument::Measured => Self::Measured,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum KindArgument {
    Boundaries,
    Layer,
    Settlements,
    Sites,
    Cells,
    Population,
    Totals,
    Measurements,
}

impl From<KindArgument> for DatasetKind {
    fn from(argument: KindArgument) -> Self {
        match argument {
            KindArgument::Boundaries => Self::Boundaries,
            KindArgument::Layer => Self::Layer,
            KindArgument::Settlements => Self::Settlements,
            KindArgument::Sites => Self::Sites,
            KindArgument::Cells => Self::Cells,
            KindArgument::Population => Self::Population,
            KindArgument::Totals => Self::Totals,
            KindArgument::Measurements => Self::Measurements,
        }
    }
}

fn technology(text: &str) -> Result<Technology, String> {
    Technology::parse(text).ok_or_else(|| "use 2G to 5G, or GSM, UMTS, LTE, NR".to_owned())
}
