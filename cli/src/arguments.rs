//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use phusong_model::{
    OutageId,
    answer::{AccountBy, GapRank, Topic},
    glossary::Lang,
};

use crate::{
    ask::daemon::Refusal,
    completions::CompletionsArguments,
    failure::Failure,
    import::ImportArguments,
    man::ManArguments,
    nagios::NagiosArguments,
    narrow::Narrow,
    ping::PingArguments,
    questions::{ReadyArguments, TreeArguments},
    store::StoreArguments,
    watch::WatchArguments,
};

/// Which communes have no link and which villages have no signal: asks phusongd, or its store when it is away
#[derive(Debug, Parser)]
#[command(name = "phusong", version, max_term_width = 100)]
pub struct Arguments {
    /// Configuration of the daemon [default: $PHUSONG_CONFIG, else /etc/phusong/phusong.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Unix socket of the daemon [default: as the configuration says]
    #[arg(long, global = true, value_name = "PATH")]
    pub socket: Option<PathBuf>,

    /// One JSON document
    #[arg(long, global = true, conflicts_with = "csv")]
    json: bool,

    /// CSV (RFC 4180), units in the header
    #[arg(long, global = true)]
    csv: bool,

    /// Start of the window: 2h, 2026-11-01, RFC 3339, yesterday [default: 24h; of sitrep and ready 1h]
    #[arg(long, global = true, value_name = "TIME", allow_hyphen_values = true)]
    pub since: Option<String>,

    /// End of the window; of a day its last hour [default: now]
    #[arg(long, global = true, value_name = "TIME", allow_hyphen_values = true)]
    pub until: Option<String>,

    /// The window, in two words: --between yesterday today, --between 2026-11-01 2026-11-07
    #[arg(long, global = true, num_args = 2, value_names = ["START", "END"], allow_hyphen_values = true,
        conflicts_with_all = ["since", "until", "month"])]
    pub between: Option<Vec<String>>,

    /// The window is this month: 2026-11, 11/2026, "this month", "last month", tháng này, tháng trước
    #[arg(long, global = true, value_name = "MONTH", conflicts_with_all = ["since", "until"])]
    pub month: Option<String>,

    /// Only the links of this group
    #[arg(long, global = true, value_name = "GROUP")]
    pub group: Option<String>,

    /// Only this commune: a code, or a name of today or before July 2025, with or without accents; or the communes of a
    /// former district
    #[arg(long = "commune", id = "only_commune", global = true, value_name = "NAME")]
    only_commune: Option<String>,

    /// Exit with 1 when something is down, degraded or uncovered
    #[arg(long, global = true)]
    pub check: bool,

    /// Language [default: $PHUSONG_LANG, else the locale]
    #[arg(long, global = true)]
    pub lang: Option<LangArgument>,

    /// Signs of ASCII only: + up, ~ degraded, X down, ? blind, = maintenance
    #[arg(long, global = true)]
    pub ascii: bool,

    #[command(flatten)]
    narrow: Narrow,

    /// No progress on stderr, also where somebody watches
    #[arg(long, global = true)]
    pub quiet: bool,

    #[command(flatten)]
    pub nagios: NagiosArguments,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LangArgument {
    /// Tiếng Việt
    Vi,
    /// English
    En,
}

