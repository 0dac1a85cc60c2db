//! Which argument takes which names. Where a name of a value says it, that decides, so that the arguments of new commands
//! are completed without a word here.

use std::collections::BTreeMap;

use clap::Arg;
use phusong_model::{
    LinkKind, LinkState, Millis, OperatorScope,
    answer::{AccountBy, Body, GapRank, LinkItem, OutageItem, Query, Source as From, Topic, Whose, WorkState},
    glossary::{self, Term as _},
};

use super::{
    names::{Name, communes},
    source::Source,
};

/// Names of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Communes,
    Links,
    LinksAndCommunes,
    Groups,
    Operators,
    AnyOperators,
    Districts,
    States,
    LinkKinds,
    Replicas,
    Channels,
    Outages,
    Work,
    Datasets,
    Versions,
    Profiles,
    Ranks,
}

/// How far back outages are offered.
const LATELY: Millis = Millis::from_secs(7 * 86_400);

/// Those whose brands the program knows; others come with the links and layers of the province.
const OPERATORS: [&str; 6] = ["viettel", "vnpt", "vinaphone", "mobifone", "vietnamobile", "fpt"];

impl Kind {
    /// What an argument of the command at `path` takes.
    pub fn of(path: &str, arg: &Arg) -> Option<Self> {
        let value = arg.get_value_names().and_then(<[_]>::first).map(|name| name.as_str());
        match (path, arg.get_id().as_str(), value) {
            (_, "only_commune", _) | ("commune", "name", _) | (_, _, Some("COMMUNE")) => Some(Self::Communes),
            (_, _, Some("LINK" | "TARGET")) => Some(Self::Links),
            (_, _, Some("LINK|COMMUNE")) => Some(Self::LinksAndCommunes),
            (_, _, Some("GROUP")) => Some(Self::Groups),
            (path, _, Some("OPERATOR")) if path.starts_with("import") => Some(Self::AnyOperators),
            (_, _, Some("OPERATOR")) => Some(Self::Operators),
            (_, "district", _) => Some(Self::Districts),
            (_, _, Some("STATE")) => Some(Self::States),
            (_, "kind", Some("KIND")) if !path.starts_with("import") => Some(Self::LinkKinds),
            (_, _, Some("REPLICA")) => Some(Self::Replicas),
            (_, _, Some("CHANNEL")) => Some(Self::Channels),
            (_, _, Some("OUTAGE")) => Some(Self::Outages),
            (_, _, Some("DATASET")) => Some(Self::Datasets),
            (_, _, Some("MEASURE")) => Some(Self::Ranks),
            ("maintenance end", "id", _) => Some(Self::Work),
            ("import log", "id", _) | ("import roll-back", "to", _) => Some(Self::Versions),
            ("profile show", "name", _) => Some(Self::Profiles),
            _ => None,
        }
    }

    /// All names of the kind; none when nobody can be asked.
    pub fn names(self, source: &Source) -> Vec<Name> {
        match self {
            Self::Communes => of_communes(source),
            Self::Links => of_links(source),
            Self::LinksAndCommunes => [of_links(source), of_communes(source)].concat(),
            Self::Groups => of_groups(source),
            Self::Operators => of_operators(source, &[]),
            Self::AnyOperators => of_operators(source, &OPERATORS),
            Self::Districts => of_districts(source),
            Self::States => LinkState::ALL.map(|state| Name::new(state.id(), state.term(source.lang))).to_vec(),
            Self::LinkKinds => LinkKind::ALL.map(|kind| Name::new(kind.id(), kind.term(source.lang))).to_vec(),
            Self::Replicas => of_replicas(source),
            Self::Channels => of_channels(source),
            Self::Outages => of_outages(source),
            Self::Work => of_work(source),
            Self::Datasets => of_datasets(source),
            Self::Versions => of_versions(source),
            Self::Profiles => of_profiles(source),
            Self::Ranks => GapRank::ALL.into_iter().map(|rank| Name::new(rank.id(), "")).collect(),
        }
    }
}

/// The store's inventory first: the daemon answers about links, and a commune may have none.
fn of_communes(source: &Source) -> Vec<Name> {
    if let Some(inventory) = source.inventory() {
        return communes(inventory.communes.into_iter().map(|commune| (commune.code, commune.name)).collect());
    }
    let query = Query { by: Some(AccountBy::Commune), ..Query::about(Topic::Availability) };
    let Some(Body::Availability { items, .. }) = source.now(query).map(|answer| answer.body) else { return Vec::new() };
    let named = items.into_iter().filter_map(|item| match item.whose {
        Whose::Commune { commune } => Some((commune, item.name)),
        Whose::Link { .. } | Whose::Site { .. } | Whose::Group { .. } | Whose::Kind { .. } | Whose::Everything => None,
    });
    communes(named.collect())
}

/// With what they are for, where, and how they are, when that is known by the one who looks.
fn of_links(source: &Source) -> Vec<Name> {
    let Some(answer) = source.now(Query::about(Topic::Links)) else { return Vec::new() };
    let is_now = answer.source == From::Daemon;
    let Body::Links { items } = answer.body else { return Vec::new() };
    let name = |link: LinkItem| {
        let state = is_now.then(|| link.state.term(source.lang).to_owned());
        let words = [Some(link.kind.term(source.lang).to_owned()), link.commune_name.or(Some(link.name)), state];
        Name::new(link.link.to_string(), words.into_iter().flatten().collect::<Vec<_>>().join(" · "))
    };
    items.into_iter().map(name).collect()
}

