//! The commands, and what they have to do with questions.

use clap::Subcommand;
use phusong_model::answer::Topic;

use super::options::{
    AckArguments, AvailabilityArguments, CommuneArguments, CoverageArguments, GapsArguments, InfluxArguments,
    LinkArguments, MaintenanceAction, MaintenanceArguments, NotifyAction, NotifyArguments, OutageArguments,
    OutagesArguments, ProbeArguments, ProfileArguments, TopologyAction, TopologyArguments,
};
use crate::{
    completions::CompletionsArguments,
    import::{ImportAction, ImportArguments},
    man::ManArguments,
    narrow::Narrow,
    ping::PingArguments,
    questions::ReadyArguments,
    store::{StoreAction, StoreArguments},
    watch::WatchArguments,
};

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

impl Command {
    pub(super) fn topic(&self) -> Topic {
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
    pub(super) const fn narrow(&self) -> Option<&Narrow> {
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

impl Command {
    /// Whether its answer has rows that a spreadsheet could show.
    pub(super) const fn has_rows(&self) -> bool {
        match self {
            Self::Status(_)
            | Self::Links(_)
            | Self::Outages(_)
            | Self::Outage(_)
            | Self::Gaps(_)
            | Self::Coverage(_)
            | Self::Commune(_)
            | Self::Link(_)
            | Self::Top(_)
            | Self::Indicators(_)
            | Self::Availability(_)
            | Self::Topology(_)
            | Self::Doctor
            | Self::Sitrep
            | Self::Ready(_) => true,
            Self::Maintenance(MaintenanceArguments { action }) => {
                matches!(action, None | Some(MaintenanceAction::List))
            }
            Self::Notify(NotifyArguments { action }) => matches!(action, None | Some(NotifyAction::List)),
            Self::Import(ImportArguments { action }) => matches!(action, ImportAction::List { .. }),
            Self::Store(StoreArguments { action }) => matches!(action, StoreAction::Export(_)),
            // It says itself why it writes no document.
            Self::Watch(_) => true,
            Self::Probe(_)
            | Self::Ping(_)
            | Self::Profile(_)
            | Self::Ack(_)
            | Self::Influx(_)
            | Self::Check
            | Self::Completions(_)
            | Self::Man(_) => false,
        }
    }
}
