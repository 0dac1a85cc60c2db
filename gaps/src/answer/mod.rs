//! Answers to questions, from evidence that daemon or CLI fetched.

mod availability;
mod commune;
mod conditions;
mod contradictions;
mod coverage;
mod events;
mod find;
mod gaps;
mod indicators;
mod light;
mod link;
mod links;
mod maintenance;
mod notices;
mod notifications;
mod outage;
mod outages;
mod rank;
mod ready;
mod sites;
mod sitrep;
mod status;
mod strip;
mod top;
mod topology;
mod view;
mod weak;

#[cfg(test)]
pub(crate) use tests::province::province;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use phusong_model::{
    CloseUpOf, Commune, Evidence, GroupId,
    answer::{AccountBy, Answer, AskError, Body, Query, Source, Topic},
};

pub use coverage::{HEADLINE, headline_technology};
use find::{Place, find_operator};
pub use find::{find_commune, find_group, find_link};
use view::{Asked, View};

/// Answers a question from the evidence. The window is the evidence's own: whoever fetched it applied `since` or the
/// default. `source` says who fetched it.
///
/// # Errors
/// When the question names no commune or link, or several, or is about one and does not say which.
pub fn answer(evidence: &Evidence, query: &Query, source: Source) -> Result<Answer, AskError> {
    let place = Place::of(&evidence.inventory.communes, query)?;
    let link = match query.topic {
        Topic::Link | Topic::Path => {
            Some(find_link(&evidence.inventory.links, query.link.as_deref().ok_or(AskError::NoLink)?)?)
        }
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
        | Topic::Notify
        | Topic::Outage
        | Topic::Top
        | Topic::Sitrep
        | Topic::Ready
        | Topic::Tree => None,
    };
    let group = query.group.as_deref().map(|asked| find_group(&evidence.inventory.links, asked)).transpose()?;
    let operator = query.operator.as_deref().map(|asked| find_operator(evidence, asked)).transpose()?;
    let asked = Asked { place, group, link, operator, kind: query.kind, state: query.state };
    let view = View::of(evidence, asked);
    let body = body(&view, query)?;
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

/// What was asked for.
fn body(view: &View<'_>, query: &Query) -> Result<Body, AskError> {
    let evidence = view.evidence;
    Ok(match query.topic {
        Topic::Status => Body::Status(Box::new(status::body(view))),
        Topic::Links => Body::Links { items: links::items(view) },
        Topic::Outages => {
            let open = |over: bool| !query.open || !over;
            let items = outages::items(view).into_iter().filter(|item| open(item.end.is_some())).collect();
            let events = events::items(view).into_iter().filter(|event| open(event.end.is_some())).collect();
            Body::Outages { items, events, links: view.seen.len() as u64, blind: links::unseen(view) }
        }
        Topic::Gaps => {
            let ranked_by = query.rank.unwrap_or_default();
            let items = gaps::items(view, ranked_by, query.shapes);
            Body::Gaps { items, blind: links::blind(view), ranked_by }
        }
        Topic::Coverage => Body::Coverage { items: coverage::items(view), totals: coverage::totals(view) },
        Topic::Contradictions => Body::Contradictions { items: contradictions::items(view) },
        Topic::Commune => Body::Commune(Box::new(commune::body(view, one_commune(evidence, query)?))),
        Topic::Link => Body::Link(Box::new(link::body(view).ok_or_else(|| elsewhere(query))?)),
        Topic::Indicators => Body::Indicators { items: indicators::items(view) },
        Topic::Weak => Body::Weak(Box::new(weak::body(view))),
        Topic::Notify => Body::Notify { channels: notifications::channels(view), items: notifications::items(view) },
        Topic::Outage => Body::Outage(Box::new(outage::body(view, query.outage)?)),
        Topic::Top => Body::Top {
            items: top::items(view),
            counted_until: evidence.close_up.as_ref().and_then(|close_up| close_up.counted_until),
        },
        Topic::Maintenance => Body::Maintenance { items: maintenance::items(view) },
        Topic::Sitrep => Body::Sitrep(Box::new(sitrep::body(view))),
        Topic::Ready => Body::Ready(Box::new(ready::body(view, view.group.ok_or_else(|| no_group(evidence))?, query))),
        Topic::Tree => Body::Tree(Box::new(topology::tree::body(view, query.all))),
        Topic::Path => Body::Path(Box::new(topology::path::body(view, view.only.ok_or(AskError::NoLink)?))),
        Topic::Availability => {
            let by = query.by.unwrap_or(if view.place.is_some() || view.group.is_some() {
                AccountBy::Link
            } else {
                AccountBy::Commune
            });
            Body::Availability { items: availability::items(view, by), totals: availability::totals(view) }
        }
    })
}

/// What has to be read of a link or an outage before a question about it can be answered in full; none for most questions,
/// and for one that names nothing that is known.
#[must_use]
pub fn close_up(evidence: &Evidence, query: &Query) -> Option<CloseUpOf> {
    match query.topic {
        Topic::Link => {
            let link = find_link(&evidence.inventory.links, query.link.as_deref()?).ok()?;
            Some(CloseUpOf::Link(link.id.clone()))
        }
        Topic::Outage => {
            let outage = evidence.outages.iter().find(|outage| Some(outage.id) == query.outage)?;
            Some(CloseUpOf::Outage(outage.id, outage.link.clone()))
        }
        Topic::Top => Some(CloseUpOf::Everything),
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
        | Topic::Notify
        | Topic::Sitrep
        | Topic::Ready
        | Topic::Tree
        | Topic::Path => None,
    }
}

/// The one commune that everything is asked about. A former district is none: which of its communes is for people to say.
fn one_commune<'a>(evidence: &'a Evidence, query: &Query) -> Result<&'a Commune, AskError> {
    find_commune(&evidence.inventory.communes, query.commune.as_deref().ok_or(AskError::NoCommune)?)
}

/// The link is there, but not in the commune that was asked about too.
fn elsewhere(query: &Query) -> AskError {
    AskError::UnknownLink { asked: query.link.clone().unwrap_or_default(), suggestions: Vec::new() }
}

fn no_group(evidence: &Evidence) -> AskError {
    let groups: BTreeSet<&GroupId> = evidence.inventory.links.iter().flat_map(|link| &link.groups).collect();
    AskError::NoGroup { groups: groups.into_iter().cloned().collect() }
}