fn of_groups(source: &Source) -> Vec<Name> {
    let query = Query { by: Some(AccountBy::Group), ..Query::about(Topic::Availability) };
    let Some(Body::Availability { items, .. }) = source.now(query).map(|answer| answer.body) else { return Vec::new() };
    let mut groups: BTreeMap<String, u64> = BTreeMap::new();
    for item in items {
        match item.whose {
            Whose::Group { group } => drop(groups.insert(group.to_string(), item.links)),
            Whose::Link { .. }
            | Whose::Site { .. }
            | Whose::Commune { .. }
            | Whose::Kind { .. }
            | Whose::Everything => {}
        }
    }
    let says = |links| format!("{} {}", glossary::integer(source.lang, links), source.lang.of(("tuyến", "links")));
    groups.into_iter().map(|(group, links)| Name::new(group, says(links))).collect()
}

/// Those of links and of layers, which questions can be narrowed to, and others that a file may be of.
fn of_operators(source: &Source, others: &[&str]) -> Vec<Name> {
    let known = others.iter().filter_map(|id| id.parse().ok());
    let mut operators: BTreeMap<String, String> = BTreeMap::new();
    let links = match source.now(Query::about(Topic::Links)).map(|answer| answer.body) {
        Some(Body::Links { items }) => items,
        _ => Vec::new(),
    };
    let coverage = match source.now(Query::about(Topic::Coverage)).map(|answer| answer.body) {
        Some(Body::Coverage { items, .. }) => items,
        _ => Vec::new(),
    };
    let of_layers = coverage.into_iter().filter_map(|item| match item.operator {
        OperatorScope::One(operator) => Some(operator),
        OperatorScope::Any | OperatorScope::Best | OperatorScope::All | OperatorScope::AtLeast(_) => None,
    });
    for operator in links.into_iter().filter_map(|link| link.operator).chain(of_layers).chain(known) {
        operators.insert(operator.to_string(), operator.label().to_owned());
    }
    operators.into_iter().map(|(id, label)| Name::new(id, label)).collect()
}

fn of_districts(source: &Source) -> Vec<Name> {
    let communes = source.inventory().map(|inventory| inventory.communes).unwrap_or_default();
    let mut districts: BTreeMap<String, u64> = BTreeMap::new();
    communes
        .into_iter()
        .filter_map(|commune| commune.district)
        .for_each(|name| *districts.entry(name).or_default() += 1);
    let communes = source.lang.of(("xã, phường", "communes"));
    let says = |count| format!("{} {communes}", glossary::integer(source.lang, count));
    districts.into_iter().map(|(name, count)| Name::new(name, says(count))).collect()
}

fn of_replicas(source: &Source) -> Vec<Name> {
    let Some(config) = source.config() else { return Vec::new() };
    config.influx.iter().map(|replica| Name::new(&replica.name, &replica.url)).collect()
}

fn of_channels(source: &Source) -> Vec<Name> {
    let Some(config) = source.config() else { return Vec::new() };
    let says = |kind: phusong_model::config::ChannelKind| kind.term(source.lang);
    config.notify.channel.iter().map(|channel| Name::new(&channel.name, says(channel.kind))).collect()
}

/// Those that nobody has taken notice of first, and of these the open ones.
fn of_outages(source: &Source) -> Vec<Name> {
    let query = Query::about(Topic::Outages);
    let Some(Body::Outages { mut items, .. }) = source.since(query, LATELY).map(|answer| answer.body) else {
        return Vec::new();
    };
    items.sort_by_key(|outage| outage.ack.is_some());
    let lang = source.lang;
    let name = |outage: OutageItem| {
        let length = glossary::duration(lang, outage.duration_ms);
        let over = outage.end.map(|_| lang.of(("đã khôi phục", "over")).to_owned());
        let words = [Some(outage.link.to_string()), outage.commune_name, Some(length), over];
        Name::new(outage.outage.0.to_string(), words.into_iter().flatten().collect::<Vec<_>>().join(" · "))
    };
    items.into_iter().map(name).collect()
}

fn of_work(source: &Source) -> Vec<Name> {
    let Some(Body::Maintenance { items }) = source.now(Query::about(Topic::Maintenance)).map(|answer| answer.body)
    else {
        return Vec::new();
    };
    let to_end = items.into_iter().filter(|item| matches!(item.state, WorkState::On | WorkState::Ahead));
    to_end.filter_map(|item| Some(Name::new(item.id?.0.to_string(), format!("{} · {}", item.name, item.why)))).collect()
}

fn of_datasets(source: &Source) -> Vec<Name> {
    let mut names: BTreeMap<String, &'static str> = BTreeMap::new();
    for version in source.versions() {
        names.insert(version.dataset, version.kind.term(source.lang));
    }
    names.into_iter().map(|(name, kind)| Name::new(name, kind)).collect()
}

fn of_versions(source: &Source) -> Vec<Name> {
    let name = |version: phusong_model::ImportVersion| {
        Name::new(version.id.to_string(), format!("{} · {}", version.dataset, version.file))
    };
    source.versions().into_iter().map(name).collect()
}

fn of_profiles(source: &Source) -> Vec<Name> {
    let Some(profiles) = source.profiles() else { return Vec::new() };
    profiles.iter().map(|profile| Name::new(profile.name(), "")).collect()
}
