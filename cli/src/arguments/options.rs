//! What each command takes, where the command has no room of its own.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use phusong_model::answer::AccountBy;

use crate::{narrow::Narrow, questions::TreeArguments};

#[derive(Debug, Args)]
pub struct InfluxArguments {
    #[command(subcommand)]
    pub action: Option<InfluxAction>,
}

#[derive(Debug, Subcommand)]
pub enum InfluxAction {
    /// What waits, what was sent and refused, and what stands in the way (the default)
    Status,
    /// Lines that were refused for good; read from the store, whether the daemon runs or not
    Rejected {
        /// Name of the replica, as phusong influx shows it [default: all]
        #[arg(value_name = "REPLICA")]
        replica: Option<String>,
    },
    /// Has the daemon send refused lines again; those that are taken are forgotten
    Retry {
        /// Name of the replica [default: all]
        #[arg(value_name = "REPLICA")]
        replica: Option<String>,
        /// Gives up what is refused again, and what no line can hold; the samples stay in the store
        #[arg(long)]
        discard: bool,
    },
    /// Has the daemon compare InfluxDB with the store, series by series and hour by hour [--since: 24h]
    Verify {
        /// Name of the replica [default: all]
        #[arg(value_name = "REPLICA")]
        replica: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct NotifyArguments {
    #[command(subcommand)]
    pub action: Option<NotifyAction>,
}

#[derive(Debug, Subcommand)]
pub enum NotifyAction {
    /// The channels, and the messages of the window with what became of them (the default)
    List,
    /// Has the daemon send a message that tells of nothing, now, by one channel or by all
    Test {
        /// Name of the channel, as phusong notify shows it
        #[arg(value_name = "CHANNEL")]
        channel: Option<String>,
    },
}

#[derive(Debug, Args)]
pub struct AckArguments {
    /// The number of the outage, as phusong outages shows it; its whole event is taken notice of
    #[arg(value_name = "OUTAGE", value_parser = number)]
    pub outage: i64,

    /// What is known, in up to 500 characters
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,

    /// The number under which it is kept elsewhere
    #[arg(long, value_name = "TICKET")]
    pub ticket: Option<String>,
}

#[derive(Debug, Args)]
pub struct TopologyArguments {
    #[command(subcommand)]
    pub action: TopologyAction,
}

#[derive(Debug, Subcommand)]
pub enum TopologyAction {
    /// Communes whose ways to the centre share something: two paths that fail as one
    Weak,
    /// What hangs on what, with states; branches where all is well are counted
    Tree(TreeArguments),
    /// The ways from a link to the centre, where they break, and what is left
    Path(LinkArguments),
}

#[derive(Debug, Args)]
pub struct MaintenanceArguments {
    #[command(subcommand)]
    pub action: Option<MaintenanceAction>,
}

#[derive(Debug, Subcommand)]
pub enum MaintenanceAction {
    /// What is on, ahead and lately over (the default)
    List,
    /// Announces work on a link, on a commune's links (--commune) or on a group's (--group)
    Add(PlanArguments),
    /// Ends work that is on, or cancels work that is ahead
    End {
        /// Its number
        #[arg(value_name = "NUMBER")]
        id: i64,
    },
}

#[derive(Debug, Args)]
pub struct PlanArguments {
    /// Only this link: an id, an address, or a name with or without accents
    #[arg(long, value_name = "LINK")]
    pub link: Option<String>,

    /// Begin: 22:00 (the next one), \"tomorrow 01:00\", \"2026-12-01 22:00\", RFC 3339, now
    #[arg(long, value_name = "TIME")]
    pub from: String,

    /// End: 04:00 (the next one after the begin), or as for --from
    #[arg(long, value_name = "TIME", required_unless_present = "length", conflicts_with = "length")]
    pub to: Option<String>,

    /// How long: 30m, 6h
    #[arg(long = "for", id = "length", value_name = "LENGTH")]
    pub length: Option<String>,

    /// What is done, in 1 to 200 characters
    #[arg(long, value_name = "TEXT")]
    pub why: String,
}

#[derive(Debug, Args)]
pub struct OutagesArguments {
    /// Only those that are not over
    #[arg(long)]
    pub(super) open: bool,

    #[command(flatten)]
    pub(super) narrow: Narrow,
}

#[derive(Debug, Args)]
pub struct OutageArguments {
    /// Its number, as phusong outages shows it
    #[arg(value_name = "OUTAGE", value_parser = number)]
    pub(super) outage: Option<i64>,
}

/// The number of an outage.
fn number(text: &str) -> Result<i64, &'static str> {
    text.parse().map_err(|_| NO_NUMBER)
}

/// What is said of a number that is none; its Vietnamese stands with that of the other words of usage errors.
pub const NO_NUMBER: &str = "a number, as phusong outages shows it";

#[derive(Debug, Args)]
pub struct AvailabilityArguments {
    /// What has a row [default: commune; link with --commune or --group]
    #[arg(long, value_enum)]
    pub by: Option<ByArgument>,