impl From<LangArgument> for Lang {
    fn from(argument: LangArgument) -> Self {
        match argument {
            LangArgument::Vi => Self::Vi,
            LangArgument::En => Self::En,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// How everything is, on one screen (the default)
    Status(Narrow),
    /// Every link: state, loss, delay, availability
    Links(Narrow),
    /// Outages of the window, open ones first
    Outages(OutagesArguments),
    /// All about one outage: what happened when, evidence, cause, who feels it, what was tried
    Outage(OutageArguments),
    /// Links that are down and places without signal, in one ranked list
    Gaps(GapsArguments),
    /// Mobile coverage by commune, operator and technology
    Coverage(CoverageArguments),
    /// All about one commune
    Commune(CommuneArguments),
    /// All about one link: state, last looks, interface, outages, what routers and sensors say, whom to call
    Link(LinkArguments),
    /// How links were looked at: time-outs first, then the slowest [--since: 24h]
    Top(Narrow),
    /// Has the daemon look at a link, or at a commune's links, now, and pings from here beside it
    Probe(ProbeArguments),
    /// Pings a link or an address from here, by an engine that is not the daemon's
    Ping(PingArguments),
    /// Vendor profiles: which there are, and one tried on a recorded walk
    Profile(ProfileArguments),
    /// The headline claims, declared beside found
    Indicators(Narrow),
    /// How long communes, groups, sites or links were up, degraded, down, blind and in maintenance
    Availability(AvailabilityArguments),
    /// Takes notice of an outage: who, when, a note and a ticket are kept and shown, and nobody is called again
    Ack(AckArguments),
    /// How links hang together
    Topology(TopologyArguments),
    /// Takes files of geodata in, version by version: boundaries, layers, settlements, sites, population, measurements
    Import(ImportArguments),
    /// Announced work: what is on and ahead; announce some, end some
    Maintenance(MaintenanceArguments),
    /// What people were told of events, by which channels; try whether messages arrive
    Notify(NotifyArguments),
    /// The store itself: what is in it, whether it is sound, a copy of it; needs no daemon and disturbs none
    Store(StoreArguments),
    /// How far the replicas in InfluxDB are, what they refused, and whether they have what the store has
    Influx(InfluxArguments),
    /// What is wrong with this installation, part by part, each with what mends it; changes nothing
    Doctor,
    /// Events, communes and links on a full screen that follows what happens; acknowledges too
    Watch(WatchArguments),
    /// The situation report of a storm night, báo cáo nhanh [--since: 1h]: routes and stations that are down, n of N
    Sitrep,
    /// Whether a group can meet: which of its links are not fit, why, and whom to call; exits with 1 when one is not
    Ready(ReadyArguments),
    /// Checks configuration, tables, secrets, certificates and geodata as phusongd check does: all faults at once
    Check,
    /// Prints a script by which a shell completes commands, options, and names of communes, links and groups
    Completions(CompletionsArguments),
    /// Prints the manual page, or writes the page of each command into a folder
    Man(ManArguments),
}

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
    #[arg(value_name = "OUTAGE")]
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
    open: bool,

    #[command(flatten)]
    narrow: Narrow,
}

#[derive(Debug, Args)]
pub struct OutageArguments {
    /// Its number, as phusong outages shows it
    #[arg(value_name = "OUTAGE")]
    outage: Option<i64>,
}

#[derive(Debug, Args)]
pub struct AvailabilityArguments {
    /// What has a row [default: commune; link with --commune or --group]
    #[arg(long, value_enum)]
    pub by: Option<ByArgument>,

    #[command(flatten)]
    narrow: Narrow,
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
    rank: Option<String>,

    /// GeoJSON (RFC 7946, WGS 84) with the polygons of all gaps
    #[arg(long, conflicts_with_all = ["json", "csv"])]
    geojson: bool,

    #[command(flatten)]
    narrow: Narrow,
}

#[derive(Debug, Args)]
pub struct CoverageArguments {
    /// Where declared and modelled layers say something else than was measured, with the tests behind it
    #[arg(long)]
    contradictions: bool,

    /// GeoJSON (RFC 7946, WGS 84) with the hexagons and settlements
    #[arg(long, requires = "contradictions", conflicts_with_all = ["json", "csv"])]
    geojson: bool,

