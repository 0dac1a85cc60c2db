//! `POST /api/v1/probe?link=…`: look now. On the Unix socket only, whose group may ask: a page, which any local user and
//! every site a browser visits can reach, sends no packet anywhere.

use axum::{
    Json,
    extract::{Query as UrlQuery, State, rejection::QueryRejection},
};
use phusong_gaps::{find_commune, find_link};
use phusong_model::{
    Evidence, Link, LinkNow,
    answer::{AskError, ProbeAnswer, Query, Topic},
};
use serde::Deserialize;

use super::{Api, Failure};
use crate::tick::wall;

/// `?link=…` or `?commune=…`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    link: Option<String>,
    commune: Option<String>,
}

pub(super) async fn answer(
    State(api): State<Api>,
    asked: Result<UrlQuery<Asked>, QueryRejection>,
) -> Result<Json<ProbeAnswer>, Failure> {
    let UrlQuery(asked) = asked.map_err(|rejection| Failure::Query(rejection.body_text()))?;
    let links = api.read(Query::about(Topic::Links), move |evidence| chosen(evidence, &asked)).await?;
    api.on_demand.look(wall(), links).await.map(Json).map_err(Failure::NotNow)
}

/// The link that was asked for, or those of the commune, as they are now.
fn chosen(evidence: &Evidence, asked: &Asked) -> Result<Vec<(Link, LinkNow)>, AskError> {
    let inventory = &evidence.inventory;
    let commune = asked.commune.as_deref().map(|name| find_commune(&inventory.communes, name)).transpose()?;
    let only = asked.link.as_deref().map(|name| find_link(&inventory.links, name)).transpose()?;
    if commune.is_none() && only.is_none() {
        return Err(AskError::NoLink);
    }
    let wanted = |link: &Link| {
        only.is_none_or(|only| only.id == link.id)
            && commune.is_none_or(|commune| link.commune.as_ref() == Some(&commune.code))
    };
    // There is one entry per link of the inventory, in its order.
    let known = inventory.links.iter().zip(&evidence.links);
    Ok(known.filter(|(link, _)| wanted(link)).map(|(link, now)| (link.clone(), now.clone())).collect())
}
