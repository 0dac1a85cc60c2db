//! Answers to questions, from evidence that daemon or CLI fetched.

mod commune;
mod conditions;
mod coverage;
mod gaps;
mod indicators;
mod links;
mod notices;
mod outages;
mod rank;
mod status;
mod view;

#[cfg(test)]
mod tests;

use phusong_model::{
    Commune, Evidence, Lookup,
    answer::{Answer, AskError, Body, Candidate, Query, Source, Topic},
};

pub use coverage::HEADLINE;
use view::View;

/// Answers a question from the evidence. The window is the evidence's own: whoever fetched it applied `since` or the
/// default. `source` says who fetched it.
///
/// # Errors
/// When the question names no commune, or several, or is about a commune and does not say which.
pub fn answer(evidence: &Evidence, query: &Query, source: Source) -> Result<Answer, AskError> {
    let asked = query.commune.as_deref().map(|asked| find(&evidence.inventory.communes, asked)).transpose()?;
    let view = View::of(evidence, asked);
    let body = match query.topic {
        Topic::Status => Body::Status(Box::new(status::body(&view))),
        Topic::Links => Body::Links { items: links::items(&view) },
        Topic::Outages => Body::Outages { items: outages::items(&view) },
        Topic::Gaps => Body::Gaps { items: gaps::items(&view), blind: links::blind(&view) },
        Topic::Coverage => Body::Coverage { items: coverage::items(&view), totals: coverage::totals(&view) },
        Topic::Commune => Body::Commune(Box::new(commune::body(&view, asked.ok_or(AskError::NoCommune)?))),
        Topic::Indicators => Body::Indicators { items: indicators::items(&view) },
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

fn find<'a>(communes: &'a [Commune], asked: &str) -> Result<&'a Commune, AskError> {
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
