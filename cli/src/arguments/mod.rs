//! The command line.

mod command;
mod options;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use phusong_model::{
    OutageId,
    answer::{AccountBy, GapRank, Topic},
    glossary::Lang,
};

use crate::{
    ask::daemon::Refusal, failure::Failure, nagios::NagiosArguments, narrow::Narrow, questions::ReadyArguments,
};

pub use command::Command;
pub use options::{
    AckArguments, GapsArguments, InfluxAction, MaintenanceAction, MaintenanceArguments, NO_NUMBER, NotifyAction,
    NotifyArguments, OutagesArguments, PlanArguments, ProfileAction, TopologyAction, TopologyArguments,
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

    /// Language [default: $PHUSONG_LANG, else the locale, else the configuration's]
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

    /// Refuses what is asked for beside a command that knows nothing of it, before anything is done.
    pub fn fit_together(&self) -> Result<(), Failure> {
        if self.format() == Format::Csv && !self.command.as_ref().is_none_or(Command::has_rows) {
            return Err(Failure::NoRows);
        }
        self.narrow().map(drop)
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
