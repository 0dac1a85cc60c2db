//! Answers to questions, from evidence that daemon or CLI fetched.

mod availability;
mod commune;
mod conditions;
mod contradictions;
mod coverage;
mod events;
mod gaps;
mod indicators;
mod link;
mod links;
mod maintenance;
mod notices;
mod notifications;
mod outages;
mod rank;
mod status;
mod view;
mod weak;

#[cfg(test)]
pub(crate) use tests::province::province;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use phusong_model::{
    Commune, Evidence, GroupId, Link, Lookup,
    answer::{AccountBy, Answer, AskError, Body, Candidate, LinkCandidate, Query, Source, Topic},
    fold,
};

pub use coverage::{HEADLINE, headline_technology};
use view::{Asked, View};

/// Answers a question from the evidence. The window is the evidence's own: whoever fetched it applied `since` or the
/// default. `source` says who fetched it.
///
/// # Errors
/// When the question names no commune or link, or several, or is about one and does not say which.
pub fn answer(evidence: &Evidence, query: &Query, source: Source) -> Result<Answer, AskError> {
    let asked = query.commune.as_deref().map(|asked| find_commune(&evidence.inventory.communes, asked)).transpose()?;
    let link = match query.topic {
        Topic::Link => Some(find_link(&evidence.inventory.links, query.link.as_deref().ok_or(AskError::NoLink)?)?),
        Topic::Status
        | Topic::Links
        | Topic::Outages
        | Topic::Gaps
        | Topic::Coverage
        | Topic::Contradictions
        | Topic::Commune
        | Topic::Indicators
        | Topic::Availability
        | Topic::Maintenance
        | Topic::Weak
        | Topic::Notify => None,
    };
    let group = query.group.as_deref().map(|asked| find_group(&evidence.inventory.links, asked)).transpose()?;
    let view = View::of(evidence, Asked { commune: asked, group, link });
    let body = match query.topic {
        Topic::Status => Body::Status(Box::new(status::body(&view))),
        Topic::Links => Body::Links { items: links::items(&view) },
        Topic::Outages => Body::Outages { items: outages::items(&view), events: events::items(&view) },
        Topic::Gaps => {
            let ranked_by = query.rank.unwrap_or_default();
            let items = gaps::items(&view, ranked_by, query.shapes);
            Body::Gaps { items, blind: links::blind(&view), ranked_by }
        }
        Topic::Coverage => Body::Coverage { items: coverage::items(&view), totals: coverage::totals(&view) },
        Topic::Contradictions => Body::Contradictions { items: contradictions::items(&view, query.operator.as_ref()) },
        Topic::Commune => Body::Commune(Box::new(commune::body(&view, asked.ok_or(AskError::NoCommune)?))),
        Topic::Link => Body::Link(Box::new(link::body(&view).ok_or_else(|| elsewhere(query))?)),
        Topic::Indicators => Body::Indicators { items: indicators::items(&view) },
        Topic::Weak => Body::Weak(Box::new(weak::body(&view))),
        Topic::Notify => Body::Notify { channels: notifications::channels(&view), items: notifications::items(&view) },
        Topic::Maintenance => Body::Maintenance { items: maintenance::items(&view) },
        Topic::Availability => {
            let by = query.by.unwrap_or(if asked.is_some() || group.is_some() {
                AccountBy::Link
            } else {
                AccountBy::Commune
            });
            Body::Availability { items: availability::items(&view, by), totals: availability::totals(&view) }
        }
    };
    Ok(Answer {
        conditions: conditions::of(&view, &body, source),
        notices: notices::of(&view, &body),
        generated: evidence.now,
        source,
        data_age_ms: evidence.age,
        window: evidence.window,
        blind_share: links::blind_share(view.seen.iter().map(|seen| &seen.times)),
        body,
    })
}

/// The link is there, but not in the commune that was asked about too.
fn elsewhere(query: &Query) -> AskError {
    AskError::UnknownLink { asked: query.link.clone().unwrap_or_default(), suggestions: Vec::new() }
}

/// Most links that are listed when a name fits several: what can be read at a glance.
const CANDIDATES: usize = 8;

/// The link that was asked for.
///
/// # Errors
/// When no link has that id, address or name, or several fit.
pub fn find_link<'a>(links: &'a [Link], asked: &str) -> Result<&'a Link, AskError> {
    let candidates = |links: Vec<&Link>| {
        let candidate = |link: &Link| LinkCandidate { link: link.id.clone(), name: link.name.clone() };
        links.into_iter().take(CANDIDATES).map(candidate).collect()
    };
    match Lookup::link(links, asked) {
        Lookup::Found(link) => Ok(link),
        Lookup::Ambiguous(hits) => {
            Err(AskError::AmbiguousLink { asked: asked.to_owned(), candidates: candidates(hits) })
        }
        Lookup::Unknown(near) => Err(AskError::UnknownLink { asked: asked.to_owned(), suggestions: candidates(near) }),
    }
}

/// The group that was asked for.
///
/// # Errors
/// When no link is in a group of that name.
pub fn find_group<'a>(links: &'a [Link], asked: &str) -> Result<&'a GroupId, AskError> {
    let groups: BTreeSet<&GroupId> = links.iter().flat_map(|link| &link.groups).collect();
    let found = groups.iter().find(|group| fold(group.as_str()) == fold(asked)).copied();
    found.ok_or_else(|| AskError::UnknownGroup {
        asked: asked.to_owned(),
        groups: groups.into_iter().cloned().collect(),
    })
}

/// The commune that was asked for.
///
/// # Errors
/// When no commune has that code or name, or several fit.
pub fn find_commune<'a>(communes: &'a [Commune], asked: &str) -> Result<&'a Commune, AskError> {
    let candidates = |communes: Vec<&Commune>| {
        communes.into_iter().map(|c| Candidate { code: c.code.clone(), name: c.name.clone() }).collect()
    };
    match Lookup::commune(communes, asked) {
        Lookup::Found(commune) => Ok(commune),
        Lookup::Ambiguous(hits) => {
            Err(AskError::AmbiguousCommune { asked: asked.to_owned(), candidates: candidates(hits) })
        }
        Lookup::Unknown(near) => {
            Err(AskError::UnknownCommune { asked: asked.to_owned(), suggestions: candidates(near) })
        }
    }
}