    #[command(flatten)]
    narrow: Narrow,
}

#[derive(Debug, Args)]
pub struct CommuneArguments {
    /// A code, or a name with or without accents; several words need no quotes
    #[arg(value_name = "NAME")]
    name: Vec<String>,
}

#[derive(Debug, Args)]
pub struct LinkArguments {
    /// An id, an address, or a name with or without accents; several words need no quotes
    #[arg(value_name = "LINK")]
    name: Vec<String>,
}

#[derive(Debug, Args)]
pub struct ProbeArguments {
    /// A link (id, address, name) or a commune, with or without accents; several words need no quotes
    #[arg(value_name = "LINK|COMMUNE")]
    name: Vec<String>,
}

impl Command {
    fn topic(&self) -> Topic {
        match self {
            Self::Probe(_) | Self::Ping(_) | Self::Profile(_) => Topic::Link,
            Self::Ack(_) => Topic::Outages,
            Self::Status(_) | Self::Store(_) | Self::Influx(_) | Self::Import(_) | Self::Doctor | Self::Watch(_) => {
                Topic::Status
            }
            Self::Check | Self::Completions(_) | Self::Man(_) => Topic::Status,
            Self::Links(_) => Topic::Links,
            Self::Outages(_) => Topic::Outages,
            Self::Outage(_) => Topic::Outage,
            Self::Top(_) => Topic::Top,
            Self::Gaps(_) => Topic::Gaps,
            Self::Coverage(CoverageArguments { contradictions: true, .. }) => Topic::Contradictions,
            Self::Coverage(_) => Topic::Coverage,
            Self::Commune(_) => Topic::Commune,
            Self::Link(_) => Topic::Link,
            Self::Indicators(_) => Topic::Indicators,
            Self::Availability(_) => Topic::Availability,
            Self::Maintenance(_) => Topic::Maintenance,
            Self::Topology(TopologyArguments { action: TopologyAction::Weak }) => Topic::Weak,
            Self::Topology(TopologyArguments { action: TopologyAction::Tree(_) }) => Topic::Tree,
            Self::Topology(TopologyArguments { action: TopologyAction::Path(_) }) => Topic::Path,
            Self::Notify(_) => Topic::Notify,
            Self::Sitrep => Topic::Sitrep,
            Self::Ready(_) => Topic::Ready,
        }
    }

    /// What was said to narrow it; none for a command that cannot be narrowed.
    const fn narrow(&self) -> Option<&Narrow> {
        match self {
            Self::Status(narrow) | Self::Links(narrow) | Self::Indicators(narrow) | Self::Top(narrow) => Some(narrow),
            Self::Outages(arguments) => Some(&arguments.narrow),
            Self::Gaps(arguments) => Some(&arguments.narrow),
            Self::Coverage(arguments) => Some(&arguments.narrow),
            Self::Availability(arguments) => Some(&arguments.narrow),
            Self::Outage(_)
            | Self::Commune(_)
            | Self::Link(_)
            | Self::Probe(_)
            | Self::Ping(_)
            | Self::Profile(_)
            | Self::Ack(_)
            | Self::Topology(_)
            | Self::Import(_)
            | Self::Maintenance(_)
            | Self::Notify(_)
            | Self::Store(_)
            | Self::Influx(_)
            | Self::Doctor
            | Self::Watch(_)
            | Self::Check
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Ready(_)
            | Self::Sitrep => None,
        }
    }
}

/// What is written to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Tables for people.
    Table,
    /// The answer as it is.
    Json,
    /// Rows for spreadsheets.
    Csv,
}

impl Arguments {
    /// What is asked about.
    pub fn topic(&self) -> Topic {
        self.command.as_ref().map_or(Topic::Status, Command::topic)
    }

    /// What is to be done, when it is more than to ask.
    pub const fn asked(&self) -> Option<&Command> {
        self.command.as_ref()
    }

    /// Whether it is only asked how everything is.
    pub const fn asks_only_status(&self) -> bool {
        matches!(self.command, None | Some(Command::Status(_)))
    }

    /// What is written to stdout.
    pub fn format(&self) -> Format {
        match (self.json, self.csv) {
            (true, _) => Format::Json,
            (false, true) => Format::Csv,
            (false, false) => Format::Table,
        }
    }

    /// What is to have a row in an account of time.
    pub fn by(&self) -> Option<AccountBy> {
        match &self.command {
            Some(Command::Availability(arguments)) => arguments.by.map(AccountBy::from),
            _ => None,
        }
    }

    /// What narrows the question and arranges its answer, said before the command or after it.
    pub fn narrow(&self) -> Result<Narrow, Failure> {
        match self.command.as_ref().map(Command::narrow) {
            None => Ok(self.narrow.clone()),
            Some(Some(narrow)) => Ok(narrow.or(&self.narrow)),
            Some(None) if self.narrow == Narrow::default() => Ok(Narrow::default()),
            Some(None) => Err(Failure::NotNarrowed),
        }
    }

    /// Whether only outages that are not over were asked for.
    pub const fn open(&self) -> bool {
        matches!(&self.command, Some(Command::Outages(OutagesArguments { open: true, .. })))
    }

    /// The outage that was asked for.
    pub fn outage(&self) -> Option<OutageId> {
        match &self.command {
            Some(Command::Outage(arguments)) => arguments.outage.map(OutageId),
            _ => None,
        }
    }

