//! Questions: what is asked about, and what narrows it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::GapRank;
use crate::{LinkKind, LinkState, Millis, OutageId, UtcMs, Window};

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Topic {
    /// How everything is.
    Status,
    /// Every link.
    Links,
    /// Outages of the window.
    Outages,
    /// Links that are down and places without signal, ranked.
    Gaps,
    /// Coverage figures.
    Coverage,
    /// Where layers say something else than was measured.
    Contradictions,
    /// All about one commune.
    Commune,
    /// All about one link.
    Link,
    /// The headline claims, declared beside measured.
    Indicators,
    /// How long links, sites, communes and groups were in each state.
    Availability,
    /// Announced work.
    Maintenance,
    /// Communes whose ways to the centre share something.
    Weak,
    /// What people were told, and by which ways.
    Notify,
    /// All about one outage.
    Outage,
    /// The slowest targets, time-outs and looks that could not be taken.
    Top,
    /// The situation report.
    Sitrep,
    /// Whether a group can meet.
    Ready,
    /// What hangs on what.
    Tree,
    /// The ways from a link to the centre.
    Path,
}

impl Topic {
    /// All topics.
    pub const ALL: [Self; 19] = [
        Self::Status,
        Self::Links,
        Self::Outages,
        Self::Gaps,
        Self::Coverage,
        Self::Contradictions,
        Self::Commune,
        Self::Link,
        Self::Indicators,
        Self::Availability,
        Self::Maintenance,
        Self::Weak,
        Self::Notify,
        Self::Outage,
        Self::Top,
        Self::Sitrep,
        Self::Ready,
        Self::Tree,
        Self::Path,
    ];

    /// The last part of the API's path, and of the CLI's command.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Links => "links",
            Self::Outages => "outages",
            Self::Gaps => "gaps",
            Self::Coverage => "coverage",
            Self::Contradictions => "contradictions",
            Self::Commune => "commune",
            Self::Link => "link",
            Self::Indicators => "indicators",
            Self::Availability => "availability",
            Self::Maintenance => "maintenance",
            Self::Weak => "weak",
            Self::Notify => "notify",
            Self::Outage => "outage",
            Self::Top => "top",
            Self::Sitrep => "sitrep",
            Self::Ready => "ready",
            Self::Tree => "tree",
            Self::Path => "path",
        }
    }

    /// The window of a question that does not say since when.
    const fn usual_window(self) -> Millis {
        match self {
            // Those above ask every hour, and what was down within the last one may be so again.
            Self::Sitrep | Self::Ready => Millis::from_secs(3600),
            Self::Status
            | Self::Links
            | Self::Outages
            | Self::Gaps
            | Self::Coverage
            | Self::Contradictions
            | Self::Commune
            | Self::Link
            | Self::Indicators
            | Self::Availability
            | Self::Maintenance
            | Self::Weak
            | Self::Notify
            | Self::Outage
            | Self::Top
            | Self::Tree
            | Self::Path => Millis::from_secs(24 * 3600),
        }
    }
}

/// A question, as the CLI sends it to the daemon or answers itself from the store.
///
/// All but the topic are the parameters of the API's address ([`Query::parameters`]); the topic is its path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default = "Query::unsaid")]
pub struct Query {
    /// What is asked about.
    #[serde(skip, default = "Query::usual")]
    pub topic: Topic,
    /// Start of the window; the default is 24 hours before its end, for [`Topic::Sitrep`] and
    /// [`Topic::Ready`] one hour.
    pub since: Option<UtcMs>,
    /// End of the window; the default, and the latest, is when the answer is made.
    pub until: Option<UtcMs>,
    /// Only this commune: a code or a name of today or of before July 2025, in any spelling; or the communes of the former
    /// district of that name.
    pub commune: Option<String>,
    /// Only the communes of this former district, in any spelling.
    pub district: Option<String>,
    /// For [`Topic::Link`], which: an id, an address or a name in any spelling.
    pub link: Option<String>,
    /// Only the links of this group.
    pub group: Option<String>,
    /// For [`Topic::Availability`], what has a row.
    pub by: Option<AccountBy>,
    /// Only what this operator runs or covers: an id or a brand in any spelling.
    pub operator: Option<String>,
    /// Only links of this kind.
    pub kind: Option<LinkKind>,
    /// Only links that are in this state now.
    pub state: Option<LinkState>,
    /// For [`Topic::Outages`], only those that are not over.
    pub open: bool,
    /// For [`Topic::Outage`], which.
    pub outage: Option<OutageId>,
    /// For [`Topic::Gaps`], by what they are put in order; the default is the score.
    pub rank: Option<GapRank>,
    /// For [`Topic::Gaps`], with their polygons, which make an answer many times as large.
    pub shapes: bool,
    /// For [`Topic::Ready`], when the meeting begins; the default is now.
    pub at: Option<UtcMs>,
    /// For [`Topic::Ready`], how long it lasts; the default is two hours.
    pub length_ms: Option<Millis>,
    /// For [`Topic::Tree`], with the branches where all is well.
    pub all: bool,
}

impl Query {
    /// The question about everything of a topic, over the usual window.
    #[must_use]
    pub const fn about(topic: Topic) -> Self {
        Self {
            topic,
            since: None,
            until: None,
            commune: None,
            district: None,
            link: None,
            group: None,
            by: None,
            operator: None,
            kind: None,
            state: None,
            open: false,
            outage: None,
            rank: None,
            shapes: false,
            at: None,
            length_ms: None,
            all: false,
        }
    }

    const fn unsaid() -> Self {
        Self::about(Self::usual())
    }

    const fn usual() -> Topic {
        Topic::Status
    }

    /// What narrows the question, as the parameters of the API's address: those that are said, by name.
    #[must_use]
    pub fn parameters(&self) -> Vec<(String, String)> {
        // Our own fields can be written, and all of them are words, numbers or yes and no.
        let Ok(Value::Object(fields)) = serde_json::to_value(self) else { return Vec::new() };
        let said = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(true) => Some("true".to_owned()),
            Value::Null | Value::Bool(false) | Value::Array(_) | Value::Object(_) => None,
        };
        fields.into_iter().filter_map(|(name, value)| Some((name, said(value)?))).collect()
    }

    /// The window that is asked about at `now`.
    #[must_use]
    pub fn window(&self, now: UtcMs) -> Window {
        let to = self.until.unwrap_or(now).min(now);
        Window::new(self.since.unwrap_or(to.minus(self.topic.usual_window())), to)
    }
}

/// What has a row in an account of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountBy {
    /// Each commune, by its fibre and broadband together.
    Commune,
    /// Each group.
    Group,
    /// Each site, by its backhaul.
    Site,
    /// Each link.
    Link,
}

impl AccountBy {
    /// The id that the API and the CLI use.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Commune => "commune",
            Self::Group => "group",
            Self::Site => "site",
            Self::Link => "link",
        }
    }
}