    #[command(flatten)]
    pub(super) narrow: Narrow,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ByArgument {
    /// Each commune, connected while its fibre or its broadband works
    Commune,
    /// Each group: all of its links at once, and added up
    Group,
    /// Each site, connected while any link of its backhaul works
    Site,
    /// Each link
    Link,
}

impl From<ByArgument> for AccountBy {
    fn from(argument: ByArgument) -> Self {
        match argument {
            ByArgument::Commune => Self::Commune,
            ByArgument::Group => Self::Group,
            ByArgument::Site => Self::Site,
            ByArgument::Link => Self::Link,
        }
    }
}

#[derive(Debug, Args)]
pub struct ProfileArguments {
    #[command(subcommand)]
    pub action: ProfileAction,
}

#[derive(Debug, Subcommand)]
pub enum ProfileAction {
    /// All profiles, those that are shipped and the province's own
    List,
    /// The text of one: where a new one can begin
    Show {
        /// Its name
        name: String,
    },
    /// What a profile makes of a recorded walk; exit code 1 when that is not as expected
    Test {
        /// The profile, a TOML file
        file: PathBuf,
        /// What the device answered, as snmpbulkwalk -On writes it
        #[arg(long, value_name = "FILE")]
        walk: PathBuf,
        /// The lines that should come of it
        #[arg(long, value_name = "FILE")]
        expect: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub struct GapsArguments {
    /// By what they are ranked: score (people × grade × persistence), people, households, settlements, area, persistence
    /// [default: score]
    #[arg(long, value_name = "MEASURE")]
    pub(super) rank: Option<String>,

    /// GeoJSON (RFC 7946, WGS 84) with the polygons of all gaps
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    pub(super) geojson: bool,

    #[command(flatten)]
    pub(super) narrow: Narrow,
}

#[derive(Debug, Args)]
pub struct CoverageArguments {
    /// Where declared and modelled layers say something else than was measured, with the tests behind it
    #[arg(long)]
    pub(super) contradictions: bool,

    /// GeoJSON (RFC 7946, WGS 84) with the hexagons and settlements
    #[arg(long, requires = "contradictions", conflicts_with_all = ["json", "csv"])]
    pub(super) geojson: bool,

    #[command(flatten)]
    pub(super) narrow: Narrow,
}

#[derive(Debug, Args)]
pub struct CommuneArguments {
    /// A code, or a name with or without accents; several words need no quotes
    #[arg(value_name = "NAME")]
    pub(super) name: Vec<String>,
}

#[derive(Debug, Args)]
pub struct LinkArguments {
    /// An id, an address, or a name with or without accents; several words need no quotes
    #[arg(value_name = "LINK")]
    pub(super) name: Vec<String>,
}

#[derive(Debug, Args)]
pub struct ProbeArguments {
    /// A link (id, address, name) or a commune, with or without accents; several words need no quotes
    #[arg(value_name = "LINK|COMMUNE")]
    pub(super) name: Vec<String>,
}