    /// By what gaps are to be ranked.
    pub fn rank(&self) -> Result<Option<GapRank>, Failure> {
        let Some(Command::Gaps(GapsArguments { rank: Some(rank), .. })) = &self.command else { return Ok(None) };
        let unknown = |error| Failure::Question { refusal: Refusal::Known(error), conditions: Vec::new() };
        rank.parse().map(Some).map_err(unknown)
    }

    /// The meeting that was asked about.
    pub const fn meeting(&self) -> Option<&ReadyArguments> {
        match &self.command {
            Some(Command::Ready(arguments)) => Some(arguments),
            _ => None,
        }
    }

    /// Whether findings are to be told by the exit code: who is about to meet asks for nothing else.
    pub const fn checks(&self) -> bool {
        self.check || self.meeting().is_some()
    }

    /// Whether branches where all is well were asked for.
    pub const fn all_branches(&self) -> bool {
        match &self.command {
            Some(Command::Topology(TopologyArguments { action: TopologyAction::Tree(arguments) })) => arguments.all,
            _ => false,
        }
    }

    /// Whether a map program is to read the answer.
    pub const fn geojson(&self) -> bool {
        match &self.command {
            Some(Command::Gaps(arguments)) => arguments.geojson,
            Some(Command::Coverage(arguments)) => arguments.geojson,
            _ => false,
        }
    }

    /// The link that was asked for.
    pub fn link(&self) -> Option<String> {
        match &self.command {
            Some(Command::Link(arguments)) if !arguments.name.is_empty() => Some(arguments.name.join(" ")),
            Some(Command::Probe(arguments)) if !arguments.name.is_empty() => Some(arguments.name.join(" ")),
            Some(Command::Topology(TopologyArguments { action: TopologyAction::Path(arguments) }))
                if !arguments.name.is_empty() =>
            {
                Some(arguments.name.join(" "))
            }
            Some(Command::Ping(arguments)) => Some(arguments.target()),
            _ => None,
        }
    }

    /// The commune that was asked for, by `--commune` or as the name after `commune`.
    pub fn commune(&self) -> Result<Option<String>, Failure> {
        let named = match &self.command {
            Some(Command::Commune(arguments)) if !arguments.name.is_empty() => Some(arguments.name.join(" ")),
            _ => None,
        };
        match (named, &self.only_commune) {
            (Some(_), Some(_)) => Err(Failure::TwoNames),
            (Some(name), None) => Ok(Some(name)),
            (None, only) => Ok(only.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn each_topic_is_a_command_of_its_name() {
        let weak = Arguments::try_parse_from(["phusong", "topology", "weak"]).expect("parses");
        assert_eq!(weak.topic(), Topic::Weak);
        let contradictions = Arguments::try_parse_from(["phusong", "coverage", "--contradictions"]).expect("parses");
        assert_eq!(contradictions.topic(), Topic::Contradictions);
        for (action, topic) in [("tree", Topic::Tree), ("path", Topic::Path)] {
            assert_eq!(Arguments::try_parse_from(["phusong", "topology", action]).expect("parses").topic(), topic);
        }
        let under = [Topic::Weak, Topic::Contradictions, Topic::Tree, Topic::Path];
        let others = |topic: &Topic| !under.contains(topic);
        for topic in Topic::ALL.into_iter().filter(others) {
            let parsed = Arguments::try_parse_from(["phusong", topic.id()]).expect("parses");
            assert_eq!(parsed.topic(), topic);
        }
        assert_eq!(Arguments::try_parse_from(["phusong"]).expect("parses").topic(), Topic::Status);
    }

    #[test]
    fn a_time_back_may_be_written_with_a_minus() {
        let parsed = Arguments::try_parse_from(["phusong", "outages", "--since", "-2h"]).expect("parses");
        assert_eq!(parsed.since.as_deref(), Some("-2h"));
    }

    #[test]
    fn a_name_of_several_words_needs_no_quotes() {
        let parsed = Arguments::try_parse_from(["phusong", "commune", "na", "hang", "--json"]).expect("parses");
        assert_eq!(parsed.commune().expect("one name").as_deref(), Some("na hang"));
        let both = Arguments::try_parse_from(["phusong", "commune", "x", "--commune", "y"]).expect("parses");
        assert!(matches!(both.commune(), Err(Failure::TwoNames)));
    }
}
