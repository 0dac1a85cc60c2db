//! `POST /api/v1/notify/test`: a message that tells of nothing, by one channel or by all, at once and past the queue.

use std::time::Instant;

use axum::{Json, extract::State, extract::rejection::JsonRejection};
use phusong_checks::{Channel, Outcome};
use phusong_model::{
    Millis, Notification,
    command::{NotifyTestAnswer, NotifyTestOrder, OrderError, TriedChannel},
};
use tokio::task::JoinSet;

use super::{Api, Failure};
use crate::{notify::Channels, tick::wall};

/// Tries the channels side by side; the answer comes when the last one has answered or run out of time.
pub(super) async fn test(
    State(api): State<Api>,
    order: Result<Json<NotifyTestOrder>, JsonRejection>,
) -> Result<Json<NotifyTestAnswer>, Failure> {
    let Json(NotifyTestOrder { channel: asked }) = order.map_err(|rejection| Failure::Query(rejection.body_text()))?;
    let Channels { all, inventory } = api.told.borrow().clone();
    if all.is_empty() {
        return Err(OrderError::NoChannels.into());
    }
    let known = || all.iter().map(|channel| channel.config.name.clone()).collect();
    let is_asked = |channel: &Channel| asked.as_ref().is_none_or(|asked| *asked == channel.config.name);
    let chosen: Vec<_> = all.iter().filter(|channel| is_asked(channel)).cloned().collect();
    if let (true, Some(channel)) = (chosen.is_empty(), asked.clone()) {
        return Err(OrderError::UnknownChannel { channel, known: known() }.into());
    }
    let message = Notification::test(&api.vantage, &inventory, wall());
    let mut trying = JoinSet::new();
    for channel in chosen {
        let message = message.clone();
        trying.spawn(async move { tried(&channel, message).await });
    }
    let mut channels = trying.join_all().await;
    channels.sort_by(|a, b| a.channel.cmp(&b.channel));
    Ok(Json(NotifyTestAnswer { schema: NotifyTestAnswer::SCHEMA.to_owned(), channels }))
}

async fn tried(channel: &Channel, message: Notification) -> TriedChannel {
    let begun = Instant::now();
    let (delivered, fault) = match channel.deliver(&[message], wall()).await {
        Outcome::Delivered(remark) => (true, remark),
        Outcome::Again(what) | Outcome::Never(what) => (false, Some(what)),
    };
    let took_ms = Millis(i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX));
    TriedChannel { channel: channel.config.name.clone(), kind: channel.config.kind, delivered, fault, took_ms }
}
